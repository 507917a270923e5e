//! Metadata that are old, expired, mixed, or signed by the wrong keys.

use index_schema::time::DAY;
use serde_json::{Value, json};

use super::{
    fails, forget_cache, look_around, refused, refused_but_for_metadata, victim, without_metadata,
};
use crate::world::{World, canonical};

const INSTALL: &str = "install lab/amber";
const TIMESTAMP: &str = "public/metadata/timestamp.json";

#[test]
fn an_older_timestamp_is_refused() {
    let world = victim();
    world.write(TIMESTAMP, world.read("past/metadata/timestamp.json"));
    refused(&world, INSTALL, "tuf/rollback");
}

#[test]
fn an_older_snapshot_is_refused_although_a_new_timestamp_names_it() {
    let world = victim();
    let old = world.read("past/metadata/timestamp.json");
    let old: Value = serde_json::from_slice(&old).unwrap();
    world.thief().timestamp(|timestamp| timestamp["meta"] = old["signed"]["meta"].clone());
    refused(&world, INSTALL, "tuf/rollback");
}

#[test]
fn an_older_bin_is_refused_although_a_new_snapshot_lists_it() {
    let world = victim();
    let thief = world.thief();
    let bin = format!("{}.json", thief.role_of("plugins/lab/amber.json"));
    thief.snapshot(|snapshot| snapshot["meta"][bin]["version"] = 1.into());
    refused_but_for_metadata(&world, INSTALL, "tuf/rollback");
}

#[test]
fn older_targets_are_refused_although_a_new_snapshot_lists_them() {
    let world = victim();
    world.thief().role("targets", |_| {});
    world.client("refresh").code(0);
    world.thief().snapshot(|snapshot| snapshot["meta"]["targets.json"]["version"] = 1.into());
    refused_but_for_metadata(&world, INSTALL, "tuf/rollback");
}

#[test]
fn an_older_root_is_refused_in_the_place_of_the_next() {
    let world = victim();
    world.thief().root(|_| {});
    world.client("refresh").code(0);
    for old in ["1.root.json", "2.root.json"] {
        let bytes = world.read(&format!("public/metadata/{old}"));
        world.write("public/metadata/3.root.json", bytes);
        refused(&world, INSTALL, "tuf/version");
    }
}

#[test]
fn a_snapshot_that_lost_a_role_is_refused() {
    let world = victim();
    let thief = world.thief();
    let bin = format!("{}.json", thief.role_of("plugins/lab/amber.json"));
    thief.snapshot(|snapshot| drop(snapshot["meta"].as_object_mut().unwrap().remove(&bin)));
    refused_but_for_metadata(&world, INSTALL, "tuf/lost");
}

#[test]
fn a_state_that_is_held_back_is_refused_when_it_expires() {
    let world = victim();
    world.later(8 * DAY);
    refused(&world, INSTALL, "tuf/expired");
    // What is installed goes on.
    world.client("list").code(0);
    world.client("verify").code(0);
    world.tool("refresh --public public --online-keys keys/online").code(0);
    world.client(INSTALL).code(0);
}

#[test]
fn a_role_that_is_held_back_is_refused_when_it_expires() {
    for role in ["root", "targets", "index", "snapshot", "bin"] {
        let world = victim();
        let expire = |signed: &mut Value| signed["expires"] = "2026-06-01T12:00:00Z".into();
        let thief = world.thief();
        match role {
            "root" => thief.root(expire),
            "snapshot" => thief.snapshot(expire),
            "bin" => thief.role(&thief.role_of("plugins/lab/amber.json"), expire),
            _ => thief.role(role, expire),
        }
        let command = if role == "index" { "search amber" } else { INSTALL };
        if role == "root" {
            root_is_kept_and_refused(&world, "tuf/expired");
        } else {
            refused_but_for_metadata(&world, command, "tuf/expired");
        }
    }
}

