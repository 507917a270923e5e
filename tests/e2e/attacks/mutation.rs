//! Every file of a registry, with every kind of small damage: whoever installs from it gets exactly
//! what was published, or nothing.
//!
//! Which files matter is not guessed: a first installation tells what it reads. Those are damaged
//! one by one; all others, and those that the specification calls mutable, all at once. Everything
//! runs in this process, through the library, each time with a client that has just been made.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use index_schema::digest::Sha256Digest;
use index_schema::id::{PluginId, RegistryId};
use index_schema::manifest::Platform;
use index_schema::permission::PermissionName;
use index_schema::requirement::Requirement;
use index_schema::time::Timestamp;
use libral::failure::{Class, Failure as _};
use libral::home::Home;
use libral::index::{Freshness, Index, IndexError};
use libral::install::{InstallError, Installer};
use libral::plan::Wishes;
use libral::source::memory::Memory;
use libral::source::{Source, SourceError};
use libral::tuf::store::Store;
use libral::tuf::update;
use rayon::prelude::*;
use serde_json::Value;
use tempfile::TempDir;

use super::released;
use crate::world::{Listing, World, listing};

/// How many bytes of each file are changed, beside the first and the last one.
const SAMPLES: u64 = 10;

/// The most that one installation may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// The files of a registry; it tells which ones were asked for.
struct Served {
    memory: Memory,
    asked: Mutex<BTreeSet<String>>,
}

impl Source for Served {
    fn get(&self, path: &str, limit: usize) -> Result<Option<Vec<u8>>, SourceError> {
        self.asked.lock().unwrap().insert(path.to_owned());
        self.memory.get(path, limit)
    }
}

/// What is kept of a registry: what is signed of its metadata, and what was seen. Blanks and line
/// ends are not signed.
type Trust = BTreeMap<String, Value>;

/// Why nothing was installed: the code, and what to do about it.
type Refusal = (&'static str, Class);

/// A client that has just been made, and trusts the registry's root.
struct Client {
    dir: TempDir,
    home: Home,
    now: Timestamp,
}

impl Client {
    fn new(root: &[u8], now: Timestamp) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::within(dir.path()).unwrap();
        let store = Store::new(home.trust(&RegistryId::parse("demo").unwrap()).unwrap());
        update::begin(&store, root, Sha256Digest::of(root)).unwrap();
        Self { dir, home, now }
    }

    /// Refreshes, and installs `lab/word-count` with what it needs.
    fn install(&self, source: &dyn Source) -> Result<(), Refusal> {
        let name = RegistryId::parse("demo").unwrap();
        let folder = self.home.trust(&name).unwrap();
        let index = Index::open((name, folder), source, self.now, Freshness::Current);
        let index = index.map_err(|error: IndexError| (error.code(), error.class()))?;
        let done = self.install_from(&index);
        index.remember().unwrap();
        done.map_err(|error| (error.code(), error.class()))
    }

    fn install_from(&self, index: &Index<'_>) -> Result<(), InstallError> {
        let installer = Installer {
            home: &self.home,
            index,
            web: None,
            platform: Platform::any(),
            host: None,
            patience: Duration::from_secs(5),
            allowed: BTreeSet::new(),
            excused: BTreeSet::new(),
            now: self.now,
        };
        let wish = (PluginId::parse("lab/word-count").unwrap(), Requirement::any());
        let prepared = installer.prepare(&Wishes::from([wish]))?;
        let grants = BTreeSet::from([PermissionName::parse("fs.read").unwrap()]);
        let reason = vec!["install".to_owned(), "lab/word-count".to_owned()];
        installer.carry_out(&prepared, &grants, (self.now, reason), &|_| {}).map(drop)
    }

    /// Returns all that lies in the home but locks, and apart from it what is kept of the registry.
    fn state(&self) -> (Listing, Trust) {
        let here = self.dir.path().display().to_string();
        let all = listing(self.dir.path()).into_iter();
        let all = all.filter(|(path, _)| !path.ends_with("lock"));
        let all = all.map(|(path, holds)| (path, holds.replace(&here, "")));
        let (trust, state): (Listing, Listing) =
            all.partition(|(path, _)| path.starts_with("trust/demo/"));
        let said = |path: String| {
            let bytes = crate::world::read(&self.dir.path().join(&path));
            let mut said: Value = serde_json::from_slice(&bytes).unwrap();
            let is_metadata = said.get("signed").is_some();
            (path, if is_metadata { said["signed"].take() } else { said })
        };
        (state, trust.into_keys().map(said).collect())
    }
}

