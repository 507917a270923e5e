//! The commands `registry-tool yank`, `unyank`, `deprecate` and `undeprecate`.

use std::path::PathBuf;

use index_schema::id::PluginId;
use index_schema::status::{Action, Severity};
use index_schema::text::Text;
use index_schema::version::Version;

use super::publisher::signers;
use super::{CommandResult, Context, Outcome, print};
use crate::standing::{Saying, say};

/// Where it is said, why, and by whom.
#[derive(Debug, clap::Args)]
struct Common {
    /// The index repository.
    #[arg(long, value_name = "DIR")]
    index: PathBuf,
    /// Why, for the users.
    #[arg(long, value_name = "TEXT", value_parser = Text::<2048>::parse)]
    reason: Text<2048>,
    /// A secret key of the publisher; once for each.
    #[arg(long, value_name = "FILE", required_unless_present = "gpg")]
    key: Vec<PathBuf>,
    /// Sign with a key that GnuPG keeps, instead of or beside --key.
    #[arg(long, value_name = "KEYID")]
    gpg: Vec<String>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Yank a release: new installations leave it aside.
#[derive(Debug, clap::Args)]
pub(super) struct YankArgs {
    /// The plugin, such as `lab/word-count`.
    id: PluginId,
    /// The release.
    version: Version,
    #[command(flatten)]
    common: Common,
    /// How bad it is to keep it: low or high.
    #[arg(long, value_name = "SEVERITY", value_parser = severity)]
    severity: Option<Severity>,
    /// The release to take instead.
    #[arg(long, value_name = "VERSION")]
    replacement: Option<Version>,
}

/// Take a yank back.
#[derive(Debug, clap::Args)]
pub(super) struct UnyankArgs {
    /// The plugin, such as `lab/word-count`.
    id: PluginId,
    /// The release.
    version: Version,
    #[command(flatten)]
    common: Common,
}

/// Say that a plugin gets no more releases.
#[derive(Debug, clap::Args)]
pub(super) struct DeprecateArgs {
    /// The plugin, such as `lab/word-count`.
    id: PluginId,
    #[command(flatten)]
    common: Common,
    /// The plugin to take instead.
    #[arg(long, value_name = "ID")]
    successor: Option<PluginId>,
}

/// Say that a plugin gets releases after all.
#[derive(Debug, clap::Args)]
pub(super) struct UndeprecateArgs {
    /// The plugin, such as `lab/word-count`.
    id: PluginId,
    #[command(flatten)]
    common: Common,
}

fn severity(word: &str) -> Result<Severity, String> {
    Severity::parse(word).ok_or_else(|| "expected one of: low, high".to_owned())
}

impl Common {
    fn saying(&self, action: Action) -> Saying {
        let reason = self.reason.clone();
        let (version, severity, replacement, successor) = (None, None, None, None);
        Saying { action, version, severity, replacement, successor, reason }
    }

    fn say(&self, id: &PluginId, saying: Saying, context: &Context) -> CommandResult {
        let action = saying.action;
        let signers = signers(&self.key, &self.gpg);
        let (path, is_unfinished) = say(&self.index, id, saying, &signers, context.now)?;
        if self.json {
            let value = serde_json::json!({
                "schema": "registry-tool.status/1",
                "id": id,
                "action": action,
                "path": &path,
                "missing_signatures": is_unfinished,
            });
            print(&format!("{value:#}\n"))?;
            return Ok(Outcome::Done);
        }
        print(&format!("{path}\n"))?;
        if is_unfinished {
            context.say(&format!(
                "missing: more keys of the publisher have to sign\nnext: `registry-tool sign {path} --key FILE` adds a signature"
            ))?;
        }
        Ok(Outcome::Done)
    }
}

pub(super) fn yank(args: &YankArgs, context: &Context) -> CommandResult {
    let saying = Saying {
        version: Some(args.version.clone()),
        severity: args.severity,
        replacement: args.replacement.clone(),
        ..args.common.saying(Action::Yank)
    };
    args.common.say(&args.id, saying, context)
}

pub(super) fn unyank(args: &UnyankArgs, context: &Context) -> CommandResult {
    let version = Some(args.version.clone());
    let saying = Saying { version, ..args.common.saying(Action::Unyank) };
    args.common.say(&args.id, saying, context)
}

pub(super) fn deprecate(args: &DeprecateArgs, context: &Context) -> CommandResult {
    let successor = args.successor.clone();
    let saying = Saying { successor, ..args.common.saying(Action::Deprecate) };
    args.common.say(&args.id, saying, context)
}

pub(super) fn undeprecate(args: &UndeprecateArgs, context: &Context) -> CommandResult {
    args.common.say(&args.id, args.common.saying(Action::Undeprecate), context)
}
