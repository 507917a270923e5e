//! Formatting of texts: what comes of it, and which parts of values it takes.

use super::Analysis;
use super::text::{like, plain_text};
use crate::scan::fold;
use crate::scan::language::Intrinsic;
use crate::scan::value::{Arguments, Value};

impl Analysis {
    pub(super) fn format(
        &mut self,
        intrinsic: Intrinsic,
        value: &Value,
        arguments: &Arguments,
    ) -> Option<Value> {
        let (template, origin) = plain_text(value)?;
        if intrinsic == Intrinsic::Format {
            for part in fold::parts(&template) {
                self.note_attribute(part, origin);
                self.note_formatted(part);
            }
        }
        let arguments = arguments.skip(1);
        let record = arguments.get(0).and_then(|values| values.first()).cloned();
        let pairs = record.and_then(|record| self.pairs(&record)).unwrap_or_default();
        let mut all = origin.computed();
        let find = |name: &str| {
            let by_position = name.parse().ok().and_then(|position: usize| arguments.get(position));
            let by_name = || arguments.find(None, Some(name));
            let in_record = || {
                let mut found = pairs.iter().filter(
                    |(keys, _)| matches!(keys.first(), Some(Value::Text(key, _)) if &**key == name),
                );
                found.next().map(|(_, values)| values)
            };
            let values = by_position.or_else(by_name).or_else(in_record)?;
            let (text, of) = values.first().and_then(plain_text)?;
            all = all.and(of);
            Some(text)
        };
        let out = if intrinsic == Intrinsic::Format {
            fold::braces(&template, find)
        } else {
            fold::percent(&template, find)
        };
        let all = if out.contains(crate::scan::value::HOLE) { all.with_holes() } else { all };
        let all = if splits_words(&template) { all.split() } else { all };
        Some(like(value, out, all))
    }
}

/// Tells whether a template has something to fill right beside a letter, or beside another.
fn splits_words(template: &str) -> bool {
    let bytes = template.as_bytes();
    let inside = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let pairs = ["}{", "s%", "d%", "c%"];
    let starts =
        bytes.windows(2).any(|w| inside(w.first()) && matches!(w.get(1), Some(b'{' | b'%')));
    let ends = bytes.windows(2).any(|w| w.first() == Some(&b'}') && inside(w.get(1)));
    starts || ends || pairs.iter().any(|pair| template.contains(pair))
}
