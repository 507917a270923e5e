//! `libral completions`.

use std::io::{self, Write as _};

use clap::CommandFactory as _;
use clap_complete::Shell;

use super::report::CliError;
use super::{Cli, CommandResult, Outcome};

/// Print what a shell needs to complete this program's commands.
///
/// Example: libral completions bash > ~/.local/share/bash-completion/completions/libral
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The shell.
    shell: Shell,
}

pub(super) fn run(args: &Args) -> CommandResult {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "libral", &mut script);
    io::stdout().write_all(&script).map_err(CliError::from)?;
    Ok(Outcome::Done)
}
