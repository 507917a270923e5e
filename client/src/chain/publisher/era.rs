//! One record of a publisher, from when it counts until another one does.

use std::collections::BTreeSet;

use index_schema::digest::Sha256Digest;
use index_schema::fingerprint::Fingerprint;
use index_schema::publisher::{Certificate as Entry, KeyState, Publisher};
use index_schema::statement::{Document, Statement};
use index_schema::time::Timestamp;

use super::super::error::{ChainError, Errors};
use super::super::{collect, none, parse_certificate, signers};
use crate::openpgp::{Certificate, Keyring, SignatureError};

/// A record that counts, or will.
#[derive(Debug, Clone)]
pub(super) struct Era {
    pub(super) record: Publisher,
    pub(super) keyring: Keyring,
    pub(super) accepted: Timestamp,
    pub(super) counts_from: Timestamp,
    pub(super) digest: Sha256Digest,
}

impl Era {
    pub(super) fn of(
        statement: &Statement<Publisher>,
        accepted: Timestamp,
    ) -> Result<Self, Errors> {
        let record = &statement.document;
        let parse = |entry: &Entry| parse_certificate(&entry.fingerprint, &entry.certificate);
        let certificates: Vec<Certificate> = collect(record.certificates.iter().map(parse))?;
        let ahead = |entry: &&Entry| entry.since.is_some_and(|since| since > accepted);
        let ahead = record.certificates.iter().filter(ahead).filter_map(|entry| {
            let (key, since) = (entry.fingerprint.clone(), entry.since?);
            Some(ChainError::Since { key, since, reason: "that is later than the record" })
        });
        none(ahead.collect())?;
        let keyring = certificates.into_iter().collect();
        let (record, digest) = (record.clone(), statement.digest());
        Ok(Self { record, keyring, accepted, counts_from: accepted, digest })
    }

    pub(super) fn active(&self) -> BTreeSet<&Fingerprint> {
        let active = self.record.certificates.iter().filter(|key| key.state == KeyState::Active);
        active.map(|entry| &entry.fingerprint).collect()
    }

    pub(super) fn entry(&self, key: &Fingerprint) -> Option<&Entry> {
        self.record.certificates.iter().find(|entry| entry.fingerprint == *key)
    }

    pub(super) fn threshold(&self) -> usize {
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
    pub(super) fn open_until(&self) -> Option<Timestamp> {
        (self.counts_from > self.accepted).then_some(self.counts_from)
    }

    /// Verifies all signatures, whatever their keys count for.
    pub(super) fn keys<T: Document>(
        &self,
        statement: &Statement<T>,
        accepted: Timestamp,
    ) -> Result<Vec<Fingerprint>, Errors> {
        let signers = signers(statement, &self.keyring, accepted)?;
        Ok(signers.into_iter().map(|signer| signer.certificate).collect())
    }

    /// Verifies all signatures, each by an active key.
    pub(super) fn signers<T: Document>(
        &self,
        statement: &Statement<T>,
        accepted: Timestamp,
    ) -> Result<Vec<Fingerprint>, Errors> {
        let signers = self.keys(statement, accepted)?;
        none(signers.iter().filter_map(|key| self.idle(key)).collect())?;
        Ok(signers)
    }

    /// Refuses signatures of keys that the certificates of this record revoke.
    pub(super) fn revokes<T: Document>(
        &self,
        statement: &Statement<T>,
        accepted: Timestamp,
    ) -> Result<(), Errors> {
        let errors = self.keys(statement, accepted).err().unwrap_or_default();
        let is_revoked = |error: &ChainError| {
            matches!(error, ChainError::Signature(SignatureError::KeyRevoked { .. }))
        };
        none(errors.into_iter().filter(is_revoked).collect())
    }

    /// Checks that everybody signed who is `expected` to hold a key.
    pub(super) fn possessed<'k>(
        expected: impl Iterator<Item = &'k Fingerprint>,
        signers: &[Fingerprint],
    ) -> Result<(), Errors> {
        let silent = expected.filter(|key| !signers.contains(key));
        none(silent.cloned().map(ChainError::NoPossession).collect())
    }

    /// Tells whether other keys sign from `next` on, or more or fewer of them.
    pub(super) fn is_changed_by(&self, next: &Self) -> bool {
        self.active() != next.active() || self.record.threshold != next.record.threshold
    }

    /// Tells whether enough keys of this record signed `next`.
    pub(super) fn hands_on(&self, statement: &Statement<Publisher>, next: &Self) -> bool {
        let signers = next.keys(statement, next.accepted).unwrap_or_default();
        let own = self.active();
        signers.iter().filter(|key| own.contains(key)).count() >= self.threshold()
    }

    /// Says what of a key is worse in this record than it may be after `before`, if anything is.
    pub(super) fn regression(&self, before: &Entry) -> Option<ChainError> {
        let key = before.fingerprint.clone();
        let Some(after) = self.entry(&key) else { return Some(ChainError::LostKey(key)) };
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

    /// Tells whether this record says of a key for the first time that it was compromised before
    /// the record was accepted.
    pub(super) fn backdates(&self, before: &Self) -> bool {
        let known = |entry: &Entry| {
            before.entry(&entry.fingerprint).is_some_and(|known| known.since == entry.since)
        };
        let early = |entry: &Entry| entry.since.is_some_and(|since| since < self.accepted);
        self.record.certificates.iter().any(|entry| early(entry) && !known(entry))
    }
}
