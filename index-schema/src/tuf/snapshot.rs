//! The snapshot role: which versions belong together (section 4.4).

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

use super::role::header;
use super::{MetaFile, MetaName, MetaVersion, Role, RoleName};
use crate::json::{Fields, FromJson, Node, Reading};
use crate::time::Timestamp;

/// The `signed` part of `snapshot.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Snapshot {
    /// The version.
    pub version: MetaVersion,
    /// When it ceases to be trusted.
    pub expires: Timestamp,
    /// The current version of each role that signs targets.
    #[serde(serialize_with = "by_version")]
    pub meta: BTreeMap<MetaName, MetaFile>,
}

impl Snapshot {
    /// Returns what is said of `role`.
    pub fn of(&self, role: &RoleName) -> Option<&MetaFile> {
        self.meta.get(&MetaName::of(role))
    }
}

/// Writes the lowest version first, and files of one version in the order of their names read from
/// the end: `bin-1024-3ff` after `bin-1024-2ff`.
///
/// Readers do not care for the order of members. `gzip` does: neighbours differ in fewer
/// places, which makes a file of a thousand bins a quarter smaller on its way.
fn by_version<S: Serializer>(
    meta: &BTreeMap<MetaName, MetaFile>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut files: Vec<(&MetaName, &MetaFile)> = meta.iter().collect();
    files.sort_by(|(a, in_a), (b, in_b)| {
        let names = || a.as_str().bytes().rev().cmp(b.as_str().bytes().rev());
        in_a.version.cmp(&in_b.version).then_with(names)
    });
    serializer.collect_map(files)
}

impl Role for Snapshot {
    const TYPE: &'static str = "snapshot";

    fn version(&self) -> MetaVersion {
        self.version
    }

    fn expires(&self) -> Timestamp {
        self.expires
    }
}

impl FromJson for Snapshot {
    fn from_json(node: &Node, reading: &mut Reading) -> Option<Self> {
        let mut fields = Fields::open(node, reading)?;
        let header = header(&mut fields, Self::TYPE);
        let meta = fields.required("meta");
        fields.finish();
        let header = header?;
        Some(Self { version: header.version, expires: header.expires, meta: meta? })
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Envelope, Unsigned};
    use super::*;

    #[test]
    fn files_of_one_version_stand_side_by_side() {
        let file = |(name, version)| {
            let version = MetaVersion::new(version).unwrap();
            (MetaName::parse(name).unwrap(), MetaFile { version, length: None, hashes: None })
        };
        let listed = [
            ("bin-32-00.json", 10),
            ("bin-32-01.json", 9),
            ("bin-32-10.json", 10),
            ("bin-32-11.json", 10),
            ("targets.json", 1),
        ];
        let snapshot = Snapshot {
            version: MetaVersion::FIRST,
            expires: Timestamp::parse("2027-01-01T00:00:00Z").unwrap(),
            meta: listed.into_iter().map(file).collect(),
        };
        let unsigned = Unsigned::new(&snapshot);
        let text = String::from_utf8(unsigned.sign(&[])).unwrap();
        let mut places: Vec<_> = listed.map(|(name, _)| (text.find(name).unwrap(), name)).into();
        places.sort_unstable();
        let order: Vec<&str> = places.into_iter().map(|(_, name)| name).collect();
        assert_eq!(
            order,
            [
                "targets.json",
                "bin-32-01.json",
                "bin-32-00.json",
                "bin-32-10.json",
                "bin-32-11.json"
            ]
        );
        let read = Envelope::<Snapshot>::read(text.as_bytes(), 10_000).unwrap();
        assert_eq!((read.canonical(), &read.body), (unsigned.canonical(), &snapshot));
    }
}
