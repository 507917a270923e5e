//! The keys of a publisher: its records, one after the other.
//!
//! | record | signed by | counts |
//! |---|---|---|
//! | the first | every active key; approved by the maintainers | from its acceptance |
//! | the next, with the same active keys and threshold | the threshold of the one before | from its acceptance |
//! | the next, with a change of keys | the same, and every new key | after the objection period |
//! | the next, handed over | every active key of its own; the maintainers | from its acceptance |

mod era;
mod standing;

use std::collections::BTreeSet;

use index_schema::approval::{Approval, FindingId};
use index_schema::fingerprint::Fingerprint;
use index_schema::handover::Handover;
use index_schema::layout::IndexPath;
use index_schema::manifest::Manifest;
use index_schema::objection::Objection;
use index_schema::publisher::Publisher;
use index_schema::publisher_status::Standing;
use index_schema::registry::Registry;
use index_schema::statement::{Document, Statement};
use index_schema::status::Status;
use index_schema::time::Timestamp;

use self::era::Era;
use super::error::{ChainError, Errors};
use super::maintainers::Maintainers;
use super::{
    At, NEW_PUBLISHER, OBJECTION_PERIOD, SINCE_PAST, enough, keep_revocations,
    new_publisher_finding, none, same_registry, since_past_finding,
};
use crate::openpgp::{Certificate, Keyring};

/// The keys of a publisher, since it was let in.
#[derive(Debug, Clone)]
pub struct Chain {
    past: Vec<Era>,
    current: Era,
    objected: Option<Objected>,
    standing: Standing,
    /// Serial and acceptance of the last statement about the publisher.
    said_last: (u64, Timestamp),
}

/// The chain as it was when its newest record was objected to, and since when that one is void.
#[derive(Debug, Clone)]
struct Objected {
    before: Box<Chain>,
    at: Timestamp,
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
    /// A key of the record before objected in time: the keys stay as they were.
    Objected(Chain),
}

