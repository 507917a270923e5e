//! Other keys, and other numbers of them.

use super::{
    OPEN, approve_and_accept, blob, document, fingerprint, forge, json, record, release, rotate,
    try_release, update, void,
};
use crate::world::{Plugin, World, stderr};

#[test]
fn a_new_key_releases_when_72_hours_have_passed_and_the_old_one_until_then() {
    let world = World::new();
    release(&world, "1.0.0", "lab");
    rotate(&world);
    assert_eq!(try_release(&world, "1.1.0", "new"), ["signature/unknown-key"]);
    release(&world, "1.0.1", "lab");
    world.later(OPEN - 180);
    assert_eq!(try_release(&world, "1.1.0", "new"), ["signature/unknown-key"]);
    release(&world, "1.0.2", "lab");
    world.later(180);
    release(&world, "1.1.0", "new");
    assert_eq!(try_release(&world, "1.1.1", "lab"), ["signature/retired-key"]);
    assert_eq!(void(&world), []);
    let document = document(&world, "lab/amber");
    assert_eq!(document["releases"].as_array().unwrap().len(), 4);
    assert_eq!(document["publisher_chain"].as_array().unwrap().len(), 2);
}

#[test]
fn the_statements_of_a_chain_lie_in_one_file_that_its_links_cut() {
    let world = World::new();
    release(&world, "1.0.0", "lab");
    rotate(&world);
    assert_eq!(void(&world), []);
    let document = document(&world, "lab/amber");
    let whole = world.read(&blob(&document["publisher_statements"]));
    let mut parts = Vec::new();
    for link in document["publisher_chain"].as_array().unwrap() {
        for name in ["record", "approval", "handover", "objection"] {
            parts.extend(link.get(name).into_iter().flat_map(|part| world.read(&blob(part))));
        }
    }
    assert_eq!(whole, parts);
    let record = world.read("index/publishers/la/lab/2.signed");
    assert!(whole.windows(record.len()).any(|part| part == record));
}

#[test]
fn a_title_changes_at_once_and_without_a_maintainer() {
    let world = World::new();
    release(&world, "1.0.0", "lab");
    let said = update(&world, "--title 'The Lab' --homepage https://lab.example --key keys/lab");
    assert_eq!(said["waits"]["objections"], false);
    assert_eq!(said["changes"], serde_json::json!([]));
    world.accept("Change the title");
    assert_eq!(void(&world), []);
    assert_eq!(document(&world, "lab/amber")["publisher_title"], "The Lab");
    release(&world, "1.0.1", "lab");
}

#[test]
fn a_new_key_that_does_not_sign_is_waited_for() {
    let world = World::new();
    world.key("new");
    let said = update(&world, "--add-cert keys/new.pub --key keys/lab");
    assert_eq!(said["waits"]["signatures"]["new"][0], fingerprint(&world, "new").as_str());
    world.assert_refused(&["publisher/no-possession"]);
    world.tool("sign index/publishers/la/lab/2.signed --key keys/new").code(0);
    approve_and_accept(&world, &["publisher/keys-changed"]);
}

/// A publisher of three people, two of whom have to sign.
fn board() -> World {
    let world = World::founded("demo");
    for name in ["lab", "ben", "cat"] {
        world.key(name);
    }
    let certificates = "--cert keys/lab.pub --cert keys/ben.pub --cert keys/cat.pub";
    let keys = "--key keys/lab --key keys/ben --key keys/cat";
    world.join_with("lab", &format!("{certificates} {keys} --threshold 2"));
    world
}

#[test]
fn two_of_three_sign_a_record_on_different_machines() {
    let world = board();
    let said = update(&world, "--title 'The Board' --key keys/ben");
    assert_eq!(said["waits"]["signatures"]["more"], 1);
    world.assert_refused(&["signature/below-threshold"]);
    world.tool("sign index/publishers/la/lab/2.signed --key keys/ben").code(0);
    world.assert_refused(&["signature/below-threshold"]);
    world.tool("sign index/publishers/la/lab/2.signed --key keys/cat").code(0);
    world.accept("Change the title");
    assert_eq!(record(&world, 2).title.as_str(), "The Board");
}

#[test]
fn another_threshold_is_a_change_of_keys() {
    let world = board();
    update(&world, "--threshold 1 --key keys/lab --key keys/cat");
    approve_and_accept(&world, &["publisher/keys-changed"]);
    assert_eq!(try_release(&world, "1.0.0", "lab"), ["signature/below-threshold"]);
    world.later(OPEN);
    release(&world, "1.0.0", "lab");
}

