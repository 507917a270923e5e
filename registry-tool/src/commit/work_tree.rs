//! Bringing the work tree and the index to a commit that is being made.
//!
//! [`WorkTree::prepare`] locks the index, makes sure that nobody's work is in the way and writes the
//! files beside their places. Dropping what it returns takes all of that back, but for folders that
//! are empty, which Git does not see. [`WorkTree::finish`] puts everything in place.

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use gix::bstr::BStr;
use gix::index::entry::{Flags, Mode, Stage, Stat};
use gix::lock::acquire::Fail;
use index_schema::path::PackagePath;
use tempfile::NamedTempFile;

use super::{Base, CommitError, Files};

/// A file of the work tree that is larger than this is not what a commit holds.
const LARGEST: u64 = 64 << 20;

/// Files that wait beside their places, and the lock on the index.
pub(super) struct WorkTree {
    dir: PathBuf,
    index: gix::index::File,
    lock: gix::lock::File,
    staged: Vec<Staged>,
}

struct Staged {
    path: PackagePath,
    id: gix::ObjectId,
    place: PathBuf,
    file: NamedTempFile,
}

impl WorkTree {
    /// Locks the index and writes the files beside their places.
    pub(super) fn prepare(
        repo: &gix::Repository,
        dir: &Path,
        files: &Files,
        base: &Base<'_>,
    ) -> Result<Self, CommitError> {
        let lock = lock(repo, dir)?;
        let index = index(repo, dir)?;
        let mut staged = Vec::with_capacity(files.len());
        for (path, bytes) in files {
            let id = blob_id(repo, bytes)?;
            check_unchanged(&index, dir, path, &[base.blob(path)?, Some(id)])?;
            staged.push((path, bytes, id));
        }
        let staged: Result<_, CommitError> = staged
            .into_iter()
            .map(|(path, bytes, id)| {
                let place = dir.join(path.as_str());
                let file = stage(&place, bytes)
                    .map_err(|source| CommitError::File { path: place.clone(), source })?;
                Ok(Staged { path: path.clone(), id, place, file })
            })
            .collect();
        Ok(Self { dir: dir.to_owned(), index, lock, staged: staged? })
    }

    /// Renames the files to their places and writes the index.
    pub(super) fn finish(mut self) -> Result<(), CommitError> {
        let mut added = Vec::with_capacity(self.staged.len());
        for Staged { path, id, place, file } in self.staged {
            let stat = put(file, &place)
                .map_err(|source| CommitError::File { path: place.clone(), source })?;
            added.push((path, id, stat));
        }
        self.index.remove_entries(|_, old, _| {
            added.binary_search_by(|(path, ..)| BStr::new(path.as_str()).cmp(old)).is_ok()
        });
        for (path, id, stat) in &added {
            let path = BStr::new(path.as_str());
            self.index.dangerously_push_entry(*stat, *id, Flags::empty(), Mode::FILE, path);
        }
        self.index.sort_entries();
        // What it says about folders is about the entries before.
        self.index.remove_tree();
        write_index(&self.index, self.lock)
            .map_err(|source| CommitError::Index { dir: self.dir, source })
    }
}

fn lock(repo: &gix::Repository, dir: &Path) -> Result<gix::lock::File, CommitError> {
    gix::lock::File::acquire_to_update_resource(repo.index_path(), Fail::Immediately, None, 0)
        .map_err(|source| CommitError::Locked { dir: dir.to_owned(), source })
}

fn index(repo: &gix::Repository, dir: &Path) -> Result<gix::index::File, CommitError> {
    let index = gix::index::File::at_or_default(
        repo.index_path(),
        repo.object_hash(),
        false,
        gix::index::decode::Options::default(),
    )
    .map_err(|source| CommitError::Index { dir: dir.to_owned(), source })?;
    if index.is_sparse() { Err(CommitError::Sparse(dir.to_owned())) } else { Ok(index) }
}

