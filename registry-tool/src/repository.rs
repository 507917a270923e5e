//! Reading an index repository: every file, with the time when it was accepted.

pub(crate) mod line;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use index_schema::id::RegistryId;
use index_schema::layout::IndexPath;
use index_schema::registry::Registry;
use index_schema::statement::Statement;
use index_schema::time::Timestamp;
use libral::file::read_file;

use crate::compile::{LINE, Origin};
use crate::finding::Finding;
use crate::history::{Breach, BreachKind, History, HistoryError};
use crate::judge::Read;
use crate::rules::shape::{self, is_housekeeping};
use crate::submission::{File, read};
use crate::tree::{Content, Kind, Tree, TreeError};

/// Returns the id of the registry whose index repository this is, from its work tree.
pub fn registry_of(folder: &Path) -> Result<RegistryId, RepositoryError> {
    let path = folder.join(IndexPath::Registry(1).to_string());
    let missing = || RepositoryError::NoRegistry(folder.to_owned());
    let bytes = read_file(&path, IndexPath::Registry(1).limit()).map_err(|_absent| missing())?;
    let statement = Statement::<Registry>::read(&bytes).map_err(|_malformed| missing())?;
    Ok(statement.document.registry)
}

/// Why a repository could not be read.
#[derive(Debug, thiserror::Error)]
pub enum RepositoryError {
    /// Its files could not be listed or read.
    #[error(transparent)]
    Tree(#[from] TreeError),
    /// Its history could not be read.
    #[error("cannot read the history")]
    History(#[from] HistoryError),
    /// The folder is not an index repository.
    #[error("`{}` holds no readable `registry/1.signed`: it is not an index repository", .0.display())]
    NoRegistry(PathBuf),
    /// Nothing has been committed.
    #[error("nothing is committed yet")]
    Empty,
}

/// Every file of a commit, and where they come from.
#[derive(Debug)]
pub struct Snapshot {
    /// What each file says, or what is wrong with it.
    pub files: Vec<Read>,
    /// The commit.
    pub origin: Origin,
    /// The line that ends in it.
    pub history: History,
}

/// Reads every file of a commit.
pub fn at_revision(repository: &Path, revision: &str) -> Result<Snapshot, RepositoryError> {
    let history = History::read(repository, revision)?;
    let tip = history.tip().ok_or(RepositoryError::Empty)?;
    let line = history.line().iter().rev().take(LINE).map(|commit| commit.id.to_string());
    let origin = Origin { commit: tip.id.to_string(), time: tip.time, line: line.collect() };
    let tree = Tree::at_revision(repository, revision)?;
    let accepted = |path: &str| match history.acceptance(path) {
        Some(acceptance) => (acceptance.time, false),
        None => (tip.time, true),
    };
    let mut files = read_tree(&tree, &accepted)?;
    line::void_foreign(&mut files, &history);
    void_changed(&mut files, &history);
    Ok(Snapshot { files, origin, history })
}

/// Voids what was changed after its acceptance, or was gone for a while, and reports what is gone.
fn void_changed(files: &mut Vec<Read>, history: &History) {
    let changed: BTreeMap<&str, Finding> = history
        .breaches()
        .iter()
        .filter_map(|breach| Some((breach.path.as_str(), from_breach(breach)?)))
        .collect();
    files.retain(|file| match file {
        Ok(submission) => !changed.contains_key(submission.path.to_string().as_str()),
        Err(_) => true,
    });
    files.extend(changed.into_values().map(|finding| Err(vec![finding])));
}

/// Every file of a work tree.
#[derive(Debug)]
pub struct WorkTree {
    /// What each file says, or what is wrong with it.
    pub files: Vec<Read>,
    /// The paths of the files, and whether they are judged for the first time.
    pub paths: BTreeMap<String, bool>,
    /// What is wrong with how the work tree differs from the last commit, and with the times of
    /// the commits.
    pub edits: Vec<Finding>,
    /// The line that ends in what is checked out.
    pub history: History,
}

/// Reads every file of a work tree. What is not committed is new, and accepted at `now`.
pub fn work_tree(folder: &Path, now: Timestamp) -> Result<WorkTree, RepositoryError> {
    let tree = Tree::of_folder(folder)?;
    let has_commit = crate::commit::head(folder).is_ok_and(|head| head.commit.is_some());
    let history = if has_commit { History::read(folder, "HEAD")? } else { History::default() };
    let accepted = |path: &str| match history.acceptance(path) {
        Some(acceptance) => (acceptance.time, false),
        None => (now, true),
    };
    let mut files = read_tree(&tree, &accepted)?;
    line::void_foreign(&mut files, &history);
    void_changed(&mut files, &history);
    let mut edits =
        if has_commit { edits(&Tree::at_revision(folder, "HEAD")?, &tree)? } else { vec![] };
    edits.extend(line::future(&history, now));
    let paths = tree.entries().iter().map(crate::tree::Entry::path);
    let paths = paths.filter(|path| !is_housekeeping(path));
    let paths = paths.map(|path| (path.to_owned(), accepted(path).1)).collect();
    Ok(WorkTree { files, paths, edits, history })
}

/// Reads what a file holds, as it was accepted at a time, or is about to be.
pub(crate) fn read_content(
    path: &str,
    content: Content<'_>,
    (accepted, is_new): (Timestamp, bool),
) -> Read {
    match content {
        Content::Bytes(bytes) => read(File { path, bytes, accepted, is_new }),
        Content::TooLarge { .. } if IndexPath::parse(path).is_err() => {
            read(File { path, bytes: &[], accepted, is_new })
        }
        Content::TooLarge { size } => {
            let message = format!("the file has {size} bytes, more than fit here");
            Err(vec![Finding::new("shape/too-long", path, message)])
        }
    }
}

fn read_tree(
    tree: &Tree,
    accepted: &(impl Fn(&str) -> (Timestamp, bool) + Sync),
) -> Result<Vec<Read>, RepositoryError> {
    let limit = |entry: &crate::tree::Entry| {
        let path = entry.path();
        (!is_housekeeping(path)).then(|| {
            let limit = IndexPath::parse(path).map_or(0, |place| place.limit());
            u64::try_from(limit).unwrap_or(u64::MAX)
        })
    };
    let read = tree.map_blobs(limit, |index, content| {
        let path = tree.entries().get(index).map(crate::tree::Entry::path).unwrap_or_default();
        read_content(path, content, accepted(path))
    })?;
    let mut files: Vec<Read> = read.into_iter().map(|(_, result)| result).collect();
    let odd = tree.entries().iter().filter(|entry| entry.kind() != Kind::File);
    let odd = odd.filter(|entry| !is_housekeeping(entry.path()));
    files.extend(odd.map(|entry| Err(vec![shape::odd(entry.path())])));
    Ok(files)
}

fn from_breach(breach: &Breach) -> Option<Finding> {
    if is_housekeeping(&breach.path) {
        return None;
    }
    let (code, message) = match breach.kind {
        BreachKind::Modified => ("history/modified", "a file that was accepted was changed later"),
        BreachKind::Deleted => ("history/deleted", "a file that was accepted was deleted later"),
        BreachKind::Readded => ("history/readded", "a path that was taken was added again"),
    };
    Some(Finding::new(code, breach.path.as_str(), message))
}

/// Says which committed files the work tree changes or lacks.
fn edits(committed: &Tree, work_tree: &Tree) -> Result<Vec<Finding>, RepositoryError> {
    let digests =
        |tree: &Tree| -> Result<BTreeMap<String, index_schema::digest::Sha256Digest>, TreeError> {
            let limit = |entry: &crate::tree::Entry| {
                let known = IndexPath::parse(entry.path()).ok()?;
                u64::try_from(known.limit()).ok()
            };
            let digests = tree.map_blobs(limit, |index, content| match content {
                Content::Bytes(bytes) => (index, index_schema::digest::Sha256Digest::of(bytes)),
                Content::TooLarge { size } => {
                    (index, index_schema::digest::Sha256Digest::of(&size.to_le_bytes()))
                }
            })?;
            let path =
                |index: usize| tree.entries().get(index).map(|entry| entry.path().to_owned());
            Ok(digests.into_iter().filter_map(|(_, (index, d))| Some((path(index)?, d))).collect())
        };
    let (before, after) = (digests(committed)?, digests(work_tree)?);
    let edit = |(path, digest): (&String, _)| match after.get(path) {
        Some(now) if now == digest => None,
        Some(_) => Some(shape::modified(path)),
        None => Some(shape::deleted(path)),
    };
    Ok(before.iter().filter_map(edit).collect())
}
