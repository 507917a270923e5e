//! What two trees differ in: both are walked side by side, and equal folders are not opened.

use std::cmp::Ordering;

use gix::objs::TreeRefIter;
use gix::objs::tree::EntryRef;
use gix::prelude::FindExt as _;

use crate::git::{self, GitError, ObjectId};

/// An entry of two trees that is not the same in both, or missing from one: never a folder.
pub(crate) struct Difference<'a> {
    /// The path, as text.
    pub(crate) path: String,
    /// What stood there.
    pub(crate) old: Option<&'a EntryRef<'a>>,
    /// What stands there.
    pub(crate) new: Option<&'a EntryRef<'a>>,
}

/// The bytes of trees being compared, kept from one comparison to the next.
#[derive(Default)]
pub(crate) struct Buffers {
    bytes: Vec<Vec<u8>>,
    /// How many trees were opened.
    pub(crate) opened: usize,
}

impl Buffers {
    /// Returns what `map` makes of everything that changed from `old`, if there was one, to `new`.
    pub(crate) fn difference<T>(
        &mut self,
        repo: &gix::Repository,
        (old, new): (Option<gix::ObjectId>, gix::ObjectId),
        map: fn(Difference<'_>) -> T,
    ) -> Result<Vec<T>, GitError> {
        let mut walk =
            Walk { repo, buffers: self, path: Vec::new(), depth: 0, map, found: Vec::new() };
        walk.folders(old, Some(new))?;
        Ok(walk.found)
    }
}

/// Returns the first folder that is in two trees and not the same, if there is one.
pub(crate) fn changed_folder(
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

struct Walk<'a, T> {
    repo: &'a gix::Repository,
    buffers: &'a mut Buffers,
    path: Vec<u8>,
    depth: usize,
    map: fn(Difference<'_>) -> T,
    found: Vec<T>,
}

impl<T> Walk<'_, T> {
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
        let opened = [old, new].into_iter().flatten().count();
        self.buffers.opened = self.buffers.opened.saturating_add(opened);
        let kept = &mut self.buffers.bytes;
        let mut buffers = [kept.pop().unwrap_or_default(), kept.pop().unwrap_or_default()];
        let [old_bytes, new_bytes] = &mut buffers;
        let new = Folder::open(self.repo, new, new_bytes)?;
        let old = Folder::open(self.repo, old, old_bytes)?;
        self.depth = self.depth.saturating_add(1);
        self.merge(old, new)?;
        self.depth = self.depth.saturating_sub(1);
        self.buffers.bytes.extend(buffers);
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
        git::push_name(&mut self.path, entry.filename);
        if entry.mode.is_tree() {
            self.path.push(b'/');
            self.folders(old.map(|entry| entry.oid.into()), new.map(|entry| entry.oid.into()))?;
        } else {
            if self.found.len() >= git::ENTRIES {
                return Err(GitError::Entries);
            }
            let path = git::path_text(&self.path);
            self.found.push((self.map)(Difference { path, old, new }));
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
