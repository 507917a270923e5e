//! Patterns: what they find in constant texts, and what is put in the place of that.

use std::rc::Rc;

use super::Analysis;
use super::text::plain_text;
use crate::scan::fold::MOST;
use crate::scan::fold::pattern::{Found, Pattern};
use crate::scan::language::Intrinsic;
use crate::scan::value::{Arguments, Origin, Value, Values, only, text};

/// The most characters of a text in which a pattern is looked for.
const MOST_TEXT: usize = 1 << 12;
/// The most matches that are followed.
const MOST_MATCHES: usize = 1024;

impl Analysis {
    /// Functions and methods that use patterns; nothing where none is known.
    pub(super) fn run_on_pattern(
        &mut self,
        intrinsic: Intrinsic,
        arguments: &Arguments,
    ) -> Option<Values> {
        let (first, second) = (arguments.get(0)?.clone(), arguments.get(1).cloned());
        match intrinsic {
            Intrinsic::Pattern => {
                let flags = second.unwrap_or_else(|| only(super::container::empty_text()));
                Some(only(pattern(first, flags)))
            }
            Intrinsic::PatternExec => {
                let found = self.pattern_of(&first)?;
                self.matched(&found, false, &second?)
            }
            Intrinsic::PatternMatch | Intrinsic::PatternMatchAll => {
                let found = self.pattern_of(&second?)?;
                let is_all = intrinsic == Intrinsic::PatternMatch && found.is_global();
                if intrinsic == Intrinsic::PatternMatchAll {
                    return self.matched_all(&found, &first);
                }
                self.matched(&found, is_all, &first)
            }
            Intrinsic::Split => {
                let found = self.pattern_of(&second?)?;
                self.split_at_pattern(&found, &first)
            }
            Intrinsic::Substitute => {
                let source = plain_text(only_of(&first)?)?.0;
                let found = Pattern::new(&source, "g")?;
                self.replaced(&found, arguments.get(2)?, &second?)
            }
            _ => {
                let wanted = second?;
                let found = match self.pattern_of(&wanted) {
                    Some(found) => found,
                    None => {
                        // Only what a function is to make of a text.
                        arguments.get(2)?.iter().any(is_function).then_some(())?;
                        let flags = if intrinsic == Intrinsic::Replace { "g" } else { "" };
                        Pattern::new(&escaped(&plain_text(only_of(&wanted)?)?.0), flags)?
                    }
                };
                self.replaced(&found, &first, arguments.get(2)?)
            }
        }
    }

    /// Returns the pattern that a value is.
    fn pattern_of(&mut self, values: &Values) -> Option<Pattern> {
        let value = only_of(values)?;
        if !matches!(value, Value::Container(..) | Value::Record(_)) {
            return None;
        }
        let mut parts = Vec::new();
        for name in ["source", "flags"] {
            let key = text(name, Origin::PLAIN);
            let part = self.container_item(value, &key);
            parts.push(plain_text(only_of(&part)?)?.0);
        }
        Pattern::new(parts.first()?, parts.get(1)?)
    }

    /// Returns what a pattern finds in a text, and the letters of the text.
    fn search(
        &mut self,
        pattern: &Pattern,
        is_all: bool,
        whole: &Values,
    ) -> Option<(Vec<Found>, Vec<char>, Origin)> {
        let (whole, origin) = plain_text(only_of(whole)?)?;
        if whole.len() > MOST_TEXT || origin.has_holes() {
            return None;
        }
        let letters: Vec<char> = whole.chars().collect();
        self.spend(letters.len());
        let found = pattern.find(&letters, if is_all { MOST_MATCHES } else { 1 })?;
        Some((found, letters, origin))
    }

    fn matched(&mut self, pattern: &Pattern, is_all: bool, whole: &Values) -> Option<Values> {
        let (found, letters, origin) = self.search(pattern, is_all, whole)?;
        if is_all {
            let items = found.iter().filter_map(|groups| groups.first());
            let items = items.map(|place| self.part_at(&letters, *place, origin));
            return Some(only(Value::Items(items.collect())));
        }
        let groups = found.first()?.clone();
        let items = groups.into_iter().map(|place| self.part_at(&letters, place, origin));
        Some(only(Value::Items(items.collect())))
    }

