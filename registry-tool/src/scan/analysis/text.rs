//! What functions and methods make of constant texts, bytes and numbers.

use std::rc::Rc;

use super::Analysis;
use super::constant::{is_wide, number, number_in, padded};
use crate::scan::fold::{self, MOST};
use crate::scan::language::{Codec, Intrinsic};
use crate::scan::value::{Arguments, Origin, Union, Value, Values, only, text};

/// The most characters of a text that is another many times: such texts hide nothing.
pub(super) const MOST_REPEATED: usize = 1 << 16;

impl Analysis {
    pub(super) fn run_on_text(&mut self, intrinsic: Intrinsic, arguments: &Arguments) -> Values {
        let is_join = matches!(intrinsic, Intrinsic::Join | Intrinsic::JoinItems);
        let first = arguments.get(usize::from(intrinsic == Intrinsic::Join)).cloned();
        let Some(first) = first else { return self.without_arguments(intrinsic) };
        let mut union = Union::default();
        for value in first.iter() {
            let found = if is_join {
                let separator = usize::from(intrinsic == Intrinsic::JoinItems);
                self.join(value, arguments.get(separator))
            } else if *value == Value::Decoded {
                Some(Value::Decoded)
            } else {
                self.one_text(intrinsic, value, arguments)
            };
            union.add(found.unwrap_or(Value::Unknown));
        }
        union.finish()
    }

    fn without_arguments(&self, intrinsic: Intrinsic) -> Values {
        match intrinsic {
            Intrinsic::ToText | Intrinsic::Concat => only(super::container::empty_text()),
            _ => Rc::clone(&self.unknown),
        }
    }

    fn one_text(
        &mut self,
        intrinsic: Intrinsic,
        value: &Value,
        arguments: &Arguments,
    ) -> Option<Value> {
        match intrinsic {
            Intrinsic::Codec(codec) => Some(undo(codec, value)),
            Intrinsic::CodecText(codec) => Some(match undo(codec, value) {
                Value::Bytes(bytes, origin) => text(&String::from_utf8_lossy(&bytes), origin),
                other => other,
            }),
            Intrinsic::Decode => Some(self.decode(value, arguments)),
            Intrinsic::Character => self.characters(arguments),
            Intrinsic::CharacterCode => {
                let (text, _) = plain_text(value)?;
                let first = i64::from(self.language.has_tables);
                let at = integer(arguments.get(1)).map_or(0, |at| at - first);
                let position = fold::position(text.chars().count(), at)?;
                let code = u32::from(text.chars().nth(position)?);
                Some(Value::Integer(i64::from(code)))
            }
            Intrinsic::ToBytes => self.bytes_of(value),
            Intrinsic::ToWideBytes => self.wide_bytes_of(value),
            Intrinsic::PadEnd | Intrinsic::PadStart => padded(intrinsic, value, arguments),
            Intrinsic::ToInteger
            | Intrinsic::ToNumber
            | Intrinsic::ToJson
            | Intrinsic::Json
            | Intrinsic::ToTextInBase => number(intrinsic, value, arguments),
            Intrinsic::Xor => match (value, arguments.get(1).map(|v| &**v)) {
                (Value::Integer(a), Some([Value::Integer(b)])) => Some(Value::Integer(a ^ b)),
                _ => None,
            },
            Intrinsic::Add | Intrinsic::Concat => {
                let rest: Vec<_> = arguments.plain.iter().skip(1).cloned().collect();
                self.concat(value, &rest)
            }
            Intrinsic::Reverse => self.reverse(value),
            Intrinsic::Slice | Intrinsic::SliceLength | Intrinsic::SliceInclusive => {
                self.part(intrinsic, value, arguments)
            }
            Intrinsic::Split => self.split(value, arguments),
            Intrinsic::Format | Intrinsic::Percent => self.format(intrinsic, value, arguments),
            Intrinsic::Translate => self.translate(value, arguments),
            Intrinsic::TranslationTable => self.table(value, arguments),
            Intrinsic::ReplacePattern => {
                // What a pattern gives is only followed where it is a plain text.
                let (pattern, _) = arguments.get(1)?.first().and_then(plain_text)?;
                let is_plain = !pattern.contains(|c: char| "^$()%.[]*+-?".contains(c));
                plain_text(value)?;
                if !is_plain || arguments.get(2)?.first().and_then(plain_text).is_none() {
                    return Some(Value::Decoded);
                }
                simple(Intrinsic::Replace, value, arguments)
            }
            _ => simple(intrinsic, value, arguments),
        }
    }

