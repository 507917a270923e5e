//! A package that is unpacked and not yet in the store.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use cap_std::fs::{Dir, OpenOptions};
use index_schema::digest::Sha256Digest;
use index_schema::path::PackagePath;

use crate::durable;
use crate::home::{self, STORE, TEMPORARY};
use crate::store::{self, Entry, Expected, StoreError, listing};

/// An unpacked package in a private folder. Dropping it removes it.
#[derive(Debug)]
#[must_use = "a stage that is dropped is removed, not kept"]
pub struct Stage<'s> {
    data: &'s Dir,
    folder: String,
    contents: BTreeMap<PackagePath, Expected>,
    /// Whether the folder was moved to its place, so that its name may be somebody else's by now.
    is_moved: bool,
}

/// Who put a package in its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Published {
    /// This stage.
    Now,
    /// Somebody else, before.
    Before,
}

impl<'s> Stage<'s> {
    pub(crate) fn unpack<'e>(
        data: &'s Dir,
        entries: impl IntoIterator<Item = (PackagePath, Entry<'e>)>,
    ) -> Result<Self, StoreError> {
        let folder = new_folder(data)?;
        // From here on, dropping the stage cleans up.
        let mut stage = Self { data, folder, contents: BTreeMap::new(), is_moved: false };
        let root = stage.root()?;
        let mut folders = BTreeSet::new();
        for (path, entry) in entries {
            match entry {
                Entry::Folder => make_folders(&root, Some(path.clone()), &mut folders)?,
                Entry::File { executable, bytes } => {
                    make_folders(&root, path.parent(), &mut folders)?;
                    write_file(&root, &path, executable, bytes)?;
                }
            }
            if stage.contents.insert(path.clone(), entry.into()).is_some() {
                return Err(StoreError::Twice(path));
            }
        }
        stage.seal(&root, &folders)?;
        Ok(stage)
    }

    /// What was unpacked: what a later check of the package expects.
    pub const fn contents(&self) -> &BTreeMap<PackagePath, Expected> {
        &self.contents
    }

    /// Puts the package in the place that belongs to the digest of its archive.
    pub fn publish(mut self, digest: &Sha256Digest) -> Result<Published, StoreError> {
        let path = home::package(digest);
        let shard = format!("{STORE}/{}", digest.shard());
        let failed = |source| StoreError::Io { what: "publish", path: path.clone(), source };
        match self.data.create_dir(&shard) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                return Err(failed(error));
            }
            _ => durable::sync(self.data, STORE).map_err(failed)?,
        }
        let is_there = || match self.data.symlink_metadata(&path) {
            Ok(metadata) if metadata.is_dir() => Ok(true),
            Ok(_) => Err(StoreError::Foreign(path.clone())),
            Err(_) => Ok(false),
        };
        let aside = format!("{}.json", self.folder);
        listing::write(self.data, &aside, digest, &self.contents).map_err(failed)?;
        // Asked first: a rename takes an empty folder's place without a word.
        let mut published = Published::Before;
        if !is_there()? {
            match self.data.rename(&self.folder, self.data, &path) {
                Ok(()) => {
                    self.is_moved = true;
                    published = Published::Now;
                }
                Err(error) if !is_there()? => return Err(failed(error)),
                Err(_lost) => {}
            }
        }
        if published == Published::Now {
            // Only now: a folder that changes its parent has to be writable.
            make_read_only(self.data, Path::new(&path)).map_err(failed)?;
            durable::sync(self.data, &path).map_err(failed)?;
        }
        // Who came second relies on the name as well.
        durable::sync(self.data, &shard).map_err(failed)?;
        Ok(published)
    }

    fn root(&self) -> Result<Dir, StoreError> {
        let path = self.folder.clone();
        self.data.open_dir(&path).map_err(|source| StoreError::Io { what: "open", path, source })
    }

    /// Makes every file, and then every folder from the deepest up, durable and read-only.
    fn seal(&self, root: &Dir, folders: &BTreeSet<PackagePath>) -> Result<(), StoreError> {
        for (path, expected) in &self.contents {
            if matches!(expected, Expected::File { .. }) {
                sync_file(root, path).map_err(|source| io_error("write", path, source))?;
            }
        }
        // A folder sorts before what lies in it.
        for path in folders.iter().rev() {
            make_read_only(root, Path::new(path.as_str()))
                .and_then(|()| durable::sync(root, path.as_str()))
                .map_err(|source| io_error("write", path, source))?;
        }
        let failed = |source| StoreError::Io { what: "write", path: self.folder.clone(), source };
        durable::sync(self.data, &self.folder).map_err(failed)
    }
}

