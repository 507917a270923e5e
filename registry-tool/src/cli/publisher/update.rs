//! The command `registry-tool publisher update`.

use std::path::PathBuf;

use index_schema::fingerprint::Fingerprint;
use index_schema::id::PublisherId;
use index_schema::text::Line;
use index_schema::time::Timestamp;
use index_schema::url::HttpsUrl;

use super::signers;
use crate::cli::{CommandError, CommandResult, Context, Outcome, hinted, print};
use crate::membership::{Changes, Missing, Update, update};

/// Write the next record of a publisher into an index repository.
///
/// Everything stays as it is but for what is said here. A certificate whose fingerprint is known is
/// an update of it: both are merged, so that no subkey and no revocation is lost. One that its
/// owner revoked is listed as retired or compromised.
///
/// As many keys have to sign as the record before says, and every new key besides: somewhere else,
/// `registry-tool sign FILE.signed --key FILE` adds a signature. Other keys, or another threshold,
/// count for releases 72 hours after the record was accepted; until then each key that signs now
/// may object. That a key is compromised counts at once.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// The id of the publisher, such as `lab`.
    id: PublisherId,
    /// The index repository.
    #[arg(long, value_name = "DIR")]
    index: PathBuf,
    /// A certificate: a new one, or an update of one that is known; once for each.
    #[arg(long, value_name = "FILE")]
    add_cert: Vec<PathBuf>,
    /// A key that signs no more; what it signed stays good. Once for each.
    #[arg(long, value_name = "FINGERPRINT")]
    retire: Vec<Fingerprint>,
    /// A key that somebody else may hold; once for each.
    #[arg(long, value_name = "FINGERPRINT")]
    compromised: Vec<Fingerprint>,
    /// Since when, once for each --compromised; now, where nothing is said. A time in the past
    /// needs the maintainers' approval.
    #[arg(long, value_name = "TIME", requires = "compromised")]
    since: Vec<Timestamp>,
    /// How many of the keys have to sign a release.
    #[arg(long, value_name = "N")]
    threshold: Option<u32>,
    /// What people call the publisher.
    #[arg(long, value_name = "TEXT", value_parser = Line::<80>::parse)]
    title: Option<Line<80>>,
    /// The publisher's page.
    #[arg(long, value_name = "URL")]
    homepage: Option<HttpsUrl>,
    /// Write the record for a hand-over: the keys of before are lost or stolen and do not sign,
    /// every key that is active from now on does.
    #[arg(long)]
    for_handover: bool,
    /// A secret key to sign with; once for each.
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
    let certificates = args.add_cert.iter().map(|path| Ok(crate::signer::read_key(path)?));
    let changes = Changes {
        add: certificates.collect::<Result<_, CommandError>>()?,
        retire: args.retire.clone(),
        compromised: compromised(args, context.now)?,
        threshold: args.threshold,
        title: args.title.clone(),
        homepage: args.homepage.clone(),
        for_handover: args.for_handover,
    };
    let signers = signers(&args.key, &args.gpg);
    let update = update(&args.index, &args.id, &changes, &signers, context.now)?;
    for note in &update.notes {
        context.say(&format!("note: {note}"))?;
    }
    if args.json {
        print(&format!("{:#}\n", to_json(args, &update)))?;
        return Ok(Outcome::Done);
    }
    let changes = update.changes.iter().map(|change| format!("  {change}\n"));
    print(&format!("{}\n{}", update.path, changes.collect::<String>()))?;
    for line in waits(args, &update) {
        context.say(&line)?;
    }
    Ok(Outcome::Done)
}

fn compromised(args: &Args, now: Timestamp) -> Result<Vec<(Fingerprint, Timestamp)>, CommandError> {
    let keys = args.compromised.iter().cloned();
    match args.since.len() {
        0 => Ok(keys.map(|key| (key, now)).collect()),
        count if count == args.compromised.len() => Ok(keys.zip(args.since.clone()).collect()),
        count => Err(hinted(
            format!("{} keys are compromised, and {count} times are given", args.compromised.len()),
            "give --since once for each --compromised, in the same order",
        )),
    }
}

/// Says in words what has to happen before the record counts.
fn waits(args: &Args, update: &Update) -> Vec<String> {
    let mut lines = Vec::new();
    let Missing { more, silent, new } = &update.missing;
    let path = &update.path;
    if *more > 0 {
        let keys = join(silent);
        lines.push(format!("missing: {more} more of the keys of before have to sign: {keys}"));
        lines.push("if they are lost: write the record with --for-handover instead".to_owned());
    }
    if !new.is_empty() {
        lines.push(format!("missing: every new key has to sign: {}", join(new)));
    }
    if !update.missing.is_none() {
        lines.push(format!("next: `registry-tool sign {path} --key FILE` adds a signature"));
    }
    if args.for_handover {
        lines.push(format!(
            "next: maintainers sign it over, with `registry-tool moderate handover {} --record {path}`",
            args.id
        ));
    }
    for finding in &update.reviews {
        lines.push(format!("waits for a maintainer: {} [{}]", finding.message, finding.code));
    }
    if update.accuses {
        lines.push("the record is accepted after the time since which a key is compromised: a maintainer has to approve that, too".to_owned());
    }
    if update.is_open {
        lines.push("open: it counts for releases 72 hours after its acceptance, and until then each key of before may object".to_owned());
    }
    lines
}

fn join(keys: &[Fingerprint]) -> String {
    keys.iter().map(Fingerprint::as_str).collect::<Vec<_>>().join(", ")
}

fn to_json(args: &Args, update: &Update) -> serde_json::Value {
    let reviews = update.reviews.iter().map(
        |finding| serde_json::json!({ "code": finding.code, "fingerprint": finding.fingerprint() }),
    );
    let Missing { more, silent, new } = &update.missing;
    serde_json::json!({
        "schema": "registry-tool.publisher-update/1",
        "publisher": &args.id,
        "path": &update.path,
        "serial": update.record.serial,
        "changes": &update.changes,
        "notes": &update.notes,
        "waits": {
            "objections": update.is_open,
            "approvals": reviews.collect::<Vec<_>>(),
            "signatures": { "more": more, "of": silent, "new": new },
        },
    })
}
