//! Signatures by the wrong key, at the wrong time, or of something else.

use index_schema::time::DAY;

use crate::world::{Plugin, Report, World};

const PATH: &str = "index/plugins/la/lab/am/amber/1.0.0.signed";

/// Puts `lab/amber` 1.0.0, signed by somebody, into the work tree and has it judged.
fn signed_by(world: &World, who: &str) -> Report {
    let signed = world.sign(&world.pack(&Plugin::new("amber", "1.0.0")), who);
    world.add(&signed);
    world.check()
}

#[test]
fn a_key_that_nobody_knows_signs_for_nobody() {
    let world = World::new();
    world.key("stranger");
    assert_eq!(signed_by(&world, "stranger").codes(), ["signature/unknown-key"]);
}

#[test]
fn a_publisher_does_not_sign_for_another() {
    let world = World::new();
    world.join("ada");
    let report = signed_by(&world, "ada");
    assert_eq!(report.codes(), ["signature/other-publisher"]);
    assert!(report.findings.first().unwrap().message.contains("`ada`"), "{report:#?}");
}

#[test]
fn a_maintainer_does_not_sign_for_a_publisher() {
    let world = World::new();
    assert_eq!(signed_by(&world, "maintainer").codes(), ["signature/unknown-key"]);
}

#[test]
fn every_signature_has_to_be_good_not_just_one() {
    let world = World::new();
    world.key("stranger");
    let signed = world.sign(&world.pack(&Plugin::new("amber", "1.0.0")), "lab");
    world.add(&world.sign(&signed, "stranger"));
    world.assert_refused(&["signature/unknown-key"]);
}

#[test]
fn a_document_that_was_changed_after_signing_is_refused() {
    let world = World::new();
    let signed = world.sign(&world.pack(&Plugin::new("amber", "1.0.0")), "lab");
    let text = String::from_utf8(world.read(&signed)).unwrap();
    world.write(PATH, text.replace("Says its name", "Says its fame"));
    world.assert_refused(&["signature/wrong"]);
    // Blanks mean nothing to JSON, but they were not signed.
    world.write(PATH, text.replacen("\": ", "\":  ", 1));
    world.assert_refused(&["signature/wrong"]);
}

#[test]
fn a_statement_whose_signatures_were_cut_off_is_refused() {
    let world = World::new();
    let signed = world.sign(&world.pack(&Plugin::new("amber", "1.0.0")), "lab");
    let text = String::from_utf8(world.read(&signed)).unwrap();
    let (document, signature) = text.split_once("-----BEGIN").unwrap();
    let short: String = signature.chars().take(signature.len() - 60).collect();
    let cases = [
        (document.to_owned(), "signature/missing"),
        (format!("{document}-----BEGIN PGP SIGNATURE-----\n"), "signature/garbage"),
        (format!("{text}and more\n"), "signature/garbage"),
        (format!("{document}-----BEGIN{short}"), "signature/garbage"),
    ];
    for (statement, code) in cases {
        world.write(PATH, &statement);
        assert_eq!(world.check().codes(), [code], "{statement}");
    }
}

#[test]
fn more_signatures_than_the_ceiling_are_not_even_looked_at() {
    let world = World::new();
    let signed = world.sign(&world.pack(&Plugin::new("amber", "1.0.0")), "lab");
    let text = String::from_utf8(world.read(&signed)).unwrap();
    let (document, signature) = text.split_once("-----BEGIN").unwrap();
    world.write(PATH, format!("{document}{}", format!("-----BEGIN{signature}").repeat(40)));
    let report = world.check();
    assert_eq!(report.verdict, "refused");
    let ceilings = ["signature/too-long", "signature/too-many", "shape/too-long"];
    assert!(report.codes().iter().all(|code| ceilings.contains(code)), "{report:#?}");
}

#[test]
fn an_old_signature_is_taken_as_backdated() {
    let world = World::new();
    let signed = world.sign(&world.pack(&Plugin::new("amber", "1.0.0")), "lab");
    world.later(30 * DAY + 60);
    world.add(&signed);
    world.assert_refused(&["signature/backdated"]);
    world.later(-120);
    world.accept("Publish just in time");
}

#[test]
fn a_signature_from_the_future_is_refused() {
    let world = World::new();
    world.later(400);
    let signed = world.sign(&world.pack(&Plugin::new("amber", "1.0.0")), "lab");
    world.later(-400);
    world.add(&signed);
    world.assert_refused(&["signature/future"]);
    world.later(200);
    world.accept("Publish with a clock that is a little off");
}