    fn join(&mut self, list: &Value, separator: Option<&Values>) -> Option<Value> {
        if *list == Value::Decoded {
            return Some(Value::Decoded);
        }
        let items = self.sequence(list)?;
        let separator = separator.and_then(|values| values.first());
        let (separator, origin) = match separator {
            Some(value) => plain_text(&self.flat_as_text(value)?)?,
            None if self.language.has_tables => (String::new(), Origin::PLAIN),
            None => (",".to_owned(), Origin::PLAIN),
        };
        let mut out = String::new();
        let mut origin = origin.computed();
        for (number, item) in items.iter().enumerate() {
            if number > 0 {
                out.push_str(&separator);
            }
            match item.first().and_then(plain_text) {
                Some((text, of)) => {
                    origin = origin.and(of).joined(&out, &text);
                    out.push_str(&text);
                }
                None => {
                    out.push(crate::scan::value::HOLE);
                    origin = origin.with_holes();
                }
            }
            if out.len() > MOST {
                return None;
            }
        }
        Some(text(&out, origin))
    }

    /// JavaScript takes a list for the text of its items.
    pub(super) fn flat_as_text(&mut self, value: &Value) -> Option<Value> {
        match value {
            Value::Items(_) | Value::Container(..) if !self.language.has_tables => {
                self.join(value, None)
            }
            _ => Some(value.clone()),
        }
    }

    /// `codecs.decode(x, "rot13")`, `x.decode()`, `Buffer.from(x, "base64")`.
    fn decode(&mut self, value: &Value, arguments: &Arguments) -> Value {
        let name = arguments.find(Some(1), Some("encoding")).and_then(|values| values.first());
        let name = name.and_then(plain_text).map(|(name, _)| name.to_ascii_lowercase());
        let codec = match name.as_deref().map(|name| name.trim_end_matches("_codec")) {
            Some("base64" | "base64url" | "base_64") => Some(Codec::Base64),
            Some("hex") => Some(Codec::Hex),
            Some("rot13" | "rot_13" | "rot-13") => Some(Codec::Rot13),
            Some("zlib" | "zip") => Some(Codec::Inflate),
            Some("unicode_escape" | "unicode-escape" | "raw_unicode_escape" | "string_escape") => {
                Some(Codec::Escapes)
            }
            _ => None,
        };
        if let Some(codec) = codec {
            let undone = undo(codec, value);
            return match undone {
                Value::Bytes(bytes, origin) => text(&String::from_utf8_lossy(&bytes), origin),
                other => other,
            };
        }
        match value {
            Value::Bytes(bytes, origin) => {
                let wide =
                    matches!(name.as_deref(), Some("utf-16" | "utf16" | "utf-16-le" | "utf-16le"))
                        || is_wide(bytes);
                let found =
                    if wide { from_utf16(bytes) } else { String::from_utf8_lossy(bytes).into() };
                text(&found, origin.computed())
            }
            Value::Text(text, origin) => Value::Bytes(text.as_bytes().into(), *origin),
            Value::Items(_) | Value::Container(..) => {
                self.bytes_of(value).unwrap_or(Value::Unknown)
            }
            _ => Value::Unknown,
        }
    }

    fn characters(&mut self, arguments: &Arguments) -> Option<Value> {
        let mut out = String::new();
        for values in arguments.plain.iter() {
            // What gives several values stands for all of them: `table.unpack(x)`.
            let several = match values.first() {
                Some(Value::Items(items)) if self.language.has_tables => items.to_vec(),
                _ => vec![Rc::clone(values)],
            };
            for values in several {
                let code = match &*values {
                    [Value::Integer(code)] => *code,
                    [value @ Value::Text(..)] => number_in(&plain_text(value)?.0)?,
                    _ => return None,
                };
                out.push(fold::character(code)?);
            }
        }
        Some(text(&out, Origin::PLAIN.decoded()))
    }

    fn bytes_of(&mut self, value: &Value) -> Option<Value> {
        match value {
            Value::Text(text, origin) => Some(Value::Bytes(text.as_bytes().into(), *origin)),
            Value::Bytes(..) => Some(value.clone()),
            Value::Integer(number) => {
                let bytes = number.to_be_bytes();
                let bytes: Vec<u8> = bytes.into_iter().skip_while(|byte| *byte == 0).collect();
                Some(Value::Bytes(bytes.into(), Origin::PLAIN.computed()))
            }
            _ => {
                let items = self.sequence(value)?;
                let byte = |item: &Values| match &**item {
                    [Value::Integer(number)] => u8::try_from(*number).ok(),
                    _ => None,
                };
                let bytes: Vec<u8> = items.iter().map(byte).collect::<Option<_>>()?;
                Some(Value::Bytes(bytes.into(), Origin::PLAIN.computed()))
            }
        }
    }

