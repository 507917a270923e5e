//! Expressions of Lua.

use super::super::{Unparsable, offset};
use super::lexer::Token;
use super::{Reader, is_keyword};
use crate::scan::facts::{
    Expr, ExprId, Function, NameId, Note, Operator, Parameter, ParameterKind, Receiver, Span, Word,
};

/// What stands in front of `=`, or is a statement by itself.
pub(super) enum Suffixed {
    /// A name, or anything in parentheses.
    Whole(ExprId),
    /// A part that was not looked at yet: `base[key]`.
    Part(ExprId, ExprId),
    /// A call.
    Call(ExprId),
}

/// A part whose expression is not recorded yet: the base, and a name or a key.
enum Pending {
    Name(ExprId, NameId, Span),
    Key(ExprId, ExprId, Span),
}

/// Functions whose results are all of what stands in a list.
const SPREADING: [&str; 2] = ["unpack", "select"];

impl Reader<'_> {
    /// Reads expressions with commas between them.
    pub(super) fn expressions(&mut self) -> Result<Vec<ExprId>, Unparsable> {
        let mut list = vec![self.expression()?];
        while self.take_mark(",")? {
            if let Some(last) = list.last_mut() {
                *last = self.one_value(*last);
            }
            list.push(self.expression()?);
        }
        Ok(list)
    }

    /// Only the last of several expressions stands for more than one value.
    fn one_value(&mut self, expr: ExprId) -> ExprId {
        let Expr::Spread(inner) = self.facts.get(expr) else { return expr };
        self.nth(inner, 1, Span::new(self.last_end, self.last_end))
    }

    pub(super) fn nth(&mut self, base: ExprId, number: i64, span: Span) -> ExprId {
        let key = self.facts.expr(Expr::Integer(number), span);
        self.facts.expr(Expr::Index(base, key), span)
    }

    pub(super) fn expression(&mut self) -> Result<ExprId, Unparsable> {
        self.operation(0)
    }

    /// Reads operators that bind more tightly than `limit`.
    fn operation(&mut self, limit: u8) -> Result<ExprId, Unparsable> {
        self.deeper(|reader| {
            let start = reader.span.start;
            let mut left = reader.prefixed()?;
            while let Some((before, after, operator)) = reader.operator() {
                if before <= limit {
                    break;
                }
                left = reader.one_value(left);
                left = reader.combine(left, start, after, operator)?;
            }
            Ok(left)
        })
    }

    /// Returns how tightly an operator binds on both sides.
    fn operator(&self) -> Option<(u8, u8, &'static str)> {
        Some(match self.token {
            Token::Word("or") => (1, 1, "or"),
            Token::Word("and") => (2, 2, "and"),
            Token::Mark(mark) => match mark {
                "<" | ">" | "<=" | ">=" | "~=" | "==" => (3, 3, mark),
                "|" => (4, 4, mark),
                "~" => (5, 5, mark),
                "&" => (6, 6, mark),
                "<<" | ">>" => (7, 7, mark),
                ".." => (9, 9, mark),
                "+" | "-" => (10, 10, mark),
                "*" | "/" | "//" | "%" => (11, 11, mark),
                "^" => (14, 13, mark),
                _ => return None,
            },
            Token::Word(_) | Token::Text(_) | Token::Integer(_) | Token::Number | Token::End => {
                return None;
            }
        })
    }

    fn combine(
        &mut self,
        left: ExprId,
        start: u32,
        limit: u8,
        operator: &'static str,
    ) -> Result<ExprId, Unparsable> {
        let mut operands = vec![left];
        let is_chain = matches!(operator, ".." | "+" | "and" | "or");
        loop {
            self.advance()?;
            let operand = self.operation(limit)?;
            operands.push(self.one_value(operand));
            if !is_chain || self.operator().is_none_or(|(_, _, next)| next != operator) {
                break;
            }
        }
        let span = Span::new(start, self.last_end);
        let list = self.facts.list(&operands);
        let right = operands.last().copied().unwrap_or(left);
        Ok(self.facts.expr(
            match operator {
                "or" | "and" => Expr::OneOf(list),
                ".." => Expr::Template(list),
                "+" => Expr::Sum(list),
                _ => Expr::Binary(kind(operator), left, right),
            },
            span,
        ))
    }

    fn prefixed(&mut self) -> Result<ExprId, Unparsable> {
        let start = self.span.start;
        let is_minus = self.is_mark("-");
        if !is_minus && !self.is_mark("#") && !self.is_mark("~") && !self.is_word("not") {
            return self.simple();
        }
        self.advance()?;
        let operand = self.operation(12)?;
        let span = Span::new(start, self.last_end);
        if let (Expr::Integer(number), true) = (self.facts.get(operand), is_minus) {
            return Ok(self.facts.expr(Expr::Integer(number.wrapping_neg()), span));
        }
        Ok(self.facts.unknown(span))
    }

    fn simple(&mut self) -> Result<ExprId, Unparsable> {
        let span = self.span;
        let expr = match &self.token {
            Token::Integer(number) => Expr::Integer(*number),
            Token::Number => Expr::Unknown,
            Token::Text(text) => {
                let text = text.clone();
                self.advance()?;
                return Ok(self.constant(&text, span));
            }
            Token::Word("nil") => Expr::Word(Word::None),
            Token::Word("true") => Expr::Word(Word::True),
            Token::Word("false") => Expr::Word(Word::False),
            Token::Word("function") => {
                self.advance()?;
                return self.function_body(span.start, false);
            }
            Token::Mark("{") => return self.constructor(),
            Token::Mark("...") => {
                self.advance()?;
                return Ok(self.rest_arguments(span));
            }
            Token::Word(_) | Token::Mark(_) | Token::End => {
                return match self.suffixed(false)? {
                    Suffixed::Whole(expr) | Suffixed::Call(expr) | Suffixed::Part(expr, _) => {
                        Ok(expr)
                    }
                };
            }
        };
        self.advance()?;
        Ok(self.facts.expr(expr, span))
    }

    fn constant(&mut self, text: &[u8], span: Span) -> ExprId {
        if text.starts_with(b"\x1bL") {
            let message = "a text is byte code, which says less than source and does the same";
            let (code, message) = ("scan/byte-code", message.to_owned());
            self.facts.note(Note { code, span, message });
        }
        let text = self.facts.constant(text);
        self.facts.expr(Expr::Text(text), span)
    }

    /// `...`: the further arguments of the function, or the name that the file is required by.
    fn rest_arguments(&mut self, span: Span) -> ExprId {
        let name = self.facts.name("...");
        let inner = match self.find_local(name) {
            Some(local) => self.look_at(local, span),
            None => {
                let module = self.module.clone();
                let module = self.facts.text(&module, span);
                let list = self.facts.list(&[module]);
                self.facts.expr(Expr::Items(list), span)
            }
        };
        self.facts.expr(Expr::Spread(inner), span)
    }

    /// Reads a name or parentheses, and the parts and calls behind it.
    #[expect(clippy::wildcard_enum_match_arm, reason = "only what is named is of interest")]
    pub(super) fn suffixed(&mut self, is_statement: bool) -> Result<Suffixed, Unparsable> {
        let start = self.span.start;
        let mut expr = self.primary()?;
        let mut pending = None;
        let mut is_call = false;
        loop {
            let is_suffix = match &self.token {
                Token::Mark(mark) => matches!(*mark, "." | "[" | ":" | "(" | "{"),
                Token::Text(_) => true,
                Token::Word(_) | Token::Integer(_) | Token::Number | Token::End => false,
            };
            if !is_suffix {
                break;
            }
            if let Some(part) = pending.take() {
                expr = self.part(part);
            }
            is_call = false;
            match self.token {
                Token::Mark(".") => {
                    self.advance()?;
                    let (name, _) = self.expect_name()?;
                    pending = Some(Pending::Name(expr, name, Span::new(start, self.last_end)));
                }
                Token::Mark("[") => {
                    self.advance()?;
                    let key = self.expression()?;
                    let key = self.one_value(key);
                    self.expect_mark("]")?;
                    pending = Some(Pending::Key(expr, key, Span::new(start, self.last_end)));
                }
                Token::Mark(":") => {
                    self.advance()?;
                    let (name, _) = self.expect_name()?;
                    let span = Span::new(start, self.last_end);
                    let callee = self.facts.expr(Expr::Attribute(expr, name), span);
                    expr = self.arguments(start, callee, Some(expr))?;
                    is_call = true;
                }
                _ => {
                    expr = self.arguments(start, expr, None)?;
                    is_call = true;
                }
            }
        }
        Ok(match pending {
            Some(Pending::Key(base, key, _)) if is_statement => Suffixed::Part(base, key),
            Some(Pending::Name(base, name, span)) if is_statement => {
                let text = self.facts.get_name(name).to_owned();
                let key = self.facts.text(&text, Span::new(span.end, span.end));
                Suffixed::Part(base, key)
            }
            Some(part) => Suffixed::Whole(self.part(part)),
            None if is_call => Suffixed::Call(expr),
            None => Suffixed::Whole(expr),
        })
    }

    fn part(&mut self, part: Pending) -> ExprId {
        match part {
            Pending::Name(base, name, span) => self.facts.expr(Expr::Attribute(base, name), span),
            Pending::Key(base, key, span) => self.facts.expr(Expr::Index(base, key), span),
        }
    }

    fn primary(&mut self) -> Result<ExprId, Unparsable> {
        let span = self.span;
        if self.take_mark("(")? {
            let inner = self.expression()?;
            self.expect_mark(")")?;
            return Ok(self.one_value(inner));
        }
        let Token::Word(word) = self.token else {
            return Err(self.wrong("an expression is expected"));
        };
        if is_keyword(word) {
            return Err(self.wrong("an expression is expected"));
        }
        let (name, text) = self.expect_name()?;
        Ok(self.variable(name, text, span))
    }

    /// Reads the arguments of a call; a method gets its object first.
    fn arguments(
        &mut self,
        start: u32,
        callee: ExprId,
        object: Option<ExprId>,
    ) -> Result<ExprId, Unparsable> {
        let mut arguments: Vec<_> = object.into_iter().collect();
        if let Token::Text(text) = self.token.clone() {
            let span = self.span;
            self.advance()?;
            arguments.push(self.constant(&text, span));
        } else if self.is_mark("{") {
            arguments.push(self.constructor()?);
        } else {
            self.expect_mark("(")?;
            if !self.is_mark(")") {
                let given = self.deeper(Self::expressions)?;
                arguments.extend(given);
            }
            self.expect_mark(")")?;
        }
        let call = self.call(callee, &arguments, Span::new(start, self.last_end));
        Ok(if self.spreads(callee) {
            self.facts.expr(Expr::Spread(call), Span::new(start, self.last_end))
        } else {
            call
        })
    }

    /// Tells whether all results of a function are the items of one list.
    fn spreads(&mut self, callee: ExprId) -> bool {
        let (Expr::Name(name, _) | Expr::Attribute(_, name)) = self.facts.get(callee) else {
            return false;
        };
        SPREADING.contains(&self.facts.get_name(name))
    }

    pub(super) fn call(&mut self, callee: ExprId, arguments: &[ExprId], span: Span) -> ExprId {
        let list = self.facts.list(arguments);
        self.facts.expr(Expr::Call(callee, list), span)
    }

    /// Records an expression that stands for a function of Lua, without being a mention of it.
    pub(super) fn builtin(&mut self, name: &str, span: Span) -> ExprId {
        let module = self.facts.constant(b"_G");
        let module = self.facts.expr(Expr::Import(module, 0), span);
        let name = self.facts.name(name);
        self.facts.expr(Expr::Attribute(module, name), span)
    }

    /// `{a, b = c, [d] = e}`: a record; what has no key is numbered from 1.
    fn constructor(&mut self) -> Result<ExprId, Unparsable> {
        let start = self.span.start;
        self.expect_mark("{")?;
        let (mut members, mut number) = (Vec::new(), 0);
        while !self.is_mark("}") {
            let at = self.span;
            let (key, value) = self.deeper(Self::field)?;
            let key = match key {
                Some(key) => key,
                None => {
                    number += 1;
                    self.facts.expr(Expr::Integer(number), Span::new(at.start, at.start))
                }
            };
            let is_last = !self.take_mark(",")? && !self.take_mark(";")?;
            let span = Span::new(at.start, self.last_end);
            let is_spread = matches!(self.facts.get(value), Expr::Spread(_));
            if is_spread && (is_last || self.is_mark("}")) {
                members.push(value);
            } else {
                let value = self.one_value(value);
                members.push(self.facts.expr(Expr::Pair(key, value), span));
            }
            if is_last {
                break;
            }
        }
        self.expect_mark("}")?;
        let list = self.facts.list(&members);
        Ok(self.facts.expr(Expr::Record(list), Span::new(start, self.last_end)))
    }

    fn field(&mut self) -> Result<(Option<ExprId>, ExprId), Unparsable> {
        let at = self.span;
        if self.take_mark("[")? {
            let key = self.expression()?;
            let key = self.one_value(key);
            self.expect_mark("]")?;
            self.expect_mark("=")?;
            return Ok((Some(key), self.expression()?));
        }
        if let Token::Word(word) = self.token
            && !is_keyword(word)
            && self.lexer.clone().next()?.0 == Token::Mark("=")
        {
            self.advance()?;
            self.advance()?;
            let key = self.facts.text(word, Span::new(at.start, at.start));
            return Ok((Some(key), self.expression()?));
        }
        Ok((None, self.expression()?))
    }

    /// Reads parameters and body of a function, behind its name.
    pub(super) fn function_body(
        &mut self,
        start: u32,
        is_method: bool,
    ) -> Result<ExprId, Unparsable> {
        self.expect_mark("(")?;
        let mut parameters = Vec::new();
        if is_method {
            parameters.push((self.facts.name("self"), ParameterKind::Plain));
        }
        while !self.is_mark(")") {
            if self.take_mark("...")? {
                parameters.push((self.facts.name("..."), ParameterKind::Rest));
                break;
            }
            parameters.push((self.expect_name()?.0, ParameterKind::Plain));
            if !self.take_mark(",")? {
                break;
            }
        }
        self.expect_mark(")")?;
        let parameter = |(name, kind): &(NameId, ParameterKind)| Parameter {
            name: *name,
            kind: *kind,
            default: None,
            annotation: None,
        };
        let id = self.facts.function(Function {
            scope: crate::scan::facts::Builder::MODULE,
            parameters: parameters.iter().map(parameter).collect(),
            returns: Vec::new(),
            generates: false,
            receiver: Receiver::None,
            class: None,
        });
        let (locals, branches) = (self.locals.len(), std::mem::take(&mut self.branches));
        self.functions.push(id);
        let nowhere = Span::new(start, start);
        for (number, (name, _)) in parameters.into_iter().enumerate() {
            let value = self.facts.expr(Expr::Parameter(id, offset(number)), nowhere);
            self.declare(name, value, start);
        }
        let body = self.block();
        self.functions.pop();
        self.locals.truncate(locals);
        self.branches = branches;
        body?;
        self.expect_word("end")?;
        Ok(self.facts.expr(Expr::Function(id), Span::new(start, self.last_end)))
    }
}

fn kind(operator: &str) -> Operator {
    match operator {
        "-" => Operator::Subtract,
        "*" => Operator::Multiply,
        "/" | "//" => Operator::Divide,
        "%" => Operator::Modulo,
        "~" => Operator::Xor,
        "<<" => Operator::ShiftLeft,
        ">>" => Operator::ShiftRight,
        "|" => Operator::Or,
        "&" => Operator::And,
        _ => Operator::Other,
    }
}
