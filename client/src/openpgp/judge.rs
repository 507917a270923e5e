//! The verdict about one signature.

use std::time::{Duration, SystemTime};

use index_schema::fingerprint::Fingerprint;
use index_schema::time::Timestamp;
use sequoia_openpgp::cert::amalgamation::{ValidAmalgamation as _, ValidateAmalgamation as _};
use sequoia_openpgp::packet::Signature;
use sequoia_openpgp::policy::{HashAlgoSecurity, Policy as _, StandardPolicy};
use sequoia_openpgp::types::{HashAlgorithm, ReasonForRevocation, RevocationType, SignatureType};
use sequoia_openpgp::{Error, KeyHandle, anyhow};

use super::certificate::{Certificate, Key};
use super::error::SignatureError;
use super::{Keyring, OLDEST, SKEW, Signer};

/// The digest algorithms on which nothing may stand, whatever the time.
pub(super) const WEAK: [HashAlgorithm; 3] =
    [HashAlgorithm::MD5, HashAlgorithm::SHA1, HashAlgorithm::RipeMD];

/// Judges `signature` by every certificate that has the key that it names: all have to agree.
pub(super) fn signature(
    signature: &Signature,
    document: &[u8],
    keyring: &Keyring,
    accepted: Timestamp,
) -> Result<Signer, SignatureError> {
    let issuer = signature.get_issuers().into_iter().next().ok_or(SignatureError::NoIssuer)?;
    let claimed = signature.signature_creation_time();
    let claimed = claimed.ok_or_else(|| SignatureError::NoTime(issuer.to_string()))?;
    let question = Question { signature, document, claimed: timestamp(claimed), accepted };
    let mut signer = None;
    for certificate in keyring.certificates() {
        for (handle, key) in certificate.keys().filter(|(_, key)| is(key, &issuer)) {
            let judged = question.judge(certificate, handle, &key)?;
            signer.get_or_insert(judged);
        }
    }
    signer.ok_or_else(|| SignatureError::UnknownKey(issuer.to_string()))
}

/// Returns when a signature claims to be made.
pub(super) fn claimed(signature: &Signature) -> Option<Timestamp> {
    signature.signature_creation_time().map(timestamp)
}

fn is(key: &Key<'_>, issuer: &KeyHandle) -> bool {
    key.key().key_handle().aliases(issuer)
}

/// A signature and the circumstances in which it is to be judged.
struct Question<'q> {
    signature: &'q Signature,
    document: &'q [u8],
    claimed: Timestamp,
    accepted: Timestamp,
}