fn blob_id(repo: &gix::Repository, bytes: &[u8]) -> Result<gix::ObjectId, CommitError> {
    gix::objs::compute_hash(repo.object_hash(), gix::objs::Kind::Blob, bytes)
        .map_err(|source| CommitError::Store { what: "a blob", source })
}

/// Makes sure that the index and the work tree hold at a path what the commit before holds, or
/// already what the new one will.
fn check_unchanged(
    index: &gix::index::File,
    dir: &Path,
    path: &PackagePath,
    allowed: &[Option<gix::ObjectId>],
) -> Result<(), CommitError> {
    let changed = || CommitError::LocalChange(path.clone());
    let name = BStr::new(path.as_str());
    let conflicts = [Stage::Base, Stage::Ours, Stage::Theirs];
    if conflicts.iter().any(|stage| index.entry_by_path_and_stage(name, *stage).is_some()) {
        return Err(changed());
    }
    let staged = index.entry_by_path(name).map(|entry| entry.id);
    check_folders(dir, path)?;
    let place = dir.join(path.as_str());
    let present = present(&place, index.object_hash())
        .map_err(|source| CommitError::File { path: place.clone(), source })?;
    if allowed.contains(&staged) && allowed.contains(&present) { Ok(()) } else { Err(changed()) }
}

/// Makes sure that what is above a path in the work tree is folders, and no link leads elsewhere.
fn check_folders(dir: &Path, path: &PackagePath) -> Result<(), CommitError> {
    let mut above = path.parent();
    while let Some(folder) = above {
        let is_other = |metadata: fs::Metadata| !metadata.is_dir();
        if dir.join(folder.as_str()).symlink_metadata().is_ok_and(is_other) {
            let other = folder.to_string();
            return Err(CommitError::Collision { path: path.clone(), other });
        }
        above = folder.parent();
    }
    Ok(())
}

/// Returns the blob that a file would be. What is no file is never equal to one.
fn present(place: &Path, hash: gix::hash::Kind) -> io::Result<Option<gix::ObjectId>> {
    match place.symlink_metadata() {
        Ok(metadata) if !metadata.is_file() => return Ok(Some(hash.null())),
        Ok(metadata) if metadata.len() > LARGEST => return Ok(Some(hash.null())),
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    }
    let mut bytes = Vec::new();
    File::open(place)?.take(LARGEST).read_to_end(&mut bytes)?;
    let id = gix::objs::compute_hash(hash, gix::objs::Kind::Blob, &bytes);
    id.map(Some).map_err(io::Error::other)
}

/// Writes a file beside its place.
fn stage(place: &Path, bytes: &[u8]) -> io::Result<NamedTempFile> {
    let folder = place.parent().ok_or_else(|| io::Error::other("it has no folder"))?;
    fs::create_dir_all(folder)?;
    let mut file = builder().tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    Ok(file)
}

/// Makes files that others may read, as far as the mask of the process allows, as Git does.
#[cfg(unix)]
fn builder() -> tempfile::Builder<'static, 'static> {
    use std::os::unix::fs::PermissionsExt as _;
    let mut builder = tempfile::Builder::new();
    builder.permissions(fs::Permissions::from_mode(0o666));
    builder
}

#[cfg(not(unix))]
fn builder() -> tempfile::Builder<'static, 'static> {
    tempfile::Builder::new()
}

/// Renames a file to its place and returns what the index remembers of it.
fn put(file: NamedTempFile, place: &Path) -> io::Result<Stat> {
    file.persist(place)?;
    let metadata = gix::index::fs::Metadata::from_path_no_follow(place)?;
    Stat::from_fs(&metadata).map_err(io::Error::other)
}

fn write_index(index: &gix::index::File, mut lock: gix::lock::File) -> gix::Result<()> {
    let mut bytes = Vec::new();
    index.write_to(&mut bytes, gix::index::write::Options::default())?;
    lock.with_mut(|file| file.write_all(&bytes)).map_err(gix::Error::from_error)?;
    lock.commit().map(drop).map_err(|error| gix::Error::from_error(error.error))
}