#[test]
fn an_expired_key_signs_no_more() {
    let world = World::new();
    let plugin = Plugin::new("amber", "1.0.0");
    let manifest = world.pack(&plugin);
    // Keys last three years. Signing a day before the end and proposing a day after it is too late.
    world.later(3 * 365 * DAY - DAY);
    let signed = world.sign(&manifest, "lab");
    world.later(2 * DAY);
    world.add(&signed);
    world.assert_refused(&["signature/key-expired"]);
}

#[test]
fn what_was_accepted_before_a_key_expired_stays_good() {
    let world = World::new();
    world.publish(Plugin::new("amber", "1.0.0"));
    world.later(4 * 365 * DAY);
    let all = world.report("validate --all --index index --archives dist --format json");
    assert_eq!((all.verdict.as_str(), all.codes()), ("accepted", vec![]));
    world.tool("build --index index --out public --archives dist --mirror").code(0);
    assert!(world.path("public/api/v1/plugins/lab/amber.json").is_file());
}

#[test]
fn a_publisher_cannot_join_with_a_revoked_key() {
    let world = World::founded("demo");
    world.key("ada");
    let joining = "publisher new ada --index index --cert keys/ada.revoked --key keys/ada";
    // Whether it is the command or the check that notices: it does not get in.
    world.tool(joining);
    let waiting: Vec<_> =
        world.check().findings.into_iter().filter(|finding| finding.level == "review").collect();
    if !waiting.is_empty() {
        world.approve(&waiting);
    }
    let report = world.check();
    assert!(report.changes.is_empty() || report.verdict == "refused", "{report:#?}");
}

#[test]
fn a_publisher_cannot_join_with_somebody_elses_certificate() {
    let world = World::new();
    world.key("ada");
    world.tool("publisher new ada --index index --cert keys/lab.pub --key keys/ada");
    let report = world.check();
    assert_eq!(report.verdict, "refused", "{report:#?}");
}

#[test]
fn a_secret_key_is_not_published_by_mistake() {
    let world = World::founded("demo");
    world.key("ada");
    world.tool("publisher new ada --index index --cert keys/ada --key keys/ada").code(0);
    let record = String::from_utf8(world.read("index/publishers/ad/ada/1.signed")).unwrap();
    assert!(record.contains("BEGIN PGP PUBLIC KEY BLOCK") && !record.contains("PRIVATE"));

    let smuggled = record.replace("PUBLIC KEY BLOCK", "PRIVATE KEY BLOCK");
    world.write("index/publishers/ad/ada/1.signed", smuggled);
    assert_eq!(world.check().verdict, "refused");
}

/// Publishes, then says the same under another name: the signature is one of other bytes.
#[test]
fn a_statement_cannot_be_replayed_for_another_plugin_version_or_registry() {
    let world = World::new();
    let signed = world.sign(&world.pack(&Plugin::new("amber", "1.0.0")), "lab");
    let text = String::from_utf8(world.read(&signed)).unwrap();
    let replays = [
        ("lab/amber", "lab/beryl", "la/lab/be/beryl/1.0.0", "signature/wrong"),
        ("\"1.0.0\"", "\"1.0.1\"", "la/lab/am/amber/1.0.1", "signature/wrong"),
        ("\"demo\"", "\"other\"", "la/lab/am/amber/1.0.0", "identity/other-registry"),
    ];
    for (said, replayed, place, code) in replays {
        let file = format!("index/plugins/{place}.signed");
        world.write(&file, text.replace(said, replayed));
        let report = world.check();
        assert_eq!(report.verdict, "refused");
        assert!(report.codes().contains(&code), "{report:#?}");
        std::fs::remove_file(world.path(&file)).unwrap();
    }
}

#[test]
fn a_good_statement_of_another_registry_is_refused() {
    let world = World::new();
    let plugin = Plugin::new("amber", "1.0.0").field("registry", "other".into());
    world.propose(plugin);
    world.assert_refused(&["identity/other-registry"]);
}

#[test]
fn a_statement_of_another_type_says_nothing_at_the_place_of_a_release() {
    let world = World::new();
    world.write(PATH, world.read("index/publishers/la/lab/1.signed"));
    let report = world.check();
    assert_eq!(report.verdict, "refused");
    assert!(report.codes().contains(&"statement/wrong-type"), "{report:#?}");
}

#[test]
fn a_release_does_not_come_before_its_publisher() {
    let world = World::founded("demo");
    world.key("lab");
    world.propose(Plugin::new("amber", "1.0.0"));
    world.assert_refused(&["identity/unknown-publisher"]);
}
