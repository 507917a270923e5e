//! When each file was accepted: the first-parent line of a branch, read from its first commit on.
//!
//! A file is accepted by the commit of the line that added it, at the time that its committer
//! wrote into it. Commits that came in through a merge do not stand on the line, whatever time
//! they claim: for a merge, it is the merge that counts.
//!
//! An index repository only grows. Whatever else happened on the line, a file changed, deleted or
//! added again, is kept as a [`Breach`]; it alters nothing about when the path was added first.
//! Whether a breach is allowed, as it is for a README, others judge.
//!
//! A walk needs every commit of the line. A shallow clone is told apart from a line that begins.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use gix::prelude::FindExt as _;
use index_schema::time::{TimeError, Timestamp};
use rayon::prelude::*;

use crate::git::difference::{self, Buffers, Difference};
use crate::git::{self, GitError, Identity, ObjectId};

/// Pairs of trees that are looked at to see in which direction a pack stores differences.
const DELTA_SAMPLES: usize = 16;

/// What happened on the first-parent line of a branch.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct History {
    line: Vec<Commit>,
    added: BTreeMap<String, usize>,
    breaches: Vec<Breach>,
}

/// A commit of the line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// Its name.
    pub id: ObjectId,
    /// Who put it there.
    pub committer: Arc<Identity>,
    /// When, as the committer says.
    pub time: Timestamp,
    /// How many parents it has: none at the beginning, two for a merge.
    pub parents: usize,
}

/// When and by which commit a file was accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Acceptance {
    /// The commit of the line that added it.
    pub commit: ObjectId,
    /// The time of that commit.
    pub time: Timestamp,
}

/// Something that a line which only grows does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breach {
    /// The number of the commit on the line.
    pub commit: usize,
    /// The path that it happened to.
    pub path: String,
    /// What happened.
    pub kind: BreachKind,
}

/// What happened to a path that was there before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum BreachKind {
    /// It holds something else now, or is of another kind.
    Modified,
    /// It is gone.
    Deleted,
    /// It was gone and is back.
    Readded,
}

/// Why the history of a branch could not be read.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// The repository did not give what was asked for.
    #[error(transparent)]
    Git(#[from] GitError),
    /// A shallow clone ends before the line begins.
    #[error("the history is not complete: the parents of {0} were not fetched")]
    Incomplete(ObjectId),
    /// The branch does not continue the line that is known.
    #[error("{known} is not on the first-parent line of {tip}: its history was rewritten")]
    Rewritten {
        /// The last commit that is known.
        known: ObjectId,
        /// The commit that should continue it.
        tip: ObjectId,
    },
    /// The commit that something is to be reckoned from is no commit of the line.
    #[error("{0} is not on the first-parent line of what is judged")]
    NotOnLine(ObjectId),
    /// A commit is not well-formed.
    #[error("cannot read commit {id}")]
    Commit {
        /// Its name.
        id: ObjectId,
        /// What is wrong with it.
        source: gix::Error,
    },
    /// A commit claims an impossible time.
    #[error("commit {id} claims an impossible time")]
    Time {
        /// Its name.
        id: ObjectId,
        /// What it claims.
        source: TimeError,
    },
}

impl History {
    /// Reads the line that ends in a revision, from its first commit on.
    pub fn read(repository: &Path, revision: &str) -> Result<Self, HistoryError> {
        let mut history = Self::default();
        history.extend(repository, revision)?;
        Ok(history)
    }

    /// Continues a line that is known to a later revision. On failure nothing changes.
    pub fn extend(&mut self, repository: &Path, revision: &str) -> Result<(), HistoryError> {
        let shared = git::open(repository)?;
        let repo = git::handle(&shared);
        let tip = git::commit(&repo, revision)?;
        let known = self.line.last().map(|commit| commit.id);
        let steps = steps(&repo, tip, known)?;
        let before = match known {
            Some(commit) => Some(git::tree_of(&repo, commit.0)?),
            None => None,
        };
        let changes = changes(&shared, before, &steps)?;
        for (step, changes) in steps.into_iter().zip(changes) {
            self.apply(step.commit, changes);
        }
        Ok(())
    }

