//! The command `registry-tool sign`.

use std::path::{Path, PathBuf};

use index_schema::limits;
use libral::file::{Mode, read_file, write_file};

use super::{CommandError, CommandResult, Context, Outcome, print, publisher::signers};
use crate::signer::countersigned;

/// Sign a document: FILE.json becomes FILE.signed; a .signed file gets one more signature.
///
/// A signature by plain `gpg --armor --detach-sign` or `sq sign`, appended to the document, is as
/// good.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The document, or a statement that has signatures already.
    file: PathBuf,
    /// The secret key to sign with.
    #[arg(long, value_name = "FILE", required_unless_present = "gpg")]
    key: Vec<PathBuf>,
    /// Sign with a key that GnuPG keeps.
    #[arg(long, value_name = "KEYID")]
    gpg: Vec<String>,
    /// Where to write, instead of beside the document.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub(super) fn run(args: &Args, context: &Context) -> CommandResult {
    let limit = limits::PUBLISHER + limits::SIGNATURES;
    let read = |path: &Path| -> Result<Vec<u8>, CommandError> {
        read_file(path, limit)
            .map_err(|error| format!("cannot read `{}`: {error}", path.display()).into())
    };
    let file = read(&args.file)?;
    let bytes = countersigned(&file, &signers(&args.key, &args.gpg), context.now)?;
    let out = args.out.clone().unwrap_or_else(|| args.file.with_extension("signed"));
    write_file(&out, &bytes, Mode::Public)
        .map_err(|error| format!("cannot write `{}`: {error}", out.display()))?;
    print(&format!("{}\n", out.display()))?;
    Ok(Outcome::Done)
}
