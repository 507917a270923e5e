//! A commit as a [`Tree`](super::Tree): listing its files, and reading them all.
//!
//! What costs is undoing deltas. Packed blobs are therefore read by walking each pack's tree of
//! deltas ([`super::packed`]), so that every object is decoded once; what that does not deliver
//! (loose objects, damaged packs, objects too large to be decoded unasked, a handful of files) is
//! read one by one, in the order of its place on disk, after a look at its size.

use std::sync::atomic::{AtomicBool, Ordering};

use gix::objs::tree::EntryKind;
use rayon::prelude::*;

use super::{Content, Entry, Kind, Limit, TreeError, Visit, content, packed};
use crate::git::{self, GitError, ObjectId};

/// Below this many blobs, asking for each is faster than opening all packs.
const FEW: usize = 64;

/// Lists the entries of a commit in the order of Git.
pub(super) fn list(repo: &gix::Repository, commit: gix::ObjectId) -> Result<Vec<Entry>, TreeError> {
    let mut found = Vec::new();
    list_folder(repo, git::tree_of(repo, commit)?, &mut Vec::new(), 0, &mut found)?;
    Ok(found)
}

fn list_folder(
    repo: &gix::Repository,
    tree: gix::ObjectId,
    path: &mut Vec<u8>,
    depth: usize,
    found: &mut Vec<Entry>,
) -> Result<(), TreeError> {
    if depth > git::DEPTH {
        return Err(GitError::Depth(git::path_text(path)).into());
    }
    let mut buffer = Vec::new();
    for entry in git::entries(repo, tree, &mut buffer)? {
        let parent = path.len();
        git::push_name(path, entry.filename);
        match kind(entry.mode.kind()) {
            Some(_) if found.len() >= git::ENTRIES => return Err(GitError::Entries.into()),
            Some(kind) => found.push(Entry {
                path: git::path_text(path),
                kind,
                id: Some(ObjectId(entry.oid.to_owned())),
            }),
            None => {
                path.push(b'/');
                list_folder(repo, entry.oid.to_owned(), path, depth.saturating_add(1), found)?;
            }
        }
        path.truncate(parent);
    }
    Ok(())
}

/// Returns what a mode stands for; a folder is none.
pub(super) fn kind(mode: EntryKind) -> Option<Kind> {
    match mode {
        EntryKind::Tree => None,
        EntryKind::Blob => Some(Kind::File),
        EntryKind::BlobExecutable => Some(Kind::Executable),
        EntryKind::Link => Some(Kind::Symlink),
        EntryKind::Commit => Some(Kind::Submodule),
    }
}

/// Shows the blobs that `limit` gives a ceiling to `visit`.
pub(super) fn read(
    repo: &gix::ThreadSafeRepository,
    entries: &[Entry],
    limit: &Limit<'_>,
    visit: &Visit<'_>,
) -> Result<(), TreeError> {
    let wanted = Wanted::new(entries, limit, visit);
    let places = if wanted.blobs.len() < FEW {
        packed::Places::default()
    } else {
        packed::read(&git::handle(repo), &wanted)?
    };
    let mut missing = wanted.missing();
    missing.sort_unstable_by_key(|blob| places.of(*blob));
    let share = missing.len().div_ceil(rayon::current_num_threads()).max(1);
    missing.par_chunks(share).try_for_each(|blobs| {
        let repo = git::handle(repo);
        blobs.iter().try_for_each(|blob| wanted.read_one(&repo, *blob))
    })
}

/// Returns what nearly always tells two ids apart, and is compared faster than all of them.
fn start(id: &gix::ObjectId) -> u64 {
    id.as_bytes().first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes))
}

/// The blobs that somebody wants, and which of them were shown.
pub(super) struct Wanted<'a> {
    entries: &'a [Entry],
    visit: &'a Visit<'a>,
    /// Every use of every blob, sorted by blob.
    uses: Vec<Use>,
    /// Each blob once, sorted, with where its uses begin and whether they were shown.
    pub(super) blobs: Vec<Blob>,
}

struct Use {
    id: gix::ObjectId,
    index: usize,
    limit: u64,
}

pub(super) struct Blob {
    pub(super) id: gix::ObjectId,
    first: usize,
    shown: AtomicBool,
}

impl<'a> Wanted<'a> {
    pub(super) fn new(entries: &'a [Entry], limit: &Limit<'_>, visit: &'a Visit<'a>) -> Self {
        let mut uses: Vec<Use> = entries
            .iter()
            .enumerate()
            .filter_map(|(index, entry)| Some(Use { id: entry.id?.0, index, limit: limit(entry)? }))
            .collect();
        uses.par_sort_unstable_by(|a, b| {
            start(&a.id).cmp(&start(&b.id)).then_with(|| (a.id, a.index).cmp(&(b.id, b.index)))
        });
        let mut blobs: Vec<Blob> = Vec::with_capacity(uses.len());
        for (first, one) in uses.iter().enumerate() {
            if blobs.last().is_none_or(|last| last.id != one.id) {
                blobs.push(Blob { id: one.id, first, shown: AtomicBool::new(false) });
            }
        }
        Self { entries, visit, uses, blobs }
    }

    /// Returns the highest ceiling of all.
    pub(super) fn largest_limit(&self) -> u64 {
        self.uses.iter().map(|one| one.limit).max().unwrap_or(0)
    }

    /// Shows the bytes of a blob to everybody who wants it.
    pub(super) fn show(&self, blob: usize, bytes: &[u8]) {
        self.show_with(blob, |limit| content(bytes, limit));
    }

    fn show_with<'b>(&self, blob: usize, content: impl Fn(u64) -> Content<'b>) {
        let Some(blob) = self.blobs.get(blob) else { return };
        for one in self.uses_of(blob) {
            (self.visit)(one.index, content(one.limit));
        }
        blob.shown.store(true, Ordering::Release);
    }

    fn uses_of(&self, blob: &Blob) -> impl Iterator<Item = &Use> {
        let uses = self.uses.get(blob.first..).unwrap_or_default();
        uses.iter().take_while(|one| one.id == blob.id)
    }

    /// Returns the numbers of the blobs that were not shown yet.
    pub(super) fn missing(&self) -> Vec<usize> {
        let open = |blob: &Blob| !blob.shown.load(Ordering::Acquire);
        self.blobs.iter().enumerate().filter(|(_, b)| open(b)).map(|(number, _)| number).collect()
    }

    /// Shows one blob, unless its header says that it is too large for all who want it.
    fn read_one(&self, repo: &gix::Repository, number: usize) -> Result<(), TreeError> {
        let Some(blob) = self.blobs.get(number) else { return Ok(()) };
        let id = ObjectId(blob.id);
        let failed = |source| self.failed(blob, GitError::Object { what: "blob", id, source });
        let header = repo.find_header(blob.id).map_err(failed)?;
        if header.kind() != gix::objs::Kind::Blob {
            return Err(self.failed(blob, GitError::Kind { what: "blob", id }));
        }
        let size = header.size();
        if self.uses_of(blob).all(|one| size > one.limit) {
            self.show_with(number, |_| Content::TooLarge { size });
            return Ok(());
        }
        let object = repo.find_object(blob.id).map_err(failed)?;
        self.show(number, &object.data);
        Ok(())
    }

    fn failed(&self, blob: &Blob, source: GitError) -> TreeError {
        let entry = self.uses_of(blob).next().and_then(|one| self.entries.get(one.index));
        TreeError::Blob { path: entry.map_or_else(String::new, |e| e.path.clone()), source }
    }
}
