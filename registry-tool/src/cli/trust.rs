//! The commands `registry-tool trust …`: the metadata that are signed offline.

mod adopt;
mod draft;
mod key;
mod show;
mod sign;

use std::path::Path;

use index_schema::limits;
use libral::file::read_file;

use super::{CommandError, CommandResult, Context};
use crate::trust::document::Document;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    Key(key::Args),
    /// Write the next root or targets metadata, for others to sign.
    #[command(subcommand)]
    Draft(draft::Command),
    Sign(sign::Args),
    Adopt(adopt::Args),
    Show(show::Args),
}

pub(super) fn run(command: &Command, context: &Context) -> CommandResult {
    match command {
        Command::Key(args) => key::run(args, context),
        Command::Draft(command) => draft::run(command, context),
        Command::Sign(args) => sign::run(args, context),
        Command::Adopt(args) => adopt::run(args, context),
        Command::Show(args) => show::run(args, context),
    }
}

fn read_document(path: &Path) -> Result<Document, CommandError> {
    let bytes = read_file(path, limits::TUF)
        .map_err(|error| format!("cannot read `{}`: {error}", path.display()))?;
    Ok(Document::read(&bytes)?)
}
