//! Forging: whatever can be signed by somebody who has stolen the keys of TUF roles.
//!
//! ```text
//! document ─▶ target ─▶ role ─▶ snapshot ─▶ timestamp      each step signs and goes on to the next
//! ```
//!
//! Nothing here asks the software under test: canonical JSON, key ids, bins and Ed25519 are done by
//! hand, from the specification. So no attack depends on how much `release` lets pass.

use std::collections::BTreeMap;

use index_schema::digest::Sha256Digest;
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use serde_json::{Value, json};

use super::World;

/// Somebody who signs with the keys in `keys/online` and `keys/root` whatever they like.
pub(crate) struct Thief<'w> {
    world: &'w World,
    keys: BTreeMap<String, Vec<String>>,
}

impl World {
    /// Gives all keys of the registry's roles away.
    pub(crate) fn thief(&self) -> Thief<'_> {
        Thief { world: self, keys: BTreeMap::new() }
    }
}

impl Thief<'_> {
    /// Signs for a role with other keys than its own, named by their files below `keys/`.
    pub(crate) fn signing(mut self, role: &str, keys: &[&str]) -> Self {
        self.keys.insert(role.to_owned(), keys.iter().map(|key| (*key).to_owned()).collect());
        self
    }

    /// Returns what the registry says now in the file of a role.
    pub(crate) fn says(&self, role: &str) -> Value {
        let path = match role {
            "timestamp" => "public/metadata/timestamp.json".to_owned(),
            "root" => format!("public/metadata/{}.root.json", self.newest_root()),
            "snapshot" => self.path("snapshot", &self.says("timestamp")["meta"]["snapshot.json"]),
            _ => self.path(role, &self.says("snapshot")["meta"][format!("{role}.json")]),
        };
        let mut file: Value = serde_json::from_slice(&self.world.read(&path)).unwrap();
        file["signed"].take()
    }

    fn path(&self, role: &str, listed: &Value) -> String {
        format!("public/metadata/{}.{role}.json", listed["version"])
    }

    fn newest_root(&self) -> u64 {
        let is_there = |n: &u64| self.world.path(format!("public/metadata/{n}.root.json")).exists();
        (1..).take_while(is_there).last().unwrap()
    }

    /// Signs the next timestamp.
    pub(crate) fn timestamp(&self, change: impl FnOnce(&mut Value)) {
        let mut signed = self.next("timestamp");
        change(&mut signed);
        self.world.write("public/metadata/timestamp.json", self.sign("timestamp", &signed));
    }

    /// Signs the next snapshot, and a timestamp that names it.
    pub(crate) fn snapshot(&self, change: impl FnOnce(&mut Value)) {
        let mut signed = self.next("snapshot");
        change(&mut signed);
        let bytes = self.sign("snapshot", &signed);
        self.world.write(&self.path("snapshot", &signed), &bytes);
        self.timestamp(|timestamp| {
            timestamp["meta"]["snapshot.json"] = json!({
                "version": &signed["version"],
                "length": bytes.len(),
                "hashes": { "sha256": Sha256Digest::of(&bytes).to_string() },
            });
        });
    }

    /// Signs the next file of `targets` or of a role below it, and a snapshot that lists it.
    pub(crate) fn role(&self, role: &str, change: impl FnOnce(&mut Value)) {
        let mut signed = self.next(role);
        change(&mut signed);
        self.world.write(&self.path(role, &signed), self.sign(role, &signed));
        self.snapshot(|snapshot| {
            snapshot["meta"][format!("{role}.json")] = json!({ "version": &signed["version"] });
        });
    }

    /// Signs the next root, which clients follow as far as the right keys signed it.
    pub(crate) fn root(&self, change: impl FnOnce(&mut Value)) {
        let mut signed = self.next("root");
        change(&mut signed);
        let path = format!("public/metadata/{}.root.json", self.newest_root() + 1);
        self.world.write(&path, self.sign("root", &signed));
    }

    /// Adds a record to those of the registry that targets metadata carry, as the newest.
    pub(crate) fn record(&self, statement: &str) {
        let accepted = self.world.now().to_string();
        let sha256 = Sha256Digest::of(statement.as_bytes()).to_string();
        self.role("targets", |targets| {
            let records = targets["x-registry"].as_array_mut().unwrap();
            records.push(json!({ "accepted": accepted, "statement": statement }));
            targets["targets"]["registry.signed"] =
                json!({ "length": statement.len(), "hashes": { "sha256": sha256 } });
        });
    }

    /// Publishes another file for a target.
    pub(crate) fn target(&self, path: &str, bytes: &[u8]) {
        let digest = Sha256Digest::of(bytes);
        let place = match path.rsplit_once('/') {
            Some((folder, name)) => format!("public/targets/{folder}/{digest}.{name}"),
            None => format!("public/targets/{digest}.{path}"),
        };
        self.world.write(&place, bytes);
        let listed = json!({ "length": bytes.len(), "hashes": { "sha256": digest.to_string() } });
        self.role(&self.role_of(path), |role| role["targets"][path] = listed);
    }

    /// Publishes another document of a plugin.
    pub(crate) fn document(&self, plugin: &str, change: impl FnOnce(&mut Value)) {
        let path = format!("plugins/{plugin}.json");
        let mut document = self.read_target(&path);
        change(&mut document);
        self.target(&path, format!("{document}\n").as_bytes());
    }

    /// Reads the file of a target that is current.
    pub(crate) fn read_target(&self, path: &str) -> Value {
        let listed = self.says(&self.role_of(path))["targets"][path].take();
        let digest = listed["hashes"]["sha256"].as_str().unwrap();
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let place = format!("public/targets/{folder}/{digest}.{name}");
        serde_json::from_slice(&self.world.read(&place)).unwrap()
    }

    /// Puts a statement among the others, and returns how documents refer to it.
    pub(crate) fn blob(&self, bytes: &[u8], accepted: &str) -> Value {
        let digest = Sha256Digest::of(bytes).to_string();
        let shard: String = digest.chars().take(2).collect();
        self.world.write(&format!("public/blobs/{shard}/{digest}"), bytes);
        json!({ "sha256": digest, "size": bytes.len(), "accepted": accepted })
    }

    /// Names the role in which the registry looks for a target.
    pub(crate) fn role_of(&self, path: &str) -> String {
        let hash = Sha256Digest::of(path.as_bytes()).to_string();
        let targets = self.says("targets");
        let vouches = |role: &&Value| {
            let has = |member: &str, fits: &dyn Fn(&str) -> bool| {
                let listed = role[member].as_array().into_iter().flatten();
                listed.filter_map(Value::as_str).any(fits)
            };
            has("paths", &|pattern| pattern == path)
                || has("path_hash_prefixes", &|prefix| hash.starts_with(prefix))
        };
        let roles = targets["delegations"]["roles"].as_array().unwrap();
        roles.iter().find(vouches).unwrap()["name"].as_str().unwrap().to_owned()
    }

    /// Returns what a role says now as its next version.
    fn next(&self, role: &str) -> Value {
        let mut signed = self.says(role);
        signed["version"] = (signed["version"].as_u64().unwrap() + 1).into();
        signed
    }

    /// Signs for a role, and returns the file.
    pub(crate) fn sign(&self, role: &str, signed: &Value) -> Vec<u8> {
        let keys = self.keys.get(role).cloned().unwrap_or_else(|| self.own_keys(role));
        let bytes = canonical(signed);
        let signature = |key: &String| {
            let (id, pair) = self.key(key);
            json!({ "keyid": id, "sig": hexadecimal(pair.sign(&bytes).as_ref()) })
        };
        let signatures: Vec<Value> = keys.iter().map(signature).collect();
        format!("{}\n", json!({ "signatures": signatures, "signed": signed })).into_bytes()
    }

    fn own_keys(&self, role: &str) -> Vec<String> {
        match role {
            "root" => (1..)
                .map(|n| format!("root/root-{n}"))
                .take_while(|key| self.world.path(format!("keys/{key}.pem")).exists())
                .collect(),
            "targets" => vec!["root/targets".to_owned()],
            _ if role.starts_with("bin-") => vec!["online/bins".to_owned()],
            _ => vec![format!("online/{role}")],
        }
    }

    /// Returns a public key as metadata list it, with its id.
    pub(crate) fn public(&self, key: &str) -> (String, Value) {
        let (id, pair) = self.key(key);
        (id, public(&pair))
    }

    fn key(&self, key: &str) -> (String, Ed25519KeyPair) {
        let text = String::from_utf8(self.world.read(&format!("keys/{key}.pem"))).unwrap();
        let der = libral::tuf::pem::decode(&text, "PRIVATE KEY").unwrap();
        let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&der).unwrap();
        (Sha256Digest::of(&canonical(&public(&pair))).to_string(), pair)
    }
}

fn public(pair: &Ed25519KeyPair) -> Value {
    let key = hexadecimal(pair.public_key().as_ref());
    json!({ "keytype": "ed25519", "scheme": "ed25519", "keyval": { "public": key } })
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Writes canonical JSON: members sorted, no blanks, and of all characters only the quotation mark
/// and the backslash escaped.
pub(crate) fn canonical(value: &Value) -> Vec<u8> {
    let quoted = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
    let joined = |parts: Vec<Vec<u8>>| parts.join(&b',');
    match value {
        Value::Object(members) => {
            let members: BTreeMap<_, _> = members.iter().collect();
            let member = |(name, value): (&String, &Value)| {
                [quoted(name).as_bytes(), b":", &canonical(value)].concat()
            };
            let members = members.into_iter().map(member).collect();
            [b"{", joined(members).as_slice(), b"}"].concat()
        }
        Value::Array(elements) => {
            let elements = elements.iter().map(canonical).collect();
            [b"[", joined(elements).as_slice(), b"]"].concat()
        }
        Value::String(text) => quoted(text).into_bytes(),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.to_string().into_bytes(),
    }
}
