//! The key ceremony: the keys of every role, and the first metadata that are signed offline.
//!
//! Keys may be made here, or elsewhere: then only their public halves come here, the metadata leave
//! as drafts, and no machine ever holds all the keys.

use std::collections::BTreeMap;
use std::path::Path;

use index_schema::time::Timestamp;
use index_schema::tuf::{BinCount, Key, RoleKeys, Root, RootRoles, Targets, Unsigned};

use super::draft::{DraftError, delegations, one_key, root_of, targets_of};
use super::{Lifetimes, Trust};
use crate::role_keys::{RoleKey, RoleKeyError};

/// What a ceremony decides.
#[derive(Debug, Clone, Copy)]
pub struct Plan<'p> {
    /// Among how many bins plugins are spread. It stays until other targets metadata.
    pub bins: BinCount,
    /// How many root keys are made here.
    pub root_keys: u32,
    /// How many root keys have to sign.
    pub root_threshold: u32,
    /// The keys that were made elsewhere.
    pub elsewhere: &'p Elsewhere,
    /// For how long metadata are trusted.
    pub lifetimes: Lifetimes,
    /// When this happens.
    pub now: Timestamp,
}

/// Public keys whose secret halves others keep.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Elsewhere {
    /// Root keys, beside those that are made here.
    pub root: Vec<Key>,
    /// The key of `targets`; else it is made here.
    pub targets: Option<Key>,
    /// The keys of the online roles; else they are made here.
    pub online: Option<Online<Key>>,
}

/// Something for each online role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Online<K> {
    /// For the fixed files.
    pub index: K,
    /// For all bins.
    pub bins: K,
    /// For the snapshot.
    pub snapshot: K,
    /// For the timestamp.
    pub timestamp: K,
}

/// What a ceremony makes beside the keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ceremony {
    /// The bytes of `trust/root/1.root.json`.
    pub root: Vec<u8>,
    /// The bytes of `trust/targets/1.targets.json`.
    pub targets: Vec<u8>,
    /// Whether both have all the signatures that they need.
    pub is_signed: bool,
}

/// Why there was no ceremony.
#[derive(Debug, thiserror::Error)]
pub enum CeremonyError {
    /// There is a root already.
    #[error("the index has a first root already")]
    Held,
    /// A key could not be made.
    #[error(transparent)]
    Key(#[from] RoleKeyError),
    /// The metadata would make no sense.
    #[error(transparent)]
    Draft(#[from] DraftError),
}

/// Makes the keys that were not made elsewhere in two folders, and the first root and targets
/// metadata, signed with the keys that are here.
pub fn ceremony(
    trust: &Trust,
    (root_folder, online_folder): (&Path, &Path),
    plan: &Plan<'_>,
) -> Result<Ceremony, CeremonyError> {
    if !trust.roots.is_empty() {
        return Err(CeremonyError::Held);
    }
    // What makes no sense is said before any key is made.
    check_threshold(plan)?;
    let made =
        (1..=plan.root_keys).map(|n| RoleKey::create(&root_folder.join(format!("root-{n}.pem"))));
    let made: Vec<RoleKey> = made.collect::<Result<_, _>>()?;
    let targets_key = match plan.elsewhere.targets {
        Some(_) => None,
        None => Some(RoleKey::create(&root_folder.join("targets.pem"))?),
    };
    let online = match &plan.elsewhere.online {
        Some(online) => online.clone(),
        None => make_online(online_folder)?,
    };
    let root_keys: Vec<Key> =
        made.iter().map(RoleKey::public).chain(&plan.elsewhere.root).cloned().collect();
    let targets_public =
        targets_key.as_ref().map(RoleKey::public).or(plan.elsewhere.targets.as_ref());
    let targets_public = targets_public.ok_or(DraftError::Nothing("targets"))?;
    let root = Unsigned::new(&first_root(&root_keys, targets_public, &online, plan)?);
    let targets = Unsigned::new(&first_targets(trust, &online, plan)?);
    let by_root: Vec<_> = made.iter().map(|key| key.sign(&root)).collect();
    let by_targets: Vec<_> = targets_key.iter().map(|key| key.sign(&targets)).collect();
    let enough = usize::try_from(plan.root_threshold).is_ok_and(|needed| by_root.len() >= needed);
    Ok(Ceremony {
        is_signed: enough && !by_targets.is_empty(),
        root: root.sign(&by_root),
        targets: targets.sign(&by_targets),
    })
}

fn check_threshold(plan: &Plan<'_>) -> Result<(), DraftError> {
    let here = usize::try_from(plan.root_keys).unwrap_or(usize::MAX);
    let keys = here.saturating_add(plan.elsewhere.root.len());
    let threshold = plan.root_threshold;
    if usize::try_from(threshold).is_ok_and(|threshold| (1..=keys).contains(&threshold)) {
        return Ok(());
    }
    Err(DraftError::Threshold { role: "root", threshold: threshold.into(), keys })
}

fn make_online(folder: &Path) -> Result<Online<Key>, RoleKeyError> {
    let key = |name: &str| RoleKey::create(&folder.join(name)).map(|key| key.public().clone());
    Ok(Online {
        index: key("index.pem")?,
        bins: key("bins.pem")?,
        snapshot: key("snapshot.pem")?,
        timestamp: key("timestamp.pem")?,
    })
}

fn first_root(
    root_keys: &[Key],
    targets: &Key,
    online: &Online<Key>,
    plan: &Plan<'_>,
) -> Result<Root, DraftError> {
    let all = root_keys.iter().chain([targets, &online.snapshot, &online.timestamp]);
    let all: BTreeMap<_, _> = all.map(|key| (key.id(), key.clone())).collect();
    let roles = RootRoles {
        root: RoleKeys {
            keyids: root_keys.iter().map(Key::id).collect(),
            threshold: plan.root_threshold.into(),
        },
        snapshot: one_key(&online.snapshot),
        targets: one_key(targets),
        timestamp: one_key(&online.timestamp),
    };
    Ok(Root { expires: plan.now.plus(plan.lifetimes.root), ..root_of(all, roles)? })
}

fn first_targets(
    trust: &Trust,
    online: &Online<Key>,
    plan: &Plan<'_>,
) -> Result<Targets, DraftError> {
    let delegations = delegations(&online.index, &online.bins, plan.bins)?;
    let expires = plan.now.plus(plan.lifetimes.targets);
    Ok(Targets { expires, ..targets_of(trust, delegations)? })
}
