//! Whoever has the online keys can sign another index than the commit makes: it is found.

use std::collections::BTreeMap;

use index_schema::digest::Sha256Digest;
use index_schema::tuf::{BinCount, Delegations, Envelope, TargetPath, Targets, Unsigned};
use registry_tool::role_keys::OnlineKeys;
use serde_json::{Map, Value};

use super::{REPRODUCE, different, released};
use crate::world::{Plugin, World, copy, stderr, stdout};

/// Lets the list of targets say something else, and signs that with the online keys, which were
/// stolen. The list, which nobody signs, says afterwards what it should.
fn sign_another_list(world: &World, change: impl FnOnce(&mut Map<String, Value>)) {
    let right = world.read("public/build.json");
    let mut list: Value = serde_json::from_slice(&right).unwrap();
    change(list["targets"].as_object_mut().unwrap());
    world.write("public/build.json", list.to_string());
    sign(world);
    world.write("public/build.json", right);
}

/// Signs whatever is listed, with the stolen keys.
fn sign(world: &World) {
    let keys = "--online-keys keys/online --previous public";
    world.tool(&format!("release --public public {keys}")).code(0);
}

/// Puts a target where clients look for it, and returns its digest.
fn put(world: &World, folder: &str, name: &str, bytes: &[u8]) -> Value {
    let digest = Sha256Digest::of(bytes).to_string();
    world.write(&format!("public/targets/{folder}{digest}.{name}"), bytes);
    digest.into()
}

/// Returns the current file of the bin in which a target belongs.
fn bin_of(world: &World, target: &str) -> String {
    let bin = BinCount::default().bin_of(&TargetPath::parse(target).unwrap());
    let file = |version: &u32| format!("metadata/{version}.{bin}.json");
    let is_there = |version: &u32| world.path("public").join(file(version)).exists();
    file(&(1..4).rev().find(is_there).unwrap())
}

/// Says where a target is named.
fn named(world: &World, target: &str) -> String {
    format!("{} signed.targets[\"{target}\"]", bin_of(world, target))
}

#[test]
fn a_hidden_plugin_is_named() {
    let world = released();
    sign_another_list(&world, |targets| drop(targets.remove("plugins/lab/birch.json").unwrap()));
    let missing = named(&world, "plugins/lab/birch.json");
    assert_eq!(different(&world, REPRODUCE), [missing]);
    let said = stdout(&world.tool(REPRODUCE).code(1));
    assert!(said.contains("\n  found:    not listed\n"), "{said}");
}

#[test]
fn an_invented_plugin_is_named() {
    let world = released();
    let ghost = put(&world, "plugins/lab/", "ghost.json", b"{}");
    sign_another_list(&world, |targets| {
        targets.insert("plugins/lab/ghost.json".to_owned(), ghost);
    });
    let invented = named(&world, "plugins/lab/ghost.json");
    assert_eq!(different(&world, REPRODUCE), [invented]);
    let said = stdout(&world.tool(REPRODUCE).code(1));
    assert!(said.contains("\n  expected: not listed\n"), "{said}");
}

#[test]
fn a_changed_document_is_named() {
    let world = released();
    let document = world.read("public/api/v1/plugins/lab/amber.json");
    let document = String::from_utf8(document).unwrap().replace("Says its name", "Sees all names");
    let changed = put(&world, "plugins/lab/", "amber.json", document.as_bytes());
    sign_another_list(&world, |targets| {
        targets.insert("plugins/lab/amber.json".to_owned(), changed.clone());
    });
    let member = named(&world, "plugins/lab/amber.json");
    assert_eq!(different(&world, REPRODUCE), [member]);
    let said = stdout(&world.tool(REPRODUCE).code(1));
    assert!(said.contains(&format!("  found:    {} bytes with", document.len())), "{said}");
    assert!(said.contains(changed.as_str().unwrap()), "{said}");
}

#[test]
fn a_bin_that_says_more_than_its_targets_is_named() {
    let world = released();
    let path = bin_of(&world, "plugins/lab/amber.json");
    let bytes = world.read(&format!("public/{path}"));
    let keys = OnlineKeys::load(&world.path("keys/online")).unwrap();
    let mut body = Envelope::<Targets>::read(&bytes, bytes.len()).unwrap().body;
    body.delegations = Some(Delegations { keys: BTreeMap::new(), roles: Vec::new() });
    let forged = Unsigned::new(&body);
    world.write(&format!("public/{path}"), forged.sign(&[keys.bins.sign(&forged)]));
    assert_eq!(different(&world, REPRODUCE), [format!("{path} signed.delegations")]);
}

/// Signs a state that names another commit.
fn sign_commit(world: &World, commit: &str) {
    let right = world.git("rev-parse HEAD");
    let file = world.listing("public/targets").into_iter().find_map(|(path, holds)| {
        (path.ends_with(".state.json") && holds.contains(right.trim())).then_some(path)
    });
    let state = world.read(&format!("public/targets/{}", file.unwrap()));
    let state = String::from_utf8(state).unwrap().replace(right.trim(), commit);
    let state = put(world, "", "state.json", state.as_bytes());
    sign_another_list(world, |targets| {
        targets.insert("state.json".to_owned(), state);
    });
}

#[test]
fn a_commit_that_the_repository_lacks_cannot_be_judged() {
    let world = released();
    sign_commit(&world, &"1".repeat(40));
    let said = stderr(&world.tool(REPRODUCE).code(4).stdout_eq(""));
    let lacks = format!("does not have commit {}, which `state.json` names", "1".repeat(40));
    assert!(said.contains(&lacks) && said.contains("hint: fetch the newest commits"), "{said}");
}

#[test]
fn a_registry_that_was_built_from_another_history_is_named() {
    let world = released();
    // A line of its own: proposed, never merged, and yet built and signed.
    world.git("checkout --quiet -b aside");
    world.propose(Plugin::new("secret", "1.0.0"));
    world.commit("Publish past everybody");
    world.release();
    world.git("checkout --quiet main");
    world.publish(Plugin::new("cedar", "1.0.0"));
    assert_eq!(different(&world, REPRODUCE), ["state.json commit"]);
    let said = stdout(&world.tool(REPRODUCE).code(1));
    let expected = "expected: a commit on the first-parent line of `HEAD`";
    assert!(said.contains(expected), "{said}");
    // Said to be the line, it is what was built from.
    world.tool(&format!("{REPRODUCE} --rev aside")).code(0);
    // A clone that is merely behind is no reason to cry wolf.
    world.tool(&format!("{REPRODUCE} --rev aside~1")).code(0);
}

#[test]
fn a_state_that_names_no_commit_is_refused() {
    let world = released();
    for word in ["HEAD", "main~1", ""] {
        copy(&world.path("public"), &world.path("kept"));
        sign_commit(&world, word);
        let said = stderr(&world.tool(REPRODUCE).code(1).stdout_eq(""));
        let names = format!("names `{word}`, which is not the id of a commit");
        assert!(said.contains(&names), "{said}");
        std::fs::remove_dir_all(world.path("public")).unwrap();
        std::fs::rename(world.path("kept"), world.path("public")).unwrap();
    }
}
