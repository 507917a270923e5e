//! Recording facts: the only way in which front-ends make them.

use super::{
    Binding, Class, ClassId, Exports, Expr, ExprId, Facts, Function, FunctionId, List, NameId,
    Note, Scope, ScopeId, ScopeKind, Span, Store, TextId,
};
use crate::scan::table::Table;

/// Facts in the making.
///
/// Identifiers and texts are kept once each. Offsets are 32 bits wide: the gates let no larger
/// file through.
#[derive(Debug)]
pub struct Builder {
    facts: Facts,
    names: Interner,
    texts: Interner,
}

type Interner = Table<Box<[u8]>, u32>;

/// The number that the next member of a list gets.
fn next<T>(list: &[T]) -> u32 {
    next_at(list.len())
}

fn next_at(position: usize) -> u32 {
    u32::try_from(position).unwrap_or(u32::MAX)
}

impl Default for Builder {
    fn default() -> Self {
        Self::new()
    }
}

impl Builder {
    /// The scope of the file itself.
    pub const MODULE: ScopeId = ScopeId(0);

    /// Starts with one scope: the file's.
    pub fn new() -> Self {
        let module = Scope { parent: None, kind: ScopeKind::Module, class: None };
        let facts = Facts {
            names: Vec::new(),
            sorted_names: Vec::new(),
            texts: Vec::new(),
            exprs: Vec::new(),
            spans: Vec::new(),
            lists: Vec::new(),
            scopes: vec![module],
            bindings: Vec::new(),
            first_bindings: Vec::new(),
            stars: Vec::new(),
            stores: Vec::new(),
            functions: Vec::new(),
            classes: Vec::new(),
            exports: Exports::Scope,
            dead: Vec::new(),
            blocks: Vec::new(),
            notes: Vec::new(),
        };
        Self { facts, names: Interner::default(), texts: Interner::default() }
    }

    /// Keeps an identifier.
    pub fn name(&mut self, name: &str) -> NameId {
        if let Some(number) = self.names.get(name.as_bytes()) {
            return NameId(*number);
        }
        let number = next(&self.facts.names);
        self.facts.names.push(name.into());
        self.names.insert(name.as_bytes().into(), number);
        NameId(number)
    }

    /// Keeps a constant.
    pub fn constant(&mut self, bytes: &[u8]) -> TextId {
        if let Some(number) = self.texts.get(bytes) {
            return TextId(*number);
        }
        let number = next(&self.facts.texts);
        self.facts.texts.push(bytes.into());
        self.texts.insert(bytes.into(), number);
        TextId(number)
    }

    /// Records an expression.
    pub fn expr(&mut self, expr: Expr, span: Span) -> ExprId {
        let number = next(&self.facts.exprs);
        self.facts.exprs.push(expr);
        self.facts.spans.push(span);
        ExprId(number)
    }

    /// Records a constant text.
    pub fn text(&mut self, text: &str, span: Span) -> ExprId {
        let id = self.constant(text.as_bytes());
        self.expr(Expr::Text(id), span)
    }

    /// Records an expression of unknown value.
    pub fn unknown(&mut self, span: Span) -> ExprId {
        self.expr(Expr::Unknown, span)
    }

    /// Records a run of expressions.
    pub fn list(&mut self, members: &[ExprId]) -> List {
        let list = List { start: next(&self.facts.lists), count: next(members) };
        self.facts.lists.extend_from_slice(members);
        list
    }

    /// Opens a scope.
    pub fn scope(&mut self, parent: ScopeId, kind: ScopeKind) -> ScopeId {
        let number = next(&self.facts.scopes);
        self.facts.scopes.push(Scope { parent: Some(parent), kind, class: None });
        ScopeId(number)
    }

    /// Binds a name.
    pub fn bind(&mut self, binding: Binding) {
        self.facts.bindings.push(binding);
    }

