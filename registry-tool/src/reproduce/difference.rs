//! Naming the first place in which two files differ.

use std::collections::BTreeSet;
use std::fmt;

use index_schema::digest::Sha256Digest;
use serde_json::Value;

/// The most characters that are shown of a value.
const SHOWN: usize = 160;
/// The most bytes that are shown from where two files part.
const EXCERPT: usize = 40;

/// One place in which the registry is not what its commit makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The file, by its path in what is published.
    pub file: String,
    /// The number of the first byte that differs, from 0.
    pub byte: Option<usize>,
    /// The first member that differs, if both are JSON: `plugins[3].title`.
    pub member: Option<String>,
    /// What the commit makes.
    pub expected: String,
    /// What the registry publishes.
    pub found: String,
}

impl Difference {
    /// Names a member that differs.
    pub(super) fn of_member(file: &str, member: String, expected: String, found: String) -> Self {
        Self { file: file.to_owned(), byte: None, member: Some(member), expected, found }
    }

    /// Names a file that differs as a whole.
    pub(super) fn of_file(file: &str, expected: String, found: String) -> Self {
        Self { file: file.to_owned(), byte: None, member: None, expected, found }
    }

    /// Says that a file is not there.
    pub(super) fn missing(file: &str, expected: &[u8]) -> Self {
        Self::of_file(file, describe(expected), "no such file".to_owned())
    }

    /// Names the first place in which `found` differs from `expected`, if there is one.
    pub(super) fn between(file: &str, expected: &[u8], found: &[u8]) -> Option<Self> {
        let same = expected.iter().zip(found).take_while(|(a, b)| a == b).count();
        if same == expected.len() && same == found.len() {
            return None;
        }
        let place = member(expected, found);
        let (member, expected, found) = match place {
            Some((member, expected, found)) => (Some(member), expected, found),
            None => (None, excerpt(expected, same), excerpt(found, same)),
        };
        Some(Self { file: file.to_owned(), byte: Some(same), member, expected, found })
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file)?;
        if let Some(byte) = self.byte {
            write!(f, ", byte {byte}")?;
        }
        if let Some(member) = &self.member {
            write!(f, ", member {member}")?;
        }
        write!(f, "\n  expected: {}\n  found:    {}", self.expected, self.found)
    }
}

/// Says what a file is without showing it.
pub(super) fn describe(bytes: &[u8]) -> String {
    format!("{} bytes with the SHA-256 {}", bytes.len(), Sha256Digest::of(bytes))
}

/// Shows what stands from a place on.
fn excerpt(bytes: &[u8], from: usize) -> String {
    let rest = bytes.get(from..).unwrap_or_default();
    match rest.get(..EXCERPT.min(rest.len())) {
        None | Some([]) => "the end of the file".to_owned(),
        Some(start) => format!("`{}`", start.escape_ascii()),
    }
}

/// Finds the first member that differs, if both files are JSON and differ as such.
fn member(expected: &[u8], found: &[u8]) -> Option<(String, String, String)> {
    let expected: Value = serde_json::from_slice(expected).ok()?;
    let found: Value = serde_json::from_slice(found).ok()?;
    let mut path = String::new();
    let (expected, found) = parting(Some(&expected), Some(&found), &mut path)?;
    let path = if path.is_empty() { "(all of it)".to_owned() } else { path };
    Some((path, show(expected), show(found)))
}

type Parted<'v> = (Option<&'v Value>, Option<&'v Value>);

/// Goes down to the first place in which two values differ, and writes down the way.
fn parting<'v>(
    expected: Option<&'v Value>,
    found: Option<&'v Value>,
    path: &mut String,
) -> Option<Parted<'v>> {
    if expected == found {
        return None;
    }
    let length = path.len();
    match (expected, found) {
        (Some(Value::Object(a)), Some(Value::Object(b))) => {
            let names: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            for name in names {
                step(path, name);
                if let Some(parted) = parting(a.get(name), b.get(name), path) {
                    return Some(parted);
                }
                path.truncate(length);
            }
        }
        (Some(Value::Array(a)), Some(Value::Array(b))) => {
            for index in 0..a.len().max(b.len()) {
                path.push_str(&format!("[{index}]"));
                if let Some(parted) = parting(a.get(index), b.get(index), path) {
                    return Some(parted);
                }
                path.truncate(length);
            }
        }
        _ => {}
    }
    Some((expected, found))
}

/// Adds the name of a member to a path: `.name`, or `["a/b.json"]` where it is no plain word.
fn step(path: &mut String, name: &str) {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    if name.is_empty() || !name.chars().all(plain) {
        path.push_str(&format!("[{name:?}]"));
        return;
    }
    if !path.is_empty() {
        path.push('.');
    }
    path.push_str(name);
}

/// Returns the path of a member: as [`Difference::member`] has it.
pub(super) fn path_of(names: &[&str]) -> String {
    let mut path = String::new();
    for name in names {
        step(&mut path, name);
    }
    path
}

fn show(value: Option<&Value>) -> String {
    let Some(value) = value else { return "nothing".to_owned() };
    let text = value.to_string();
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(expected: &str, found: &str, shown: &str) {
        let difference = Difference::between("f", expected.as_bytes(), found.as_bytes());
        assert_eq!(difference.map(|it| it.to_string()).as_deref(), Some(shown));
    }

    #[test]
    fn equal_bytes_do_not_differ() {
        assert_eq!(Difference::between("f", b"", b""), None);
        assert_eq!(Difference::between("f", b"{\"a\":1}", b"{\"a\":1}"), None);
    }

    #[test]
    fn in_json_the_first_member_that_differs_is_named() {
        check(
            r#"{"a":1,"plugins":[{"id":"x"},{"id":"y","title":"T"}]}"#,
            r#"{"a":1,"plugins":[{"id":"x"},{"id":"y","title":"U"}]}"#,
            "f, byte 48, member plugins[1].title\n  expected: \"T\"\n  found:    \"U\"",
        );
        check(
            r#"{"targets":{"a/b.json":1}}"#,
            r#"{"targets":{}}"#,
            "f, byte 12, member targets[\"a/b.json\"]\n  expected: 1\n  found:    nothing",
        );
        check("[1]", "[1,2]", "f, byte 2, member [1]\n  expected: nothing\n  found:    2");
        check("1", "2", "f, byte 0, member (all of it)\n  expected: 1\n  found:    2");
    }

    #[test]
    fn elsewhere_what_follows_the_first_byte_that_differs_is_shown() {
        check("abc", "abd", "f, byte 2\n  expected: `c`\n  found:    `d`");
        check("abc", "ab", "f, byte 2\n  expected: `c`\n  found:    the end of the file");
        check("", "\n", "f, byte 0\n  expected: the end of the file\n  found:    `\\n`");
        // The same values, written differently.
        check("{\"a\":1}", "{\"a\": 1}", "f, byte 5\n  expected: `1}`\n  found:    ` 1}`");
    }

    #[test]
    fn a_long_value_is_cut() {
        let long = format!("\"{}\"", "ü".repeat(300));
        let difference = Difference::between("f", long.as_bytes(), b"1").unwrap();
        assert_eq!(difference.expected.chars().count(), SHOWN + 1);
    }
}
