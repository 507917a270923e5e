//! The front-end for Python: ruff's parser, and what its syntax tree says in terms of facts.
//!
//! Annotations are never references: they are kept only to know of what class a parameter is. The
//! same holds for what stands behind `except`, and for code under `if TYPE_CHECKING:`.

mod binding;
mod expression;
mod function;
mod statement;

use ruff_python_ast::{Expr as Tree, Identifier};
use ruff_text_size::{Ranged, TextRange};

use super::{Frontend, SourceFile, Unparsable};
use crate::scan::facts::{
    Binding, Builder, ClassId, Expr, ExprId, Facts, FunctionId, NameId, Note, ScopeId, Span,
};
use crate::scan::language::{self, Language};

/// The front-end.
#[derive(Debug)]
pub struct Python;

impl Frontend for Python {
    fn language(&self) -> &'static Language {
        &language::python::PYTHON
    }

    fn lower(&self, file: &SourceFile<'_>) -> Result<Facts, Unparsable> {
        let source = file.text()?;
        let parsed = ruff_python_parser::parse_module(source).map_err(|error| Unparsable {
            message: error.error.to_string(),
            span: span(error.location),
        })?;
        let mut lowering = Lowering::new(source);
        lowering.statements(parsed.suite());
        Ok(lowering.finish())
    }
}

fn span(range: TextRange) -> Span {
    Span::new(range.start().to_u32(), range.end().to_u32())
}

fn span_of(tree: &impl Ranged) -> Span {
    span(tree.range())
}

/// Where in the file the lowering stands.
#[derive(Debug, Clone)]
struct Place {
    scope: ScopeId,
    /// Where `:=` binds: comprehensions do not count.
    walrus: ScopeId,
    function: Option<FunctionId>,
    /// The class that the function is a method of, and what it calls its object.
    receiver: Option<(ClassId, NameId)>,
    /// Names that `global` and `nonlocal` send elsewhere.
    elsewhere: Vec<(NameId, ScopeId)>,
    /// How many branches, loops and `try` stand around.
    branches: u32,
}

struct Lowering<'s> {
    source: &'s str,
    facts: Builder,
    place: Place,
    /// The function scopes around the current one, innermost last.
    around: Vec<ScopeId>,
    /// Code under `if TYPE_CHECKING:`.
    type_checking: Vec<Span>,
    /// Whether `TYPE_CHECKING` may be something of the file's own.
    owns_type_checking: bool,
}

impl<'s> Lowering<'s> {
    fn new(source: &'s str) -> Self {
        let place = Place {
            scope: Builder::MODULE,
            walrus: Builder::MODULE,
            function: None,
            receiver: None,
            elsewhere: Vec::new(),
            branches: 0,
        };
        Self {
            source,
            facts: Builder::new(),
            place,
            around: Vec::new(),
            type_checking: Vec::new(),
            owns_type_checking: false,
        }
    }

    fn finish(mut self) -> Facts {
        if !self.owns_type_checking {
            self.type_checking.into_iter().for_each(|span| self.facts.dead(span));
        }
        self.facts.finish()
    }

    /// Does something in another place and comes back.
    fn within<T>(&mut self, place: Place, work: impl FnOnce(&mut Self) -> T) -> T {
        let outer = std::mem::replace(&mut self.place, place);
        let result = work(self);
        self.place = outer;
        result
    }

    /// Does something that may not happen at run time.
    fn perhaps<T>(&mut self, at: Span, work: impl FnOnce(&mut Self) -> T) -> T {
        self.facts.block(at);
        self.place.branches += 1;
        let result = work(self);
        self.place.branches -= 1;
        result
    }

    /// Keeps an identifier. One that only becomes plain ASCII when Python normalises it was
    /// written to be overlooked.
    fn identifier(&mut self, name: &str, range: TextRange) -> NameId {
        let (start, end) = (range.start().to_usize(), range.end().to_usize());
        let written = self.source.get(start..end).unwrap_or(name);
        if name.is_ascii() && !written.is_ascii() {
            self.facts.note(Note {
                code: "scan/disguised-name",
                span: span(range),
                message: format!("`{name}` is written with look-alike characters"),
            });
        }
        self.facts.name(name)
    }

    fn named(&mut self, identifier: &Identifier) -> NameId {
        self.identifier(&identifier.id, identifier.range)
    }

    /// Binds a name where Python binds it.
    fn bind(&mut self, name: NameId, value: ExprId, at: u32) {
        let sent = self.place.elsewhere.iter().find(|(sent, _)| *sent == name);
        let (scope, certain) = match sent {
            Some((_, scope)) => (*scope, false),
            None => (self.place.scope, self.place.branches == 0),
        };
        self.facts.bind(Binding { scope, name, value, at, certain });
    }

    /// Records an expression that stands for a builtin, without being a mention of it.
    fn builtin(&mut self, name: &str, at: u32) -> ExprId {
        let nowhere = Span::new(at, at);
        let module = self.facts.constant(b"builtins");
        let module = self.facts.expr(Expr::Import(module, 0), nowhere);
        let name = self.facts.name(name);
        self.facts.expr(Expr::Attribute(module, name), nowhere)
    }

