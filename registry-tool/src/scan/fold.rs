//! Constant folding: what operations on constant texts and bytes give.
//!
//! Nothing here knows of a language or of values; every result has a ceiling.

mod codec;
mod format;
pub mod pattern;

pub use self::codec::decode;
pub use self::format::{braces, parts, percent};

/// The most characters or bytes that folding makes.
pub const MOST: usize = 1 << 20;

/// Returns the positions that `start:stop:step` selects of `length`, as Python counts.
pub fn positions(
    length: usize,
    start: Option<i64>,
    stop: Option<i64>,
    step: Option<i64>,
) -> Vec<usize> {
    let length = i64::try_from(length).unwrap_or(i64::MAX);
    let step = step.unwrap_or(1);
    if step == 0 {
        return Vec::new();
    }
    let (low, high) = if step > 0 { (0, length) } else { (-1, length - 1) };
    let bound = |value: i64| {
        let value = if value < 0 { value.saturating_add(length) } else { value };
        value.clamp(low, high)
    };
    let mut at = start.map_or(if step > 0 { low } else { high }, bound);
    let end = stop.map_or(if step > 0 { high } else { low }, bound);
    let mut found = Vec::new();
    while if step > 0 { at < end } else { at > end } {
        found.extend(usize::try_from(at));
        at = at.saturating_add(step);
    }
    found
}

/// Selects characters of a text.
pub fn slice(text: &str, start: Option<i64>, stop: Option<i64>, step: Option<i64>) -> String {
    let chars: Vec<char> = text.chars().collect();
    let positions = positions(chars.len(), start, stop, step);
    positions.into_iter().filter_map(|position| chars.get(position)).collect()
}

/// Returns the position that an index means, which may count from the end.
pub fn position(length: usize, index: i64) -> Option<usize> {
    if index >= 0 {
        return usize::try_from(index).ok().filter(|position| *position < length);
    }
    length.checked_sub(usize::try_from(index.unsigned_abs()).ok()?)
}

/// Returns the character with a code.
pub fn character(code: i64) -> Option<char> {
    u32::try_from(code).ok().and_then(char::from_u32)
}

/// Reads a whole number in a base; 0 means that the text says it.
pub fn integer(text: &str, base: u32) -> Option<i64> {
    let text = text.trim().replace('_', "");
    let lower = text.to_ascii_lowercase();
    let prefixes = [("0x", 16), ("0o", 8), ("0b", 2)];
    for (prefix, meant) in prefixes {
        if let Some(digits) = lower.strip_prefix(prefix)
            && (base == meant || base == 0)
        {
            return i64::from_str_radix(digits, meant).ok();
        }
    }
    let base = if base == 0 { 10 } else { base };
    (2..=36).contains(&base).then(|| i64::from_str_radix(&lower, base).ok())?
}

/// Writes a number in a base, with letters behind the digits.
pub fn digits(number: i64, base: u32) -> Option<String> {
    if !(2..=36).contains(&base) {
        return None;
    }
    let wide = u64::from(base);
    let mut rest = number.unsigned_abs();
    let mut found = Vec::new();
    loop {
        found.extend(u32::try_from(rest % wide).ok().and_then(|one| char::from_digit(one, base)));
        rest /= wide;
        if rest == 0 {
            break;
        }
    }
    let sign = if number < 0 { "-" } else { "" };
    Some(sign.chars().chain(found.into_iter().rev()).collect())
}
