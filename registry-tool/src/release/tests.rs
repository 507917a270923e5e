//! What a client refuses, step by step, with metadata that the release functions made.

mod first_roots;
mod known;
mod releases;
mod searches;
mod steps;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use index_schema::catalog::{BuildList, State, StateTag};
use index_schema::digest::Sha256Digest;
use index_schema::id::RegistryId;
use index_schema::json::{Unknown, pretty, read};
use index_schema::layout::{self, BUILD_LIST};
use index_schema::statement::SchemaOne;
use index_schema::time::{DAY, Timestamp};
use index_schema::tuf::{BinCount, Envelope, RegistryLink, Role, TargetPath, Unsigned};
use libral::source::{Source, SourceError};
use libral::tuf::store::Store;
use libral::tuf::update::{self, Repository, UpdateError};
use tempfile::TempDir;

use super::{After, Previous, ReleaseError, Released, Signing, release};
use crate::role_keys::{Keys, RoleKey};
use crate::trust::ceremony::{Elsewhere, Plan, ceremony};
use crate::trust::{Lifetimes, Trust};

pub(super) const RECORD: &str = "{\"type\":\"registry\"}\n";

/// The offline keys.
pub(super) struct Offline {
    pub(super) root: Vec<RoleKey>,
    pub(super) targets: RoleKey,
}

/// The online keys, apart and together.
pub(super) struct Online {
    pub(super) index: RoleKey,
    pub(super) bins: RoleKey,
    pub(super) snapshot: RoleKey,
    pub(super) timestamp: RoleKey,
    pub(super) all: Keys,
}

impl Online {
    fn load(folder: &Path) -> Self {
        let key = |name: &str| RoleKey::load(&folder.join(name)).unwrap();
        Self {
            index: key("index.pem"),
            bins: key("bins.pem"),
            snapshot: key("snapshot.pem"),
            timestamp: key("timestamp.pem"),
            all: Keys::load(folder).unwrap(),
        }
    }
}

/// Files by path, and nothing else: what a server, honest or not, answers.
#[derive(Debug, Clone, Default)]
pub(super) struct Served(pub(super) BTreeMap<String, Vec<u8>>);

impl Source for Served {
    fn get(&self, path: &str, limit: usize) -> Result<Option<Vec<u8>>, SourceError> {
        match self.0.get(path) {
            Some(bytes) if bytes.len() > limit => {
                Err(SourceError::TooLarge { what: path.to_owned(), limit })
            }
            other => Ok(other.cloned()),
        }
    }
}

impl Served {
    /// Replaces a file by one that says something else, signed by `keys`.
    pub(super) fn forge<T: Role>(
        &mut self,
        path: &str,
        keys: &[&RoleKey],
        change: impl FnOnce(&mut T),
    ) {
        let bytes = forged(&self.0[path], keys, change);
        self.0.insert(path.to_owned(), bytes);
    }
}

pub(super) fn forged<T: Role>(
    bytes: &[u8],
    keys: &[&RoleKey],
    change: impl FnOnce(&mut T),
) -> Vec<u8> {
    let mut body = Envelope::<T>::read(bytes, usize::MAX).unwrap().body;
    change(&mut body);
    let unsigned = Unsigned::new(&body);
    let signatures: Vec<_> = keys.iter().map(|key| key.sign(&unsigned)).collect();
    unsigned.sign(&signatures)
}

/// A registry with two-of-three root keys and four bins, released once, at day 0.
pub(super) struct World {
    folder: TempDir,
    pub(super) offline: Offline,
    pub(super) online: Online,
}

pub(super) fn day(number: i64) -> Timestamp {
    Timestamp::parse("2026-11-23T00:00:00Z").unwrap().plus(number * DAY)
}

