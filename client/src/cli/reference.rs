//! Plugins as a person names them: `[registry:]publisher/name[@requirement]`.

use std::str::FromStr;

use index_schema::id::{IdError, PluginId, RegistryId};
use index_schema::requirement::{Requirement, RequirementError};

/// A plugin, perhaps of a certain registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reference {
    /// What the user calls the registry.
    pub(crate) registry: Option<RegistryId>,
    /// The plugin.
    pub(crate) id: PluginId,
}

/// A plugin, and which versions of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wish {
    /// The plugin.
    pub(crate) reference: Reference,
    /// The versions; any, if nothing was said.
    pub(crate) requirement: Option<Requirement>,
}

/// Why a text names no plugin.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ReferenceError {
    /// A name is malformed.
    #[error(transparent)]
    Id(#[from] IdError),
    /// What follows `@` is no requirement.
    #[error(transparent)]
    Requirement(#[from] RequirementError),
}

impl FromStr for Reference {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        let (registry, id) = match text.split_once(':') {
            Some((registry, id)) => (Some(RegistryId::parse(registry)?), id),
            None => (None, text),
        };
        Ok(Self { registry, id: PluginId::parse(id)? })
    }
}

impl FromStr for Wish {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        let (reference, requirement) = match text.split_once('@') {
            Some((reference, requirement)) => (reference, Some(Requirement::parse(requirement)?)),
            None => (text, None),
        };
        Ok(Self { reference: reference.parse()?, requirement })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_is_understood() {
        let wish: Wish = "demo:lab/amber@^1.2 || 3".parse().unwrap();
        assert_eq!(wish.reference.registry, Some(RegistryId::parse("demo").unwrap()));
        assert_eq!(wish.reference.id, PluginId::parse("lab/amber").unwrap());
        assert_eq!(wish.requirement, Some(Requirement::parse("^1.2 || 3").unwrap()));
        let wish: Wish = "lab/amber".parse().unwrap();
        assert_eq!((wish.reference.registry, wish.requirement), (None, None));
    }

    #[test]
    fn every_other_form_is_refused() {
        for text in
            ["", "amber", "lab/amber@", "lab/amber@one", ":lab/amber", "Lab/amber", "a:b:c/d"]
        {
            assert!(text.parse::<Wish>().is_err(), "{text:?}");
        }
    }
}
