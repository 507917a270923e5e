//! The lives of keys: publishers and maintainers who change theirs, lose them, or object.

mod handovers;
mod lifecycles;
mod maintainers;
mod objections;
mod removals;
mod rotations;
mod standing;

use index_schema::digest::Sha256Digest;
use index_schema::layout;
use index_schema::publisher::Publisher;
use index_schema::statement::Statement;
use serde_json::Value;

use crate::world::{Plugin, World, stdout};

/// The seconds for which a change of keys is open to objection.
const OPEN: i64 = 72 * 3600;

/// Changes the record of `lab`, which has to be possible.
fn update(world: &World, options: &str) -> Value {
    json(world, &format!("publisher update lab --index index --json {options}"))
}

/// Runs a command that prints JSON.
fn json(world: &World, command: &str) -> Value {
    serde_json::from_str(&stdout(&world.tool(command).code(0))).unwrap()
}

/// Has a change of keys judged, approves exactly what is expected to wait, and merges it.
fn approve_and_accept(world: &World, codes: &[&str]) {
    let report = world.check();
    assert_eq!(
        (report.verdict.as_str(), report.codes()),
        ("review", codes.to_vec()),
        "{report:#?}"
    );
    world.approve(&report.findings);
    world.accept("Change keys");
}

/// Gives `lab` the key `new` in place of its first, which waits for objections now.
fn rotate(world: &World) {
    world.key("new");
    let old = fingerprint(world, "lab");
    let keys = "--key keys/lab --key keys/new";
    update(world, &format!("--add-cert keys/new.pub --retire {old} {keys}"));
    approve_and_accept(world, &["publisher/keys-changed"]);
}

/// Returns the fingerprint of a key that `key new` made.
fn fingerprint(world: &World, name: &str) -> String {
    let bytes = world.read(&format!("keys/{name}.pub"));
    let certificate = libral::openpgp::Certificate::parse(&bytes).unwrap();
    certificate.fingerprint().to_string()
}

/// Returns what a record of `lab` says.
fn record(world: &World, serial: u64) -> Publisher {
    let bytes = world.read(&format!("index/publishers/la/lab/{serial}.signed"));
    Statement::read(&bytes).unwrap().document
}

/// Writes a record of `lab` past all commands, signed by keys.
fn forge(world: &World, record: &Publisher, keys: &[&str]) {
    world.write("forged.json", index_schema::json::pretty(record));
    let keys: String = keys.iter().map(|key| format!("--key keys/{key} ")).collect();
    world.tool(&format!("sign forged.json {keys}")).code(0);
    world.add("forged.signed");
}

/// Signs a release of `lab` with a key, proposes it, and returns its codes; it is taken back.
fn try_release(world: &World, version: &str, key: &str) -> Vec<String> {
    let plugin = Plugin::new("amber", version);
    let signed = world.sign(&world.pack(&plugin), key);
    let path = world.add(&signed);
    let report = world.check();
    std::fs::remove_file(world.path("index").join(path)).unwrap();
    report.codes().into_iter().map(str::to_owned).collect()
}

/// Signs a release of `lab` with a key and merges it, which has to be possible.
fn release(world: &World, version: &str, key: &str) {
    let signed = world.sign(&world.pack(&Plugin::new("amber", version)), key);
    world.add(&signed);
    world.accept("Release");
}

/// Builds what is committed, and returns what is void by path and code.
fn void(world: &World) -> Vec<(String, String)> {
    world.tool("build --index index --out public --archives dist --mirror").code(0);
    let health: Value = serde_json::from_slice(&world.read("public/health.json")).unwrap();
    let void = health["void"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    void.map(|entry| (text(&entry["path"]), text(&entry["code"]))).collect()
}

/// Returns where the file lies to which a document refers.
fn blob(reference: &Value) -> String {
    let digest = Sha256Digest::parse(reference["sha256"].as_str().unwrap()).unwrap();
    format!("public/{}", layout::blob(&digest))
}

/// Returns the document of a plugin that was built.
fn document(world: &World, plugin: &str) -> Value {
    let path = format!("public/api/v1/plugins/{plugin}.json");
    serde_json::from_slice(&world.read(&path)).unwrap()
}
