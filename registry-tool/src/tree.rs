//! The files of an index repository, wherever they are: a commit, a folder, or memory.
//!
//! A [`Tree`] is a list of entries sorted by path; their bytes are read when they are asked for.
//! Later stages see no difference between the three sources:
//!
//! * [`Tree::at_revision`] reads a commit of a Git repository and needs no work tree,
//! * [`Tree::of_folder`] reads a work tree, without `.git` and without what is ignored,
//! * [`Tree::from_files`] is made of bytes at hand.
//!
//! Links, submodules and special files are listed as what they are and never followed. Nothing is
//! read without a ceiling: whoever asks says how many bytes an entry may have, and an entry with
//! more is reported as [`Content::TooLarge`].

mod folder;
mod git;
mod ignore;
pub mod objects;
mod packed;

use std::collections::BTreeMap;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use crate::git::{GitError, ObjectId};

/// The files of an index repository at one moment.
pub struct Tree {
    entries: Vec<Entry>,
    source: Source,
}

enum Source {
    Git { repo: Box<gix::ThreadSafeRepository>, commit: ObjectId },
    Folder(PathBuf),
    Memory(Vec<Vec<u8>>),
}

/// One path of a [`Tree`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    path: String,
    kind: Kind,
    id: Option<ObjectId>,
}

/// What stands at a path. Folders are not listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A file like any other.
    File,
    /// A file that may be run.
    Executable,
    /// A symbolic link.
    Symlink,
    /// A repository within the repository.
    Submodule,
    /// A socket, pipe or device; only a folder can hold one.
    Special,
}

/// What an entry holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content<'a> {
    /// All of its bytes.
    Bytes(&'a [u8]),
    /// It has more bytes than it may have, and they were not read.
    TooLarge {
        /// How many it has.
        size: u64,
    },
}

/// Why the files of an index repository could not be read.
#[derive(Debug, thiserror::Error)]
pub enum TreeError {
    /// The repository did not give what was asked for.
    #[error(transparent)]
    Git(#[from] GitError),
    /// The bytes of an entry could not be had.
    #[error("cannot read `{path}`")]
    Blob {
        /// The path of the entry.
        path: String,
        /// What went wrong.
        source: GitError,
    },
    /// A file could not be read.
    #[error("cannot read `{}`", path.display())]
    File {
        /// The path of the file.
        path: PathBuf,
        /// What went wrong.
        source: io::Error,
    },
    /// A file that was asked for has more bytes than it may have.
    #[error("`{path}` has {size} bytes, at most {limit} are allowed")]
    TooLarge {
        /// The path of the file.
        path: String,
        /// How many it has.
        size: u64,
        /// How many it may have.
        limit: u64,
    },
}

/// Tells how many bytes an entry may have, or that nobody wants it.
type Limit<'a> = dyn Fn(&Entry) -> Option<u64> + Sync + 'a;
/// Is shown the number of an entry and what it holds.
type Visit<'a> = dyn Fn(usize, Content<'_>) + Sync + 'a;

impl Tree {
    /// Lists the files of a commit, named by branch, tag, id or any other revision.
    pub fn at_revision(repository: &Path, revision: &str) -> Result<Self, TreeError> {
        let repo = crate::git::open(repository)?;
        let handle = crate::git::handle(&repo);
        let commit = crate::git::commit(&handle, revision)?;
        let entries = sorted(git::list(&handle, commit)?);
        Ok(Self { entries, source: Source::Git { repo: Box::new(repo), commit: ObjectId(commit) } })
    }

    /// Lists the files of a work tree, without `.git` and without what `.gitignore` names.
    pub fn of_folder(folder: &Path) -> Result<Self, TreeError> {
        let entries = sorted(folder::list(folder)?);
        Ok(Self { entries, source: Source::Folder(folder.to_owned()) })
    }

    /// Makes a tree of ordinary files.
    pub fn from_files(files: BTreeMap<String, Vec<u8>>) -> Self {
        let (entries, bytes) = files
            .into_iter()
            .map(|(path, bytes)| (Entry { path, kind: Kind::File, id: None }, bytes))
            .unzip();
        Self { entries, source: Source::Memory(bytes) }
    }

    /// Returns the commit that was read, if it was one.
    pub fn commit(&self) -> Option<ObjectId> {
        match &self.source {
            Source::Git { commit, .. } => Some(*commit),
            Source::Folder(_) | Source::Memory(_) => None,
        }
    }

    /// Returns all entries, sorted by path.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Returns the entries below a folder, sorted by path. The folder is named without a `/` at
    /// its end.
    pub fn below(&self, folder: &str) -> &[Entry] {
        // In the order of bytes, `0` follows `/`.
        let (first, end) = (format!("{folder}/"), format!("{folder}0"));
        let first = self.entries.partition_point(|entry| entry.path < first);
        let end = self.entries.partition_point(|entry| entry.path < end);
        self.entries.get(first..end).unwrap_or_default()
    }

