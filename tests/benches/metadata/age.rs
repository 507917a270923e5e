//! Metadata as they look after many releases.
//!
//! What they say stays; they are signed again, with other versions. To make the releases would take
//! hours, and they would leave the same: versions follow from [`Pace`] alone.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use index_schema::digest::Sha256Digest;
use index_schema::limits;
use index_schema::tuf::{
    BinCount, Envelope, Hashes, KeyId, MetaName, MetaVersion, Role, RoleName, Snapshot,
    SnapshotPointer, TargetPath, Targets, Unsigned,
};
use libral::file::read_file;
use registry_tool::output::write_if_changed;
use registry_tool::release::Pace;
use registry_tool::role_keys::Keys;

use super::{CHANGED, RELEASES};

/// Metadata, all of version 1, and the keys that signed them.
struct Young {
    folder: PathBuf,
    keys: Keys,
}

/// Lets a registry in `folder`, which was released once, be released so often.
pub(super) fn age(folder: &Path, bins: BinCount) {
    let keys = Keys::load(&folder.join("online")).unwrap();
    let young = Young { folder: folder.join("public/metadata"), keys };
    let now = MetaVersion::new(RELEASES).unwrap();
    let mut roles: Vec<(RoleName, MetaVersion)> = bins.names().zip(versions(bins)).collect();
    roles.push((RoleName::index(), now));
    for (name, version) in &roles {
        young.sign(&name.stem(), *version, |role: &mut Targets| role.version = *version);
    }
    let bytes = young.sign("snapshot", now, |snapshot: &mut Snapshot| {
        for (name, version) in &roles {
            snapshot.meta.get_mut(&MetaName::of(name)).unwrap().version = *version;
        }
        snapshot.version = now;
    });
    young.sign("timestamp", now, |timestamp: &mut SnapshotPointer| {
        let snapshot = &mut timestamp.meta.snapshot;
        snapshot.length = u64::try_from(bytes.len()).ok();
        snapshot.hashes = Some(Hashes::sha256(Sha256Digest::of(&bytes)));
        (snapshot.version, timestamp.version) = (now, now);
    });
}

impl Young {
    /// Writes a file under another version, changed and signed by the keys that signed it.
    fn sign<T: Role>(
        &self,
        stem: &str,
        version: MetaVersion,
        change: impl FnOnce(&mut T),
    ) -> Vec<u8> {
        let place = |version: MetaVersion| match stem {
            "timestamp" => self.folder.join("timestamp.json"),
            _ => self.folder.join(format!("{version}.{stem}.json")),
        };
        let bytes = read_file(&place(MetaVersion::FIRST), limits::TUF).unwrap();
        let mut envelope = Envelope::<T>::read(&bytes, limits::TUF).unwrap();
        change(&mut envelope.body);
        let unsigned = Unsigned::new(&envelope.body);
        let signed = |id: &KeyId| envelope.signatures.iter().any(|each| each.keyid == *id);
        let bytes = unsigned.sign(&self.keys.sign(unsigned.canonical(), signed).unwrap());
        write_if_changed(&place(version), &bytes).unwrap();
        bytes
    }
}

/// Returns the versions of bins that were signed once and then whenever a plugin in them changed.
fn versions(bins: BinCount) -> Vec<MetaVersion> {
    let names: Vec<RoleName> = bins.names().collect();
    let mut versions = vec![MetaVersion::FIRST; names.len()];
    for release in 1..RELEASES {
        let changed: BTreeSet<RoleName> = (0..CHANGED)
            .map(|plugin| TargetPath::parse(&format!("{release}/{plugin}")).unwrap())
            .map(|path| bins.bin_of(&path))
            .collect();
        let pace = Pace::of(versions.iter().copied());
        for (_, version) in names.iter().zip(&mut versions).filter(|(it, _)| changed.contains(*it))
        {
            *version = pace.after(*version).unwrap();
        }
    }
    versions
}
