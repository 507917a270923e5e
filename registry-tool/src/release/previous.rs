//! The state that was released before, and the state to be released, judged as a client would.

use std::collections::BTreeMap;
use std::path::Path;

use index_schema::digest::Sha256Digest;
use index_schema::limits;
use index_schema::time::Timestamp;
use index_schema::tuf::{Envelope, Role, RoleName, Snapshot, SnapshotPointer, Targets};
use libral::source::Source;
use libral::tuf::store::{Store, StoredFile};
use libral::tuf::update::{self, UpdateError};
use libral::tuf::{Trusted, TufError};
use tempfile::TempDir;

use super::ReleaseError;
use super::public::{self, Public, Staged};

/// The state that was released before; every signature and version in it has been checked.
#[derive(Debug)]
pub struct Previous {
    pub(super) timestamp: Kept<SnapshotPointer>,
    pub(super) snapshot: Kept<Snapshot>,
    pub(super) roles: BTreeMap<RoleName, Kept<Targets>>,
    /// What a client that has seen this state keeps.
    folder: TempDir,
}

/// A metadata file that may be published again as it is.
#[derive(Debug)]
pub(super) struct Kept<T> {
    pub(super) body: T,
    pub(super) keyids: Vec<Sha256Digest>,
    pub(super) bytes: Vec<u8>,
}

impl<T: Role> Kept<T> {
    fn read(bytes: Vec<u8>, file: &str) -> Result<Self, TufError> {
        let malformed = |problems| TufError::Malformed { file: file.to_owned(), problems };
        let envelope = Envelope::<T>::read(&bytes, limits::TUF).map_err(malformed)?;
        let keyids = envelope.signatures.iter().map(|each| each.keyid).collect();
        Ok(Self { body: envelope.body, keyids, bytes })
    }
}

impl Previous {
    /// Loads the state that `source` serves, starting from the first root in `public`.
    ///
    /// Expiry does not matter: a registry that nobody released for too long has to be released.
    pub fn load(public: &Path, source: &dyn Source) -> Result<Self, ReleaseError> {
        let folder = temporary()?;
        let store = Store::new(folder.path().to_owned());
        let root = public::first_root(public)?;
        let refused = |error| ReleaseError::Refused("previous", error);
        update::begin(&store, &root, Sha256Digest::of(&root)).map_err(refused)?;
        let repository = update::refresh(source, store.clone(), beginning()).map_err(refused)?;
        let mut roles = BTreeMap::new();
        for (name, bytes) in delegated(source, repository.trusted()).map_err(refused)? {
            let kept = Kept::read(bytes, name.as_str())?;
            roles.insert(name, kept);
        }
        let read = |file, name: &str| {
            let missing = || ReleaseError::Missing(name.to_owned());
            store.read(file)?.ok_or_else(missing)
        };
        let timestamp = Kept::read(read(StoredFile::Timestamp, "timestamp")?, "timestamp")?;
        let snapshot = Kept::read(read(StoredFile::Snapshot, "snapshot")?, "snapshot")?;
        Ok(Self { timestamp, snapshot, roles, folder })
    }
}

/// The time at which nothing has expired yet.
fn beginning() -> Timestamp {
    Timestamp::from_seconds(0).expect("1970 is within the accepted years")
}

fn temporary() -> Result<TempDir, ReleaseError> {
    let failed = |source| ReleaseError::File { path: std::env::temp_dir(), source };
    TempDir::new().map_err(failed)
}

/// Fetches and checks the file of every delegated role.
fn delegated(
    source: &dyn Source,
    trusted: &Trusted,
) -> Result<Vec<(RoleName, Vec<u8>)>, UpdateError> {
    let Some(delegations) = trusted.delegations() else { return Ok(Vec::new()) };
    let fetch = |role: &index_schema::tuf::DelegatedRole| {
        let version = trusted.file_of(&role.name)?.version;
        let path = format!("metadata/{version}.{}.json", role.name.stem());
        let bytes = source.get(&path, limits::TUF)?.ok_or(UpdateError::Missing(path))?;
        trusted.delegated(delegations, role, &bytes)?;
        Ok((role.name.clone(), bytes))
    };
    delegations.roles.iter().map(fetch).collect()
}

/// Refuses what a client would refuse, be it new or one that has seen the state before.
pub(super) fn check(
    public: &Path,
    staged: &Staged,
    previous: Option<&Previous>,
    now: Timestamp,
) -> Result<(), ReleaseError> {
    let refused = |error| ReleaseError::Refused("new", error);
    let source = Public { folder: public, staged };
    let new = temporary()?;
    let store = Store::new(new.path().to_owned());
    let root = public::first_root(public)?;
    update::begin(&store, &root, Sha256Digest::of(&root)).map_err(refused)?;
    let repository = update::refresh(&source, store, now).map_err(refused)?;
    delegated(&source, repository.trusted()).map_err(refused)?;
    if let Some(previous) = previous {
        let store = Store::new(previous.folder.path().to_owned());
        update::refresh(&source, store, now).map_err(refused)?;
    }
    Ok(())
}
