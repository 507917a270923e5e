//! What this client has seen of a registry, so that nothing can be taken back unnoticed.
//!
//! ```json
//! {"schema": 1, "registry": "demo", "serial": 1, "publishers": {"lab": "9f86…"},
//!  "plugins": {"lab/amber": {"versions": ["1.0.0", "1.1.0"], "status": 1}}}
//! ```
//!
//! Whoever holds a registry's online keys can sign any plugin document. With this memory such a
//! document cannot lose a release or a status statement, and a publisher whose first record was
//! seen cannot be swapped for another one of the same name.
//!
//! The file `trust/<registry>/seen.json` only ever grows. Processes that write at the same time
//! take turns and put together what they know.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use index_schema::digest::Sha256Digest;
use index_schema::id::{PluginId, PublisherId, RegistryId};
use index_schema::json;
use index_schema::limits::MIB;
use index_schema::plugin_doc::{Listed, PluginDoc};
use index_schema::version::Version;
use serde::{Deserialize, Serialize};

use crate::failure::{Class, Failure};
use crate::file::{Mode, read_file, write_file};

const CEILING: usize = 64 * MIB;
const SCHEMA: u32 = 1;

/// What was seen of one registry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seen {
    schema: u32,
    registry: Option<RegistryId>,
    serial: u64,
    online_keys: Option<Sha256Digest>,
    publishers: BTreeMap<PublisherId, Sha256Digest>,
    plugins: BTreeMap<PluginId, SeenPlugin>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SeenPlugin {
    versions: BTreeSet<Version>,
    status: u64,
}

impl Default for Seen {
    fn default() -> Self {
        let (publishers, plugins) = (BTreeMap::new(), BTreeMap::new());
        Self { schema: SCHEMA, registry: None, serial: 0, online_keys: None, publishers, plugins }
    }
}

/// Why what a registry says now does not agree with what it said before.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SeenError {
    /// The record is for another registry than the one seen before.
    #[error("the registry calls itself `{found}`, it was `{known}` before")]
    OtherRegistry {
        /// The id seen before.
        known: RegistryId,
        /// The id found.
        found: RegistryId,
    },
    /// The record is older than one seen before.
    #[error("the registry record has serial {found}, after serial {known} was seen")]
    OldRecord {
        /// The serial seen before.
        known: u64,
        /// The serial found.
        found: u64,
    },
    /// A release that was seen before is gone.
    #[error("the registry has lost {id} {version}, which was seen before")]
    LostRelease {
        /// The plugin.
        id: PluginId,
        /// The release.
        version: Version,
    },
    /// A status statement that was seen before is gone.
    #[error(
        "the registry has lost what the publisher said of {id}: {known} statements were seen before, {found} are left"
    )]
    LostStatus {
        /// The plugin.
        id: PluginId,
        /// How many were seen before.
        known: u64,
        /// How many there are.
        found: u64,
    },
    /// A publisher's first record is another one than before.
    #[error(
        "the publisher `{publisher}` is not the one that was seen before: its first record is {found}, it was {known}"
    )]
    Forked {
        /// The publisher.
        publisher: PublisherId,
        /// The digest seen before.
        known: Sha256Digest,
        /// The digest found.
        found: Sha256Digest,
    },
}

impl Failure for SeenError {
    fn class(&self) -> Class {
        Class::Untrusted
    }

    fn code(&self) -> &'static str {
        match self {
            Self::OtherRegistry { .. } => "identity/other-registry",
            Self::OldRecord { .. } => "index/old-record",
            Self::LostRelease { .. } => "index/lost-release",
            Self::LostStatus { .. } => "index/lost-status",
            Self::Forked { .. } => "chain/forked",
        }
    }

    fn hint(&self) -> Option<String> {
        Some("nothing was changed; ask the registry's maintainers before you go on".to_owned())
    }
}

impl Seen {
    /// Checks the registry record's identity, and remembers it.
    pub fn record(&mut self, registry: &RegistryId, serial: u64) -> Result<(), SeenError> {
        if let Some(known) = self.registry.as_ref().filter(|known| *known != registry) {
            let (known, found) = (known.clone(), registry.clone());
            return Err(SeenError::OtherRegistry { known, found });
        }
        if serial < self.serial {
            return Err(SeenError::OldRecord { known: self.serial, found: serial });
        }
        (self.registry, self.serial) = (Some(registry.clone()), serial);
        Ok(())
    }

    /// Learns which online keys the registry's offline roles name now.
    ///
    /// Plugin documents are the word of those keys alone. When they are replaced, whoever held the
    /// old ones may have listed releases that never were, and to miss them would be to refuse the
    /// honest registry for ever: what the old keys listed is forgotten (compare the TUF
    /// specification, 5.3.11). Publishers stay known: their own signatures were checked.
    pub fn online_keys(&mut self, keys: Sha256Digest) {
        if self.online_keys.replace(keys).is_some_and(|known| known != keys) {
            self.plugins.clear();
        }
    }

