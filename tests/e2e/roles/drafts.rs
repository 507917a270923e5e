//! Drafts: signed in several steps on several machines, and taken only when they are finished.

use serde_json::Value;

use super::{id_of, in_use, json, next};
use crate::world::{World, stderr, stdout};

/// A registry whose three root keys, two of which sign, were made by three people.
fn of_three() -> World {
    let world =
        World::empty_at(index_schema::time::Timestamp::parse("2026-06-01T12:00:00Z").unwrap());
    world.key("maintainer");
    world.tool("init index --id demo --title Demo --key keys/maintainer").code(0);
    for name in ["ada/root", "ben/root", "cleo/root", "ada/targets"] {
        world.tool(&format!("trust key --out keys/{name}.pem")).code(0);
    }
    let root =
        ["ada", "ben", "cleo"].map(|who| format!("--root-key keys/{who}/root.pub")).join(" ");
    let rest = "--targets-key keys/ada/targets.pub --online-keys keys/online --threshold 2";
    world.tool(&format!("key ceremony --index index --out drafts {root} {rest}")).code(0);
    world
}

fn sign(world: &World, file: &str, key: &str, rest: &str) -> snapbox::cmd::OutputAssert {
    world.tool(&format!("trust sign {file} --index index --keys keys/{key}.pem {rest}"))
}

const ROOT: &str = "drafts/1.root.json";
const TARGETS: &str = "drafts/1.targets.json";

#[test]
fn no_machine_ever_holds_all_keys() {
    let world = of_three();
    assert!(!world.path("index/trust").exists(), "a draft is not yet part of the index");
    let first = stdout(&sign(&world, ROOT, "ada/root", "").code(0));
    let id = id_of(&world, "keys/ada/root.pub");
    assert!(first.contains("root 1, the first one"), "{first}");
    assert!(first.contains("+ root: 2 of 3 keys"), "{first}");
    assert!(first.contains(&format!("signed with {id}")), "{first}");
    assert!(first.contains("1 of 2 signatures by the root keys of root 1, 1 missing"), "{first}");
    let early = stderr(&world.tool(&format!("trust adopt {ROOT} --index index")).code(1));
    assert!(early.contains("root 1 is not finished: 1 of 2 signatures"), "{early}");
    assert!(!world.path("index/trust").exists());
    sign(&world, ROOT, "cleo/root", "").code(0);
    // The root decides who signs targets, so it comes first.
    let order = stderr(&sign(&world, TARGETS, "ada/targets", "").code(1));
    assert!(order.contains("adopt the first root before"), "{order}");
    world.tool(&format!("trust adopt {ROOT} --index index")).code(0);
    sign(&world, TARGETS, "ada/targets", "").code(0);
    world.tool(&format!("trust adopt {TARGETS} --index index")).code(0);
    world.accept("Trust the first root");
    world.tool("build --index index --out public").code(0);
    world.tool("release --public public --online-keys keys/online --first").code(0);
    world.trust();
}

#[test]
fn copies_that_were_signed_apart_are_put_together() {
    let world = of_three();
    for who in ["ada", "ben"] {
        let out = format!("drafts/by-{who}.json");
        sign(&world, ROOT, &format!("{who}/root"), &format!("--out {out}")).code(0);
        world.tool(&format!("trust adopt {out} --index index")).code(1);
    }
    world.tool("trust adopt drafts/by-ada.json drafts/by-ben.json --index index").code(0);
    let other = stderr(&world.tool(&format!("trust adopt {ROOT} {TARGETS} --index index")).code(1));
    assert!(other.contains("say different things"), "{other}");
}

#[test]
fn a_key_that_may_not_sign_does_not() {
    let world = of_three();
    let before = world.listing("drafts");
    let said = stderr(&sign(&world, ROOT, "ada/targets", "").code(1));
    assert!(said.contains("none of these keys may sign root 1"), "{said}");
    assert!(said.contains("hint: `trust show` lists"), "{said}");
    world.assert_unchanged("drafts", &before);
    sign(&world, ROOT, "ada/root", "").code(0);
    let before = world.listing("drafts");
    let again = stderr(&sign(&world, ROOT, "ada/root", "").code(1));
    assert!(again.contains("has the signatures of these keys already"), "{again}");
    world.assert_unchanged("drafts", &before);
}

#[test]
fn a_draft_that_says_more_than_is_shown_is_not_signed() {
    let world = of_three();
    let text = String::from_utf8(world.read(ROOT)).unwrap();
    world.write(
        ROOT,
        text.replace("\"consistent_snapshot\"", "\"x-more\":1,\"consistent_snapshot\""),
    );
    let said = stderr(&sign(&world, ROOT, "ada/root", "").code(1));
    assert!(said.contains("says more than this version of the program can show"), "{said}");
}

