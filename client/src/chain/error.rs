//! What can be wrong with a statement of a chain.

use index_schema::fingerprint::Fingerprint;
use index_schema::publisher::KeyState;
use index_schema::time::Timestamp;

use crate::openpgp::{CertificateError, SignatureError};

/// Why a statement does not count.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChainError {
    /// A certificate in a record is no good.
    #[error("the certificate of `{fingerprint}`: {source}")]
    Certificate {
        /// The fingerprint that the record gives.
        fingerprint: Fingerprint,
        /// What is wrong with the certificate.
        source: CertificateError,
    },
    /// A record gives another fingerprint than the certificate has.
    #[error("the record says `{said}`, the certificate beside it is `{found}`")]
    OtherCertificate {
        /// The fingerprint that the record gives.
        said: Fingerprint,
        /// The fingerprint of the certificate.
        found: Fingerprint,
    },
    /// A signature is no good.
    #[error(transparent)]
    Signature(SignatureError),
    /// A key that no longer signs.
    #[error("`{0}` is retired and signs no more")]
    RetiredKey(Fingerprint),
    /// A key that somebody else may hold.
    #[error("`{0}` is compromised")]
    CompromisedKey(Fingerprint),
    /// Good signatures, but too few.
    #[error("{needed} keys have to sign, {found} did")]
    BelowThreshold {
        /// How many have to.
        needed: usize,
        /// How many did.
        found: usize,
    },
    /// A key is listed as active that did not sign the record.
    #[error("`{0}` is listed as active but did not sign: nobody has shown to hold it")]
    NoPossession(Fingerprint),
    /// A chain has to start at serial 1.
    #[error("a chain starts at serial 1, not {0}")]
    NotFirst(u64),
    /// A record does not come after the one before it.
    #[error("serial {found} does not follow serial {known}")]
    NotNext {
        /// The serial of the last record that counts.
        known: u64,
        /// The serial found.
        found: u64,
    },
    /// The record before this one may still be objected to.
    #[error(
        "serial {serial} changes the keys and is open to objection until {until}: what follows has to wait"
    )]
    Open {
        /// The serial of the record before.
        serial: u64,
        /// Until when.
        until: Timestamp,
    },
    /// A record leaves out a key of the one before.
    #[error("`{0}` stood in the record before, and is left out")]
    LostKey(Fingerprint),
    /// A key counts for more than it did before.
    #[error("`{key}` was `{before}` and cannot be `{after}` again")]
    StateBack {
        /// The key.
        key: Fingerprint,
        /// What it counted for.
        before: KeyState,
        /// What it should count for.
        after: KeyState,
    },
    /// The time since when a key is compromised was changed, or lies ahead.
    #[error("`{key}` cannot be compromised since {since}: {reason}")]
    Since {
        /// The key.
        key: Fingerprint,
        /// Since when.
        since: Timestamp,
        /// Why not.
        reason: &'static str,
    },
    /// A certificate lacks a revocation that it had.
    #[error("the certificate of `{0}` lacks a revocation that it had")]
    LostRevocation(Fingerprint),
    /// A key is listed as active that its owner has revoked as one that somebody else may hold.
    #[error("`{0}` is revoked as compromised or without a reason, so it cannot be active")]
    RevokedKey(Fingerprint),
    /// A key signed that is neither active before nor new.
    #[error("`{0}` was not active before this record, and is not new in it")]
    NotEntitled(Fingerprint),
    /// A record needs a consent of the maintainers that is not there.
    #[error("the maintainers have not approved `{0}`")]
    NotApproved(&'static str),
    /// A statement is about something else than what it came with.
    #[error("{what} is about something else: {reason}")]
    OtherRecord {
        /// The statement.
        what: &'static str,
        /// What differs.
        reason: &'static str,
    },
    /// An objection came after its time, or there was nothing to object to.
    #[error("the objection does not count: {0}")]
    VainObjection(&'static str),
    /// The statement was made for another registry.
    #[error("the statement is for the registry `{found}`, this is `{expected}`")]
    OtherRegistry {
        /// The registry at hand.
        expected: String,
        /// The registry that the statement names.
        found: String,
    },
    /// The statement is about another publisher.
    #[error("the statement is by `{found}`, the keys are those of `{expected}`")]
    OtherPublisher {
        /// The publisher at hand.
        expected: String,
        /// The publisher that the statement names.
        found: String,
    },
    /// The statement is older than the keys that should have signed it.
    #[error("the statement was accepted at {accepted}, before the publisher's keys ({keys})")]
    TooEarly {
        /// When the statement was accepted.
        accepted: Timestamp,
        /// When the keys were.
        keys: Timestamp,
    },
    /// The maintainers had suspended the publisher.
    #[error("the maintainers suspended the publisher at {0}: what it signs does not count")]
    Suspended(Timestamp),
    /// A verification that does not end, or that is over at once.
    #[error("`until` is {until}; it lies after the acceptance ({accepted}), by two years at most")]
    Until {
        /// When it should end.
        until: Timestamp,
        /// When it begins.
        accepted: Timestamp,
    },
    /// The approval is for something else.
    #[error("the approval is not for this: {0}")]
    OtherApproval(&'static str),
    /// The approval came after what it approves.
    #[error("the approval was accepted at {approval}, after what it approves ({subject})")]
    LateApproval {
        /// When the approval was accepted.
        approval: Timestamp,
        /// When its subject was accepted.
        subject: Timestamp,
    },
}

impl ChainError {
    /// Returns the key that somebody else may hold, if that is what is wrong.
    pub const fn compromised_key(&self) -> Option<&Fingerprint> {
        if let Self::CompromisedKey(key) = self { Some(key) } else { None }
    }

    /// Tells whether it is only for a suspension that the statement does not count.
    pub const fn is_suspension(&self) -> bool {
        matches!(self, Self::Suspended(_))
    }

    /// Returns the stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Certificate { source, .. } => source.code(),
            Self::OtherCertificate { .. } => "certificate/fingerprint",
            Self::Signature(error) => error.code(),
            Self::RetiredKey(_) => "signature/retired-key",
            Self::CompromisedKey(_) => "signature/compromised-key",
            Self::BelowThreshold { .. } => "signature/below-threshold",
            Self::NoPossession(_) => "publisher/no-possession",
            Self::NotFirst(_) => "chain/not-first",
            Self::NotNext { .. } => "chain/not-next",
            Self::Open { .. } => "publisher/open",
            Self::LostKey(_) => "publisher/lost-key",
            Self::StateBack { .. } => "publisher/state-back",
            Self::Since { .. } => "publisher/since",
            Self::LostRevocation(_) => "certificate/lost-revocation",
            Self::RevokedKey(_) => "publisher/revoked-key",
            Self::NotEntitled(_) => "signature/not-entitled",
            Self::NotApproved(code) => code,
            Self::OtherRecord { .. } => "chain/other-record",
            Self::VainObjection(_) => "objection/vain",
            Self::OtherRegistry { .. } => "identity/other-registry",
            Self::OtherPublisher { .. } => "identity/other-publisher",
            Self::TooEarly { .. } => "identity/too-early",
            Self::Suspended(_) => "publisher/suspended",
            Self::Until { .. } => "publisher-status/until",
            Self::OtherApproval(_) => "approval/mismatch",
            Self::LateApproval { .. } => "approval/late",
        }
    }
}

/// Everything that is wrong with a statement.
pub type Errors = Vec<ChainError>;
