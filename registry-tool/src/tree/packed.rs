//! Reading many blobs of a pack, each decoded once.
//!
//! In a pack, a blob can be the difference to another, and that one to a third. Asked for one by
//! one, the common ancestors are decoded again and again. Here the wanted blobs of a pack and
//! whatever they are differences to form a forest, and gix walks it from the roots, on all
//! threads. Trees, commits and blobs that nobody wants stay untouched.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use gix::odb::pack::cache::delta;
use gix::odb::pack::data::entry::Header;
use gix::odb::pack::{data, index};
use gix::progress::Discard;
use index_schema::limits::MIB;

use super::git::Wanted;
use crate::git::GitError;

/// What is decoded without a look at its size first. A pack that holds something larger in the
/// forest is read the careful way.
const UNASKED: usize = 16 * MIB;
/// Marks an object that is only needed as the base of others.
const NOBODY: usize = usize::MAX;

/// The offset of the first object of a pack: the size of what stands before it.
const FIRST: u64 = 12;

/// Where each blob lies: number of the pack and offset in it.
#[derive(Default)]
pub(super) struct Places(Vec<Option<(usize, u64)>>);

impl Places {
    /// Returns where a blob lies; what is in no pack comes first.
    pub(super) fn of(&self, blob: usize) -> Option<(usize, u64)> {
        self.0.get(blob).copied().flatten()
    }
}

/// Shows the wanted blobs of every pack and returns where they lie.
///
/// A pack that cannot be read this way is no error: what it does not show is asked for one by one
/// afterwards, and that says what is wrong.
pub(super) fn read(repo: &gix::Repository, wanted: &Wanted<'_>) -> Result<Places, GitError> {
    let mut places = Places(vec![None; wanted.blobs.len()]);
    for (number, path) in packs(repo)?.iter().enumerate() {
        let Ok(pack) = Pack::open(path, repo.object_hash()) else { continue };
        let found = pack.find(wanted, &places);
        for (offset, blob) in &found {
            if let Some(place) = places.0.get_mut(*blob) {
                *place = Some((number, *offset));
            }
        }
        if let Some(forest) = pack.forest(found) {
            pack.walk(forest, wanted).ok();
        }
    }
    Ok(places)
}

/// Lists the indices of all packs, those of alternates included.
fn packs(repo: &gix::Repository) -> Result<Vec<PathBuf>, GitError> {
    let store = repo.objects.store_ref();
    let failed = |source| GitError::Store { dir: store.path().to_owned(), source };
    let mut folders = vec![store.path().to_owned()];
    folders.extend(store.alternate_db_paths().map_err(failed)?);
    let files = folders.iter().filter_map(|dir| std::fs::read_dir(dir.join("pack")).ok());
    let mut found: Vec<PathBuf> = files
        .flatten()
        .filter_map(|file| Some(file.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "idx"))
        .collect();
    found.sort();
    Ok(found)
}

/// A pack and its index.
struct Pack {
    index: index::File,
    data: data::File,
}

impl Pack {
    fn open(path: &Path, hash: gix::hash::Kind) -> gix::Result<Self> {
        let index = index::File::at(path, hash)?;
        let data = data::File::at(path.with_extension("pack"), hash)?;
        Ok(Self { index, data })
    }

    /// Returns offset and number of the wanted blobs that lie here and in no pack before.
    fn find(&self, wanted: &Wanted<'_>, places: &Places) -> Vec<(u64, usize)> {
        let open = wanted.blobs.iter().enumerate().filter(|(blob, _)| places.of(*blob).is_none());
        open.filter_map(|(number, blob)| {
            let place = self.index.lookup(blob.id)?;
            Some((self.index.pack_offset_at_index(place), number))
        })
        .collect()
    }

    /// Adds what the found objects are differences to, and sorts by offset. There is none if a
    /// base is not in this pack, or nothing was found.
    ///
    /// The first object of the pack is always among them, wanted or not, since gix begins to read
    /// there whatever the first offset is.
    fn forest(&self, mut found: Vec<(u64, usize)>) -> Option<Vec<(u64, usize)>> {
        if found.is_empty() {
            return None;
        }
        found.sort_unstable();
        if found.first().is_some_and(|(offset, _)| *offset != FIRST) {
            found.insert(0, (FIRST, NOBODY));
        }
        let known = |offset| found.binary_search_by_key(&offset, |(known, _)| *known).is_ok();
        let mut bases = BTreeSet::new();
        let mut open: Vec<u64> = found.iter().map(|(offset, _)| *offset).collect();
        while let Some(offset) = open.pop() {
            let Some(base) = self.base(offset)? else { continue };
            if !known(base) && bases.insert(base) {
                open.push(base);
            }
        }
        found.extend(bases.into_iter().map(|base| (base, NOBODY)));
        found.sort_unstable();
        Some(found)
    }

    /// Returns the offset of what an object is a difference to, if it is one.
    #[expect(clippy::option_option, reason = "broken, whole, or a difference")]
    fn base(&self, offset: u64) -> Option<Option<u64>> {
        match self.data.entry(offset).ok()?.header {
            Header::Commit | Header::Tree | Header::Blob | Header::Tag => Some(None),
            Header::OfsDelta { base_distance } => {
                Header::verified_base_pack_offset(offset, base_distance).map(Some)
            }
            Header::RefDelta { base_id } => self.offset_of(&base_id).map(Some),
        }
    }

    fn offset_of(&self, id: &gix::oid) -> Option<u64> {
        self.index.lookup(id).map(|place| self.index.pack_offset_at_index(place))
    }

    /// Decodes the forest from its roots and shows what is wanted.
    fn walk(&self, forest: Vec<(u64, usize)>, wanted: &Wanted<'_>) -> gix::Result<()> {
        let stop = AtomicBool::new(false);
        let tree = delta::Tree::from_offsets_in_pack(
            self.data.path(),
            forest.into_iter(),
            &|(offset, _)| *offset,
            &|id| Ok(self.offset_of(id)),
            &mut Discard,
            &stop,
            self.data.object_hash(),
        )?;
        let limit = usize::try_from(wanted.largest_limit()).unwrap_or(usize::MAX);
        let options = delta::traverse::Options {
            object_progress: Box::new(Discard),
            size_progress: &mut Discard,
            thread_limit: Some(rayon::current_num_threads()),
            should_interrupt: &stop,
            object_hash: self.data.object_hash(),
            alloc_limit_bytes: Some(limit.max(UNASKED)),
        };
        let end = u64::try_from(self.data.pack_end()).unwrap_or(u64::MAX);
        tree.traverse(
            |range, data: &data::File| data.entry_slice(range),
            &self.data,
            end,
            |(_, blob), _, object| {
                if *blob != NOBODY && object.entry.header.as_kind() == Some(gix::objs::Kind::Blob) {
                    wanted.show(*blob, object.decompressed);
                }
                Ok(())
            },
            options,
        )?;
        Ok(())
    }
}
