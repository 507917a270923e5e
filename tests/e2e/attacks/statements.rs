//! Statements that were swapped, replayed, stripped or stuffed: for the validator, and for a client
//! to whom whoever stole the online keys shows them.

use index_schema::digest::Sha256Digest;
use serde_json::{Value, json};

use super::{newcomer, published, refused, refused_but_for_metadata, refused_unseen, victim};
use crate::world::{Plugin, World};

const INSTALL: &str = "install lab/amber";

/// Returns where the statement of `lab/amber` 1.1.0 is published.
fn statement(world: &World) -> String {
    let digest = Sha256Digest::of(&world.read("packed/lab-amber-1.1.0/1.1.0.signed")).to_string();
    published(world, "blobs/", &digest, "")
}

/// Has the document of a plugin name another statement for its newest release.
fn name_statement(world: &World, plugin: &str, bytes: &[u8]) {
    let thief = world.thief();
    let accepted = thief.read_target(&format!("plugins/{plugin}.json"));
    let accepted = accepted["releases"][0]["statement"]["accepted"].as_str().unwrap().to_owned();
    let statement = thief.blob(bytes, &accepted);
    thief.document(plugin, |document| document["releases"][0]["statement"] = statement);
}

#[test]
fn a_changed_statement_is_refused() {
    let world = victim();
    let path = statement(&world);
    let good = world.read(&path);
    let text = String::from_utf8(good.clone()).unwrap();
    world.write(&path, text.replace("Says its name", "Says its fame"));
    refused(&world, INSTALL, "index/swapped-statement");
    world.write(&path, &good[..good.len() - 1]);
    refused(&world, INSTALL, "index/swapped-statement");
    std::fs::remove_file(world.path(&path)).unwrap();
    refused(&world, INSTALL, "index/missing-statement");
}

#[test]
fn a_swapped_statement_is_refused() {
    let world = victim();
    for other in ["lab-amber-1.0.0/1.0.0", "lab-text-kit-1.1.0/1.1.0", "ada-beacon-1.0.0/1.0.0"] {
        let mut other = world.read(&format!("packed/{other}.signed"));
        let length = world.read("packed/lab-amber-1.1.0/1.1.0.signed").len();
        // Of the same length, so that it is the digest that tells.
        other.resize(length, b'\n');
        world.write(&statement(&world), other);
        refused(&world, INSTALL, "index/swapped-statement");
    }
}

#[test]
fn a_statement_that_was_seen_is_not_swapped_whoever_signed_it() {
    let world = victim();
    name_statement(&world, "lab/amber", &world.read("packed/lab-amber-1.0.0/1.0.0.signed"));
    refused_but_for_metadata(&world, INSTALL, "index/other-statement");
}

#[test]
fn a_statement_is_not_replayed_for_another_id_or_version() {
    let world = newcomer();
    for (other, code) in [
        ("lab-amber-1.0.0/1.0.0", "index/contradicts-manifest"),
        ("lab-text-kit-1.1.0/1.1.0", "index/contradicts-manifest"),
        ("ada-beacon-1.0.0/1.0.0", "identity/other-publisher"),
    ] {
        name_statement(&world, "lab/amber", &world.read(&format!("packed/{other}.signed")));
        refused_unseen(&world, INSTALL, code);
    }
}

#[test]
fn a_statement_is_not_replayed_for_another_registry() {
    let world = newcomer();
    let plugin = Plugin::new("amber", "1.1.0").field("registry", "other".into());
    let signed = world.sign(&world.pack(&plugin), "lab");
    name_statement(&world, "lab/amber", &world.read(&signed));
    refused_unseen(&world, INSTALL, "identity/other-registry");
}

#[test]
fn a_statement_is_not_replayed_as_one_of_another_type() {
    let world = newcomer();
    for other in ["index/publishers/la/lab/1.signed", "yank.signed", "index/registry/1.signed"] {
        name_statement(&world, "lab/amber", &world.read(other));
        let code = match other {
            // What does not fit under the ceiling of a release is not even fetched.
            _ if world.read(other).len() > 72 << 10 => "index/swapped-statement",
            _ => "statement/wrong-type",
        };
        refused_unseen(&world, INSTALL, code);
    }
}

