//! The keys of TUF roles: where they rest, and signing with them.
//!
//! | written as | where the secret keys are |
//! |---|---|
//! | `DIR` or `FILE` | PKCS#8 files `*.pem` (RFC 8410) that their owner alone may read |
//! | `env:NAME` | an environment variable: the same PEM blocks, one after the other |
//! | `exec:COMMAND` | with a program that signs, such as one that talks to a token: see [`external`] |
//!
//! Which key acts for which role is decided by the metadata, which list key ids; the names of
//! files are for people. A public key is a file `*.pub` with the key object of TUF (section 4.2.2).
//!
//! A secret key is in no message and in nobody's `Debug` output. Files are made with mode 0600 in
//! folders of mode 0700, and never overwritten; one that others may read is refused.

pub mod external;
mod file;
mod secret;

use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use index_schema::tuf::{Key, KeyId, RoleKeys, Signature};

use self::external::External;
pub use self::file::{public_file, read_public, write_public};
pub use self::secret::RoleKey;

/// The most keys that one place may hold.
const MOST: usize = 64;

/// Why a key could not be made, read or used.
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
    /// Others than its owner may read the file.
    #[error("others may read the secret key `{}` (mode {mode:03o})", path.display())]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// What should be secret keys is something else.
    #[error("{0} does not hold Ed25519 keys in PKCS#8 (`-----BEGIN PRIVATE KEY-----`)")]
    Form(String),
    /// What should be a public key is something else.
    #[error("`{}` is not the public key of a role", .0.display())]
    Public(PathBuf),
    /// There is no key where some should be.
    #[error("{0} holds no key of a role")]
    Empty(String),
    /// There are more keys than anybody has.
    #[error("{0} holds more than {MOST} keys")]
    TooMany(String),
    /// The environment variable is not set.
    #[error("the environment variable `{0}` is not set")]
    Unset(String),
    /// The system gave no randomness.
    #[error("the system gives no random numbers")]
    Random,
    /// The program that signs did not do so.
    #[error("the program `{program}` {what}")]
    External {
        /// The program.
        program: String,
        /// What it did instead.
        what: external::Failing,
    },
}

impl RoleKeyError {
    /// Returns what to do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Exposed { path, .. } => {
                Some(format!("if nobody did: chmod 600 {}; else replace the key", path.display()))
            }
            Self::File { source, .. } if source.kind() == io::ErrorKind::AlreadyExists => {
                Some("a key is never overwritten; choose another place".to_owned())
            }
            Self::Unset(name) => {
                Some(format!("set `{name}` to the PEM blocks of the keys, one after the other"))
            }
            Self::Empty(_) => Some("keys are files `*.pem`, as `trust key` makes them".to_owned()),
            Self::External { .. } => {
                Some("`COMMAND public` prints the keys, `COMMAND sign KEYID` signs".to_owned())
            }
            Self::File { .. }
            | Self::Form(_)
            | Self::Public(_)
            | Self::TooMany(_)
            | Self::Random => None,
        }
    }
}

/// Where secret keys are, as a person writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeySource {
    /// A file, or a folder of files `*.pem`.
    Files(PathBuf),
    /// An environment variable.
    Variable(String),
    /// A program that signs.
    Program(String),
}

/// Why a text is not a [`KeySource`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a folder, a file, env:NAME or exec:COMMAND")]
pub struct KeySourceError;

impl FromStr for KeySource {
    type Err = KeySourceError;

    fn from_str(text: &str) -> Result<Self, KeySourceError> {
        let (source, is_empty) = match (text.strip_prefix("env:"), text.strip_prefix("exec:")) {
            (Some(name), _) => (Self::Variable(name.to_owned()), name.is_empty()),
            (None, Some(command)) => (Self::Program(command.to_owned()), command.trim().is_empty()),
            (None, None) => (Self::Files(PathBuf::from(text)), text.is_empty()),
        };
        if is_empty { Err(KeySourceError) } else { Ok(source) }
    }
}

impl KeySource {
    /// Opens the keys; `variable` looks into the environment.
    pub fn open(&self, variable: impl Fn(&str) -> Option<String>) -> Result<Keys, RoleKeyError> {
        match self {
            Self::Files(path) => Keys::load(path),
            Self::Variable(name) => {
                let text = variable(name).ok_or_else(|| RoleKeyError::Unset(name.clone()))?;
                Keys::parse(&text, &format!("the environment variable `{name}`"))
            }
            Self::Program(command) => Keys::of_program(command),
        }
    }
}

/// Secret keys that are at hand.
#[derive(Debug)]
pub struct Keys(Vec<Holder>);

/// Who signs with a key.
#[derive(Debug)]
enum Holder {
    Here(RoleKey),
    There { key: Key, program: External },
}

impl Holder {
    const fn public(&self) -> &Key {
        match self {
            Self::Here(key) => key.public(),
            Self::There { key, .. } => key,
        }
    }

    fn sign(&self, bytes: &[u8]) -> Result<Signature, RoleKeyError> {
        let sig = match self {
            Self::Here(key) => key.sign_bytes(bytes),
            Self::There { key, program } => program.sign(key, bytes)?,
        };
        Ok(Signature { keyid: self.public().id(), sig })
    }
}

impl Keys {
    /// Reads the keys of a file or a folder.
    pub fn load(path: &Path) -> Result<Self, RoleKeyError> {
        let texts = file::read_secrets(path)?;
        let mut keys = Vec::new();
        for (place, text) in texts {
            keys.extend(secret::parse(&text, &format!("`{}`", place.display()))?);
        }
        Self::of(keys.into_iter().map(Holder::Here), &format!("`{}`", path.display()))
    }

    /// Reads PEM blocks, one after the other; `place` is where they were, for messages.
    pub fn parse(text: &str, place: &str) -> Result<Self, RoleKeyError> {
        Self::of(secret::parse(text, place)?.into_iter().map(Holder::Here), place)
    }

    /// Asks a program for its keys.
    pub fn of_program(command: &str) -> Result<Self, RoleKeyError> {
        let program = External::new(command);
        let keys = program.public()?;
        let holders = keys.into_iter().map(|key| Holder::There { key, program: program.clone() });
        Self::of(holders, &format!("the program `{command}`"))
    }

    fn of(holders: impl Iterator<Item = Holder>, place: &str) -> Result<Self, RoleKeyError> {
        let mut keys: Vec<Holder> = holders.collect();
        keys.sort_by_key(|holder| holder.public().id());
        keys.dedup_by_key(|holder| holder.public().id());
        match keys.len() {
            0 => Err(RoleKeyError::Empty(place.to_owned())),
            found if found > MOST => Err(RoleKeyError::TooMany(place.to_owned())),
            _ => Ok(Self(keys)),
        }
    }

    /// Returns the public halves.
    pub fn public(&self) -> impl Iterator<Item = &Key> {
        self.0.iter().map(Holder::public)
    }

    /// Returns how many of a role's keys are here.
    pub fn count(&self, role: &RoleKeys) -> usize {
        self.public().filter(|key| role.keyids.contains(&key.id())).count()
    }

    /// Signs with each of these keys that is here, but those that did already.
    pub fn sign(
        &self,
        bytes: &[u8],
        wanted: impl Fn(&KeyId) -> bool,
    ) -> Result<Vec<Signature>, RoleKeyError> {
        let wanted = self.0.iter().filter(|holder| wanted(&holder.public().id()));
        wanted.map(|holder| holder.sign(bytes)).collect()
    }
}

#[cfg(test)]
mod tests;
