//! Statements of Lua: what they bind and what they store.

use super::super::Unparsable;
use super::Reader;
use super::expression::Suffixed;
use super::lexer::Token;
use crate::scan::facts::{Expr, ExprId, NameId, Span, Store, Word};

/// What is assigned to.
enum Target<'s> {
    Name(NameId, &'s str),
    Part(ExprId, ExprId),
}

impl<'s> Reader<'s> {
    /// Reads statements up to the word that ends them; their locals go out of sight.
    pub(super) fn block(&mut self) -> Result<(), Unparsable> {
        self.deeper(|reader| {
            let (locals, branches) = (reader.locals.len(), reader.branches);
            let result = reader.statements();
            reader.locals.truncate(locals);
            reader.branches = branches;
            result
        })
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "only what is named is of interest")]
    fn statements(&mut self) -> Result<(), Unparsable> {
        loop {
            match self.token {
                Token::End | Token::Word("end" | "else" | "elseif" | "until") => return Ok(()),
                Token::Word("return") => return self.result(),
                _ => self.statement()?,
            }
        }
    }

    fn statement(&mut self) -> Result<(), Unparsable> {
        let Token::Word(word) = self.token else {
            if self.take_mark(";")? {
                return Ok(());
            }
            if self.take_mark("::")? {
                self.expect_name()?;
                // What stands behind a label may run more than once.
                self.branches += 1;
                return self.expect_mark("::");
            }
            return self.assignment();
        };
        match word {
            "local" => self.local(),
            "function" => self.function_statement(),
            "if" => self.condition(),
            "while" => {
                self.advance()?;
                self.perhaps(|reader| {
                    reader.expression()?;
                    reader.expect_word("do")?;
                    reader.block()
                })?;
                self.expect_word("end")
            }
            "repeat" => self.repetition(),
            "for" => self.loop_over(),
            "do" => {
                self.advance()?;
                self.block()?;
                self.expect_word("end")
            }
            "break" => self.advance().map(drop),
            "goto" => self.jump(),
            _ => self.assignment(),
        }
    }

    /// `goto` is a name like any other before Lua 5.2.
    fn jump(&mut self) -> Result<(), Unparsable> {
        let mut ahead = self.lexer.clone();
        if !matches!(ahead.next()?.0, Token::Word(word) if !super::is_keyword(word)) {
            return self.assignment();
        }
        self.advance()?;
        self.expect_name().map(drop)
    }

    fn condition(&mut self) -> Result<(), Unparsable> {
        loop {
            self.advance()?;
            self.expression()?;
            self.expect_word("then")?;
            self.perhaps(Self::block)?;
            if !self.is_word("elseif") {
                break;
            }
        }
        if self.take_word("else")? {
            self.perhaps(Self::block)?;
        }
        self.expect_word("end")
    }

    fn repetition(&mut self) -> Result<(), Unparsable> {
        self.advance()?;
        self.perhaps(|reader| {
            let locals = reader.locals.len();
            // What is local inside is in sight of the condition.
            let result = reader.deeper(Self::statements);
            let result = result.and_then(|()| reader.expect_word("until"));
            let result = result.and_then(|()| reader.expression().map(drop));
            reader.locals.truncate(locals);
            result
        })
    }

    fn loop_over(&mut self) -> Result<(), Unparsable> {
        self.advance()?;
        let mut names = vec![self.expect_name()?.0];
        while self.take_mark(",")? {
            names.push(self.expect_name()?.0);
        }
        let (locals, start) = (self.locals.len(), self.span.start);
        let values = if self.take_mark("=")? {
            self.count(start)?
        } else {
            self.expect_word("in")?;
            self.iterate(names.len())?
        };
        self.expect_word("do")?;
        self.perhaps(|reader| {
            let at = reader.span.start;
            for (name, value) in names.into_iter().zip(values) {
                reader.declare(name, value, at);
            }
            reader.block()
        })?;
        self.locals.truncate(locals);
        self.expect_word("end")
    }

    /// `for i = first, last, step`
    fn count(&mut self, start: u32) -> Result<Vec<ExprId>, Unparsable> {
        let mut bounds = self.expressions()?;
        let span = Span::new(start, self.last_end);
        // Lua's last number counts, that of a range does not.
        let is_downwards = bounds
            .get(2)
            .is_some_and(|step| matches!(self.facts.get(*step), Expr::Integer(step) if step < 0));
        if let Some(last) = bounds.get_mut(1) {
            let one = self.facts.expr(Expr::Integer(if is_downwards { -1 } else { 1 }), span);
            let sum = self.facts.list(&[*last, one]);
            *last = self.facts.expr(Expr::Sum(sum), span);
        }
        let nowhere = Span::new(start, start);
        let range = self.builtin("range", nowhere);
        let range = self.call(range, &bounds, nowhere);
        Ok(vec![self.facts.expr(Expr::Element(range), nowhere)])
    }

    /// `for k, v in pairs(t)`, or in what any other iterator gives.
    fn iterate(&mut self, count: usize) -> Result<Vec<ExprId>, Unparsable> {
        let sources = self.expressions()?;
        let at = Span::new(self.last_end, self.last_end);
        let Some(source) = sources.first().copied() else { return Ok(Vec::new()) };
        // `next, t` is what `pairs(t)` gives.
        let source = match sources.get(1) {
            Some(table) => {
                let pairs = self.builtin("pairs", at);
                self.call(pairs, &[*table], at)
            }
            None => source,
        };
        let element = self.facts.expr(Expr::Element(source), at);
        let numbers = (1_i64..).take(count);
        Ok(numbers.map(|number| self.nth(element, number, at)).collect())
    }

    fn local(&mut self) -> Result<(), Unparsable> {
        self.advance()?;
        if self.take_word("function")? {
            let start = self.span.start;
            let (name, _) = self.expect_name()?;
            // The function sees itself.
            let nothing = self.facts.expr(Expr::Word(Word::None), Span::new(start, start));
            self.declare(name, nothing, start);
            let function = self.function_body(start, false)?;
            self.assign(name, "", function, start);
            return Ok(());
        }
        let mut names = Vec::new();
        loop {
            names.push(self.expect_name()?.0);
            if self.take_mark("<")? {
                self.expect_name()?;
                self.expect_mark(">")?;
            }
            if !self.take_mark(",")? {
                break;
            }
        }
        let values = if self.take_mark("=")? { self.expressions()? } else { Vec::new() };
        let values = self.distribute(&values, names.len());
        let at = self.last_end;
        for (name, value) in names.into_iter().zip(values) {
            self.declare(name, value, at);
        }
        Ok(())
    }

    /// `function a.b:c() … end`
    fn function_statement(&mut self) -> Result<(), Unparsable> {
        let start = self.span.start;
        self.advance()?;
        let (name, text) = self.expect_name()?;
        if self.is_mark("(") {
            let function = self.function_body(start, false)?;
            self.assign(name, text, function, start);
            return Ok(());
        }
        let mut base = self.variable(name, text, Span::new(start, self.last_end));
        loop {
            let is_method = self.is_mark(":");
            if !is_method && !self.is_mark(".") {
                return Err(self.wrong("`(` is expected"));
            }
            self.advance()?;
            let (part, part_text) = self.expect_name()?;
            let span = Span::new(start, self.last_end);
            if !is_method && !self.is_mark("(") {
                base = self.facts.expr(Expr::Attribute(base, part), span);
                continue;
            }
            let key = self.facts.text(part_text, Span::new(start, start));
            let value = self.function_body(start, is_method)?;
            self.facts.store(Store { base, key, value });
            if text == "_G" && self.find_local(name).is_none() {
                self.assign_global(part, value, start);
            }
            return Ok(());
        }
    }

    fn result(&mut self) -> Result<(), Unparsable> {
        self.advance()?;
        let is_empty = matches!(
            self.token,
            Token::End | Token::Mark(";") | Token::Word("end" | "else" | "elseif" | "until")
        );
        let values = if is_empty { Vec::new() } else { self.expressions()? };
        self.take_mark(";")?;
        match self.functions.last().copied().and_then(|id| self.facts.function_mut(id)) {
            Some(function) => function.returns.extend(values),
            None => self.returned.extend(values),
        }
        if matches!(self.token, Token::End | Token::Word("end" | "else" | "elseif" | "until")) {
            return Ok(());
        }
        Err(self.wrong("nothing may stand behind `return`"))
    }

    /// A call, or `a, b.c, d[e] = x, y`.
    fn assignment(&mut self) -> Result<(), Unparsable> {
        let mut targets = vec![self.target()?];
        if !self.is_mark("=") && !self.is_mark(",") {
            let is_call = targets.first().is_some_and(Option::is_none);
            return if is_call { Ok(()) } else { Err(self.wrong("`=` is expected")) };
        }
        while self.take_mark(",")? {
            targets.push(self.target()?);
        }
        self.expect_mark("=")?;
        let values = self.expressions()?;
        let values = self.distribute(&values, targets.len());
        let at = self.last_end;
        for (target, value) in targets.into_iter().zip(values) {
            match target {
                Some(Target::Name(name, text)) => self.assign(name, text, value, at),
                Some(Target::Part(base, key)) => self.store(base, key, value, at),
                None => return Err(self.wrong("a call cannot be assigned to")),
            }
        }
        Ok(())
    }

    /// Reads what may be assigned to; a call is nothing of that kind.
    fn target(&mut self) -> Result<Option<Target<'s>>, Unparsable> {
        // A name that gets a value is no mention of what it stands for.
        let ahead = self.lexer.clone().next()?.0;
        if matches!(self.token, Token::Word(_)) && matches!(ahead, Token::Mark("=" | ",")) {
            let (name, text) = self.expect_name()?;
            return Ok(Some(Target::Name(name, text)));
        }
        match self.suffixed(true)? {
            Suffixed::Part(base, key) => Ok(Some(Target::Part(base, key))),
            Suffixed::Call(_) => Ok(None),
            Suffixed::Whole(_) => Err(self.wrong("`=` is expected")),
        }
    }

    fn store(&mut self, base: ExprId, key: ExprId, value: ExprId, at: u32) {
        self.facts.store(Store { base, key, value });
        if let Expr::Text(text) = self.facts.get(key) {
            // Rules are about what is replaced, such as `package.path=`.
            let span = Span::new(self.facts.span(base).start, self.facts.span(key).end);
            let name = String::from_utf8_lossy(self.facts.get_text(text)).into_owned() + "=";
            let name = self.facts.name(&name);
            self.facts.expr(Expr::Attribute(base, name), span);
        }
        let Expr::Name(name, _) = self.facts.get(base) else { return };
        let is_table = self.facts.name("_G") == name || self.facts.name("_ENV") == name;
        let is_free = self.find_local(name).is_none();
        if let (true, Expr::Text(text)) = (is_table && is_free, self.facts.get(key)) {
            let text = String::from_utf8_lossy(self.facts.get_text(text)).into_owned();
            let name = self.facts.name(&text);
            self.assign_global(name, value, at);
        }
    }

    /// Tells whether the first result of a call only says if it succeeded.
    fn says_whether(&self, call: ExprId) -> bool {
        let Expr::Call(callee, _) = self.facts.get(call) else { return false };
        let (Expr::Name(name, _) | Expr::Attribute(_, name)) = self.facts.get(callee) else {
            return false;
        };
        matches!(self.facts.get_name(name), "pcall" | "xpcall" | "resume")
    }

    /// Hands values out: what lacks one gets what the last call gives, or nothing.
    fn distribute(&mut self, values: &[ExprId], count: usize) -> Vec<ExprId> {
        let at = Span::new(self.last_end, self.last_end);
        let mut out: Vec<_> = values.iter().copied().take(count).collect();
        let last = values.last().copied();
        while out.len() < count {
            let next = match last.map(|last| (last, self.facts.get(last))) {
                Some((_, Expr::Spread(inner))) => {
                    let number = i64::try_from(out.len() + 2 - values.len()).unwrap_or(1);
                    self.nth(inner, number, at)
                }
                // All that a function returns is one value here.
                Some((last, Expr::Call(..))) => last,
                _ => self.facts.expr(Expr::Word(Word::None), at),
            };
            out.push(next);
        }
        if let ([call], true) = (values, count > 1)
            && self.says_whether(*call)
            && let Some(first) = out.first_mut()
        {
            *first = self.facts.unknown(at);
        }
        for value in &mut out {
            if let Expr::Spread(inner) = self.facts.get(*value) {
                *value = self.nth(inner, 1, at);
            }
        }
        out
    }
}
