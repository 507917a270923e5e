//! SHA-256 digests (FIPS 180-4), written as 64 lower-case hexadecimal digits.

use std::fmt;

use sha2::{Digest as _, Sha256};

/// The SHA-256 of some bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sha256Digest([u8; 32]);

/// Why a text is not a SHA-256 digest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DigestError {
    /// The length is not 64.
    #[error("a SHA-256 digest has 64 hexadecimal digits, this has {0} characters")]
    Length(usize),
    /// A character is not a lower-case hexadecimal digit.
    #[error("`{0}` is not a lower-case hexadecimal digit")]
    Digit(char),
}

impl Sha256Digest {
    /// Computes the digest of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// Wraps a digest that was computed piece by piece.
    pub const fn from_array(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Parses 64 lower-case hexadecimal digits.
    pub fn parse(text: &str) -> Result<Self, DigestError> {
        if !text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
            let bad = text.chars().find(|c| !matches!(c, '0'..='9' | 'a'..='f'));
            return Err(DigestError::Digit(bad.unwrap_or_default()));
        }
        let (digits, _) = text.as_bytes().as_chunks::<2>();
        match <&[[u8; 2]; 32]>::try_from(digits) {
            Ok(digits) if text.len() == 64 => {
                Ok(Self(digits.map(|[high, low]| nibble(high) << 4 | nibble(low))))
            }
            _ => Err(DigestError::Length(text.len())),
        }
    }

    /// Returns the 32 bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Returns the first two hexadecimal digits: the folder that holds a file of this digest.
    pub fn shard(&self) -> String {
        let [first, ..] = self.0;
        format!("{first:02x}")
    }
}

const fn nibble(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        _ => digit - b'a' + 10,
    }
}

const fn digit(nibble: u8) -> u8 {
    match nibble {
        0..=9 => b'0' + nibble,
        _ => b'a' + (nibble - 10),
    }
}

impl fmt::Display for Sha256Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A release writes a hundred thousand.
        let digits = self.0.map(|byte| [digit(byte >> 4), digit(byte & 0xf)]);
        f.write_str(str::from_utf8(digits.as_flattened()).unwrap_or_default())
    }
}

impl fmt::Debug for Sha256Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sha256:{self}")
    }
}

text_type!(
    Sha256Digest,
    DigestError,
    "digest/malformed",
    "^[0-9a-f]{64}$",
    "SHA-256, lower-case hexadecimal"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_of_nothing_is_the_published_one_and_reads_back() {
        let text = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(Sha256Digest::of(b"").to_string(), text);
        assert_eq!(Sha256Digest::parse(text), Ok(Sha256Digest::of(b"")));
        assert_eq!(Sha256Digest::of(b"").shard(), "e3");
    }

    #[test]
    fn upper_case_short_and_foreign_text_is_refused() {
        assert_eq!(Sha256Digest::parse(&"A".repeat(64)), Err(DigestError::Digit('A')));
        for length in [0, 3, 62, 63, 65, 66, 128] {
            let text = "a".repeat(length);
            assert_eq!(Sha256Digest::parse(&text), Err(DigestError::Length(length)));
        }
        assert_eq!(Sha256Digest::parse(&"é".repeat(32)), Err(DigestError::Digit('é')));
    }
}
