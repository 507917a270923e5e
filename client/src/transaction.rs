//! Changing what is installed: one commit point, and a way back from every crash.
//!
//! A change makes generation n+1 out of generation n under the exclusive lock, in this order. Each
//! file is written aside, synced and renamed; each rename is synced.
//!
//! 1. `journal/<n+1>.json` says what is about to happen.
//! 2. `generations/<n+1>.json` is written.
//! 3. `plugins/<publisher>/<name>` become what generation n+1 wants, one link after the other.
//! 4. `current` becomes n+1: **the commit point**.
//! 5. The change is added to `audit.jsonl`.
//! 6. The journal is deleted.
//!
//! **After a crash** `current` alone decides. [`recover`] makes the links those of the generation
//! that it names, then finishes steps 5 and 6 when that is the generation of the journal, and
//! otherwise deletes what steps 1 and 2 left. Recovery may crash too and is then begun again.
//!
//! The links change before the commit point, so that a link that cannot be made undoes the change
//! instead of leaving one that is recorded and not loadable. Whoever looks between a crash and the
//! recovery sees links of both generations; all of them lead to whole, verified packages.
//!
//! A change that fails without a crash is recovered at once: the state is the old or the new one.

mod audit;
mod collect;
mod links;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use cap_std::fs::Dir;
use index_schema::digest::Sha256Digest;
use index_schema::id::PluginId;
use index_schema::time::Timestamp;

pub use self::collect::{Collected, collect};
use crate::durable;
use crate::generation::{self, Generation, GenerationError, Generations, Installed};
use crate::home::{CURRENT, Exclusive, GENERATIONS, HomeError, JOURNAL};
use crate::store::{self, Store, StoreError};

/// A change that is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The generation that the change was planned on; `None` before the first.
    pub base: Option<u64>,
    /// When it is made.
    pub created: Timestamp,
    /// The words of the command; the first is the action and goes to the audit log.
    pub reason: Vec<String>,
    /// Every plugin that is installed afterwards.
    pub plugins: BTreeMap<PluginId, Installed>,
}

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum TransactionError {
    /// The home cannot be used.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// The state cannot be read.
    #[error(transparent)]
    Generation(#[from] GenerationError),
    /// The store cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file cannot be written.
    #[error("cannot write `{path}`")]
    Io {
        /// The path in the data folder.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// Somebody else has changed the state since the change was planned.
    #[error("the change was planned on generation {}, and {} is in force", number(*planned), number(*found))]
    Moved {
        /// The generation it was planned on.
        planned: Option<u64>,
        /// The generation in force.
        found: Option<u64>,
    },
    /// A package was not unpacked, or was cleaned up since.
    #[error("the package of `{0}` is not in the store")]
    NotStored(PluginId),
    /// Something stands where a host would load a plugin, and was not put there by this program.
    #[error("`{0}` is no link of this program; move it away")]
    Occupied(String),
}

/// What [`recover`] found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recovery {
    /// No change was interrupted.
    Clean,
    /// A change was interrupted behind its commit point, and is complete now.
    Finished,
    /// A change was interrupted before its commit point, and never happened.
    Undone,
}

/// The moments between which a crash makes a difference, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    JournalAside,
    JournalOpen,
    GenerationAside,
    GenerationWritten,
    LinkAside,
    LinkChanged,
    LinksDone,
    CurrentAside,
    Committed,
    Audited,
    Tidied,
}

/// Hears of every step; tests fail there.
type Reach<'r> = &'r mut dyn FnMut(Step) -> io::Result<()>;

/// Makes the change, or changes nothing.
pub fn commit(lock: &Exclusive, change: Change) -> Result<Generation, TransactionError> {
    commit_with(lock, change, &mut |_| Ok(()))
}

fn commit_with(
    lock: &Exclusive,
    change: Change,
    reach: Reach<'_>,
) -> Result<Generation, TransactionError> {
    recover(lock)?;
    let next = plan(lock, change)?;
    let Err(error) = apply(lock, &next, reach) else { return Ok(next) };
    // The first error tells more than what the recovery may stumble over.
    let recovered = recover(lock).is_ok();
    let current = Generations::open(lock.home())?.current_number()?;
    if recovered && current == Some(next.n) { Ok(next) } else { Err(error) }
}

/// Makes the plugins of generation `to` the installed ones again, as a new generation.
pub fn roll_back(
    lock: &Exclusive,
    to: u64,
    created: Timestamp,
    reason: Vec<String>,
) -> Result<Generation, TransactionError> {
    recover(lock)?;
    let generations = Generations::open(lock.home())?;
    let base = generations.current_number()?;
    let plugins = generations.read(to)?.plugins;
    commit(lock, Change { base, created, reason, plugins })
}

/// Checks whatever can be checked before anything is written.
fn plan(lock: &Exclusive, change: Change) -> Result<Generation, TransactionError> {
    let found = Generations::open(lock.home())?.current_number()?;
    let Change { base: planned, created, reason, plugins } = change;
    if planned != found {
        return Err(TransactionError::Moved { planned, found });
    }
    let store = Store::open(lock.home())?;
    for (id, plugin) in &plugins {
        if !store.contains(&plugin.archive)? {
            return Err(TransactionError::NotStored(id.clone()));
        }
    }
    let reason = generation::clean(&reason);
    let next = Generation { n: found.unwrap_or(0).saturating_add(1), created, reason, plugins };
    let occupied = links::occupied(&lock.home().open()?, &loadable(&next));
    match occupied.into_iter().next() {
        Some(path) => Err(TransactionError::Occupied(path)),
        None => Ok(next),
    }
}

