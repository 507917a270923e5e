//! Requirements on versions: Cargo's grammar, with `||` between alternatives.
//!
//! A bare version means caret (`1.2` is `^1.2`), a comma means *and*, `||` means *or*. A
//! pre-release matches an alternative only if one of its comparators names the same
//! `major.minor.patch` with a pre-release of its own.

use std::fmt;

use semver::VersionReq;

use crate::version::Version;

/// What versions are wanted, such as `^1.2 || >=3.0.0, <3.4`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Requirement {
    text: String,
    alternatives: Vec<VersionReq>,
}

/// Why a text is not a [`Requirement`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RequirementError {
    /// More than 1,024 bytes.
    #[error("a requirement has at most 1024 bytes, this has {0}")]
    TooLong(usize),
    /// More alternatives than anybody needs.
    #[error("a requirement has at most 32 alternatives, this has {0}")]
    TooMany(usize),
    /// Nothing between two `||`.
    #[error("an alternative is empty; write `*` for any version")]
    Empty,
    /// An alternative that cannot be read.
    #[error("`{text}` is not a requirement: {reason}")]
    Syntax {
        /// The alternative.
        text: String,
        /// Why it is refused.
        reason: String,
    },
}

impl Requirement {
    /// Parses a requirement.
    pub fn parse(text: &str) -> Result<Self, RequirementError> {
        if text.len() > 1024 {
            return Err(RequirementError::TooLong(text.len()));
        }
        let count = text.split("||").count();
        if count > 32 {
            return Err(RequirementError::TooMany(count));
        }
        let alternatives = text.split("||").map(parse_alternative).collect::<Result<_, _>>()?;
        Ok(Self { text: text.to_owned(), alternatives })
    }

    /// Returns the requirement that every version meets, pre-releases aside.
    pub fn any() -> Self {
        Self { text: "*".to_owned(), alternatives: vec![VersionReq::STAR] }
    }

    /// Returns the requirement that only `version` meets.
    pub fn exact(version: &Version) -> Self {
        let text = format!("={}", version.without_build());
        Self::parse(&text).unwrap_or_else(|_| Self::any())
    }

    /// Tells whether `version` is wanted.
    pub fn matches(&self, version: &Version) -> bool {
        self.alternatives.iter().any(|alternative| alternative.matches(version.semver()))
    }

    /// Returns the alternatives, for a resolver.
    pub fn alternatives(&self) -> &[VersionReq] {
        &self.alternatives
    }
}

fn parse_alternative(text: &str) -> Result<VersionReq, RequirementError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(RequirementError::Empty);
    }
    let syntax = |error: semver::Error| RequirementError::Syntax {
        text: text.to_owned(),
        reason: error.to_string(),
    };
    VersionReq::parse(text).map_err(syntax)
}

impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

text_type!(
    Requirement,
    RequirementError,
    "requirement/malformed",
    r"^.{1,1024}$",
    "Cargo's requirement grammar, alternatives joined by ||"
);

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(requirement: &str, version: &str) -> bool {
        Requirement::parse(requirement).unwrap().matches(&Version::parse(version).unwrap())
    }

    #[test]
    fn bare_means_caret_comma_means_and_bars_mean_or() {
        assert!(matches("1.2", "1.9.0"));
        assert!(!matches("1.2", "2.0.0"));
        assert!(matches(">=1.0.0, <1.4", "1.3.9"));
        assert!(!matches(">=1.0.0, <1.4", "1.4.0"));
        assert!(matches("^1 || ^3", "3.1.0"));
        assert!(!matches("^1 || ^3", "2.1.0"));
    }

    #[test]
    fn a_pre_release_needs_a_comparator_of_the_same_alternative_that_names_it() {
        assert!(!matches("^1 || *", "2.0.0-beta"));
        assert!(matches(">=2.0.0-alpha", "2.0.0-beta"));
        assert!(!matches(">=2.0.0-alpha", "2.0.1-beta"));
        assert!(!matches("=1.0.0-alpha || >=2", "2.0.0-beta"));
    }

    #[test]
    fn exact_is_exact_also_for_pre_releases() {
        let version = Version::parse("1.0.0-rc.1+build").unwrap();
        assert!(Requirement::exact(&version).matches(&version));
    }

    #[test]
    fn malformed_requirements_are_refused() {
        for text in ["", "||", "^1 ||", "latest", "1.2.3.4", ">", "^1 | ^2", "=> 1"] {
            assert!(Requirement::parse(text).is_err(), "{text:?}");
        }
    }
}
