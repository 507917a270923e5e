//! Objects that are copied part by part, as compilers do with the modules that a file imports.
//!
//! `to[key] = from[key]` uses no part of `from`: `to` has all of them afterwards, whichever are
//! meant, and what is taken from it is judged there.

use oxc_ast::ast::{
    Argument, ArrowFunctionBody, AssignmentExpression, AssignmentTarget, ComputedMemberExpression,
    Expression, IdentifierReference, ObjectExpression, ObjectPropertyKind, Statement,
};
use oxc_span::GetSpan as _;

use super::{Lowering, before, span};
use crate::scan::facts::{ExprId, FunctionId, NameId, Span, Store};

impl Lowering<'_> {
    /// `to[key] = from[key]`
    pub(super) fn copied_part(&mut self, tree: &AssignmentExpression<'_>) {
        let AssignmentTarget::ComputedMemberExpression(to) = &tree.left else { return };
        let Some((from, key)) = part_of_a_name(&tree.right) else { return };
        let Expression::Identifier(to_key) = to.expression.get_inner_expression() else { return };
        if to_key.name == key.name || self.are_parameters(&to_key.name, &key.name) {
            self.facts.dead(span(tree.right.span()));
            let to = self.expression(&to.object);
            let at = before(span(tree.span));
            let from = self.reference(&from.name, oxc_span::Span::new(at.start, at.start));
            self.copied(to, from, at);
        }
    }

    /// `define(to, key, {get: () => from[key]})`
    pub(super) fn copied_getter(&mut self, trees: &[Argument<'_>], arguments: &[ExprId]) {
        let (Some(Argument::Identifier(key)), Some(to)) = (trees.get(1), arguments.first()) else {
            return;
        };
        let descriptor = trees.get(2).and_then(Argument::as_expression);
        let descriptor = match descriptor.map(Expression::get_inner_expression) {
            Some(Expression::ConditionalExpression(tree)) => tree.alternate.get_inner_expression(),
            Some(other) => other,
            None => return,
        };
        let Expression::ObjectExpression(descriptor) = descriptor else { return };
        let Some((from, from_key)) = getter_of(descriptor).and_then(part_of_a_name) else { return };
        if from_key.name == key.name || self.are_parameters(&key.name, &from_key.name) {
            let at = before(span(descriptor.span));
            let from = self.reference(&from.name, oxc_span::Span::new(at.start, at.start));
            self.copied(*to, from, at);
        }
    }

    /// A getter gives a part to who asks for it: that is judged there.
    pub(super) fn shown_part(&mut self, tree: &ObjectExpression<'_>) {
        if let Some(part) = getter_of(tree)
            && part_of_a_name(part).is_some()
        {
            self.facts.dead(span(part.span()));
        }
    }

    fn copied(&mut self, to: ExprId, from: ExprId, at: Span) {
        let names = self.global(&["#names"], at);
        let names = self.call(names, &[from], at);
        self.facts.store(Store { base: to, key: names, value: names });
    }

    fn are_parameters(&mut self, first: &str, second: &str) -> bool {
        let (first, second) = (self.facts.name(first), self.facts.name(second));
        let function = self.place.function;
        self.is_parameter(function, first) && self.is_parameter(function, second)
    }

    fn is_parameter(&mut self, function: Option<FunctionId>, name: NameId) -> bool {
        let function = function.and_then(|id| self.facts.function_mut(id));
        function.is_some_and(|found| found.parameters.iter().any(|known| known.name == name))
    }
}

/// Returns what a getter in an object gives.
fn getter_of<'t>(tree: &'t ObjectExpression<'t>) -> Option<&'t Expression<'t>> {
    let getter = tree.properties.iter().find_map(|property| match property {
        ObjectPropertyKind::ObjectProperty(property)
            if property.key.static_name().is_some_and(|name| name == "get") =>
        {
            Some(property.value.get_inner_expression())
        }
        ObjectPropertyKind::ObjectProperty(_) | ObjectPropertyKind::SpreadProperty(_) => None,
    })?;
    let body = match getter {
        Expression::ArrowFunctionExpression(tree) => match &tree.body {
            ArrowFunctionBody::FunctionBody(body) => &body.statements,
            other => return other.as_expression(),
        },
        Expression::FunctionExpression(tree) => &tree.body.as_ref()?.statements,
        _ => return None,
    };
    match body.as_slice() {
        [Statement::ReturnStatement(tree)] => tree.argument.as_ref(),
        _ => None,
    }
}

/// Returns the names in `object[key]`.
fn part_of_a_name<'t>(
    tree: &'t Expression<'t>,
) -> Option<(&'t IdentifierReference<'t>, &'t IdentifierReference<'t>)> {
    let Expression::ComputedMemberExpression(tree) = tree.get_inner_expression() else {
        return None;
    };
    names_in(tree)
}

fn names_in<'t>(
    tree: &'t ComputedMemberExpression<'t>,
) -> Option<(&'t IdentifierReference<'t>, &'t IdentifierReference<'t>)> {
    match (tree.object.get_inner_expression(), tree.expression.get_inner_expression()) {
        (Expression::Identifier(object), Expression::Identifier(key)) => Some((object, key)),
        _ => None,
    }
}
