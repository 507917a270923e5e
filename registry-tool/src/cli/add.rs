//! The command `registry-tool add`.

use std::path::PathBuf;

use index_schema::limits;
use libral::file::read_file;

use super::{CommandResult, Context, Outcome, print};
use crate::intake::{IntakeError, place, put};

/// Put statements where they belong in the work tree of an index repository.
///
/// Either all of them are put there, or, when one cannot be read, none.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The statements.
    #[arg(required = true, value_name = "FILE.signed")]
    files: Vec<PathBuf>,
    /// The index repository.
    #[arg(long, value_name = "DIR")]
    index: PathBuf,
}

pub(super) fn run(args: &Args, context: &Context) -> CommandResult {
    let mut statements = Vec::new();
    for path in &args.files {
        let bytes = read_file(path, limits::PUBLISHER + limits::SIGNATURES)
            .map_err(|source| IntakeError::Read { path: path.clone(), source })?;
        statements.push((place(&path.display().to_string(), &bytes, context.now)?, bytes));
    }
    for (path, bytes) in &statements {
        put(&args.index, path, bytes)?;
        print(&format!("{path}\n"))?;
    }
    Ok(Outcome::Done)
}
