//! Writing the next record of a publisher.

use std::path::Path;

use index_schema::fingerprint::Fingerprint;
use index_schema::id::PublisherId;
use index_schema::layout::IndexPath;
use index_schema::publisher::{Certificate as Entry, KeyState, Publisher};
use index_schema::statement::Statement;
use index_schema::text::{Line, List, Text};
use index_schema::time::Timestamp;
use index_schema::url::HttpsUrl;
use libral::openpgp::{Certificate, Keyring, verify};

use super::{MembershipError, consistent, entry, is_about, member_of};
use crate::finding::{Finding, Level};
use crate::intake::put;
use crate::rehearsal::{Rehearsal, RehearsalError};
use crate::rules::keys::{difference, is_change_of_keys};
use crate::signer::{Signer, signed};
use crate::signing::merge;

/// What a publisher wants to have changed.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    /// Certificates: new ones, and updates of those that are known.
    pub add: Vec<Vec<u8>>,
    /// Keys that sign no more.
    pub retire: Vec<Fingerprint>,
    /// Keys that somebody else may hold, and since when.
    pub compromised: Vec<(Fingerprint, Timestamp)>,
    /// How many keys have to sign.
    pub threshold: Option<u32>,
    /// What people call the publisher.
    pub title: Option<Line<80>>,
    /// Its page.
    pub homepage: Option<HttpsUrl>,
    /// Whether maintainers will hand over with this record: the keys of before do not sign it.
    pub for_handover: bool,
}

/// A record that was written, and what it waits for.
#[derive(Debug)]
pub struct Update {
    /// Where it lies.
    pub path: IndexPath,
    /// The record.
    pub record: Publisher,
    /// What it changes about the keys, in words.
    pub changes: Vec<String>,
    /// What was done beside what was asked for, in words.
    pub notes: Vec<String>,
    /// Whether it counts only 72 hours after its acceptance.
    pub is_open: bool,
    /// Whether it says of a key that it is compromised, of which nobody said it before.
    pub accuses: bool,
    /// What maintainers have to approve.
    pub reviews: Vec<Finding>,
    /// Who has not signed yet.
    pub missing: Missing,
}

/// The signatures that a record lacks.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Missing {
    /// How many more of the keys of before have to sign.
    pub more: usize,
    /// The keys of before that have not signed.
    pub silent: Vec<Fingerprint>,
    /// The new keys that have not signed: each of them has to.
    pub new: Vec<Fingerprint>,
}

impl Missing {
    /// Tells whether nothing is missing.
    pub const fn is_none(&self) -> bool {
        self.more == 0 && self.new.is_empty()
    }
}

/// What a record that lacks signatures is refused for, and what is no reason not to write it.
const UNFINISHED: [&str; 2] = ["signature/below-threshold", "publisher/no-possession"];

/// What a record that maintainers will hand over with is refused for until they do.
const UNVOUCHED: [&str; 3] =
    ["signature/below-threshold", "signature/not-entitled", "publisher/open"];

/// Writes the next record of a publisher into the work tree, signed by whoever is there.
pub fn update(
    index: &Path,
    id: &PublisherId,
    changes: &Changes,
    signers: &[Signer],
    now: Timestamp,
) -> Result<Update, RehearsalError> {
    let rehearsal = Rehearsal::read(index, now, |submission| is_about(submission, id))?;
    let judged = rehearsal.index()?;
    let before = member_of(&judged, id)?.chain.record();
    let (record, notes) = next_record(before, judged.next_serial(id), changes, now)?;
    let bytes = signed(&record, signers, now)?;
    let path = IndexPath::Publisher(id.clone(), record.serial);
    let mut missing = missing(before, &record, (&bytes, now))?;
    if changes.for_handover {
        (missing.more, missing.silent) = (0, Vec::new());
    }
    let findings = rehearsal.with(&[(&path, &bytes)]);
    let (reviews, errors): (Vec<_>, Vec<_>) =
        findings.into_iter().partition(|finding| finding.level() == Level::Review);
    let is_unfinished = |code| match changes.for_handover {
        true => UNVOUCHED.contains(&code),
        false => !missing.is_none() && UNFINISHED.contains(&code),
    };
    if errors.iter().any(|finding| !is_unfinished(finding.code)) {
        return Err(RehearsalError::Refused(errors));
    }
    put(index, &path, &bytes)?;
    let is_open = !changes.for_handover && is_change_of_keys(before, &record);
    let accuses = !changes.for_handover && accusations(before) != accusations(&record);
    let changes = difference(before, &record);
    Ok(Update { path, record, changes, notes, is_open, accuses, reviews, missing })
}

fn accusations(record: &Publisher) -> usize {
    record.certificates.iter().filter(|entry| entry.state == KeyState::Compromised).count()
}

