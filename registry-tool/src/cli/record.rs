//! The commands `registry-tool record …`.

use std::path::PathBuf;

use index_schema::json::pretty;
use index_schema::registry::Registry;
use libral::file::{Mode, write_file};

use super::{CommandError, CommandResult, Context, Outcome, print};
use crate::rehearsal::Rehearsal;
use crate::submission::{Content, Submission};

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    Next(NextArgs),
}

/// Write the next record of the registry, for somebody to edit.
///
/// It says what the record in force says, and takes the next serial. Once it is edited, the
/// maintainers with the role `registry` sign it, one after the other, with `registry-tool sign`, and
/// `registry-tool add` puts it into the index repository.
#[derive(Debug, clap::Args)]
pub(super) struct NextArgs {
    /// The index repository.
    #[arg(long, value_name = "DIR")]
    index: PathBuf,
    /// The file to write; standard output, where nothing is said.
    #[arg(long, value_name = "FILE.json")]
    out: Option<PathBuf>,
}

pub(super) fn run(command: &Command, context: &Context) -> CommandResult {
    match command {
        Command::Next(args) => next(args, context),
    }
}

fn next(args: &NextArgs, context: &Context) -> CommandResult {
    let wanted = |submission: &Submission| matches!(submission.content, Content::Registry(_));
    let index = Rehearsal::read(&args.index, context.now, wanted)?.index()?;
    let serial = index.next_registry_serial();
    let record = Registry { serial, ..index.maintainers.record().clone() };
    let bytes = pretty(&record);
    let Some(out) = &args.out else {
        print(&String::from_utf8(bytes)?)?;
        return Ok(Outcome::Done);
    };
    if out.exists() {
        return Err(format!("`{}` is there already", out.display()).into());
    }
    write_file(out, &bytes, Mode::Public).map_err(|error| -> CommandError {
        format!("cannot write `{}`: {error}", out.display()).into()
    })?;
    print(&format!("{}\n", out.display()))?;
    context.say(&format!(
        "next: edit it, then `registry-tool sign {} --key FILE`, then `registry-tool add`",
        out.display()
    ))?;
    Ok(Outcome::Done)
}
