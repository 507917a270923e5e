//! Tomorrow's registries and today's client: what it does not know it leaves aside, and goes on.
//!
//! No attack, but what one would look like if today's client were too strict: a client is embedded
//! in applications for years, and has to live with registries that grow.

use registry_tool::signing::sign_detached;
use serde_json::{Value, json};

use super::chains::fingerprint;
use super::{fails, forget_cache, put, refused_but_for_metadata, released, victim};
use crate::world::{World, stderr, stdout};

/// All that a client does, with a plugin that it has and one that it has not.
#[track_caller]
fn all_is_well(world: &World) {
    world.client("refresh").code(0);
    let found = stdout(&world.client("search says").code(0));
    assert!(found.contains("lab/amber") && found.contains("ada/beacon"), "{found}");
    world.client("info lab/amber").code(0);
    world.client("info ada/beacon").code(0);
    world.client("install ada/beacon --grant network").code(0);
    world.client("verify").code(0);
    let listed = stdout(&world.client("list").code(0));
    assert!(listed.contains("ada/beacon") && listed.contains("lab/word-count"), "{listed}");
    world.client("remove ada/beacon").code(0);
    forget_cache(world);
}

/// Adds members that nobody knows yet to an object and to all objects in it, but for those whose
/// members are names.
fn grow(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, value) in members.iter_mut() {
                let is_map = matches!(
                    name.as_str(),
                    "targets" | "meta" | "keys" | "roles" | "hashes" | "dependencies" | "keyval"
                );
                match value.as_object_mut().filter(|_| is_map) {
                    Some(named) => named.values_mut().for_each(grow),
                    None => grow(value),
                }
            }
            members.insert("x-tomorrow".to_owned(), json!({ "a": [1, { "b": null }] }));
        }
        Value::Array(elements) => elements.iter_mut().for_each(grow),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn members_that_nobody_knows_are_ignored_in_documents() {
    let world = victim();
    let thief = world.thief();
    for target in
        ["plugins/lab/amber.json", "plugins/ada/beacon.json", "catalog.json", "state.json"]
    {
        let mut document = thief.read_target(target);
        grow(&mut document);
        thief.target(target, format!("{document}\n").as_bytes());
    }
    all_is_well(&world);
}

#[test]
fn members_that_nobody_knows_are_ignored_in_metadata() {
    let world = victim();
    let thief = world.thief();
    let bin = thief.role_of("plugins/ada/beacon.json");
    thief.role("targets", grow_but_for_keys);
    for role in ["index", &bin] {
        thief.role(role, grow);
    }
    thief.snapshot(grow);
    thief.timestamp(grow);
    thief.root(grow_but_for_keys);
    all_is_well(&world);
}

/// The members of a key count towards its id: one that grew would be another key.
fn grow_but_for_keys(signed: &mut Value) {
    let place = if signed.get("delegations").is_some() { "/delegations/keys" } else { "/keys" };
    let keys = signed.pointer(place).unwrap().clone();
    grow(signed);
    *signed.pointer_mut(place).unwrap() = keys;
}

/// Signs the next record of the registry as its maintainer does, whom `sign` keeps from saying what
/// it does not know.
fn record(world: &World, change: impl FnOnce(&mut Value)) -> String {
    let carried = world.thief().says("targets")["x-registry"].take();
    let newest = carried.as_array().unwrap().last().unwrap()["statement"].as_str().unwrap();
    let (document, _) = newest.split_once("\n-----BEGIN").unwrap();
    let mut record: Value = serde_json::from_str(document).unwrap();
    record["serial"] = (record["serial"].as_u64().unwrap() + 1).into();
    change(&mut record);
    let document = format!("{record:#}\n");
    let key = world.read("keys/maintainer");
    document.clone() + &sign_detached(document.as_bytes(), &key, world.now()).unwrap()
}

/// Says of a record what only tomorrow's software knows, and names somebody who has nothing else to
/// do than what only that knows.
fn grow_record(world: &World, record: &mut Value) {
    world.key("scanner");
    let mut scanner = record["maintainers"][0].clone();
    let certificate = world.read("keys/scanner.pub");
    scanner["name"] = "Scanner".into();
    scanner["fingerprint"] = fingerprint(world, "scanner").into();
    scanner["certificate"] = String::from_utf8(certificate).unwrap().into();
    scanner["roles"] = json!(["scan", "mirror"]);
    record["maintainers"].as_array_mut().unwrap().push(scanner);
    record["maintainers"][0]["roles"].as_array_mut().unwrap().push("scan".into());
    record["thresholds"] = json!({ "review": 1, "scan": 2, "mirror": "any" });
    grow(record);
    record["thresholds"].as_object_mut().unwrap().remove("x-tomorrow").unwrap();
}

