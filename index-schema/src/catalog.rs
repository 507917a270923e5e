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

use std::collections::BTreeMap;

use crate::digest::Sha256Digest;
use crate::id::{PluginId, RegistryId, Word};
use crate::license::License;
use crate::manifest::RuntimeKind;
use crate::permission::PermissionName;
use crate::pricing::Model;
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
        required plugins: Vec<CatalogEntry>,
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

impl Catalog {
    /// Writes the catalogue, one plugin in a line.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = format!(
            "{{\"type\":\"catalog\",\"schema\":1,\"registry\":\"{}\",\"plugins\":[",
            self.registry
        )
        .into_bytes();
        for (index, plugin) in self.plugins.iter().enumerate() {
            out.extend(if index == 0 { "\n".as_bytes() } else { ",\n".as_bytes() });
            let line = serde_json::to_vec(plugin).expect("an entry has string keys");
            out.extend(line);
        }
        out.extend(b"\n]}\n");
        out
    }
}
