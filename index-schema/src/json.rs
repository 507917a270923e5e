//! Strict reading of JSON (RFC 8259) from bytes that nobody has vouched for.
//!
//! Two steps, so that a person gets every complaint at once, each with its place:
//!
//! 1. [`parse`] turns bytes into a tree of [`Node`]s that know where they stand. On top of the RFC
//!    it refuses what two readers could understand differently: duplicate members, a byte order
//!    mark, control and bidirectional characters in strings (escaped ones too, `\n` and `\t`
//!    aside), lone surrogates, more than [`limits::JSON_DEPTH`] levels.
//! 2. [`FromJson`] turns nodes into typed values through a [`Reading`], which collects
//!    [`Problem`]s instead of stopping at the first.
//!
//! [`read`] does both.
//!
//! [`limits::JSON_DEPTH`]: crate::limits::JSON_DEPTH

mod canonical;
mod fields;
mod parser;

use std::collections::BTreeMap;

pub use self::canonical::{canonical, compact, pretty};
pub use self::fields::Fields;
pub use self::parser::parse;

/// A range of bytes in the document that was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Span {
    /// Offset of the first byte.
    pub start: usize,
    /// Offset behind the last byte.
    pub end: usize,
}

impl Span {
    /// Returns line and column of the start, both from 1; the column counts characters.
    pub fn line_column(self, document: &[u8]) -> (usize, usize) {
        let before = document.get(..self.start).unwrap_or(document);
        let line_start = before.iter().rposition(|b| *b == b'\n').map_or(0, |newline| newline + 1);
        let line = before.iter().filter(|b| **b == b'\n').count() + 1;
        let text = String::from_utf8_lossy(before.get(line_start..).unwrap_or_default());
        (line, text.chars().count() + 1)
    }
}

/// A JSON value and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Where the value stands.
    pub span: Span,
    /// The value.
    pub value: Value,
}

/// A JSON value; numbers keep their text, members their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number as it was written.
    Number(String),
    /// A string, unescaped.
    String(String),
    /// An array.
    Array(Vec<Node>),
    /// An object, without duplicate names.
    Object(Vec<Member>),
}

impl Value {
    /// Names the kind of value for a message.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Number(_) => "a number",
            Self::String(_) => "a string",
            Self::Array(_) => "an array",
            Self::Object(_) => "an object",
        }
    }
}

impl Node {
    /// Returns the member called `name`, if this is an object that has it.
    pub fn get(&self, name: &str) -> Option<&Self> {
        let Value::Object(members) = &self.value else { return None };
        members.iter().find(|member| member.name == name).map(|member| &member.node)
    }

    /// Returns the text, if this is a string.
    pub fn as_str(&self) -> Option<&str> {
        if let Value::String(text) = &self.value { Some(text) } else { None }
    }
}

/// One `name: value` of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The name, unescaped.
    pub name: String,
    /// Where the name stands.
    pub name_span: Span,
    /// The value.
    pub node: Node,
}

/// What is wrong with a document, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// A stable code such as `json/duplicate-member`.
    pub code: &'static str,
    /// Where it stands.
    pub span: Span,
    /// What is wrong, in lower case and without a stop.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

/// What to do about members that the type does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unknown {
    /// They are problems: for what people write and sign.
    Refuse,
    /// They are passed over, and so are unknown words of a list or map: for index documents and
    /// registry records as clients read them, which grow while old clients live on.
    Ignore,
}

/// The state of reading one document: the problems so far.
#[derive(Debug)]
pub struct Reading {
    problems: Vec<Problem>,
    unknown: Unknown,
}

impl Reading {
    /// Starts a reading.
    pub const fn new(unknown: Unknown) -> Self {
        Self { problems: Vec::new(), unknown }
    }

    /// Records a problem and returns `None`, for use as the value that could not be read.
    pub fn refuse<T>(&mut self, span: Span, code: &'static str, message: String) -> Option<T> {
        self.problems.push(Problem { code, span, message, hint: None });
        None
    }

    /// Adds a hint to the problem recorded last.
    pub fn hint(&mut self, hint: String) {
        if let Some(problem) = self.problems.last_mut() {
            problem.hint = Some(hint);
        }
    }

    /// Returns the text of a string, or records that it is something else.
    pub fn string<'n>(&mut self, node: &'n Node) -> Option<&'n str> {
        let text = node.as_str();
        if text.is_none() {
            self.wrong_kind(node, "a string");
        }
        text
    }

    /// Records that `node` is not what was wanted.
    pub fn wrong_kind(&mut self, node: &Node, wanted: &str) {
        let found = node.value.kind();
        self.problems.push(Problem {
            code: "json/wrong-kind",
            span: node.span,
            message: format!("expected {wanted}, found {found}"),
            hint: None,
        });
    }

    /// Returns the problems in the order in which they stand in the document.
    pub fn into_problems(mut self) -> Vec<Problem> {
        self.problems.sort_by_key(|problem| problem.span);
        self.problems
    }

    /// Tells whether what the type does not know is passed over.
    pub const fn ignores_unknown(&self) -> bool {
        matches!(self.unknown, Unknown::Ignore)
    }

    /// Returns how many problems were recorded so far.
    pub const fn count(&self) -> usize {
        self.problems.len()
    }
}