/// Makes the next record out of the one before and what should change.
fn next_record(
    before: &Publisher,
    serial: u64,
    changes: &Changes,
    now: Timestamp,
) -> Result<(Publisher, Vec<String>), MembershipError> {
    let mut entries = before.certificates.to_vec();
    let mut notes = Vec::new();
    for bytes in &changes.add {
        let update = entry(bytes)?;
        match entries.iter_mut().find(|known| known.fingerprint == update.fingerprint) {
            None => entries.push(update),
            Some(known) => notes.extend(bring_up_to_date(known, &update, changes, now)?),
        }
    }
    for key in &changes.retire {
        known(&mut entries, key)?.state = KeyState::Retired;
    }
    for (key, since) in &changes.compromised {
        let entry = known(&mut entries, key)?;
        (entry.state, entry.since) = (KeyState::Compromised, Some(*since));
    }
    let record = Publisher {
        serial,
        title: changes.title.clone().unwrap_or_else(|| before.title.clone()),
        homepage: changes.homepage.clone().or_else(|| before.homepage.clone()),
        threshold: changes.threshold.unwrap_or(before.threshold),
        certificates: List::new(entries).map_err(MembershipError::List)?,
        ..before.clone()
    };
    let unchanged = Publisher { serial, ..before.clone() };
    if record == unchanged {
        return Err(MembershipError::Unchanged(before.id.clone()));
    }
    Ok((consistent(record)?, notes))
}

fn known<'e>(
    entries: &'e mut [Entry],
    key: &Fingerprint,
) -> Result<&'e mut Entry, MembershipError> {
    let entry = entries.iter_mut().find(|entry| entry.fingerprint == *key);
    entry.ok_or_else(|| MembershipError::NoSuchKey(key.clone()))
}

/// Merges an update into a certificate that is known. One that its owner revoked signs no more, and
/// the record says so, unless something else was asked for.
fn bring_up_to_date(
    known: &mut Entry,
    update: &Entry,
    changes: &Changes,
    now: Timestamp,
) -> Result<Option<String>, MembershipError> {
    let merged =
        merge(known.certificate.as_str().as_bytes(), update.certificate.as_str().as_bytes())?;
    let certificate = Certificate::parse(merged.armored.as_bytes())?;
    known.certificate = Text::parse(&merged.armored)?;
    let key = &known.fingerprint;
    let is_asked =
        changes.retire.contains(key) || changes.compromised.iter().any(|(k, _)| k == key);
    if is_asked || !merged.is_revoked || known.state == KeyState::Compromised {
        return Ok(None);
    }
    if certificate.is_revoked_for_good() {
        (known.state, known.since) = (KeyState::Compromised, Some(now));
        let how = "as compromised or without a reason: it is listed as compromised since now";
        return Ok(Some(format!("{key} is revoked {how}")));
    }
    let was_active = known.state == KeyState::Active;
    known.state = KeyState::Retired;
    let how = "as no longer used: it is listed as retired";
    Ok(was_active.then(|| format!("{key} is revoked {how}")))
}

/// Finds out who has not signed yet.
fn missing(
    before: &Publisher,
    record: &Publisher,
    (bytes, now): (&[u8], Timestamp),
) -> Result<Missing, MembershipError> {
    let statement = Statement::<Publisher>::read(bytes).map_err(|problems| {
        let texts = problems.into_iter().map(|problem| problem.message);
        MembershipError::Contradiction(texts.collect::<Vec<_>>().join("; "))
    })?;
    let parse = |entry: &Entry| Certificate::parse(entry.certificate.as_str().as_bytes());
    let keyring = record.certificates.iter().map(parse).collect::<Result<Keyring, _>>()?;
    let signers = verify(statement.signed_bytes(), statement.signatures(), &keyring, now);
    // What is wrong with a signature, the rehearsal says.
    let signers = signers.unwrap_or_default();
    let signed = |key: &Fingerprint| signers.iter().any(|signer| signer.certificate == *key);
    let active = |record: &Publisher| {
        let active = record.certificates.iter().filter(|entry| entry.state == KeyState::Active);
        active.map(|entry| entry.fingerprint.clone()).collect::<Vec<_>>()
    };
    let is_known = |key: &Fingerprint| before.certificates.iter().any(|e| e.fingerprint == *key);
    let old = active(before);
    let there = old.iter().filter(|key| signed(key)).count();
    let wanted = usize::try_from(before.threshold).unwrap_or(usize::MAX);
    let new = active(record).into_iter().filter(|key| !is_known(key) && !signed(key)).collect();
    let silent = old.into_iter().filter(|key| !signed(key)).collect();
    Ok(Missing { more: wanted.saturating_sub(there), silent, new })
}
