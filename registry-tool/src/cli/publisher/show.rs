//! The command `registry-tool publisher show`.

use std::fmt::Write as _;
use std::path::PathBuf;

use index_schema::id::PublisherId;
use index_schema::publisher::Publisher;
use index_schema::time::Timestamp;
use libral::chain::OBJECTION_PERIOD;

use crate::cli::{CommandError, CommandResult, Context, Outcome, print};
use crate::judge::{Link, Member};
use crate::membership::{is_about, member_of};
use crate::rehearsal::Rehearsal;
use crate::rules::keys::is_change_of_keys;

/// Show the keys and records of a publisher, and what is open until when.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// The id of the publisher, such as `lab`.
    id: PublisherId,
    /// The index repository.
    #[arg(long, value_name = "DIR")]
    index: PathBuf,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// A record, and how it stands.
struct Standing<'m> {
    link: &'m Link,
    is: &'static str,
    open_until: Option<Timestamp>,
}

pub(super) fn run(args: &Args, context: &Context) -> CommandResult {
    let wanted = |submission: &_| is_about(submission, &args.id);
    let index = Rehearsal::read(&args.index, context.now, wanted)?.index()?;
    let member = member_of(&index, &args.id)?;
    let records = standings(member, context.now);
    if args.json {
        print(&format!("{:#}\n", to_json(member, &records)))?;
        return Ok(Outcome::Done);
    }
    print(&to_text(member, &records)?)?;
    Ok(Outcome::Done)
}

fn standings(member: &Member, now: Timestamp) -> Vec<Standing<'_>> {
    let mut before: Option<&Publisher> = None;
    let mut standings = Vec::new();
    for link in &member.links {
        let record = &link.record.statement.document;
        let changes = before.is_some_and(|before| is_change_of_keys(before, record));
        let until = link.record.accepted.plus(OBJECTION_PERIOD);
        let is_open = changes && link.handover.is_none() && link.counts() && until > now;
        let is_unapproved = link.approval.is_none() && record.serial == 1;
        let is = match (&link.objection, link.waits || is_unapproved) {
            (Some(_), _) => "objected",
            (None, true) => "waits for approval",
            (None, false) if is_open => "open to objection",
            (None, false) => "counts",
        };
        standings.push(Standing { link, is, open_until: is_open.then_some(until) });
        if link.counts() {
            before = Some(record);
        }
    }
    standings
}

fn to_text(member: &Member, records: &[Standing<'_>]) -> Result<String, CommandError> {
    let record = member.chain.record();
    let mut out = format!("{} ({})\n", record.id, record.title);
    let active = member.chain.active_keys().len();
    writeln!(out, "{} of {active} keys have to sign", record.threshold)?;
    for key in &record.certificates {
        let since = key.since.map(|since| format!(" since {since}")).unwrap_or_default();
        let names = names_of(member, key.fingerprint.as_str()).join(", ");
        writeln!(out, "  {} {}{since} {names}", key.fingerprint, key.state)?;
    }
    writeln!(out, "records")?;
    for Standing { link, is, open_until } in records {
        let until = open_until.map(|until| format!(" until {until}")).unwrap_or_default();
        let handed = if link.handover.is_some() { ", handed over by the maintainers" } else { "" };
        writeln!(out, "  {} {} {is}{until}{handed}", link.serial(), link.record.accepted)?;
    }
    Ok(out)
}

/// Returns the names that a certificate gives itself.
fn names_of(member: &Member, key: &str) -> Vec<String> {
    let mut certificates = member.chain.keyring().certificates().iter();
    let certificate = certificates.find(|certificate| certificate.fingerprint().as_str() == key);
    certificate.map(libral::openpgp::Certificate::user_ids).unwrap_or_default()
}

fn to_json(member: &Member, records: &[Standing<'_>]) -> serde_json::Value {
    let record = member.chain.record();
    let keys = record.certificates.iter().map(|key| {
        serde_json::json!({
            "fingerprint": &key.fingerprint,
            "state": key.state,
            "since": key.since,
            "names": names_of(member, key.fingerprint.as_str()),
        })
    });
    let records = records.iter().map(|Standing { link, is, open_until }| {
        serde_json::json!({
            "serial": link.serial(),
            "accepted": link.record.accepted,
            "is": is,
            "open_until": open_until,
            "handed_over": link.handover.is_some(),
        })
    });
    serde_json::json!({
        "schema": "registry-tool.publisher-show/1",
        "publisher": &record.id,
        "title": &record.title,
        "homepage": &record.homepage,
        "threshold": record.threshold,
        "keys": keys.collect::<Vec<_>>(),
        "records": records.collect::<Vec<_>>(),
    })
}
