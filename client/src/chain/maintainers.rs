//! The maintainers of a registry: its records, one after the other.

use index_schema::advisory::Advisory;
use index_schema::approval::{Approval, FindingId};
use index_schema::digest::Sha256Digest;
use index_schema::handover::Handover;
use index_schema::id::PluginId;
use index_schema::layout::IndexPath;
use index_schema::publisher_status::PublisherStatus;
use index_schema::registry::{Maintainer, Registry, Role};
use index_schema::removal::Removal;
use index_schema::statement::{Document, Statement};
use index_schema::time::Timestamp;
use index_schema::version::Version;

use super::error::{ChainError, Errors};
use super::{
    At, collect, covers, enough, keep_revocations, none, parse_certificate, same_registry, signers,
};
use crate::openpgp::{Certificate, Keyring};

/// Who maintains a registry, and did at any time since it began.
///
/// What maintainers sign is judged by the record that was in force when it was accepted, so a
/// maintainer who leaves takes nothing back, and one who comes adds nothing to the past.
#[derive(Debug, Clone)]
pub struct Maintainers {
    past: Vec<Era>,
    current: Era,
}

/// A record, from its acceptance to that of the next.
#[derive(Debug, Clone)]
struct Era {
    record: Registry,
    certificates: Vec<Certificate>,
    accepted: Timestamp,
}

impl Era {
    fn of(record: &Registry, accepted: Timestamp) -> Result<Self, Errors> {
        let parse = |m: &Maintainer| parse_certificate(&m.fingerprint, &m.certificate);
        let certificates = collect(record.maintainers.iter().map(parse))?;
        Ok(Self { record: record.clone(), certificates, accepted })
    }

    /// Checks that enough maintainers with `role` signed, and nobody else; the certificates of
    /// `updates` stand in for those that they are updates of.
    fn signed<T: Document>(
        &self,
        statement: &Statement<T>,
        role: Role,
        (accepted, updates): (Timestamp, &[Certificate]),
    ) -> Result<(), Errors> {
        let updated = |certificate: &Certificate| {
            let mut updates = updates.iter();
            let update = updates.find(|update| update.fingerprint() == certificate.fingerprint());
            update.unwrap_or(certificate).clone()
        };
        let entitled = self.record.maintainers.iter().zip(&self.certificates);
        let keyring: Keyring = entitled
            .filter(|(maintainer, _)| maintainer.roles.contains(&role))
            .map(|(_, certificate)| updated(certificate))
            .collect();
        enough(signers(statement, &keyring, accepted)?.len(), self.record.threshold(role))
    }
}

impl Maintainers {
    /// Reads the certificates of a record that is trusted for another reason: the registry's
    /// offline role named it.
    pub fn of(record: &Registry) -> Result<Self, Errors> {
        Ok(Self { past: Vec::new(), current: Era::of(record, Timestamp::EPOCH)? })
    }

    /// Checks the first record of a registry: its own maintainers signed it.
    pub fn first(statement: &Statement<Registry>, accepted: Timestamp) -> Result<Self, Errors> {
        let record = &statement.document;
        if record.serial != 1 {
            return Err(vec![ChainError::NotFirst(record.serial)]);
        }
        let current = Era::of(record, accepted)?;
        current.signed(statement, Role::Registry, (accepted, &[]))?;
        Ok(Self { past: Vec::new(), current })
    }

    /// Checks the next record: the threshold of maintainers with the role `registry` of the one in
    /// force signed it.
    pub fn next(
        &self,
        statement: &Statement<Registry>,
        accepted: Timestamp,
    ) -> Result<Self, Errors> {
        let record = &statement.document;
        same_registry(self.record(), record.registry.as_str())?;
        let (known, found) = (self.record().serial, record.serial);
        if found <= known {
            return Err(vec![ChainError::NotNext { known, found }]);
        }
        if accepted < self.current.accepted {
            return Err(vec![ChainError::TooEarly { accepted, keys: self.current.accepted }]);
        }
        let next = Era::of(record, accepted)?;
        // Also somebody who left and comes back brings every revocation along.
        let known = self.past.iter().chain([&self.current]);
        none(
            known.flat_map(|era| keep_revocations(&era.certificates, &next.certificates)).collect(),
        )?;
        self.current.signed(statement, Role::Registry, (accepted, &next.certificates))?;
        let mut past = self.past.clone();
        past.push(self.current.clone());
        Ok(Self { past, current: next })
    }

