//! The command `registry-tool approve`.

use std::path::PathBuf;

use index_schema::approval::FindingId;
use index_schema::text::Text;

use super::{CommandResult, Context, Outcome, print};
use crate::approve::approve;
use crate::signer::Signer;

/// Approve findings of level `review`, as a maintainer.
///
/// The approval names the statement by path and digest and the findings by fingerprint, and
/// silences exactly those. It is put into the work tree beside what it approves.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The index repository.
    #[arg(long, value_name = "DIR", default_value = ".")]
    index: PathBuf,
    /// A finding, by the fingerprint that `check` shows; once for each.
    #[arg(long, required = true, value_name = "FINGERPRINT")]
    finding: Vec<FindingId>,
    /// Why, for everybody to read.
    #[arg(long, value_name = "TEXT", value_parser = Text::<2048>::parse)]
    reason: Text<2048>,
    /// The maintainer's secret key.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
}

pub(super) fn run(args: &Args, context: &Context) -> CommandResult {
    let signer = Signer::File(args.key.clone());
    for path in approve(&args.index, &args.finding, &args.reason, &signer, context.now)? {
        print(&format!("{path}\n"))?;
    }
    Ok(Outcome::Done)
}
