//! After a theft: what the thief did ends with his keys, for clients old and new.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{ONLINE, build, client_follows, in_use, make_online, next, release};
use crate::world::{Plugin, World, copy, stderr};

/// The highest version that there is.
const LAST: u64 = (1 << 53) - 1;

/// Replaces all online keys by those in `keys/new`, in root and targets metadata.
fn replace_keys(world: &World) {
    make_online(world, "new");
    next(
        world,
        "root",
        "--snapshot-key keys/new/snapshot.pub --timestamp-key keys/new/timestamp.pub",
    );
    next(world, "targets", "--index-key keys/new/index.pub --bins-key keys/new/bins.pub");
    build(world);
}

/// Counts every version that online keys sign up to the end.
fn fast_forward(world: &World) {
    let thief = world.thief();
    let bin = thief.role_of("plugins/lab/amber.json");
    thief.role("index", |signed| signed["version"] = LAST.into());
    thief.role(&bin, |signed| signed["version"] = LAST.into());
    thief.snapshot(|signed| signed["version"] = LAST.into());
    thief.timestamp(|signed| signed["version"] = LAST.into());
}

fn metadata(world: &World) -> BTreeSet<String> {
    world.listing("public/metadata").into_keys().collect()
}

#[test]
fn versions_that_were_counted_up_start_again_and_clients_follow() {
    let world = in_use();
    // This one has not seen the theft.
    copy(&world.path("home"), &world.path("absent"));
    fast_forward(&world);
    world.client("refresh").code(0);
    world.publish(Plugin::new("cedar", "1.0.0"));
    build(&world);
    let before = world.listing("public");
    let said = stderr(&release(&world, "online", "").code(1));
    assert!(said.contains("has no version left: somebody has counted it up"), "{said}");
    assert!(said.contains("--recover"), "{said}");
    world.assert_unchanged("public", &before);

    replace_keys(&world);
    let thiefs = world.listing("public/metadata");
    release(&world, "new", "--recover").code(0);
    let after = world.listing("public/metadata");
    for (path, bytes) in thiefs.iter().filter(|(path, _)| !path.starts_with("timestamp")) {
        assert_eq!(after.get(path), Some(bytes), "{path} changed under its name");
    }
    client_follows(&world, "lab/cedar");
    let absent = |command: &str| {
        let command = world.command("libral", command);
        command.env("LIBRAL_HOME", world.path("absent")).assert().code(0);
    };
    absent("refresh");
    absent("install lab/cedar");

    // From there on, releases are what they were, and another theft is got over the same way.
    world.publish(Plugin::new("dahlia", "1.0.0"));
    build(&world);
    release(&world, "new", "").code(0);
    client_follows(&world, "lab/dahlia");
}

#[test]
fn a_second_theft_is_got_over_like_the_first() {
    let world = in_use();
    fast_forward(&world);
    replace_keys(&world);
    release(&world, "new", "--recover").code(0);
    world.client("refresh").code(0);
    let first = metadata(&world);
    // The thief took the new keys, too.
    for role in ONLINE {
        for end in ["pem", "pub"] {
            let (from, to) =
                (format!("keys/new/{role}.{end}"), format!("keys/online/{role}.{end}"));
            std::fs::rename(world.path(from), world.path(to)).unwrap();
        }
    }
    fast_forward_again(&world);
    world.client("refresh").code(0);
    replace_keys(&world);
    release(&world, "new", "--recover").code(0);
    let second: BTreeSet<String> = metadata(&world).difference(&first).cloned().collect();
    assert!(second.iter().any(|path| path.ends_with(".snapshot.json")), "{second:?}");
    client_follows(&world, "lab/birch");
}

/// The thief's files of the first time are still there: this time he counts a little less far.
fn fast_forward_again(world: &World) {
    let thief = world.thief();
    thief.snapshot(|signed| signed["version"] = (LAST - 1).into());
    thief.timestamp(|signed| signed["version"] = LAST.into());
}

#[test]
fn names_that_the_thief_has_used_are_not_used_again() {
    let world = in_use();
    // Not far enough to start again: the next versions would be these.
    let mut taken = Vec::new();
    for version in 2..=4 {
        for role in ["snapshot", "index", "bin-16-0"] {
            let path = format!("public/metadata/{version}.{role}.json");
            world.write(&path, b"published by the thief");
            taken.push(path);
        }
    }
    replace_keys(&world);
    release(&world, "new", "--recover").code(0);
    for path in taken {
        assert_eq!(world.read(&path), b"published by the thief", "{path}");
    }
    assert_eq!(world.thief().says("timestamp")["meta"]["snapshot.json"]["version"], 5);
    client_follows(&world, "lab/birch");
}

