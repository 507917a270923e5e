//! Makes certificates and signatures as somebody else's program would.

use std::time::{Duration, SystemTime};

use index_schema::time::{DAY, Timestamp};
use sequoia_openpgp::armor::{Kind, Writer};
use sequoia_openpgp::cert::prelude::*;
use sequoia_openpgp::crypto::KeyPair;
use sequoia_openpgp::packet::Signature;
use sequoia_openpgp::packet::signature::SignatureBuilder;
use sequoia_openpgp::serialize::{Serialize as _, SerializeInto as _};
use sequoia_openpgp::types::{HashAlgorithm, KeyFlags, ReasonForRevocation, SignatureType};
use sequoia_openpgp::{Packet, Profile};

use super::super::{Certificate, Keyring, Signer, verify};

pub(crate) const DOCUMENT: &[u8] = b"{}\n";

/// Acceptance in every test; keys are made 100 days before it and expire 10 days after.
pub(crate) fn accepted() -> Timestamp {
    Timestamp::parse("2026-11-23T12:00:00Z").unwrap()
}

pub(crate) fn day(days: i64) -> Timestamp {
    accepted().plus(days * DAY)
}

pub(crate) fn system(time: Timestamp) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(time.seconds().unsigned_abs())
}

pub(crate) fn builder() -> CertBuilder<'static> {
    CertBuilder::new()
        .set_primary_key_flags(KeyFlags::empty().set_certification().set_signing())
        .set_creation_time(system(day(-100)))
        .set_validity_period(Duration::from_secs((110 * DAY).unsigned_abs()))
        .add_userid("Ada <ada@example.org>")
}

pub(crate) fn made(builder: CertBuilder<'static>) -> Cert {
    builder.generate().unwrap().0
}

pub(crate) fn ada() -> Cert {
    made(builder())
}

pub(crate) fn version6() -> Cert {
    made(builder().set_profile(Profile::RFC9580).unwrap())
}

/// The key at `index`, the primary key being the first.
pub(crate) fn pair(cert: &Cert, index: usize) -> KeyPair {
    let key = cert.keys().secret().nth(index).unwrap().key().clone();
    key.into_keypair().unwrap()
}

pub(crate) fn binary(claimed: Timestamp) -> SignatureBuilder {
    SignatureBuilder::new(SignatureType::Binary)
        .set_hash_algo(HashAlgorithm::SHA256)
        .set_signature_creation_time(system(claimed))
        .unwrap()
}

pub(crate) fn armored(signatures: &[Signature]) -> String {
    let mut writer = Writer::new(Vec::new(), Kind::Signature).unwrap();
    for signature in signatures {
        Packet::from(signature.clone()).serialize(&mut writer).unwrap();
    }
    String::from_utf8(writer.finalize().unwrap()).unwrap()
}

pub(crate) fn sign(cert: &Cert, claimed: Timestamp) -> String {
    armored(&[signature(cert, claimed)])
}

pub(crate) fn signature(cert: &Cert, claimed: Timestamp) -> Signature {
    binary(claimed).sign_message(&mut pair(cert, 0), DOCUMENT).unwrap()
}

pub(crate) fn public(cert: &Cert) -> Certificate {
    Certificate::parse(&cert.to_vec().unwrap()).unwrap()
}

pub(crate) fn keyring(certs: &[&Cert]) -> Keyring {
    certs.iter().map(|cert| public(cert)).collect()
}

pub(crate) fn revoked(cert: &Cert, reason: ReasonForRevocation, at: Timestamp) -> Cert {
    let revocation = CertRevocationBuilder::new()
        .set_signature_creation_time(system(at))
        .unwrap()
        .set_reason_for_revocation(reason, b"")
        .unwrap()
        .build(&mut pair(cert, 0), cert, None)
        .unwrap();
    cert.clone().insert_packets(revocation).unwrap().0
}

pub(crate) fn revoked_subkey(cert: &Cert, reason: ReasonForRevocation, at: Timestamp) -> Cert {
    let subkey = cert.keys().subkeys().next().unwrap();
    let revocation = SubkeyRevocationBuilder::new()
        .set_signature_creation_time(system(at))
        .unwrap()
        .set_reason_for_revocation(reason, b"")
        .unwrap()
        .build(&mut pair(cert, 0), cert, subkey.key(), None)
        .unwrap();
    cert.clone().insert_packets(revocation).unwrap().0
}

/// Verifies the signatures of [`DOCUMENT`] and returns the signers, or the codes of the errors.
pub(crate) fn judge(keyring: &Keyring, signatures: &str) -> Result<Vec<Signer>, Vec<&'static str>> {
    verify(DOCUMENT, signatures.as_bytes(), keyring, accepted())
        .map_err(|errors| errors.iter().map(super::super::SignatureError::code).collect())
}
