//! Releases that maintainers remove, and what their publishers say of them.

use index_schema::layout;
use index_schema::manifest::Manifest;
use index_schema::statement::Statement;

use super::{blob, document, json, void};
use crate::world::{Plugin, World, stderr, stdout};

const REMOVE: &str = "moderate remove lab/amber 1.0.0 --index index --cause malware --reason 'it steals' --key keys/maintainer";

/// A world with a plugin, and another that needs it.
fn settled() -> World {
    let world = World::new();
    world.publish(Plugin::new("amber", "1.0.0"));
    world.publish(Plugin::new("birch", "1.0.0").needs("amber", "^1"));
    world.publish(Plugin::new("cedar", "1.0.0").needs("birch", "*"));
    world
}

#[test]
fn a_removed_release_is_published_no_more_and_leaves_a_sign() {
    let world = settled();
    world.release();
    let before = document(&world, "lab/amber");
    let release = &before["releases"][0];
    let signed = world.read(&blob(&release["statement"]));
    let signed = Statement::<Manifest>::read(&signed).unwrap();
    let archive = format!("public/{}", layout::archive(&signed.document.artifacts[0].sha256));
    assert!(world.path(&archive).exists() && world.path(blob(&release["statement"])).exists());

    let said = json(&world, &format!("{REMOVE} --yes --json"));
    let broken: Vec<_> =
        said["breaks"].as_array().unwrap().iter().map(|b| b["id"].as_str().unwrap()).collect();
    assert_eq!(broken, ["lab/birch", "lab/cedar"]);
    world.accept("Remove malware");
    assert_eq!(void(&world), []);
    assert!(!world.path(&archive).exists());
    assert!(!world.path(blob(&release["statement"])).exists());
    let after = document(&world, "lab/amber");
    assert_eq!(after["releases"], serde_json::json!([]));
    assert_eq!(after["gone"][0]["version"], "1.0.0");
    assert_eq!(after["gone"][0]["statement"], release["statement"]);
    assert!(world.path(blob(&after["gone"][0]["removal"])).exists());
    assert!(after.get("about").is_none());
    let catalog = String::from_utf8(world.read("public/api/v1/catalog.json")).unwrap();
    assert!(!catalog.contains("lab/amber") && catalog.contains("lab/birch"));
}

#[test]
fn a_removed_version_is_never_taken_again() {
    let world = settled();
    world.tool(&format!("{REMOVE} --yes")).code(0);
    world.accept("Remove malware");
    world.propose(Plugin::new("amber", "1.0.0+clean"));
    let report = world.check();
    assert_eq!(report.codes(), ["version/duplicate"], "{report:#?}");
    std::fs::remove_file(world.path("index/plugins/la/lab/am/amber/1.0.0+clean.signed")).unwrap();
    world.publish(Plugin::new("amber", "1.0.1"));
    void(&world);
    let document = document(&world, "lab/amber");
    assert_eq!(document["releases"].as_array().unwrap().len(), 1);
    assert_eq!(document["gone"].as_array().unwrap().len(), 1);
}

#[test]
fn nothing_is_removed_that_others_need_without_saying_so() {
    let world = settled();
    let before = world.listing("index");
    let said = stderr(&world.tool(REMOVE).code(2));
    assert!(said.contains("breaks: lab/birch 1.0.0, which needs lab/amber"), "{said}");
    assert!(said.contains("breaks: lab/cedar 1.0.0, which needs lab/birch"), "{said}");
    assert!(said.contains("hint: say --yes"), "{said}");
    world.assert_unchanged("index", &before);
}

#[test]
fn only_moderators_remove_and_only_what_is_there() {
    let world = settled();
    let before = world.listing("index");
    let refused = |command: &str, code: i32, why: &str| {
        let said = stderr(&world.tool(command).code(code));
        assert!(said.contains(why), "{said}");
        world.assert_unchanged("index", &before);
    };
    let by_publisher = REMOVE.replace("keys/maintainer", "keys/lab");
    refused(&format!("{by_publisher} --yes"), 1, "signature/unknown-key");
    refused(&REMOVE.replace("1.0.0", "2.0.0"), 2, "there is no release lab/amber 2.0.0");
    refused(&REMOVE.replace("malware", "whim"), 2, "expected one of: malware, secret");
}

#[test]
fn a_release_is_removed_once() {
    let world = settled();
    world.tool(&format!("{REMOVE} --yes")).code(0);
    world.accept("Remove malware");
    let before = world.listing("index");
    let said = stderr(&world.tool(&format!("{REMOVE} --yes")).code(2));
    assert!(said.contains("there is no release lab/amber 1.0.0 that could be removed"), "{said}");
    world.assert_unchanged("index", &before);
}

#[test]
fn a_publisher_yanks_and_deprecates_and_takes_both_back() {
    let world = settled();
    let options = "--index index --reason 'it is slow' --key keys/lab";
    let cases = [
        ("yank lab/amber 1.0.0 --severity high", 1),
        ("deprecate lab/amber --successor lab/birch", 2),
        ("unyank lab/amber 1.0.0", 3),
        ("undeprecate lab/amber", 4),
    ];
    for (command, serial) in cases {
        let said = stdout(&world.tool(&format!("{command} {options}")).code(0));
        assert_eq!(said, format!("plugins/la/lab/am/amber/status/{serial}.signed\n"));
        world.accept("Say something of a release");
        void(&world);
        let document = document(&world, "lab/amber");
        let yanked = document["releases"][0].get("yanked").is_some();
        let deprecated = document.get("deprecated").is_some();
        assert_eq!((yanked, deprecated), (serial < 3, serial == 2 || serial == 3));
    }
    let before = world.listing("index");
    let unknown = format!("yank lab/amber 9.0.0 {options}");
    assert!(stderr(&world.tool(&unknown).code(1)).contains("status/unknown-version"));
    let stranger = "deprecate lab/amber --index index --reason x --key keys/maintainer";
    assert!(stderr(&world.tool(stranger).code(1)).contains("signature/unknown-key"));
    world.assert_unchanged("index", &before);
}

#[test]
fn status_statements_go_on_after_a_void_one() {
    let world = settled();
    world.key("eve");
    let options = "--index index --reason 'it is slow'";
    world.tool(&format!("deprecate lab/amber {options} --key keys/lab")).code(0);
    let path = "index/plugins/la/lab/am/amber/status/1.signed";
    let text = String::from_utf8(world.read(path)).unwrap();
    world.write("forged.json", text.split("-----BEGIN").next().unwrap());
    world.sign("forged.json", "eve");
    world.write(path, world.read("forged.signed"));
    world.commit("Merge what should not have been merged");
    world.tool(&format!("yank lab/amber 1.0.0 {options} --key keys/lab")).code(0);
    world.accept("Yank");
    let void = void(&world);
    assert_eq!(void[0].1, "signature/unknown-key");
    let document = document(&world, "lab/amber");
    assert!(document["releases"][0]["yanked"].is_object());
    assert!(document.get("deprecated").is_none());
}
