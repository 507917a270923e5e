//! What would be said of statements, before they are put anywhere.
//!
//! A command that writes a statement rehearses it first, in the context of everything that lies in
//! the work tree, as if it were accepted now. So it refuses what the chain would refuse, and nothing
//! is written.

use std::error::Error;
use std::path::Path;

use index_schema::layout::IndexPath;
use index_schema::time::Timestamp;

use crate::finding::{Finding, list};
use crate::intake::IntakeError;
use crate::judge::{Index, Judged, Read, judge};
use crate::repository::{RepositoryError, work_tree};
use crate::rules;
use crate::signer::SignerError;
use crate::submission::{File, Submission, read};

/// A work tree to rehearse in.
#[derive(Debug)]
pub struct Rehearsal {
    files: Vec<Read>,
    now: Timestamp,
}

/// Why a statement was not written, whichever command would have written it.
#[derive(Debug, thiserror::Error)]
pub enum RehearsalError {
    /// The repository could not be read.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
    /// No registry record counts.
    #[error("no registry record counts:\n{}", list(.0))]
    NoRegistry(Vec<Finding>),
    /// The statement would be refused.
    #[error("this would be refused:\n{}", list(.0))]
    Refused(Vec<Finding>),
    /// It was not signed.
    #[error(transparent)]
    Signer(#[from] SignerError),
    /// It was not put into the work tree.
    #[error(transparent)]
    Intake(#[from] IntakeError),
    /// There is no such statement to write: the command says why.
    #[error(transparent)]
    Command(Box<dyn Error + Send + Sync>),
}

impl RehearsalError {
    /// Tells whether a statement was judged and refused.
    pub const fn is_refusal(&self) -> bool {
        match self {
            Self::Refused(_) => true,
            Self::Intake(error) => error.is_refusal(),
            Self::Repository(_) | Self::NoRegistry(_) | Self::Signer(_) | Self::Command(_) => false,
        }
    }
}

impl Rehearsal {
    /// Reads what of a work tree is wanted.
    pub fn read(
        index: &Path,
        now: Timestamp,
        wanted: impl Fn(&Submission) -> bool,
    ) -> Result<Self, RehearsalError> {
        let mut files = work_tree(index, now)?.files;
        files.retain(|file| file.as_ref().map_or(true, &wanted));
        Ok(Self { files, now })
    }

    /// Judges the work tree as it is.
    pub fn index(&self) -> Result<Index, RehearsalError> {
        let Judged { index, findings } = judge(self.files.clone());
        index.ok_or(RehearsalError::NoRegistry(findings))
    }

    /// Judges the work tree with more statements in it, or others, and returns what is said of
    /// them: what blocks, and what waits for a maintainer.
    pub fn with(&self, added: &[(&IndexPath, &[u8])]) -> Vec<Finding> {
        let is_added = |path: &str| added.iter().any(|(place, _)| place.to_string() == path);
        let stays = |file: &&Read| match file {
            Ok(submission) => !added.iter().any(|(place, _)| **place == submission.path),
            Err(problems) => !problems.iter().any(|problem| is_added(&problem.path)),
        };
        let mut files: Vec<Read> = self.files.iter().filter(stays).cloned().collect();
        files.extend(added.iter().map(|(place, bytes)| {
            let path = place.to_string();
            read(File { path: &path, bytes, accepted: self.now, is_new: true })
        }));
        let Judged { index, mut findings } = judge(files);
        findings.extend(index.iter().flat_map(rules::judge));
        findings.retain(|finding| is_added(&finding.path));
        findings.sort();
        findings
    }
}
