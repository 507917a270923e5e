//! Which version a bin gets that is signed anew.
//!
//! Plugins change at random, so bins that were signed a thousand times would each have a version
//! of its own, which every client downloads with the snapshot. A bin that lags leaps ahead instead:
//! after any number of releases, a thousand bins have some twenty versions.

use index_schema::tuf::MetaVersion;

use super::draft::COUNTED_UP;

/// The version that three quarters of all bins have or are below.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace(Option<MetaVersion>);

impl Pace {
    /// Nobody leaps.
    pub const NONE: Self = Self(None);

    /// Takes the pace of bins with these versions; one that a thief has counted up does not set it.
    pub fn of(versions: impl IntoIterator<Item = MetaVersion>) -> Self {
        let honest = versions.into_iter().filter(|version| version.get() <= COUNTED_UP);
        let mut versions: Vec<MetaVersion> = honest.collect();
        versions.sort_unstable();
        Self(versions.get(versions.len().saturating_sub(1) * 3 / 4).copied())
    }

    /// Returns the version after `before`: the next one, or that of the pace if it is higher; none
    /// if `before` is the last one.
    pub fn after(self, before: MetaVersion) -> Option<MetaVersion> {
        let next = before.next()?;
        Some(self.0.map_or(next, |pace| pace.max(next)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(number: u64) -> MetaVersion {
        MetaVersion::new(number).unwrap()
    }

    fn pace(numbers: &[u64]) -> Pace {
        Pace::of(numbers.iter().copied().map(version))
    }

    #[test]
    fn who_lags_leaps_and_who_leads_takes_the_next_version() {
        let pace = pace(&[9, 1, 7, 3, 8, 2, 5, 4]);
        assert_eq!(pace, Pace(Some(version(7))), "of 8 bins, 6 are at 5 or 7 or below");
        for (before, after) in [(1, 7), (5, 7), (6, 7), (7, 8), (9, 10)] {
            assert_eq!(pace.after(version(before)), Some(version(after)), "{before}");
        }
    }

    #[test]
    fn versions_go_up_also_where_nothing_sets_a_pace() {
        assert_eq!(pace(&[]).after(version(4)), Some(version(5)));
        assert_eq!(pace(&[4]).after(version(4)), Some(version(5)));
        let last = version(index_schema::json::MAX_INTEGER);
        assert_eq!(pace(&[4]).after(last), None);
    }

    #[test]
    fn a_thief_who_counts_bins_up_does_not_count_the_others_up() {
        let high = COUNTED_UP + 1;
        assert_eq!(pace(&[high, high, high, 3]).after(version(1)), Some(version(3)));
    }
}
