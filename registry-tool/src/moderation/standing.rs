//! Saying something of a publisher: that it is suspended, or who stands behind it.

use std::path::Path;

use index_schema::id::PublisherId;
use index_schema::layout::IndexPath;
use index_schema::publisher_status::{
    Check, PublisherAction, PublisherStatus, PublisherStatusTag, Standing,
};
use index_schema::statement::SchemaOne;
use index_schema::text::{List, Text};
use index_schema::time::Timestamp;

use super::dependents::{Dependent, broken_without};
use super::{ModerationError, unfinished};
use crate::intake::put;
use crate::membership::member_of;
use crate::rehearsal::{Rehearsal, RehearsalError};
use crate::signer::{Signer, signed};

/// What is to be said.
#[derive(Debug, Clone)]
pub struct Word {
    /// What changes.
    pub action: PublisherAction,
    /// What was checked, for a verification.
    pub checked: Vec<Check>,
    /// Until when that holds.
    pub until: Option<Timestamp>,
    /// Why, for the users.
    pub reason: Text<2048>,
}

/// A statement about a publisher that can be made, and what it breaks.
#[derive(Debug)]
pub struct Speaking {
    rehearsal: Rehearsal,
    status: PublisherStatus,
    /// The releases of others that cannot be installed any more.
    pub dependents: Vec<Dependent>,
}

/// Looks at what a statement about a publisher would do.
pub fn prepare_word(
    index: &Path,
    id: &PublisherId,
    word: Word,
    now: Timestamp,
) -> Result<Speaking, RehearsalError> {
    let rehearsal = Rehearsal::read(index, now, |_| true)?;
    let judged = rehearsal.index()?;
    let standing = member_of(&judged, id)?.chain.standing();
    if let Some(why) = vain(standing, word.action) {
        return Err(ModerationError::Vain(id.clone(), why).into());
    }
    let status = PublisherStatus {
        kind: PublisherStatusTag,
        schema: SchemaOne,
        registry: judged.maintainers.record().registry.clone(),
        id: id.clone(),
        serial: judged.next_publisher_status(id),
        action: word.action,
        checked: List::new(word.checked).map_err(ModerationError::Checked)?,
        until: word.until,
        reason: word.reason,
    };
    let suspends = status.action == PublisherAction::Suspend;
    let dependents = broken_without(&judged, |plugin, _| suspends && plugin.publisher == *id);
    Ok(Speaking { rehearsal, status, dependents })
}

/// Returns why there is nothing to change.
fn vain(standing: &Standing, action: PublisherAction) -> Option<&'static str> {
    let is_suspended = standing.suspension().is_some();
    match action {
        PublisherAction::Suspend => is_suspended.then_some("is suspended already"),
        PublisherAction::Reinstate => (!is_suspended).then_some("is not suspended"),
        PublisherAction::Verify => None,
        PublisherAction::Unverify => {
            standing.verification().is_none().then_some("was not verified")
        }
    }
}

impl Speaking {
    /// Writes the statement into the work tree; returns its place, and whether more moderators
    /// have to sign.
    pub fn write(
        &self,
        index: &Path,
        signers: &[Signer],
        now: Timestamp,
    ) -> Result<(IndexPath, bool), RehearsalError> {
        let bytes = signed(&self.status, signers, now)?;
        let path = IndexPath::PublisherStatus(self.status.id.clone(), self.status.serial);
        let is_unfinished = unfinished(self.rehearsal.with(&[(&path, &bytes)]), &path)?;
        put(index, &path, &bytes)?;
        Ok((path, is_unfinished))
    }

    /// Returns the statement that is to be written.
    pub const fn status(&self) -> &PublisherStatus {
        &self.status
    }
}
