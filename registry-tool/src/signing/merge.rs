//! Bringing what is known of a certificate together.

use index_schema::limits;
use sequoia_openpgp::armor::Kind;
use sequoia_openpgp::cert::Cert;
use sequoia_openpgp::parse::Parse as _;
use sequoia_openpgp::serialize::SerializeInto as _;

use super::{Failure, SigningError, armored};

/// All that two versions of a certificate say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merged {
    /// The certificate, armored.
    pub armored: String,
    /// Whether its owner revoked it, for whatever reason.
    pub is_revoked: bool,
}

/// Merges an update of a certificate into what is known of it: no subkey and no revocation of
/// either is lost.
pub fn merge(known: &[u8], update: &[u8]) -> Result<Merged, SigningError> {
    let parse = |bytes: &[u8]| {
        if bytes.len() > limits::CERTIFICATE {
            return Err(SigningError::TooLarge(bytes.len()));
        }
        Cert::from_bytes(bytes).map_err(|error| SigningError::NotAKey(Failure(error)))
    };
    let merged = parse(known)?.merge_public(parse(update)?)?;
    let is_revoked = merged.primary_key().self_revocations().next().is_some();
    Ok(Merged { armored: armored(Kind::PublicKey, &merged.to_vec()?)?, is_revoked })
}
