//! Anybody can prove that a registry publishes what its commit makes, and is told where it does not.

mod forged;
mod unjudged;

use serde_json::Value;

use crate::world::{Nginx, Plugin, Preview, World, stderr, stdout};

/// The usual command.
const REPRODUCE: &str = "reproduce public --index index";

/// A world that has been released twice.
fn released() -> World {
    let world = World::new();
    world.publish(Plugin::new("amber", "1.0.0"));
    world.publish(Plugin::new("birch", "1.0.0").needs("amber", "^1"));
    world.release();
    world.publish(Plugin::new("amber", "1.1.0"));
    world.release();
    world
}

/// Compares as `command` says, and returns what differs: file and member of each, in order.
#[track_caller]
fn different(world: &World, command: &str) -> Vec<String> {
    let output = world.tool(&format!("{command} --json")).code(1);
    let text = stdout(&output);
    let report: Value = serde_json::from_str(&text)
        .unwrap_or_else(|error| panic!("{error}: {text} {}", stderr(&output)));
    assert_eq!(report["verdict"], "different");
    let place = |difference: &Value| {
        let file = difference["file"].as_str().unwrap();
        match difference["member"].as_str() {
            Some(member) => format!("{file} {member}"),
            None => file.to_owned(),
        }
    };
    report["differences"].as_array().unwrap().iter().map(place).collect()
}

/// Returns the path of the one file below `public` that starts and ends like this.
#[track_caller]
fn the_file(world: &World, start: &str, end: &str) -> String {
    let files = world.listing("public").into_iter().filter(|(_, holds)| holds != "folder");
    let paths = files.map(|(path, _)| path);
    let found: Vec<_> =
        paths.filter(|path| path.starts_with(start) && path.ends_with(end)).collect();
    assert_eq!(found.len(), 1, "{found:?}");
    found.into_iter().next().unwrap()
}

/// Changes one byte in the middle of a published file, and returns what it was.
fn flip(world: &World, path: &str) -> Vec<u8> {
    let path = format!("public/{path}");
    let right = world.read(&path);
    let mut wrong = right.clone();
    let middle = wrong.len() / 2;
    wrong[middle] ^= 1;
    world.write(&path, wrong);
    right
}

#[test]
fn a_registry_is_what_its_commit_makes() {
    let world = released();
    let commit = world.git("rev-parse HEAD").trim().to_owned();
    let said = stdout(&world.tool(REPRODUCE).code(0));
    assert!(said.starts_with(&format!("equal: commit {commit}, accepted 2026-")), "{said}");
    let report: Value =
        serde_json::from_str(&stdout(&world.tool(&format!("{REPRODUCE} --json")).code(0))).unwrap();
    assert_eq!((&report["verdict"], &report["commit"]), (&"equal".into(), &commit.into()));
    // The record, catalogue, state, two documents; the role `targets`, `index` and sixteen bins.
    assert_eq!(
        (&report["compared"]["targets"], &report["compared"]["roles"]),
        (&5.into(), &18.into())
    );
    assert_eq!(report["compared"]["archives"], 3);
    assert_eq!(report["versions"]["snapshot"], 2);
    assert_eq!(report["differences"], Value::Array(Vec::new()));

    // Renewed metadata have other versions, expiries and signatures, and say the same.
    world.later(6 * 86_400);
    world.tool("refresh --public public --online-keys keys/online").code(0);
    world.tool(REPRODUCE).code(0);
    // So it is when the index has gone on, and without a work tree.
    world.publish(Plugin::new("cedar", "1.0.0"));
    world.tool(REPRODUCE).code(0);
    world.git(&format!("clone --quiet --bare . {}", world.path("bare").display()));
    world.tool("reproduce public --index bare --root public/metadata/1.root.json").code(0);
}

#[test]
fn a_registry_behind_a_web_server_is_what_its_commit_makes() {
    let world = released();
    let Some(nginx) = Nginx::of(&world) else { return };
    let command = format!("reproduce {} --index index", nginx.url());
    let said = stdout(&world.tool(&command).code(0));
    assert!(said.contains(" 0 archives\n"), "{said}");
    let said = stdout(&world.tool(&format!("{command} --archives")).code(0));
    assert!(said.contains(" 3 archives\n"), "{said}");

    let file = the_file(&world, "api/v1/plugins/lab/", "birch.json");
    flip(&world, &file);
    let found = different(&world, &command);
    assert!(found.len() == 1 && found[0].starts_with(&file), "{found:?}");
}

