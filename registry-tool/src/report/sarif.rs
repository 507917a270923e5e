//! The report as SARIF 2.1.0 (OASIS), which code hosts show beside the files.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::Report;
use crate::finding::{Finding, Level};
use crate::rules::table;

/// Renders a report.
pub fn render(report: &Report) -> Value {
    let codes: BTreeSet<_> = report.findings.iter().map(|finding| finding.code).collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "registry-tool",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": codes.into_iter().map(rule).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "results": report.findings.iter().map(result).collect::<Vec<_>>(),
            "properties": {"verdict": report.verdict.as_str()},
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

fn result(finding: &Finding) -> Value {
    let mut place = json!({"artifactLocation": {"uri": uri(&finding.path)}});
    if let (Some(at), Some(object)) = (finding.place, place.as_object_mut()) {
        object.insert("region".into(), json!({"startLine": at.line, "startColumn": at.column}));
    }
    json!({
        "ruleId": finding.code,
        "level": level(finding.level()),
        "message": {"text": finding.message},
        "partialFingerprints": {"registryTool/1": finding.fingerprint()},
        "locations": [{"physicalLocation": place}],
        "properties": {"level": finding.level().as_str(), "hint": finding.hint},
    })
}

/// Returns a path as a relative reference (RFC 3986): what is not plain in one is escaped.
fn uri(path: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/+".contains(&byte);
    let escape = |byte: u8| {
        if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }
    };
    path.bytes().map(escape).collect()
}
