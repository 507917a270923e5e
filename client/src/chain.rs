//! Who may sign for a registry and for a publisher.
//!
//! ```text
//! registry record ──role review──▶ approval ─┐
//!                                            ▼
//! publisher record 1 (self-signed by every active key) ──threshold of active keys──▶ releases
//! ```
//!
//! The registry's maintainers let a publisher in once, by approving its first record; from then on
//! the publisher's keys speak for it. A client checks the approval itself, so that whoever holds
//! the registry's online keys cannot introduce a publisher.
//!
//! Everything here is pure: bytes, keys and acceptance times in, verdict out. The validator and
//! the client call the same functions, so they cannot disagree.

use index_schema::approval::{Approval, FindingId};
use index_schema::fingerprint::Fingerprint;
use index_schema::layout::IndexPath;
use index_schema::manifest::Manifest;
use index_schema::publisher::{Certificate as Entry, KeyState, Publisher};
use index_schema::registry::{Maintainer, Registry, Role};
use index_schema::statement::{Document, Statement};
use index_schema::status::Status;
use index_schema::text::Text;
use index_schema::time::Timestamp;

use crate::openpgp::{Certificate, CertificateError, Keyring, SignatureError, Signer, verify};

/// The code of the finding that every first record of a publisher raises.
pub const NEW_PUBLISHER: &str = "publisher/new";

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
            Self::OtherRegistry { .. } => "identity/other-registry",
            Self::OtherPublisher { .. } => "identity/other-publisher",
            Self::TooEarly { .. } => "identity/too-early",
            Self::OtherApproval(_) => "approval/mismatch",
            Self::LateApproval { .. } => "approval/late",
        }
    }
}

/// Everything that is wrong with a statement.
pub type Errors = Vec<ChainError>;

/// The maintainers of a registry, by what they may decide.
#[derive(Debug, Clone)]
pub struct Maintainers {
    record: Registry,
    certificates: Vec<Certificate>,
}

impl Maintainers {
    /// Reads the certificates of a record that is trusted for another reason: the registry's
    /// offline role named it.
    pub fn of(record: Registry) -> Result<Self, Errors> {
        let parse = |m: &Maintainer| parse_certificate(&m.fingerprint, &m.certificate);
        let certificates = collect(record.maintainers.iter().map(parse))?;
        Ok(Self { record, certificates })
    }

    /// Checks the first record of a registry: its own maintainers signed it.
    pub fn first(statement: &Statement<Registry>, accepted: Timestamp) -> Result<Self, Errors> {
        let record = &statement.document;
        if record.serial != 1 {
            return Err(vec![ChainError::NotFirst(record.serial)]);
        }
        let maintainers = Self::of(record.clone())?;
        maintainers.signed(statement, Role::Registry, accepted)?;
        Ok(maintainers)
    }

    /// Returns the record.
    pub const fn record(&self) -> &Registry {
        &self.record
    }

    /// Checks that enough maintainers with `role` signed a statement for this registry.
    fn signed<T: Document>(
        &self,
        statement: &Statement<T>,
        role: Role,
        accepted: Timestamp,
    ) -> Result<(), Errors> {
        let entitled = self.record.maintainers.iter().zip(&self.certificates);
        let keyring: Keyring = entitled
            .filter(|(maintainer, _)| maintainer.roles.contains(&role))
            .map(|(_, certificate)| certificate.clone())
            .collect();
        let signers = signers(statement, &keyring, accepted)?;
        enough(&signers, self.record.threshold(role))
    }

    /// Checks that an approval is good: for this registry, and signed by enough reviewers.
    pub fn verify_approval(
        &self,
        approval: &Statement<Approval>,
        accepted: Timestamp,
    ) -> Result<(), Errors> {
        same_registry(&self.record, approval.document.registry.as_str())?;
        self.signed(approval, Role::Review, accepted)
    }

