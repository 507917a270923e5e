//! What this client has seen of a registry, so that nothing can be taken back unnoticed.
//!
//! ```json
//! {"schema": 2, "registry": "demo", "records": {"1": "0a41…"}, "targets_keys": "f3b0…",
//!  "online_keys": "77de…",
//!  "accepted": "2026-03-03T10:01:00Z",
//!  "publishers": {"lab": {"records": {"1": "9f86…", "2": "60a3…"}, "objected": [2], "said": {"1": "5b0e…"}}},
//!  "plugins": {"lab/amber": {
//!    "versions": {"1.0.0": {"statement": "fc02…", "accepted": "2026-03-02T09:05:00Z"}},
//!    "removed": {"1.0.0": {"cause": "malware", "reason": "it deletes what it finds"}},
//!    "status": 1, "statements": {"77aa…": "2026-03-03T10:01:00Z"}}}}
//! ```
//!
//! Whoever holds a registry's online keys can sign any plugin document. With this memory such a
//! document cannot lose a release, garble it, date it anew or swap it, lose a status statement or a record of
//! a publisher, or bring back what the maintainers removed. And a publisher whose records were
//! seen cannot be swapped for another one of the same name.
//!
//! The file `trust/<registry>/seen.json` only ever grows. Processes that write at the same time
//! take turns and put together what they know.

mod error;
mod file;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use index_schema::catalog::State;
use index_schema::digest::Sha256Digest;
use index_schema::id::{PluginId, PublisherId, RegistryId};
use index_schema::plugin_doc::{Listed, PluginDoc, StatementRef};
use index_schema::removal::Removal;
use index_schema::time::Timestamp;
use index_schema::version::Version;
use serde::{Deserialize, Serialize};

use self::error::Subject;
pub use self::error::{MemoryError, SeenError};
pub use self::file::{load, save};

const SCHEMA: u32 = 2;

/// What was seen of one registry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seen {
    schema: u32,
    registry: Option<RegistryId>,
    /// The records of the registry by serial.
    records: BTreeMap<u64, Sha256Digest>,
    targets_keys: Option<Sha256Digest>,
    online_keys: Option<Sha256Digest>,
    accepted: Option<Timestamp>,
    publishers: BTreeMap<PublisherId, SeenPublisher>,
    plugins: BTreeMap<PluginId, SeenPlugin>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SeenPublisher {
    /// The records by serial, also those that were objected to.
    records: BTreeMap<u64, Sha256Digest>,
    /// The serials of those that were objected to.
    objected: BTreeSet<u64>,
    /// What the maintainers said of the publisher, by serial.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    said: BTreeMap<u64, Sha256Digest>,
    /// Why they suspended it, if they have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    suspended: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SeenPlugin {
    /// The releases; of one that only newer software reads, nothing is known.
    versions: BTreeMap<Version, Option<SeenRelease>>,
    /// Those that the maintainers removed.
    removed: BTreeMap<Version, Removed>,
    /// How many status statements there were.
    status: u64,
    /// Those of which more is known: when each was accepted.
    statements: BTreeMap<Sha256Digest, Timestamp>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SeenRelease {
    statement: Sha256Digest,
    accepted: Timestamp,
}

/// A record of a publisher.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeenRecord {
    /// Its serial.
    pub serial: u64,
    /// The digest of its file.
    pub digest: Sha256Digest,
    /// Whether a key objected to it in time.
    pub objected: bool,
}

/// Why the maintainers removed a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Removed {
    /// The word for the cause.
    pub cause: String,
    /// What happened.
    pub reason: String,
}

impl From<&Removal> for Removed {
    fn from(removal: &Removal) -> Self {
        Self { cause: removal.cause.to_string(), reason: removal.reason.to_string() }
    }
}

impl fmt::Display for Removed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "removed by the maintainers: {}: {}", self.cause, self.reason)
    }
}

impl Default for Seen {
    fn default() -> Self {
        Self {
            schema: SCHEMA,
            registry: None,
            records: BTreeMap::new(),
            targets_keys: None,
            online_keys: None,
            accepted: None,
            publishers: BTreeMap::new(),
            plugins: BTreeMap::new(),
        }
    }
}

