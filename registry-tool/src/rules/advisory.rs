//! Advisories: about plugins that exist, and not from the future.

use index_schema::layout::IndexPath;
use libral::openpgp::SKEW;

use crate::finding::Finding;
use crate::judge::Index;

/// What is new names plugins that are there, and says when it was written.
pub(super) fn makes_sense(index: &Index, findings: &mut Vec<Finding>) {
    let all = index.advisories.values().flat_map(|said| said.values());
    for advisory in all.filter(|advisory| advisory.is_new) {
        let said = &advisory.statement.document;
        let path = IndexPath::Advisory(said.osv.id.clone(), said.serial).to_string();
        let packages = said.osv.affected.iter().map(|affected| &affected.package.name);
        for plugin in packages.filter(|plugin| !index.plugins.contains_key(plugin)) {
            let message = format!("there is no plugin `{plugin}`");
            findings.push(Finding::new("advisory/unknown-plugin", path.as_str(), message));
        }
        if said.osv.modified > advisory.accepted.plus(SKEW) {
            let message = format!("`modified` is {}, which is still to come", said.osv.modified);
            findings.push(Finding::new("advisory/time", path.as_str(), message));
        }
    }
}
