//! The command line: what was typed becomes typed values, and how it ended becomes an exit code.
//!
//! | code | meaning |
//! |---|---|
//! | 0 | accepted, or done |
//! | 1 | refused, or a mismatch was found |
//! | 2 | the command could not be carried out as it was given |
//! | 4 | it could not be judged: a server was away, history is missing |
//! | 5 | a maintainer has to look at it |

mod add;
mod advisory;
mod approve;
mod archive;
mod build;
mod ceremony;
mod demo;
mod explain;
mod history;
mod init;
mod key;
mod keys;
mod moderate;
mod new;
mod pack;
mod publisher;
mod record;
mod refresh;
mod release;
mod released;
mod reproduce;
mod rules;
mod scan;
mod serve;
mod sign;
mod standing;
mod submit;
mod trust;
mod validate;

use std::error::Error;
use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use index_schema::time::Timestamp;
use libral::tuf::update::UpdateError;

use crate::advise::AdviseError;
use crate::finding::Verdict;
use crate::git::GitError;
use crate::history::HistoryError;
use crate::intake::IntakeError;
use crate::package::PackError;
use crate::rehearsal::RehearsalError;
use crate::release::ReleaseError;
use crate::reproduce::ReproduceError;
use crate::role_keys::RoleKeyError;
use crate::scan::input::InputError;
use crate::serve::ServeError;
use crate::submit::SubmitError;
use crate::trust::document::DocumentError;
use crate::trust::draft::DraftError;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It did what it should.
    Done,
    /// It judged, and this is the verdict.
    Judged(Verdict),
}

/// Any error of a command; its chain of causes is shown.
pub(crate) type CommandError = Box<dyn Error + Send + Sync>;
/// What a command gives back.
pub(crate) type CommandResult = Result<Outcome, CommandError>;

/// An error with advice.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub(crate) struct Hinted {
    message: String,
    hint: String,
    source: Option<CommandError>,
}

/// Makes an error with advice.
pub(crate) fn hinted(message: impl Into<String>, hint: impl Into<String>) -> CommandError {
    Box::new(Hinted { message: message.into(), hint: hint.into(), source: None })
}

/// Validate, compile and release a plugin registry that needs no server.
///
/// Publishers: new, key new, pack, sign, submit, publisher, yank, deprecate, add, check.
/// Maintainers: init, key ceremony, trust, record next, validate, approve, moderate, advisory, build,
/// release, released, refresh, serve.
/// Newcomers: demo. Anybody: history, reproduce.
#[derive(Debug, Parser)]
#[command(name = "registry-tool", version, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    /// Judge as if it were this time (for tests; prints a warning).
    #[arg(long, global = true, hide = true, value_name = "TIME")]
    now: Option<Timestamp>,
    /// Say nothing but errors and results.
    #[arg(long, short, global = true)]
    quiet: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    Demo(demo::Args),
    Init(init::Args),
    /// Make keys.
    #[command(subcommand)]
    Key(key::Command),
    /// Write and show the records of a publisher's keys.
    #[command(subcommand)]
    Publisher(publisher::Command),
    /// Write the records of the registry.
    #[command(subcommand)]
    Record(record::Command),
    New(new::Args),
    Pack(pack::Args),
    Sign(sign::Args),
    Add(add::Args),
    Yank(standing::YankArgs),
    Unyank(standing::UnyankArgs),
    Deprecate(standing::DeprecateArgs),
    Undeprecate(standing::UndeprecateArgs),
    Check(validate::CheckArgs),
    Submit(submit::Args),
    Validate(validate::Args),
    Approve(approve::Args),
    /// Remove releases; suspend, verify and hand over publishers, as a maintainer.
    #[command(subcommand)]
    Moderate(moderate::Command),
    /// Write advisories about vulnerabilities, as a maintainer.
    #[command(subcommand)]
    Advisory(advisory::Command),
    /// Look at package archives.
    #[command(subcommand)]
    Archive(archive::Command),
    Explain(explain::Args),
    History(history::Args),
    Scan(scan::Args),
    #[command(hide = true)]
    ScanWorker(scan::WorkerArgs),
    /// Look at the rules of the scanner.
    #[command(subcommand)]
    Rules(rules::Command),
    Build(build::Args),
    Release(release::Args),
    Released(released::Args),
    Refresh(refresh::Args),
    /// Root and targets metadata, and the keys of roles: make, draft, sign, adopt, show.
    #[command(subcommand)]
    Trust(trust::Command),
    Reproduce(reproduce::Args),
    Serve(serve::Args),
}

