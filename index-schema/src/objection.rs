//! Objections: a publisher's key against a change of keys that has not come into force yet.

use crate::digest::Sha256Digest;
use crate::id::{PublisherId, RegistryId};
use crate::limits;
use crate::statement::{Document, Kind, SchemaOne, tag};
use crate::text::Text;

tag!(
    /// The word `objection`.
    ObjectionTag = "objection"
);

document! {
    /// A refusal, signed by any key that was active before the record that it is about.
    pub struct Objection {
        /// `objection`
        required kind as "type": ObjectionTag,
        /// 1
        required schema: SchemaOne,
        /// The registry that the objection is for.
        required registry: RegistryId,
        /// The publisher.
        required id: PublisherId,
        /// The serial of the record that must not count.
        required serial: u64,
        /// SHA-256 of that record's file.
        required sha256: Sha256Digest,
        /// Why.
        required reason: Text<2048>,
    }
}

impl Document for Objection {
    const KIND: Kind = Kind::Objection;
    const LIMIT: usize = limits::MANIFEST;
}
