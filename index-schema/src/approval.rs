//! Approvals: a maintainer's consent to exactly these findings about exactly this statement.

use std::fmt;

use crate::digest::Sha256Digest;
use crate::id::{RegistryId, StatementId};
use crate::layout::IndexPath;
use crate::limits;
use crate::statement::{Document, Kind, SchemaOne, tag};
use crate::text::{List, Text};

tag!(
    /// The word `approval`.
    ApprovalTag = "approval"
);

document! {
    /// A consent, signed by the threshold of maintainers with the role `review`.
    pub struct Approval {
        /// `approval`
        required kind as "type": ApprovalTag,
        /// 1
        required schema: SchemaOne,
        /// The registry that the approval is for.
        required registry: RegistryId,
        /// The id of this approval, which is its file name.
        required id: StatementId,
        /// The statement that is approved.
        required path: IndexPath,
        /// SHA-256 of that statement's file.
        required sha256: Sha256Digest,
        /// The archives that were looked at, when the statement is a release.
        default archives: List<Sha256Digest, 0, 32>,
        /// The findings that no longer block.
        required findings: List<FindingId, 1, 64>,
        /// Why.
        required reason: Text<2048>,
    }
}

impl Document for Approval {
    const KIND: Kind = Kind::Approval;
    const LIMIT: usize = limits::MANIFEST;
}

/// The fingerprint of a finding: 16 lower-case hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FindingId(String);

/// A text that is not the fingerprint of a finding.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not the fingerprint of a finding: 16 lower-case hexadecimal digits")]
pub struct FindingIdError(String);

impl FindingId {
    /// Parses a fingerprint.
    pub fn parse(text: &str) -> Result<Self, FindingIdError> {
        let hex = text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        if text.len() == 16 && hex {
            return Ok(Self(text.to_owned()));
        }
        Err(FindingIdError(text.chars().take(64).collect()))
    }

    /// Makes the fingerprint of a finding: its code, the file it is about, and the very thing.
    pub fn of(code: &str, path: &str, subject: &str) -> Self {
        let digest = Sha256Digest::of(format!("{code}\n{path}\n{subject}").as_bytes()).to_string();
        Self(digest.chars().take(16).collect())
    }
}

impl fmt::Display for FindingId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

text_type!(
    FindingId,
    FindingIdError,
    "approval/finding",
    "^[0-9a-f]{16}$",
    "fingerprint of a finding"
);
