//! The command `registry-tool approve`.

use std::path::PathBuf;

use index_schema::approval::FindingId;
use index_schema::text::Text;
use libral::source::http::{Settings, Web};

use super::{CommandResult, Context, Outcome, print};
use crate::approve::{Decision, approve};
use crate::archives::Archives;
use crate::inspection::{Inspection, Rules};
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
    /// Local copies of archives, for findings about what is in them; without it they are fetched
    /// from the URLs of the manifests.
    #[arg(long, value_name = "DIR")]
    archives: Option<PathBuf>,
    /// The folder of rules for the scanner that `check` was given.
    #[arg(long, value_name = "DIR")]
    rules: Option<PathBuf>,
    /// The maintainer's secret key.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
}

pub(super) fn run(args: &Args, context: &Context) -> CommandResult {
    let signer = Signer::File(args.key.clone());
    let web = Web::new(Settings::default())?;
    let archives = match &args.archives {
        Some(folder) => Archives::Folder(folder.clone()),
        None => Archives::Urls(&web),
    };
    let inspection = Inspection { archives, rules: Rules::load(args.rules.as_deref())? };
    let decision = Decision { wanted: args.finding.clone(), reason: args.reason.clone() };
    for path in approve(&args.index, &decision, &signer, &inspection, context.now)? {
        print(&format!("{path}\n"))?;
    }
    Ok(Outcome::Done)
}
