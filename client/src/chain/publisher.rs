//! The keys of a publisher: its records, one after the other.
//!
//! | record | signed by | counts |
//! |---|---|---|
//! | the first | every active key; approved by the maintainers | from its acceptance |
//! | the next, with the same active keys and threshold | the threshold of the one before | from its acceptance |
//! | the next, with a change of keys | the same, and every new key | after the objection period |
//! | the next, handed over | every active key of its own; the maintainers | from its acceptance |

use std::collections::BTreeSet;

use index_schema::approval::Approval;
use index_schema::fingerprint::Fingerprint;
use index_schema::handover::Handover;
use index_schema::layout::IndexPath;
use index_schema::manifest::Manifest;
use index_schema::objection::Objection;
use index_schema::publisher::{Certificate as Entry, KeyState, Publisher};
use index_schema::registry::Registry;
use index_schema::statement::{Document, Statement};
use index_schema::status::Status;
use index_schema::time::Timestamp;

use super::error::{ChainError, Errors};
use super::maintainers::Maintainers;
use super::{
    At, NEW_PUBLISHER, OBJECTION_PERIOD, SINCE_PAST, collect, enough, keep_revocations,
    new_publisher_finding, none, parse_certificate, same_registry, signers, since_past_finding,
};
use crate::openpgp::{Certificate, Keyring};

/// The keys of a publisher, since it was let in.
#[derive(Debug, Clone)]
pub struct Chain {
    past: Vec<Era>,
    current: Era,
}

/// A record that counts.
#[derive(Debug, Clone)]
struct Era {
    record: Publisher,
    keyring: Keyring,
    accepted: Timestamp,
    counts_from: Timestamp,
}

/// A record and what came with it.
#[derive(Debug, Clone, Copy)]
pub struct Step<'s> {
    /// The record.
    pub record: At<'s, Publisher>,
    /// The maintainers' consent.
    pub approval: Option<At<'s, Approval>>,
    /// The maintainers' word that the keys are others.
    pub handover: Option<At<'s, Handover>>,
    /// A key's word against the record.
    pub objection: Option<At<'s, Objection>>,
}

/// What came of a record.
#[derive(Debug, Clone)]
pub enum Followed {
    /// It counts.
    Counts(Chain),
    /// A key of the record before objected in time: the chain stays as it was.
    Objected,
}

impl Era {
    fn of(record: &Publisher, accepted: Timestamp) -> Result<Self, Errors> {
        let parse = |entry: &Entry| parse_certificate(&entry.fingerprint, &entry.certificate);
        let certificates: Vec<Certificate> = collect(record.certificates.iter().map(parse))?;
        let ahead = |entry: &&Entry| entry.since.is_some_and(|since| since > accepted);
        let ahead = record.certificates.iter().filter(ahead).filter_map(|entry| {
            let (key, since) = (entry.fingerprint.clone(), entry.since?);
            Some(ChainError::Since { key, since, reason: "that is later than the record" })
        });
        none(ahead.collect())?;
        let keyring = certificates.into_iter().collect();
        Ok(Self { record: record.clone(), keyring, accepted, counts_from: accepted })
    }

    fn active(&self) -> BTreeSet<&Fingerprint> {
        let active = self.record.certificates.iter().filter(|key| key.state == KeyState::Active);
        active.map(|entry| &entry.fingerprint).collect()
    }

    fn entry(&self, key: &Fingerprint) -> Option<&Entry> {
        self.record.certificates.iter().find(|entry| entry.fingerprint == *key)
    }

    fn threshold(&self) -> usize {
        usize::try_from(self.record.threshold).unwrap_or(usize::MAX)
    }

    /// Says why a key does not sign, if so.
    fn idle(&self, key: &Fingerprint) -> Option<ChainError> {
        match self.entry(key)?.state {
            KeyState::Active => None,
            KeyState::Retired => Some(ChainError::RetiredKey(key.clone())),
            KeyState::Compromised => Some(ChainError::CompromisedKey(key.clone())),
        }
    }

    /// Returns when the objections to this record end, if it changed keys.
    fn open_until(&self) -> Option<Timestamp> {
        (self.counts_from > self.accepted).then_some(self.counts_from)
    }

