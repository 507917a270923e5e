//! Generations: everything that is installed, as one document that is never changed.
//!
//! `generations/<n>.json` counts up from 1, and `current` holds the number of the one in force.
//! Every change writes the next one; a rollback writes one with the plugins of an older one.
//!
//! ```json
//! {"schema": 1, "n": 2, "created": "2026-11-23T14:07:00Z", "reason": ["install", "lab/amber"],
//!  "plugins": {"lab/amber": {"registry": "demo", "version": "1.0.0", "archive": "9f86…",
//!   "statement": "60303…", "signers": ["AA…"], "enabled": true, "pinned": false,
//!   "origin": "direct", "dependencies": {"lab/birch": "2.1.0"}, "consents": ["network"]}}}
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;

use cap_std::fs::Dir;
use index_schema::digest::Sha256Digest;
use index_schema::fingerprint::Fingerprint;
use index_schema::id::{PluginId, RegistryId};
use index_schema::json;
use index_schema::limits::MIB;
use index_schema::text::is_forbidden;
use index_schema::time::Timestamp;
use index_schema::version::Version;
use serde::{Deserialize, Serialize};

use crate::durable;
use crate::home::{CURRENT, GENERATIONS, Home, HomeError};

/// How many generations a clean-up leaves.
pub const KEPT: usize = 10;

/// The ceiling of one document: far more plugins than anybody installs.
const CEILING: usize = 16 * MIB;

const SCHEMA: u32 = 1;

/// What was installed from some moment on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Generation {
    /// The number.
    pub n: u64,
    /// When it was made.
    pub created: Timestamp,
    /// The words of the command that made it.
    pub reason: Vec<String>,
    /// Every plugin, switched on or not.
    pub plugins: BTreeMap<PluginId, Installed>,
}

/// A plugin as it is installed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Installed {
    /// Where it came from.
    pub registry: RegistryId,
    /// Its version.
    pub version: Version,
    /// The digest of its archive: where it lies in the store.
    pub archive: Sha256Digest,
    /// The digest of the statement that released it.
    pub statement: Sha256Digest,
    /// Whose signatures vouched for it.
    pub signers: BTreeSet<Fingerprint>,
    /// Whether hosts load it.
    pub enabled: bool,
    /// Whether updates pass it over.
    pub pinned: bool,
    /// Why it is here.
    pub origin: Origin,
    /// The versions that its dependencies had when it was installed.
    pub dependencies: BTreeMap<PluginId, Version>,
    /// The permissions that the user granted.
    pub consents: BTreeSet<String>,
}

/// Why a plugin is installed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// The user asked for it.
    Direct,
    /// Another plugin needs it.
    Automatic,
}

/// Why a generation cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum GenerationError {
    /// The home cannot be used.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// A file or folder cannot be read.
    #[error("cannot read `{path}`")]
    Io {
        /// The path in the data folder.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// A document is not what this program writes.
    #[error("`{path}` is damaged: {reason}")]
    Damaged {
        /// The path in the data folder.
        path: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A document of a later schema.
    #[error(
        "`{path}` was written by a newer version of this program (schema {schema}, not {SCHEMA})"
    )]
    Newer {
        /// The path in the data folder.
        path: String,
        /// The number found.
        schema: u64,
    },
    /// There is no such generation (any more).
    #[error("there is no generation {0}")]
    Missing(u64),
}

/// A generation as it is written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    schema: u32,
    n: u64,
    created: Timestamp,
    reason: Vec<String>,
    plugins: BTreeMap<PluginId, Installed>,
}

impl Generation {
    /// Returns the document's bytes.
    pub(crate) fn to_bytes(&self) -> Result<Vec<u8>, GenerationError> {
        let document = Document {
            schema: SCHEMA,
            n: self.n,
            created: self.created,
            reason: self.reason.clone(),
            plugins: self.plugins.clone(),
        };
        let damaged = |reason| GenerationError::Damaged { path: path(self.n), reason };
        let mut bytes =
            serde_json::to_vec_pretty(&document).map_err(|error| damaged(error.to_string()))?;
        bytes.push(b'\n');
        // What cannot be read back must not be written.
        Self::from_bytes(self.n, &bytes)?;
        Ok(bytes)
    }