impl World {
    pub(super) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (root, online) = (folder.path().join("root"), folder.path().join("online"));
        let trust = Trust {
            registry: vec![RegistryLink { accepted: day(-1), statement: RECORD.to_owned() }],
            record_waits: false,
            roots: BTreeMap::new(),
            targets: BTreeMap::new(),
            taken: 0,
            void: Vec::new(),
        };
        let plan = Plan {
            bins: BinCount::new(4).unwrap(),
            root_keys: 3,
            root_threshold: 2,
            elsewhere: &Elsewhere::default(),
            lifetimes: Lifetimes::default(),
            now: day(0),
        };
        let made = ceremony(&trust, (&root, &online), &plan).unwrap();
        let root_key = |n| RoleKey::load(&root.join(format!("root-{n}.pem"))).unwrap();
        let targets = RoleKey::load(&root.join("targets.pem")).unwrap();
        let world = Self {
            offline: Offline { root: (1..=3).map(root_key).collect(), targets },
            online: Online::load(&online),
            folder,
        };
        world.write("metadata/1.root.json", &made.root);
        world.write("metadata/1.targets.json", &made.targets);
        world.put("registry.signed", RECORD.as_bytes());
        world.put("catalog.json", b"{}");
        world.commit("c0", day(-1));
        for name in ["amber", "birch", "cedar", "dahlia"] {
            world.publish(name, &["1.0.0"]);
        }
        world.release_after(After::Nothing, 0).unwrap();
        world
    }

    /// Lets the index be at a commit, which continues the line.
    pub(super) fn commit(&self, commit: &str, accepted: Timestamp) {
        let state = State {
            kind: StateTag,
            schema: SchemaOne,
            registry: RegistryId::parse("demo").unwrap(),
            commit: commit.to_owned(),
            accepted,
        };
        self.put("state.json", &pretty(&state));
        self.list(|list| list.line.insert(0, commit.to_owned()));
    }

    /// Puts the document of a plugin with these releases, and the statements that it names.
    pub(super) fn publish(&self, name: &str, versions: &[&str]) {
        for statement in statements(name, versions) {
            self.write(&layout::blob(&Sha256Digest::of(&statement)), &statement);
        }
        self.put(&format!("plugins/lab/{name}.json"), &document(name, versions));
    }

    pub(super) fn public(&self) -> PathBuf {
        self.folder.path().join("public")
    }

    pub(super) fn write(&self, path: &str, bytes: &[u8]) {
        let staged = [(path.to_owned(), bytes.to_vec())].into();
        super::public::write(&self.public(), &staged).unwrap();
    }

    /// Does what `build` does: the target is there, named by its digest, beside older ones.
    pub(super) fn put(&self, target: &str, bytes: &[u8]) {
        let path = TargetPath::parse(target).unwrap();
        let name = path.consistent(&Sha256Digest::of(bytes).to_string());
        self.write(&format!("targets/{name}"), bytes);
        self.list(|list| {
            list.targets.insert(target.to_owned(), Sha256Digest::of(bytes));
        });
    }

    /// Changes the list that `build` leaves.
    pub(super) fn list(&self, change: impl FnOnce(&mut BuildList)) {
        let bytes = super::public::read(&self.public().join(BUILD_LIST), 1 << 20).unwrap();
        let list = bytes.map(|bytes| read::<BuildList>(&bytes, 1 << 20, Unknown::Refuse).unwrap());
        let mut list = list.unwrap_or_else(|| BuildList {
            schema: SchemaOne,
            targets: BTreeMap::new(),
            newest_root: 1,
            newest_targets: 1,
            line: Vec::new(),
        });
        change(&mut list);
        self.write(BUILD_LIST, &pretty(&list));
    }

    pub(super) fn drop_target(&self, target: &str) {
        self.list(|list| {
            list.targets.remove(target);
        });
        let path = self.public().join("targets").join(target);
        let (folder, name) = (path.parent().unwrap(), path.file_name().unwrap());
        for entry in fs::read_dir(folder).into_iter().flatten() {
            let entry = entry.unwrap().path();
            if entry.to_str().unwrap().ends_with(&format!(".{}", name.to_str().unwrap())) {
                fs::remove_file(entry).unwrap();
            }
        }
    }

    pub(super) fn release_on(&self, number: i64) -> Released {
        let served = self.served();
        let previous = Previous::of_folder(&served).unwrap();
        self.release_after(After::State(&previous, None), number).unwrap()
    }

    pub(super) fn release_after(
        &self,
        after: After<'_>,
        number: i64,
    ) -> Result<Released, ReleaseError> {
        let lifetimes = Lifetimes::default();
        let signing = Signing { keys: &self.online.all, lifetimes: &lifetimes, now: day(number) };
        release(&self.public(), after, &signing)
    }

    pub(super) fn served(&self) -> Served {
        let public = self.public();
        let mut served = Served::default();
        for entry in walkdir::WalkDir::new(&public).into_iter().map(Result::unwrap) {
            if entry.file_type().is_file() {
                let path = entry.path().strip_prefix(&public).unwrap().to_str().unwrap();
                let bytes = super::public::read(entry.path(), usize::MAX).unwrap().unwrap();
                served.0.insert(path.to_owned(), bytes);
            }
        }
        served
    }

    pub(super) fn client(&self) -> Client {
        let client = Client { home: tempfile::tempdir().unwrap() };
        let root = self.served().0["metadata/1.root.json"].clone();
        update::begin(&client.store(), &root, Sha256Digest::of(&root)).unwrap();
        client
    }

    /// Signs the next root, which differs by `change`.
    pub(super) fn next_root(
        &self,
        keys: &[&RoleKey],
        change: impl FnOnce(&mut index_schema::tuf::Root),
    ) -> Vec<u8> {
        let root = self.served().0["metadata/1.root.json"].clone();
        forged(&root, keys, |root: &mut index_schema::tuf::Root| {
            root.version = root.version.next().unwrap();
            change(root);
        })
    }
}

