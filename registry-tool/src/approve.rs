//! Writing approvals of what waits for a maintainer.

use std::path::{Path, PathBuf};

use index_schema::approval::{Approval, ApprovalTag, FindingId};
use index_schema::digest::Sha256Digest;
use index_schema::id::{IdError, StatementId};
use index_schema::layout::{IndexPath, IndexPathError, Month};
use index_schema::statement::SchemaOne;
use index_schema::text::{List, Text};
use index_schema::time::Timestamp;
use libral::file::read_file;

use crate::finding::{Finding, Level};
use crate::inspection::Inspection;
use crate::intake::{IntakeError, put};
use crate::judge::{Judged, judge};
use crate::repository::{RepositoryError, work_tree};
use crate::rules;
use crate::signer::{Signer, SignerError, signed};

/// Why nothing was approved.
#[derive(Debug, thiserror::Error)]
pub enum ApproveError {
    /// The repository could not be read.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
    /// Nothing in the work tree raises this finding.
    #[error("nothing waits for the approval of `{0}`")]
    NoSuchFinding(FindingId),
    /// The file that raises the finding is not a statement.
    #[error(transparent)]
    Path(#[from] IndexPathError),
    /// The file could not be read.
    #[error("cannot read `{}`", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// No id could be made for the approval.
    #[error(transparent)]
    Id(#[from] IdError),
    /// The same finding was named twice, or too many were.
    #[error("{0}")]
    Findings(String),
    /// The approval was not signed.
    #[error(transparent)]
    Signer(#[from] SignerError),
    /// The approval was not written.
    #[error(transparent)]
    Intake(#[from] IntakeError),
}

/// What a maintainer decided.
#[derive(Debug)]
pub struct Decision {
    /// The findings to approve.
    pub wanted: Vec<FindingId>,
    /// Why, for everybody to read.
    pub reason: Text<2048>,
}

/// Approves findings and returns the paths of the approvals, one for each statement.
pub fn approve(
    index: &Path,
    decision: &Decision,
    signer: &Signer,
    inspection: &Inspection<'_>,
    now: Timestamp,
) -> Result<Vec<IndexPath>, ApproveError> {
    let Judged { index: judged, mut findings } = judge(work_tree(index, now)?.files);
    findings.extend(judged.iter().flat_map(rules::judge));
    let Decision { wanted, reason } = decision;
    // Archives are looked into only for what nothing else has found.
    if !wanted.iter().all(|id| findings.iter().any(|finding| finding.fingerprint() == *id)) {
        findings.extend(judged.iter().flat_map(|index| inspection.judge(index)));
    }
    findings.sort();
    let waiting: Vec<&Finding> = findings.iter().filter(|f| f.level() == Level::Review).collect();
    for id in wanted {
        if !waiting.iter().any(|finding| finding.fingerprint() == *id) {
            return Err(ApproveError::NoSuchFinding(id.clone()));
        }
    }
    let Some(judged) = judged else { return Ok(Vec::new()) };
    let registry = &judged.maintainers.record().registry;
    let mut paths: Vec<&str> = waiting.iter().map(|finding| finding.path.as_str()).collect();
    paths.dedup();
    let mut written = Vec::new();
    for path in paths {
        let of_path = waiting.iter().filter(|finding| finding.path == path);
        let ids = of_path.map(|finding| finding.fingerprint()).filter(|id| wanted.contains(id));
        let findings = ids.collect::<Vec<_>>();
        if findings.is_empty() {
            continue;
        }
        let subject = IndexPath::parse(path)?;
        let place = index.join(path);
        let bytes = read_file(&place, subject.limit())
            .map_err(|source| ApproveError::Read { path: place, source })?;
        let digest = Sha256Digest::of(&bytes);
        let approval = Approval {
            kind: ApprovalTag,
            schema: SchemaOne,
            registry: registry.clone(),
            id: approval_id(&digest)?,
            path: subject,
            sha256: digest,
            archives: List::default(),
            findings: List::new(findings).map_err(ApproveError::Findings)?,
            reason: reason.clone(),
        };
        let bytes = signed(&approval, std::slice::from_ref(signer), now)?;
        let path = IndexPath::Moderation(Month::of(now), approval.id);
        put(index, &path, &bytes)?;
        written.push(path);
    }
    Ok(written)
}

/// The id says what is approved, so two approvals of one statement cannot both be taken for new.
fn approval_id(digest: &Sha256Digest) -> Result<StatementId, IdError> {
    let short: String = digest.to_string().chars().take(16).collect();
    StatementId::parse(&format!("approve-{short}"))
}
