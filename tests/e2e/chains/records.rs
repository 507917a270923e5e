//! The records that targets metadata carry, and records of tomorrow.

use serde_json::{Value, json};

use super::{document, forge, info, installed, recut, refused};
use crate::world::{Plugin, World, stdout};

/// Has the offline key sign other targets metadata.
fn targets(world: &World, change: impl FnOnce(&mut Value)) {
    world.thief().role("targets", change);
}

/// The statement of somebody who lives later.
fn of_tomorrow(statement: &str) -> String {
    let (document, signatures) = statement.split_once("\n-----BEGIN").unwrap();
    let mut document: Value = serde_json::from_str(document).unwrap();
    document["schema"] = json!(2);
    document["serial"] = json!(2);
    document["tomorrow"] = json!(true);
    format!("{document}\n-----BEGIN{signatures}")
}

#[test]
fn targets_metadata_without_the_records_of_the_registry_are_refused() {
    let world = installed();
    targets(&world, |targets| drop(targets.as_object_mut().unwrap().remove("x-registry")));
    refused(&world, "refresh", 3, "index/no-registry-record");
    targets(&world, |targets| targets["x-registry"] = json!([]));
    refused(&world, "refresh", 3, "index/no-registry-record");
}

#[test]
fn the_newest_record_is_the_one_that_is_listed() {
    let world = installed();
    targets(&world, |targets| {
        targets["targets"]["registry.signed"]["hashes"]["sha256"] = json!("0".repeat(64));
    });
    refused(&world, "refresh", 3, "index/other-record");
    targets(&world, |targets| {
        drop(targets["targets"].as_object_mut().unwrap().remove("registry.signed"));
    });
    refused(&world, "refresh", 3, "index/not-listed");
}

#[test]
fn a_record_that_the_one_before_does_not_vouch_for_is_refused() {
    let world = installed();
    world.key("eve");
    let first = String::from_utf8(world.read("index/registry/1.signed")).unwrap();
    let (document, _) = first.split_once("\n-----BEGIN").unwrap();
    let mut record: Value = serde_json::from_str(document).unwrap();
    record["serial"] = json!(2);
    world.write("eve.json", format!("{record}\n"));
    world.tool("sign eve.json --key keys/eve").code(0);
    let statement = String::from_utf8(world.read("eve.signed")).unwrap();
    world.thief().record(&statement);
    refused(&world, "refresh", 3, "signature/unknown-key");
}

#[test]
fn more_records_than_the_ceiling_are_not_followed() {
    let world = installed();
    targets(&world, |targets| {
        let records = targets["x-registry"].as_array_mut().unwrap();
        let first = records[0].clone();
        records.resize(257, first);
    });
    refused(&world, "refresh", 3, "chain/too-long");
    let world = installed();
    forge(&world, |document| {
        let chain = document["publisher_chain"].as_array_mut().unwrap();
        let first = chain[0].clone();
        chain.resize(257, first);
    });
    refused(&world, "info lab/amber", 3, "chain/too-long");
}

#[test]
fn a_registry_whose_record_is_of_tomorrow_needs_a_newer_client() {
    let world = installed();
    let first = String::from_utf8(world.read("index/registry/1.signed")).unwrap();
    world.thief().record(&of_tomorrow(&first));
    let error = refused(&world, "refresh", 1, "statement/newer-schema");
    assert!(error["message"].as_str().unwrap().contains("needs a newer version"), "{error}");
    // What is installed keeps working.
    world.client("list").code(0);
    world.client("path lab/amber").code(0);
}

#[test]
fn a_publisher_whose_record_is_of_tomorrow_needs_a_newer_client_and_others_do_not() {
    let world = installed();
    world.join("bay");
    world.publish(Plugin::new("bay/reef", "1.0.0"));
    world.publish(Plugin::new("amber", "1.1.0"));
    world.release();
    let first = String::from_utf8(world.read("index/publishers/la/lab/1.signed")).unwrap();
    let now = world.now().to_string();
    let record = world.thief().blob(of_tomorrow(&first).as_bytes(), &now);
    let honest = document(&world);
    forge(&world, |document| {
        document["publisher_chain"].as_array_mut().unwrap().push(json!({ "record": record }));
        recut(&world, document);
    });
    let error = refused(&world, "info lab/amber", 1, "statement/newer-schema");
    assert!(error["hint"].as_str().unwrap().contains("newer version"), "{error}");
    let update = "install lab/amber@=1.1.0";
    refused(&world, update, 1, "statement/newer-schema");
    // What is installed of it stays, and stands in nobody's way.
    world.client("install bay/reef").code(0);
    assert!(stdout(&world.client("list").code(0)).contains("bay/reef"));
    forge(&world, |document| *document = honest);
    assert_eq!(info(&world)["publisher"]["serial"], 1);
}
