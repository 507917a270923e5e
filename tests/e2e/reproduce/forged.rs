//! Whoever has the online keys can sign another index than the commit makes: it is found.
//!
//! What is signed here is written by another program than ours, so that snapshot and timestamp are
//! not as `release` writes them either. What was done stands first.

use serde_json::json;

use super::{REPRODUCE, different, released};
use crate::world::{Plugin, World, copy, stderr, stdout};

/// Returns the current file of the role that names a target.
fn file_of(world: &World, target: &str) -> String {
    let thief = world.thief();
    let role = thief.role_of(target);
    format!("metadata/{}.{role}.json", thief.says(&role)["version"])
}

/// Says where a target is named.
fn named(world: &World, target: &str) -> String {
    format!("{} signed.targets[\"{target}\"]", file_of(world, target))
}

#[test]
fn a_hidden_plugin_is_named() {
    let world = released();
    let thief = world.thief();
    thief.role(&thief.role_of("plugins/lab/birch.json"), |bin| {
        let targets = bin["targets"].as_object_mut().unwrap();
        assert!(targets.remove("plugins/lab/birch.json").is_some());
    });
    let missing = named(&world, "plugins/lab/birch.json");
    assert_eq!(different(&world, REPRODUCE)[0], missing);
    let said = stdout(&world.tool(REPRODUCE).code(1));
    assert!(said.contains("\n  found:    not listed\n"), "{said}");
}

#[test]
fn an_invented_plugin_is_named() {
    let world = released();
    world.thief().target("plugins/lab/ghost.json", b"{}");
    let invented = named(&world, "plugins/lab/ghost.json");
    assert_eq!(different(&world, REPRODUCE)[0], invented);
    let said = stdout(&world.tool(REPRODUCE).code(1));
    assert!(said.contains("\n  expected: not listed\n"), "{said}");
}

#[test]
fn a_changed_document_is_named() {
    let world = released();
    world.thief().document("lab/amber", |document| document["publisher_title"] = "Bal".into());
    let member = named(&world, "plugins/lab/amber.json");
    assert_eq!(different(&world, REPRODUCE)[0], member);
    let said = stdout(&world.tool(REPRODUCE).code(1));
    let listed = &world.thief().says(&world.thief().role_of("plugins/lab/amber.json"))["targets"]["plugins/lab/amber.json"];
    assert!(said.contains(&format!("  found:    {} bytes with", listed["length"])), "{said}");
    assert!(said.contains(listed["hashes"]["sha256"].as_str().unwrap()), "{said}");
}

#[test]
fn a_bin_that_says_more_than_its_targets_is_named() {
    let world = released();
    let thief = world.thief();
    thief.role(&thief.role_of("plugins/lab/amber.json"), |bin| {
        bin["delegations"] = json!({ "keys": {}, "roles": [] });
    });
    let path = file_of(&world, "plugins/lab/amber.json");
    assert_eq!(different(&world, REPRODUCE)[0], format!("{path} signed.delegations"));
}

/// Signs a state that names another commit.
fn sign_commit(world: &World, commit: &str) {
    let thief = world.thief();
    let mut state = thief.read_target("state.json");
    state["commit"] = commit.into();
    thief.target("state.json", state.to_string().as_bytes());
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