    /// Returns the commits of the line, first to last.
    pub fn line(&self) -> &[Commit] {
        &self.line
    }

    /// Returns the commit that the line ends in.
    pub fn tip(&self) -> Option<&Commit> {
        self.line.last()
    }

    /// Returns when a path was added for the first time.
    pub fn acceptance(&self, path: &str) -> Option<Acceptance> {
        self.added.get(path).and_then(|number| self.acceptance_by(*number))
    }

    /// Returns every path that was ever there with when it was added for the first time.
    pub fn acceptances(&self) -> impl Iterator<Item = (&str, Acceptance)> {
        self.added
            .iter()
            .filter_map(|(path, number)| Some((path.as_str(), self.acceptance_by(*number)?)))
    }

    /// Returns the number of a commit on the line, from 0.
    pub fn number_of(&self, commit: ObjectId) -> Option<usize> {
        self.line.iter().position(|known| known.id == commit)
    }

    /// Returns the number of the commit that last did something to a path: added it, or did what a
    /// line that only grows does not have.
    pub fn number_for(&self, path: &str) -> Option<usize> {
        let breaches = self.breaches.iter().filter(|breach| breach.path == path);
        let breach = breaches.map(|breach| breach.commit).max();
        breach.or_else(|| self.added.get(path).copied())
    }

    /// Returns how many paths each commit of the line added.
    pub fn added_by(&self) -> Vec<usize> {
        let mut counts = vec![0; self.line.len()];
        for number in self.added.values() {
            if let Some(count) = counts.get_mut(*number) {
                *count += 1;
            }
        }
        counts
    }

    /// Returns what a line that only grows does not have, in order.
    pub fn breaches(&self) -> &[Breach] {
        &self.breaches
    }

    fn acceptance_by(&self, number: usize) -> Option<Acceptance> {
        self.line.get(number).map(|commit| Acceptance { commit: commit.id, time: commit.time })
    }

    fn apply(&mut self, commit: Commit, changes: Vec<(Change, String)>) {
        let number = self.line.len();
        for (change, path) in changes {
            let kind = match change {
                Change::Added if !self.added.contains_key(&path) => {
                    self.added.insert(path, number);
                    continue;
                }
                Change::Added => BreachKind::Readded,
                Change::Removed => BreachKind::Deleted,
                Change::Modified => BreachKind::Modified,
            };
            self.breaches.push(Breach { commit: number, path, kind });
        }
        self.line.push(commit);
    }
}

/// What became of a path from one tree to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    /// It was not there before.
    Added,
    /// It is not there any more.
    Removed,
    /// It holds something else, or is of another kind.
    Modified,
}

/// Says what became of a path.
fn change(difference: Difference<'_>) -> (Change, String) {
    let change = match (difference.old, difference.new) {
        (None, _) => Change::Added,
        (Some(_), None) => Change::Removed,
        (Some(_), Some(_)) => Change::Modified,
    };
    (change, difference.path)
}

/// A commit of the line and its tree.
struct Step {
    commit: Commit,
    tree: gix::ObjectId,
}

/// Goes from `tip` back along first parents to the commit after `known`, or to the beginning, and
/// returns the way in the order of time.
fn steps(
    repo: &gix::Repository,
    tip: gix::ObjectId,
    known: Option<ObjectId>,
) -> Result<Vec<Step>, HistoryError> {
    let shallow = git::shallow(repo)?;
    let mut people = BTreeSet::new();
    let mut steps = Vec::new();
    let mut buffer = Vec::new();
    let mut next = Some(tip);
    while let Some(id) = next.filter(|id| Some(ObjectId(*id)) != known) {
        if shallow.contains(&id) {
            return Err(HistoryError::Incomplete(ObjectId(id)));
        }
        let (step, parent) = step(repo, id, &mut people, &mut buffer)?;
        steps.push(step);
        next = parent;
    }
    match (known, next) {
        (Some(known), None) => Err(HistoryError::Rewritten { known, tip: ObjectId(tip) }),
        (None, _) | (Some(_), Some(_)) => {
            steps.reverse();
            Ok(steps)
        }
    }
}

