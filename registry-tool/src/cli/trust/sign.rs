//! The command `registry-tool trust sign`.

use std::path::PathBuf;

use index_schema::tuf::KeyId;
use libral::file::{Mode, write_file};

use super::super::{CommandResult, Context, Outcome, keys, print};
use super::read_document;
use crate::role_keys::KeySource;
use crate::trust::Trust;
use crate::trust::difference::describe;
use crate::trust::document::Progress;

/// Sign a draft with the keys that are here; others sign the same file after you.
///
/// Shows first what it is and what it changes. The index repository is a clone that you trust: a
/// draft for another state of it is refused.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// The draft.
    file: PathBuf,
    /// The index repository.
    #[arg(long, value_name = "DIR")]
    index: PathBuf,
    /// Your keys; only those that may sign are used.
    #[arg(long, value_name = "FILE|DIR|env:NAME|exec:COMMAND", required_unless_present = "show")]
    keys: Option<KeySource>,
    /// Where to write, instead of adding the signature to the file.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Show what would be signed, and sign nothing.
    #[arg(long, conflicts_with_all = ["keys", "out"])]
    show: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(in crate::cli) fn run(args: &Args, context: &Context) -> CommandResult {
    let trust = Trust::read(&args.index, context.now)?;
    let mut document = read_document(&args.file)?;
    let lines = describe(&document, &trust)?;
    if !args.json {
        print(&format!("{}\n", lines.join("\n")))?;
    }
    document.check(&trust, context.now)?;
    let signed = match &args.keys {
        None => Vec::new(),
        Some(source) => document.sign(&trust, &keys::open(source)?)?,
    };
    if !signed.is_empty() {
        let out = args.out.as_ref().unwrap_or(&args.file);
        write_file(out, &document.bytes(), Mode::Public)
            .map_err(|error| format!("cannot write `{}`: {error}", out.display()))?;
    }
    show(&document.name().to_string(), (&lines, &signed), &document.progress(&trust)?, args.json)
}

fn show(
    name: &str,
    (lines, signed): (&[String], &[KeyId]),
    progress: &[Progress],
    as_json: bool,
) -> CommandResult {
    if as_json {
        let progress = progress.iter().map(|progress| {
            serde_json::json!({
                "by": progress.by,
                "threshold": progress.threshold,
                "signed": progress.signed,
                "missing": progress.missing(),
            })
        });
        let value = serde_json::json!({
            "schema": "registry-tool.trust-sign/1",
            "document": name,
            "changes": lines,
            "signed": signed,
            "progress": progress.collect::<Vec<_>>(),
        });
        print(&format!("{value:#}\n"))?;
        return Ok(Outcome::Done);
    }
    for id in signed {
        print(&format!("signed with {id}\n"))?;
    }
    for progress in progress {
        print(&format!("{progress}, {} missing\n", progress.missing()))?;
    }
    Ok(Outcome::Done)
}
