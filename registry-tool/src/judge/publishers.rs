//! The records of publishers: which of them count, and with what.

use std::collections::BTreeMap;

use index_schema::approval::{Approval, FindingId};
use index_schema::fingerprint::Fingerprint;
use index_schema::handover::Handover;
use index_schema::id::PublisherId;
use index_schema::layout::IndexPath;
use index_schema::limits;
use index_schema::publisher::{KeyState, Publisher};
use index_schema::time::Timestamp;
use libral::chain::{
    Chain, ChainError, Errors, Followed, Maintainers, NEW_PUBLISHER, SINCE_PAST, Step, covers,
    new_publisher_finding, since_past_finding,
};
use rayon::prelude::*;

use super::papers::Papers;
use super::{Accepted, Approvals, Index, Link, Member, Past, from_chain};
use crate::finding::Finding;

/// The most that an objection may add to a chain later: room for it is kept.
const OBJECTION: usize = limits::MANIFEST + limits::SIGNATURES;

impl Index {
    pub(super) fn admit_publishers(
        &mut self,
        records: BTreeMap<PublisherId, Vec<Accepted<Publisher>>>,
        mut papers: Papers,
        past: Past,
        findings: &mut Vec<Finding>,
    ) {
        let of_each = records.into_iter().map(|(id, records)| (papers.of(&id), id, records));
        let of_each: Vec<_> = of_each.collect();
        findings.extend(papers.left());
        let walk = |(papers, id, records)| {
            let mut walk = Walk::new((&self.maintainers, &self.approvals), papers, past);
            walk.all(records);
            walk.findings.extend(walk.papers.left());
            (id, walk.member, walk.findings)
        };
        let walked: Vec<_> = of_each.into_par_iter().map(walk).collect();
        for (id, member, problems) in walked {
            self.publishers.extend(member.map(|member| (id, member)));
            findings.extend(problems);
        }
    }
}

/// The way along the records of one publisher, in the order of their acceptance.
struct Walk<'c> {
    maintainers: &'c Maintainers,
    approvals: &'c Approvals,
    papers: Papers,
    past: Past,
    member: Option<Member>,
    bytes: usize,
    findings: Vec<Finding>,
}

/// A record that the chain takes as it is.
struct Taken {
    link: Link,
    chain: Chain,
}

impl<'c> Walk<'c> {
    fn new(
        (maintainers, approvals): (&'c Maintainers, &'c Approvals),
        papers: Papers,
        past: Past,
    ) -> Self {
        Self { maintainers, approvals, papers, past, member: None, bytes: 0, findings: Vec::new() }
    }

    fn all(&mut self, mut records: Vec<Accepted<Publisher>>) {
        records.sort_by_key(|record| (record.accepted, record.statement.document.serial));
        for record in &records {
            let judged = match &self.member {
                _ if self.past == Past::Presumed && !record.is_new => self.presume(record),
                None => self.begin(record),
                Some(member) => self.follow(&member.chain.clone(), record),
            };
            if let Err(problems) = judged {
                self.findings.extend(problems);
            }
        }
    }

    fn begin(&mut self, record: &Accepted<Publisher>) -> Result<(), Vec<Finding>> {
        let said = &record.statement.document;
        let path = IndexPath::Publisher(said.id.clone(), said.serial).to_string();
        let void = |errors| from_chain(&path, errors);
        let chain = Chain::first(&record.statement, self.maintainers.record(), record.accepted)
            .map_err(void)?;
        let mut link = Link::of(record);
        link.approval = self.approval(record, &new_publisher_finding(said));
        if link.approval.is_none() {
            let message =
                format!("`{}` is a new publisher: a maintainer has to approve its keys", said.id);
            let waits = waiting(NEW_PUBLISHER, &path, message).about(said.id.as_str());
            if !record.is_new {
                return Err(vec![waits]);
            }
            // Its first releases are judged beside it as if it were there.
            self.findings.push(waits);
        }
        self.bytes = link.size();
        self.member = Some(Member::of(chain, link));
        Ok(())
    }

