//! Statements of JavaScript.

use oxc_ast::ast::{
    Declaration, Expression, ForStatement, ForStatementInit, ForStatementLeft, IfStatement,
    Statement, SwitchStatement, TryStatement, VariableDeclaration,
};
use oxc_span::GetSpan as _;

use super::{Lowering, Place, before, span};
use crate::scan::facts::{Expr, ExprId, ScopeKind, Span, Word};

impl Lowering<'_> {
    /// Records statements: functions first, because they are there from the start.
    pub(super) fn statements(&mut self, statements: &[Statement<'_>]) {
        let is_function = |s: &&Statement<'_>| matches!(s, Statement::FunctionDeclaration(_));
        statements.iter().filter(is_function).for_each(|s| self.statement(s));
        statements.iter().filter(|s| !is_function(s)).for_each(|s| self.statement(s));
    }

    fn statement(&mut self, statement: &Statement<'_>) {
        let at = span(statement.span());
        match statement {
            Statement::BlockStatement(tree) => self.block(&tree.body),
            Statement::ExpressionStatement(tree) => {
                let value = self.expression(&tree.expression);
                self.result = self.place.function.is_none().then_some(value).or(self.result);
            }
            Statement::IfStatement(tree) => self.branch(tree),
            Statement::ReturnStatement(tree) => {
                let value = tree.argument.as_ref().map(|tree| self.expression(tree));
                self.returned(value);
                if self.place.function.is_none() {
                    self.result = value.or(self.result);
                }
            }
            Statement::ThrowStatement(tree) => self.visit(&tree.argument),
            Statement::TryStatement(tree) => self.attempt(tree),
            Statement::SwitchStatement(tree) => self.switch(tree),
            Statement::LabeledStatement(tree) => self.statement(&tree.body),
            Statement::WhileStatement(tree) => {
                self.visit(&tree.test);
                self.perhaps(at, |inner| inner.statement(&tree.body));
            }
            Statement::DoWhileStatement(tree) => {
                self.perhaps(at, |inner| inner.statement(&tree.body));
                self.visit(&tree.test);
            }
            Statement::ForStatement(tree) => self.count(tree, at),
            Statement::ForInStatement(tree) => {
                let object = self.expression(&tree.right);
                let keys = self.global(&["Object", "keys"], at);
                let keys = self.call(keys, &[object], before(at));
                self.each(&tree.left, keys, &tree.body, at);
            }
            Statement::ForOfStatement(tree) => {
                let list = self.expression(&tree.right);
                self.each(&tree.left, list, &tree.body, at);
            }
            Statement::WithStatement(tree) => {
                let object = self.expression(&tree.object);
                self.facts.star(self.place.scope, object);
                self.perhaps(at, |inner| inner.statement(&tree.body));
            }
            Statement::BreakStatement(_)
            | Statement::ContinueStatement(_)
            | Statement::DebuggerStatement(_)
            | Statement::EmptyStatement(_) => {}
            _ => {
                if let Some(tree) = statement.as_declaration() {
                    self.declaration(tree);
                } else if let Some(tree) = statement.as_module_declaration() {
                    self.module_declaration(tree);
                }
            }
        }
    }

    /// `for (init; test; update) body`.
    fn count(&mut self, tree: &ForStatement<'_>, at: Span) {
        self.in_scope(|inner| {
            inner.initialise(tree.init.as_ref());
            inner.perhaps(at, |inner| {
                tree.test.iter().for_each(|tree| inner.visit(tree));
                inner.statement(&tree.body);
                tree.update.iter().for_each(|tree| inner.visit(tree));
            });
        });
    }

    pub(super) fn declaration(&mut self, declaration: &Declaration<'_>) {
        match declaration {
            Declaration::VariableDeclaration(tree) => self.variables(tree),
            Declaration::FunctionDeclaration(tree) => {
                self.define(tree);
            }
            Declaration::ClassDeclaration(tree) => {
                self.define_class(tree);
            }
            Declaration::TSEnumDeclaration(tree) => self.enumeration(tree),
            Declaration::TSNamespaceDeclaration(tree) => self.namespace(tree),
            Declaration::TSImportEqualsDeclaration(tree) => self.import_equals(tree),
            Declaration::TSTypeAliasDeclaration(_)
            | Declaration::TSInterfaceDeclaration(_)
            | Declaration::TSExternalModuleDeclaration(_)
            | Declaration::TSGlobalDeclaration(_) => {}
        }
    }

    fn variables(&mut self, tree: &VariableDeclaration<'_>) {
        if tree.declare {
            return;
        }
        for declarator in &tree.declarations {
            if let Some(init) = &declarator.init {
                let value = self.expression(init);
                self.assign_pattern(&declarator.id, value, declarator.span.end);
            }
        }
    }

    /// A block; with a scope if it declares something.
    pub(super) fn block(&mut self, statements: &[Statement<'_>]) {
        if Self::declares(statements) {
            self.in_scope(|inner| {
                inner.hoist_block(statements);
                inner.statements(statements);
            });
        } else {
            self.statements(statements);
        }
    }

    pub(super) fn in_scope<T>(&mut self, work: impl FnOnce(&mut Self) -> T) -> T {
        let (function, branches) = (self.place.function, self.place.branches);
        let scope = self.open_scope(ScopeKind::Function, function, branches);
        let place = Place { scope, ..self.place.clone() };
        self.within(place, work)
    }

    fn initialise(&mut self, init: Option<&ForStatementInit<'_>>) {
        match init {
            Some(ForStatementInit::VariableDeclaration(tree)) => {
                self.declare_here(tree);
                self.variables(tree);
            }
            Some(other) => other.as_expression().into_iter().for_each(|tree| self.visit(tree)),
            None => {}
        }
    }

    fn declare_here(&mut self, tree: &VariableDeclaration<'_>) {
        if !tree.kind.is_var() {
            tree.declarations.iter().for_each(|declarator| self.declare_pattern(&declarator.id));
        }
    }

    fn each(
        &mut self,
        left: &ForStatementLeft<'_>,
        iterated: ExprId,
        body: &Statement<'_>,
        at: Span,
    ) {
        let here = before(span(left.span()));
        let item = self.facts.expr(Expr::Element(iterated), here);
        self.in_scope(|inner| {
            if let ForStatementLeft::VariableDeclaration(tree) = left {
                inner.declare_here(tree);
            }
            inner.perhaps(at, |inner| {
                match left {
                    ForStatementLeft::VariableDeclaration(tree) => {
                        for declarator in &tree.declarations {
                            inner.assign_pattern(&declarator.id, item, declarator.span.end);
                        }
                    }
                    other => {
                        if let Some(target) = other.as_assignment_target() {
                            inner.assign(target, item, here.end);
                        }
                    }
                }
                inner.statement(body);
            });
        });
    }

    fn branch(&mut self, tree: &IfStatement<'_>) {
        let test = self.expression(&tree.test);
        let body = span(tree.consequent.span());
        if matches!(self.facts.get(test), Expr::Word(Word::False | Word::None)) {
            self.facts.dead(body);
        }
        self.perhaps(body, |inner| inner.statement(&tree.consequent));
        if let Some(other) = &tree.alternate {
            if matches!(self.facts.get(test), Expr::Word(Word::True)) {
                self.facts.dead(span(other.span()));
            }
            self.perhaps(span(other.span()), |inner| inner.statement(other));
        }
    }

    fn attempt(&mut self, tree: &TryStatement<'_>) {
        self.perhaps(span(tree.block.span), |inner| inner.block(&tree.block.body));
        if let Some(handler) = &tree.handler {
            self.perhaps(span(handler.span), |inner| {
                inner.in_scope(|inner| {
                    if let Some(parameter) = &handler.param {
                        inner.declare_pattern(&parameter.pattern);
                        let value = inner.facts.unknown(span(parameter.span));
                        inner.assign_pattern(&parameter.pattern, value, parameter.span.end);
                    }
                    inner.block(&handler.body.body);
                });
            });
        }
        if let Some(last) = &tree.finalizer {
            self.block(&last.body);
        }
    }

    fn switch(&mut self, tree: &SwitchStatement<'_>) {
        self.visit(&tree.discriminant);
        self.in_scope(|inner| {
            tree.cases.iter().for_each(|case| inner.hoist_block(&case.consequent));
            for case in &tree.cases {
                inner.perhaps(span(case.span), |inner| {
                    case.test.iter().for_each(|tree| inner.visit(tree));
                    inner.statements(&case.consequent);
                });
            }
        });
    }

    /// Records an expression whose value is not used.
    pub(super) fn visit(&mut self, tree: &Expression<'_>) {
        self.expression(tree);
    }
}