#[test]
fn a_change_of_keys_is_shown_with_what_is_open_until_when() {
    let world = World::new();
    rotate(&world);
    let shown = json(&world, "publisher show lab --index index --json");
    assert_eq!(shown["records"][0]["is"], "counts");
    assert_eq!(shown["records"][1]["is"], "open to objection");
    assert_eq!(shown["records"][1]["open_until"], "2026-06-04T12:02:00Z");
    assert_eq!(shown["keys"][0]["state"], "retired");
    world.later(OPEN);
    let shown = json(&world, "publisher show lab --index index --json");
    assert_eq!(shown["records"][1]["is"], "counts");
    assert!(shown["records"][1]["open_until"].is_null());
}

#[test]
fn the_review_of_a_change_says_in_words_what_changes() {
    let world = World::new();
    world.key("new");
    let (old, new) = (fingerprint(&world, "lab"), fingerprint(&world, "new"));
    let keys = "--key keys/lab --key keys/new --threshold 1";
    update(&world, &format!("--add-cert keys/new.pub --retire {old} {keys}"));
    let report = world.check();
    let expected = format!(
        "`lab` changes its keys: {old} retires, {new} comes; it counts 72 hours after its acceptance, unless a key that signs until then objects"
    );
    assert_eq!(report.findings[0].message, expected);
}

/// Runs an update that has to be refused before anything is written.
#[track_caller]
fn refused(world: &World, options: &str, code: i32, why: &str) {
    let before = world.listing("index");
    let said = world.tool(&format!("publisher update lab --index index {options}")).code(code);
    assert!(stderr(&said).contains(why), "{}", stderr(&said));
    world.assert_unchanged("index", &before);
}

#[test]
fn what_the_chain_would_refuse_is_refused_before_anything_is_written() {
    let world = World::new();
    world.key("eve");
    let old = fingerprint(&world, "lab");
    refused(&world, "--title lab --key keys/lab", 2, "nothing of `lab` would change");
    refused(&world, "--title Lab --key keys/eve", 1, "signature/unknown-key");
    refused(&world, "--title Lab --key keys/maintainer", 1, "signature/unknown-key");
    refused(&world, &format!("--retire {old} --key keys/lab"), 2, "`threshold`: expected 1 to 0");
    refused(&world, "--threshold 2 --key keys/lab", 2, "`threshold`: expected 1 to 1");
    let stranger = fingerprint(&world, "eve");
    refused(&world, &format!("--retire {stranger} --key keys/lab"), 2, "is not a key of");
    let ahead = format!(
        "--add-cert keys/eve.pub --compromised {old} --since 2027-01-01T00:00:00Z --key keys/lab --key keys/eve"
    );
    refused(&world, &ahead, 1, "publisher/since");
    rotate(&world);
    refused(&world, "--title Lab --key keys/new", 1, "publisher/open");
    world.later(OPEN);
    refused(&world, "--title Lab --key keys/lab", 1, "signature/not-entitled");
    let back = format!(
        "--compromised {old} --since 2026-06-01T12:00:00Z --since 2026-06-01T12:00:01Z --key keys/new"
    );
    refused(&world, &back, 2, "give --since once for each --compromised");
}

#[test]
fn a_record_past_all_commands_is_refused_all_the_same() {
    let world = World::new();
    rotate(&world);
    world.later(OPEN);
    let now = record(&world, 2);
    let mut lost = now.clone();
    lost.serial = 3;
    let kept = lost.certificates.iter().skip(1).cloned().collect();
    lost.certificates = index_schema::text::List::new(kept).unwrap();
    forge(&world, &lost, &["new"]);
    world.assert_refused(&["publisher/lost-key"]);
    std::fs::remove_file(world.path("index/publishers/la/lab/3.signed")).unwrap();

    let back = index_schema::publisher::Publisher { serial: 3, ..record(&world, 1) };
    forge(&world, &back, &["lab"]);
    let report = world.check();
    assert!(report.codes().contains(&"publisher/state-back"), "{report:#?}");
    assert_eq!(report.verdict, "refused");
    std::fs::remove_file(world.path("index/publishers/la/lab/3.signed")).unwrap();

    let gap = index_schema::publisher::Publisher { serial: 5, ..now };
    forge(&world, &gap, &["new"]);
    world.assert_refused(&["publisher/serial-gap"]);
}

