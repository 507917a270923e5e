//! A commit, built again into a temporary folder.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use index_schema::digest::Sha256Digest;
use index_schema::tuf::{TargetFile, TargetPath};
use libral::file::read_file;
use tempfile::TempDir;
use walkdir::{DirEntry, WalkDir};

use super::ReproduceError;
use crate::build::{BuildError, build};

/// What `build` made of a commit.
pub(super) struct Built {
    folder: PathBuf,
    /// The size of each file, by its path with `/` between folders.
    pub(super) files: BTreeMap<String, usize>,
}

/// Makes a folder that goes away with its name.
pub(super) fn temporary() -> Result<TempDir, ReproduceError> {
    TempDir::new()
        .map_err(|source| ReproduceError::Temporary { path: std::env::temp_dir(), source })
}

impl Built {
    /// Builds a commit.
    pub(super) fn make(index: &Path, commit: &str, folder: &Path) -> Result<Self, ReproduceError> {
        let failed = |error| {
            let (commit, error) = (commit.to_owned(), Box::new(error));
            if matches!(*error, BuildError::NoRegistry(_)) {
                ReproduceError::Nothing { commit, source: error }
            } else if matches!(*error, BuildError::Repository(_)) {
                ReproduceError::Incomplete { commit, source: error }
            } else {
                ReproduceError::Build(error)
            }
        };
        build(index, commit, folder, None).map_err(failed)?;
        Ok(Self { folder: folder.to_owned(), files: list(folder)? })
    }

    /// Reads a file.
    pub(super) fn read(&self, path: &str) -> Result<Vec<u8>, ReproduceError> {
        let size = self.files.get(path).copied().unwrap_or_default();
        let path = self.folder.join(path);
        read_file(&path, size).map_err(|source| ReproduceError::Temporary { path, source })
    }

    /// Returns every target, by what stands in `targets/`: the folder holds no older ones.
    pub(super) fn targets(&self) -> BTreeMap<TargetPath, TargetFile> {
        self.files.iter().filter_map(|(path, size)| target(path, *size)).collect()
    }

    /// Returns the newest version of what is signed offline: `root` or `targets`.
    pub(super) fn newest(&self, role: &str) -> Option<u64> {
        let version = |path: &String| {
            let file = path.strip_prefix("metadata/")?.strip_suffix(".json")?;
            file.strip_suffix(role)?.strip_suffix('.')?.parse().ok()
        };
        self.files.keys().filter_map(version).max()
    }
}

/// Reads `targets/<folder>/<sha256>.<name>`.
fn target(path: &str, size: usize) -> Option<(TargetPath, TargetFile)> {
    let path = path.strip_prefix("targets/")?;
    let (folder, file) = path.rsplit_once('/').map_or(("", path), |(folder, file)| (folder, file));
    let (digest, name) = file.split_once('.')?;
    let target = if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
    let file = TargetFile::new(u64::try_from(size).ok()?, Sha256Digest::parse(digest).ok()?);
    Some((TargetPath::parse(&target).ok()?, file))
}

/// Lists the files below a folder, with their sizes; one that does not exist has none.
pub(super) fn list(folder: &Path) -> Result<BTreeMap<String, usize>, ReproduceError> {
    let is_there = folder.is_dir();
    let entries = WalkDir::new(folder).into_iter().filter(|_| is_there);
    let mut files = BTreeMap::new();
    for entry in entries {
        let failed = |error: walkdir::Error| ReproduceError::Temporary {
            path: error.path().unwrap_or(folder).to_owned(),
            source: io::Error::from(error),
        };
        let entry = entry.map_err(failed)?;
        if !entry.file_type().is_dir() {
            let size = entry.metadata().map_err(failed)?.len();
            files.insert(relative(folder, &entry), usize::try_from(size).unwrap_or(usize::MAX));
        }
    }
    Ok(files)
}

fn relative(folder: &Path, entry: &DirEntry) -> String {
    let path = entry.path().strip_prefix(folder).unwrap_or(entry.path());
    let parts = path.components().map(|part| part.as_os_str().to_string_lossy());
    parts.collect::<Vec<_>>().join("/")
}
