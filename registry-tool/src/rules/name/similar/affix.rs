//! Words and digits around a name that promise the same thing, made another way, or better.

/// A name, or what is left of it without a word or digits at one of its ends.
#[derive(Debug)]
pub(super) struct Form {
    pub(super) text: String,
    worn: Option<Worn>,
}

/// What was taken away.
#[derive(Debug, Clone, Copy)]
enum Worn {
    /// A word for one of [`FAMILIES`], by its place there.
    Family(usize),
    /// A word of [`PROMISES`], or digits.
    Promise,
}

/// Words for a language or a kind of program. Words of one family say the same.
const FAMILIES: [&[&str]; 6] = [
    &["py", "python", "python2", "python3"],
    &["js", "node", "nodejs", "javascript", "npm"],
    &["rs", "rust"],
    &["go", "golang"],
    &["cli", "cmd"],
    &["lib"],
];

/// Words that say that it is the same, but the real one, a newer one, or a part of it.
#[rustfmt::skip]
const PROMISES: [&str; 33] = [
    "official", "original", "real", "genuine", "new", "latest", "next", "pro", "plus", "premium",
    "fixed", "patched", "secure", "safe", "update", "updated", "beta", "dev", "tool", "tools",
    "util", "utils", "helper", "sdk", "api", "core", "proxy", "proxied", "client", "plugin",
    "plugins", "extension", "addon",
];

/// Words of families that are also written without a hyphen, before a name.
const BEFORE: [&str; 6] = ["nodejs", "node", "python3", "python", "lib", "py"];

/// The same, after a name.
const AFTER: [&str; 6] = ["nodejs", "node", "python", "cli", "lib", "js"];

/// Without a word for a language, a name still has so many letters.
const LEFT: usize = 2;

/// Without anything else, it has so many.
const LEFT_OF_WORD: usize = 4;

/// Returns a name, and all that it may be said to be a kind of.
pub(super) fn forms(name: &str) -> Vec<Form> {
    let mut forms = vec![Form { text: name.to_owned(), worn: None }];
    let mut left = |text: &str, least: usize, worn: Option<Worn>| {
        if worn.is_some() && text.replace('-', "").len() >= least {
            forms.push(Form { text: text.to_owned(), worn });
        }
    };
    if let Some((word, rest)) = name.split_once('-') {
        left(rest, least(word), meaning(word));
    }
    if let Some((rest, word)) = name.rsplit_once('-') {
        left(rest, least(word), meaning(word));
    }
    let unnumbered = name.trim_end_matches(|c: char| c.is_ascii_digit());
    if unnumbered.len() < name.len() && !unnumbered.ends_with('-') {
        left(unnumbered, LEFT_OF_WORD, Some(Worn::Promise));
    }
    if let Some((rest, word)) = first(&BEFORE, |word| glued_before(name, word)) {
        left(rest, LEFT_OF_WORD, meaning(word));
    }
    if let Some((rest, word)) = first(&AFTER, |word| glued_after(name, word)) {
        left(rest, LEFT_OF_WORD, meaning(word));
    }
    forms
}

/// Tells whether two forms say something about the names if they are the same: one is a whole name,
/// or both are without a word of the same family.
pub(super) fn comparable(a: &Form, b: &Form) -> bool {
    match (a.worn, b.worn) {
        (None, Some(_)) | (Some(_), None) => true,
        (Some(Worn::Family(a)), Some(Worn::Family(b))) => a == b,
        _ => false,
    }
}

fn meaning(word: &str) -> Option<Worn> {
    let family = FAMILIES.iter().position(|family| family.contains(&word)).map(Worn::Family);
    let digits = word.strip_prefix('v').unwrap_or(word);
    let is_number = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit());
    family.or_else(|| (is_number || PROMISES.contains(&word)).then_some(Worn::Promise))
}

fn least(word: &str) -> usize {
    match meaning(word) {
        Some(Worn::Family(_)) => LEFT,
        Some(Worn::Promise) | None => LEFT_OF_WORD,
    }
}

/// Returns what is left by the first word that leaves something, and the word.
fn first<'n, 'w>(
    words: &[&'w str],
    without: impl Fn(&str) -> Option<&'n str>,
) -> Option<(&'n str, &'w str)> {
    words.iter().find_map(|word| Some((without(word)?, *word)))
}

fn glued_before<'n>(name: &'n str, word: &str) -> Option<&'n str> {
    name.strip_prefix(word).filter(|rest| rest.starts_with(|c: char| c.is_ascii_lowercase()))
}

fn glued_after<'n>(name: &'n str, word: &str) -> Option<&'n str> {
    name.strip_suffix(word).filter(|rest| !rest.is_empty() && !rest.ends_with('-'))
}
