//! The command `registry-tool history`.

use std::path::PathBuf;

use super::{CommandResult, Context, Outcome, print};
use crate::finding::{Verdict, list};
use crate::replay::{Replayed, replay};
use crate::tree::objects::Objects;

/// Replay the main line: was every commit authorised by the rules and keys of its time?
///
/// Needs the whole history, and nothing else: no archive is fetched, and nobody is asked. The
/// first commit that was not authorised is shown with what does not count of it; what it added is
/// not published by `build`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The index repository.
    #[arg(long, value_name = "DIR", default_value = ".")]
    index: PathBuf,
    /// The commit that the line ends in.
    #[arg(long, value_name = "REV", default_value = "HEAD")]
    rev: String,
    /// Report on the commits after this one only: where the last replay ended.
    #[arg(long, value_name = "REV")]
    since: Option<String>,
    /// Show every commit that was not authorised, not only the first.
    #[arg(long)]
    all: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args, context: &Context) -> CommandResult {
    let since = match &args.since {
        None => None,
        Some(revision) => Some(Objects::open(&args.index)?.commit(revision)?.id),
    };
    let commits = replay(&args.index, &args.rev, since)?;
    let bad: Vec<&Replayed> = commits.iter().filter(|each| !each.findings.is_empty()).collect();
    let verdict = if bad.is_empty() { Verdict::Accepted } else { Verdict::Refused };
    let shown = bad.get(..if args.all { bad.len() } else { bad.len().min(1) }).unwrap_or_default();
    if args.json {
        print(&format!("{:#}\n", json(&commits, shown, bad.len())))?;
        return Ok(Outcome::Judged(verdict));
    }
    for replayed in shown {
        let Replayed { commit, findings, .. } = replayed;
        let name = commit.committer.name.escape_debug();
        let email = commit.committer.email.escape_debug();
        print(&format!("commit {} of {}, by {name} <{email}>\n", commit.id, commit.time))?;
        print(&format!("{}\n", list(findings)))?;
    }
    let added: usize = commits.iter().map(|each| each.added).sum();
    print(&format!(
        "{} commits replayed, {added} files added, {} not authorised\n",
        commits.len(),
        bad.len()
    ))?;
    if let Some(tip) = commits.last() {
        context.say(&format!("next time: --since {}", tip.commit.id))?;
    }
    Ok(Outcome::Judged(verdict))
}

fn json(commits: &[Replayed], shown: &[&Replayed], bad: usize) -> serde_json::Value {
    let findings = |replayed: &Replayed| -> Vec<serde_json::Value> {
        let findings = replayed.findings.iter();
        findings
            .map(|f| serde_json::json!({ "path": &f.path, "code": f.code, "message": &f.message }))
            .collect()
    };
    let shown = shown.iter().map(|replayed| {
        serde_json::json!({
            "commit": replayed.commit.id.to_string(),
            "accepted": replayed.commit.time,
            "committer": { "name": replayed.commit.committer.name, "email": replayed.commit.committer.email },
            "findings": findings(replayed),
        })
    });
    serde_json::json!({
        "schema": "registry-tool.history/1",
        "commits": commits.len(),
        "added": commits.iter().map(|each| each.added).sum::<usize>(),
        "tip": commits.last().map(|each| each.commit.id.to_string()),
        "unauthorised": bad,
        "shown": shown.collect::<Vec<_>>(),
    })
}
