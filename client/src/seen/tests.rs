//! What was seen once may not vanish or be swapped.

use serde_json::json;

use super::*;
use crate::testing::{document, id, parse, release};

fn doc(versions: &[&str]) -> PluginDoc {
    let releases = versions.iter().map(|version| release(version, &json!({}), &json!([])));
    document("lab/amber", &releases.collect::<Vec<_>>())
}

fn with_status(statements: usize) -> PluginDoc {
    let mut value = serde_json::to_value(doc(&["1.0.0"])).unwrap();
    let digest = Sha256Digest::of(b"status");
    let one = json!({"sha256": digest, "size": 1, "accepted": "2026-11-23T15:53:30Z"});
    value["status"] = vec![one; statements].into();
    parse(&value)
}

#[test]
fn a_release_that_was_seen_may_not_vanish() {
    let mut seen = Seen::default();
    seen.document(&doc(&["1.0.0"])).unwrap();
    seen.document(&doc(&["1.1.0", "1.0.0"])).unwrap();
    let before = seen.clone();
    let error = seen.document(&doc(&["1.0.0"])).unwrap_err();
    assert_eq!(error.code(), "index/lost-release");
    assert_eq!(error.to_string(), "the registry has lost lab/amber 1.1.0, which was seen before");
    assert_eq!(seen, before);
}

#[test]
fn a_plugin_that_was_seen_may_not_vanish() {
    let mut seen = Seen::default();
    seen.absent(&id("lab/amber")).unwrap();
    seen.document(&doc(&["1.0.0"])).unwrap();
    assert_eq!(seen.absent(&id("lab/amber")).unwrap_err().code(), "index/lost-release");
}

#[test]
fn a_status_statement_that_was_seen_may_not_vanish() {
    let mut seen = Seen::default();
    seen.document(&with_status(2)).unwrap();
    let error = seen.document(&with_status(1)).unwrap_err();
    assert_eq!(error.code(), "index/lost-status");
    seen.document(&with_status(3)).unwrap();
}

#[test]
fn a_publisher_may_not_be_swapped() {
    let mut seen = Seen::default();
    let lab = PublisherId::parse("lab").unwrap();
    let (first, other) = (Sha256Digest::of(b"first"), Sha256Digest::of(b"other"));
    seen.same_publisher(&lab, first).unwrap();
    seen.remember_publisher(&lab, first);
    seen.same_publisher(&lab, first).unwrap();
    assert_eq!(seen.same_publisher(&lab, other).unwrap_err().code(), "chain/forked");
    seen.remember_publisher(&lab, other);
    assert_eq!(seen.same_publisher(&lab, other).unwrap_err().code(), "chain/forked");
}

#[test]
fn a_registry_keeps_its_id_and_its_record_gets_no_older() {
    let mut seen = Seen::default();
    let (demo, other) = (RegistryId::parse("demo").unwrap(), RegistryId::parse("other").unwrap());
    seen.record(&demo, 2).unwrap();
    assert_eq!(seen.record(&other, 2).unwrap_err().code(), "identity/other-registry");
    assert_eq!(seen.record(&demo, 1).unwrap_err().code(), "index/old-record");
    seen.record(&demo, 3).unwrap();
}

#[test]
fn what_two_processes_saw_is_put_together() {
    let folder = tempfile::tempdir().unwrap();
    let mut one = Seen::default();
    one.document(&doc(&["1.1.0", "1.0.0"])).unwrap();
    let mut two = Seen::default();
    two.document(&doc(&["1.2.0", "1.0.0"])).unwrap();
    two.remember_publisher(&PublisherId::parse("lab").unwrap(), Sha256Digest::of(b"first"));
    save(folder.path(), &one).unwrap();
    save(folder.path(), &two).unwrap();
    save(folder.path(), &one).unwrap();
    let mut all = load(folder.path()).unwrap();
    all.document(&doc(&["1.2.0", "1.1.0", "1.0.0"])).unwrap();
    assert!(all.document(&doc(&["1.2.0", "1.0.0"])).is_err());
    assert!(all.publishers.len() == 1);
}

#[test]
fn a_damaged_memory_is_not_taken_for_an_empty_one() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(load(folder.path()).unwrap(), Seen::default());
    let whole = serde_json::to_string(&Seen::default()).unwrap();
    for text in ["", "{", "{}", &whole.replace("\"schema\":1", "\"schema\":2")] {
        write_file(&folder.path().join("seen.json"), text.as_bytes(), Mode::Private).unwrap();
        assert!(load(folder.path()).is_err(), "{text}");
        assert!(save(folder.path(), &Seen::default()).is_err(), "{text}");
    }
}

#[test]
fn new_online_keys_forget_what_the_old_ones_listed_and_keep_the_publishers() {
    let (old, new) = (Sha256Digest::of(b"old"), Sha256Digest::of(b"new"));
    let mut seen = Seen::default();
    let lab = PublisherId::parse("lab").unwrap();
    seen.online_keys(old);
    seen.remember_publisher(&lab, old);
    seen.plugins.insert(PluginId::parse("lab/amber").unwrap(), SeenPlugin::default());
    seen.online_keys(old);
    assert_eq!(seen.plugins.len(), 1);
    seen.online_keys(new);
    assert!(seen.plugins.is_empty());
    assert!(seen.same_publisher(&lab, new).is_err());
}
