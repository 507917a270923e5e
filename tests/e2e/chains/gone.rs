//! Releases that are gone: removed, or by a key that somebody else may hold.

use serde_json::{Value, json};

use super::{OPEN, document, fingerprint, forge, info, installed, merge, refused, release, update};
use crate::world::{World, stderr, stdout};

const REMOVE: &str = "moderate remove lab/amber 1.1.0 --index index --cause malware \
                      --reason 'it deletes what it finds' --key keys/maintainer --yes";
const SHOWN: &str = "removed by the maintainers: malware: it deletes what it finds";

/// A world whose client has installed 1.1.0, which the maintainers then removed.
fn removed() -> World {
    let world = installed();
    release(&world, "1.1.0", "lab");
    world.release();
    world.client("install lab/amber@=1.1.0").code(0);
    world.tool(REMOVE).code(0);
    merge(&world);
    world.release();
    world
}

#[test]
fn a_removal_is_said_wherever_the_release_is_named() {
    let world = removed();
    let error = refused(&world, "install lab/amber@=1.1.0", 5, "plugin/gone");
    assert!(error["message"].as_str().unwrap().contains(SHOWN), "{error}");
    let said = stdout(&world.client("verify").code(1));
    assert!(said.contains(SHOWN) && said.contains("release/gone"), "{said}");
    let said = stdout(&world.client("list").code(0));
    assert!(said.contains(SHOWN), "{said}");
    let list: Value = serde_json::from_str(&stdout(&world.client("list --json").code(0))).unwrap();
    assert_eq!(list["plugins"][0]["removed"]["cause"], "malware");
    let said = stdout(&world.client("info lab/amber").code(0));
    assert_eq!(said.matches(SHOWN).count(), 2, "{said}");
    let info = info(&world);
    assert_eq!((&info["version"], &info["gone"][0]["version"]), (&json!("1.0.0"), &json!("1.1.0")));
    assert_eq!(info["gone"][0]["cause"], "malware");
    // What is left can be had.
    world.client("install lab/amber@^1").code(0);
    world.client("verify").code(0);
}

#[test]
fn a_plugin_of_which_nothing_is_left_can_still_be_asked_about() {
    let world = removed();
    world.tool(&REMOVE.replace("1.1.0", "1.0.0")).code(0);
    merge(&world);
    world.release();
    let said = stdout(&world.client("info lab/amber").code(0));
    assert!(said.contains("no such release is left") && said.contains(SHOWN), "{said}");
    assert_eq!(info(&world)["version"], Value::Null);
    refused(&world, "install lab/amber", 5, "plugin/gone");
}

#[test]
fn what_was_removed_does_not_come_back() {
    let world = installed();
    release(&world, "1.1.0", "lab");
    world.release();
    let before = document(&world);
    world.tool(REMOVE).code(0);
    merge(&world);
    world.release();
    world.client("info lab/amber").code(0);
    forge(&world, |document| *document = before);
    // This client never saw the release, but it has seen the removal.
    refused(&world, "install lab/amber@=1.1.0", 3, "index/revived-release");
}

/// Calls 1.1.0 gone in the document, with the sign of a removal by a key.
fn call_gone(world: &World, key: Option<&str>) {
    let removal = key.map(|key| {
        let release = document(world)["releases"][0]["statement"].clone();
        let removal = json!({
            "type": "removal", "schema": 1, "registry": "demo", "id": "remove-amber",
            "plugin": "lab/amber", "version": "1.1.0", "sha256": release["sha256"],
            "cause": "malware", "reason": "made up",
        });
        world.write("removal.json", format!("{removal}\n"));
        world.tool(&format!("sign removal.json --key keys/{key}")).code(0);
        world.thief().blob(&world.read("removal.signed"), &world.now().to_string())
    });
    forge(world, |document| {
        let release = document["releases"].as_array_mut().unwrap().remove(0);
        let mut gone = json!({ "version": "1.1.0", "statement": release["statement"] });
        if let Some(removal) = removal {
            gone["removal"] = removal;
        }
        document["gone"] = json!([gone]);
    });
}

