//! Drafts: the next root and the next targets metadata, without signatures.

use std::collections::BTreeMap;

use index_schema::digest::Sha256Digest;
use index_schema::layout::REGISTRY_TARGET;
use index_schema::text::is_forbidden;
use index_schema::time::Timestamp;
use index_schema::tuf::{
    BinCount, DelegatedRole, Delegations, INDEX_FILES, Key, KeyId, MetaVersion, NameError,
    PathPattern, Paths, RegistryLink, RoleKeys, RoleName, Root, RootRoles, TargetFile, TargetPath,
    Targets, Unsigned,
};
use libral::tuf::TufError;

use super::document::bin_count;
use super::{Lifetimes, Trust};

/// Why nothing was drafted.
#[derive(Debug, thiserror::Error)]
pub enum DraftError {
    /// There is nothing that could be followed.
    #[error("the index has no {0} metadata yet")]
    Nothing(&'static str),
    /// The time of a record is when Git accepted it.
    #[error(
        "the newest registry record is not committed yet, so nobody knows when it was accepted"
    )]
    RecordWaits,
    /// A record that is no text.
    #[error("the registry record is not plain text")]
    NotText,
    /// A key to be taken away is not there.
    #[error("{0} is not a root key")]
    NotThere(KeyId),
    /// A key to be added is there.
    #[error("{0} is a root key already")]
    ThereAlready(KeyId),
    /// A threshold that no set of keys meets, or that nothing has to meet.
    #[error("a threshold of {threshold} out of {keys} keys of `{role}` makes no sense")]
    Threshold {
        /// The role.
        role: &'static str,
        /// The threshold.
        threshold: u64,
        /// The number of keys.
        keys: usize,
    },
    /// No version follows the last one.
    #[error("no version follows the one that is there")]
    LastVersion,
    /// A version that is taken.
    #[error("version {wanted} is taken: {newest} is there")]
    Taken {
        /// The version asked for.
        wanted: u64,
        /// The newest one.
        newest: u64,
    },
    /// The delegations are not those of a registry.
    #[error("the targets metadata do not delegate to `index` and to bins")]
    Delegations,
    /// What counts cannot be read.
    #[error(transparent)]
    Metadata(#[from] TufError),
    /// A name in the metadata is impossible.
    #[error(transparent)]
    Name(#[from] NameError),
}

impl DraftError {
    /// Returns what to do about it.
    pub const fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Nothing(_) => Some("`registry-tool key ceremony` makes the first ones"),
            Self::RecordWaits => Some("commit the record first, then make targets metadata for it"),
            Self::NotThere(_) => Some("`registry-tool trust show` lists the keys"),
            Self::NotText
            | Self::ThereAlready(_)
            | Self::Threshold { .. }
            | Self::LastVersion
            | Self::Taken { .. }
            | Self::Delegations
            | Self::Metadata(_)
            | Self::Name(_) => None,
        }
    }
}

/// What is to be different in the next root; the expiry always is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RootChanges {
    /// Root keys to add.
    pub add: Vec<Key>,
    /// Root keys to take away.
    pub remove: Vec<KeyId>,
    /// How many root keys have to sign.
    pub threshold: Option<u64>,
    /// The keys of `targets`, instead of those that are there.
    pub targets: Vec<Key>,
    /// The keys of `snapshot`, instead of those that are there.
    pub snapshot: Vec<Key>,
    /// The keys of `timestamp`, instead of those that are there.
    pub timestamp: Vec<Key>,
}

/// What is to be different in the next targets metadata; the expiry always is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TargetsChanges {
    /// Among how many bins plugins are spread.
    pub bins: Option<BinCount>,
    /// The key of `index`, instead of the one that is there.
    pub index_key: Option<Key>,
    /// The key of the bins, instead of the one that is there.
    pub bins_key: Option<Key>,
    /// The version, where those in between were published by a thief.
    pub version: Option<u64>,
}

/// Drafts the root that follows the newest one.
pub fn next_root(
    trust: &Trust,
    changes: &RootChanges,
    (lifetimes, now): (&Lifetimes, Timestamp),
) -> Result<Root, DraftError> {
    let newest = trust.root()?.ok_or(DraftError::Nothing("root"))?;
    let before = newest.metadata();
    let mut known = before.keys.clone();
    let mut root = before.roles.root.clone();
    for id in &changes.remove {
        if !root.keyids.remove(id) {
            return Err(DraftError::NotThere(*id));
        }
    }
    for key in &changes.add {
        if !root.keyids.insert(key.id()) {
            return Err(DraftError::ThereAlready(key.id()));
        }
        known.insert(key.id(), key.clone());
    }
    root.threshold = changes.threshold.unwrap_or(root.threshold);
    let mut replaced = |keys: &[Key], before: &RoleKeys| {
        known.extend(keys.iter().map(|key| (key.id(), key.clone())));
        let keyids = keys.iter().map(Key::id).collect();
        if keys.is_empty() { before.clone() } else { RoleKeys { keyids, threshold: 1 } }
    };
    let roles = RootRoles {
        snapshot: replaced(&changes.snapshot, &before.roles.snapshot),
        targets: replaced(&changes.targets, &before.roles.targets),
        timestamp: replaced(&changes.timestamp, &before.roles.timestamp),
        root,
    };
    Ok(Root {
        version: before.version.next().ok_or(DraftError::LastVersion)?,
        expires: now.plus(lifetimes.root),
        ..root_of(known, roles)?
    })
}