    /// Checks that a plugin document has lost nothing, and remembers what it has.
    pub fn document(&mut self, document: &PluginDoc) -> Result<(), SeenError> {
        let versions: BTreeSet<Version> =
            document.releases.iter().map(|listed| version(listed).clone()).collect();
        let status = u64::try_from(document.status.len()).unwrap_or(u64::MAX);
        let id = &document.id;
        if let Some(known) = self.plugins.get(id) {
            if let Some(version) = known.versions.difference(&versions).last() {
                let (id, version) = (id.clone(), version.clone());
                return Err(SeenError::LostRelease { id, version });
            }
            if status < known.status {
                let (id, known) = (id.clone(), known.status);
                return Err(SeenError::LostStatus { id, known, found: status });
            }
        }
        self.plugins.insert(id.clone(), SeenPlugin { versions, status });
        Ok(())
    }

    /// Checks that a plugin that is gone was never there.
    pub fn absent(&self, id: &PluginId) -> Result<(), SeenError> {
        let newest = self.plugins.get(id).and_then(|known| known.versions.last());
        let lost = newest.map(|version| (id.clone(), version.clone()));
        lost.map_or(Ok(()), |(id, version)| Err(SeenError::LostRelease { id, version }))
    }

    /// Checks that a publisher is the one seen before, by the digest of its first record.
    pub fn same_publisher(
        &self,
        publisher: &PublisherId,
        first: Sha256Digest,
    ) -> Result<(), SeenError> {
        match self.publishers.get(publisher) {
            Some(known) if *known != first => {
                Err(SeenError::Forked { publisher: publisher.clone(), known: *known, found: first })
            }
            _ => Ok(()),
        }
    }

    /// Remembers a publisher, whose first record has been verified.
    pub fn remember_publisher(&mut self, publisher: &PublisherId, first: Sha256Digest) {
        self.publishers.entry(publisher.clone()).or_insert(first);
    }

    /// Takes over what another process has seen meanwhile.
    fn merge(&mut self, other: Self) {
        if self.online_keys.is_some() && other.online_keys != self.online_keys {
            // What this process learnt of the keys is newer than what lies on the disk.
            return self.merge(Self {
                online_keys: self.online_keys,
                plugins: BTreeMap::new(),
                ..other
            });
        }
        self.online_keys = self.online_keys.or(other.online_keys);
        self.serial = self.serial.max(other.serial);
        self.registry = other.registry.or_else(|| self.registry.take());
        for (publisher, first) in other.publishers {
            // Who was there first stays.
            self.publishers.insert(publisher, first);
        }
        for (id, other) in other.plugins {
            let plugin = self.plugins.entry(id).or_default();
            plugin.versions.extend(other.versions);
            plugin.status = plugin.status.max(other.status);
        }
    }
}

fn version(listed: &Listed) -> &Version {
    match listed {
        Listed::Release(release) => &release.version,
        Listed::NeedsNewer(outline) => &outline.version,
    }
}

/// Why what was seen can be neither read nor written.
#[derive(Debug, thiserror::Error)]
pub enum MemoryError {
    /// The file cannot be read or written.
    #[error("cannot use `{}`", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file is not what this program writes.
    #[error("`{}` is damaged: {reason}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
}

impl Failure for MemoryError {
    fn class(&self) -> Class {
        Class::Refused
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Io { .. } => "seen/io",
            Self::Damaged { .. } => "seen/damaged",
        }
    }
}

/// Reads what was seen from the trust folder of a registry.
pub fn load(folder: &Path) -> Result<Seen, MemoryError> {
    let path = folder.join("seen.json");
    let bytes = match read_file(&path, CEILING) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Seen::default()),
        Err(source) => return Err(MemoryError::Io { path, source }),
    };
    let damaged = |reason| MemoryError::Damaged { path: path.clone(), reason };
    json::parse(&bytes, CEILING).map_err(|problems| {
        damaged(problems.into_iter().next().map_or_else(String::new, |first| first.message))
    })?;
    let seen: Seen = serde_json::from_slice(&bytes).map_err(|error| damaged(error.to_string()))?;
    if seen.schema == SCHEMA { Ok(seen) } else { Err(damaged("its schema is another".to_owned())) }
}

/// Adds `seen` to what is written in the trust folder of a registry.
pub fn save(folder: &Path, seen: &Seen) -> Result<(), MemoryError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| MemoryError::Io { path, source }
    };
    let guard = folder.join("seen.lock");
    let lock = File::options().create(true).truncate(false).write(true).open(&guard);
    let lock = lock.map_err(failed(&guard))?;
    lock.lock().map_err(failed(&guard))?;
    let mut all = seen.clone();
    let known = load(folder)?;
    all.merge(known.clone());
    if all == known {
        return Ok(());
    }
    let path = folder.join("seen.json");
    let bytes = serde_json::to_vec(&all).map_err(|error| failed(&path)(error.into()))?;
    write_file(&path, &bytes, Mode::Private).map_err(failed(&path))
}

#[cfg(test)]
mod tests;
