//! Judging a pull request: what one commit adds to another, and nothing else.
//!
//! ```text
//! base, head ─▶ difference ─▶ what is added ─┐
//!                  │                         ├─▶ judge ─▶ rules ─▶ archives ─▶ report
//!                  └─▶ what that has to do ──┘
//!                      with, from the base
//! ```
//!
//! Nothing of the head is checked out or run; it is read object by object, under ceilings. Folders
//! that are the same in both are not opened, so the cost grows with the change and not with the
//! registry. A clone of depth 1 is enough.
//!
//! The judge and the rules are those of [`validate`](crate::validate). What they see is a part of
//! the registry: after each round, whatever turned out to be missing is read, and judged again.

mod base;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use index_schema::digest::Sha256Digest;
use index_schema::id::PluginId;
use index_schema::layout::IndexPath;
use index_schema::manifest::Manifest;
use index_schema::time::Timestamp;

use self::base::Base;
use crate::finding::{Finding, Level, Verdict};
use crate::git::{GitError, ObjectId};
use crate::inspection::{Inspected, Inspection};
use crate::judge::{Index, Judged, Past, Read, judge_after};
use crate::report::Report;
use crate::repository::{line, read_content};
use crate::rules::name::Names;
use crate::rules::shape::{self, Proposal, is_housekeeping};
use crate::rules::{self, dependency};
use crate::submission::{Content, Submission};
use crate::tree::Kind;
use crate::tree::objects::{Change, Objects, Point};
use crate::validate::Validated;

/// The two commits of a pull request.
#[derive(Debug, Clone)]
pub struct Revisions {
    /// What it is to be merged into.
    pub base: String,
    /// What it proposes.
    pub head: String,
}

/// What was said of a pull request, and what it took.
#[derive(Debug)]
pub struct Proposed {
    /// What was said, and what of.
    pub validated: Validated,
    /// The commit that it builds on.
    pub base: ObjectId,
    /// The commit that was judged.
    pub head: ObjectId,
    /// How many objects of the repository were read.
    pub objects: usize,
}

/// Judges what `head` adds to `base`, as if it were accepted at `now`.
pub fn validate(
    repository: &Path,
    revisions: &Revisions,
    inspection: &Inspection<'_>,
    now: Timestamp,
) -> Result<Proposed, GitError> {
    let objects = Objects::open(repository)?;
    let (base, head) = (objects.commit(&revisions.base)?, objects.commit(&revisions.head)?);
    let changes = objects.difference(base.tree, head.tree)?;
    let added = added(&objects, &changes, now)?;
    let mut case = Case { base: Base::new(&objects, base, now), changes, added };
    let mut findings = case.shape(&objects, head)?;
    let Judgement { index, findings: judged, inspected } = case.judge(inspection)?;
    findings.extend(judged);
    let paths: BTreeSet<&str> = case.changes.iter().map(|change| change.path.as_str()).collect();
    findings.retain(|finding| paths.contains(finding.path.as_str()));
    findings.extend(paths.iter().filter_map(|path| case.base.unjudged(path)));
    findings.extend(line::comes(&base.id, base.time, now));
    findings.sort();
    findings.dedup();
    let report = Report {
        verdict: Verdict::of(&findings),
        sources: case.sources(&findings),
        changes: paths.into_iter().map(str::to_owned).collect(),
        findings,
    };
    let added = case.submissions().cloned().collect();
    let validated = Validated { report, added, index, inspected };
    Ok(Proposed { validated, base: base.id, head: head.id, objects: objects.count() })
}

