//! Constants that are read from texts, and texts that are made longer.

use super::Analysis;
use super::text::{MOST_REPEATED, integer, plain_text};
use crate::scan::facts::Word;
use crate::scan::fold::{self, MOST};
use crate::scan::language::Intrinsic;
use crate::scan::value::{Arguments, Origin, Value, only, text};

/// The most bytes of a text that is read as JSON.
const MOST_SAID: usize = 1 << 14;

impl Analysis {
    pub(super) fn translate(&mut self, value: &Value, arguments: &Arguments) -> Option<Value> {
        let (whole, origin) = plain_text(value)?;
        let table = arguments.get(1).and_then(|values| values.first()).cloned()?;
        let pairs = self.pairs(&table)?;
        self.spend(whole.len().saturating_mul(pairs.len()) / 16);
        let mut out = String::new();
        for c in whole.chars() {
            if out.len() > MOST || self.fuel == 0 {
                return None;
            }
            let code = i64::from(u32::from(c));
            let fits = |key: &Value| match key {
                Value::Integer(number) => *number == code,
                Value::Text(text, _) => text.chars().eq([c]),
                _ => false,
            };
            let found = pairs.iter().find(|(keys, _)| keys.first().is_some_and(fits));
            match found.map(|(_, values)| values.first()) {
                Some(Some(Value::Integer(code))) => out.extend(fold::character(*code)),
                Some(Some(Value::Text(text, _))) => out.push_str(text),
                Some(_) => {}
                None => out.push(c),
            }
        }
        Some(text(&out, origin.decoded()))
    }

    pub(super) fn table(&mut self, value: &Value, arguments: &Arguments) -> Option<Value> {
        let second = arguments.get(1).and_then(|values| values.first());
        let Some(second) = second else {
            return self.pairs(value).map(|pairs| Value::Record(pairs.into()));
        };
        let ((from, _), (to, _)) = (plain_text(value)?, plain_text(second)?);
        let pair = |(from, to): (char, char)| {
            let code = |c: char| only(Value::Integer(i64::from(u32::from(c))));
            (code(from), code(to))
        };
        Some(Value::Record(from.chars().zip(to.chars()).map(pair).collect()))
    }
}

/// Numbers of texts and texts of numbers.
pub(super) fn number(intrinsic: Intrinsic, value: &Value, arguments: &Arguments) -> Option<Value> {
    match intrinsic {
        Intrinsic::ToInteger => match value {
            Value::Integer(number) => Some(Value::Integer(*number)),
            _ => {
                let (text, _) = plain_text(value)?;
                let base = integer(arguments.get(1)).unwrap_or(10);
                fold::integer(&text, u32::try_from(base).ok()?).map(Value::Integer)
            }
        },
        Intrinsic::ToNumber => match value {
            Value::Integer(number) => Some(Value::Integer(*number)),
            _ => number_in(&plain_text(value)?.0).map(Value::Integer),
        },
        Intrinsic::ToJson => {
            let Value::Text(found, origin) = value else { return None };
            Some(text(&serde_json::to_string(&**found).ok()?, origin.computed()))
        }
        Intrinsic::Json => said(&plain_text(value)?.0),
        _ => match value {
            Value::Integer(number) => {
                let base = integer(arguments.get(1)).unwrap_or(10);
                let digits = fold::digits(*number, u32::try_from(base).ok()?)?;
                Some(text(&digits, Origin::PLAIN.computed()))
            }
            _ => None,
        },
    }
}

/// Returns the whole number that a text is, written as programs write it.
pub(super) fn number_in(text: &str) -> Option<i64> {
    fold::integer(text, 0)
}

/// Tells whether bytes are letters of two bytes each.
pub(super) fn is_wide(bytes: &[u8]) -> bool {
    let is_letter = |pair: &[u8]| matches!(pair, [letter, 0] if *letter > 0);
    bytes.len() >= 4 && bytes.chunks(2).all(is_letter)
}

/// Returns what a text says as JSON; long ones are data.
pub(super) fn said(text: &str) -> Option<Value> {
    if text.len() > MOST_SAID {
        return None;
    }
    let found: serde_json::Value = serde_json::from_str(text).ok()?;
    Some(value_of(&found))
}

fn value_of(found: &serde_json::Value) -> Value {
    match found {
        serde_json::Value::Null => Value::Word(Word::None),
        serde_json::Value::Bool(true) => Value::Word(Word::True),
        serde_json::Value::Bool(false) => Value::Word(Word::False),
        serde_json::Value::Number(number) => number.as_i64().map_or(Value::Unknown, Value::Integer),
        serde_json::Value::String(found) => text(found, Origin::PLAIN.computed()),
        serde_json::Value::Array(items) => {
            Value::Items(items.iter().map(|item| only(value_of(item))).collect())
        }
        serde_json::Value::Object(pairs) => {
            let pair = |(key, value): (&String, &serde_json::Value)| {
                (only(text(key, Origin::PLAIN.computed())), only(value_of(value)))
            };
            Value::Record(pairs.iter().map(pair).collect())
        }
    }
}

/// A text made longer at one end.
pub(super) fn padded(intrinsic: Intrinsic, value: &Value, arguments: &Arguments) -> Option<Value> {
    let (whole, origin) = plain_text(value)?;
    let filling = arguments.get(2).and_then(|values| values.first());
    let (filling, of) =
        filling.map_or_else(|| Some((" ".to_owned(), Origin::PLAIN)), plain_text)?;
    let wanted = usize::try_from(integer(arguments.get(1))?).ok()?;
    let missing = wanted.saturating_sub(whole.chars().count());
    if missing > MOST_REPEATED {
        return None;
    }
    let filling: String = filling.chars().cycle().take(missing).collect();
    let (left, right) = match intrinsic {
        Intrinsic::PadStart => (filling, whole),
        _ => (whole, filling),
    };
    Some(text(&[left.as_str(), &right].concat(), origin.and(of).joined(&left, &right)))
}