/// A client's state.
pub(super) struct Client {
    home: TempDir,
}

impl Client {
    pub(super) fn store(&self) -> Store {
        Store::new(self.home.path().join("trust"))
    }

    pub(super) fn refresh<'s>(
        &self,
        served: &'s Served,
        number: i64,
    ) -> Result<Repository<'s>, UpdateError> {
        update::refresh(served, self.store(), day(number))
    }

    /// Updates, and expects a refusal that leaves the stored files as they are.
    pub(super) fn refused(&self, served: &Served, number: i64) -> UpdateError {
        let before = self.files();
        let error = self.refresh(served, number).map(|_| ()).unwrap_err();
        assert_eq!(self.files(), before, "{error}");
        error
    }

    pub(super) fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let read = |path: &Path| super::public::read(path, usize::MAX).unwrap().unwrap();
        let entries = fs::read_dir(self.home.path().join("trust")).unwrap();
        let paths = entries.map(|entry| entry.unwrap().path());
        paths
            .map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), read(&path)))
            .collect()
    }
}

pub(super) fn path(text: &str) -> TargetPath {
    TargetPath::parse(text).unwrap()
}

/// Names the refusal, so that a test can say which one it expects.
pub(super) fn reason(error: &UpdateError) -> String {
    error.to_string()
}

/// The statements of a plugin: the record of its publisher, and one for each release.
fn statements(name: &str, versions: &[&str]) -> Vec<Vec<u8>> {
    let releases = versions.iter().map(|version| format!("{name} {version}").into_bytes());
    std::iter::once(b"the record of lab".to_vec()).chain(releases).collect()
}

/// Writes the document of a plugin.
pub(super) fn document(name: &str, versions: &[&str]) -> Vec<u8> {
    let statement = |bytes: &[u8]| {
        serde_json::json!({
            "sha256": Sha256Digest::of(bytes), "size": bytes.len(), "accepted": day(-1),
        })
    };
    let statements = statements(name, versions);
    let release = |(version, bytes): (&&str, &Vec<u8>)| {
        serde_json::json!({
            "version": version, "schema": 1, "statement": statement(bytes), "signers": [],
            "facts": {
                "runtime": "data", "pricing": "free",
                "artifacts": [{"platform": "any", "size": 1, "unpacked": 1}],
            },
        })
    };
    let releases = versions.iter().zip(&statements[1..]).map(release);
    let document = serde_json::json!({
        "type": "plugin", "schema": 1, "registry": "demo", "id": format!("lab/{name}"),
        "publisher_title": "Lab", "publisher_chain": [{ "record": statement(&statements[0]) }],
        "publisher_statements": {
            "sha256": Sha256Digest::of(&statements[0]), "size": statements[0].len(),
        },
        "about": { "title": name, "summary": name, "license": "MIT", "categories": ["utilities"] },
        "releases": releases.rev().collect::<Vec<_>>(),
    });
    pretty(&document)
}
