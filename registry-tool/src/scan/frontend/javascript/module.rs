//! Imports and exports of ES modules.

use oxc_ast::ast::{
    ExportDefaultDeclaration, ExportDefaultDeclarationKind, ExportFromDeclaration,
    ExportNamedDeclaration, ImportDeclaration, ImportDeclarationSpecifier, ImportOrExportKind,
    ModuleDeclaration, ModuleExportName, TSImportEqualsDeclaration, TSModuleReference, TSTypeName,
};
use oxc_span::GetSpan as _;

use super::{Lowering, before, span};
use crate::scan::facts::{Builder, Expr, ExprId, Span};

impl Lowering<'_> {
    pub(super) fn module_declaration(&mut self, tree: &ModuleDeclaration<'_>) {
        match tree {
            ModuleDeclaration::ImportDeclaration(tree) => self.import(tree),
            ModuleDeclaration::ExportAllDeclaration(tree) => {
                if tree.export_kind == ImportOrExportKind::Type {
                    return;
                }
                let module = self.module(&tree.source.value, span(tree.span));
                match &tree.exported {
                    Some(name) => self.export(&exported(name), module),
                    None => self.whole.push(module),
                }
            }
            ModuleDeclaration::ExportDeclaration(tree) => {
                self.declaration(&tree.declaration);
                let at = Span::new(tree.span.end, tree.span.end);
                for name in Self::declared_names(&tree.declaration) {
                    let id = self.facts.name(&name);
                    let value = self.facts.expr(Expr::Name(id, Builder::MODULE), at);
                    self.export(&name, value);
                }
            }
            ModuleDeclaration::ExportNamedDeclaration(tree) => self.export_names(tree),
            ModuleDeclaration::ExportFromDeclaration(tree) => self.export_from(tree),
            ModuleDeclaration::ExportDefaultDeclaration(tree) => self.export_default(tree),
            ModuleDeclaration::TSExportAssignment(tree) => {
                let value = self.expression(&tree.expression);
                self.whole.push(value);
            }
            ModuleDeclaration::TSNamespaceExportDeclaration(_) => {}
        }
    }

    fn export(&mut self, name: &str, value: ExprId) {
        let name = self.facts.name(name);
        self.exported.push((name, value));
    }

    /// Records a module by what stands behind `from`.
    fn module(&mut self, source: &str, at: Span) -> ExprId {
        // What is no name of a module is judged like what `import()` gets.
        if source.contains(':') && !source.starts_with("node:") {
            let import = self.global(&["import"], at);
            let import = match self.facts.get(import) {
                expr @ Expr::Attribute(..) => self.facts.expr(expr, at),
                _ => import,
            };
            let source = self.facts.text(source, before(at));
            return self.call(import, &[source], at);
        }
        let level = u8::from(source.starts_with('.'));
        let text = self.facts.constant(source.as_bytes());
        self.facts.expr(Expr::Import(text, level), at)
    }

    fn import(&mut self, tree: &ImportDeclaration<'_>) {
        if tree.import_kind == ImportOrExportKind::Type {
            return;
        }
        // An import counts where its names are used: types may be their only use.
        let source = tree.source.value.as_str();
        let at = span(tree.span);
        let module = self.module(source, if is_address(source) { at } else { before(at) });
        for specifier in tree.specifiers.iter().flatten() {
            match specifier {
                ImportDeclarationSpecifier::ImportSpecifier(tree) => {
                    if tree.import_kind == ImportOrExportKind::Type {
                        continue;
                    }
                    let name = exported(&tree.imported);
                    self.identifier(&name, tree.imported.span());
                    let value = self.imported(module, source, &name, before(at));
                    self.bind_import(&tree.local, value);
                }
                ImportDeclarationSpecifier::ImportDefaultSpecifier(tree) => {
                    let value = self.imported(module, source, "default", before(at));
                    self.bind_import(&tree.local, value);
                }
                ImportDeclarationSpecifier::ImportNamespaceSpecifier(tree) => {
                    self.bind_import(&tree.local, module);
                }
            }
        }
    }

    fn bind_import(&mut self, local: &oxc_ast::ast::BindingIdentifier<'_>, value: ExprId) {
        let name = self.identifier(&local.name, local.span);
        self.bind_hidden(Builder::MODULE, name, value);
    }

    /// The default export of a module that is no ES module is the module.
    fn imported(&mut self, module: ExprId, source: &str, name: &str, at: Span) -> ExprId {
        if name == "default" && !source.starts_with('.') {
            return module;
        }
        let id = self.facts.name(name);
        let part = self.facts.expr(Expr::Attribute(module, id), at);
        if name == "default" { self.one_of(&[part, module], at) } else { part }
    }

    fn export_names(&mut self, tree: &ExportNamedDeclaration<'_>) {
        for specifier in &tree.specifiers {
            let is_type = specifier.export_kind == ImportOrExportKind::Type
                || tree.export_kind == ImportOrExportKind::Type;
            if is_type {
                continue;
            }
            let local = self.facts.name(&exported(&specifier.local));
            let at = Span::new(tree.span.end, tree.span.end);
            let value = self.facts.expr(Expr::Name(local, Builder::MODULE), at);
            // Handing something out is a use of it, unless it may be a type.
            let mention = Expr::Name(local, Builder::MODULE);
            self.facts.expr(mention, span(specifier.local.span()));
            self.export(&exported(&specifier.exported), value);
        }
    }

    fn export_from(&mut self, tree: &ExportFromDeclaration<'_>) {
        if tree.export_kind == ImportOrExportKind::Type {
            return;
        }
        let at = span(tree.span);
        let source = tree.source.value.as_str();
        let module = self.module(source, if is_address(source) { at } else { before(at) });
        for specifier in &tree.specifiers {
            if specifier.export_kind == ImportOrExportKind::Type {
                continue;
            }
            let here = span(specifier.span);
            let value = self.imported(module, source, &exported(&specifier.local), here);
            self.export(&exported(&specifier.exported), value);
        }
    }

    fn export_default(&mut self, tree: &ExportDefaultDeclaration<'_>) {
        let value = match &tree.declaration {
            ExportDefaultDeclarationKind::FunctionDeclaration(tree) => {
                if let Some(id) = &tree.id {
                    self.declare(&id.name);
                }
                self.define(tree)
            }
            ExportDefaultDeclarationKind::ClassDeclaration(tree) => {
                if let Some(id) = &tree.id {
                    self.declare(&id.name);
                }
                self.define_class(tree)
            }
            ExportDefaultDeclarationKind::TSInterfaceDeclaration(_) => None,
            other => other.as_expression().map(|tree| self.expression(tree)),
        };
        if let Some(value) = value {
            self.export("default", value);
        }
    }

    /// `import name = require("module")`
    pub(super) fn import_equals(&mut self, tree: &TSImportEqualsDeclaration<'_>) {
        if tree.import_kind == ImportOrExportKind::Type {
            return;
        }
        let at = before(span(tree.span));
        let value = match &tree.module_reference {
            TSModuleReference::ExternalModuleReference(tree) => {
                self.module(&tree.expression.value, at)
            }
            TSModuleReference::IdentifierReference(id) => {
                let name = self.facts.name(&id.name);
                self.name_here(name, at)
            }
            TSModuleReference::QualifiedName(tree) => {
                let left = self.qualified(&tree.left, at);
                let name = self.facts.name(&tree.right.name);
                self.facts.expr(Expr::Attribute(left, name), at)
            }
        };
        self.bind_import(&tree.id, value);
    }

    fn qualified(&mut self, tree: &TSTypeName<'_>, at: Span) -> ExprId {
        match tree {
            TSTypeName::IdentifierReference(id) => {
                let name = self.facts.name(&id.name);
                self.name_here(name, at)
            }
            TSTypeName::QualifiedName(tree) => {
                let left = self.qualified(&tree.left, at);
                let name = self.facts.name(&tree.right.name);
                self.facts.expr(Expr::Attribute(left, name), at)
            }
            TSTypeName::ThisExpression(_) => self.facts.unknown(at),
        }
    }
}

fn exported(name: &ModuleExportName<'_>) -> String {
    match name {
        ModuleExportName::IdentifierName(id) => id.name.to_string(),
        ModuleExportName::IdentifierReference(id) => id.name.to_string(),
        ModuleExportName::StringLiteral(text) => text.value.to_string(),
    }
}

/// Tells whether a module is named by an address, which counts whatever is taken from it.
fn is_address(source: &str) -> bool {
    source.contains(':') && !source.starts_with("node:")
}