    /// Verifies all signatures, each by an active key.
    fn signers<T: Document>(
        &self,
        statement: &Statement<T>,
        accepted: Timestamp,
    ) -> Result<Vec<Fingerprint>, Errors> {
        let signers = keys(statement, &self.keyring, accepted)?;
        none(signers.iter().filter_map(|key| self.idle(key)).collect())?;
        Ok(signers)
    }

    /// Checks that everybody signed who is `expected` to hold a key.
    fn possessed<'k>(
        expected: impl Iterator<Item = &'k Fingerprint>,
        signers: &[Fingerprint],
    ) -> Result<(), Errors> {
        let silent = expected.filter(|key| !signers.contains(key));
        none(silent.cloned().map(ChainError::NoPossession).collect())
    }
}

fn keys<T: Document>(
    statement: &Statement<T>,
    keyring: &Keyring,
    accepted: Timestamp,
) -> Result<Vec<Fingerprint>, Errors> {
    let signers = signers(statement, keyring, accepted)?;
    Ok(signers.into_iter().map(|signer| signer.certificate).collect())
}

impl Chain {
    /// Checks the first record of a publisher: every active key signed it. The approval is checked
    /// apart, by [`Chain::begin`].
    pub fn first(
        statement: &Statement<Publisher>,
        registry: &Registry,
        accepted: Timestamp,
    ) -> Result<Self, Errors> {
        let record = &statement.document;
        same_registry(registry, record.registry.as_str())?;
        if record.serial != 1 {
            return Err(vec![ChainError::NotFirst(record.serial)]);
        }
        let current = Era::of(record, accepted)?;
        let signers = current.signers(statement, accepted)?;
        Era::possessed(current.active().into_iter(), &signers)?;
        Ok(Self { past: Vec::new(), current })
    }

    /// Checks the first record of a publisher, and that the maintainers let it in.
    pub fn begin(maintainers: &Maintainers, step: &Step<'_>) -> Result<Self, Errors> {
        let (statement, accepted) = step.record;
        let chain = Self::first(statement, maintainers.record(), accepted)?;
        let finding = new_publisher_finding(&statement.document);
        step.approved(maintainers, (NEW_PUBLISHER, &finding))?;
        Ok(chain)
    }

    /// Checks the next record.
    pub fn follow(&self, maintainers: &Maintainers, step: &Step<'_>) -> Result<Followed, Errors> {
        let (statement, accepted) = step.record;
        let next = self.successor(&statement.document, accepted)?;
        let next = match step.handover {
            Some(handover) => {
                self.handed_over(maintainers, (step.record, handover), &next)?;
                next
            }
            None => {
                let next = self.handed_on(statement, next)?;
                // Asked last: what lacks nothing but the approval can be told from all else.
                if self.backdates(&next) {
                    let finding = since_past_finding(&statement.document);
                    step.approved(maintainers, (SINCE_PAST, &finding))?;
                }
                next
            }
        };
        if let Some(objection) = step.objection {
            self.objects(objection, (statement, &next))?;
            return Ok(Followed::Objected);
        }
        let mut past = self.past.clone();
        past.push(self.current.clone());
        Ok(Followed::Counts(Self { past, current: next }))
    }

    /// Checks what has to hold between a record and the one before, whoever signed it.
    fn successor(&self, record: &Publisher, accepted: Timestamp) -> Result<Era, Errors> {
        self.same_identity(record.registry.as_str(), record.id.as_str())?;
        let (known, found) = (self.record().serial, record.serial);
        if found <= known {
            return Err(vec![ChainError::NotNext { known, found }]);
        }
        if accepted < self.accepted() {
            return Err(vec![ChainError::TooEarly { accepted, keys: self.accepted() }]);
        }
        let next = Era::of(record, accepted)?;
        let before = self.record().certificates.iter();
        let mut errors: Errors = before.filter_map(|entry| regression(entry, &next)).collect();
        let (old, new) = (self.current.keyring.certificates(), next.keyring.certificates());
        errors.extend(keep_revocations(old, new));
        let active = next.active();
        let revoked = new.iter().filter(|certificate| certificate.is_revoked_for_good());
        let revoked = revoked.map(Certificate::fingerprint).filter(|key| active.contains(key));
        errors.extend(revoked.cloned().map(ChainError::RevokedKey));
        none(errors)?;
        Ok(next)
    }

