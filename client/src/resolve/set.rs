//! Sets of releases of one plugin, as numbers.
//!
//! `0` stands for "this plugin is not there", `1` for its oldest usable release, and so on. With
//! "not there" as a version, "works only with" and "conflicts with" are dependencies like others.

use std::fmt;
use std::ops::Bound;

use pubgrub::{Ranges, VersionSet};

/// The number that means that the plugin is not there.
pub(super) const ABSENT: usize = 0;

/// A set of numbers, kept as ranges `lo..hi`, so that neighbours join.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Set(Ranges<usize>);

impl Set {
    /// Returns the numbers from `lo` on, below `hi`.
    pub(super) fn between(lo: usize, hi: usize) -> Self {
        if lo < hi { Self(Ranges::between(lo, hi)) } else { Self::empty() }
    }

    /// Collects numbers that come in ascending order.
    pub(super) fn ascending(numbers: impl Iterator<Item = usize>) -> Self {
        let mut runs: Vec<(usize, usize)> = Vec::new();
        for number in numbers {
            match runs.last_mut() {
                Some((_, hi)) if *hi == number => *hi = number.saturating_add(1),
                _ => runs.push((number, number.saturating_add(1))),
            }
        }
        let bounds = |(lo, hi)| (Bound::Included(lo), Bound::Excluded(hi));
        Self(runs.into_iter().map(bounds).collect())
    }

    /// Returns the runs `lo..hi` of a set that is bounded.
    pub(super) fn runs(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        self.0.iter().map(|(lo, hi)| (first(lo), end(hi)))
    }

    /// Returns the highest number of a set that is bounded.
    pub(super) fn newest(&self) -> Option<usize> {
        self.runs().last().and_then(|(_, hi)| hi.checked_sub(1))
    }

    /// Returns how many numbers a bounded set has.
    pub(super) fn count(&self) -> usize {
        self.runs().map(|(lo, hi)| hi.saturating_sub(lo)).fold(0, usize::saturating_add)
    }

    /// Tells whether the plugin may be missing.
    pub(super) fn allows_absence(&self) -> bool {
        self.contains(&ABSENT)
    }
}

const fn first(bound: &Bound<usize>) -> usize {
    match bound {
        Bound::Included(lo) => *lo,
        Bound::Excluded(lo) => lo.saturating_add(1),
        Bound::Unbounded => 0,
    }
}

const fn end(bound: &Bound<usize>) -> usize {
    match bound {
        Bound::Included(hi) => hi.saturating_add(1),
        Bound::Excluded(hi) => *hi,
        Bound::Unbounded => usize::MAX,
    }
}

impl fmt::Display for Set {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl VersionSet for Set {
    type V = usize;

    fn empty() -> Self {
        Self(Ranges::empty())
    }

    fn full() -> Self {
        Self(Ranges::full())
    }

    fn singleton(number: usize) -> Self {
        Self::between(number, number.saturating_add(1))
    }

    fn complement(&self) -> Self {
        Self(self.0.complement())
    }

    fn intersection(&self, other: &Self) -> Self {
        Self(self.0.intersection(&other.0))
    }

    fn union(&self, other: &Self) -> Self {
        Self(self.0.union(&other.0))
    }

    fn contains(&self, number: &usize) -> bool {
        self.0.contains(number)
    }

    fn is_disjoint(&self, other: &Self) -> bool {
        self.0.is_disjoint(&other.0)
    }

    fn subset_of(&self, other: &Self) -> bool {
        self.0.subset_of(&other.0)
    }
}
