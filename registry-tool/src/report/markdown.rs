//! The page for the reviewer of a pull request, in Markdown.
//!
//! **Invariant.** What strangers wrote stands in code spans and code blocks only, with fences that
//! are longer than any in it, on one line where a line is meant. There it is no markup, no link, no
//! mention and no reference on any code host; everything outside of code is ours. There are no
//! tables, since a `|` in a code span would end a cell.

mod code;
mod fit;

use std::fmt::{self, Write as _};

use self::code::{block, span};
use self::fit::fit;
use super::Report;
use crate::finding::{Finding, Level, Verdict};
use crate::review::{Added, Archive, Asked, Dossier, Permissions, Review};
use crate::scan::capability::Capability;

/// The most items of one list: a page has to fit into a comment.
const ITEMS: usize = 40;
/// The most releases that are described.
const RELEASES: usize = 5;

/// Renders a page.
pub fn render(report: &Report, review: &Review) -> String {
    let mut out = String::new();
    write_page(report, review, &mut out).expect("writing to a string cannot fail");
    fit(out)
}

fn write_page(report: &Report, review: &Review, out: &mut String) -> fmt::Result {
    let verdict = match report.verdict {
        Verdict::Accepted => "Accepted",
        Verdict::Review => "A maintainer has to decide",
        Verdict::Unjudged => "It could not be judged",
        Verdict::Refused => "Refused",
    };
    writeln!(out, "## {verdict}\n")?;
    write_decisions(report, out)?;
    write_changes(report, review, out)?;
    write_findings(report, out)?;
    for dossier in review.releases.iter().take(RELEASES) {
        write_release(dossier, out)?;
    }
    let more = review.releases.len().saturating_sub(RELEASES);
    if more > 0 {
        writeln!(out, "\n{more} more releases are not described here.")?;
    }
    Ok(())
}

/// Writes the items of a list, as far as they fit on the page.
fn write_list<T>(
    items: &[T],
    out: &mut String,
    write: impl Fn(&T, &mut String) -> fmt::Result,
) -> fmt::Result {
    items.iter().take(ITEMS).try_for_each(|item| write(item, out))?;
    let more = items.len().saturating_sub(ITEMS);
    if more > 0 { writeln!(out, "- and {more} more") } else { Ok(()) }
}

/// What is left to decide, for whom.
fn write_decisions(report: &Report, out: &mut String) -> fmt::Result {
    let of = |level| report.findings.iter().filter(move |finding| finding.level() == level);
    let is_unjudged = |finding: &&Finding| finding.code.starts_with("unjudged/");
    let unjudged = of(Level::Error).filter(is_unjudged).count();
    let errors = of(Level::Error).count().saturating_sub(unjudged);
    if errors > 0 {
        writeln!(out, "The author has {errors} to repair before anybody else has to look at it.")?;
    }
    if unjudged > 0 {
        writeln!(
            out,
            "{unjudged} could not be judged, which is not the author's fault: try again."
        )?;
    }
    let (by_hand, reviews): (Vec<_>, Vec<_>) =
        of(Level::Review).partition(|finding| finding.code == "shape/housekeeping");
    if !by_hand.is_empty() {
        let count = by_hand.len();
        writeln!(out, "{count} about the repository itself: read the changes, and merge by hand.")?;
    }
    if reviews.is_empty() {
        return Ok(());
    }
    writeln!(out, "Whoever maintains the registry decides, and approves what is fine:\n")?;
    write_list(&reviews, out, |finding, out| {
        writeln!(out, "- {}: {}", span(&finding.fingerprint().to_string()), span(&finding.message))
    })?;
    let named = reviews.iter().map(|finding| format!("--finding {}", finding.fingerprint()));
    let named: Vec<String> = named.collect();
    let command = format!("registry-tool approve {} --reason TEXT --key FILE", named.join(" "));
    writeln!(out, "\n{}", block(&command))
}

fn write_changes(report: &Report, review: &Review, out: &mut String) -> fmt::Result {
    writeln!(out, "\n### What changes\n")?;
    if report.changes.is_empty() {
        return writeln!(out, "Nothing.");
    }
    write_list(&report.changes, out, |path, out| {
        match review.files.iter().find(|file| file.path == *path) {
            Some(file) => write_added(file, out),
            None => writeln!(out, "- {}", span(path)),
        }
    })
}

fn write_added(file: &Added, out: &mut String) -> fmt::Result {
    write!(out, "- {}: {}", span(&file.path), file.kind)?;
    for (label, value) in &file.facts {
        write!(out, ", {label} {}", span(value))?;
    }
    writeln!(out)
}

fn write_findings(report: &Report, out: &mut String) -> fmt::Result {
    if report.findings.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n### What was found\n")?;
    write_list(&report.findings, out, |finding, out| {
        let place = finding.place.map(|place| format!(", line {}", place.line));
        let level = finding.level().as_str();
        write!(out, "- **{level}** {} in {}", span(finding.code), span(&finding.path))?;
        write!(out, "{}: {}", place.unwrap_or_default(), span(&finding.message))?;
        match &finding.hint {
            Some(hint) => writeln!(out, "; hint: {}", span(hint)),
            None => writeln!(out),
        }
    })
}

