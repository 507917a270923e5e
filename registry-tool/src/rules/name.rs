//! Names that people could take for others.

use std::collections::BTreeMap;

use index_schema::id::PluginId;

use super::Case;
use crate::finding::Finding;
use crate::judge::Index;

/// The plugins by what is left of their names when letters that look the same become the same.
#[derive(Debug, Default)]
pub struct Names(BTreeMap<String, Vec<PluginId>>);

impl Names {
    /// Sorts the names of an index.
    pub fn of(index: &Index) -> Self {
        index.plugins.keys().cloned().collect()
    }

    fn like<'n>(&'n self, id: &'n PluginId) -> impl Iterator<Item = &'n PluginId> {
        let alike = self.0.get(&skeleton(id.name.as_str()));
        alike.into_iter().flatten().filter(move |other| *other != id)
    }
}

impl FromIterator<PluginId> for Names {
    fn from_iter<I: IntoIterator<Item = PluginId>>(ids: I) -> Self {
        let mut names: BTreeMap<String, Vec<PluginId>> = BTreeMap::new();
        for id in ids {
            names.entry(skeleton(id.name.as_str())).or_default().push(id);
        }
        Self(names)
    }
}

/// A new plugin's name is not another's but for hyphens, and does not look like another's.
pub(super) fn near_another(case: Case<'_>, findings: &mut Vec<Finding>) {
    let id = &case.manifest().id;
    // The first release decides; of plugins that come together, each is compared to the other.
    let accepted = case.release.manifest.accepted;
    let first = |id: &PluginId| case.index.plugins.get(id)?.since();
    if first(id) != Some(accepted) {
        return;
    }
    let name = id.name.as_str();
    for other in case.names.like(id).filter(|other| first(other) <= Some(accepted)) {
        let there = other.name.as_str();
        if other.publisher == id.publisher && name.replace('-', "") == there.replace('-', "") {
            let message = format!("`{name}` and `{other}` differ in hyphens alone");
            findings.push(case.finding("name/equal-but-hyphens", "id", message));
        } else {
            let message = format!("`{name}` can be taken for `{other}`");
            findings.push(case.finding("name/look-alike", "id", message).about(other.to_string()));
        }
    }
}

/// Returns what is left of a name when letters that look the same become the same.
fn skeleton(name: &str) -> String {
    name.replace('-', "")
        .replace("rn", "m")
        .replace("vv", "w")
        .replace('0', "o")
        .replace(['1', 'i'], "l")
}

#[cfg(test)]
mod tests {
    use super::skeleton;

    #[test]
    fn look_alikes_share_a_skeleton_and_others_do_not() {
        for (a, b) in [("modern", "modem"), ("lint", "1int"), ("vvord", "word"), ("go-od", "g0od")]
        {
            assert_eq!(skeleton(a), skeleton(b), "{a} {b}");
        }
        assert_ne!(skeleton("word"), skeleton("ward"));
    }
}
