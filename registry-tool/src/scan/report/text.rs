//! The report for people: each finding with its line, then what the plugin can do.

use std::fmt::{self, Write as _};

use super::json::meaning;
use crate::finding::{Level, Verdict};
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
            writeln!(out, "and in {} more places of the file\n", judged.places - 1)?;
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
    let places = found.evidence.len();
    let declared = if found.is_declared { ", declared" } else { "" };
    let plural = if places == 1 { "" } else { "s" };
    writeln!(out, "{name:<22} {} ({places} place{plural}{declared})", meaning(found.capability))
}

fn write_summary(scan: &Scan, out: &mut String) -> fmt::Result {
    let verdict = match scan.verdict {
        Verdict::Accepted => "accepted",
        Verdict::Review => "waits for a maintainer",
        Verdict::Unjudged => "could not be judged",
        Verdict::Refused => "refused",
    };
    write!(out, "{verdict}:")?;
    if scan.analysed.is_empty() {
        write!(out, " no source code was found")?;
    }
    for (language, (files, _)) in &scan.analysed {
        let plural = if *files == 1 { "" } else { "s" };
        write!(out, " {files} {language} file{plural} analysed;")?;
    }
    for level in [Level::Error, Level::Review, Level::Warning] {
        let count = scan.findings.iter().filter(|judged| judged.finding.level() == level).count();
        if count > 0 {
            write!(out, " {count} {}{}", level.as_str(), if count == 1 { "" } else { "s" })?;
        }
    }
    writeln!(out)?;
    writeln!(out, "rules {}, {}", scan.rules_sha256, scan.isolation)
}
