//! Cleaning up: old generations, and packages that no generation names any more.

use std::collections::BTreeSet;

use index_schema::digest::Sha256Digest;

use super::{TransactionError, recover, remove, sync};
use crate::generation::{self, Generations, KEPT};
use crate::home::{Exclusive, GENERATIONS, TEMPORARY, TRASH};
use crate::store::Store;

/// What was cleaned up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Collected {
    /// The generations that are gone.
    pub generations: Vec<u64>,
    /// The packages that are gone.
    pub packages: Vec<Sha256Digest>,
}

/// Keeps the last [`KEPT`] generations, their packages and those of `keep`; removes the others and
/// whatever crashes left in the store.
///
/// Whoever unpacks into the store holds the shared lock, so nothing of theirs is taken. Changes
/// that were interrupted are recovered first: no journal is open while this runs.
pub fn collect(
    lock: &Exclusive,
    keep: &BTreeSet<Sha256Digest>,
) -> Result<Collected, TransactionError> {
    recover(lock)?;
    let generations = Generations::open(lock.home())?;
    let numbers = generations.list()?;
    let (old, kept) = numbers.split_at(numbers.len().saturating_sub(KEPT));
    // Everything is read before anything is removed: a damaged generation stops the clean-up.
    let mut named = keep.clone();
    for n in kept {
        named.extend(generations.read(*n)?.archives());
    }
    let dir = lock.home().open()?;
    for n in old {
        remove(&dir, &generation::path(*n))?;
    }
    sync(&dir, GENERATIONS)?;
    let store = Store::open(lock.home())?;
    let mut packages = store.list()?;
    packages.retain(|digest| !named.contains(digest));
    for digest in &packages {
        store.discard(digest)?;
    }
    store.sweep(TRASH)?;
    store.sweep(TEMPORARY)?;
    Ok(Collected { generations: old.to_vec(), packages })
}