/// Reads a commit and returns it with its first parent.
fn step(
    repo: &gix::Repository,
    id: gix::ObjectId,
    people: &mut BTreeSet<Arc<Identity>>,
    buffer: &mut Vec<u8>,
) -> Result<(Step, Option<gix::ObjectId>), HistoryError> {
    let broken = |source| HistoryError::Commit { id: ObjectId(id), source };
    let commit = repo.objects.find_commit(&id, buffer).map_err(broken)?;
    let signature = commit.committer().map_err(broken)?;
    let seconds = signature.time().map_err(broken)?.seconds;
    let time = Timestamp::from_seconds(seconds)
        .map_err(|source| HistoryError::Time { id: ObjectId(id), source })?;
    let identity =
        Identity { name: signature.name.to_string(), email: signature.email.to_string() };
    let committer = people.get(&identity).cloned().unwrap_or_else(|| Arc::new(identity));
    people.insert(Arc::clone(&committer));
    let mut parents = commit.parents();
    let first = parents.next();
    let parents = parents.count().saturating_add(usize::from(first.is_some()));
    let on_line = Commit { id: ObjectId(id), committer, time, parents };
    Ok((Step { commit: on_line, tree: commit.tree() }, first))
}

/// A tree and the one before it.
type Pair = (Option<gix::ObjectId>, gix::ObjectId);

/// Returns what each step changed. The steps are shared out among the threads in runs, since a
/// tree and the next are mostly the same.
fn changes(
    shared: &gix::ThreadSafeRepository,
    before: Option<gix::ObjectId>,
    steps: &[Step],
) -> Result<Vec<Vec<(Change, String)>>, GitError> {
    let trees = steps.iter().map(|step| step.tree);
    let olds = std::iter::once(before).chain(trees.clone().map(Some));
    let pairs: Vec<Pair> = olds.zip(trees).collect();
    let run = pairs.len().div_ceil(rayon::current_num_threads()).max(1);
    let runs: Result<Vec<Vec<_>>, GitError> =
        pairs.par_chunks(run).map(|run| differences(&git::handle(shared), run)).collect();
    Ok(runs?.into_iter().flatten().collect())
}

/// Returns what each tree of a run changed. The run is read in the direction in which the pack
/// stores each tree as the difference to one that was just read; the other costs twice as much.
fn differences(
    repo: &gix::Repository,
    run: &[Pair],
) -> Result<Vec<Vec<(Change, String)>>, GitError> {
    let mut buffers = Buffers::default();
    let mut difference = |pair: &Pair| buffers.difference(repo, *pair, change);
    if deltas_grow(repo, run) {
        return run.iter().map(difference).collect();
    }
    let mut found: Vec<_> = run.iter().rev().map(&mut difference).collect::<Result<_, _>>()?;
    found.reverse();
    Ok(found)
}

/// Tells whether trees of a run are rather differences to older ones, as `git fast-import` stores
/// them, than to newer ones, as in the pack of a clone.
fn deltas_grow(repo: &gix::Repository, run: &[Pair]) -> bool {
    let length = |id| repo.find_header(id).ok().and_then(|header| header.num_deltas());
    let stride = run.len().div_ceil(DELTA_SAMPLES).max(1);
    let (mut growing, mut shrinking) = (0_usize, 0_usize);
    for (old, new) in run.iter().skip(stride / 2).step_by(stride) {
        let mut pair = old.map(|old| (old, *new));
        while let Some((old, new)) = pair {
            match length(old).cmp(&length(new)) {
                Ordering::Less => growing = growing.saturating_add(1),
                Ordering::Greater => shrinking = shrinking.saturating_add(1),
                Ordering::Equal => {}
            }
            pair = difference::changed_folder(repo, old, new);
        }
    }
    growing > shrinking
}

#[cfg(test)]
mod tests;