    fn from_bytes(n: u64, bytes: &[u8]) -> Result<Self, GenerationError> {
        let path = path(n);
        let damaged = |reason| GenerationError::Damaged { path: path.clone(), reason };
        let node = json::parse(bytes, CEILING).map_err(|problems| {
            damaged(problems.first().map_or_else(String::new, |problem| problem.message.clone()))
        })?;
        if let Some(json::Value::Number(number)) = node.get("schema").map(|node| &node.value)
            && let Ok(schema) = number.parse::<u64>()
            && schema > u64::from(SCHEMA)
        {
            return Err(GenerationError::Newer { path, schema });
        }
        let document: Document =
            serde_json::from_slice(bytes).map_err(|error| damaged(error.to_string()))?;
        if (document.schema, document.n) != (SCHEMA, n) {
            return Err(damaged("it has the number of another document".to_owned()));
        }
        let Document { n, created, reason, plugins, .. } = document;
        Ok(Self { n, created, reason, plugins })
    }

    /// The packages that have to stay in the store for this generation.
    pub fn archives(&self) -> BTreeSet<Sha256Digest> {
        self.plugins.values().map(|plugin| plugin.archive).collect()
    }
}

/// The generations of one home.
#[derive(Debug)]
pub struct Generations {
    dir: Dir,
}

impl Generations {
    /// Opens the generations of `home`.
    pub fn open(home: &Home) -> Result<Self, GenerationError> {
        Ok(Self { dir: home.open()? })
    }

    /// Reads the generation in force; `None` before the first change.
    pub fn current(&self) -> Result<Option<Generation>, GenerationError> {
        self.current_number()?.map(|n| self.read(n)).transpose()
    }

    /// Reads the number of the generation in force.
    pub fn current_number(&self) -> Result<Option<u64>, GenerationError> {
        let failed = |source| GenerationError::Io { path: CURRENT.to_owned(), source };
        let Some(bytes) = durable::read(&self.dir, CURRENT, 32).map_err(failed)? else {
            return Ok(None);
        };
        let line = std::str::from_utf8(&bytes).ok().and_then(|text| text.strip_suffix('\n'));
        let damaged = || GenerationError::Damaged {
            path: CURRENT.to_owned(),
            reason: "expected the number of a generation".to_owned(),
        };
        line.and_then(parse_number).map(Some).ok_or_else(damaged)
    }

    /// Reads a generation.
    pub fn read(&self, n: u64) -> Result<Generation, GenerationError> {
        let path = path(n);
        match durable::read(&self.dir, &path, CEILING) {
            Ok(Some(bytes)) => Generation::from_bytes(n, &bytes),
            Ok(None) => Err(GenerationError::Missing(n)),
            Err(source) => Err(GenerationError::Io { path, source }),
        }
    }

    /// Returns the numbers of the generations that are still there, rising.
    pub fn list(&self) -> Result<Vec<u64>, GenerationError> {
        let list = || -> io::Result<Vec<u64>> {
            let mut numbers = Vec::new();
            for entry in self.dir.read_dir(Path::new(GENERATIONS))? {
                let name = entry?.file_name();
                let stem = name.to_str().and_then(|name| name.strip_suffix(".json"));
                numbers.extend(stem.and_then(parse_number));
            }
            numbers.sort_unstable();
            Ok(numbers)
        };
        list().map_err(|source| GenerationError::Io { path: GENERATIONS.to_owned(), source })
    }
}

/// Replaces what a document cannot hold in the words of a command.
pub(crate) fn clean(reason: &[String]) -> Vec<String> {
    reason.iter().map(|word| word.replace(is_forbidden, "\u{fffd}")).collect()
}

/// The name of a generation's file in its folder.
pub(crate) fn file_name(n: u64) -> String {
    format!("{n}.json")
}

/// The path of a generation's file in the data folder.
pub(crate) fn path(n: u64) -> String {
    format!("{GENERATIONS}/{}", file_name(n))
}

