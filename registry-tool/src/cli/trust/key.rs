//! The command `registry-tool trust key`.

use std::path::PathBuf;

use super::super::{CommandResult, Context, Outcome, hinted, print};
use crate::role_keys::{RoleKey, public_file};

/// Make the key of a role (Ed25519), on the machine of who keeps it.
///
/// Writes FILE.pem with the secret key, readable by its owner alone, and FILE.pub with the public
/// key, which is all that anybody else needs.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// Where to put the secret key; the name ends in `.pem`.
    #[arg(long, value_name = "FILE.pem")]
    out: PathBuf,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(in crate::cli) fn run(args: &Args, context: &Context) -> CommandResult {
    if args.out.extension().is_none_or(|end| end != "pem") {
        let message = format!("`{}` does not end in `.pem`", args.out.display());
        return Err(hinted(message, "the public key lies beside it, with the ending `.pub`"));
    }
    let public = public_file(&args.out);
    if public.exists() {
        let message = format!("`{}` is there already", public.display());
        return Err(hinted(message, "a key is never overwritten; choose another --out"));
    }
    let key = RoleKey::create(&args.out)?;
    let id = key.public().id();
    if args.json {
        let value = serde_json::json!({
            "schema": "registry-tool.trust-key/1",
            "id": id,
            "secret_key": args.out,
            "public_key": public,
        });
        print(&format!("{value:#}\n"))?;
        return Ok(Outcome::Done);
    }
    print(&format!(
        "{id}\nsecret key: {}\npublic key: {}\n",
        args.out.display(),
        public.display()
    ))?;
    context.say("next: give the public key to who drafts the metadata, and say its id by voice")?;
    Ok(Outcome::Done)
}
