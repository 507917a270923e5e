//! The command `registry-tool serve`.

use std::path::PathBuf;

use super::{CommandResult, Context, Outcome, print};
use crate::serve::Preview;

/// Serve a published folder to this machine, to try it before it is uploaded.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The folder.
    #[arg(value_name = "PUBLIC")]
    public: PathBuf,
    /// The port of 127.0.0.1; 0 takes any that is free.
    #[arg(long, default_value_t = 8000)]
    port: u16,
}

pub(super) fn run(args: &Args, context: &Context) -> CommandResult {
    let preview = Preview::new(&args.public, args.port)?;
    print(&format!("{}\n", preview.url()))?;
    context.say("serving to this machine alone; Ctrl-C ends it")?;
    preview.run();
    Ok(Outcome::Done)
}
