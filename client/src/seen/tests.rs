//! What was seen once may not vanish or be swapped.

use index_schema::json::{self, Unknown};
use serde_json::{Value, json};

use super::*;
use crate::failure::Failure as _;
use crate::file::{Mode, write_file};
use crate::testing::{document, id, parse, release};

fn doc(versions: &[&str]) -> PluginDoc {
    let releases = versions.iter().map(|version| release(version, &json!({}), &json!([])));
    document("lab/amber", &releases.collect::<Vec<_>>())
}

fn with_status(statements: &[&str]) -> PluginDoc {
    let mut value = serde_json::to_value(doc(&["1.0.0"])).unwrap();
    let one = |word: &&str| {
        let digest = Sha256Digest::of(word.as_bytes());
        json!({"sha256": digest, "size": 1, "accepted": "2026-11-23T15:53:30Z"})
    };
    value["status"] = statements.iter().map(one).collect();
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
    seen.document(&with_status(&["one", "two"])).unwrap();
    for fewer in [&["one"][..], &["one", "other"]] {
        let error = seen.document(&with_status(fewer)).unwrap_err();
        assert_eq!(error.code(), "index/lost-status");
    }
    let mut dated = serde_json::to_value(with_status(&["one", "two"])).unwrap();
    dated["status"][1]["accepted"] = json!("2026-11-23T15:53:31Z");
    assert_eq!(seen.document(&parse(&dated)).unwrap_err().code(), "index/lost-status");
    // What counts again once an objection came may stand in the middle.
    seen.document(&with_status(&["one", "between", "two", "three"])).unwrap();
}

/// A document of which releases are gone.
fn with_gone(versions: &[&str], gone: &[Value]) -> PluginDoc {
    let mut value = serde_json::to_value(doc(versions)).unwrap();
    value["gone"] = gone.into();
    parse(&value)
}

/// What is left of a release that [`doc`] listed.
fn tombstone(version: &str) -> Value {
    let statement = release(version, &json!({}), &json!([]))["statement"].clone();
    json!({ "version": version, "statement": statement })
}

fn version(text: &str) -> Version {
    Version::parse(text).unwrap()
}

#[test]
fn a_release_that_was_seen_may_be_called_gone_by_its_own_statement() {
    let mut seen = Seen::default();
    seen.document(&doc(&["1.1.0", "1.0.0"])).unwrap();
    let before = seen.clone();

    let mut other = tombstone("1.1.0");
    other["statement"]["sha256"] = json!(Sha256Digest::of(b"other"));
    let error = seen.document(&with_gone(&["1.0.0"], &[other])).unwrap_err();
    assert_eq!(error.code(), "index/false-removal");
    let mut later = tombstone("1.1.0");
    later["statement"]["accepted"] = json!("2026-11-24T00:00:00Z");
    let error = seen.document(&with_gone(&["1.0.0"], &[later])).unwrap_err();
    assert_eq!(error.code(), "index/rewritten");
    assert_eq!(seen, before);

    seen.document(&with_gone(&["1.0.0"], &[tombstone("1.1.0")])).unwrap();
    // It is still known, so that it cannot be lost now either.
    assert!(seen.knows(&id("lab/amber"), &version("1.1.0")));
    assert_eq!(seen.document(&doc(&["1.0.0"])).unwrap_err().code(), "index/lost-release");
    // One that was never seen asks for no proof.
    seen.document(&with_gone(&["1.0.0"], &[tombstone("1.1.0"), tombstone("0.9.0")])).unwrap();
    assert!(!seen.knows(&id("lab/amber"), &version("0.9.0")));
}

#[test]
fn a_release_that_the_maintainers_removed_does_not_come_back() {
    let mut seen = Seen::default();
    let (amber, gone) = (id("lab/amber"), version("1.0.0"));
    seen.document(&doc(&["1.0.0"])).unwrap();
    seen.document(&with_gone(&[], &[tombstone("1.0.0")])).unwrap();
    // What a compromised key signed may: the record that says so may be objected to.
    seen.document(&doc(&["1.0.0"])).unwrap();
    let why = Removed { cause: "malware".to_owned(), reason: "it deletes".to_owned() };
    seen.remember_removed(&amber, &gone, why);
    let shown = seen.removed(&amber, &gone).unwrap().to_string();
    assert_eq!(shown, "removed by the maintainers: malware: it deletes");
    let error = seen.document(&doc(&["1.0.0"])).unwrap_err();
    assert_eq!(error.code(), "index/revived-release");
}

#[test]
fn a_release_keeps_its_statement_and_its_time() {
    let mut seen = Seen::default();
    seen.document(&doc(&["1.0.0"])).unwrap();
    let with = |field: &str, value: Value| {
        let mut document = serde_json::to_value(doc(&["1.0.0"])).unwrap();
        document["releases"][0]["statement"][field] = value;
        parse(&document)
    };
    let swapped = with("sha256", json!(Sha256Digest::of(b"other")));
    assert_eq!(seen.document(&swapped).unwrap_err().code(), "index/other-statement");
    for time in ["2026-11-23T15:53:29Z", "2026-11-23T15:53:31Z"] {
        let dated = with("accepted", json!(time));
        assert_eq!(seen.document(&dated).unwrap_err().code(), "index/rewritten");
    }
}

