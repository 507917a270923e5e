//! The commands `registry-tool key new` and `registry-tool key ceremony`.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use libral::file::{Mode, write_file};

use super::{CommandError, CommandResult, Context, Outcome, ceremony, hinted, print};
use crate::signing;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    New(NewArgs),
    Ceremony(ceremony::Args),
}

/// Make an OpenPGP key (Ed25519) to sign with.
///
/// Writes FILE with the secret key (readable by its owner alone), FILE.pub with the certificate,
/// and FILE.revoked with the certificate as revoked: keep that one elsewhere.
#[derive(Debug, clap::Args)]
pub(super) struct NewArgs {
    /// Whose key it is, such as `Ada <ada@example.org>`.
    #[arg(long, value_name = "TEXT")]
    user_id: String,
    /// Where to put the secret key.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(command: &Command, context: &Context) -> CommandResult {
    match command {
        Command::New(args) => new(args, context),
        Command::Ceremony(args) => ceremony::run(args, context),
    }
}

fn new(args: &NewArgs, context: &Context) -> CommandResult {
    let certificate = with_suffix(&args.out, ".pub");
    let revoked = with_suffix(&args.out, ".revoked");
    for path in [&args.out, &certificate, &revoked] {
        if path.exists() {
            let message = format!("`{}` is there already", path.display());
            return Err(hinted(message, "a key is never overwritten; choose another --out"));
        }
    }
    let key = signing::generate(&args.user_id, context.now)?;
    write(&revoked, &key.armored_revoked_certificate()?, Mode::Private)?;
    write(&certificate, &key.armored_certificate()?, Mode::Public)?;
    write(&args.out, &key.armored_secret_key()?, Mode::Private)?;
    let fingerprint = key.fingerprint();
    if args.json {
        let value = serde_json::json!({
            "schema": "registry-tool.key-new/1",
            "fingerprint": fingerprint,
            "secret_key": args.out,
            "certificate": certificate,
            "revoked": revoked,
        });
        print(&format!("{value:#}\n"))?;
        return Ok(Outcome::Done);
    }
    print(&format!(
        "{fingerprint}\nsecret key:  {}\ncertificate: {}\nrevoked:     {} (keep it elsewhere)\n",
        args.out.display(),
        certificate.display(),
        revoked.display()
    ))?;
    Ok(Outcome::Done)
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    PathBuf::from(name)
}

fn write(path: &Path, text: &str, mode: Mode) -> Result<(), CommandError> {
    write_file(path, text.as_bytes(), mode)
        .map_err(|error| format!("cannot write `{}`: {error}", path.display()).into())
}
