//! Roles that are delegated to by the hash of a path: bins. No public suite has such tests.

mod bins;
mod cached;

use std::collections::BTreeMap;
use std::sync::Mutex;

use index_schema::digest::Sha256Digest;
use index_schema::json;
use index_schema::time::Timestamp;
use index_schema::tuf::{Key, TargetPath};
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::store::Store;
use super::update::{self, Repository, UpdateError};
use super::{TargetInfo, TufError};
use crate::source::memory::Memory;
use crate::source::{Source, SourceError};

/// The key of root, timestamp, snapshot and top-level targets.
const TOP: u8 = 1;
/// The key that bins share.
const BINS: u8 = 2;

fn pair(seed: u8) -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap()
}

fn key(seed: u8) -> Key {
    Key::ed25519(pair(seed).public_key().as_ref())
}

fn key_id(seed: u8) -> String {
    key(seed).id().to_string()
}

/// Signs what it is given, well-formed or not.
fn signed(body: &Value, seed: u8) -> Vec<u8> {
    let node = json::parse(body.to_string().as_bytes(), usize::MAX).unwrap();
    let signature = pair(seed).sign(&json::canonical(&node));
    let digits: String = signature.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    let signatures = json!([{ "keyid": key_id(seed), "sig": digits }]);
    json!({ "signatures": signatures, "signed": body }).to_string().into_bytes()
}

/// What a role says, and whose key signs it.
#[derive(Debug, Clone)]
struct Role {
    version: u64,
    name: Option<String>,
    targets: BTreeMap<String, Value>,
    delegations: Vec<Value>,
    keys: BTreeMap<String, Value>,
    seed: u8,
}

impl Role {
    fn new(name: Option<&str>, seed: u8) -> Self {
        let name = name.map(str::to_owned);
        let (targets, keys) = (BTreeMap::new(), BTreeMap::new());
        Self { version: 1, name, targets, delegations: Vec::new(), keys, seed }
    }

    fn file(&self) -> Vec<u8> {
        let mut body = head("targets", self.version);
        body["targets"] = json!(self.targets);
        if let Some(name) = &self.name {
            body["x-role"] = json!(name);
        }
        if !self.delegations.is_empty() {
            body["delegations"] = json!({ "keys": self.keys, "roles": self.delegations });
        }
        signed(&body, self.seed)
    }
}

fn head(kind: &str, version: u64) -> Value {
    json!({
        "_type": kind, "spec_version": "1.0.34", "version": version,
        "expires": "2030-01-01T00:00:00Z",
    })
}

/// A repository in memory that counts what is asked of it.
struct World {
    roles: BTreeMap<String, Role>,
    /// The files as they are served.
    files: Memory,
    asked: Mutex<Vec<String>>,
    releases: u64,
}

impl World {
    /// A repository without bins.
    fn new() -> Self {
        let roles = BTreeMap::from([("targets".to_owned(), Role::new(None, TOP))]);
        let mut files = Memory::default();
        let top = json!({ "keyids": [key_id(TOP)], "threshold": 1 });
        let mut root = head("root", 1);
        root["consistent_snapshot"] = json!(true);
        root["keys"] = json!({ key_id(TOP): key(TOP) });
        root["roles"] = json!({
            "root": &top, "targets": &top, "snapshot": &top, "timestamp": &top,
        });
        files.files.insert("metadata/1.root.json".to_owned(), signed(&root, TOP));
        Self { roles, files, asked: Mutex::default(), releases: 0 }
    }

    /// Lets a role delegate to another by prefixes; `more` is put over the delegation.
    fn delegate(&mut self, from: &str, to: &str, prefixes: &[&str], more: &Value) {
        self.roles.entry(to.to_owned()).or_insert_with(|| Role::new(Some(to), BINS));
        let mut delegation = json!({
            "name": to, "keyids": [key_id(BINS)], "threshold": 1, "terminating": false,
            "path_hash_prefixes": prefixes,
        });
        for (name, value) in more.as_object().into_iter().flatten() {
            delegation[name] = value.clone();
        }
        let from = self.roles.get_mut(from).unwrap();
        for seed in [TOP, BINS, 3, 4] {
            from.keys.insert(key_id(seed), json!(key(seed)));
        }
        from.delegations.push(delegation);
    }

