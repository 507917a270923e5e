//! From files to a verdict: which statements count, and what is wrong with the others.
//!
//! Everything ever added is judged again on every run, as of the time when it was accepted, by the
//! functions that clients call. What those refuse is *void*: its path stays taken, but it is left
//! out of the index. The rules of [`rules`](crate::rules) then judge what is new.
//!
//! ```text
//! registry records ─▶ Maintainers ─▶ approvals, hand-overs, removals that count
//!                                     │
//! publisher records, objections ──────┴─▶ Member ─▶ what maintainers say of it
//!                                           └─▶ releases ─▶ removals ─▶ status statements
//! ```
//!
//! Statements of a chain are judged in the order in which they were accepted, so that none that
//! comes later takes the place of one that counted already.

mod advisories;
mod listing;
pub(crate) mod metadata;
mod papers;
mod publishers;
mod registry;
mod releases;
mod sorted;
mod standing;
mod status;

use std::collections::{BTreeMap, BTreeSet};

use index_schema::advisory::Advisory;
use index_schema::approval::Approval;
use index_schema::fingerprint::Fingerprint;
use index_schema::handover::Handover;
use index_schema::id::{PluginId, PublisherId};
use index_schema::layout::IndexPath;
use index_schema::manifest::Manifest;
use index_schema::objection::Objection;
use index_schema::osv::AdvisoryId;
use index_schema::plugin_doc::States;
use index_schema::publisher::Publisher;
use index_schema::publisher_status::PublisherStatus;
use index_schema::registry::Registry;
use index_schema::removal::Removal;
use index_schema::statement::{Document, Statement};
use index_schema::status::Status;
use index_schema::time::Timestamp;
use index_schema::tuf::RegistryLink;
use index_schema::version::Version;
use libral::chain::{At, Chain, ChainError, Maintainers, covers};

pub use self::registry::Records;
use self::sorted::Sorted;
use crate::finding::Finding;
use crate::submission::Submission;

/// A statement, when it was accepted, and whether that is only about to happen.
#[derive(Debug, Clone)]
pub struct Accepted<T> {
    /// What was signed.
    pub statement: Statement<T>,
    /// When the registry accepted it.
    pub accepted: Timestamp,
    /// Whether it is judged for the first time.
    pub is_new: bool,
}

impl<T> Accepted<T> {
    /// Returns the statement as the chains take it.
    pub const fn at(&self) -> At<'_, T> {
        (&self.statement, self.accepted)
    }
}

/// A publisher whose first record counts.
#[derive(Debug, Clone)]
pub struct Member {
    /// Its keys.
    pub chain: Chain,
    /// Its records that count, were objected to, or wait, in the order of their serials.
    pub links: Vec<Link>,
    /// What maintainers say of it, by serial.
    pub status: BTreeMap<u64, Accepted<PublisherStatus>>,
    /// The chain as it was before each record that calls a key compromised, and when that record
    /// was accepted.
    before: Vec<(Timestamp, Chain)>,
}

/// A record of a publisher, and what came with it.
#[derive(Debug, Clone)]
pub struct Link {
    /// The record.
    pub record: Accepted<Publisher>,
    /// The maintainers' approval, where one is needed.
    pub approval: Option<Accepted<Approval>>,
    /// The maintainers' hand-over.
    pub handover: Option<Accepted<Handover>>,
    /// The objection for which the record does not count.
    pub objection: Option<Accepted<Objection>>,
    /// Whether the record is new and lacks only the maintainers' approval.
    pub waits: bool,
}

impl Link {
    /// Tells whether the record counts, be it in force yet or not.
    pub const fn counts(&self) -> bool {
        self.objection.is_none() && !self.waits
    }

    /// Returns the serial of the record.
    pub const fn serial(&self) -> u64 {
        self.record.statement.document.serial
    }

    /// Returns the files of the link, in the order in which clients read them.
    pub fn files(&self) -> impl Iterator<Item = &[u8]> {
        let approval = self.approval.as_ref().map(|approval| approval.statement.bytes());
        let handover = self.handover.as_ref().map(|handover| handover.statement.bytes());
        let objection = self.objection.as_ref().map(|objection| objection.statement.bytes());
        let record = Some(self.record.statement.bytes());
        [record, approval, handover, objection].into_iter().flatten()
    }
}

impl Member {
    /// Returns the records that clients see: those that count or were objected to.
    pub fn published(&self) -> impl Iterator<Item = &Link> {
        self.links.iter().filter(|link| !link.waits)
    }
}

