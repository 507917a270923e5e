//! Putting TUF metadata over what `build` wrote: what is current, until when, signed.
//!
//! ```text
//! public/metadata/<n>.root.json  <n>.targets.json        from Git, signed offline (see `trust`)
//! public/targets/…/<sha256>.<name>                       from `build`
//! public/metadata/<v>.index.json  <v>.bin-….json  <v>.snapshot.json  timestamp.json      made here
//! ```
//!
//! A role keeps its version and bytes as long as it says the same, is signed by its keys, and has
//! half of its life before it; else it gets the next version, or a higher one that other bins have.
//!
//! What is published can be followed by every client that followed the state before, and so, one
//! release after the other, by every client:
//!
//! - The state before is verified as a client would, and so is the new one, as a new client and as
//!   one that has seen the state before.
//! - The roots and targets metadata that were published stay byte for byte; no version falls.
//! - The main line of the index continues: the commit that was released is on it.
//! - No plugin is lost, and no release, status or publisher record of one.
//! - Every file that is signed for, or named by a document that changed, is in the folder.
//!
//! The timestamp is written last: until then, clients see the state before.

mod content;
mod draft;
mod error;
mod line;
mod losses;
mod pace;
mod previous;
mod public;
#[cfg(test)]
mod tests;
mod threads;

use std::collections::BTreeMap;
use std::path::Path;

use index_schema::time::Timestamp;
use index_schema::tuf::MetaVersion;

use self::content::Content;
use self::draft::Draft;
pub use self::error::ReleaseError;
pub use self::pace::Pace;
pub use self::previous::Previous;
use self::public::{Offline, Public, TIMESTAMP};
use crate::role_keys::Keys;
use crate::trust::Lifetimes;

/// What a release did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Released {
    /// The version of the timestamp that is current now.
    pub timestamp: MetaVersion,
    /// The version of the snapshot that is current now.
    pub snapshot: MetaVersion,
    /// The files that were signed anew, by their paths in `public`.
    pub signed: Vec<String>,
    /// When the newest root ceases to be trusted.
    pub root_expires: Timestamp,
    /// When the newest top-level targets do.
    pub targets_expires: Timestamp,
}

/// What a release follows.
#[derive(Clone, Copy)]
pub enum After<'p> {
    /// Nothing: it is the first.
    Nothing,
    /// The state that was released before, and a clone of the index to look for its commit in.
    State(&'p Previous<'p>, Option<&'p Path>),
    /// A state that may be the work of a thief, whose keys count no more: what only online keys
    /// vouched for binds nobody, and versions that were counted up start again.
    Theft(&'p Previous<'p>),
}

impl<'p> After<'p> {
    const fn previous(self) -> Option<&'p Previous<'p>> {
        match self {
            Self::Nothing => None,
            Self::State(previous, _) | Self::Theft(previous) => Some(previous),
        }
    }
}

/// Who signs, and when.
#[derive(Debug, Clone, Copy)]
pub struct Signing<'s> {
    /// The keys that are here.
    pub keys: &'s Keys,
    /// For how long.
    pub lifetimes: &'s Lifetimes,
    /// The time.
    pub now: Timestamp,
}

/// Releases what stands in `public`.
pub fn release(
    public: &Path,
    after: After<'_>,
    signing: &Signing<'_>,
) -> Result<Released, ReleaseError> {
    let list = content::list(public)?;
    let offline = Offline::read(public, &list)?;
    let content = Content::read(public, (&list, after.previous()), &offline)?;
    let state = content.state(public)?;
    if list.line.first() != Some(&state.commit) {
        return Err(ReleaseError::Misnamed(public.join(index_schema::layout::BUILD_LIST)));
    }
    line::check_time("new", &state, signing.now)?;
    let changed = losses::changed(public, after.previous(), &content)?;
    match after {
        After::Nothing => {
            let timestamp = public.join(TIMESTAMP);
            if timestamp.exists() {
                return Err(ReleaseError::NotFirst(timestamp));
            }
        }
        After::State(previous, index) => {
            previous.check_offline(public, &offline, false)?;
            let before = previous.state()?;
            line::check_time("previous", &before, signing.now)?;
            line::check_line(&before, (&state, &list), index)?;
            losses::check(public, previous, &content, &changed)?;
        }
        After::Theft(previous) => {
            previous.check_offline(public, &offline, true)?;
            previous.check_recovery(&offline)?;
        }
    }
    publish(public, &offline, content, (after, signing))
}

/// Reads the root with which the registry began.
pub fn first_root(public: &Path) -> Result<Vec<u8>, ReleaseError> {
    public::first_root(public)
}

/// Renews whatever is past half of its life; the targets stay as they are.
pub fn refresh(public: &Path, signing: &Signing<'_>) -> Result<Released, ReleaseError> {
    let staged = BTreeMap::new();
    let source = Public { folder: public, staged: &staged };
    let previous = Previous::of_folder(&source)?;
    let offline = Offline::released(public, previous.targets_file())?;
    let content = Content::of_previous(&previous, &offline)?;
    publish(public, &offline, content, (After::State(&previous, None), signing))
}

fn publish(
    public: &Path,
    offline: &Offline,
    content: Content,
    (after, signing): (After<'_>, &Signing<'_>),
) -> Result<Released, ReleaseError> {
    let draft = Draft {
        folder: public,
        previous: after.previous(),
        is_recovery: matches!(after, After::Theft(_)),
        keys: signing.keys,
        lifetimes: signing.lifetimes,
        now: signing.now,
    };
    let (staged, released) = draft.make(offline, content)?;
    previous::check(public, &staged, draft.previous, draft.now)?;
    public::write(public, &staged)?;
    Ok(released)
}