    fn wide_bytes_of(&mut self, value: &Value) -> Option<Value> {
        let mut bytes = Vec::new();
        for item in self.sequence(value)? {
            let [Value::Integer(number)] = &*item else { return None };
            bytes.extend(u16::try_from(*number).ok()?.to_le_bytes());
        }
        Some(Value::Bytes(bytes.into(), Origin::PLAIN.computed()))
    }

    /// Puts texts or lists one after the other.
    pub(super) fn concat(&mut self, first: &Value, rest: &[Values]) -> Option<Value> {
        if let (Value::Integer(sum), [Some(Value::Integer(more))]) =
            (first, &*rest.iter().map(|values| values.first()).collect::<Vec<_>>())
        {
            return Some(Value::Integer(sum.wrapping_add(*more)));
        }
        if !matches!(first, Value::Text(..) | Value::Bytes(..)) {
            let mut items = self.sequence(first)?;
            for more in rest {
                match self.sequence_of(more) {
                    Some(more) => items.extend(more),
                    None => items.push(Rc::clone(more)),
                }
            }
            return Some(Value::Items(items.into()));
        }
        let (mut out, mut origin) = plain_text(first)?;
        for more in rest {
            let (more, of) = plain_text(more.first()?)?;
            origin = origin.and(of).joined(&out, &more);
            out.push_str(&more);
        }
        (out.len() <= MOST).then(|| like(first, out, origin.computed()))
    }

    fn reverse(&mut self, value: &Value) -> Option<Value> {
        if let Value::Text(text, origin) = value {
            let reversed: String = text.chars().rev().collect();
            return Some(Value::Text(reversed.into(), origin.decoded()));
        }
        if let Value::Bytes(bytes, origin) = value {
            let reversed = bytes.iter().rev().copied().collect();
            return Some(Value::Bytes(reversed, origin.decoded()));
        }
        let mut items = self.sequence(value)?;
        items.reverse();
        Some(Value::Items(items.into()))
    }

    fn part(
        &mut self,
        intrinsic: Intrinsic,
        value: &Value,
        arguments: &Arguments,
    ) -> Option<Value> {
        let (mut start, mut stop) = (integer(arguments.get(1)), integer(arguments.get(2)));
        if intrinsic == Intrinsic::SliceLength {
            stop = stop.map(|count| start.unwrap_or(0).saturating_add(count));
        }
        if intrinsic == Intrinsic::SliceInclusive {
            start = start.map(|at| if at > 0 { at - 1 } else { at });
            stop = stop.and_then(|at| if at == -1 { None } else { Some(at) });
            stop = stop.map(|at| if at < 0 { at + 1 } else { at });
        }
        self.sliced(value, start, stop, None)
    }

    /// Returns the selected part of a text or list.
    pub(super) fn sliced(
        &mut self,
        value: &Value,
        start: Option<i64>,
        stop: Option<i64>,
        step: Option<i64>,
    ) -> Option<Value> {
        match value {
            Value::Text(text, origin) => {
                let part = fold::slice(text, start, stop, step);
                let is_backwards = step.is_some_and(|step| step < 0);
                let origin = if is_backwards { origin.decoded() } else { origin.computed() };
                Some(Value::Text(part.into(), origin))
            }
            Value::Bytes(bytes, origin) => {
                let positions = fold::positions(bytes.len(), start, stop, step);
                let part: Vec<u8> =
                    positions.into_iter().filter_map(|at| bytes.get(at).copied()).collect();
                Some(Value::Bytes(part.into(), origin.computed()))
            }
            Value::Decoded => Some(Value::Decoded),
            Value::OwnPath(up) => Some(Value::OwnPath(*up)),
            _ => {
                let items = self.sequence(value)?;
                let positions = fold::positions(items.len(), start, stop, step);
                let part = positions.into_iter().filter_map(|at| items.get(at).cloned());
                Some(Value::Items(part.collect()))
            }
        }
    }

    fn split(&mut self, value: &Value, arguments: &Arguments) -> Option<Value> {
        let (whole, origin) = plain_text(value)?;
        let separator = arguments.get(1).and_then(|values| values.first());
        let separator = match separator {
            Some(value) => Some(plain_text(&self.flat_as_text(value)?)?.0),
            None => None,
        };
        let part = |part: &str| only(text(part, origin.computed()));
        let parts: Vec<_> = match separator.as_deref() {
            Some("") => whole.chars().map(|c| part(c.encode_utf8(&mut [0; 4]))).collect(),
            Some(separator) => whole.split(separator).map(part).collect(),
            None => whole.split_whitespace().map(part).collect(),
        };
        Some(Value::Items(parts.into()))
    }