/// A release that counts, and who signed it.
#[derive(Debug, Clone)]
pub struct Release {
    /// The manifest.
    pub manifest: Accepted<Manifest>,
    /// The primary keys that signed.
    pub signers: Vec<Fingerprint>,
}

impl Release {
    /// Returns the place of the statement in the index repository.
    pub fn place(&self) -> IndexPath {
        let manifest = &self.manifest.statement.document;
        IndexPath::Release(manifest.id.clone(), manifest.version.clone())
    }

    /// Returns the path of the statement in the index repository.
    pub fn path(&self) -> String {
        self.place().to_string()
    }
}

/// A release that counted and does no more.
#[derive(Debug, Clone)]
pub struct Departed {
    /// The release.
    pub release: Release,
    /// The maintainers' removal; without one, a key that signed was compromised by then.
    pub removal: Option<Accepted<Removal>>,
}

/// The releases of one plugin by version, and its status statements by serial.
#[derive(Debug, Clone, Default)]
pub struct Plugin {
    /// The releases, without build metadata in the key: it does not tell releases apart.
    pub releases: BTreeMap<Version, Release>,
    /// The releases that are gone; they keep their versions.
    pub gone: BTreeMap<Version, Departed>,
    /// The status statements.
    pub status: BTreeMap<u64, Accepted<Status>>,
    /// The serials of those that counted until a key turned out to be compromised. They say
    /// nothing any more, and stay listed: else they would be missed.
    pub disowned: BTreeSet<u64>,
}

impl Plugin {
    /// Returns what its status statements come to.
    pub fn states(&self) -> States {
        let mut states = States::default();
        let counts = |(serial, _): &(&u64, &Accepted<Status>)| !self.disowned.contains(serial);
        for (_, status) in self.status.iter().filter(counts) {
            states.apply(&status.statement.document);
        }
        states
    }

    /// Returns the release that has a version, be it gone or not; build metadata do not matter.
    pub fn ever(&self, version: &Version) -> Option<&Release> {
        let version = version.without_build();
        let gone = || self.gone.get(&version).map(|departed| &departed.release);
        self.releases.get(&version).or_else(gone)
    }

    /// Returns the releases that no maintainer removed, be they gone or not.
    pub fn not_removed(&self) -> impl Iterator<Item = &Release> {
        let gone = self.gone.values().filter(|departed| departed.removal.is_none());
        self.releases.values().chain(gone.map(|departed| &departed.release))
    }

    /// Returns when the first release was accepted, be it gone or not.
    pub fn since(&self) -> Option<Timestamp> {
        let gone = self.gone.values().map(|departed| &departed.release);
        self.releases.values().chain(gone).map(|release| release.manifest.accepted).min()
    }
}

/// The approvals that reviewers signed, by what they approve.
pub type Approvals = BTreeMap<IndexPath, Vec<Accepted<Approval>>>;

/// Everything in a registry that counts.
#[derive(Debug, Clone)]
pub struct Index {
    /// Who maintains the registry, and did.
    pub maintainers: Maintainers,
    /// The registry records that count, serial 1 first.
    pub registry: Vec<Accepted<Registry>>,
    /// The publishers.
    pub publishers: BTreeMap<PublisherId, Member>,
    /// The plugins.
    pub plugins: BTreeMap<PluginId, Plugin>,
    /// The approvals that reviewers signed, by what they approve.
    pub approvals: Approvals,
    /// What was said of each vulnerability, by serial.
    pub advisories: BTreeMap<AdvisoryId, BTreeMap<u64, Accepted<Advisory>>>,
    /// TUF root and targets metadata, by path.
    pub metadata: BTreeMap<IndexPath, Vec<u8>>,
    /// The places that are taken by what does not count.
    pub void: BTreeSet<IndexPath>,
}

impl Index {
    /// Returns the registry records that count, serial 1 first, as targets metadata carry them.
    pub fn registry_links(&self) -> Vec<RegistryLink> {
        self.registry.iter().map(registry::link).collect()
    }

    /// Tells whether a reviewer approved exactly this finding about exactly this statement.
    pub fn approves<T: Document>(
        &self,
        place: &IndexPath,
        subject: &Accepted<T>,
        finding: &Finding,
    ) -> bool {
        let fingerprint = finding.fingerprint();
        self.approvals.get(place).into_iter().flatten().any(|approval| {
            let approved = (&approval.statement.document, approval.accepted);
            covers(approved, (place, &subject.statement, subject.accepted), &fingerprint).is_ok()
        })
    }

