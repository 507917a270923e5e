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
    /// The records of the registry, serial 1 first. The specification has no such member; only the
    /// top-level file has it, which is signed offline: so a client knows the maintainers of every
    /// time without asking for another file.
    #[serde(rename = "x-registry", skip_serializing_if = "Option::is_none")]
    pub registry: Option<Vec<RegistryLink>>,
    /// The files that this role vouches for.
    pub targets: BTreeMap<TargetPath, TargetFile>,
    /// The roles that may vouch for others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delegations: Option<Delegations>,
}

document! {
    /// One record of a registry, whole, and when it came into force.
    pub struct RegistryLink {
        /// When the registry accepted it.
        required accepted: Timestamp,
        /// The text of the statement file.
        required statement: String,
    }
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
        let registry = fields.optional("x-registry");
        let targets = fields.required("targets");
        let delegations = fields.optional("delegations");
        fields.finish();
        let header = header?;
        Some(Self {
            version: header.version,
            expires: header.expires,
            role,
            registry,
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

#[cfg(test)]
mod tests {
    use super::super::{Envelope, Unsigned};
    use super::*;

    fn targets() -> Targets {
        let time = |text| Timestamp::parse(text).unwrap();
        let link = |accepted, statement: &str| RegistryLink {
            accepted: time(accepted),
            statement: statement.to_owned(),
        };
        Targets {
            version: MetaVersion::FIRST,
            expires: time("2027-01-01T00:00:00Z"),
            role: None,
            registry: Some(vec![
                link("2026-01-01T00:00:00Z", "{}\n-----BEGIN PGP SIGNATURE-----\n"),
                link("2026-02-01T00:00:00Z", "{\"serial\":2}\n"),
            ]),
            targets: BTreeMap::new(),
            delegations: None,
        }
    }

    #[test]
    fn the_records_of_the_registry_read_back_word_for_word() {
        let file = Unsigned::new(&targets()).sign(&[]);
        assert_eq!(Envelope::<Targets>::read(&file, 10_000).unwrap().body, targets());
    }

    #[test]
    fn records_that_are_malformed_are_not_overlooked() {
        let file = String::from_utf8(Unsigned::new(&targets()).sign(&[])).unwrap();
        for (from, to, code) in [
            ("2026-01-01T00:00:00Z", "yesterday", "time/malformed"),
            ("\"statement\":\"{}", "\"text\":\"{}", "json/missing-field"),
            ("\"x-registry\":[", "\"x-registry\":[1,", "json/wrong-kind"),
        ] {
            let read = Envelope::<Targets>::read(file.replacen(from, to, 1).as_bytes(), 10_000);
            assert_eq!(read.unwrap_err()[0].code, code, "{to}");
        }
    }
}