#[test]
fn a_chain_goes_on_after_a_void_record_which_keeps_its_place() {
    let world = World::new();
    release(&world, "1.0.0", "lab");
    world.key("eve");
    let forged = index_schema::publisher::Publisher { serial: 2, ..record(&world, 1) };
    forge(&world, &forged, &["eve"]);
    world.commit("Merge what should not have been merged");
    assert_eq!(
        void(&world),
        [("publishers/la/lab/2.signed".to_owned(), "signature/unknown-key".to_owned())]
    );
    let said = update(&world, "--title 'The Lab' --key keys/lab");
    assert_eq!(said["serial"], 3);
    world.accept("Change the title");
    void(&world);
    let document = document(&world, "lab/amber");
    assert_eq!(document["publisher_title"], "The Lab");
    assert_eq!(document["publisher_chain"].as_array().unwrap().len(), 2);
}

#[test]
fn a_record_that_comes_later_does_not_take_the_place_of_one_that_counts() {
    let world = World::new();
    release(&world, "0.1.0", "lab");
    world.key("new");
    let old = fingerprint(&world, "lab");
    let first = record(&world, 1);
    update(
        &world,
        &format!("--add-cert keys/new.pub --retire {old} --key keys/lab --key keys/new"),
    );
    let third = index_schema::publisher::Publisher { serial: 3, ..record(&world, 2) };
    std::fs::remove_file(world.path("index/publishers/la/lab/2.signed")).unwrap();
    forge(&world, &third, &["lab", "new"]);
    world.commit("Merge a record behind a gap");
    world.later(OPEN);
    // Whoever has the retired key now fills the gap.
    let title = index_schema::text::Line::parse("Stolen").unwrap();
    let filled = index_schema::publisher::Publisher { serial: 2, title, ..first };
    forge(&world, &filled, &["lab"]);
    let report = world.check();
    assert_eq!(report.verdict, "refused", "{report:#?}");
    assert_eq!(report.codes(), ["chain/not-next"]);
    world.commit("Merge what should not have been merged");
    assert_eq!(
        void(&world),
        [("publishers/la/lab/2.signed".to_owned(), "chain/not-next".to_owned())]
    );
    release(&world, "1.0.0", "new");
}

#[test]
fn a_release_since_a_key_is_compromised_is_gone_for_ever() {
    let world = World::new();
    release(&world, "1.0.0", "lab");
    let stolen_at = world.now();
    release(&world, "1.0.1", "lab");
    world.key("new");
    let old = fingerprint(&world, "lab");
    let keys = "--key keys/lab --key keys/new";
    update(
        &world,
        &format!("--add-cert keys/new.pub --compromised {old} --since {stolen_at} {keys}"),
    );
    let report = world.check();
    let expected = ["publisher/keys-changed", "publisher/since-past", "publisher/voids-releases"];
    assert_eq!(report.codes(), expected, "{report:#?}");
    assert_eq!(report.findings[2].message, "nobody gets any more: lab/amber 1.0.1");
    world.approve(&report.findings[..2]);
    let report = world.check();
    assert_eq!(report.verdict, "accepted");
    assert_eq!(report.codes(), ["publisher/voids-releases"]);
    world.commit("Change keys");
    let path = "plugins/la/lab/am/amber/1.0.1.signed".to_owned();
    assert_eq!(void(&world), [(path, "signature/compromised-key".to_owned())]);
    let document = document(&world, "lab/amber");
    assert_eq!(document["releases"].as_array().unwrap().len(), 1);
    assert_eq!(document["gone"][0]["version"], "1.0.1");
    assert!(document["gone"][0].get("removal").is_none());
    assert!(world.path(blob(&document["gone"][0]["statement"])).exists());
    // The thief cannot go on, not even within the 72 hours.
    assert_eq!(try_release(&world, "1.0.2", "lab"), ["signature/compromised-key"]);
    world.later(OPEN);
    // The version stays taken; its series goes on.
    let signed = world.sign(&world.pack(&Plugin::new("amber", "1.0.1+again")), "new");
    let added = world.add(&signed);
    world.assert_refused(&["version/duplicate"]);
    std::fs::remove_file(world.path("index").join(added)).unwrap();
    release(&world, "1.0.2", "new");
}

#[test]
fn the_past_is_not_rewritten_without_the_maintainers() {
    let world = World::new();
    let then = world.now();
    release(&world, "1.0.0", "lab");
    world.key("new");
    let old = fingerprint(&world, "lab");
    let keys = "--key keys/lab --key keys/new";
    update(&world, &format!("--add-cert keys/new.pub --compromised {old} --since {then} {keys}"));
    assert_eq!(world.check().verdict, "review");
    world.commit("Merge without approval");
    assert_eq!(
        void(&world),
        [("publishers/la/lab/2.signed".to_owned(), "publisher/since-past".to_owned())]
    );
    assert_eq!(document(&world, "lab/amber")["releases"].as_array().unwrap().len(), 1);
    release(&world, "1.0.1", "lab");
}
