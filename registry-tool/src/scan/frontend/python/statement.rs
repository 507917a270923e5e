//! Statements of Python.

use ruff_python_ast::{
    ExceptHandler, Stmt, StmtAnnAssign, StmtAugAssign, StmtFor, StmtIf, StmtMatch, StmtTry,
    StmtWith,
};

use super::expression::operator;
use super::{Lowering, Tree, runs, span, span_of};
use crate::scan::facts::{Builder, Expr, ExprId, Span};

impl Lowering<'_> {
    pub(super) fn statements(&mut self, statements: &[Stmt]) {
        for statement in statements {
            self.statement(statement);
        }
    }

    fn statement(&mut self, statement: &Stmt) {
        match statement {
            Stmt::FunctionDef(tree) => self.define(tree),
            Stmt::ClassDef(tree) => self.define_class(tree),
            Stmt::Return(tree) => {
                let value = tree.value.as_ref().map(|tree| self.expression(tree));
                let function = self.place.function.and_then(|id| self.facts.function_mut(id));
                if let Some(function) = function {
                    function.returns.extend(value);
                }
            }
            Stmt::Delete(tree) => tree.targets.iter().for_each(|t| self.delete(t)),
            Stmt::TypeAlias(tree) => {
                let value = self.expression(&tree.value);
                self.assign(&tree.name, value, span(tree.range).end);
            }
            Stmt::Assign(tree) => {
                let value = self.expression(&tree.value);
                let at = span(tree.range).end;
                tree.targets.iter().for_each(|target| self.assign(target, value, at));
            }
            Stmt::AugAssign(tree) => self.augment(tree),
            Stmt::AnnAssign(tree) => self.annotated(tree),
            Stmt::For(tree) => self.iterate(tree),
            Stmt::While(tree) => {
                self.expression(&tree.test);
                self.perhaps(span(tree.range), |inner| {
                    inner.statements(&tree.body);
                    inner.statements(&tree.orelse);
                });
            }
            Stmt::If(tree) => self.branch(tree),
            Stmt::With(tree) => self.with(tree),
            Stmt::Match(tree) => self.match_(tree),
            Stmt::Raise(tree) => {
                let parts = [&tree.exc, &tree.cause].into_iter().flatten();
                parts.for_each(|tree| self.visit(tree));
            }
            Stmt::Try(tree) => self.attempt(tree),
            Stmt::Assert(tree) => {
                self.expression(&tree.test);
                tree.msg.iter().for_each(|tree| self.visit(tree));
            }
            Stmt::Import(tree) => self.import(tree),
            Stmt::ImportFrom(tree) => self.import_from(tree),
            Stmt::Global(tree) => {
                let names: Vec<_> = tree.names.iter().map(|name| self.named(name)).collect();
                let sent = names.into_iter().map(|name| (name, Builder::MODULE));
                self.place.elsewhere.extend(sent);
            }
            Stmt::Nonlocal(tree) => {
                let names: Vec<_> = tree.names.iter().map(|name| self.named(name)).collect();
                // Which of the functions around binds the name is not known yet: all may.
                for scope in self.around.iter().rev().skip(1) {
                    let sent = names.iter().map(|name| (*name, *scope));
                    self.place.elsewhere.extend(sent);
                }
            }
            // A text that stands alone is prose.
            Stmt::Expr(tree) if tree.value.is_string_literal_expr() => {}
            Stmt::Expr(tree) => self.visit(&tree.value),
            Stmt::Pass(_) | Stmt::Break(_) | Stmt::Continue(_) | Stmt::IpyEscapeCommand(_) => {}
        }
    }

    fn augment(&mut self, tree: &StmtAugAssign) {
        let (at, before) = (span(tree.range), self.expression(&tree.target));
        let added = self.expression(&tree.value);
        let value = if tree.op == ruff_python_ast::Operator::Add {
            let list = self.facts.list(&[before, added]);
            self.facts.expr(Expr::Sum(list), at)
        } else {
            self.facts.expr(Expr::Binary(operator(tree.op), before, added), at)
        };
        self.assign(&tree.target, value, at.end);
    }

    /// `name: Class` without a value is taken for an object of the class.
    fn annotated(&mut self, tree: &StmtAnnAssign) {
        let at = span(tree.range).end;
        let annotation = self.annotation(&tree.annotation);
        if let Some(value) = &tree.value {
            let value = self.expression(value);
            self.assign(&tree.target, value, at);
        } else if let Some(annotation) = annotation {
            let value = self.call(annotation, &[], span_of(&*tree.annotation));
            self.perhaps(Span::default(), |inner| inner.assign(&tree.target, value, at));
        }
    }

    fn iterate(&mut self, tree: &StmtFor) {
        let iterated = self.expression(&tree.iter);
        let item = self.facts.expr(Expr::Element(iterated), span_of(&*tree.target));
        self.perhaps(span(tree.range), |inner| {
            inner.assign(&tree.target, item, span_of(&*tree.target).end);
            inner.statements(&tree.body);
            inner.statements(&tree.orelse);
        });
    }

    fn branch(&mut self, tree: &StmtIf) {
        self.expression(&tree.test);
        if let (Some(first), Some(last)) = (tree.body.first(), tree.body.last()) {
            let body = Span::new(span_of(first).start, span_of(last).end);
            match condition(&tree.test) {
                Condition::Never => self.facts.dead(body),
                Condition::TypeChecking => self.type_checking.push(body),
                Condition::Sometimes => {}
            }
        }
        self.block(&tree.body);
        for clause in &tree.elif_else_clauses {
            clause.test.iter().for_each(|tree| self.visit(tree));
            self.block(&clause.body);
        }
    }

    fn with(&mut self, tree: &StmtWith) {
        for item in &tree.items {
            let value = self.expression(&item.context_expr);
            if let Some(target) = &item.optional_vars {
                let at = span_of(&**target);
                let value = self.entered(value, at);
                self.assign(target, value, at.end);
            }
        }
        self.statements(&tree.body);
    }

    /// What `with value as target` gives: the value itself, or what its `__enter__` returns.
    fn entered(&mut self, value: ExprId, at: Span) -> ExprId {
        let nowhere = Span::new(at.start, at.start);
        let mut found = vec![value];
        for name in ["__enter__", "__aenter__"] {
            let name = self.facts.name(name);
            let method = self.facts.expr(Expr::Attribute(value, name), nowhere);
            found.push(self.call(method, &[], nowhere));
        }
        self.one_of(&found, nowhere)
    }

    fn match_(&mut self, tree: &StmtMatch) {
        let subject = self.expression(&tree.subject);
        for case in &tree.cases {
            self.perhaps(span(case.range), |inner| {
                inner.pattern(&case.pattern, subject);
                case.guard.iter().for_each(|tree| inner.visit(tree));
                inner.statements(&case.body);
            });
        }
    }

    /// What is caught is not used: `except SystemExit` ends nothing.
    fn attempt(&mut self, tree: &StmtTry) {
        self.block(&tree.body);
        for ExceptHandler::ExceptHandler(handler) in &tree.handlers {
            self.perhaps(span(handler.range), |inner| {
                if let Some(caught) = &handler.type_ {
                    if !runs(caught) {
                        inner.facts.dead(span_of(&**caught));
                    }
                    inner.expression(caught);
                }
                if let Some(name) = &handler.name {
                    let at = span(name.range);
                    let value = inner.facts.unknown(at);
                    let name = inner.named(name);
                    inner.bind(name, value, at.end);
                }
                inner.statements(&handler.body);
            });
        }
        self.block(&tree.orelse);
        self.statements(&tree.finalbody);
    }

    /// Statements that may not run.
    fn block(&mut self, statements: &[Stmt]) {
        if let (Some(first), Some(last)) = (statements.first(), statements.last()) {
            let at = Span::new(span_of(first).start, span_of(last).end);
            self.perhaps(at, |inner| inner.statements(statements));
        }
    }

    /// `del name` of a module brings back the builtin that the name hid.
    fn delete(&mut self, target: &Tree) {
        self.visit(target);
        if let Tree::Name(target) = target {
            let at = span(target.range).end;
            let value = self.builtin(&target.id, at);
            let name = self.identifier(&target.id, target.range);
            self.perhaps(Span::default(), |inner| inner.bind(name, value, at));
        }
    }
}

/// When the body of an `if` runs, as far as that can be seen from its condition alone.
enum Condition {
    Never,
    TypeChecking,
    Sometimes,
}

#[expect(clippy::wildcard_enum_match_arm, reason = "everything else is decided at run time")]
fn condition(test: &Tree) -> Condition {
    match test {
        Tree::Name(name) if name.id.as_str() == "TYPE_CHECKING" => Condition::TypeChecking,
        Tree::Attribute(tree) if tree.attr.as_str() == "TYPE_CHECKING" => Condition::TypeChecking,
        Tree::BooleanLiteral(tree) if !tree.value => Condition::Never,
        Tree::NumberLiteral(tree) if matches!(&tree.value, ruff_python_ast::Number::Int(number) if number.as_i64() == Some(0)) => {
            Condition::Never
        }
        _ => Condition::Sometimes,
    }
}
