//! Making keys, and signing documents with them or with GnuPG.
//!
//! Keys made here are of version 4 with Ed25519, one primary key that certifies and signs: every
//! GnuPG since 2.1 and every other OpenPGP program can use them, which is not yet so for
//! version 6. They carry no password, so the file that holds one has to be kept as what it is; a
//! key with a password, on a card or in an agent signs through [`Gpg`].
//!
//! Nothing here reads or writes a file; times are parameters.

mod gpg;
mod merge;

use std::io::Write as _;
use std::time::{Duration, SystemTime};

use index_schema::fingerprint::{Fingerprint, FingerprintError};
use index_schema::limits;
use index_schema::text::is_forbidden;
use index_schema::time::{DAY, Timestamp};
use sequoia_openpgp::armor::{Kind, Writer};
use sequoia_openpgp::cert::{Cert, CertBuilder, CipherSuite};
use sequoia_openpgp::crypto::KeyPair;
use sequoia_openpgp::packet::signature::SignatureBuilder;
use sequoia_openpgp::packet::{Packet, Signature};
use sequoia_openpgp::parse::Parse as _;
use sequoia_openpgp::policy::StandardPolicy;
use sequoia_openpgp::serialize::SerializeInto as _;
use sequoia_openpgp::types::{HashAlgorithm, KeyFlags, SignatureType};
use sequoia_openpgp::{Profile, anyhow};

pub use self::gpg::{Gpg, GpgError};
pub use self::merge::{Merged, merge};

/// How long a new key lasts; its owner can extend that at any time.
pub const LIFETIME: i64 = 3 * 365 * DAY;

/// The longest name of a key, in characters.
pub const MAX_USER_ID: usize = 200;

/// A key pair that was just made.
pub struct SecretKey {
    cert: Cert,
    revocation: Signature,
    fingerprint: Fingerprint,
}

/// Why a key was not made or did not sign.
#[derive(Debug, thiserror::Error)]
pub enum SigningError {
    /// The name of the key would deceive or be refused by other programs.
    #[error("`{0}` cannot name a key: expected one line of 1 to {MAX_USER_ID} characters")]
    UserId(String),
    /// The bytes are not a secret key.
    #[error("this is not an OpenPGP secret key")]
    NotAKey(#[source] Failure),
    /// There are more bytes than the ceiling.
    #[error("the key has {0} bytes, at most {max} are read", max = limits::CERTIFICATE)]
    TooLarge(usize),
    /// There are only public keys.
    #[error("this holds no secret key, only the certificate {0}")]
    NoSecret(String),
    /// The secret key is locked with a password.
    #[error("key {0} is locked with a password")]
    Locked(String),
    /// No key may sign at that time.
    #[error("certificate {certificate} has no key that may sign at {at}")]
    NoSigningKey {
        /// The fingerprint of the certificate.
        certificate: String,
        /// The time of the question.
        at: Timestamp,
    },
    /// The fingerprint has no known form.
    #[error("the fingerprint of the new key is malformed")]
    Fingerprint(#[from] FingerprintError),
    /// The OpenPGP library failed.
    #[error("OpenPGP failed")]
    OpenPgp(#[source] Failure),
}

/// What the OpenPGP library says about a failure.
#[derive(Debug, thiserror::Error)]
#[error("{0:#}")]
pub struct Failure(anyhow::Error);

impl SigningError {
    /// Returns what to do about it, where there is something to do.
    pub const fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Locked(_) => Some("import it into GnuPG and sign with --gpg KEY"),
            Self::NoSecret(_) => Some("give the file with the secret key, or sign with --gpg KEY"),
            Self::NoSigningKey { .. } => Some("extend the key's expiry, or use a key that signs"),
            Self::UserId(_) | Self::NotAKey(_) | Self::TooLarge(_) => None,
            Self::Fingerprint(_) | Self::OpenPgp(_) => None,
        }
    }
}

impl From<anyhow::Error> for SigningError {
    fn from(error: anyhow::Error) -> Self {
        Self::OpenPgp(Failure(error))
    }
}

/// Makes a key pair named `user_id`, such as `Ada <ada@example.org>`, that can sign from `now` on
/// for [`LIFETIME`].
pub fn generate(user_id: &str, now: Timestamp) -> Result<SecretKey, SigningError> {
    let blank = user_id.trim() != user_id || user_id.is_empty();
    if blank || user_id.chars().count() > MAX_USER_ID || user_id.chars().any(is_forbidden) {
        return Err(SigningError::UserId(user_id.chars().filter(|c| !is_forbidden(*c)).collect()));
    }
    let (cert, revocation) = CertBuilder::new()
        .set_profile(Profile::RFC4880)?
        .set_cipher_suite(CipherSuite::Cv25519)
        .set_primary_key_flags(KeyFlags::empty().set_certification().set_signing())
        .set_creation_time(system_time(now))
        .set_validity_period(Duration::from_secs(LIFETIME.unsigned_abs()))
        .add_userid(user_id)
        .generate()?;
    let fingerprint = Fingerprint::parse(&cert.fingerprint().to_hex())?;
    Ok(SecretKey { cert, revocation, fingerprint })
}

impl SecretKey {
    /// Returns the fingerprint of certificate and key.
    pub const fn fingerprint(&self) -> &Fingerprint {
        &self.fingerprint
    }