    /// Imports everything of a module into a scope.
    pub fn star(&mut self, scope: ScopeId, module: ExprId) {
        self.facts.stars.push((scope, module));
    }

    /// Records an assignment to a part of something.
    pub fn store(&mut self, store: Store) {
        self.facts.stores.push(store);
    }

    /// Records a function; its parameters and results may be added until [`Builder::finish`].
    pub fn function(&mut self, function: Function) -> FunctionId {
        let number = next(&self.facts.functions);
        self.facts.functions.push(function);
        FunctionId(number)
    }

    /// Returns a function that was recorded.
    pub fn function_mut(&mut self, id: FunctionId) -> Option<&mut Function> {
        self.facts.functions.get_mut(id.position())
    }

    /// Records a class.
    pub fn class(&mut self, class: Class) -> ClassId {
        let number = next(&self.facts.classes);
        if let Some(scope) = self.facts.scopes.get_mut(class.scope.position()) {
            scope.class = Some(ClassId(number));
        }
        self.facts.classes.push(class);
        ClassId(number)
    }

    /// Returns the class whose scope this is.
    pub fn class_of(&self, scope: ScopeId) -> Option<ClassId> {
        self.facts.scopes.get(scope.position())?.class
    }

    /// Returns the scope of a class.
    pub fn scope_of(&self, class: ClassId) -> Option<ScopeId> {
        self.facts.classes.get(class.position()).map(|class| class.scope)
    }

    /// Says what other files see.
    pub fn export(&mut self, exports: Exports) {
        self.facts.exports = exports;
    }

    /// Says that what stands at `span` never runs.
    pub fn dead(&mut self, span: Span) {
        self.facts.dead.push(span);
    }

    /// Says that what stands at `span` may not run, or not only once: what is bound there without
    /// being certain is bound for the rest of it.
    pub fn block(&mut self, span: Span) {
        self.facts.blocks.push(span);
    }

    /// Records something noticed.
    pub fn note(&mut self, note: Note) {
        self.facts.notes.push(note);
    }

    /// Returns an expression that was recorded.
    pub fn get(&self, id: ExprId) -> Expr {
        self.facts.expr(id)
    }

    /// Returns where an expression stands.
    pub fn span(&self, id: ExprId) -> Span {
        self.facts.span(id)
    }

    /// Returns every identifier that was kept.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.facts.names.iter().map(|name| &**name)
    }

    /// Returns the members of a list that was recorded.
    pub fn get_list(&self, list: List) -> &[ExprId] {
        self.facts.list(list)
    }

    /// Returns an identifier that was kept.
    pub fn get_name(&self, id: NameId) -> &str {
        self.facts.name(id)
    }

    /// Returns a recorded constant.
    pub fn get_text(&self, id: TextId) -> &[u8] {
        self.facts.text(id)
    }

    /// Ends the recording.
    pub fn finish(mut self) -> Facts {
        self.facts.bindings.sort_by_key(|binding| (binding.scope, binding.name, binding.at));
        let scopes = (0..=next(&self.facts.scopes)).map(ScopeId);
        let bindings = &self.facts.bindings;
        let first = |scope| next_at(bindings.partition_point(|binding| binding.scope < scope));
        self.facts.first_bindings = scopes.map(first).collect();
        let mut names: Vec<_> = (0..next(&self.facts.names)).map(NameId).collect();
        names.sort_by(|a, b| self.facts.name(*a).cmp(self.facts.name(*b)));
        self.facts.sorted_names = names;
        self.facts.dead = merge(std::mem::take(&mut self.facts.dead));
        self.facts.shrink();
        self.facts
    }
}

/// Sorts ranges and unites those that overlap.
fn merge(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort();
    let mut merged: Vec<Span> = Vec::with_capacity(spans.len());
    for span in spans {
        match merged.last_mut() {
            Some(last) if span.start < last.end => last.end = last.end.max(span.end),
            Some(_) | None => merged.push(span),
        }
    }
    merged
}
