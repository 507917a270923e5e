//! Driving an update: fetch, decide, keep.

use index_schema::digest::Sha256Digest;
use index_schema::limits;
use index_schema::time::Timestamp;
use index_schema::tuf::{DelegatedRole, Delegations, MetaFile, RoleName, TargetPath, Targets};

use super::store::{Store, StoreError, StoredFile};
use super::{
    CurrentRoot, CurrentSnapshot, CurrentTimestamp, TargetInfo, Trusted, TrustedRoot, TufError,
    Vouched,
};
use crate::source::{Source, SourceError};

/// Why an update stopped. What had been verified before that has been kept.
#[derive(Debug, thiserror::Error)]
pub enum UpdateError {
    /// What was served is not trusted.
    #[error(transparent)]
    Untrusted(#[from] TufError),
    /// The next root is served, but is no metadata: likely a page that says "not found".
    #[error("`{path}` is not root metadata; where there is none, a registry answers 404 or 403")]
    NotRoot {
        /// The path.
        path: String,
        /// What is wrong with it.
        source: TufError,
    },
    /// A file could not be fetched.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// A file that has been announced is missing.
    #[error("the registry has no `{0}`")]
    Missing(String),
    /// The trusted metadata could not be kept.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No root has been trusted so far.
    #[error("no root is trusted yet")]
    NoRoot,
    /// A root has been trusted before.
    #[error("a root is trusted already")]
    HasRoot,
    /// A first root that is not the one asked for.
    #[error("the root has the digest {found}, expected {expected}")]
    RootDigest {
        /// The digest found.
        found: Sha256Digest,
        /// The digest asked for.
        expected: Sha256Digest,
    },
    /// A target longer than the caller takes.
    #[error("`{path}` has {length} bytes, at most {limit} are taken")]
    TooLong {
        /// The target.
        path: TargetPath,
        /// Its length.
        length: u64,
        /// The ceiling.
        limit: usize,
    },
}

type Result<T> = std::result::Result<T, UpdateError>;

/// Trusts a first root, which has to be the one with this digest.
pub fn begin(store: &Store, root: &[u8], expected: Sha256Digest) -> Result<()> {
    let found = Sha256Digest::of(root);
    if found != expected {
        return Err(UpdateError::RootDigest { found, expected });
    }
    TrustedRoot::load(root)?;
    match store.read(StoredFile::Root)? {
        None => Ok(store.write(StoredFile::Root, root)?),
        Some(_) => Err(UpdateError::HasRoot),
    }
}

/// A registry whose metadata are current.
pub struct Repository<'s> {
    source: &'s dyn Source,
    store: Store,
    trusted: Trusted,
}

/// Brings the trusted metadata up to date (5.1 to 5.6). `now` is the fixed update start time (5.1).
pub fn refresh(source: &dyn Source, store: Store, now: Timestamp) -> Result<Repository<'_>> {
    let root = update_root(source, &store)?.unexpired(now)?;
    let timestamp = update_timestamp(source, &store, root)?;
    let snapshot = update_snapshot(source, &store, &timestamp)?;
    finish(source, store, snapshot)
}

/// Takes the metadata of the last update, if they have not expired; fetches none of the four
/// top-level files.
pub fn open_stored(source: &dyn Source, store: Store, now: Timestamp) -> Result<Repository<'_>> {
    let root = stored_root(&store)?.unexpired(now)?;
    let missing = || UpdateError::Missing("metadata/timestamp.json".to_owned());
    let bytes = store.read(StoredFile::Timestamp)?.ok_or_else(missing)?;
    let timestamp = root.stored_timestamp(&bytes).ok_or_else(missing)?;
    let timestamp = root.offline(timestamp)?;
    let snapshot = update_snapshot(source, &store, &timestamp)?;
    finish(source, store, snapshot)
}

fn stored_root(store: &Store) -> Result<TrustedRoot> {
    let bytes = store.read(StoredFile::Root)?.ok_or(UpdateError::NoRoot)?;
    Ok(TrustedRoot::load(&bytes)?)
}

/// 5.3: "Update the root role".
fn update_root(source: &dyn Source, store: &Store) -> Result<TrustedRoot> {
    // 5.2: "Load the trusted root metadata file."
    let mut root = stored_root(store)?;
    // 5.3.2 and 5.3.9: from version N on, again and again, at most Y times.
    for _ in 0..limits::TUF_ROOTS {
        // 5.3.3: "Try downloading version N+1 […]. If this file is not available […] go to 5.3.10".
        let path = format!("metadata/{}.root.json", root.next_version()?);
        let Some(bytes) = source.get(&path, limits::TUF_UNANNOUNCED)? else { break };
        let next = match root.next(&bytes) {
            Err(source @ TufError::Malformed { .. }) => {
                return Err(UpdateError::NotRoot { path, source });
            }
            other => other?,
        };
        // 5.3.11. Done for each root and before it is kept, so that a crash cannot keep the new
        // root together with versions that it was meant to do away with.
        if root.rotates(&next) {
            store.delete(StoredFile::Timestamp)?;
            store.delete(StoredFile::Snapshot)?;
        }
        // 5.3.8: "Persist root metadata."
        store.write(StoredFile::Root, &bytes)?;
        root = next;
    }
    Ok(root)
}

