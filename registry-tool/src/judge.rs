//! From files to a verdict: which statements count, and what is wrong with the others.
//!
//! Everything ever added is judged again on every run, as of the time when it was accepted, by the
//! functions that clients call. What those refuse is *void*: its path stays taken, but it is left
//! out of the index. The rules of [`rules`](crate::rules) then judge what is new.

mod listing;
pub(crate) mod metadata;

use std::collections::BTreeMap;

use index_schema::approval::Approval;
use index_schema::fingerprint::Fingerprint;
use index_schema::id::{PluginId, PublisherId};
use index_schema::layout::IndexPath;
use index_schema::manifest::Manifest;
use index_schema::plugin_doc::States;
use index_schema::publisher::Publisher;
use index_schema::registry::Registry;
use index_schema::statement::Statement;
use index_schema::status::Status;
use index_schema::time::Timestamp;
use index_schema::tuf::RegistryLink;
use index_schema::version::Version;
use libral::chain::{Chain, ChainError, Maintainers, NEW_PUBLISHER, covers, new_publisher_finding};
use libral::openpgp::SignatureError;
use rayon::prelude::*;

use crate::finding::Finding;
use crate::submission::{Content, Submission};

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

/// A publisher whose first record counts.
#[derive(Debug, Clone)]
pub struct Member {
    /// Its keys.
    pub chain: Chain,
    /// Its first record.
    pub record: Accepted<Publisher>,
    /// The approval of that record; a new record may wait for it while its first releases are
    /// judged.
    pub approval: Option<Accepted<Approval>>,
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
    /// Returns the path of the statement in the index repository.
    pub fn path(&self) -> String {
        let manifest = &self.manifest.statement.document;
        IndexPath::Release(manifest.id.clone(), manifest.version.clone()).to_string()
    }
}

/// The releases of one plugin by version, and its status statements by serial.
#[derive(Debug, Clone, Default)]
pub struct Plugin {
    /// The releases, without build metadata in the key: it does not tell releases apart.
    pub releases: BTreeMap<Version, Release>,
    /// The status statements.
    pub status: BTreeMap<u64, Accepted<Status>>,
}

impl Plugin {
    /// Returns what its status statements come to.
    pub fn states(&self) -> States {
        let mut states = States::default();
        for status in self.status.values() {
            states.apply(&status.statement.document);
        }
        states
    }
}

/// Everything in a registry that counts.
#[derive(Debug, Clone)]
pub struct Index {
    /// The maintainers in force.
    pub maintainers: Maintainers,
    /// The registry records that count, serial 1 first.
    pub registry: Vec<Accepted<Registry>>,
    /// The publishers.
    pub publishers: BTreeMap<PublisherId, Member>,
    /// The plugins.
    pub plugins: BTreeMap<PluginId, Plugin>,
    /// The approvals that reviewers signed, by what they approve.
    pub approvals: BTreeMap<IndexPath, Vec<Accepted<Approval>>>,
    /// TUF root and targets metadata, by path.
    pub metadata: BTreeMap<IndexPath, Vec<u8>>,
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

/// Judges every file of a repository.
pub fn judge(files: Vec<Read>) -> Judged {
    let mut findings = Vec::new();
    let mut sorted = Sorted::default();
    for result in files {
        match result {
            Ok(submission) => sorted.put(submission),
            Err(problems) => findings.extend(problems),
        }
    }
    let index = sorted.into_index(&mut findings);
    findings.sort();
    Judged { index, findings }
}

/// The submissions by what they are.
#[derive(Default)]
struct Sorted {
    registry: BTreeMap<u64, Accepted<Registry>>,
    publishers: BTreeMap<(PublisherId, u64), Accepted<Publisher>>,
    releases: Vec<Accepted<Manifest>>,
    status: Vec<Accepted<Status>>,
    approvals: Vec<(IndexPath, Accepted<Approval>)>,
    metadata: metadata::Offline,
}

impl Sorted {
    fn put(&mut self, submission: Submission) {
        let Submission { path, accepted, is_new, content } = submission;
        match content {
            Content::Registry(statement) => {
                let serial = statement.document.serial;
                self.registry.insert(serial, Accepted { statement, accepted, is_new });
            }
            Content::Publisher(statement) => {
                let key = (statement.document.id.clone(), statement.document.serial);
                self.publishers.insert(key, Accepted { statement, accepted, is_new });
            }
            Content::Release(statement) => {
                self.releases.push(Accepted { statement: *statement, accepted, is_new });
            }
            Content::Status(statement) => {
                self.status.push(Accepted { statement, accepted, is_new });
            }
            Content::Approval(statement) => {
                self.approvals.push((path, Accepted { statement, accepted, is_new }));
            }
            Content::Objection(_) | Content::Handover(_) | Content::Removal(_) => {}
            Content::Metadata(bytes) => {
                self.metadata.insert(path, (bytes, accepted));
            }
        }
    }

