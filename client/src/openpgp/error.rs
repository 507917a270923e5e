//! Why a signature is not good.

use index_schema::fingerprint::Fingerprint;
use index_schema::limits;
use index_schema::time::{DAY, Timestamp};

/// Why a signature, or all the signatures of a document, are refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// There is no signature.
    #[error("there is no signature")]
    Missing,
    /// The bytes are not armored signatures and nothing else.
    #[error("what stands behind the document {0}")]
    Garbage(String),
    /// There are more bytes than the ceiling.
    #[error("the signatures have {0} bytes, at most {max} are read", max = limits::SIGNATURES)]
    TooLong(usize),
    /// There are more signatures than the ceiling.
    #[error("there are more than {max} signatures", max = limits::SIGNATURE_PACKETS)]
    TooMany,
    /// A signature has a version or form that is not read.
    #[error("a signature cannot be read: {0}")]
    Unreadable(String),
    /// A signature does not name the key that made it.
    #[error("a signature does not name the key that made it")]
    NoIssuer,
    /// A signature does not say when it was made.
    #[error("the signature by key {0} does not say when it was made")]
    NoTime(String),
    /// No certificate of the keyring has the key.
    #[error("key {0} belongs to none of the certificates that may sign this")]
    UnknownKey(String),
    /// The signature is a certification, a signature of text, or something else.
    #[error("key {key} made a signature of type {found}, expected one of a binary document (0x00)")]
    WrongType {
        /// The issuer.
        key: Fingerprint,
        /// The type.
        found: String,
    },
    /// The digest algorithm can be attacked.
    #[error("the signature by key {key} stands on {hash}, which can be forged")]
    WeakHash {
        /// The issuer.
        key: Fingerprint,
        /// The digest algorithm.
        hash: String,
    },
    /// The signature demands something that is not known here.
    #[error("the signature by key {key} is not understood: {reason}")]
    Unsupported {
        /// The issuer.
        key: Fingerprint,
        /// What it demands.
        reason: String,
    },
    /// The signature claims to be much older than its acceptance.
    #[error(
        "the signature by key {key} claims to be made at {claimed}, more than {days} days before \
         it was accepted at {accepted}", days = super::OLDEST / DAY
    )]
    Backdated {
        /// The issuer.
        key: Fingerprint,
        /// When the signature claims to be made.
        claimed: Timestamp,
        /// When it was accepted.
        accepted: Timestamp,
    },
    /// The signature claims to be made after its acceptance.
    #[error(
        "the signature by key {key} claims to be made at {claimed}, after it was accepted at \
         {accepted}"
    )]
    Future {
        /// The issuer.
        key: Fingerprint,
        /// When the signature claims to be made.
        claimed: Timestamp,
        /// When it was accepted.
        accepted: Timestamp,
    },
    /// The signature carries an end of its own and that has passed.
    #[error("the signature by key {key} was no longer valid when it was accepted at {accepted}")]
    Expired {
        /// The issuer.
        key: Fingerprint,
        /// When the signature was accepted.
        accepted: Timestamp,
    },
    /// The key may encrypt or certify but not sign.
    #[error("key {0} is not for signing")]
    NotForSigning(Fingerprint),
    /// No self-signature binds the key to its certificate at that time.
    #[error("nothing in its certificate makes key {key} valid at {at}")]
    KeyNotValid {
        /// The issuer.
        key: Fingerprint,
        /// The time of the question.
        at: Timestamp,
    },
    /// The key or its certificate has expired.
    #[error("key {key} expired at {expired}, before {at}")]
    KeyExpired {
        /// The issuer.
        key: Fingerprint,
        /// When the key or its certificate expired.
        expired: Timestamp,
        /// The time of the question.
        at: Timestamp,
    },
    /// The key or its certificate is revoked.
    #[error("key {key} was revoked at {revoked}: {reason}")]
    KeyRevoked {
        /// The issuer.
        key: Fingerprint,
        /// When the revocation was made.
        revoked: Timestamp,
        /// The reason that the owner gives, in the words of the standard.
        reason: String,
    },
    /// The key or its binding stands on an algorithm that can be attacked.
    #[error("key {key} is too weak: {reason}")]
    WeakKey {
        /// The issuer.
        key: Fingerprint,
        /// What is weak.
        reason: String,
    },
    /// The key did not make this signature of this document.
    #[error("the signature by key {0} is not one of these bytes: the document was changed")]
    Wrong(Fingerprint),
}

impl SignatureError {
    /// Returns the stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Missing => "signature/missing",
            Self::Garbage(_) | Self::Unreadable(_) => "signature/garbage",
            Self::TooLong(_) => "signature/too-long",
            Self::TooMany => "signature/too-many",
            Self::NoIssuer => "signature/no-issuer",
            Self::NoTime(_) => "signature/no-time",
            Self::UnknownKey(_) => "signature/unknown-key",
            Self::WrongType { .. } => "signature/wrong-type",
            Self::WeakHash { .. } => "signature/weak-hash",
            Self::Unsupported { .. } => "signature/unsupported",
            Self::Backdated { .. } => "signature/backdated",
            Self::Future { .. } => "signature/future",
            Self::Expired { .. } => "signature/expired",
            Self::NotForSigning(_) => "signature/not-for-signing",
            Self::KeyNotValid { .. } => "signature/key-not-valid",
            Self::KeyExpired { .. } => "signature/key-expired",
            Self::KeyRevoked { .. } => "signature/key-revoked",
            Self::WeakKey { .. } => "signature/weak-key",
            Self::Wrong(_) => "signature/wrong",
        }
    }
}
