//! Unpacked packages, each under the digest of the archive that it came from.
//!
//! A package is unpacked into a private folder, made durable and read-only, and then renamed to
//! its place: it is there whole or not at all. Nothing in the store is ever changed. When two
//! processes unpack the same archive, one wins, and the other finds the work done.
//!
//! A crash leaves something in `store/tmp`, which the next clean-up removes.

pub(crate) mod listing;

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::io::{self, Read as _};
use std::path::Path;

use cap_std::fs::Dir;
use index_schema::digest::Sha256Digest;
use index_schema::limits;
use index_schema::path::PackagePath;
use serde::{Deserialize, Serialize};

use crate::home::{self, Home, HomeError, TRASH};
use crate::stage::Stage;

/// Something in a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry<'a> {
    /// A folder.
    Folder,
    /// A file.
    File {
        /// Whether it may be run.
        executable: bool,
        /// What it contains.
        bytes: &'a [u8],
    },
}

/// What has to lie on disk for an [`Entry`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Expected {
    /// A folder.
    Folder,
    /// A file.
    File {
        /// Whether it may be run.
        executable: bool,
        /// How many bytes it has.
        size: usize,
        /// Their digest.
        sha256: Sha256Digest,
    },
}

impl From<Entry<'_>> for Expected {
    fn from(entry: Entry<'_>) -> Self {
        match entry {
            Entry::Folder => Self::Folder,
            Entry::File { executable, bytes } => {
                Self::File { executable, size: bytes.len(), sha256: Sha256Digest::of(bytes) }
            }
        }
    }
}

/// How a package on disk differs from what was unpacked.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Difference {
    /// It has other content, another kind or another mode.
    Changed(PackagePath),
    /// It is not there.
    Missing(PackagePath),
    /// It does not belong there; the path is shown as well as it can be.
    Added(String),
}

/// Why a package cannot be kept, found or removed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The home cannot be used.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// A file or folder cannot be read or written.
    #[error("cannot {what} `{path}` in the store")]
    Io {
        /// What was tried.
        what: &'static str,
        /// The path in the data folder.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// Two entries of a package have one name on this computer.
    #[error("`{0}` stands twice in the package, perhaps in another case")]
    Twice(PackagePath),
    /// What was unpacked was not written down, or what was written down is damaged.
    #[error("`{0}` does not tell what was unpacked; install the plugin again")]
    NoListing(String),
    /// Something that is no package has the name of one.
    #[error("`{0}` is no folder; remove it")]
    Foreign(String),
}

/// The store of one home.
#[derive(Debug)]
pub struct Store {
    pub(crate) dir: Dir,
}

impl Store {
    /// Opens the store of `home`.
    pub fn open(home: &Home) -> Result<Self, StoreError> {
        Ok(Self { dir: home.open()? })
    }

    /// Tells whether a package is there. A link does not count.
    pub fn contains(&self, digest: &Sha256Digest) -> Result<bool, StoreError> {
        let path = home::package(digest);
        match self.dir.symlink_metadata(&path) {
            Ok(metadata) if metadata.is_dir() => Ok(true),
            Ok(_) => Err(StoreError::Foreign(path)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(source) => Err(StoreError::Io { what: "find", path, source }),
        }
    }

    /// Unpacks a package aside; [`Stage::publish`] puts it in its place.
    ///
    /// A lock has to be held meanwhile, or a clean-up takes the stage for a leftover.
    pub fn unpack<'e>(
        &self,
        entries: impl IntoIterator<Item = (PackagePath, Entry<'e>)>,
    ) -> Result<Stage<'_>, StoreError> {
        Stage::unpack(&self.dir, entries)
    }

    /// Compares what lies on disk with what was unpacked and lists the differences, sorted.
    pub fn verify(&self, digest: &Sha256Digest) -> Result<Vec<Difference>, StoreError> {
        self.verify_against(digest, &listing::read(&self.dir, digest)?)
    }

