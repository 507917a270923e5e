//! What is trusted so far, one type for each stage of an update. No I/O, no clock.

use std::sync::Arc;

use index_schema::limits;
use index_schema::time::Timestamp;
use index_schema::tuf::{
    DelegatedRole, Delegations, Envelope, MetaFile, MetaVersion, Role, RoleKeys, RoleName, Root,
    Snapshot, SnapshotPointer, Targets,
};

use super::TufError;
use super::signature::{self, Signers};

type Result<T> = std::result::Result<T, TufError>;

/// Metadata whose signatures, version and expiry have been checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vouched<T>(T);

impl<T> Vouched<T> {
    /// Returns the metadata.
    pub fn into_inner(self) -> T {
        self.0
    }
}

/// Metadata from an earlier update, signed by the current root's keys. It may be old: it is what
/// newer metadata must not fall behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored<T>(T);

/// A root that is trusted, if perhaps neither the newest nor unexpired.
#[derive(Debug, Clone)]
pub struct TrustedRoot(Root);

impl TrustedRoot {
    /// Takes a root that came to the client in a trusted way.
    ///
    /// 5.2: "Load the trusted root metadata file"; its "expiration […] does not matter" yet. It has
    /// to be signed by its own keys, as every root is.
    pub fn load(bytes: &[u8]) -> Result<Self> {
        let envelope = read::<Root>(bytes, "root.json", limits::TUF_UNANNOUNCED)?;
        signature::check(&envelope, root_signers(&envelope.body), "root.json")?;
        Ok(Self(envelope.body))
    }

    /// Takes the next root.
    pub fn next(&self, bytes: &[u8]) -> Result<Self> {
        let expected = self.next_version()?;
        let file = format!("{expected}.root.json");
        let envelope = read::<Root>(bytes, &file, limits::TUF_UNANNOUNCED)?;
        // 5.3.4: "MUST have been signed by: (1) a THRESHOLD of keys specified in the trusted root
        // metadata file (version N), and (2) […] in the new root metadata file".
        signature::check(&envelope, root_signers(&self.0), &file)?;
        signature::check(&envelope, root_signers(&envelope.body), &file)?;
        // 5.3.5: "The version number of the new root metadata […] MUST be exactly […] N+1".
        check_version(&file, envelope.body.version, expected)?;
        // 5.3.6: the expiry of an intermediate root does not matter. 5.3.7: it is trusted now.
        Ok(Self(envelope.body))
    }

    /// Returns the version that the next root has.
    pub fn next_version(&self) -> Result<MetaVersion> {
        let version = self.0.version;
        version.next().ok_or(TufError::LastVersion(version))
    }

    /// Tells whether `next` takes a timestamp or snapshot key away, or adds one.
    ///
    /// 5.3.11: "If the timestamp and / or snapshot keys have been rotated, then delete the trusted
    /// timestamp and snapshot metadata files": versions that an attacker counted up are forgotten.
    pub fn rotates(&self, next: &Self) -> bool {
        let (old, new) = (&self.0.roles, &next.0.roles);
        old.timestamp.keyids != new.timestamp.keyids || old.snapshot.keyids != new.snapshot.keyids
    }

    /// Ends the search for newer roots: this one is the newest.
    pub fn unexpired(self, now: Timestamp) -> Result<CurrentRoot> {
        // 5.3.10: "The expiration timestamp in the trusted root metadata file MUST be higher than
        // the fixed update start time."
        check_expiry(&self.0, "root.json", now)?;
        // 5.3.12: "Set whether consistent snapshots are used". Here they have to be.
        if !self.0.consistent_snapshot {
            return Err(TufError::Inconsistent);
        }
        Ok(CurrentRoot { root: self.0, now })
    }

    /// Checks targets metadata before any snapshot announces them: the targets role signed them,
    /// as this version.
    pub fn targets(&self, bytes: &[u8], version: MetaVersion) -> Result<Targets> {
        let file = format!("{version}.targets.json");
        let envelope = read::<Targets>(bytes, &file, limits::TUF)?;
        signature::check(&envelope, signers(&self.0, "targets", &self.0.roles.targets), &file)?;
        check_version(&file, envelope.body.version, version)?;
        Ok(envelope.body)
    }

    /// Returns the metadata.
    pub const fn metadata(&self) -> &Root {
        &self.0
    }
}

