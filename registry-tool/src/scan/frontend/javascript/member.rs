//! Parts, calls and objects of JavaScript.

use oxc_ast::ast::{
    Argument, CallExpression, ChainElement, ComputedMemberExpression, Expression, ImportExpression,
    NewExpression, ObjectExpression, ObjectPropertyKind, PropertyKey, PropertyKind,
};
use oxc_span::GetSpan as _;

use super::function::Object;
use super::{Lowering, This, before, constant, span};
use crate::scan::facts::{Expr, ExprId, ScopeKind, Span, Store};

/// Functions and classes that the language brings.
#[rustfmt::skip]
const BUILT_IN_FUNCTIONS: &[&str] = &[
    "AggregateError", "Array", "ArrayBuffer", "BigInt", "Boolean", "DataView", "Date", "Error",
    "EvalError", "FinalizationRegistry", "Iterator", "Map", "Number", "Object", "Promise", "Proxy",
    "RangeError", "ReferenceError", "RegExp", "Set", "String", "Symbol", "SyntaxError", "TypeError",
    "URIError", "URL", "WeakMap", "WeakRef", "WeakSet", "alert", "atob", "btoa", "clearInterval",
    "clearTimeout", "decodeURI", "decodeURIComponent", "encodeURI", "encodeURIComponent", "escape",
    "isFinite", "isNaN", "parseFloat", "parseInt", "queueMicrotask", "structuredClone", "unescape",
];

/// Objects that the language brings.
const BUILT_IN_OBJECTS: &[&str] =
    &["Atomics", "Intl", "JSON", "Math", "Reflect", "console", "crypto", "performance"];

/// The most parts of an object that also count as named arguments.
const MOST_OPTIONS: usize = 12;

