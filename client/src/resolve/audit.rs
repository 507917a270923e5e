//! What is checked of a choice afterwards: cycles, and plugins that were looked at too late.

use std::collections::BTreeSet;

use index_schema::id::PluginId;
use index_schema::requirement::Requirement;

use super::known::covers;
use super::provider::{Choice, Cycle, Plugins, Stop};
use super::{Candidate, Universe};

/// Returns a cycle among the dependencies of a choice, if there is one.
///
/// Each member comes with all its releases that depend on the next one, not only the chosen:
/// forbidding them together forbids this cycle for good, and nothing else.
pub(super) fn cycle<U: Universe>(
    plugins: &Plugins<'_, U>,
    choice: &Choice,
) -> Result<Option<Cycle>, Stop<U::Error>> {
    let path = closed_path(&needs(plugins, choice)?);
    let mut cycle = Cycle::new();
    for (index, id) in path.iter().enumerate() {
        let next = path.get(index.saturating_add(1)).or(path.first());
        let leads_on = |candidate: &Candidate| {
            next.is_some_and(|next| candidate.dependencies.contains_key(next))
        };
        cycle.push((id.clone(), plugins.known(id)?.select(leads_on)));
    }
    Ok(Some(cycle).filter(|cycle| !cycle.is_empty()))
}

/// A plugin and the plugins that it depends on.
type Needs = Vec<(PluginId, BTreeSet<PluginId>)>;

fn needs<U: Universe>(plugins: &Plugins<'_, U>, choice: &Choice) -> Result<Needs, Stop<U::Error>> {
    let mut needs = Needs::new();
    for (id, number) in choice {
        if let Some(candidate) = plugins.known(id)?.get(*number) {
            needs.push((id.clone(), candidate.dependencies.keys().cloned().collect()));
        }
    }
    Ok(needs)
}

/// Removes what depends on nothing that is left, until only cycles and the roads to them are
/// left, and then follows a road until it meets itself.
fn closed_path(needs: &Needs) -> Vec<PluginId> {
    let mut left = needs.clone();
    loop {
        let names: BTreeSet<PluginId> = left.iter().map(|(id, _)| id.clone()).collect();
        let before = left.len();
        left.retain(|(_, needs)| !needs.is_disjoint(&names));
        if left.len() == before {
            return follow(&left, &names);
        }
    }
}

fn follow(left: &Needs, names: &BTreeSet<PluginId>) -> Vec<PluginId> {
    let mut path: Vec<PluginId> = Vec::new();
    let mut at = names.first();
    while let Some(id) = at {
        if let Some(start) = path.iter().position(|before| before == id) {
            return path.split_off(start);
        }
        path.push(id.clone());
        let needs = left.iter().find(|(other, _)| other == id).map(|(_, needs)| needs);
        at = needs.and_then(|needs| needs.intersection(names).next());
    }
    Vec::new()
}

/// Tells whether all optional dependencies and conflicts of a choice are respected.
///
/// They are, unless one is about a plugin that was looked at only after it had been considered.
pub(super) fn is_peaceful<U: Universe>(
    plugins: &Plugins<'_, U>,
    choice: &Choice,
) -> Result<bool, Stop<U::Error>> {
    let versions = plugins.versions(choice)?;
    for (id, number) in choice {
        let known = plugins.known(id)?;
        let Some(candidate) = known.get(*number) else { continue };
        let other = |(other, requirement): (&PluginId, &Requirement)| {
            let version = versions.get(other).filter(|_| other != id)?;
            Some((version.clone(), requirement.clone()))
        };
        let mut uses = candidate.optional_dependencies.iter().filter_map(other);
        let mut avoids = candidate.conflicts.iter().filter_map(other);
        if !uses.all(|(version, requirement)| requirement.matches(&version))
            || avoids.any(|(version, requirement)| covers(&requirement, &version))
        {
            return Ok(false);
        }
    }
    Ok(true)
}
