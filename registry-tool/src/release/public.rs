//! The folder that is published: reading what `build` put there, and adding metadata to it.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use index_schema::catalog::BuildList;
use index_schema::limits;
use index_schema::tuf::{BinCount, Delegations, Envelope, MetaVersion, Targets};
use libral::file::{Mode, write_file};
use libral::source::{Source, SourceError};
use libral::tuf::{TrustedRoot, TufError};

use super::ReleaseError;
use crate::output::write_if_changed;
use crate::trust::document::bin_count;

/// Files to be written, by their paths in the published folder.
pub(super) type Staged = BTreeMap<String, Vec<u8>>;

/// The path of the one file that is written last.
pub(super) const TIMESTAMP: &str = "metadata/timestamp.json";

/// The published folder as it will be once the staged files are written.
pub(super) struct Public<'p> {
    pub(super) folder: &'p Path,
    pub(super) staged: &'p Staged,
}

impl Source for Public<'_> {
    fn get(&self, path: &str, limit: usize) -> Result<Option<Vec<u8>>, SourceError> {
        let too_large = || SourceError::TooLarge { what: path.to_owned(), limit };
        let bytes = match self.staged.get(path) {
            Some(bytes) => Some(bytes.clone()),
            None => read(&self.folder.join(path), limit)
                .map_err(|source| SourceError::Read { what: path.to_owned(), source })?,
        };
        match bytes {
            Some(bytes) if bytes.len() > limit => Err(too_large()),
            other => Ok(other),
        }
    }
}

/// Reads a file, if it is there, and at most one byte more than `limit`.
pub(super) fn read(path: &Path, limit: usize) -> io::Result<Option<Vec<u8>>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut bytes = Vec::new();
    let limit = u64::try_from(limit).unwrap_or(u64::MAX);
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    Ok(Some(bytes))
}

/// Writes every file that is not there already, the timestamp last and flushed to the disk.
///
/// The others are not flushed: a release that a crash interrupts is done again.
pub(super) fn write(folder: &Path, staged: &Staged) -> Result<(), ReleaseError> {
    for (path, bytes) in staged.iter().filter(|(path, _)| *path != TIMESTAMP) {
        write_if_changed(&folder.join(path), bytes)?;
    }
    let Some(timestamp) = staged.get(TIMESTAMP) else { return Ok(()) };
    let path = folder.join(TIMESTAMP);
    let is_there =
        read(&path, timestamp.len()).is_ok_and(|found| found.as_ref() == Some(timestamp));
    if is_there {
        return Ok(());
    }
    write_file(&path, timestamp, Mode::Public).map_err(|source| ReleaseError::File { path, source })
}

/// The newest metadata that were signed offline.
pub(super) struct Offline {
    pub(super) root: TrustedRoot,
    pub(super) targets: Envelope<Targets>,
    pub(super) delegations: Delegations,
    pub(super) bins: BinCount,
}

impl Offline {
    /// Reads the chain of roots, and the targets metadata that the build names as the newest.
    pub(super) fn read(folder: &Path, list: &BuildList) -> Result<Self, ReleaseError> {
        let root = newest_root(folder)?;
        let version = root.metadata().version;
        if version.get() != list.newest_root {
            return Err(ReleaseError::Stray(format!("metadata/{version}.root.json")));
        }
        let missing = || ReleaseError::Missing("metadata/1.targets.json".to_owned());
        let version = MetaVersion::new(list.newest_targets).ok_or_else(missing)?;
        let missing = || ReleaseError::Missing(format!("metadata/{version}.targets.json"));
        let bytes = metadata(folder, version, "targets")?.ok_or_else(missing)?;
        root.targets(&bytes, version)?;
        Self::of(root, &bytes)
    }

    /// Takes targets metadata that were released before, with the newest root of the folder.
    pub(super) fn released(folder: &Path, targets: &[u8]) -> Result<Self, ReleaseError> {
        Self::of(newest_root(folder)?, targets)
    }

    fn of(root: TrustedRoot, targets: &[u8]) -> Result<Self, ReleaseError> {
        let file = "targets.json".to_owned();
        let malformed = |problems| TufError::Malformed { file, problems };
        let targets = Envelope::<Targets>::read(targets, limits::TUF).map_err(malformed)?;
        let delegations = targets.body.delegations.clone().ok_or(ReleaseError::Delegations)?;
        let bins = bin_count(&delegations).ok_or(ReleaseError::Delegations)?;
        Ok(Self { root, targets, delegations, bins })
    }
}

/// Follows the roots that are in the folder, as a client would.
fn newest_root(folder: &Path) -> Result<TrustedRoot, ReleaseError> {
    let mut root = TrustedRoot::load(&first_root(folder)?)?;
    while let Some(bytes) = metadata(folder, root.next_version()?, "root")? {
        root = root.next(&bytes)?;
    }
    Ok(root)
}

/// Reads the root with which the registry began: what its first clients trust.
pub(super) fn first_root(folder: &Path) -> Result<Vec<u8>, ReleaseError> {
    let missing = || ReleaseError::Missing("metadata/1.root.json".to_owned());
    metadata(folder, MetaVersion::FIRST, "root")?.ok_or_else(missing)
}

pub(super) fn metadata(
    folder: &Path,
    version: MetaVersion,
    role: &str,
) -> Result<Option<Vec<u8>>, ReleaseError> {
    let path = folder.join("metadata").join(format!("{version}.{role}.json"));
    read(&path, limits::TUF).map_err(|source| ReleaseError::File { path, source })
}
