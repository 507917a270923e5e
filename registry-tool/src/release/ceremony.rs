//! The key ceremony: the keys of every role, and the metadata that are signed offline.
//!
//! Root and targets metadata travel through the Git index (`trust/root/<n>.root.json`,
//! `trust/targets/<n>.targets.json`); the caller puts them there.

use std::path::Path;

use index_schema::digest::Sha256Digest;
use index_schema::layout::REGISTRY_TARGET;
use index_schema::time::Timestamp;
use index_schema::tuf::{
    BinCount, DelegatedRole, Delegations, INDEX_FILES, Key, MetaVersion, NameError, PathPattern,
    Paths, RoleKeys, RoleName, Root, RootRoles, TargetFile, TargetPath, Targets, Unsigned,
};

use super::Lifetimes;
use crate::role_keys::{OfflineKeys, OnlineKeys, RoleKey, RoleKeyError};

/// What a ceremony decides.
#[derive(Debug, Clone, Copy)]
pub struct Plan<'p> {
    /// The statement file of the registry record.
    pub record: &'p [u8],
    /// Among how many bins plugins are spread. It stays until the next targets metadata.
    pub bins: BinCount,
    /// How many root keys there are.
    pub root_keys: u32,
    /// How many of them have to sign.
    pub root_threshold: u32,
    /// For how long metadata are trusted.
    pub lifetimes: Lifetimes,
    /// When this happens.
    pub now: Timestamp,
}

/// What a ceremony makes beside the keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ceremony {
    /// The bytes of `trust/root/1.root.json`.
    pub root: Vec<u8>,
    /// The bytes of `trust/targets/1.targets.json`.
    pub targets: Vec<u8>,
}

/// Why there was no ceremony.
#[derive(Debug, thiserror::Error)]
pub enum CeremonyError {
    /// A threshold that no set of keys meets, or that nothing has to meet.
    #[error("a threshold of {threshold} out of {keys} root keys makes no sense")]
    Threshold {
        /// The threshold.
        threshold: u32,
        /// The number of keys.
        keys: u32,
    },
    /// A key could not be made.
    #[error(transparent)]
    Key(#[from] RoleKeyError),
    /// A name in the metadata is impossible.
    #[error(transparent)]
    Name(#[from] NameError),
}

/// Makes all keys in two folders, and signs the first root and targets metadata.
pub fn ceremony(
    root_folder: &Path,
    online_folder: &Path,
    plan: &Plan<'_>,
) -> Result<Ceremony, CeremonyError> {
    let (threshold, keys) = (plan.root_threshold, plan.root_keys);
    if !(1..=keys).contains(&threshold) {
        return Err(CeremonyError::Threshold { threshold, keys });
    }
    let offline = OfflineKeys::create(root_folder, keys)?;
    let online = OnlineKeys::create(online_folder)?;
    let root = Unsigned::new(&first_root(&offline, &online, plan));
    let signatures: Vec<_> = offline.root.iter().map(|key| key.sign(&root)).collect();
    let targets = Unsigned::new(&first_targets(&online, plan)?);
    let targets = targets.sign(&[offline.targets.sign(&targets)]);
    Ok(Ceremony { root: root.sign(&signatures), targets })
}

fn first_root(offline: &OfflineKeys, online: &OnlineKeys, plan: &Plan<'_>) -> Root {
    let (snapshot, timestamp) = (&online.snapshot, &online.timestamp);
    let others = [&offline.targets, snapshot, timestamp];
    let keys = offline.root.iter().chain(others).map(RoleKey::public);
    let root = RoleKeys {
        keyids: offline.root.iter().map(|key| key.public().id()).collect(),
        threshold: plan.root_threshold.into(),
    };
    Root {
        version: MetaVersion::FIRST,
        expires: plan.now.plus(plan.lifetimes.root),
        consistent_snapshot: true,
        keys: keys.map(|key| (key.id(), key.clone())).collect(),
        roles: RootRoles {
            root,
            snapshot: one_key(snapshot.public()),
            targets: one_key(offline.targets.public()),
            timestamp: one_key(timestamp.public()),
        },
    }
}

fn first_targets(online: &OnlineKeys, plan: &Plan<'_>) -> Result<Targets, CeremonyError> {
    let length = u64::try_from(plan.record.len()).unwrap_or(u64::MAX);
    let record = TargetFile::new(length, Sha256Digest::of(plan.record));
    Ok(Targets {
        version: MetaVersion::FIRST,
        expires: plan.now.plus(plan.lifetimes.targets),
        role: None,
        registry: None,
        targets: [(TargetPath::parse(REGISTRY_TARGET)?, record)].into(),
        delegations: Some(delegations(online, plan.bins)?),
    })
}

/// `index` first, for exactly its files and no others; then the bins, which share every path.
fn delegations(online: &OnlineKeys, bins: BinCount) -> Result<Delegations, CeremonyError> {
    let (index, bin) = (online.index.public(), online.bins.public());
    let files = INDEX_FILES.iter().map(|file| PathPattern::parse(file));
    let paths = Paths::Patterns(files.collect::<Result<_, _>>()?);
    let mut roles = vec![DelegatedRole {
        name: RoleName::index(),
        keys: one_key(index),
        paths,
        terminating: true,
    }];
    roles.extend((0..bins.get()).map(|number| DelegatedRole {
        name: bins.name(number),
        keys: one_key(bin),
        paths: bins.paths(number),
        terminating: false,
    }));
    let keys = [(index.id(), index.clone()), (bin.id(), bin.clone())].into();
    Ok(Delegations { keys, roles })
}

fn one_key(key: &Key) -> RoleKeys {
    RoleKeys { keyids: [key.id()].into(), threshold: 1 }
}
