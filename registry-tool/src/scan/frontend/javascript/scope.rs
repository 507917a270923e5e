//! Scopes of JavaScript: what is declared where, and what an assignment changes.

use std::collections::BTreeSet;

use oxc_ast::ast::{
    BindingPattern, Declaration, ForStatementInit, ForStatementLeft, Statement, VariableDeclaration,
};

use super::Lowering;
use crate::scan::facts::{
    Binding, Builder, Expr, ExprId, FunctionId, NameId, ScopeId, ScopeKind, Span,
};

/// What is known of a scope while the file is read.
#[derive(Debug, Default)]
pub(super) struct Region {
    parent: Option<ScopeId>,
    declared: BTreeSet<NameId>,
    bound: BTreeSet<NameId>,
    function: Option<FunctionId>,
    branches: u32,
}

impl Lowering<'_> {
    /// Opens a scope inside the current one; `function` is the one that it belongs to.
    pub(super) fn open_scope(
        &mut self,
        kind: ScopeKind,
        function: Option<FunctionId>,
        branches: u32,
    ) -> ScopeId {
        let parent = self.place.scope;
        let scope = self.facts.scope(parent, kind);
        self.add_region(scope, parent, function, branches);
        scope
    }

    pub(super) fn add_region(
        &mut self,
        scope: ScopeId,
        parent: ScopeId,
        function: Option<FunctionId>,
        branches: u32,
    ) {
        let region = Region { parent: Some(parent), function, branches, ..Region::default() };
        self.regions.insert(scope, region);
    }

    /// Declares a name in a scope.
    pub(super) fn declare_in(&mut self, scope: ScopeId, name: NameId) -> bool {
        self.regions.get_mut(&scope).is_some_and(|region| region.declared.insert(name))
    }

    /// Returns the scope that declares a name.
    pub(super) fn declaring(&self, name: NameId) -> Option<ScopeId> {
        let mut next = Some(self.place.scope);
        while let Some(scope) = next {
            let region = self.regions.get(&scope)?;
            if region.declared.contains(&name) {
                return Some(scope);
            }
            next = region.parent;
        }
        None
    }

    /// Tells whether a name is one of the file's own.
    pub(super) fn is_declared(&mut self, name: &str) -> bool {
        let name = self.facts.name(name);
        self.declaring(name).is_some()
    }

    /// Gives a value to a name where it is declared.
    pub(super) fn bind(&mut self, name: NameId, value: ExprId, at: u32) {
        let Some(scope) = self.declaring(name) else {
            self.bind_global(name, value, at);
            return;
        };
        let (function, branches) = (self.place.function, self.place.branches);
        let certain = self.regions.get_mut(&scope).is_some_and(|region| {
            region.bound.insert(name);
            region.function == function && region.branches == branches
        });
        self.facts.bind(Binding { scope, name, value, at, certain });
    }

    /// A name that nothing declares may be the global one as well.
    fn bind_global(&mut self, name: NameId, value: ExprId, at: u32) {
        let here = Span::new(at, at);
        let text = self.facts.get_name(name).to_owned();
        let global = self.global(&[&text], here);
        for value in [global, value] {
            let scope = Builder::MODULE;
            self.facts.bind(Binding { scope, name, value, at, certain: false });
        }
    }

    /// Declares what a function or the file declares for all of itself.
    pub(super) fn hoist_function(&mut self, statements: &[Statement<'_>]) {
        for statement in statements {
            self.hoist_var(statement);
        }
        self.hoist_block(statements);
    }

    /// Declares the `var` of a statement and of what stands in it.
    fn hoist_var(&mut self, statement: &Statement<'_>) {
        match statement {
            Statement::VariableDeclaration(tree) => self.hoist_variables(tree, true),
            Statement::BlockStatement(tree) => tree.body.iter().for_each(|s| self.hoist_var(s)),
            Statement::IfStatement(tree) => {
                self.hoist_var(&tree.consequent);
                tree.alternate.iter().for_each(|s| self.hoist_var(s));
            }
            Statement::ForStatement(tree) => {
                if let Some(ForStatementInit::VariableDeclaration(tree)) = &tree.init {
                    self.hoist_variables(tree, true);
                }
                self.hoist_var(&tree.body);
            }
            Statement::ForInStatement(tree) => {
                self.hoist_left(&tree.left);
                self.hoist_var(&tree.body);
            }
            Statement::ForOfStatement(tree) => {
                self.hoist_left(&tree.left);
                self.hoist_var(&tree.body);
            }
            Statement::WhileStatement(tree) => self.hoist_var(&tree.body),
            Statement::DoWhileStatement(tree) => self.hoist_var(&tree.body),
            Statement::WithStatement(tree) => self.hoist_var(&tree.body),
            Statement::LabeledStatement(tree) => self.hoist_var(&tree.body),
            Statement::TryStatement(tree) => {
                tree.block.body.iter().for_each(|s| self.hoist_var(s));
                if let Some(handler) = &tree.handler {
                    handler.body.body.iter().for_each(|s| self.hoist_var(s));
                }
                if let Some(last) = &tree.finalizer {
                    last.body.iter().for_each(|s| self.hoist_var(s));
                }
            }
            Statement::SwitchStatement(tree) => {
                let statements = tree.cases.iter().flat_map(|case| &case.consequent);
                statements.for_each(|s| self.hoist_var(s));
            }
            Statement::ExportDeclaration(tree) => {
                if let Declaration::VariableDeclaration(tree) = &tree.declaration {
                    self.hoist_variables(tree, true);
                }
            }
            _ => {}
        }
    }

    fn hoist_left(&mut self, left: &ForStatementLeft<'_>) {
        if let ForStatementLeft::VariableDeclaration(tree) = left {
            self.hoist_variables(tree, true);
        }
    }

    fn hoist_variables(&mut self, tree: &VariableDeclaration<'_>, is_var: bool) {
        if tree.kind.is_var() == is_var && !tree.declare {
            for declarator in &tree.declarations {
                self.declare_pattern(&declarator.id);
            }
        }
    }

    /// Declares what a block declares for all of itself.
    pub(super) fn hoist_block(&mut self, statements: &[Statement<'_>]) {
        for statement in statements {
            match statement {
                Statement::VariableDeclaration(tree) => self.hoist_variables(tree, false),
                Statement::FunctionDeclaration(tree) => {
                    if let (Some(id), Some(_)) = (&tree.id, &tree.body) {
                        self.declare(&id.name);
                    }
                }
                Statement::ClassDeclaration(tree) if !tree.declare => {
                    tree.id.iter().for_each(|id| self.declare(&id.name));
                }
                Statement::TSEnumDeclaration(tree) if !tree.declare => self.declare(&tree.id.name),
                Statement::ExportDeclaration(tree) => self.hoist_exported(&tree.declaration),
                _ => {}
            }
        }
    }

    fn hoist_exported(&mut self, declaration: &Declaration<'_>) {
        match declaration {
            Declaration::VariableDeclaration(tree) => self.hoist_variables(tree, false),
            Declaration::FunctionDeclaration(tree) => {
                if let (Some(id), Some(_)) = (&tree.id, &tree.body) {
                    self.declare(&id.name);
                }
            }
            Declaration::ClassDeclaration(tree) if !tree.declare => {
                tree.id.iter().for_each(|id| self.declare(&id.name));
            }
            Declaration::TSEnumDeclaration(tree) if !tree.declare => self.declare(&tree.id.name),
            _ => {}
        }
    }

    /// Declares a name in the current scope: from now on it hides those outside.
    pub(super) fn declare(&mut self, name: &str) {
        let name = self.facts.name(name);
        self.declare_in(self.place.scope, name);
    }

    /// What is declared but never gets a value still hides what has the same name outside.
    pub(super) fn bind_the_rest(&mut self) {
        for (scope, region) in std::mem::take(&mut self.regions) {
            for name in region.declared.difference(&region.bound) {
                let value = self.nothing(Span::default());
                self.facts.bind(Binding { scope, name: *name, value, at: 0, certain: true });
            }
        }
    }

    /// Declares the names of a pattern.
    pub(super) fn declare_pattern(&mut self, pattern: &BindingPattern<'_>) {
        match pattern {
            BindingPattern::BindingIdentifier(id) => self.declare(&id.name),
            BindingPattern::ObjectPattern(tree) => {
                tree.properties.iter().for_each(|property| self.declare_pattern(&property.value));
                tree.rest.iter().for_each(|rest| self.declare_pattern(&rest.argument));
            }
            BindingPattern::ArrayPattern(tree) => {
                tree.elements.iter().flatten().for_each(|inner| self.declare_pattern(inner));
                tree.rest.iter().for_each(|rest| self.declare_pattern(&rest.argument));
            }
            BindingPattern::AssignmentPattern(tree) => self.declare_pattern(&tree.left),
        }
    }

    /// Tells whether a block needs a scope of its own.
    pub(super) fn declares(statements: &[Statement<'_>]) -> bool {
        statements.iter().any(|statement| match statement {
            Statement::VariableDeclaration(tree) => !tree.kind.is_var(),
            Statement::FunctionDeclaration(_)
            | Statement::ClassDeclaration(_)
            | Statement::TSEnumDeclaration(_) => true,
            _ => false,
        })
    }

    /// Records the value of a hidden name.
    pub(super) fn bind_hidden(&mut self, scope: ScopeId, name: NameId, value: ExprId) {
        if let Some(region) = self.regions.get_mut(&scope) {
            region.declared.insert(name);
            region.bound.insert(name);
        }
        self.facts.bind(Binding { scope, name, value, at: 0, certain: false });
    }

    /// Records a name as it is seen from here.
    pub(super) fn name_here(&mut self, name: NameId, at: Span) -> ExprId {
        self.facts.expr(Expr::Name(name, self.place.scope), at)
    }
}
