//! A commit on a branch of its own, which touches nothing else.
//!
//! It is made twice: first in an empty repository that borrows the objects of another one, where it
//! can be judged and thrown away, and once it is good, in the repository itself. Equal input gives
//! the same commit.

use std::fs;
use std::path::{self, Path};

use libral::file::{Mode, write_file};

use super::{Base, CommitError, Files, Message, check_name, signature_ref, tip};
use crate::git::{self, GitError, ObjectId};

/// Makes a repository without a work tree that holds nothing, and reads what another one has.
pub fn borrow(from: &Path, dir: &Path) -> Result<(), CommitError> {
    init_bare(dir)?;
    let lender = git::open(from)?.to_thread_local();
    let written = |path: &Path| {
        let path = path.to_owned();
        move |source| CommitError::File { path, source }
    };
    let lender = lender.common_dir();
    let objects = lender.join("objects");
    let objects = path::absolute(&objects).map_err(written(&objects))?;
    let list = dir.join("objects").join("info").join("alternates");
    let lent = format!("{}\n", objects.display());
    write_file(&list, lent.as_bytes(), Mode::Private).map_err(written(&list))?;
    // Where a shallow clone ends, so does what it lends.
    let shallow = lender.join("shallow");
    if shallow.exists() {
        let end = dir.join("shallow");
        fs::copy(&shallow, &end).map_err(written(&end))?;
    }
    Ok(())
}

/// Makes a folder a repository without a work tree and without a commit.
pub fn init_bare(dir: &Path) -> Result<(), CommitError> {
    gix::ThreadSafeRepository::init_opts(
        dir,
        gix::create::Kind::Bare,
        gix::create::Options::default(),
        gix::open::Options::isolated(),
    )
    .map(drop)
    .map_err(|source| CommitError::Init { dir: dir.to_owned(), source })
}

/// Returns the commit that a revision names.
pub fn commit_of(dir: &Path, revision: &str) -> Result<ObjectId, CommitError> {
    Ok(ObjectId(git::commit(&git::handle(&git::open(dir)?), revision)?))
}

/// Returns the branch that a remote's `HEAD` was seen to stand for.
pub fn seen_default(dir: &Path, remote: &str) -> Result<Option<String>, CommitError> {
    let repo = git::handle(&git::open(dir)?);
    let prefix = format!("refs/remotes/{remote}/");
    let name = format!("{prefix}HEAD");
    let unread = |source| GitError::Revision { revision: name.clone(), source };
    let found = repo.try_find_reference(name.as_str()).map_err(unread)?;
    let target = found.and_then(|found| Some(found.target().try_name()?.as_bstr().to_string()));
    Ok(target.and_then(|target| Some(target.strip_prefix(&prefix)?.to_owned())))
}

/// Commits files on top of `base` and lets a new branch begin there. Neither what is checked out
/// nor the index nor any other branch changes.
///
/// A branch of that name has to hold the same files on the same base already: an earlier try.
pub fn propose(
    dir: &Path,
    (base, branch): (ObjectId, &str),
    files: &Files,
    message: &Message<'_>,
) -> Result<ObjectId, CommitError> {
    files.keys().try_for_each(check_name)?;
    let repo = git::handle(&git::open(dir)?);
    let reference = format!("refs/heads/{branch}");
    let moved = |source| CommitError::Move { branch: branch.to_owned(), source };
    let full: gix::refs::FullName =
        reference.as_str().try_into().map_err(|error| moved(gix::Error::from_error(error)))?;
    let there = tip(&repo, full.as_ref())?;
    let on = Base::of(&repo, Some(base))?;
    files.keys().try_for_each(|path| on.check(files, path))?;
    let tree = on.write(files)?;
    if let Some(there) = there {
        let is_same = git::tree_of(&repo, there.0)? == tree && parent(&repo, there)? == Some(base);
        let taken = || CommitError::Branch(branch.to_owned());
        return is_same.then_some(there).ok_or_else(taken);
    }
    let time = format!("{} +0000", message.time.seconds());
    let author = signature_ref(message.author, &time);
    let committer = signature_ref(message.committer, &time);
    repo.commit_as(committer, author, reference.as_str(), message.text, tree, [base.0])
        .map(|id| ObjectId(id.detach()))
        .map_err(moved)
}

fn parent(repo: &gix::Repository, commit: ObjectId) -> Result<Option<ObjectId>, CommitError> {
    let broken = |source| GitError::Object { what: "commit", id: commit, source };
    let found = repo.find_commit(commit.0).map_err(broken)?;
    Ok(found.parent_ids().next().map(|id| ObjectId(id.detach())))
}
