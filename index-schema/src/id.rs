//! Names: of registries, publishers and plugins.

use std::fmt;

use crate::path::is_device_name;

/// Why a text is not a name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// Too few or too many characters.
    #[error("a {what} has {min} to {max} characters, this has {found}")]
    Length {
        /// What was read.
        what: &'static str,
        /// The least.
        min: usize,
        /// The most.
        max: usize,
        /// The number found.
        found: usize,
    },
    /// The first character is not a letter.
    #[error("a {0} starts with a letter a-z")]
    Start(&'static str),
    /// A character outside the set.
    #[error("a {0} has only a-z, 0-9 and single inner hyphens, not {1:?}")]
    Character(&'static str, char),
    /// A hyphen at the end or beside another one.
    #[error("a {0} has no hyphen at the end and no two in a row")]
    Hyphen(&'static str),
    /// A name that Windows gives to a device.
    #[error("`{0}` is a device name on Windows")]
    Device(String),
    /// A name that the registry keeps for itself.
    #[error("`{0}` is reserved")]
    Reserved(String),
    /// A plugin's id without exactly one slash.
    #[error("a plugin's id has the form publisher/name")]
    Form,
}

/// Names that publishers cannot have: the compiled index and its site use them, or will.
pub const RESERVED_PUBLISHERS: &[&str] = &[
    "about",
    "admin",
    "advisories",
    "api",
    "archives",
    "assets",
    "blobs",
    "categories",
    "category",
    "config",
    "core",
    "feeds",
    "health",
    "help",
    "index",
    "keywords",
    "latest",
    "ledger",
    "libral",
    "log",
    "metadata",
    "moderation",
    "new",
    "plugin",
    "plugins",
    "publisher",
    "publishers",
    "registry",
    "schema",
    "search",
    "stats",
    "status",
    "targets",
    "trust",
    "www",
];

/// Names that plugins cannot have: they stand below their publisher, so there are few.
pub const RESERVED_PLUGINS: &[&str] = &["api", "assets", "index", "search"];

fn check(text: &str, what: &'static str, min: usize, max: usize) -> Result<(), IdError> {
    let found = text.chars().count();
    if !(min..=max).contains(&found) {
        return Err(IdError::Length { what, min, max, found });
    }
    let allowed = |c: &char| matches!(c, 'a'..='z' | '0'..='9' | '-');
    if let Some(bad) = text.chars().find(|c| !allowed(c)) {
        return Err(IdError::Character(what, bad));
    }
    if !text.starts_with(|c: char| c.is_ascii_lowercase()) {
        return Err(IdError::Start(what));
    }
    if text.ends_with('-') || text.contains("--") {
        return Err(IdError::Hyphen(what));
    }
    Ok(())
}

fn check_public(
    text: &str,
    what: &'static str,
    (min, max): (usize, usize),
    reserved: &[&str],
) -> Result<(), IdError> {
    check(text, what, min, max)?;
    if is_device_name(text) {
        return Err(IdError::Device(text.to_owned()));
    }
    if reserved.contains(&text) {
        return Err(IdError::Reserved(text.to_owned()));
    }
    Ok(())
}

fn check_publisher(text: &str, what: &'static str, min: usize, max: usize) -> Result<(), IdError> {
    check_public(text, what, (min, max), RESERVED_PUBLISHERS)
}

fn check_plugin(text: &str, what: &'static str, min: usize, max: usize) -> Result<(), IdError> {
    check_public(text, what, (min, max), RESERVED_PLUGINS)
}

macro_rules! name_type {
    ($(#[$meta:meta])* $name:ident, $what:literal, $check:ident, $min:literal, $max:literal, $code:literal) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// Parses the name; nothing is normalised.
            pub fn parse(text: &str) -> Result<Self, IdError> {
                $check(text, $what, $min, $max)?;
                Ok(Self(text.to_owned()))
            }

            /// Returns the name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// Returns the first two characters: the folder in which the name is kept.
            pub fn shard(&self) -> &str {
                self.0.get(..2).unwrap_or(&self.0)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        text_type!($name, IdError, $code, "^[a-z][a-z0-9]*(-[a-z0-9]+)*$", $what);
    };
}

name_type!(
    /// The id of a registry: 2 to 39 of `a-z 0-9 -`.
    RegistryId, "registry id", check, 2, 39, "name/registry"
);
name_type!(
    /// The id of a publisher: 2 to 39 of `a-z 0-9 -`, not reserved.
    PublisherId, "publisher id", check_publisher, 2, 39, "name/publisher"
);
name_type!(
    /// The name of a plugin within its publisher: 2 to 64 of `a-z 0-9 -`, not reserved.
    PluginName, "plugin name", check_plugin, 2, 64, "name/plugin"
);
name_type!(
    /// The id of a moderation statement: 2 to 96 of `a-z 0-9 -`.
    StatementId, "statement id", check, 2, 96, "name/statement"
);
name_type!(
    /// A category or keyword: 2 to 32 of `a-z 0-9 -`.
    Word, "word", check, 2, 32, "name/word"
);

/// A plugin's id: `publisher/name`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PluginId {
    /// Who publishes it.
    pub publisher: PublisherId,
    /// What it is called.
    pub name: PluginName,
}

impl PluginId {
    /// Parses `publisher/name`.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        let (publisher, name) = text.split_once('/').ok_or(IdError::Form)?;
        if name.contains('/') {
            return Err(IdError::Form);
        }
        Ok(Self { publisher: PublisherId::parse(publisher)?, name: PluginName::parse(name)? })
    }
}

impl fmt::Display for PluginId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.publisher, self.name)
    }
}

text_type!(
    PluginId,
    IdError,
    "name/plugin-id",
    "^[a-z][a-z0-9]*(-[a-z0-9]+)*/[a-z][a-z0-9]*(-[a-z0-9]+)*$",
    "publisher/name"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_ids_are_taken_as_they_are() {
        for text in ["lab/amber", "a1/b2", "my-lab/word-count-2"] {
            assert_eq!(PluginId::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(PluginId::parse("lab/amber").unwrap().name.shard(), "am");
    }

    #[test]
    fn look_alikes_devices_and_reserved_names_are_refused() {
        for text in [
            "lab",
            "lab/",
            "/amber",
            "lab/amber/x",
            "Lab/amber",
            "lab/Amber",
            "lab/a",
            "l/amber",
            "lab/-a",
            "lab/a-",
            "lab/a--b",
            "lab/1a",
            "lab/аmber",
            "lab/a_b",
            "lab/a.b",
            "lab/con",
            "nul/amber",
            "lab/index",
            "api/amber",
            "lab/com1",
            "../amber",
            "lab/..",
            "lab /amber",
            "lab/amber\n",
        ] {
            assert!(PluginId::parse(text).is_err(), "{text:?}");
        }
        assert!(PluginName::parse(&"a".repeat(65)).is_err());
        assert!(PublisherId::parse(&"a".repeat(40)).is_err());
    }
}
