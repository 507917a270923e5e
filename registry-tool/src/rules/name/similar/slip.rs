//! One slip of a finger.

use super::plain;

/// What happened to one letter, or to two neighbours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Slip {
    /// Two neighbours changed places.
    Swapped,
    /// A letter stands once more, or once less, beside itself.
    Doubled,
    /// An `s` comes last.
    Plural,
    /// A letter comes first.
    First,
    /// A letter is missing inside.
    Missing,
    /// A letter comes last.
    Last,
    /// A key beside the right one was hit.
    NearKey,
    /// A vowel is another one.
    Vowel,
    /// A digit is another one.
    Digit,
    /// A letter is another one.
    Other,
}

/// The rows of a keyboard; each key touches two of the row below: the one at its place and the one
/// before.
const ROWS: [&str; 4] = ["1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm"];

/// No slip is told in anything shorter.
const LEAST: usize = 4;

impl Slip {
    /// Returns how long the word has to be in which it is overlooked. Beginnings are read with more
    /// care than ends, and in short words any letter is another one by chance.
    const fn least(self) -> usize {
        match self {
            Self::Swapped | Self::Doubled | Self::Plural => LEAST,
            Self::Missing | Self::Last => 5,
            Self::NearKey | Self::Vowel | Self::Digit => 6,
            Self::First => 7,
            Self::Other => 8,
        }
    }

    pub(super) const fn says(self) -> &'static str {
        match self {
            Self::Swapped => "differ in two letters that changed places",
            Self::Doubled => "differ in a doubled letter",
            Self::Plural => "differ in a plural",
            Self::First => "differ in a letter at the beginning",
            Self::Missing => "differ in a letter that is missing",
            Self::Last => "differ in a letter at the end",
            Self::NearKey => "differ in two letters that are neighbours on a keyboard",
            Self::Vowel => "differ in a vowel",
            Self::Digit => "differ in a digit",
            Self::Other => "differ in a letter",
        }
    }
}

/// Tells which single slip makes one name the other, if it is one that is overlooked.
pub(super) fn between(a: &str, b: &str) -> Option<Slip> {
    let (one, other) = (plain(a), plain(b));
    let slip = if one.len() < other.len() {
        single(one.as_bytes(), other.as_bytes(), b)
    } else {
        single(other.as_bytes(), one.as_bytes(), a)
    };
    slip.filter(|slip| seen_in(a, b) >= slip.least())
}

/// Returns what two names that are a slip apart have in common: themselves without one letter.
pub(super) fn keys(name: &str) -> impl Iterator<Item = String> {
    let plain = plain(name);
    let count = if plain.len() < LEAST { 0 } else { plain.len() };
    let without = |at: usize| {
        let letters = plain.chars().enumerate().filter(|(place, _)| *place != at);
        letters.map(|(_, letter)| letter).collect()
    };
    let shorter: Vec<String> = (0..count).map(without).collect();
    shorter.into_iter().chain([plain])
}

/// Tells the slip between two texts without hyphens, of which `longer` belongs to `name`.
fn single(shorter: &[u8], longer: &[u8], name: &str) -> Option<Slip> {
    let same = |pair: &(&u8, &u8)| pair.0 == pair.1;
    let at = shorter.iter().zip(longer).take_while(same).count();
    let (rest, other) = (shorter.get(at..)?, longer.get(at..)?);
    let end = rest.iter().rev().zip(other.iter().rev()).take_while(same).count();
    let rest = rest.get(..rest.len() - end)?;
    let other = other.get(..other.len() - end)?;
    match (rest, other) {
        ([x], [y]) => replaced(*x, *y),
        ([a, b], [c, d]) if a == d && b == c => Some(Slip::Swapped),
        ([], [letter]) => added(longer, at, *letter, name),
        _ => None,
    }
}

fn replaced(x: u8, y: u8) -> Option<Slip> {
    let vowel = |letter: u8| b"aeiouy".contains(&letter);
    match (x.is_ascii_digit(), y.is_ascii_digit()) {
        (true, true) => Some(Slip::Digit),
        (false, false) if are_near(x, y) => Some(Slip::NearKey),
        (false, false) if vowel(x) && vowel(y) => Some(Slip::Vowel),
        (false, false) => Some(Slip::Other),
        // A digit in the place of a letter says something.
        _ => None,
    }
}

fn added(longer: &[u8], at: usize, letter: u8, name: &str) -> Option<Slip> {
    // Digits, and letters that are a word, are put there to be seen.
    if letter.is_ascii_digit() || is_word(name, at) {
        return None;
    }
    let before = at.checked_sub(1).and_then(|at| longer.get(at));
    let after = longer.get(at + 1);
    Some(match (before, after) {
        _ if before == Some(&letter) || after == Some(&letter) => Slip::Doubled,
        (_, None) if letter == b's' => Slip::Plural,
        (_, None) => Slip::Last,
        (None, Some(_)) => Slip::First,
        (Some(_), Some(_)) => Slip::Missing,
    })
}

/// Tells whether the letter at a place that does not count hyphens is a word of its own.
fn is_word(name: &str, at: usize) -> bool {
    let mut begin = 0;
    name.split('-').any(|word| {
        let here = begin == at && word.len() == 1;
        begin += word.len();
        here
    })
}

fn are_near(x: u8, y: u8) -> bool {
    let place = |key: u8| {
        let mut rows = ROWS.iter().enumerate();
        rows.find_map(|(row, keys)| keys.bytes().position(|other| other == key).map(|at| (row, at)))
    };
    let (Some(x), Some(y)) = (place(x), place(y)) else { return false };
    let ((upper, above), (lower, below)) = (x.min(y), x.max(y));
    match lower - upper {
        0 => above.abs_diff(below) == 1,
        1 => below == above || below + 1 == above,
        _ => false,
    }
}

/// Returns the length of that in which a difference has to be seen: the one word that differs, or
/// all of the longer name.
fn seen_in(a: &str, b: &str) -> usize {
    let as_many = a.matches('-').count() == b.matches('-').count();
    let mut differ = a.split('-').zip(b.split('-')).filter(|(a, b)| a != b);
    match (differ.next(), differ.next()) {
        (Some((a, b)), None) if as_many => a.len().max(b.len()),
        _ => plain(a).len().max(plain(b).len()),
    }
}
