//! What is affected, and what makes no sense.

use super::*;
use crate::json::{self, Unknown};

fn osv(affected: &str, rest: &str) -> Result<Osv, String> {
    let text = format!(
        r#"{{"schema_version": "1.7.0", "id": "x_demo-2026-0001",
            "modified": "2026-06-02T00:00:00Z", "published": "2026-06-01T00:00:00Z",
            "summary": "It reads too much", "details": "More than it says.",
            "affected": [{{"package": {{"ecosystem": "x_demo", "name": "lab/amber"}}, {affected}}}],
            {rest}
            "database_specific": {{"severity": "HIGH"}}}}"#
    );
    let read: Result<Osv, _> = json::read(text.as_bytes(), 65_536, Unknown::Refuse);
    let osv =
        read.map_err(|problems| problems.into_iter().map(|it| it.message).collect::<String>())?;
    match osv.contradictions(&RegistryId::parse("demo").unwrap()).into_iter().next() {
        None => Ok(osv),
        Some((code, _)) => Err(code.to_owned()),
    }
}

fn ranges(events: &str) -> Result<Osv, String> {
    osv(&format!(r#""ranges": [{{"type": "SEMVER", "events": [{events}]}}]"#), "")
}

fn affects(osv: &Osv, version: &str) -> bool {
    osv.affects(&PluginId::parse("lab/amber").unwrap(), &Version::parse(version).unwrap())
}

#[test]
fn an_id_has_one_spelling() {
    for text in ["x_demo-2026-0001", "x_my-lab-2-2026-123456", "x_demo-1999-9999"] {
        assert_eq!(AdvisoryId::parse(text).unwrap().to_string(), text);
    }
    for text in [
        "demo-2026-0001",
        "x_demo-2026-1",
        "x_demo-2026-00001",
        "x_demo-26-0001",
        "x_-2026-0001",
        "x_Demo-2026-0001",
        "x_demo-2026-0000",
        "x_demo-2026-1000000",
        "X_demo-2026-0001",
        "x_demo-2026-0001/..",
        "x_demo-+026-0001",
        "",
    ] {
        assert!(AdvisoryId::parse(text).is_err(), "{text:?}");
    }
}

#[test]
fn ranges_are_judged_as_osv_says() {
    let open = ranges(r#"{"introduced": "0"}"#).unwrap();
    for version in ["0.0.0-alpha", "0.0.1", "9.0.0"] {
        assert!(affects(&open, version), "{version}");
    }
    let fixed = ranges(r#"{"introduced": "1.0.0"}, {"fixed": "1.2.0"}, {"introduced": "2.0.0-rc.1"}, {"fixed": "2.0.1"}"#).unwrap();
    for (version, is_affected) in [
        ("0.9.9", false),
        ("1.0.0-rc.1", false),
        ("1.0.0", true),
        ("1.2.0-rc.1", true),
        ("1.2.0", false),
        ("1.9.0", false),
        ("2.0.0-beta", false),
        ("2.0.0-rc.1", true),
        ("2.0.0", true),
        ("2.0.1", false),
        ("3.0.0", false),
    ] {
        assert_eq!(affects(&fixed, version), is_affected, "{version}");
    }
    let last = ranges(r#"{"introduced": "1.0.0"}, {"last_affected": "1.2.0"}"#).unwrap();
    assert!(affects(&last, "1.2.0") && !affects(&last, "1.2.1") && !affects(&last, "0.1.0"));
    let one = ranges(r#"{"introduced": "1.0.0"}, {"last_affected": "1.0.0"}"#).unwrap();
    assert!(affects(&one, "1.0.0") && !affects(&one, "1.0.1"));
    let listed = osv(r#""versions": ["1.0.0", "1.1.0"]"#, "").unwrap();
    assert!(affects(&listed, "1.1.0") && affects(&listed, "1.1.0+b") && !affects(&listed, "1.0.1"));
    let other = PluginId::parse("lab/birch").unwrap();
    assert!(!open.affects(&other, &Version::parse("1.0.0").unwrap()));
}

#[test]
fn what_was_withdrawn_affects_nothing() {
    let versions = r#""versions": ["1.0.0"]"#;
    let withdrawn = osv(versions, r#""withdrawn": "2026-06-02T00:00:00Z","#).unwrap();
    assert!(
        !affects(&withdrawn, "1.0.0") && withdrawn.names(&PluginId::parse("lab/amber").unwrap())
    );
    assert_eq!(
        osv(versions, r#""withdrawn": "2027-01-01T00:00:00Z","#).unwrap_err(),
        "advisory/time"
    );
}

#[test]
fn events_that_make_no_sense_are_refused() {
    for events in [
        r#"{"fixed": "1.0.0"}"#,
        r#"{"introduced": "1.0.0", "fixed": "1.1.0"}"#,
        r#"{"introduced": "1.0.0"}, {"introduced": "1.1.0"}"#,
        r#"{"introduced": "2.0.0"}, {"fixed": "1.0.0"}"#,
        r#"{"introduced": "1.0.0"}, {"fixed": "1.0.0"}"#,
        r#"{"introduced": "1.0.0"}, {"fixed": "1.1.0"}, {"introduced": "0"}"#,
        r#"{"introduced": "0"}, {"fixed": "1.1.0"}, {"introduced": "2.0.0"}, {"last_affected": "3.0.0"}"#,
        r#"{}"#,
    ] {
        assert_eq!(ranges(events).unwrap_err(), "advisory/range", "{events}");
    }
    assert_eq!(osv(r#""versions": []"#, "").unwrap_err(), "advisory/range");
    assert!(ranges(r#"{"introduced": "1.0"}"#).is_err());
    assert!(ranges(r#"{"introduced": "1.0.0"}, {"limit": "2.0.0"}"#).is_err());
}