/// 5.4: "Update the timestamp role".
fn update_timestamp(
    source: &dyn Source,
    store: &Store,
    root: CurrentRoot,
) -> Result<CurrentTimestamp> {
    let stored = store.read(StoredFile::Timestamp)?;
    let stored = stored.and_then(|bytes| root.stored_timestamp(&bytes));
    // 5.4.1: "Download the timestamp metadata file, up to X number of bytes".
    let bytes = required(source, "metadata/timestamp.json", limits::TUF_UNANNOUNCED)?;
    let timestamp = root.timestamp(&bytes, stored)?;
    // 5.4.5: "Persist timestamp metadata", unless it is the one that was kept before.
    if timestamp.is_new() {
        store.write(StoredFile::Timestamp, &bytes)?;
    }
    Ok(timestamp)
}

/// 5.5: "Update the snapshot role".
fn update_snapshot(
    source: &dyn Source,
    store: &Store,
    timestamp: &CurrentTimestamp,
) -> Result<CurrentSnapshot> {
    let stored_bytes = store.read(StoredFile::Snapshot)?;
    let stored = stored_bytes.as_deref().and_then(|bytes| timestamp.stored_snapshot(bytes));
    if let Some(bytes) = &stored_bytes
        && let Ok(snapshot) = timestamp.snapshot(bytes, stored.as_ref())
    {
        return Ok(snapshot);
    }
    // 5.5.1: "Download snapshot metadata file, up to […] the number of bytes specified in the
    // timestamp metadata file"; the name is "VERSION_NUMBER.FILENAME.EXT".
    let file = timestamp.snapshot_file();
    let path = format!("metadata/{}.snapshot.json", file.version);
    let bytes = required(source, &path, announced_limit(file))?;
    let snapshot = timestamp.snapshot(&bytes, stored.as_ref())?;
    // 5.5.7: "Persist snapshot metadata."
    store.write(StoredFile::Snapshot, &bytes)?;
    Ok(snapshot)
}

/// 5.6.1 to 5.6.6: "Update the targets role".
fn finish(source: &dyn Source, store: Store, snapshot: CurrentSnapshot) -> Result<Repository<'_>> {
    let (role, file) = (RoleName::targets(), snapshot.targets_file()?);
    let targets = role_file(source, &store, (&role, file), |bytes| snapshot.targets(bytes))?;
    Ok(Repository { source, store, trusted: snapshot.with(targets) })
}

/// Takes the file of a role from the store if it is the current one, else from the source.
fn role_file(
    source: &dyn Source,
    store: &Store,
    (role, announced): (&RoleName, &MetaFile),
    check: impl Fn(&[u8]) -> std::result::Result<Vouched<Targets>, TufError>,
) -> Result<Vouched<Targets>> {
    let file = StoredFile::Targets(role);
    if let Some(bytes) = store.read(file)?
        && let Ok(targets) = check(&bytes)
    {
        return Ok(targets);
    }
    // 5.6.1: "Download the top-level targets metadata file, up to […] the number of bytes specified
    // in the snapshot metadata file, or some Z number of bytes."
    let path = format!("metadata/{}.{}.json", announced.version, role.stem());
    let bytes = required(source, &path, announced_limit(announced))?;
    let targets = check(&bytes)?;
    // 5.6.6: "Persist targets metadata."
    store.write(file, &bytes)?;
    Ok(targets)
}

fn announced_limit(file: &MetaFile) -> usize {
    let announced = file.length.and_then(|length| usize::try_from(length).ok());
    announced.unwrap_or(limits::TUF).min(limits::TUF)
}

fn required(source: &dyn Source, path: &str, limit: usize) -> Result<Vec<u8>> {
    source.get(path, limit)?.ok_or_else(|| UpdateError::Missing(path.to_owned()))
}

impl Repository<'_> {
    /// Returns what is trusted.
    pub const fn trusted(&self) -> &Trusted {
        &self.trusted
    }

    /// Finds what a trusted role says of a target (5.6.7); `None` if no role names it.
    pub fn find(&self, path: &TargetPath) -> Result<Option<TargetInfo>> {
        self.trusted.find(path, |delegations, role| self.role(delegations, role))
    }

    /// Fetches the metadata of a delegated role.
    pub fn role(&self, from: &Delegations, role: &DelegatedRole) -> Result<Vouched<Targets>> {
        let announced = self.trusted.file_of(&role.name)?;
        role_file(self.source, &self.store, (&role.name, announced), |bytes| {
            self.trusted.delegated(from, role, bytes)
        })
    }

    /// Fetches a target of at most `limit` bytes (5.7).
    pub fn fetch(&self, target: &TargetInfo, limit: usize) -> Result<Vec<u8>> {
        let length = usize::try_from(target.length).ok().filter(|length| *length <= limit);
        let Some(length) = length else {
            let (path, length) = (target.path.clone(), target.length);
            return Err(UpdateError::TooLong { path, length, limit });
        };
        // 5.7.3: "download the target (up to the number of bytes specified in the targets
        // metadata), and verify"; "the filename […] is of the form HASH.FILENAME.EXT".
        let missing = || TufError::Content(target.path.to_string());
        let hash = target.hashes.name().ok_or_else(missing)?;
        let path = format!("targets/{}", target.path.consistent(&hash));
        let bytes = required(self.source, &path, length)?;
        target.check(&bytes)?;
        Ok(bytes)
    }
}
