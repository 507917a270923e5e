//! What the commits of the main line are worth: whose they are, and whether their times can be.
//!
//! The line is walked in order, because who may commit is said by the registry record that was in
//! force at the parent commit. A foreign commit adds nothing, also no record that would make its
//! committer one of the registry's.

use std::collections::BTreeMap;

use index_schema::registry::Registry;
use index_schema::time::Timestamp;
use libral::openpgp::SKEW;

use crate::finding::Finding;
use crate::git::ObjectId;
use crate::history::{Commit, History};
use crate::judge::{Accepted, Read, Records};
use crate::submission::Content;

/// The commits that the registry cannot stand for, with the finding that each is.
type Foreign = BTreeMap<ObjectId, (&'static str, String)>;

/// Voids what was added by a commit that the registry cannot stand for.
pub(super) fn void_foreign(files: &mut [Read], history: &History) {
    let foreign = foreign_commits(files, history);
    if foreign.is_empty() {
        return;
    }
    for file in files.iter_mut() {
        let Ok(submission) = file else { continue };
        let path = submission.path.to_string();
        let commit = history.acceptance(&path).map(|acceptance| acceptance.commit);
        if let Some((code, message)) = commit.and_then(|commit| foreign.get(&commit)) {
            *file = Err(vec![Finding::new(code, path, message.as_str())]);
        }
    }
}

/// Returns the commits that claim to be older than their parent, and those by a committer whom
/// the registry record in force does not name.
fn foreign_commits(files: &[Read], history: &History) -> Foreign {
    let mut added = records_by_commit(files, history);
    let mut records = Records::default();
    let mut foreign = Foreign::new();
    let mut parent: Option<&Commit> = None;
    for commit in history.line() {
        let email = commit.committer.email.as_str();
        if parent.is_some_and(|parent| commit.time < parent.time) {
            let message = format!("commit {} claims to be older than its parent", commit.id);
            foreign.insert(commit.id, ("history/backwards", message));
        } else if !records.newest().is_none_or(|record| is_named(record, email)) {
            let message =
                format!("commit {} is by `{email}`, whom the record does not name", commit.id);
            foreign.insert(commit.id, ("history/foreign-line", message));
        } else {
            for record in added.remove(&commit.id).unwrap_or_default() {
                // The judge says what is wrong with a record that does not count.
                drop(records.admit(record));
            }
        }
        parent = Some(commit);
    }
    foreign
}

fn is_named(record: &Registry, email: &str) -> bool {
    let named = &record.committers;
    named.is_empty() || named.iter().any(|name| name.as_str() == email)
}

/// Returns the registry records by the commit that added them, in the order of their serials.
fn records_by_commit(
    files: &[Read],
    history: &History,
) -> BTreeMap<ObjectId, Vec<Accepted<Registry>>> {
    let mut records: BTreeMap<ObjectId, Vec<Accepted<Registry>>> = BTreeMap::new();
    for submission in files.iter().filter_map(|file| file.as_ref().ok()) {
        let Content::Registry(statement) = &submission.content else { continue };
        let Some(acceptance) = history.acceptance(&submission.path.to_string()) else { continue };
        let (statement, accepted, is_new) =
            (statement.clone(), submission.accepted, submission.is_new);
        let record = Accepted { statement, accepted, is_new };
        records.entry(acceptance.commit).or_default().push(record);
    }
    for of_commit in records.values_mut() {
        of_commit.sort_by_key(|record| record.statement.document.serial);
    }
    records
}

/// Says which commits claim a time that has not come yet.
pub(super) fn future(history: &History, now: Timestamp) -> Vec<Finding> {
    history.line().iter().filter_map(|commit| comes(&commit.id, commit.time, now)).collect()
}

/// Says of a commit that its time has not come yet, if so.
pub(crate) fn comes(commit: &ObjectId, time: Timestamp, now: Timestamp) -> Option<Finding> {
    (time > now.plus(SKEW)).then(|| {
        let message = format!("commit {commit} claims to be made at {time}");
        let hint = "set the clock, and make the commit again before anybody builds on it";
        Finding::new("history/future", ".", message).hinted(hint)
    })
}
