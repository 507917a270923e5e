//! Bins: roles among which plugin documents are spread by the hash of their path.

use std::fmt;

use super::{HashPrefix, Paths, RoleName, TargetPath};
use crate::digest::Sha256Digest;

/// The number of bins of a registry: a power of two from 1 to 16,384.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BinCount {
    bits: u32,
}

/// Why a number is not a [`BinCount`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the number of bins is a power of two from 1 to 16384, not {0}")]
pub struct BinError(pub u32);

impl Default for BinCount {
    fn default() -> Self {
        Self { bits: 4 }
    }
}

impl BinCount {
    /// Makes a count.
    pub fn new(count: u32) -> Result<Self, BinError> {
        let bits = count.trailing_zeros();
        if count.is_power_of_two() && bits <= 14 { Ok(Self { bits }) } else { Err(BinError(count)) }
    }

    /// Returns the number of bins.
    pub const fn get(self) -> u32 {
        1 << self.bits
    }

    /// Returns the name of bin `index`, such as `bin-1024-3ff`.
    pub fn name(self, index: u32) -> RoleName {
        let name = format!("bin-{}-{index:0width$x}", self.get(), width = self.digits());
        RoleName::parse(&name).expect("letters, digits and hyphens")
    }

    /// Returns the names of all bins, in order.
    pub fn names(self) -> impl Iterator<Item = RoleName> {
        (0..self.get()).map(move |index| self.name(index))
    }

    /// Returns the bin in which a target belongs: the number of the first digits of its hash,
    /// modulo the count.
    pub fn bin_of(self, path: &TargetPath) -> RoleName {
        let digest = Sha256Digest::of(path.as_str().as_bytes());
        let [first, second, ..] = *digest.as_bytes();
        let digits = u32::from(u16::from_be_bytes([first, second])) >> (16 - self.width());
        self.name(digits % self.get())
    }

    /// Returns the set of targets that belong in bin `index`.
    ///
    /// A digit is four bits: where the bits do not fill the last digit, a bin has several prefixes.
    /// They end like the bin's own name, which makes a thousand delegations a quarter smaller once
    /// compressed than prefixes that begin alike would.
    pub fn paths(self, index: u32) -> Paths {
        let width = self.digits();
        let numbers = (index..1 << self.width()).step_by(usize::try_from(self.get()).unwrap_or(1));
        let prefix = |number: u32| HashPrefix::parse(&format!("{number:0width$x}"));
        let prefixes = numbers.map(prefix);
        Paths::HashPrefixes(prefixes.collect::<Result<_, _>>().expect("hexadecimal digits"))
    }

    /// Reads the count out of the name of a bin.
    pub fn of_name(role: &RoleName) -> Option<Self> {
        let (count, _) = role.as_str().strip_prefix("bin-")?.split_once('-')?;
        Self::new(count.parse().ok()?).ok()
    }

    /// Tells whether `role` is a bin, and the one in which `path` belongs.
    pub fn is_bin_of(role: &RoleName, path: &TargetPath) -> bool {
        Self::of_name(role).is_some_and(|count| count.bin_of(path) == *role)
    }

    /// The digits that it takes to number all bins.
    fn digits(self) -> usize {
        usize::try_from(self.width() / 4).unwrap_or(1)
    }

    /// The bits of those digits.
    const fn width(self) -> u32 {
        if self.bits == 0 { 4 } else { self.bits.next_multiple_of(4) }
    }
}

impl fmt::Display for BinCount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.get().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_carry_count_and_index() {
        let name = |count, index| BinCount::new(count).unwrap().name(index).to_string();
        assert_eq!(name(1, 0), "bin-1-0");
        assert_eq!(name(16, 15), "bin-16-f");
        assert_eq!(name(32, 31), "bin-32-1f");
        assert_eq!(name(1024, 1023), "bin-1024-3ff");
        assert_eq!(name(16384, 1), "bin-16384-0001");
        for count in [0, 3, 32768] {
            assert_eq!(BinCount::new(count), Err(BinError(count)));
        }
    }

    #[test]
    fn a_name_of_a_bin_tells_its_count() {
        let role = |name| RoleName::parse(name).unwrap();
        let path = TargetPath::parse("plugins/lab/amber.json").unwrap();
        let count = BinCount::new(64).unwrap();
        assert_eq!(BinCount::of_name(&role("bin-64-00")), Some(count));
        assert_eq!(BinCount::of_name(&role("index")), None);
        assert!(BinCount::is_bin_of(&count.bin_of(&path), &path));
        let others = count.names().filter(|name| BinCount::is_bin_of(name, &path));
        assert_eq!(others.collect::<Vec<_>>(), [count.bin_of(&path)]);
    }

    proptest! {
        #[test]
        fn every_path_is_in_exactly_the_bin_that_its_prefixes_say(bits in 0_u32..9, name in "[a-z]{1,9}") {
            let count = BinCount::new(1 << bits).unwrap();
            let path = TargetPath::parse(&name).unwrap();
            let holds = |index: &u32| count.paths(*index).contain(&path);
            let bins: Vec<RoleName> = (0..count.get()).filter(holds).map(|i| count.name(i)).collect();
            prop_assert_eq!(bins, [count.bin_of(&path)]);
        }
    }
}
