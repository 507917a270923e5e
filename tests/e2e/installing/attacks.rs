//! A registry that is served wrongly, by mistake or on purpose: nothing of it is installed.

use index_schema::time::DAY;
use serde_json::Value;

use super::trusted;
use crate::world::{Listing, Plugin, World, stderr};

/// Returns a path below `public/` that starts and ends in some way and holds something.
fn file(world: &World, start: &str, end: &str, holds: &str) -> String {
    let published = world.listing("public");
    let mut found = published.iter().filter(|(path, bytes)| {
        path.starts_with(start) && path.ends_with(end) && bytes.contains(holds)
    });
    format!("public/{}", found.next().unwrap().0)
}

/// A world whose client has just seen the current state.
fn up_to_date() -> (World, Listing) {
    let world = trusted();
    std::fs::remove_dir_all(world.path("home/cache")).unwrap();
    let before = world.home();
    (world, before)
}

#[track_caller]
fn refused(world: &World, command: &str, before: &Listing) -> String {
    let said = stderr(&world.client(command).code(3));
    world.assert_home_unchanged(before);
    said
}

/// Signs another plugin document with the online keys, as whoever stole them could.
fn replace_document(world: &World, plugin: &str, change: impl FnOnce(&mut Value)) {
    world.thief().document(plugin, change);
}

#[test]
fn an_archive_with_one_flipped_bit_is_refused() {
    let (world, before) = up_to_date();
    let manifest: Value =
        serde_json::from_slice(&world.read("packed/lab-amber-1.0.0/1.0.0.json")).unwrap();
    let digest = manifest["artifacts"][0]["sha256"].as_str().unwrap();
    let path = file(&world, "archives/", &format!("{digest}.tar.gz"), "");
    let mut bytes = world.read(&path);
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    world.write(&path, bytes);
    refused(&world, "install lab/amber", &before);
}

#[test]
fn a_swapped_archive_is_refused() {
    let (world, before) = up_to_date();
    let archives = world.listing("public/archives");
    let other = world.read("dist/beacon-1.0.0.tar.gz");
    for path in archives.keys().filter(|path| path.ends_with(".tar.gz")) {
        world.write(&format!("public/archives/{path}"), &other);
    }
    refused(&world, "install lab/amber", &before);
}

#[test]
fn a_changed_statement_is_refused() {
    let (world, before) = up_to_date();
    let path = file(&world, "blobs/", "", "lab/amber");
    let text = String::from_utf8(world.read(&path)).unwrap();
    world.write(&path, text.replace("Says its name", "Says its fame"));
    refused(&world, "install lab/amber", &before);
}

#[test]
fn a_swapped_plugin_document_is_refused() {
    let (world, before) = up_to_date();
    let amber = file(&world, "targets/", ".amber.json", "");
    let beacon = file(&world, "targets/", ".beacon.json", "");
    world.write(&amber, world.read(&beacon));
    refused(&world, "install lab/amber", &before);
}

#[test]
fn a_document_swapped_by_the_online_keys_is_refused() {
    let (world, _) = up_to_date();
    let other = world.read(&file(&world, "targets/", ".beacon.json", ""));
    replace_document(&world, "lab/amber", |document| {
        *document = serde_json::from_slice(&other).unwrap();
    });
    world.client("install lab/amber").code(3);
    assert!(!world.path("home/plugins/lab/amber").exists());
}

#[test]
fn a_document_that_contradicts_the_manifest_is_refused_whoever_signed_it() {
    let lies = [
        ("/facts/permissions", serde_json::json!([])),
        ("/facts/artifacts/0/sha256", "0".repeat(64).into()),
        ("/facts/artifacts/0/size", 1.into()),
        ("/facts/runtime", "data".into()),
        ("/version", "9.9.9".into()),
        ("/statement/accepted", "2026-06-01T12:00:01Z".into()),
        ("/signers", serde_json::json!(["0".repeat(40)])),
    ];
    for (place, lie) in lies {
        let world = trusted();
        replace_document(&world, "lab/beacon", |document| {
            *document["releases"][0].pointer_mut(place).unwrap() = lie;
        });
        let output = world.client("install lab/beacon --grant network");
        let said = stderr(&output);
        assert_eq!(output.get_output().status.code(), Some(3), "{place}: {said}");
        assert!(!world.path("home/plugins/lab").exists(), "{place}: {said}");
    }
}

