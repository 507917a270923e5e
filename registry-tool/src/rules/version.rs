//! How versions follow each other.

use super::Case;
use crate::finding::Finding;

/// Within a compatible series, versions only go up.
pub(super) fn increases(case: Case<'_>, findings: &mut Vec<Finding>) {
    let manifest = case.manifest();
    let version = &manifest.version;
    let Some(plugin) = case.index.plugins.get(&manifest.id) else { return };
    let accepted = case.release.manifest.accepted;
    let highest_before = plugin
        .releases
        .values()
        .filter(|other| other.manifest.accepted < accepted)
        .map(|other| &other.manifest.statement.document.version)
        .filter(|other| other.series() == version.series())
        .max();
    if let Some(highest) = highest_before.filter(|highest| *highest > version) {
        let message = format!("`{highest}` is out already in the same series");
        let hint = format!("take a version above `{highest}`, or start another series");
        findings.push(case.finding("version/not-increasing", "version", message).hinted(hint));
    }
}
