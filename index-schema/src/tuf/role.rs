//! What roles have in common: versions, keys and thresholds, and what one file says of another.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Serialize;

use super::{Hashes, Key, KeyId};
use crate::json::{Fields, FromJson, MAX_INTEGER, Node, Reading};
use crate::time::Timestamp;

/// The `signed` part of a metadata file.
pub trait Role: FromJson + Serialize {
    /// The value of `_type`.
    const TYPE: &'static str;

    /// Returns the version.
    fn version(&self) -> MetaVersion;

    /// Returns when the file ceases to be trusted.
    fn expires(&self) -> Timestamp;
}

/// The version of a metadata file: 1 or more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct MetaVersion(u64);

impl MetaVersion {
    /// The version of the first file.
    pub const FIRST: Self = Self(1);

    /// Makes a version, unless `number` is 0 or beyond what JSON keeps exactly.
    pub fn new(number: u64) -> Option<Self> {
        (1..=MAX_INTEGER).contains(&number).then_some(Self(number))
    }

    /// Returns the version that follows; none follows the last one.
    pub fn next(self) -> Option<Self> {
        Self::new(self.0 + 1)
    }

    /// Returns the number.
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl fmt::Display for MetaVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromJson for MetaVersion {
    fn from_json(node: &Node, reading: &mut Reading) -> Option<Self> {
        let number = u64::from_json(node, reading)?;
        let version = Self::new(number);
        if version.is_none() {
            reading.refuse::<Self>(node.span, "tuf/version", "a version is 1 or more".to_owned());
        }
        version
    }
}

/// The members that stand in every `signed`.
pub(super) struct Header {
    pub(super) version: MetaVersion,
    pub(super) expires: Timestamp,
}

/// Reads what every `signed` begins with, and checks type and specification.
pub(super) fn header(fields: &mut Fields<'_, '_>, kind: &'static str) -> Option<Header> {
    let span = fields.span();
    let found = fields.required::<String>("_type");
    if let Some(found) = found
        && found != kind
    {
        let message = format!("expected metadata of type `{kind}`, found `{found}`");
        fields.reading().refuse::<()>(span, "tuf/type", message);
    }
    let spec_version = fields.required::<String>("spec_version");
    if let Some(spec_version) = spec_version
        && !is_spec_version_one(&spec_version)
    {
        let message = format!("expected version 1.x of the specification, found `{spec_version}`");
        fields.reading().refuse::<()>(span, "tuf/spec-version", message);
    }
    let (version, expires) = (fields.required("version"), fields.required("expires"));
    Some(Header { version: version?, expires: expires? })
}

/// Takes `1.x` and `1.x.y`: real repositories leave the third number out.
fn is_spec_version_one(text: &str) -> bool {
    let mut parts = text.split('.');
    let number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let (first, rest) = (parts.next(), parts.collect::<Vec<_>>());
    first == Some("1") && matches!(rest.len(), 1 | 2) && rest.into_iter().all(number)
}

/// The keys of a role, and how many of them have to sign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RoleKeys {
    /// The keys, by their ids.
    pub keyids: BTreeSet<KeyId>,
    /// How many different ones have to sign: 1 or more.
    pub threshold: u64,
}

impl RoleKeys {
    /// Reads `keyids` and `threshold` among the members of a role.
    pub(super) fn read(fields: &mut Fields<'_, '_>) -> Option<Self> {
        let span = fields.span();
        let (listed, threshold) = (fields.required("keyids"), fields.required("threshold"));
        let (listed, threshold): (Vec<KeyId>, u64) = (listed?, threshold?);
        let keyids: BTreeSet<KeyId> = listed.iter().copied().collect();
        if keyids.len() != listed.len() {
            let message = "a key stands twice in one role".to_owned();
            return fields.reading().refuse(span, "tuf/duplicate-key", message);
        }
        if threshold == 0 {
            let message = "a threshold is 1 or more".to_owned();
            return fields.reading().refuse(span, "tuf/threshold", message);
        }
        Some(Self { keyids, threshold })
    }
}

impl FromJson for RoleKeys {
    fn from_json(node: &Node, reading: &mut Reading) -> Option<Self> {
        let mut fields = Fields::open(node, reading)?;
        let keys = Self::read(&mut fields);
        fields.finish();
        keys
    }
}

/// What snapshot and timestamp say of another metadata file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MetaFile {
    /// Its version.
    pub version: MetaVersion,
    /// Its length in bytes, if given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub length: Option<u64>,
    /// Its digests, if given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hashes: Option<Hashes>,
}

impl FromJson for MetaFile {
    fn from_json(node: &Node, reading: &mut Reading) -> Option<Self> {
        let mut fields = Fields::open(node, reading)?;
        let version = fields.required("version");
        let (length, hashes) = (fields.optional("length"), fields.optional("hashes"));
        fields.finish();
        Some(Self { version: version?, length, hashes })
    }
}

/// Keeps the keys whose ids are the digests of the keys.
///
/// "Clients MUST calculate each KEYID to verify this is correct for the associated key" (section
/// 4.3). A key under another id is one that nobody has: it is left out and signs for nothing.
pub(super) fn proven(keys: BTreeMap<KeyId, Key>) -> BTreeMap<KeyId, Key> {
    keys.into_iter().filter(|(keyid, key)| key.id() == *keyid).collect()
}
