//! Vulnerabilities: what maintainers sign, what is published of it, and what users hear.

use serde_json::{Value, json};

use crate::world::{Plugin, World, stderr, stdout};

const ABOUT: &str = "--plugin lab/amber --introduced 1.0.0 --fixed 1.2.0 \
                     --summary 'Reads any file' --details 'It follows links out of its folder.'";
const BY: &str = "--index index --key keys/maintainer";
const ID: &str = "x_demo-2026-0001";

/// A world whose client has installed `lab/amber` 1.0.0.
fn installed() -> World {
    let world = World::new();
    world.publish(Plugin::new("amber", "1.0.0"));
    world.publish(Plugin::new("birch", "1.0.0"));
    world.release();
    world.trust();
    world.client("install lab/amber").code(0);
    world
}

fn new(world: &World, severity: &str) -> String {
    let said = world.tool(&format!("advisory new {ABOUT} --severity {severity} {BY}")).code(0);
    world.accept("Advise");
    world.release();
    stdout(&said)
}

fn ask(world: &World, command: &str, code: i32) -> Value {
    let output = world.client(&format!("{command} --json")).code(code);
    serde_json::from_str(&stdout(&output)).unwrap()
}

fn file(world: &World, path: &str) -> Value {
    serde_json::from_slice(&world.read(path)).unwrap()
}

#[test]
fn an_advisory_is_published_as_osv_and_with_the_plugin() {
    let world = installed();
    let extra = "--severity HIGH --alias CVE-2026-12345 --reference https://lab.example.org/advice \
                 --cvss CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:U/C:H/I:N/A:N";
    let said = world.tool(&format!("advisory new {ABOUT} {extra} {BY}")).code(0);
    assert_eq!(stdout(&said), format!("advisories/2026/{ID}/1.signed\n"));
    world.accept("Advise");
    world.release();
    let osv = file(&world, &format!("public/api/v1/advisories/{ID}.json"));
    assert_eq!(osv["id"], ID);
    assert_eq!(osv["aliases"], json!(["CVE-2026-12345"]));
    assert_eq!(osv["affected"][0]["package"], json!({"ecosystem": "x_demo", "name": "lab/amber"}));
    let events = json!([{"introduced": "1.0.0"}, {"fixed": "1.2.0"}]);
    assert_eq!(osv["affected"][0]["ranges"][0], json!({"type": "SEMVER", "events": events}));
    let all = world.thief().read_target("advisories.json");
    assert_eq!(all["advisories"], json!([osv]));
    let document = file(&world, "public/api/v1/plugins/lab/amber.json");
    assert_eq!(document["advisories"].as_array().unwrap().len(), 1);
    let other = file(&world, "public/api/v1/plugins/lab/birch.json");
    assert!(other.get("advisories").is_none());
    world.client("refresh").code(0);
}

#[test]
fn whoever_has_an_affected_release_hears_of_it() {
    let world = installed();
    assert_eq!(ask(&world, "audit", 0)["ok"], true);
    new(&world, "MODERATE");
    let audit = ask(&world, "audit", 1);
    let found = &audit["plugins"][0]["findings"][0];
    assert_eq!((&found["code"], &found["advisory"]), (&json!("advisory/affected"), &json!(ID)));
    assert_eq!((&found["severity"], &found["fixed"]), (&json!("MODERATE"), &json!(["1.2.0"])));
    let said = stdout(&world.client("audit").code(1));
    let line = format!(
        "lab/amber 1.0.0: {ID} MODERATE: Reads any file; repaired in 1.2.0 [advisory/affected]\n"
    );
    assert_eq!(said, line);
    let info = stdout(&world.client("info lab/amber").code(0));
    assert!(info.contains(&format!("affected by   {ID}, MODERATE: Reads any file")), "{info}");
    let warned = ask(&world, "install lab/birch", 0);
    assert_eq!(warned["warnings"][0]["code"], "advisory/affected", "{warned:#}");

    world.publish(Plugin::new("amber", "1.2.0"));
    world.release();
    world.client("install lab/amber@^1.2").code(0);
    assert_eq!(ask(&world, "audit", 0)["plugins"][0]["findings"], json!([]));
}