/// A root that the old one signed is kept (5.3.8) before it is asked whether it has expired.
#[track_caller]
fn root_is_kept_and_refused(world: &World, code: &str) {
    let mut before = world.home();
    fails(world, INSTALL, 3, code);
    let mut after = world.home();
    assert_ne!(before.remove("trust/demo/root.json"), after.remove("trust/demo/root.json"));
    assert_eq!(before, after);
}

#[test]
fn metadata_of_different_states_are_not_mixed() {
    let world = victim();
    let old = |file: &str| world.read(&format!("past/metadata/1.{file}.json"));
    world.publish(crate::world::Plugin::new("amber", "1.2.0"));
    world.release();
    let bin = world.thief().role_of("plugins/lab/amber.json");
    let version = &world.thief().says("snapshot")["meta"][format!("{bin}.json")]["version"];
    world.write(&format!("public/metadata/{version}.{bin}.json"), old(&bin));
    refused_but_for_metadata(&world, INSTALL, "tuf/version");
    let snapshot = &world.thief().says("timestamp")["meta"]["snapshot.json"]["version"];
    world.write(&format!("public/metadata/{snapshot}.snapshot.json"), old("snapshot"));
    std::fs::remove_file(world.path("home/trust/demo/snapshot.json")).unwrap();
    refused(&world, INSTALL, "tuf/content");
}

#[test]
fn metadata_by_the_key_of_another_role_are_refused() {
    let world = victim();
    let others = ["online/index", "online/bins", "root/root-1", "root/targets"];
    for (role, third) in [("timestamp", "online/snapshot"), ("snapshot", "online/timestamp")] {
        for other in others.into_iter().chain([third]) {
            world.thief().signing(role, &[other]).snapshot(|_| {});
            refused_but_for_metadata(&world, INSTALL, "tuf/signatures");
        }
    }
}

#[test]
fn a_delegated_role_is_not_signed_by_the_key_of_another() {
    let world = victim();
    let bin = world.thief().role_of("plugins/lab/amber.json");
    for (role, key, command) in [
        (bin.as_str(), "online/index", INSTALL),
        (&bin, "online/snapshot", INSTALL),
        (&bin, "root/targets", INSTALL),
        ("index", "online/bins", "search amber"),
    ] {
        world.thief().signing(role, &[key]).role(role, |_| {});
        refused_but_for_metadata(&world, command, "tuf/signatures");
    }
}

#[test]
fn the_offline_role_is_not_signed_by_online_keys() {
    let world = victim();
    for key in ["online/timestamp", "online/snapshot", "online/index", "online/bins"] {
        world.thief().signing("targets", &[key]).role("targets", |_| {});
        refused_but_for_metadata(&world, INSTALL, "tuf/signatures");
    }
}

#[test]
fn a_root_by_other_keys_than_the_old_and_the_new_one_is_refused() {
    let world = victim();
    for keys in [&["online/timestamp"][..], &["root/targets"], &[]] {
        world.thief().signing("root", keys).root(|_| {});
        refused(&world, INSTALL, "tuf/signatures");
        std::fs::remove_file(world.path("public/metadata/2.root.json")).unwrap();
    }
}

/// Gives the registry a second root, with three root keys of which two have to sign.
fn two_of_three(world: &World) {
    let other = World::founded("demo");
    for number in [2, 3] {
        let key = other.read("keys/root/root-1.pem");
        let key = if number == 2 { key } else { other.read("keys/root/targets.pem") };
        world.write(&format!("keys/root/root-{number}.pem"), key);
    }
    let thief = world.thief();
    let keys = [1, 2, 3].map(|number| thief.public(&format!("root/root-{number}")));
    thief.root(|root| {
        root["roles"]["root"]["keyids"] = keys.iter().map(|(id, _)| id.clone()).collect();
        root["roles"]["root"]["threshold"] = 2.into();
        for (id, key) in keys {
            root["keys"][id] = key;
        }
    });
    world.client("refresh").code(0);
}