    /// Returns the secret key, armored: what its owner keeps.
    pub fn armored_secret_key(&self) -> Result<String, SigningError> {
        armored(Kind::SecretKey, &self.cert.as_tsk().to_vec()?)
    }

    /// Returns the certificate, armored: what everybody may see.
    pub fn armored_certificate(&self) -> Result<String, SigningError> {
        armored(Kind::PublicKey, &self.cert.to_vec()?)
    }

    /// Returns the certificate with a revocation for no stated reason, armored: what its owner
    /// keeps elsewhere, and publishes when the secret key is lost or stolen.
    pub fn armored_revoked_certificate(&self) -> Result<String, SigningError> {
        let (revoked, _) = self.cert.clone().insert_packets(self.revocation.clone())?;
        armored(Kind::PublicKey, &revoked.to_vec()?)
    }
}

/// Returns the certificate that belongs to a secret key, armored; a certificate gives itself.
pub fn armored_certificate_of(key: &[u8]) -> Result<String, SigningError> {
    if key.len() > limits::CERTIFICATE {
        return Err(SigningError::TooLarge(key.len()));
    }
    let cert = Cert::from_bytes(key).map_err(|e| SigningError::NotAKey(Failure(e)))?;
    armored(Kind::PublicKey, &cert.to_vec()?)
}

/// Signs `document` at `now` with a secret key, armored or binary, that has no password.
///
/// Returns one armored detached signature of type binary.
pub fn sign_detached(
    document: &[u8],
    secret_key: &[u8],
    now: Timestamp,
) -> Result<String, SigningError> {
    if secret_key.len() > limits::CERTIFICATE {
        return Err(SigningError::TooLarge(secret_key.len()));
    }
    let cert = Cert::from_bytes(secret_key).map_err(|e| SigningError::NotAKey(Failure(e)))?;
    let signature = SignatureBuilder::new(SignatureType::Binary)
        .set_hash_algo(HashAlgorithm::SHA512)
        .set_signature_creation_time(system_time(now))?
        .sign_message(&mut signing_key(&cert, now)?, document)?;
    armored(Kind::Signature, &Packet::from(signature).to_vec()?)
}

/// Chooses the newest key of `cert` that may sign at `now`.
fn signing_key(cert: &Cert, now: Timestamp) -> Result<KeyPair, SigningError> {
    let certificate = cert.fingerprint().to_hex();
    if !cert.is_tsk() {
        return Err(SigningError::NoSecret(certificate));
    }
    let policy = StandardPolicy::at(system_time(now));
    let usable = cert.keys().with_policy(&policy, system_time(now)).supported();
    let usable = usable.alive().revoked(false).for_signing().secret();
    let newest = usable.max_by_key(|key| key.key().creation_time());
    let newest = newest.ok_or(SigningError::NoSigningKey { certificate, at: now })?;
    if newest.key().secret().is_encrypted() {
        return Err(SigningError::Locked(newest.key().fingerprint().to_hex()));
    }
    Ok(newest.key().clone().into_keypair()?)
}

fn armored(kind: Kind, packets: &[u8]) -> Result<String, SigningError> {
    let write = || {
        let mut writer = Writer::new(Vec::new(), kind)?;
        writer.write_all(packets)?;
        writer.finalize()
    };
    let text = write().map_err(|error| SigningError::OpenPgp(Failure(error.into())))?;
    String::from_utf8(text).map_err(|error| SigningError::OpenPgp(Failure(error.into())))
}

fn system_time(time: Timestamp) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(time.seconds().unsigned_abs())
}

#[cfg(test)]
mod tests;