/// A type that can be read from a JSON value.
pub trait FromJson: Sized {
    /// Reads the value; when that is impossible, records at least one problem and returns `None`.
    fn from_json(node: &Node, reading: &mut Reading) -> Option<Self>;

    /// Tells whether the value is a word that the type does not know, of a set that may have grown.
    fn is_unknown_word(_node: &Node) -> bool {
        false
    }
}

/// A type that can be the name of a member in a map.
pub trait FromKey: Sized {
    /// The code of the problem that a malformed name is.
    const CODE: &'static str;

    /// Reads the name.
    fn from_key(key: &str) -> Result<Self, String>;

    /// Tells whether the name is a word that the type does not know, of a set that may have grown.
    fn is_unknown_word(_key: &str) -> bool {
        false
    }
}

/// Reads one document of at most `limit` bytes.
pub fn read<T: FromJson>(bytes: &[u8], limit: usize, unknown: Unknown) -> Result<T, Vec<Problem>> {
    let node = parse(bytes, limit)?;
    from_node(&node, unknown)
}

/// Reads a document that was parsed before.
pub fn from_node<T: FromJson>(node: &Node, unknown: Unknown) -> Result<T, Vec<Problem>> {
    let mut reading = Reading::new(unknown);
    let value = T::from_json(node, &mut reading);
    match value {
        Some(value) if reading.problems.is_empty() => Ok(value),
        _ => Err(reading.into_problems()),
    }
}

impl FromJson for bool {
    fn from_json(node: &Node, reading: &mut Reading) -> Option<Self> {
        if let Value::Bool(value) = node.value {
            return Some(value);
        }
        reading.wrong_kind(node, "true or false");
        None
    }
}

/// The largest integer that every JSON reader keeps exactly (RFC 8259, section 6).
pub const MAX_INTEGER: u64 = (1 << 53) - 1;

impl FromJson for u64 {
    fn from_json(node: &Node, reading: &mut Reading) -> Option<Self> {
        let Value::Number(text) = &node.value else {
            reading.wrong_kind(node, "a whole number");
            return None;
        };
        match text.parse() {
            Ok(value) if value <= MAX_INTEGER && !text.starts_with('-') => Some(value),
            _ => {
                let message = format!("expected a whole number from 0 to {MAX_INTEGER}");
                reading.refuse(node.span, "json/number", message)
            }
        }
    }
}

impl FromJson for u32 {
    fn from_json(node: &Node, reading: &mut Reading) -> Option<Self> {
        let value = u64::from_json(node, reading)?;
        match Self::try_from(value) {
            Ok(value) => Some(value),
            Err(_) => {
                let message = format!("expected a whole number from 0 to {}", Self::MAX);
                reading.refuse(node.span, "json/number", message)
            }
        }
    }
}

impl FromJson for String {
    fn from_json(node: &Node, reading: &mut Reading) -> Option<Self> {
        reading.string(node).map(str::to_owned)
    }
}

impl FromKey for String {
    const CODE: &'static str = "json/syntax";

    fn from_key(key: &str) -> Result<Self, String> {
        Ok(key.to_owned())
    }
}

impl<T: FromJson> FromJson for Vec<T> {
    fn from_json(node: &Node, reading: &mut Reading) -> Option<Self> {
        let Value::Array(items) = &node.value else {
            reading.wrong_kind(node, "an array");
            return None;
        };
        // Every item is read, so that every problem is found; one bad item makes the whole bad.
        let values: Vec<Option<T>> = items.iter().map(|item| T::from_json(item, reading)).collect();
        values.into_iter().collect()
    }
}

impl<K: FromKey + Ord, V: FromJson> FromJson for BTreeMap<K, V> {
    fn from_json(node: &Node, reading: &mut Reading) -> Option<Self> {
        let Value::Object(members) = &node.value else {
            reading.wrong_kind(node, "an object");
            return None;
        };
        let read = |member: &Member, reading: &mut Reading| {
            let key = match K::from_key(&member.name) {
                Ok(key) => Some(key),
                Err(message) => reading.refuse(member.name_span, K::CODE, message),
            };
            let value = V::from_json(&member.node, reading);
            Some((key?, value?))
        };
        let ignores = reading.ignores_unknown();
        let members = members.iter().filter(|m| !(ignores && K::is_unknown_word(&m.name)));
        let pairs: Vec<Option<(K, V)>> = members.map(|m| read(m, reading)).collect();
        let pairs: Option<Vec<(K, V)>> = pairs.into_iter().collect();
        let pairs = pairs?;
        let count = pairs.len();
        let map: Self = pairs.into_iter().collect();
        if map.len() == count {
            return Some(map);
        }
        let message = "two names mean the same".to_owned();
        reading.refuse(node.span, "json/duplicate-member", message)
    }
}
