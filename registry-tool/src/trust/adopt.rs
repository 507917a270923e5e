//! Taking finished metadata into the work tree of the index, as a client would take them.

use std::path::Path;

use index_schema::layout::IndexPath;
use index_schema::time::Timestamp;
use libral::tuf::TrustedRoot;

use super::document::{Document, DocumentError, Progress};
use super::{Trust, TrustError};
use crate::intake::{IntakeError, put};

/// Why metadata were not taken into the index.
#[derive(Debug, thiserror::Error)]
pub enum AdoptError {
    /// The index could not be read.
    #[error(transparent)]
    Trust(#[from] TrustError),
    /// The metadata are refused.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// The file could not be written.
    #[error(transparent)]
    Intake(#[from] IntakeError),
}

/// Puts together the signatures of copies of one file; returns the file.
pub fn merge(copies: Vec<Document>, trust: &Trust) -> Result<Document, DocumentError> {
    let mut copies = copies.into_iter();
    let mut whole = copies.next().ok_or(DocumentError::Kind)?;
    for copy in copies {
        whole.merge(&copy, trust)?;
    }
    whole.tidy(trust)?;
    Ok(whole)
}

/// Puts a file with all its signatures into the work tree; returns its place.
pub fn adopt(index: &Path, document: &Document, now: Timestamp) -> Result<IndexPath, AdoptError> {
    let trust = Trust::read(index, now)?;
    document.check(&trust, now)?;
    let progress = document.progress(&trust)?;
    if progress.iter().any(|progress: &Progress| progress.missing() > 0) {
        return Err(DocumentError::Unfinished { name: document.name(), progress }.into());
    }
    let bytes = document.bytes();
    let path = as_a_client(document, &bytes, &trust)?;
    put(index, &path, &bytes)?;
    Ok(path)
}

/// The last word is that of the functions that a client calls.
fn as_a_client(
    document: &Document,
    bytes: &[u8],
    trust: &Trust,
) -> Result<IndexPath, DocumentError> {
    let root = trust.root()?;
    match (document, root) {
        (Document::Root(_), None) => {
            let root = TrustedRoot::load(bytes)?;
            Ok(IndexPath::Root(root.metadata().version.get()))
        }
        (Document::Root(_), Some(root)) => {
            let next = root.next(bytes)?;
            Ok(IndexPath::Root(next.metadata().version.get()))
        }
        (Document::Targets(targets), Some(root)) => {
            let targets = root.targets(bytes, targets.body.version)?;
            Ok(IndexPath::Targets(targets.version.get()))
        }
        (Document::Targets(_), None) => Err(DocumentError::NoRoot),
    }
}
