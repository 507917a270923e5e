//! Classes of JavaScript, and what TypeScript adds that exists at run time.

use oxc_ast::ast::{
    BindingPattern, Class as Tree, ClassElement, Declaration, Decorator, MethodDefinition,
    MethodDefinitionKind, PropertyKey, Statement, TSEnumDeclaration, TSEnumMemberName,
    TSNamespaceDeclaration, TSNamespaceDeclarationBody,
};

use super::function::Object;
use super::{Lowering, Place, This, before, span};
use crate::scan::facts::{Class, ClassId, Expr, ExprId, ScopeKind, Span, Store};

impl Lowering<'_> {
    /// Records a declaration of a class.
    pub(super) fn define_class(&mut self, tree: &Tree<'_>) -> Option<ExprId> {
        if tree.declare {
            return None;
        }
        let value = self.class(tree);
        if let Some(id) = &tree.id {
            let name = self.identifier(&id.name, id.span);
            self.bind(name, value, tree.span.end);
        }
        Some(value)
    }

    /// Records a class and everything in it.
    pub(super) fn class(&mut self, tree: &Tree<'_>) -> ExprId {
        let at = span(tree.span);
        let decorators = self.decorators(&tree.decorators);
        let base = tree.heritage.as_ref().map(|base| self.expression(&base.expression));
        let scope = self.part_scope(ScopeKind::Class);
        let class = self.facts.class(Class { scope, bases: base.into_iter().collect() });
        let value = self.facts.expr(Expr::Class(class), at);
        let this = This::Class(class);
        let place = Place { scope, this, base, branches: 0, ..self.place.clone() };
        self.within(place, |inner| {
            if let Some(id) = &tree.id {
                let name = inner.facts.name(&id.name);
                if inner.declaring(name).is_none() {
                    inner.bind_hidden(scope, name, value);
                }
            }
            for element in &tree.body.body {
                inner.class_element(element, class);
            }
        });
        self.decorated(value, &decorators, at)
    }

    fn class_element(&mut self, element: &ClassElement<'_>, class: ClassId) {
        match element {
            ClassElement::StaticBlock(tree) => self.in_scope(|inner| {
                inner.hoist_function(&tree.body);
                inner.statements(&tree.body);
            }),
            ClassElement::MethodDefinition(tree) => self.method(tree, class),
            ClassElement::PropertyDefinition(tree) => {
                let decorators = self.decorators(&tree.decorators);
                let this = if tree.r#static { This::Class(class) } else { This::Instance(class) };
                let place = Place { this, ..self.place.clone() };
                let value = tree.value.as_ref();
                let value = value.map(|tree| self.within(place, |inner| inner.expression(tree)));
                let at = span(tree.span);
                let value = value.unwrap_or_else(|| self.facts.unknown(before(at)));
                let value = self.decorated(value, &decorators, at);
                self.member_of(class, &tree.key, tree.computed, value);
            }
            ClassElement::AccessorProperty(tree) => {
                let value = tree.value.as_ref().map(|tree| self.expression(tree));
                if let Some(value) = value {
                    self.member_of(class, &tree.key, tree.computed, value);
                }
            }
            ClassElement::TSIndexSignature(_) => {}
        }
    }

    fn method(&mut self, tree: &MethodDefinition<'_>, class: ClassId) {
        let at = span(tree.span);
        let decorators = self.decorators(&tree.decorators);
        if tree.value.body.is_none() {
            return;
        }
        let this = if tree.r#static { This::Class(class) } else { This::Instance(class) };
        let function = self.function(&tree.value, Object::Given(this), Some(class));
        let value = match tree.kind {
            MethodDefinitionKind::Get => self.call(function, &[], before(at)),
            MethodDefinitionKind::Constructor
            | MethodDefinitionKind::Method
            | MethodDefinitionKind::Set => function,
        };
        if tree.kind == MethodDefinitionKind::Constructor {
            self.parameter_properties(tree, class, function);
        }
        let value = self.decorated(value, &decorators, at);
        self.member_of(class, &tree.key, tree.computed, value);
    }

    /// `constructor(private name: Type)`
    fn parameter_properties(
        &mut self,
        tree: &MethodDefinition<'_>,
        class: ClassId,
        function: ExprId,
    ) {
        let Expr::Function(id) = self.facts.get(function) else { return };
        for (number, item) in (0..).zip(&tree.value.params.items) {
            let is_property = item.accessibility.is_some() || item.readonly;
            if let (true, BindingPattern::BindingIdentifier(name)) = (is_property, &item.pattern) {
                let value = self.facts.expr(Expr::Parameter(id, number), Span::default());
                self.bind_member(class, &name.name, value);
            }
        }
    }

    fn member_of(&mut self, class: ClassId, key: &PropertyKey<'_>, computed: bool, value: ExprId) {
        let private = key.private_name().map(|name| format!("#{name}"));
        let name = key.static_name().map(|name| name.into_owned()).or(private);
        if let (Some(name), false) = (name, computed && key.static_name().is_none()) {
            self.bind_member(class, &name, value);
            return;
        }
        let key = self.property_key(key);
        let base = self.facts.expr(Expr::Class(class), Span::default());
        self.facts.store(Store { base, key, value });
    }

    fn decorators(&mut self, decorators: &[Decorator<'_>]) -> Vec<ExprId> {
        decorators.iter().map(|decorator| self.expression(&decorator.expression)).collect()
    }

    /// What is decorated is itself, or what its decorators make of it.
    fn decorated(&mut self, value: ExprId, decorators: &[ExprId], at: Span) -> ExprId {
        decorators.iter().rev().fold(value, |value, decorator| {
            let made = self.call(*decorator, &[value], before(at));
            self.one_of(&[value, made], before(at))
        })
    }

    /// An enumeration is an object.
    pub(super) fn enumeration(&mut self, tree: &TSEnumDeclaration<'_>) {
        if tree.declare {
            return;
        }
        let mut members = Vec::new();
        for (number, member) in tree.body.members.iter().enumerate() {
            let at = span(member.span);
            let key = match &member.id {
                TSEnumMemberName::Identifier(id) => id.name.to_string(),
                TSEnumMemberName::String(id) | TSEnumMemberName::ComputedString(id) => {
                    id.value.to_string()
                }
                TSEnumMemberName::ComputedTemplateString(_) => String::new(),
            };
            let key = self.facts.text(&key, at);
            let value = match &member.initializer {
                Some(tree) => self.expression(tree),
                None => {
                    let number = i64::try_from(number).unwrap_or(0);
                    self.facts.expr(Expr::Integer(number), at)
                }
            };
            members.push(self.facts.expr(Expr::Pair(key, value), at));
        }
        let list = self.facts.list(&members);
        let value = self.facts.expr(Expr::Record(list), span(tree.span));
        let name = self.identifier(&tree.id.name, tree.id.span);
        self.bind(name, value, tree.span.end);
    }

    /// A namespace is an object whose parts are the names in it.
    pub(super) fn namespace(&mut self, tree: &TSNamespaceDeclaration<'_>) {
        if tree.declare {
            return;
        }
        let scope = self.part_scope(ScopeKind::Function);
        let class = self.facts.class(Class { scope, bases: Vec::new() });
        let place = Place { scope, branches: 0, ..self.place.clone() };
        self.within(place, |inner| match &tree.body {
            TSNamespaceDeclarationBody::TSNamespaceDeclaration(tree) => inner.namespace(tree),
            TSNamespaceDeclarationBody::TSModuleBlock(block) => {
                inner.hoist_function(&block.body);
                for statement in &block.body {
                    inner.namespace_statement(statement);
                }
            }
        });
        let value = self.facts.expr(Expr::Class(class), span(tree.span));
        let name = self.facts.name(&tree.id.name);
        let place = self.place.scope;
        self.bind_hidden(place, name, value);
    }

    fn namespace_statement(&mut self, statement: &Statement<'_>) {
        if let Statement::ExportDeclaration(tree) = statement {
            self.declaration(&tree.declaration);
        } else {
            self.statements(std::slice::from_ref(statement));
        }
    }

    /// Returns the names that a declaration declares.
    pub(super) fn declared_names(declaration: &Declaration<'_>) -> Vec<String> {
        let mut names = Vec::new();
        match declaration {
            Declaration::VariableDeclaration(tree) => {
                for declarator in &tree.declarations {
                    let found = declarator.id.get_binding_identifiers();
                    names.extend(found.into_iter().map(|id| id.name.to_string()));
                }
            }
            Declaration::FunctionDeclaration(tree) => {
                names.extend(tree.id.iter().map(|id| id.name.to_string()));
            }
            Declaration::ClassDeclaration(tree) => {
                names.extend(tree.id.iter().map(|id| id.name.to_string()));
            }
            Declaration::TSEnumDeclaration(tree) => names.push(tree.id.name.to_string()),
            Declaration::TSNamespaceDeclaration(tree) => names.push(tree.id.name.to_string()),
            Declaration::TSImportEqualsDeclaration(tree) => names.push(tree.id.name.to_string()),
            Declaration::TSTypeAliasDeclaration(_)
            | Declaration::TSInterfaceDeclaration(_)
            | Declaration::TSExternalModuleDeclaration(_)
            | Declaration::TSGlobalDeclaration(_) => {}
        }
        names
    }
}