    /// Checks a whole chain of records, the first one first.
    pub fn follow<'s>(
        chain: impl IntoIterator<Item = At<'s, Registry>>,
    ) -> Result<Option<Self>, Errors> {
        chain.into_iter().try_fold(None, |known: Option<Self>, (statement, accepted)| {
            let next = match known {
                None => Self::first(statement, accepted)?,
                Some(known) => known.next(statement, accepted)?,
            };
            Ok(Some(next))
        })
    }

    /// Returns the newest record.
    pub const fn record(&self) -> &Registry {
        &self.current.record
    }

    /// Returns when the newest record was accepted.
    pub const fn accepted(&self) -> Timestamp {
        self.current.accepted
    }

    /// Returns the record that was in force at some time; before the first one, that one.
    pub fn record_at(&self, time: Timestamp) -> &Registry {
        &self.at(time).record
    }

    fn at(&self, time: Timestamp) -> &Era {
        let eras = || self.past.iter().chain([&self.current]);
        let in_force = eras().rev().find(|era| era.accepted <= time);
        in_force.or_else(|| eras().next()).unwrap_or(&self.current)
    }

    /// Checks that a statement is for this registry, and that enough maintainers with `role`
    /// signed it.
    fn signed<T: Document>(
        &self,
        registry: &str,
        role: Role,
        (statement, accepted): At<'_, T>,
    ) -> Result<(), Errors> {
        same_registry(self.record(), registry)?;
        self.at(accepted).signed(statement, role, (accepted, &[]))
    }

    /// Checks that an approval is good: for this registry, and signed by enough reviewers.
    pub fn verify_approval(&self, approval: At<'_, Approval>) -> Result<(), Errors> {
        self.signed(approval.0.document.registry.as_str(), Role::Review, approval)
    }

    /// Checks that a hand-over is good: for this registry, and signed by enough moderators.
    pub fn verify_handover(&self, handover: At<'_, Handover>) -> Result<(), Errors> {
        self.signed(handover.0.document.registry.as_str(), Role::Moderate, handover)
    }

    /// Checks that a statement about a publisher is good: for this registry, and signed by enough
    /// moderators.
    pub fn verify_publisher_status(&self, status: At<'_, PublisherStatus>) -> Result<(), Errors> {
        self.signed(status.0.document.registry.as_str(), Role::Moderate, status)
    }

    /// Checks that an advisory is good: for this registry, and signed by enough of those who advise.
    pub fn verify_advisory(&self, advisory: At<'_, Advisory>) -> Result<(), Errors> {
        self.signed(advisory.0.document.registry.as_str(), Role::Advise, advisory)
    }

    /// Checks that a removal is good, and is of exactly this release.
    pub fn removes(
        &self,
        removal: At<'_, Removal>,
        (plugin, version, statement): (&PluginId, &Version, Sha256Digest),
    ) -> Result<(), Errors> {
        let said = &removal.0.document;
        let other = |reason| Err(vec![ChainError::OtherRecord { what: "the removal", reason }]);
        // Build metadata do not tell releases apart; the digest does.
        if said.plugin != *plugin || said.version.without_build() != version.without_build() {
            return other("it names another release");
        }
        if said.sha256 != statement {
            return other("it names another digest");
        }
        self.verify_removal(removal)
    }

    /// Checks that a removal is good: for this registry, and signed by enough moderators.
    pub fn verify_removal(&self, removal: At<'_, Removal>) -> Result<(), Errors> {
        self.signed(removal.0.document.registry.as_str(), Role::Moderate, removal)
    }

    /// Checks that an approval is good, and is for exactly this finding about this statement.
    pub fn approves<T: Document>(
        &self,
        approval: At<'_, Approval>,
        subject: (&IndexPath, &Statement<T>, Timestamp),
        finding: &FindingId,
    ) -> Result<(), Errors> {
        covers((&approval.0.document, approval.1), subject, finding)
            .map_err(|error| vec![error])?;
        self.verify_approval(approval)
    }
}
