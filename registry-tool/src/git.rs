//! Opening a Git repository and naming what is in it.
//!
//! What stands here is shared by [`tree`](crate::tree), [`history`](crate::history) and
//! [`commit`](crate::commit), the only modules that know gix. A repository is opened in isolation:
//! no configuration but its own, no environment, and no replacement objects, so that the same
//! commit means the same bytes on every machine.

pub(crate) mod difference;

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};

use gix::odb::pack::cache::lru::MemoryCappedHashmap;
use gix::prelude::FindExt as _;
use index_schema::limits::MIB;

/// Decoded objects that a thread keeps at hand, since the next one is often a delta of it.
const PACK_CACHE: usize = 64 * MIB;
/// The most that one object on disk may make us allocate.
const ALLOCATION: usize = 256 * MIB;
/// Folders within folders that are followed.
pub(crate) const DEPTH: usize = 64;

/// Files of one commit. A tree can name the same folder many times, so a few kilobytes can
/// pretend to be any number of files.
pub(crate) const ENTRIES: usize = 16_000_000;

/// The name of a commit, tree or blob: a SHA-1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId(pub(crate) gix::ObjectId);

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.to_hex())
    }
}

/// A person as Git knows one. Nothing vouches for it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Identity {
    /// The name.
    pub name: String,
    /// The address.
    pub email: String,
}

/// Why something could not be had from a Git repository.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// There is no usable repository.
    #[error("cannot open `{}` as a git repository", dir.display())]
    Open {
        /// The folder that was named.
        dir: PathBuf,
        /// What is wrong with it.
        source: gix::Error,
    },
    /// No commit goes by this name.
    #[error("`{revision}` does not name a commit")]
    Revision {
        /// What was asked for.
        revision: String,
        /// Why it was not found.
        source: gix::Error,
    },
    /// An object is missing or damaged.
    #[error("cannot read {what} {id}")]
    Object {
        /// The kind of object that was expected.
        what: &'static str,
        /// Its name.
        id: ObjectId,
        /// What is wrong with it.
        source: gix::Error,
    },
    /// An object is there, and is something else.
    #[error("{id} is not a {what}")]
    Kind {
        /// The kind of object that was expected.
        what: &'static str,
        /// Its name.
        id: ObjectId,
    },
    /// Folders are nested deeper than anybody needs.
    #[error("`{0}` lies more than {DEPTH} folders deep")]
    Depth(String),
    /// More files than an index repository has.
    #[error("more than {ENTRIES} files")]
    Entries,
    /// The list of packs or of alternates could not be read.
    #[error("cannot list the objects of `{}`", dir.display())]
    Store {
        /// The folder of the objects.
        dir: PathBuf,
        /// What is wrong with it.
        source: gix::Error,
    },
}

/// Opens the repository whose work tree or `.git` folder is `dir`.
pub(crate) fn open(dir: &Path) -> Result<gix::ThreadSafeRepository, GitError> {
    gix::open::Options::isolated()
        .config_overrides([format!("gitoxide.objects.allocLimit={ALLOCATION}")])
        .open(dir)
        .map_err(|source| GitError::Open { dir: dir.to_owned(), source })
}

/// Returns a handle for one thread, with a cache that suits reading objects by the thousand.
pub(crate) fn handle(shared: &gix::ThreadSafeRepository) -> gix::Repository {
    let mut repo = shared.to_thread_local();
    repo.objects.ignore_replacements = true;
    repo.objects.set_pack_cache(|| Box::new(MemoryCappedHashmap::new(PACK_CACHE)));
    repo
}

/// Returns the commit that a branch, a tag, an id or any other revision names.
pub(crate) fn commit(repo: &gix::Repository, revision: &str) -> Result<gix::ObjectId, GitError> {
    let named = |source| GitError::Revision { revision: revision.to_owned(), source };
    let id = repo.rev_parse_single(revision).map_err(named)?;
    let object = id.object().map_err(named)?;
    Ok(object.peel_to_kind(gix::objs::Kind::Commit).map_err(named)?.id)
}

/// Returns the tree of a commit.
pub(crate) fn tree_of(
    repo: &gix::Repository,
    commit: gix::ObjectId,
) -> Result<gix::ObjectId, GitError> {
    let broken = |source| GitError::Object { what: "commit", id: ObjectId(commit), source };
    let mut buffer = Vec::new();
    repo.objects.find_commit_iter(&commit, &mut buffer).map_err(broken)?.tree_id().map_err(broken)
}

/// Returns the entries of a tree, in Git's order, kept alive by `buffer`.
pub(crate) fn entries<'a>(
    repo: &gix::Repository,
    tree: gix::ObjectId,
    buffer: &'a mut Vec<u8>,
) -> Result<Vec<gix::objs::tree::EntryRef<'a>>, GitError> {
    let broken = |source| GitError::Object { what: "tree", id: ObjectId(tree), source };
    repo.objects.find_tree_iter(&tree, buffer).map_err(broken)?.entries().map_err(broken)
}

/// Returns the commits whose parents were left out when the repository was cloned.
pub(crate) fn shallow(repo: &gix::Repository) -> Result<BTreeSet<gix::ObjectId>, GitError> {
    let failed = |source| GitError::Store { dir: repo.git_dir().to_owned(), source };
    let commits = repo.shallow_commits().map_err(failed)?;
    Ok(commits.map_or_else(BTreeSet::new, |commits| commits.iter().copied().collect()))
}

/// Goes on to an entry of a folder. A name with a `/` in it does not pass for folders.
pub(crate) fn push_name(path: &mut Vec<u8>, name: &[u8]) {
    for byte in name {
        match byte {
            b'/' => path.extend_from_slice(b"\\x2f"),
            byte => path.push(*byte),
        }
    }
}

/// Returns a path as text. Bytes that are not UTF-8 are escaped as `\xff`; no path that the
/// registry allows has a backslash, so such a path is refused like any other strange one.
pub(crate) fn path_text(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.escape_ascii().to_string(),
    }
}

#[cfg(test)]
pub(crate) mod testing;