#[test]
fn a_root_below_the_threshold_is_refused() {
    let world = victim();
    two_of_three(&world);
    world.thief().signing("root", &["root/root-2"]).root(|_| {});
    refused(&world, INSTALL, "tuf/signatures");
}

#[test]
fn a_root_below_the_threshold_of_the_old_one_is_refused() {
    let world = victim();
    two_of_three(&world);
    let thief = world.thief().signing("root", &["root/root-2"]);
    thief.root(|root| root["roles"]["root"]["threshold"] = 1.into());
    refused(&world, INSTALL, "tuf/signatures");
}

#[test]
fn a_root_below_the_threshold_of_the_new_one_is_refused() {
    let world = victim();
    two_of_three(&world);
    let thief = world.thief().signing("root", &["root/root-1", "root/root-2"]);
    thief.root(|root| root["roles"]["root"]["threshold"] = 3.into());
    refused(&world, INSTALL, "tuf/signatures");
}

#[test]
fn one_key_does_not_count_twice_towards_a_threshold() {
    let world = victim();
    two_of_three(&world);
    let thief = world.thief().signing("root", &["root/root-1", "root/root-1"]);
    thief.root(|_| {});
    refused(&world, INSTALL, "tuf/not-root");
}

#[test]
fn one_key_under_two_ids_does_not_count_twice() {
    let world = victim();
    two_of_three(&world);
    // What follows is a root that its old keys sign: it has one key, and the threshold two.
    let thief = world.thief();
    let (id, key) = thief.public("root/root-1");
    let mut twin = key.clone();
    twin["x-twin"] = true.into();
    let twin_id = index_schema::digest::Sha256Digest::of(&canonical(&twin)).to_string();
    thief.root(|root| {
        root["roles"]["root"]["keyids"] = json!([id, twin_id]);
        root["keys"][&id] = key;
        root["keys"][&twin_id] = twin;
    });
    refused(&world, INSTALL, "tuf/signatures");
}

#[test]
fn a_root_that_leaves_a_version_out_is_refused() {
    let world = victim();
    world.thief().root(|root| root["version"] = 3.into());
    refused(&world, INSTALL, "tuf/version");
}

#[test]
fn a_root_that_nobody_can_reach_step_by_step_changes_nothing() {
    let world = victim();
    let thief = world.thief();
    thief.root(|_| {});
    std::fs::rename(
        world.path("public/metadata/2.root.json"),
        world.path("public/metadata/3.root.json"),
    )
    .unwrap();
    let before = world.home();
    world.client("info lab/amber").code(0);
    world.assert_home_unchanged(&before);
}

#[test]
fn a_bin_in_the_place_of_another_is_refused() {
    let world = victim();
    let thief = world.thief();
    let (own, other) =
        (thief.role_of("plugins/lab/amber.json"), thief.role_of("plugins/lab/word-count.json"));
    assert_ne!(own, other);
    let signed = thief.says(&other);
    thief.role(&own, |bin| {
        let version = bin["version"].clone();
        *bin = signed;
        bin["version"] = version;
    });
    refused_but_for_metadata(&world, INSTALL, "tuf/swapped");
}

#[test]
fn a_plugin_is_looked_for_in_its_own_bin_only() {
    let world = victim();
    let thief = world.thief();
    let own = thief.role_of("plugins/lab/amber.json");
    let other = thief.role_of("plugins/lab/word-count.json");
    let listed = thief.says(&own)["targets"]["plugins/lab/amber.json"].take();
    thief.role(&own, |bin| {
        bin["targets"].as_object_mut().unwrap().remove("plugins/lab/amber.json");
    });
    thief.role(&other, |bin| bin["targets"]["plugins/lab/amber.json"] = listed);
    refused_but_for_metadata(&world, INSTALL, "index/lost-release");
}

