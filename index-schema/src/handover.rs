//! Hand-overs: the maintainers' word that a publisher whose keys are lost or stolen has others now.

use crate::digest::Sha256Digest;
use crate::fingerprint::Fingerprint;
use crate::id::{PublisherId, RegistryId, StatementId};
use crate::limits;
use crate::statement::{Document, Kind, SchemaOne, tag};
use crate::text::{List, Text};

tag!(
    /// The word `handover`.
    HandoverTag = "handover"
);

document! {
    /// A hand-over, signed by the threshold of maintainers with the role `moderate`.
    pub struct Handover {
        /// `handover`
        required kind as "type": HandoverTag,
        /// 1
        required schema: SchemaOne,
        /// The registry that the hand-over is for.
        required registry: RegistryId,
        /// The id of this hand-over, which is its file name.
        required id: StatementId,
        /// The publisher.
        required publisher: PublisherId,
        /// The serial of the record with the new keys.
        required serial: u64,
        /// SHA-256 of that record's file.
        required sha256: Sha256Digest,
        /// The keys that were active before.
        required old: List<Fingerprint, 1, 16>,
        /// The keys that are active from now on.
        required new: List<Fingerprint, 1, 16>,
        /// What happened, for the users.
        required reason: Text<2048>,
    }
}

impl Document for Handover {
    const KIND: Kind = Kind::Handover;
    const LIMIT: usize = limits::MANIFEST;
}
