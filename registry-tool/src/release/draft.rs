//! Deciding what is signed anew, and signing it.
//!
//! Versions follow those of the state before, and never fall: clients refuse what does. Bins keep a
//! common [`Pace`]. Only a recovery may start again below, for a file that a thief has counted up:
//! then the root names other keys, clients forget the versions that they have seen (TUF 5.3.11),
//! and the new version is a number that is not in use, so that no file ever changes under its name.

use std::collections::BTreeMap;
use std::path::Path;

use index_schema::digest::Sha256Digest;
use index_schema::limits;
use index_schema::time::Timestamp;
use index_schema::tuf::{
    BinCount, Hashes, Key, KeyId, MetaFile, MetaName, MetaVersion, OnlySnapshot, Role, RoleKeys,
    RoleName, Snapshot, SnapshotPointer, TargetFile, TargetPath, Targets, Unsigned,
};
use libral::tuf::Signed;

use super::content::Content;
use super::pace::Pace;
use super::previous::{Kept, is_signed_by};
use super::public::{Offline, Staged, TIMESTAMP};
use super::threads::each;
use super::{Previous, ReleaseError, Released};
use crate::role_keys::Keys;
use crate::trust::Lifetimes;

/// No honest count comes here: one release a second would take 30,000 years.
pub(super) const COUNTED_UP: u64 = 1 << 40;
/// How many names are tried for a file after a theft.
const TRIES: u64 = 1000;

/// What a release is made from, beside its content.
pub(super) struct Draft<'d> {
    pub(super) folder: &'d Path,
    pub(super) previous: Option<&'d Previous<'d>>,
    pub(super) is_recovery: bool,
    pub(super) keys: &'d Keys,
    pub(super) lifetimes: &'d Lifetimes,
    pub(super) now: Timestamp,
}

/// Who signs a role's file, where it lies, and for how long.
struct Signer<'k> {
    stem: String,
    known: &'k BTreeMap<KeyId, Key>,
    role: &'k RoleKeys,
    lifetime: i64,
    pace: Pace,
}

/// What was released before for one role.
struct Before<'k, T> {
    /// The version that clients have seen.
    version: Option<MetaVersion>,
    /// The file, if what it says is still to be said, and its keys are who signed it.
    kept: Option<(&'k T, &'k [u8])>,
}

impl<'k, T: Role> Before<'k, T> {
    /// Looks at a file of a top-level role.
    fn of(known: Option<&'k Kept<T>>, signer: &Signer<'_>, same: impl Fn(&T) -> bool) -> Self {
        let is_kept = |file: &&Kept<T>| {
            same(&file.envelope.body) && is_signed_by(&file.envelope, signer.known, signer.role)
        };
        Self {
            version: known.map(|file| file.envelope.body.version()),
            kept: known.filter(is_kept).map(|file| (&file.envelope.body, file.bytes.as_slice())),
        }
    }
}

/// A metadata file of the new state.
struct Made {
    version: MetaVersion,
    bytes: Vec<u8>,
    is_new: bool,
}

