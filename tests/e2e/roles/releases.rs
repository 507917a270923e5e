//! A release is followed by every client, or it does not happen.

use std::fs;

use index_schema::time::{DAY, Timestamp};
use serde_json::Value;

use super::{build, client_follows, in_use, json, next, release};
use crate::world::{Plugin, Preview, World, copy, stderr};

/// Expects a release to be refused with exit code 1, and nothing to change.
#[track_caller]
fn refused(world: &World, command: &str) -> String {
    let before = world.listing("public");
    let said = stderr(&world.tool(command).code(1));
    world.assert_unchanged("public", &before);
    said
}

const RELEASE: &str = "release --public public --online-keys keys/online --previous public";

/// The path of the only file that ends like this in a folder of what is published.
fn file(world: &World, folder: &str, end: &str) -> String {
    let listing = world.listing(&format!("public/{folder}"));
    let found = listing.keys().find(|path| path.ends_with(end)).unwrap();
    format!("public/{folder}/{found}")
}

#[test]
fn a_first_release_happens_once() {
    let world = in_use();
    let said = refused(&world, "release --public public --online-keys keys/online --first");
    assert!(said.contains("this is not the first release"), "{said}");
    assert!(said.contains("--previous"), "{said}");
}

#[test]
fn a_history_that_was_rewritten_is_not_released() {
    let world = in_use();
    let good = world.git("rev-parse HEAD");
    world.publish(Plugin::new("cedar", "1.0.0"));
    build(&world);
    release(&world, "online", "").code(0);
    // The last commit is replaced by another one of a later time.
    world.git(&format!("reset --quiet --hard {}", good.trim()));
    world.publish(Plugin::new("dahlia", "1.0.0"));
    build(&world);
    let said = refused(&world, RELEASE);
    assert!(
        said.contains("[history/rewritten]") && said.contains("hint: restore the line"),
        "{said}"
    );
    refused(&world, &format!("{RELEASE} --index index"));
}

#[test]
fn an_older_commit_is_not_released_over_a_newer_one() {
    let world = in_use();
    let old = world.git("rev-parse HEAD");
    world.publish(Plugin::new("birch", "1.1.0"));
    build(&world);
    release(&world, "online", "").code(0);
    let rev = format!("build --index index --rev {} --out public", old.trim());
    world.tool(&rev).code(0);
    let said = refused(&world, RELEASE);
    assert!(said.contains("after one of") && said.contains("[history/rewritten]"), "{said}");
}

#[test]
fn a_commit_further_back_than_the_build_lists_is_found_in_the_index() {
    let world = in_use();
    world.publish(Plugin::new("cedar", "1.0.0"));
    build(&world);
    // A list that is full and does not reach back to the last release.
    let mut list: Value = serde_json::from_slice(&world.read("public/build.json")).unwrap();
    let newest = list["line"][0].clone();
    let fill = std::iter::repeat_n(Value::from("0".repeat(40)), 4095);
    list["line"] = std::iter::once(newest).chain(fill).collect();
    world.write("public/build.json", list.to_string());
    let said = refused(&world, RELEASE);
    assert!(said.contains("hint: --index DIR looks further back"), "{said}");
    world.tool(&format!("{RELEASE} --index index")).code(0);
}

#[test]
fn a_state_of_the_future_is_neither_released_nor_continued() {
    let world = in_use();
    world.publish(Plugin::new("cedar", "1.0.0"));
    build(&world);
    world.later(-10 * 60);
    let said = refused(&world, RELEASE);
    assert!(said.contains("the new state claims") && said.contains("[history/future]"), "{said}");
    world.later(10 * 60);
    release(&world, "online", "").code(0);
    world.publish(Plugin::new("dahlia", "1.0.0"));
    build(&world);
    world.later(-DAY);
    assert!(refused(&world, RELEASE).contains("[history/future]"));
}

#[test]
fn a_plugin_that_vanished_is_not_released() {
    let world = in_use();
    let mut list: Value = serde_json::from_slice(&world.read("public/build.json")).unwrap();
    list["targets"].as_object_mut().unwrap().remove("plugins/lab/birch.json").unwrap();
    world.write("public/build.json", list.to_string());
    let said = refused(&world, RELEASE);
    assert!(
        said.contains("the state before has `plugins/lab/birch.json`, which is gone"),
        "{said}"
    );
}

/// Puts another document of a plugin into the built folder, as a faulty build would.
fn falsify(world: &World, plugin: &str, change: impl FnOnce(&mut Value)) {
    let mut list: Value = serde_json::from_slice(&world.read("public/build.json")).unwrap();
    let target = format!("plugins/lab/{plugin}.json");
    let old = list["targets"][&target].as_str().unwrap();
    let path = format!("public/targets/plugins/lab/{old}.{plugin}.json");
    let mut document: Value = serde_json::from_slice(&world.read(&path)).unwrap();
    change(&mut document);
    let bytes = document.to_string().into_bytes();
    let digest = index_schema::digest::Sha256Digest::of(&bytes).to_string();
    world.write(&format!("public/targets/plugins/lab/{digest}.{plugin}.json"), &bytes);
    list["targets"][&target] = digest.into();
    world.write("public/build.json", list.to_string());
}

