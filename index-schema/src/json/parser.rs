//! From bytes to nodes: RFC 8259, and nothing that two readers could take differently.

use super::{Member, Node, Problem, Span, Value};
use crate::limits;
use crate::text::is_forbidden;

/// Parses a document of at most `limit` bytes.
///
/// A syntax error ends the parsing; duplicate members and forbidden characters are collected.
pub fn parse(bytes: &[u8], limit: usize) -> Result<Node, Vec<Problem>> {
    let whole = |code, message| vec![problem(code, Span::default(), message)];
    if bytes.len() > limit {
        let message =
            format!("a document of this kind has at most {limit} bytes, not {}", bytes.len());
        return Err(whole("json/too-long", message));
    }
    if bytes.starts_with(b"\xef\xbb\xbf") {
        return Err(whole("json/byte-order-mark", "a byte order mark stands in front".to_owned()));
    }
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let at = error.valid_up_to();
            let span = Span { start: at, end: at + 1 };
            return Err(vec![problem("json/utf8", span, "this is not UTF-8".to_owned())]);
        }
    };
    let mut parser = Parser { text, at: 0, depth: 0, problems: Vec::new() };
    match parser.document() {
        Ok(node) if parser.problems.is_empty() => Ok(node),
        Ok(_) => Err(parser.problems),
        Err(problem) => {
            parser.problems.push(problem);
            Err(parser.problems)
        }
    }
}

fn problem(code: &'static str, span: Span, message: String) -> Problem {
    Problem { code, span, message, hint: None }
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
    depth: usize,
    problems: Vec<Problem>,
}

type Parsed<T> = Result<T, Problem>;

