//! Plugin documents that were swapped, and documents by whoever stole the online keys.
//!
//! Such a document is signed as it should be. What it says of releases has to be what publishers
//! signed, and publishers are those whom the maintainers let in.

use serde_json::{Value, json};

use super::{
    forget_cache, published, put, refused, refused_but_for_metadata, refused_unseen, victim,
};
use crate::world::{Plugin, World};

const INSTALL: &str = "install lab/amber";

#[test]
fn a_swapped_plugin_document_is_refused() {
    let world = victim();
    let amber = published(&world, "targets/", ".amber.json", "1.1.0");
    let other = published(&world, "targets/", ".text-kit.json", "1.1.0");
    world.write(&amber, world.read(&other));
    refused(&world, INSTALL, "source/too-large");
    let older = published(&world, "targets/", ".beacon.json", "");
    world.write(&amber, world.read(&older));
    refused(&world, INSTALL, "tuf/content");
}

#[test]
fn a_document_of_another_plugin_is_refused_whoever_signed_it() {
    let world = victim();
    let thief = world.thief();
    for other in ["lab/text-kit", "ada/beacon"] {
        let other = thief.read_target(&format!("plugins/{other}.json"));
        thief.document("lab/amber", |document| *document = other);
        refused_but_for_metadata(&world, INSTALL, "index/swapped");
    }
}

#[test]
fn a_document_of_another_registry_is_refused_whoever_signed_it() {
    let world = victim();
    world.thief().document("lab/amber", |document| document["registry"] = "other".into());
    refused_but_for_metadata(&world, INSTALL, "index/swapped");
}

#[test]
fn a_plugin_is_not_found_under_a_name_that_only_looks_like_it() {
    let world = victim();
    let thief = world.thief();
    let amber = thief.read_target("plugins/lab/amber.json");
    for name in ["Amber", "ambеr", "amb\u{200d}er"] {
        let before = world.home();
        fails_to_name(&world, &format!("install lab/{name}"));
        world.assert_home_unchanged(&before);
    }
    // Not even when the document of the true one is served under the other's name.
    let mut other = amber;
    other["id"] = "lab/arnber".into();
    thief.target("plugins/lab/arnber.json", format!("{other}\n").as_bytes());
    refused_unseen(&world, "install lab/arnber", "index/contradicts-manifest");
}

/// Such a name is none: the command line does not take it.
#[track_caller]
fn fails_to_name(world: &World, command: &str) {
    world.client(command).code(2);
}

/// Every field that a document copies from what a publisher signed, and a lie about it.
fn lies() -> Vec<(&'static str, Value, &'static str)> {
    let manifest = "index/contradicts-manifest";
    let status = "index/contradicts-status";
    let zeros = || Value::from("0".repeat(64));
    vec![
        ("/about/title", "Another".into(), manifest),
        ("/about/summary", "Says more".into(), manifest),
        ("/about/license", "GPL-3.0-only".into(), manifest),
        ("/about/categories", json!(["security"]), manifest),
        ("/about/keywords", json!(["fast"]), manifest),
        ("/about/homepage", "https://elsewhere.example/".into(), manifest),
        ("/publisher_title", "somebody".into(), status),
        ("/deprecated", json!({ "reason": "Take mine" }), status),
        ("/releases/0/signers", json!(["0".repeat(40)]), manifest),
        ("/releases/0/signers", json!([]), manifest),
        ("/releases/0/statement/size", 1.into(), "source/too-large"),
        ("/releases/0/statement/sha256", zeros(), "index/other-statement"),
        ("/releases/0/statement/accepted", "2026-06-01T12:30:00Z".into(), "index/rewritten"),
        ("/releases/0/facts/runtime", "data".into(), manifest),
        ("/releases/0/facts/host", ">=2".into(), manifest),
        ("/releases/0/facts/dependencies", json!({ "lab/text-kit": "^1" }), manifest),
        ("/releases/0/facts/optional_dependencies", json!({ "lab/amber": "^1" }), manifest),
        ("/releases/0/facts/conflicts", json!({ "ada/other": "*" }), manifest),
        ("/releases/0/facts/permissions", json!([]), manifest),
        ("/releases/0/facts/permissions/0/name", "fs.read".into(), manifest),
        ("/releases/0/facts/permissions/0/scope", json!(["example.org"]), manifest),
        ("/releases/0/facts/permissions/0/optional", true.into(), manifest),
        ("/releases/0/facts/pricing", "subscription".into(), manifest),
        ("/releases/0/facts/artifacts/0/size", 1.into(), manifest),
        ("/releases/0/facts/artifacts/0/unpacked", 1.into(), manifest),
    ]
}

