//! Putting TUF metadata over what `build` wrote: what is current, until when, signed.
//!
//! ```text
//! public/metadata/<n>.root.json  <n>.targets.json        from Git, signed offline (see `ceremony`)
//! public/targets/…/<sha256>.<name>                       from `build`
//! public/metadata/<v>.index.json  <v>.bin-….json  <v>.snapshot.json  timestamp.json      made here
//! ```
//!
//! A role keeps its version and bytes as long as it says the same, is signed by the same key, and
//! has half of its life before it; else it gets the next version. Before anything is written, the
//! client's own functions judge all of it, as a client that has seen the state before. The
//! timestamp is written last: until then, clients see the state before.

pub mod ceremony;
mod content;
mod draft;
mod previous;
mod public;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use index_schema::time::{DAY, Timestamp};
use index_schema::tuf::{MetaVersion, NameError, TargetPath};
use libral::source::SourceError;
use libral::tuf::TufError;
use libral::tuf::store::StoreError;
use libral::tuf::update::UpdateError;

pub use self::content::Content;
use self::draft::Draft;
pub use self::previous::Previous;
use self::public::{Offline, Public};
use crate::output::OutputError;
use crate::role_keys::OnlineKeys;

/// For how many seconds metadata are trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lifetimes {
    /// Of the root.
    pub root: i64,
    /// Of the top-level targets.
    pub targets: i64,
    /// Of `index` and the bins.
    pub delegated: i64,
    /// Of the snapshot.
    pub snapshot: i64,
    /// Of the timestamp.
    pub timestamp: i64,
}

impl Default for Lifetimes {
    fn default() -> Self {
        let year = 365 * DAY;
        Self { root: year, targets: year, delegated: year, snapshot: 30 * DAY, timestamp: 7 * DAY }
    }
}

/// What a release did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Released {
    /// The version of the timestamp that is current now.
    pub timestamp: MetaVersion,
    /// The version of the snapshot that is current now.
    pub snapshot: MetaVersion,
    /// The files that were signed anew, by their paths in `public`.
    pub signed: Vec<String>,
}

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
    /// A file could not be written.
    #[error(transparent)]
    Output(#[from] OutputError),
    /// The file of a target is missing, or has other bytes than `build` wrote.
    #[error("`{0}` is not the file that `build` wrote")]
    Misnamed(PathBuf),
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
    /// A role is delegated to a key that is not among the online keys.
    #[error("the key for `{0}` is not the one that the role is delegated to")]
    Key(String),
    /// No version follows the last one.
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
}

/// Releases what stands in `public`, after `previous`; without it, for the first time.
pub fn release(
    public: &Path,
    previous: Option<&Previous>,
    keys: &OnlineKeys,
    (lifetimes, now): (&Lifetimes, Timestamp),
) -> Result<Released, ReleaseError> {
    let offline = Offline::read(public)?;
    let content = Content::read(public, &offline)?;
    publish(public, &offline, content, &Draft { previous, keys, lifetimes, now })
}

/// Renews whatever is past half of its life; the targets stay as they are.
pub fn refresh(
    public: &Path,
    keys: &OnlineKeys,
    (lifetimes, now): (&Lifetimes, Timestamp),
) -> Result<Released, ReleaseError> {
    let offline = Offline::read(public)?;
    let staged = BTreeMap::new();
    let previous = Previous::load(public, &Public { folder: public, staged: &staged })?;
    let content = Content::of_previous(&previous, &offline)?;
    publish(public, &offline, content, &Draft { previous: Some(&previous), keys, lifetimes, now })
}

fn publish(
    public: &Path,
    offline: &Offline,
    content: Content,
    draft: &Draft<'_>,
) -> Result<Released, ReleaseError> {
    let (staged, released) = draft.make(offline, content)?;
    previous::check(public, &staged, draft.previous, draft.now)?;
    public::write(public, &staged)?;
    Ok(released)
}