impl Chain {
    /// Makes a chain of its records alone; what was said of the publisher comes after them.
    fn of(past: Vec<Era>, current: Era, objected: Option<Objected>) -> Self {
        let (standing, said_last) = (Standing::default(), (0, Timestamp::EPOCH));
        Self { past, current, objected, standing, said_last }
    }

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
        let current = Era::of(statement, accepted)?;
        let signers = current.signers(statement, accepted)?;
        Era::possessed(current.active().into_iter(), &signers)?;
        Ok(Self::of(Vec::new(), current, None))
    }

    /// Checks the first record of a publisher, and that the maintainers let it in.
    pub fn begin(maintainers: &Maintainers, step: &Step<'_>) -> Result<Self, Errors> {
        let (statement, accepted) = step.record;
        let chain = Self::first(statement, maintainers.record(), accepted)?;
        let finding = new_publisher_finding(&statement.document);
        step.approved(maintainers, (NEW_PUBLISHER, &finding))?;
        if step.handover.is_some() {
            let reason = "there is no record before";
            return Err(vec![ChainError::OtherRecord { what: "the hand-over", reason }]);
        }
        step.objection.map_or(Ok(chain.clone()), |objection| chain.object(objection))
    }

    /// Checks the next record, and all that came with it.
    ///
    /// What was accepted before an objection to the record before is judged as it was then: the
    /// record before was open, and nobody but the maintainers could go on. A change of keys that
    /// waits behind another one would else be in force before anybody looked at it, and whoever
    /// holds an old key could undo a hand-over.
    pub fn follow(&self, maintainers: &Maintainers, step: &Step<'_>) -> Result<Followed, Errors> {
        let (known, found) = (self.last_serial(), step.record.0.document.serial);
        if found <= known {
            return Err(vec![ChainError::NotNext { known, found }]);
        }
        match &self.objected {
            Some(objected) if step.record.1 < objected.at => {
                objected.before.follow_from(maintainers, step)
            }
            _ => self.follow_from(maintainers, step),
        }
    }

    fn follow_from(&self, maintainers: &Maintainers, step: &Step<'_>) -> Result<Followed, Errors> {
        let (statement, accepted) = step.record;
        let next = self.successor(statement, accepted)?;
        let next = match step.handover {
            Some(handover) => {
                self.handed_over(maintainers, (step.record, handover), &next)?;
                next
            }
            None => {
                let next = self.handed_on(statement, next)?;
                // Asked last: what lacks nothing but the approval can be told from all else.
                if next.backdates(&self.current) {
                    let finding = since_past_finding(&statement.document);
                    step.approved(maintainers, (SINCE_PAST, &finding))?;
                }
                next
            }
        };
        let mut past = self.past.clone();
        past.push(self.current.clone());
        let next = Self::of(past, next, None);
        match step.objection {
            Some(objection) => Ok(Followed::Objected(next.object(objection)?)),
            None => Ok(Followed::Counts(next)),
        }
    }

    /// Checks what has to hold between a record and the one before, whoever signed it.
    fn successor(
        &self,
        statement: &Statement<Publisher>,
        accepted: Timestamp,
    ) -> Result<Era, Errors> {
        let record = &statement.document;
        self.same_identity(record.registry.as_str(), record.id.as_str())?;
        if accepted < self.accepted() {
            return Err(vec![ChainError::TooEarly { accepted, keys: self.accepted() }]);
        }
        let next = Era::of(statement, accepted)?;
        let before = self.record().certificates.iter();
        let mut errors: Errors = before.filter_map(|entry| next.regression(entry)).collect();
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
        let signers = next.keys(statement, accepted)?;
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
        if self.current.is_changed_by(&next) {
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

    /// Checks an objection to the newest record; returns the chain without that record.
    pub fn object(&self, (objection, accepted): At<'_, Objection>) -> Result<Self, Errors> {
        let said = &objection.document;
        self.same_identity(said.registry.as_str(), said.id.as_str())?;
        let other = |reason| Err(vec![ChainError::OtherRecord { what: "the objection", reason }]);
        if said.serial != self.current.record.serial {
            return other("it names another serial");
        }
        if said.sha256 != self.current.digest {
            return other("it names another digest");
        }
        let vain = |reason| Err(vec![ChainError::VainObjection(reason)]);
        match self.open_until() {
            None => return vain("the record does not change the keys, or is a hand-over"),
            Some(until) if accepted >= until => return vain("it came too late"),
            Some(_) if accepted < self.accepted() => return vain("it came before the record"),
            Some(_) => {}
        }
        let Some((before, past)) = self.past.split_last() else {
            return vain("there is no record before");
        };
        before.signers(objection, accepted)?;
        let objected = Some(Objected { before: Box::new(self.clone()), at: accepted });
        Ok(Self::of(past.to_vec(), before.clone(), objected))
    }

    /// Goes on with a record that was judged when it came in, by somebody who saw all that came
    /// with it. `accepted` may be any time from its signatures to its acceptance.
    ///
    /// It is presumed that the record counts, and that it was handed over if those who may have
    /// signed it did not.
    pub fn presume(before: Option<&Self>, record: At<'_, Publisher>) -> Result<Self, Errors> {
        let (statement, accepted) = record;
        let since = statement.document.certificates.iter().filter_map(|entry| entry.since).max();
        let mut next = Era::of(statement, accepted.max(since.unwrap_or(accepted)))?;
        let Some(before) = before else {
            return Ok(Self::of(Vec::new(), next, None));
        };
        let (known, found) = (before.last_serial(), statement.document.serial);
        if found <= known {
            return Err(vec![ChainError::NotNext { known, found }]);
        }
        if before.current.is_changed_by(&next) && before.current.hands_on(statement, &next) {
            next.counts_from = next.accepted.plus(OBJECTION_PERIOD);
        }
        let mut past = before.past.clone();
        past.push(before.current.clone());
        Ok(Self::of(past, next, None))
    }

    /// Leaves out the newest record, to which a key is presumed to have objected in time.
    pub fn presume_objection(&self, at: Timestamp) -> Option<Self> {
        let (before, past) = self.past.split_last()?;
        let objected = Some(Objected { before: Box::new(self.clone()), at });
        Some(Self::of(past.to_vec(), before.clone(), objected))
    }

    /// Returns the highest serial that is taken, be it by a record that was objected to.
    fn last_serial(&self) -> u64 {
        self.objected.as_ref().map_or(self.record().serial, |it| it.before.record().serial)
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

    /// Returns the record that is in force at some time; `None` before there was one.
    pub fn in_force(&self, at: Timestamp) -> Option<&Publisher> {
        self.at(at).map(|era| &era.record)
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
        let Some(era) = self.at(accepted) else {
            let keys = self.eras().next().map_or(self.accepted(), |era| era.accepted);
            return Err(vec![ChainError::TooEarly { accepted, keys }]);
        };
        self.not_suspended(accepted)?;
        let signers = era.signers(statement, accepted)?;
        let stolen = signers.iter().filter(|key| self.is_compromised(key, accepted));
        none(stolen.cloned().map(ChainError::CompromisedKey).collect())?;
        // A revocation counts at once, too, even if it comes with keys that have to wait.
        let waiting = |era: &&Era| (era.accepted..era.counts_from).contains(&accepted);
        self.eras().filter(waiting).try_for_each(|era| era.revokes(statement, accepted))?;
        enough(signers.len(), era.threshold())?;
        Ok(signers)
    }

    /// Tells whether somebody else may have held a key at some time.
    pub fn is_compromised(&self, key: &Fingerprint, at: Timestamp) -> bool {
        let since = self.current.entry(key).and_then(|entry| entry.since);
        since.is_some_and(|since| since <= at)
    }

    fn at(&self, time: Timestamp) -> Option<&Era> {
        self.eras().rev().find(|era| era.counts_from <= time)
    }

    fn eras(&self) -> impl DoubleEndedIterator<Item = &Era> {
        self.past.iter().chain([&self.current])
    }
}

impl Step<'_> {
    /// Checks that the maintainers approved a finding about the record.
    fn approved(
        &self,
        maintainers: &Maintainers,
        (code, finding): (&'static str, &FindingId),
    ) -> Result<(), Errors> {
        let (statement, accepted) = self.record;
        let Some(approval) = self.approval else {
            return Err(vec![ChainError::NotApproved(code)]);
        };
        let path = IndexPath::Publisher(statement.document.id.clone(), statement.document.serial);
        maintainers.approves(approval, (&path, statement, accepted), finding)
    }
}
