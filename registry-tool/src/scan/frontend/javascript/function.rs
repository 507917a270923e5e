//! Functions of JavaScript.

use oxc_ast::ast::{
    ArrowFunctionBody, ArrowFunctionExpression, BindingPattern, Expression, FormalParameters,
    Function as Tree, FunctionBody, Statement,
};

use super::{Lowering, Place, This, before, span};
use crate::scan::facts::{
    Binding, ClassId, Expr, ExprId, Function, FunctionId, NameId, Parameter, ParameterKind,
    Receiver, ScopeKind, Span,
};

/// How the object of a function is found.
#[derive(Debug, Clone, Copy)]
pub(super) enum Object {
    /// It is what calls give it: its own constructor's, as a rule.
    Own,
    /// It is this.
    Given(This),
}

impl Lowering<'_> {
    /// Records a declaration of a function.
    pub(super) fn define(&mut self, tree: &Tree<'_>) -> Option<ExprId> {
        tree.body.as_ref()?;
        let value = self.function(tree, Object::Own, None);
        if let Some(id) = &tree.id {
            let name = self.identifier(&id.name, id.span);
            // A function is there before anything else runs.
            let scope = self.declaring(name).unwrap_or(self.place.scope);
            let start = self.place.scope == scope;
            let branches = self.place.branches;
            let at = if start { 0 } else { tree.span.start };
            self.place.branches = if start { branches } else { branches + 1 };
            self.bind(name, value, at);
            self.place.branches = branches;
        }
        Some(value)
    }

    /// Records a function with its own name inside, and everything in it.
    pub(super) fn function(
        &mut self,
        tree: &Tree<'_>,
        object: Object,
        class: Option<ClassId>,
    ) -> ExprId {
        let Some(body) = &tree.body else { return self.facts.unknown(span(tree.span)) };
        let at = span(tree.span);
        let (id, value) = self.open_function(at, class);
        let this = match object {
            Object::Own if gives_this(body) => This::Global,
            Object::Own => This::Expr(value),
            Object::Given(this) => this,
        };
        let place = self.inside(id, this, true);
        self.within(place, |inner| {
            if let (Some(name), true) = (&tree.id, tree.is_expression()) {
                inner.declare(&name.name);
                let name = inner.facts.name(&name.name);
                inner.bind(name, value, 0);
            }
            inner.parameters(id, &tree.params);
            inner.body(body);
        });
        value
    }

    pub(super) fn arrow(&mut self, tree: &ArrowFunctionExpression<'_>) -> ExprId {
        let (id, value) = self.open_function(span(tree.span), None);
        let place = self.inside(id, self.place.this, false);
        self.within(place, |inner| {
            inner.parameters(id, &tree.params);
            match &tree.body {
                ArrowFunctionBody::FunctionBody(body) => inner.body(body),
                other => {
                    let result = other.as_expression().map(|tree| inner.expression(tree));
                    inner.returned(result);
                }
            }
        });
        value
    }

    fn body(&mut self, body: &FunctionBody<'_>) {
        self.hoist_function(&body.statements);
        self.statements(&body.statements);
    }

    fn open_function(&mut self, at: Span, class: Option<ClassId>) -> (FunctionId, ExprId) {
        let scope = self.facts.scope(self.place.scope, ScopeKind::Function);
        let id = self.facts.function(Function {
            scope,
            parameters: Vec::new(),
            returns: Vec::new(),
            generates: false,
            receiver: Receiver::None,
            class,
        });
        self.add_region(scope, self.place.scope, Some(id), 0);
        (id, self.facts.expr(Expr::Function(id), at))
    }

    fn inside(&mut self, id: FunctionId, this: This, has_arguments: bool) -> Place {
        let scope = self.facts.function_mut(id).map_or(self.place.scope, |found| found.scope);
        let arguments = if has_arguments { Some(id) } else { self.place.arguments };
        let (function, base) = (Some(id), self.place.base);
        Place { scope, function, arguments, this, base, branches: 0 }
    }

    fn parameters(&mut self, id: FunctionId, tree: &FormalParameters<'_>) {
        for item in &tree.items {
            self.declare_pattern(&item.pattern);
        }
        if let Some(rest) = &tree.rest {
            self.declare_pattern(&rest.rest.argument);
        }
        for (number, item) in (0..).zip(&tree.items) {
            item.decorators.iter().for_each(|decorator| self.visit(&decorator.expression));
            let default = item.initializer.as_ref().map(|tree| self.expression(tree));
            let name = self.parameter_name(&item.pattern);
            let parameter =
                Parameter { name, kind: ParameterKind::Plain, default, annotation: None };
            self.parameter(id, number, &item.pattern, parameter);
        }
        if let Some(rest) = &tree.rest {
            let number = u32::try_from(tree.items.len()).unwrap_or(u32::MAX);
            let pattern = &rest.rest.argument;
            let name = self.parameter_name(pattern);
            let parameter =
                Parameter { name, kind: ParameterKind::Rest, default: None, annotation: None };
            self.parameter(id, number, pattern, parameter);
        }
    }

    fn parameter_name(&mut self, pattern: &BindingPattern<'_>) -> NameId {
        match pattern {
            BindingPattern::BindingIdentifier(id) => self.identifier(&id.name, id.span),
            _ => self.hidden_name(),
        }
    }

    fn parameter(
        &mut self,
        id: FunctionId,
        number: u32,
        pattern: &BindingPattern<'_>,
        parameter: Parameter,
    ) {
        if let Some(function) = self.facts.function_mut(id) {
            function.parameters.push(parameter);
        }
        let value = self.facts.expr(Expr::Parameter(id, number), Span::default());
        self.assign_pattern(pattern, value, 0);
    }

    /// Records what a function returns or yields.
    pub(super) fn returned(&mut self, value: Option<ExprId>) {
        let function = self.place.function.and_then(|id| self.facts.function_mut(id));
        if let (Some(function), Some(value)) = (function, value) {
            function.returns.push(value);
        }
    }

    pub(super) fn yielded(&mut self, value: Option<ExprId>) {
        if let Some(function) = self.place.function.and_then(|id| self.facts.function_mut(id)) {
            function.generates = true;
        }
        self.returned(value);
    }

    /// `arguments`: the parameters and everything behind them.
    pub(super) fn all_arguments(&mut self, at: Span) -> ExprId {
        let Some(id) = self.place.arguments else { return self.module_arguments(at) };
        let hidden = self.facts.name("#arguments");
        let Some(function) = self.facts.function_mut(id) else { return self.facts.unknown(at) };
        let parameters = &mut function.parameters;
        if parameters.last().is_none_or(|last| last.kind != ParameterKind::Rest) {
            let (kind, default) = (ParameterKind::Rest, None);
            parameters.push(Parameter { name: hidden, kind, default, annotation: None });
        }
        let kinds: Vec<_> = parameters.iter().map(|parameter| parameter.kind).collect();
        let mut members = Vec::new();
        for (number, kind) in (0..).zip(kinds) {
            let value = self.facts.expr(Expr::Parameter(id, number), before(at));
            members.push(match kind {
                ParameterKind::Rest => self.facts.expr(Expr::Spread(value), before(at)),
                ParameterKind::Plain | ParameterKind::Named | ParameterKind::NamedRest => value,
            });
        }
        let list = self.facts.list(&members);
        self.facts.expr(Expr::Items(list), at)
    }

    /// A CommonJS module is the body of a function, with these arguments.
    fn module_arguments(&mut self, at: Span) -> ExprId {
        let own = self.own_module(before(at));
        let others = ["require", "module", "__filename", "__dirname"];
        let others = others.map(|name| self.global(&[name], at));
        let members: Vec<_> = std::iter::once(own).chain(others).collect();
        let list = self.facts.list(&members);
        self.facts.expr(Expr::Items(list), at)
    }

    /// Returns what `this` is.
    pub(super) fn this(&mut self, at: Span) -> ExprId {
        match self.place.this {
            This::Global => self.global(&[], at),
            This::Instance(class) => self.facts.expr(Expr::Instance(class), at),
            This::Class(class) => self.facts.expr(Expr::Class(class), at),
            This::Expr(value) => value,
            This::Hidden(name) => self.name_here(name, before(at)),
        }
    }

    /// Binds a name in the scope of a class.
    pub(super) fn bind_member(&mut self, class: ClassId, name: &str, value: ExprId) {
        let name = self.facts.name(name);
        if let Some(scope) = self.facts.scope_of(class) {
            self.facts.bind(Binding { scope, name, value, at: 0, certain: false });
        }
    }
}

/// Tells whether a function does nothing but to return its object, as those do that are called
/// without one to get at the global one.
fn gives_this(body: &FunctionBody<'_>) -> bool {
    let [Statement::ReturnStatement(tree)] = body.statements.as_slice() else { return false };
    let value = tree.argument.as_ref().map(Expression::get_inner_expression);
    matches!(value, Some(Expression::ThisExpression(_)))
}
