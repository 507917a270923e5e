//! What a publisher says of its releases that are out: yanked, deprecated, or so no longer.

use std::path::Path;

use index_schema::id::PluginId;
use index_schema::layout::IndexPath;
use index_schema::statement::SchemaOne;
use index_schema::status::{Action, Severity, Status, StatusTag};
use index_schema::text::Text;
use index_schema::time::Timestamp;
use index_schema::version::Version;

use crate::intake::put;
use crate::membership::is_about;
use crate::rehearsal::{Rehearsal, RehearsalError};
use crate::signer::{Signer, signed};
use crate::submission::{Content, Submission};

/// What is said.
#[derive(Debug, Clone)]
pub struct Saying {
    /// What changes.
    pub action: Action,
    /// The release, for a yank.
    pub version: Option<Version>,
    /// How bad it is, for a yank.
    pub severity: Option<Severity>,
    /// The release to take instead.
    pub replacement: Option<Version>,
    /// The plugin to take instead.
    pub successor: Option<PluginId>,
    /// Why.
    pub reason: Text<2048>,
}

/// Writes the next status statement of a plugin into the work tree; returns its place, and whether
/// more keys have to sign.
pub fn say(
    index: &Path,
    id: &PluginId,
    saying: Saying,
    signers: &[Signer],
    now: Timestamp,
) -> Result<(IndexPath, bool), RehearsalError> {
    let rehearsal = Rehearsal::read(index, now, |submission| concerns(submission, id))?;
    let judged = rehearsal.index()?;
    let status = Status {
        kind: StatusTag,
        schema: SchemaOne,
        registry: judged.maintainers.record().registry.clone(),
        id: id.clone(),
        serial: judged.next_status_serial(id),
        action: saying.action,
        version: saying.version,
        severity: saying.severity,
        replacement: saying.replacement,
        successor: saying.successor,
        reason: saying.reason,
    };
    let bytes = signed(&status, signers, now)?;
    let path = IndexPath::Status(id.clone(), status.serial);
    let findings = rehearsal.with(&[(&path, &bytes)]);
    let is_unfinished = |code| code == "signature/below-threshold";
    if findings.iter().any(|finding| !is_unfinished(finding.code)) {
        return Err(RehearsalError::Refused(findings));
    }
    put(index, &path, &bytes)?;
    Ok((path, !findings.is_empty()))
}

/// Tells whether a statement decides what may be said of a plugin.
fn concerns(submission: &Submission, id: &PluginId) -> bool {
    match &submission.content {
        Content::Release(statement) => statement.document.id == *id,
        Content::Status(statement) => statement.document.id == *id,
        Content::Removal(statement) => statement.document.plugin == *id,
        Content::Registry(_)
        | Content::Publisher(_)
        | Content::Objection(_)
        | Content::PublisherStatus(_)
        | Content::Advisory(_)
        | Content::Approval(_)
        | Content::Handover(_)
        | Content::Metadata(_) => is_about(submission, &id.publisher),
    }
}