/// Reads the files that a pull request adds, other than those about the repository itself.
fn added(
    objects: &Objects,
    changes: &[Change],
    now: Timestamp,
) -> Result<BTreeMap<String, Added>, GitError> {
    let mut added = BTreeMap::new();
    for change in changes.iter().filter(|change| !is_housekeeping(&change.path)) {
        let (None, Some((kind, id))) = (change.before, change.after) else { continue };
        let limit = IndexPath::parse(&change.path).map_or(0, |place| place.limit());
        let mut buffer = Vec::new();
        let read = match kind {
            Kind::File => {
                let limit = u64::try_from(limit).unwrap_or(u64::MAX);
                let content = objects.read(id, limit, &mut buffer)?;
                read_content(&change.path, content, (now, true))
            }
            // The shape says what is wrong with it.
            Kind::Executable | Kind::Symlink | Kind::Submodule | Kind::Special => Err(Vec::new()),
        };
        added.insert(change.path.clone(), Added { bytes: buffer, read });
    }
    Ok(added)
}

fn manifest(submission: &Submission) -> Option<&Manifest> {
    let Content::Release(statement) = &submission.content else { return None };
    Some(&statement.document)
}

/// A file that a pull request adds.
struct Added {
    bytes: Vec<u8>,
    read: Read,
}

/// What came of judging the files.
struct Judgement {
    index: Option<Index>,
    findings: Vec<Finding>,
    inspected: Vec<Inspected>,
}

/// A pull request, and what it has to do with.
struct Case<'o> {
    base: Base<'o>,
    changes: Vec<Change>,
    added: BTreeMap<String, Added>,
}