/// Takes the steps of the module's list.
fn apply(lock: &Exclusive, next: &Generation, reach: Reach<'_>) -> Result<(), TransactionError> {
    let dir = &lock.home().open()?;
    let before = Generations::open(lock.home())?.current()?;
    let record = audit::record(before.as_ref(), next);
    let name = generation::file_name(next.n);

    write(dir, (JOURNAL, &name, &record), (Step::JournalAside, Step::JournalOpen), reach)?;
    let document = next.to_bytes()?;
    let steps = (Step::GenerationAside, Step::GenerationWritten);
    write(dir, (GENERATIONS, &name, &document), steps, reach)?;
    links::establish(dir, &loadable(next), reach)?;
    reached(reach, Step::LinksDone)?;
    let number = format!("{}\n", next.n);
    write(dir, (".", CURRENT, number.as_bytes()), (Step::CurrentAside, Step::Committed), reach)?;
    complete(dir, &record, reach)
}

/// Takes the steps behind the commit point.
fn complete(dir: &Dir, record: &[u8], reach: Reach<'_>) -> Result<(), TransactionError> {
    audit::append(dir, record)?;
    reached(reach, Step::Audited)?;
    tidy(dir)?;
    reached(reach, Step::Tidied)
}

/// Ends a change that was interrupted, forwards or backwards. To be called before the state is
/// read for a change; cheap when there is nothing to do.
pub fn recover(lock: &Exclusive) -> Result<Recovery, TransactionError> {
    recover_with(lock, &mut |_| Ok(()))
}

fn recover_with(lock: &Exclusive, reach: Reach<'_>) -> Result<Recovery, TransactionError> {
    let dir = &lock.home().open()?;
    if store::names(dir, Path::new(JOURNAL))?.is_empty() {
        return Ok(Recovery::Clean);
    }
    let generations = Generations::open(lock.home())?;
    let current = generations.current()?;
    let wanted = current.as_ref().map(loadable).unwrap_or_default();
    match links::establish(dir, &wanted, reach) {
        // What somebody put in the way since must not block every later change.
        Ok(()) | Err(TransactionError::Occupied(_)) => {}
        Err(error) => return Err(error),
    }
    reached(reach, Step::LinksDone)?;
    // A change that was committed may not have got to making that durable.
    sync(dir, ".")?;
    let n = current.map_or(0, |generation| generation.n);
    for later in generations.list()?.into_iter().filter(|later| *later > n) {
        remove(dir, &generation::path(later))?;
    }
    let journal = format!("{JOURNAL}/{}", generation::file_name(n));
    let record = durable::read(dir, &journal, audit::CEILING);
    let record = record.map_err(|source| TransactionError::Io { path: journal, source })?;
    match record {
        Some(record) => complete(dir, &record, reach).map(|()| Recovery::Finished),
        None => tidy(dir).map(|()| Recovery::Undone),
    }
}

/// Removes what was written aside, and the journal last.
fn tidy(dir: &Dir) -> Result<(), TransactionError> {
    remove(dir, &format!("{CURRENT}.tmp"))?;
    for name in store::names(dir, Path::new(GENERATIONS))? {
        if name.to_string_lossy().ends_with(".tmp") {
            store::remove_tree(dir, &Path::new(GENERATIONS).join(name))?;
        }
    }
    sync(dir, GENERATIONS)?;
    for name in store::names(dir, Path::new(JOURNAL))? {
        store::remove_tree(dir, &Path::new(JOURNAL).join(name))?;
    }
    sync(dir, JOURNAL)
}

/// What hosts load in a generation: a plugin that is switched off has no path.
fn loadable(generation: &Generation) -> BTreeMap<PluginId, Sha256Digest> {
    let enabled = generation.plugins.iter().filter(|(_, plugin)| plugin.enabled);
    enabled.map(|(id, plugin)| (id.clone(), plugin.archive)).collect()
}

fn write(
    dir: &Dir,
    (folder, name, bytes): (&str, &str, &[u8]),
    (aside, written): (Step, Step),
    reach: Reach<'_>,
) -> Result<(), TransactionError> {
    let failed = |source| TransactionError::Io { path: format!("{folder}/{name}"), source };
    durable::put_aside(dir, folder, name, bytes).map_err(failed)?;
    reached(reach, aside)?;
    durable::put(dir, folder, name).map_err(failed)?;
    reached(reach, written)
}

fn remove(dir: &Dir, path: &str) -> Result<(), TransactionError> {
    durable::remove_file(dir, path)
        .map_err(|source| TransactionError::Io { path: path.to_owned(), source })
}

fn sync(dir: &Dir, folder: &str) -> Result<(), TransactionError> {
    durable::sync(dir, folder)
        .map_err(|source| TransactionError::Io { path: folder.to_owned(), source })
}

fn reached(reach: Reach<'_>, step: Step) -> Result<(), TransactionError> {
    reach(step).map_err(|source| TransactionError::Io { path: format!("{step:?}"), source })
}

fn number(generation: Option<u64>) -> String {
    generation.map_or_else(|| "none".to_owned(), |n| n.to_string())
}