#[test]
fn a_signature_that_was_tampered_with_counts_for_nothing() {
    let world = of_three();
    sign(&world, ROOT, "ada/root", "").code(0);
    sign(&world, ROOT, "ben/root", "").code(0);
    let mut file: Value = serde_json::from_slice(&world.read(ROOT)).unwrap();
    let signature = file["signatures"][0]["sig"].as_str().unwrap().to_owned();
    let flipped = signature.chars().rev().collect::<String>();
    file["signatures"][0]["sig"] = flipped.into();
    world.write(ROOT, file.to_string());
    let said = stderr(&world.tool(&format!("trust adopt {ROOT} --index index")).code(1));
    assert!(said.contains("1 of 2 signatures"), "{said}");
}

#[test]
fn the_difference_to_the_version_before_is_shown() {
    let world = in_use();
    world.tool("trust key --out keys/new/timestamp.pem").code(0);
    let old = id_of(&world, "keys/online/timestamp.pub");
    let new = id_of(&world, "keys/new/timestamp.pub");
    let command = "trust draft root --index index --out drafts/root.json";
    let shown =
        stdout(&world.tool(&format!("{command} --timestamp-key keys/new/timestamp.pub")).code(0));
    for line in [
        "root 2, after root 1".to_owned(),
        format!("      - {old}"),
        format!("      + {new}"),
        "  = root: 1 of 1 keys".to_owned(),
    ] {
        assert!(shown.contains(&line), "{line}: {shown}");
    }
    assert!(shown.contains("  ~ expires 2027-06-01T12:0"), "{shown}");
    let shown = stdout(
        &world.tool("trust draft targets --index index --out drafts/t.json --bins 4").code(0),
    );
    assert!(shown.contains("  ~ bins 4, was 16"), "{shown}");
    assert!(shown.contains("  = registry record 1, accepted at 2026-06-01T12:00:00Z"), "{shown}");
}

#[test]
fn a_draft_for_another_state_of_the_index_is_refused() {
    let world = in_use();
    for name in ["one", "two"] {
        world.tool(&format!("trust draft root --index index --out drafts/{name}.json")).code(0);
        world
            .tool(&format!("trust sign drafts/{name}.json --index index --keys keys/root"))
            .code(0);
        world.later(60);
    }
    world.tool("trust adopt drafts/one.json --index index").code(0);
    let said = stderr(&world.tool("trust adopt drafts/two.json --index index").code(1));
    assert!(said.contains("root 2 was drafted for another state"), "{said}");
    assert!(said.contains("version 3 is due"), "{said}");
    world.later(366 * index_schema::time::DAY);
    world.commit("Keep the root");
    world.tool("trust draft targets --index index --out drafts/late.json").code(0);
    world.later(366 * index_schema::time::DAY);
    let said =
        stderr(&world.tool("trust sign drafts/late.json --index index --keys keys/root").code(1));
    assert!(said.contains("targets 2 expired at"), "{said}");
}

#[test]
fn changes_that_make_no_sense_are_refused() {
    let world = in_use();
    let draft = "trust draft root --index index --out drafts/root.json";
    for (changes, said) in [
        ("--threshold 2", "a threshold of 2 out of 1 keys of `root`"),
        ("--threshold 0", "a threshold of 0"),
        ("--add-root-key keys/root/root-1.pub", "is a root key already"),
        ("--remove-root-key keys/root/targets.pub", "is not a root key"),
        ("--remove-root-key 01234567", "neither a file nor the beginning"),
        ("--remove-root-key keys/root/root-1.pub", "a threshold of 1 out of 0 keys"),
        ("--targets-key keys/root/root-1.pub", "also signs as `targets`"),
    ] {
        let shown = stderr(&world.tool(&format!("{draft} {changes}")));
        assert!(shown.contains(said), "{changes}: {shown}");
        assert!(!world.path("drafts").exists(), "{changes}");
    }
}

#[test]
fn a_record_that_is_not_committed_yet_has_no_time_to_be_signed() {
    let world = in_use();
    world.tool("record next --index index --out record.json").code(0);
    world.tool("sign record.json --key keys/maintainer").code(0);
    world.tool("add record.signed --index index").code(0);
    let said = stderr(&world.tool("trust draft targets --index index --out drafts/t.json"));
    assert!(said.contains("the newest registry record is not committed yet"), "{said}");
    assert!(said.contains("hint: commit the record first"), "{said}");
}

