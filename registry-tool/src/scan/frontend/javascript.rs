//! The front-end for JavaScript and TypeScript: oxc's parser, and what its syntax tree says in
//! terms of facts.
//!
//! Types are erased: nothing in them is a reference, and an import that only types use is none
//! either, because imports count where what they bind is used. CommonJS and ES modules end up the
//! same: `exports` is the module of the file itself.
//!
//! | in the source | in the facts |
//! |---|---|
//! | `a["b"]` | `a.b` |
//! | `p.then(f)` | also `f(p)`: promises are what they resolve to |
//! | `new F(x)` | `F(x)`, or `F` itself, to which `this.a = …` in a function adds parts |
//! | `f({a: x})` | also `f(a=x)` |
//! | `with (o) …` | everything of `o` imported |
//! | `x.constructor.constructor` | `Function` |
//! | `[![]+[]][+[]]` and its like | the constant that it is |

#[expect(clippy::wildcard_enum_match_arm, reason = "the grammar has many kinds; few matter")]
mod binding;
mod class;
#[expect(clippy::wildcard_enum_match_arm, reason = "the grammar has many kinds; few matter")]
mod constant;
mod copy;
#[expect(clippy::wildcard_enum_match_arm, reason = "the grammar has many kinds; few matter")]
mod expression;
#[expect(clippy::wildcard_enum_match_arm, reason = "the grammar has many kinds; few matter")]
mod function;
mod jsx;
#[expect(clippy::wildcard_enum_match_arm, reason = "the grammar has many kinds; few matter")]
mod member;
#[expect(clippy::wildcard_enum_match_arm, reason = "the grammar has many kinds; few matter")]
mod module;
#[expect(clippy::wildcard_enum_match_arm, reason = "the grammar has many kinds; few matter")]
mod scope;
#[expect(clippy::wildcard_enum_match_arm, reason = "the grammar has many kinds; few matter")]
mod statement;

use std::collections::BTreeMap;

use oxc_allocator::Allocator;
use oxc_ast::ast::Program;
use oxc_parser::{ParseOptions, Parser};
use oxc_span::SourceType;

use self::scope::Region;
use super::{Frontend, SourceFile, Unparsable};
use crate::scan::facts::{
    Builder, ClassId, Exports, Expr, ExprId, Facts, FunctionId, NameId, Note, ScopeId, Span, Word,
};
use crate::scan::language::{self, Language};

/// The front-end.
#[derive(Debug)]
pub struct JavaScript;

impl Frontend for JavaScript {
    fn language(&self) -> &'static Language {
        &language::javascript::JAVASCRIPT
    }

    fn lower(&self, file: &SourceFile<'_>) -> Result<Facts, Unparsable> {
        let source = file.text()?;
        let mut first = None;
        for kind in kinds(file.path) {
            let allocator = Allocator::default();
            let options =
                ParseOptions { allow_return_outside_function: true, ..ParseOptions::default() };
            let parsed = Parser::new(&allocator, source, kind).with_options(options).parse();
            match problem(&parsed) {
                None => {
                    let name = file.path.rsplit('/').next().unwrap_or_default();
                    let mut lowering = Lowering::new(source, name);
                    lowering.program(&parsed.program);
                    return Ok(lowering.finish());
                }
                Some(problem) => {
                    first.get_or_insert(problem);
                }
            }
        }
        let nothing =
            || Unparsable { message: "the file cannot be read".to_owned(), span: Span::default() };
        Err(first.unwrap_or_else(nothing))
    }
}

/// The grammars that a file may be written in, the likeliest first.
fn kinds(path: &str) -> Vec<SourceType> {
    let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending);
    match ending {
        "ts" | "mts" | "cts" if path.ends_with(&format!(".d.{ending}")) => {
            vec![SourceType::ts(), SourceType::d_ts()]
        }
        "ts" | "mts" | "cts" => vec![SourceType::ts(), SourceType::ts().with_script(true)],
        "tsx" => vec![SourceType::tsx()],
        "mjs" => vec![SourceType::mjs().with_jsx(true)],
        _ => vec![
            SourceType::unambiguous().with_jsx(true),
            SourceType::script().with_jsx(true),
            SourceType::mjs().with_jsx(true),
        ],
    }
}

fn problem(parsed: &oxc_parser::ParserReturn<'_>) -> Option<Unparsable> {
    if !parsed.panicked && parsed.diagnostics.is_empty() {
        return None;
    }
    let Some(error) = parsed.diagnostics.iter().next() else {
        let message = "the parser gave up".to_owned();
        return Some(Unparsable { message, span: Span::default() });
    };
    let label = error.labels.first();
    let span = label.map_or_else(Span::default, |label| {
        Span::new(label.offset(), label.offset().saturating_add(label.len()))
    });
    Some(Unparsable { message: error.message.to_string(), span })
}

const fn span(span: oxc_span::Span) -> Span {
    Span::new(span.start, span.end)
}

/// Returns the place right before something: an expression there is no mention of anything.
const fn before(at: Span) -> Span {
    Span::new(at.start, at.start)
}

/// How many names of hexadecimal digits are no accident.
const MANGLED: usize = 4;

