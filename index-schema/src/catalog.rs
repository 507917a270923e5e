//! The catalogue: one line for each plugin, for searching and for third parties.
//!
//! ```text
//! {"type":"catalog","schema":1,"registry":"demo","plugins":[
//! {"id":"lab/amber",…},
//! {"id":"lab/birch",…}
//! ]}
//! ```
//!
//! The form with one plugin in a line, sorted by id, is part of the format.

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Serialize, Serializer};

use crate::digest::Sha256Digest;
use crate::id::{PluginId, RegistryId, Word};
use crate::json::{FromJson, Node, Reading, Unknown};
use crate::license::License;
use crate::manifest::RuntimeKind;
use crate::permission::PermissionName;
use crate::pricing::Model;
use crate::publisher_status::Trust;
use crate::statement::{SchemaOne, tag};
use crate::text::{Line, List};
use crate::time::Timestamp;
use crate::version::Version;

tag!(
    /// The word `catalog`.
    CatalogTag = "catalog"
);

tag!(
    /// The word `state`.
    StateTag = "state"
);

document! {
    /// All plugins of a registry.
    pub struct Catalog {
        /// `catalog`
        required kind as "type": CatalogTag,
        /// 1
        required schema: SchemaOne,
        /// The registry.
        required registry: RegistryId,
        /// The plugins, sorted by id.
        required plugins: Entries,
    }
}

/// The plugins of a catalogue.
///
/// An entry that cannot be read, because it uses words of a later version, hides no other: it is
/// known by its id alone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entries {
    /// The plugins that this version of the software reads.
    pub known: Vec<CatalogEntry>,
    /// Those that only newer software reads.
    pub newer: Vec<PluginId>,
}

impl Entries {
    /// Returns the ids of all plugins.
    pub fn ids(&self) -> impl Iterator<Item = &PluginId> {
        self.known.iter().map(|entry| &entry.id).chain(&self.newer)
    }
}

impl From<Vec<CatalogEntry>> for Entries {
    fn from(known: Vec<CatalogEntry>) -> Self {
        Self { known, newer: Vec::new() }
    }
}

impl Serialize for Entries {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.known.serialize(serializer)
    }
}

impl FromJson for Entries {
    fn from_json(node: &Node, reading: &mut Reading) -> Option<Self> {
        let mut entries = Self::default();
        for outline in Vec::<Outlined>::from_json(node, reading)? {
            match outline {
                Outlined::Known(entry) => entries.known.push(*entry),
                Outlined::Newer(id) => entries.newer.push(id),
            }
        }
        Some(entries)
    }
}

impl JsonSchema for Entries {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Entries".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Vec::<CatalogEntry>::json_schema(generator)
    }
}

/// One entry, as far as it can be read.
enum Outlined {
    Known(Box<CatalogEntry>),
    Newer(PluginId),
}

impl FromJson for Outlined {
    fn from_json(node: &Node, reading: &mut Reading) -> Option<Self> {
        let outline = Outline::from_json(node, reading)?;
        let mut trial = Reading::new(Unknown::Ignore);
        match CatalogEntry::from_json(node, &mut trial) {
            Some(entry) if trial.count() == 0 => Some(Self::Known(Box::new(entry))),
            _ => Some(Self::Newer(outline.id)),
        }
    }
}

document! {
    /// What can be said of every entry.
    pub struct Outline {
        /// The plugin.
        required id: PluginId,
    }
}

document! {
    /// What the catalogue says of one plugin: facts of its newest release.
    pub struct CatalogEntry {
        /// The plugin.
        required id: PluginId,
        /// The newest version that can be picked without asking, else the newest.
        required version: Version,
        /// What people call it.
        required title: Line<80>,
        /// What it does.
        required summary: Line<120>,
        /// Its licence.
        required license: License,
        /// Where it stands.
        required categories: List<Word, 1, 3>,
        /// What else it should be found by.
        default keywords: List<Word, 0, 10>,
        /// What runs it.
        required runtime: RuntimeKind,
        /// What it may do.
        default permissions: Vec<PermissionName>,
        /// What kind of money it costs.
        required pricing: Model,
        /// What the publisher calls itself.
        required publisher_title: Line<80>,
        /// Whether its publisher gives it no more releases.
        default deprecated: bool,
        /// Whether the publisher is the host application's own.
        default core: bool,
        /// Until when it holds what the maintainers checked of the publisher.
        optional verified_until: Timestamp,
        /// Whether the maintainers suspended the publisher.
        default suspended: bool,
        /// How many releases there are.
        required releases: u64,
        /// When the first release was accepted.
        required created: Timestamp,
        /// When the newest release was accepted.
        required updated: Timestamp,
    }
}

document! {
    /// The commit that an index was compiled from.
    pub struct State {
        /// `state`
        required kind as "type": StateTag,
        /// 1
        required schema: SchemaOne,
        /// The registry.
        required registry: RegistryId,
        /// The commit, in hexadecimal.
        required commit: String,
        /// Its committer time: everything accepted up to then is in the index.
        required accepted: Timestamp,
    }
}

document! {
    /// What `build` leaves for `release`: which files are the current targets. Files of older
    /// states stay beside them. No client reads it.
    pub struct BuildList {
        /// 1
        required schema: SchemaOne,
        /// The digest of each target's file.
        required targets: BTreeMap<String, Sha256Digest>,
        /// The version of the newest root that counts; 0 before the key ceremony.
        required newest_root: u64,
        /// The version of the newest top-level targets metadata that count.
        required newest_targets: u64,
        /// The commit that was built and those before it on the main line, newest first: the next
        /// release has to continue one of them.
        required line: Vec<String>,
    }
}

impl CatalogEntry {
    /// Returns how far the registry vouches for the publisher at some time.
    pub fn trust(&self, at: Timestamp) -> Trust {
        match (self.core, self.verified_until) {
            (true, _) => Trust::Core,
            (false, Some(until)) if at < until => Trust::Verified,
            (false, _) => Trust::Registered,
        }
    }
}

impl Catalog {
    /// Writes the catalogue, one plugin in a line.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = format!(
            "{{\"type\":\"catalog\",\"schema\":1,\"registry\":\"{}\",\"plugins\":[",
            self.registry
        )
        .into_bytes();
        for (index, plugin) in self.plugins.known.iter().enumerate() {
            out.extend(if index == 0 { "\n".as_bytes() } else { ",\n".as_bytes() });
            let line = serde_json::to_vec(plugin).expect("an entry has string keys");
            out.extend(line);
        }
        out.extend(b"\n]}\n");
        out
    }
}