/// Makes the first version of a root with these roles, and the keys that they name.
pub(super) fn root_of(
    mut keys: BTreeMap<KeyId, Key>,
    roles: RootRoles,
) -> Result<Root, DraftError> {
    let all = [&roles.root, &roles.targets, &roles.snapshot, &roles.timestamp];
    for (role, name) in all.into_iter().zip(["root", "targets", "snapshot", "timestamp"]) {
        check_threshold(name, role)?;
    }
    keys.retain(|id, _| all.iter().any(|role| role.keyids.contains(id)));
    Ok(Root {
        version: MetaVersion::FIRST,
        expires: Timestamp::EPOCH,
        consistent_snapshot: true,
        keys,
        roles,
    })
}

fn check_threshold(name: &'static str, role: &RoleKeys) -> Result<(), DraftError> {
    let keys = role.keyids.len();
    let makes_sense = usize::try_from(role.threshold).is_ok_and(|t| (1..=keys).contains(&t));
    if makes_sense {
        return Ok(());
    }
    Err(DraftError::Threshold { role: name, threshold: role.threshold, keys })
}

/// Drafts the targets metadata that follow the newest ones.
pub fn next_targets(
    trust: &Trust,
    changes: TargetsChanges,
    (lifetimes, now): (&Lifetimes, Timestamp),
) -> Result<Targets, DraftError> {
    let newest = trust.newest_targets()?.ok_or(DraftError::Nothing("targets"))?;
    let before = newest.body.delegations.ok_or(DraftError::Delegations)?;
    let bins = changes.bins.or_else(|| bin_count(&before)).ok_or(DraftError::Delegations)?;
    let key = |role: Option<&DelegatedRole>| {
        let id = role?.keys.keyids.first()?;
        before.keys.get(id).cloned()
    };
    let index_key = changes.index_key.or_else(|| key(before.roles.first()));
    let bins_key = changes.bins_key.or_else(|| key(before.roles.get(1)));
    let (Some(index_key), Some(bins_key)) = (index_key, bins_key) else {
        return Err(DraftError::Delegations);
    };
    let wanted = changes.version.unwrap_or(trust.taken + 1);
    if wanted <= trust.taken {
        return Err(DraftError::Taken { wanted, newest: trust.taken });
    }
    let version = MetaVersion::new(wanted).ok_or(DraftError::LastVersion)?;
    let expires = now.plus(lifetimes.targets);
    let delegations = delegations(&index_key, &bins_key, bins)?;
    Ok(Targets { version, expires, ..targets_of(trust, delegations)? })
}

/// Makes the first version of targets metadata with these delegations.
pub(super) fn targets_of(trust: &Trust, delegations: Delegations) -> Result<Targets, DraftError> {
    if trust.record_waits {
        return Err(DraftError::RecordWaits);
    }
    let mut text = trust.registry.iter().flat_map(|link| link.statement.chars());
    if text.any(|c| is_forbidden(c) && !matches!(c, '\n' | '\t')) {
        return Err(DraftError::NotText);
    }
    Ok(Targets {
        version: MetaVersion::FIRST,
        expires: Timestamp::EPOCH,
        role: None,
        targets: [record(&trust.registry)?].into(),
        registry: Some(trust.registry.clone()),
        delegations: Some(delegations),
    })
}

/// The one target of the top-level role is the newest record.
fn record(registry: &[RegistryLink]) -> Result<(TargetPath, TargetFile), DraftError> {
    let newest = registry.last().ok_or(DraftError::NotText)?;
    let bytes = newest.statement.as_bytes();
    let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    let file = TargetFile::new(length, Sha256Digest::of(bytes));
    Ok((TargetPath::parse(REGISTRY_TARGET)?, file))
}

/// `index` first, for exactly its files and no others; then the bins, which share every path.
pub(super) fn delegations(
    index: &Key,
    bin: &Key,
    bins: BinCount,
) -> Result<Delegations, DraftError> {
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

pub(super) fn one_key(key: &Key) -> RoleKeys {
    RoleKeys { keyids: [key.id()].into(), threshold: 1 }
}

/// Writes a draft as a file without signatures.
pub fn file(unsigned: &Unsigned) -> Vec<u8> {
    unsigned.sign(&[])
}
