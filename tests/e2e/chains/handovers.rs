//! Publishers that the maintainers gave other keys.

use super::{fingerprint, info, installed, merge, refused, release, update};
use crate::world::{World, stderr};

/// A world whose client knows `lab` from before its key was lost.
fn handed_over() -> World {
    let world = installed();
    world.key("new");
    let old = fingerprint(&world, "lab");
    update(&world, &format!("--add-cert keys/new.pub --retire {old} --key keys/new"));
    let record = "--record index/publishers/la/lab/2.signed --key keys/maintainer";
    let reason = "--reason 'the key burnt with the laptop'";
    world.tool(&format!("moderate handover lab --index index {record} {reason}")).code(0);
    merge(&world);
    release(&world, "1.1.0", "new");
    world.release();
    world
}

#[test]
fn whoever_knows_the_old_keys_is_asked_before_the_new_ones_count() {
    let world = handed_over();
    let before = world.listing("home/plugins");
    for command in ["install lab/amber@=1.1.0", "install lab/amber@=1.1.0 --yes", "info lab/amber"]
    {
        let error = refused(&world, command, 6, "chain/handover");
        let said = error["message"].as_str().unwrap();
        assert!(said.contains(&fingerprint(&world, "lab")), "{said}");
        assert!(said.contains(&fingerprint(&world, "new")), "{said}");
        assert!(said.contains("the key burnt with the laptop"), "{said}");
        assert!(error["hint"].as_str().unwrap().contains("--accept-handover lab"));
        assert_eq!(world.listing("home/plugins"), before);
    }
    // Another publisher's name agrees to nothing.
    let other = "install lab/amber@=1.1.0 --accept-handover other";
    refused(&world, other, 6, "chain/handover");

    world.client("install lab/amber@=1.1.0 --accept-handover lab").code(0);
    // It was said once, and is remembered.
    world.client("install lab/amber@=1.0.0").code(0);
    assert_eq!(info(&world)["publisher"]["keys"][0], fingerprint(&world, "new"));
}

#[test]
fn whoever_never_knew_the_old_keys_is_not_asked() {
    let world = handed_over();
    std::fs::rename(world.path("home"), world.path("other-home")).unwrap();
    world.trust();
    let said = stderr(&world.client("install lab/amber").code(0));
    assert!(!said.contains("other keys"), "{said}");
}
