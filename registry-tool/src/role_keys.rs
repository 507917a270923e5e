//! The keys of TUF roles: Ed25519, one PKCS#8 file (RFC 8410) for each.
//!
//! ```text
//! <root keys, offline>/root-1.pem … root-n.pem  targets.pem
//! <online keys>/index.pem  bins.pem  snapshot.pem  timestamp.pem
//! ```
//!
//! Files are made with mode 0600 in folders of mode 0700, and never overwritten.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use index_schema::tuf::{Key, Signature, Unsigned};
use libral::tuf::pem;
use ring::rand::{SecureRandom as _, SystemRandom};
use ring::signature::{Ed25519KeyPair, KeyPair as _};

/// What stands before the 32 bytes of the key in a PKCS#8 file, version 1 (RFC 8410, section 7).
const PKCS8_HEAD: &[u8] = &[0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];
const LABEL: &str = "PRIVATE KEY";

/// The secret key of a role.
#[derive(Debug)]
pub struct RoleKey {
    pair: Ed25519KeyPair,
    key: Key,
}

/// Why a key could not be made or read.
#[derive(Debug, thiserror::Error)]
pub enum RoleKeyError {
    /// The file could not be read or made.
    #[error("cannot open the key file `{}`", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file holds something else.
    #[error("`{}` is not an Ed25519 key in PKCS#8 (`-----BEGIN {LABEL}-----`)", .0.display())]
    Form(PathBuf),
    /// The system gave no randomness.
    #[error("the system gives no random numbers")]
    Random,
}

impl RoleKey {
    /// Makes a key and writes it to a new file.
    pub fn create(path: &Path) -> Result<Self, RoleKeyError> {
        let mut der = PKCS8_HEAD.to_vec();
        der.extend(random_seed()?);
        let form = || RoleKeyError::Form(path.to_owned());
        let key = Self::from_der(&der).ok_or_else(form)?;
        let written = write_secret(path, &pem::encode(&der, LABEL));
        written.map_err(|source| RoleKeyError::File { path: path.to_owned(), source })?;
        Ok(key)
    }

    /// Reads a key from its file.
    pub fn load(path: &Path) -> Result<Self, RoleKeyError> {
        let text = read_small(path);
        let text = text.map_err(|source| RoleKeyError::File { path: path.to_owned(), source })?;
        let der = pem::decode(&text, LABEL);
        let key = der.and_then(|der| Self::from_der(&der));
        key.ok_or_else(|| RoleKeyError::Form(path.to_owned()))
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

fn random_seed() -> Result<[u8; 32], RoleKeyError> {
    let mut seed = [0; 32];
    let filled = SystemRandom::new().fill(&mut seed);
    filled.map(|()| seed).map_err(|ring::error::Unspecified| RoleKeyError::Random)
}

fn read_small(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    File::open(path)?.take(4096).read_to_string(&mut text)?;
    Ok(text)
}

fn write_secret(path: &Path, text: &str) -> io::Result<()> {
    let (mut folders, mut files) = (DirBuilder::new(), OpenOptions::new());
    folders.recursive(true);
    files.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
        folders.mode(0o700);
        files.mode(0o600);
    }
    if let Some(folder) = path.parent() {
        folders.create(folder)?;
    }
    let mut file = files.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// The keys that stay with the maintainers.
#[derive(Debug)]
pub struct OfflineKeys {
    /// The root keys.
    pub root: Vec<RoleKey>,
    /// The key of the top-level targets role.
    pub targets: RoleKey,
}

impl OfflineKeys {
    /// Makes `count` root keys and the targets key in `folder`.
    pub fn create(folder: &Path, count: u32) -> Result<Self, RoleKeyError> {
        let root = (1..=count).map(|n| RoleKey::create(&folder.join(format!("root-{n}.pem"))));
        let root = root.collect::<Result<_, _>>()?;
        Ok(Self { root, targets: RoleKey::create(&folder.join("targets.pem"))? })
    }

    /// Reads `targets.pem` and every `root-1.pem`, `root-2.pem` … that is there in a row.
    pub fn load(folder: &Path) -> Result<Self, RoleKeyError> {
        let mut root = Vec::new();
        loop {
            let path = folder.join(format!("root-{}.pem", root.len() + 1));
            if !root.is_empty() && !path.exists() {
                break;
            }
            root.push(RoleKey::load(&path)?);
        }
        Ok(Self { root, targets: RoleKey::load(&folder.join("targets.pem"))? })
    }
}

/// The keys that a release needs.
#[derive(Debug)]
pub struct OnlineKeys {
    /// Signs the fixed files.
    pub index: RoleKey,
    /// Signs all bins.
    pub bins: RoleKey,
    /// Signs the snapshot.
    pub snapshot: RoleKey,
    /// Signs the timestamp.
    pub timestamp: RoleKey,
}

impl OnlineKeys {
    /// Makes the keys in `folder`.
    pub fn create(folder: &Path) -> Result<Self, RoleKeyError> {
        Self::each(folder, RoleKey::create)
    }

    /// Reads the keys from `folder`.
    pub fn load(folder: &Path) -> Result<Self, RoleKeyError> {
        Self::each(folder, RoleKey::load)
    }

    fn each(
        folder: &Path,
        open: fn(&Path) -> Result<RoleKey, RoleKeyError>,
    ) -> Result<Self, RoleKeyError> {
        let key = |name: &str| open(&folder.join(name));
        Ok(Self {
            index: key("index.pem")?,
            bins: key("bins.pem")?,
            snapshot: key("snapshot.pem")?,
            timestamp: key("timestamp.pem")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_reads_back_and_is_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys").join("targets.pem");
        let made = RoleKey::create(&path).unwrap();
        assert_eq!(RoleKey::load(&path).unwrap().public(), made.public());
        assert!(matches!(RoleKey::create(&path), Err(RoleKeyError::File { .. })));
        assert_eq!(RoleKey::load(&path).unwrap().public(), made.public());
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_may_read_a_key() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys").join("targets.pem");
        RoleKey::create(&path).unwrap();
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(path.parent().unwrap().metadata().unwrap().permissions().mode() & 0o777, 0o700);
    }

    #[test]
    fn the_example_of_the_rfc_is_read() {
        // RFC 8410, section 10.3: private and public key.
        let text = "-----BEGIN PRIVATE KEY-----\n\
            MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n\
            -----END PRIVATE KEY-----\n";
        let key = RoleKey::from_der(&pem::decode(text, LABEL).unwrap()).unwrap();
        let public = "19bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1";
        assert_eq!(key.public().public, public);
    }
}
