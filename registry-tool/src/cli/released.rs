//! The command `registry-tool released`.

use std::path::{Path, PathBuf};

use index_schema::limits;
use libral::file::read_file;
use libral::source::http::{Settings, Web};
use libral::source::location::Location;

use super::{CommandError, CommandResult, Context, Outcome, hinted, print};
use crate::release::Previous;

/// Say which commit is published, as a client would believe it: every signature is verified.
///
/// Metadata that have expired are taken, too: a registry that nobody released for too long has to
/// be released.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Where the registry is published: a folder or a URL.
    #[arg(value_name = "DIR|URL")]
    place: Location,
    /// The root metadata with which the registry began.
    #[arg(long, value_name = "FILE", default_value = "trust/root/1.root.json")]
    root: PathBuf,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

fn cannot(root: &Path, source: &std::io::Error) -> CommandError {
    let hint = "--root FILE: an index repository has it as trust/root/1.root.json";
    hinted(format!("cannot read `{}`: {source}", root.display()), hint)
}

pub(super) fn run(args: &Args, _context: &Context) -> CommandResult {
    let root = read_file(&args.root, limits::TUF_UNANNOUNCED)
        .map_err(|source| cannot(&args.root, &source))?;
    let source = args.place.open(&Web::new(Settings::default())?)?;
    let previous = Previous::load(&root, source.as_ref())?;
    let state = previous.state()?;
    if args.json {
        let value = serde_json::json!({
            "schema": "registry-tool.released/1",
            "commit": state.commit,
            "accepted": state.accepted,
            "timestamp": previous.timestamp_version().get(),
        });
        print(&format!("{value:#}\n"))?;
    } else {
        print(&format!("{}\n", state.commit))?;
    }
    Ok(Outcome::Done)
}
