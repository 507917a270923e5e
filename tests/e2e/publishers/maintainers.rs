//! The registry's own record: maintainers who come and go, and who may commit.

use serde_json::{Value, json};

use super::{document, release, void};
use crate::world::{Plugin, World, stderr, stdout};

/// Writes the next record of the registry, changed by `change`, signed by keys.
pub(super) fn next(world: &World, change: impl FnOnce(&mut Value), keys: &[&str]) -> String {
    let said = world.tool("record next --index index").code(0);
    let mut record: Value = serde_json::from_str(&stdout(&said)).unwrap();
    change(&mut record);
    world.write("next.json", format!("{record:#}\n"));
    let keys: String = keys.iter().map(|key| format!("--key keys/{key} ")).collect();
    world.tool(&format!("sign next.json {keys}")).code(0);
    world.add("next.signed")
}

fn maintainer(world: &World, name: &str, roles: &[&str]) -> Value {
    let certificate = String::from_utf8(world.read(&format!("keys/{name}.pub"))).unwrap();
    let fingerprint = super::fingerprint(world, name);
    json!({"name": name, "roles": roles, "fingerprint": fingerprint, "certificate": certificate})
}

/// Adds a maintainer, `second`, and says how many of a role have to sign.
pub(super) fn add_second(world: &World, roles: &[&str], (role, threshold): (&str, u32)) {
    world.key("second");
    let second = maintainer(world, "second", roles);
    let change = |record: &mut Value| {
        record["maintainers"].as_array_mut().unwrap().push(second);
        record["thresholds"] = json!({ role: threshold });
    };
    next(world, change, &["maintainer"]);
    world.accept("Add a maintainer");
}

#[test]
fn the_record_in_force_says_how_many_sign_the_next() {
    let world = World::new();
    add_second(&world, &["registry"], ("registry", 2));
    let path = next(&world, |record| record["title"] = "New".into(), &["maintainer"]);
    assert_eq!(path, "registry/3.signed");
    world.assert_refused(&["signature/below-threshold"]);
    world.tool("sign index/registry/3.signed --key keys/second").code(0);
    world.accept("Change the title");
    assert_eq!(void(&world), []);
    let index: Value = serde_json::from_slice(&world.read("public/index.json")).unwrap();
    assert_eq!(index["title"], "New");
}

#[test]
fn a_maintainer_who_left_approves_nothing_and_what_was_approved_stays() {
    let world = World::new();
    release(&world, "1.0.0", "lab");
    world.key("second");
    let second = maintainer(&world, "second", &["registry", "review", "moderate"]);
    let change = |record: &mut Value| record["maintainers"] = json!([second]);
    next(&world, change, &["maintainer"]);
    world.accept("Hand the registry over");
    assert_eq!(void(&world), []);
    assert_eq!(document(&world, "lab/amber")["releases"].as_array().unwrap().len(), 1);

    world.key("ada");
    world.tool("publisher new ada --index index --cert keys/ada.pub --key keys/ada").code(0);
    let report = world.check();
    let finding = &report.findings[0].fingerprint;
    let approve = format!("approve --finding {finding} --reason seen --index index");
    world.tool(&format!("{approve} --key keys/maintainer")).code(0);
    let report = world.check();
    let expected = ["signature/unknown-key", "publisher/new"];
    assert_eq!(report.codes(), expected, "{report:#?}");
    let path = report.changes.iter().find(|path| path.starts_with("moderation/")).unwrap();
    std::fs::remove_file(world.path("index").join(path)).unwrap();
    world.tool(&format!("{approve} --key keys/second")).code(0);
    world.accept("Let a publisher in");
}

#[test]
fn a_registry_record_by_somebody_else_or_behind_a_gap_is_refused() {
    let world = World::new();
    world.key("eve");
    let path = next(&world, |record| record["title"] = "Eve".into(), &["eve"]);
    world.assert_refused(&["signature/unknown-key"]);
    std::fs::remove_file(world.path("index").join(path)).unwrap();
    let path = next(&world, |record| record["serial"] = 4.into(), &["maintainer"]);
    world.assert_refused(&["registry/serial-gap"]);
    std::fs::remove_file(world.path("index").join(path)).unwrap();
    assert_eq!(void(&world), []);
}

#[test]
fn a_registry_record_that_is_no_plain_text_is_refused() {
    let world = World::new();
    let said = world.tool("record next --index index").code(0);
    world.write("next.json", stdout(&said).replace('\n', "\r\n"));
    world.tool("sign next.json --key keys/maintainer").code(0);
    world.add("next.signed");
    world.assert_refused(&["registry/not-text"]);
}

