//! Publishers who change their keys themselves, and objections to that.

use serde_json::{Value, json};

use super::{
    OPEN, document, fingerprint, forge, info, installed, merge, recut, refused, release, update,
};
use crate::world::{World, stdout};

/// Adds the key `new` in place of the first; that waits for objections now.
fn rotate(world: &World) {
    world.key("new");
    let old = fingerprint(world, "lab");
    let keys = "--key keys/lab --key keys/new";
    update(world, &format!("--add-cert keys/new.pub --retire {old} {keys}"));
    merge(world);
}

fn title(world: &World, title: &str) {
    update(world, &format!("--title '{title}' --key keys/lab"));
    merge(world);
}

#[test]
fn a_client_follows_a_rotation_once_the_72_hours_are_over() {
    let world = installed();
    rotate(&world);
    let begun = world.now().plus(-60);
    release(&world, "1.1.0", "lab");
    world.release();
    world.client("install lab/amber@=1.1.0").code(0);
    let said = info(&world);
    assert_eq!(said["publisher"]["keys"], json!([fingerprint(&world, "lab")]));
    let change = &said["publisher"]["change"];
    assert_eq!(change["keys"], json!([fingerprint(&world, "new")]));
    assert_eq!(change["from"], begun.plus(OPEN).to_string());
    let shown = stdout(&world.client("info lab/amber").code(0));
    assert!(shown.contains("a change of keys counts from"), "{shown}");

    world.later(OPEN);
    release(&world, "1.2.0", "new");
    world.release();
    world.client("install lab/amber@=1.2.0").code(0);
    let said = info(&world);
    assert_eq!(said["publisher"]["keys"], json!([fingerprint(&world, "new")]));
    assert_eq!(said["publisher"]["change"], Value::Null);
    // What the old key signed in its time is as good as ever.
    world.client("install lab/amber@=1.1.0").code(0);
}

#[test]
fn whoever_has_the_online_keys_cannot_bring_a_change_of_keys_forward() {
    let world = installed();
    rotate(&world);
    world.later(OPEN);
    release(&world, "1.1.0", "new");
    world.release();
    forge(&world, |document| {
        document["releases"][0]["statement"]["accepted"] = json!(world.now().plus(-OPEN));
    });
    let installed = world.listing("home/plugins");
    refused(&world, "install lab/amber@=1.1.0", 3, "signature/unknown-key");
    assert_eq!(world.listing("home/plugins"), installed);
}

#[test]
fn a_client_that_saw_an_objection_misses_it() {
    let world = installed();
    rotate(&world);
    world.tool("publisher object lab --index index --serial 2 --key keys/lab").code(0);
    merge(&world);
    world.later(OPEN);
    release(&world, "1.1.0", "lab");
    world.release();
    world.client("install lab/amber@=1.1.0").code(0);
    let said = info(&world);
    assert_eq!(said["publisher"]["keys"], json!([fingerprint(&world, "lab")]));
    assert_eq!(said["publisher"]["change"], Value::Null);

    forge(&world, |document| {
        document["publisher_chain"][1].as_object_mut().unwrap().remove("objection");
        recut(&world, document);
    });
    refused(&world, "info lab/amber", 3, "chain/lost-objection");
}

#[test]
fn a_fork_and_a_lost_record_are_refused() {
    let world = installed();
    title(&world, "Lab One");
    world.release();
    world.client("info lab/amber").code(0);
    let seen = document(&world);

    // The same publisher signed another second record, in a past that was rewritten.
    world.git("reset --quiet --hard HEAD~1");
    title(&world, "Lab Two");
    world.tool("build --index index --out fork --archives dist").code(0);
    for (path, _) in world.listing("fork/blobs") {
        if world.path("fork/blobs").join(&path).is_file() {
            world.write(&format!("public/blobs/{path}"), world.read(&format!("fork/blobs/{path}")));
        }
    }
    let forked = world.read("fork/api/v1/plugins/lab/amber.json");
    forge(&world, |document| *document = serde_json::from_slice(&forked).unwrap());
    refused(&world, "install lab/amber@=1.0.0", 3, "chain/forked");

    forge(&world, |document| {
        *document = seen.clone();
        document["publisher_chain"].as_array_mut().unwrap().pop();
        recut(&world, document);
    });
    refused(&world, "install lab/amber@=1.0.0", 3, "chain/lost-record");
    forge(&world, |document| *document = seen.clone());
    world.client("info lab/amber").code(0);
}
