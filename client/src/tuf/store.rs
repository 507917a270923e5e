//! Where a client keeps the metadata that it trusts: a folder.
//!
//! ```text
//! root.json  timestamp.json  snapshot.json  targets.json  <delegated role>.json
//! ```
//!
//! The bytes are the ones that were fetched. Each file is written aside, flushed and renamed: a
//! crash leaves the old file or the new one. Whatever is read from here is verified again.
//!
//! Who only judges what a client would do keeps the files in memory.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use index_schema::limits;
use index_schema::tuf::RoleName;

use crate::file::{Mode, read_file, sync_folder, write_file};

/// A folder of trusted metadata, or what stands for one. Clones are the same store.
#[derive(Debug, Clone)]
pub struct Store(Place);

#[derive(Debug, Clone)]
enum Place {
    Folder(PathBuf),
    Memory(Arc<Mutex<BTreeMap<String, Vec<u8>>>>),
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
        Self(Place::Folder(folder))
    }

    /// Makes an empty store that lasts as long as the value.
    pub fn in_memory() -> Self {
        Self(Place::Memory(Arc::default()))
    }

    /// Reads a file, if it is there. One that is too large is no metadata, and as good as missing.
    pub fn read(&self, file: StoredFile<'_>) -> Result<Option<Vec<u8>>, StoreError> {
        let path = match &self.0 {
            Place::Folder(folder) => folder.join(file.name()),
            Place::Memory(files) => return Ok(lock(files).get(&file.name()).cloned()),
        };
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
        let path = match &self.0 {
            Place::Folder(folder) => folder.join(file.name()),
            Place::Memory(files) => {
                lock(files).insert(file.name(), bytes.to_vec());
                return Ok(());
            }
        };
        write_file(&path, bytes, Mode::Private).map_err(|source| StoreError { path, source })
    }

    /// Deletes a file, if it is there.
    pub fn delete(&self, file: StoredFile<'_>) -> Result<(), StoreError> {
        let folder = match &self.0 {
            Place::Folder(folder) => folder,
            Place::Memory(files) => {
                lock(files).remove(&file.name());
                return Ok(());
            }
        };
        let path = folder.join(file.name());
        match fs::remove_file(&path) {
            Ok(()) => sync_folder(folder).map_err(|source| StoreError { path, source }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(source) => Err(StoreError { path, source }),
        }
    }
}

impl StoredFile<'_> {
    fn name(self) -> String {
        let stem = match self {
            Self::Root => "root".to_owned(),
            Self::Timestamp => "timestamp".to_owned(),
            Self::Snapshot => "snapshot".to_owned(),
            Self::Targets(role) => role.stem(),
        };
        stem + ".json"
    }
}

/// Nobody panics while holding the lock: a map is all that is behind it.
fn lock<T>(files: &Mutex<T>) -> MutexGuard<'_, T> {
    files.lock().unwrap_or_else(PoisonError::into_inner)
}
