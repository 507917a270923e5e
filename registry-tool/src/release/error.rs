//! Why nothing was released.

use std::io;
use std::path::PathBuf;

use index_schema::time::Timestamp;
use index_schema::tuf::{NameError, TargetPath};
use libral::source::SourceError;
use libral::tuf::TufError;
use libral::tuf::store::StoreError;
use libral::tuf::update::UpdateError;

use crate::history::HistoryError;
use crate::output::OutputError;
use crate::role_keys::RoleKeyError;

/// Why nothing was released.
#[derive(Debug, thiserror::Error)]
pub enum ReleaseError {
    /// A file could not be read or written.
    #[error("cannot open `{}`", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The folder has no root or targets metadata.
    #[error("`{0}` is missing; `build` copies it from the index")]
    Missing(String),
    /// There is a root that the build does not know.
    #[error("`{0}` is there, but the build does not name it")]
    Stray(String),
    /// A file could not be written.
    #[error(transparent)]
    Output(#[from] OutputError),
    /// A file is missing, or has other bytes than `build` wrote.
    #[error("`{0}` is not the file that `build` wrote")]
    Misnamed(PathBuf),
    /// A target that is read here is malformed.
    #[error("`{0}` cannot be read")]
    Document(TargetPath, #[source] TufError),
    /// A file below `targets` has an unsafe name.
    #[error("`{}` cannot be a target", path.display())]
    Name {
        /// The file.
        path: PathBuf,
        /// Why.
        source: NameError,
    },
    /// A file below `targets` for which no role of a registry vouches.
    #[error("no role vouches for `{0}`")]
    Unassigned(TargetPath),
    /// The registry record is not the one that the targets role signed.
    #[error("`{0}` is not the file that the targets role signed")]
    NotSigned(TargetPath),
    /// The targets role delegates to something else than `index` and bins.
    #[error("the targets role does not delegate to `index` and to bins")]
    Delegations,
    /// Too few of a role's keys are there.
    #[error("`{role}` has to be signed by {needed} of its keys, {here} are here")]
    Key {
        /// The role.
        role: String,
        /// How many keys have to sign.
        needed: u64,
        /// How many are here.
        here: usize,
    },
    /// A key did not sign.
    #[error(transparent)]
    Signing(#[from] RoleKeyError),
    /// The metadata are not to be trusted.
    #[error(transparent)]
    Untrusted(#[from] TufError),
    /// What was released before, or would be released now, is not what a client accepts.
    #[error("a client would refuse the {0} state")]
    Refused(&'static str, #[source] UpdateError),
    /// The state released before could not be fetched.
    #[error("cannot fetch what was released before")]
    Source(#[from] SourceError),
    /// A temporary folder could not be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Something was released already.
    #[error("`{0}` is there: this is not the first release")]
    NotFirst(PathBuf),
    /// What was released before names another file in the same place.
    #[error("`{0}` was published before with other bytes")]
    Forked(String),
    /// The state before has newer metadata.
    #[error("the state before has `{0}`, this one has not")]
    Behind(String),
    /// A plugin is gone.
    #[error("the state before has `{0}`, which is gone: clients would refuse the registry")]
    LostTarget(TargetPath),
    /// A plugin's document has lost something.
    #[error("`{path}` has lost {what}: clients would refuse it")]
    LostPart {
        /// The document.
        path: TargetPath,
        /// What is gone.
        what: String,
    },
    /// The state before is of another registry.
    #[error("the state before is of the registry `{before}`, this one is `{now}`")]
    OtherRegistry {
        /// The registry before.
        before: String,
        /// The registry now.
        now: String,
    },
    /// The commit that was released is not on the line any more.
    #[error(
        "commit {commit}, which was released before, is not on the main line of this build [history/rewritten]"
    )]
    Rewritten {
        /// The commit.
        commit: String,
        /// Whether all of the line was looked through.
        whole_line: bool,
    },
    /// The newest commit claims to be older than the one that was released.
    #[error("the new state is of {now}, after one of {before} was released [history/rewritten]")]
    Earlier {
        /// The time of the state before.
        before: Timestamp,
        /// The time of the new state.
        now: Timestamp,
    },
    /// A state claims a time to come.
    #[error(
        "the {which} state claims to be of {accepted}, which is still to come [history/future]"
    )]
    Future {
        /// Which state.
        which: &'static str,
        /// The time that it claims.
        accepted: Timestamp,
    },
    /// The history of the index could not be read.
    #[error(transparent)]
    History(#[from] HistoryError),
    /// After a theft, the thief still has a key that counts.
    #[error("a key of `{0}` is still the one of the state before: clients would not forget it")]
    SameKeys(String),
    /// The versions have been counted up to the end.
    #[error("`{0}` has no version left: somebody has counted it up")]
    Exhausted(String),
}

impl ReleaseError {
    /// Returns the stable code, where there is one.
    pub const fn code(&self) -> Option<&'static str> {
        if let Self::Rewritten { .. } | Self::Earlier { .. } = self {
            return Some("history/rewritten");
        }
        if let Self::Future { .. } = self {
            return Some("history/future");
        }
        None
    }

    /// Tells whether a state was judged and refused; else the command could not be carried out.
    pub const fn is_refusal(&self) -> bool {
        match self {
            Self::Stray(_)
            | Self::Misnamed(_)
            | Self::Document(..)
            | Self::Name { .. }
            | Self::Unassigned(_)
            | Self::NotSigned(_)
            | Self::Delegations
            | Self::Untrusted(_)
            | Self::NotFirst(_)
            | Self::Forked(_)
            | Self::Behind(_)
            | Self::LostTarget(_)
            | Self::LostPart { .. }
            | Self::OtherRegistry { .. }
            | Self::Rewritten { .. }
            | Self::Earlier { .. }
            | Self::Future { .. }
            | Self::SameKeys(_)
            | Self::Exhausted(_) => true,
            Self::Refused(_, error) => !matches!(error, UpdateError::Source(_)),
            Self::File { .. }
            | Self::Missing(_)
            | Self::Output(_)
            | Self::Key { .. }
            | Self::Signing(_)
            | Self::Source(_)
            | Self::Store(_)
            | Self::History(_) => false,
        }
    }

    /// Returns what to do about it.
    pub const fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Missing(_) => Some("hold the key ceremony, commit what it made, and build again"),
            Self::Stray(_) | Self::Misnamed(_) => {
                Some("build again into the folder of the last release, or into an empty one")
            }
            Self::NotSigned(_) => Some(
                "the newest record needs targets metadata that name it: `trust draft targets`, sign, adopt",
            ),
            Self::Key { .. } => Some("`trust show` lists which keys sign which role"),
            Self::NotFirst(_) => Some("name the last release with --previous"),
            Self::Forked(_) => Some(
                "a thief may have published it; targets metadata can take a higher version: `trust draft targets --version`",
            ),
            Self::LostTarget(_) | Self::LostPart { .. } => Some(
                "if the online keys were stolen and are replaced, and this was never signed by its publisher: --recover",
            ),
            Self::Rewritten { whole_line: false, .. } => {
                Some("--index DIR looks further back than the build's list")
            }
            Self::Rewritten { whole_line: true, .. } => {
                Some("restore the line from any clone that has the commit")
            }
            Self::Earlier { .. } => Some("build the newest commit; clients refuse to go back"),
            Self::SameKeys(_) => Some(
                "a recovery takes other keys for index, bins, snapshot and timestamp: `trust draft root` and `trust draft targets`",
            ),
            Self::Exhausted(_) => Some(
                "replace the keys of index, bins, snapshot and timestamp, then release with --recover",
            ),
            Self::File { .. }
            | Self::Output(_)
            | Self::Document(..)
            | Self::Name { .. }
            | Self::Unassigned(_)
            | Self::Delegations
            | Self::Signing(_)
            | Self::Untrusted(_)
            | Self::Refused(..)
            | Self::Source(_)
            | Self::Store(_)
            | Self::Behind(_)
            | Self::OtherRegistry { .. }
            | Self::Future { .. }
            | Self::History(_) => None,
        }
    }
}
