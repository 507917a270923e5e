//! Names that people could take for others.

pub mod similar;

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::OnceLock;

use index_schema::id::PluginId;
use rayon::prelude::*;

use self::similar::{How, confusable, keys};
use super::Case;
use crate::finding::Finding;
use crate::judge::Index;

/// The names of plugins, to be asked which of them are like another.
#[derive(Debug, Default)]
pub struct Names {
    ids: Vec<PluginId>,
    /// Digests of keys, in order, each with the place of a name that has the key. Made for the
    /// first name that asks, because most changes bring no new one.
    keys: OnceLock<Vec<(u64, usize)>>,
}

impl Names {
    /// Takes the names of an index.
    pub fn of(index: &Index) -> Self {
        index.plugins.keys().cloned().collect()
    }

    /// Returns all others that a plugin can be taken for, and why.
    pub fn like(&self, id: &PluginId) -> Vec<(&PluginId, How)> {
        let sorted = self.keys.get_or_init(|| self.sorted_keys());
        let mut places = BTreeSet::new();
        for key in keys(id.name.as_str()) {
            let key = digest(&key);
            let from = sorted.partition_point(|(other, _)| *other < key);
            let same = sorted.iter().skip(from).take_while(|(other, _)| *other == key);
            places.extend(same.map(|(_, place)| *place));
        }
        let others = places.into_iter().filter_map(|place| self.ids.get(place));
        let others = others.filter(|other| *other != id);
        let judged = others.map(|other| (other, confusable(id.name.as_str(), other.name.as_str())));
        judged.filter_map(|(other, how)| Some((other, how?))).collect()
    }

    fn sorted_keys(&self) -> Vec<(u64, usize)> {
        let keys = |(place, id): (usize, &PluginId)| {
            let keys = keys(id.name.as_str()).into_iter();
            keys.map(|key| (digest(&key), place)).collect::<Vec<_>>()
        };
        let mut sorted: Vec<_> = self.ids.par_iter().enumerate().flat_map_iter(keys).collect();
        sorted.par_sort_unstable();
        sorted
    }
}

impl FromIterator<PluginId> for Names {
    fn from_iter<I: IntoIterator<Item = PluginId>>(ids: I) -> Self {
        Self { ids: ids.into_iter().collect(), keys: OnceLock::new() }
    }
}

/// Two keys with the same digest cost a comparison and nothing else.
fn digest(key: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    hasher.finish()
}

/// A new plugin's name is not another's but for hyphens, and cannot be taken for another's.
pub(super) fn near_another(case: Case<'_>, findings: &mut Vec<Finding>) {
    let id = &case.manifest().id;
    // The first release decides; of plugins that come together, each is compared to the other.
    let accepted = case.release.manifest.accepted;
    let first = |id: &PluginId| case.index.plugins.get(id)?.since();
    if first(id) != Some(accepted) {
        return;
    }
    let alike = case.names.like(id).into_iter();
    for (other, how) in alike.filter(|(other, _)| first(other) <= Some(accepted)) {
        let (name, says) = (&id.name, how.says());
        if other.publisher != id.publisher {
            let message = format!("`{name}` can be taken for `{other}`: the names {says}");
            findings.push(case.finding("name/look-alike", "id", message).about(other.to_string()));
        } else if how == How::Hyphens {
            let message = format!("`{name}` and `{other}` {says}");
            findings.push(case.finding("name/equal-but-hyphens", "id", message));
        }
    }
}