    fn into_index(mut self, findings: &mut Vec<Finding>) -> Option<Index> {
        let Some(registry) = self.registry.remove(&1) else {
            let message = "there is no registry record that counts";
            findings.push(Finding::new("registry/missing", "registry/1.signed", message));
            return None;
        };
        let mut maintainers = match Maintainers::first(&registry.statement, registry.accepted) {
            Ok(maintainers) => maintainers,
            Err(errors) => {
                findings.extend(from_chain("registry/1.signed", errors));
                return None;
            }
        };
        let mut records = vec![registry];
        for (serial, record) in self.registry {
            match maintainers.next(&record.statement, record.accepted) {
                Ok(next) => {
                    maintainers = next;
                    records.push(record);
                }
                Err(errors) => {
                    let path = IndexPath::Registry(serial).to_string();
                    findings.extend(from_chain(&path, errors));
                }
            }
        }
        let metadata =
            metadata::good(self.metadata, &records.iter().map(link).collect::<Vec<_>>(), findings);
        let approvals = good_approvals(&maintainers, self.approvals, findings);
        let mut index = Index {
            maintainers,
            registry: records,
            publishers: BTreeMap::new(),
            plugins: BTreeMap::new(),
            approvals,
            metadata,
        };
        index.admit_publishers(self.publishers, findings);
        index.admit_releases(self.releases, findings);
        index.admit_status(self.status, findings);
        for plugin in index.plugins.values_mut() {
            listing::leave_out_excess(plugin, findings);
        }
        Some(index)
    }
}

/// Returns a registry record as targets metadata carry it.
fn link(record: &Accepted<Registry>) -> RegistryLink {
    // A statement is JSON and ASCII armor: where it is no text, nothing is equal to it.
    let statement = String::from_utf8_lossy(record.statement.bytes()).into_owned();
    RegistryLink { accepted: record.accepted, statement }
}

const LATER: &str = "this version reads the first record of a chain, not later ones";

impl Index {
    /// Returns the registry records that count, serial 1 first, as targets metadata carry them.
    pub fn registry_links(&self) -> Vec<RegistryLink> {
        self.registry.iter().map(link).collect()
    }

    fn admit_publishers(
        &mut self,
        records: BTreeMap<(PublisherId, u64), Accepted<Publisher>>,
        findings: &mut Vec<Finding>,
    ) {
        for ((id, serial), record) in records {
            let path = IndexPath::Publisher(id.clone(), serial);
            if serial > 1 {
                findings.push(Finding::new("publisher/later-serial", path.to_string(), LATER));
                continue;
            }
            match self.admit_publisher(&path, record) {
                Ok(member) => {
                    if member.approval.is_none() {
                        findings.push(waits_for_approval(&path, &id));
                    }
                    self.publishers.insert(id, member);
                }
                Err(problems) => findings.extend(problems),
            }
        }
    }

    fn admit_publisher(
        &self,
        path: &IndexPath,
        record: Accepted<Publisher>,
    ) -> Result<Member, Vec<Finding>> {
        let chain = Chain::first(&record.statement, self.maintainers.record(), record.accepted)
            .map_err(|errors| from_chain(&path.to_string(), errors))?;
        let finding = new_publisher_finding(&record.statement.document);
        let subject = (path, &record.statement, record.accepted);
        let candidates = self.approvals.get(path).map(Vec::as_slice).unwrap_or_default();
        let fits = |approval: &&Accepted<Approval>| {
            covers((&approval.statement.document, approval.accepted), subject, &finding).is_ok()
        };
        let approval = candidates.iter().find(fits).cloned();
        if approval.is_none() && !record.is_new {
            return Err(vec![waits_for_approval(path, &record.statement.document.id)]);
        }
        Ok(Member { chain, record, approval })
    }

    /// Tells whether a reviewer approved exactly this finding about exactly this release.
    pub fn approves(&self, release: &Release, finding: &Finding) -> bool {
        let Accepted { statement, accepted, .. } = &release.manifest;
        let manifest = &statement.document;
        let path = IndexPath::Release(manifest.id.clone(), manifest.version.clone());
        self.approvals.get(&path).into_iter().flatten().any(|approval| {
            let approved = (&approval.statement.document, approval.accepted);
            covers(approved, (&path, statement, *accepted), &finding.fingerprint()).is_ok()
        })
    }

    fn admit_releases(&mut self, releases: Vec<Accepted<Manifest>>, findings: &mut Vec<Finding>) {
        let judged: Vec<_> = releases.into_par_iter().map(|r| self.admit_release(r)).collect();
        let (good, bad): (Vec<_>, Vec<_>) = judged.into_iter().partition(Result::is_ok);
        findings.extend(bad.into_iter().filter_map(Result::err).flatten());
        let mut good: Vec<Release> = good.into_iter().filter_map(Result::ok).collect();
        // Who came first keeps the version; the path decides between equals.
        good.sort_by_cached_key(|release| (release.manifest.accepted, release.path()));
        for release in good {
            let manifest = &release.manifest.statement.document;
            let plugin = self.plugins.entry(manifest.id.clone()).or_default();
            let version = manifest.version.without_build();
            if let Some(first) = plugin.releases.get(&version) {
                let first = &first.manifest.statement.document.version;
                let message =
                    format!("`{first}` is out already, and differs at most in build metadata");
                findings.push(Finding::new("version/duplicate", release.path(), message));
                continue;
            }
            plugin.releases.insert(version, release);
        }
    }

