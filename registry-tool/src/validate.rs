//! Judging an index repository: its work tree, what came since a commit, or everything that was
//! ever committed.

use std::collections::BTreeMap;
use std::path::Path;

use index_schema::limits;
use index_schema::time::Timestamp;

use crate::finding::{Finding, Verdict};
use crate::git::ObjectId;
use crate::history::HistoryError;
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
    /// That, and what the commits after this one of the line brought.
    Since(ObjectId),
    /// Everything: what was accepted long ago is judged again, by today's rules.
    All,
}

/// What was said, and what it was said of.
#[derive(Debug)]
pub struct Validated {
    /// What was said.
    pub report: Report,
    /// The statements that are judged; none where that is everything.
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
    let WorkTree { mut files, mut paths, edits, history } = work_tree(folder, now)?;
    let since = match scope {
        Scope::New => None,
        Scope::Since(commit) => {
            let absent = || HistoryError::NotOnLine(commit);
            Some(history.number_of(commit).ok_or_else(absent)? + 1)
        }
        Scope::All => Some(0),
    };
    let is_young = |path: &str| {
        since.is_some_and(|since| history.number_for(path).is_none_or(|number| number >= since))
    };
    for (path, is_new) in &mut paths {
        *is_new |= is_young(path);
    }
    for submission in files.iter_mut().filter_map(|file| file.as_mut().ok()) {
        submission.is_new |= is_young(&submission.path.to_string());
    }
    let submissions = files.iter().filter_map(|file| file.as_ref().ok());
    let added = match scope {
        Scope::New | Scope::Since(_) => {
            submissions.filter(|submission| submission.is_new).cloned().collect()
        }
        Scope::All => Vec::new(),
    };
    let Judged { index, mut findings } = judge(files);
    let mut inspected = Vec::new();
    if let Some(index) = &index {
        findings.extend(rules::judge(index));
        inspected = inspection.inspect(index);
        findings.extend(inspected.iter().flat_map(|inspected| inspected.findings.clone()));
        // What was voided when it was merged stays void, and is no fault of what is new.
        let is_new = |path: &str| paths.get(path).copied().unwrap_or_else(|| is_young(path));
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