#[test]
fn a_status_statement_is_not_replayed_for_another_plugin() {
    let world = victim();
    let yank = json!({ "reason": "It forgets words.", "harmful": true });
    let thief = world.thief();
    let status = thief.read_target("plugins/lab/text-kit.json")["status"].clone();
    thief.document("lab/amber", |document| {
        document["status"] = status;
        document["releases"][1]["yanked"] = yank;
    });
    let before = super::without_metadata(&world.home());
    super::fails(&world, INSTALL, 3, "index/contradicts-status");
    // That this client has seen a status of `lab/amber` is what it remembers.
    let mut after = super::without_metadata(&world.home());
    let seen = "trust/demo/seen.json".to_owned();
    after.insert(seen.clone(), before[&seen].clone());
    assert_eq!(before, after);
}

/// Splits a statement into what was signed and the signature.
fn halves(statement: &[u8]) -> (String, String) {
    let text = String::from_utf8(statement.to_vec()).unwrap();
    let (document, signature) = text.split_once("-----BEGIN").unwrap();
    (document.to_owned(), format!("-----BEGIN{signature}"))
}

#[test]
fn a_stripped_signature_is_refused() {
    let world = newcomer();
    let (document, signature) = halves(&world.read("packed/lab-amber-1.1.0/1.1.0.signed"));
    let empty = "-----BEGIN PGP SIGNATURE-----\n\n-----END PGP SIGNATURE-----\n";
    for (statement, code) in [
        (document.clone(), "signature/missing"),
        (format!("{document}{empty}"), "signature/garbage"),
        (format!("{document}{signature}{empty}"), "signature/garbage"),
        (signature, "statement/no-newline"),
    ] {
        name_statement(&world, "lab/amber", statement.as_bytes());
        refused_unseen(&world, INSTALL, code);
    }
}

#[test]
fn a_signature_of_another_statement_is_refused() {
    let world = newcomer();
    let (document, _) = halves(&world.read("packed/lab-amber-1.1.0/1.1.0.signed"));
    let (_, other) = halves(&world.read("packed/lab-amber-1.0.0/1.0.0.signed"));
    name_statement(&world, "lab/amber", format!("{document}{other}").as_bytes());
    refused_unseen(&world, INSTALL, "signature/wrong");
}

#[test]
fn a_signature_by_somebody_else_is_refused_alone_and_beside_a_good_one() {
    let world = newcomer();
    world.key("stranger");
    for who in ["ada", "maintainer", "stranger"] {
        let good = world.read("packed/lab-amber-1.1.0/1.1.0.signed");
        world.write("both.signed", &good);
        world.sign("both.signed", who);
        name_statement(&world, "lab/amber", &world.read("both.signed"));
        refused_unseen(&world, INSTALL, "signature/unknown-key");
        world.write("alone.json", halves(&good).0);
        world.sign("alone.json", who);
        name_statement(&world, "lab/amber", &world.read("alone.signed"));
        refused_unseen(&world, INSTALL, "signature/unknown-key");
    }
}

#[test]
fn signatures_beyond_the_ceilings_are_not_even_looked_at() {
    let world = newcomer();
    let (document, signature) = halves(&world.read("packed/lab-amber-1.1.0/1.1.0.signed"));
    for (count, code) in [(17, "signature/too-many"), (40, "signature/too-long")] {
        let stuffed = format!("{document}{}", signature.repeat(count));
        name_statement(&world, "lab/amber", stuffed.as_bytes());
        refused_unseen(&world, INSTALL, code);
    }
    // Thousands of them are not even fetched.
    let stuffed = format!("{document}{}", signature.repeat(2_000));
    name_statement(&world, "lab/amber", stuffed.as_bytes());
    let start = std::time::Instant::now();
    refused_unseen(&world, INSTALL, "index/swapped-statement");
    assert!(start.elapsed().as_secs() < 10, "two refusals took {:?}", start.elapsed());
}

