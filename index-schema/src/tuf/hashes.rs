//! Digests of a file, as metadata lists them.

use std::fmt;

use serde::Serialize;
use sha2::{Digest as _, Sha512};

use crate::digest::Sha256Digest;
use crate::json::{Fields, FromJson, Node, Reading};

/// The digests of one file. This registry writes SHA-256 and also reads SHA-512.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Hashes {
    /// SHA-256.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<Sha256Digest>,
    /// SHA-512.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha512: Option<Sha512Digest>,
}

impl Hashes {
    /// Makes the entry that lists SHA-256 alone.
    pub const fn sha256(digest: Sha256Digest) -> Self {
        Self { sha256: Some(digest), sha512: None }
    }

    /// Tells whether `bytes` have every listed digest, and one that is known is listed.
    pub fn match_bytes(&self, bytes: &[u8]) -> bool {
        let sha256 = self.sha256.is_none_or(|digest| digest == Sha256Digest::of(bytes));
        let sha512 = self.sha512.as_ref().is_none_or(|digest| *digest == Sha512Digest::of(bytes));
        (self.sha256.is_some() || self.sha512.is_some()) && sha256 && sha512
    }

    /// Returns the digest by which consistent snapshots name the file.
    pub fn name(&self) -> Option<String> {
        let sha256 = self.sha256.map(|digest| digest.to_string());
        sha256.or_else(|| self.sha512.as_ref().map(Sha512Digest::to_string))
    }
}

impl FromJson for Hashes {
    fn from_json(node: &Node, reading: &mut Reading) -> Option<Self> {
        let mut fields = Fields::open(node, reading)?;
        let (sha256, sha512) = (fields.optional("sha256"), fields.optional("sha512"));
        fields.finish();
        Some(Self { sha256, sha512 })
    }
}

/// The SHA-512 of some bytes (FIPS 180-4), as 128 lower-case hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sha512Digest(String);

impl Sha512Digest {
    /// Computes the digest of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha512::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// Parses 128 lower-case hexadecimal digits.
    pub fn parse(text: &str) -> Result<Self, Sha512Error> {
        let digits = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if digits && text.len() == 128 { Ok(Self(text.to_owned())) } else { Err(Sha512Error) }
    }
}

/// Why a text is not a SHA-512 digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a SHA-512 digest has 128 lower-case hexadecimal digits")]
pub struct Sha512Error;

impl fmt::Display for Sha512Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

text_type!(
    Sha512Digest,
    Sha512Error,
    "digest/malformed",
    "^[0-9a-f]{128}$",
    "SHA-512, lower-case hexadecimal"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listed_digest_has_to_match_and_one_has_to_be_listed() {
        let (good, bad) = (Sha256Digest::of(b"x"), Sha256Digest::of(b"y"));
        let hashes = |sha256, sha512| Hashes { sha256, sha512 };
        assert!(hashes(Some(good), None).match_bytes(b"x"));
        assert!(hashes(None, Some(Sha512Digest::of(b"x"))).match_bytes(b"x"));
        assert!(!hashes(Some(bad), Some(Sha512Digest::of(b"x"))).match_bytes(b"x"));
        assert!(!hashes(Some(good), Some(Sha512Digest::of(b"y"))).match_bytes(b"x"));
        assert!(!hashes(None, None).match_bytes(b"x"));
    }
}
