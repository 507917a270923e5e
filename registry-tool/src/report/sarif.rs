//! The report as SARIF.

use serde_json::{Value, json};

use super::Report;
use crate::sarif;

/// Renders a report.
pub fn render(report: &Report) -> Value {
    let findings = report.findings.iter().map(|finding| {
        let more = json!({"level": finding.level().as_str(), "hint": finding.hint});
        (finding, more)
    });
    sarif::log(findings, &json!({}), &json!({"verdict": report.verdict.as_str()}))
}