impl Parser<'_> {
    fn document(&mut self) -> Parsed<Node> {
        let node = self.value()?;
        self.skip_space();
        match self.peek() {
            None => Ok(node),
            Some(_) => Err(self.syntax("expected the end of the document")),
        }
    }

    fn value(&mut self) -> Parsed<Node> {
        self.skip_space();
        let start = self.at;
        let value = match self.peek() {
            Some(b'{') => self.nested(Self::object)?,
            Some(b'[') => self.nested(Self::array)?,
            Some(b'"') => Value::String(self.string()?),
            Some(b'-' | b'0'..=b'9') => self.number()?,
            Some(b't') => self.word("true", Value::Bool(true))?,
            Some(b'f') => self.word("false", Value::Bool(false))?,
            Some(b'n') => self.word("null", Value::Null)?,
            Some(_) => return Err(self.syntax("expected a value")),
            None => return Err(self.syntax("expected a value, found the end of the document")),
        };
        Ok(Node { span: self.span_from(start), value })
    }

    fn nested(&mut self, inner: fn(&mut Self) -> Parsed<Value>) -> Parsed<Value> {
        self.depth += 1;
        if self.depth > limits::JSON_DEPTH {
            let message = format!("more than {} nested levels", limits::JSON_DEPTH);
            return Err(problem("json/too-deep", self.here(), message));
        }
        self.at += 1;
        let value = inner(self)?;
        self.depth -= 1;
        Ok(value)
    }

    fn array(&mut self) -> Parsed<Value> {
        let mut items = Vec::new();
        if self.closes(b']') {
            return Ok(Value::Array(items));
        }
        loop {
            items.push(self.value()?);
            if self.closes(b']') {
                return Ok(Value::Array(items));
            }
            self.expect(b',', "expected `,` or `]`")?;
        }
    }

    fn object(&mut self) -> Parsed<Value> {
        let mut members = Vec::new();
        if self.closes(b'}') {
            return Ok(Value::Object(members));
        }
        loop {
            members.push(self.member()?);
            if self.closes(b'}') {
                self.refuse_duplicates(&members);
                return Ok(Value::Object(members));
            }
            self.expect(b',', "expected `,` or `}`")?;
        }
    }

    fn member(&mut self) -> Parsed<Member> {
        self.skip_space();
        let start = self.at;
        if self.peek() != Some(b'"') {
            return Err(self.syntax("expected a name in double quotes"));
        }
        let name = self.string()?;
        let name_span = self.span_from(start);
        self.skip_space();
        self.expect(b':', "expected `:`")?;
        let node = self.value()?;
        Ok(Member { name, name_span, node })
    }

    fn refuse_duplicates(&mut self, members: &[Member]) {
        let mut sorted: Vec<&Member> = members.iter().collect();
        sorted.sort_by_key(|member| (&member.name, member.name_span));
        for pair in sorted.windows(2) {
            if let [first, second] = pair
                && first.name == second.name
            {
                let message = format!("`{}` stands twice in one object", second.name);
                self.problems.push(problem("json/duplicate-member", second.name_span, message));
            }
        }
    }

    fn string(&mut self) -> Parsed<String> {
        let start = self.at;
        self.at += 1;
        let mut out = String::new();
        loop {
            // These bytes are no part of another character.
            let special = |byte| matches!(byte, b'"' | b'\\');
            let plain = self.rest().bytes().position(special);
            let plain = plain.map_or(self.text.len(), |length| self.at + length);
            let piece = self.text.get(self.at..plain).unwrap_or_default();
            if let Some(at) = piece.bytes().position(|byte| byte < b' ') {
                self.at += at;
                return Err(self.syntax("a control character has to be escaped"));
            }
            out.push_str(piece);
            self.at = plain;
            match self.peek() {
                Some(b'"') => break,
                Some(_) => out.push(self.escape()?),
                None => return Err(self.syntax("the string does not end")),
            }
        }
        self.at += 1;
        if let Some(bad) = out.chars().find(|c| is_forbidden(*c) && !matches!(c, '\n' | '\t')) {
            let message = format!("the character U+{:04X} is not allowed", u32::from(bad));
            self.problems.push(problem("json/forbidden-character", self.span_from(start), message));
        }
        Ok(out)
    }

    /// Reads an escape sequence, both halves of a surrogate pair included.
    fn escape(&mut self) -> Parsed<char> {
        self.at += 1;
        let simple = match self.peek() {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode_escape(),
            _ => return Err(self.syntax("this is not an escape sequence")),
        };
        self.at += 1;
        Ok(simple)
    }

    fn unicode_escape(&mut self) -> Parsed<char> {
        let start = self.at - 1;
        let first = self.code_unit()?;
        let mut units = vec![first];
        if (0xd800..0xdc00).contains(&first) && self.rest().starts_with("\\u") {
            self.at += 1;
            units.push(self.code_unit()?);
        }
        let mut decoded = char::decode_utf16(units);
        match (decoded.next(), decoded.next()) {
            (Some(Ok(c)), None) => Ok(c),
            _ => {
                let message = "half of a surrogate pair".to_owned();
                Err(problem("json/lone-surrogate", self.span_from(start), message))
            }
        }
    }

    /// Reads `u` and the four digits of a code unit.
    fn code_unit(&mut self) -> Parsed<u16> {
        let digits = self.text.get(self.at + 1..self.at + 5);
        let digits = digits.filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()));
        let unit = digits.and_then(|digits| u16::from_str_radix(digits, 16).ok());
        let unit = unit.ok_or_else(|| self.syntax("`\\u` needs four hexadecimal digits"))?;
        self.at += 5;
        Ok(unit)
    }

    /// Reads `-? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?`.
    fn number(&mut self) -> Parsed<Value> {
        let start = self.at;
        self.skip_one(b"-");
        match self.peek() {
            Some(b'0') => self.at += 1,
            _ => self.digits()?,
        }
        if self.skip_one(b".") {
            self.digits()?;
        }
        if self.skip_one(b"eE") {
            self.skip_one(b"+-");
            self.digits()?;
        }
        Ok(Value::Number(self.text.get(start..self.at).unwrap_or_default().to_owned()))
    }

    fn digits(&mut self) -> Parsed<()> {
        let count = self.rest().bytes().take_while(u8::is_ascii_digit).count();
        if count == 0 {
            return Err(self.syntax("expected a digit"));
        }
        self.at += count;
        Ok(())
    }

    fn word(&mut self, word: &str, value: Value) -> Parsed<Value> {
        if !self.rest().starts_with(word) {
            return Err(self.syntax("expected a value"));
        }
        self.at += word.len();
        Ok(value)
    }

    fn skip_one(&mut self, any_of: &[u8]) -> bool {
        let found = self.peek().is_some_and(|byte| any_of.contains(&byte));
        self.at += usize::from(found);
        found
    }

    fn closes(&mut self, bracket: u8) -> bool {
        self.skip_space();
        self.skip_one(&[bracket])
    }

    fn expect(&mut self, byte: u8, message: &str) -> Parsed<()> {
        if self.skip_one(&[byte]) { Ok(()) } else { Err(self.syntax(message)) }
    }

    fn skip_space(&mut self) {
        let space = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
        self.at += self.rest().bytes().take_while(space).count();
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn span_from(&self, start: usize) -> Span {
        Span { start, end: self.at }
    }

    fn here(&self) -> Span {
        Span { start: self.at, end: (self.at + 1).min(self.text.len()) }
    }

    fn syntax(&self, message: &str) -> Problem {
        problem("json/syntax", self.here(), message.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn to_serde(node: &Node) -> serde_json::Value {
        match &node.value {
            Value::Null => serde_json::Value::Null,
            Value::Bool(value) => (*value).into(),
            Value::Number(text) => serde_json::from_str(text).unwrap_or_default(),
            Value::String(text) => text.clone().into(),
            Value::Array(items) => items.iter().map(to_serde).collect(),
            Value::Object(members) => {
                members.iter().map(|m| (m.name.clone(), to_serde(&m.node))).collect()
            }
        }
    }

    fn codes(text: &str) -> Vec<&'static str> {
        parse(text.as_bytes(), 1000).map_or_else(|p| p.iter().map(|p| p.code).collect(), |_| vec![])
    }

    #[test]
    fn what_two_readers_could_take_differently_is_refused_by_name() {
        for (text, code) in [
            (r#"{"a":1,"a":2}"#, "json/duplicate-member"),
            (r#"{"a":1,"\u0061":2}"#, "json/duplicate-member"),
            ("\u{feff}{}", "json/byte-order-mark"),
            (r#""\ud800""#, "json/lone-surrogate"),
            (r#""\udc00\ud800""#, "json/lone-surrogate"),
            (r#""\u0000""#, "json/forbidden-character"),
            (r#""\r""#, "json/forbidden-character"),
            ("\"\u{202e}\"", "json/forbidden-character"),
            ("\"\u{85}\"", "json/forbidden-character"),
            ("[1,]", "json/syntax"),
            ("01", "json/syntax"),
            ("1.", "json/syntax"),
            ("+1", "json/syntax"),
            ("NaN", "json/syntax"),
            ("{} {}", "json/syntax"),
            ("\"\t\"", "json/syntax"),
            ("", "json/syntax"),
            ("\u{a0}1", "json/syntax"),
        ] {
            assert_eq!(codes(text), [code], "{text:?}");
        }
        assert_eq!(codes(&"[".repeat(33)), ["json/too-deep"]);
        assert_eq!(codes(&format!("{}{}", "[".repeat(32), "]".repeat(32))), [""; 0]);
        assert_eq!(codes(&" ".repeat(1001)), ["json/too-long"]);
        assert_eq!(parse(b"\"\xff\"", 9).unwrap_err().first().unwrap().code, "json/utf8");
    }

    #[test]
    fn a_problem_knows_its_line_and_column() {
        let text = "{\n  \"é\": 1,\n  \"b\": ]\n}";
        let problems = parse(text.as_bytes(), 100).unwrap_err();
        assert_eq!(problems.first().unwrap().span.line_column(text.as_bytes()), (3, 8));
    }

    proptest! {
        #[test]
        fn whatever_is_accepted_means_what_serde_json_says(text in r#"[\[\]{},:"\\u0-9a-f.eE+ tn-]{0,24}"#) {
            if let Ok(node) = parse(text.as_bytes(), 1000) {
                let theirs: Result<serde_json::Value, _> = serde_json::from_str(&text);
                // Numbers beyond a double are the one thing that serde_json alone refuses.
                if let Ok(theirs) = theirs {
                    prop_assert_eq!(to_serde(&node), theirs);
                } else {
                    prop_assert!(text.contains(['e', 'E']));
                }
            } else if let Ok(theirs) = serde_json::from_str::<serde_json::Value>(&text) {
                // We refuse more only for a reason of our own.
                let ours = codes(&text);
                prop_assert!(!ours.contains(&"json/syntax"), "{theirs} {ours:?}");
            }
        }
    }
}
