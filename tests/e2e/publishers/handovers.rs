//! Publishers whose keys are lost or stolen.

use super::{OPEN, document, fingerprint, release, rotate, try_release, update, void};
use crate::world::{World, stderr};

const RECORD: &str = "--record index/publishers/la/lab/2.signed";

/// Writes the record of a publisher who has only the key `new`.
fn propose(world: &World) {
    world.key("new");
    let old = fingerprint(world, "lab");
    let keys = "--for-handover --key keys/new";
    update(world, &format!("--add-cert keys/new.pub --retire {old} {keys}"));
    world.assert_refused(&["signature/below-threshold"]);
}

fn hand_over(world: &World, options: &str) {
    let reason = "--reason 'the key was lost, the owner is known'";
    world.tool(&format!("moderate handover lab --index index {options} {reason}")).code(0);
}

#[test]
fn a_publisher_whose_keys_are_lost_is_handed_over_and_releases_at_once() {
    let world = World::new();
    release(&world, "1.0.0", "lab");
    propose(&world);
    hand_over(&world, &format!("{RECORD} --key keys/maintainer"));
    world.accept("Hand over");
    release(&world, "1.1.0", "new");
    assert_eq!(try_release(&world, "1.1.1", "lab"), ["signature/retired-key"]);
    assert_eq!(void(&world), []);
    let document = document(&world, "lab/amber");
    assert!(document["publisher_chain"][1]["handover"].is_object());
    assert_eq!(document["releases"].as_array().unwrap().len(), 2);

    let before = world.listing("index");
    let object = "publisher object lab --index index --serial 2 --key keys/lab";
    let said = world.tool(object).code(1);
    assert!(stderr(&said).contains("objection/vain"));
    world.assert_unchanged("index", &before);
}

#[test]
fn a_hand_over_is_signed_by_as_many_moderators_as_the_registry_asks_for() {
    let world = World::new();
    super::maintainers::add_second(&world, &["moderate", "review"], ("moderate", 2));
    propose(&world);
    hand_over(&world, &format!("{RECORD} --key keys/maintainer"));
    let report = world.check();
    assert_eq!(report.verdict, "refused");
    let written = report.changes.iter().find(|path| path.starts_with("moderation/")).unwrap();
    world.tool(&format!("sign index/{written} --key keys/second")).code(0);
    world.accept("Hand over");
    release(&world, "1.0.0", "new");
}

#[test]
fn nobody_but_moderators_hands_over_and_only_to_keys_that_are_held() {
    let world = World::new();
    propose(&world);
    let before = world.listing("index");
    let refused = |options: &str, why: &str| {
        let command = format!("moderate handover lab --index index --reason stolen {options}");
        let said = world.tool(&command).code(1);
        assert!(stderr(&said).contains(why), "{}", stderr(&said));
        world.assert_unchanged("index", &before);
    };
    refused(&format!("{RECORD} --key keys/new"), "signature/unknown-key");
    refused(&format!("{RECORD} --key keys/lab"), "signature/unknown-key");

    // The same record, without the signature of the new key.
    let text = String::from_utf8(world.read("index/publishers/la/lab/2.signed")).unwrap();
    let document = text.split("-----BEGIN PGP SIGNATURE-----").next().unwrap();
    world.write("other.json", document);
    world.sign("other.json", "maintainer");
    refused("--record other.signed --key keys/maintainer", "signature/unknown-key");
}

/// A thief changes the keys; the maintainers hand over; the thief, with the key of before, objects to
/// the thief's own record, on which the hand-over stands.
#[test]
fn an_objection_does_not_undo_a_hand_over_that_came_before_it() {
    let world = World::new();
    release(&world, "0.1.0", "lab");
    rotate(&world);
    world.key("owner");
    let thief = fingerprint(&world, "new");
    let owner = format!("--add-cert keys/owner.pub --retire {thief} --key keys/owner");
    let before = world.listing("index");
    let said = world.tool(&format!("publisher update lab --index index {owner}")).code(1);
    assert!(stderr(&said).contains("publisher/open"), "{}", stderr(&said));
    world.assert_unchanged("index", &before);
    update(&world, &format!("{owner} --for-handover"));
    hand_over(&world, "--record index/publishers/la/lab/3.signed --key keys/maintainer");
    world.accept("Hand over");

    world.tool("publisher object lab --index index --serial 2 --key keys/lab").code(0);
    world.accept("Object");
    assert_eq!(void(&world), []);
    release(&world, "1.0.0", "owner");
    world.later(OPEN);
    assert_eq!(try_release(&world, "1.0.1", "new"), ["signature/retired-key"]);
}