    fn admit_release(&self, manifest: Accepted<Manifest>) -> Result<Release, Vec<Finding>> {
        let id = &manifest.statement.document.id;
        let path = IndexPath::Release(id.clone(), manifest.statement.document.version.clone());
        let member = self.publisher_of(id, &path.to_string())?;
        let signers = member
            .chain
            .release(&manifest.statement, manifest.accepted)
            .map_err(|errors| self.explain(&path.to_string(), errors))?;
        Ok(Release { manifest, signers })
    }

    fn admit_status(&mut self, statements: Vec<Accepted<Status>>, findings: &mut Vec<Finding>) {
        let mut statements = statements;
        statements
            .sort_by_cached_key(|s| (s.statement.document.id.clone(), s.statement.document.serial));
        for status in statements {
            match self.check_status(&status) {
                Ok(()) => {
                    let document = &status.statement.document;
                    let plugin = self.plugins.entry(document.id.clone()).or_default();
                    plugin.status.insert(document.serial, status);
                }
                Err(problems) => findings.extend(problems),
            }
        }
    }

    fn check_status(&self, status: &Accepted<Status>) -> Result<(), Vec<Finding>> {
        let document = &status.statement.document;
        let path = IndexPath::Status(document.id.clone(), document.serial).to_string();
        let member = self.publisher_of(&document.id, &path)?;
        let signed = member.chain.status(&status.statement, status.accepted);
        signed.map_err(|errors| self.explain(&path, errors))?;
        let Some(plugin) = self.plugins.get(&document.id) else {
            let message = format!("there is no plugin `{}`", document.id);
            return Err(vec![Finding::new("status/unknown-plugin", path, message)]);
        };
        let next = plugin.status.last_key_value().map_or(1, |(serial, _)| serial + 1);
        if document.serial != next {
            let message = format!("expected serial {next}, found {}", document.serial);
            return Err(vec![Finding::new("status/serial-gap", path, message)]);
        }
        let unknown = document.version.as_ref();
        if let Some(version) =
            unknown.filter(|version| !plugin.releases.contains_key(&version.without_build()))
        {
            let message = format!("there is no release `{version}`");
            return Err(vec![Finding::new("status/unknown-version", path, message)]);
        }
        Ok(())
    }

    /// Returns the publisher of a plugin.
    fn publisher_of(&self, id: &PluginId, path: &str) -> Result<&Member, Vec<Finding>> {
        self.publishers.get(&id.publisher).ok_or_else(|| {
            let message = format!("there is no publisher `{}` whose keys count", id.publisher);
            vec![Finding::new("identity/unknown-publisher", path, message)]
        })
    }

    /// Turns errors of a chain into findings, and says so when the key is somebody else's.
    fn explain(&self, path: &str, errors: Vec<ChainError>) -> Vec<Finding> {
        let finding = |error: ChainError| match self.owner_of_unknown(&error) {
            Some((key, owner)) => {
                let message = format!("key {key} is a key of the publisher `{owner}`");
                Finding::new("signature/other-publisher", path, message)
            }
            None => Finding::new(error.code(), path, error.to_string()),
        };
        errors.into_iter().map(finding).collect()
    }

    fn owner_of_unknown<'e>(&self, error: &'e ChainError) -> Option<(&'e str, &PublisherId)> {
        let ChainError::Signature(SignatureError::UnknownKey(key)) = error else { return None };
        let owns = |member: &Member| {
            let mut handles = member.chain.keyring().certificates().iter();
            handles.any(|c| c.key_handles().iter().any(|handle| handle.as_str().ends_with(key)))
        };
        let owner = self.publishers.iter().find(|(_, member)| owns(member));
        owner.map(|(id, _)| (key.as_str(), id))
    }
}

/// Keeps the approvals that reviewers of this registry signed.
fn good_approvals(
    maintainers: &Maintainers,
    approvals: Vec<(IndexPath, Accepted<Approval>)>,
    findings: &mut Vec<Finding>,
) -> BTreeMap<IndexPath, Vec<Accepted<Approval>>> {
    let mut good: BTreeMap<IndexPath, Vec<Accepted<Approval>>> = BTreeMap::new();
    for (path, approval) in approvals {
        match maintainers.verify_approval((&approval.statement, approval.accepted)) {
            Ok(()) => {
                let subject = approval.statement.document.path.clone();
                good.entry(subject).or_default().push(approval);
            }
            Err(errors) => findings.extend(from_chain(&path.to_string(), errors)),
        }
    }
    good
}

fn waits_for_approval(path: &IndexPath, id: &PublisherId) -> Finding {
    let message = format!("`{id}` is a new publisher: a maintainer has to approve its keys");
    Finding::new(NEW_PUBLISHER, path.to_string(), message)
        .about(id.as_str())
        .hinted("the approval is signed by a maintainer and added under moderation/ with this file")
}

fn from_chain(path: &str, errors: Vec<ChainError>) -> Vec<Finding> {
    errors.into_iter().map(|error| Finding::new(error.code(), path, error.to_string())).collect()
}
