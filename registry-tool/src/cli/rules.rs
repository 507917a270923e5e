//! The commands `registry-tool rules …`: the rules of the scanner.

use std::path::PathBuf;

use super::{CommandResult, Outcome, print};
use crate::finding::Verdict;
use crate::scan::rules::{RuleSet, cases};

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Run the cases of all rules: what they have to find, and what they must not.
    Test(Args),
    /// List the rules: id, language, capability, and what the code does that they find.
    List(Args),
}

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A folder of rules that are added to those of the program, or take their place.
    #[arg(long, value_name = "DIR")]
    rules: Option<PathBuf>,
}

pub(super) fn run(command: &Command) -> CommandResult {
    match command {
        Command::Test(args) => test(args),
        Command::List(args) => list(args),
    }
}

fn test(args: &Args) -> CommandResult {
    let rules = RuleSet::load(args.rules.as_deref())?;
    let outcome = cases::run(&rules)?;
    for failure in &outcome.failures {
        print(&format!("{}: {:?}: {}\n", failure.subject, failure.case, failure.message))?;
    }
    print(&format!(
        "{} cases to be found, {} harmless ones, {} wrong; rules {}\n",
        outcome.bad,
        outcome.ok,
        outcome.failures.len(),
        rules.sha256()
    ))?;
    let is_good = outcome.failures.is_empty();
    Ok(Outcome::Judged(if is_good { Verdict::Accepted } else { Verdict::Refused }))
}

fn list(args: &Args) -> CommandResult {
    let rules = RuleSet::load(args.rules.as_deref())?;
    for (language, rule) in rules.rules() {
        let capability = rule.capability.as_deref().unwrap_or("safe");
        print(&format!("{:<14} {language:<11} {capability:<22} {}\n", rule.id, rule.message))?;
    }
    Ok(Outcome::Done)
}