/// The newest root, unexpired at the fixed start time of the update (5.1).
#[derive(Debug, Clone)]
pub struct CurrentRoot {
    root: Root,
    now: Timestamp,
}

impl CurrentRoot {
    /// Takes a timestamp file from an earlier update, if the current keys still vouch for it.
    pub fn stored_timestamp(&self, bytes: &[u8]) -> Option<Stored<SnapshotPointer>> {
        let envelope = read(bytes, "timestamp.json", limits::TUF_UNANNOUNCED).ok()?;
        signature::check(
            &envelope,
            signers(&self.root, "timestamp", &self.root.roles.timestamp),
            "timestamp.json",
        )
        .ok()?;
        Some(Stored(envelope.body))
    }

    /// Takes the timestamp file that the registry serves now.
    pub fn timestamp(
        self,
        bytes: &[u8],
        stored: Option<Stored<SnapshotPointer>>,
    ) -> Result<CurrentTimestamp> {
        let file = "timestamp.json";
        let envelope = read::<SnapshotPointer>(bytes, file, limits::TUF_UNANNOUNCED)?;
        // 5.4.2: "MUST have been signed by a THRESHOLD of keys specified in the trusted root".
        signature::check(
            &envelope,
            signers(&self.root, "timestamp", &self.root.roles.timestamp),
            file,
        )?;
        let new = envelope.body;
        let Some(Stored(known)) = stored else { return self.accept_timestamp(new, true) };
        // 5.4.3.1: "If the new timestamp metadata version is less than the trusted […] report the
        // potential rollback attack. In case they are equal, discard the new timestamp metadata".
        check_rollback(file, new.version, known.version)?;
        if new.version == known.version {
            return self.accept_timestamp(known, false);
        }
        // 5.4.3.2: "The version number of the snapshot metadata file in the trusted timestamp
        // metadata file, if any, MUST be less than or equal to its version number in the new".
        check_rollback("snapshot.json", new.snapshot().version, known.snapshot().version)?;
        self.accept_timestamp(new, true)
    }

    /// Goes on with the timestamp file from an earlier update: nothing is asked of the registry.
    pub fn offline(self, stored: Stored<SnapshotPointer>) -> Result<CurrentTimestamp> {
        self.accept_timestamp(stored.0, false)
    }

    fn accept_timestamp(
        self,
        timestamp: SnapshotPointer,
        is_new: bool,
    ) -> Result<CurrentTimestamp> {
        // 5.4.4: "The expiration timestamp in the new timestamp metadata file MUST be higher than
        // the fixed update start time."
        check_expiry(&timestamp, "timestamp.json", self.now)?;
        Ok(CurrentTimestamp { root: self.root, now: self.now, timestamp, is_new })
    }
}

/// The current timestamp, and the root that vouches for it.
#[derive(Debug, Clone)]
pub struct CurrentTimestamp {
    root: Root,
    now: Timestamp,
    timestamp: SnapshotPointer,
    is_new: bool,
}

impl CurrentTimestamp {
    /// Tells whether the registry served it just now, so that it is to be kept (5.4.5).
    pub const fn is_new(&self) -> bool {
        self.is_new
    }

    /// Returns what is known of the snapshot file.
    pub const fn snapshot_file(&self) -> &MetaFile {
        self.timestamp.snapshot()
    }

    /// Takes a snapshot file from an earlier update, if the current keys still vouch for it.
    pub fn stored_snapshot(&self, bytes: &[u8]) -> Option<Stored<Snapshot>> {
        let envelope = read(bytes, "snapshot.json", limits::TUF).ok()?;
        signature::check(
            &envelope,
            signers(&self.root, "snapshot", &self.root.roles.snapshot),
            "snapshot.json",
        )
        .ok()?;
        Some(Stored(envelope.body))
    }

