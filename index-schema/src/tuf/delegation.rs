//! Delegations: which other role may vouch for which targets (section 4.5).

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Serialize;

use super::role::proven;
use super::{Key, KeyId, NameError, RoleKeys, RoleName, TargetPath};
use crate::digest::Sha256Digest;
use crate::json::{Fields, FromJson, Node, Reading};

/// The delegations of one role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Delegations {
    /// The keys; those whose id is not theirs have been left out.
    pub keys: BTreeMap<KeyId, Key>,
    /// The roles, those trusted more first, each named once.
    pub roles: Vec<DelegatedRole>,
}

/// One delegation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DelegatedRole {
    /// The name of the role.
    pub name: RoleName,
    /// Its keys and threshold.
    #[serde(flatten)]
    pub keys: RoleKeys,
    /// The targets that it may vouch for.
    #[serde(flatten)]
    pub paths: Paths,
    /// Whether the roles after it are not asked about those targets.
    pub terminating: bool,
}

/// A set of targets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum Paths {
    /// Those that a pattern matches.
    #[serde(rename = "paths")]
    Patterns(Vec<PathPattern>),
    /// Those whose path has a SHA-256 that starts like one of these.
    #[serde(rename = "path_hash_prefixes")]
    HashPrefixes(Vec<HashPrefix>),
}

impl Paths {
    /// Tells whether the target belongs to the set.
    pub fn contain(&self, path: &TargetPath) -> bool {
        self.contain_hashed(path, &Sha256Digest::of(path.as_str().as_bytes()).to_string())
    }

    /// Tells the same when the SHA-256 of the path is known: there may be thousands of sets to ask.
    pub fn contain_hashed(&self, path: &TargetPath, hash: &str) -> bool {
        match self {
            Self::Patterns(patterns) => patterns.iter().any(|pattern| pattern.matches(path)),
            Self::HashPrefixes(prefixes) => {
                prefixes.iter().any(|prefix| hash.starts_with(&prefix.0))
            }
        }
    }
}

impl FromJson for Delegations {
    fn from_json(node: &Node, reading: &mut Reading) -> Option<Self> {
        let mut fields = Fields::open(node, reading)?;
        let (keys, roles) = (fields.required("keys"), fields.required("roles"));
        let (keys, roles): (_, Vec<DelegatedRole>) = (proven(keys?), roles?);
        // "The rolename MUST be unique in the delegations object".
        let names: BTreeSet<&RoleName> = roles.iter().map(|role| &role.name).collect();
        if names.len() != roles.len() {
            let message = "a role is delegated to twice".to_owned();
            let span = fields.span();
            return fields.reading().refuse(span, "tuf/duplicate-role", message);
        }
        fields.finish();
        Some(Self { keys, roles })
    }
}

impl FromJson for DelegatedRole {
    fn from_json(node: &Node, reading: &mut Reading) -> Option<Self> {
        let mut fields = Fields::open(node, reading)?;
        let name = fields.required("name");
        let keys = RoleKeys::read(&mut fields);
        let patterns = fields.optional("paths");
        let prefixes = fields.optional("path_hash_prefixes");
        let terminating = fields.default("terminating");
        let span = fields.span();
        let paths = match (patterns, prefixes) {
            (Some(patterns), None) => Paths::Patterns(patterns),
            (None, Some(prefixes)) => Paths::HashPrefixes(prefixes),
            _ => {
                let message = "expected one of `paths` and `path_hash_prefixes`".to_owned();
                return fields.reading().refuse(span, "tuf/delegated-paths", message);
            }
        };
        fields.finish();
        Some(Self { name: name?, keys: keys?, paths, terminating: terminating? })
    }
}

/// A pattern of paths: `*` stands for any characters of one component, `?` for one of them.
///
/// Brackets are refused: shells give them a meaning, the specification gives them none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathPattern(String);

