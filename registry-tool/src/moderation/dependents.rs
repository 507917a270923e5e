//! Which releases cannot be installed any more when others are gone.

use std::collections::{BTreeMap, BTreeSet};

use index_schema::id::PluginId;
use index_schema::version::Version;

use crate::judge::Index;

/// A release that needs what is gone, by itself or through others.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Dependent {
    /// The plugin.
    pub id: PluginId,
    /// The release.
    pub version: Version,
    /// The dependency for which nothing is left.
    pub needs: PluginId,
}

/// The releases of each plugin that can be had.
type There<'i> = BTreeMap<&'i PluginId, BTreeSet<&'i Version>>;

/// Returns the releases that have a dependency for which no release is left once some are gone, and
/// had one before.
///
/// It is asked for each dependency alone whether a release is left that is not yanked, so what only
/// a conflict between several of them breaks is not found.
pub(super) fn broken_without(
    index: &Index,
    is_gone: impl Fn(&PluginId, &Version) -> bool,
) -> Vec<Dependent> {
    let mut there = there(index);
    // What is broken already is not broken by this.
    settle(index, &mut there);
    for (id, versions) in &mut there {
        versions.retain(|version| !is_gone(id, version));
    }
    let mut broken = settle(index, &mut there);
    broken.sort();
    broken
}

fn there(index: &Index) -> There<'_> {
    let versions = index.plugins.iter().map(|(id, plugin)| {
        let yanked = plugin.states().yanked;
        (id, plugin.releases.keys().filter(|version| !yanked.contains_key(version)).collect())
    });
    versions.collect()
}

/// Takes out what cannot be installed, until nothing more breaks.
fn settle(index: &Index, there: &mut There<'_>) -> Vec<Dependent> {
    let mut broken: Vec<Dependent> = Vec::new();
    loop {
        let round = round(index, there);
        if round.is_empty() {
            return broken;
        }
        for dependent in &round {
            if let Some(versions) = there.get_mut(&dependent.id) {
                versions.retain(|version| version.without_build() != dependent.version);
            }
        }
        broken.extend(round);
    }
}

fn round(index: &Index, there: &There<'_>) -> Vec<Dependent> {
    let mut found = Vec::new();
    for (id, versions) in there {
        let Some(plugin) = index.plugins.get(*id) else { continue };
        for version in versions {
            let Some(release) = plugin.releases.get(*version) else { continue };
            let mut needed = release.manifest.statement.document.dependencies.iter();
            let unmet = needed.find(|(needs, requirement)| {
                let left = there.get(*needs).into_iter().flatten();
                !left.into_iter().any(|version| requirement.matches(version))
            });
            if let Some((needs, _)) = unmet {
                let (id, version) = ((*id).clone(), (*version).clone());
                found.push(Dependent { id, version, needs: needs.clone() });
            }
        }
    }
    found
}
