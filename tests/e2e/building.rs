//! Building and releasing: the same bytes everywhere, and nothing old is lost.

use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt as _;

use index_schema::time::DAY;
use serde_json::Value;
use walkdir::WalkDir;

use crate::world::{Plugin, World, stderr, stdout};

/// A world with a few releases of two publishers.
fn settled() -> World {
    let world = World::new();
    world.join("ada");
    world.publish(Plugin::new("text-kit", "1.0.0"));
    world.publish(Plugin::new("word-count", "1.0.0").needs("text-kit", "^1").permission("fs.read"));
    world.publish(Plugin::new("text-kit", "1.1.0"));
    world.publish(Plugin::new("ada/amber", "0.1.0"));
    world
}

fn json(world: &World, command: &str) -> Value {
    serde_json::from_str(&stdout(&world.tool(command).code(0))).unwrap()
}

#[test]
fn a_commit_gives_the_same_bytes_everywhere() {
    let world = settled();
    let build = |index: &str, out: &str, surroundings: &[(&str, &str)]| {
        let command = format!("build --index {index} --out {out} --archives dist --mirror");
        let command = world.command("registry-tool", &command);
        command.envs(surroundings.iter().copied()).assert().code(0);
    };
    build("index", "one", &[("RAYON_NUM_THREADS", "1")]);
    let one = world.listing("one");
    build("index", "many", &[("RAYON_NUM_THREADS", "4")]);
    world.assert_unchanged("many", &one);

    world.later(400 * DAY);
    let abroad = [("TZ", "Pacific/Apia"), ("LANG", "tr_TR.UTF-8"), ("LC_ALL", "tr_TR.UTF-8")];
    build("index", "abroad", &abroad);
    world.assert_unchanged("abroad", &one);

    world.git(&format!("clone --quiet {0} {0}-clone", world.path("index").display()));
    build("index-clone", "cloned", &[]);
    world.assert_unchanged("cloned", &one);
    world.git("repack -adq");
    world.write("index/untracked", "not of the commit");
    build("index", "repacked", &[]);
    world.assert_unchanged("repacked", &one);
}

#[test]
fn an_older_commit_can_be_built_again() {
    let world = settled();
    world.tool("build --index index --out old --archives dist --mirror").code(0);
    let commit = world.git("rev-parse HEAD");
    world.publish(Plugin::new("text-kit", "1.2.0"));
    let command = format!("build --index index --rev {} --out again", commit.trim());
    world.tool(&format!("{command} --archives dist --mirror")).code(0);
    world.assert_unchanged("again", &world.listing("old"));
}

#[test]
fn what_does_not_count_is_left_out_and_listed() {
    let world = settled();
    world.key("stranger");
    let signed = world.sign(&world.pack(&Plugin::new("forged", "1.0.0")), "stranger");
    let forged = world.add(&signed);
    world.write("index/plugins/la/lab/ga/garbled/1.0.0.signed", "{\n");
    world.write("index/plugins/la/lab/nothing", "");
    world.commit("Merge what should never have been merged");

    let built = json(&world, "build --index index --out public --json");
    let void: Vec<_> = built["void"].as_array().unwrap().iter().collect();
    assert_eq!(void.len(), 3, "{built:#}");
    let health: Value = serde_json::from_slice(&world.read("public/health.json")).unwrap();
    let text = health.to_string();
    for finding in void {
        let (path, code) = (finding["path"].as_str().unwrap(), finding["code"].as_str().unwrap());
        assert!(text.contains(path) && text.contains(code), "{path}: {health:#}");
    }
    assert!(text.contains(&forged) && text.contains("signature/unknown-key"), "{health:#}");
    let published = world.listing("public");
    assert!(published.keys().all(|path| !path.contains("forged") && !path.contains("garbled")));
    assert!(published.contains_key("api/v1/plugins/lab/word-count.json"));

    // It is no fault of what comes later, and its place stays taken.
    world.publish(Plugin::new("text-kit", "1.2.0"));
    let good = world.sign(&world.pack(&Plugin::new("forged", "1.0.0")), "lab");
    world.tool(&format!("add {good} --index index")).code(1);
    let all = world.report("validate --all --index index --archives dist --format json");
    assert_eq!(all.verdict, "refused");
}

