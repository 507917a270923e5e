//! The commands `registry-tool validate` and `registry-tool check`.

use std::path::{Path, PathBuf};

use libral::file::{Mode, write_file};
use libral::source::http::{Settings, Web};

use super::{CommandError, CommandResult, Context, Outcome, hinted, print};
use crate::archives::Archives;
use crate::inspection::{Inspection, Rules};
use crate::proposal::{self, Proposed, Revisions};
use crate::report;
use crate::review::review;
use crate::tree::objects::Objects;
use crate::validate::{Scope, Validated, validate};

/// Judge an index repository: what its work tree adds, what a pull request adds, or everything.
///
/// With --base, what one commit adds to another is judged, and nothing of it is checked out or run.
/// It takes a clone of depth 1 in which both commits are, and reads what changed and what that has
/// to do with. What the base holds is presumed to have been judged when it came in; --all and
/// `build` presume nothing, and need the whole history.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    check: CheckArgs,
    /// Judge everything, also what was accepted long ago, by today's rules.
    #[arg(long)]
    all: bool,
    /// Judge what was accepted after a commit of the main line, too: what was published last, say.
    #[arg(long, value_name = "REV", conflicts_with_all = ["all", "base"])]
    since: Option<String>,
    /// Judge a pull request: the commit that it is to be merged into.
    #[arg(long, value_name = "REV", conflicts_with = "all")]
    base: Option<String>,
    /// The commit of the pull request.
    #[arg(long, value_name = "REV", requires = "base", default_value = "HEAD")]
    head: String,
}

/// Judge what the work tree adds, as the registry will (the same as `validate`).
#[derive(Debug, clap::Args)]
pub(super) struct CheckArgs {
    /// The index repository.
    #[arg(long, value_name = "DIR", default_value = ".")]
    index: PathBuf,
    /// Local copies of archives, called <sha256>.tar.gz or <name>-<version>.tar.gz; without it
    /// they are fetched from the URLs of the manifests.
    #[arg(long, value_name = "DIR")]
    archives: Option<PathBuf>,
    /// A folder of rules for the scanner, added to those of the program or taking their place.
    #[arg(long, value_name = "DIR")]
    rules: Option<PathBuf>,
    /// How to print.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// Write another report into a file, too. May be repeated.
    #[arg(long, value_name = "FORMAT=FILE", value_parser = also)]
    also: Vec<(Format, PathBuf)>,
    /// Fetch archives from http and file URLs, too.
    #[arg(long)]
    allow_insecure: bool,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// For programs: registry-tool.validate/1.
    Json,
    /// For code hosts: SARIF 2.1.0.
    Sarif,
    /// For workflows on GitHub: annotations.
    Github,
    /// For whoever reviews a pull request: what changes, and what is left to decide.
    Markdown,
}

impl Format {
    /// The page compares archives, which takes time that other reports do not need.
    const fn is_page(self) -> bool {
        matches!(self, Self::Markdown)
    }
}

fn cannot(file: &Path, source: &std::io::Error) -> CommandError {
    let hint = "the folder has to be there, and yours to write to";
    hinted(format!("cannot write `{}`: {source}", file.display()), hint)
}

/// Reads a format and the file to write.
fn also(text: &str) -> Result<(Format, PathBuf), String> {
    let (format, file) = text.split_once('=').ok_or("expected FORMAT=FILE")?;
    if file.is_empty() {
        return Err("there is no file after `=`".to_owned());
    }
    Ok((<Format as clap::ValueEnum>::from_str(format, false)?, PathBuf::from(file)))
}

impl From<CheckArgs> for Args {
    fn from(check: CheckArgs) -> Self {
        Self { check, all: false, since: None, base: None, head: "HEAD".to_owned() }
    }
}

pub(super) fn run(args: &Args, context: &Context) -> CommandResult {
    let CheckArgs { index, archives, rules, format, also, allow_insecure } = &args.check;
    let web = Web::new(Settings { allow_insecure: *allow_insecure, ..Settings::default() })?;
    let archives = match archives {
        Some(folder) => Archives::Folder(folder.clone()),
        None => Archives::Urls(&web),
    };
    let scope = match &args.since {
        None if args.all => Scope::All,
        None => Scope::New,
        Some(revision) => Scope::Since(Objects::open(index)?.commit(revision)?.id),
    };
    let inspection = Inspection { archives, rules: Rules::load(rules.as_deref())? };
    let validated = match &args.base {
        None => validate(index, scope, &inspection, context.now)?,
        Some(base) => {
            let revisions = Revisions { base: base.clone(), head: args.head.clone() };
            let Proposed { validated, base, head, objects } =
                proposal::validate(index, &revisions, &inspection, context.now)?;
            let changes = validated.report.changes.len();
            context.say(&format!(
                "from {base} to {head}: {changes} changed, {objects} objects read"
            ))?;
            validated
        }
    };
    let Validated { report, added, index, inspected } = validated;
    let wants_page = also.iter().map(|(format, _)| format).chain([format]).any(|it| it.is_page());
    let page = wants_page.then(|| {
        let review = review(&added, index.as_ref(), inspected, &inspection);
        report::markdown::render(&report, &review)
    });
    let render = |format: Format| match format {
        Format::Text => report::text::render(&report),
        Format::Json => format!("{:#}\n", report::json::render(&report)),
        Format::Sarif => format!("{:#}\n", report::sarif::render(&report)),
        Format::Github => report::github::render(&report),
        Format::Markdown => page.clone().unwrap_or_default(),
    };
    for (format, file) in also {
        write_file(file, render(*format).as_bytes(), Mode::Public)
            .map_err(|source| cannot(file, &source))?;
    }
    print(&render(*format))?;
    Ok(Outcome::Judged(report.verdict))
}
