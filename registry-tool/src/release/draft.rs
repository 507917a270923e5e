//! Deciding what is signed anew, and signing it.

use std::collections::BTreeMap;

use index_schema::digest::Sha256Digest;
use index_schema::time::Timestamp;
use index_schema::tuf::{
    Hashes, MetaFile, MetaName, MetaVersion, OnlySnapshot, Role, RoleKeys, RoleName, Snapshot,
    SnapshotPointer, TargetFile, TargetPath, Targets, Unsigned,
};
use libral::tuf::TufError;

use super::content::Content;
use super::previous::Kept;
use super::public::{Offline, Staged, TIMESTAMP};
use super::{Lifetimes, Previous, ReleaseError, Released};
use crate::role_keys::{OnlineKeys, RoleKey};

/// What a release is made from, beside its content.
pub(super) struct Draft<'d> {
    pub(super) previous: Option<&'d Previous>,
    pub(super) keys: &'d OnlineKeys,
    pub(super) lifetimes: &'d Lifetimes,
    pub(super) now: Timestamp,
}

/// How one role signs: its key, and for how long.
struct Signer<'k> {
    key: &'k RoleKey,
    lifetime: i64,
}

/// What was released before for one role.
struct Before<'k, T> {
    /// The version that clients have seen.
    version: Option<MetaVersion>,
    /// The file, if what it says is still to be said.
    kept: Option<&'k Kept<T>>,
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
        let mut files = Vec::new();
        let mut meta = self.listed_before();
        let targets = offline.targets.body.version;
        meta.insert(MetaName::of(&RoleName::targets()), only_version(targets));
        for (name, targets) in content.roles {
            let made = self.delegated(offline, &name, targets)?;
            meta.insert(MetaName::of(&name), only_version(made.version));
            files.push((format!("metadata/{}.{}.json", made.version, name.stem()), made));
        }
        let snapshot = self.snapshot(offline, meta)?;
        let timestamp = self.timestamp(offline, &snapshot)?;
        let versions = (timestamp.version, snapshot.version);
        files.push((format!("metadata/{}.snapshot.json", snapshot.version), snapshot));
        files.push((TIMESTAMP.to_owned(), timestamp));
        let signed = files.iter().filter(|(_, made)| made.is_new).map(|(path, _)| path.clone());
        let released =
            Released { timestamp: versions.0, snapshot: versions.1, signed: signed.collect() };
        Ok((files.into_iter().map(|(path, made)| (path, made.bytes)).collect(), released))
    }

    /// Names once in a snapshot stay there: clients refuse a snapshot that loses one (5.5.5).
    fn listed_before(&self) -> BTreeMap<MetaName, MetaFile> {
        self.previous.map(|previous| previous.snapshot.body.meta.clone()).unwrap_or_default()
    }

    fn delegated(
        &self,
        offline: &Offline,
        name: &RoleName,
        targets: BTreeMap<TargetPath, TargetFile>,
    ) -> Result<Made, ReleaseError> {
        let is_index = *name == RoleName::index();
        let key = if is_index { &self.keys.index } else { &self.keys.bins };
        let role = offline.delegations.roles.iter().find(|role| role.name == *name);
        check_key(role.map(|role| &role.keys), key, name.as_str())?;
        let kept = self.previous.and_then(|previous| previous.roles.get(name));
        let listed = self.listed_before().get(&MetaName::of(name)).map(|file| file.version);
        let same = |before: &Targets| before.targets == targets && before.delegations.is_none();
        let before = Before { version: listed, kept: kept.filter(|kept| same(&kept.body)) };
        let signer = Signer { key, lifetime: self.lifetimes.delegated };
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
        let signer = Signer { key: &self.keys.snapshot, lifetime: self.lifetimes.snapshot };
        check_key(Some(&offline.root.metadata().roles.snapshot), signer.key, "snapshot")?;
        let known = self.previous.map(|previous| &previous.snapshot);
        let same = |kept: &&Kept<Snapshot>| kept.body.meta == meta;
        let before =
            Before { version: known.map(|kept| kept.body.version), kept: known.filter(same) };
        self.settle(before, &signer, |version, expires| {
            let meta = meta.clone();
            Snapshot { version, expires, meta }
        })
    }

    fn timestamp(&self, offline: &Offline, snapshot: &Made) -> Result<Made, ReleaseError> {
        let signer = Signer { key: &self.keys.timestamp, lifetime: self.lifetimes.timestamp };
        check_key(Some(&offline.root.metadata().roles.timestamp), signer.key, "timestamp")?;
        let snapshot = MetaFile {
            version: snapshot.version,
            length: u64::try_from(snapshot.bytes.len()).ok(),
            hashes: Some(Hashes::sha256(Sha256Digest::of(&snapshot.bytes))),
        };
        let known = self.previous.map(|previous| &previous.timestamp);
        let same = |kept: &&Kept<SnapshotPointer>| *kept.body.snapshot() == snapshot;
        let before =
            Before { version: known.map(|kept| kept.body.version), kept: known.filter(same) };
        self.settle(before, &signer, |version, expires| {
            let meta = OnlySnapshot { snapshot: snapshot.clone() };
            SnapshotPointer { version, expires, meta }
        })
    }

    /// Keeps the file that says the same, if its key is the same and half of its life lies before
    /// it; else signs the next version.
    fn settle<T: Role>(
        &self,
        before: Before<'_, T>,
        signer: &Signer<'_>,
        body: impl FnOnce(MetaVersion, Timestamp) -> T,
    ) -> Result<Made, ReleaseError> {
        let half = self.now.plus(signer.lifetime / 2);
        let key = signer.key.public().id();
        let good = |kept: &&Kept<T>| kept.keyids == [key] && kept.body.expires() > half;
        if let Some(kept) = before.kept.filter(good) {
            let (version, bytes) = (kept.body.version(), kept.bytes.clone());
            return Ok(Made { version, bytes, is_new: false });
        }
        let version = match before.version {
            None => MetaVersion::FIRST,
            Some(version) => version.next().ok_or(TufError::LastVersion(version))?,
        };
        let unsigned = Unsigned::new(&body(version, self.now.plus(signer.lifetime)));
        let bytes = unsigned.sign(&[signer.key.sign(&unsigned)]);
        Ok(Made { version, bytes, is_new: true })
    }
}

const fn only_version(version: MetaVersion) -> MetaFile {
    MetaFile { version, length: None, hashes: None }
}

/// Refuses a key that clients would not take: better here than on every machine.
fn check_key(role: Option<&RoleKeys>, key: &RoleKey, name: &str) -> Result<(), ReleaseError> {
    if role.is_some_and(|role| role.keyids.contains(&key.public().id())) {
        return Ok(());
    }
    Err(ReleaseError::Key(name.to_owned()))
}
