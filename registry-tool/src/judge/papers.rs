//! What maintainers sign about the statements of others: approvals, hand-overs, removals.

use std::collections::BTreeMap;

use index_schema::approval::Approval;
use index_schema::handover::Handover;
use index_schema::id::PublisherId;
use index_schema::layout::IndexPath;
use index_schema::objection::Objection;
use index_schema::removal::Removal;
use libral::chain::Maintainers;

use super::{Accepted, Approvals, from_chain};
use crate::finding::Finding;

/// A publisher and the serial of one of its records.
type Key = (PublisherId, u64);

/// A statement and where it lies.
type Placed<T> = (IndexPath, Accepted<T>);

/// What comes beside the records of publishers, by publisher and serial.
#[derive(Debug, Default)]
pub(super) struct Papers {
    pub(super) handovers: BTreeMap<Key, Vec<Placed<Handover>>>,
    pub(super) objections: BTreeMap<Key, Accepted<Objection>>,
}

impl Papers {
    /// Keeps the hand-overs that moderators of this registry signed.
    pub(super) fn good(
        maintainers: &Maintainers,
        handovers: Vec<Placed<Handover>>,
        findings: &mut Vec<Finding>,
    ) -> Self {
        let mut papers = Self::default();
        for (path, handover) in handovers {
            match maintainers.verify_handover(handover.at()) {
                Ok(()) => {
                    let said = &handover.statement.document;
                    let key = (said.publisher.clone(), said.serial);
                    papers.handovers.entry(key).or_default().push((path, handover));
                }
                Err(errors) => findings.extend(from_chain(&path.to_string(), errors)),
            }
        }
        papers
    }

    /// Takes out what is about the records of one publisher.
    pub(super) fn of(&mut self, publisher: &PublisherId) -> Self {
        let is_of = |(id, _): &Key| id == publisher;
        Self {
            handovers: self.handovers.extract_if(.., |key, _| is_of(key)).collect(),
            objections: self.objections.extract_if(.., |key, _| is_of(key)).collect(),
        }
    }

    /// Says of what is left that there is nothing that it could be about.
    pub(super) fn left(self) -> impl Iterator<Item = Finding> {
        let objections = self.objections.into_keys().map(|(id, serial)| {
            let path = IndexPath::Objection(id.clone(), serial).to_string();
            let message = format!("no record {serial} of `{id}` is open to objection");
            Finding::new("objection/unknown-record", path, message)
        });
        let handovers = self.handovers.into_iter().flat_map(|((id, serial), statements)| {
            statements.into_iter().map(move |(path, _)| {
                let message = format!("there is no record {serial} of `{id}` with this digest");
                Finding::new("handover/unknown-record", path.to_string(), message)
            })
        });
        objections.chain(handovers)
    }
}

/// Keeps the approvals that reviewers of this registry signed.
pub(super) fn good_approvals(
    maintainers: &Maintainers,
    approvals: Vec<Placed<Approval>>,
    findings: &mut Vec<Finding>,
) -> Approvals {
    let mut good = Approvals::new();
    for (path, approval) in approvals {
        match maintainers.verify_approval(approval.at()) {
            Ok(()) => {
                let subject = approval.statement.document.path.clone();
                good.entry(subject).or_default().push(approval);
            }
            Err(errors) => findings.extend(from_chain(&path.to_string(), errors)),
        }
    }
    good
}

/// Keeps the removals that moderators of this registry signed, in the order of their acceptance.
pub(super) fn good_removals(
    maintainers: &Maintainers,
    removals: Vec<Placed<Removal>>,
    findings: &mut Vec<Finding>,
) -> Vec<Placed<Removal>> {
    let mut good = Vec::new();
    for (path, removal) in removals {
        match maintainers.verify_removal(removal.at()) {
            Ok(()) => good.push((path, removal)),
            Err(errors) => findings.extend(from_chain(&path.to_string(), errors)),
        }
    }
    good.sort_by_cached_key(|(path, removal)| (removal.accepted, path.to_string()));
    good
}
