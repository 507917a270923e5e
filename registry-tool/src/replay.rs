//! Replaying the main line of an index repository, to see whether each of its commits was
//! authorised.
//!
//! A commit is, if whatever it added counts: each statement is signed by the keys that its chain
//! had in force when the commit accepted it, in the order of the line; the commit is by somebody
//! whom the registry record of its parent names; and nothing that was accepted before was changed
//! or removed. So every verdict is by the rules and keys of its time; names, archives and
//! capabilities are the matter of `validate`.

use std::collections::BTreeMap;
use std::path::Path;

use crate::finding::Finding;
use crate::git::ObjectId;
use crate::history::{Commit, HistoryError};
use crate::judge::{Judged, judge};
use crate::repository::{RepositoryError, Snapshot, at_revision};

/// A commit of the line, and what is wrong with it.
#[derive(Debug)]
pub struct Replayed {
    /// The commit.
    pub commit: Commit,
    /// How many files it added.
    pub added: usize,
    /// What of it does not count, or is not allowed; none if all of it was authorised.
    pub findings: Vec<Finding>,
}

/// Replays the line that ends in `revision`, and returns its commits after `since`, oldest first.
pub fn replay(
    repository: &Path,
    revision: &str,
    since: Option<ObjectId>,
) -> Result<Vec<Replayed>, RepositoryError> {
    let Snapshot { files, history, .. } = at_revision(repository, revision)?;
    let after = match since {
        None => 0,
        Some(commit) => history.number_of(commit).ok_or(HistoryError::NotOnLine(commit))? + 1,
    };
    let Judged { findings, .. } = judge(files);
    let last = history.line().len().saturating_sub(1);
    let mut by_commit: BTreeMap<usize, Vec<Finding>> = BTreeMap::new();
    for finding in findings {
        // What concerns no file that was ever there is so where the line ends: it is never left out.
        let number = history.number_for(&finding.path).unwrap_or(last);
        by_commit.entry(number).or_default().push(finding);
    }
    let commits = history.line().iter().zip(history.added_by()).enumerate().skip(after);
    Ok(commits
        .map(|(number, (commit, added))| {
            let findings = by_commit.remove(&number).unwrap_or_default();
            Replayed { commit: commit.clone(), added, findings }
        })
        .collect())
}