    /// Returns the character or byte of a text at a key.
    pub(super) fn character_at(&mut self, base: &Value, key: &Value) -> Values {
        let Value::Integer(index) = key else { return Rc::clone(&self.unknown) };
        let found = match base {
            Value::Text(text, origin) => fold::position(text.chars().count(), *index)
                .and_then(|position| text.chars().nth(position))
                .map(|c| self::text(c.encode_utf8(&mut [0; 4]), origin.computed())),
            Value::Bytes(bytes, _) => fold::position(bytes.len(), *index)
                .and_then(|position| bytes.get(position))
                .map(|byte| Value::Integer(i64::from(*byte))),
            _ => None,
        };
        found.map_or_else(|| Rc::clone(&self.unknown), only)
    }
}

/// Operations that need nothing but the text.
fn simple(intrinsic: Intrinsic, value: &Value, arguments: &Arguments) -> Option<Value> {
    let (whole, origin) = plain_text(value)?;
    let given = |position: usize| {
        arguments.get(position).and_then(|values| values.first()).and_then(plain_text)
    };
    let out = match intrinsic {
        Intrinsic::ToText => return Some(text(&whole, origin)),
        Intrinsic::Lower => whole.to_lowercase(),
        Intrinsic::Upper => whole.to_uppercase(),
        Intrinsic::Trim => match given(1) {
            Some((set, _)) => whole.trim_matches(|c| set.contains(c)).to_owned(),
            None => whole.trim().to_owned(),
        },
        Intrinsic::Replace => {
            let grown = whole.matches(&given(1)?.0).count().saturating_mul(given(2)?.0.len());
            if grown > MOST {
                return None;
            }
            let out = whole.replace(&given(1)?.0, &given(2)?.0);
            let is_word = given(1)?.0.chars().all(char::is_alphanumeric);
            let origin = if is_word { origin.split() } else { origin.computed() };
            return (out.len() <= MOST).then(|| like(value, out, origin));
        }
        Intrinsic::ReplaceFirst => whole.replacen(&given(1)?.0, &given(2)?.0, 1),
        Intrinsic::RemoveAffix => {
            let affix = given(1)?.0;
            let rest = whole.strip_prefix(&affix).or_else(|| whole.strip_suffix(&affix));
            rest.unwrap_or(&whole).to_owned()
        }
        Intrinsic::Repeat => {
            let count = usize::try_from(integer(arguments.get(1))?).ok()?;
            if whole.len().saturating_mul(count) > MOST_REPEATED {
                return None;
            }
            whole.repeat(count)
        }
        _ => return None,
    };
    (out.len() <= MOST).then(|| like(value, out, origin.computed()))
}

fn undo(codec: Codec, value: &Value) -> Value {
    let (bytes, origin): (Vec<u8>, Origin) = match value {
        Value::Text(text, origin) => (text.as_bytes().to_vec(), *origin),
        Value::Bytes(bytes, origin) => (bytes.to_vec(), *origin),
        _ => return Value::Decoded,
    };
    let Some(found) = fold::decode(codec, &bytes) else { return Value::Decoded };
    let origin = origin.decoded();
    match codec {
        Codec::Rot13 | Codec::Percent | Codec::Escapes | Codec::Html => {
            like(value, String::from_utf8_lossy(&found).into_owned(), origin)
        }
        Codec::Base64
        | Codec::Base32
        | Codec::Base85
        | Codec::Ascii85
        | Codec::Hex
        | Codec::Inflate => Value::Bytes(found.into(), origin),
    }
}

/// Returns a constant as text, and how it came about.
pub(super) fn plain_text(value: &Value) -> Option<(String, Origin)> {
    match value {
        Value::Text(text, origin) => Some((text.to_string(), *origin)),
        Value::Bytes(bytes, origin) => Some((String::from_utf8_lossy(bytes).into_owned(), *origin)),
        Value::Integer(number) => Some((number.to_string(), Origin::PLAIN)),
        _ => None,
    }
}

/// Returns a text or bytes, as `model` is.
pub(super) fn like(model: &Value, out: String, origin: Origin) -> Value {
    match model {
        Value::Bytes(..) => Value::Bytes(out.into_bytes().into(), origin),
        _ => Value::Text(out.into(), origin),
    }
}

pub(super) fn integer(values: Option<&Values>) -> Option<i64> {
    match values.map(|values| &**values) {
        Some([Value::Integer(number)]) => Some(*number),
        _ => None,
    }
}

fn from_utf16(bytes: &[u8]) -> String {
    let bytes = bytes.strip_prefix(&[0xff, 0xfe]).unwrap_or(bytes);
    let pair = |pair: &[u8]| match pair {
        [low, high] => u16::from_le_bytes([*low, *high]),
        _ => 0,
    };
    String::from_utf16_lossy(&bytes.chunks(2).map(pair).collect::<Vec<_>>())
}
