//! Functions and classes of Python.

use ruff_python_ast::{
    Decorator, ExprLambda, ParameterWithDefault, Parameters, StmtClassDef, StmtFunctionDef,
};

use super::{Lowering, Place, Tree, span};
use crate::scan::facts::{
    Class, ClassId, Expr, ExprId, Function, FunctionId, Parameter, ParameterKind, Receiver,
    ScopeKind, Span,
};

impl Lowering<'_> {
    pub(super) fn define(&mut self, tree: &StmtFunctionDef) {
        let decorators = self.decorators(&tree.decorator_list);
        let is_static =
            tree.decorator_list.iter().any(|decorator| is_name(decorator, "staticmethod"));
        let parameters = self.parameters(&tree.parameters);
        if let Some(returns) = &tree.returns {
            self.annotation(returns);
        }
        let class = self.facts.class_of(self.place.scope);
        let receiver =
            if class.is_some() && !is_static { Receiver::FirstParameter } else { Receiver::None };
        let function = self.open(parameters, receiver, class);
        let place = self.inside(function, class);
        self.around.push(place.scope);
        self.within(place, |inner| inner.statements(&tree.body));
        self.around.pop();
        let at = span(tree.range);
        let name_span = span(tree.name.range);
        let value = self.facts.expr(Expr::Function(function), name_span);
        let value = self.decorated(value, &decorators, name_span);
        let name = self.named(&tree.name);
        self.bind(name, value, at.end);
    }

    pub(super) fn define_class(&mut self, tree: &StmtClassDef) {
        let decorators = self.decorators(&tree.decorator_list);
        let bases = tree.arguments.as_ref().map(|list| self.arguments(list)).unwrap_or_default();
        let scope = self.facts.scope(self.place.scope, ScopeKind::Class);
        let class = self.facts.class(Class { scope, bases });
        let place = Place {
            scope,
            walrus: scope,
            function: None,
            receiver: None,
            elsewhere: Vec::new(),
            branches: 0,
        };
        self.within(place, |inner| inner.statements(&tree.body));
        let name_span = span(tree.name.range);
        let value = self.facts.expr(Expr::Class(class), name_span);
        let value = self.decorated(value, &decorators, name_span);
        let name = self.named(&tree.name);
        self.bind(name, value, span(tree.range).end);
    }

    pub(super) fn lambda(&mut self, tree: &ExprLambda, at: Span) -> ExprId {
        let parameters =
            tree.parameters.as_ref().map(|list| self.parameters(list)).unwrap_or_default();
        let function = self.open(parameters, Receiver::None, None);
        let place = self.inside(function, None);
        self.around.push(place.scope);
        let result = self.within(place, |inner| inner.expression(&tree.body));
        self.around.pop();
        if let Some(function) = self.facts.function_mut(function) {
            function.returns.push(result);
        }
        self.facts.expr(Expr::Function(function), at)
    }

    /// Records what a function yields.
    pub(super) fn yielded(&mut self, value: Option<ExprId>) {
        let function = self.place.function.and_then(|id| self.facts.function_mut(id));
        if let Some(function) = function {
            function.generates = true;
            function.returns.extend(value);
        }
    }

    fn decorators(&mut self, decorators: &[Decorator]) -> Vec<ExprId> {
        decorators.iter().map(|decorator| self.expression(&decorator.expression)).collect()
    }

    /// A decorated definition is itself, or what its decorators make of it.
    fn decorated(&mut self, value: ExprId, decorators: &[ExprId], at: Span) -> ExprId {
        decorators.iter().rev().fold(value, |value, decorator| {
            let made = self.call(*decorator, &[value], at);
            self.one_of(&[value, made], at)
        })
    }

    fn parameters(&mut self, tree: &Parameters) -> Vec<Parameter> {
        let mut parameters = Vec::new();
        for parameter in tree.posonlyargs.iter().chain(&tree.args) {
            parameters.push(self.parameter(parameter, ParameterKind::Plain));
        }
        if let Some(rest) = &tree.vararg {
            parameters.push(self.rest(rest, ParameterKind::Rest));
        }
        for parameter in &tree.kwonlyargs {
            parameters.push(self.parameter(parameter, ParameterKind::Named));
        }
        if let Some(rest) = &tree.kwarg {
            parameters.push(self.rest(rest, ParameterKind::NamedRest));
        }
        parameters
    }

    fn parameter(&mut self, tree: &ParameterWithDefault, kind: ParameterKind) -> Parameter {
        let default = tree.default.as_ref().map(|tree| self.expression(tree));
        let annotation = tree.parameter.annotation.as_ref();
        let annotation = annotation.and_then(|tree| self.annotation(tree));
        Parameter { name: self.named(&tree.parameter.name), kind, default, annotation }
    }

    fn rest(&mut self, tree: &ruff_python_ast::Parameter, kind: ParameterKind) -> Parameter {
        if let Some(annotation) = &tree.annotation {
            self.annotation(annotation);
        }
        Parameter { name: self.named(&tree.name), kind, default: None, annotation: None }
    }

    fn open(
        &mut self,
        parameters: Vec<Parameter>,
        receiver: Receiver,
        class: Option<ClassId>,
    ) -> FunctionId {
        let scope = self.facts.scope(self.place.scope, ScopeKind::Function);
        let returns = Vec::new();
        self.facts.function(Function {
            scope,
            parameters,
            returns,
            generates: false,
            receiver,
            class,
        })
    }

    /// Returns the place inside a function, its parameters bound.
    fn inside(&mut self, id: FunctionId, class: Option<ClassId>) -> Place {
        let (scope, receiver, parameters) = match self.facts.function_mut(id) {
            Some(function) => (function.scope, function.receiver, function.parameters.clone()),
            None => (self.place.scope, Receiver::None, Vec::new()),
        };
        let object = match (receiver, parameters.first()) {
            (Receiver::FirstParameter, Some(first)) => class.map(|class| (class, first.name)),
            (Receiver::FirstParameter | Receiver::None, _) => None,
        };
        let place = Place {
            scope,
            walrus: scope,
            function: Some(id),
            // A function inside a method sees its object.
            receiver: object.or(self.place.receiver),
            elsewhere: Vec::new(),
            branches: 0,
        };
        self.within(place.clone(), |inner| {
            for (number, parameter) in (0..).zip(&parameters) {
                let value = inner.facts.expr(Expr::Parameter(id, number), Span::default());
                inner.bind(parameter.name, value, 0);
            }
        });
        place
    }
}

fn is_name(decorator: &Decorator, wanted: &str) -> bool {
    matches!(&decorator.expression, Tree::Name(name) if name.id.as_str() == wanted)
}
