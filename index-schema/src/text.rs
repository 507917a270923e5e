//! Text that people read: bounded, and free of characters that deceive.

use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;

use crate::json::{FromJson, Node, Reading, Value};

/// Tells whether a character may not stand in a document: controls (C0, DEL, C1), characters that
/// change the direction of text (UAX #9), line and paragraph separators, the byte order mark.
pub const fn is_forbidden(c: char) -> bool {
    matches!(c,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}'
        | '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        | '\u{2028}' | '\u{2029}' | '\u{feff}')
}

/// Tells whether a value is its type's default, and so left out of a document.
pub(crate) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// One line of 1 to `MAX` characters, not blank at either end.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Line<const MAX: usize>(String);

/// Text of 1 to `MAX` bytes; newlines and tabs are allowed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Text<const MAX: usize>(String);

/// A list of `MIN` to `MAX` different items. Where unknown words are passed over, none may be left
/// of those that were there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct List<T, const MIN: usize, const MAX: usize>(Vec<T>);

/// Why a text or list is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Nothing is there.
    #[error("expected some text")]
    Empty,
    /// Too many characters or bytes.
    #[error("expected at most {max} {unit}, found {found}")]
    TooLong {
        /// The ceiling.
        max: usize,
        /// How many were found.
        found: usize,
        /// What was counted.
        unit: &'static str,
    },
    /// A line with a line break or tab in it.
    #[error("expected one line")]
    NotOneLine,
    /// Space at the start or end.
    #[error("expected no space at the start or end")]
    Untrimmed,
    /// A forbidden character.
    #[error("the character U+{0:04X} is not allowed")]
    Forbidden(u32),
}

impl<const MAX: usize> Line<MAX> {
    /// Parses a line.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        let found = text.chars().count();
        if text.is_empty() {
            return Err(TextError::Empty);
        }
        if found > MAX {
            return Err(TextError::TooLong { max: MAX, found, unit: "characters" });
        }
        if text.contains(['\n', '\t']) {
            return Err(TextError::NotOneLine);
        }
        if let Some(bad) = text.chars().find(|c| is_forbidden(*c)) {
            return Err(TextError::Forbidden(bad.into()));
        }
        if text.trim().len() != text.len() {
            return Err(TextError::Untrimmed);
        }
        Ok(Self(text.to_owned()))
    }
}

impl<const MAX: usize> Text<MAX> {
    /// Parses a text.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        if text.trim().is_empty() {
            return Err(TextError::Empty);
        }
        if text.len() > MAX {
            return Err(TextError::TooLong { max: MAX, found: text.len(), unit: "bytes" });
        }
        let forbidden = |c: &char| is_forbidden(*c) && !matches!(c, '\n' | '\t');
        match text.chars().find(forbidden) {
            Some(bad) => Err(TextError::Forbidden(bad.into())),
            None => Ok(Self(text.to_owned())),
        }
    }
}

macro_rules! text_like {
    ($name:ident, $what:literal) => {
        impl<const MAX: usize> $name<MAX> {
            /// Returns the text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl<const MAX: usize> fmt::Display for $name<MAX> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl<const MAX: usize> FromJson for $name<MAX> {
            fn from_json(node: &Node, reading: &mut Reading) -> Option<Self> {
                let text = reading.string(node)?;
                match Self::parse(text) {
                    Ok(value) => Some(value),
                    Err(error) => reading.refuse(node.span, "document/text", error.to_string()),
                }
            }
        }

        impl<const MAX: usize> JsonSchema for $name<MAX> {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                format!(concat!(stringify!($name), "_{}"), MAX).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string", "minLength": 1, "maxLength": MAX, "description": $what })
            }
        }
    };
}

text_like!(Line, "one line of text");
text_like!(Text, "text; newlines and tabs are allowed");

impl<T: PartialEq, const MIN: usize, const MAX: usize> List<T, MIN, MAX> {
    /// Makes a list; says what is wrong when it has too few, too many or equal items.
    pub fn new(items: Vec<T>) -> Result<Self, String> {
        let found = items.len();
        if !(MIN..=MAX).contains(&found) {
            return Err(format!("expected {MIN} to {MAX} items, found {found}"));
        }
        let mut rest = items.as_slice();
        while let [first, others @ ..] = rest {
            if others.contains(first) {
                return Err("an item stands twice in this list".to_owned());
            }
            rest = others;
        }
        Ok(Self(items))
    }
}

impl<T: FromJson + PartialEq, const MIN: usize, const MAX: usize> FromJson for List<T, MIN, MAX> {
    fn from_json(node: &Node, reading: &mut Reading) -> Option<Self> {
        let Value::Array(items) = &node.value else {
            reading.wrong_kind(node, "an array");
            return None;
        };
        let ignores = reading.ignores_unknown();
        let is_known = |item: &&Node| !(ignores && T::is_unknown_word(item));
        let known: Vec<&Node> = items.iter().filter(is_known).collect();
        if known.is_empty() && !items.is_empty() {
            return Some(Self(Vec::new()));
        }
        // Count first: a long list is one problem, not one for each of its items.
        if known.len() > MAX {
            let message = format!("expected {MIN} to {MAX} items, found {}", known.len());
            return reading.refuse(node.span, "document/list", message);
        }
        // Every item is read, so that every problem is found; one bad item makes the whole bad.
        let items: Vec<Option<T>> = known.iter().map(|item| T::from_json(item, reading)).collect();
        match Self::new(items.into_iter().collect::<Option<_>>()?) {
            Ok(list) => Some(list),
            Err(message) => reading.refuse(node.span, "document/list", message),
        }
    }
}

impl<T, const MAX: usize> Default for List<T, 0, MAX> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T, const MIN: usize, const MAX: usize> Deref for List<T, MIN, MAX> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<'l, T, const MIN: usize, const MAX: usize> IntoIterator for &'l List<T, MIN, MAX> {
    type Item = &'l T;
    type IntoIter = std::slice::Iter<'l, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl<T: JsonSchema, const MIN: usize, const MAX: usize> JsonSchema for List<T, MIN, MAX> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("List_{}_{MIN}_{MAX}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let items = generator.subschema_for::<T>();
        json_schema!({ "type": "array", "items": items, "minItems": MIN, "maxItems": MAX, "uniqueItems": true })
    }
}