/// The next record, grown.
fn grown(world: &World) -> String {
    record(world, |record| grow_record(world, record))
}

/// The next record, with another value somewhere.
fn with(world: &World, place: &str, value: Value) -> String {
    record(world, |record| put(record, place, value))
}

#[test]
fn a_record_of_the_registry_that_grew_is_followed_as_far_as_it_is_known() {
    let world = victim();
    let grown = grown(&world);
    world.write("index/registry/2.signed", &grown);
    let report = world.check();
    assert_eq!(report.verdict, "refused");
    let codes = report.codes();
    assert!(["json/unknown-field", "json/unknown-word"].iter().all(|it| codes.contains(it)));
    world.thief().record(&grown);
    all_is_well(&world);
    // It is in force, and the next one follows it.
    world.thief().record(&record(&world, |record| record["title"] = "Tomorrow".into()));
    all_is_well(&world);
    let seen: Value = serde_json::from_slice(&world.read("home/trust/demo/seen.json")).unwrap();
    assert_eq!(seen["records"].as_object().unwrap().len(), 3);
}

/// Makes a record that nobody may follow.
type Forgery = fn(&World) -> String;

#[test]
fn all_of_a_record_is_what_was_signed_and_what_is_known_of_it_has_to_be_right() {
    let cases: [(Forgery, &str); 5] = [
        (|world| grown(world).replacen("x-tomorrow", "x-yesterday", 1), "signature/wrong"),
        (|world| grown(world).replacen("\"mirror\"", "\"stats\"", 1), "signature/wrong"),
        (|world| with(world, "/thresholds", json!({ "review": 2 })), "registry/threshold"),
        (|world| with(world, "/maintainers/0/roles", json!(["scan"])), "registry/threshold"),
        (|world| with(world, "/maintainers/0/roles", json!([])), "document/list"),
    ];
    for (bad, code) in cases {
        let world = victim();
        world.thief().record(&bad(&world));
        refused_but_for_metadata(&world, "install lab/amber", code);
    }
}

#[test]
fn keys_of_kinds_that_nobody_knows_are_left_aside() {
    let world = victim();
    let thief = world.thief();
    let key = json!({
        "keytype": "ml-dsa", "scheme": "ml-dsa-65", "keyval": { "public": "00", "more": 1 },
    });
    let id = index_schema::digest::Sha256Digest::of(&crate::world::canonical(&key)).to_string();
    thief.root(|root| {
        root["keys"][&id] = key.clone();
        for role in ["root", "timestamp", "snapshot", "targets"] {
            root["roles"][role]["keyids"].as_array_mut().unwrap().push(id.clone().into());
        }
    });
    all_is_well(&world);
}

#[test]
fn roles_and_fixed_files_that_nobody_knows_are_left_aside() {
    let world = victim();
    let thief = world.thief();
    thief.role("targets", |targets| {
        let roles = targets["delegations"]["roles"].as_array_mut().unwrap();
        let mut role = roles[0].clone();
        role["name"] = "mirrors-of-tomorrow".into();
        role["paths"] = json!(["mirrors.json"]);
        roles.push(role);
    });
    thief.snapshot(|snapshot| {
        snapshot["meta"]["mirrors-of-tomorrow.json"] = json!({ "version": 1 });
    });
    thief.target("advisories.json", b"{\"type\":\"advisories\"}\n");
    all_is_well(&world);
}

/// What a release of tomorrow says, and where.
fn novelties() -> Vec<(&'static str, Value)> {
    vec![
        ("/schema", 2.into()),
        ("/facts/permissions/0/name", "quantum.entangle".into()),
        ("/facts/runtime", "lua".into()),
        ("/facts/pricing", "pay_what_you_want".into()),
        ("/facts/artifacts/0/platform", "Riscv/128".into()),
        ("/facts/artifacts/0/size", "1 MiB".into()),
        ("/facts/dependencies", json!({ "lab/text-kit": "newest please" })),
        ("/facts/host", "~=3".into()),
        ("/statement", json!({ "url": "https://example.org" })),
        ("/signers", json!(["ssh-ed25519 AAAA"])),
        ("/facts", json!(7)),
    ]
}