/// What `this` is.
#[derive(Debug, Clone, Copy)]
enum This {
    /// The global object, outside of functions.
    Global,
    /// An object of a class.
    Instance(ClassId),
    /// A class.
    Class(ClassId),
    /// An object of a function, or whatever this expression is.
    Expr(ExprId),
    /// The object that a hidden name is bound to.
    Hidden(NameId),
}

/// Where in the file the lowering stands.
#[derive(Debug, Clone)]
struct Place {
    scope: ScopeId,
    function: Option<FunctionId>,
    /// The innermost function that has `arguments`.
    arguments: Option<FunctionId>,
    this: This,
    /// The base class of the class around.
    base: Option<ExprId>,
    /// How many branches, loops and `try` stand around, in this function.
    branches: u32,
}

struct Lowering<'s> {
    source: &'s str,
    /// The name of the file, by which it imports itself.
    own_name: &'s str,
    facts: Builder,
    place: Place,
    regions: BTreeMap<ScopeId, Region>,
    exported: Vec<(NameId, ExprId)>,
    whole: Vec<ExprId>,
    /// The value of the last statement.
    result: Option<ExprId>,
    /// How many names were made up.
    hidden: u32,
}

impl<'s> Lowering<'s> {
    fn new(source: &'s str, own_name: &'s str) -> Self {
        let place = Place {
            scope: Builder::MODULE,
            function: None,
            arguments: None,
            this: This::Global,
            base: None,
            branches: 0,
        };
        Self {
            source,
            own_name,
            facts: Builder::new(),
            place,
            regions: BTreeMap::from([(Builder::MODULE, Region::default())]),
            exported: Vec::new(),
            whole: Vec::new(),
            result: None,
            hidden: 0,
        }
    }

    fn program(&mut self, program: &Program<'_>) {
        self.hoist_function(&program.body);
        self.statements(&program.body);
        self.look_for_mangling();
        for directive in &program.directives {
            let text = self.facts.text(&directive.expression.value, span(directive.span));
            self.result.get_or_insert(text);
        }
        // What code in a text gives is its last expression.
        if let Some(value) = self.result {
            let list = self.facts.list(&[value]);
            self.facts.expr(Expr::OneOf(list), Span::default());
        }
    }

    fn finish(mut self) -> Facts {
        self.bind_the_rest();
        let (names, whole) = (self.exported, self.whole);
        self.facts.export(Exports::Listed { names, whole });
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

    /// Keeps an identifier. One that is written with escapes was written to be overlooked.
    fn identifier(&mut self, name: &str, at: oxc_span::Span) -> NameId {
        let written = self.source.get(span_range(at)).unwrap_or_default();
        if written.contains('\\') {
            self.facts.note(Note {
                code: "scan/disguised-name",
                span: span(at),
                message: format!("`{name}` is written with escapes"),
            });
        }
        self.facts.name(name)
    }

    /// Names of hexadecimal digits are what obfuscators make: minifiers make short ones.
    fn look_for_mangling(&mut self) {
        let is_mangled = |name: &str| {
            let digits = name.strip_prefix("_0x").unwrap_or_default();
            digits.len() >= 4 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
        };
        let count = self.facts.names().filter(|name| is_mangled(name)).count();
        if count >= MANGLED {
            let message = format!("{count} names are made of digits, as obfuscators do");
            let (code, span) = ("scan/disguised-name", Span::default());
            self.facts.note(Note { code, span, message });
        }
    }

    /// Makes up a name that no program can write.
    fn hidden_name(&mut self) -> NameId {
        self.hidden += 1;
        let name = format!("#{}", self.hidden);
        self.facts.name(&name)
    }

    /// Records a path of names that starts at the global object, without mentioning it.
    fn global(&mut self, path: &[&str], at: Span) -> ExprId {
        let at = before(at);
        let module = self.facts.constant(b"globalThis");
        let module = self.facts.expr(Expr::Import(module, 0), at);
        path.iter().fold(module, |base, name| {
            let name = self.facts.name(name);
            self.facts.expr(Expr::Attribute(base, name), at)
        })
    }

    /// Records a call.
    fn call(&mut self, callee: ExprId, arguments: &[ExprId], at: Span) -> ExprId {
        let list = self.facts.list(arguments);
        self.facts.expr(Expr::Call(callee, list), at)
    }

    /// Records `base[number]`.
    fn item(&mut self, base: ExprId, number: usize, at: Span) -> ExprId {
        let number = i64::try_from(number).unwrap_or(i64::MAX);
        let key = self.facts.expr(Expr::Integer(number), at);
        self.facts.expr(Expr::Index(base, key), at)
    }

    fn one_of(&mut self, members: &[ExprId], at: Span) -> ExprId {
        if let [one] = members {
            return *one;
        }
        let list = self.facts.list(members);
        self.facts.expr(Expr::OneOf(list), at)
    }

    fn nothing(&mut self, at: Span) -> ExprId {
        self.facts.expr(Expr::Word(Word::None), at)
    }
}

fn span_range(at: oxc_span::Span) -> std::ops::Range<usize> {
    let place = |offset: u32| usize::try_from(offset).unwrap_or(usize::MAX);
    place(at.start)..place(at.end)
}