impl Seen {
    /// Checks that the registry is the one that was seen before, and remembers its records.
    ///
    /// They are the word of the role `targets`, whose keys are given by a digest. When the root
    /// names others, whoever held the old ones may have made up records: they are forgotten.
    pub fn registry(
        &mut self,
        registry: &RegistryId,
        (keys, records): (Sha256Digest, &BTreeMap<u64, Sha256Digest>),
    ) -> Result<(), SeenError> {
        if let Some(known) = self.registry.as_ref().filter(|known| *known != registry) {
            let (known, found) = (known.clone(), registry.clone());
            return Err(SeenError::OtherRegistry { known, found });
        }
        if self.targets_keys.is_none_or(|known| known == keys) {
            let newest = records.keys().next_back().copied().unwrap_or_default();
            for (serial, known) in &self.records {
                let Some(found) = records.get(serial) else {
                    return Err(SeenError::OldRecord { known: *serial, found: newest });
                };
                if found != known {
                    let (serial, known, found) = (*serial, *known, *found);
                    return Err(SeenError::OtherRecord { serial, known, found });
                }
            }
        }
        self.registry = Some(registry.clone());
        self.targets_keys = Some(keys);
        self.records.clone_from(records);
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
            self.forget_listed();
        }
    }

    fn forget_listed(&mut self) {
        self.plugins.clear();
        self.accepted = None;
        for publisher in self.publishers.values_mut() {
            // When the maintainers' word came in, and whether it did, was the old keys' word.
            (publisher.said, publisher.suspended) = (BTreeMap::new(), None);
        }
    }

    /// Checks that the registry's past was not cut off, and remembers how far it goes.
    pub fn state(&mut self, state: &State) -> Result<(), SeenError> {
        if let Some(known) = self.accepted.filter(|known| *known > state.accepted) {
            return Err(SeenError::CutOff { known, found: state.accepted });
        }
        self.accepted = Some(state.accepted);
        Ok(())
    }

    /// Checks that a plugin document has lost nothing, and remembers what it has. What it calls
    /// gone has to be proven by whoever goes on with it.
    pub fn document(&mut self, document: &PluginDoc) -> Result<(), SeenError> {
        let id = &document.id;
        let listed: BTreeMap<Version, _> = document.releases.iter().map(release).collect();
        let status = u64::try_from(document.status.len()).unwrap_or(u64::MAX);
        let mut plugin = self.plugins.get(id).cloned().unwrap_or_default();
        for (version, known) in plugin.versions.iter().rev() {
            let subject = (id, version);
            let gone = document.gone.iter().find(|gone| gone.version == *version);
            match (listed.get(version), gone) {
                (Some(None), _) if known.is_some() => {
                    return Err(SeenError::unreadable_release(subject));
                }
                (Some(found), _) => still(subject, (*known, *found), SeenError::other_statement)?,
                (None, Some(gone)) => {
                    let found = Some(SeenRelease::from(&gone.statement));
                    still(subject, (*known, found), SeenError::false_removal)?;
                }
                (None, None) => return Err(SeenError::lost_release(subject)),
            }
        }
        if let Some(version) = listed.keys().find(|version| plugin.removed.contains_key(*version)) {
            return Err(SeenError::Revived { id: id.clone(), version: version.clone() });
        }
        let has = |(digest, accepted): (&Sha256Digest, &Timestamp)| {
            let mut found = document.status.iter();
            found.any(|found| found.sha256 == *digest && found.accepted == *accepted)
        };
        if status < plugin.status || !plugin.statements.iter().all(has) {
            return Err(SeenError::LostStatus { id: id.clone() });
        }
        plugin.status = status;
        plugin.statements.extend(document.status.iter().map(|it| (it.sha256, it.accepted)));
        for (version, found) in listed {
            let known = plugin.versions.entry(version).or_default();
            *known = known.or(found);
        }
        self.plugins.insert(id.clone(), plugin);
        Ok(())
    }

    /// Checks that a plugin that is gone was never there.
    pub fn absent(&self, id: &PluginId) -> Result<(), SeenError> {
        let newest = self.plugins.get(id).and_then(|known| known.versions.keys().last());
        newest.map_or(Ok(()), |version| Err(SeenError::lost_release((id, version))))
    }

    /// Tells whether a release was seen before.
    pub fn knows(&self, id: &PluginId, version: &Version) -> bool {
        self.plugins.get(id).is_some_and(|plugin| plugin.versions.contains_key(version))
    }

    /// Remembers that the maintainers removed a release, which has been proven.
    pub fn remember_removed(&mut self, id: &PluginId, version: &Version, why: Removed) {
        let plugin = self.plugins.entry(id.clone()).or_default();
        plugin.removed.insert(version.clone(), why);
    }

    /// Returns why the maintainers removed a release, if they were seen to have.
    pub fn removed(&self, id: &PluginId, version: &Version) -> Option<&Removed> {
        self.plugins.get(id)?.removed.get(version)
    }

    /// Checks that every record of a publisher that was seen is still there and the same.
    pub fn same_publisher(
        &self,
        publisher: &PublisherId,
        records: &[SeenRecord],
    ) -> Result<(), SeenError> {
        let Some(seen) = self.publishers.get(publisher) else { return Ok(()) };
        for (serial, known) in &seen.records {
            let (publisher, serial) = (publisher.clone(), *serial);
            let record = records.iter().find(|record| record.serial == serial);
            let Some(record) = record else {
                return Err(SeenError::LostRecord { publisher, serial });
            };
            let (known, found) = (*known, record.digest);
            if known != found {
                return Err(SeenError::Forked { publisher, serial, known, found });
            }
            if seen.objected.contains(&serial) && !record.objected {
                return Err(SeenError::LostObjection { publisher, serial });
            }
        }
        Ok(())
    }

    /// Tells whether this record comes after those of the publisher that were seen.
    pub fn is_new_record(&self, publisher: &PublisherId, serial: u64) -> bool {
        let seen = self.publishers.get(publisher).filter(|seen| !seen.records.is_empty());
        seen.is_some_and(|seen| !seen.records.contains_key(&serial))
    }

    /// Remembers the records of a publisher, which have been verified.
    pub fn remember_publisher(&mut self, publisher: &PublisherId, records: &[SeenRecord]) {
        let seen = self.publishers.entry(publisher.clone()).or_default();
        for record in records {
            seen.records.entry(record.serial).or_insert(record.digest);
            if record.objected {
                seen.objected.insert(record.serial);
            }
        }
    }

    /// Checks that everything is still there that the maintainers were seen to say of a publisher.
    pub fn same_words(
        &self,
        publisher: &PublisherId,
        said: &BTreeMap<u64, Sha256Digest>,
    ) -> Result<(), SeenError> {
        let seen = self.publishers.get(publisher).into_iter().flat_map(|seen| &seen.said);
        let mut lost = seen.filter(|(serial, digest)| said.get(serial) != Some(digest));
        lost.next().map_or(Ok(()), |(serial, _)| {
            Err(SeenError::LostWord { publisher: publisher.clone(), serial: *serial })
        })
    }

    /// Remembers what the maintainers said of a publisher, which has been verified, and why it is
    /// suspended, if it is.
    pub fn remember_words(
        &mut self,
        publisher: &PublisherId,
        said: BTreeMap<u64, Sha256Digest>,
        suspended: Option<String>,
    ) {
        let seen = self.publishers.entry(publisher.clone()).or_default();
        (seen.said, seen.suspended) = (said, suspended);
    }

    /// Returns why the maintainers suspended a publisher, if they were seen to have.
    pub fn suspended(&self, publisher: &PublisherId) -> Option<&str> {
        self.publishers.get(publisher)?.suspended.as_deref()
    }

    /// Takes over what another process has seen meanwhile.
    fn merge(&mut self, mut other: Self) {
        if self.online_keys.is_some() && other.online_keys != self.online_keys {
            // What this process learnt of the keys is newer than what lies on the disk.
            other.online_keys = self.online_keys;
            other.forget_listed();
        }
        self.online_keys = self.online_keys.or(other.online_keys);
        if self.targets_keys.is_none() || self.targets_keys == other.targets_keys {
            self.records.extend(other.records);
            self.targets_keys = other.targets_keys;
        }
        self.accepted = self.accepted.max(other.accepted);
        self.registry = other.registry.or_else(|| self.registry.take());
        for (id, other) in other.publishers {
            let publisher = self.publishers.entry(id).or_default();
            // Who was there first stays.
            publisher.records.extend(other.records);
            publisher.objected.extend(other.objected);
            if other.said.len() > publisher.said.len() {
                (publisher.said, publisher.suspended) = (other.said, other.suspended);
            }
        }
        for (id, other) in other.plugins {
            self.plugins.entry(id).or_default().merge(other);
        }
    }
}

