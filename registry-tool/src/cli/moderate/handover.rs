//! The command `registry-tool moderate handover`.

use std::path::PathBuf;

use index_schema::fingerprint::Fingerprint;
use index_schema::id::PublisherId;
use index_schema::text::Text;

use super::say_unfinished;
use crate::cli::publisher::signers;
use crate::cli::{CommandResult, Context, Outcome, print};
use crate::moderation::hand_over;

/// Hand a publisher over to other keys, when those of before are lost or stolen.
///
/// The record is the publisher's next one (`publisher update`), signed by all of its active keys.
/// It counts at once, and nobody can object; clients that know the publisher follow only after they
/// have shown it and asked. As many maintainers have to sign as the registry record says for the
/// role `moderate`: `registry-tool sign` adds a signature.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// The id of the publisher, such as `lab`.
    id: PublisherId,
    /// The index repository.
    #[arg(long, value_name = "DIR")]
    index: PathBuf,
    /// The publisher's next record.
    #[arg(long, value_name = "FILE.signed")]
    record: PathBuf,
    /// What happened, for the users.
    #[arg(long, value_name = "TEXT", value_parser = Text::<2048>::parse)]
    reason: Text<2048>,
    /// A maintainer's secret key; once for each.
    #[arg(long, value_name = "FILE", required_unless_present = "gpg")]
    key: Vec<PathBuf>,
    /// Sign with a key that GnuPG keeps, instead of or beside --key.
    #[arg(long, value_name = "KEYID")]
    gpg: Vec<String>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args, context: &Context) -> CommandResult {
    let signers = signers(&args.key, &args.gpg);
    let what = (args.record.as_path(), &args.reason);
    let done = hand_over(&args.index, &args.id, what, &signers, context.now)?;
    if args.json {
        let value = serde_json::json!({
            "schema": "registry-tool.moderate-handover/1",
            "publisher": &args.id,
            "path": &done.path,
            "record": &done.record,
            "serial": done.handover.serial,
            "old": &done.handover.old,
            "new": &done.handover.new,
            "missing_signatures": done.is_unfinished,
        });
        print(&format!("{value:#}\n"))?;
        return Ok(Outcome::Done);
    }
    let join =
        |keys: &[Fingerprint]| keys.iter().map(Fingerprint::as_str).collect::<Vec<_>>().join(", ");
    let (old, new) = (join(&done.handover.old), join(&done.handover.new));
    print(&format!("{}\n{}\nfrom: {old}\nto: {new}\n", done.record, done.path))?;
    if done.is_unfinished {
        say_unfinished(context, &done.path.to_string())?;
    }
    Ok(Outcome::Done)
}
