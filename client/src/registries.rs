//! The registries that a user trusts.
//!
//! ```text
//! trust/<name>/registry.json   {"schema": 1, "name": "demo", "url": "https://…/", "root_sha256":
//!                               "9f86…", "added": "2026-11-23T14:07:00Z", "position": 1}
//! trust/<name>/root.json …     metadata that are trusted (see `tuf::store`)
//! trust/<name>/seen.json       what was seen (see `seen`)
//! ```
//!
//! A name is the user's own word for a registry. Trust begins with one file, the first root, which
//! the user names by its digest; where the registry lies may change, the root may not.

use std::fs;
use std::io;
use std::path::PathBuf;

use index_schema::digest::Sha256Digest;
use index_schema::id::RegistryId;
use index_schema::json;
use index_schema::limits::{self, KIB};
use index_schema::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::failure::{Class, Failure};
use crate::file::{Mode, read_file, write_file};
use crate::home::{Home, HomeError};
use crate::source::location::{Location, LocationError};
use crate::source::{Source, SourceError};
use crate::tuf::store::Store;
use crate::tuf::update::{self, UpdateError};

const FILE: &str = "registry.json";
const CEILING: usize = 64 * KIB;
const SCHEMA: u32 = 1;

/// The path of a registry's first root.
pub const FIRST_ROOT: &str = "metadata/1.root.json";

/// A registry that the user trusts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Registered {
    schema: u32,
    /// What the user calls it.
    pub name: RegistryId,
    /// Where it lies.
    pub url: String,
    /// The digest of the first root.
    pub root_sha256: Sha256Digest,
    /// When it was added.
    pub added: Timestamp,
    /// Its place in the order of adding.
    pub position: u64,
}

/// Why a registry cannot be added, found or removed.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// The home cannot be used.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// A file cannot be read, written or removed.
    #[error("cannot use `{}`", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file is not what this program writes.
    #[error("`{}` is damaged: {reason}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The address is none.
    #[error(transparent)]
    Location(#[from] LocationError),
    /// The first root cannot be fetched.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The registry does not serve its first root.
    #[error("there is no registry at `{0}`: it has no `{FIRST_ROOT}`")]
    NoRoot(String),
    /// Another registry has the name.
    #[error("`{name}` is a registry with the root {known}, not {found}")]
    OtherRoot {
        /// The name.
        name: RegistryId,
        /// The digest of the root that is trusted.
        known: Sha256Digest,
        /// The digest of the root that was given.
        found: Sha256Digest,
    },
    /// The root cannot be trusted.
    #[error(transparent)]
    Root(#[from] UpdateError),
    /// Nothing has the name.
    #[error("there is no registry `{0}` here")]
    Unknown(RegistryId),
}

impl Failure for RegistryError {
    fn class(&self) -> Class {
        match self {
            Self::Home(error) => error.class(),
            Self::Location(error) => error.class(),
            Self::Source(error) => error.class(),
            Self::Root(error) => error.class(),
            Self::Io { .. } | Self::Damaged { .. } | Self::OtherRoot { .. } => Class::Refused,
            Self::NoRoot(_) | Self::Unknown(_) => Class::NotFound,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Home(error) => error.code(),
            Self::Location(error) => error.code(),
            Self::Source(error) => error.code(),
            Self::Root(error) => error.code(),
            Self::Io { .. } => "registry/io",
            Self::Damaged { .. } => "registry/damaged",
            Self::OtherRoot { .. } => "registry/other-root",
            Self::NoRoot(_) => "registry/no-root",
            Self::Unknown(_) => "registry/unknown",
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Source(error) => error.hint(),
            Self::Root(error) => error.hint(),
            Self::OtherRoot { name, .. } => {
                Some(format!("choose another name, or run `libral registry remove {name}` first"))
            }
            Self::Unknown(_) => Some("`libral registry list` shows them".to_owned()),
            Self::Home(_)
            | Self::Io { .. }
            | Self::Damaged { .. }
            | Self::Location(_)
            | Self::NoRoot(_) => None,
        }
    }
}

/// What adding a registry came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Added {
    /// It is new.
    New,
    /// It was there; its address is the one given now.
    Again,
}

/// Fetches the first root that a registry serves. Nobody has vouched for it.
pub fn fetch_root(source: &dyn Source, url: &str) -> Result<Vec<u8>, RegistryError> {
    let root = source.get(FIRST_ROOT, limits::TUF_UNANNOUNCED)?;
    root.ok_or_else(|| RegistryError::NoRoot(url.to_owned()))
}

