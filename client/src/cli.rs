//! The command line: what was typed becomes typed values, and how it ended becomes an exit code.
//!
//! | code | meaning |
//! |---|---|
//! | 0 | done |
//! | 1 | refused, or something was found |
//! | 2 | the command could not be understood |
//! | 3 | what was served is not what was signed, or is out of date |
//! | 4 | a server was away, or there is no network |
//! | 5 | no releases fit together |
//! | 6 | the user has to agree first |
//! | 7 | another process is at work |
//! | 8 | there is no such thing |
//! | 130 | interrupted; the old state is in force |

mod audit;
mod categories;
mod completions;
mod context;
mod handover;
mod info;
mod install;
mod list;
mod path;
mod progress;
mod reference;
mod refresh;
mod registry;
mod remove;
mod report;
mod search;
mod text;
mod verify;
mod world;

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};
use index_schema::time::Timestamp;

use self::context::Context;
use self::report::{CliError, CommandError};

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It did what it should.
    Done,
    /// It did, and what it found is not as it should be.
    Found,
}

/// What a command gives back.
pub(crate) type CommandResult = Result<Outcome, CommandError>;

/// Find, install and verify plugins from registries that need no server.
///
/// Begin with `libral registry add`, then `libral search` and `libral install`.
#[derive(Debug, Parser)]
#[command(name = "libral", version, propagate_version = true, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    options: Options,
}

/// Options of every command.
#[derive(Debug, clap::Args)]
struct Options {
    #[command(flatten)]
    output: OutputOptions,
    #[command(flatten)]
    access: AccessOptions,
    /// Judge as if it were this time (for tests; prints a warning).
    #[arg(long, global = true, hide = true, value_name = "TIME")]
    now: Option<Timestamp>,
}

#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is one switch of the command line")]
struct OutputOptions {
    /// Print one JSON document.
    #[arg(long, global = true)]
    json: bool,
    /// Say nothing but errors and results.
    #[arg(long, short, global = true)]
    quiet: bool,
    /// Say more about what is going on.
    #[arg(long, short, global = true, conflicts_with = "quiet")]
    verbose: bool,
    /// Colour the output.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    color: Color,
}

#[derive(Debug, clap::Args)]
struct AccessOptions {
    /// Fetch nothing; work with what was fetched before.
    #[arg(long, global = true)]
    offline: bool,
    /// Allow http to other computers, and http and file for archives.
    #[arg(long, global = true)]
    allow_insecure: bool,
}

/// When the output is coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Color {
    /// On a terminal.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Add, list and remove registries.
    #[command(subcommand)]
    Registry(registry::Command),
    Refresh(refresh::Args),
    Search(search::Args),
    Info(info::Args),
    Categories(categories::Args),
    Install(install::Args),
    Remove(remove::Args),
    List(list::Args),
    Verify(verify::Args),
    Audit(audit::Args),
    Path(path::Args),
    Completions(completions::Args),
}

/// What of the environment counts: read once, here.
pub(crate) struct Environment {
    /// Moves the whole state into one folder.
    pub(crate) home: Option<PathBuf>,
    /// The proxy for requests that leave this computer.
    pub(crate) proxy: Option<String>,
}

impl Environment {
    #[expect(clippy::disallowed_methods, reason = "the environment is read once, here")]
    fn read() -> Self {
        let home = std::env::var_os("LIBRAL_HOME").filter(|home| !home.is_empty());
        let proxies = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
        let set = |name: &&str| std::env::var(name).ok().filter(|proxy| !proxy.is_empty());
        Self { home: home.map(PathBuf::from), proxy: proxies.iter().find_map(set) }
    }
}

/// Runs the program.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    let json = cli.options.output.json;
    match run(cli) {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Found) => ExitCode::from(1),
        Err(error) if error.is_broken_pipe() => ExitCode::SUCCESS,
        Err(error) => {
            // Nobody is left to tell when the output is closed.
            drop(if json { error.print_json() } else { error.print() });
            ExitCode::from(error.exit_code())
        }
    }
}

fn usage(error: &clap::Error) -> ExitCode {
    drop(error.print());
    ExitCode::from(if error.use_stderr() { 2 } else { 0 })
}

fn run(cli: Cli) -> CommandResult {
    match cli.options.output.color {
        Color::Auto => {}
        Color::Always => anstream::ColorChoice::Always.write_global(),
        Color::Never => anstream::ColorChoice::Never.write_global(),
    }
    let now = time(cli.options.now)?;
    let context = Context::new(cli.options, now, Environment::read());
    match cli.command {
        Command::Registry(command) => registry::run(&command, &context),
        Command::Refresh(args) => refresh::run(&args, &context),
        Command::Search(args) => search::run(&args, &context),
        Command::Info(args) => info::run(&args, &context),
        Command::Categories(args) => categories::run(&args, &context),
        Command::Install(args) => install::run(&args, &context),
        Command::Remove(args) => remove::run(&args, &context),
        Command::List(args) => list::run(&args, &context),
        Command::Verify(args) => verify::run(&args, &context),
        Command::Audit(args) => audit::run(&args, &context),
        Command::Path(args) => path::run(&args, &context),
        Command::Completions(args) => completions::run(&args),
    }
}

/// Returns the time to judge by: the only place that asks the clock.
#[expect(clippy::disallowed_methods, reason = "the clock is read once, here")]
fn time(now: Option<Timestamp>) -> Result<Timestamp, CliError> {
    if let Some(now) = now {
        writeln!(anstream::stderr(), "warning: judging as if it were {now}")?;
        return Ok(now);
    }
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let seconds = since.map_or(0, |since| since.as_secs());
    let seconds = i64::try_from(seconds).map_err(io::Error::other)?;
    Ok(Timestamp::from_seconds(seconds).map_err(io::Error::other)?)
}
