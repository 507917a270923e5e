//! A secret key in memory: Ed25519, read from PKCS#8 (RFC 8410).

use std::fmt;
use std::path::Path;

use index_schema::tuf::{Key, Signature, Unsigned};
use libral::tuf::pem;
use ring::rand::{SecureRandom as _, SystemRandom};
use ring::signature::{Ed25519KeyPair, KeyPair as _};

use super::{MOST, RoleKeyError, file};

/// What stands before the 32 bytes of the key in a PKCS#8 file, version 1 (RFC 8410, section 7).
const PKCS8_HEAD: &[u8] = &[0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];
const LABEL: &str = "PRIVATE KEY";
const END: &str = "-----END PRIVATE KEY-----";

/// The secret key of a role.
pub struct RoleKey {
    pair: Ed25519KeyPair,
    key: Key,
}

impl fmt::Debug for RoleKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RoleKey").field("id", &self.key.id()).finish_non_exhaustive()
    }
}

impl RoleKey {
    /// Makes a key and writes it to a new file, with its public half beside it (`*.pub`).
    pub fn create(path: &Path) -> Result<Self, RoleKeyError> {
        let mut der = PKCS8_HEAD.to_vec();
        der.extend(random_seed()?);
        let form = || RoleKeyError::Form(format!("`{}`", path.display()));
        let key = Self::from_der(&der).ok_or_else(form)?;
        file::write_secret(path, &pem::encode(&der, LABEL))?;
        file::write_public(&file::public_file(path), &key.key)?;
        Ok(key)
    }

    /// Reads the one key of a file.
    pub fn load(path: &Path) -> Result<Self, RoleKeyError> {
        let place = format!("`{}`", path.display());
        let mut keys = parse(&file::read_secret(path)?, &place)?;
        match (keys.pop(), keys.pop()) {
            (Some(key), None) => Ok(key),
            _ => Err(RoleKeyError::Form(place)),
        }
    }

    fn from_der(der: &[u8]) -> Option<Self> {
        // A file without the public half, as most tools write it, is as good as one with it.
        let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(der).ok()?;
        let key = Key::ed25519(pair.public_key().as_ref());
        Some(Self { pair, key })
    }

    /// Returns the public key.
    pub const fn public(&self) -> &Key {
        &self.key
    }

    /// Signs metadata.
    pub fn sign(&self, metadata: &Unsigned) -> Signature {
        Signature { keyid: self.key.id(), sig: self.sign_bytes(metadata.canonical()) }
    }

    /// Signs any bytes; returns hexadecimal digits.
    pub(crate) fn sign_bytes(&self, bytes: &[u8]) -> String {
        self.pair.sign(bytes).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Reads PEM blocks that stand one after the other, and nothing else.
pub(super) fn parse(text: &str, place: &str) -> Result<Vec<RoleKey>, RoleKeyError> {
    let blocks = text.split_inclusive(END).filter(|block| !block.trim().is_empty());
    let key = |block| pem::decode(block, LABEL).and_then(|der| RoleKey::from_der(&der));
    let keys: Option<Vec<RoleKey>> = blocks.take(MOST + 1).map(key).collect();
    keys.ok_or_else(|| RoleKeyError::Form(place.to_owned()))
}

fn random_seed() -> Result<[u8; 32], RoleKeyError> {
    let mut seed = [0; 32];
    let filled = SystemRandom::new().fill(&mut seed);
    filled.map(|()| seed).map_err(|ring::error::Unspecified| RoleKeyError::Random)
}