/// What every command gets from the outside.
pub(crate) struct Context {
    /// The time to judge by.
    pub(crate) now: Timestamp,
    quiet: bool,
}

impl Context {
    /// Says what is going on, on standard error.
    pub(crate) fn say(&self, message: &str) -> io::Result<()> {
        if self.quiet { Ok(()) } else { writeln!(anstream::stderr(), "{message}") }
    }
}

/// Prints a result on standard output.
pub(crate) fn print(text: &str) -> Result<(), CommandError> {
    let mut out = anstream::stdout();
    out.write_all(text.as_bytes())?;
    Ok(out.flush()?)
}

/// Runs the program.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    match run(cli) {
        Ok(outcome) => ExitCode::from(code(outcome)),
        Err(error) if is_broken_pipe(error.as_ref()) => ExitCode::SUCCESS,
        Err(error) => {
            let shown = report(error.as_ref(), &mut anstream::stderr());
            // Nobody is left to tell when standard error is closed.
            drop(shown);
            ExitCode::from(failure_code(error.as_ref()))
        }
    }
}

fn usage(error: &clap::Error) -> ExitCode {
    drop(error.print());
    ExitCode::from(if error.use_stderr() { 2 } else { 0 })
}

const fn code(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Done | Outcome::Judged(Verdict::Accepted) => 0,
        Outcome::Judged(Verdict::Refused) => 1,
        Outcome::Judged(Verdict::Unjudged) => 4,
        Outcome::Judged(Verdict::Review) => 5,
    }
}

/// What could not be fetched, or is missing from a shallow clone, could not be judged; what is
/// malformed is refused.
fn failure_code(error: &(dyn Error + 'static)) -> u8 {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if is_refusal(error) {
            return 1;
        }
        let shallow =
            error.downcast_ref().is_some_and(|e| matches!(e, HistoryError::Incomplete(_)));
        let away = error.downcast_ref().is_some_and(|e| matches!(e, UpdateError::Source(_)));
        let missing = error.downcast_ref().is_some_and(ReproduceError::is_unjudged);
        let unasked = error.downcast_ref().is_some_and(SubmitError::is_away);
        let absent = error.downcast_ref().is_some_and(|e| matches!(e, GitError::Object { .. }));
        if unasked
            || shallow
            || away
            || missing
            || absent
            || error.is::<libral::source::SourceError>()
        {
            return 4;
        }
        cause = error.source();
    }
    2
}

