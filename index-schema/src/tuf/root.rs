//! The root role: which keys act for which role (section 4.3).

use std::collections::BTreeMap;

use serde::Serialize;
use serde::ser::{SerializeStruct as _, Serializer};

use super::role::{header, proven};
use super::{Key, KeyId, MetaVersion, Role, RoleKeys};
use crate::json::{Fields, FromJson, Node, Reading};
use crate::time::Timestamp;

/// The `signed` part of `root.json`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Root {
    /// The version.
    pub version: MetaVersion,
    /// When it ceases to be trusted.
    pub expires: Timestamp,
    /// Whether files are published under names that never change their meaning.
    pub consistent_snapshot: bool,
    /// The keys; those whose id is not theirs have been left out.
    pub keys: BTreeMap<KeyId, Key>,
    /// Which of them act for which role.
    pub roles: RootRoles,
}

/// The four roles that every root lists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RootRoles {
    /// Who signs the next root.
    pub root: RoleKeys,
    /// Who says which versions belong together.
    pub snapshot: RoleKeys,
    /// Who names targets and delegates.
    pub targets: RoleKeys,
    /// Who says which snapshot is current.
    pub timestamp: RoleKeys,
}

impl Role for Root {
    const TYPE: &'static str = "root";

    fn version(&self) -> MetaVersion {
        self.version
    }

    fn expires(&self) -> Timestamp {
        self.expires
    }
}

impl FromJson for Root {
    fn from_json(node: &Node, reading: &mut Reading) -> Option<Self> {
        let mut fields = Fields::open(node, reading)?;
        let header = header(&mut fields, Self::TYPE);
        let consistent_snapshot = fields.default("consistent_snapshot");
        let keys = fields.required("keys");
        let roles = fields.required("roles");
        fields.finish();
        let header = header?;
        Some(Self {
            version: header.version,
            expires: header.expires,
            consistent_snapshot: consistent_snapshot?,
            keys: proven(keys?),
            roles: roles?,
        })
    }
}

impl FromJson for RootRoles {
    fn from_json(node: &Node, reading: &mut Reading) -> Option<Self> {
        let mut fields = Fields::open(node, reading)?;
        let (root, snapshot) = (fields.required("root"), fields.required("snapshot"));
        let (targets, timestamp) = (fields.required("targets"), fields.required("timestamp"));
        fields.finish();
        Some(Self { root: root?, snapshot: snapshot?, targets: targets?, timestamp: timestamp? })
    }
}

impl Serialize for Root {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut root = serializer.serialize_struct("Root", 5)?;
        root.serialize_field("version", &self.version)?;
        root.serialize_field("expires", &self.expires)?;
        root.serialize_field("consistent_snapshot", &self.consistent_snapshot)?;
        root.serialize_field("keys", &self.keys)?;
        root.serialize_field("roles", &self.roles)?;
        root.end()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Envelope, Unsigned};
    use super::*;

    fn root() -> Root {
        let key = Key::ed25519(&[7; 32]);
        let role = RoleKeys { keyids: [key.id()].into(), threshold: 1 };
        let roles = RootRoles {
            root: role.clone(),
            snapshot: role.clone(),
            targets: role.clone(),
            timestamp: role,
        };
        Root {
            version: MetaVersion::FIRST,
            expires: Timestamp::parse("2027-01-01T00:00:00Z").unwrap(),
            consistent_snapshot: true,
            keys: [(key.id(), key)].into(),
            roles,
        }
    }

    fn read(change: impl FnOnce(String) -> String) -> Result<Root, &'static str> {
        let file = String::from_utf8(Unsigned::new(&root()).sign(&[])).unwrap();
        let read = Envelope::<Root>::read(change(file).as_bytes(), 10_000);
        read.map(|envelope| envelope.body).map_err(|problems| problems[0].code)
    }

    #[test]
    fn a_root_reads_back_as_it_was_written() {
        assert_eq!(read(|text| text), Ok(root()));
    }

    #[test]
    fn a_key_under_a_foreign_id_is_nobodys() {
        let id = Key::ed25519(&[7; 32]).id().to_string();
        let forged = read(|text| text.replace(&id, &"0".repeat(64))).unwrap();
        assert!(forged.keys.is_empty());
    }

    #[test]
    fn thresholds_of_nothing_and_doubled_keys_are_refused() {
        let zero = |text: String| text.replacen("\"threshold\":1", "\"threshold\":0", 1);
        assert_eq!(read(zero), Err("tuf/threshold"));
        let id = Key::ed25519(&[7; 32]).id();
        let twice = format!("[\"{id}\",\"{id}\"]");
        let double = |text: String| text.replacen(&format!("[\"{id}\"]"), &twice, 1);
        assert_eq!(read(double), Err("tuf/duplicate-key"));
    }
}
