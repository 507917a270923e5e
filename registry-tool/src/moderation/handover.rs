//! Handing a publisher over to other keys.

use std::path::Path;

use index_schema::handover::{Handover, HandoverTag};
use index_schema::id::PublisherId;
use index_schema::layout::{IndexPath, Month};
use index_schema::publisher::{KeyState, Publisher};
use index_schema::statement::{SchemaOne, Statement};
use index_schema::text::{List, Text};
use index_schema::time::Timestamp;
use libral::file::read_file;

use super::{ModerationError, describe, statement_id, unfinished};
use crate::intake::put;
use crate::membership::{is_about, member_of};
use crate::rehearsal::{Rehearsal, RehearsalError};
use crate::signer::{Signer, signed};

/// A hand-over that was written.
#[derive(Debug)]
pub struct HandedOver {
    /// Where the record lies.
    pub record: IndexPath,
    /// Where the hand-over lies.
    pub path: IndexPath,
    /// What was handed over.
    pub handover: Handover,
    /// Whether more moderators have to sign.
    pub is_unfinished: bool,
}

/// Writes a hand-over, and the record that it is for, into the work tree.
pub fn hand_over(
    index: &Path,
    id: &PublisherId,
    (record, reason): (&Path, &Text<2048>),
    signers: &[Signer],
    now: Timestamp,
) -> Result<HandedOver, RehearsalError> {
    let rehearsal = Rehearsal::read(index, now, |submission| is_about(submission, id))?;
    let judged = rehearsal.index()?;
    let chain = &member_of(&judged, id)?.chain;
    let limit = IndexPath::Publisher(id.clone(), 1).limit();
    let bytes = read_file(record, limit)
        .map_err(|source| ModerationError::Read { path: record.to_owned(), source })?;
    let wrong = |why| ModerationError::NotARecord { path: record.to_owned(), why };
    let statement =
        Statement::<Publisher>::read(&bytes).map_err(|problems| wrong(describe(problems)))?;
    let said = &statement.document;
    if said.id != *id {
        return Err(wrong(format!("it is of `{}`", said.id)).into());
    }
    let digest = statement.digest();
    let new = said.certificates.iter().filter(|key| key.state == KeyState::Active);
    let handover = Handover {
        kind: HandoverTag,
        schema: SchemaOne,
        registry: judged.maintainers.record().registry.clone(),
        id: statement_id("handover", digest)?,
        publisher: id.clone(),
        serial: said.serial,
        sha256: digest,
        old: List::new(chain.active_keys()).map_err(ModerationError::Keys)?,
        new: List::new(new.map(|key| key.fingerprint.clone()).collect())
            .map_err(ModerationError::Keys)?,
        reason: reason.clone(),
    };
    let signed = signed(&handover, signers, now)?;
    let place = IndexPath::Publisher(id.clone(), said.serial);
    let path = IndexPath::Moderation(Month::of(now), handover.id.clone());
    let findings = rehearsal.with(&[(&place, &bytes), (&path, &signed)]);
    let is_unfinished = unfinished(findings, &path)?;
    put(index, &place, &bytes)?;
    put(index, &path, &signed)?;
    Ok(HandedOver { record: place, path, handover, is_unfinished })
}
