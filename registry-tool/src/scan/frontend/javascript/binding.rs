//! What gets a value in JavaScript: patterns of declarations and targets of assignments.

use oxc_ast::ast::{
    ArrayPattern, AssignmentTarget, AssignmentTargetMaybeDefault, AssignmentTargetProperty,
    BindingPattern, Expression, ObjectPattern, PropertyKey,
};
use oxc_span::GetSpan as _;

use super::{Lowering, before, span};
use crate::scan::facts::{Expr, ExprId, NameId, Span, Store, Word};

impl Lowering<'_> {
    /// Gives a value to a pattern of a declaration.
    pub(super) fn assign_pattern(&mut self, pattern: &BindingPattern<'_>, value: ExprId, at: u32) {
        match pattern {
            BindingPattern::BindingIdentifier(id) => {
                let name = self.identifier(&id.name, id.span);
                self.bind(name, value, at);
            }
            BindingPattern::ObjectPattern(tree) => self.object_pattern(tree, value, at),
            BindingPattern::ArrayPattern(tree) => self.array_pattern(tree, value, at),
            BindingPattern::AssignmentPattern(tree) => {
                let value = self.or_default(value, &tree.right);
                self.assign_pattern(&tree.left, value, at);
            }
        }
    }

    fn object_pattern(&mut self, tree: &ObjectPattern<'_>, value: ExprId, at: u32) {
        for property in &tree.properties {
            let part = self.part(value, &property.key, property.computed);
            self.assign_pattern(&property.value, part, at);
        }
        // What is left of an object has all of its parts, as far as anybody can tell.
        if let Some(rest) = &tree.rest {
            self.assign_pattern(&rest.argument, value, at);
        }
    }

    fn array_pattern(&mut self, tree: &ArrayPattern<'_>, value: ExprId, at: u32) {
        for (number, element) in tree.elements.iter().enumerate() {
            if let Some(element) = element {
                let part = self.item(value, number, before(span(element.span())));
                self.assign_pattern(element, part, at);
            }
        }
        if let Some(rest) = &tree.rest {
            let part = self.rest(value, tree.elements.len(), span(rest.span));
            self.assign_pattern(&rest.argument, part, at);
        }
    }

    fn or_default(&mut self, value: ExprId, default: &Expression<'_>) -> ExprId {
        let at = before(span(default.span()));
        let default = self.expression(default);
        self.one_of(&[value, default], at)
    }

    /// Records the part of an object that a key names.
    fn part(&mut self, base: ExprId, key: &PropertyKey<'_>, is_computed: bool) -> ExprId {
        let at = span(key.span());
        if let Some(name) = key.static_name()
            && (!is_computed || !has_escapes(key))
        {
            let name = match key {
                PropertyKey::StaticIdentifier(id) => self.identifier(&name, id.span),
                _ => self.facts.name(&name),
            };
            return self.facts.expr(Expr::Attribute(base, name), at);
        }
        let key = self.property_key(key);
        self.facts.expr(Expr::Index(base, key), at)
    }

    /// Records the items from a number on.
    fn rest(&mut self, base: ExprId, from: usize, at: Span) -> ExprId {
        let from = i64::try_from(from).unwrap_or(0);
        let bounds = [Expr::Integer(from), Expr::Word(Word::None), Expr::Word(Word::None)];
        let bounds = bounds.map(|bound| self.facts.expr(bound, before(at)));
        let bounds = self.facts.list(&bounds);
        self.facts.expr(Expr::Slice(base, bounds), before(at))
    }

    /// Gives a value to the target of an assignment.
    pub(super) fn assign(&mut self, target: &AssignmentTarget<'_>, value: ExprId, at: u32) {
        match target {
            AssignmentTarget::AssignmentTargetIdentifier(id) => {
                let name = self.identifier(&id.name, id.span);
                if id.name == "exports" && self.declaring(name).is_none() {
                    return;
                }
                self.store_global(name, value, span(id.span));
                self.bind(name, value, at);
            }
            AssignmentTarget::ArrayAssignmentTarget(tree) => {
                for (number, element) in tree.elements.iter().enumerate() {
                    if let Some(element) = element {
                        let part = self.item(value, number, before(span(element.span())));
                        self.assign_perhaps(element, part, at);
                    }
                }
                if let Some(rest) = &tree.rest {
                    let part = self.rest(value, tree.elements.len(), span(rest.span));
                    self.assign(&rest.target, part, at);
                }
            }
            AssignmentTarget::ObjectAssignmentTarget(tree) => {
                for property in &tree.properties {
                    self.assign_property(property, value, at);
                }
                if let Some(rest) = &tree.rest {
                    self.assign(&rest.target, value, at);
                }
            }
            AssignmentTarget::StaticMemberExpression(tree) => {
                if self.is_module_exports(&tree.object, &tree.property.name) {
                    self.whole.push(value);
                    return;
                }
                let base = self.expression(&tree.object);
                let key = self.facts.text(&tree.property.name, span(tree.property.span));
                self.facts.store(Store { base, key, value });
            }
            AssignmentTarget::ComputedMemberExpression(tree) => {
                let base = self.expression(&tree.object);
                let key = self.expression(&tree.expression);
                self.facts.store(Store { base, key, value });
            }
            AssignmentTarget::PrivateFieldExpression(tree) => {
                let base = self.expression(&tree.object);
                let name = format!("#{}", tree.field.name);
                let key = self.facts.text(&name, span(tree.field.span));
                self.facts.store(Store { base, key, value });
            }
            AssignmentTarget::TSAsExpression(tree) => self.store_into(&tree.expression, value),
            AssignmentTarget::TSSatisfiesExpression(tree) => {
                self.store_into(&tree.expression, value);
            }
            AssignmentTarget::TSNonNullExpression(tree) => self.store_into(&tree.expression, value),
            AssignmentTarget::TSTypeAssertion(tree) => self.store_into(&tree.expression, value),
        }
    }

    /// What gets a value and is not declared may be a part of the global object.
    fn store_global(&mut self, name: NameId, value: ExprId, at: Span) {
        if self.declaring(name).is_none() {
            let base = self.global(&[], at);
            let text = self.facts.get_name(name).to_owned();
            let key = self.facts.text(&text, at);
            self.facts.store(Store { base, key, value });
        }
    }

    /// `(a as any).b = value`
    fn store_into(&mut self, target: &Expression<'_>, value: ExprId) {
        let target = target.get_inner_expression();
        if let Expression::Identifier(id) = target {
            let name = self.identifier(&id.name, id.span);
            self.bind(name, value, id.span.end);
        } else if let Some(member) = target.as_member_expression() {
            let base = self.expression(member.object());
            if let Some(name) = member.static_property_name() {
                let key = self.facts.text(name, span(member.span()));
                self.facts.store(Store { base, key, value });
            }
        }
    }

    fn assign_perhaps(
        &mut self,
        target: &AssignmentTargetMaybeDefault<'_>,
        value: ExprId,
        at: u32,
    ) {
        if let AssignmentTargetMaybeDefault::AssignmentTargetWithDefault(tree) = target {
            let value = self.or_default(value, &tree.init);
            self.assign(&tree.binding, value, at);
        } else if let Some(target) = target.as_assignment_target() {
            self.assign(target, value, at);
        }
    }

    fn assign_property(&mut self, property: &AssignmentTargetProperty<'_>, value: ExprId, at: u32) {
        match property {
            AssignmentTargetProperty::AssignmentTargetPropertyIdentifier(tree) => {
                let name = self.identifier(&tree.binding.name, tree.binding.span);
                let here = span(tree.binding.span);
                let mut part = self.facts.expr(Expr::Attribute(value, name), here);
                if let Some(default) = &tree.init {
                    part = self.or_default(part, default);
                }
                self.bind(name, part, at);
            }
            AssignmentTargetProperty::AssignmentTargetPropertyProperty(tree) => {
                let part = self.part(value, &tree.name, tree.computed);
                self.assign_perhaps(&tree.binding, part, at);
            }
        }
    }

    /// Records a key that is computed, or stands for itself.
    pub(super) fn property_key(&mut self, key: &PropertyKey<'_>) -> ExprId {
        let at = span(key.span());
        match key {
            PropertyKey::StaticIdentifier(id) => {
                self.identifier(&id.name, id.span);
                self.facts.text(&id.name, at)
            }
            PropertyKey::PrivateIdentifier(id) => self.facts.text(&format!("#{}", id.name), at),
            _ => match key.as_expression() {
                Some(tree) => self.expression(tree),
                None => self.facts.unknown(at),
            },
        }
    }
}

/// Tells whether a key is a text with escapes.
fn has_escapes(key: &PropertyKey<'_>) -> bool {
    matches!(key, PropertyKey::StringLiteral(tree) if super::constant::is_escaped(tree))
}
