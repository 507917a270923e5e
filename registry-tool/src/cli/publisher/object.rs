//! The command `registry-tool publisher object`.

use std::path::PathBuf;

use index_schema::id::PublisherId;
use index_schema::text::Text;

use crate::cli::{CommandResult, Context, Outcome, print};
use crate::membership::object;
use crate::signer::Signer;

/// Object to a change of a publisher's keys.
///
/// Any one key that was active in the record before may, until 72 hours have passed since the
/// acceptance of the change. The record is void once the objection is accepted.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// The id of the publisher, such as `lab`.
    id: PublisherId,
    /// The index repository.
    #[arg(long, value_name = "DIR")]
    index: PathBuf,
    /// The serial of the record.
    #[arg(long, value_name = "N")]
    serial: u64,
    /// A secret key that was active before.
    #[arg(long, value_name = "FILE", required_unless_present = "gpg")]
    key: Option<PathBuf>,
    /// Sign with a key that GnuPG keeps, instead of --key.
    #[arg(long, value_name = "KEYID", conflicts_with = "key")]
    gpg: Option<String>,
    /// Why, for everybody to read.
    #[arg(long, value_name = "TEXT", value_parser = Text::<2048>::parse, default_value = "this change of keys is not ours")]
    reason: Text<2048>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args, context: &Context) -> CommandResult {
    let file = args.key.clone().map(Signer::File);
    let signer = file.or_else(|| args.gpg.clone().map(Signer::Gpg));
    let signer = signer.ok_or("no key is given to sign with")?;
    let record = (&args.id, args.serial);
    let path = object(&args.index, record, &args.reason, &signer, context.now)?;
    if args.json {
        let value = serde_json::json!({
            "schema": "registry-tool.publisher-object/1",
            "publisher": &args.id,
            "serial": args.serial,
            "path": &path,
        });
        print(&format!("{value:#}\n"))?;
        return Ok(Outcome::Done);
    }
    print(&format!("{path}\n"))?;
    context.say("next: it has to be accepted before the 72 hours are over")?;
    Ok(Outcome::Done)
}
