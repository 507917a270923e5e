//! What can be wrong with an index.

use index_schema::id::PluginId;
use index_schema::json::Problem;
use index_schema::layout::REGISTRY_TARGET;
use index_schema::limits;
use index_schema::tuf::NameError;
use index_schema::version::Version;

use crate::chain::ChainError;
use crate::failure::{Class, Failure};
use crate::seen::{MemoryError, SeenError};
use crate::source::SourceError;
use crate::tuf::TufError;
use crate::tuf::update::UpdateError;

/// Why an index is not believed.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// The metadata are not current, not trusted, or not to be had.
    #[error(transparent)]
    Update(#[from] UpdateError),
    /// Another role than the one that should vouches for a document.
    #[error(transparent)]
    Role(#[from] TufError),
    /// The path of a target is none.
    #[error("the path of a target is malformed")]
    Path(#[from] NameError),
    /// A file could not be fetched.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The registry does not have a document that every registry has.
    #[error("the registry does not list `{0}`")]
    NotListed(&'static str),
    /// A document cannot be read.
    #[error("`{what}` is not well-formed: {}", first(problems))]
    Malformed {
        /// The document.
        what: String,
        /// What is wrong with it.
        problems: Vec<Problem>,
    },
    /// A statement can be read only by newer software.
    #[error("{0} needs a newer version of this program")]
    NeedsNewer(String),
    /// A document is about something else than what was asked for.
    #[error("`{what}` is about `{found}`, not about `{expected}`")]
    Swapped {
        /// The document.
        what: String,
        /// What was asked for.
        expected: String,
        /// What it is about.
        found: String,
    },
    /// A document lists a release twice.
    #[error("the document of `{id}` lists {version} twice")]
    Twice {
        /// The plugin.
        id: PluginId,
        /// The release.
        version: Version,
    },
    /// The targets metadata do not say who maintains the registry.
    #[error("the registry's targets metadata carry no record of it")]
    NoRecords,
    /// There are more records than the ceiling.
    #[error("{what} has {found} records, at most {max} are followed", max = limits::RECORDS)]
    TooManyRecords {
        /// Whose records.
        what: String,
        /// How many.
        found: usize,
    },
    /// The record that is listed as the newest is another one than the last that came along.
    #[error("`{REGISTRY_TARGET}` is not the last record that the targets metadata carry")]
    OtherRecord,
    /// The records do not follow each other as they should.
    #[error("the registry's records cannot be followed: {}", all(.0))]
    Maintainers(Vec<ChainError>),
    /// The index contradicts what it said before.
    #[error(transparent)]
    Seen(#[from] SeenError),
    /// What was seen cannot be kept.
    #[error(transparent)]
    Memory(#[from] MemoryError),
    /// A statement that the index names is missing.
    #[error("the registry has no `{0}`, which its index names")]
    NoBlob(String),
    /// A statement is not the one that the index names.
    #[error("`{0}` is not the statement that the index names: its size or digest differs")]
    Blob(String),
}

fn first(problems: &[Problem]) -> &str {
    problems.first().map_or("unreadable", |problem| &problem.message)
}

fn all(errors: &[ChainError]) -> String {
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// The code of a statement that only newer software reads.
const NEWER: &str = "statement/newer-schema";

impl IndexError {
    /// Says why a statement was not read.
    pub(crate) fn unreadable(what: String, problems: Vec<Problem>) -> Self {
        let is_newer = problems.iter().any(|problem| problem.code == NEWER);
        if is_newer { Self::NeedsNewer(what) } else { Self::Malformed { what, problems } }
    }
}

impl Failure for IndexError {
    fn class(&self) -> Class {
        match self {
            Self::Update(error) => error.class(),
            Self::Source(error) => error.class(),
            Self::Memory(error) => error.class(),
            Self::Role(_)
            | Self::Path(_)
            | Self::NotListed(_)
            | Self::Malformed { .. }
            | Self::Swapped { .. }
            | Self::Twice { .. }
            | Self::NoRecords
            | Self::TooManyRecords { .. }
            | Self::OtherRecord
            | Self::Maintainers(_)
            | Self::Seen(_)
            | Self::NoBlob(_)
            | Self::Blob(_) => Class::Untrusted,
            Self::NeedsNewer(_) => Class::Refused,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Update(error) => error.code(),
            Self::Source(error) => error.code(),
            Self::Memory(error) => error.code(),
            Self::Role(error) => error.code(),
            Self::Seen(error) => error.code(),
            Self::Path(_) => "index/path",
            Self::NotListed(_) => "index/not-listed",
            Self::Malformed { problems, .. } => {
                problems.first().map_or("index/malformed", |p| p.code)
            }
            Self::NeedsNewer(_) => NEWER,
            Self::Swapped { .. } => "index/swapped",
            Self::Twice { .. } => "index/twice",
            Self::NoRecords => "index/no-registry-record",
            Self::TooManyRecords { .. } => "chain/too-long",
            Self::OtherRecord => "index/other-record",
            Self::Maintainers(errors) => {
                errors.first().map_or("index/maintainers", ChainError::code)
            }
            Self::NoBlob(_) => "index/missing-statement",
            Self::Blob(_) => "index/swapped-statement",
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Update(error) => error.hint(),
            Self::Source(error) => error.hint(),
            Self::Role(error) => error.hint(),
            Self::Seen(error) => error.hint(),
            Self::Memory(error) => error.hint(),
            Self::Path(_)
            | Self::NotListed(_)
            | Self::Malformed { .. }
            | Self::Swapped { .. }
            | Self::Twice { .. }
            | Self::NoRecords
            | Self::TooManyRecords { .. }
            | Self::OtherRecord
            | Self::Maintainers(_)
            | Self::NoBlob(_)
            | Self::Blob(_) => None,
            Self::NeedsNewer(_) => {
                Some("install a newer version; what is installed keeps working".to_owned())
            }
        }
    }
}
