//! Releases that are gone: each needs a proof.
//!
//! Whoever holds the online keys could else take releases away from those who have seen them.

use std::fmt;

use index_schema::fingerprint::Fingerprint;
use index_schema::id::PluginId;
use index_schema::manifest::Manifest;
use index_schema::plugin_doc::{Gone, PluginDoc, StatementRef};
use index_schema::removal::Removal;
use index_schema::statement::Statement;
use index_schema::version::Version;

use super::error::BelieveError;
use super::publisher::publisher;
use crate::chain::ChainError;
use crate::failure::{Class, Failure as _};
use crate::index::{Index, IndexError};
use crate::seen::Removed;

/// Why a release is gone, as was proven.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Loss {
    /// The maintainers removed it.
    Removed(Removed),
    /// A key signed it that somebody else could use by then.
    CompromisedKey(Fingerprint),
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Removed(removed) => removed.fmt(f),
            Self::CompromisedKey(key) => {
                write!(f, "void: its publisher says that somebody else may hold the key {key}")
            }
        }
    }
}

/// Checks that every release that was seen before, and is gone by what was fetched, is gone.
pub fn lost(index: &Index<'_>) -> Result<(), BelieveError> {
    index.fetched().iter().try_for_each(|document| {
        let mut lost = index.lost(document).into_iter();
        lost.try_for_each(|release| gone(index, document, release).map(drop))
    })
}

/// Finds out why a release is gone.
pub fn gone(index: &Index<'_>, document: &PluginDoc, gone: &Gone) -> Result<Loss, BelieveError> {
    let subject = (&document.id, &gone.version);
    match &gone.removal {
        Some(removal) => {
            let removed = removal_of(index, subject, (removal, &gone.statement))?;
            index.remember_removed(&document.id, &gone.version, removed.clone());
            Ok(Loss::Removed(removed))
        }
        None => compromised(index, document, gone).map(Loss::CompromisedKey),
    }
}

fn unproven((id, version): (&PluginId, &Version), reason: String) -> BelieveError {
    BelieveError::FalseRemoval { id: id.clone(), version: version.clone(), reason }
}

fn all(errors: &[ChainError]) -> String {
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// A proof that is missing or malformed is none; one that cannot be had now, or be read by this
/// version, leaves the question open.
fn fetched<T>(
    subject: (&PluginId, &Version),
    found: Result<T, IndexError>,
) -> Result<T, BelieveError> {
    found.map_err(|error| {
        if error.class() == Class::Untrusted {
            return unproven(subject, error.to_string());
        }
        error.into()
    })
}

fn removal_of(
    index: &Index<'_>,
    subject: (&PluginId, &Version),
    (removal, release): (&StatementRef, &StatementRef),
) -> Result<Removed, BelieveError> {
    let statement: Statement<Removal> = fetched(subject, index.statement(removal))?;
    let release = (subject.0, subject.1, release.sha256);
    let judged = index.maintainers().removes((&statement, removal.accepted), release);
    judged.map_err(|errors| unproven(subject, all(&errors)))?;
    Ok(Removed::from(&statement.document))
}

/// Returns the key for which a release is void.
fn compromised(
    index: &Index<'_>,
    document: &PluginDoc,
    gone: &Gone,
) -> Result<Fingerprint, BelieveError> {
    let subject = (&document.id, &gone.version);
    let chain = publisher(index, document)?;
    let statement: Statement<Manifest> = fetched(subject, index.statement(&gone.statement))?;
    let said = &statement.document;
    if said.id != document.id || said.version.to_string() != gone.version.to_string() {
        return Err(unproven(subject, "its statement is about another release".to_owned()));
    }
    let Err(errors) = chain.release(&statement, gone.statement.accepted) else {
        return Err(unproven(subject, "its publisher vouches for it".to_owned()));
    };
    let key = errors.iter().find_map(ChainError::compromised_key).cloned();
    // Anything else that is wrong with it would have kept it from being listed at all.
    let is_all = errors.iter().all(|error| error.compromised_key().is_some());
    key.filter(|_| is_all).ok_or_else(|| unproven(subject, all(&errors)))
}