#[test]
fn what_does_harm_is_not_installed_unless_the_user_says_so() {
    let world = installed();
    world.publish(Plugin::new("amber", "1.1.0"));
    new(&world, "CRITICAL");
    let before = world.listing("home/plugins");
    let refused = ask(&world, "install lab/amber@=1.1.0 --yes", 6);
    assert_eq!(refused["error"]["code"], "advisory/affected");
    let message = refused["error"]["message"].as_str().unwrap();
    assert_eq!(message, format!("lab/amber 1.1.0 is affected by {ID}, CRITICAL: Reads any file"));
    let hint = refused["error"]["hint"].as_str().unwrap();
    assert_eq!(
        hint,
        format!("it is repaired in 1.2.0; --allow-advisory {ID} installs it all the same")
    );
    assert_eq!(world.listing("home/plugins"), before);
    let other = "install lab/amber@=1.1.0 --allow-advisory x_demo-2026-0002";
    assert_eq!(ask(&world, other, 6)["error"]["code"], "advisory/affected");
    ask(&world, &format!("install lab/amber@=1.1.0 --allow-advisory {ID}"), 0);
}

#[test]
fn an_advisory_is_changed_and_withdrawn_by_later_statements() {
    let world = installed();
    new(&world, "HIGH");
    world.later(60);
    let shown = stdout(&world.tool(&format!("advisory show {ID} --index index")).code(0));
    let mut osv: Value = serde_json::from_str(&shown).unwrap();
    osv["affected"][0]["package"]["name"] = json!("lab/birch");
    world.write("changed.json", osv.to_string());
    let put = format!("advisory put changed.json {BY}");
    let said = stderr(&world.tool(&put).code(1));
    assert!(said.contains("advisory/time"), "{said}");
    osv["modified"] = json!(world.now().to_string());
    world.write("changed.json", osv.to_string());
    let said = stdout(&world.tool(&put).code(0));
    assert_eq!(said, format!("advisories/2026/{ID}/2.signed\n"));
    world.accept("Change it");
    world.release();
    assert_eq!(ask(&world, "audit", 0)["ok"], true);
    ask(&world, "install lab/birch", 6);

    world.later(60);
    world.tool(&format!("advisory withdraw {ID} {BY}")).code(0);
    world.accept("Withdraw it");
    world.release();
    ask(&world, "install lab/birch", 0);
    let info = ask(&world, "info lab/birch", 0);
    assert!(info["advisories"][0]["withdrawn"].is_string() && info["affected_by"] == json!([]));
    let said = stderr(&world.tool(&format!("advisory withdraw {ID} {BY}")).code(2));
    assert!(said.contains("is withdrawn already"), "{said}");
    assert_eq!(new(&world, "LOW"), "advisories/2026/x_demo-2026-0002/1.signed\n");
}

#[test]
fn nobody_but_those_who_advise_signs_an_advisory() {
    let world = installed();
    let before = world.listing("index");
    let refused = |command: &str, code: i32, why: &str| {
        let said = stderr(&world.tool(command).code(code));
        assert!(said.contains(why), "{said}");
        world.assert_unchanged("index", &before);
    };
    let advise = format!("advisory new {ABOUT} --severity HIGH");
    refused(&format!("{advise} --index index --key keys/lab"), 1, "signature/unknown-key");
    refused(&format!("{} {BY}", advise.replace("amber", "nothing")), 1, "advisory/unknown-plugin");
    refused(
        &format!("{} {BY}", advise.replace("--fixed 1.2.0", "--fixed 0.9.0")),
        1,
        "advisory/range",
    );
    refused(&format!("{} {BY}", advise.replace("HIGH", "high")), 2, "expected one of: LOW");
    refused(&format!("advisory withdraw {ID} {BY}"), 2, "there is no advisory");
    world.write("wrong.json", "{\"id\": \"GHSA-1\", \"surprise\": 1}");
    refused(&format!("advisory put wrong.json {BY}"), 1, "json/unknown-field");

    // Past all commands, it is refused all the same, and as a pull request.
    world.tool(&format!("{advise} {BY}")).code(0);
    let place = format!("index/advisories/2026/{ID}/1.signed");
    let text = String::from_utf8(world.read(&place)).unwrap();
    let (document, _) = text.split_once("-----BEGIN").unwrap();
    for (from, to, who, code) in [
        ("", "", "lab", "signature/unknown-key"),
        ("\"registry\": \"demo\"", "\"registry\": \"another\"", "maintainer", "advisory/id"),
        ("x_demo\"", "npm\"", "maintainer", "advisory/ecosystem"),
        ("-0001\"", "-0002\"", "maintainer", "shape/misplaced"),
        ("lab/amber", "lab/none", "maintainer", "advisory/unknown-plugin"),
    ] {
        let forged = if from.is_empty() { document.to_owned() } else { document.replace(from, to) };
        world.write("forged.json", forged);
        let signed = world.sign("forged.json", who);
        std::fs::rename(world.path(signed), world.path(&place)).unwrap();
        let report = world.check();
        assert!(report.codes().contains(&code), "{code}: {report:#?}");
        assert_eq!(world.judge(&world.pull_request()).findings, report.findings);
    }
}

