//! OpenPGP (RFC 9580): who signed a document, and may that key sign at that time.
//!
//! This module alone knows the library that does the cryptography. It reads no file, asks no
//! clock and no network: certificates, documents and times are parameters, so that every machine
//! comes to the same verdict about the same bytes for ever.
//!
//! A signature is good when
//!
//! 1. it is a binary signature (type 0x00) of version 4 or 6 that names its issuer,
//! 2. the issuer is a key of a certificate of the [`Keyring`],
//! 3. its digest algorithm is none of MD5, SHA-1 and RIPEMD-160, and nothing in it that is marked
//!    as critical is unknown here,
//! 4. the time that it claims lies at most [`OLDEST`] seconds before its acceptance and at most
//!    [`SKEW`] seconds after it,
//! 5. key and certificate were bound, alive and allowed to sign both at the claimed time and at
//!    the acceptance, and are not revoked: softly before either time, or hard at any time,
//! 6. it is the signature of exactly the bytes of the document.
//!
//! Point 5 is why the streaming verifier of the library does not do: that one judges a key at the
//! time that the signature claims, so an expired, retired or stolen key could backdate.
//! Revocations are collected by hand, because the library passes over those with a weak digest,
//! and lets a later self-signature cancel a soft one.

mod armor;
mod certificate;
mod error;
mod judge;
mod packets;

use index_schema::fingerprint::Fingerprint;
use index_schema::time::{DAY, Timestamp};

pub use self::certificate::{Certificate, CertificateError};
pub use self::error::SignatureError;

/// How many seconds before its acceptance a signature may claim to be made.
pub const OLDEST: i64 = 30 * DAY;

/// How many seconds after its acceptance a signature may claim to be made: clocks differ.
pub const SKEW: i64 = 5 * 60;

/// The certificates that may have signed a document, each in one state.
///
/// It is read-only and may be used by any number of threads at once. What was found out about the
/// bindings of a key is kept, so making one keyring and using it often is the fast road.
#[derive(Debug, Clone, Default)]
pub struct Keyring(Vec<Certificate>);

impl Keyring {
    /// Returns the certificates.
    pub fn certificates(&self) -> &[Certificate] {
        &self.0
    }
}

impl FromIterator<Certificate> for Keyring {
    fn from_iter<I: IntoIterator<Item = Certificate>>(certificates: I) -> Self {
        Self(certificates.into_iter().collect())
    }
}

/// Somebody whose signature is good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signer {
    /// The certificate: the fingerprint of its primary key.
    pub certificate: Fingerprint,
    /// The key that signed: the primary key or a subkey.
    pub key: Fingerprint,
    /// When the signature claims to be made.
    pub claimed: Timestamp,
}

/// Verifies the armored signatures of `document` as they were accepted at `accepted`.
///
/// Every signature has to be good. Returns one signer for each certificate, in the order of the
/// signatures: the length of the list is what counts towards a threshold. Else returns everything
/// that is wrong.
pub fn verify(
    document: &[u8],
    signatures: &[u8],
    keyring: &Keyring,
    accepted: Timestamp,
) -> Result<Vec<Signer>, Vec<SignatureError>> {
    let signatures = packets::signatures(signatures).map_err(|error| vec![error])?;
    let mut signers: Vec<Signer> = Vec::new();
    let mut errors = Vec::new();
    for signature in &signatures {
        match judge::signature(signature, document, keyring, accepted) {
            Ok(signer) if signers.iter().any(|known| known.certificate == signer.certificate) => {}
            Ok(signer) => signers.push(signer),
            Err(error) => errors.push(error),
        }
    }
    if errors.is_empty() { Ok(signers) } else { Err(errors) }
}

/// Returns the latest time at which armored signatures claim to be made. Nothing vouches for it.
pub fn claimed(signatures: &[u8]) -> Option<Timestamp> {
    let signatures = packets::signatures(signatures).ok()?;
    signatures.iter().filter_map(judge::claimed).max()
}

#[cfg(test)]
pub(crate) mod tests;
