//! The targets role and the roles that it delegates to (section 4.5).

use std::collections::BTreeMap;

use serde::Serialize;

use super::role::header;
use super::{Delegations, Hashes, MetaVersion, Role, RoleName, TargetPath};
use crate::digest::Sha256Digest;
use crate::json::{Fields, FromJson, Node, Reading};
use crate::time::Timestamp;

/// The `signed` part of `targets.json` and of every delegated role's file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Targets {
    /// The version.
    pub version: MetaVersion,
    /// When it ceases to be trusted.
    pub expires: Timestamp,
    /// The role whose file this is. The specification has no such member, and bins share a key:
    /// without it, one bin could be served in the place of another to hide plugins.
    #[serde(rename = "x-role", skip_serializing_if = "Option::is_none")]
    pub role: Option<RoleName>,
    /// The files that this role vouches for.
    pub targets: BTreeMap<TargetPath, TargetFile>,
    /// The roles that may vouch for others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delegations: Option<Delegations>,
}

/// What is said of one target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TargetFile {
    /// Its length in bytes.
    pub length: u64,
    /// Its digests.
    pub hashes: Hashes,
}

impl TargetFile {
    /// Describes a file.
    pub const fn new(length: u64, sha256: Sha256Digest) -> Self {
        Self { length, hashes: Hashes::sha256(sha256) }
    }
}

impl Role for Targets {
    const TYPE: &'static str = "targets";

    fn version(&self) -> MetaVersion {
        self.version
    }

    fn expires(&self) -> Timestamp {
        self.expires
    }
}

impl FromJson for Targets {
    fn from_json(node: &Node, reading: &mut Reading) -> Option<Self> {
        let mut fields = Fields::open(node, reading)?;
        let header = header(&mut fields, Self::TYPE);
        let role = fields.optional("x-role");
        let targets = fields.required("targets");
        let delegations = fields.optional("delegations");
        fields.finish();
        let header = header?;
        Some(Self {
            version: header.version,
            expires: header.expires,
            role,
            targets: targets?,
            delegations,
        })
    }
}

impl FromJson for TargetFile {
    fn from_json(node: &Node, reading: &mut Reading) -> Option<Self> {
        let mut fields = Fields::open(node, reading)?;
        let (length, hashes) = (fields.required("length"), fields.required("hashes"));
        fields.finish();
        Some(Self { length: length?, hashes: hashes? })
    }
}
