//! The front-end for Lua: a reader of its own for Lua 5.1 to 5.4 and LuaJIT, in one pass.
//!
//! Lua's grammar fits on a page, so there is no parser to trust: the tree-sitter grammar is C and
//! recovers from what no Lua accepts, the parsers in Rust keep every space and recurse without
//! end. This one goes as deep as Lua itself does (200 levels) and refuses the rest.
//!
//! Each `local` opens a scope of its own, so that `local os = os` means what it says. Functions
//! that see a local from further in look through a scope around it: what they see is what it is
//! when they are called, not what it was where they stand.

mod expression;
mod lexer;
mod statement;

use std::collections::{BTreeMap, BTreeSet};

use self::lexer::{Lexer, Token};
use super::{Frontend, SourceFile, Unparsable};
use crate::scan::facts::{
    Binding, Builder, Exports, Expr, ExprId, Facts, FunctionId, NameId, Note, ScopeId, ScopeKind,
    Span,
};
use crate::scan::language::{self, Language};

/// The front-end.
#[derive(Debug)]
pub struct Lua;

/// How deep blocks and expressions nest at most, as in Lua itself.
const MOST_LEVELS: u32 = 200;

impl Frontend for Lua {
    fn language(&self) -> &'static Language {
        &language::lua::LUA
    }

    fn lower(&self, file: &SourceFile<'_>) -> Result<Facts, Unparsable> {
        let source = file.text()?;
        let source = source.strip_prefix('\u{feff}').unwrap_or(source);
        let mut reader = Reader::new(file.path, source)?;
        reader.block()?;
        if reader.token != Token::End {
            return Err(reader.wrong("a statement is expected"));
        }
        Ok(reader.finish())
    }
}

/// A local variable in sight.
#[derive(Debug, Clone, Copy)]
struct Local {
    name: NameId,
    /// The scope that it alone is bound in.
    scope: ScopeId,
    /// How many functions stand around it.
    level: u32,
}

struct Reader<'s> {
    lexer: Lexer<'s>,
    token: Token<'s>,
    span: Span,
    /// Where the word before ends.
    last_end: u32,
    facts: Builder,
    locals: Vec<Local>,
    /// The scopes through which functions see locals from further out.
    views: BTreeMap<ScopeId, ScopeId>,
    functions: Vec<FunctionId>,
    /// How many branches and loops stand around.
    branches: u32,
    levels: u32,
    /// What the file returns.
    returned: Vec<ExprId>,
    /// Globals that functions used before anything was bound to them.
    used_inside: BTreeSet<NameId>,
    /// Whether `_ENV`, in which global names are looked up, was given another value.
    is_env_replaced: bool,
    /// The name by which the file is required.
    module: String,
}

impl<'s> Reader<'s> {
    fn new(path: &str, source: &'s str) -> Result<Self, Unparsable> {
        let module = path.strip_suffix(".lua").unwrap_or(path);
        let module = module.strip_suffix("/init").unwrap_or(module).replace('/', ".");
        let mut reader = Self {
            lexer: Lexer::new(source),
            token: Token::End,
            span: Span::default(),
            last_end: 0,
            facts: Builder::new(),
            locals: Vec::new(),
            views: BTreeMap::new(),
            functions: Vec::new(),
            branches: 0,
            levels: 0,
            returned: Vec::new(),
            used_inside: BTreeSet::new(),
            is_env_replaced: false,
            module,
        };
        reader.advance()?;
        Ok(reader)
    }

    fn finish(mut self) -> Facts {
        let exports = Exports::Listed { names: Vec::new(), whole: self.returned };
        self.facts.export(exports);
        self.facts.finish()
    }