    fn follow(&mut self, chain: &Chain, record: &Accepted<Publisher>) -> Result<(), Vec<Finding>> {
        let said = &record.statement.document;
        let path = IndexPath::Publisher(said.id.clone(), said.serial).to_string();
        let mut link = Link::of(record);
        let next = match self.next(chain, &mut link) {
            Ok(next) => next,
            Err(errors) if record.is_new && lacks_approval(&errors) => {
                link.waits = true;
                self.findings.push(
                    waiting(SINCE_PAST, &path, backdating(chain, record)).about(said.id.as_str()),
                );
                self.member.iter_mut().for_each(|member| member.links.push(link.clone()));
                return Ok(());
            }
            Err(errors) => return Err(from_chain(&path, errors)),
        };
        let links = self.member.as_ref().map_or(0, |member| member.links.len());
        let room = limits::CHAIN.saturating_sub(self.bytes).saturating_sub(OBJECTION);
        if links >= limits::RECORDS || link.size() > room {
            let message = "the records of the publisher are more than clients read";
            return Err(vec![Finding::new("publisher/too-long", path, message)]);
        }
        self.object(chain, Taken { link, chain: next });
        Ok(())
    }

    /// Takes a record as it is, and an objection to it if it is not new either.
    fn presume(&mut self, record: &Accepted<Publisher>) -> Result<(), Vec<Finding>> {
        let said = &record.statement.document;
        let path = IndexPath::Publisher(said.id.clone(), said.serial).to_string();
        let before = self.member.as_ref().map(|member| member.chain.clone());
        let chain = Chain::presume(before.as_ref(), record.at())
            .map_err(|errors| from_chain(&path, errors))?;
        let link = Link::of(record);
        let Some(before) = before else {
            self.bytes = link.size();
            self.member = Some(Member::of(chain, link));
            return Ok(());
        };
        self.object(&before, Taken { link, chain });
        Ok(())
    }

    /// Finds out how the chain goes on with a record, with a hand-over if there is one that fits.
    fn next(&mut self, chain: &Chain, link: &mut Link) -> Result<Chain, Errors> {
        let said = &link.record.statement.document;
        let key = (said.id.clone(), said.serial);
        let mut denied = None;
        let digest = link.record.statement.digest();
        let handovers = self.papers.handovers.remove(&key).unwrap_or_default();
        let (fitting, others) = handovers
            .into_iter()
            .partition::<Vec<_>, _>(|(_, paper)| paper.statement.document.sha256 == digest);
        if !others.is_empty() {
            self.papers.handovers.insert(key, others);
        }
        for (path, handover) in fitting {
            match with_handover(self.maintainers, chain, &link.record, &handover) {
                Ok(next) if link.handover.is_none() => {
                    link.handover = Some(handover);
                    denied = Some(Ok(next));
                }
                Ok(_) => self.findings.push(Finding::new(
                    "handover/unknown-record",
                    path.to_string(),
                    "the record was handed over already",
                )),
                Err(errors) => {
                    self.findings.extend(from_chain(&path.to_string(), errors.clone()));
                    denied = denied.or(Some(Err(errors)));
                }
            }
        }
        if let Some(Ok(next)) = denied {
            return Ok(next);
        }
        let approval = self.approval(&link.record, &since_past_finding(said));
        let step = Step {
            record: link.record.at(),
            approval: approval.as_ref().map(Accepted::at),
            handover: None,
            objection: None,
        };
        let (Followed::Counts(next) | Followed::Objected(next)) =
            chain.follow(self.maintainers, &step)?;
        link.approval = approval;
        Ok(next)
    }

