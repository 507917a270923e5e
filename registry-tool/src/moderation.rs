//! What moderators sign: hand-overs of publishers, what is to be said of them, and removals of
//! releases.

mod dependents;
mod handover;
mod removal;
mod standing;

use std::path::PathBuf;

use index_schema::digest::Sha256Digest;
use index_schema::id::{IdError, PluginId, PublisherId, StatementId};
use index_schema::json::Problem;
use index_schema::layout::IndexPath;
use index_schema::version::Version;

pub use self::dependents::Dependent;
pub use self::handover::{HandedOver, hand_over};
pub use self::removal::{Removing, prepare};
pub use self::standing::{Speaking, Word, prepare_word};
use crate::finding::Finding;
use crate::rehearsal::RehearsalError;

/// Why nothing was moderated.
#[derive(Debug, thiserror::Error)]
pub enum ModerationError {
    /// The record could not be read.
    #[error("cannot read `{}`", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not a record of the publisher.
    #[error("`{}` is not a record of a publisher: {why}", path.display())]
    NotARecord {
        /// The file.
        path: PathBuf,
        /// Why not.
        why: String,
    },
    /// There is no such release.
    #[error("there is no release {0} {1} that could be removed")]
    NoSuchRelease(PluginId, Version),
    /// There is nothing to change.
    #[error("the publisher `{0}` {1}")]
    Vain(PublisherId, &'static str),
    /// The list of what was checked has too many items, or one twice.
    #[error("what was checked: {0}")]
    Checked(String),
    /// No id could be made for the statement.
    #[error(transparent)]
    Id(#[from] IdError),
    /// A list of keys has no or too many items.
    #[error("keys: {0}")]
    Keys(String),
}

impl From<ModerationError> for RehearsalError {
    fn from(error: ModerationError) -> Self {
        Self::Command(Box::new(error))
    }
}

/// What is no reason not to write a statement: moderators may sign one after the other.
const UNFINISHED: &str = "signature/below-threshold";

/// The id says what is decided and about what, so that it is not decided twice by mistake.
fn statement_id(what: &str, digest: Sha256Digest) -> Result<StatementId, ModerationError> {
    let short: String = digest.to_string().chars().take(16).collect();
    Ok(StatementId::parse(&format!("{what}-{short}"))?)
}

/// Tells whether a statement lacks nothing but signatures of other moderators; refuses it if it
/// lacks something else.
fn unfinished(findings: Vec<Finding>, path: &IndexPath) -> Result<bool, RehearsalError> {
    let path = path.to_string();
    let is_unfinished =
        findings.iter().any(|finding| finding.path == path && finding.code == UNFINISHED);
    let others: Vec<Finding> = findings
        .into_iter()
        .filter(|finding| !(is_unfinished && is_for_want_of(finding, &path)))
        .collect();
    if others.is_empty() { Ok(is_unfinished) } else { Err(RehearsalError::Refused(others)) }
}

/// Tells whether a finding would not be there if enough moderators had signed.
fn is_for_want_of(finding: &Finding, path: &str) -> bool {
    let without = [UNFINISHED, "signature/not-entitled", "publisher/open"];
    finding.code == UNFINISHED || (finding.path != path && without.contains(&finding.code))
}

fn describe(problems: Vec<Problem>) -> String {
    problems.into_iter().map(|problem| problem.message).collect::<Vec<_>>().join("; ")
}