#[test]
fn a_document_loses_no_release_status_or_publisher_record() {
    let settled = || {
        let world = in_use();
        world.publish(Plugin::new("birch", "1.1.0"));
        let yank = "--reason broken --key keys/lab --index index";
        world.tool(&format!("yank lab/birch 1.0.0 {yank}")).code(0);
        world.accept("Yank a release");
        build(&world);
        release(&world, "online", "").code(0);
        world
    };
    type Loss<'l> = (&'l str, &'l dyn Fn(&mut Value));
    let losses: [Loss<'_>; 5] = [
        ("has lost the release 1.1.0:", &|document| {
            drop(document["releases"].as_array_mut().unwrap().remove(0));
        }),
        ("has lost the release 1.0.0: it names another statement", &|document| {
            let other = document["releases"][0]["statement"].clone();
            document["releases"][1]["statement"] = other;
        }),
        ("has lost a status statement", &|document| document["status"] = Value::Array(vec![])),
        ("has lost a record of its publisher", &|document| {
            let record = document["releases"][0]["statement"].clone();
            document["publisher_chain"][0]["record"] = record;
        }),
        ("has lost its identity", &|document| document["id"] = "lab/other".into()),
    ];
    for (what, loss) in losses {
        let world = settled();
        falsify(&world, "birch", loss);
        let said = refused(&world, RELEASE);
        assert!(said.contains(what), "{what}: {said}");
    }
    // A sign that a release is gone is no loss.
    let world = settled();
    falsify(&world, "birch", |document| {
        let release = document["releases"].as_array_mut().unwrap().remove(0);
        document["gone"] = serde_json::json!([
            { "version": release["version"], "statement": release["statement"] },
        ]);
    });
    world.tool(RELEASE).code(0);
}

#[test]
fn every_file_that_a_changed_document_names_is_in_the_folder() {
    let world = in_use();
    world.publish(Plugin::new("cedar", "1.0.0"));
    build(&world);
    let path = file(&world, "targets/plugins/lab", ".cedar.json");
    let document: Value = serde_json::from_slice(&world.read(&path)).unwrap();
    let digest = document["releases"][0]["statement"]["sha256"].as_str().unwrap();
    let blob = file(&world, "blobs", digest);
    let bytes = world.read(&blob);
    world.write(&blob, [&bytes[..], b" "].concat());
    assert!(refused(&world, RELEASE).contains(digest));
    fs::remove_file(world.path(&blob)).unwrap();
    assert!(refused(&world, RELEASE).contains(digest));
    build(&world);
    world.tool(RELEASE).code(0);
    client_follows(&world, "lab/cedar");
}

#[test]
fn roots_and_targets_metadata_stay_what_was_published() {
    let world = in_use();
    next(&world, "root", "");
    build(&world);
    release(&world, "online", "").code(0);
    copy(&world.path("public"), &world.path("served"));
    let elsewhere = "release --public public --online-keys keys/online --previous served";
    // Another root 2, as good as the first by its signatures.
    let mut root: Value =
        serde_json::from_slice(&world.read("public/metadata/2.root.json")).unwrap();
    root["signed"]["expires"] = "2027-01-01T00:00:00Z".into();
    world.write("public/metadata/2.root.json", world.thief().sign("root", &root["signed"]));
    let said = refused(&world, elsewhere);
    assert!(
        said.contains("`metadata/2.root.json` was published before with other bytes"),
        "{said}"
    );
    // And a folder that never heard of root 2.
    fs::remove_file(world.path("public/metadata/2.root.json")).unwrap();
    let said = refused(&world, elsewhere);
    assert!(said.contains("metadata/1.root.json"), "{said}");
    build(&world);
    world.tool(elsewhere).code(0);
    // A root that the build does not name.
    let mut root: Value =
        serde_json::from_slice(&world.read("public/metadata/2.root.json")).unwrap();
    root["signed"]["version"] = 3.into();
    world.write("public/metadata/3.root.json", world.thief().sign("root", &root["signed"]));
    let said = refused(&world, elsewhere);
    assert!(
        said.contains("`metadata/3.root.json` is there, but the build does not name it"),
        "{said}"
    );
}

#[test]
fn the_state_before_may_be_on_a_web_server_with_a_thousand_bins() {
    let world = World::empty_at(Timestamp::parse("2026-06-01T12:00:00Z").unwrap());
    world.key("maintainer");
    world.tool("init index --id demo --title Demo --key keys/maintainer").code(0);
    world.hold_ceremony("--bins 1024");
    world.join("lab");
    world.publish(Plugin::new("amber", "1.0.0"));
    world.release();
    copy(&world.path("public"), &world.path("served"));
    let server = Preview::of(&world, "served");
    world.publish(Plugin::new("birch", "1.0.0"));
    // A job starts from nothing but the index.
    fs::remove_dir_all(world.path("public")).unwrap();
    build(&world);
    let command =
        format!("release --public public --online-keys keys/online --previous {}", server.url());
    let released = json(&world, &format!("{command} --json"));
    let signed = released["signed"].as_array().unwrap();
    assert_eq!(signed.len(), 4, "one bin, index, snapshot and timestamp: {signed:?}");
    assert_eq!(world.listing("public/metadata").len(), 1024 + 5);
    world.trust();
    client_follows(&world, "lab/birch");
}

#[test]
fn a_server_that_is_away_is_not_a_refusal() {
    let world = in_use();
    let command =
        "release --public public --online-keys keys/online --previous http://127.0.0.1:1/";
    let before = world.listing("public");
    world.tool(command).code(4);
    world.assert_unchanged("public", &before);
}
