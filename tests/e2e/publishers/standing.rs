//! What maintainers say of publishers: suspended and reinstated, verified for a while.

use super::{blob, document, json, update, void};
use crate::world::{Plugin, World, stderr, stdout};

const BY: &str = "--index index --reason 'nobody answers' --key keys/maintainer";
const DAY: i64 = 24 * 3600;

/// A world with a plugin of `lab`, and two of somebody else that need it.
fn settled() -> World {
    let world = World::new();
    world.join("other");
    world.publish(Plugin::new("amber", "1.0.0"));
    world.publish(Plugin::new("other/birch", "1.0.0").needs("amber", "^1"));
    world.publish(Plugin::new("other/cedar", "1.0.0").needs("other/birch", "*"));
    world
}

fn say(world: &World, what: &str) -> String {
    let said = stdout(&world.tool(&format!("moderate {what} {BY}")).code(0));
    world.accept("Moderate");
    said
}

#[test]
fn nothing_that_a_suspended_publisher_signs_counts_until_it_is_reinstated() {
    let world = settled();
    assert_eq!(say(&world, "suspend lab --yes"), "publishers/la/lab/status/1.signed\n");

    // What is proposed meanwhile is refused, in the work tree and as a pull request.
    world.propose(Plugin::new("amber", "1.1.0"));
    world.assert_refused(&["publisher/suspended"]);
    let report = world.judge(&world.pull_request());
    assert_eq!(report.codes(), ["publisher/suspended"], "{report:#?}");
    let yank = "yank lab/amber 1.0.0 --index index --reason bad --key keys/lab";
    assert!(stderr(&world.tool(yank).code(1)).contains("publisher/suspended"));
    // What is merged all the same is void, also after the suspension.
    world.commit("Merge it all the same");
    world.later(DAY);
    assert_eq!(say(&world, "reinstate lab"), "publishers/la/lab/status/2.signed\n");
    let void = void(&world);
    assert_eq!(void.len(), 1, "{void:?}");
    assert!(void[0].0.ends_with("amber/1.1.0.signed") && void[0].1 == "publisher/suspended");

    world.publish(Plugin::new("amber", "1.2.0"));
    super::void(&world);
    let document = document(&world, "lab/amber");
    let releases = document["releases"].as_array().unwrap().iter();
    let versions: Vec<_> = releases.map(|release| &release["version"]).collect();
    assert_eq!(versions, ["1.2.0", "1.0.0"]);
}

#[test]
fn the_keys_of_a_suspended_publisher_can_be_changed() {
    let world = settled();
    say(&world, "suspend lab --yes");
    update(&world, "--title 'Lab, with other people' --key keys/lab");
    world.accept("Say who it is");
    assert_eq!(void(&world), []);
}

#[test]
fn what_breaks_is_named_before_a_publisher_is_suspended() {
    let world = settled();
    let before = world.listing("index");
    let said = stderr(&world.tool(&format!("moderate suspend lab {BY}")).code(2));
    assert!(said.contains("breaks: other/birch 1.0.0, which needs lab/amber"), "{said}");
    assert!(said.contains("breaks: other/cedar 1.0.0, which needs other/birch"), "{said}");
    assert!(said.contains("hint: say --yes to suspend it all the same"), "{said}");
    world.assert_unchanged("index", &before);
    let said = json(&world, &format!("moderate suspend lab {BY} --yes --json"));
    assert_eq!(said["breaks"].as_array().unwrap().len(), 2);
    assert_eq!(said["schema"], "registry-tool.moderate-suspend/1");
}

#[test]
fn only_moderators_speak_of_a_publisher_and_never_in_vain() {
    let world = settled();
    let before = world.listing("index");
    let refused = |what: &str, code: i32, why: &str| {
        let said = stderr(&world.tool(&format!("moderate {what}")).code(code));
        assert!(said.contains(why), "{said}");
        world.assert_unchanged("index", &before);
    };
    let by_lab = BY.replace("maintainer", "lab");
    refused(&format!("suspend other --yes {by_lab}"), 1, "signature/unknown-key");
    refused(&format!("suspend nobody --yes {BY}"), 2, "there is no publisher `nobody`");
    refused(&format!("reinstate lab {BY}"), 2, "`lab` is not suspended");
    refused(&format!("unverify lab {BY}"), 2, "`lab` was not verified");
    let verify = format!("verify lab --domain lab.example --how asked {BY}");
    let late = format!("{verify} --until 2099-01-01T00:00:00Z");
    refused(&late, 1, "publisher-status/until");
    refused(&format!("{verify} --until 2020-01-01T00:00:00Z"), 1, "publisher-status/until");
    refused(&format!("verify lab --how asked {BY}"), 2, "--person");
    say(&world, "suspend lab --yes");
    let said = stderr(&world.tool(&format!("moderate suspend lab --yes {BY}")).code(2));
    assert!(said.contains("`lab` is suspended already"), "{said}");
}

