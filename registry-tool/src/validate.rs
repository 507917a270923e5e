//! Judging an index repository: its work tree, or everything that was ever committed.

use std::collections::BTreeMap;
use std::path::Path;

use index_schema::limits;
use index_schema::time::Timestamp;

use crate::finding::{Finding, Verdict};
use crate::inspection::Inspection;
use crate::judge::{Judged, judge};
use crate::report::Report;
use crate::repository::{RepositoryError, WorkTree, work_tree};
use crate::rules;

/// What is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// What is not committed yet.
    New,
    /// Everything: what was accepted long ago is judged again, by today's rules.
    All,
}

/// Judges a work tree, as of `now`.
pub fn validate(
    folder: &Path,
    scope: Scope,
    inspection: &Inspection<'_>,
    now: Timestamp,
) -> Result<Report, RepositoryError> {
    let WorkTree { mut files, mut paths, edits } = work_tree(folder, now)?;
    if scope == Scope::All {
        for is_new in paths.values_mut() {
            *is_new = true;
        }
        let submissions = files.iter_mut().filter_map(|file| file.as_mut().ok());
        submissions.for_each(|submission| submission.is_new = true);
    }
    let Judged { index, mut findings } = judge(files);
    if let Some(index) = &index {
        findings.extend(rules::judge(index));
        findings.extend(inspection.judge(index));
        // What was voided when it was merged stays void, and is no fault of what is new.
        let is_new = |path: &str| paths.get(path).copied().unwrap_or(scope == Scope::All);
        findings.retain(|finding| is_new(&finding.path));
    }
    findings.extend(edits);
    let changes = paths.into_iter().filter_map(|(path, is_new)| is_new.then_some(path)).collect();
    findings.sort();
    let verdict = Verdict::of(&findings);
    let sources = sources(folder, &findings);
    Ok(Report { verdict, findings, changes, sources })
}

fn sources(folder: &Path, findings: &[Finding]) -> BTreeMap<String, Vec<u8>> {
    let read = |finding: &Finding| {
        let place = folder.join(&finding.path);
        let bytes = libral::file::read_file(&place, limits::PUBLISHER + limits::SIGNATURES).ok()?;
        Some((finding.path.clone(), bytes))
    };
    findings.iter().filter(|finding| finding.place.is_some()).filter_map(read).collect()
}