    /// Checks the signatures of a record that the publisher itself made, and sets from when it
    /// counts.
    fn handed_on(&self, statement: &Statement<Publisher>, mut next: Era) -> Result<Era, Errors> {
        let accepted = next.accepted;
        if let Some(until) = self.current.open_until().filter(|until| accepted < *until) {
            return Err(vec![ChainError::Open { serial: self.record().serial, until }]);
        }
        let signers = keys(statement, &next.keyring, accepted)?;
        let before = self.current.active();
        let is_new = |key: &&Fingerprint| self.current.entry(key).is_none();
        let new: BTreeSet<&Fingerprint> = next.active().into_iter().filter(is_new).collect();
        let strangers = signers.iter().filter(|key| !before.contains(key) && !new.contains(key));
        none(strangers.cloned().map(ChainError::NotEntitled).collect())?;
        enough(
            signers.iter().filter(|key| before.contains(key)).count(),
            self.current.threshold(),
        )?;
        Era::possessed(new.into_iter(), &signers)?;
        if before != next.active() || self.record().threshold != next.record.threshold {
            next.counts_from = accepted.plus(OBJECTION_PERIOD);
        }
        Ok(next)
    }

    /// Checks the signatures of a record that the maintainers vouch for.
    fn handed_over(
        &self,
        maintainers: &Maintainers,
        ((statement, accepted), handover): (At<'_, Publisher>, At<'_, Handover>),
        next: &Era,
    ) -> Result<(), Errors> {
        let said = &handover.0.document;
        let record = &next.record;
        let other = |reason| Err(vec![ChainError::OtherRecord { what: "the hand-over", reason }]);
        if said.publisher != record.id || said.serial != record.serial {
            return other("it names another publisher or serial");
        }
        if said.sha256 != statement.digest() {
            return other("it names another digest");
        }
        if said.old.iter().collect::<BTreeSet<_>>() != self.current.active() {
            return other("the old keys are not those that were active");
        }
        if said.new.iter().collect::<BTreeSet<_>>() != next.active() {
            return other("the new keys are not those of the record");
        }
        if handover.1 > accepted {
            let (approval, subject) = (handover.1, accepted);
            return Err(vec![ChainError::LateApproval { approval, subject }]);
        }
        maintainers.verify_handover(handover)?;
        let signers = next.signers(statement, accepted)?;
        Era::possessed(next.active().into_iter(), &signers)
    }

    /// Checks that an objection to the record `next` counts.
    fn objects(
        &self,
        (objection, accepted): At<'_, Objection>,
        (statement, next): (&Statement<Publisher>, &Era),
    ) -> Result<(), Errors> {
        let said = &objection.document;
        self.same_identity(said.registry.as_str(), said.id.as_str())?;
        let other = |reason| Err(vec![ChainError::OtherRecord { what: "the objection", reason }]);
        if said.serial != next.record.serial {
            return other("it names another serial");
        }
        if said.sha256 != statement.digest() {
            return other("it names another digest");
        }
        let vain = |reason| Err(vec![ChainError::VainObjection(reason)]);
        match next.open_until() {
            None => return vain("the record does not change the keys, or is a hand-over"),
            Some(until) if accepted >= until => return vain("it came too late"),
            Some(_) if accepted < next.accepted => return vain("it came before the record"),
            Some(_) => {}
        }
        self.current.signers(objection, accepted).map(|_| ())
    }

    /// Tells whether a record says of a key for the first time that it was compromised before the
    /// record was accepted.
    fn backdates(&self, next: &Era) -> bool {
        let known = |entry: &Entry| {
            self.current.entry(&entry.fingerprint).is_some_and(|known| known.since == entry.since)
        };
        let early = |entry: &Entry| entry.since.is_some_and(|since| since < next.accepted);
        next.record.certificates.iter().any(|entry| early(entry) && !known(entry))
    }

    /// Returns the newest record that counts, be it in force yet or not.
    pub const fn record(&self) -> &Publisher {
        &self.current.record
    }