    /// Returns the first serial of a publisher at whose place nothing lies.
    pub fn next_serial(&self, publisher: &PublisherId) -> u64 {
        let links = self.publishers.get(publisher).map(|member| &member.links);
        let void = self.void.iter().filter_map(|place| {
            let IndexPath::Publisher(id, serial) = place else { return None };
            (id == publisher).then_some(*serial)
        });
        after(links.into_iter().flatten().map(Link::serial).chain(void))
    }

    /// Returns the first serial of statements about a publisher at whose place nothing lies.
    pub fn next_publisher_status(&self, publisher: &PublisherId) -> u64 {
        let member = self.publishers.get(publisher);
        let counted = member.into_iter().flat_map(|member| member.status.keys());
        let void = self.void.iter().filter_map(|place| {
            let IndexPath::PublisherStatus(id, serial) = place else { return None };
            (id == publisher).then_some(serial)
        });
        after(counted.chain(void).copied())
    }

    /// Returns the first serial of the registry at whose place nothing lies.
    pub fn next_registry_serial(&self) -> u64 {
        let counted = self.registry.iter().map(|record| record.statement.document.serial);
        let void = self.void.iter().filter_map(|place| {
            let IndexPath::Registry(serial) = place else { return None };
            Some(*serial)
        });
        after(counted.chain(void))
    }

    /// Returns the first serial of a vulnerability at whose place nothing lies.
    pub fn next_advisory_serial(&self, id: &AdvisoryId) -> u64 {
        let counted = self.advisories.get(id).into_iter().flat_map(BTreeMap::keys);
        let void = self.void.iter().filter_map(|place| {
            let IndexPath::Advisory(other, serial) = place else { return None };
            (other == id).then_some(serial)
        });
        after(counted.chain(void).copied())
    }

    /// Returns the advisories that name a plugin, each as it stands.
    pub fn advisories_of(&self, plugin: &PluginId) -> impl Iterator<Item = &Accepted<Advisory>> {
        let newest = self.advisories.values().filter_map(|said| Some(said.last_key_value()?.1));
        newest.filter(|advisory| advisory.statement.document.osv.names(plugin))
    }

    /// Returns the first serial of a plugin's status statements at whose place nothing lies.
    pub fn next_status_serial(&self, plugin: &PluginId) -> u64 {
        let counted = self.plugins.get(plugin).into_iter().flat_map(|plugin| plugin.status.keys());
        let void = self.void.iter().filter_map(|place| {
            let IndexPath::Status(id, serial) = place else { return None };
            (id == plugin).then_some(serial)
        });
        after(counted.chain(void).copied())
    }
}

fn after(serials: impl Iterator<Item = u64>) -> u64 {
    serials.max().map_or(1, |highest| highest.saturating_add(1))
}

/// What came of judging a whole repository.
#[derive(Debug)]
pub struct Judged {
    /// What counts; nothing does without a registry record.
    pub index: Option<Index>,
    /// What is wrong, in order of paths; what was voided long ago included.
    pub findings: Vec<Finding>,
}

/// A file of a repository: what it says, or what is wrong with it.
pub type Read = Result<Submission, Vec<Finding>>;

/// What is taken of statements that are not new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Past {
    /// They are judged again, as of the time when they were accepted.
    Judged,
    /// They were judged when they came in. What came with them need not be here, and the times
    /// of their acceptance may be earlier than they were, back to their signatures.
    Presumed,
}

/// Judges every file of a repository.
pub fn judge(files: Vec<Read>) -> Judged {
    judge_after(Past::Judged, files)
}

/// Judges files of a repository, those that are new in the context of the others.
pub fn judge_after(past: Past, files: Vec<Read>) -> Judged {
    let mut findings = Vec::new();
    let mut sorted = Sorted::default();
    for result in files {
        match result {
            Ok(submission) => sorted.put(submission),
            Err(problems) => findings.extend(problems),
        }
    }
    let index = sorted.into_index(past, &mut findings);
    findings.sort();
    Judged { index, findings }
}

fn from_chain(path: &str, errors: Vec<ChainError>) -> Vec<Finding> {
    errors.into_iter().map(|error| Finding::new(error.code(), path, error.to_string())).collect()
}

#[cfg(test)]
mod tests;
