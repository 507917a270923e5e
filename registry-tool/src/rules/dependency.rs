//! What a release needs, and whether it can be had.

use std::collections::BTreeSet;

use index_schema::id::PluginId;
use index_schema::requirement::Requirement;

use super::Case;
use crate::finding::Finding;
use crate::judge::Plugin;

/// Every dependency is there, in a version that is wanted.
pub(super) fn exist(case: Case<'_>, findings: &mut Vec<Finding>) {
    for (id, requirement) in case.manifest().dependencies.iter() {
        match case.index.plugins.get(id).filter(|plugin| !plugin.releases.is_empty()) {
            None => {
                let message = format!("there is no plugin `{id}`");
                findings.push(case.finding("dependency/unknown", "dependencies", message));
            }
            Some(plugin) if !is_met(requirement, plugin) => {
                let last = plugin.releases.keys().next_back();
                let last = last.map(ToString::to_string).unwrap_or_default();
                let message =
                    format!("no release of `{id}` is `{requirement}`; the newest is {last}");
                findings.push(case.finding("dependency/unmet", "dependencies", message));
            }
            Some(_) => {}
        }
    }
}

fn is_met(requirement: &Requirement, plugin: &Plugin) -> bool {
    plugin.releases.keys().any(|version| requirement.matches(version))
}

/// No release leads back to its own plugin.
pub(super) fn no_cycle(case: Case<'_>, findings: &mut Vec<Finding>) {
    let start = &case.manifest().id;
    let mut seen: BTreeSet<&PluginId> = BTreeSet::new();
    let mut open: Vec<(&PluginId, &Requirement)> = case.manifest().dependencies.iter().collect();
    while let Some((id, requirement)) = open.pop() {
        if id == start {
            let message = "its dependencies lead back to itself".to_owned();
            findings.push(case.finding("dependency/cycle", "dependencies", message));
            return;
        }
        let Some(plugin) = case.index.plugins.get(id).filter(|_| seen.insert(id)) else { continue };
        let wanted = plugin.releases.iter().filter(|(version, _)| requirement.matches(version));
        open.extend(
            wanted.flat_map(|(_, release)| release.manifest.statement.document.dependencies.iter()),
        );
    }
}
