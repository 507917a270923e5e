//! Versions: Semantic Versioning 2.0.0, at most 64 bytes, lower case.

use std::fmt;

/// The version of a release, such as `1.4.0` or `2.0.0-beta.1`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(semver::Version);

/// Why a text is not a [`Version`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VersionError {
    /// More than 64 bytes.
    #[error("a version has at most 64 bytes, this has {0}")]
    TooLong(usize),
    /// A tag's name instead of a version.
    #[error("a version does not start with `v`: write `{0}`")]
    Prefix(String),
    /// An upper-case letter: two versions could differ in case alone.
    #[error("a version has no upper-case letters, found `{0}`")]
    UpperCase(char),
    /// Not Semantic Versioning.
    #[error("`{text}` is not a semantic version: {reason}")]
    Syntax {
        /// What was read.
        text: String,
        /// Why it is refused.
        reason: String,
    },
}

impl Version {
    /// Parses a version.
    pub fn parse(text: &str) -> Result<Self, VersionError> {
        if text.len() > 64 {
            return Err(VersionError::TooLong(text.len()));
        }
        if let Some(rest) = text.strip_prefix('v')
            && rest.starts_with(|c: char| c.is_ascii_digit())
        {
            return Err(VersionError::Prefix(rest.to_owned()));
        }
        if let Some(bad) = text.chars().find(char::is_ascii_uppercase) {
            return Err(VersionError::UpperCase(bad));
        }
        let syntax = |error: semver::Error| VersionError::Syntax {
            text: text.to_owned(),
            reason: error.to_string(),
        };
        semver::Version::parse(text).map(Self).map_err(syntax)
    }

    /// Returns the version as the `semver` crate knows it.
    pub const fn semver(&self) -> &semver::Version {
        &self.0
    }

    /// Tells whether this is a pre-release.
    pub fn is_prerelease(&self) -> bool {
        !self.0.pre.is_empty()
    }

    /// Returns the version without build metadata, which does not tell releases apart.
    #[must_use]
    pub fn without_build(&self) -> Self {
        Self(semver::Version { build: semver::BuildMetadata::EMPTY, ..self.0.clone() })
    }

    /// Returns the numbers that a compatible series shares: the major one, under 0 also the minor.
    pub const fn series(&self) -> (u64, u64) {
        if self.0.major == 0 { (0, self.0.minor) } else { (self.0.major, 0) }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

text_type!(
    Version,
    VersionError,
    "version/malformed",
    r"^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9a-z.-]+)?(\+[0-9a-z.-]+)?$",
    "Semantic Versioning 2.0.0, at most 64 bytes, lower case"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_ordered_as_numbers_and_grouped_in_series() {
        let parse = |text| Version::parse(text).unwrap();
        assert!(parse("1.10.0") > parse("1.9.0"));
        assert!(parse("1.0.0-beta") < parse("1.0.0"));
        assert_eq!(parse("0.3.7").series(), (0, 3));
        assert_eq!(parse("4.3.7").series(), (4, 0));
        assert_eq!(parse("1.0.0+b").without_build(), parse("1.0.0"));
    }

    #[test]
    fn everything_else_is_refused() {
        let long = format!("1.0.0-{}", "a".repeat(60));
        for text in
            ["1", "1.0", "v1.0.0", "1.0.0-Beta", "01.0.0", "1.0.0 ", "", "1.0.0-", "1.0.x", &long]
        {
            assert!(Version::parse(text).is_err(), "{text:?}");
        }
    }
}
