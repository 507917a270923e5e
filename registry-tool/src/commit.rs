//! Making commits in an index repository: [`init`], [`head`] and [`add_files`], through gix alone.
//! [`branch`] makes one that touches nothing else.
//!
//! A commit is made in this order, so that a crash never leaves half a file or a branch that names
//! something incomplete:
//!
//! 1. the index is locked, and whatever would be lost in the work tree is a reason to stop;
//! 2. the files are written beside their places, and blobs, trees and the commit into the store;
//! 3. the branch moves, but only from the commit that was the base;
//! 4. the files are renamed to their places, and the index becomes what it should be.
//!
//! Until step 3 nothing can be seen from outside. A crash after it leaves a work tree that is
//! behind its branch; `git restore` of the paths brings it up.

pub mod branch;
mod work_tree;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use gix::actor::SignatureRef;
use gix::objs::tree::EntryKind;
use index_schema::path::PackagePath;
use index_schema::time::Timestamp;

use self::work_tree::WorkTree;
use crate::git::{self, GitError, Identity, ObjectId};

/// The files of a commit to be made.
pub type Files = BTreeMap<PackagePath, Vec<u8>>;

/// Which branch a commit is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Branch<'a> {
    /// The one that is checked out; the work tree and the index follow.
    Head,
    /// This one. If there is none of that name, it begins at the one that is checked out.
    Named(&'a str),
}

/// Who says what, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message<'a> {
    /// What the commit says.
    pub text: &'a str,
    /// Who wrote the files.
    pub author: &'a Identity,
    /// Who makes the commit.
    pub committer: &'a Identity,
    /// When, for both.
    pub time: Timestamp,
}

/// The branch that is checked out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Its name, without `refs/heads/`.
    pub branch: String,
    /// The commit it names, once there is one.
    pub commit: Option<ObjectId>,
}

/// Why a commit could not be made. Nothing was changed, unless the work tree could not follow.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// The repository did not give what was asked for.
    #[error(transparent)]
    Git(#[from] GitError),
    /// There can be no repository here.
    #[error("cannot make a git repository of `{}`", dir.display())]
    Init {
        /// The folder that was named.
        dir: PathBuf,
        /// What is in the way.
        source: gix::Error,
    },
    /// No branch is checked out.
    #[error("no branch is checked out in `{}`", .0.display())]
    Detached(PathBuf),
    /// A path that Git keeps for itself.
    #[error("`{0}` cannot be committed: git keeps such names for itself")]
    Reserved(PackagePath),
    /// A path collides with a folder, link or special file.
    #[error("`{path}` cannot be a file: `{other}` is in the way")]
    Collision {
        /// The path to be written.
        path: PackagePath,
        /// What is there.
        other: String,
    },
    /// Somebody's work would be lost.
    #[error("`{0}` has changes that are not committed")]
    LocalChange(PackagePath),
    /// Every file is already there with these bytes.
    #[error("nothing to commit: every file is already there")]
    Unchanged,
    /// Another program is at work.
    #[error("the index of `{}` is locked by another program", dir.display())]
    Locked {
        /// The repository.
        dir: PathBuf,
        /// What the lock says.
        source: gix::Error,
    },
    /// A sparse index leaves out what would have to be changed.
    #[error("the index of `{}` is sparse; `git sparse-checkout disable` makes it whole", .0.display())]
    Sparse(PathBuf),
    /// Something could not be written to the store.
    #[error("cannot write {what}")]
    Store {
        /// What was to be written.
        what: &'static str,
        /// What went wrong.
        source: gix::Error,
    },
    /// The branch could not be moved, for instance since it has moved meanwhile.
    #[error("cannot move `{branch}` to a new commit")]
    Move {
        /// Its name.
        branch: String,
        /// What went wrong.
        source: gix::Error,
    },
    /// There is a branch of that name, and it is something else.
    #[error("there is a branch `{0}` already")]
    Branch(String),
    /// The index could not be read or written.
    #[error("cannot update the index of `{}`", dir.display())]
    Index {
        /// The repository.
        dir: PathBuf,
        /// What went wrong.
        source: gix::Error,
    },
    /// A file of the work tree could not be written.
    #[error("cannot write `{}`", path.display())]
    File {
        /// Its path.
        path: PathBuf,
        /// What went wrong.
        source: io::Error,
    },
}