    /// Checks that an approval is good, and is for exactly this finding about this statement.
    pub fn approves<T: Document>(
        &self,
        approval: (&Statement<Approval>, Timestamp),
        subject: (&IndexPath, &Statement<T>, Timestamp),
        finding: &FindingId,
    ) -> Result<(), Errors> {
        covers((&approval.0.document, approval.1), subject, finding)
            .map_err(|error| vec![error])?;
        self.verify_approval(approval.0, approval.1)
    }
}

/// Checks that an approval is for exactly this finding about this statement, and came in time.
pub fn covers<T: Document>(
    (approval, approved_at): (&Approval, Timestamp),
    (path, statement, accepted): (&IndexPath, &Statement<T>, Timestamp),
    finding: &FindingId,
) -> Result<(), ChainError> {
    let mismatch = |what| Err(ChainError::OtherApproval(what));
    if approval.path != *path {
        return mismatch("it names another path");
    }
    if approval.sha256 != statement.digest() {
        return mismatch("it names another digest");
    }
    if !approval.findings.contains(finding) {
        return mismatch("it does not name the finding");
    }
    if approved_at > accepted {
        return Err(ChainError::LateApproval { approval: approved_at, subject: accepted });
    }
    Ok(())
}

/// Returns what the approval of a publisher's first record has to name.
pub fn new_publisher_finding(record: &Publisher) -> FindingId {
    let path = IndexPath::Publisher(record.id.clone(), record.serial).to_string();
    FindingId::of(NEW_PUBLISHER, &path, record.id.as_str())
}

/// The keys of a publisher from some serial on.
#[derive(Debug, Clone)]
pub struct Chain {
    record: Publisher,
    keyring: Keyring,
    accepted: Timestamp,
}

impl Chain {
    /// Checks the first record of a publisher: every active key signed it. The approval is checked
    /// apart, by [`Maintainers::approves`].
    pub fn first(
        statement: &Statement<Publisher>,
        registry: &Registry,
        accepted: Timestamp,
    ) -> Result<Self, Errors> {
        let record = &statement.document;
        same_registry(registry, record.registry.as_str())?;
        if record.serial != 1 {
            return Err(vec![ChainError::NotFirst(record.serial)]);
        }
        let parse = |entry: &Entry| parse_certificate(&entry.fingerprint, &entry.certificate);
        let keyring = collect(record.certificates.iter().map(parse))?.into_iter().collect();
        let chain = Self { record: record.clone(), keyring, accepted };
        let signers = chain.signers(statement, accepted)?;
        let active = record.certificates.iter().filter(|entry| entry.state == KeyState::Active);
        let silent = active.map(|entry| &entry.fingerprint).filter(|fingerprint| {
            !signers.iter().any(|signer| signer.certificate == **fingerprint)
        });
        let missing: Errors = silent.cloned().map(ChainError::NoPossession).collect();
        if missing.is_empty() { Ok(chain) } else { Err(missing) }
    }

    /// Returns the record in force.
    pub const fn record(&self) -> &Publisher {
        &self.record
    }

    /// Returns when the record in force was accepted.
    pub const fn accepted(&self) -> Timestamp {
        self.accepted
    }

    /// Returns the certificates of the record in force.
    pub const fn keyring(&self) -> &Keyring {
        &self.keyring
    }

    /// Checks that enough active keys signed a release of this publisher; returns who did.
    pub fn release(
        &self,
        statement: &Statement<Manifest>,
        accepted: Timestamp,
    ) -> Result<Vec<Fingerprint>, Errors> {
        let manifest = &statement.document;
        self.same_identity(manifest.registry.as_str(), manifest.id.publisher.as_str())?;
        self.signed(statement, accepted)
    }

    /// Checks that enough active keys signed a status statement of this publisher.
    pub fn status(
        &self,
        statement: &Statement<Status>,
        accepted: Timestamp,
    ) -> Result<Vec<Fingerprint>, Errors> {
        let status = &statement.document;
        self.same_identity(status.registry.as_str(), status.id.publisher.as_str())?;
        self.signed(statement, accepted)
    }