/// Returns the registries in the order of adding.
pub fn list(home: &Home) -> Result<Vec<Registered>, RegistryError> {
    let folder = home.data().join("trust");
    let failed = |source| RegistryError::Io { path: folder.clone(), source };
    let mut found = Vec::new();
    for entry in fs::read_dir(&folder).map_err(failed)? {
        let name = entry.map_err(failed)?.file_name();
        if let Some(name) = name.to_str().and_then(|name| RegistryId::parse(name).ok()) {
            found.extend(read(home, &name)?);
        }
    }
    found.sort_by(|a, b| (a.position, &a.name).cmp(&(b.position, &b.name)));
    Ok(found)
}

/// Returns the registry with a name, if there is one.
pub fn find(home: &Home, name: &RegistryId) -> Result<Option<Registered>, RegistryError> {
    read(home, name)
}

/// Trusts a registry whose first root is `root`, which has to have the digest `expected`.
pub fn add(
    home: &Home,
    (name, location): (&RegistryId, &Location),
    (root, expected): (&[u8], Sha256Digest),
    now: Timestamp,
) -> Result<Added, RegistryError> {
    if let Some(known) = read(home, name)? {
        let url = location.to_string();
        known.same_root(expected)?;
        write(home, &Registered { url, ..known })?;
        return Ok(Added::Again);
    }
    let last = list(home)?.into_iter().map(|registry| registry.position).max();
    let registry = Registered {
        schema: SCHEMA,
        name: name.clone(),
        url: location.to_string(),
        root_sha256: expected,
        added: now,
        position: last.unwrap_or(0).saturating_add(1),
    };
    // What a crash left between the two steps below is no registry yet.
    clear(home, name)?;
    if let Err(error) = update::begin(&Store::new(home.trust(name)?), root, expected) {
        clear(home, name)?;
        return Err(error.into());
    }
    write(home, &registry)?;
    Ok(Added::New)
}

/// Writes a registry as it was.
pub fn restore(home: &Home, registry: &Registered) -> Result<(), RegistryError> {
    write(home, registry)
}

/// Forgets a registry and all that was trusted because of it.
pub fn remove(home: &Home, name: &RegistryId) -> Result<(), RegistryError> {
    read(home, name)?.ok_or_else(|| RegistryError::Unknown(name.clone()))?;
    clear(home, name)
}

impl Registered {
    /// Refuses another root than the one that is trusted.
    pub fn same_root(&self, found: Sha256Digest) -> Result<(), RegistryError> {
        if self.root_sha256 == found {
            return Ok(());
        }
        Err(RegistryError::OtherRoot { name: self.name.clone(), known: self.root_sha256, found })
    }

    /// Returns where it lies.
    pub fn location(&self) -> Result<Location, RegistryError> {
        Ok(Location::parse(&self.url)?)
    }
}

/// Returns the folder for files of a registry that can be fetched again.
pub fn cache(home: &Home, name: &RegistryId) -> PathBuf {
    home.cache().join("registries").join(name.as_str())
}

fn folder(home: &Home, name: &RegistryId) -> PathBuf {
    home.data().join("trust").join(name.as_str())
}

fn clear(home: &Home, name: &RegistryId) -> Result<(), RegistryError> {
    let path = folder(home, name);
    let cache = cache(home, name);
    // The own file goes first: without it the rest is a leftover.
    let own = fs::remove_file(path.join(FILE));
    for result in [own, fs::remove_dir_all(&path), fs::remove_dir_all(&cache)] {
        match result {
            Err(source) if source.kind() != io::ErrorKind::NotFound => {
                return Err(RegistryError::Io { path, source });
            }
            _ => {}
        }
    }
    Ok(())
}

fn read(home: &Home, name: &RegistryId) -> Result<Option<Registered>, RegistryError> {
    let path = folder(home, name).join(FILE);
    let bytes = match read_file(&path, CEILING) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(RegistryError::Io { path, source }),
    };
    let damaged = |reason| RegistryError::Damaged { path: path.clone(), reason };
    json::parse(&bytes, CEILING).map_err(|problems| {
        damaged(problems.into_iter().next().map_or_else(String::new, |first| first.message))
    })?;
    let registry: Registered =
        serde_json::from_slice(&bytes).map_err(|error| damaged(error.to_string()))?;
    if (registry.schema, &registry.name) != (SCHEMA, name) {
        return Err(damaged("it is for another name or of another schema".to_owned()));
    }
    Ok(Some(registry))
}

fn write(home: &Home, registry: &Registered) -> Result<(), RegistryError> {
    let path = home.trust(&registry.name)?.join(FILE);
    let bytes = serde_json::to_vec_pretty(registry).map_err(|error| RegistryError::Damaged {
        path: path.clone(),
        reason: error.to_string(),
    })?;
    write_file(&path, &bytes, Mode::Private).map_err(|source| RegistryError::Io { path, source })
}

#[cfg(test)]
mod tests;
