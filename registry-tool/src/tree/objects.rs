//! Commits read piece by piece: what nobody asks for is not opened, and every object is counted.
//!
//! A [`Tree`](super::Tree) lists all of a commit before anything is read. Here a folder is opened
//! when something in it is asked for, so that what it costs to look at a change does not depend on
//! how much did not change. Nothing is written, checked out or run.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::rc::Rc;

use gix::objs::tree::EntryRef;
use gix::prelude::FindExt as _;
use gix::validate::path::component;
use index_schema::time::Timestamp;
use rayon::prelude::*;

use super::{Content, Kind, content, git as whole};
use crate::git::difference::{Buffers, Difference};
use crate::git::{self, GitError, ObjectId};

/// The objects of a repository, and how many of them were read.
pub struct Objects {
    shared: gix::ThreadSafeRepository,
    repo: gix::Repository,
    shallow: BTreeSet<gix::ObjectId>,
    folders: RefCell<BTreeMap<gix::ObjectId, Rc<Vec<Node>>>>,
    read: Cell<usize>,
}

/// A walk to the folders at some depth.
struct Deep<'r> {
    repo: &'r gix::Repository,
    paths: Vec<String>,
    opened: usize,
}

impl Deep<'_> {
    fn open(&mut self, id: gix::ObjectId, path: String, levels: usize) -> Result<(), GitError> {
        self.opened += 1;
        let mut buffer = Vec::new();
        for entry in &git::entries(self.repo, id, &mut buffer)? {
            let Ok(name) = std::str::from_utf8(entry.filename) else { continue };
            let path = format!("{path}/{name}");
            match (levels, entry.mode.is_tree()) {
                (0 | 1, _) if self.paths.len() >= git::ENTRIES => return Err(GitError::Entries),
                (0 | 1, _) => self.paths.push(path),
                (_, true) => self.open(entry.oid.to_owned(), path, levels - 1)?,
                (_, false) => {}
            }
        }
        Ok(())
    }
}

/// A commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Point {
    /// Its name.
    pub id: ObjectId,
    /// Its files.
    pub tree: ObjectId,
    /// When it was made, as its committer says.
    pub time: Timestamp,
    parent: Option<gix::ObjectId>,
}

/// What comes before a commit on its line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parent {
    /// The line begins here.
    None,
    /// There is a parent, and it was not fetched.
    NotFetched,
    /// This commit.
    Commit(Point),
}

/// An entry of a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Its name.
    pub name: String,
    /// What it is; a folder is none.
    pub kind: Option<Kind>,
    /// The name that Git gives to what it holds.
    pub id: ObjectId,
}

/// A path at which two commits differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The path.
    pub path: String,
    /// What stood there, and its name.
    pub before: Option<(Kind, ObjectId)>,
    /// What stands there now.
    pub after: Option<(Kind, ObjectId)>,
}

impl Objects {
    /// Opens a repository.
    pub fn open(repository: &Path) -> Result<Self, GitError> {
        let shared = git::open(repository)?;
        let repo = git::handle(&shared);
        let shallow = git::shallow(&repo)?;
        Ok(Self { shared, repo, shallow, folders: RefCell::default(), read: Cell::new(0) })
    }

    /// Returns how many objects were read until now.
    pub fn count(&self) -> usize {
        self.read.get()
    }

    fn counted(&self, more: usize) {
        self.read.set(self.read.get().saturating_add(more));
    }

    /// Finds a commit by branch, tag, id or any other revision.
    pub fn commit(&self, revision: &str) -> Result<Point, GitError> {
        self.point(git::commit(&self.repo, revision)?)
    }

    /// Returns the first parent of a commit.
    pub fn parent(&self, point: &Point) -> Result<Parent, GitError> {
        match point.parent {
            None => Ok(Parent::None),
            Some(_) if self.shallow.contains(&point.id.0) => Ok(Parent::NotFetched),
            Some(parent) => self.point(parent).map(Parent::Commit),
        }
    }

    fn point(&self, id: gix::ObjectId) -> Result<Point, GitError> {
        let broken = |source| GitError::Object { what: "commit", id: ObjectId(id), source };
        self.counted(1);
        let mut buffer = Vec::new();
        let commit = self.repo.objects.find_commit(&id, &mut buffer).map_err(broken)?;
        let seconds = commit.time().map_err(broken)?.seconds;
        let time = Timestamp::from_seconds(seconds).unwrap_or(Timestamp::EPOCH);
        let parent = commit.parents().next();
        Ok(Point { id: ObjectId(id), tree: ObjectId(commit.tree()), time, parent })
    }

    /// Returns the paths at which two trees differ; folders that are the same are not opened.
    pub fn difference(&self, old: ObjectId, new: ObjectId) -> Result<Vec<Change>, GitError> {
        let mut buffers = Buffers::default();
        let found = buffers.difference(&self.repo, (Some(old.0), new.0), change);
        self.counted(buffers.opened);
        found
    }