    fn same_identity(&self, registry: &str, publisher: &str) -> Result<(), Errors> {
        let (expected, found) = (self.record.registry.as_str(), registry);
        if expected != found {
            let (expected, found) = (expected.to_owned(), found.to_owned());
            return Err(vec![ChainError::OtherRegistry { expected, found }]);
        }
        if self.record.id.as_str() != publisher {
            let (expected, found) = (self.record.id.to_string(), publisher.to_owned());
            return Err(vec![ChainError::OtherPublisher { expected, found }]);
        }
        Ok(())
    }

    fn signed<T: Document>(
        &self,
        statement: &Statement<T>,
        accepted: Timestamp,
    ) -> Result<Vec<Fingerprint>, Errors> {
        if accepted < self.accepted {
            return Err(vec![ChainError::TooEarly { accepted, keys: self.accepted }]);
        }
        let signers = self.signers(statement, accepted)?;
        enough(&signers, usize::try_from(self.record.threshold).unwrap_or(usize::MAX))?;
        Ok(signers.into_iter().map(|signer| signer.certificate).collect())
    }

    /// Verifies all signatures and that each is by an active key.
    fn signers<T: Document>(
        &self,
        statement: &Statement<T>,
        accepted: Timestamp,
    ) -> Result<Vec<Signer>, Errors> {
        let signers = signers(statement, &self.keyring, accepted)?;
        let errors: Errors = signers.iter().filter_map(|signer| self.idle(signer)).collect();
        if errors.is_empty() { Ok(signers) } else { Err(errors) }
    }

    fn idle(&self, signer: &Signer) -> Option<ChainError> {
        let key = &signer.certificate;
        let entry = self.record.certificates.iter().find(|entry| entry.fingerprint == *key)?;
        match entry.state {
            KeyState::Active => None,
            KeyState::Retired => Some(ChainError::RetiredKey(key.clone())),
            KeyState::Compromised => Some(ChainError::CompromisedKey(key.clone())),
        }
    }
}

fn same_registry(registry: &Registry, found: &str) -> Result<(), Errors> {
    let expected = registry.registry.as_str();
    if expected == found {
        return Ok(());
    }
    let (expected, found) = (expected.to_owned(), found.to_owned());
    Err(vec![ChainError::OtherRegistry { expected, found }])
}

fn signers<T: Document>(
    statement: &Statement<T>,
    keyring: &Keyring,
    accepted: Timestamp,
) -> Result<Vec<Signer>, Errors> {
    let (document, signatures) = (statement.signed_bytes(), statement.signatures());
    verify(document, signatures, keyring, accepted)
        .map_err(|errors| errors.into_iter().map(ChainError::Signature).collect())
}

fn enough(signers: &[Signer], needed: usize) -> Result<(), Errors> {
    let found = signers.len();
    if found >= needed { Ok(()) } else { Err(vec![ChainError::BelowThreshold { needed, found }]) }
}

fn parse_certificate<const MAX: usize>(
    said: &Fingerprint,
    armored: &Text<MAX>,
) -> Result<Certificate, ChainError> {
    let certificate = Certificate::parse(armored.as_str().as_bytes())
        .map_err(|source| ChainError::Certificate { fingerprint: said.clone(), source })?;
    let found = certificate.fingerprint();
    if *found == *said {
        return Ok(certificate);
    }
    Err(ChainError::OtherCertificate { said: said.clone(), found: found.clone() })
}

/// Collects all good values, or all errors.
fn collect<T>(results: impl Iterator<Item = Result<T, ChainError>>) -> Result<Vec<T>, Errors> {
    let mut values = Vec::new();
    let mut errors = Vec::new();
    for result in results {
        match result {
            Ok(value) => values.push(value),
            Err(error) => errors.push(error),
        }
    }
    if errors.is_empty() { Ok(values) } else { Err(errors) }
}
