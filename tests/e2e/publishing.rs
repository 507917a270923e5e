//! Publishing: from a folder to an accepted release.

use index_schema::statement;

use crate::world::{Plugin, World, stderr, stdout};

#[test]
fn a_newcomer_gets_from_nothing_to_a_release() {
    let world = World::founded("demo");
    world.tool("key new --user-id 'Ada <ada@example.org>' --out keys/ada").code(0);
    world.tool("new ada/hello plugins/hello --registry demo").code(0);
    let url = "https://plugins.example.org/{file}";
    world.tool(&format!("pack plugins/hello --out dist --url {url}")).code(0);
    world.tool("sign dist/0.1.0.json --key keys/ada").code(0);
    world.tool("publisher new ada --index index --cert keys/ada.pub --key keys/ada").code(0);
    let added = world.tool("add dist/0.1.0.signed --index index").code(0);
    added.stdout_eq("plugins/ad/ada/he/hello/0.1.0.signed\n");

    // A stranger's release does not count before a maintainer has looked at its keys.
    let report = world.check();
    assert_eq!((report.verdict.as_str(), report.codes()), ("review", vec!["publisher/new"]));
    world.approve(&report.findings);
    world
        .tool("check --index index --archives dist")
        .code(0)
        .stdout_eq("accepted: 3 files judged\n");
    world.commit("Let Ada in");
    world.release();

    let catalog = world.read("public/api/v1/catalog.json");
    assert!(String::from_utf8(catalog).unwrap().contains("ada/hello"));
    world.tool("validate --all --index index --archives dist").code(0);
}

#[test]
fn an_unapproved_publisher_waits_for_a_maintainer() {
    let world = World::founded("demo");
    world.key("ada");
    world.tool("publisher new ada --index index --cert keys/ada.pub --key keys/ada").code(0);
    let check = world.tool("check --index index").code(5);
    assert!(stdout(&check).contains("review[publisher/new]"), "{}", stdout(&check));
    assert!(stdout(&check).contains("to approve: "), "{}", stdout(&check));
}

#[test]
fn an_approval_silences_the_finding_that_it_names_and_no_other() {
    let world = World::founded("demo");
    for id in ["ada", "ben"] {
        world.key(id);
        let keys = format!("--cert keys/{id}.pub --key keys/{id}");
        world.tool(&format!("publisher new {id} --index index {keys}")).code(0);
    }
    let before = world.check();
    assert_eq!(before.codes(), ["publisher/new", "publisher/new"]);
    let (ada, ben) = before.findings.split_at(1);
    world.approve(ada);
    let after = world.check();
    assert_eq!((after.verdict.as_str(), after.findings.as_slice()), ("review", ben));
}

#[test]
fn nobody_but_a_maintainer_approves() {
    let world = World::founded("demo");
    world.key("ada");
    world.tool("publisher new ada --index index --cert keys/ada.pub --key keys/ada").code(0);
    let waiting = world.check().findings.remove(0).fingerprint;
    let approval = format!("approve --index index --finding {waiting} --reason me --key keys/ada");
    // Whoever signs, the verdict of the registry is what counts.
    world.tool(&approval);
    let report = world.check();
    assert_ne!(report.verdict, "accepted", "{report:?}");
}

#[test]
fn an_approval_of_what_nobody_waits_for_is_not_written() {
    let world = World::new();
    let before = world.listing("index");
    let rest = "--index index --reason no --key keys/maintainer";
    let refused = world.tool(&format!("approve --finding 0123456789abcdef {rest}")).code(2);
    assert!(stderr(&refused).contains("nothing waits for the approval"), "{}", stderr(&refused));
    world.assert_unchanged("index", &before);
}

