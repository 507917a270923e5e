//! Certificates: a primary key, its subkeys, and what they say about themselves.

use std::borrow::Cow;
use std::fmt;

use index_schema::fingerprint::Fingerprint;
use index_schema::{limits, text};
use sequoia_openpgp::armor::Kind;
use sequoia_openpgp::cert::Cert;
use sequoia_openpgp::cert::amalgamation::key::{ErasedKeyAmalgamation, PrimaryKey as _};
use sequoia_openpgp::crypto::mpi::PublicKey;
use sequoia_openpgp::packet::key::PublicParts;
use sequoia_openpgp::packet::{Signature, Tag};
use sequoia_openpgp::parse::Parse as _;
use sequoia_openpgp::types::{Curve, ReasonForRevocation, RevocationType};

use super::judge::WEAK;
use super::packets::Malformed;
use super::{armor, packets};

/// The public half of somebody's keys, strong enough to be believed.
#[derive(Clone)]
pub struct Certificate {
    cert: Cert,
    fingerprint: Fingerprint,
    /// Of the primary key and the subkeys, in the order of `cert`.
    handles: Vec<Fingerprint>,
}

pub(super) type Key<'c> = ErasedKeyAmalgamation<'c, PublicParts>;

/// Why bytes are not a certificate that may be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// There are more bytes than the ceiling.
    #[error("the certificate has {0} bytes, at most {max} are read", max = limits::CERTIFICATE)]
    TooLarge(usize),
    /// The bytes are not a certificate and nothing else.
    #[error("the certificate {0}")]
    Garbage(String),
    /// There is a secret key.
    #[error("this holds a secret key: whoever has seen it can sign in its owner's name")]
    SecretKey,
    /// There are no certificates or several.
    #[error("expected one certificate, found {0}")]
    NotOne(usize),
    /// There are more packets than the ceiling.
    #[error("the certificate has more than {max} packets", max = limits::CERTIFICATE_PACKETS)]
    TooManyPackets,
    /// There are more subkeys than the ceiling.
    #[error("the certificate has {0} subkeys, at most {max} are read", max = limits::SUBKEYS)]
    TooManySubkeys(usize),
    /// A key is too short.
    #[error("key {key} is RSA with {bits} bits, expected at least {MIN_RSA}")]
    WeakKey {
        /// The key.
        key: Fingerprint,
        /// Its length.
        bits: usize,
    },
    /// A key stands on an algorithm that not every client can check.
    #[error("key {key} is {found}, expected {EXPECTED}")]
    Algorithm {
        /// The key.
        key: Fingerprint,
        /// Its algorithm.
        found: String,
    },
    /// A key is bound to the certificate by nothing but a digest that can be forged.
    #[error("key {key} is bound to its certificate by {hash} only, which can be forged")]
    WeakBinding {
        /// The key.
        key: Fingerprint,
        /// The digest algorithm.
        hash: String,
    },
}

const ALLOWED: [Tag; 6] = [
    Tag::PublicKey,
    Tag::PublicSubkey,
    Tag::Signature,
    Tag::UserID,
    Tag::UserAttribute,
    Tag::Trust,
];
const MIN_RSA: usize = 2048;
const MAX_RSA: usize = 4096;
const EXPECTED: &str = "Ed25519, RSA with 2048 to 4096 bits, or ECDSA on NIST P-256, P-384, P-521";

impl CertificateError {
    /// Returns the stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooLarge(_) => "certificate/too-large",
            Self::Garbage(_) => "certificate/garbage",
            Self::SecretKey => "certificate/secret-key",
            Self::NotOne(_) => "certificate/not-one",
            Self::TooManyPackets => "certificate/too-many-packets",
            Self::TooManySubkeys(_) => "certificate/too-many-subkeys",
            Self::WeakKey { .. } => "certificate/weak-key",
            Self::Algorithm { .. } => "certificate/algorithm",
            Self::WeakBinding { .. } => "certificate/weak-binding",
        }
    }
}

