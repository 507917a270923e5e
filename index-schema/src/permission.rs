//! What a plugin may do, in words that manifests, the scanner, the client and the site share.

use crate::text::{Line, List};

/// How much a permission asks of the user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Risk {
    /// Granted with the installation.
    Normal,
    /// Needs the user's consent by name.
    Sensitive,
}

/// What the entries of a scope are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScopeKind {
    /// Names of hosts, such as `api.example.org` or `*.example.org`.
    Hosts,
    /// Paths, such as `~/Documents`.
    Paths,
    /// Names, of environment variables for instance.
    Names,
    /// There is nothing to narrow down.
    None,
}

/// One word of the vocabulary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Vocabulary {
    /// The word.
    pub name: &'static str,
    /// How much it asks.
    pub risk: Risk,
    /// What its scope lists.
    pub scope: ScopeKind,
    /// What it means to a user: completes "this plugin can …".
    pub meaning: &'static str,
}

const fn word(
    name: &'static str,
    risk: Risk,
    scope: ScopeKind,
    meaning: &'static str,
) -> Vocabulary {
    Vocabulary { name, risk, scope, meaning }
}

/// Every word that is not the host application's.
pub const VOCABULARY: &[Vocabulary] = &[
    word("network", Risk::Sensitive, ScopeKind::Hosts, "send and receive data over the network"),
    word("fs.read", Risk::Normal, ScopeKind::Paths, "read files"),
    word("fs.write", Risk::Sensitive, ScopeKind::Paths, "create and change files"),
    word("fs.delete", Risk::Sensitive, ScopeKind::Paths, "delete files"),
    word("process.spawn", Risk::Sensitive, ScopeKind::Names, "start other programs"),
    word("process.exit", Risk::Normal, ScopeKind::None, "end the process it runs in"),
    word("env.read", Risk::Normal, ScopeKind::Names, "read environment variables"),
    word("code.eval", Risk::Sensitive, ScopeKind::None, "run code that it makes up while running"),
    word("code.dynamic-import", Risk::Normal, ScopeKind::None, "load code by a name it computes"),
    word(
        "code.deserialize",
        Risk::Sensitive,
        ScopeKind::None,
        "turn data into objects that can run code",
    ),
    word("native.load", Risk::Sensitive, ScopeKind::None, "load machine code"),
    word("clipboard.read", Risk::Sensitive, ScopeKind::None, "read the clipboard"),
    word("system.info", Risk::Normal, ScopeKind::None, "see facts about the machine"),
];

/// The name of a permission: a word of the vocabulary, or `host.…`, which the registry defines.
///
/// Two or more parts of `a-z 0-9 -` joined by dots, or the single word `network`; at most 64 bytes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PermissionName(String);

/// Why a text is not the name of a permission.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PermissionError {
    /// The form is not that of any permission.
    #[error(
        "`{0}` does not have the form of a permission, such as `fs.read` or `host.calendar.read`"
    )]
    Form(String),
}

impl PermissionName {
    /// Parses the name; whether somebody knows it is another question.
    pub fn parse(text: &str) -> Result<Self, PermissionError> {
        let part = |part: &str| {
            part.starts_with(|c: char| c.is_ascii_lowercase())
                && part.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'))
        };
        if text.len() <= 64 && text.split('.').all(part) {
            return Ok(Self(text.to_owned()));
        }
        Err(PermissionError::Form(text.chars().take(64).collect()))
    }

    /// Returns the name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns what the vocabulary says of this name.
    pub fn vocabulary(&self) -> Option<&'static Vocabulary> {
        VOCABULARY.iter().find(|word| word.name == self.0)
    }

    /// Tells whether the host application defines this permission.
    pub fn is_host(&self) -> bool {
        self.0.starts_with("host.")
    }

    /// Tells whether this version of the software knows what the name means.
    pub fn is_known(&self) -> bool {
        self.is_host() || self.vocabulary().is_some()
    }

    /// Returns the risk; what the host defines is sensitive unless the registry says otherwise.
    pub fn risk(&self) -> Risk {
        self.vocabulary().map_or(Risk::Sensitive, |word| word.risk)
    }
}

impl std::fmt::Display for PermissionName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

text_type!(
    PermissionName,
    PermissionError,
    "permission/malformed",
    r"^[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)*$",
    "the name of a permission"
);

document! {
    /// One permission that a release asks for.
    pub struct Permission {
        /// Which one.
        required name: PermissionName,
        /// What it is limited to: hosts, paths or names. Empty means no limit.
        default scope: List<Line<256>, 0, 64>,
        /// Why the plugin needs it, for the user.
        required reason: Line<300>,
        /// Whether the plugin works without it.
        default optional: bool,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_of_the_vocabulary_is_a_name_and_stands_once() {
        for word in VOCABULARY {
            assert!(PermissionName::parse(word.name).unwrap().is_known());
            assert_eq!(VOCABULARY.iter().filter(|other| other.name == word.name).count(), 1);
        }
    }

    #[test]
    fn names_of_another_form_are_refused() {
        for text in ["", "FS.read", "fs..read", "fs.", ".fs", "fs read", "fs.réad", "1fs"] {
            assert!(PermissionName::parse(text).is_err(), "{text:?}");
        }
    }
}
