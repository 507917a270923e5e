//! The command `registry-tool scan`.

use std::path::{Path, PathBuf};

use super::{CommandError, CommandResult, Outcome, print};
use crate::scan::input::{self, Input};
use crate::scan::judge::{self, Case, Scan, judge};
use crate::scan::rules::RuleSet;
use crate::scan::{report, worker};

/// Find out what a plugin can do, and hold it against what its manifest declares.
///
/// Nothing of the plugin is run. What static analysis cannot see is not shown as clean: data read
/// from elsewhere, machine code, and names made up while running are findings of their own.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// An archive, a folder, or one file.
    path: PathBuf,
    /// The manifest that declares permissions; without it nothing is declared.
    #[arg(long, value_name = "FILE")]
    manifest: Option<PathBuf>,
    /// Say what became more or less since this archive, folder or file.
    #[arg(long, value_name = "PATH")]
    previous: Option<PathBuf>,
    /// A folder of rules that are added to those of the program, or take their place.
    #[arg(long, value_name = "DIR")]
    rules: Option<PathBuf>,
    /// How to print.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

/// Examine a package that comes in on standard input (`scan` starts it).
#[derive(Debug, clap::Args)]
pub(super) struct WorkerArgs {
    largest: usize,
    total: usize,
    /// Try to get out instead.
    #[arg(long, value_enum)]
    self_test: Option<worker::SelfTest>,
}

pub(super) fn run_worker(args: &WorkerArgs) -> CommandResult {
    match args.self_test {
        Some(test) => worker::self_test(test, args.largest)?,
        None => worker::run(args.largest, args.total)?,
    }
    Ok(Outcome::Done)
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// For programs: registry-tool.scan/1.
    Json,
    /// For code hosts: SARIF 2.1.0.
    Sarif,
}

pub(super) fn run(args: &Args) -> CommandResult {
    let rules = RuleSet::load(args.rules.as_deref())?;
    let mut scan = scan(&args.path, args.manifest.as_deref(), &rules)?;
    if let Some(previous) = &args.previous {
        let previous = self::scan(previous, None, &rules)?;
        scan.difference = Some(judge::difference(&scan, &previous));
    }
    match args.format {
        Format::Text => print(&report::text::render(&scan))?,
        Format::Json => print(&format!("{:#}\n", report::json::render(&scan)))?,
        Format::Sarif => print(&format!("{:#}\n", report::sarif::render(&scan)))?,
    }
    Ok(Outcome::Judged(scan.verdict))
}

fn scan(path: &Path, manifest: Option<&Path>, rules: &RuleSet) -> Result<Scan, CommandError> {
    let permissions = manifest.map(input::permissions).transpose()?.unwrap_or_default();
    let Input { files, problems } = input::read(path)?;
    let (mut examined, isolation) = worker::examine_apart(&files, rules)?;
    examined.problems.extend(problems);
    let case = Case { files: &files, examined: &examined, permissions: &permissions, rules };
    Ok(judge(case, isolation))
}
