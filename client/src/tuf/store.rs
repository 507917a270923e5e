//! The folder in which a client keeps the metadata that it trusts.
//!
//! ```text
//! root.json  timestamp.json  snapshot.json  targets.json  <delegated role>.json
//! ```
//!
//! The bytes are the ones that were fetched. Each file is written aside, flushed and renamed: a
//! crash leaves the old file or the new one. Whatever is read from here is verified again.

use std::fs;
use std::io;
use std::path::PathBuf;

use index_schema::limits;
use index_schema::tuf::RoleName;

use crate::file::{Mode, read_file, sync_folder, write_file};

/// A folder of trusted metadata.
#[derive(Debug, Clone)]
pub struct Store {
    folder: PathBuf,
}

/// One of the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoredFile<'r> {
    /// The root.
    Root,
    /// The timestamp.
    Timestamp,
    /// The snapshot.
    Snapshot,
    /// The targets that a role signs; also the top-level one.
    Targets(&'r RoleName),
}

/// A file could not be read or written.
#[derive(Debug, thiserror::Error)]
#[error("cannot keep trusted metadata in `{}`", path.display())]
pub struct StoreError {
    /// The file.
    pub path: PathBuf,
    /// Why.
    pub source: io::Error,
}

impl Store {
    /// Names a folder; it need not exist.
    pub const fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// Reads a file, if it is there. One that is too large is no metadata, and as good as missing.
    pub fn read(&self, file: StoredFile<'_>) -> Result<Option<Vec<u8>>, StoreError> {
        let path = self.path(file);
        let is_nothing = |error: &io::Error| {
            matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::FileTooLarge)
        };
        match read_file(&path, limits::TUF) {
            Err(error) if is_nothing(&error) => Ok(None),
            result => result.map(Some).map_err(|source| StoreError { path, source }),
        }
    }

    /// Writes a file for good.
    pub fn write(&self, file: StoredFile<'_>, bytes: &[u8]) -> Result<(), StoreError> {
        let path = self.path(file);
        write_file(&path, bytes, Mode::Private).map_err(|source| StoreError { path, source })
    }

    /// Deletes a file, if it is there.
    pub fn delete(&self, file: StoredFile<'_>) -> Result<(), StoreError> {
        let path = self.path(file);
        match fs::remove_file(&path) {
            Ok(()) => sync_folder(&self.folder).map_err(|source| StoreError { path, source }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(source) => Err(StoreError { path, source }),
        }
    }

    fn path(&self, file: StoredFile<'_>) -> PathBuf {
        let stem = match file {
            StoredFile::Root => "root".to_owned(),
            StoredFile::Timestamp => "timestamp".to_owned(),
            StoredFile::Snapshot => "snapshot".to_owned(),
            StoredFile::Targets(role) => role.stem(),
        };
        self.folder.join(stem + ".json")
    }
}