#[test]
fn a_document_that_contradicts_what_was_signed_is_refused_field_by_field() {
    let world = victim();
    let thief = world.thief();
    let good = thief.read_target("plugins/ada/beacon.json");
    let command = "install ada/beacon --grant network --grant fs.read";
    for (place, lie, code) in lies() {
        let mut document = good.clone();
        put(&mut document, place, lie);
        assert_ne!(document, good, "{place}");
        thief.target("plugins/ada/beacon.json", format!("{document}\n").as_bytes());
        refused_but_for_metadata(&world, command, code);
    }
    thief.target("plugins/ada/beacon.json", format!("{good}\n").as_bytes());
    world.client(command).code(0);
}

#[test]
fn another_version_than_the_signed_one_is_refused() {
    for version in ["9.9.9", "1.0.0+build"] {
        let world = victim();
        let thief = world.thief();
        thief.document("ada/beacon", |document| {
            let mut release = document["releases"][0].clone();
            release["version"] = version.into();
            let releases = document["releases"].as_array_mut().unwrap();
            releases[0] = release;
        });
        // The true one is gone from the document, and that is noticed first.
        refused_but_for_metadata(
            &world,
            "install ada/beacon --grant network",
            "index/lost-release",
        );
        world.thief().document("ada/beacon", |document| {
            let mut release = document["releases"][0].clone();
            release["version"] = "1.0.0".into();
            let releases = document["releases"].as_array_mut().unwrap();
            releases.push(release);
        });
        let code = match version {
            "9.9.9" => "index/contradicts-manifest",
            _ => "index/twice",
        };
        let command = "install ada/beacon --grant network";
        if code == "index/twice" {
            refused_but_for_metadata(&world, command, code);
        } else {
            refused_unseen(&world, command, code);
        }
    }
}

#[test]
fn a_release_that_was_seen_cannot_be_hidden() {
    let world = victim();
    let thief = world.thief();
    thief.document("lab/amber", |document| {
        document["releases"].as_array_mut().unwrap().remove(0);
    });
    refused_but_for_metadata(&world, INSTALL, "index/lost-release");
    let bin = thief.role_of("plugins/lab/amber.json");
    thief.role(&bin, |bin| {
        bin["targets"].as_object_mut().unwrap().remove("plugins/lab/amber.json");
    });
    refused_but_for_metadata(&world, INSTALL, "index/lost-release");
}

#[test]
fn a_release_that_was_seen_cannot_be_garbled() {
    let world = victim();
    let thief = world.thief();
    let good = thief.read_target("plugins/lab/text-kit.json");
    for (place, value) in [
        ("/releases/0/schema", json!(2)),
        ("/releases/0/facts/runtime", json!("lua")),
        ("/releases/0/statement", json!({})),
        ("/releases/0", json!({ "version": "1.1.0", "schema": 1 })),
    ] {
        let mut document = good.clone();
        put(&mut document, place, value);
        thief.target("plugins/lab/text-kit.json", format!("{document}\n").as_bytes());
        for command in ["install lab/text-kit@=1.0.0", "install lab/text-kit", "info lab/text-kit"]
        {
            refused_but_for_metadata(&world, command, "index/unreadable-release");
        }
        // What it is installed for needs it, and stays.
        refused_but_for_metadata(&world, "install lab/word-count", "index/unreadable-release");
        world.client("verify").code(0);
    }
}

#[test]
fn a_release_that_was_taken_back_cannot_be_brought_back() {
    let world = victim();
    let thief = world.thief();
    let good = thief.read_target("plugins/lab/text-kit.json");
    // Hidden with its statement, hidden alone, or explained away.
    let mut forgetful = good.clone();
    assert!(forgetful["releases"][1].as_object_mut().unwrap().remove("yanked").is_some());
    let mut silent = forgetful.clone();
    silent["status"] = json!([]);
    let mut harmless = good.clone();
    put(&mut harmless, "/releases/1/yanked/harmful", false.into());
    for (document, command, code) in [
        (silent, "install lab/text-kit@=1.0.0", "index/lost-status"),
        (forgetful.clone(), "install lab/text-kit@=1.0.0", "index/contradicts-status"),
        (forgetful, "install lab/word-count", "index/contradicts-status"),
        (harmless, "install lab/word-count", "index/contradicts-status"),
    ] {
        thief.target("plugins/lab/text-kit.json", format!("{document}\n").as_bytes());
        refused_but_for_metadata(&world, command, code);
    }
}

#[test]
fn a_release_is_not_taken_back_by_somebody_else() {
    let world = victim();
    world.thief().document("lab/amber", |document| {
        let yank = json!({ "reason": "Take mine", "harmful": true });
        put(document, "/releases/0/yanked", yank);
    });
    refused_but_for_metadata(&world, INSTALL, "index/contradicts-status");
    refused_but_for_metadata(&world, "info lab/amber", "index/contradicts-status");
}

#[test]
fn a_false_dependency_of_what_is_installed_already_pulls_nothing_in() {
    let world = victim();
    world.thief().document("lab/text-kit", |document| {
        document["releases"][0]["facts"]["dependencies"] = json!({ "lab/amber": "^1" });
    });
    refused_but_for_metadata(
        &world,
        "install ada/beacon --grant network lab/text-kit",
        CONTRADICTS,
    );
}