impl Malformed for CertificateError {
    fn malformed(what: String) -> Self {
        Self::Garbage(what)
    }
}

impl Certificate {
    /// Reads one certificate, armored or binary.
    ///
    /// The primary key and every subkey that may sign have to be strong; the others are not used.
    pub fn parse(bytes: &[u8]) -> Result<Self, CertificateError> {
        if bytes.len() > limits::CERTIFICATE {
            return Err(CertificateError::TooLarge(bytes.len()));
        }
        let bytes = dearmor(bytes)?;
        check_packets(&bytes)?;
        let cert = Cert::from_bytes(&bytes).map_err(not_openpgp)?;
        let handles: Result<_, _> =
            cert.keys().map(|key| fingerprint(&key.key().fingerprint())).collect();
        let fingerprint = fingerprint(&cert.fingerprint())?;
        let certificate = Self { handles: handles?, fingerprint, cert };
        for (handle, key) in certificate.keys().filter(|(_, key)| key.primary() || may_sign(key)) {
            check_algorithm(handle, &key)?;
            check_binding(handle, &key)?;
        }
        Ok(certificate)
    }

    /// Returns the fingerprint of the primary key, which identifies the certificate.
    pub const fn fingerprint(&self) -> &Fingerprint {
        &self.fingerprint
    }

    /// Returns the fingerprints of the primary key and then of all subkeys.
    pub fn key_handles(&self) -> &[Fingerprint] {
        &self.handles
    }

    /// Returns the names that the certificate gives itself, fit to be shown. Nobody vouches for
    /// them.
    pub fn user_ids(&self) -> Vec<String> {
        let shown = |c| if text::is_forbidden(c) { char::REPLACEMENT_CHARACTER } else { c };
        let user_ids = self.cert.userids();
        let texts = user_ids.map(|id| String::from_utf8_lossy(id.userid().value()).into_owned());
        texts.map(|text| text.chars().map(shown).collect()).collect()
    }

    /// Tells whether every revocation of a key in `older` stands in this certificate, too: an
    /// update may add some but lose none.
    pub fn keeps_revocations_of(&self, older: &Self) -> bool {
        let mut lost = revocations(&older.cert);
        lost.all(|old| revocations(&self.cert).any(|kept| kept.normalized_eq(old)))
    }

    /// Tells whether the owner revoked the whole certificate in a way that counts for ever: as one
    /// that somebody else may hold, or without a reason (RFC 9580, section 5.2.3.31).
    pub fn is_revoked_for_good(&self) -> bool {
        self.revocations().any(|revocation| {
            let reason = revocation.reason_for_revocation().map(|(reason, _)| reason);
            let reason = reason.unwrap_or(ReasonForRevocation::Unspecified);
            reason.revocation_type() == RevocationType::Hard
        })
    }

    /// Returns the keys with their fingerprints.
    pub(super) fn keys(&self) -> impl Iterator<Item = (&Fingerprint, Key<'_>)> {
        self.handles.iter().zip(self.cert.keys())
    }

    /// Returns the verified revocations of the whole certificate by its owner.
    pub(super) fn revocations(&self) -> impl Iterator<Item = &Signature> {
        self.cert.primary_key().self_revocations()
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "certificate:{}", self.fingerprint())
    }
}

fn not_openpgp(error: impl fmt::Display) -> CertificateError {
    CertificateError::Garbage(format!("is not OpenPGP: {error}"))
}

fn fingerprint(
    fingerprint: &sequoia_openpgp::Fingerprint,
) -> Result<Fingerprint, CertificateError> {
    Fingerprint::parse(&fingerprint.to_hex()).map_err(not_openpgp)
}

fn dearmor(bytes: &[u8]) -> Result<Cow<'_, [u8]>, CertificateError> {
    let text = bytes.trim_ascii_start();
    if text.starts_with(b"-----BEGIN PGP PRIVATE KEY BLOCK-----") {
        return Err(CertificateError::SecretKey);
    }
    if !text.starts_with(b"-----") {
        return Ok(Cow::Borrowed(bytes));
    }
    let blocks = armor::blocks(text, Kind::PublicKey).map_err(CertificateError::Garbage)?;
    match <[_; 1]>::try_from(blocks) {
        Ok([block]) => Ok(Cow::Owned(block)),
        Err(blocks) => Err(CertificateError::NotOne(blocks.len())),
    }
}

