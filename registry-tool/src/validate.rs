//! Judging an index repository: its work tree, or everything that was ever committed.

use std::collections::BTreeMap;
use std::path::Path;

use index_schema::limits;
use index_schema::time::Timestamp;

use crate::finding::{Finding, Verdict};
use crate::inspection::{Inspected, Inspection};
use crate::judge::{Index, Judged, judge};
use crate::report::Report;
use crate::repository::{RepositoryError, WorkTree, work_tree};
use crate::rules;
use crate::submission::Submission;

/// What is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// What is not committed yet.
    New,
    /// Everything: what was accepted long ago is judged again, by today's rules.
    All,
}

/// What was said, and what it was said of.
#[derive(Debug)]
pub struct Validated {
    /// What was said.
    pub report: Report,
    /// The statements that are new; none where everything is judged.
    pub added: Vec<Submission>,
    /// What counts, so far as it was read.
    pub index: Option<Index>,
    /// What was seen of the archives of new releases.
    pub inspected: Vec<Inspected>,
}

/// Judges a work tree, as of `now`.
pub fn validate(
    folder: &Path,
    scope: Scope,
    inspection: &Inspection<'_>,
    now: Timestamp,
) -> Result<Validated, RepositoryError> {
    let WorkTree { mut files, mut paths, edits } = work_tree(folder, now)?;
    if scope == Scope::All {
        for is_new in paths.values_mut() {
            *is_new = true;
        }
        let submissions = files.iter_mut().filter_map(|file| file.as_mut().ok());
        submissions.for_each(|submission| submission.is_new = true);
    }
    let submissions = files.iter().filter_map(|file| file.as_ref().ok());
    let added = match scope {
        Scope::New => submissions.filter(|submission| submission.is_new).cloned().collect(),
        Scope::All => Vec::new(),
    };
    let Judged { index, mut findings } = judge(files);
    let mut inspected = Vec::new();
    if let Some(index) = &index {
        findings.extend(rules::judge(index));
        inspected = inspection.inspect(index);
        findings.extend(inspected.iter().flat_map(|inspected| inspected.findings.clone()));
        // What was voided when it was merged stays void, and is no fault of what is new.
        let is_new = |path: &str| paths.get(path).copied().unwrap_or(scope == Scope::All);
        findings.retain(|finding| is_new(&finding.path));
    }
    findings.extend(edits);
    let changes = paths.into_iter().filter_map(|(path, is_new)| is_new.then_some(path)).collect();
    findings.sort();
    let verdict = Verdict::of(&findings);
    let sources = sources(folder, &findings);
    let report = Report { verdict, findings, changes, sources };
    Ok(Validated { report, added, index, inspected })
}

fn sources(folder: &Path, findings: &[Finding]) -> BTreeMap<String, Vec<u8>> {
    let read = |finding: &Finding| {
        let place = folder.join(&finding.path);
        let bytes = libral::file::read_file(&place, limits::PUBLISHER + limits::SIGNATURES).ok()?;
        Some((finding.path.clone(), bytes))
    };
    findings.iter().filter(|finding| finding.place.is_some()).filter_map(read).collect()
}