#[test]
fn an_online_role_does_not_vouch_for_the_registry_record() {
    let world = victim();
    let thief = world.thief();
    // Not even when the offline role is silent about it, by mistake.
    let listed = thief.says("targets")["targets"]["registry.signed"].take();
    thief.role("targets", |targets| targets["targets"] = json!({}));
    let bin = thief.role_of("registry.signed");
    thief.role(&bin, |bin| bin["targets"]["registry.signed"] = listed);
    refused_but_for_metadata(&world, INSTALL, "index/not-listed");
}

#[test]
fn an_unsafe_target_path_is_refused() {
    let world = victim();
    let thief = world.thief();
    let bin = thief.role_of("plugins/lab/amber.json");
    let good = thief.says(&bin)["targets"].take();
    for path in ["../seen.json", "/etc/passwd", "plugins/lab/../../x", "a\\b", "plugins//x", "c:x"]
    {
        thief.role(&bin, |bin| {
            bin["targets"] = good.clone();
            bin["targets"][path] = good["plugins/lab/amber.json"].clone();
        });
        refused_but_for_metadata(&world, INSTALL, "tuf/malformed");
    }
}

#[test]
fn an_unsafe_role_name_is_refused() {
    let world = victim();
    for name in ["Snapshot", "mirrors", "nul", "a\u{7f}"] {
        world.thief().role("targets", |targets| {
            targets["delegations"]["roles"][1]["name"] = name.into();
        });
        refused_but_for_metadata(&world, INSTALL, "tuf/malformed");
    }
}

#[test]
fn a_fast_forward_is_undone_by_new_keys() {
    let world = victim();
    let last = json!((1_u64 << 53) - 1);
    world.thief().timestamp(|timestamp| timestamp["version"] = last);
    world.client("refresh").code(0);
    // Whoever has seen that finds nothing newer any more …
    world.write(TIMESTAMP, world.read("past/metadata/timestamp.json"));
    refused(&world, INSTALL, "tuf/rollback");
    // … until the root names other keys.
    let other = World::founded("demo");
    world.write("keys/online/timestamp.pem", other.read("keys/online/timestamp.pem"));
    let thief = world.thief();
    let (id, key) = thief.public("online/timestamp");
    thief.root(|root| {
        root["roles"]["timestamp"]["keyids"] = json!([id]);
        root["keys"][&id] = key;
    });
    thief.timestamp(|timestamp| {
        timestamp["version"] = 1.into();
        timestamp["meta"]["snapshot.json"] = json!({ "version": 2 });
    });
    let before = without_metadata(&world.home());
    world.client("refresh").code(0);
    let mut after = without_metadata(&world.home());
    for changed in ["trust/demo/root.json", "trust/demo/seen.json"] {
        after.insert(changed.to_owned(), before[changed].clone());
    }
    assert_eq!(before, after);
    world.client(INSTALL).code(0);
    forget_cache(&world);
    look_around(&world);
}

#[test]
fn a_changed_byte_of_any_metadata_is_noticed() {
    for role in ["timestamp", "snapshot", "targets", "bin"] {
        let world = victim();
        let thief = world.thief();
        let bin = thief.role_of("plugins/lab/amber.json");
        let role = if role == "bin" { bin.as_str() } else { role };
        let path = match role {
            "timestamp" => TIMESTAMP.to_owned(),
            "targets" => "public/metadata/1.targets.json".to_owned(),
            _ => format!("public/metadata/2.{role}.json"),
        };
        let text = String::from_utf8(world.read(&path)).unwrap();
        let changed = text.replacen("\"expires\":\"2026", "\"expires\":\"2099", 1);
        let changed = changed.replacen("\"expires\":\"2027", "\"expires\":\"2099", 1);
        assert_ne!(text, changed, "{role}");
        world.write(&path, changed);
        // What was verified before lies in the trust folder, and goes on serving.
        std::fs::remove_file(world.path(format!("home/trust/demo/{role}.json"))).unwrap();
        let code = if role == "snapshot" { "tuf/content" } else { "tuf/signatures" };
        refused(&world, INSTALL, code);
    }
}