    /// Takes the snapshot file that the timestamp names.
    pub fn snapshot(
        &self,
        bytes: &[u8],
        stored: Option<&Stored<Snapshot>>,
    ) -> Result<CurrentSnapshot> {
        let file = "snapshot.json";
        // 5.5.2: "The hashes of the new snapshot metadata file MUST match the hashes, if any,
        // listed in the trusted timestamp metadata."
        check_content(bytes, self.snapshot_file(), file)?;
        let envelope = read::<Snapshot>(bytes, file, limits::TUF)?;
        // 5.5.3: "MUST have been signed by a THRESHOLD of keys specified in the trusted root".
        signature::check(
            &envelope,
            signers(&self.root, "snapshot", &self.root.roles.snapshot),
            file,
        )?;
        let snapshot = envelope.body;
        // 5.5.4: "MUST match the version number listed in the trusted timestamp metadata".
        check_version(file, snapshot.version, self.snapshot_file().version)?;
        if let Some(Stored(known)) = stored {
            check_nothing_lost(known, &snapshot)?;
        }
        // 5.5.6: "The expiration timestamp in the new snapshot metadata file MUST be higher".
        check_expiry(&snapshot, file, self.now)?;
        let (root, timestamp) = (self.root.clone(), self.timestamp.clone());
        Ok(CurrentSnapshot { root, now: self.now, timestamp, snapshot })
    }
}

/// 5.5.5: the version of each targets file "in the trusted snapshot metadata file, if any, MUST be
/// less than or equal to its version number in the new"; each "MUST continue to be listed".
fn check_nothing_lost(known: &Snapshot, new: &Snapshot) -> Result<()> {
    known.meta.iter().try_for_each(|(name, before)| match new.meta.get(name) {
        Some(after) => check_rollback(name.as_str(), after.version, before.version),
        None => Err(TufError::Lost(name.to_string())),
    })
}

/// The current snapshot, and what vouches for it.
#[derive(Debug, Clone)]
pub struct CurrentSnapshot {
    root: Root,
    now: Timestamp,
    timestamp: SnapshotPointer,
    snapshot: Snapshot,
}

impl CurrentSnapshot {
    /// Returns what is known of the file of the top-level targets role.
    pub fn targets_file(&self) -> Result<&MetaFile> {
        listed(&self.snapshot, &RoleName::targets())
    }

    /// Checks the file of the top-level targets role (5.6.2 to 5.6.5).
    pub fn targets(&self, bytes: &[u8]) -> Result<Vouched<Targets>> {
        let by = signers(&self.root, "targets", &self.root.roles.targets);
        let role = RoleName::targets();
        let (envelope, _) = check_targets(&self.snapshot, &role, by, bytes, self.now)?;
        Ok(Vouched(envelope.body))
    }

    /// Completes the update.
    pub fn with(self, targets: Vouched<Targets>) -> Trusted {
        let mut targets = targets.0;
        let delegations = targets.delegations.take().map(Arc::new);
        let Self { root, now, timestamp, snapshot } = self;
        Trusted { root, now, timestamp, snapshot, targets, delegations }
    }
}

/// Everything that the top-level roles say, current and signed.
#[derive(Debug, Clone)]
pub struct Trusted {
    root: Root,
    now: Timestamp,
    timestamp: SnapshotPointer,
    snapshot: Snapshot,
    targets: Targets,
    delegations: Option<Arc<Delegations>>,
}

impl Trusted {
    /// Checks the file of a delegated role against the role that delegates to it.
    ///
    /// The same role may be reached from two roles with different keys, so this is asked each time.
    pub fn delegated(
        &self,
        delegations: &Delegations,
        role: &DelegatedRole,
        bytes: &[u8],
    ) -> Result<Vouched<Targets>> {
        let (envelope, _) = self.delegated_file(delegations, role, bytes)?;
        Ok(Vouched(envelope.body))
    }

    /// Does the same, and returns the whole file, and how many keys signed it.
    pub(super) fn delegated_file(
        &self,
        delegations: &Delegations,
        role: &DelegatedRole,
        bytes: &[u8],
    ) -> Result<(Envelope<Targets>, usize)> {
        let name = role.name.as_str();
        let signers = Signers { name, keys: &delegations.keys, role: &role.keys };
        check_targets(&self.snapshot, &role.name, signers, bytes, self.now)
    }

    /// Checks what does not depend on signatures: that a file is the current one of its role.
    pub(super) fn check_still(&self, role: &RoleName, bytes: &[u8], says: &Targets) -> Result<()> {
        let file = format!("{}.json", role.stem());
        let announced = listed(&self.snapshot, role)?;
        check_content(bytes, announced, &file)?;
        check_current(says, announced, &file, self.now)
    }

    /// Returns what is known of the file of a role.
    pub fn file_of(&self, role: &RoleName) -> Result<&MetaFile> {
        listed(&self.snapshot, role)
    }

