//! What a client refuses, step by step, with metadata that the release functions made.

mod first_roots;
mod releases;
mod searches;
mod steps;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use index_schema::catalog::BuildList;
use index_schema::digest::Sha256Digest;
use index_schema::json::{Unknown, pretty, read};
use index_schema::layout::BUILD_LIST;
use index_schema::statement::SchemaOne;
use index_schema::time::{DAY, Timestamp};
use index_schema::tuf::{BinCount, Envelope, Role, TargetPath, Unsigned};
use libral::source::{Source, SourceError};
use libral::tuf::store::Store;
use libral::tuf::update::{self, Repository, UpdateError};
use tempfile::TempDir;

use super::ceremony::{Plan, ceremony};
use super::{Lifetimes, Previous, Released, release};
use crate::role_keys::{OfflineKeys, OnlineKeys, RoleKey};

pub(super) const RECORD: &[u8] = b"{\"type\":\"registry\"}\n";

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
    pub(super) offline: OfflineKeys,
    pub(super) online: OnlineKeys,
}

pub(super) fn day(number: i64) -> Timestamp {
    Timestamp::parse("2026-11-23T00:00:00Z").unwrap().plus(number * DAY)
}

impl World {
    pub(super) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (root, online) = (folder.path().join("root"), folder.path().join("online"));
        let plan = Plan {
            record: RECORD,
            bins: BinCount::new(4).unwrap(),
            root_keys: 3,
            root_threshold: 2,
            lifetimes: Lifetimes::default(),
            now: day(0),
        };
        let made = ceremony(&root, &online, &plan).unwrap();
        let world = Self {
            offline: OfflineKeys::load(&root).unwrap(),
            online: OnlineKeys::load(&online).unwrap(),
            folder,
        };
        world.write("metadata/1.root.json", &made.root);
        world.write("metadata/1.targets.json", &made.targets);
        world.put("registry.signed", RECORD);
        world.put("catalog.json", b"{}");
        for name in ["amber", "birch", "cedar", "dahlia"] {
            world.put(&format!("plugins/lab/{name}.json"), name.as_bytes());
        }
        release(&world.public(), None, &world.online, (&Lifetimes::default(), day(0))).unwrap();
        world
    }

    pub(super) fn public(&self) -> PathBuf {
        self.folder.path().join("public")
    }

    pub(super) fn write(&self, path: &str, bytes: &[u8]) {
        let staged = [(path.to_owned(), bytes.to_vec())].into();
        super::public::write(&self.public(), &staged).unwrap();
    }

    /// Does what `build` does: the target is there once, named by its digest.
    pub(super) fn put(&self, target: &str, bytes: &[u8]) {
        self.drop_target(target);
        let path = TargetPath::parse(target).unwrap();
        let name = path.consistent(&Sha256Digest::of(bytes).to_string());
        self.write(&format!("targets/{name}"), bytes);
        self.list(|targets| {
            targets.insert(target.to_owned(), Sha256Digest::of(bytes));
        });
    }

    /// Changes the list that `build` leaves.
    pub(super) fn list(&self, change: impl FnOnce(&mut BTreeMap<String, Sha256Digest>)) {
        let bytes = super::public::read(&self.public().join(BUILD_LIST), 1 << 20).unwrap();
        let targets =
            bytes.map(|bytes| read::<BuildList>(&bytes, 1 << 20, Unknown::Refuse).unwrap());
        let mut targets = targets.map(|list| list.targets).unwrap_or_default();
        change(&mut targets);
        self.write(BUILD_LIST, &pretty(&BuildList { schema: SchemaOne, targets }));
    }

    pub(super) fn drop_target(&self, target: &str) {
        self.list(|targets| {
            targets.remove(target);
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
        let (public, served) = (self.public(), self.served());
        let previous = Previous::load(&public, &served).unwrap();
        let settings = (&Lifetimes::default(), day(number));
        release(&public, Some(&previous), &self.online, settings).unwrap()
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
