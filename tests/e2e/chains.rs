//! Clients of publishers who change their keys, lose them, or find that others have them.

mod gone;
mod handovers;
mod records;
mod requests;
mod rotations;
mod standing;

use index_schema::digest::Sha256Digest;
use serde_json::{Value, json};

use crate::world::{Plugin, World, stdout};

/// The seconds for which a change of keys is open to objection.
const OPEN: i64 = 72 * 3600;

/// A world whose client has installed `lab/amber` 1.0.0.
fn installed() -> World {
    let world = World::new();
    world.publish(Plugin::new("amber", "1.0.0"));
    world.release();
    world.trust();
    world.client("install lab/amber").code(0);
    world
}

/// Writes the next record of `lab`.
fn update(world: &World, options: &str) {
    world.tool(&format!("publisher update lab --index index {options}")).code(0);
}

/// Merges what the work tree adds, approved where it has to be.
fn merge(world: &World) {
    let mut report = world.check();
    if report.verdict == "review" {
        report.findings.retain(|finding| finding.level == "review");
        world.approve(&report.findings);
        report = world.check();
    }
    assert_eq!(report.verdict, "accepted", "{report:#?}");
    world.commit("Merge");
}

/// Merges a release of `lab/amber` by the holder of a key.
fn release(world: &World, version: &str, key: &str) {
    let signed = world.sign(&world.pack(&Plugin::new("amber", version)), key);
    world.add(&signed);
    world.accept("Release");
}

/// Returns the fingerprint of a key that `key new` made.
fn fingerprint(world: &World, name: &str) -> String {
    let bytes = world.read(&format!("keys/{name}.pub"));
    let certificate = libral::openpgp::Certificate::parse(&bytes).unwrap();
    certificate.fingerprint().to_string()
}

/// Runs the client, which has to fail like this; returns the error.
#[track_caller]
fn refused(world: &World, command: &str, exit: i32, code: &str) -> Value {
    let output = world.client(&format!("{command} --json"));
    let said: Value = serde_json::from_str(&stdout(&output)).unwrap();
    assert_eq!(said["error"]["code"], code, "{said:#}");
    output.code(exit);
    said["error"].clone()
}

/// Returns what `libral info lab/amber` says.
fn info(world: &World) -> Value {
    serde_json::from_str(&stdout(&world.client("info lab/amber --json").code(0))).unwrap()
}

/// Returns the document of `lab/amber` as it was built last.
fn document(world: &World) -> Value {
    serde_json::from_slice(&world.read("public/api/v1/plugins/lab/amber.json")).unwrap()
}

/// Lets whoever stole the online keys publish another document of `lab/amber`.
fn forge(world: &World, change: impl FnOnce(&mut Value)) {
    world.thief().document("lab/amber", change);
}

/// Has the links of a document, which may have lost some members, name a file of what is left.
fn recut(world: &World, document: &mut Value) {
    let chain = document["publisher_chain"].as_array().unwrap();
    let parts = chain.iter().flat_map(|link| {
        let parts = ["record", "approval", "handover", "objection"].into_iter();
        parts.filter_map(move |part| link.get(part))
    });
    let about = document["publisher_status"].as_array().into_iter().flatten();
    let parts: Vec<u8> = parts.chain(about).flat_map(|part| world.read(&blob(part))).collect();
    let whole = world.thief().blob(&parts, "");
    document["publisher_statements"] = json!({ "sha256": whole["sha256"], "size": whole["size"] });
}

fn blob(reference: &Value) -> String {
    let digest = reference["sha256"].as_str().unwrap();
    let digest = Sha256Digest::parse(digest).unwrap();
    format!("public/{}", index_schema::layout::blob(&digest))
}
