//! SARIF 2.1.0 (OASIS), the form in which code hosts take what was found and show it beside the files.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::finding::{Finding, Level};
use crate::rules::table;

/// Makes a log of one run: what was found, each finding with more that is known of it; and what is
/// known of the program and of the run.
pub(crate) fn log<'f>(
    findings: impl Iterator<Item = (&'f Finding, Value)> + Clone,
    driver: &Value,
    run: &Value,
) -> Value {
    let codes: BTreeSet<_> = findings.clone().map(|(finding, _)| finding.code).collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "registry-tool",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": codes.into_iter().map(rule).collect::<Vec<_>>(),
                "properties": driver,
            }},
            "columnKind": "unicodeCodePoints",
            "results": findings.map(|(finding, more)| result(finding, &more)).collect::<Vec<_>>(),
            "properties": run,
        }],
    })
}

fn rule(code: &str) -> Value {
    let entry = table::find(code);
    json!({
        "id": code,
        "shortDescription": {"text": entry.map_or("", |entry| entry.summary)},
        "defaultConfiguration": {"level": entry.map_or("error", |entry| level(entry.level))},
    })
}

const fn level(level: Level) -> &'static str {
    match level {
        // A review blocks until somebody approves it.
        Level::Error | Level::Review => "error",
        Level::Warning => "warning",
    }
}

fn result(finding: &Finding, more: &Value) -> Value {
    json!({
        "ruleId": finding.code,
        "level": level(finding.level()),
        "message": {"text": finding.message},
        "partialFingerprints": {"registryTool/1": finding.fingerprint()},
        "locations": location(finding).into_iter().collect::<Vec<_>>(),
        "properties": more,
    })
}

/// Returns where a finding is; nothing if it is about no file.
fn location(finding: &Finding) -> Option<Value> {
    if finding.path.is_empty() {
        return None;
    }
    let mut place = json!({"artifactLocation": {"uri": uri(&finding.path)}});
    if let (Some(at), Some(object)) = (finding.place, place.as_object_mut()) {
        object.insert("region".into(), json!({"startLine": at.line, "startColumn": at.column}));
    }
    Some(json!({"physicalLocation": place}))
}

/// Returns a path as a relative reference (RFC 3986): what is not plain in one is escaped.
fn uri(path: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/+".contains(&byte);
    let escape = |byte: u8| {
        if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }
    };
    path.bytes().map(escape).collect()
}