#[test]
fn a_release_that_was_read_does_not_become_unreadable() {
    let garbled = |garble: &dyn Fn(&mut Value)| {
        let mut document = serde_json::to_value(doc(&["2.0.0", "1.0.0"])).unwrap();
        garble(&mut document["releases"][0]);
        parse(&document)
    };
    let ways: [&dyn Fn(&mut Value); 4] = [
        &|release| *release = json!({ "version": "2.0.0", "schema": 9 }),
        &|release| release["schema"] = 2.into(),
        &|release| release["facts"]["runtime"] = "lua".into(),
        &|release| release["statement"] = Value::Null,
    ];
    let mut seen = Seen::default();
    seen.document(&doc(&["1.0.0"])).unwrap();
    for garble in ways {
        // One that only newer software reads says nothing, and is filled in later.
        seen.document(&garbled(garble)).unwrap();
    }
    seen.document(&doc(&["2.0.0", "1.0.0"])).unwrap();
    let before = seen.clone();
    for garble in ways {
        let error = seen.document(&garbled(garble)).unwrap_err();
        assert_eq!(error.code(), "index/unreadable-release");
        let said = error.to_string();
        assert_eq!(said, "lab/amber 2.0.0 was seen before, and cannot be read as it is listed now");
        let hint = error.hint().unwrap();
        assert!(hint.contains("hides the release") && hint.contains("older than"), "{hint}");
    }
    assert_eq!(seen, before);
}

fn state(accepted: &str) -> State {
    let value = json!({
        "type": "state", "schema": 1, "registry": "demo", "commit": "00", "accepted": accepted,
    });
    json::read(&serde_json::to_vec(&value).unwrap(), 1000, Unknown::Refuse).unwrap()
}

#[test]
fn the_past_of_a_registry_is_not_cut_off() {
    let mut seen = Seen::default();
    seen.state(&state("2026-11-23T12:00:00Z")).unwrap();
    seen.state(&state("2026-11-23T12:00:00Z")).unwrap();
    let error = seen.state(&state("2026-11-23T11:59:59Z")).unwrap_err();
    assert_eq!(error.code(), "index/rewritten");
    seen.state(&state("2026-11-23T12:00:01Z")).unwrap();
}

/// The records of a publisher, serial 1 first; the words say what is in them.
fn records(words: &[&str]) -> Vec<SeenRecord> {
    let record = |(serial, word): (u64, &&str)| SeenRecord {
        serial,
        digest: Sha256Digest::of(word.as_bytes()),
        objected: false,
    };
    (1..).zip(words).map(record).collect()
}

#[test]
fn a_publisher_may_go_on_but_not_be_swapped_or_cut_off() {
    let mut seen = Seen::default();
    let lab = PublisherId::parse("lab").unwrap();
    let code = |seen: &Seen, words: &[&str]| {
        seen.same_publisher(&lab, &records(words)).map_err(|error| error.code())
    };
    code(&seen, &["first"]).unwrap();
    seen.remember_publisher(&lab, &records(&["first", "second"]));
    code(&seen, &["first", "second"]).unwrap();
    code(&seen, &["first", "second", "third"]).unwrap();
    assert_eq!(code(&seen, &["other", "second"]), Err("chain/forked"));
    assert_eq!(code(&seen, &["first", "other"]), Err("chain/forked"));
    assert_eq!(code(&seen, &["first"]), Err("chain/lost-record"));
    assert_eq!(code(&seen, &[]), Err("chain/lost-record"));
    // What was there first stays.
    seen.remember_publisher(&lab, &records(&["first", "other", "third"]));
    assert_eq!(code(&seen, &["first", "other", "third"]), Err("chain/forked"));
    code(&seen, &["first", "second", "third"]).unwrap();
}

#[test]
fn an_objection_is_not_lost() {
    let mut seen = Seen::default();
    let lab = PublisherId::parse("lab").unwrap();
    let plain = records(&["first", "second"]);
    let mut objected = plain.clone();
    objected[1].objected = true;
    seen.remember_publisher(&lab, &plain);
    seen.same_publisher(&lab, &objected).unwrap();
    seen.remember_publisher(&lab, &objected);
    assert_eq!(seen.same_publisher(&lab, &plain).unwrap_err().code(), "chain/lost-objection");
}

#[test]
fn a_record_is_new_to_those_who_saw_others_before() {
    let mut seen = Seen::default();
    let lab = PublisherId::parse("lab").unwrap();
    assert!(!seen.is_new_record(&lab, 2));
    seen.remember_publisher(&lab, &records(&["first"]));
    assert!(seen.is_new_record(&lab, 2));
    seen.remember_publisher(&lab, &records(&["first", "second"]));
    assert!(!seen.is_new_record(&lab, 2));
}

/// The records of a registry by serial; the words say what is in them.
fn registry_records(words: &[&str]) -> BTreeMap<u64, Sha256Digest> {
    (1..).zip(words.iter().map(|word| Sha256Digest::of(word.as_bytes()))).collect()
}

