//! When one name can be taken for another.
//!
//! What counts is what people do who want to be mistaken for somebody, and what fingers and eyes do:
//! hyphens come and go, letters look like others, words change places, a key is hit too often, too
//! late or beside the one that is meant, and words are put around a name that promise the same
//! thing. A number of edits alone says little: short names are all near each other, and a word that
//! is replaced by another short one means something else. So each kind of slip has a length below
//! which nothing is said, which is held against the word that differs if only one does.
//!
//! Two names that [`confusable`] finds have one of their [`keys`] in common, so that an index by
//! keys finds all that a name can be taken for.

mod affix;
mod slip;

use std::collections::BTreeSet;

use self::affix::forms;
pub use self::slip::Slip;

/// Why one name can be taken for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum How {
    /// They are the same.
    Same,
    /// They are the same but for hyphens.
    Hyphens,
    /// Their letters look the same.
    Glyphs,
    /// They have the same words in another order.
    Order,
    /// One slip of a finger makes one the other.
    Slip(Slip),
    /// They are the same once each row of equal letters is one letter.
    Doubled,
    /// They are the same without words that say little, such as `node`, `py`, `cli` or `official`.
    Affix,
}

impl How {
    /// Says it, after "the names".
    pub const fn says(self) -> &'static str {
        match self {
            Self::Same => "are the same",
            Self::Hyphens => "differ in hyphens alone",
            Self::Glyphs => "look the same",
            Self::Order => "have the same words in another order",
            Self::Slip(slip) => slip.says(),
            Self::Doubled => "differ in doubled letters alone",
            Self::Affix => "differ in words or digits that say little",
        }
    }
}

/// Shorter names are not compared without their doubled letters.
const SQUEEZED: usize = 5;

/// Tells whether, and why, one name can be taken for the other. It makes no difference which is
/// which.
pub fn confusable(a: &str, b: &str) -> Option<How> {
    if a == b {
        return Some(How::Same);
    }
    if plain(a) == plain(b) {
        return Some(How::Hyphens);
    }
    if glyphs(a) == glyphs(b) {
        return Some(How::Glyphs);
    }
    if words(a).is_some_and(|sorted| words(b) == Some(sorted)) {
        return Some(How::Order);
    }
    if let Some(slip) = slip::between(a, b) {
        return Some(How::Slip(slip));
    }
    if squeezed(a).is_some_and(|short| squeezed(b) == Some(short)) {
        return Some(How::Doubled);
    }
    let (ours, theirs) = (forms(a), forms(b));
    let same = |ours: &str, theirs: &str| {
        let short = squeezed(ours);
        glyphs(ours) == glyphs(theirs) || short.is_some() && short == squeezed(theirs)
    };
    let mut pairs = ours.iter().flat_map(|ours| theirs.iter().map(move |theirs| (ours, theirs)));
    let alike = pairs.any(|(a, b)| affix::comparable(a, b) && same(&a.text, &b.text));
    alike.then_some(How::Affix)
}

/// Returns what a name is found by: its spellings without what eyes and fingers overlook, and itself
/// without each of its letters. There are fewer than a hundred.
pub fn keys(name: &str) -> BTreeSet<String> {
    let mut keys: BTreeSet<String> = slip::keys(name).collect();
    keys.extend(words(name));
    for form in forms(name) {
        keys.insert(glyphs(&form.text));
        keys.extend(squeezed(&form.text));
    }
    keys
}

fn plain(name: &str) -> String {
    name.replace('-', "")
}

/// Returns what is left of a name when letters that look the same become the same.
fn glyphs(name: &str) -> String {
    plain(name)
        .replace("rn", "m")
        .replace("vv", "w")
        .replace("cl", "d")
        .replace(['1', 'i'], "l")
        .replace('0', "o")
        .replace('3', "e")
        .replace('4', "a")
        .replace('5', "s")
}

/// Returns the words of a name that has several, in the order of the alphabet.
fn words(name: &str) -> Option<String> {
    let mut words: Vec<&str> = name.split('-').collect();
    words.sort_unstable();
    (words.len() > 1).then(|| words.join("-"))
}

/// Returns a name of some length with every row of equal letters in a word as one letter.
fn squeezed(name: &str) -> Option<String> {
    let mut short = String::with_capacity(name.len());
    for word in name.split('-') {
        let mut last = None;
        for letter in word.chars() {
            if letter.is_ascii_digit() || last != Some(letter) {
                short.push(letter);
            }
            last = Some(letter);
        }
    }
    (short.len() >= SQUEEZED).then(|| glyphs(&short))
}

#[cfg(test)]
mod tests;