impl Draft<'_> {
    /// Makes every file that is published with the offline metadata and the targets.
    pub(super) fn make(
        &self,
        offline: &Offline,
        content: Content,
    ) -> Result<(Staged, Released), ReleaseError> {
        let listed = self.listed_before()?;
        let roles: Vec<_> = content.roles.into_iter().collect();
        let pace = pace_of(roles.iter().map(|(name, _)| name), &listed);
        let before = (&listed, pace);
        let made = each(&roles, |(name, targets)| self.delegated(offline, before, name, targets))?;
        let mut files = Vec::new();
        let mut meta = listed;
        let targets = &offline.targets.body;
        meta.insert(MetaName::of(&RoleName::targets()), only_version(targets.version));
        for ((name, _), made) in roles.iter().zip(made) {
            meta.insert(MetaName::of(name), only_version(made.version));
            files.push((place(&name.stem(), made.version), made));
        }
        let snapshot = self.snapshot(offline, meta)?;
        let timestamp = self.timestamp(offline, &snapshot)?;
        let versions = (timestamp.version, snapshot.version);
        files.push((place("snapshot", snapshot.version), snapshot));
        files.push((TIMESTAMP.to_owned(), timestamp));
        let signed = files.iter().filter(|(_, made)| made.is_new).map(|(path, _)| path.clone());
        let released = Released {
            timestamp: versions.0,
            snapshot: versions.1,
            signed: signed.collect(),
            root_expires: offline.root.metadata().expires,
            targets_expires: targets.expires,
        };
        Ok((files.into_iter().map(|(path, made)| (path, made.bytes)).collect(), released))
    }

    /// Names once in a snapshot stay there: clients refuse a snapshot that loses one (5.5.5).
    ///
    /// After a theft they forget the snapshot: then the names of roles stay that a registry can
    /// have, so that no version is used again should they come back.
    fn listed_before(&self) -> Result<BTreeMap<MetaName, MetaFile>, ReleaseError> {
        let Some(previous) = self.previous else { return Ok(BTreeMap::new()) };
        let mut meta = previous.snapshot.envelope.body.meta.clone();
        if self.is_recovery {
            meta.retain(|name, _| is_of_a_registry(name));
            for file in meta.values_mut().filter(|file| file.version.get() > COUNTED_UP) {
                *file = only_version(self.restart("snapshot")?);
            }
        }
        Ok(meta)
    }

    fn delegated(
        &self,
        offline: &Offline,
        (listed, pace): (&BTreeMap<MetaName, MetaFile>, Pace),
        name: &RoleName,
        targets: &BTreeMap<TargetPath, TargetFile>,
    ) -> Result<Made, ReleaseError> {
        let role = offline.delegations.roles.iter().find(|role| role.name == *name);
        let role = role.ok_or(ReleaseError::Delegations)?;
        let version = listed.get(&MetaName::of(name)).map(|file| file.version);
        let same = |before: &Targets| before.targets == *targets && before.delegations.is_none();
        // A file whose version was counted up is not the one that is listed now.
        let same = |before: &Targets| same(before) && Some(before.version) == version;
        let known = &offline.delegations.keys;
        let is_signed = |file: &Signed| {
            let was_checked = file.is_under(&offline.delegations, role);
            was_checked && file.has_good_signatures_only()
                || is_signed_by(file.envelope(), known, &role.keys)
        };
        let kept = self.previous.and_then(|previous| previous.roles.get(name));
        let kept = kept.filter(|file| same(file.targets()) && is_signed(file));
        let before = Before { version, kept: kept.map(|file| (file.targets(), file.bytes())) };
        let (stem, lifetime) = (name.stem(), self.lifetimes.delegated);
        let pace = if is_bin(name) { pace } else { Pace::NONE };
        let signer = Signer { stem, known, role: &role.keys, lifetime, pace };
        self.settle(before, &signer, |version, expires| Targets {
            version,
            expires,
            role: Some(name.clone()),
            registry: None,
            targets: targets.clone(),
            delegations: None,
        })
    }

    fn snapshot(
        &self,
        offline: &Offline,
        meta: BTreeMap<MetaName, MetaFile>,
    ) -> Result<Made, ReleaseError> {
        let root = offline.root.metadata();
        let signer = Signer {
            stem: "snapshot".to_owned(),
            known: &root.keys,
            role: &root.roles.snapshot,
            lifetime: self.lifetimes.snapshot,
            pace: Pace::NONE,
        };
        let known = self.previous.map(|previous| &previous.snapshot);
        let before = Before::of(known, &signer, |known| known.meta == meta);
        self.settle(before, &signer, |version, expires| {
            let meta = meta.clone();
            Snapshot { version, expires, meta }
        })
    }

    fn timestamp(&self, offline: &Offline, snapshot: &Made) -> Result<Made, ReleaseError> {
        let root = offline.root.metadata();
        let signer = Signer {
            stem: "timestamp".to_owned(),
            known: &root.keys,
            role: &root.roles.timestamp,
            lifetime: self.lifetimes.timestamp,
            pace: Pace::NONE,
        };
        let snapshot = MetaFile {
            version: snapshot.version,
            length: u64::try_from(snapshot.bytes.len()).ok(),
            hashes: Some(Hashes::sha256(Sha256Digest::of(&snapshot.bytes))),
        };
        let known = self.previous.map(|previous| &previous.timestamp);
        let before = Before::of(known, &signer, |known| *known.snapshot() == snapshot);
        self.settle(before, &signer, |version, expires| {
            let meta = OnlySnapshot { snapshot: snapshot.clone() };
            SnapshotPointer { version, expires, meta }
        })
    }

    /// Keeps the file that says the same, if half of its life lies before it; else signs the next
    /// version.
    fn settle<T: Role>(
        &self,
        before: Before<'_, T>,
        signer: &Signer<'_>,
        body: impl FnOnce(MetaVersion, Timestamp) -> T,
    ) -> Result<Made, ReleaseError> {
        let half = self.now.plus(signer.lifetime / 2);
        if let Some((body, bytes)) = before.kept.filter(|(body, _)| body.expires() > half) {
            let (version, bytes) = (body.version(), bytes.to_vec());
            return Ok(Made { version, bytes, is_new: false });
        }
        // Better here than on every machine that updates.
        let here = self.keys.count(signer.role);
        let needed = signer.role.threshold;
        if u64::try_from(here).unwrap_or(u64::MAX) < needed {
            return Err(ReleaseError::Key { role: signer.stem.clone(), needed, here });
        }
        let version = self.following(before.version, signer)?;
        let unsigned = Unsigned::new(&body(version, self.now.plus(signer.lifetime)));
        let signatures =
            self.keys.sign(unsigned.canonical(), |id| signer.role.keyids.contains(id))?;
        Ok(Made { version, bytes: unsigned.sign(&signatures), is_new: true })
    }

    fn following(
        &self,
        before: Option<MetaVersion>,
        signer: &Signer<'_>,
    ) -> Result<MetaVersion, ReleaseError> {
        let stem = signer.stem.as_str();
        let exhausted = || ReleaseError::Exhausted(stem.to_owned());
        let Some(before) = before else { return Ok(MetaVersion::FIRST) };
        if !self.is_recovery {
            return signer.pace.after(before).ok_or_else(exhausted);
        }
        let is_counted_up = before.get() > COUNTED_UP;
        let next =
            if is_counted_up { self.restart(stem) } else { before.next().ok_or_else(exhausted) };
        self.unused(next?, stem)
    }

    /// Returns where versions start again: above every honest count, and each time higher.
    fn restart(&self, stem: &str) -> Result<MetaVersion, ReleaseError> {
        let seconds = u64::try_from(self.now.seconds()).ok().and_then(MetaVersion::new);
        seconds.ok_or_else(|| ReleaseError::Exhausted(stem.to_owned()))
    }

    /// Returns the first version, from this one on, under which a thief has published nothing.
    fn unused(&self, first: MetaVersion, stem: &str) -> Result<MetaVersion, ReleaseError> {
        for number in first.get()..first.get().saturating_add(TRIES) {
            let Some(version) = MetaVersion::new(number) else { break };
            let path = place(stem, version);
            let published = match self.previous {
                Some(previous) => previous.source.get(&path, limits::TUF)?,
                None => None,
            };
            if published.is_none() && !self.folder.join(&path).exists() {
                return Ok(version);
            }
        }
        Err(ReleaseError::Exhausted(stem.to_owned()))
    }
}

fn place(stem: &str, version: MetaVersion) -> String {
    format!("metadata/{version}.{stem}.json")
}

fn is_bin(name: &RoleName) -> bool {
    BinCount::of_name(name).is_some()
}

/// Returns the pace of the bins among `roles`; those of another count, which may be listed still,
/// stand where they stopped.
fn pace_of<'r>(
    roles: impl Iterator<Item = &'r RoleName>,
    listed: &BTreeMap<MetaName, MetaFile>,
) -> Pace {
    let bins = roles.filter(|name| is_bin(name));
    Pace::of(bins.filter_map(|name| listed.get(&MetaName::of(name))).map(|file| file.version))
}

/// Tells whether a registry has a file of this name with some count of bins.
fn is_of_a_registry(name: &MetaName) -> bool {
    let Ok(role) = RoleName::parse(name.role()) else { return false };
    let is_bin = |count: BinCount| count.names().any(|bin| bin == role);
    role == RoleName::index() || BinCount::of_name(&role).is_some_and(is_bin)
}

const fn only_version(version: MetaVersion) -> MetaFile {
    MetaFile { version, length: None, hashes: None }
}
