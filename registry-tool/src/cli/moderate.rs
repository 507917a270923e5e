//! The commands `registry-tool moderate …`.

mod handover;
mod remove;
mod standing;

use std::io::{self, BufRead as _, IsTerminal as _};

use super::{CommandError, CommandResult, Context, hinted};
use crate::moderation::Dependent;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    Handover(handover::Args),
    Remove(remove::Args),
    Suspend(standing::SuspendArgs),
    Reinstate(standing::ReinstateArgs),
    Verify(standing::VerifyArgs),
    Unverify(standing::UnverifyArgs),
}

pub(super) fn run(command: &Command, context: &Context) -> CommandResult {
    match command {
        Command::Handover(args) => handover::run(args, context),
        Command::Remove(args) => remove::run(args, context),
        Command::Suspend(args) => standing::suspend(args, context),
        Command::Reinstate(args) => standing::reinstate(args, context),
        Command::Verify(args) => standing::verify(args, context),
        Command::Unverify(args) => standing::unverify(args, context),
    }
}

/// Says that more moderators have to sign.
fn say_unfinished(context: &Context, path: &str) -> io::Result<()> {
    context.say(&format!(
        "missing: more maintainers with the role `moderate` have to sign\nnext: `registry-tool sign {path} --key FILE` adds a signature"
    ))
}

/// Says which releases cannot be installed any more.
fn say_breaks(dependents: &[Dependent], context: &Context) -> io::Result<()> {
    dependents.iter().try_for_each(|dependent| {
        let Dependent { id, version, needs } = dependent;
        context.say(&format!("breaks: {id} {version}, which needs {needs}"))
    })
}

fn breaks(dependents: &[Dependent]) -> serde_json::Value {
    let one = |it: &Dependent| serde_json::json!({ "id": &it.id, "version": &it.version, "needs": &it.needs });
    dependents.iter().map(one).collect()
}

/// Asks whether to do what breaks releases.
fn agree(verb: &str, what: &str, context: &Context) -> Result<(), CommandError> {
    if !io::stdin().is_terminal() {
        let message = format!("to {verb} {what} breaks other releases");
        return Err(hinted(message, format!("say --yes to {verb} it all the same")));
    }
    context.say(&format!("{verb} {what}? [y/N]"))?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    match answer.trim() {
        "y" | "yes" => Ok(()),
        _ => Err("nothing was changed".into()),
    }
}