    fn matched_all(&mut self, pattern: &Pattern, whole: &Values) -> Option<Values> {
        let (found, letters, origin) = self.search(pattern, true, whole)?;
        let list = |groups: Found| {
            let items = groups.into_iter().map(|place| self.part_at(&letters, place, origin));
            only(Value::Items(items.collect()))
        };
        Some(only(Value::Items(found.into_iter().map(list).collect())))
    }

    fn split_at_pattern(&mut self, pattern: &Pattern, whole: &Values) -> Option<Values> {
        let (found, letters, origin) = self.search(pattern, true, whole)?;
        let (mut at, mut parts) = (0, Vec::new());
        for (start, end) in found.iter().filter_map(|groups| groups.first().copied().flatten()) {
            let is_empty = end == start && (start == 0 || start == letters.len());
            if !is_empty {
                parts.push(self.part_at(&letters, Some((at, start)), origin));
                at = end;
            }
        }
        parts.push(self.part_at(&letters, Some((at, letters.len())), origin));
        Some(only(Value::Items(parts.into())))
    }

    fn part_at(&self, letters: &[char], place: Option<(usize, usize)>, origin: Origin) -> Values {
        match place.and_then(|(start, end)| letters.get(start..end)) {
            Some(part) => only(text(&part.iter().collect::<String>(), origin.computed())),
            None => Rc::clone(&self.unknown),
        }
    }

    /// Puts something in the place of what a pattern finds: a text, or what a function gives.
    fn replaced(&mut self, pattern: &Pattern, whole: &Values, new: &Values) -> Option<Values> {
        let (found, letters, origin) = self.search(pattern, pattern.is_global(), whole)?;
        if found.is_empty() {
            return Some(only(only_of(whole)?.clone()));
        }
        let (mut at, mut out) = (0, String::new());
        for groups in &found {
            let (start, end) = groups.first().copied().flatten()?;
            out.extend(letters.get(at..start)?);
            let parts: Vec<_> =
                groups.iter().map(|place| self.part_at(&letters, *place, origin)).collect();
            match only_of(new)? {
                Value::Text(template, _) => fill(template, &parts, &mut out)?,
                _ => {
                    let made = self.call_all(new, &Arguments::plain(parts));
                    out.push_str(&plain_text(only_of(&made)?)?.0);
                }
            }
            at = end;
            if out.len() > MOST {
                return None;
            }
        }
        out.extend(letters.get(at..)?);
        let is_made = !matches!(only_of(new)?, Value::Text(..));
        let origin = if is_made { origin.decoded() } else { origin.split() };
        Some(only(text(&out, origin)))
    }
}

/// `$1` and `$&` in what is put in the place of a match.
fn fill(template: &str, parts: &[Values], out: &mut String) -> Option<()> {
    let mut letters = template.chars().peekable();
    while let Some(c) = letters.next() {
        let number = match (c, letters.peek()) {
            ('$', Some('&')) => 0,
            ('$' | '\\', Some(digit)) if digit.is_ascii_digit() => digit.to_digit(10)?,
            ('$', Some('$')) => {
                letters.next();
                out.push('$');
                continue;
            }
            _ => {
                out.push(c);
                continue;
            }
        };
        letters.next();
        let part = parts.get(usize::try_from(number).ok()?)?;
        out.push_str(&plain_text(only_of(part)?)?.0);
    }
    Some(())
}

/// A pattern as a record.
fn pattern(source: Values, flags: Values) -> Value {
    let key = |name: &str| only(text(name, Origin::PLAIN));
    Value::Record(Rc::new([(key("source"), source), (key("flags"), flags)]))
}

/// The only value of a set.
fn only_of(values: &Values) -> Option<&Value> {
    match &**values {
        [value] => Some(value),
        _ => None,
    }
}

const fn is_function(value: &Value) -> bool {
    matches!(value, Value::Function(..) | Value::Symbol(_) | Value::Method(..) | Value::Partial(..))
}

/// Returns a text as a pattern that finds it.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if !c.is_alphanumeric() && !c.is_whitespace() && c != '_' {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
