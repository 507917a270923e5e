//! What two trees differ in: both are walked side by side, and equal folders are not opened.

use std::cmp::Ordering;

use gix::objs::TreeRefIter;
use gix::objs::tree::EntryRef;
use gix::prelude::FindExt as _;

use crate::git::{self, GitError, ObjectId};

/// What became of a path from one tree to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    /// It was not there before.
    Added,
    /// It is not there any more.
    Removed,
    /// It holds something else, or is of another kind.
    Modified,
}

/// The bytes of trees being compared, kept from one comparison to the next.
#[derive(Default)]
pub(super) struct Buffers(Vec<Vec<u8>>);

impl Buffers {
    /// Returns the paths that changed from `old`, if there was one, to `new`.
    pub(super) fn difference(
        &mut self,
        repo: &gix::Repository,
        old: Option<gix::ObjectId>,
        new: gix::ObjectId,
    ) -> Result<Vec<(Change, String)>, GitError> {
        let mut walk =
            Walk { repo, buffers: &mut self.0, path: Vec::new(), depth: 0, found: Vec::new() };
        walk.folders(old, Some(new))?;
        Ok(walk.found)
    }
}

/// Returns the first folder that is in two trees and not the same, if there is one.
pub(super) fn changed_folder(
    repo: &gix::Repository,
    old: gix::ObjectId,
    new: gix::ObjectId,
) -> Option<(gix::ObjectId, gix::ObjectId)> {
    let (mut old_bytes, mut new_bytes) = (Vec::new(), Vec::new());
    let old = git::entries(repo, old, &mut old_bytes).ok()?;
    let new = git::entries(repo, new, &mut new_bytes).ok()?;
    let folders = new.iter().filter(|entry| entry.mode.is_tree());
    folders
        .filter_map(|entry| Some((old.get(old.binary_search(entry).ok()?)?.oid, entry.oid)))
        .find(|(old, new)| old != new)
        .map(|(old, new)| (old.to_owned(), new.to_owned()))
}

struct Walk<'a> {
    repo: &'a gix::Repository,
    buffers: &'a mut Vec<Vec<u8>>,
    path: Vec<u8>,
    depth: usize,
    found: Vec<(Change, String)>,
}

impl Walk<'_> {
    /// Compares two folders at the same path, either of which may be missing.
    fn folders(
        &mut self,
        old: Option<gix::ObjectId>,
        new: Option<gix::ObjectId>,
    ) -> Result<(), GitError> {
        if old == new {
            return Ok(());
        }
        if self.depth > git::DEPTH {
            return Err(GitError::Depth(git::path_text(&self.path)));
        }
        let mut buffers =
            [self.buffers.pop().unwrap_or_default(), self.buffers.pop().unwrap_or_default()];
        let [old_bytes, new_bytes] = &mut buffers;
        let new = Folder::open(self.repo, new, new_bytes)?;
        let old = Folder::open(self.repo, old, old_bytes)?;
        self.depth = self.depth.saturating_add(1);
        self.merge(old, new)?;
        self.depth = self.depth.saturating_sub(1);
        self.buffers.extend(buffers);
        Ok(())
    }

    /// Goes through two sorted lists of entries at once.
    fn merge(&mut self, mut old: Folder<'_>, mut new: Folder<'_>) -> Result<(), GitError> {
        let (mut left, mut right) = (old.next()?, new.next()?);
        loop {
            let order = match (&left, &right) {
                (None, None) => return Ok(()),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some(left), Some(right)) => left.cmp(right),
            };
            let before = if order.is_le() { left.take() } else { None };
            let after = if order.is_ge() { right.take() } else { None };
            self.entry(before.as_ref(), after.as_ref())?;
            if order.is_le() {
                left = old.next()?;
            }
            if order.is_ge() {
                right = new.next()?;
            }
        }
    }

    /// Compares two entries of the same name; both are folders or none is, or one is missing.
    fn entry(
        &mut self,
        old: Option<&EntryRef<'_>>,
        new: Option<&EntryRef<'_>>,
    ) -> Result<(), GitError> {
        let Some(entry) = new.or(old) else { return Ok(()) };
        if old.zip(new).is_some_and(|(old, new)| (old.oid, old.mode) == (new.oid, new.mode)) {
            return Ok(());
        }
        let parent = self.path.len();
        self.path.extend_from_slice(entry.filename);
        if entry.mode.is_tree() {
            self.path.push(b'/');
            self.folders(old.map(|entry| entry.oid.into()), new.map(|entry| entry.oid.into()))?;
        } else {
            let change = match (old, new) {
                (None, _) => Change::Added,
                (Some(_), None) => Change::Removed,
                (Some(_), Some(_)) => Change::Modified,
            };
            if self.found.len() >= git::ENTRIES {
                return Err(GitError::Entries);
            }
            self.found.push((change, git::path_text(&self.path)));
        }
        self.path.truncate(parent);
        Ok(())
    }
}

/// The entries of a tree, in Git's order: that of bytes, as if folders ended in `/`.
struct Folder<'a> {
    id: gix::ObjectId,
    entries: TreeRefIter<'a>,
}

impl<'a> Folder<'a> {
    fn open(
        repo: &gix::Repository,
        id: Option<gix::ObjectId>,
        bytes: &'a mut Vec<u8>,
    ) -> Result<Self, GitError> {
        let kind = repo.object_hash();
        let Some(id) = id else {
            return Ok(Self { id: kind.null(), entries: TreeRefIter::from_bytes(&[], kind) });
        };
        let broken = |source| GitError::Object { what: "tree", id: ObjectId(id), source };
        let entries = repo.objects.find_tree_iter(&id, bytes).map_err(broken)?;
        Ok(Self { id, entries })
    }

    fn next(&mut self) -> Result<Option<EntryRef<'a>>, GitError> {
        let id = ObjectId(self.id);
        self.entries.next().transpose().map_err(|source| GitError::Object {
            what: "tree",
            id,
            source,
        })
    }
}
