//! Documents that copy a manifest truly, and those that do not.

use index_schema::statement::read_document;
use serde_json::{Value, json};

use super::*;
use crate::testing::{document, id, parse};

fn manifest() -> Value {
    let digest = Sha256Digest::of(b"archive");
    json!({
        "type": "release", "schema": 1, "registry": "demo", "id": "lab/amber", "version": "1.0.0",
        "title": "Title", "summary": "Summary", "license": "MIT", "categories": ["utilities"],
        "runtime": {"kind": "data"}, "pricing": {"model": "free"},
        "dependencies": {"lab/birch": "^1"},
        "permissions": [{"name": "network", "scope": ["a.example.org"], "reason": "to ask"}],
        "artifacts": [{
            "platform": "any", "urls": ["https://example.org/a.tar.gz"], "sha256": digest,
            "size": 100, "tar_sha256": digest, "unpacked": 10, "entries": 2,
        }],
    })
}

fn signer() -> Fingerprint {
    Fingerprint::parse(&"A".repeat(40)).unwrap()
}

/// What an honest registry makes of the manifest.
fn honest() -> Value {
    let manifest: Manifest = read_document(&serde_json::to_vec(&manifest()).unwrap()).unwrap();
    let digest = Sha256Digest::of(b"statement");
    let release = json!({
        "version": "1.0.0", "schema": 1, "signers": [signer()],
        "statement": {"sha256": digest, "size": 1, "accepted": "2026-11-23T15:53:30Z"},
        "facts": Facts::of(&manifest),
    });
    serde_json::to_value(document("lab/amber", &[release])).unwrap()
}

/// Changes the honest document and returns the field in which it contradicts the manifest.
fn check(change: impl FnOnce(&mut Value)) -> Option<&'static str> {
    let manifest = read_document(&serde_json::to_vec(&manifest()).unwrap()).unwrap();
    let mut value = honest();
    change(&mut value);
    let document = parse(&value);
    let release = document.usable().next().unwrap();
    contradiction(&document, release, &manifest, &[signer()])
}

#[test]
fn an_honest_document_contradicts_nothing() {
    assert_eq!(check(|_| {}), None);
}

#[test]
fn every_copied_field_has_to_be_what_was_signed() {
    let facts = "/releases/0/facts";
    for (pointer, value, field) in [
        ("/registry", json!("other"), "registry"),
        ("/id", json!("lab/other"), "id"),
        ("/about/title", json!("Other"), "about"),
        ("/about/summary", json!("Other"), "about"),
        ("/about/license", json!("Apache-2.0"), "about"),
        ("/about/categories", json!(["security"]), "about"),
        ("/releases/0/version", json!("1.0.1"), "version"),
        ("/releases/0/version", json!("1.0.0+b"), "version"),
        ("/releases/0/signers", json!([]), "signers"),
        (&format!("{facts}/runtime"), json!("wasm"), "facts"),
        (&format!("{facts}/pricing"), json!("freemium"), "facts"),
        (&format!("{facts}/dependencies"), json!({"lab/evil": "*"}), "facts"),
        (&format!("{facts}/permissions"), json!([]), "facts"),
        (&format!("{facts}/permissions/0/scope"), json!([]), "facts"),
        (&format!("{facts}/permissions/0/optional"), json!(true), "facts"),
        (&format!("{facts}/artifacts/0/platform"), json!("x86_64-unknown-linux-gnu"), "facts"),
        (&format!("{facts}/artifacts/0/size"), json!(1), "facts"),
        (&format!("{facts}/artifacts/0/unpacked"), json!(1), "facts"),
    ] {
        let change = |document: &mut Value| {
            let (parent, name) = pointer.rsplit_once('/').unwrap();
            document.pointer_mut(parent).unwrap()[name] = value;
        };
        assert_eq!(check(change), Some(field), "{pointer}");
    }
}

#[test]
fn what_was_yanked_and_deprecated_is_what_the_publisher_said() {
    let status = |serial: u64, action: &str, more: Value| -> Status {
        let mut value = json!({
            "type": "status", "schema": 1, "registry": "demo", "id": "lab/amber",
            "serial": serial, "action": action, "reason": "loses data",
        });
        value.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        read_document(&serde_json::to_vec(&value).unwrap()).unwrap()
    };
    let yank = status(1, "yank", json!({"version": "1.0.0", "severity": "high"}));
    let unyank = status(2, "unyank", json!({"version": "1.0.0"}));
    let deprecate = status(3, "deprecate", json!({"successor": "lab/next"}));
    let states = |said: &[&Status]| {
        let mut states = States::default();
        for status in said {
            states.apply(status);
        }
        states
    };
    let plain = parse(&honest());
    let mut value = honest();
    value["releases"][0]["yanked"] = json!({"reason": "loses data", "harmful": true});
    let yanked = parse(&value);
    let mut value = honest();
    value["deprecated"] = json!({"reason": "loses data", "successor": "lab/next"});
    let deprecated = parse(&value);

    assert_eq!(difference(&states(&[]), &plain), None);
    assert_eq!(difference(&states(&[&yank]), &yanked), None);
    assert_eq!(difference(&states(&[&yank, &unyank]), &plain), None);
    assert_eq!(difference(&states(&[&yank, &unyank, &deprecate]), &deprecated), None);
    assert_eq!(difference(&states(&[&yank]), &plain), Some("other releases are yanked"));
    assert_eq!(difference(&states(&[]), &yanked), Some("other releases are yanked"));
    assert_eq!(difference(&states(&[]), &deprecated), Some("`deprecated` differs"));
    assert_eq!(difference(&states(&[&deprecate]), &plain), Some("`deprecated` differs"));
    assert_eq!(plain.id, id("lab/amber"));
}
