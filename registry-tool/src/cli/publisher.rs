//! The commands `registry-tool publisher …`.

mod new;
mod object;
mod show;
mod update;

use std::path::PathBuf;

use super::{CommandResult, Context};
use crate::signer::Signer;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    New(new::Args),
    Update(update::Args),
    Object(object::Args),
    Show(show::Args),
}

pub(super) fn run(command: &Command, context: &Context) -> CommandResult {
    match command {
        Command::New(args) => new::run(args, context),
        Command::Update(args) => update::run(args, context),
        Command::Object(args) => object::run(args, context),
        Command::Show(args) => show::run(args, context),
    }
}

/// Puts together whoever signs.
pub(super) fn signers(keys: &[PathBuf], gpg: &[String]) -> Vec<Signer> {
    let files = keys.iter().cloned().map(Signer::File);
    files.chain(gpg.iter().cloned().map(Signer::Gpg)).collect()
}