impl Lowering<'_> {
    /// Records `object.name`.
    pub(super) fn part_of(
        &mut self,
        object: &Expression<'_>,
        name: &str,
        name_at: oxc_span::Span,
        at: Span,
    ) -> ExprId {
        if self.is_module_exports(object, name) {
            return self.own_module(at);
        }
        if matches!(object, Expression::ThisExpression(_))
            && matches!(self.place.this, This::Global)
            && !crate::scan::language::javascript::is_global(name)
        {
            return self.facts.unknown(at);
        }
        let base = self.expression(object);
        if name == "callee"
            && let Some(function) = self.called_function(object)
        {
            return self.facts.expr(Expr::Function(function), before(at));
        }
        let part = self.identifier(name, name_at);
        let value = self.facts.expr(Expr::Attribute(base, part), at);
        // What something inherits, it has.
        if name == "__proto__" {
            return self.one_of(&[value, base], before(at));
        }
        // What is put into a prototype is put into the function.
        if let (Expression::Identifier(id), "prototype") = (object, name)
            && self.is_declared(&id.name)
        {
            return self.one_of(&[value, base], before(at));
        }
        self.or_function(object, name, value, at)
    }

    /// The function that `arguments` belongs to.
    fn called_function(
        &mut self,
        object: &Expression<'_>,
    ) -> Option<crate::scan::facts::FunctionId> {
        let is_arguments = matches!(object, Expression::Identifier(id) if id.name == "arguments");
        (is_arguments && !self.is_declared("arguments")).then_some(self.place.arguments)?
    }

    /// The constructor of any constructor is `Function`, and so is that of any function.
    fn or_function(
        &mut self,
        object: &Expression<'_>,
        name: &str,
        value: ExprId,
        at: Span,
    ) -> ExprId {
        if name != "constructor" || !self.is_function(object) {
            return value;
        }
        let function = self.global(&["Function"], at);
        self.one_of(&[value, function], at)
    }

    /// Tells whether what stands here is a function, whatever else is known of it.
    fn is_function(&mut self, tree: &Expression<'_>) -> bool {
        match tree.get_inner_expression() {
            Expression::FunctionExpression(_)
            | Expression::ArrowFunctionExpression(_)
            | Expression::ClassExpression(_) => true,
            Expression::Identifier(id) => {
                BUILT_IN_FUNCTIONS.contains(&id.name.as_str()) && !self.is_declared(&id.name)
            }
            inner => inner.as_member_expression().is_some_and(|member| {
                match member.static_property_name() {
                    Some("constructor") => true,
                    // What everything has.
                    Some("prototype" | "__proto__" | "length" | "name") => false,
                    _ => self.is_built_in(member.object()),
                }
            }),
        }
    }

    /// Tells whether what stands here is part of the language, and no program's own.
    fn is_built_in(&mut self, tree: &Expression<'_>) -> bool {
        match tree.get_inner_expression() {
            Expression::StringLiteral(_)
            | Expression::TemplateLiteral(_)
            | Expression::NumericLiteral(_)
            | Expression::BigIntLiteral(_)
            | Expression::BooleanLiteral(_)
            | Expression::RegExpLiteral(_)
            | Expression::FunctionExpression(_)
            | Expression::ArrowFunctionExpression(_)
            | Expression::ArrayExpression(_) => true,
            Expression::ObjectExpression(tree) => tree.properties.is_empty(),
            Expression::NewExpression(tree) => self.is_built_in(&tree.callee),
            Expression::Identifier(id) => {
                let name = id.name.as_str();
                (BUILT_IN_FUNCTIONS.contains(&name) || BUILT_IN_OBJECTS.contains(&name))
                    && !self.is_declared(name)
            }
            inner => inner.as_member_expression().is_some_and(|member| {
                member.static_property_name() == Some("prototype")
                    && self.is_built_in(member.object())
            }),
        }
    }

    /// Records `object[key]`.
    pub(super) fn computed(&mut self, tree: &ComputedMemberExpression<'_>, at: Span) -> ExprId {
        if let Expression::StringLiteral(key) = &tree.expression
            && !constant::is_escaped(key)
        {
            let inside = oxc_span::Span::new(key.span.start, key.span.start);
            return self.part_of(&tree.object, &key.value, inside, at);
        }
        let base = self.expression(&tree.object);
        let key = self.expression(&tree.expression);
        self.facts.expr(Expr::Index(base, key), at)
    }

    /// Records what stands in an optional chain.
    pub(super) fn chain(&mut self, element: &ChainElement<'_>, at: Span) -> ExprId {
        match element {
            ChainElement::CallExpression(tree) => self.called(tree),
            ChainElement::TSNonNullExpression(tree) => self.expression(&tree.expression),
            ChainElement::StaticMemberExpression(tree) => {
                self.part_of(&tree.object, &tree.property.name, tree.property.span, at)
            }
            ChainElement::ComputedMemberExpression(tree) => self.computed(tree, at),
            ChainElement::PrivateFieldExpression(tree) => {
                let base = self.expression(&tree.object);
                let name = self.facts.name(&format!("#{}", tree.field.name));
                self.facts.expr(Expr::Attribute(base, name), at)
            }
        }
    }

    /// Tells whether something is `module.exports`.
    pub(super) fn is_module_exports(&mut self, object: &Expression<'_>, name: &str) -> bool {
        name == "exports"
            && matches!(object, Expression::Identifier(id) if id.name == "module")
            && !self.is_declared("module")
    }

    /// Records the module that the file itself is.
    pub(super) fn own_module(&mut self, at: Span) -> ExprId {
        let name = self.facts.constant(format!("./{}", self.own_name).as_bytes());
        self.facts.expr(Expr::Import(name, 1), before(at))
    }

    /// Records a call.
    pub(super) fn called(&mut self, tree: &CallExpression<'_>) -> ExprId {
        let at = span(tree.span);
        let mut callee = match self.called_bare(tree) {
            Some(callee) => callee,
            None => self.callee(&tree.callee),
        };
        let arguments = self.arguments(&tree.arguments);
        let member = tree.callee.get_inner_expression().as_member_expression();
        let method = member.and_then(|member| member.static_property_name());
        // Classes are not called without `new`: what can be is `Function`.
        if method == Some("constructor") {
            let of_function = self.global(&["type"], span(tree.callee.span()));
            callee = self.one_of(&[callee, of_function], before(at));
        }
        if method == Some("defineProperty") || method == Some("defineProperties") {
            self.define_property(&tree.arguments, &arguments);
        }
        self.copied_getter(&tree.arguments, &arguments);
        let value = self.call(callee, &arguments, at);
        let is_of_object = member.is_some_and(
            |member| matches!(member.object(), Expression::Identifier(id) if id.name == "Object"),
        );
        if method == Some("create") && is_of_object {
            // A new object, which gets parts later.
            let nothing = self.facts.list(&[]);
            let made = self.facts.expr(Expr::Record(nothing), before(at));
            return self.one_of(&[value, made], before(at));
        }
        // A promise is what it resolves to, and resolving it calls the function.
        if method == Some("then")
            && let Expr::Attribute(promise, _) = self.facts.get(callee)
            && let Some(function) = arguments.first()
        {
            let next = self.call(*function, &[promise], before(at));
            return self.one_of(&[value, next], before(at));
        }
        value
    }

    /// A function that is called where it stands has the global object as its own.
    fn callee(&mut self, tree: &Expression<'_>) -> ExprId {
        match tree.get_inner_expression() {
            Expression::FunctionExpression(function) => {
                self.function(function, Object::Given(This::Global), None)
            }
            other => self.expression(other),
        }
    }

    /// A function that is called without an object has the global object as its own.
    fn called_bare(&mut self, tree: &CallExpression<'_>) -> Option<ExprId> {
        let member = tree.callee.get_inner_expression().as_member_expression()?;
        let name = member.static_property_name()?;
        let Expression::FunctionExpression(function) = member.object().get_inner_expression()
        else {
            return None;
        };
        let is_bare = match tree.arguments.first() {
            None | Some(Argument::NullLiteral(_)) => true,
            Some(Argument::Identifier(id)) => id.name == "undefined",
            Some(_) => false,
        };
        if !is_bare || !matches!(name, "call" | "apply" | "bind") {
            return None;
        }
        let base = self.function(function, Object::Given(This::Global), None);
        let name = self.facts.name(name);
        Some(self.facts.expr(Expr::Attribute(base, name), span(tree.callee.span())))
    }

    /// `Object.defineProperty(object, key, {value, get})`
    fn define_property(&mut self, trees: &[Argument<'_>], arguments: &[ExprId]) {
        let (Some(base), Some(key), Some(Argument::ObjectExpression(tree))) =
            (arguments.first(), arguments.get(1), trees.get(2))
        else {
            return;
        };
        let Some(descriptor) = arguments.get(2) else { return };
        let at = before(span(tree.span));
        let (value, get) = (self.facts.name("value"), self.facts.name("get"));
        let value = self.facts.expr(Expr::Attribute(*descriptor, value), at);
        let get = self.facts.expr(Expr::Attribute(*descriptor, get), at);
        let got = self.call(get, &[], at);
        for value in [value, got] {
            self.facts.store(Store { base: *base, key: *key, value });
        }
    }

    /// Records arguments; the parts of an object at the end also as named ones.
    pub(super) fn arguments(&mut self, trees: &[Argument<'_>]) -> Vec<ExprId> {
        let mut members = Vec::with_capacity(trees.len());
        for tree in trees {
            let at = span(tree.span());
            members.push(match tree {
                Argument::SpreadElement(tree) => {
                    let value = self.expression(&tree.argument);
                    self.facts.expr(Expr::Spread(value), at)
                }
                other => match other.as_expression() {
                    Some(tree) => self.expression(tree),
                    None => self.facts.unknown(at),
                },
            });
        }
        if let (Some(Argument::ObjectExpression(tree)), Some(last)) = (trees.last(), members.last())
            && tree.properties.len() <= MOST_OPTIONS
            && let Expr::Record(list) = self.facts.get(*last)
        {
            let pairs = self.facts.get_list(list).to_vec();
            for pair in pairs {
                if let Expr::Pair(key, value) = self.facts.get(pair)
                    && let Expr::Text(text) = self.facts.get(key)
                {
                    let text = String::from_utf8_lossy(self.facts.get_text(text)).into_owned();
                    let name = self.facts.name(&text);
                    members.push(self.facts.expr(Expr::Keyword(name, value), Span::default()));
                }
            }
        }
        members
    }

    /// Records `new callee(arguments)`.
    pub(super) fn made(&mut self, tree: &NewExpression<'_>) -> ExprId {
        let at = span(tree.span);
        // `new URL("./x", import.meta.url)` is a path beside the file.
        if let [Argument::StringLiteral(path), second] = tree.arguments.as_slice()
            && let Some(member) = second.as_member_expression()
            && matches!(member.object(), Expression::ImportMeta(_))
        {
            let join = self.facts.constant(b"path");
            let join = self.facts.expr(Expr::Import(join, 0), before(at));
            let name = self.facts.name("join");
            let join = self.facts.expr(Expr::Attribute(join, name), before(at));
            let own = self.global(&["import", "meta", "url"], at);
            let path = self.string(path);
            return self.call(join, &[own, path], before(at));
        }
        if let (Expression::Identifier(id), []) = (&tree.callee, tree.arguments.as_slice())
            && let Some(value) = self.empty(&id.name, at)
        {
            return value;
        }
        let callee = self.expression(&tree.callee);
        let arguments = self.arguments(&tree.arguments);
        let value = self.call(callee, &arguments, at);
        if let Expression::Identifier(id) = &tree.callee
            && self.is_declared(&id.name)
        {
            let name = self.facts.name(&id.name);
            let constructor = self.name_here(name, before(at));
            return self.one_of(&[value, constructor], before(at));
        }
        value
    }

    /// Records an empty table or set, which gets its parts later.
    fn empty(&mut self, class: &str, at: Span) -> Option<ExprId> {
        if self.is_declared(class) {
            return None;
        }
        let nothing = self.facts.list(&[]);
        match class {
            "Map" | "WeakMap" | "Object" | "URLSearchParams" => {
                Some(self.facts.expr(Expr::Record(nothing), at))
            }
            "Set" | "WeakSet" | "Array" => Some(self.facts.expr(Expr::Items(nothing), at)),
            _ => None,
        }
    }

    /// Records `import(source)`.
    pub(super) fn import_call(&mut self, tree: &ImportExpression<'_>) -> ExprId {
        let at = span(tree.span);
        let import = self.global(&["import"], at);
        let import = match self.facts.get(import) {
            expr @ Expr::Attribute(..) => self.facts.expr(expr, Span::new(at.start, at.start + 6)),
            _ => import,
        };
        let source = self.expression(&tree.source);
        tree.options.iter().for_each(|tree| self.visit(tree));
        self.call(import, &[source], at)
    }

    /// Records an object, whose functions have it as `this`.
    pub(super) fn object(&mut self, tree: &ObjectExpression<'_>) -> ExprId {
        self.shown_part(tree);
        let has_functions = tree.properties.iter().any(|property| match property {
            ObjectPropertyKind::ObjectProperty(property) => {
                matches!(property.value, Expression::FunctionExpression(_))
            }
            ObjectPropertyKind::SpreadProperty(_) => false,
        });
        if !has_functions {
            return self.record(tree, None);
        }
        let name = self.hidden_name();
        let scope = self.place.scope;
        self.declare_in(scope, name);
        let value = self.record(tree, Some(This::Hidden(name)));
        self.bind_hidden(scope, name, value);
        value
    }

    fn record(&mut self, tree: &ObjectExpression<'_>, this: Option<This>) -> ExprId {
        let mut members = Vec::with_capacity(tree.properties.len());
        for property in &tree.properties {
            let at = span(property.span());
            let expr = match property {
                ObjectPropertyKind::SpreadProperty(tree) => {
                    Expr::Spread(self.expression(&tree.argument))
                }
                ObjectPropertyKind::ObjectProperty(tree) => {
                    let key = match tree.key.static_name() {
                        Some(name)
                            if !tree.computed
                                && !matches!(tree.key, PropertyKey::StaticIdentifier(_)) =>
                        {
                            self.facts.text(&name, span(tree.key.span()))
                        }
                        _ => self.property_key(&tree.key),
                    };
                    let mut value = match (&tree.value, this) {
                        (Expression::FunctionExpression(function), Some(this)) => {
                            self.function(function, Object::Given(this), None)
                        }
                        (other, _) => self.expression(other),
                    };
                    if tree.kind == PropertyKind::Get {
                        value = self.call(value, &[], before(at));
                    }
                    // React puts this into the page.
                    if tree.key.static_name().is_some_and(|name| name == "__html") {
                        let base = self.facts.unknown(before(at));
                        self.facts.store(Store { base, key, value });
                    }
                    Expr::Pair(key, value)
                }
            };
            members.push(self.facts.expr(expr, at));
        }
        let list = self.facts.list(&members);
        self.facts.expr(Expr::Record(list), span(tree.span))
    }

    /// Opens a scope whose names are the parts of something.
    pub(super) fn part_scope(&mut self, kind: ScopeKind) -> crate::scan::facts::ScopeId {
        let function = self.place.function;
        self.open_scope(kind, function, 0)
    }
}
