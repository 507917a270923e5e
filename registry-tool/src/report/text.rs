//! The report for people: each finding with its line and a caret.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use super::Report;
use crate::finding::{Finding, Level, Place};

/// Renders a report; the caller decides whether colours reach a terminal.
pub fn render(report: &Report) -> String {
    let mut out = String::new();
    write_report(report, &mut out).expect("writing to a string cannot fail");
    out
}

fn write_report(report: &Report, out: &mut String) -> fmt::Result {
    for finding in &report.findings {
        write_finding(&report.sources, finding, out)?;
    }
    let count = |level| report.findings.iter().filter(|f| f.level() == level).count();
    let (errors, reviews) = (count(Level::Error), count(Level::Review));
    let changes = report.changes.len();
    write!(
        out,
        "{}: {changes} {} judged",
        report.verdict.in_words(),
        plural(changes, "file", "files")
    )?;
    for (count, one, many) in [(errors, "error", "errors"), (reviews, "review", "reviews")] {
        if count > 0 {
            write!(out, ", {count} {}", plural(count, one, many))?;
        }
    }
    writeln!(out)
}

const fn plural<'w>(count: usize, one: &'w str, many: &'w str) -> &'w str {
    if count == 1 { one } else { many }
}

/// Shows a finding, with the line that is meant if its file is among the sources.
pub(crate) fn write_finding(
    sources: &BTreeMap<String, Vec<u8>>,
    finding: &Finding,
    out: &mut String,
) -> fmt::Result {
    let level = finding.level();
    writeln!(out, "{}[{}]: {}", level.as_str(), finding.code, visible(&finding.message))?;
    let path = visible(&finding.path);
    match finding.place {
        Some(place) => {
            writeln!(out, "  --> {path}:{}:{}", place.line, place.column)?;
            if let Some(source) = sources.get(&finding.path) {
                write_frame(source, place, out)?;
            }
        }
        None if path.is_empty() => {}
        None => writeln!(out, "  --> {path}")?,
    }
    if let Some(hint) = &finding.hint {
        writeln!(out, "hint: {}", visible(hint))?;
    }
    if level == Level::Review {
        writeln!(out, "to approve: {}", finding.fingerprint())?;
    }
    writeln!(out)
}

/// The most characters of a line that a frame shows.
const WIDTH: usize = 96;

/// Shows the line that is meant, with carets under what is meant.
fn write_frame(source: &[u8], place: Place, out: &mut String) -> fmt::Result {
    let text = String::from_utf8_lossy(source);
    let Some(line) = text.lines().nth(place.line - 1) else { return Ok(()) };
    // A long line is shown from a little before what is meant.
    let is_long = line.chars().count() > WIDTH;
    let skip = if is_long { (place.column - 1).saturating_sub(WIDTH / 2) } else { 0 };
    let shown: String = line.chars().skip(skip).take(WIDTH).collect();
    let number = place.line.to_string();
    let margin = " ".repeat(number.len());
    let before = place.column - 1 - skip;
    let wide = place.span.end.saturating_sub(place.span.start).max(1);
    let carets = wide.min(shown.chars().count().saturating_sub(before)).max(1);
    writeln!(out, "{margin} |")?;
    writeln!(out, "{number} | {}", visible(&shown))?;
    writeln!(out, "{margin} | {}{}", " ".repeat(before), "^".repeat(carets))
}

/// Replaces what would drive a terminal: text from a submission is shown, never obeyed.
fn visible(text: &str) -> String {
    let safe = |c: char| if index_schema::text::is_forbidden(c) { '\u{fffd}' } else { c };
    text.chars().map(safe).collect()
}