const CONTRADICTS: &str = "index/contradicts-manifest";

/// Another registry of the same id, whose `lab` and `eve` are other people, released.
fn elsewhere() -> World {
    let other = World::founded("demo");
    for publisher in ["lab", "eve"] {
        other.join(publisher);
    }
    other.propose(Plugin::new("eve/trap", "1.0.0"));
    other.propose(Plugin::new("ember", "1.0.0"));
    other.publish(Plugin::new("amber", "1.1.0"));
    other.release();
    other
}

/// Serves a plugin of another registry in this one, with all that belongs to it.
fn smuggle(world: &World, other: &World, plugin: &str) {
    for (path, _) in other.listing("public/blobs") {
        let path = format!("public/blobs/{path}");
        if other.path(&path).is_file() {
            world.write(&path, other.read(&path));
        }
    }
    let path = format!("plugins/{plugin}.json");
    let document = other.thief().read_target(&path);
    world.thief().target(&path, format!("{document}\n").as_bytes());
}

#[test]
fn a_publisher_is_not_introduced_by_the_online_keys() {
    let world = victim();
    smuggle(&world, &elsewhere(), "eve/trap");
    refused_unseen(&world, "install eve/trap", "signature/unknown-key");
}

#[test]
fn a_publisher_is_not_introduced_without_an_approval() {
    let world = victim();
    smuggle(&world, &elsewhere(), "eve/trap");
    let [record, _] = first_link(&world, "eve/trap");
    let thief = world.thief();
    let statements = thief.blob(&record, "");
    thief.document("eve/trap", |document| {
        document["publisher_chain"][0].as_object_mut().unwrap().remove("approval");
        document["publisher_statements"] = statements;
    });
    refused_unseen(&world, "install eve/trap", "publisher/new");
}

#[test]
fn a_publisher_is_not_introduced_by_the_approval_of_another() {
    let world = victim();
    let [_, approval] = first_link(&world, "ada/beacon");
    smuggle(&world, &elsewhere(), "eve/trap");
    let [record, _] = first_link(&world, "eve/trap");
    let thief = world.thief();
    let accepted = thief.read_target("plugins/ada/beacon.json");
    let accepted = accepted["publisher_chain"][0]["approval"]["accepted"].as_str().unwrap();
    let reference = thief.blob(&approval, accepted);
    let statements = thief.blob(&[record, approval].concat(), accepted);
    thief.document("eve/trap", |document| {
        document["publisher_chain"][0]["approval"] = reference;
        document["publisher_statements"] = statements;
    });
    refused_unseen(&world, "install eve/trap", "approval/mismatch");
}

/// Returns the first record of a plugin's publisher and its approval, as they are published.
fn first_link(world: &World, plugin: &str) -> [Vec<u8>; 2] {
    let document = world.thief().read_target(&format!("plugins/{plugin}.json"));
    let digest = document["publisher_statements"]["sha256"].as_str().unwrap();
    let bytes = world.read(&published(world, "blobs/", digest, ""));
    let size = |name: &str| {
        let size = document["publisher_chain"][0][name]["size"].as_u64().unwrap();
        usize::try_from(size).unwrap()
    };
    let (record, approval) = bytes[..size("record") + size("approval")].split_at(size("record"));
    [record.to_vec(), approval.to_vec()]
}

#[test]
fn a_publisher_that_was_seen_is_not_swapped_for_another_of_the_same_name() {
    let world = victim();
    smuggle(&world, &elsewhere(), "lab/ember");
    refused_unseen(&world, "install lab/ember", "chain/forked");
    smuggle(&world, &elsewhere(), "lab/amber");
    world.thief().document("lab/amber", |document| {
        let mut older = document["releases"][0].clone();
        older["version"] = "1.0.0".into();
        document["releases"].as_array_mut().unwrap().push(older);
    });
    refused_but_for_metadata(&world, INSTALL, "index/other-statement");
}

#[test]
fn a_publisher_that_was_never_seen_is_not_swapped_either() {
    let world = super::released();
    world.trust();
    world.client("install ada/beacon --grant network").code(0);
    forget_cache(&world);
    smuggle(&world, &elsewhere(), "lab/amber");
    refused_unseen(&world, INSTALL, "signature/unknown-key");
}

#[test]
fn a_plugin_does_not_move_to_another_publisher() {
    let world = victim();
    let thief = world.thief();
    let theirs = thief.read_target("plugins/ada/beacon.json");
    thief.document("lab/amber", |document| {
        document["publisher_chain"] = theirs["publisher_chain"].clone();
        document["publisher_statements"] = theirs["publisher_statements"].clone();
        document["publisher_title"] = theirs["publisher_title"].clone();
    });
    refused_but_for_metadata(&world, INSTALL, "chain/forked");
}