#[test]
fn a_release_that_needs_a_newer_client_is_listed_and_left_aside() {
    let world = victim();
    let thief = world.thief();
    let good = thief.read_target("plugins/ada/beacon.json");
    for (place, novelty) in novelties() {
        let mut release = good["releases"][0].clone();
        release["version"] = "2.0.0".into();
        put(&mut release, place, novelty);
        let mut document = good.clone();
        document["releases"].as_array_mut().unwrap().insert(0, release);
        document["about"]["summary"] = "Says more than its name".into();
        thief.target("plugins/ada/beacon.json", format!("{document}\n").as_bytes());

        let shown = stdout(&world.client("info ada/beacon").code(0));
        assert!(shown.contains("2.0.0 (needs a newer libral)"), "{place}: {shown}");
        let before = world.home();
        fails(&world, "install ada/beacon@^2 --grant network", 5, "resolve/no-solution");
        world.assert_home_unchanged(&before);
        let output = world.client("install ada/beacon --grant network --dry-run --json").code(0);
        let said: Value = serde_json::from_str(&stdout(&output)).unwrap();
        assert_eq!(said["steps"][0]["version"], "1.0.0", "{place}");
        assert_eq!(said["warnings"][0]["code"], "release/needs-newer", "{place}");
    }
    world.client("install ada/beacon --grant network").code(0);
    world.client("verify").code(0);
}

#[test]
fn a_plugin_all_of_whose_releases_need_a_newer_client_is_left_aside() {
    let world = released();
    world.trust();
    world.thief().document("ada/beacon", |document| {
        document["releases"][0]["schema"] = 2.into();
    });
    let before = world.home();
    let said = world.client("install ada/beacon --grant network --json").code(5);
    assert!(stdout(&said).contains("newer"), "{}", stdout(&said));
    world.client("info ada/beacon").code(8);
    world.client("install lab/word-count --grant fs.read").code(0);
    world.client("verify").code(0);
    assert_ne!(before, world.home());
}

#[test]
fn a_catalogue_entry_that_needs_a_newer_client_hides_no_other() {
    let world = victim();
    let thief = world.thief();
    let good = thief.read_target("catalog.json");
    for (member, novelty) in [
        ("runtime", json!("lua")),
        ("pricing", json!("pay_what_you_want")),
        ("permissions", json!(["Quantum Entangle"])),
        ("license", json!("LicenseRef of tomorrow")),
        ("categories", json!(["a", "b", "c", "d", "e"])),
    ] {
        let mut catalog = good.clone();
        catalog["plugins"][0][member] = novelty;
        assert_eq!(catalog["plugins"][0]["id"], "ada/beacon");
        thief.target("catalog.json", format!("{catalog}\n").as_bytes());
        let found = stdout(&world.client("search says").code(0));
        assert!(found.contains("lab/amber"), "{member}: {found}");
        let all = stdout(&world.client("search --json").code(0));
        let all: Value = serde_json::from_str(&all).unwrap();
        assert_eq!(all["needs_newer"], json!([{ "id": "ada/beacon", "found_in": "demo" }]));
        world.client("refresh").code(0);
        world.client("categories").code(0);
        // Whoever misspells a name gets the same help as before.
        let said = stderr(&world.client("install ada/beaconn").code(8));
        assert!(said.contains("did you mean `ada/beacon`?"), "{said}");
    }
    world.client("install lab/amber").code(0);
    world.client("verify").code(0);
}

#[test]
fn a_status_action_that_nobody_knows_stops_one_plugin_and_no_other() {
    let world = victim();
    let status = json!({
        "type": "status", "schema": 1, "registry": "demo", "id": "lab/amber", "serial": 1,
        "action": "archive", "reason": "It is perfect now.",
    });
    world.write("archive.json", format!("{status:#}\n"));
    let statement = world.read(&world.sign("archive.json", "lab"));
    let thief = world.thief();
    let reference = thief.blob(&statement, &world.now().to_string());
    thief.document("lab/amber", |document| document["status"] = json!([reference]));
    let before = super::without_metadata(&world.home());
    fails(&world, "install lab/amber", 3, "json/unknown-word");
    let mut after = super::without_metadata(&world.home());
    after.insert("trust/demo/seen.json".to_owned(), before["trust/demo/seen.json"].clone());
    assert_eq!(before, after);
    world.client("install ada/beacon --grant network").code(0);
    world.client("search says").code(0);
    world.client("verify").code(0);
}

#[test]
fn a_plugin_document_of_a_newer_schema_stops_one_plugin_and_no_other() {
    let world = victim();
    world.thief().document("lab/amber", |document| document["schema"] = 2.into());
    refused_but_for_metadata(&world, "install lab/amber", "statement/newer-schema");
    world.client("install ada/beacon --grant network").code(0);
    world.client("search says").code(0);
    world.client("verify").code(0);
}
