//! The command `registry-tool build`.

use std::path::PathBuf;

use super::{CommandResult, Context, Outcome, hinted, print};
use crate::build::{Build, build};

/// Compile the index repository at a commit into the files that are published.
///
/// Reads Git only: the same commit gives the same bytes on every machine. What `release` adds is
/// not written.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The index repository.
    #[arg(long, value_name = "DIR")]
    index: PathBuf,
    /// The commit.
    #[arg(long, value_name = "REV", default_value = "HEAD")]
    rev: String,
    /// Where to write.
    #[arg(long, value_name = "PUBLIC")]
    out: PathBuf,
    /// Local copies of archives, called <sha256>.tar.gz or <name>-<version>.tar.gz.
    #[arg(long, value_name = "DIR")]
    archives: Option<PathBuf>,
    /// Publish the archives, too, from --archives.
    #[arg(long, requires = "archives")]
    mirror: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args, context: &Context) -> CommandResult {
    let mirror = args.archives.as_deref().filter(|_| args.mirror);
    let Build { origin, plugins, releases, void, written, mirrored } =
        build(&args.index, &args.rev, &args.out, mirror)?;
    for finding in &void {
        context.say(&format!("void[{}]: {}: {}", finding.code, finding.path, finding.message))?;
    }
    if plugins == 0 && !void.is_empty() {
        let hint = "the list above says why nothing of it counts";
        return Err(hinted("there is nothing to publish", hint));
    }
    if args.json {
        let value = serde_json::json!({
            "schema": "registry-tool.build/1",
            "commit": origin.commit,
            "accepted": origin.time,
            "plugins": plugins,
            "releases": releases,
            "void": void.iter().map(|f| serde_json::json!({
                "path": &f.path, "code": f.code, "message": &f.message,
            })).collect::<Vec<_>>(),
            "written": written.written,
            "unchanged": written.unchanged,
            "removed": written.removed,
            "mirrored": mirrored,
        });
        print(&format!("{value:#}\n"))?;
        return Ok(Outcome::Done);
    }
    print(&format!(
        "plugins: {plugins}, releases: {releases}, void: {}, commit: {}\nfiles written: {}, unchanged: {}, archives: {}, in {}\n",
        void.len(),
        origin.commit,
        written.written,
        written.unchanged,
        mirrored,
        args.out.display(),
    ))?;
    Ok(Outcome::Done)
}
