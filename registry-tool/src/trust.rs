//! The metadata that are signed offline: root and top-level targets, from draft to index.
//!
//! ```text
//! ceremony ──▶ trust/root/1.root.json, trust/targets/1.targets.json
//! draft ──▶ sign, sign … (each on its own machine) ──▶ adopt ──▶ trust/…/<n+1>.….json
//! ```
//!
//! They travel through the index repository. What counts there is for [`judge`](crate::judge) to
//! say; here the next version is made from what counts.

pub mod adopt;
pub mod ceremony;
pub mod difference;
pub mod document;
pub mod draft;
pub mod show;

use std::collections::BTreeMap;
use std::path::Path;

use index_schema::layout::IndexPath;
use index_schema::limits;
use index_schema::time::{DAY, Timestamp};
use index_schema::tuf::{Envelope, RegistryLink, Targets};
use libral::tuf::{TrustedRoot, TufError};

use crate::finding::Finding;
use crate::judge::{Judged, Read, judge};
use crate::repository::{RepositoryError, WorkTree, work_tree};

/// For how many seconds metadata are trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lifetimes {
    /// Of the root.
    pub root: i64,
    /// Of the top-level targets.
    pub targets: i64,
    /// Of `index` and the bins.
    pub delegated: i64,
    /// Of the snapshot.
    pub snapshot: i64,
    /// Of the timestamp.
    pub timestamp: i64,
}

impl Default for Lifetimes {
    fn default() -> Self {
        let year = 365 * DAY;
        Self { root: year, targets: year, delegated: year, snapshot: 30 * DAY, timestamp: 7 * DAY }
    }
}

/// Why the offline metadata of an index repository could not be read.
#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    /// The repository could not be read.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
    /// There is no registry record that counts.
    #[error("there is no registry record that counts: {0}")]
    NoRegistry(String),
    /// What counts cannot be read again.
    #[error(transparent)]
    Metadata(#[from] TufError),
}

/// What the work tree of an index repository says of trust: what counts of it.
#[derive(Debug, Clone)]
pub struct Trust {
    /// The registry records, serial 1 first.
    pub registry: Vec<RegistryLink>,
    /// Whether the newest record waits to be committed, so that its time is not known yet.
    pub record_waits: bool,
    /// Root metadata by version.
    pub roots: BTreeMap<u64, Vec<u8>>,
    /// Targets metadata by version.
    pub targets: BTreeMap<u64, Vec<u8>>,
    /// The highest version of targets metadata whose place is taken, be it by what does not count.
    pub taken: u64,
    /// What does not count, and why.
    pub void: Vec<Finding>,
}

impl Trust {
    /// Reads a work tree. What is not committed is judged as if it were at `now`.
    pub fn read(index: &Path, now: Timestamp) -> Result<Self, TrustError> {
        let WorkTree { files, paths, .. } = work_tree(index, now)?;
        let places: Vec<IndexPath> =
            paths.keys().filter_map(|path| IndexPath::parse(path).ok()).collect();
        let taken = places.iter().filter_map(IndexPath::targets_version).max().unwrap_or(0);
        let files = files.into_iter().filter(is_about_trust).collect();
        let Judged { index, findings } = judge(files);
        let Some(index) = index else {
            let reasons = findings.into_iter().map(|finding| finding.message);
            return Err(TrustError::NoRegistry(reasons.collect::<Vec<_>>().join("; ")));
        };
        let metadata = |version: fn(&IndexPath) -> Option<u64>| {
            let all = index.metadata.iter();
            all.filter_map(|(path, bytes)| Some((version(path)?, bytes.clone()))).collect()
        };
        Ok(Self {
            registry: index.registry_links(),
            record_waits: index.registry.last().is_some_and(|record| record.is_new),
            roots: metadata(IndexPath::root_version),
            targets: metadata(IndexPath::targets_version),
            taken,
            void: findings,
        })
    }

    /// Returns the newest root.
    pub fn root(&self) -> Result<Option<TrustedRoot>, TufError> {
        self.roots.values().try_fold(None, |root: Option<TrustedRoot>, bytes| match root {
            None => TrustedRoot::load(bytes).map(Some),
            Some(root) => root.next(bytes).map(Some),
        })
    }

    /// Returns the newest targets metadata.
    pub fn newest_targets(&self) -> Result<Option<Envelope<Targets>>, TufError> {
        let Some((version, bytes)) = self.targets.last_key_value() else { return Ok(None) };
        let malformed =
            |problems| TufError::Malformed { file: format!("{version}.targets.json"), problems };
        Envelope::read(bytes, limits::TUF).map(Some).map_err(malformed)
    }
}

/// Tells whether a file is a registry record or metadata, or fails to be one.
fn is_about_trust(file: &Read) -> bool {
    let is_place = |path: &str| path.starts_with("registry/") || path.starts_with("trust/");
    match file {
        Ok(submission) => is_place(&submission.path.to_string()),
        Err(problems) => problems.iter().any(|problem| is_place(&problem.path)),
    }
}