    /// Records a call.
    fn call(&mut self, callee: ExprId, arguments: &[ExprId], span: Span) -> ExprId {
        let list = self.facts.list(arguments);
        self.facts.expr(Expr::Call(callee, list), span)
    }

    /// Records `base[number]`.
    fn item(&mut self, base: ExprId, number: i64, span: Span) -> ExprId {
        let key = self.facts.expr(Expr::Integer(number), span);
        self.facts.expr(Expr::Index(base, key), span)
    }

    fn one_of(&mut self, members: &[ExprId], span: Span) -> ExprId {
        let list = self.facts.list(members);
        self.facts.expr(Expr::OneOf(list), span)
    }

    /// An annotation that is a text runs when somebody asks for what it means.
    fn written_annotation(&mut self, tree: &Tree) {
        let span = span_of(tree);
        let place = Span::new(span.start, span.start);
        let module = self.facts.constant(b"typing");
        let module = self.facts.expr(Expr::Import(module, 0), place);
        let name = self.facts.name("_eval_type");
        let evaluate = self.facts.expr(Expr::Attribute(module, name), place);
        let text = self.expression(tree);
        self.call(evaluate, &[text], span);
    }

    /// Records what an annotation names, none of which counts as a reference, unless something
    /// in it runs.
    fn annotation(&mut self, tree: &Tree) -> Option<ExprId> {
        if runs(tree) {
            return Some(self.expression(tree));
        }
        let mut texts = Vec::new();
        collect_calls(tree, &mut texts);
        for text in texts {
            self.written_annotation(text);
        }
        self.facts.dead(span_of(tree));
        let mut leaves = Vec::new();
        collect_names(tree, &mut leaves);
        let leaves: Vec<_> = leaves.into_iter().map(|leaf| self.expression(leaf)).collect();
        match leaves.as_slice() {
            [] => None,
            [one] => Some(*one),
            several => Some(self.one_of(several, span_of(tree))),
        }
    }
}

/// Collects the texts in an annotation that call something: who asks for annotations runs them.
#[expect(clippy::wildcard_enum_match_arm, reason = "texts in other places are no annotations")]
fn collect_calls<'t>(tree: &'t Tree, texts: &mut Vec<&'t Tree>) {
    match tree {
        Tree::StringLiteral(text) if text.value.to_str().contains('(') => texts.push(tree),
        Tree::Subscript(tree) => collect_calls(&tree.slice, texts),
        Tree::BinOp(tree) => {
            collect_calls(&tree.left, texts);
            collect_calls(&tree.right, texts);
        }
        Tree::Tuple(tree) => tree.elts.iter().for_each(|tree| collect_calls(tree, texts)),
        Tree::List(tree) => tree.elts.iter().for_each(|tree| collect_calls(tree, texts)),
        _ => {}
    }
}

/// Tells whether an annotation does more than name things.
fn runs(tree: &Tree) -> bool {
    match tree {
        Tree::Attribute(tree) => runs(&tree.value),
        Tree::Subscript(tree) => runs(&tree.value) || runs(&tree.slice),
        Tree::BinOp(tree) => runs(&tree.left) || runs(&tree.right),
        Tree::Starred(tree) => runs(&tree.value),
        Tree::UnaryOp(tree) => runs(&tree.operand),
        Tree::List(tree) => tree.elts.iter().any(runs),
        Tree::Tuple(tree) => tree.elts.iter().any(runs),
        Tree::Name(_)
        | Tree::StringLiteral(_)
        | Tree::BytesLiteral(_)
        | Tree::NumberLiteral(_)
        | Tree::BooleanLiteral(_)
        | Tree::NoneLiteral(_)
        | Tree::EllipsisLiteral(_) => false,
        Tree::BoolOp(_)
        | Tree::Named(_)
        | Tree::Lambda(_)
        | Tree::If(_)
        | Tree::Dict(_)
        | Tree::Set(_)
        | Tree::ListComp(_)
        | Tree::SetComp(_)
        | Tree::DictComp(_)
        | Tree::Generator(_)
        | Tree::Await(_)
        | Tree::Yield(_)
        | Tree::YieldFrom(_)
        | Tree::Compare(_)
        | Tree::Call(_)
        | Tree::FString(_)
        | Tree::TString(_)
        | Tree::Slice(_)
        | Tree::IpyEscapeCommand(_) => true,
    }
}

/// Collects the names in an annotation that does not run.
#[expect(clippy::wildcard_enum_match_arm, reason = "only what names something is of interest")]
fn collect_names<'t>(tree: &'t Tree, names: &mut Vec<&'t Tree>) {
    match tree {
        Tree::Name(_) | Tree::Attribute(_) => names.push(tree),
        Tree::Subscript(tree) => {
            collect_names(&tree.value, names);
            collect_names(&tree.slice, names);
        }
        Tree::BinOp(tree) => {
            collect_names(&tree.left, names);
            collect_names(&tree.right, names);
        }
        Tree::Tuple(tree) => tree.elts.iter().for_each(|tree| collect_names(tree, names)),
        Tree::List(tree) => tree.elts.iter().for_each(|tree| collect_names(tree, names)),
        _ => {}
    }
}