#[test]
fn one_key_that_signs_twice_counts_once() {
    let world = super::released();
    world.key("second");
    world.key("eve");
    let keys = "--cert keys/eve.pub --key keys/eve --cert keys/second.pub --key keys/second";
    world.tool(&format!("publisher new eve --index index {keys} --threshold 2")).code(0);
    let report = world.check();
    world.approve(&report.findings);
    world.accept("Let Eve in");
    let once = world.sign(&world.pack(&Plugin::new("eve/trap", "1.0.0")), "eve");
    world.add(&world.sign(&once, "eve"));
    let twice = world.read(&once);
    world.assert_refused(&["signature/below-threshold"]);

    // Signed by both, it is released; then the online keys show what one has signed.
    std::fs::remove_file(world.path("index/plugins/ev/eve/tr/trap/1.0.0.signed")).unwrap();
    let both = world.sign(&world.pack(&Plugin::new("eve/trap", "1.0.0")), "eve");
    world.add(&world.sign(&both, "second"));
    world.accept("Publish what both have signed");
    world.release();
    world.trust();
    world.client("install lab/word-count --grant fs.read").code(0);
    super::forget_cache(&world);
    name_statement(&world, "eve/trap", &twice);
    world.thief().document("eve/trap", |document| {
        document["releases"][0]["signers"].as_array_mut().unwrap().truncate(1);
    });
    refused_unseen(&world, "install eve/trap", "signature/below-threshold");
}

#[test]
fn a_member_that_stands_twice_is_refused_whoever_signed_it() {
    let world = newcomer();
    let path = "packed/lab-amber-1.1.0/1.1.0.json";
    let text = String::from_utf8(world.read(path)).unwrap();
    for twice in [
        text.replacen("\"summary\"", "\"summary\": \"Says more\",\n  \"summary\"", 1),
        text.replacen("\"summary\"", "\"s\\u0075mmary\": \"Says more\",\n  \"summary\"", 1),
    ] {
        assert_ne!(twice, text);
        world.write("twice.json", &twice);
        world.sign("twice.json", "lab");
        name_statement(&world, "lab/amber", &world.read("twice.signed"));
        refused_unseen(&world, INSTALL, "json/duplicate-member");
        world.write("index/plugins/la/lab/am/amber/1.2.0.signed", world.read("twice.signed"));
        world.assert_refused(&["json/duplicate-member"]);
    }
}

#[test]
fn a_member_that_stands_twice_in_signed_metadata_or_documents_is_refused() {
    let world = victim();
    let thief = world.thief();
    let good = thief.read_target("plugins/lab/amber.json");
    let twice = good.to_string().replacen("\"title\"", "\"title\":\"Another\",\"title\"", 1);
    thief.target("plugins/lab/amber.json", twice.as_bytes());
    refused_but_for_metadata(&world, INSTALL, "json/duplicate-member");
    let signed = String::from_utf8(world.read("public/metadata/timestamp.json")).unwrap();
    let twice = signed.replacen("\"version\"", "\"version\":9,\"version\"", 1);
    world.write("public/metadata/timestamp.json", twice);
    refused(&world, INSTALL, "tuf/malformed");
}

#[test]
fn an_id_in_other_case_or_letters_is_none() {
    let world = newcomer();
    for id in ["Lab/amber", "lab/Amber", "lab/аmber", "lab/amber-"] {
        let plugin = Plugin::new("amber", "1.1.0");
        world.pack(&plugin);
        let mut manifest: Value =
            serde_json::from_slice(&world.read("packed/lab-amber-1.1.0/1.1.0.json")).unwrap();
        manifest["id"] = id.into();
        world.write("other.json", format!("{manifest:#}\n"));
        world.sign("other.json", "lab");
        name_statement(&world, "lab/amber", &world.read("other.signed"));
        refused_unseen(&world, INSTALL, "name/plugin-id");
        std::fs::remove_file(world.path("other.signed")).unwrap();
    }
}

#[test]
fn a_look_alike_name_waits_for_a_maintainer() {
    let world = super::released();
    let before = world.listing("public");
    world.propose(Plugin::new("ada/arnber", "1.0.0"));
    let report = world.check();
    assert_eq!((report.verdict.as_str(), report.codes()), ("review", vec!["name/look-alike"]));
    world.assert_unchanged("public", &before);
}