#[test]
fn a_registry_keeps_its_id_and_every_record_that_was_seen() {
    let mut seen = Seen::default();
    let (demo, other) = (RegistryId::parse("demo").unwrap(), RegistryId::parse("other").unwrap());
    let keys = Sha256Digest::of(b"targets");
    let mut check = |id: &RegistryId, words: &[&str]| {
        let before = seen.clone();
        let checked = seen.registry(id, (keys, &registry_records(words)));
        assert!(checked.is_ok() || seen == before);
        checked.map_err(|error| error.code())
    };
    check(&demo, &["one", "two"]).unwrap();
    assert_eq!(check(&other, &["one", "two"]), Err("identity/other-registry"));
    assert_eq!(check(&demo, &["one"]), Err("index/old-record"));
    assert_eq!(check(&demo, &["false", "two"]), Err("index/forked-registry"));
    assert_eq!(check(&demo, &["one", "false", "three"]), Err("index/forked-registry"));
    check(&demo, &["one", "two", "three"]).unwrap();
}

#[test]
fn new_targets_keys_forget_the_records_that_the_old_ones_vouched_for() {
    let mut seen = Seen::default();
    let demo = RegistryId::parse("demo").unwrap();
    let (old, new) = (Sha256Digest::of(b"old"), Sha256Digest::of(b"new"));
    seen.registry(&demo, (old, &registry_records(&["one", "made up", "as well"]))).unwrap();
    seen.registry(&demo, (new, &registry_records(&["one", "two"]))).unwrap();
    let again = seen.registry(&demo, (new, &registry_records(&["one"])));
    assert_eq!(again.unwrap_err().code(), "index/old-record");
}

#[test]
fn what_two_processes_saw_is_put_together() {
    let folder = tempfile::tempdir().unwrap();
    let mut one = Seen::default();
    one.document(&doc(&["1.1.0", "1.0.0"])).unwrap();
    let mut two = Seen::default();
    two.document(&doc(&["1.2.0", "1.0.0"])).unwrap();
    two.remember_publisher(&PublisherId::parse("lab").unwrap(), &records(&["first"]));
    two.state(&state("2026-11-23T12:00:00Z")).unwrap();
    save(folder.path(), &one).unwrap();
    save(folder.path(), &two).unwrap();
    save(folder.path(), &one).unwrap();
    let mut all = load(folder.path()).unwrap();
    all.document(&doc(&["1.2.0", "1.1.0", "1.0.0"])).unwrap();
    assert!(all.document(&doc(&["1.2.0", "1.0.0"])).is_err());
    assert_eq!(all.publishers.len(), 1);
    assert_eq!(all.state(&state("2026-11-23T11:00:00Z")).unwrap_err().code(), "index/rewritten");
}

#[test]
fn a_damaged_memory_is_not_taken_for_an_empty_one() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(load(folder.path()).unwrap(), Seen::default());
    let whole = serde_json::to_string(&Seen::default()).unwrap();
    for text in ["", "{", "{}", &whole.replace("\"schema\":2", "\"schema\":3")] {
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
    seen.remember_publisher(&lab, &records(&["first"]));
    seen.plugins.insert(PluginId::parse("lab/amber").unwrap(), SeenPlugin::default());
    seen.state(&state("2026-11-23T12:00:00Z")).unwrap();
    seen.online_keys(old);
    assert_eq!(seen.plugins.len(), 1);
    seen.online_keys(new);
    assert!(seen.plugins.is_empty());
    seen.state(&state("2026-11-23T11:00:00Z")).unwrap();
    assert!(seen.same_publisher(&lab, &records(&["other"])).is_err());
}

#[test]
fn a_memory_of_schema_1_is_carried_over() {
    let folder = tempfile::tempdir().unwrap();
    let keys = Sha256Digest::of(b"keys");
    let old = json!({
        "schema": 1, "registry": "demo", "serial": 3, "online_keys": keys,
        "publishers": {"lab": Sha256Digest::of(b"first")},
        "plugins": {"lab/amber": {"versions": ["1.0.0", "1.1.0"], "status": 1}},
    });
    let bytes = serde_json::to_vec(&old).unwrap();
    write_file(&folder.path().join("seen.json"), &bytes, Mode::Private).unwrap();
    let mut seen = load(folder.path()).unwrap();
    let lab = PublisherId::parse("lab").unwrap();
    assert_eq!(seen.same_publisher(&lab, &records(&["other"])).unwrap_err().code(), "chain/forked");
    assert_eq!(seen.document(&doc(&["1.0.0"])).unwrap_err().code(), "index/lost-release");
    seen.online_keys(keys);
    assert!(seen.knows(&id("lab/amber"), &version("1.1.0")));
    save(folder.path(), &seen).unwrap();
    assert_eq!(load(folder.path()).unwrap(), seen);
    seen.remember_publisher(&lab, &records(&["first", "second"]));
    save(folder.path(), &seen).unwrap();
    assert_eq!(load(folder.path()).unwrap(), seen);
}
