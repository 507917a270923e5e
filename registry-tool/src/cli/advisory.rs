//! The commands `registry-tool advisory …`.

use std::path::PathBuf;

use index_schema::id::PluginId;
use index_schema::json::pretty;
use index_schema::osv::{AdvisoryId, Harm, Introduced, Score, ScoreKind};
use index_schema::text::{Line, Text};
use index_schema::url::HttpsUrl;
use index_schema::version::Version;

use super::publisher::signers;
use super::{CommandResult, Context, Outcome, print};
use crate::advise::{Advised, Report, Word, advise, current, read_osv};

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    New(Box<NewArgs>),
    Put(PutArgs),
    Withdraw(WithdrawArgs),
    Show(ShowArgs),
}

/// Who signs, and where.
#[derive(Debug, clap::Args)]
struct Common {
    /// The index repository.
    #[arg(long, value_name = "DIR")]
    index: PathBuf,
    /// The secret key of a maintainer with the role `advise`; once for each.
    #[arg(long, value_name = "FILE", required_unless_present = "gpg")]
    key: Vec<PathBuf>,
    /// Sign with a key that GnuPG keeps, instead of or beside --key.
    #[arg(long, value_name = "KEYID")]
    gpg: Vec<String>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Write the first statement about a vulnerability, under the next id of this year.
///
/// Example: registry-tool advisory new --plugin lab/amber --introduced 1.0.0 --fixed 1.2.0
/// --severity HIGH --summary "Reads any file" --details "…" --index index --key ada.key
#[derive(Debug, clap::Args)]
pub(super) struct NewArgs {
    #[command(flatten)]
    common: Common,
    /// The plugin.
    #[arg(long, value_name = "ID")]
    plugin: PluginId,
    /// The first version that is affected; 0 means all from the beginning.
    #[arg(long, value_name = "VERSION", default_value = "0")]
    introduced: Introduced,
    /// The first version that is not affected any more.
    #[arg(long, value_name = "VERSION", conflicts_with = "last_affected")]
    fixed: Option<Version>,
    /// The last version that is affected, if it is not known which one is not.
    #[arg(long, value_name = "VERSION")]
    last_affected: Option<Version>,
    /// How bad it is to have an affected release: LOW, MODERATE, HIGH or CRITICAL. Clients refuse to
    /// install what is affected by HIGH and CRITICAL, and warn of the others.
    #[arg(long, value_name = "WORD", value_parser = harm)]
    severity: Harm,
    /// How bad it is, as a CVSS vector of version 3 or 4.
    #[arg(long, value_name = "VECTOR", value_parser = score)]
    cvss: Vec<Score>,
    /// What it is, in a line.
    #[arg(long, value_name = "TEXT", value_parser = Line::<120>::parse)]
    summary: Line<120>,
    /// What there is to know, plain text or Markdown.
    #[arg(long, value_name = "TEXT", value_parser = Text::<16384>::parse)]
    details: Text<16384>,
    /// What others call it, such as CVE-2026-12345.
    #[arg(long, value_name = "ID", value_parser = Line::<100>::parse)]
    alias: Vec<Line<100>>,
    /// Where more is to be found.
    #[arg(long, value_name = "URL")]
    reference: Vec<HttpsUrl>,
}

/// Sign an advisory that you wrote or changed: FILE is a document in the OSV format.
///
/// It replaces what was said under its id before. `advisory show` gives what holds now, to edit;
/// set `modified`.
#[derive(Debug, clap::Args)]
pub(super) struct PutArgs {
    /// The document.
    #[arg(value_name = "FILE.json")]
    file: PathBuf,
    #[command(flatten)]
    common: Common,
}

/// Withdraw an advisory: it affects nothing any more, and stays to be read.
#[derive(Debug, clap::Args)]
pub(super) struct WithdrawArgs {
    /// The id, such as `x_demo-2026-0001`.
    id: AdvisoryId,
    #[command(flatten)]
    common: Common,
}

/// Print what holds of a vulnerability, in the OSV format.
#[derive(Debug, clap::Args)]
pub(super) struct ShowArgs {
    /// The id, such as `x_demo-2026-0001`.
    id: AdvisoryId,
    /// The index repository.
    #[arg(long, value_name = "DIR")]
    index: PathBuf,
}

fn harm(word: &str) -> Result<Harm, String> {
    let known: Vec<&str> = Harm::ALL.iter().map(|harm| harm.as_str()).collect();
    Harm::parse(word).ok_or_else(|| format!("expected one of: {}", known.join(", ")))
}

fn score(vector: &str) -> Result<Score, String> {
    let kind = match vector.split('/').next() {
        Some("CVSS:3.0" | "CVSS:3.1") => ScoreKind::CvssV3,
        Some("CVSS:4.0") => ScoreKind::CvssV4,
        _ => return Err("expected a vector that begins with `CVSS:3.1/` or `CVSS:4.0/`".to_owned()),
    };
    let score = Line::parse(vector).map_err(|error| error.to_string())?;
    Ok(Score { kind, score })
}

pub(super) fn run(command: &Command, context: &Context) -> CommandResult {
    match command {
        Command::New(args) => {
            let report = Report {
                plugin: args.plugin.clone(),
                introduced: args.introduced.clone(),
                fixed: args.fixed.clone(),
                last_affected: args.last_affected.clone(),
                harm: args.severity,
                scores: args.cvss.clone(),
                summary: args.summary.clone(),
                details: args.details.clone(),
                aliases: args.alias.clone(),
                references: args.reference.clone(),
            };
            args.common.write(Word::New(Box::new(report)), context)
        }
        Command::Put(args) => {
            args.common.write(Word::Put(Box::new(read_osv(&args.file)?)), context)
        }
        Command::Withdraw(args) => args.common.write(Word::Withdraw(args.id.clone()), context),
        Command::Show(args) => {
            let osv = current(&args.index, &args.id, context.now)?;
            print(&String::from_utf8(pretty(&osv))?)?;
            Ok(Outcome::Done)
        }
    }
}

impl Common {
    fn write(&self, word: Word, context: &Context) -> CommandResult {
        let signers = signers(&self.key, &self.gpg);
        let Advised { path, osv, is_unfinished } =
            advise(&self.index, word, &signers, context.now)?;
        if self.json {
            let value = serde_json::json!({
                "schema": "registry-tool.advisory/1",
                "id": &osv.id,
                "path": &path,
                "osv": &osv,
                "missing_signatures": is_unfinished,
            });
            print(&format!("{value:#}\n"))?;
            return Ok(Outcome::Done);
        }
        print(&format!("{path}\n"))?;
        if is_unfinished {
            context.say(&format!(
                "missing: more maintainers with the role `advise` have to sign\nnext: `registry-tool sign {path} --key FILE` adds a signature"
            ))?;
        }
        Ok(Outcome::Done)
    }
}
