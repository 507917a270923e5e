//! OpenPGP fingerprints (RFC 9580, section 5.5.4), written as upper-case hexadecimal digits.

use std::fmt;

/// The fingerprint of a version 4 key (40 digits) or a version 6 key (64 digits).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(String);

/// Why a text is not a fingerprint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FingerprintError {
    /// The length is neither 40 nor 64.
    #[error("a fingerprint has 40 or 64 hexadecimal digits, this has {0} characters")]
    Length(usize),
    /// A character is not an upper-case hexadecimal digit.
    #[error("`{0}` is not an upper-case hexadecimal digit")]
    Digit(char),
}

impl Fingerprint {
    /// Parses 40 or 64 upper-case hexadecimal digits.
    pub fn parse(text: &str) -> Result<Self, FingerprintError> {
        if let Some(bad) = text.chars().find(|c| !matches!(c, '0'..='9' | 'A'..='F')) {
            return Err(FingerprintError::Digit(bad));
        }
        match text.len() {
            40 | 64 => Ok(Self(text.to_owned())),
            other => Err(FingerprintError::Length(other)),
        }
    }

    /// Returns the digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

text_type!(
    Fingerprint,
    FingerprintError,
    "fingerprint/malformed",
    "^([0-9A-F]{40}|[0-9A-F]{64})$",
    "OpenPGP fingerprint, upper-case hexadecimal"
);