impl SeenPlugin {
    fn merge(&mut self, other: Self) {
        for (version, other) in other.versions {
            let known = self.versions.entry(version).or_default();
            *known = other.or(*known);
        }
        self.removed.extend(other.removed);
        self.status = self.status.max(other.status);
        self.statements.extend(other.statements);
    }
}

impl From<&StatementRef> for SeenRelease {
    fn from(reference: &StatementRef) -> Self {
        Self { statement: reference.sha256, accepted: reference.accepted }
    }
}

fn release(listed: &Listed) -> (Version, Option<SeenRelease>) {
    match listed {
        Listed::Release(release) => (release.version.clone(), Some((&release.statement).into())),
        Listed::NeedsNewer(outline) => (outline.version.clone(), None),
    }
}

/// Checks that what is said of a release now is what was said before.
fn still(
    subject: Subject<'_>,
    (known, found): (Option<SeenRelease>, Option<SeenRelease>),
    swapped: fn(Subject<'_>) -> SeenError,
) -> Result<(), SeenError> {
    match (known, found) {
        (Some(known), Some(found)) if known.statement != found.statement => Err(swapped(subject)),
        (Some(known), Some(found)) if known.accepted != found.accepted => {
            Err(SeenError::rewritten(subject, (known.accepted, found.accepted)))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