fn write_release(dossier: &Dossier, out: &mut String) -> fmt::Result {
    writeln!(out, "\n### Release {}\n", span(&format!("{} {}", dossier.id, dossier.version)))?;
    match &dossier.previous {
        Some(version) => writeln!(out, "- compared with {}", span(&version.to_string()))?,
        None => writeln!(out, "- the first release of this plugin")?,
    }
    for (label, value) in &dossier.facts {
        writeln!(out, "- {label}: {}", span(value))?;
    }
    for (key, since) in &dossier.signers {
        write!(out, "- signed by {}", span(key.as_str()))?;
        match since {
            Some(since) => writeln!(out, ", a key of the publisher since about {since}")?,
            None => writeln!(out)?,
        }
    }
    write_permissions(&dossier.permissions, out)?;
    for archive in &dossier.archives {
        write_archive(archive, out)?;
    }
    if let Some(changes) = &dossier.changes {
        writeln!(out, "\nWhat the publisher says is new:\n\n{}", block(changes))?;
    }
    Ok(())
}

fn write_permissions(permissions: &Permissions, out: &mut String) -> fmt::Result {
    writeln!(out, "\n#### What users are asked for\n")?;
    let Permissions { more, other, less, same } = permissions;
    write_list(more, out, |asked, out| write_asked("**more**", asked, out))?;
    write_list(other, out, |asked, out| write_asked("**other**", asked, out))?;
    write_list(less, out, |asked, out| write_asked("less", asked, out))?;
    match (more.len() + other.len() + less.len(), same) {
        (0, 0) => writeln!(out, "- nothing"),
        (0, same) => writeln!(out, "- the same {same} as before"),
        (_, 0) => Ok(()),
        (_, same) => writeln!(out, "- {same} more as before"),
    }
}

fn write_asked(mark: &str, asked: &Asked, out: &mut String) -> fmt::Result {
    write!(out, "- {mark}: {}", span(&asked.name))?;
    if let Some(meaning) = asked.meaning {
        write!(out, ", the plugin can {meaning}")?;
    }
    if asked.is_sensitive {
        write!(out, " (sensitive: users agree to it by name)")?;
    }
    let limits = |scope: &[String]| match scope {
        [] => "without a limit".to_owned(),
        scope => format!("only {}", span(&scope.join(", "))),
    };
    write!(out, "; {}", limits(&asked.scope))?;
    if let Some(before) = &asked.before {
        write!(out, ", before {}", limits(before))?;
    }
    writeln!(out, "; reason: {}", span(&asked.reason))
}

fn write_archive(archive: &Archive, out: &mut String) -> fmt::Result {
    let inside = &archive.inside;
    writeln!(out, "\n#### The archive for {}\n", span(inside.platform.as_str()))?;
    match &inside.scan {
        None => writeln!(out, "- the scanner did not run")?,
        Some(scan) => {
            writeln!(out, "- scan: {}", scan.verdict.in_words())?;
            for found in &scan.capabilities {
                let places = found.evidence.len();
                let declared = if found.is_declared { "declared" } else { "**not declared**" };
                write!(out, "- it can {}: {}", span(found.capability.name()), declared)?;
                let first = found.evidence.first();
                let first = first.map(|e| format!(", {places} times, first in {}", span(&e.file)));
                writeln!(out, "{}", first.unwrap_or_default())?;
            }
        }
    }
    if let Some(difference) = &archive.capabilities {
        let names = |these: &[Capability]| {
            these.iter().map(|one| span(one.name())).collect::<Vec<_>>().join(", ")
        };
        if !difference.added.is_empty() {
            writeln!(out, "- **new**, it could not before: {}", names(&difference.added))?;
        }
        if !difference.removed.is_empty() {
            writeln!(out, "- it could before, and cannot now: {}", names(&difference.removed))?;
        }
    }
    write_files(archive, out)
}

fn write_files(archive: &Archive, out: &mut String) -> fmt::Result {
    let files = archive.inside.files.len();
    let bytes: usize = archive.inside.files.values().map(|(size, _)| size).sum();
    writeln!(out, "- {files} files, {bytes} bytes")?;
    if !archive.is_compared {
        return writeln!(out, "- there is no archive to compare it with");
    }
    write_list(&archive.added, out, |(path, size), out| {
        writeln!(out, "- added: {}, {size} bytes", span(path))
    })?;
    write_list(&archive.changed, out, |(path, before, now), out| {
        writeln!(out, "- changed: {}, {before} → {now} bytes", span(path))
    })?;
    write_list(&archive.removed, out, |(path, size), out| {
        writeln!(out, "- removed: {}, {size} bytes", span(path))
    })
}