    /// Returns when the newest record was accepted.
    pub const fn accepted(&self) -> Timestamp {
        self.current.accepted
    }

    /// Returns until when the newest record is open to objection, if it ever was.
    pub fn open_until(&self) -> Option<Timestamp> {
        self.current.open_until()
    }

    /// Returns the certificates of the newest record.
    pub const fn keyring(&self) -> &Keyring {
        &self.current.keyring
    }

    /// Returns the keys that are active in the newest record.
    pub fn active_keys(&self) -> Vec<Fingerprint> {
        self.current.active().into_iter().cloned().collect()
    }

    /// Checks that enough active keys signed a release of this publisher; returns who did.
    pub fn release(
        &self,
        statement: &Statement<Manifest>,
        accepted: Timestamp,
    ) -> Result<Vec<Fingerprint>, Errors> {
        let manifest = &statement.document;
        self.same_identity(manifest.registry.as_str(), manifest.id.publisher.as_str())?;
        self.signed(statement, accepted)
    }

    /// Checks that enough active keys signed a status statement of this publisher.
    pub fn status(
        &self,
        statement: &Statement<Status>,
        accepted: Timestamp,
    ) -> Result<Vec<Fingerprint>, Errors> {
        let status = &statement.document;
        self.same_identity(status.registry.as_str(), status.id.publisher.as_str())?;
        self.signed(statement, accepted)
    }

    fn same_identity(&self, registry: &str, publisher: &str) -> Result<(), Errors> {
        let record = self.record();
        let (expected, found) = (record.registry.as_str(), registry);
        if expected != found {
            let (expected, found) = (expected.to_owned(), found.to_owned());
            return Err(vec![ChainError::OtherRegistry { expected, found }]);
        }
        if record.id.as_str() != publisher {
            let (expected, found) = (record.id.to_string(), publisher.to_owned());
            return Err(vec![ChainError::OtherPublisher { expected, found }]);
        }
        Ok(())
    }

    fn signed<T: Document>(
        &self,
        statement: &Statement<T>,
        accepted: Timestamp,
    ) -> Result<Vec<Fingerprint>, Errors> {
        let Some(era) = self.eras().rev().find(|era| era.counts_from <= accepted) else {
            let keys = self.eras().next().map_or(self.accepted(), |era| era.accepted);
            return Err(vec![ChainError::TooEarly { accepted, keys }]);
        };
        let signers = era.signers(statement, accepted)?;
        let stolen = signers.iter().filter(|key| self.is_compromised(key, accepted));
        none(stolen.cloned().map(ChainError::CompromisedKey).collect())?;
        enough(signers.len(), era.threshold())?;
        Ok(signers)
    }

    /// Tells whether somebody else may have held a key at some time.
    pub fn is_compromised(&self, key: &Fingerprint, at: Timestamp) -> bool {
        let since = self.current.entry(key).and_then(|entry| entry.since);
        since.is_some_and(|since| since <= at)
    }

    fn eras(&self) -> impl DoubleEndedIterator<Item = &Era> {
        self.past.iter().chain([&self.current])
    }
}

/// Says what of a key is worse in the next record than it may be, if anything is.
fn regression(before: &Entry, next: &Era) -> Option<ChainError> {
    let key = before.fingerprint.clone();
    let Some(after) = next.entry(&key) else { return Some(ChainError::LostKey(key)) };
    if after.state < before.state {
        return Some(ChainError::StateBack { key, before: before.state, after: after.state });
    }
    match (before.since, after.since) {
        (Some(known), Some(since)) if known != since => {
            Some(ChainError::Since { key, since, reason: "another time was said before" })
        }
        _ => None,
    }
}

impl Step<'_> {
    /// Checks that the maintainers approved a finding about the record.
    fn approved(
        &self,
        maintainers: &Maintainers,
        (code, finding): (&'static str, &index_schema::approval::FindingId),
    ) -> Result<(), Errors> {
        let (statement, accepted) = self.record;
        let Some(approval) = self.approval else {
            return Err(vec![ChainError::NotApproved(code)]);
        };
        let path = IndexPath::Publisher(statement.document.id.clone(), statement.document.serial);
        maintainers.approves(approval, (&path, statement, accepted), finding)
    }
}