#[test]
fn a_folder_packs_to_the_same_bytes_wherever_it_lies() {
    let world = World::founded("demo");
    let plugin =
        Plugin::new("amber", "1.0.0").file("src/b/deep.py", "").file("src/a.py", "a = 1\n");
    plugin.write(&world.path("here"));
    plugin.write(&world.path("there/and/deeper"));
    world.write("there/and/deeper/.hidden", "left out");
    let url = "--url https://plugins.example.org/{file}";
    world.tool(&format!("pack here --out one {url}")).code(0);
    world.later(86_400);
    let other = world.command("registry-tool", &format!("pack there/and/deeper --out two {url}"));
    other.env("TZ", "Asia/Tokyo").env("LC_ALL", "de_DE.UTF-8").assert().code(0);
    world.assert_unchanged("two", &world.listing("one"));
    world.tool("archive verify one/amber-1.0.0.tar.gz --name amber --version 1.0.0").code(0);
}

#[test]
fn signing_again_adds_a_signature_and_changes_nothing_else() {
    let world = World::new();
    world.key("second");
    let once = world.sign(&world.pack(&Plugin::new("amber", "1.0.0")), "lab");
    let before = world.read(&once);
    world.tool(&format!("sign {once} --key keys/second")).code(0);
    let after = world.read(&once);
    assert!(after.starts_with(&before));
    let (document, signatures) = statement::split(&after).unwrap();
    assert_eq!(document, statement::split(&before).unwrap().0);
    let signatures = String::from_utf8(signatures.to_vec()).unwrap();
    assert_eq!(signatures.matches("-----BEGIN PGP SIGNATURE-----").count(), 2);
}

#[test]
fn what_was_added_is_never_overwritten() {
    let world = World::new();
    world.propose(Plugin::new("amber", "1.0.0"));
    let before = world.listing("index");
    let other = Plugin::new("amber", "1.0.0").field("summary", "Says more".into());
    let signed = world.sign(&world.pack(&other), "lab");
    let refused = world.tool(&format!("add {signed} --index index")).code(1);
    assert!(
        stderr(&refused).contains("is there already, with other bytes"),
        "{}",
        stderr(&refused)
    );
    world.assert_unchanged("index", &before);
}

#[test]
fn adding_many_adds_none_when_one_cannot_be_read() {
    let world = World::new();
    let good = world.sign(&world.pack(&Plugin::new("amber", "1.0.0")), "lab");
    world.write("bad.signed", "{}\n");
    let before = world.listing("index");
    world.tool(&format!("add {good} bad.signed --index index")).code(1);
    world.assert_unchanged("index", &before);
}

#[test]
fn a_key_is_never_overwritten() {
    let world = World::founded("demo");
    let before = world.listing("keys");
    world.tool("key new --user-id 'Eve <eve@example.org>' --out keys/maintainer").code(2);
    world.assert_unchanged("keys", &before);
}

#[test]
fn the_report_for_people_and_the_one_for_programs_say_the_same() {
    let world = World::new();
    world.propose(Plugin::new("amber", "1.0.0").needs("missing", "^1").permission("fs.raed"));
    let report = world.check();
    let text = stdout(&world.tool("check --index index --archives dist").code(1));
    assert_eq!(report.codes(), ["permission/unknown", "dependency/unknown"]);
    assert_eq!(text.matches("  --> ").count(), report.findings.len(), "{text}");
    for finding in &report.findings {
        let (line, column) = (finding.line.unwrap(), finding.column.unwrap());
        let heading = format!(
            "{}[{}]: {}\n  --> {}:{line}:{column}\n",
            finding.level, finding.code, finding.message, finding.path
        );
        assert!(text.contains(&heading), "{heading}\n{text}");
        let hint = finding.hint.as_ref().map(|hint| format!("hint: {hint}\n"));
        assert!(text.contains(&hint.unwrap_or_default()), "{finding:?}\n{text}");
    }
}

#[test]
fn every_code_that_is_found_can_be_explained() {
    let world = World::new();
    world.propose(Plugin::new("amber", "1.0.0").needs("missing", "^1"));
    for code in world.check().codes() {
        let explained = world.tool(&format!("explain {code}")).code(0);
        assert!(stdout(&explained).contains(code));
    }
    world.tool("explain no/such-code").code(2);
}
