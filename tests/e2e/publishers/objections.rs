//! Objections to changes of keys.

use super::{OPEN, forge, json, record, release, rotate, try_release, update, void};
use crate::world::{World, stderr};

#[test]
fn a_change_of_keys_that_is_objected_to_in_time_is_void() {
    let world = World::new();
    release(&world, "1.0.0", "lab");
    rotate(&world);
    world.later(OPEN - 300);
    world.tool("publisher object lab --index index --serial 2 --key keys/lab").code(0);
    world.accept("Object");
    world.later(OPEN);
    assert_eq!(try_release(&world, "1.1.0", "new"), ["signature/unknown-key"]);
    release(&world, "1.1.0", "lab");
    assert_eq!(void(&world), []);
    let document = super::document(&world, "lab/amber");
    assert!(document["publisher_chain"][1]["objection"].is_object());
    let shown = json(&world, "publisher show lab --index index --json");
    assert_eq!(shown["records"][1]["is"], "objected");
    // The chain goes on with the next serial.
    assert_eq!(update(&world, "--title 'The Lab' --key keys/lab")["serial"], 3);
    world.accept("Change the title");
}

/// Runs an objection that has to be refused before anything is written.
#[track_caller]
fn refused(world: &World, options: &str, why: &str) {
    let before = world.listing("index");
    let said = world.tool(&format!("publisher object lab --index index {options}"));
    assert!(stderr(&said).contains(why), "{}", stderr(&said));
    assert_ne!(said.get_output().status.code(), Some(0));
    world.assert_unchanged("index", &before);
}

#[test]
fn only_a_key_of_before_objects_and_only_in_time() {
    let world = World::new();
    refused(&world, "--serial 1 --key keys/lab", "objection/unknown-record");
    rotate(&world);
    refused(&world, "--serial 3 --key keys/lab", "has no record 3 that counts");
    refused(&world, "--serial 2 --key keys/new", "signature/unknown-key");
    refused(&world, "--serial 2 --key keys/maintainer", "signature/unknown-key");
    world.later(OPEN);
    refused(&world, "--serial 2 --key keys/lab", "objection/vain");
    release(&world, "1.0.0", "new");
}

#[test]
fn an_objection_that_is_merged_too_late_is_void_and_voids_nothing() {
    let world = World::new();
    release(&world, "0.1.0", "lab");
    rotate(&world);
    world.later(OPEN - 300);
    world.tool("publisher object lab --index index --serial 2 --key keys/lab").code(0);
    world.later(300);
    world.assert_refused(&["objection/vain"]);
    world.commit("Merge it all the same");
    let path = "publishers/la/lab/objections/2.signed".to_owned();
    assert_eq!(void(&world), [(path, "objection/vain".to_owned())]);
    release(&world, "1.0.0", "new");
}

#[test]
fn there_is_nothing_to_object_to_in_a_new_title() {
    let world = World::new();
    update(&world, "--title 'The Lab' --key keys/lab");
    world.accept("Change the title");
    refused(&world, "--serial 2 --key keys/lab", "objection/vain");
}

/// A thief proposes a second record behind the first, for the case that the first is objected to.
#[test]
fn what_was_accepted_behind_an_open_record_never_counts() {
    let world = World::new();
    release(&world, "0.1.0", "lab");
    rotate(&world);
    let mut second = record(&world, 2);
    second.serial = 3;
    second.title = index_schema::text::Line::parse("Eve").unwrap();
    forge(&world, &second, &["lab", "new"]);
    world.assert_refused(&["publisher/open"]);
    world.commit("Merge it all the same");
    world.tool("publisher object lab --index index --serial 2 --key keys/lab").code(0);
    world.accept("Object");
    world.later(2 * OPEN);
    let path = "publishers/la/lab/3.signed".to_owned();
    assert_eq!(void(&world), [(path, "publisher/open".to_owned())]);
    assert_eq!(try_release(&world, "1.0.0", "new"), ["signature/unknown-key"]);
    release(&world, "1.0.0", "lab");
    assert_eq!(update(&world, "--title 'The Lab' --key keys/lab")["serial"], 4);
}