impl Question<'_> {
    fn judge(
        &self,
        certificate: &Certificate,
        handle: &Fingerprint,
        key: &Key<'_>,
    ) -> Result<Signer, SignatureError> {
        let signer = Signer {
            certificate: certificate.fingerprint().clone(),
            key: handle.clone(),
            claimed: self.claimed,
        };
        let policy = policy(self.accepted);
        self.form(&signer, &policy)?;
        self.times(&signer)?;
        self.revocations(&signer, certificate, key)?;
        for at in [self.claimed, self.accepted] {
            alive(&signer, key, &policy, at)?;
        }
        match self.signature.verify_message(key.key(), self.document) {
            Ok(()) => Ok(signer),
            Err(error) => Err(not_verified(signer.key, &error)),
        }
    }

    /// Type, version, digest algorithm and critical subpackets.
    fn form(&self, signer: &Signer, policy: &StandardPolicy<'_>) -> Result<(), SignatureError> {
        let key = || signer.key.clone();
        if self.signature.typ() != SignatureType::Binary {
            let found = self.signature.typ().to_string();
            return Err(SignatureError::WrongType { key: key(), found });
        }
        let hash = self.signature.hash_algo();
        if WEAK.contains(&hash) {
            return Err(SignatureError::WeakHash { key: key(), hash: hash.to_string() });
        }
        if !matches!(self.signature.version(), 4 | 6) {
            let reason = format!("it is of version {}", self.signature.version());
            return Err(SignatureError::Unsupported { key: key(), reason });
        }
        policy
            .signature(self.signature, HashAlgoSecurity::CollisionResistance)
            .map_err(|error| SignatureError::Unsupported { key: key(), reason: error.to_string() })
    }

    /// The claimed time, and the end that the signature may carry.
    fn times(&self, signer: &Signer) -> Result<(), SignatureError> {
        let Self { claimed, accepted, .. } = *self;
        let key = || signer.key.clone();
        if claimed < accepted.plus(-OLDEST) {
            return Err(SignatureError::Backdated { key: key(), claimed, accepted });
        }
        if claimed > accepted.plus(SKEW) {
            return Err(SignatureError::Future { key: key(), claimed, accepted });
        }
        match self.signature.signature_validity_period().map(|period| period.as_secs()) {
            None | Some(0) => Ok(()),
            Some(seconds) if later(claimed, seconds) > accepted => Ok(()),
            Some(_) => Err(SignatureError::Expired { key: key(), accepted }),
        }
    }

    /// A revocation of the certificate or of the key: hard ones count always, soft ones from the
    /// time at which they were made.
    fn revocations(
        &self,
        signer: &Signer,
        certificate: &Certificate,
        key: &Key<'_>,
    ) -> Result<(), SignatureError> {
        let last = self.claimed.max(self.accepted);
        for revocation in certificate.revocations().chain(key.self_revocations()) {
            let reason = revocation.reason_for_revocation().map(|(reason, _)| reason);
            let reason = reason.unwrap_or(ReasonForRevocation::Unspecified);
            let made = revocation.signature_creation_time().map_or(Timestamp::EPOCH, timestamp);
            if reason.revocation_type() == RevocationType::Hard || made <= last {
                return Err(SignatureError::KeyRevoked {
                    key: signer.key.clone(),
                    revoked: made,
                    reason: reason.to_string(),
                });
            }
        }
        Ok(())
    }
}

/// What the library holds to be sound at `accepted`, less every weak digest algorithm.
fn policy(accepted: Timestamp) -> StandardPolicy<'static> {
    let mut policy = StandardPolicy::at(system_time(accepted));
    for hash in WEAK {
        policy.reject_hash(hash);
    }
    policy
}

/// Checks that key and certificate are bound and not expired at `at`, and that the key may sign.
fn alive(
    signer: &Signer,
    key: &Key<'_>,
    policy: &StandardPolicy<'_>,
    at: Timestamp,
) -> Result<(), SignatureError> {
    let refuse = |error| refusal(signer, at, &error);
    let valid = key.clone().with_policy(policy, system_time(at)).map_err(refuse)?;
    if !valid.for_signing() {
        return Err(SignatureError::NotForSigning(signer.key.clone()));
    }
    valid.valid_cert().alive().map_err(refuse)?;
    valid.alive().map_err(refuse)
}

fn refusal(signer: &Signer, at: Timestamp, error: &anyhow::Error) -> SignatureError {
    let key = signer.key.clone();
    match error.downcast_ref() {
        Some(Error::Expired(expired)) => {
            SignatureError::KeyExpired { key, expired: timestamp(*expired), at }
        }
        Some(Error::NotYetLive(_) | Error::NoBindingSignature(_)) => {
            SignatureError::KeyNotValid { key, at }
        }
        _ => SignatureError::WeakKey { key, reason: error.to_string() },
    }
}

fn not_verified(key: Fingerprint, error: &anyhow::Error) -> SignatureError {
    match error.downcast_ref() {
        Some(
            Error::UnsupportedHashAlgorithm(_)
            | Error::UnsupportedPublicKeyAlgorithm(_)
            | Error::UnsupportedEllipticCurve(_),
        ) => SignatureError::Unsupported { key, reason: error.to_string() },
        _ => SignatureError::Wrong(key),
    }
}

fn later(time: Timestamp, seconds: u64) -> Timestamp {
    time.plus(i64::try_from(seconds).unwrap_or(i64::MAX))
}

/// Times of OpenPGP count seconds since 1970 in 32 bits, so none is lost.
fn timestamp(time: SystemTime) -> Timestamp {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    later(Timestamp::EPOCH, since.as_secs())
}

fn system_time(time: Timestamp) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(time.seconds().unsigned_abs())
}
