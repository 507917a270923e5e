//! Cutting bytes into OpenPGP packets, within ceilings.

use index_schema::limits;
use sequoia_openpgp::anyhow;
use sequoia_openpgp::armor::Kind;
use sequoia_openpgp::packet::{Packet, Signature, Tag};
use sequoia_openpgp::parse::{
    Dearmor, PacketParser, PacketParserBuilder, PacketParserResult, Parse as _,
};

use super::armor;
use super::error::SignatureError;

/// Reads the signatures in armored blocks; there is at least one.
pub(super) fn signatures(text: &[u8]) -> Result<Vec<Signature>, SignatureError> {
    if text.len() > limits::SIGNATURES {
        return Err(SignatureError::TooLong(text.len()));
    }
    let mut signatures = Vec::new();
    for block in armor::blocks(text, Kind::Signature).map_err(SignatureError::Garbage)? {
        let before = signatures.len();
        each(&block, |parser| {
            if signatures.len() == limits::SIGNATURE_PACKETS {
                return Err(SignatureError::TooMany);
            }
            signatures.push(signature(&parser.packet)?);
            Ok(())
        })?;
        if signatures.len() == before {
            return Err(SignatureError::Garbage("has an empty block".to_owned()));
        }
    }
    if signatures.is_empty() { Err(SignatureError::Missing) } else { Ok(signatures) }
}

fn signature(packet: &Packet) -> Result<Signature, SignatureError> {
    if let Packet::Signature(signature) = packet {
        return Ok(signature.clone());
    }
    if let (Packet::Unknown(unknown), Tag::Signature) = (packet, packet.tag()) {
        return Err(SignatureError::Unreadable(unknown.error().to_string()));
    }
    let found = format!("has a packet of type {} among its signatures", packet.tag());
    Err(SignatureError::Garbage(found))
}

/// A sentence about bytes that are not packets becomes the caller's error.
pub(super) trait Malformed {
    /// Makes the error out of a sentence without its subject.
    fn malformed(what: String) -> Self;
}

impl Malformed for SignatureError {
    fn malformed(what: String) -> Self {
        Self::Garbage(what)
    }
}

/// Shows each packet at the top level of `bytes` to `see`, before its body is read, and stops at
/// the first error.
pub(super) fn each<E: Malformed>(
    bytes: &[u8],
    mut see: impl FnMut(&PacketParser<'_>) -> Result<(), E>,
) -> Result<(), E> {
    let malformed = |error: anyhow::Error| E::malformed(format!("is not OpenPGP: {error}"));
    let builder = PacketParserBuilder::from_bytes(bytes).map_err(malformed)?;
    let mut next = builder.dearmor(Dearmor::Disabled).build().map_err(malformed)?;
    while let PacketParserResult::Some(parser) = next {
        see(&parser)?;
        (_, next) = parser.next().map_err(malformed)?;
    }
    Ok(())
}
