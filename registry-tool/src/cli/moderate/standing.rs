//! The commands `registry-tool moderate suspend`, `reinstate`, `verify` and `unverify`.

use std::path::PathBuf;

use index_schema::id::PublisherId;
use index_schema::publisher_status::{Check, Checked, PublisherAction};
use index_schema::text::{Line, Text};
use index_schema::time::{DAY, Timestamp};

use super::{agree, breaks, say_breaks, say_unfinished};
use crate::cli::publisher::signers;
use crate::cli::{CommandResult, Context, Outcome, print};
use crate::moderation::{Word, prepare_word};

/// What every statement about a publisher needs.
#[derive(Debug, clap::Args)]
struct Common {
    /// The id of the publisher, such as `lab`.
    id: PublisherId,
    /// The index repository.
    #[arg(long, value_name = "DIR")]
    index: PathBuf,
    /// Why, for the users.
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

/// Suspend a publisher: nothing that it signs from now on counts, until it is reinstated.
///
/// What it released before stays. Clients do not install it anew unless --allow-suspended says so,
/// and warn of what is installed. Its records and hand-overs go on counting: they are the way back.
/// What needs its plugins is named first. As many maintainers have to sign as the registry record
/// says for the role `moderate`: `registry-tool sign` adds a signature.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct SuspendArgs {
    #[command(flatten)]
    common: Common,
    /// Suspend it even if others break.
    #[arg(long)]
    yes: bool,
}

/// End the suspension of a publisher: what it signs from now on counts again.
///
/// What it signed while it was suspended stays void.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct ReinstateArgs {
    #[command(flatten)]
    common: Common,
}

/// Say what you checked of a publisher, how, and until when that holds.
///
/// It replaces what was said before. Clients and the site show all of it.
///
/// Example: registry-tool moderate verify lab --domain lab.example --how "a file under .well-known
/// names the key" --reason "asked for it" --index index --key moderator
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct VerifyArgs {
    #[command(flatten)]
    common: Common,
    /// A domain whose owner holds the keys.
    #[arg(long, value_name = "NAME", value_parser = Line::<200>::parse)]
    domain: Vec<Line<200>>,
    /// A source repository whose owner holds the keys.
    #[arg(long, value_name = "URL", value_parser = Line::<200>::parse)]
    repository: Vec<Line<200>>,
    /// A person or organisation that holds the keys.
    #[arg(long, value_name = "NAME", value_parser = Line::<200>::parse)]
    #[arg(required_unless_present_any = ["domain", "repository"])]
    person: Vec<Line<200>>,
    /// How that was checked, for the users.
    #[arg(long, value_name = "TEXT", value_parser = Line::<300>::parse)]
    how: Line<300>,
    /// Until when it holds, two years from now at most; a year if nothing is said.
    #[arg(long, value_name = "TIME")]
    until: Option<Timestamp>,
}

/// Take back what was said that you checked of a publisher.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct UnverifyArgs {
    #[command(flatten)]
    common: Common,
}

const YEAR: i64 = 365 * DAY;

impl VerifyArgs {
    fn checked(&self) -> Vec<Check> {
        let named = [
            (Checked::Domain, &self.domain),
            (Checked::Repository, &self.repository),
            (Checked::Person, &self.person),
        ];
        let checks = named.into_iter().flat_map(|(kind, names)| {
            names.iter().map(move |name| Check { kind, name: name.clone(), how: self.how.clone() })
        });
        checks.collect()
    }
}

impl Common {
    fn word(&self, action: PublisherAction) -> Word {
        Word { action, checked: Vec::new(), until: None, reason: self.reason.clone() }
    }

    fn say(&self, word: Word, is_agreed: bool, context: &Context) -> CommandResult {
        let action = word.action;
        let speaking = prepare_word(&self.index, &self.id, word, context.now)?;
        say_breaks(&speaking.dependents, context)?;
        if !is_agreed && !speaking.dependents.is_empty() {
            agree("suspend", &self.id.to_string(), context)?;
        }
        let signers = signers(&self.key, &self.gpg);
        let (path, is_unfinished) = speaking.write(&self.index, &signers, context.now)?;
        if self.json {
            let value = serde_json::json!({
                "schema": format!("registry-tool.moderate-{action}/1"),
                "publisher": &self.id,
                "path": &path,
                "serial": speaking.status().serial,
                "checked": &speaking.status().checked,
                "until": speaking.status().until,
                "breaks": breaks(&speaking.dependents),
                "missing_signatures": is_unfinished,
            });
            print(&format!("{value:#}\n"))?;
            return Ok(Outcome::Done);
        }
        print(&format!("{path}\n"))?;
        if is_unfinished {
            say_unfinished(context, &path.to_string())?;
        }
        Ok(Outcome::Done)
    }
}

pub(super) fn suspend(args: &SuspendArgs, context: &Context) -> CommandResult {
    args.common.say(args.common.word(PublisherAction::Suspend), args.yes, context)
}

pub(super) fn reinstate(args: &ReinstateArgs, context: &Context) -> CommandResult {
    args.common.say(args.common.word(PublisherAction::Reinstate), true, context)
}

pub(super) fn verify(args: &VerifyArgs, context: &Context) -> CommandResult {
    let until = args.until.unwrap_or_else(|| context.now.plus(YEAR));
    let word = args.common.word(PublisherAction::Verify);
    let word = Word { checked: args.checked(), until: Some(until), ..word };
    args.common.say(word, true, context)
}

pub(super) fn unverify(args: &UnverifyArgs, context: &Context) -> CommandResult {
    args.common.say(args.common.word(PublisherAction::Unverify), true, context)
}
