//! Who may sign for a registry and for a publisher.
//!
//! ```text
//! registry record 1 ─threshold of role `registry`─▶ record 2 ─▶ … Maintainers
//!                                                        │ role review: approval
//!                                                        │ role moderate: hand-over, removal
//!                                                        ▼
//! publisher record 1 (signed by every active key) ─threshold of active keys─▶ record 2 ─▶ … Chain
//!                                                        │ threshold of active keys
//!                                                        ▼
//!                                                     releases, status statements
//! ```
//!
//! The registry's maintainers let a publisher in once, by approving its first record; from then on
//! the publisher's keys speak for it. A client checks the approval itself, so that whoever holds
//! the registry's online keys cannot introduce a publisher.
//!
//! Each statement is judged by the record that was in force when it was accepted, with two
//! exceptions that take trust away at once: a key that some record calls compromised since a time
//! signs nothing from that time on, and a change of keys waits for [`OBJECTION_PERIOD`].
//!
//! Everything here is pure: bytes, keys and acceptance times in, verdict out. The validator and
//! the client call the same functions, so they cannot disagree.

mod error;
mod maintainers;
mod publisher;
use index_schema::approval::{Approval, FindingId};
use index_schema::fingerprint::Fingerprint;
use index_schema::layout::IndexPath;
use index_schema::publisher::Publisher;
use index_schema::registry::Registry;
use index_schema::statement::{Document, Statement};
use index_schema::text::Text;
use index_schema::time::{DAY, Timestamp};

pub use self::error::{ChainError, Errors};
pub use self::maintainers::Maintainers;
pub use self::publisher::{Chain, Followed, Step};
use crate::openpgp::{Certificate, Keyring, Signer, verify};

/// The code of the finding that every first record of a publisher raises.
pub const NEW_PUBLISHER: &str = "publisher/new";

/// The code of the finding that a record raises which calls a key compromised since a time before
/// the record was accepted.
pub const SINCE_PAST: &str = "publisher/since-past";

/// For how many seconds after its acceptance a change of keys is open to objection, and does not
/// count yet.
pub const OBJECTION_PERIOD: i64 = 3 * DAY;

/// A statement and when the registry accepted it.
pub type At<'s, T> = (&'s Statement<T>, Timestamp);

/// Returns what the approval of a publisher's first record has to name.
pub fn new_publisher_finding(record: &Publisher) -> FindingId {
    finding(NEW_PUBLISHER, record)
}

/// Returns what the approval of a record has to name that calls a key compromised since a time
/// before the record's own acceptance.
pub fn since_past_finding(record: &Publisher) -> FindingId {
    finding(SINCE_PAST, record)
}

fn finding(code: &str, record: &Publisher) -> FindingId {
    let path = IndexPath::Publisher(record.id.clone(), record.serial).to_string();
    FindingId::of(code, &path, record.id.as_str())
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

fn enough(found: usize, needed: usize) -> Result<(), Errors> {
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

/// Refuses an update of certificates that lacks a revocation of what it updates.
fn keep_revocations(old: &[Certificate], new: &[Certificate]) -> Errors {
    let lost = |old: &&Certificate| {
        let update = new.iter().find(|new| new.fingerprint() == old.fingerprint());
        update.is_some_and(|update| !update.keeps_revocations_of(old))
    };
    let lost = old.iter().filter(lost);
    lost.map(|old| ChainError::LostRevocation(old.fingerprint().clone())).collect()
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

/// Turns a list of errors into a verdict.
fn none(errors: Errors) -> Result<(), Errors> {
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

#[cfg(test)]
pub(crate) mod tests;
