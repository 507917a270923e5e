//! The command `registry-tool refresh`.

use std::path::PathBuf;

use super::{CommandResult, Context, keys};
use crate::release::{Signing, refresh};
use crate::role_keys::KeySource;
use crate::trust::Lifetimes;

/// Renew the metadata that are past half of their life; what is published stays the same.
///
/// Only the keys of the roles that are due have to be there: a job that renews the timestamp and
/// the snapshot needs no others.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The folder that was released.
    #[arg(long, value_name = "PUBLIC")]
    public: PathBuf,
    /// The keys of index, bins, snapshot and timestamp.
    #[arg(long, value_name = "DIR|env:NAME|exec:COMMAND")]
    online_keys: KeySource,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args, context: &Context) -> CommandResult {
    let (keys, lifetimes) = (keys::open(&args.online_keys)?, Lifetimes::default());
    let signing = Signing { keys: &keys, lifetimes: &lifetimes, now: context.now };
    let released = refresh(&args.public, &signing)?;
    super::release::show(&released, args.json, context)
}
