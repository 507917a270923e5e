//! Conditions that look at each constant in an argument, such as a configuration.

use super::Analysis;
use super::text::plain_text;
use crate::scan::rules::Condition;
use crate::scan::value::{HOLE, Value, Values};

/// How deep lists and records in each other are looked at.
const MOST_DEPTH: usize = 8;
/// The most constants that are looked at.
const MOST_PARTS: usize = 1024;

impl Analysis {
    /// Tells whether a condition holds for any of the constants in some values.
    pub(super) fn holds_for_a_part(&mut self, condition: &Condition, values: &Values) -> bool {
        let mut parts = Vec::new();
        for value in values.iter() {
            if !self.add_parts("", value, MOST_DEPTH, &mut parts) {
                return condition.unknown;
            }
        }
        let holds = |part: &str| {
            let any = condition.any.iter().any(|wanted| part.contains(wanted.as_str()));
            any && !condition.none.iter().any(|wanted| part.contains(wanted.as_str()))
        };
        let mut chosen = parts.iter().filter(|part| holds(part));
        chosen.any(|part| !condition.sensitive || self.names_something_sensitive(part))
    }

    /// Tells whether the value in `key=value` is unknown, or names what a rule is about.
    fn names_something_sensitive(&mut self, part: &str) -> bool {
        let name = part.split_once('=').map_or(part, |(_, value)| value);
        let name = name.rsplit("://").next().unwrap_or_default();
        let symbol = self.symbols.module(name);
        name.contains(HOLE) || self.symbols.is_covered(symbol)
    }

    /// Adds the constants in a value; false if there are more than those.
    fn add_parts(
        &mut self,
        key: &str,
        value: &Value,
        depth: usize,
        parts: &mut Vec<String>,
    ) -> bool {
        if depth == 0 || parts.len() > MOST_PARTS {
            return false;
        }
        if let Some(pairs) = self.pairs(value) {
            return pairs.iter().all(|(keys, values)| {
                let key = keys.first().and_then(plain_text).map(|(key, _)| key);
                let key = key.unwrap_or_else(|| HOLE.to_string());
                values.iter().all(|value| self.add_parts(&key, value, depth - 1, parts))
            });
        }
        if let Some((text, _)) = plain_text(value) {
            parts.push(format!("{key}={text}"));
            return true;
        }
        match self.sequence(value) {
            Some(items) => items.iter().all(|values| {
                values.iter().all(|value| self.add_parts(key, value, depth - 1, parts))
            }),
            None => {
                let text = match value {
                    Value::Symbol(symbol) => self.symbols.text(*symbol),
                    _ => HOLE.to_string(),
                };
                parts.push(format!("{key}={text}"));
                !key.is_empty()
            }
        }
    }
}