#[test]
fn a_statement_about_a_publisher_past_all_commands_is_refused_all_the_same() {
    let world = settled();
    world.tool(&format!("moderate suspend lab --yes {BY}")).code(0);
    let place = "index/publishers/la/lab/status/1.signed";
    let text = String::from_utf8(world.read(place)).unwrap();
    let (document, _) = text.split_once("-----BEGIN").unwrap();
    let forge = |document: String, who: &str, to: &str| {
        world.write("forged.json", document);
        let signed = world.sign("forged.json", who);
        std::fs::rename(world.path(signed), world.path(to)).unwrap();
    };
    forge(document.to_owned(), "lab", place);
    world.assert_refused(&["signature/unknown-key"]);
    forge(document.replace("\"demo\"", "\"another\""), "maintainer", place);
    world.assert_refused(&["identity/other-registry"]);
    forge(document.replace("\"lab\"", "\"other\""), "maintainer", place);
    world.assert_refused(&["shape/misplaced"]);
    forge(document.replace("suspend", "verify"), "maintainer", place);
    world.assert_refused(&["publisher-status/verify-only"]);
    std::fs::remove_file(world.path(place)).unwrap();
    let gap = place.replace("1.signed", "2.signed");
    std::fs::create_dir_all(world.path(&gap).parent().unwrap()).unwrap();
    forge(document.replace("\"serial\": 1", "\"serial\": 2"), "maintainer", &gap);
    world.assert_refused(&["publisher-status/serial-gap"]);
    // A publisher's own statements do not come together with it.
    std::fs::remove_file(world.path(&gap)).unwrap();
    forge(document.to_owned(), "maintainer", place);
    world.propose(Plugin::new("other/dogwood", "1.0.0"));
    let report = world.judge(&world.pull_request());
    assert!(report.codes().contains(&"shape/mixed"), "{report:#?}");
}

#[test]
fn two_moderators_sign_where_the_registry_asks_for_two() {
    let world = settled();
    super::maintainers::add_second(&world, &["moderate"], ("moderate", 2));
    let said = stderr(&world.tool(&format!("moderate suspend lab --yes {BY}")).code(0));
    assert!(said.contains("more maintainers with the role `moderate` have to sign"), "{said}");
    world.assert_refused(&["signature/below-threshold"]);
    world.tool("sign index/publishers/la/lab/status/1.signed --key keys/second").code(0);
    world.accept("Suspend");
    assert_eq!(void(&world), []);
}

#[test]
fn publishers_of_the_host_application_are_listed_in_the_record_of_the_registry() {
    let world = settled();
    let change = |record: &mut serde_json::Value| {
        record["host"]["publishers"] = serde_json::json!(["lab"]);
    };
    super::maintainers::next(&world, change, &["maintainer"]);
    world.accept("List publishers of the host");
    assert_eq!(void(&world), []);
    assert_eq!(entry(&world)["core"], true);
}

#[test]
fn a_verification_is_published_with_the_chain_and_replaced_by_a_later_one() {
    let world = settled();
    let how = "--how 'a file under .well-known names the key'";
    let until = world.now().plus(365 * DAY).to_string();
    say(&world, &format!("verify lab --domain lab.example --person 'Lab Ltd' {how}"));
    assert_eq!(void(&world), []);
    let document = document(&world, "lab/amber");
    let status = document["publisher_status"].as_array().unwrap();
    assert_eq!(status.len(), 1);
    assert!(world.path(blob(&status[0])).exists());
    let entry = entry(&world);
    assert_eq!(entry["verified_until"], until);
    assert!(entry.get("suspended").is_none() && entry.get("core").is_none());
    say(&world, "unverify lab");
    assert_eq!(void(&world), []);
    assert!(self::entry(&world).get("verified_until").is_none());
}

/// Returns the line of `lab/amber` in the catalogue.
fn entry(world: &World) -> serde_json::Value {
    let catalog: serde_json::Value =
        serde_json::from_slice(&world.read("public/api/v1/catalog.json")).unwrap();
    let mut entries = catalog["plugins"].as_array().unwrap().iter();
    entries.find(|entry| entry["id"] == "lab/amber").unwrap().clone()
}
