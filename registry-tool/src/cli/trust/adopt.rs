//! The command `registry-tool trust adopt`.

use std::path::PathBuf;

use index_schema::digest::Sha256Digest;

use super::super::{CommandError, CommandResult, Context, Outcome, print};
use super::read_document;
use crate::trust::Trust;
use crate::trust::adopt::{AdoptError, adopt, merge};

/// Put signed metadata into the work tree of the index, if a client would take them.
///
/// Copies that were signed apart are put together. What lacks signatures is refused.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// The signed draft, or copies of it.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// The index repository.
    #[arg(long, value_name = "DIR")]
    index: PathBuf,
}

pub(in crate::cli) fn run(args: &Args, context: &Context) -> CommandResult {
    let trust = Trust::read(&args.index, context.now)?;
    let copies = args.files.iter().map(|path| read_document(path));
    let document = merge(copies.collect::<Result<_, _>>()?, &trust)?;
    let path = adopt(&args.index, &document, context.now).map_err(reason)?;
    print(&format!("{path}\n"))?;
    if trust.roots.is_empty() {
        print(&format!("root sha256: {}\n", Sha256Digest::of(&document.bytes())))?;
    }
    context.say("next: commit it, build and release")?;
    Ok(Outcome::Done)
}

/// Takes the error out of what wraps it, so that its own exit code and hint are used.
fn reason(error: AdoptError) -> CommandError {
    match error {
        AdoptError::Trust(error) => error.into(),
        AdoptError::Document(error) => error.into(),
        AdoptError::Intake(error) => error.into(),
    }
}
