//! Which of the metadata that were signed offline continue what a client trusts.

use std::collections::BTreeMap;

use index_schema::layout::IndexPath;
use index_schema::tuf::MetaVersion;
use libral::tuf::{TrustedRoot, TufError};

use crate::finding::Finding;

/// Keeps the roots that follow each other from the first on, and the targets that the newest of
/// them vouches for. What does not is left out, and does not stop what comes after it elsewhere.
pub(super) fn good(
    all: BTreeMap<IndexPath, Vec<u8>>,
    findings: &mut Vec<Finding>,
) -> BTreeMap<IndexPath, Vec<u8>> {
    let mut root: Option<TrustedRoot> = None;
    let mut kept = BTreeMap::new();
    // Roots come before targets, and each kind in the order of its versions.
    for (path, bytes) in all {
        let checked = match (&path, &root) {
            (IndexPath::Root(1), None) => TrustedRoot::load(&bytes).map(Some),
            (IndexPath::Root(_), Some(root)) => root.next(&bytes).map(Some),
            (IndexPath::Targets(number), Some(root)) => check_targets(root, *number, &bytes),
            _ => {
                let message = "there is no trusted root before it";
                findings.push(Finding::new("trust/no-root", path.to_string(), message));
                continue;
            }
        };
        match checked {
            Ok(next) => {
                root = next.or(root);
                kept.insert(path, bytes);
            }
            Err(error) => {
                findings.push(Finding::new("trust/refused", path.to_string(), error.to_string()));
            }
        }
    }
    kept
}

fn check_targets(
    root: &TrustedRoot,
    number: u64,
    bytes: &[u8],
) -> Result<Option<TrustedRoot>, TufError> {
    let version = MetaVersion::new(number).unwrap_or(MetaVersion::FIRST);
    root.targets(bytes, version).map(|_| None)
}