fn is_refusal(error: &(dyn Error + 'static)) -> bool {
    let pack = error.downcast_ref();
    let release = error.downcast_ref::<ReleaseError>();
    let document = error.downcast_ref::<DocumentError>();
    let input = error.downcast_ref();
    release.is_some_and(ReleaseError::is_refusal)
        || input.is_some_and(|e| matches!(e, InputError::Archive { .. }))
        || document.is_some_and(DocumentError::is_refusal)
        || pack.is_some_and(|e| matches!(e, PackError::Manifest(_) | PackError::Archive(_)))
        || error.downcast_ref().is_some_and(IntakeError::is_refusal)
        || error.downcast_ref().is_some_and(ReproduceError::is_refusal)
        || error.downcast_ref().is_some_and(RehearsalError::is_refusal)
        || error.downcast_ref().is_some_and(SubmitError::is_refusal)
        || error.downcast_ref().is_some_and(AdviseError::is_refusal)
}

fn run(cli: Cli) -> CommandResult {
    let context = Context { now: time(cli.now)?, quiet: cli.quiet };
    match cli.command {
        Command::Demo(args) => demo::run(&args, &context),
        Command::Init(args) => init::run(&args, &context),
        Command::Key(command) => key::run(&command, &context),
        Command::Publisher(command) => publisher::run(&command, &context),
        Command::Record(command) => record::run(&command, &context),
        Command::New(args) => new::run(&args, &context),
        Command::Pack(args) => pack::run(&args, &context),
        Command::Sign(args) => sign::run(&args, &context),
        Command::Add(args) => add::run(&args, &context),
        Command::Yank(args) => standing::yank(&args, &context),
        Command::Unyank(args) => standing::unyank(&args, &context),
        Command::Deprecate(args) => standing::deprecate(&args, &context),
        Command::Undeprecate(args) => standing::undeprecate(&args, &context),
        Command::Check(args) => validate::run(&args.into(), &context),
        Command::Submit(args) => submit::run(&args, &context),
        Command::Validate(args) => validate::run(&args, &context),
        Command::Approve(args) => approve::run(&args, &context),
        Command::Moderate(command) => moderate::run(&command, &context),
        Command::Advisory(command) => advisory::run(&command, &context),
        Command::Archive(command) => archive::run(&command),
        Command::Explain(args) => explain::run(&args),
        Command::History(args) => history::run(&args, &context),
        Command::Scan(args) => scan::run(&args),
        Command::ScanWorker(args) => scan::run_worker(&args),
        Command::Rules(command) => rules::run(&command),
        Command::Build(args) => build::run(&args, &context),
        Command::Release(args) => release::run(&args, &context),
        Command::Released(args) => released::run(&args, &context),
        Command::Refresh(args) => refresh::run(&args, &context),
        Command::Trust(command) => trust::run(&command, &context),
        Command::Reproduce(args) => reproduce::run(&args, &context),
        Command::Serve(args) => serve::run(&args, &context),
    }
}

/// Returns the time to judge by: the only place that asks the clock.
#[expect(clippy::disallowed_methods, reason = "the clock is read once, here")]
fn time(now: Option<Timestamp>) -> Result<Timestamp, CommandError> {
    if let Some(now) = now {
        writeln!(anstream::stderr(), "warning: judging as if it were {now}")?;
        return Ok(now);
    }
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?;
    Ok(Timestamp::from_seconds(i64::try_from(since.as_secs())?)?)
}

/// Shows an error, what caused it, and what to do about it.
fn report(error: &(dyn Error + 'static), out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "error: {error}")?;
    let mut hint = hint_of(error);
    let mut cause = error.source();
    while let Some(error) = cause {
        writeln!(out, "  caused by: {error}")?;
        hint = hint.or_else(|| hint_of(error));
        cause = error.source();
    }
    match hint {
        Some(hint) => writeln!(out, "hint: {hint}"),
        None => Ok(()),
    }
}

fn hint_of(error: &(dyn Error + 'static)) -> Option<String> {
    let own = error.downcast_ref::<Hinted>().map(|hinted| hinted.hint.clone());
    let signing = || error.downcast_ref::<crate::signing::SigningError>()?.hint();
    let taken = || {
        let error = error.downcast_ref()?;
        matches!(error, ServeError::Listen { .. }).then_some("--port 0 takes any that is free")
    };
    let key = || error.downcast_ref::<RoleKeyError>()?.hint();
    let release = || error.downcast_ref::<ReleaseError>()?.hint();
    let draft = || error.downcast_ref::<DraftError>()?.hint();
    let document = || error.downcast_ref::<DocumentError>()?.hint();
    let reproducing = || error.downcast_ref::<ReproduceError>()?.hint();
    let submitting = || error.downcast_ref::<SubmitError>()?.hint();
    let fixed = || {
        signing()
            .or_else(submitting)
            .or_else(taken)
            .or_else(release)
            .or_else(draft)
            .or_else(document)
            .or_else(reproducing)
    };
    own.or_else(key).or_else(|| fixed().map(str::to_owned))
}

fn is_broken_pipe(error: &(dyn Error + 'static)) -> bool {
    let error = error.downcast_ref::<io::Error>();
    error.is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn every_command_and_option_is_declared_soundly() {
        super::Cli::command().debug_assert();
    }
}
