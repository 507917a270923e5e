//! The words of Lua: versions 5.1 to 5.4 and LuaJIT.

use super::super::{Unparsable, offset};
use crate::scan::facts::Span;

/// A word.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token<'s> {
    /// A name or keyword.
    Word(&'s str),
    /// A text, its escapes read.
    Text(Vec<u8>),
    /// A whole number.
    Integer(i64),
    /// Any other number.
    Number,
    /// An operator, bracket or separator.
    Mark(&'static str),
    /// The end of the file.
    End,
}

/// Marks, those that are longer first.
const MARKS: [&str; 33] = [
    "...", "..", "==", "~=", "<=", ">=", "//", "::", "<<", ">>", "+", "-", "*", "/", "%", "^", "#",
    "&", "~", "|", "<", ">", "=", "(", ")", "{", "}", "[", "]", ";", ":", ",", ".",
];

/// Reads words one by one.
#[derive(Debug, Clone)]
pub(super) struct Lexer<'s> {
    source: &'s str,
    at: usize,
}

impl<'s> Lexer<'s> {
    pub(super) fn new(source: &'s str) -> Self {
        // The first line may be for the system that starts the file.
        let at =
            if source.starts_with('#') { source.find('\n').unwrap_or(source.len()) } else { 0 };
        Self { source, at }
    }

