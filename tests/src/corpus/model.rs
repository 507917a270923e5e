//! What a catalogue of plugins looks like: words, sentences, histories and dependencies.
//!
//! A model is learned from real catalogues (see [`learn`](super::learn)) or read from
//! `model.json`: quantiles that were measured on such catalogues, and words and sentences that
//! were made up for the purpose.

use std::collections::BTreeMap;

use index_schema::time::Timestamp;
use index_schema::version::Version;
use serde::Deserialize;

use super::prose::Prose;
use super::random::wide;
use super::spread::{Quantiles, Weighted};

/// Everything that is drawn from.
#[derive(Debug, Clone)]
pub(crate) struct Model {
    /// Words of which names are made.
    pub(crate) stems: Weighted<String>,
    /// How many words a name has.
    pub(crate) shapes: Weighted<u64>,
    /// Sentences.
    pub(crate) prose: Prose,
    /// How many words a summary has.
    pub(crate) summary_words: Quantiles,
    /// How many releases a plugin has.
    pub(crate) releases: Quantiles,
    /// How many plugins a publisher has.
    pub(crate) plugins_per_publisher: Quantiles,
    /// How many others a plugin depends on.
    pub(crate) dependencies: Quantiles,
    /// How many depend on the plugin of a rank.
    pub(crate) popularity: Popularity,
    /// When plugins begin, in ten thousandths of all the time.
    pub(crate) first_seen: Quantiles,
    /// How many minutes pass between two releases.
    pub(crate) gap_minutes: Quantiles,
    /// Versions of first releases.
    pub(crate) first_versions: Weighted<Version>,
    /// What comes after a version.
    pub(crate) steps: Steps,
    /// The second in which the first release is made.
    pub(crate) from: i64,
    /// The second after which nothing is released.
    pub(crate) until: i64,
}

/// How often each kind of step from one version to the next is taken.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
pub(crate) struct Steps {
    pub(crate) patch: u64,
    pub(crate) minor: u64,
    pub(crate) major: u64,
    /// A patch for a series that is not the newest.
    pub(crate) older: u64,
    /// In how many of a thousand steps a number is left out.
    pub(crate) skipped_permille: u64,
    /// How many of a thousand releases are pre-releases.
    pub(crate) pre_release_permille: u64,
}

/// The number of dependents by rank, as points `(rank, dependents)` of a falling line.
#[derive(Debug, Clone, Deserialize)]
#[serde(transparent)]
pub(crate) struct Popularity(pub(crate) Vec<(u64, u64)>);

impl Popularity {
    /// Describes how often each of many was depended on.
    pub(crate) fn of(mut dependents: Vec<u64>) -> Self {
        dependents.sort_unstable_by(|a, b| b.cmp(a));
        let ranked = dependents.into_iter().enumerate().take_while(|(_, count)| *count > 0);
        Self(ranked.map(|(rank, count)| (wide(rank), count)).collect())
    }

    /// Returns the weight of a rank; behind the last point it falls as one through the rank.
    pub(crate) fn weight(&self, rank: usize) -> u64 {
        const UNIT: u64 = 1000;
        let rank = wide(rank);
        let next = self.0.partition_point(|(at, _)| *at <= rank);
        let below = next.checked_sub(1).and_then(|index| self.0.get(index));
        match (below, self.0.get(next)) {
            (Some((left, from)), Some((right, to))) => {
                let fallen = UNIT * from.saturating_sub(*to) * (rank - left) / (right - left);
                UNIT * from - fallen
            }
            (Some((left, from)), None) => (UNIT * from * (left + 1) / (rank + 1)).max(1),
            (None, _) => UNIT,
        }
    }
}

/// The contents of `model.json`.
#[derive(Deserialize)]
struct BuiltIn {
    stems: Vec<String>,
    shapes: Vec<(u64, u64)>,
    phrases: Vec<String>,
    summary_words: Quantiles,
    releases: Quantiles,
    plugins_per_publisher: Quantiles,
    dependencies: Quantiles,
    popularity: Popularity,
    first_seen: Quantiles,
    gap_minutes: Quantiles,
    first_versions: Vec<(Version, u64)>,
    steps: Steps,
    from: Timestamp,
    until: Timestamp,
}

impl Model {
    /// Returns the model that needs no catalogue.
    pub(crate) fn built_in() -> Self {
        let json = include_str!("model.json");
        let data: BuiltIn = serde_json::from_str(json).expect("a test reads this very text");
        // Words are used as words are: the one of rank n as often as one through n.
        let zipf = |(rank, stem)| (stem, 100_000 / (wide(rank) + 20));
        Self {
            stems: Weighted::new(data.stems.into_iter().enumerate().map(zipf)),
            shapes: Weighted::new(data.shapes),
            prose: Prose::of(data.phrases.iter().map(String::as_str)),
            summary_words: data.summary_words,
            releases: data.releases,
            plugins_per_publisher: data.plugins_per_publisher,
            dependencies: data.dependencies,
            popularity: data.popularity,
            first_seen: data.first_seen,
            gap_minutes: data.gap_minutes,
            first_versions: Weighted::new(data.first_versions),
            steps: data.steps,
            from: data.from.seconds(),
            until: data.until.seconds(),
        }
    }
}

/// Counts equal items.
pub(crate) fn counted<T: Ord>(items: impl IntoIterator<Item = T>) -> BTreeMap<T, u64> {
    let mut counts = BTreeMap::new();
    for item in items {
        *counts.entry(item).or_default() += 1;
    }
    counts
}

/// Scales numbers, each at least 1 and at most `most`, so that their sum is `total` as nearly as
/// that allows.
pub(crate) fn scale(counts: &mut [u64], total: u64, most: u64) {
    let sum = counts.iter().sum::<u64>().max(1);
    for count in counts.iter_mut() {
        *count = (*count * total / sum).clamp(1, most);
    }
    let mut missing = i128::from(total) - i128::from(counts.iter().sum::<u64>());
    // The largest give and take first: to them one more or less means least.
    let mut order: Vec<usize> = (0..counts.len()).collect();
    order.sort_by_key(|place| std::cmp::Reverse(counts.get(*place).copied()));
    while missing != 0 {
        let before = missing;
        for place in &order {
            let Some(count) = counts.get_mut(*place) else { continue };
            if missing > 0 && *count < most {
                *count += 1;
                missing -= 1;
            } else if missing < 0 && *count > 1 {
                *count -= 1;
                missing += 1;
            }
        }
        if missing == before {
            break;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_model_can_be_read() {
        let model = Model::built_in();
        assert!(model.from < model.until);
        assert_eq!(model.popularity.weight(0), 786_000);
        assert!(model.popularity.weight(600) < 1000 && model.popularity.weight(99_999) >= 1);
    }

    #[test]
    fn scaled_numbers_have_the_wanted_sum() {
        for total in [5, 12, 100, 12_345] {
            let mut counts = [1, 3, 900, 40, 2];
            scale(&mut counts, total, 10_000);
            assert_eq!((counts.iter().sum::<u64>(), counts.contains(&0)), (total, false));
        }
        let mut counts = [1, 1];
        scale(&mut counts, 100, 10);
        assert_eq!(counts, [10, 10]);
    }
}