/// Makes a folder a Git repository with the branch `main` and no commit.
pub fn init(dir: &Path) -> Result<(), CommitError> {
    gix::ThreadSafeRepository::init_opts(
        dir,
        gix::create::Kind::WithWorktree,
        gix::create::Options::default(),
        gix::open::Options::isolated(),
    )
    .map(drop)
    .map_err(|source| CommitError::Init { dir: dir.to_owned(), source })
}

/// Returns the branch that is checked out.
pub fn head(dir: &Path) -> Result<Head, CommitError> {
    head_of(&git::handle(&git::open(dir)?), dir)
}

fn head_of(repo: &gix::Repository, dir: &Path) -> Result<Head, CommitError> {
    let unread = |source| GitError::Revision { revision: "HEAD".to_owned(), source };
    let name = repo.head_name().map_err(unread)?;
    let name = name.ok_or_else(|| CommitError::Detached(dir.to_owned()))?;
    Ok(Head { commit: tip(repo, name.as_ref())?, branch: name.shorten().to_string() })
}

/// Returns the commit that a branch names, if there is such a branch.
fn tip(
    repo: &gix::Repository,
    branch: &gix::refs::FullNameRef,
) -> Result<Option<ObjectId>, CommitError> {
    let name = branch.as_bstr().to_string();
    let unread = |source| GitError::Revision { revision: name.clone(), source };
    match repo.try_find_reference(branch).map_err(unread)? {
        Some(_) => Ok(Some(ObjectId(git::commit(repo, &name)?))),
        None => Ok(None),
    }
}

/// Commits files on top of a branch and returns the commit.
///
/// Files that are already there get these bytes; nothing is ever removed. If the branch is the one
/// that is checked out, the files are written to the work tree, too, and added to the index. What
/// else is changed there, staged or not, stays as it is, and stays out of the commit.
pub fn add_files(
    dir: &Path,
    branch: Branch<'_>,
    files: &Files,
    message: &Message<'_>,
) -> Result<ObjectId, CommitError> {
    files.keys().try_for_each(check_name)?;
    let repo = git::handle(&git::open(dir)?);
    let target = Target::of(&repo, dir, branch)?;
    let base = Base::of(&repo, target.base)?;
    files.keys().try_for_each(|path| base.check(files, path))?;
    let work_tree = match repo.workdir() {
        Some(folder) if target.is_head => Some(WorkTree::prepare(&repo, folder, files, &base)?),
        Some(_) | None => None,
    };
    let tree = base.write(files)?;
    let commit = target.commit(&repo, tree, message)?;
    if let Some(work_tree) = work_tree {
        work_tree.finish()?;
    }
    Ok(commit)
}

fn check_name(path: &PackagePath) -> Result<(), CommitError> {
    let options = gix::validate::path::component::Options::default();
    let reserved =
        |component: &str| gix::validate::path::component(component.into(), None, options).is_err();
    if path.as_str().split('/').any(reserved) {
        return Err(CommitError::Reserved(path.clone()));
    }
    Ok(())
}

/// The branch to be moved.
struct Target {
    /// What to move: a branch, or whatever `HEAD` stands for.
    reference: String,
    branch: String,
    is_head: bool,
    base: Option<ObjectId>,
}

impl Target {
    fn of(repo: &gix::Repository, dir: &Path, branch: Branch<'_>) -> Result<Self, CommitError> {
        let head = head_of(repo, dir)?;
        match branch {
            Branch::Named(name) if name != head.branch => {
                let reference = format!("refs/heads/{name}");
                let full: gix::refs::FullName =
                    reference.as_str().try_into().map_err(|error| CommitError::Move {
                        branch: name.to_owned(),
                        source: gix::Error::from_error(error),
                    })?;
                let base = tip(repo, full.as_ref())?.or(head.commit);
                Ok(Self { reference, branch: name.to_owned(), is_head: false, base })
            }
            Branch::Named(_) | Branch::Head => {
                let Head { branch, commit: base } = head;
                Ok(Self { reference: "HEAD".to_owned(), branch, is_head: true, base })
            }
        }
    }