    fn rest(&self) -> &'s str {
        self.source.get(self.at..).unwrap_or_default()
    }

    fn byte(&self, ahead: usize) -> u8 {
        self.source.as_bytes().get(self.at + ahead).copied().unwrap_or(0)
    }

    fn wrong(&self, start: usize, message: &str) -> Unparsable {
        let span = Span::new(offset(start), offset(self.at));
        Unparsable { message: message.to_owned(), span }
    }

    /// Returns the next word and where it stands.
    pub(super) fn next(&mut self) -> Result<(Token<'s>, Span), Unparsable> {
        self.skip_space()?;
        let start = self.at;
        let token = self.token(start)?;
        Ok((token, Span::new(offset(start), offset(self.at))))
    }

    fn token(&mut self, start: usize) -> Result<Token<'s>, Unparsable> {
        let rest = self.rest();
        let Some(first) = rest.bytes().next() else { return Ok(Token::End) };
        if first.is_ascii_alphabetic() || first == b'_' || first >= 128 {
            let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_' || !c.is_ascii();
            let end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
            self.at += end;
            return Ok(Token::Word(rest.get(..end).unwrap_or_default()));
        }
        if first.is_ascii_digit() || first == b'.' && self.byte(1).is_ascii_digit() {
            return Ok(self.number());
        }
        if first == b'"' || first == b'\'' {
            return self.quoted(start, first);
        }
        if let Some(level) = self.long_level() {
            return Ok(Token::Text(self.long(start, level)?.as_bytes().to_vec()));
        }
        let Some(mark) = MARKS.into_iter().find(|mark| rest.starts_with(mark)) else {
            return Err(self.wrong(start, "a character that Lua does not know"));
        };
        self.at += mark.len();
        Ok(Token::Mark(mark))
    }

    fn skip_space(&mut self) -> Result<(), Unparsable> {
        loop {
            let start = self.at;
            let rest = self.rest();
            self.at += rest.len()
                - rest.trim_start_matches([' ', '\t', '\r', '\n', '\u{b}', '\u{c}']).len();
            if !self.rest().starts_with("--") {
                return Ok(());
            }
            self.at += 2;
            if let Some(level) = self.long_level() {
                self.long(start, level)?;
            } else {
                self.at += self.rest().find('\n').unwrap_or(self.rest().len());
            }
        }
    }

    /// Returns the level of a long bracket that starts here.
    fn long_level(&self) -> Option<usize> {
        let inside = self.rest().strip_prefix('[')?;
        let level = inside.len() - inside.trim_start_matches('=').len();
        inside.get(level..)?.starts_with('[').then_some(level)
    }

    fn long(&mut self, start: usize, level: usize) -> Result<&'s str, Unparsable> {
        self.at += level + 2;
        let inside = self.rest();
        let Some(length) = inside.find(&format!("]{}]", "=".repeat(level))) else {
            self.at = self.source.len();
            return Err(self.wrong(start, "a long bracket is not closed"));
        };
        self.at += length + level + 2;
        let inside = inside.get(..length).unwrap_or_default();
        let inside = inside.strip_prefix('\r').unwrap_or(inside);
        Ok(inside.strip_prefix('\n').unwrap_or(inside))
    }

    fn number(&mut self) -> Token<'s> {
        let rest = self.rest();
        let lower = rest.get(..2).map(str::to_ascii_lowercase);
        let is_hexadecimal = lower.as_deref() == Some("0x");
        let exponent = if is_hexadecimal { ['p', 'P'] } else { ['e', 'E'] };
        let mut before = ' ';
        let is_part = |c: char| {
            let sign = matches!(c, '+' | '-') && exponent.contains(&before);
            before = c;
            sign || c.is_ascii_alphanumeric() || matches!(c, '.' | '_')
        };
        let length = rest.len() - rest.trim_start_matches(is_part).len();
        self.at += length;
        let text = rest.get(..length).unwrap_or_default().to_ascii_lowercase();
        // LuaJIT's suffixes.
        let text = text.trim_end_matches("ull").trim_end_matches("ll");
        let number = match text.strip_prefix("0x") {
            // Lua lets hexadecimal numbers wrap around.
            Some(digits) => u64::from_str_radix(digits, 16).ok().map(u64::cast_signed),
            None => text.parse().ok(),
        };
        // `1e2` and `101.0` are as good as whole numbers where a character is made of them.
        number.or_else(|| whole(text)).map_or(Token::Number, Token::Integer)
    }

    fn quoted(&mut self, start: usize, quote: u8) -> Result<Token<'s>, Unparsable> {
        self.at += 1;
        let mut out = Vec::new();
        loop {
            let rest = self.rest().as_bytes();
            let Some(byte) = rest.first().copied() else {
                return Err(self.wrong(start, "a text is not closed"));
            };
            match byte {
                b'\\' => self.escape(start, &mut out)?,
                b'\n' | b'\r' => return Err(self.wrong(start, "a text is not closed")),
                _ => {
                    self.at += 1;
                    if byte == quote {
                        return Ok(Token::Text(out));
                    }
                    out.push(byte);
                }
            }
            // Bytes that are not ASCII are copied one by one.
            while self.at < self.source.len() && !self.source.is_char_boundary(self.at) {
                out.push(self.byte(0));
                self.at += 1;
            }
        }
    }

    fn escape(&mut self, start: usize, out: &mut Vec<u8>) -> Result<(), Unparsable> {
        let kind = self.byte(1);
        self.at += 2;
        match kind {
            b'a' => out.push(7),
            b'b' => out.push(8),
            b'f' => out.push(12),
            b'n' => out.push(b'\n'),
            b'r' => out.push(b'\r'),
            b't' => out.push(b'\t'),
            b'v' => out.push(11),
            b'\r' | b'\n' => {
                let second = self.byte(0);
                if matches!(second, b'\r' | b'\n') && second != kind {
                    self.at += 1;
                }
                out.push(b'\n');
            }
            b'z' => {
                let rest = self.rest();
                self.at += rest.len() - rest.trim_start().len();
            }
            b'x' => {
                let digits = self.rest().get(..2).and_then(|two| u8::from_str_radix(two, 16).ok());
                let Some(code) = digits else {
                    return Err(self.wrong(start, "an escape lacks its two digits"));
                };
                self.at += 2;
                out.push(code);
            }
            b'u' => self.code_point(start, out)?,
            b'0'..=b'9' => {
                self.at -= 1;
                let rest = self.rest();
                let count = rest.bytes().take(3).take_while(u8::is_ascii_digit).count();
                let Some(code) = rest.get(..count).and_then(|digits| digits.parse::<u8>().ok())
                else {
                    return Err(self.wrong(start, "an escape means no byte"));
                };
                self.at += count;
                out.push(code);
            }
            _ => out.push(kind),
        }
        Ok(())
    }

    fn code_point(&mut self, start: usize, out: &mut Vec<u8>) -> Result<(), Unparsable> {
        let inside = self.rest().strip_prefix('{').and_then(|rest| rest.split_once('}'));
        let digits = inside.map(|(digits, _)| digits).unwrap_or_default();
        let c = u32::from_str_radix(digits, 16).ok().and_then(char::from_u32);
        let Some(c) = c else { return Err(self.wrong(start, "an escape means no character")) };
        self.at += digits.len() + 2;
        out.extend(c.encode_utf8(&mut [0; 4]).bytes());
        Ok(())
    }
}

/// Returns the whole number that a number with a point or an exponent is.
fn whole(text: &str) -> Option<i64> {
    let number: f64 = text.parse().ok()?;
    (number.fract() == 0.0 && number.abs() < 1e15).then(|| format!("{number:.0}").parse().ok())?
}
