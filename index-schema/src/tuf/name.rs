//! Names that metadata choose: of roles, of metadata files and of targets.

use std::fmt;

use crate::path::is_device_name;
use crate::text::is_forbidden;

/// Names of the roles that root lists, which no delegated role may bear.
const TOP_LEVEL: &[&str] = &["root", "targets", "snapshot", "timestamp", "mirrors"];

/// The most bytes that a name has once it is written into a URL or a folder.
const MAX_ENCODED: usize = 200;

/// Why a text is not a name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Nothing is there.
    #[error("a name is not empty")]
    Empty,
    /// Too many bytes.
    #[error("`{0}…` is too long for a name")]
    TooLong(String),
    /// A character that a name cannot have.
    #[error("{0:?} cannot stand in `{1}`")]
    Character(char, String),
    /// The name of a top-level role, in any case.
    #[error("a delegated role cannot be called `{0}`")]
    TopLevel(String),
    /// A name that Windows gives to a device.
    #[error("`{0}` is a device name on Windows")]
    Device(String),
    /// An absolute path, a path with an empty component, `.` or `..`.
    #[error("`{0}` is not a relative path without `.` and `..`")]
    Path(String),
    /// A metadata file whose name does not end in `.json`.
    #[error("`{0}` is not the name of a metadata file")]
    NotJson(String),
}

fn check_characters(text: &str, also: &[char]) -> Result<(), NameError> {
    let bad = text.chars().find(|c| is_forbidden(*c) || also.contains(c));
    bad.map_or(Ok(()), |bad| Err(NameError::Character(bad, text.to_owned())))
}

fn check_length(text: &str, max: usize) -> Result<(), NameError> {
    match text.len() {
        0 => Err(NameError::Empty),
        length if length > max => Err(NameError::TooLong(text.chars().take(40).collect())),
        _ => Ok(()),
    }
}

/// Writes every byte that is not unreserved (RFC 3986, section 2.3) as `%XX`.
fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                out.push(char::from(byte));
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// The name of a role that signs targets: `targets` itself, or a delegated role.
///
/// Metadata may call a role anything; [`stem`](Self::stem) is what stands in URLs and folders.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoleName(String);

impl RoleName {
    /// Parses the name of a delegated role.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        check_length(text, MAX_ENCODED)?;
        check_characters(text, &['\n', '\t'])?;
        let stem = encode(text);
        check_length(&stem, MAX_ENCODED)?;
        if TOP_LEVEL.iter().any(|name| name.eq_ignore_ascii_case(text)) {
            return Err(NameError::TopLevel(text.to_owned()));
        }
        if is_device_name(&stem) {
            return Err(NameError::Device(text.to_owned()));
        }
        Ok(Self(text.to_owned()))
    }

    /// Returns the name of the top-level role.
    pub fn targets() -> Self {
        Self("targets".to_owned())
    }

    /// Returns the name of the role that vouches for the fixed files of a registry.
    pub fn index() -> Self {
        Self("index".to_owned())
    }

    /// Returns the name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the name as one component of a URL or path: of `A-Z a-z 0-9 - . _ ~ %` alone.
    pub fn stem(&self) -> String {
        encode(&self.0)
    }
}

impl fmt::Display for RoleName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

text_type!(RoleName, NameError, "tuf/role-name", "^.{1,200}$", "the name of a delegated role");

/// A key of `meta` in a snapshot: a role's name and `.json`. Nothing but a key: it is never a path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MetaName(String);

impl MetaName {
    /// Parses the key.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        check_length(text, MAX_ENCODED + 5)?;
        check_characters(text, &['\n', '\t'])?;
        match text.strip_suffix(".json") {
            Some(stem) if !stem.is_empty() => Ok(Self(text.to_owned())),
            _ => Err(NameError::NotJson(text.to_owned())),
        }
    }

    /// Returns the key under which a snapshot lists `role`.
    pub fn of(role: &RoleName) -> Self {
        Self(format!("{role}.json"))
    }

    /// Returns the key.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the name of the role.
    pub fn role(&self) -> &str {
        self.0.strip_suffix(".json").unwrap_or(&self.0)
    }
}

impl fmt::Display for MetaName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

text_type!(MetaName, NameError, "tuf/meta-name", r"^.+\.json$", "a metadata file");

/// The path of a target: relative, of components joined by `/`, none of them `.` or `..`.
///
/// Joining one to a folder does not leave it, and [`consistent`](Self::consistent) is safe in URLs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TargetPath(String);

impl TargetPath {
    /// Parses a path; nothing is normalised.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        check_length(text, 1024)?;
        check_characters(text, &['\n', '\t', '\\', ':'])?;
        if text.split('/').any(|component| matches!(component, "" | "." | "..")) {
            return Err(NameError::Path(text.to_owned()));
        }
        Ok(Self(text.to_owned()))
    }

    /// Returns the path.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the path, ready for a URL, of the version that has the digest `hash`: the digest
    /// and a dot stand before the last component (section 6.2, consistent snapshots).
    pub fn consistent(&self, hash: &str) -> String {
        let (folder, name) = self.0.rsplit_once('/').unwrap_or(("", &self.0));
        let folder: String =
            folder.split('/').filter(|c| !c.is_empty()).map(|c| encode(c) + "/").collect();
        format!("{folder}{hash}.{}", encode(name))
    }
}

impl fmt::Display for TargetPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

text_type!(TargetPath, NameError, "tuf/target-path", r"^[^/\\:][^\\:]*$", "the path of a target");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_of_any_name_is_one_harmless_component() {
        for (name, stem) in [
            ("bin-16-f", "bin-16-f"),
            ("?", "%3F"),
            ("#", "%23"),
            ("/delegatedrole", "%2Fdelegatedrole"),
            ("../delegatedrole", "..%2Fdelegatedrole"),
            ("a\\b%é", "a%5Cb%25%C3%A9"),
        ] {
            assert_eq!(RoleName::parse(name).unwrap().stem(), stem);
        }
    }

    #[test]
    fn a_role_that_would_hide_another_file_is_refused() {
        let long = "é".repeat(40);
        for name in ["", "root", "Targets", "TIMESTAMP", "con", "nul.x", "a\nb", "a\u{202e}", &long]
        {
            assert!(RoleName::parse(name).is_err(), "{name:?}");
        }
    }

    #[test]
    fn unsafe_target_paths_are_refused() {
        for path in ["", "/a", "a/", "a//b", ".", "..", "../a", "a/../b", "a\\b", "c:a", "a\nb"] {
            assert!(TargetPath::parse(path).is_err(), "{path:?}");
        }
    }

    #[test]
    fn the_digest_stands_before_the_last_component() {
        let path = |text| TargetPath::parse(text).unwrap();
        assert_eq!(path("plugins/lab/amber.json").consistent("00"), "plugins/lab/00.amber.json");
        assert_eq!(path("catalog.json").consistent("00"), "00.catalog.json");
        assert_eq!(path("a b/?").consistent("00"), "a%20b/00.%3F");
    }

    #[test]
    fn a_snapshot_lists_a_role_by_its_name() {
        let name = MetaName::of(&RoleName::targets());
        assert_eq!((name.as_str(), name.role()), ("targets.json", "targets"));
        assert_eq!(MetaName::parse("targets.json"), Ok(name));
        assert!(MetaName::parse(".json").is_err());
        assert!(MetaName::parse("targets").is_err());
    }
}