#[test]
fn a_false_dependency_of_what_is_installed_already_pulls_nothing_in() {
    let world = trusted();
    world.client("install lab/text-kit@=1.1.0").code(0);
    replace_document(&world, "lab/text-kit", |document| {
        let releases = document["releases"].as_array_mut().unwrap();
        let release = releases.iter_mut().find(|release| release["version"] == "1.1.0").unwrap();
        release["facts"]["dependencies"]["lab/amber"] = "^1".into();
    });
    let installed = world.listing("home/plugins");
    let said = stderr(&world.client("install lab/word-count").code(3));
    assert_eq!(world.listing("home/plugins"), installed, "{said}");
}

#[test]
fn a_document_of_a_stranger_is_refused_whoever_signed_it() {
    let world = trusted();
    let other = World::founded("demo");
    other.join("lab");
    other.publish(Plugin::new("amber", "1.0.0").field("summary", "Not the same lab".into()));
    other.release();
    for (path, _) in other.listing("public/blobs") {
        let path = format!("public/blobs/{path}");
        if other.path(&path).is_file() {
            world.write(&path, other.read(&path));
        }
    }
    let forged = other.read(&file(&other, "targets/", ".amber.json", ""));
    replace_document(&world, "lab/amber", |document| {
        *document = serde_json::from_slice(&forged).unwrap();
    });
    let said = stderr(&world.client("install lab/amber").code(3));
    assert!(!world.path("home/plugins/lab/amber").exists(), "{said}");
}

#[test]
fn metadata_that_have_expired_are_refused() {
    let (world, before) = up_to_date();
    world.later(8 * DAY);
    let said = refused(&world, "install lab/amber", &before);
    assert!(said.contains("expired"), "{said}");
    // What is installed goes on, and a refresh of the registry makes all well.
    world.client("list").code(0);
    world.tool("refresh --public public --online-keys keys/online").code(0);
    world.client("install lab/amber").code(0);
}

#[test]
fn an_older_state_is_refused_by_who_has_seen_a_newer_one() {
    let world = trusted();
    let old = world.read("public/metadata/timestamp.json");
    world.publish(Plugin::new("amber", "1.1.0"));
    world.release();
    super::look_around(&world);
    let before = world.home();
    world.write("public/metadata/timestamp.json", old);
    refused(&world, "install lab/amber", &before);
}

#[test]
fn metadata_that_do_not_belong_together_are_refused() {
    let world = trusted();
    let old = world.read("public/metadata/1.snapshot.json");
    world.publish(Plugin::new("amber", "1.1.0"));
    world.release();
    let before = world.home();
    world.write("public/metadata/2.snapshot.json", old);
    world.client("install lab/amber").code(3);
    assert!(!world.path("home/plugins/lab/amber").exists());
    assert_eq!(before.get("current"), world.home().get("current"));
}

#[test]
fn metadata_with_one_changed_byte_are_refused() {
    for name in ["timestamp", "1.snapshot", "1.targets"] {
        let world = trusted();
        std::fs::remove_dir_all(world.path("home")).unwrap();
        let path = format!("public/metadata/{name}.json");
        let text = String::from_utf8(world.read(&path)).unwrap();
        let changed = text.replacen("\"version\":1", "\"version\":2", 1);
        let changed = changed.replacen("\"version\": 1", "\"version\": 2", 1);
        assert_ne!(text, changed, "{name}");
        world.write(&path, changed);
        let root = "--root public/metadata/1.root.json";
        world.client(&format!("registry add demo public {root}")).code(3);
        world.client("list").code(0).stdout_eq("");
    }
}

#[test]
fn endless_data_are_not_read_to_the_end() {
    let (world, before) = up_to_date();
    world.write("public/metadata/timestamp.json", " ".repeat(20 << 20));
    refused(&world, "install lab/amber", &before);
}

#[test]
fn a_root_that_the_old_one_did_not_sign_is_refused() {
    let (world, before) = up_to_date();
    let other = World::founded("demo");
    let text = String::from_utf8(other.read("index/trust/root/1.root.json")).unwrap();
    let next = text.replacen("\"version\":1", "\"version\":2", 1);
    let next = next.replacen("\"version\": 1", "\"version\": 2", 1);
    world.write("public/metadata/2.root.json", next);
    refused(&world, "install lab/amber", &before);
}
