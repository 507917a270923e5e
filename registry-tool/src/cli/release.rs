//! The command `registry-tool release`.

use std::path::PathBuf;

use libral::source::http::{Settings, Web};
use libral::source::location::Location;

use super::{CommandResult, Context, Outcome, print};
use crate::release::{Lifetimes, Previous, Released, release};
use crate::role_keys::OnlineKeys;

/// Sign what `build` wrote, so that clients accept it as current.
///
/// The state that was released before is verified as a client would verify it, and only what
/// changed is signed again.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The folder that `build` wrote.
    #[arg(long, value_name = "PUBLIC")]
    public: PathBuf,
    /// The keys of index, bins, snapshot and timestamp.
    #[arg(long, value_name = "DIR")]
    online_keys: PathBuf,
    /// Where the last release is published: a folder or a URL. It may be PUBLIC itself.
    #[arg(long, value_name = "DIR|URL", required_unless_present = "first")]
    previous: Option<Location>,
    /// There is no release before this one.
    #[arg(long, conflicts_with = "previous")]
    first: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args, context: &Context) -> CommandResult {
    let keys = OnlineKeys::load(&args.online_keys)?;
    let previous = match &args.previous {
        Some(location) => {
            let source = location.open(&Web::new(Settings::default())?)?;
            Some(Previous::load(&args.public, source.as_ref())?)
        }
        None => None,
    };
    let times = (&Lifetimes::default(), context.now);
    let released = release(&args.public, previous.as_ref(), &keys, times)?;
    show(&released, args.json)
}

pub(super) fn show(released: &Released, as_json: bool) -> CommandResult {
    if as_json {
        let value = serde_json::json!({
            "schema": "registry-tool.release/1",
            "timestamp": released.timestamp.get(),
            "snapshot": released.snapshot.get(),
            "signed": released.signed,
        });
        print(&format!("{value:#}\n"))?;
    } else {
        print(&format!(
            "timestamp {}, snapshot {}: {} files signed\n",
            released.timestamp.get(),
            released.snapshot.get(),
            released.signed.len()
        ))?;
    }
    Ok(Outcome::Done)
}
