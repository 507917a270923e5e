//! What the scanner found as SARIF.

use serde_json::{Value, json};

use crate::sarif;
use crate::scan::judge::Scan;

/// Renders a report.
pub fn render(scan: &Scan) -> Value {
    let findings = scan.findings.iter().map(|judged| {
        let capability = judged.capability.map(|capability| capability.name());
        (&judged.finding, json!({"rule": judged.rule, "capability": capability}))
    });
    let driver = json!({"rulesSha256": scan.rules_sha256, "isolation": scan.isolation});
    sarif::log(findings, &driver, &json!({}))
}
