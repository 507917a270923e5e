//! The ids of vulnerabilities.

use std::fmt;

use crate::id::RegistryId;

/// The id of a vulnerability: `x_<registry>-<year>-<number>`.
///
/// OSV keeps the prefix `x_` for databases of one's own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AdvisoryId {
    registry: RegistryId,
    year: u16,
    number: u32,
}

/// Text that is no id of a vulnerability.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected an id like `x_demo-2026-0001`: registry, year, number of 4 to 6 digits")]
pub struct AdvisoryIdError;

impl AdvisoryId {
    /// Makes the id with a number; nothing where numbers end.
    pub fn new(registry: &RegistryId, year: u16, number: u32) -> Option<Self> {
        let is_sound = (1970..=9999).contains(&year) && (1..=999_999).contains(&number);
        is_sound.then(|| Self { registry: registry.clone(), year, number })
    }

    /// Parses an id; there is one spelling for each.
    pub fn parse(text: &str) -> Result<Self, AdvisoryIdError> {
        let recognised = || {
            let (rest, number) = text.strip_prefix("x_")?.rsplit_once('-')?;
            let (registry, year) = rest.rsplit_once('-')?;
            let registry = RegistryId::parse(registry).ok()?;
            Self::new(&registry, year.parse().ok()?, number.parse().ok()?)
        };
        recognised().filter(|id| id.to_string() == text).ok_or(AdvisoryIdError)
    }

    /// Returns the registry.
    pub const fn registry(&self) -> &RegistryId {
        &self.registry
    }

    /// Returns the year.
    pub const fn year(&self) -> u16 {
        self.year
    }

    /// Returns the number within the year.
    pub const fn number(&self) -> u32 {
        self.number
    }
}

impl fmt::Display for AdvisoryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "x_{}-{:04}-{:04}", self.registry, self.year, self.number)
    }
}

text_type!(
    AdvisoryId,
    AdvisoryIdError,
    "advisory/id",
    "^x_[a-z][a-z0-9]*(-[a-z0-9]+)*-[0-9]{4}-[0-9]{4,6}$",
    "the id of a vulnerability"
);
