//! The command `registry-tool moderate remove`.

use std::path::PathBuf;

use index_schema::id::PluginId;
use index_schema::layout::IndexPath;
use index_schema::removal::Cause;
use index_schema::text::Text;
use index_schema::version::Version;

use super::{agree, breaks, say_breaks, say_unfinished};
use crate::cli::publisher::signers;
use crate::cli::{CommandResult, Context, Outcome, print};
use crate::moderation::{Removing, prepare};

/// Remove a release: nobody gets it any more, and its version is never taken again.
///
/// What needs the release and cannot be installed without it is named first. As many maintainers
/// have to sign as the registry record says for the role `moderate`: `registry-tool sign` adds a
/// signature.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// The plugin, such as `lab/word-count`.
    id: PluginId,
    /// The release.
    version: Version,
    /// The index repository.
    #[arg(long, value_name = "DIR")]
    index: PathBuf,
    /// Why: malware, secret, legal or compromised-key.
    #[arg(long, value_name = "CAUSE", value_parser = cause)]
    cause: Cause,
    /// What happened, for the users.
    #[arg(long, value_name = "TEXT", value_parser = Text::<2048>::parse)]
    reason: Text<2048>,
    /// A maintainer's secret key; once for each.
    #[arg(long, value_name = "FILE", required_unless_present = "gpg")]
    key: Vec<PathBuf>,
    /// Sign with a key that GnuPG keeps, instead of or beside --key.
    #[arg(long, value_name = "KEYID")]
    gpg: Vec<String>,
    /// Remove it even if others break.
    #[arg(long)]
    yes: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

fn cause(word: &str) -> Result<Cause, String> {
    let known: Vec<&str> = Cause::ALL.iter().map(|cause| cause.as_str()).collect();
    Cause::parse(word).ok_or_else(|| format!("expected one of: {}", known.join(", ")))
}

pub(super) fn run(args: &Args, context: &Context) -> CommandResult {
    let why = (args.cause, &args.reason);
    let removing = prepare(&args.index, (&args.id, &args.version), why, context.now)?;
    say_breaks(&removing.dependents, context)?;
    if !args.yes && !removing.dependents.is_empty() {
        agree("remove", &format!("{} {}", args.id, args.version), context)?;
    }
    let signers = signers(&args.key, &args.gpg);
    let (path, is_unfinished) = removing.write(&args.index, &signers, context.now)?;
    if args.json {
        print(&format!("{:#}\n", to_json(args, &removing, (&path, is_unfinished))))?;
        return Ok(Outcome::Done);
    }
    print(&format!("{path}\n"))?;
    if is_unfinished {
        say_unfinished(context, &path.to_string())?;
    }
    Ok(Outcome::Done)
}

fn to_json(
    args: &Args,
    removing: &Removing,
    (path, is_unfinished): (&IndexPath, bool),
) -> serde_json::Value {
    serde_json::json!({
        "schema": "registry-tool.moderate-remove/1",
        "id": &args.id,
        "version": &args.version,
        "path": path,
        "breaks": breaks(&removing.dependents),
        "missing_signatures": is_unfinished,
    })
}
