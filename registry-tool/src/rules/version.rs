//! How versions follow each other.

use index_schema::manifest::Manifest;

use super::Case;
use crate::finding::Finding;
use crate::judge::Accepted;

/// Within a compatible series, versions only go up.
pub(super) fn increases(case: Case<'_>, findings: &mut Vec<Finding>) {
    let manifest = case.manifest();
    let version = &manifest.version;
    let Some(plugin) = case.index.plugins.get(&manifest.id) else { return };
    let is_before = |other: &Accepted<Manifest>| {
        let release = &case.release.manifest;
        other.accepted < release.accepted || release.is_new && !other.is_new
    };
    let highest_before = plugin
        .releases
        .values()
        .filter(|other| is_before(&other.manifest))
        .map(|other| &other.manifest.statement.document.version)
        .filter(|other| other.series() == version.series())
        .max();
    if let Some(highest) = highest_before.filter(|highest| *highest > version) {
        let message = format!("`{highest}` is out already in the same series");
        let hint = format!("take a version above `{highest}`, or start another series");
        findings.push(case.finding("version/not-increasing", "version", message).hinted(hint));
    }
}