    /// Returns the entry at a path.
    pub fn get(&self, path: &str) -> Option<&Entry> {
        self.index_of(path).and_then(|index| self.entries.get(index))
    }

    /// Tells whether something other than a folder stands at a path.
    pub fn contains(&self, path: &str) -> bool {
        self.index_of(path).is_some()
    }

    /// Returns the number of the entry at a path.
    pub fn index_of(&self, path: &str) -> Option<usize> {
        self.entries.binary_search_by(|entry| entry.path.as_str().cmp(path)).ok()
    }

    /// Reads the file at a path, if there is one.
    pub fn read(&self, path: &str, limit: u64) -> Result<Option<Vec<u8>>, TreeError> {
        let Some(index) = self.index_of(path) else { return Ok(None) };
        let one = index..index.saturating_add(1);
        let found = Mutex::new(None);
        self.show(one, &|_| Some(limit), &|_, content| {
            let content = match content {
                Content::Bytes(bytes) => Ok(bytes.to_owned()),
                Content::TooLarge { size } => {
                    Err(TreeError::TooLarge { path: path.to_owned(), size, limit })
                }
            };
            *found.lock().unwrap_or_else(PoisonError::into_inner) = Some(content);
        })?;
        found.into_inner().unwrap_or_else(PoisonError::into_inner).transpose()
    }

    /// Reads the files that `limit` gives a ceiling and shows each, once, to `visit`.
    ///
    /// The order is whatever is fastest, and `visit` runs on several threads. Memory stays bounded
    /// however many files there are: nothing is kept after it was shown. Links, submodules and
    /// special files have no bytes and are left out.
    pub fn for_each_blob(
        &self,
        limit: impl Fn(&Entry) -> Option<u64> + Sync,
        visit: impl Fn(usize, Content<'_>) + Sync,
    ) -> Result<(), TreeError> {
        self.show(0..self.entries.len(), &limit, &visit)
    }

    /// Shows the files among a range of entries, numbered within all entries.
    fn show(
        &self,
        range: Range<usize>,
        limit: &Limit<'_>,
        visit: &Visit<'_>,
    ) -> Result<(), TreeError> {
        let entries = self.entries.get(range.clone()).unwrap_or_default();
        let limit = |entry: &Entry| if entry.kind.is_file() { limit(entry) } else { None };
        let visit = |index: usize, content: Content<'_>| {
            visit(range.start.saturating_add(index), content);
        };
        match &self.source {
            Source::Git { repo, .. } => git::read(repo, entries, &limit, &visit),
            Source::Folder(folder) => folder::read(folder, entries, &limit, &visit),
            Source::Memory(files) => {
                let files = files.get(range.clone()).unwrap_or_default();
                show_all(files, entries, &limit, &visit);
                Ok(())
            }
        }
    }

    /// Reads files as [`Tree::for_each_blob`] does and returns what `map` makes of each, with the
    /// number of its entry, sorted by it.
    pub fn map_blobs<T: Send>(
        &self,
        limit: impl Fn(&Entry) -> Option<u64> + Sync,
        map: impl Fn(usize, Content<'_>) -> T + Sync,
    ) -> Result<Vec<(usize, T)>, TreeError> {
        let results = Mutex::new(Vec::new());
        self.for_each_blob(limit, |index, content| {
            let result = (index, map(index, content));
            results.lock().unwrap_or_else(PoisonError::into_inner).push(result);
        })?;
        let mut results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
        results.sort_unstable_by_key(|(index, _)| *index);
        Ok(results)
    }
}

impl Entry {
    /// Returns the path, with `/` between folders.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns what stands there.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Returns the name that Git gives to its content, if it comes from a commit.
    pub fn id(&self) -> Option<ObjectId> {
        self.id
    }
}

impl Kind {
    /// Tells whether it has bytes of its own.
    pub fn is_file(self) -> bool {
        matches!(self, Self::File | Self::Executable)
    }
}

fn sorted(mut entries: Vec<Entry>) -> Vec<Entry> {
    entries.sort_by(|a, b| a.path.cmp(&b.path));
    entries
}

fn show_all(files: &[Vec<u8>], entries: &[Entry], limit: &Limit<'_>, visit: &Visit<'_>) {
    entries.par_iter().zip(files).enumerate().for_each(|(index, (entry, bytes))| {
        if let Some(limit) = limit(entry) {
            visit(index, content(bytes, limit));
        }
    });
}

/// Returns what is shown of bytes that are already in memory.
fn content(bytes: &[u8], limit: u64) -> Content<'_> {
    match u64::try_from(bytes.len()) {
        Ok(size) if size > limit => Content::TooLarge { size },
        Ok(_) => Content::Bytes(bytes),
        Err(_) => Content::TooLarge { size: u64::MAX },
    }
}

#[cfg(test)]
mod tests;
