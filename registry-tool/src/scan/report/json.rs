//! The report as JSON: `registry-tool.scan/1`.

use serde_json::{Value, json};

use crate::scan::capability::Capability;
use crate::scan::judge::{Difference, Evidence, Found, Judged, Scan};

/// The most places that are listed for one capability.
const MOST_EVIDENCE: usize = 100;

/// Renders a report.
pub fn render(scan: &Scan) -> Value {
    json!({
        "schema": "registry-tool.scan/1",
        "verdict": scan.verdict.as_str(),
        "rules_sha256": scan.rules_sha256,
        "isolation": scan.isolation,
        "analysed": scan.analysed.iter().map(|(language, (files, bytes))| {
            json!({"language": language, "files": files, "bytes": bytes})
        }).collect::<Vec<_>>(),
        "capabilities": scan.capabilities.iter().map(capability).collect::<Vec<_>>(),
        "findings": scan.findings.iter().map(finding).collect::<Vec<_>>(),
        "difference": scan.difference.as_ref().map(difference),
    })
}

/// What a capability means to a user: a whole sentence.
pub(super) fn meaning(capability: Capability) -> String {
    match capability {
        Capability::Permission(word) => format!("The plugin can {}.", word.meaning),
        Capability::Forbidden(word) => format!("The plugin {}.", word.meaning),
    }
}

fn capability(found: &Found) -> Value {
    json!({
        "name": found.capability.name(),
        "meaning": meaning(found.capability),
        "declared": found.is_declared,
        "places": found.evidence.len(),
        "evidence": found.evidence.iter().take(MOST_EVIDENCE).map(evidence).collect::<Vec<_>>(),
    })
}

fn evidence(evidence: &Evidence) -> Value {
    json!({
        "file": evidence.file,
        "line": evidence.line,
        "column": evidence.column,
        "symbol": evidence.symbol,
        "rule": evidence.rule,
        "scope": evidence.scope,
    })
}

fn finding(judged: &Judged) -> Value {
    let finding = &judged.finding;
    json!({
        "fingerprint": finding.fingerprint(),
        "code": finding.code,
        "level": finding.level().as_str(),
        "capability": judged.capability.map(Capability::name),
        "rule": judged.rule,
        "file": finding.path,
        "line": finding.place.map(|place| place.line),
        "column": finding.place.map(|place| place.column),
        "places": judged.places,
        "message": finding.message,
        "hint": finding.hint,
    })
}

fn difference(difference: &Difference) -> Value {
    let names = |capabilities: &[Capability]| -> Vec<&str> {
        capabilities.iter().map(|capability| capability.name()).collect()
    };
    json!({ "added": names(&difference.added), "removed": names(&difference.removed) })
}
