//! The snapshot role: which versions belong together (section 4.4).

use std::collections::BTreeMap;

use serde::Serialize;

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
    pub meta: BTreeMap<MetaName, MetaFile>,
}

impl Snapshot {
    /// Returns what is said of `role`.
    pub fn of(&self, role: &RoleName) -> Option<&MetaFile> {
        self.meta.get(&MetaName::of(role))
    }
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