#[test]
fn one_changed_byte_anywhere_is_named() {
    let world = released();
    let document = the_file(&world, "targets/plugins/lab/", ".birch.json");
    let blob = the_file(&world, "blobs/", &blob_of(&world, "birch"));
    for path in [
        blob.as_str(),
        document.as_str(),
        "api/v1/catalog.json",
        "api/v1/categories.json",
        "api/v1/plugins/lab/amber.json",
        "build.json",
        "health.json",
        "index.json",
        "metadata/1.root.json",
        "schema/release.json",
    ] {
        let right = flip(&world, path);
        let found = different(&world, REPRODUCE);
        assert!(found.len() == 1 && found[0].starts_with(path), "{path}: {found:?}");
        let said = stdout(&world.tool(REPRODUCE).code(1));
        let byte = format!("different: {path}, byte {}", right.len() / 2);
        assert!(said.starts_with(&byte) && said.contains("\n1 difference: "), "{said}");
        world.write(&format!("public/{path}"), right);
    }
    world.tool(REPRODUCE).code(0);
}

/// Returns the end of the path of the blob that holds the newest release of a plugin.
fn blob_of(world: &World, name: &str) -> String {
    let document = world.read(&format!("public/api/v1/plugins/lab/{name}.json"));
    let document: Value = serde_json::from_slice(&document).unwrap();
    document["releases"][0]["statement"]["sha256"].as_str().unwrap().to_owned()
}

#[test]
fn what_is_missing_longer_or_too_many_is_named() {
    let world = released();
    let blob = the_file(&world, "blobs/", &blob_of(&world, "birch"));
    let right = world.read(&format!("public/{blob}"));
    std::fs::remove_file(world.path(format!("public/{blob}"))).unwrap();
    assert_eq!(different(&world, REPRODUCE), [blob.as_str()]);
    world.write(&format!("public/{blob}"), [&right[..], &[b' '; 100_000]].concat());
    assert_eq!(different(&world, REPRODUCE), [blob.as_str()]);
    world.write(&format!("public/{blob}"), right);

    let ghost = "api/v1/plugins/lab/ghost.json";
    world.write(&format!("public/{ghost}"), "{}");
    assert_eq!(different(&world, REPRODUCE), [ghost]);
    std::fs::remove_file(world.path(format!("public/{ghost}"))).unwrap();
    world.tool(REPRODUCE).code(0);
}

#[test]
fn a_copy_of_an_archive_is_the_right_one_or_none() {
    let world = released();
    let archives = world.listing("public/archives");
    let mut archives = archives.keys().filter(|path| path.ends_with(".tar.gz"));
    let (one, other) = (archives.next().unwrap(), archives.next().unwrap());
    std::fs::remove_file(world.path(format!("public/archives/{one}"))).unwrap();
    let said = stdout(&world.tool(REPRODUCE).code(0));
    assert!(said.contains(" 2 archives (1 have no copy here)\n"), "{said}");
    let path = format!("archives/{other}");
    flip(&world, &path);
    assert_eq!(different(&world, REPRODUCE), [path.as_str()]);

    // From a server they are looked at when that is asked for.
    let server = Preview::of(&world, "public");
    let command = format!("reproduce {} --index index", server.url());
    world.tool(&command).code(0);
    assert_eq!(different(&world, &format!("{command} --archives")), [path]);
}

#[test]
fn what_a_client_refuses_is_refused() {
    let world = released();
    for (path, reason) in [
        ("metadata/1.targets.json", "`targets.json` "),
        ("metadata/2.snapshot.json", "`snapshot.json` "),
        ("metadata/timestamp.json", "`timestamp.json` "),
        (the_file(&world, "metadata/2.bin-", ".json").as_str(), ".json` "),
    ] {
        let right = flip(&world, path);
        let refused = stderr(&world.tool(REPRODUCE).code(1).stdout_eq(""));
        assert!(refused.contains("error: a client refuses the registry"), "{path}: {refused}");
        assert!(refused.contains(reason), "{path}: {refused}");
        world.write(&format!("public/{path}"), right);
    }
    let other = World::founded("demo");
    other.release();
    world.write("other.json", other.read("public/metadata/1.root.json"));
    world.tool(&format!("{REPRODUCE} --root other.json")).code(1).stdout_eq("");
    world.later(8 * 86_400);
    let refused = stderr(&world.tool(REPRODUCE).code(1));
    assert!(refused.contains("expired"), "{refused}");
}