#[test]
fn the_online_keys_make_up_no_advisory() {
    let world = installed();
    new(&world, "LOW");
    let document = file(&world, "public/api/v1/plugins/lab/amber.json");
    let digest = document["advisories"][0]["sha256"].as_str().unwrap();
    let digest = index_schema::digest::Sha256Digest::parse(digest).unwrap();
    let good = world.read(&format!("public/{}", index_schema::layout::blob(&digest)));
    let text = String::from_utf8(good).unwrap();
    let (signed, _) = text.split_once("-----BEGIN").unwrap();
    world.write("forged.json", signed.replace("LOW", "CRITICAL"));
    let bytes = world.read(&world.sign("forged.json", "lab"));
    let forged =
        world.thief().blob(&bytes, document["advisories"][0]["accepted"].as_str().unwrap());
    world.thief().document("lab/amber", |document| document["advisories"] = json!([forged]));
    for command in ["audit", "info lab/amber", "install lab/amber@=1.0.0"] {
        assert_eq!(ask(&world, command, 3)["error"]["code"], "signature/unknown-key", "{command}");
    }
    // An advisory about another plugin does not belong there.
    let other = document["advisories"][0].clone();
    world.thief().document("lab/birch", |document| document["advisories"] = json!([other]));
    assert_eq!(ask(&world, "info lab/birch", 3)["error"]["code"], "index/contradicts-status");
}

#[test]
fn what_publishers_say_of_releases_reaches_their_users() {
    let world = installed();
    let say = |what: &str| {
        world
            .tool(&format!("{what} --index index --reason 'it loses words' --key keys/lab"))
            .code(0);
        world.accept("Say something");
        world.release();
    };
    say("yank lab/amber 1.0.0 --severity high --replacement 1.0.1");
    say("deprecate lab/amber --successor lab/birch");
    let audit = ask(&world, "audit", 1);
    let found = audit["plugins"][0]["findings"].as_array().unwrap();
    let codes: Vec<_> = found.iter().map(|finding| finding["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["release/yanked", "plugin/deprecated"]);
    assert_eq!(found[0]["fixed"], json!(["1.0.1"]));
    assert!(found[1]["message"].as_str().unwrap().ends_with("; take lab/birch instead"));
    let info = stdout(&world.client("info lab/amber").code(0));
    assert!(info.contains("deprecated    it loses words; take lab/birch instead"), "{info}");
    assert!(info.contains("taken back    it loses words"), "{info}");
    assert_eq!(ask(&world, "search amber", 0)["plugins"][0]["deprecated"], true);
    let warned = ask(&world, "install lab/birch", 0);
    let warned: Vec<_> =
        warned["warnings"].as_array().unwrap().iter().map(|w| &w["code"]).collect();
    assert_eq!(warned, [&json!("release/yanked"), &json!("plugin/deprecated")]);
    say("unyank lab/amber 1.0.0");
    // Deprecation alone is to be known, and no harm.
    assert_eq!(ask(&world, "audit", 0)["plugins"][0]["findings"][0]["code"], "plugin/deprecated");
    say("undeprecate lab/amber");
    assert_eq!(ask(&world, "audit", 0)["plugins"][0]["findings"], json!([]));
}

#[test]
fn an_audit_that_cannot_ask_is_no_pass() {
    let world = installed();
    std::fs::rename(world.path("public"), world.path("elsewhere")).unwrap();
    let code = world.client("audit").get_output().status.code();
    assert!(matches!(code, Some(3 | 4)), "{code:?}");
}
