//! The file that keeps what was seen.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io;
use std::path::Path;

use index_schema::digest::Sha256Digest;
use index_schema::id::{PluginId, PublisherId, RegistryId};
use index_schema::json;
use index_schema::limits::MIB;
use index_schema::version::Version;
use serde::Deserialize;

use super::{MemoryError, SCHEMA, Seen, SeenPlugin, SeenPublisher};
use crate::file::{Mode, read_file, write_file};

const CEILING: usize = 64 * MIB;

/// What every schema of the file has.
#[derive(Deserialize)]
struct Outline {
    schema: u32,
}

/// The file of schema 1: of each publisher the digest of its first record, of each plugin the
/// versions alone.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct First {
    #[serde(rename = "schema")]
    _schema: u32,
    registry: Option<RegistryId>,
    #[serde(rename = "serial")]
    _serial: u64,
    online_keys: Option<Sha256Digest>,
    publishers: BTreeMap<PublisherId, Sha256Digest>,
    plugins: BTreeMap<PluginId, FirstPlugin>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FirstPlugin {
    versions: BTreeSet<Version>,
    status: u64,
}

impl From<First> for Seen {
    fn from(first: First) -> Self {
        let publisher = |digest| {
            let records = BTreeMap::from([(1, digest)]);
            SeenPublisher { records, ..SeenPublisher::default() }
        };
        let plugin = |plugin: FirstPlugin| {
            let versions = plugin.versions.into_iter().map(|version| (version, None)).collect();
            SeenPlugin { versions, status: plugin.status, ..SeenPlugin::default() }
        };
        let publishers = first.publishers.into_iter();
        let plugins = first.plugins.into_iter();
        Self {
            registry: first.registry,
            online_keys: first.online_keys,
            publishers: publishers.map(|(id, digest)| (id, publisher(digest))).collect(),
            plugins: plugins.map(|(id, known)| (id, plugin(known))).collect(),
            ..Self::default()
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
    let unreadable = |error: serde_json::Error| damaged(error.to_string());
    let outline: Outline = serde_json::from_slice(&bytes).map_err(unreadable)?;
    match outline.schema {
        1 => Ok(serde_json::from_slice::<First>(&bytes).map_err(unreadable)?.into()),
        SCHEMA => serde_json::from_slice(&bytes).map_err(unreadable),
        other => Err(damaged(format!("its schema is {other}, this program reads {SCHEMA}"))),
    }
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
