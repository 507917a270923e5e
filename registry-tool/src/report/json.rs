//! The report as JSON: `registry-tool.validate/1`.

use serde_json::{Value, json};

use super::Report;
use crate::finding::Finding;

/// Renders a report.
pub fn render(report: &Report) -> Value {
    json!({
        "schema": "registry-tool.validate/1",
        "verdict": report.verdict.as_str(),
        "findings": report.findings.iter().map(finding).collect::<Vec<_>>(),
        "changes": report.changes,
    })
}

fn finding(finding: &Finding) -> Value {
    json!({
        "fingerprint": finding.fingerprint(),
        "code": finding.code,
        "level": finding.level().as_str(),
        "path": finding.path,
        "line": finding.place.map(|place| place.line),
        "column": finding.place.map(|place| place.column),
        "message": finding.message,
        "hint": finding.hint,
    })
}
