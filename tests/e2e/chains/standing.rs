//! Clients of publishers whom the maintainers suspended, or vouched for.

use serde_json::{Value, json};

use super::{blob, forge, info, installed, merge, recut, refused};
use crate::world::{Plugin, World, stderr, stdout};

const DAY: i64 = 24 * 3600;
const BY: &str = "--index index --reason 'the owner asked for it' --key keys/maintainer";

fn say(world: &World, what: &str) {
    world.tool(&format!("moderate {what} {BY}")).code(0);
    merge(world);
    world.release();
}

fn ask(world: &World, command: &str) -> Value {
    serde_json::from_str(&stdout(&world.client(&format!("{command} --json")).code(0))).unwrap()
}

/// A world whose client has installed `lab/amber`, and not `lab/birch` of the same publisher.
fn suspended() -> World {
    let world = installed();
    world.publish(Plugin::new("birch", "1.0.0"));
    say(&world, "suspend lab");
    world
}

#[test]
fn nothing_new_of_a_suspended_publisher_is_installed_unless_the_user_says_so() {
    let world = suspended();
    let before = world.listing("home/plugins");
    for command in ["install lab/birch", "install lab/birch --yes"] {
        let error = refused(&world, command, 6, "publisher/suspended");
        assert!(error["message"].as_str().unwrap().contains("the owner asked for it"), "{error}");
        assert!(error["hint"].as_str().unwrap().contains("--allow-suspended lab"), "{error}");
        assert_eq!(world.listing("home/plugins"), before);
    }
    // Another publisher's name allows nothing.
    refused(&world, "install lab/birch --allow-suspended other", 6, "publisher/suspended");
    let done = ask(&world, "install lab/birch --allow-suspended lab");
    let codes: Vec<_> = done["warnings"].as_array().unwrap().iter().map(|w| &w["code"]).collect();
    assert!(codes.contains(&&json!("publisher/suspended")), "{done:#}");
}

#[test]
fn what_is_installed_of_a_suspended_publisher_stays_and_is_marked() {
    let world = suspended();
    let info = info(&world);
    assert_eq!(info["trust"]["suspended"]["reason"], "the owner asked for it");
    let said = stdout(&world.client("info lab/amber").code(0));
    assert!(said.contains("suspended     by the maintainers, since "), "{said}");
    let found = ask(&world, "search amber");
    assert_eq!(found["plugins"][0]["suspended"], true);
    let listed = ask(&world, "list");
    assert_eq!(listed["plugins"][0]["suspended"], "the owner asked for it");
    let said = stdout(&world.client("list").code(0));
    assert!(said.contains("publisher suspended: the owner asked for it"), "{said}");
    let said = stderr(&world.client("verify").code(0));
    assert!(said.contains("lab/amber: the registry's maintainers suspended"), "{said}");
    // Asking for what is there already changes nothing, and warns.
    let again = ask(&world, "install lab/amber");
    assert_eq!(again["warnings"][0]["code"], "publisher/suspended", "{again:#}");

    say(&world, "reinstate lab");
    world.client("install lab/birch").code(0);
    assert_eq!(super::info(&world)["trust"]["suspended"], json!(null));
    assert_eq!(ask(&world, "list")["plugins"][0]["suspended"], json!(null));
}

#[test]
fn a_release_from_the_time_of_a_suspension_is_not_believed() {
    let world = installed();
    say(&world, "suspend lab");
    world.later(DAY);
    // Whoever has the online keys and the publisher's lists a release that never counted.
    let signed = world.sign(&world.pack(&Plugin::new("amber", "1.1.0")), "lab");
    let statement = world.read(&signed);
    let during = world.thief().blob(&statement, &world.now().to_string());
    world.later(DAY);
    say(&world, "reinstate lab");
    forge(&world, |document| {
        let mut release = document["releases"][0].clone();
        release["version"] = json!("1.1.0");
        release["statement"] = during;
        document["releases"].as_array_mut().unwrap().insert(0, release);
    });
    let error = refused(&world, "install lab/amber@=1.1.0", 3, "publisher/suspended");
    assert!(error["message"].as_str().unwrap().contains("suspended the publisher"), "{error}");
}

#[test]
fn a_suspension_that_was_seen_cannot_be_taken_back_by_the_online_keys() {
    let world = suspended();
    world.client("info lab/amber").code(0);
    forge(&world, |document| {
        drop(document.as_object_mut().unwrap().remove("publisher_status"));
        recut(&world, document);
    });
    refused(&world, "info lab/amber", 3, "index/lost-word");
    refused(&world, "install lab/birch --allow-suspended lab", 3, "index/lost-word");
}