/// A registry in memory, and what a client that installs from it comes to.
struct Registry {
    files: BTreeMap<String, Vec<u8>>,
    now: Timestamp,
    read: BTreeSet<String>,
    untouched: Listing,
    installed: (Listing, Trust),
}

impl Registry {
    fn new() -> Self {
        let world = released();
        let files = files(&world);
        let client = Client::new(&files["metadata/1.root.json"], world.now());
        let untouched = client.state().0;
        let memory = Memory { files: files.clone() };
        let served = Served { memory, asked: Mutex::default() };
        client.install(&served).unwrap();
        let asked = served.asked.into_inner().unwrap();
        let read = asked.into_iter().filter(|path| files.contains_key(path)).collect();
        Self { files, now: world.now(), read, untouched, installed: client.state() }
    }

    /// Installs from the registry with other files: all is as it should be, or nothing is there.
    fn outcome(&self, what: &str, files: BTreeMap<String, Vec<u8>>) -> Result<(), Refusal> {
        let client = Client::new(&self.files["metadata/1.root.json"], self.now);
        let start = Instant::now();
        let outcome = client.install(&Memory { files });
        assert!(start.elapsed() < PATIENCE, "{what} took {:?}", start.elapsed());
        let (state, trust) = client.state();
        match outcome {
            Ok(()) => {
                assert_same(what, &state, &self.installed.0);
                assert_same(what, &trust, &self.installed.1);
            }
            Err(_) => {
                assert_same(what, &self.without_packages(state), &self.untouched);
                self.assert_part_of_the_truth(what, &trust);
            }
        }
        outcome
    }

    /// Leaves out of a state the packages that came before another one was refused: they are whole,
    /// nothing refers to them, and the store keeps them until it is cleaned up.
    fn without_packages(&self, mut state: Listing) -> Listing {
        state.retain(|path, holds| {
            let is_package = path.starts_with("store/sha256/");
            !(is_package && self.installed.0.get(path) == Some(holds))
        });
        state
    }

    /// Metadata that were kept are those of the true registry; what was seen is a part of it.
    fn assert_part_of_the_truth(&self, what: &str, trust: &Trust) {
        for (path, said) in trust {
            let known = &self.installed.1[path];
            for member in ["publishers", "plugins"] {
                for (id, seen) in said[member].as_object().into_iter().flatten() {
                    assert_eq!(*seen, known[member][id], "{what} had {id} remembered");
                }
            }
            let is_memory = path.ends_with("/seen.json");
            assert!(is_memory || said == known, "{what} had `{path}` kept");
        }
    }

    /// Installs with one file changed.
    fn with(&self, what: &str, path: &str, bytes: Vec<u8>) -> Result<(), Refusal> {
        let mut files = self.files.clone();
        files.insert(path.to_owned(), bytes);
        self.outcome(&format!("{what} of {path}"), files)
    }
}

/// Compares all that is at a place, and names what differs.
fn assert_same<T: PartialEq>(what: &str, found: &BTreeMap<String, T>, known: &BTreeMap<String, T>) {
    let paths = found.keys().chain(known.keys());
    let changed: BTreeSet<_> = paths.filter(|path| found.get(*path) != known.get(*path)).collect();
    assert!(changed.is_empty(), "{what} changed {changed:?}");
}

/// Reads what a world has published.
fn files(world: &World) -> BTreeMap<String, Vec<u8>> {
    let public = world.path("public");
    let paths = listing(&public).into_keys().filter(|path| public.join(path).is_file());
    paths.map(|path| (path.clone(), crate::world::read(&public.join(path)))).collect()
}

/// A number that looks random and is the same every time (SplitMix64).
fn random(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

fn seed(path: &str) -> u64 {
    path.bytes().fold(7, |seed, byte| random(seed ^ u64::from(byte)))
}

/// What is done to a file: flips of a byte, at the ends and at random; cuts; one byte more.
fn damages(path: &str, bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let length = u64::try_from(bytes.len()).unwrap();
    let ends = [0, length - 1];
    let inside = (0..SAMPLES).map(|number| random(seed(path) ^ number) % length);
    let flips = ends.into_iter().chain(inside).map(|at| {
        let mut changed = bytes.to_vec();
        let mask = u8::try_from(random(seed(path) ^ !at) % 255 + 1).unwrap();
        changed[usize::try_from(at).unwrap()] ^= mask;
        (format!("the flip {mask:#04x} at {at}"), changed)
    });
    let cuts = [0, bytes.len() / 2, bytes.len() - 1];
    let cuts = cuts.into_iter().map(|to| (format!("the cut to {to}"), bytes[..to].to_vec()));
    let more = ("one more byte".to_owned(), [bytes, b"\n"].concat());
    flips.chain(cuts).chain([more]).collect()
}

/// Does work in many threads at once: an installation mostly waits for the disk.
fn side_by_side<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    rayon::ThreadPoolBuilder::new().num_threads(16).build().unwrap().install(work)
}

