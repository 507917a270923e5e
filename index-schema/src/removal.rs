//! Removals: the maintainers' word that a release is gone.

use crate::digest::Sha256Digest;
use crate::id::{PluginId, RegistryId, StatementId};
use crate::limits;
use crate::statement::{Document, Kind, SchemaOne, tag};
use crate::text::Text;
use crate::version::Version;

tag!(
    /// The word `removal`.
    RemovalTag = "removal"
);

document! {
    /// A removal, signed by the threshold of maintainers with the role `moderate`.
    pub struct Removal {
        /// `removal`
        required kind as "type": RemovalTag,
        /// 1
        required schema: SchemaOne,
        /// The registry that the removal is for.
        required registry: RegistryId,
        /// The id of this removal, which is its file name.
        required id: StatementId,
        /// The plugin.
        required plugin: PluginId,
        /// The release.
        required version: Version,
        /// SHA-256 of the release's statement.
        required sha256: Sha256Digest,
        /// What kind of harm it does.
        required cause: Cause,
        /// What happened, for the users.
        required reason: Text<2048>,
    }
}

words! {
    /// Why a release is gone.
    pub enum Cause("a cause of a removal") {
        /// It does harm on purpose.
        Malware = "malware",
        /// It contains what should have stayed secret.
        Secret = "secret",
        /// It must not be distributed.
        Legal = "legal",
        /// Somebody else than the publisher released it.
        CompromisedKey = "compromised-key",
    }
}

impl Document for Removal {
    const KIND: Kind = Kind::Removal;
    const LIMIT: usize = limits::MANIFEST;
}
