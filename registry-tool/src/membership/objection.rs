//! Objecting to a change of keys.

use std::path::Path;

use index_schema::id::PublisherId;
use index_schema::layout::IndexPath;
use index_schema::objection::{Objection, ObjectionTag};
use index_schema::statement::SchemaOne;
use index_schema::text::Text;
use index_schema::time::Timestamp;

use super::{MembershipError, is_about, member_of};
use crate::intake::put;
use crate::rehearsal::{Rehearsal, RehearsalError};
use crate::signer::{Signer, signed};

/// Writes an objection to a record into the work tree and returns its place.
pub fn object(
    index: &Path,
    (id, serial): (&PublisherId, u64),
    reason: &Text<2048>,
    signer: &Signer,
    now: Timestamp,
) -> Result<IndexPath, RehearsalError> {
    let rehearsal = Rehearsal::read(index, now, |submission| is_about(submission, id))?;
    let judged = rehearsal.index()?;
    let links = &member_of(&judged, id)?.links;
    let link = links.iter().find(|link| link.counts() && link.serial() == serial);
    let link = link.ok_or_else(|| MembershipError::NoSuchRecord(id.clone(), serial))?;
    let objection = Objection {
        kind: ObjectionTag,
        schema: SchemaOne,
        registry: judged.maintainers.record().registry.clone(),
        id: id.clone(),
        serial,
        sha256: link.record.statement.digest(),
        reason: reason.clone(),
    };
    let bytes = signed(&objection, std::slice::from_ref(signer), now)?;
    let path = IndexPath::Objection(id.clone(), serial);
    let findings = rehearsal.with(&[(&path, &bytes)]);
    if !findings.is_empty() {
        return Err(RehearsalError::Refused(findings));
    }
    put(index, &path, &bytes)?;
    Ok(path)
}
