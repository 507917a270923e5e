//! The timestamp role: which snapshot is current (section 4.6).

use serde::Serialize;

use super::role::header;
use super::{MetaFile, MetaVersion, Role};
use crate::json::{Fields, FromJson, Node, Reading};
use crate::time::Timestamp;

/// The `signed` part of `timestamp.json`: a pointer to the current snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SnapshotPointer {
    /// The version.
    pub version: MetaVersion,
    /// When it ceases to be trusted.
    pub expires: Timestamp,
    /// The one file that it names.
    pub meta: OnlySnapshot,
}

/// The member `meta`, which "MUST only include a description of the snapshot.json file".
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OnlySnapshot {
    /// The current snapshot.
    #[serde(rename = "snapshot.json")]
    pub snapshot: MetaFile,
}

impl SnapshotPointer {
    /// Returns what is said of the snapshot.
    pub const fn snapshot(&self) -> &MetaFile {
        &self.meta.snapshot
    }
}

impl Role for SnapshotPointer {
    const TYPE: &'static str = "timestamp";

    fn version(&self) -> MetaVersion {
        self.version
    }

    fn expires(&self) -> Timestamp {
        self.expires
    }
}

impl FromJson for SnapshotPointer {
    fn from_json(node: &Node, reading: &mut Reading) -> Option<Self> {
        let mut fields = Fields::open(node, reading)?;
        let header = header(&mut fields, Self::TYPE);
        let meta = fields.required("meta");
        fields.finish();
        let header = header?;
        Some(Self { version: header.version, expires: header.expires, meta: meta? })
    }
}

impl FromJson for OnlySnapshot {
    fn from_json(node: &Node, reading: &mut Reading) -> Option<Self> {
        let mut fields = Fields::open(node, reading)?;
        let snapshot = fields.required("snapshot.json");
        fields.finish();
        Some(Self { snapshot: snapshot? })
    }
}