    /// Takes a record, with the objection to it if there is one that counts.
    fn object(&mut self, chain: &Chain, taken: Taken) {
        let Taken { mut link, chain: mut next } = taken;
        let said = &link.record.statement.document;
        let key = (said.id.clone(), said.serial);
        if let Some(objection) = self.papers.objections.remove(&key) {
            let is_about = objection.statement.document.sha256 == link.record.statement.digest();
            let is_presumed = self.past == Past::Presumed && !objection.is_new && is_about;
            let objected = match next.presume_objection(objection.accepted) {
                Some(before) if is_presumed => Ok(before),
                _ => next.object(objection.at()),
            };
            match objected {
                Ok(before) => {
                    next = before;
                    link.objection = Some(objection);
                }
                Err(errors) => {
                    let path = IndexPath::Objection(said.id.clone(), said.serial).to_string();
                    self.findings.extend(from_chain(&path, errors));
                }
            }
        }
        self.bytes = self.bytes.saturating_add(link.size());
        let Some(member) = &mut self.member else { return };
        if link.objection.is_none() && accuses(chain.record(), &link.record.statement.document) {
            member.before.push((link.record.accepted, chain.clone()));
        }
        member.chain = next;
        member.links.push(link);
    }

    /// Returns the approval of a finding about a record.
    fn approval(
        &self,
        record: &Accepted<Publisher>,
        finding: &FindingId,
    ) -> Option<Accepted<Approval>> {
        let said = &record.statement.document;
        let place = IndexPath::Publisher(said.id.clone(), said.serial);
        let subject = (&place, &record.statement, record.accepted);
        let mut candidates = self.approvals.get(&place).into_iter().flatten();
        let fits = |approval: &&Accepted<_>| {
            covers((&approval.statement.document, approval.accepted), subject, finding).is_ok()
        };
        candidates.find(fits).cloned()
    }
}

impl Member {
    fn of(chain: Chain, link: Link) -> Self {
        Self { chain, links: vec![link], status: BTreeMap::new(), before: Vec::new() }
    }
}

fn with_handover(
    maintainers: &Maintainers,
    chain: &Chain,
    record: &Accepted<Publisher>,
    handover: &Accepted<Handover>,
) -> Result<Chain, Errors> {
    let handover = Some(handover.at());
    let step = Step { record: record.at(), approval: None, handover, objection: None };
    let (Followed::Counts(next) | Followed::Objected(next)) = chain.follow(maintainers, &step)?;
    Ok(next)
}

impl Link {
    fn of(record: &Accepted<Publisher>) -> Self {
        let record = record.clone();
        Self { record, approval: None, handover: None, objection: None, waits: false }
    }

    fn size(&self) -> usize {
        self.files().map(<[u8]>::len).sum()
    }
}

/// Tells whether a record lacks nothing but the maintainers' approval.
fn lacks_approval(errors: &Errors) -> bool {
    matches!(errors.as_slice(), [ChainError::NotApproved(SINCE_PAST)])
}

/// Tells whether a record calls a key compromised that the one before did not.
fn accuses(before: &Publisher, record: &Publisher) -> bool {
    compromised(record).any(|key| !compromised(before).any(|known| known.0 == key.0))
}

fn compromised(record: &Publisher) -> impl Iterator<Item = (&Fingerprint, Timestamp)> {
    let entries = record.certificates.iter().filter(|key| key.state == KeyState::Compromised);
    entries.filter_map(|entry| Some((&entry.fingerprint, entry.since?)))
}

/// Says since when keys are compromised of which the chain does not know it yet.
fn backdating(chain: &Chain, record: &Accepted<Publisher>) -> String {
    let said = &record.statement.document;
    let known = |key: &_| compromised(chain.record()).any(|known| known == *key);
    let new = compromised(said).filter(|key| !known(key) && key.1 < record.accepted);
    let keys: Vec<String> = new.map(|(key, since)| format!("{key} since {since}")).collect();
    let keys = keys.join(", ");
    format!("`{}` says that somebody else may hold {keys}: what it signed since is void", said.id)
}

fn waiting(code: &'static str, path: &str, message: String) -> Finding {
    Finding::new(code, path, message)
        .hinted("the approval is signed by a maintainer and added under moderation/ with this file")
}
