//! How values are spread: by quantiles, and by weights.

use serde::Deserialize;

use super::random::{Random, narrow, wide};

/// A spread of numbers, as `(of ten thousand, value)` in rising order.
#[derive(Debug, Clone, Deserialize)]
#[serde(transparent)]
pub(crate) struct Quantiles(Vec<(u64, u64)>);

const WHOLE: u64 = 10_000;
const POINTS: [u64; 19] = [
    0, 250, 500, 1000, 2000, 3000, 4000, 5000, 6000, 7000, 8000, 9000, 9500, 9800, 9900, 9950,
    9980, 9990, WHOLE,
];

impl Quantiles {
    /// Describes values that were seen.
    pub(crate) fn of(mut values: Vec<u64>) -> Self {
        values.sort_unstable();
        let last = wide(values.len().saturating_sub(1));
        let point = |at: u64| {
            let place = narrow((at * last + WHOLE / 2) / WHOLE);
            (at, values.get(place).copied().unwrap_or(0))
        };
        Self(POINTS.into_iter().map(point).collect())
    }

    /// Draws a value; between two points it is interpolated.
    pub(crate) fn draw(&self, random: &mut Random) -> u64 {
        self.at(random.below(WHOLE))
    }

    fn at(&self, place: u64) -> u64 {
        let next = self.0.partition_point(|(at, _)| *at <= place);
        let below = next.checked_sub(1).and_then(|index| self.0.get(index));
        match (below, self.0.get(next)) {
            (Some((low, from)), Some((high, to))) => {
                from + to.saturating_sub(*from) * (place - low) / (high - low).max(1)
            }
            (Some((_, value)), None) | (None, Some((_, value))) => *value,
            (None, None) => 0,
        }
    }
}

/// Items of different weights.
#[derive(Debug, Clone)]
pub(crate) struct Weighted<T> {
    items: Vec<T>,
    /// For each item the sum of the weights up to and with it.
    sums: Vec<u64>,
}

impl<T> Weighted<T> {
    /// Takes items with their weights.
    pub(crate) fn new(pairs: impl IntoIterator<Item = (T, u64)>) -> Self {
        let mut sum = 0;
        let summed = pairs.into_iter().map(|(item, weight)| {
            sum += weight;
            (item, sum)
        });
        let (items, sums) = summed.unzip();
        Self { items, sums }
    }

    /// Draws an item, if there is one.
    pub(crate) fn draw(&self, random: &mut Random) -> Option<&T> {
        self.draw_among(self.items.len(), random)
    }

    /// Draws one of the first `count` items, if there is one.
    pub(crate) fn draw_among(&self, count: usize, random: &mut Random) -> Option<&T> {
        let total = *self.sums.get(count.checked_sub(1)?)?;
        let wanted = random.below(total);
        self.items.get(self.sums.partition_point(|sum| *sum <= wanted))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_keep_the_least_the_middle_and_the_most() {
        let quantiles = Quantiles::of((1..=1001).rev().collect());
        assert_eq!([0, 5000, 10_000].map(|at| quantiles.at(at)), [1, 501, 1001]);
        assert_eq!(quantiles.at(5500), 551);
    }

    #[test]
    fn weights_are_kept_and_nothing_is_drawn_from_nothing() {
        let mut random = Random::new(1, "weights", 0);
        let weighted = Weighted::new([("a", 1), ("never", 0), ("b", 3)]);
        let drawn: Vec<_> = (0..400).filter_map(|_| weighted.draw(&mut random)).collect();
        let count = drawn.iter().filter(|item| ***item == "b").count();
        assert!((270..330).contains(&count) && !drawn.contains(&&"never"), "{count}");
        assert_eq!(Weighted::<u8>::new([]).draw(&mut random), None);
    }
}