/// The kind of a file is the folder that it is in.
fn kind(path: &str) -> &str {
    path.split('/').next().unwrap()
}

#[test]
fn a_damaged_file_gives_the_same_installation_or_none() {
    let registry = Registry::new();
    let kinds: BTreeSet<_> = registry.read.iter().map(|path| kind(path)).collect();
    assert_eq!(kinds, BTreeSet::from(["archives", "blobs", "metadata", "targets"]));
    let cases: Vec<_> = registry
        .read
        .iter()
        .flat_map(|path| {
            let damages = damages(path, &registry.files[path]).into_iter();
            damages.map(move |(what, bytes)| (what, path, bytes))
        })
        .collect();
    let refused = cases.into_par_iter().filter_map(|(what, path, bytes)| {
        let refusal = registry.with(&what, path, bytes).err()?;
        Some((path.clone(), what, refusal))
    });
    let refused: Vec<_> = side_by_side(|| refused.collect());
    let files: BTreeSet<_> = refused.iter().map(|(path, ..)| path.clone()).collect();
    assert_eq!(files, registry.read, "some file may be damaged as one likes");
    for (path, what, (code, class)) in &refused {
        let is_verdict = matches!(class, Class::Untrusted)
            // An archive is then looked for where the publisher put it, and nothing is asked here.
            || path.starts_with("archives/");
        assert!(is_verdict, "{what} of {path} is {code}, {class:?}");
    }
}

#[test]
fn two_files_that_change_places_give_the_same_installation_or_none() {
    let registry = Registry::new();
    let mut pairs = BTreeSet::new();
    for one in &registry.read {
        let others = registry.files.keys().filter(|other| kind(one) == kind(other));
        pairs.extend(
            others.filter(|other| *other != one).map(|other| (one.min(other), one.max(other))),
        );
    }
    let refused = pairs.par_iter().filter(|(one, other)| {
        let mut files = registry.files.clone();
        files.insert((*one).to_owned(), registry.files[*other].clone());
        files.insert((*other).to_owned(), registry.files[*one].clone());
        registry.outcome(&format!("the swap of {one} and {other}"), files).is_err()
    });
    let refused = side_by_side(|| refused.count());
    assert_eq!(refused, pairs.len(), "some swap went unnoticed");
}

#[test]
fn a_missing_file_gives_no_installation() {
    let registry = Registry::new();
    registry.read.par_iter().for_each(|path| {
        let mut files = registry.files.clone();
        files.remove(path);
        registry.outcome(&format!("the loss of {path}"), files).unwrap_err();
    });
}

#[test]
fn files_that_decide_nothing_may_hold_anything() {
    let registry = Registry::new();
    let mutable = ["index.json", "health.json", "build.json", "api/", "schema/", "feeds/"];
    let is_mutable = |path: &str| mutable.iter().any(|start| path.starts_with(start));
    for start in ["index.json", "health.json", "build.json", "api/", "schema/"] {
        assert!(registry.files.keys().any(|path| path.starts_with(start)), "{start} is missing");
    }
    assert!(!registry.read.iter().any(|path| is_mutable(path)));
    for round in 0..4 {
        let mut files = registry.files.clone();
        for (path, bytes) in &mut files {
            if !registry.read.contains(path) {
                // The second time they are damaged a little only, and look true.
                let damages = damages(path, bytes);
                *bytes = match round {
                    0 => (0..999).map(|n| random(seed(path) ^ n).to_le_bytes()[0]).collect(),
                    1 => Vec::new(),
                    _ => damages[usize::try_from(random(round) % 5).unwrap()].1.clone(),
                };
            }
        }
        registry.outcome("random bytes in all files that are not read", files).unwrap();
    }
}

#[test]
fn files_that_nobody_asked_for_may_be_there() {
    let registry = Registry::new();
    let mut files = registry.files.clone();
    for path in ["metadata/99.snapshot.json", "targets/plugins/lab/amber.json", "feeds/new.xml"] {
        files.insert(path.to_owned(), b"\0\x01garbage".to_vec());
    }
    registry.outcome("files that nobody asked for", files).unwrap();
}