impl PathPattern {
    /// Parses a pattern.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        if text.len() > 1024 {
            return Err(NameError::TooLong(text.chars().take(40).collect()));
        }
        match text.chars().find(|c| matches!(c, '[' | ']' | '\\')) {
            Some(bad) => Err(NameError::Character(bad, text.to_owned())),
            None => Ok(Self(text.to_owned())),
        }
    }

    /// Tells whether the pattern matches all of `path`; no wildcard matches a `/`.
    pub fn matches(&self, path: &TargetPath) -> bool {
        let (mut patterns, mut names) = (self.0.split('/'), path.as_str().split('/'));
        loop {
            match (patterns.next(), names.next()) {
                (None, None) => return true,
                (Some(pattern), Some(name)) if component_matches(pattern, name) => {}
                _ => return false,
            }
        }
    }
}

/// Matches one component, going back to the last `*` only: linear in practice, quadratic at worst.
fn component_matches(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), name.chars().collect());
    let (mut p, mut n) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while let Some(c) = name.get(n) {
        match (pattern.get(p), star) {
            (Some('*'), _) => {
                star = Some((p, n));
                p += 1;
            }
            (Some(wanted), _) if *wanted == '?' || wanted == c => {
                p += 1;
                n += 1;
            }
            (_, Some((star_p, star_n))) => {
                star = Some((star_p, star_n + 1));
                p = star_p + 1;
                n = star_n + 1;
            }
            (_, None) => return false,
        }
    }
    pattern.iter().skip(p).all(|c| *c == '*')
}

impl fmt::Display for PathPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

text_type!(PathPattern, NameError, "tuf/path-pattern", r"^[^\[\]\\]*$", "a pattern of paths");

/// The first 1 to 64 hexadecimal digits of a SHA-256.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HashPrefix(String);

impl HashPrefix {
    /// Parses a prefix.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        if text.is_empty() {
            return Err(NameError::Empty);
        }
        if text.len() > 64 {
            return Err(NameError::TooLong(text.chars().take(40).collect()));
        }
        match text.chars().find(|c| !matches!(c, '0'..='9' | 'a'..='f')) {
            Some(bad) => Err(NameError::Character(bad, text.to_owned())),
            None => Ok(Self(text.to_owned())),
        }
    }
}

impl fmt::Display for HashPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

text_type!(HashPrefix, NameError, "tuf/hash-prefix", "^[0-9a-f]{1,64}$", "a prefix of a SHA-256");

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, path: &str) -> bool {
        PathPattern::parse(pattern).unwrap().matches(&TargetPath::parse(path).unwrap())
    }

    #[test]
    fn patterns_match_as_the_specification_shows() {
        assert!(matches("targets/*.tgz", "targets/foo.tgz"));
        assert!(!matches("targets/*.tgz", "targets/foo.txt"));
        assert!(matches("foo-version-?.tgz", "foo-version-2.tgz"));
        assert!(!matches("foo-version-?.tgz", "foo-version-alpha.tgz"));
        assert!(matches("*.tgz", "foo.tgz"));
        assert!(!matches("*.tgz", "targets/foo.tgz"));
        assert!(matches("foo.tgz", "foo.tgz"));
        assert!(!matches("foo.tgz", "foo.tgz.x"));
        assert!(!matches("foo.TGZ", "foo.tgz"));
        assert!(matches("a*b*c", "a-b-b-c"));
        assert!(!matches("a*b*c", "a-b-b"));
        assert!(PathPattern::parse("[a]").is_err());
    }

    #[test]
    fn a_long_run_of_stars_is_answered_at_once() {
        assert!(!matches(&"*a".repeat(500), &"a".repeat(499)));
    }

    #[test]
    fn hash_prefixes_select_by_the_digest_of_the_path() {
        let path = TargetPath::parse("plugins/lab/amber.json").unwrap();
        let hash = Sha256Digest::of(path.as_str().as_bytes()).to_string();
        let prefixes = |text: &str| Paths::HashPrefixes(vec![HashPrefix::parse(text).unwrap()]);
        assert!(prefixes(hash.get(..3).unwrap()).contain(&path));
        assert!(prefixes(&hash).contain(&path));
        assert!(!prefixes("000").contain(&path));
        assert!(HashPrefix::parse("").is_err());
        assert!(HashPrefix::parse("0A").is_err());
    }
}
