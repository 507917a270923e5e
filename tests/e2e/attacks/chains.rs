//! Keys that a publisher has put away, and keys that it has not chosen.

use index_schema::time::{DAY, Timestamp};
use libral::openpgp::Certificate;
use serde_json::Value;

use super::{fails, forget_cache, newcomer, refused_unseen, released, without_metadata};
use crate::world::{Plugin, World};

const INSTALL: &str = "install lab/amber";
const PATH: &str = "index/plugins/la/lab/am/amber/1.2.0.signed";

/// For so long a change of keys is open to objection.
const OPEN: i64 = 3 * DAY;

pub(super) fn fingerprint(world: &World, key: &str) -> String {
    let certificate = Certificate::parse(&world.read(&format!("keys/{key}.pub"))).unwrap();
    certificate.fingerprint().to_string()
}

/// Merges a second record of `lab`, which puts the first key away and lists `new`; then lets the
/// time for objections pass, and releases.
fn put_away(world: &World, how: &str) {
    world.key("new");
    let old = fingerprint(world, "lab");
    let keys = "--add-cert keys/new.pub --key keys/lab --key keys/new";
    world.tool(&format!("publisher update lab --index index {how} {old} {keys}")).code(0);
    let report = world.check();
    world.approve(&report.findings);
    world.accept("Follow the publisher");
    world.later(OPEN);
    world.release();
}

/// Proposes a release that the first key has signed, to the validator and, through the online
/// keys, to a client that has not seen the plugin.
#[track_caller]
fn first_key_is_refused(world: &World, code: &str) {
    let signed = world.sign(&world.pack(&Plugin::new("amber", "1.2.0")), "lab");
    world.add(&signed);
    world.assert_refused(&[code]);
    std::fs::remove_file(world.path(PATH)).unwrap();

    world.trust();
    world.client("install ada/beacon --grant network").code(0);
    forget_cache(world);
    name(world, "packed/lab-amber-1.1.0/1.1.0.json", world.now());
    refused_unseen(world, INSTALL, code);
}

/// Has the first key sign a manifest anew, and a document name that as accepted at some time.
fn name(world: &World, manifest: &str, accepted: Timestamp) {
    world.write("again.json", world.read(manifest));
    let statement = world.read(&world.sign("again.json", "lab"));
    let thief = world.thief();
    let reference = thief.blob(&statement, &accepted.to_string());
    thief.document("lab/amber", |document| document["releases"][0]["statement"] = reference);
}

#[test]
fn a_retired_key_signs_no_more() {
    let world = released();
    put_away(&world, "--retire");
    // What it signed in its time is as good as ever.
    let client = newcomer();
    client.client(INSTALL).code(0);
    first_key_is_refused(&world, "signature/retired-key");
}

#[test]
fn a_compromised_key_signs_no_more() {
    let world = released();
    put_away(&world, "--compromised");
    first_key_is_refused(&world, "signature/compromised-key");
}

#[test]
fn a_record_that_puts_a_key_away_is_not_hidden_from_who_has_seen_it() {
    let world = released();
    let before = world.thief().read_target("plugins/lab/amber.json");
    put_away(&world, "--retire");
    world.trust();
    world.client("install lab/word-count --grant fs.read").code(0);
    forget_cache(&world);
    world.thief().target("plugins/lab/amber.json", format!("{before}\n").as_bytes());
    refused_unseen(&world, INSTALL, "chain/lost-record");
}

#[test]
fn a_hand_over_is_not_followed_without_asking() {
    let world = newcomer();
    world.key("new");
    let old = fingerprint(&world, "lab");
    let keys = format!("--add-cert keys/new.pub --retire {old} --key keys/new");
    world.tool(&format!("publisher update lab --index index {keys}")).code(0);
    let record = "--record index/publishers/la/lab/2.signed --key keys/maintainer";
    world.tool(&format!("moderate handover lab --index index {record} --reason 'lost'")).code(0);
    let report = world.check();
    if report.verdict == "review" {
        world.approve(&report.findings);
    }
    world.accept("Hand the publisher over");
    world.release();
    let state = |world: &World| {
        let mut state = without_metadata(&world.home());
        let seen = state.remove("trust/demo/seen.json").unwrap();
        let seen: Value = serde_json::from_str(&seen.replace("\\\"", "\"")).unwrap();
        (state, seen["publishers"]["lab"].clone())
    };
    let before = state(&world);
    fails(&world, INSTALL, 6, "chain/handover");
    fails(&world, &format!("{INSTALL} --yes"), 6, "chain/handover");
    fails(&world, &format!("{INSTALL} --accept-handover ada"), 6, "chain/handover");
    assert_eq!(before, state(&world));
    world.client(&format!("{INSTALL} --accept-handover lab")).code(0);
}