impl Case<'_> {
    fn submissions(&self) -> impl Iterator<Item = &Submission> {
        self.added.values().filter_map(|added| added.read.as_ref().ok())
    }

    fn manifests(&self) -> impl Iterator<Item = &Manifest> {
        self.submissions().filter_map(manifest)
    }

    /// Reads what the new releases need, and what that needs, as long as manifests tell; judging
    /// finds out whether it was all.
    fn read_dependencies(&mut self) -> Result<(), GitError> {
        loop {
            let all = || self.manifests().chain(self.base.statements().filter_map(manifest));
            let unread: BTreeSet<_> =
                self.manifests().flat_map(|manifest| dependency::unread(all(), manifest)).collect();
            let mut more = false;
            for id in unread {
                more |= self.base.plugin(&id)?;
            }
            if !more {
                return Ok(());
            }
        }
    }

    /// Judges what the pull request changes at all.
    fn shape(&mut self, objects: &Objects, head: Point) -> Result<Vec<Finding>, GitError> {
        let twins = twins(objects, head, &self.changes)?;
        let taken = self.taken()?;
        let added: Vec<&Submission> = self.submissions().collect();
        let changes = &self.changes;
        Ok(shape::judge(Proposal { changes, added: &added, twins: &twins, taken: &taken }))
    }

    /// Returns which of the places that matter for the shape are taken in the base.
    fn taken(&mut self) -> Result<BTreeSet<IndexPath>, GitError> {
        let added = self.changes.iter().filter(|change| change.before.is_none());
        let mut asked: Vec<IndexPath> =
            added.filter_map(|change| IndexPath::parse(&change.path).ok()).collect();
        let mut decides = false;
        for submission in self.submissions() {
            decides |= matches!(submission.path, IndexPath::Moderation(..));
            if let Content::Approval(approval) = &submission.content {
                asked.push(approval.document.path.clone());
            }
        }
        let mut taken = BTreeSet::new();
        for place in asked {
            if self.base.holds(&place)? {
                taken.insert(place);
            }
        }
        if decides {
            taken.extend(self.base.decisions()?.iter().map(|(place, _)| place.clone()));
        }
        Ok(taken)
    }

    /// Judges what the files say, and looks into the archives that they name.
    fn judge(&mut self, inspection: &Inspection<'_>) -> Result<Judgement, GitError> {
        self.read_context()?;
        self.read_dependencies()?;
        self.read_removals()?;
        let names = self.names()?;
        let (mut index, mut findings) = self.judge_completely(&names)?;
        let mut inspected: Vec<Inspected> =
            index.iter().flat_map(|index| inspection.inspect(index)).collect();
        let in_archives = inspected.iter().flat_map(|inspected| &inspected.findings);
        if self.read_approvals(findings.iter().chain(in_archives))? {
            (index, findings) = self.judge_completely(&names)?;
            let is_approved = |finding: &Finding| {
                index.as_ref().is_some_and(|index| rules::is_approved(index, finding))
            };
            for inspected in &mut inspected {
                inspected.findings.retain(|finding| !is_approved(finding));
            }
        }
        findings.extend(inspected.iter().flat_map(|inspected| inspected.findings.clone()));
        Ok(Judgement { index, findings, inspected })
    }

    /// Reads what the files that are added belong to.
    fn read_context(&mut self) -> Result<(), GitError> {
        self.base.registry()?;
        let places: Vec<IndexPath> = self.submissions().map(|s| s.path.clone()).collect();
        for place in places {
            match &place {
                IndexPath::Publisher(id, _)
                | IndexPath::Objection(id, _)
                | IndexPath::PublisherStatus(id, _) => {
                    self.base.publisher(id)?;
                }
                IndexPath::Release(id, _) | IndexPath::Status(id, _) => drop(self.base.plugin(id)?),
                IndexPath::Root(_) | IndexPath::Targets(_) => self.base.metadata()?,
                IndexPath::Advisory(id, _) => self.base.advisory(id)?,
                IndexPath::Registry(_) | IndexPath::Moderation(..) => {}
            }
        }
        let (mut plugins, mut publishers, mut accused) = (vec![], vec![], vec![]);
        for submission in self.submissions() {
            match &submission.content {
                Content::Removal(removal) => plugins.push(removal.document.plugin.clone()),
                Content::Advisory(advisory) => {
                    let affected = advisory.document.osv.affected.iter();
                    plugins.extend(affected.map(|affected| affected.package.name.clone()));
                }
                Content::Handover(handover) => publishers.push(handover.document.publisher.clone()),
                Content::Publisher(record) => {
                    let mut keys = record.document.certificates.iter();
                    if keys.any(|key| key.since.is_some()) {
                        accused.push(record.document.id.clone());
                    }
                }
                Content::Registry(_)
                | Content::Release(_)
                | Content::Status(_)
                | Content::Objection(_)
                | Content::PublisherStatus(_)
                | Content::Approval(_)
                | Content::Metadata(_) => {}
            }
        }
        plugins.iter().try_for_each(|id| self.base.plugin(id).map(drop))?;
        publishers.iter().try_for_each(|id| self.base.publisher(id))?;
        // Which releases a compromised key signed is said of all of them.
        accused.iter().try_for_each(|id| self.base.plugins_of(id))
    }

    /// Returns all names, if there is a new one to hold against them.
    fn names(&self) -> Result<Names, GitError> {
        let released = self.base.statements().filter_map(|submission| {
            let IndexPath::Release(id, _) = &submission.path else { return None };
            Some(id)
        });
        let known: BTreeSet<&PluginId> = released.collect();
        let ids = self.manifests().map(|manifest| &manifest.id);
        let new: Vec<PluginId> = ids.filter(|id| !known.contains(id)).cloned().collect();
        if new.is_empty() {
            return Ok(Names::default());
        }
        Ok(self.base.names()?.into_iter().chain(new).collect::<BTreeSet<_>>().into_iter().collect())
    }

    /// Judges again and again, until nothing is missing.
    fn judge_completely(
        &mut self,
        names: &Names,
    ) -> Result<(Option<Index>, Vec<Finding>), GitError> {
        loop {
            let files = self.base.files().chain(self.added.values().map(|added| &added.read));
            let Judged { index, mut findings } =
                judge_after(Past::Presumed, files.cloned().collect());
            findings.extend(index.iter().flat_map(|index| rules::judge_among(index, names)));
            let more = match &index {
                Some(index) => self.read_missing(index, &findings)?,
                None => false,
            };
            if !more {
                return Ok((index, findings));
            }
        }
    }

    /// Reads what the last round lacked. Tells whether there was anything.
    fn read_missing(&mut self, index: &Index, findings: &[Finding]) -> Result<bool, GitError> {
        let missing: BTreeSet<_> =
            self.manifests().flat_map(|manifest| dependency::missing(index, manifest)).collect();
        let mut more = false;
        for id in missing {
            more |= self.base.plugin(&id)?;
        }
        more |= self.read_removals()?;
        // Whose key it is only matters for what is said about it.
        if findings.iter().any(|finding| finding.code == "signature/unknown-key") {
            more |= self.base.all_publishers()?;
        }
        Ok(more)
    }

    /// Reads what maintainers decided about releases of which it matters whether they were removed.
    /// Tells whether there was anything.
    fn read_removals(&mut self) -> Result<bool, GitError> {
        let doubtful = self.doubtful();
        if doubtful.is_empty() {
            return Ok(false);
        }
        self.base.read_decisions(|id| {
            let id = id.as_str();
            let is_other =
                ["approve-", "remove-", "handover-"].iter().all(|word| !id.starts_with(word));
            is_other || doubtful.iter().any(|short| id.strip_prefix("remove-") == Some(short))
        })
    }

    /// Returns the releases of which it matters whether maintainers removed them, by the beginning
    /// of their digests.
    fn doubtful(&self) -> BTreeSet<String> {
        let own: Vec<&Manifest> = self.manifests().collect();
        let is_doubtful = |manifest: &Manifest| {
            let mut same = own.iter().filter(|own| own.id == manifest.id).peekable();
            same.peek().is_none() || same.any(|own| own.version < manifest.version)
        };
        let old = self.base.statements().filter_map(|submission| {
            let Content::Release(statement) = &submission.content else { return None };
            Some(statement)
        });
        let old = old.filter(|statement| is_doubtful(&statement.document));
        old.map(|statement| short(statement.digest())).collect()
    }

    /// Reads approvals that came before what they approve. Tells whether there are any.
    fn read_approvals<'f>(
        &mut self,
        findings: impl Iterator<Item = &'f Finding>,
    ) -> Result<bool, GitError> {
        let waiting = findings.filter(|finding| finding.level() == Level::Review);
        let digest =
            |finding: &Finding| Some(Sha256Digest::of(&self.added.get(&finding.path)?.bytes));
        let ids: BTreeSet<String> =
            waiting.filter_map(digest).map(|digest| format!("approve-{}", short(digest))).collect();
        if ids.is_empty() {
            return Ok(false);
        }
        self.base.read_decisions(|id| ids.contains(id.as_str()))
    }

    /// Returns the files that findings point into.
    fn sources(&self, findings: &[Finding]) -> BTreeMap<String, Vec<u8>> {
        let placed = findings.iter().filter(|finding| finding.place.is_some());
        let source = |finding: &Finding| {
            Some((finding.path.clone(), self.added.get(&finding.path)?.bytes.clone()))
        };
        placed.filter_map(source).collect()
    }
}

/// The part of a digest that stands in the ids of statements.
fn short(digest: Sha256Digest) -> String {
    digest.to_string().chars().take(16).collect()
}

/// Finds what has the same name as something on the way to an added file, but for case.
fn twins(
    objects: &Objects,
    head: Point,
    changes: &[Change],
) -> Result<Vec<(String, String)>, GitError> {
    let mut twins = Vec::new();
    for change in changes.iter().filter(|change| change.before.is_none()) {
        let (mut folder, mut parent) = (head.tree, String::new());
        for name in change.path.split('/') {
            let nodes = objects.folder(folder)?;
            let lower = name.to_lowercase();
            let twin = nodes.iter().find(|n| n.name != name && n.name.to_lowercase() == lower);
            if let Some(twin) = twin {
                twins.push((change.path.clone(), format!("{parent}{}", twin.name)));
            }
            let Some(node) = nodes.iter().find(|n| n.name == name && n.kind.is_none()) else {
                break;
            };
            folder = node.id;
            parent.push_str(name);
            parent.push('/');
        }
    }
    Ok(twins)
}