    /// Lets a role vouch for a target, whose content is its own path.
    fn list(&mut self, role: &str, target: &str) {
        let digest = Sha256Digest::of(target.as_bytes());
        let file = json!({ "length": target.len(), "hashes": { "sha256": digest } });
        self.roles.get_mut(role).unwrap().targets.insert(target.to_owned(), file);
        let path = TargetPath::parse(target).unwrap().consistent(&digest.to_string());
        self.files.files.insert(format!("targets/{path}"), target.as_bytes().to_vec());
    }

    /// Publishes all roles as they stand.
    fn publish(&mut self) {
        self.releases += 1;
        let release = self.releases;
        let mut meta = BTreeMap::new();
        for (name, role) in &self.roles {
            let path = format!("metadata/{}.{name}.json", role.version);
            self.files.files.insert(path, role.file());
            meta.insert(format!("{name}.json"), json!({ "version": role.version }));
        }
        let mut snapshot = head("snapshot", release);
        snapshot["meta"] = json!(meta);
        let path = format!("metadata/{release}.snapshot.json");
        self.files.files.insert(path, signed(&snapshot, TOP));
        let mut timestamp = head("timestamp", release);
        timestamp["meta"] = json!({ "snapshot.json": { "version": release } });
        self.files.files.insert("metadata/timestamp.json".to_owned(), signed(&timestamp, TOP));
    }

    /// Returns the delegated roles that were asked since the last time, in order.
    fn asked(&self) -> Vec<String> {
        let paths = std::mem::take(&mut *self.asked.lock().unwrap());
        let role = |path: String| {
            let name = path.strip_prefix("metadata/")?.strip_suffix(".json")?;
            name.split_once('.').map(|(_, name)| name.to_owned())
        };
        let top = ["root", "snapshot", "targets"];
        paths.into_iter().filter_map(role).filter(|name| !top.contains(&name.as_str())).collect()
    }
}

impl Source for World {
    fn get(&self, path: &str, limit: usize) -> Result<Option<Vec<u8>>, SourceError> {
        self.asked.lock().unwrap().push(path.to_owned());
        self.files.get(path, limit)
    }
}

/// A client with a folder of its own.
struct Client(TempDir);

impl Client {
    fn new(world: &World) -> Self {
        let client = Self(tempfile::tempdir().unwrap());
        let root = &world.files.files["metadata/1.root.json"];
        update::begin(&client.store(), root, Sha256Digest::of(root)).unwrap();
        client
    }

    fn store(&self) -> Store {
        Store::new(self.0.path().to_owned())
    }

    fn refresh<'w>(&self, world: &'w World) -> Result<Repository<'w>, UpdateError> {
        update::refresh(world, self.store(), Timestamp::parse("2026-11-23T00:00:00Z").unwrap())
    }

    /// Looks for a target in a new update.
    fn find(&self, world: &World, target: &str) -> Result<Option<TargetInfo>, UpdateError> {
        self.refresh(world)?.find(&TargetPath::parse(target).unwrap())
    }

    /// Looks for a target, and returns the name of the role that vouches for it.
    fn role(&self, world: &World, target: &str) -> Option<String> {
        self.find(world, target).unwrap().map(|info| info.role.to_string())
    }

    /// Looks for a target, and expects that a role on the way is not trusted.
    fn untrusted(&self, world: &World, target: &str) -> TufError {
        match self.find(world, target) {
            Err(UpdateError::Untrusted(error)) => error,
            other => panic!("{other:?}"),
        }
    }
}

/// Returns the SHA-256 of a path, in digits.
fn hash(target: &str) -> String {
    Sha256Digest::of(target.as_bytes()).to_string()
}

/// Returns the first digits of it.
fn prefix(target: &str, digits: usize) -> String {
    hash(target).chars().take(digits).collect()
}
