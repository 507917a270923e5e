//! The rules that judge what is new, in a table that is easy to extend.
//!
//! A rule reads a release and everything that counts beside it, and says what is wrong. It does no
//! I/O and cannot fail. Its code stands in [`table`], with its level and its explanation. Rules
//! that need the bytes of an archive stand in [`archive`], and get them.

mod advisory;
pub mod archive;
pub mod dependency;
mod document;
pub mod keys;
pub mod name;
mod serial;
pub mod shape;
pub mod table;
mod version;

use index_schema::manifest::Manifest;

use self::name::Names;
use crate::finding::{Finding, Level};
use crate::judge::{Index, Release};

/// A release that is judged for the first time, in the context of everything that counts.
#[derive(Debug, Clone, Copy)]
pub struct Case<'c> {
    /// The release.
    pub release: &'c Release,
    /// Everything that counts, the release included.
    pub index: &'c Index,
    /// The names in it.
    pub names: &'c Names,
}

impl Case<'_> {
    fn manifest(&self) -> &Manifest {
        &self.release.manifest.statement.document
    }

    /// Makes a finding about the release, which points at a top-level field of its manifest.
    pub fn finding(&self, code: &'static str, field: &str, message: String) -> Finding {
        let finding = Finding::new(code, self.release.path(), message);
        let bytes = self.release.manifest.statement.bytes();
        let document = self.release.manifest.statement.signed_bytes();
        let node = index_schema::json::parse(document, index_schema::limits::MANIFEST).ok();
        match node.as_ref().and_then(|node| node.get(field)) {
            Some(node) => finding.at(node.span, bytes),
            None => finding,
        }
    }
}

/// A rule about a release.
pub type Rule = fn(Case<'_>, &mut Vec<Finding>);

/// Every rule about a new release, in the order in which a person would read the findings.
pub const RELEASE: &[Rule] = &[
    name::near_another,
    version::increases,
    document::categories,
    document::permissions,
    document::urls,
    dependency::exist,
    dependency::can_be_resolved,
];

/// Tells whether a maintainer approved a finding about the release.
pub fn approved(case: Case<'_>, finding: &Finding) -> bool {
    let Case { release, index, .. } = case;
    finding.level() == Level::Review && index.approves(&release.place(), &release.manifest, finding)
}

/// Tells whether a maintainer approved a finding, by the path of the release that it is about.
pub fn is_approved(index: &Index, finding: &Finding) -> bool {
    let names = Names::default();
    let releases = index.plugins.values().flat_map(|plugin| plugin.releases.values());
    let mut about = releases.filter(|release| release.path() == finding.path);
    about.any(|release| approved(Case { release, index, names: &names }, finding))
}

/// Judges every new release and record of an index. What a maintainer approved is not found again.
pub fn judge(index: &Index) -> Vec<Finding> {
    judge_among(index, &Names::of(index))
}

/// Judges what is new in an index that holds a part of a registry, whose names are all known.
pub fn judge_among(index: &Index, names: &Names) -> Vec<Finding> {
    let releases = index.plugins.values().flat_map(|plugin| plugin.releases.values());
    let mut findings = Vec::new();
    for release in releases.filter(|release| release.manifest.is_new) {
        let case = Case { release, index, names };
        let mut found = Vec::new();
        for rule in RELEASE {
            rule(case, &mut found);
        }
        found.retain(|finding| !approved(case, finding));
        findings.append(&mut found);
    }
    for member in index.publishers.values() {
        keys::changed(index, member, &mut findings);
        keys::voided(index, member, &mut findings);
    }
    advisory::makes_sense(index, &mut findings);
    serial::without_gaps(index, &mut findings);
    findings.sort();
    findings
}
