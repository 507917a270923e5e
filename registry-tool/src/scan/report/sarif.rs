//! The report as SARIF 2.1.0 (OASIS), which code hosts show beside the source.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::finding::Level;
use crate::rules::table;
use crate::scan::judge::{Judged, Scan};

/// Renders a report.
pub fn render(scan: &Scan) -> Value {
    let codes: BTreeSet<_> = scan.findings.iter().map(|judged| judged.finding.code).collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "registry-tool",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": codes.into_iter().map(rule).collect::<Vec<_>>(),
                "properties": {"rulesSha256": scan.rules_sha256, "isolation": scan.isolation},
            }},
            "columnKind": "unicodeCodePoints",
            "results": scan.findings.iter().map(result).collect::<Vec<_>>(),
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

fn result(judged: &Judged) -> Value {
    let finding = &judged.finding;
    let place = (!finding.path.is_empty()).then(|| {
        let region = finding
            .place
            .map(|place| json!({"startLine": place.line, "startColumn": place.column}));
        json!({
            "physicalLocation": {
                "artifactLocation": {"uri": percent_encoded(&finding.path)},
                "region": region,
            }
        })
    });
    json!({
        "ruleId": finding.code,
        "level": level(finding.level()),
        "message": {"text": finding.message},
        "partialFingerprints": {"registryTool/1": finding.fingerprint()},
        "locations": place.into_iter().collect::<Vec<_>>(),
        "properties": {"rule": judged.rule, "capability": judged.capability.map(|c| c.name())},
    })
}

fn percent_encoded(path: &str) -> String {
    let mut out = String::new();
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                out.push(char::from(byte));
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}