#[test]
fn the_next_record_is_not_written_over_another_file() {
    let world = World::new();
    world.write("next.json", "mine");
    let said = world.tool("record next --index index --out next.json").code(2);
    assert!(stderr(&said).contains("is there already"));
    assert_eq!(world.read("next.json"), b"mine");
}

/// Commits the work tree as somebody else.
fn commit_as(world: &World, email: &str) {
    world.git("add --all");
    world.git("-c committer.name=X commit --quiet --allow-empty --message change");
    let date = format!("{} +0000", world.now().seconds());
    let status = std::process::Command::new("git")
        .args(["commit", "--quiet", "--amend", "--no-edit"])
        .current_dir(world.path("index"))
        .envs([("GIT_CONFIG_GLOBAL", "/dev/null"), ("GIT_CONFIG_NOSYSTEM", "1")])
        .envs([("GIT_COMMITTER_NAME", "X"), ("GIT_COMMITTER_EMAIL", email)])
        .env("GIT_COMMITTER_DATE", date)
        .status();
    assert!(status.unwrap().success());
    world.later(60);
}

#[test]
fn who_commits_is_said_by_the_record_in_force_at_the_parent() {
    let world = World::new();
    release(&world, "1.0.0", "lab");
    // Before anybody is named, anybody may, and that stays so for what was accepted then.
    let signed = world.sign(&world.pack(&Plugin::new("amber", "1.0.1")), "lab");
    world.add(&signed);
    commit_as(&world, "x@example.org");
    let name = |record: &mut Value| record["committers"] = json!(["m@example.org"]);
    next(&world, name, &["maintainer"]);
    world.accept("Name who may commit");
    let signed = world.sign(&world.pack(&Plugin::new("amber", "1.0.2")), "lab");
    world.add(&signed);
    commit_as(&world, "x@example.org");
    let foreign = |path: &str| (path.to_owned(), "history/foreign-line".to_owned());
    let release = foreign("plugins/la/lab/am/amber/1.0.2.signed");
    assert_eq!(void(&world), std::slice::from_ref(&release));

    // A foreign commit does not make its committer one of the registry's, however well it is signed.
    let name = |record: &mut Value| record["committers"] = json!(["x@example.org"]);
    next(&world, name, &["maintainer"]);
    commit_as(&world, "x@example.org");
    assert_eq!(void(&world), [release.clone(), foreign("registry/3.signed")]);
    // Its place stays taken, and the chain goes on.
    let name = |record: &mut Value| record["committers"] = json!(["m@example.org"]);
    assert_eq!(next(&world, name, &["maintainer"]), "registry/4.signed");
    world.accept("Keep who may commit");
    assert_eq!(void(&world), [release, foreign("registry/3.signed")]);
}

#[test]
fn a_line_that_was_flipped_brings_in_nothing_of_its_contributor() {
    let world = World::new();
    let name = |record: &mut Value| record["committers"] = json!(["m@example.org"]);
    next(&world, name, &["maintainer"]);
    world.accept("Name who may commit");
    world.git("checkout --quiet -b side");
    let signed = world.sign(&world.pack(&Plugin::new("amber", "1.0.0")), "lab");
    world.add(&signed);
    commit_as(&world, "x@example.org");
    world.git("checkout --quiet main");
    let signed = world.sign(&world.pack(&Plugin::new("beryl", "1.0.0")), "lab");
    world.add(&signed);
    world.commit("Publish another plugin");
    // The contributor merges main into its own branch, and main is moved forward to it.
    world.git("checkout --quiet side");
    world.git("merge --quiet --no-ff --message flipped main");
    world.git("checkout --quiet main");
    world.git("merge --quiet --ff-only side");
    let path = "plugins/la/lab/am/amber/1.0.0.signed".to_owned();
    assert_eq!(void(&world), [(path, "history/foreign-line".to_owned())]);
    assert!(world.path("public/api/v1/plugins/lab/beryl.json").exists());
}

#[test]
fn a_commit_that_is_still_to_come_is_refused() {
    let world = World::new();
    world.later(600);
    world.commit("Too early");
    world.later(-600 - 60);
    world.assert_refused(&["history/future"]);
    world.later(600 - 300);
    assert_eq!(world.check().verdict, "accepted");
}