#[test]
fn whoever_has_the_online_keys_cannot_take_a_release_away() {
    for key in [None, Some("lab")] {
        let world = installed();
        release(&world, "1.1.0", "lab");
        world.release();
        world.client("install lab/amber@=1.1.0").code(0);
        call_gone(&world, key);
        let before = world.listing("home/plugins");
        for command in ["install lab/amber@=1.0.0", "install lab/amber@=1.1.0", "info lab/amber"] {
            refused(&world, command, 3, "index/false-removal");
        }
        assert_eq!(world.listing("home/plugins"), before);
        // Nobody finds fault with what is installed for that.
        let said = stderr(&world.client("verify").code(0));
        assert!(said.contains("without proof"), "{said}");
    }
}

#[test]
fn what_a_compromised_key_signed_is_gone_and_the_rest_is_not() {
    let world = installed();
    world.key("second");
    update(&world, "--add-cert keys/second.pub --key keys/lab --key keys/second");
    merge(&world);
    world.later(OPEN);
    release(&world, "1.1.0", "second");
    let since = world.now();
    world.later(60);
    release(&world, "1.2.0", "second");
    world.release();
    world.client("install lab/amber@=1.2.0").code(0);

    let second = fingerprint(&world, "second");
    update(&world, &format!("--compromised {second} --since {since} --key keys/lab"));
    merge(&world);
    world.release();
    let error = refused(&world, "install lab/amber@=1.2.0", 5, "plugin/gone");
    assert!(error["message"].as_str().unwrap().contains(&second), "{error}");
    let said = stdout(&world.client("verify").code(1));
    assert!(said.contains("release/gone") && said.contains(&second), "{said}");
    let info = info(&world);
    assert_eq!((&info["version"], &info["gone"][0]["version"]), (&json!("1.1.0"), &json!("1.2.0")));
    assert_eq!(info["gone"][0]["cause"], "compromised-key");
    world.client("install lab/amber@=1.1.0").code(0);

    // Dated anew, an earlier release would be gone as well. This client knows when it came.
    forge(&world, |document| {
        let mut release = document["releases"].as_array_mut().unwrap().remove(0);
        release["statement"]["accepted"] = json!(since.plus(1));
        let gone = json!({ "version": "1.1.0", "statement": release["statement"] });
        document["gone"].as_array_mut().unwrap().push(gone);
    });
    refused(&world, "info lab/amber", 3, "index/rewritten");
}

#[test]
fn what_a_compromised_key_yanked_is_not_yanked_and_nobody_misses_it() {
    let world = installed();
    world.key("second");
    update(&world, "--add-cert keys/second.pub --key keys/lab --key keys/second");
    merge(&world);
    world.later(OPEN);
    let since = world.now();
    let yank = "yank lab/amber 1.0.0 --index index --reason 'ours is better' --key keys/second";
    world.tool(yank).code(0);
    world.accept("Yank");
    world.release();
    assert!(info(&world)["yanked"].is_object());
    let second = fingerprint(&world, "second");
    update(&world, &format!("--compromised {second} --since {since} --key keys/lab"));
    merge(&world);
    world.release();
    assert_eq!(info(&world)["yanked"], Value::Null);
    let yank = "yank lab/amber 1.0.0 --index index --reason 'our own' --key keys/lab";
    world.tool(yank).code(0);
    world.accept("Yank");
    world.release();
    assert_eq!(info(&world)["yanked"]["reason"], "our own");
}

#[test]
fn a_registry_whose_past_was_cut_off_is_noticed() {
    let world = installed();
    world.client("refresh").code(0);
    let thief = world.thief();
    let mut state = thief.read_target("state.json");
    state["accepted"] = json!("2026-06-01T12:00:00Z");
    thief.target("state.json", format!("{state}\n").as_bytes());
    refused(&world, "refresh", 3, "index/rewritten");
}
