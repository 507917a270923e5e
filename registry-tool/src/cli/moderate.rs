//! The commands `registry-tool moderate …`.

mod handover;
mod remove;

use super::{CommandResult, Context};

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    Handover(handover::Args),
    Remove(remove::Args),
}

pub(super) fn run(command: &Command, context: &Context) -> CommandResult {
    match command {
        Command::Handover(args) => handover::run(args, context),
        Command::Remove(args) => remove::run(args, context),
    }
}

/// Says that more moderators have to sign.
fn say_unfinished(context: &Context, path: &str) -> std::io::Result<()> {
    context.say(&format!(
        "missing: more maintainers with the role `moderate` have to sign\nnext: `registry-tool sign {path} --key FILE` adds a signature"
    ))
}