    /// Returns what is in a folder.
    pub fn folder(&self, id: ObjectId) -> Result<Rc<Vec<Node>>, GitError> {
        if let Some(known) = self.folders.borrow().get(&id.0) {
            return Ok(Rc::clone(known));
        }
        self.counted(1);
        let mut buffer = Vec::new();
        let entries = git::entries(&self.repo, id.0, &mut buffer)?;
        let nodes = Rc::new(entries.iter().map(node).collect::<Vec<_>>());
        self.folders.borrow_mut().insert(id.0, Rc::clone(&nodes));
        Ok(nodes)
    }

    /// Finds what stands at a path below a folder.
    pub fn find(&self, root: ObjectId, path: &str) -> Result<Option<Node>, GitError> {
        let mut found: Option<Node> = None;
        for name in path.split('/') {
            let folder = match &found {
                None => root,
                Some(node) if node.kind.is_none() => node.id,
                Some(_) => return Ok(None),
            };
            let next = self.folder(folder)?.iter().find(|node| node.name == name).cloned();
            let Some(next) = next else { return Ok(None) };
            found = Some(next);
        }
        Ok(found)
    }

    /// Returns the folders and files in a folder that is named by its path; none if there is none.
    pub fn list(&self, root: ObjectId, path: &str) -> Result<Rc<Vec<Node>>, GitError> {
        match self.find(root, path)?.filter(|node| node.kind.is_none()) {
            Some(node) => self.folder(node.id),
            None => Ok(Rc::default()),
        }
    }

    /// Returns what is in a folder; nothing if it is none.
    pub fn folder_in(&self, node: &Node) -> Result<Rc<Vec<Node>>, GitError> {
        if node.kind.is_none() { self.folder(node.id) } else { Ok(Rc::default()) }
    }

    /// Returns everything that is not a folder below a folder, with its whole path.
    pub fn below(&self, root: ObjectId, path: &str) -> Result<Vec<(String, Node)>, GitError> {
        let mut found = Vec::new();
        let mut open = vec![(path.to_owned(), self.list(root, path)?)];
        while let Some((path, nodes)) = open.pop() {
            if path.split('/').count() > git::DEPTH {
                return Err(GitError::Depth(path));
            }
            for node in nodes.iter() {
                let path = format!("{path}/{}", node.name);
                match node.kind {
                    None => open.push((path, self.folder(node.id)?)),
                    Some(_) if found.len() >= git::ENTRIES => return Err(GitError::Entries),
                    Some(_) => found.push((path, node.clone())),
                }
            }
        }
        Ok(found)
    }

    /// Returns the paths, below a folder, of what is in its folders so many levels down. Several
    /// threads open the folders, and keep none: there may be hundreds of thousands.
    pub fn far_below(
        &self,
        root: ObjectId,
        path: &str,
        levels: usize,
    ) -> Result<Vec<String>, GitError> {
        let (top, shared) = (self.list(root, path)?, &self.shared);
        let open = |repo: &mut gix::Repository, node: &Node| {
            let mut found = Deep { repo, paths: Vec::new(), opened: 0 };
            if node.kind.is_none() {
                found.open(node.id.0, node.name.clone(), levels)?;
            }
            Ok((found.paths, found.opened))
        };
        let found: Vec<(Vec<String>, usize)> = top
            .par_iter()
            .map_init(|| git::handle(shared), open)
            .collect::<Result<_, GitError>>()?;
        self.counted(found.iter().map(|(_, opened)| opened).sum());
        Ok(found.into_iter().flat_map(|(paths, _)| paths).collect())
    }

    /// Reads a file into `buffer`, unless it has more bytes than it may have.
    pub fn read<'b>(
        &self,
        id: ObjectId,
        limit: u64,
        buffer: &'b mut Vec<u8>,
    ) -> Result<Content<'b>, GitError> {
        let broken = |source| GitError::Object { what: "blob", id, source };
        let header = self.repo.find_header(id.0).map_err(broken)?;
        if header.kind() != gix::objs::Kind::Blob {
            return Err(GitError::Kind { what: "blob", id });
        }
        if header.size() > limit {
            return Ok(Content::TooLarge { size: header.size() });
        }
        self.counted(1);
        buffer.clear();
        let blob = self.repo.objects.find_blob(&id.0, buffer).map_err(broken)?;
        Ok(content(blob.data, limit))
    }
}

fn node(entry: &EntryRef<'_>) -> Node {
    Node {
        name: git::path_text(entry.filename),
        kind: whole::kind(entry.mode.kind()),
        id: ObjectId(entry.oid.to_owned()),
    }
}

fn change(difference: Difference<'_>) -> Change {
    let side = |entry: &EntryRef<'_>| {
        whole::kind(entry.mode.kind()).map(|kind| (kind, ObjectId(entry.oid.to_owned())))
    };
    Change {
        path: difference.path,
        before: difference.old.and_then(side),
        after: difference.new.and_then(side),
    }
}

/// Tells whether Git would write a name on every system: it is not `.git`, however spelt, and no
/// device.
pub fn is_portable(name: &str) -> bool {
    component(name.into(), None, component::Options::default()).is_ok()
}