    /// Compares what lies on disk with the contents of an archive; lists the differences, sorted.
    pub fn verify_against(
        &self,
        digest: &Sha256Digest,
        expected: &BTreeMap<PackagePath, Expected>,
    ) -> Result<Vec<Difference>, StoreError> {
        if !self.contains(digest)? {
            return Ok(expected.keys().cloned().map(Difference::Missing).collect());
        }
        let path = home::package(digest);
        let root = self.dir.open_dir(&path);
        let root = root.map_err(|source| StoreError::Io { what: "open", path, source })?;
        let expected = with_parents(expected);
        let mut differences = Vec::new();
        for (path, expected) in &expected {
            differences.extend(compare(&root, path, *expected)?);
        }
        added(&root, Path::new("."), &expected, &mut differences)?;
        differences.sort();
        Ok(differences)
    }

    /// Returns the digests of every package, sorted; what is no package is passed over.
    pub fn list(&self) -> Result<Vec<Sha256Digest>, StoreError> {
        let mut digests = BTreeSet::new();
        for shard in names(&self.dir, Path::new(home::STORE))? {
            for name in names(&self.dir, &Path::new(home::STORE).join(&shard))? {
                // A listing whose package is gone counts: it is to be cleaned up like one.
                let stem = name.to_str().map(|name| name.strip_suffix(".json").unwrap_or(name));
                let digest = stem.and_then(|stem| Sha256Digest::parse(stem).ok());
                digests.extend(digest.filter(|digest| shard == *digest.shard()));
            }
        }
        Ok(digests.into_iter().collect())
    }

    /// Removes a package: it vanishes at once, and its files after that.
    pub(crate) fn discard(&self, digest: &Sha256Digest) -> Result<(), StoreError> {
        let path = home::package(digest);
        let trash = format!("{TRASH}/{digest}");
        remove_tree(&self.dir, Path::new(&trash))?;
        let failed = |source| StoreError::Io { what: "remove", path: path.clone(), source };
        if self.contains(digest)? {
            // Moving a folder elsewhere changes its `..`, for which it has to be writable.
            make_writable(&self.dir, Path::new(&path)).map_err(failed)?;
            self.dir.rename(&path, &self.dir, &trash).map_err(failed)?;
        }
        remove_tree(&self.dir, Path::new(&listing::path(digest)))?;
        remove_tree(&self.dir, Path::new(&trash))
    }

    /// Removes what crashes have left in `folder`.
    pub(crate) fn sweep(&self, folder: &str) -> Result<(), StoreError> {
        for name in names(&self.dir, Path::new(folder))? {
            remove_tree(&self.dir, &Path::new(folder).join(name))?;
        }
        Ok(())
    }
}

/// Adds the folders that paths imply.
fn with_parents(entries: &BTreeMap<PackagePath, Expected>) -> BTreeMap<PackagePath, Expected> {
    let mut all = entries.clone();
    for path in entries.keys() {
        let mut parent = path.parent();
        while let Some(folder) = parent {
            parent = folder.parent();
            all.entry(folder).or_insert(Expected::Folder);
        }
    }
    all
}

fn compare(
    root: &Dir,
    path: &PackagePath,
    expected: Expected,
) -> Result<Option<Difference>, StoreError> {
    let io = |source| StoreError::Io { what: "check", path: path.to_string(), source };
    let metadata = match root.symlink_metadata(path.as_str()) {
        Ok(metadata) => metadata,
        Err(error) if is_absent(&error) => return Ok(Some(Difference::Missing(path.clone()))),
        // A parent was replaced by a link that leads away.
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            return Ok(Some(Difference::Changed(path.clone())));
        }
        Err(error) => return Err(io(error)),
    };
    let same = match expected {
        Expected::Folder => metadata.is_dir(),
        Expected::File { executable, size, sha256 } => {
            metadata.is_file()
                && usize::try_from(metadata.len()) == Ok(size)
                && is_executable(&metadata).is_none_or(|found| found == executable)
                && digest(root, path, size).map_err(io)? == Some(sha256)
        }
    };
    Ok((!same).then(|| Difference::Changed(path.clone())))
}

fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// Returns the digest of a file of `size` bytes; `None` when it has more.
fn digest(root: &Dir, path: &PackagePath, size: usize) -> io::Result<Option<Sha256Digest>> {
    let ceiling = u64::try_from(size).unwrap_or(u64::MAX).saturating_add(1);
    let mut bytes = Vec::new();
    root.open(path.as_str())?.take(ceiling).read_to_end(&mut bytes)?;
    Ok((bytes.len() <= size).then(|| Sha256Digest::of(&bytes)))
}

#[cfg(unix)]
fn is_executable(metadata: &cap_std::fs::Metadata) -> Option<bool> {
    Some(cap_std::fs::MetadataExt::mode(metadata) & 0o100 != 0)
}

#[cfg(not(unix))]
fn is_executable(_: &cap_std::fs::Metadata) -> Option<bool> {
    None
}

/// Collects what lies in `folder` and is not expected, without following links.
fn added(
    root: &Dir,
    folder: &Path,
    expected: &BTreeMap<PackagePath, Expected>,
    found: &mut Vec<Difference>,
) -> Result<(), StoreError> {
    for name in names(root, folder)? {
        // Hundreds of thousands of stray files need no list to be seen.
        if found.len() > limits::ENTRIES {
            return Ok(());
        }
        let path = folder.strip_prefix(".").unwrap_or(folder).join(name);
        let known = path.to_str().and_then(|path| PackagePath::parse(path).ok());
        match known.and_then(|path| expected.get(&path)) {
            None => found.push(Difference::Added(path.display().to_string())),
            Some(Expected::Folder) if root.symlink_metadata(&path).is_ok_and(|m| m.is_dir()) => {
                added(root, &path, expected, found)?;
            }
            Some(_) => {}
        }
    }
    Ok(())
}

/// Returns the names in a folder, sorted.
pub(crate) fn names(dir: &Dir, folder: &Path) -> Result<BTreeSet<OsString>, StoreError> {
    let list = || -> io::Result<BTreeSet<OsString>> {
        dir.read_dir(folder)?.map(|entry| entry.map(|entry| entry.file_name())).collect()
    };
    let path = || folder.display().to_string();
    list().map_err(|source| StoreError::Io { what: "list", path: path(), source })
}

/// Removes a file, a link or a folder with everything in it; it is fine if there is none.
pub(crate) fn remove_tree(dir: &Dir, path: &Path) -> Result<(), StoreError> {
    let failed =
        |source| StoreError::Io { what: "remove", path: path.display().to_string(), source };
    let metadata = match dir.symlink_metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(failed(error)),
    };
    if !metadata.is_dir() {
        return dir.remove_file(path).map_err(failed);
    }
    make_writable(dir, path).map_err(failed)?;
    for name in names(dir, path)? {
        remove_tree(dir, &path.join(name))?;
    }
    dir.remove_dir(path).map_err(failed)
}

#[cfg(unix)]
pub(crate) fn make_writable(dir: &Dir, folder: &Path) -> io::Result<()> {
    set_mode(dir, folder, 0o700)
}

#[cfg(not(unix))]
pub(crate) fn make_writable(_: &Dir, _: &Path) -> io::Result<()> {
    Ok(())
}

/// Sets the mode of a folder, through its handle if it can be had: by name it takes `/proc`.
#[cfg(unix)]
pub(crate) fn set_mode(dir: &Dir, folder: &Path, mode: u32) -> io::Result<()> {
    let permissions = cap_std::fs::PermissionsExt::from_mode(mode);
    match dir.open(folder) {
        Ok(handle) => handle.set_permissions(permissions),
        Err(_unreadable) => dir.set_permissions(folder, permissions),
    }
}

#[cfg(test)]
mod tests;
