//! The report for people: each finding with its line, then what the plugin can do.

use std::fmt::{self, Write as _};

use super::json::meaning;
use crate::finding::Level;
use crate::report::text::write_finding;
use crate::scan::judge::{Found, Scan};

/// Renders a report; the caller decides whether colours reach a terminal.
pub fn render(scan: &Scan) -> String {
    let mut out = String::new();
    write_report(scan, &mut out).expect("writing to a string cannot fail");
    out
}

fn write_report(scan: &Scan, out: &mut String) -> fmt::Result {
    for judged in &scan.findings {
        write_finding(&scan.sources, &judged.finding, out)?;
        if judged.places > 1 {
            // Before the blank line that ends the finding.
            out.pop();
            writeln!(out, "and in {} of the file\n", counted(judged.places - 1, "more place"))?;
        }
    }
    for found in &scan.capabilities {
        write_capability(found, out)?;
    }
    if let Some(difference) = &scan.difference {
        for (mark, capabilities) in [('+', &difference.added), ('-', &difference.removed)] {
            for capability in capabilities {
                writeln!(out, "{mark} {}", capability.name())?;
            }
        }
    }
    write_summary(scan, out)
}

fn write_capability(found: &Found, out: &mut String) -> fmt::Result {
    let name = found.capability.name();
    let places = counted(found.evidence.len(), "place");
    let declared = if found.is_declared { ", declared" } else { "" };
    writeln!(out, "{name:<22} {} ({places}{declared})", meaning(found.capability))
}

fn write_summary(scan: &Scan, out: &mut String) -> fmt::Result {
    let files = |(language, (files, _)): (&_, &(usize, usize))| {
        counted(*files, &format!("{language} file"))
    };
    let files: Vec<_> = scan.analysed.iter().map(files).collect();
    let analysed = match files.is_empty() {
        true => "no source code was found".to_owned(),
        false => format!("{} analysed", files.join(", ")),
    };
    let mut counts = vec![analysed];
    for level in [Level::Error, Level::Review, Level::Warning] {
        let count = scan.findings.iter().filter(|judged| judged.finding.level() == level).count();
        if count > 0 {
            counts.push(counted(count, level.as_str()));
        }
    }
    writeln!(out, "{}: {}", scan.verdict.in_words(), counts.join("; "))?;
    writeln!(out, "rules {}, {}", scan.rules_sha256, scan.isolation)
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
