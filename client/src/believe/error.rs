//! Why a release is not believed.

use index_schema::id::PluginId;
use index_schema::version::Version;

use super::publisher::HandedOver;
use crate::chain::ChainError;
use crate::failure::{Class, Failure};
use crate::index::IndexError;

/// Why a release is not believed.
#[derive(Debug, thiserror::Error)]
pub enum BelieveError {
    /// The index is not believed.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// The document names no record of the publisher, or no approval of the first.
    #[error("the document of `{id}` has no {what}")]
    Incomplete {
        /// The plugin.
        id: PluginId,
        /// What it lacks.
        what: &'static str,
    },
    /// The maintainers gave a publisher other keys than those that were seen before.
    #[error(transparent)]
    Handover(Box<HandedOver>),
    /// A release is said to be gone, and is not.
    #[error("the registry calls {id} {version} gone without proof: {reason}")]
    FalseRemoval {
        /// The plugin.
        id: PluginId,
        /// The release.
        version: Version,
        /// What is wrong with the proof.
        reason: String,
    },
    /// A statement is not signed by who should have.
    #[error("{what} is not trusted: {}", all(errors))]
    Untrusted {
        /// The statement.
        what: String,
        /// What is wrong with it.
        errors: Vec<ChainError>,
    },
    /// The document says otherwise than the publisher.
    #[error(
        "the index contradicts what the publisher signed for {id} {version}: `{field}` differs"
    )]
    Contradiction {
        /// The plugin.
        id: PluginId,
        /// The release.
        version: Version,
        /// What differs.
        field: &'static str,
    },
    /// The document says otherwise about the state of a plugin than the publisher.
    #[error("the index contradicts what the publisher said of {id}: {what}")]
    FalseStatus {
        /// The plugin.
        id: PluginId,
        /// What differs.
        what: &'static str,
    },
}

fn all(errors: &[ChainError]) -> String {
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

impl Failure for BelieveError {
    fn class(&self) -> Class {
        match self {
            Self::Index(error) => error.class(),
            Self::Incomplete { .. }
            | Self::FalseRemoval { .. }
            | Self::Untrusted { .. }
            | Self::Contradiction { .. }
            | Self::FalseStatus { .. } => Class::Untrusted,
            Self::Handover(_) => Class::Consent,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Index(error) => error.code(),
            Self::Incomplete { .. } => "index/incomplete",
            Self::Handover(_) => "chain/handover",
            Self::FalseRemoval { .. } => "index/false-removal",
            Self::Untrusted { errors, .. } => {
                errors.first().map_or("chain/untrusted", ChainError::code)
            }
            Self::Contradiction { .. } => "index/contradicts-manifest",
            Self::FalseStatus { .. } => "index/contradicts-status",
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Index(error) => error.hint(),
            Self::Handover(notice) => Some(format!(
                "ask the publisher, by another way, whether the new keys are its own; then: \
                 --accept-handover {}",
                notice.publisher
            )),
            Self::Incomplete { .. }
            | Self::FalseRemoval { .. }
            | Self::Untrusted { .. }
            | Self::Contradiction { .. }
            | Self::FalseStatus { .. } => {
                Some("nothing was changed; tell the registry's maintainers".to_owned())
            }
        }
    }
}