    fn advance(&mut self) -> Result<Token<'s>, Unparsable> {
        self.last_end = self.span.end;
        let (token, span) = self.lexer.next()?;
        self.span = span;
        Ok(std::mem::replace(&mut self.token, token))
    }

    fn wrong(&self, message: &str) -> Unparsable {
        Unparsable { message: message.to_owned(), span: self.span }
    }

    fn is_word(&self, word: &str) -> bool {
        matches!(self.token, Token::Word(found) if found == word)
    }

    fn is_mark(&self, mark: &str) -> bool {
        matches!(self.token, Token::Mark(found) if found == mark)
    }

    fn take_word(&mut self, word: &str) -> Result<bool, Unparsable> {
        let found = self.is_word(word);
        if found {
            self.advance()?;
        }
        Ok(found)
    }

    fn take_mark(&mut self, mark: &str) -> Result<bool, Unparsable> {
        let found = self.is_mark(mark);
        if found {
            self.advance()?;
        }
        Ok(found)
    }

    fn expect_word(&mut self, word: &str) -> Result<(), Unparsable> {
        if self.take_word(word)? {
            Ok(())
        } else {
            Err(self.wrong(&format!("`{word}` is expected")))
        }
    }

    fn expect_mark(&mut self, mark: &str) -> Result<(), Unparsable> {
        if self.take_mark(mark)? {
            Ok(())
        } else {
            Err(self.wrong(&format!("`{mark}` is expected")))
        }
    }

    /// Reads a name that is no keyword.
    fn expect_name(&mut self) -> Result<(NameId, &'s str), Unparsable> {
        let Token::Word(word) = self.token else { return Err(self.wrong("a name is expected")) };
        if is_keyword(word) {
            return Err(self.wrong("a name is expected"));
        }
        if !word.is_ascii() {
            let message = format!("`{word}` is a name that only some readers of Lua accept");
            self.facts.note(Note { code: "scan/disguised-name", span: self.span, message });
        }
        self.advance()?;
        Ok((self.facts.name(word), word))
    }

    /// Goes one level deeper.
    fn deeper<T>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, Unparsable>,
    ) -> Result<T, Unparsable> {
        if self.levels >= MOST_LEVELS {
            return Err(self.wrong("the file nests more deeply than Lua allows"));
        }
        self.levels += 1;
        let result = work(self);
        self.levels -= 1;
        result
    }

    /// Reads something that may not happen, or not only once, when the file runs.
    fn perhaps<T>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, Unparsable>,
    ) -> Result<T, Unparsable> {
        let start = self.span.start;
        self.branches += 1;
        let result = work(self);
        self.branches -= 1;
        self.facts.block(Span::new(start, self.last_end));
        result
    }

    fn level(&self) -> u32 {
        super::offset(self.functions.len())
    }

    fn find_local(&self, name: NameId) -> Option<Local> {
        self.locals.iter().rev().find(|local| local.name == name).copied()
    }

    /// Makes a name local, with a first value.
    fn declare(&mut self, name: NameId, value: ExprId, at: u32) {
        let scope = self.facts.scope(Builder::MODULE, ScopeKind::Function);
        let level = self.level();
        self.locals.push(Local { name, scope, level });
        self.facts.bind(Binding { scope, name, value, at, certain: true });
    }

    /// Records what a name stands for.
    fn variable(&mut self, name: NameId, text: &str, span: Span) -> ExprId {
        if let Some(local) = self.find_local(name) {
            return self.look_at(local, span);
        }
        let env = self.facts.name("_ENV");
        if text != "_ENV"
            && let Some(local) = self.find_local(env)
        {
            let env = self.look_at(local, Span::new(span.start, span.start));
            return self.facts.expr(Expr::Attribute(env, name), span);
        }
        let is_inside = !self.functions.is_empty();
        if is_inside {
            self.used_inside.insert(name);
        }
        let scope = if is_inside { self.view(Builder::MODULE) } else { Builder::MODULE };
        let global = self.facts.expr(Expr::Name(name, scope), span);
        if self.is_env_replaced && text != "_ENV" {
            let env = self.facts.expr(Expr::Name(env, scope), Span::new(span.start, span.start));
            let part = self.facts.expr(Expr::Attribute(env, name), span);
            return self.one_of(&[global, part], span);
        }
        global
    }

    fn look_at(&mut self, local: Local, span: Span) -> ExprId {
        let is_here = local.level == self.level();
        let scope = if is_here { local.scope } else { self.view(local.scope) };
        self.facts.expr(Expr::Name(local.name, scope), span)
    }

    fn view(&mut self, scope: ScopeId) -> ScopeId {
        if let Some(view) = self.views.get(&scope) {
            return *view;
        }
        let view = self.facts.scope(scope, ScopeKind::Function);
        self.views.insert(scope, view);
        view
    }

    /// Binds a name where it belongs.
    fn assign(&mut self, name: NameId, text: &str, value: ExprId, at: u32) {
        if let Some(local) = self.find_local(name) {
            let certain = local.level == self.level() && self.branches == 0;
            return self.facts.bind(Binding { scope: local.scope, name, value, at, certain });
        }
        self.is_env_replaced |= text == "_ENV";
        self.assign_global(name, value, at);
    }

    fn assign_global(&mut self, name: NameId, value: ExprId, at: u32) {
        // A function that ran before saw what the name meant before.
        let is_first = !self.used_inside.contains(&name);
        let certain = self.functions.is_empty() && self.branches == 0 && is_first;
        self.facts.bind(Binding { scope: Builder::MODULE, name, value, at, certain });
    }

    fn one_of(&mut self, members: &[ExprId], span: Span) -> ExprId {
        let list = self.facts.list(members);
        self.facts.expr(Expr::OneOf(list), span)
    }
}

fn is_keyword(word: &str) -> bool {
    matches!(
        word,
        "and"
            | "break"
            | "do"
            | "else"
            | "elseif"
            | "end"
            | "false"
            | "for"
            | "function"
            | "if"
            | "in"
            | "local"
            | "nil"
            | "not"
            | "or"
            | "repeat"
            | "return"
            | "then"
            | "true"
            | "until"
            | "while"
    )
}