#[test]
fn nobody_but_the_maintainers_verifies_or_suspends_a_publisher() {
    let world = installed();
    say(&world, "verify lab --domain lab.example --how 'a file there names the key'");
    let good = super::document(&world)["publisher_status"][0].clone();
    let text = String::from_utf8(world.read(&blob(&good))).unwrap();
    let (document, _) = text.split_once("-----BEGIN").unwrap();
    world.write("forged.json", document.replace("lab.example", "bank.example"));
    let signed = world.read(&world.sign("forged.json", "lab"));
    let forged = world.thief().blob(&signed, good["accepted"].as_str().unwrap());
    forge(&world, |document| {
        document["publisher_status"] = json!([forged]);
        recut(&world, document);
    });
    refused(&world, "info lab/amber", 3, "signature/unknown-key");
}

#[test]
fn a_level_of_trust_is_shown_with_what_was_checked_until_it_ends() {
    let world = installed();
    let trust = |world: &World| info(world)["trust"].clone();
    assert_eq!(trust(&world)["level"], "registered");
    assert!(trust(&world)["meaning"].as_str().unwrap().contains("was not checked"));
    let until = world.now().plus(30 * DAY);
    let how = "--how 'a file under .well-known names the key'";
    say(&world, &format!("verify lab --domain lab.example {how} --until {until}"));
    let said = trust(&world);
    assert_eq!(said["level"], "verified");
    assert_eq!(said["verification"]["checked"][0]["name"], "lab.example");
    assert_eq!(said["verification"]["until"], until.to_string());
    let text = stdout(&world.client("info lab/amber").code(0));
    assert!(text.contains("trust         verified: the registry's maintainers checked"), "{text}");
    let line = "checked       domain lab.example (a file under .well-known names the key)";
    assert!(text.contains(line), "{text}");
    assert_eq!(ask(&world, "search --trust verified")["total"], 1);
    assert_eq!(ask(&world, "search amber")["plugins"][0]["trust"], "verified");
    assert!(stdout(&world.client("search amber").code(0)).contains("  verified  "));
    world.publish(Plugin::new("birch", "1.0.0"));
    world.release();
    let planned = stderr(&world.client("install lab/birch --dry-run").code(0));
    assert!(planned.contains("publisher lab: verified: the registry's"), "{planned}");
    assert_eq!(ask(&world, "install lab/birch --dry-run")["steps"][1]["trust"], "verified");

    world.later(30 * DAY);
    world.release();
    assert_eq!(trust(&world)["level"], "registered");
    assert_eq!(trust(&world)["verification"]["holds"], false);
    assert_eq!(ask(&world, "search --trust verified")["total"], 0);
    let text = stdout(&world.client("info lab/amber").code(0));
    assert!(text.contains("no longer: it ended on"), "{text}");
}

#[test]
fn only_the_record_of_the_registry_makes_a_publisher_the_hosts_own() {
    let world = installed();
    let said = stdout(&world.tool("record next --index index").code(0));
    let mut record: Value = serde_json::from_str(&said).unwrap();
    record["host"]["publishers"] = json!(["lab"]);
    world.write("next.json", format!("{record:#}\n"));
    world.tool("sign next.json --key keys/maintainer").code(0);
    world.tool("add next.signed --index index").code(0);
    merge(&world);
    assert_eq!(info(&world)["trust"]["level"], "registered");
    let draft = "drafts/targets.json";
    world.tool(&format!("trust draft targets --index index --out {draft}")).code(0);
    world.tool(&format!("trust sign {draft} --index index --keys keys/root")).code(0);
    world.tool(&format!("trust adopt {draft} --index index")).code(0);
    merge(&world);
    world.release();
    let trust = info(&world)["trust"].clone();
    assert_eq!(trust["level"], "core");
    assert!(trust["meaning"].as_str().unwrap().contains("the host application itself"));
    assert_eq!(ask(&world, "search --trust core")["total"], 1);
    assert_eq!(ask(&world, "search amber")["plugins"][0]["trust"], "core");
}

#[test]
fn a_verification_that_is_taken_back_is_shown_no_more() {
    let world = installed();
    say(&world, "verify lab --person 'Ada Lovelace' --how 'met in person'");
    say(&world, "unverify lab");
    assert_eq!(info(&world)["trust"]["level"], "registered");
    assert_eq!(info(&world)["trust"]["verification"], json!(null));
}
