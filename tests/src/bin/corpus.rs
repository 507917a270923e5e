//! Makes a signed index repository of any size, for tests and benchmarks.

use std::error::Error;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use e2e::corpus::{self, Options, Size};

/// Makes a signed index repository of any size, for tests and benchmarks.
///
/// `DIR/index` is the repository (registry/ and trust/ are checked out; `git sparse-checkout
/// disable` brings the rest), `DIR/keys` holds the secret keys of the maintainer and of all
/// publishers. The same options give the same commit.
#[derive(Debug, Parser)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
struct Args {
    /// How many plugins
    #[arg(long, value_name = "N", default_value_t = 100)]
    plugins: usize,
    /// How many releases all plugins have together [default: as real plugins have]
    #[arg(long, value_name = "N")]
    releases: Option<usize>,
    /// How many publishers [default: as real plugins have]
    #[arg(long, value_name = "N")]
    publishers: Option<usize>,
    /// What all chance follows from
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// Folder with the krew index and the Bazel Central Registry (.jsonl.zst) to learn from
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// The most releases of one commit
    #[arg(long, value_name = "N", default_value_t = 200)]
    releases_per_commit: usize,
    /// Make an archive for every artifact, too: `DIR/archives/<sha256>.tar.gz`
    #[arg(long)]
    archives: bool,
    /// Pack the repository anew (git repack -adF)
    #[arg(long)]
    repack: bool,
    /// Make nothing; print what our types refuse of the catalogues in --data, as Markdown
    #[arg(long, requires = "data")]
    report_refusals: bool,
    /// Where to write
    #[arg(long, value_name = "DIR", required_unless_present = "report_refusals")]
    out: Option<PathBuf>,
}

fn main() -> ExitCode {
    match run(Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say_error(error.as_ref());
            ExitCode::FAILURE
        }
    }
}

fn say_error(error: &dyn Error) {
    let mut stderr = io::stderr().lock();
    // Nobody is left to hear that standard error is closed.
    drop(writeln!(stderr, "error: {error}"));
    let mut cause = error.source();
    while let Some(error) = cause {
        drop(writeln!(stderr, "  caused by: {error}"));
        cause = error.source();
    }
}

fn run(args: Args) -> Result<(), Box<dyn Error>> {
    let mut stdout = io::stdout().lock();
    if let (true, Some(data)) = (args.report_refusals, &args.data) {
        write!(stdout, "{}", corpus::report_refusals(data)?)?;
        return Ok(());
    }
    let Some(out) = args.out else { return Ok(()) };
    if args.data.is_none() {
        writeln!(
            io::stderr(),
            "no --data: names, histories and dependencies are made up from a small model"
        )?;
    }
    let size = Size { plugins: args.plugins, releases: args.releases, publishers: args.publishers };
    let options = Options {
        size,
        seed: args.seed,
        data: args.data,
        releases_per_commit: args.releases_per_commit,
        archives: args.archives,
        repack: args.repack,
    };
    let made = corpus::make(&options, &out)?;
    writeln!(
        stdout,
        "{} plugins of {} publishers, {} releases with {} dependencies, {} commits, main is {}",
        made.plugins, made.publishers, made.releases, made.dependencies, made.commits, made.commit
    )?;
    Ok(())
}