/// Counts keys by the headers of the packets, before anything is computed.
fn check_packets(bytes: &[u8]) -> Result<(), CertificateError> {
    let (mut all, mut certificates, mut subkeys) = (0, 0, 0);
    packets::each(bytes, |parser| {
        let tag = parser.packet.tag();
        all += 1;
        certificates += usize::from(tag == Tag::PublicKey);
        subkeys += usize::from(tag == Tag::PublicSubkey);
        if matches!(tag, Tag::SecretKey | Tag::SecretSubkey) {
            Err(CertificateError::SecretKey)
        } else if !ALLOWED.contains(&tag) {
            Err(CertificateError::Garbage(format!("has a packet of type {tag}")))
        } else if all > limits::CERTIFICATE_PACKETS {
            Err(CertificateError::TooManyPackets)
        } else {
            Ok(())
        }
    })?;
    if certificates != 1 {
        return Err(CertificateError::NotOne(certificates));
    }
    if subkeys > limits::SUBKEYS {
        return Err(CertificateError::TooManySubkeys(subkeys));
    }
    Ok(())
}

/// Tells whether the owner ever said that the key may sign.
fn may_sign(key: &Key<'_>) -> bool {
    let flags = key.self_signatures().filter_map(|signature| signature.key_flags());
    flags.into_iter().any(|flags| flags.for_signing())
}

fn check_algorithm(handle: &Fingerprint, key: &Key<'_>) -> Result<(), CertificateError> {
    let mpis = key.key().mpis();
    let bits = mpis.bits().unwrap_or(0);
    let rsa = matches!(mpis, PublicKey::RSA { .. });
    if rsa && bits < MIN_RSA {
        return Err(CertificateError::WeakKey { key: handle.clone(), bits });
    }
    if (rsa && bits <= MAX_RSA) || is_elliptic(mpis) {
        return Ok(());
    }
    let mut found = key.key().pk_algo().to_string();
    if rsa {
        found = format!("RSA with {bits} bits");
    } else if let PublicKey::ECDSA { curve, .. } = mpis {
        found = format!("ECDSA on {curve}");
    }
    Err(CertificateError::Algorithm { key: handle.clone(), found })
}

const fn is_elliptic(mpis: &PublicKey) -> bool {
    matches!(
        mpis,
        PublicKey::Ed25519 { .. }
            | PublicKey::EdDSA { curve: Curve::Ed25519, .. }
            | PublicKey::ECDSA { curve: Curve::NistP256 | Curve::NistP384 | Curve::NistP521, .. }
    )
}

/// Refuses a key if all the self-signatures that bind it stand on weak digests.
fn check_binding(handle: &Fingerprint, key: &Key<'_>) -> Result<(), CertificateError> {
    let weak = |signature: &Signature| WEAK.contains(&signature.hash_algo());
    let mut bindings: Vec<&Signature> = key.self_signatures().collect();
    if key.primary() {
        bindings.extend(key.cert().userids().flat_map(|id| id.self_signatures()));
    }
    let strong = |binding: &&Signature| {
        // A subkey that signs says itself, too, that it belongs here.
        let mut back = binding.embedded_signatures().peekable();
        !weak(binding) && (back.peek().is_none() || back.any(|back| !weak(back)))
    };
    match bindings.first() {
        Some(first) if !bindings.iter().any(strong) => {
            let hash = first.hash_algo().to_string();
            Err(CertificateError::WeakBinding { key: handle.clone(), hash })
        }
        _ => Ok(()),
    }
}

fn revocations(cert: &Cert) -> impl Iterator<Item = &Signature> {
    cert.keys().flat_map(|key| key.self_revocations())
}