    /// Returns the root.
    pub const fn root(&self) -> &Root {
        &self.root
    }

    /// Returns the timestamp.
    pub const fn timestamp(&self) -> &SnapshotPointer {
        &self.timestamp
    }

    /// Returns the snapshot.
    pub const fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// Returns the top-level targets; its delegations are in [`delegations`](Self::delegations).
    pub const fn targets(&self) -> &Targets {
        &self.targets
    }

    /// Returns the delegations of the top-level targets role.
    pub const fn delegations(&self) -> Option<&Arc<Delegations>> {
        self.delegations.as_ref()
    }
}

/// Steps 5.6.2 to 5.6.5, for the top-level targets role and every delegated one. Returns also how
/// many keys signed.
fn check_targets(
    snapshot: &Snapshot,
    role: &RoleName,
    signers: Signers<'_>,
    bytes: &[u8],
    now: Timestamp,
) -> Result<(Envelope<Targets>, usize)> {
    let file = format!("{}.json", role.stem());
    let announced = listed(snapshot, role)?;
    // 5.6.2: "The hashes of the new targets metadata file MUST match the hashes, if any, listed in
    // the trusted snapshot metadata."
    check_content(bytes, announced, &file)?;
    let envelope = read::<Targets>(bytes, &file, limits::TUF)?;
    // 5.6.3: "MUST have been signed by a THRESHOLD of keys" of the role that delegates to it.
    let valid = signature::check(&envelope, signers, &file)?;
    check_role(&file, envelope.body.role.as_ref(), role)?;
    check_current(&envelope.body, announced, &file, now)?;
    Ok((envelope, valid))
}

fn check_current(
    targets: &Targets,
    announced: &MetaFile,
    file: &str,
    now: Timestamp,
) -> Result<()> {
    // 5.6.4: "MUST match the version number listed in the trusted snapshot metadata".
    check_version(file, targets.version, announced.version)?;
    // 5.6.5: "The expiration timestamp in the new targets metadata file MUST be higher".
    check_expiry(targets, file, now)
}

/// Bins share a key, so a file says whose it is; other repositories leave that out.
fn check_role(file: &str, found: Option<&RoleName>, role: &RoleName) -> Result<()> {
    match found {
        Some(found) if found != role => {
            Err(TufError::Swapped { file: file.to_owned(), found: found.clone() })
        }
        _ => Ok(()),
    }
}

fn signers<'r>(root: &'r Root, name: &'r str, role: &'r RoleKeys) -> Signers<'r> {
    Signers { name, keys: &root.keys, role }
}

fn root_signers(root: &Root) -> Signers<'_> {
    signers(root, "root", &root.roles.root)
}

fn listed<'s>(snapshot: &'s Snapshot, role: &RoleName) -> Result<&'s MetaFile> {
    snapshot.of(role).ok_or_else(|| TufError::Unlisted(role.clone()))
}

fn read<T: Role>(bytes: &[u8], file: &str, limit: usize) -> Result<Envelope<T>> {
    let malformed = |problems| TufError::Malformed { file: file.to_owned(), problems };
    Envelope::read(bytes, limit).map_err(malformed)
}

fn check_content(bytes: &[u8], announced: &MetaFile, file: &str) -> Result<()> {
    let length = u64::try_from(bytes.len()).ok();
    let same_length = announced.length.is_none_or(|announced| length == Some(announced));
    let same_hashes = announced.hashes.as_ref().is_none_or(|hashes| hashes.match_bytes(bytes));
    if same_length && same_hashes { Ok(()) } else { Err(TufError::Content(file.to_owned())) }
}

fn check_version(file: &str, found: MetaVersion, expected: MetaVersion) -> Result<()> {
    if found == expected {
        return Ok(());
    }
    Err(TufError::Version { file: file.to_owned(), found, expected })
}

fn check_rollback(file: &str, found: MetaVersion, known: MetaVersion) -> Result<()> {
    if found >= known {
        return Ok(());
    }
    Err(TufError::Rollback { file: file.to_owned(), found, known })
}

fn check_expiry(metadata: &impl Role, file: &str, now: Timestamp) -> Result<()> {
    let expires = metadata.expires();
    if expires > now { Ok(()) } else { Err(TufError::Expired { file: file.to_owned(), expires }) }
}
