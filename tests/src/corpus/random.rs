//! Numbers that look random and are the same on every machine for the same seed.
//!
//! `SplitMix64` (Steele, Lea and Flood, 2014). Everything that is drawn has a stream of its own,
//! named by what it is for, so that threads may draw in any order. All of it is whole numbers:
//! fractions are rounded differently by different machines.

/// One stream of numbers.
#[derive(Debug, Clone)]
pub(crate) struct Random(u64);

const GAMMA: u64 = 0x9e37_79b9_7f4a_7c15;

impl Random {
    /// Starts the stream number `index` of those for `purpose`.
    pub(crate) fn new(seed: u64, purpose: &str, index: usize) -> Self {
        let named = purpose.bytes().fold(seed, |state, byte| mix(state ^ u64::from(byte)));
        Self(mix(named ^ mix(wide(index))))
    }

    /// Draws any number.
    pub(crate) const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GAMMA);
        mix(self.0)
    }

    /// Draws a number below `end`; 0 when there is none.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next().checked_rem(end).unwrap_or(0)
    }

    /// Draws a number from `first` to `last`.
    pub(crate) fn between(&mut self, first: u64, last: u64) -> u64 {
        first + self.below(last.saturating_sub(first) + 1)
    }

    /// Says yes in so many of a thousand cases.
    pub(crate) fn chance(&mut self, permille: u64) -> bool {
        self.below(1000) < permille
    }

    /// Chooses one item.
    pub(crate) fn choose<'i, T>(&mut self, items: &'i [T]) -> Option<&'i T> {
        items.get(narrow(self.below(wide(items.len()))))
    }

    /// Draws 32 bytes.
    pub(crate) fn bytes(&mut self) -> [u8; 32] {
        let mut bytes = [0; 32];
        for eight in bytes.chunks_exact_mut(8) {
            eight.copy_from_slice(&self.next().to_le_bytes());
        }
        bytes
    }
}

const fn mix(state: u64) -> u64 {
    let state = state.wrapping_add(GAMMA);
    let state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    state ^ (state >> 31)
}

/// A length as a number.
pub(crate) fn wide(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

/// A number as a position.
pub(crate) fn narrow(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// A number as a span of seconds.
pub(crate) fn seconds(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_known_by_seed_purpose_and_number() {
        let draw = |seed, purpose, index| Random::new(seed, purpose, index).next();
        assert_eq!(draw(1, "name", 2), draw(1, "name", 2));
        assert_ne!(draw(1, "name", 2), draw(2, "name", 2));
        assert_ne!(draw(1, "name", 2), draw(1, "eman", 2));
        assert_ne!(draw(1, "name", 2), draw(1, "name", 3));
    }

    #[test]
    fn every_number_of_a_range_is_drawn_and_no_other() {
        let mut random = Random::new(7, "range", 0);
        let mut drawn: Vec<u64> = (0..200).map(|_| random.between(3, 6)).collect();
        drawn.sort_unstable();
        drawn.dedup();
        assert_eq!(drawn, [3, 4, 5, 6]);
        assert_eq!(random.below(0), 0);
    }
}
