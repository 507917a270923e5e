//! Other keys, other thresholds, other counts of bins: clients follow by themselves.

use serde_json::Value;

use super::{ONLINE, build, client_follows, in_use, json, make_online, next, release};
use crate::world::{Plugin, World, stderr};

/// Takes the key of a role over from one folder to another.
fn move_key(world: &World, role: &str) {
    let (from, to) = (format!("keys/new/{role}.pem"), format!("keys/online/{role}.pem"));
    std::fs::copy(world.path(from), world.path(to)).unwrap();
}

#[test]
fn every_online_key_can_be_replaced_alone() {
    for role in ONLINE {
        let world = in_use();
        make_online(&world, "new");
        let (kind, option) = match role {
            "snapshot" | "timestamp" => ("root", role),
            _ => ("targets", role),
        };
        next(&world, kind, &format!("--{option}-key keys/new/{role}.pub"));
        build(&world);
        let before = world.listing("public");
        release(&world, "online", "").code(2);
        world.assert_unchanged("public", &before);
        move_key(&world, role);
        release(&world, "online", "").code(0);
        client_follows(&world, "lab/birch");
        // Versions went on: nobody had counted them up.
        let version = &world.thief().says("snapshot")["version"];
        assert_eq!(*version, 2, "{role}");
    }
}

#[test]
fn root_keys_come_and_go_and_the_threshold_with_them() {
    let world = in_use();
    for who in ["ben", "cleo"] {
        world.tool(&format!("trust key --out keys/{who}/root.pem")).code(0);
    }
    let add = "--add-root-key keys/ben/root.pub --add-root-key keys/cleo/root.pub --threshold 2";
    world.tool(&format!("trust draft root --index index --out drafts/two.json {add}")).code(0);
    let sign = |draft: &str, key: &str| {
        world
            .tool(&format!("trust sign drafts/{draft}.json --index index --keys keys/{key}.pem"))
            .code(0);
    };
    let adopt = |draft: &str| world.tool(&format!("trust adopt drafts/{draft}.json --index index"));
    // Both thresholds have to be met: the one of root 1, and the one of root 2.
    sign("two", "root/root-1");
    let said = stderr(&adopt("two").code(1));
    assert!(said.contains("1 of 2 signatures by the root keys of root 2"), "{said}");
    sign("two", "ben/root");
    adopt("two").code(0);
    world.accept("Share the root among three");

    let remove = "--remove-root-key keys/root/root-1.pub";
    world.tool(&format!("trust draft root --index index --out drafts/three.json {remove}")).code(0);
    sign("three", "ben/root");
    sign("three", "cleo/root");
    adopt("three").code(0);
    world.accept("Leave the root to two");
    build(&world);
    release(&world, "online", "").code(0);
    client_follows(&world, "lab/birch");
    let root = world.thief().says("root");
    assert_eq!(root["version"], 3);
    // Keys that act for no role are not listed any more.
    assert_eq!(root["keys"].as_object().unwrap().len(), 2 + 3);
}

#[test]
fn the_targets_key_is_replaced_and_the_old_one_signs_no_more() {
    let world = in_use();
    world.tool("trust key --out keys/new/targets.pem").code(0);
    next(&world, "root", "--targets-key keys/new/targets.pub");
    // What the old key signed before stays part of the index …
    assert_eq!(json(&world, "trust show --index index --json")["records"][0]["serial"], 1);
    build(&world);
    // … but clients want the new key's word now.
    let said = stderr(&release(&world, "online", "").code(1));
    assert!(said.contains("targets.json"), "{said}");
    let draft = "drafts/targets.json";
    world.tool(&format!("trust draft targets --index index --out {draft}")).code(0);
    world.tool(&format!("trust sign {draft} --index index --keys keys/root")).code(1);
    // What it signs is void.
    let old: Value =
        serde_json::from_slice(&world.read("index/trust/targets/1.targets.json")).unwrap();
    let mut signed = old["signed"].clone();
    signed["version"] = 2.into();
    world.write("index/trust/targets/2.targets.json", world.thief().sign("targets", &signed));
    world.assert_refused(&["trust/refused"]);
    std::fs::remove_file(world.path("index/trust/targets/2.targets.json")).unwrap();

    world.tool(&format!("trust sign {draft} --index index --keys keys/new/targets.pem")).code(0);
    world.tool(&format!("trust adopt {draft} --index index")).code(0);
    world.accept("Sign with the new targets key");
    build(&world);
    release(&world, "online", "").code(0);
    client_follows(&world, "lab/birch");
}

#[test]
fn another_count_of_bins_loses_no_name_and_no_plugin() {
    let world = in_use();
    for (count, plugin) in [(4, "cedar"), (256, "dahlia"), (16, "elder"), (1, "fir")] {
        world.publish(Plugin::new(plugin, "1.0.0"));
        next(&world, "targets", &format!("--bins {count}"));
        build(&world);
        release(&world, "online", "").code(0);
        client_follows(&world, &format!("lab/{plugin}"));
        assert_eq!(json(&world, "trust show --public public --json")["bins"], count);
    }
    let listed = world.thief().says("snapshot")["meta"].as_object().unwrap().len();
    assert_eq!(listed, 2 + 16 + 4 + 256 + 1);
    // Bins of a count that came back went on counting: no file changed under its name.
    let returned = world.thief().says("snapshot")["meta"]["bin-16-0.json"]["version"].as_u64();
    assert_eq!(returned, Some(2));
}

#[test]
fn a_registry_whose_year_is_over_is_warned_about_and_renewed() {
    let world = in_use();
    world.later(310 * index_schema::time::DAY);
    let refresh = "refresh --public public --online-keys keys/online";
    let said = stderr(&world.tool(refresh).code(0));
    assert!(said.contains("warning: the root metadata expire at 2027-06-01"), "{said}");
    assert!(said.contains("hint: registry-tool trust draft targets"), "{said}");
    next(&world, "root", "");
    next(&world, "targets", "");
    build(&world);
    let released =
        json(&world, "release --public public --online-keys keys/online --previous public --json");
    assert_eq!(released["offline"][0]["days_left"], 364, "{released:#}");
    world.later(80 * index_schema::time::DAY);
    world.tool(refresh).code(0);
    client_follows(&world, "lab/birch");
}
