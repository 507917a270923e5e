//! The report as workflow annotations, which GitHub shows beside the files.
//!
//! Each line is a workflow command. Text of strangers stands in its values, escaped as the runner
//! expects it, so that none begins a line of its own.

use super::Report;
use crate::finding::{Finding, Level};

/// Renders a report.
pub fn render(report: &Report) -> String {
    let mut lines: Vec<String> = report.findings.iter().map(annotation).collect();
    let (changes, verdict) = (report.changes.len(), report.verdict);
    let files = if changes == 1 { "file" } else { "files" };
    lines.push(format!("::notice title=registry-tool::{}: {changes} {files}", verdict.in_words()));
    lines.join("\n") + "\n"
}

fn annotation(finding: &Finding) -> String {
    let level = match finding.level() {
        Level::Error => "error",
        Level::Review => "warning",
        Level::Warning => "notice",
    };
    let mut properties = vec![("file", finding.path.clone())];
    if let Some(place) = finding.place {
        properties.push(("line", place.line.to_string()));
        properties.push(("col", place.column.to_string()));
    }
    properties.push(("title", format!("{} [{}]", finding.level().as_str(), finding.code)));
    let properties = properties.iter().map(|(name, value)| format!("{name}={}", property(value)));
    let mut message = finding.message.clone();
    if let Some(hint) = &finding.hint {
        message = format!("{message}\nhint: {hint}");
    }
    if finding.level() == Level::Review {
        message = format!("{message}\nto approve: {}", finding.fingerprint());
    }
    format!("::{level} {}::{}", properties.collect::<Vec<_>>().join(","), data(&message))
}

fn data(text: &str) -> String {
    let escape = |c: char| match c {
        '%' => "%25".to_owned(),
        '\r' => "%0D".to_owned(),
        '\n' => "%0A".to_owned(),
        c if index_schema::text::is_forbidden(c) => '\u{fffd}'.to_string(),
        c => c.to_string(),
    };
    text.chars().map(escape).collect()
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Verdict;

    #[test]
    fn text_of_strangers_begins_no_command() {
        let message = "100% \n::error::owned\r::set-output name=a::b\u{1b}";
        let finding = Finding::new("name/look-alike", "a,b:c\n::error::x", message);
        let report = Report {
            verdict: Verdict::Review,
            findings: vec![finding],
            changes: vec!["a".to_owned()],
            sources: std::collections::BTreeMap::new(),
        };
        let text = render(&report);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 2, "{text}");
        assert!(
            lines[0].starts_with("::warning file=a%2Cb%3Ac%0A%3A%3Aerror%3A%3Ax,title=review [")
        );
        assert!(
            lines[0].contains("::100%25 %0A::error::owned%0D::set-output name=a::b\u{fffd}%0A")
        );
        assert_eq!(lines[1], "::notice title=registry-tool::waits for a maintainer: 1 file");
    }
}