/// Parses a number from 1 as this program writes it: nothing but digits, no zero in front.
fn parse_number(text: &str) -> Option<u64> {
    let number: u64 = text.parse().ok()?;
    (number > 0 && number.to_string() == text).then_some(number)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A plugin of `version` whose package is named by the digest of `seed`.
    pub(crate) fn installed(version: &str, seed: u8) -> Installed {
        Installed {
            registry: RegistryId::parse("demo").unwrap(),
            version: Version::parse(version).unwrap(),
            archive: Sha256Digest::of(&[seed]),
            statement: Sha256Digest::of(&[seed, 1]),
            signers: BTreeSet::from([Fingerprint::parse(&"AB".repeat(20)).unwrap()]),
            enabled: true,
            pinned: false,
            origin: Origin::Direct,
            dependencies: BTreeMap::from([(id("lab/birch"), Version::parse("2.0.0").unwrap())]),
            consents: BTreeSet::from(["network".to_owned()]),
        }
    }

    pub(crate) fn id(text: &str) -> PluginId {
        PluginId::parse(text).unwrap()
    }

    fn generation() -> Generation {
        Generation {
            n: 3,
            created: Timestamp::parse("2026-11-23T14:07:00Z").unwrap(),
            reason: vec!["install".to_owned(), "lab/amber".to_owned()],
            plugins: BTreeMap::from([(id("lab/amber"), installed("1.0.0", 1))]),
        }
    }

    fn with_files(files: &[(&str, &str)]) -> (tempfile::TempDir, Generations) {
        let dir = tempfile::tempdir().unwrap();
        let generations = Generations::open(&Home::within(dir.path()).unwrap()).unwrap();
        for (path, text) in files {
            generations.dir.write(path, text).unwrap();
        }
        (dir, generations)
    }

    #[test]
    fn a_generation_reads_back_and_has_equal_bytes_each_time() {
        let bytes = generation().to_bytes().unwrap();
        assert_eq!(Generation::from_bytes(3, &bytes).unwrap(), generation());
        assert_eq!(generation().to_bytes().unwrap(), bytes);
        assert_eq!(generation().archives(), BTreeSet::from([Sha256Digest::of(&[1])]));
    }

    #[test]
    fn a_command_with_strange_characters_stays_readable() {
        let mut generation = generation();
        generation.reason = vec!["a\u{202e}b\n\0".to_owned()];
        assert!(matches!(generation.to_bytes(), Err(GenerationError::Damaged { .. })));
        generation.reason = clean(&generation.reason);
        let bytes = generation.to_bytes().unwrap();
        let read = Generation::from_bytes(3, &bytes).unwrap();
        assert_eq!(read.reason, ["a\u{fffd}b\u{fffd}\u{fffd}"]);
    }

    #[test]
    fn every_damage_is_refused() {
        let text = String::from_utf8(generation().to_bytes().unwrap()).unwrap();
        let read = |text: &str| Generation::from_bytes(3, text.as_bytes());
        for (from, to) in [
            ("\"n\": 3", "\"n\": 4"),
            ("\"n\": 3,", "\"n\": 3, \"n\": 3,"),
            ("\"n\": 3,", "\"n\": 3, \"x\": 3,"),
            ("\"schema\": 1", "\"schema\": 0"),
            ("lab/amber\": {", "../amber\": {"),
            ("\"direct\"", "\"other\""),
            ("\"enabled\": true", "\"enabled\": 1"),
            ("\"pinned\": false,", ""),
            ("AB", "ab"),
            ("}\n", ""),
        ] {
            assert!(text.contains(from), "{from}");
            let damaged = read(&text.replace(from, to));
            assert!(matches!(damaged, Err(GenerationError::Damaged { .. })), "{from} → {to}");
        }
        let newer = text.replace("\"schema\": 1", "\"schema\": 2, \"more\": true");
        assert!(matches!(read(&newer), Err(GenerationError::Newer { schema: 2, .. })));
    }

    #[test]
    fn current_names_a_generation_or_is_damaged() {
        let text = String::from_utf8(generation().to_bytes().unwrap()).unwrap();
        let (_dir, empty) = with_files(&[]);
        assert_eq!(empty.current().unwrap(), None);
        let (_dir, full) = with_files(&[("current", "3\n"), ("generations/3.json", &text)]);
        assert_eq!(full.current().unwrap(), Some(generation()));
        let (_dir, gone) = with_files(&[("current", "3\n")]);
        assert!(matches!(gone.current(), Err(GenerationError::Missing(3))));
        for damage in
            ["", "3", "03\n", "0\n", "-3\n", "+3\n", "3\n\n", "x\n", "99999999999999999999\n"]
        {
            let (_dir, damaged) = with_files(&[("current", damage)]);
            let error = damaged.current().unwrap_err();
            assert!(matches!(error, GenerationError::Damaged { .. }), "{damage:?}");
        }
    }

    #[test]
    fn the_list_counts_up_and_passes_over_what_is_no_generation() {
        let names = ["10.json", "9.json", "9.json.tmp", "09.json", "x.json", "0.json"];
        let files: Vec<String> = names.iter().map(|name| format!("generations/{name}")).collect();
        let files: Vec<(&str, &str)> = files.iter().map(|path| (path.as_str(), "")).collect();
        let (_dir, generations) = with_files(&files);
        assert_eq!(generations.list().unwrap(), [9, 10]);
    }
}