impl Drop for Stage<'_> {
    fn drop(&mut self) {
        // A failure leaves what a crash would leave: the next clean-up takes it.
        if !self.is_moved {
            drop(store::remove_tree(self.data, Path::new(&self.folder)));
        }
        drop(store::remove_tree(self.data, Path::new(&format!("{}.json", self.folder))));
    }
}

/// Makes a folder that nobody else uses: the process's number and a count name it. No count is
/// used twice, even after its folder was moved: a stage of another thread may still clean up.
fn new_folder(data: &Dir) -> Result<String, StoreError> {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let process = std::process::id();
    for _ in 0..=u16::MAX {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let folder = format!("{TEMPORARY}/{process}-{number}");
        match create_private(data, &folder) {
            Ok(()) => return Ok(folder),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(source) => return Err(StoreError::Io { what: "make", path: folder, source }),
        }
    }
    let source = io::Error::new(io::ErrorKind::StorageFull, "too many unfinished packages");
    Err(StoreError::Io { what: "make", path: TEMPORARY.to_owned(), source })
}

fn create_private(dir: &Dir, path: &str) -> io::Result<()> {
    let mut builder = cap_std::fs::DirBuilder::new();
    #[cfg(unix)]
    cap_std::fs::DirBuilderExt::mode(&mut builder, 0o700);
    dir.create_dir_with(path, &builder)
}

/// Makes `path` and its parents, as far as they are not there.
fn make_folders(
    root: &Dir,
    path: Option<PackagePath>,
    made: &mut BTreeSet<PackagePath>,
) -> Result<(), StoreError> {
    let Some(path) = path.filter(|path| !made.contains(path)) else { return Ok(()) };
    make_folders(root, path.parent(), made)?;
    match create_private(root, path.as_str()) {
        Ok(()) => {
            made.insert(path);
            Ok(())
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(StoreError::Twice(path)),
        Err(source) => Err(io_error("make", &path, source)),
    }
}

fn write_file(
    root: &Dir,
    path: &PackagePath,
    executable: bool,
    bytes: &[u8],
) -> Result<(), StoreError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    cap_std::fs::OpenOptionsExt::mode(&mut options, if executable { 0o555 } else { 0o444 });
    #[cfg(not(unix))]
    let _ = executable;
    match root.open_with(path.as_str(), &options).and_then(|mut file| file.write_all(bytes)) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            Err(StoreError::Twice(path.clone()))
        }
        result => result.map_err(|source| io_error("write", path, source)),
    }
}

/// Makes a file durable. All are written before the first is synced: one flush serves many.
fn sync_file(root: &Dir, path: &PackagePath) -> io::Result<()> {
    let mut options = OpenOptions::new();
    // Windows flushes only what may be written; Unix has made the file read-only by now.
    options.read(true).write(cfg!(windows));
    root.open_with(path.as_str(), &options)?.sync_all()
}

#[cfg(unix)]
fn make_read_only(dir: &Dir, folder: &Path) -> io::Result<()> {
    store::set_mode(dir, folder, 0o555)
}

#[cfg(not(unix))]
fn make_read_only(_: &Dir, _: &Path) -> io::Result<()> {
    Ok(())
}

fn io_error(what: &'static str, path: &PackagePath, source: io::Error) -> StoreError {
    StoreError::Io { what, path: path.to_string(), source }
}