#[test]
fn a_recovery_takes_other_keys_for_every_online_role() {
    for kept in ONLINE {
        let world = in_use();
        make_online(&world, "new");
        let option = |role: &str| match role {
            role if role == kept => String::new(),
            role => format!("--{role}-key keys/new/{role}.pub"),
        };
        next(&world, "root", &format!("{} {}", option("snapshot"), option("timestamp")));
        next(&world, "targets", &format!("{} {}", option("index"), option("bins")));
        let (from, to) = (format!("keys/online/{kept}.pem"), format!("keys/new/{kept}.pem"));
        std::fs::copy(world.path(from), world.path(to)).unwrap();
        build(&world);
        let before = world.listing("public");
        let said = stderr(&release(&world, "new", "--recover").code(1));
        assert!(said.contains("is still the one of the state before"), "{kept}: {said}");
        world.assert_unchanged("public", &before);
        // Without the claim of a theft it is an ordinary change of keys.
        release(&world, "new", "").code(0);
        client_follows(&world, "lab/birch");
    }
}

#[test]
fn what_a_thief_listed_and_nobody_signed_is_gone_after_the_recovery_only() {
    let world = in_use();
    let ghost = |document: &mut Value| {
        let mut release = document["releases"][0].clone();
        release["version"] = "9.9.9".into();
        document["releases"].as_array_mut().unwrap().insert(0, release);
    };
    world.thief().document("lab/birch", ghost);
    let target = json!({ "length": 1, "hashes": { "sha256": "0".repeat(64) } });
    let bin = world.thief().role_of("plugins/lab/ghost.json");
    world.thief().role(&bin, |signed| signed["targets"]["plugins/lab/ghost.json"] = target);
    // A client that has seen the lie waits for what never was.
    world.client("install lab/birch").code(3);
    build(&world);
    let before = world.listing("public");
    let said = stderr(&release(&world, "online", "").code(1));
    assert!(said.contains("lab/"), "{said}");
    world.assert_unchanged("public", &before);
    replace_keys(&world);
    // Other keys alone do not excuse a loss: it might as well be a mistake.
    let before = world.listing("public");
    release(&world, "new", "").code(1);
    world.assert_unchanged("public", &before);
    release(&world, "new", "--recover").code(0);
    client_follows(&world, "lab/birch");
}

#[test]
fn a_stolen_targets_key_ends_with_the_next_root() {
    let world = in_use();
    // With the online keys, too, the thief puts other targets metadata in force, far ahead.
    world.thief().role("targets", |signed| signed["version"] = LAST.into());
    world.client("refresh").code(0);
    make_online(&world, "new");
    world.tool("trust key --out keys/new-targets/targets.pem").code(0);
    let online = "--snapshot-key keys/new/snapshot.pub --timestamp-key keys/new/timestamp.pub";
    next(&world, "root", &format!("{online} --targets-key keys/new-targets/targets.pub"));
    let draft = "drafts/targets.json";
    let keys = "--index-key keys/new/index.pub --bins-key keys/new/bins.pub";
    world.tool(&format!("trust draft targets --index index --out {draft} {keys}")).code(0);
    world.tool(&format!("trust sign {draft} --index index --keys keys/new-targets")).code(0);
    world.tool(&format!("trust adopt {draft} --index index")).code(0);
    world.accept("Sign with the new targets key");
    build(&world);
    release(&world, "new", "").code(1);
    release(&world, "new", "--recover").code(0);
    client_follows(&world, "lab/birch");
}

#[test]
fn targets_metadata_that_a_thief_has_published_are_stepped_over() {
    let world = in_use();
    world.thief().role("targets", |signed| signed["expires"] = "2030-01-01T00:00:00Z".into());
    let published = world.read("public/metadata/2.targets.json");
    copy(&world.path("public"), &world.path("served"));
    make_online(&world, "new");
    next(
        &world,
        "root",
        "--snapshot-key keys/new/snapshot.pub --timestamp-key keys/new/timestamp.pub",
    );
    next(&world, "targets", "--index-key keys/new/index.pub --bins-key keys/new/bins.pub");
    build(&world);
    let command = "release --public public --online-keys keys/new --previous served --recover";
    let said = stderr(&world.tool(command).code(1));
    assert!(
        said.contains("`metadata/2.targets.json` was published before with other bytes"),
        "{said}"
    );
    assert!(said.contains("trust draft targets --version"), "{said}");
    next(&world, "targets", "--version 7");
    build(&world);
    world.tool(command).code(0);
    assert!(world.path("public/metadata/7.targets.json").exists());
    assert_eq!(world.read("served/metadata/2.targets.json"), published);
    client_follows(&world, "lab/birch");
}