#[test]
fn building_again_touches_only_what_changed() {
    let world = settled();
    let command = "build --index index --out public --archives dist --mirror --json";
    let first = json(&world, command);
    let inodes = |world: &World| -> BTreeMap<_, _> {
        let entries = WalkDir::new(world.path("public")).into_iter().map(Result::unwrap);
        let files = entries.filter(|entry| entry.file_type().is_file());
        files.map(|entry| (entry.path().to_owned(), entry.metadata().unwrap().ino())).collect()
    };
    let before = inodes(&world);
    let second = json(&world, command);
    assert_eq!((&second["written"], &second["removed"]), (&0.into(), &0.into()));
    assert_eq!(second["unchanged"], first["written"]);
    assert_eq!(inodes(&world), before);

    world.publish(Plugin::new("ada/amber", "0.2.0"));
    json(&world, command);
    let after = inodes(&world);
    assert!(before.keys().all(|path| after.contains_key(path)), "something was removed");
    let untouched = ["api/v1/plugins/lab/text-kit.json", "api/v1/plugins/lab/word-count.json"];
    for path in untouched.map(|path| world.path("public").join(path)) {
        assert_eq!(after.get(&path), before.get(&path), "{}", path.display());
    }
}

#[test]
fn a_release_after_another_keeps_the_files_of_the_one_before() {
    let world = settled();
    world.release();
    let before = world.listing("public");
    world.publish(Plugin::new("ada/amber", "0.2.0"));
    world.release();
    let after = world.listing("public");
    let is_named_by_content = |path: &str| {
        ["targets/", "blobs/", "archives/"].iter().any(|folder| path.starts_with(folder))
            || (path.starts_with("metadata/") && !path.ends_with("timestamp.json"))
    };
    for (path, bytes) in before.iter().filter(|(path, _)| is_named_by_content(path)) {
        assert_eq!(after.get(path), Some(bytes), "{path}");
    }
    assert_ne!(after.get("metadata/timestamp.json"), before.get("metadata/timestamp.json"));
    assert!(after.contains_key("metadata/2.snapshot.json"));
}

#[test]
fn releasing_what_is_released_already_signs_nothing_again() {
    let world = settled();
    world.release();
    let before = world.listing("public");
    let released =
        json(&world, "release --public public --online-keys keys/online --previous public --json");
    assert_eq!(released["signed"], serde_json::json!([]));
    world.assert_unchanged("public", &before);
}

#[test]
fn a_wrong_online_key_releases_nothing() {
    let world = settled();
    world.tool("build --index index --out public").code(0);
    let other = World::founded("demo");
    for role in ["index", "bins", "snapshot", "timestamp"] {
        let key = format!("keys/online/{role}.pem");
        let right = world.read(&key);
        world.write(&key, other.read(&key));
        let before = world.listing("public");
        let refused =
            world.tool("release --public public --online-keys keys/online --first").code(2);
        assert!(stderr(&refused).contains(role.trim_end_matches('s')), "{}", stderr(&refused));
        world.assert_unchanged("public", &before);
        world.write(&key, right);
    }
    world.tool("release --public public --online-keys keys/online --first").code(0);
}

#[test]
fn a_file_that_was_touched_after_building_is_not_released() {
    let world = settled();
    world.release();
    world.publish(Plugin::new("ada/amber", "0.2.0"));
    world.tool("build --index index --out public").code(0);
    let listed = world.listing("public/targets/plugins/ada");
    for file in listed.keys() {
        let path = format!("public/targets/plugins/ada/{file}");
        world.write(&path, [world.read(&path), b" ".to_vec()].concat());
    }
    let before = world.listing("public");
    let command = "release --public public --online-keys keys/online --previous public";
    world.tool(command).code(1);
    world.assert_unchanged("public", &before);
}

#[test]
fn what_has_expired_is_renewed_and_stays_what_it_was() {
    let world = settled();
    world.release();
    let before = world.listing("public");
    world.later(5 * DAY);
    let refreshed = json(&world, "refresh --public public --online-keys keys/online --json");
    assert_eq!((&refreshed["timestamp"], &refreshed["snapshot"]), (&2.into(), &1.into()));

    // Even when nobody looked after it for two months.
    world.later(60 * DAY);
    let refreshed = json(&world, "refresh --public public --online-keys keys/online --json");
    assert_eq!((&refreshed["timestamp"], &refreshed["snapshot"]), (&3.into(), &2.into()));
    let after = world.listing("public");
    for (path, bytes) in before.iter().filter(|(path, _)| !path.starts_with("metadata/")) {
        assert_eq!(after.get(path), Some(bytes), "{path}");
    }
    world.later(60 * DAY);
    world.publish(Plugin::new("ada/amber", "0.2.0"));
    world.release();
}

#[test]
fn an_empty_folder_is_not_built_and_an_index_without_plugins_is() {
    let world = World::new();
    std::fs::create_dir(world.path("empty")).unwrap();
    world.tool("build --index empty --out nothing").code(2);
    assert!(!world.path("nothing").exists());
    world.release();
    assert!(world.path("public/metadata/timestamp.json").is_file());
}
