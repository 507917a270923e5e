//! Removing a release.

use std::path::Path;

use index_schema::id::PluginId;
use index_schema::layout::{IndexPath, Month};
use index_schema::removal::{Cause, Removal, RemovalTag};
use index_schema::statement::SchemaOne;
use index_schema::text::Text;
use index_schema::time::Timestamp;
use index_schema::version::Version;

use super::dependents::{Dependent, broken_without};
use super::{ModerationError, statement_id, unfinished};
use crate::intake::put;
use crate::rehearsal::{Rehearsal, RehearsalError};
use crate::signer::{Signer, signed};

/// A removal that can be made, and what it breaks.
#[derive(Debug)]
pub struct Removing {
    rehearsal: Rehearsal,
    removal: Removal,
    /// The releases that cannot be installed any more.
    pub dependents: Vec<Dependent>,
}

/// Looks at what a removal would do.
pub fn prepare(
    index: &Path,
    (id, version): (&PluginId, &Version),
    (cause, reason): (Cause, &Text<2048>),
    now: Timestamp,
) -> Result<Removing, RehearsalError> {
    let rehearsal = Rehearsal::read(index, now, |_| true)?;
    let judged = rehearsal.index()?;
    let unknown = || ModerationError::NoSuchRelease(id.clone(), version.clone());
    let release = judged.plugins.get(id).and_then(|plugin| {
        let version = version.without_build();
        let departed = plugin.gone.get(&version).filter(|departed| departed.removal.is_none());
        plugin.releases.get(&version).or_else(|| departed.map(|departed| &departed.release))
    });
    let manifest = &release.ok_or_else(unknown)?.manifest.statement;
    let digest = manifest.digest();
    let removal = Removal {
        kind: RemovalTag,
        schema: SchemaOne,
        registry: judged.maintainers.record().registry.clone(),
        id: statement_id("remove", digest)?,
        plugin: id.clone(),
        version: manifest.document.version.clone(),
        sha256: digest,
        cause,
        reason: reason.clone(),
    };
    let is_it = |plugin: &PluginId, there: &Version| {
        plugin == id && there.without_build() == version.without_build()
    };
    let dependents = broken_without(&judged, is_it);
    Ok(Removing { rehearsal, removal, dependents })
}

impl Removing {
    /// Writes the removal into the work tree; returns its place, and whether more moderators have
    /// to sign.
    pub fn write(
        &self,
        index: &Path,
        signers: &[Signer],
        now: Timestamp,
    ) -> Result<(IndexPath, bool), RehearsalError> {
        let bytes = signed(&self.removal, signers, now)?;
        let path = IndexPath::Moderation(Month::of(now), self.removal.id.clone());
        let is_unfinished = unfinished(self.rehearsal.with(&[(&path, &bytes)]), &path)?;
        put(index, &path, &bytes)?;
        Ok((path, is_unfinished))
    }
}
