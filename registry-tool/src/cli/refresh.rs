//! The command `registry-tool refresh`.

use std::path::PathBuf;

use super::{CommandResult, Context};
use crate::release::{Lifetimes, refresh};
use crate::role_keys::OnlineKeys;

/// Renew the metadata that are past half of their life; what is published stays the same.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The folder that was released.
    #[arg(long, value_name = "PUBLIC")]
    public: PathBuf,
    /// The keys of index, bins, snapshot and timestamp.
    #[arg(long, value_name = "DIR")]
    online_keys: PathBuf,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args, context: &Context) -> CommandResult {
    let keys = OnlineKeys::load(&args.online_keys)?;
    let released = refresh(&args.public, &keys, (&Lifetimes::default(), context.now))?;
    super::release::show(&released, args.json)
}