#[test]
fn a_record_that_no_targets_metadata_name_is_built_and_not_released() {
    let world = in_use();
    world.tool("record next --index index --out record.json").code(0);
    world.tool("sign record.json --key keys/maintainer").code(0);
    world.tool("add record.signed --index index").code(0);
    world.accept("Change the record");
    super::build(&world);
    let before = world.listing("public");
    let said = stderr(&super::release(&world, "online", "").code(1));
    assert!(
        said.contains("`registry.signed` is not the file that the targets role signed"),
        "{said}"
    );
    world.assert_unchanged("public", &before);
    next(&world, "targets", "");
    super::build(&world);
    super::release(&world, "online", "").code(0);
    let shown = json(&world, "trust show --public public --json");
    let records = shown["records"].as_array().unwrap();
    assert_eq!(records.len(), 2, "{shown:#}");
    assert!(records[0]["accepted"].as_str() < records[1]["accepted"].as_str());
    super::client_follows(&world, "lab/birch");
}

/// Puts targets metadata into the index that say something else, signed by the targets key.
fn merge_targets(world: &World, change: impl FnOnce(&mut Value)) {
    let mut file: Value =
        serde_json::from_slice(&world.read("index/trust/targets/1.targets.json")).unwrap();
    let mut signed = file["signed"].take();
    signed["version"] = 2.into();
    change(&mut signed);
    world.write("index/trust/targets/2.targets.json", world.thief().sign("targets", &signed));
}

/// What somebody makes of targets metadata.
type Lie<'l> = &'l dyn Fn(&mut Value);

#[test]
fn targets_metadata_carry_the_records_as_git_accepted_them() {
    let links = |signed: &mut Value| signed["x-registry"].as_array().unwrap().clone();
    let lies: [(&str, Lie<'_>); 6] = [
        ("trust/registry-chain", &|signed| {
            drop(signed.as_object_mut().unwrap().remove("x-registry"));
        }),
        ("trust/registry-chain", &|signed| signed["x-registry"] = Value::Array(vec![])),
        ("trust/registry-chain", &|signed| {
            signed["x-registry"][0]["accepted"] = "2026-06-01T12:00:01Z".into();
        }),
        ("trust/registry-chain", &|signed| {
            let text =
                signed["x-registry"][0]["statement"].as_str().unwrap().replace("Demo", "Oder");
            signed["x-registry"][0]["statement"] = text.into();
        }),
        ("trust/registry-chain", &|signed| {
            let twice = [links(signed), links(signed)].concat();
            signed["x-registry"] = twice.into();
        }),
        ("trust/registry-file", &|signed| {
            signed["targets"]["registry.signed"]["hashes"]["sha256"] = "0".repeat(64).into();
        }),
    ];
    let world = in_use();
    for (code, lie) in lies {
        merge_targets(&world, lie);
        world.assert_refused(&[code]);
    }
    // Merged all the same, they are void, and the next ones take the next version.
    world.commit("Merge what should never have been merged");
    super::build(&world);
    super::release(&world, "online", "").code(0);
    next(&world, "targets", "");
    assert!(world.path("index/trust/targets/3.targets.json").exists());
    super::build(&world);
    super::release(&world, "online", "").code(0);
    super::client_follows(&world, "lab/birch");
}

#[test]
fn what_is_trusted_is_shown_with_keys_thresholds_and_the_days_that_are_left() {
    let world = in_use();
    world.later(index_schema::time::DAY);
    let shown = json(&world, "trust show --public public --json");
    let role = |name: &str| {
        let roles = shown["roles"].as_array().unwrap();
        roles.iter().find(|role| role["role"] == name).unwrap().clone()
    };
    assert_eq!(shown["schema"], "registry-tool.trust-show/1");
    assert_eq!(shown["bins"], 16);
    for (name, key, days) in [
        ("root", "root/root-1", 363),
        ("targets", "root/targets", 363),
        ("index", "online/index", 363),
        ("bins", "online/bins", 363),
        ("snapshot", "online/snapshot", 28),
        ("timestamp", "online/timestamp", 5),
    ] {
        let key = id_of(&world, &format!("keys/{key}.pub"));
        assert_eq!(role(name)["keys"], serde_json::json!([key]), "{name}");
        let left = role(name)["days_left"].as_i64().unwrap();
        assert!((days..=days + 1).contains(&left), "{name}: {left}");
        assert_eq!(role(name)["threshold"], 1, "{name}");
    }
    let text = stdout(&world.tool("trust show --index index").code(0));
    assert!(text.contains("first root: sha256 ") && text.contains("registry record 1"), "{text}");
}