    /// Writes the commit and moves the branch to it, if it still names the base.
    fn commit(
        &self,
        repo: &gix::Repository,
        tree: gix::ObjectId,
        message: &Message<'_>,
    ) -> Result<ObjectId, CommitError> {
        let time = format!("{} +0000", message.time.seconds());
        let author = signature_ref(message.author, &time);
        let committer = signature_ref(message.committer, &time);
        let parents = self.base.map(|base| base.0);
        repo.commit_as(committer, author, self.reference.as_str(), message.text, tree, parents)
            .map(|id| ObjectId(id.detach()))
            .map_err(|source| CommitError::Move { branch: self.branch.clone(), source })
    }
}

fn signature_ref<'a>(identity: &'a Identity, time: &'a str) -> SignatureRef<'a> {
    SignatureRef {
        name: identity.name.as_str().into(),
        email: identity.email.as_str().into(),
        time,
    }
}

/// The tree that a commit is made on top of.
struct Base<'a> {
    repo: &'a gix::Repository,
    tree: gix::Tree<'a>,
}

impl<'a> Base<'a> {
    fn of(repo: &'a gix::Repository, commit: Option<ObjectId>) -> Result<Self, CommitError> {
        let Some(commit) = commit else { return Ok(Self { repo, tree: repo.empty_tree() }) };
        let id = git::tree_of(repo, commit.0)?;
        let broken = |source| GitError::Object { what: "tree", id: ObjectId(id), source };
        Ok(Self { repo, tree: repo.find_tree(id).map_err(broken)? })
    }

    /// Returns what stands at a path, folders included.
    fn entry(&self, path: &str) -> Result<Option<(EntryKind, gix::ObjectId)>, CommitError> {
        let id = ObjectId(self.tree.id);
        let broken = |source| GitError::Object { what: "tree", id, source };
        let entry = self.tree.lookup_entry(path.split('/')).map_err(broken)?;
        Ok(entry.map(|entry| (entry.mode().kind(), entry.object_id())))
    }

    /// Returns the blob at a path, if there is one.
    fn blob(&self, path: &PackagePath) -> Result<Option<gix::ObjectId>, CommitError> {
        Ok(self.entry(path.as_str())?.map(|(_, id)| id))
    }

    /// Tells whether there can be an ordinary file at a path.
    fn check(&self, files: &Files, path: &PackagePath) -> Result<(), CommitError> {
        let collision = |other: &PackagePath| {
            Err(CommitError::Collision { path: path.clone(), other: other.to_string() })
        };
        match self.entry(path.as_str())? {
            Some((EntryKind::Blob, _)) => return Ok(()),
            Some(_) => return collision(path),
            None => {}
        }
        let mut above = path.parent();
        while let Some(folder) = above {
            let entry = self.entry(folder.as_str())?;
            if files.contains_key(&folder) || entry.is_some_and(|(kind, _)| kind != EntryKind::Tree)
            {
                return collision(&folder);
            }
            above = folder.parent();
        }
        Ok(())
    }

    /// Writes the files and all folders that change, and returns the new tree.
    fn write(&self, files: &Files) -> Result<gix::ObjectId, CommitError> {
        let unwritten = |what| move |source| CommitError::Store { what, source };
        let mut editor = self.tree.edit().map_err(unwritten("a tree"))?;
        for (path, bytes) in files {
            let id = self.repo.write_blob(bytes).map_err(unwritten("a blob"))?;
            editor
                .upsert(path.as_str(), EntryKind::Blob, id.detach())
                .map_err(unwritten("a tree"))?;
        }
        let tree = editor.write().map_err(unwritten("a tree"))?.detach();
        if tree == self.tree.id { Err(CommitError::Unchanged) } else { Ok(tree) }
    }
}

#[cfg(test)]
mod tests;
