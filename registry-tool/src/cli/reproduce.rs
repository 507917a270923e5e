//! The command `registry-tool reproduce`.

use std::path::{Path, PathBuf};

use index_schema::limits;
use libral::file::read_file;
use libral::source::http::{Settings, Web};
use libral::source::location::Location;
use serde_json::json;

use super::{CommandError, CommandResult, Context, Outcome, print};
use crate::finding::Verdict;
use crate::reproduce::{Report, Request, reproduce};

/// So many differences are shown; one cause can have thousands.
const SHOWN: usize = 20;
/// From so many files on, it is said how far the work is.
const MANY: usize = 2_000;

/// Prove that a published registry is what its commit makes, byte for byte.
///
/// The registry is verified as a client verifies it. The commit that its signed state names is
/// built again from the index repository, and everything is compared but the signatures, versions
/// and expiries of what the online keys sign. Exits with 0 if all is equal, 1 if something differs,
/// and 4 if that could not be judged.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Where the registry is published: a URL or a folder.
    #[arg(value_name = "URL|PUBLIC")]
    registry: Location,
    /// The index repository: a complete clone of it.
    #[arg(long, value_name = "DIR")]
    index: PathBuf,
    /// The main line of the index repository.
    #[arg(long, value_name = "REV", default_value = "HEAD")]
    rev: String,
    /// The root to trust, instead of the first one in the index repository.
    #[arg(long, value_name = "FILE")]
    root: Option<PathBuf>,
    /// Fetch and compare the copies of archives, too. Those of a folder always are.
    #[arg(long)]
    archives: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args, context: &Context) -> CommandResult {
    let source = args.registry.open(&Web::new(Settings::default())?)?;
    let folder = args.registry.folder();
    let request = Request {
        source: source.as_ref(),
        folder,
        index: &args.index,
        revision: &args.rev,
        root: args.root.as_deref().map(read_root).transpose()?,
        archives: args.archives || folder.is_some(),
        now: context.now,
    };
    let progress = |done: usize, total: usize| {
        if total >= MANY && done.is_multiple_of(total.div_ceil(10)) {
            // Whoever closed standard error does not want to know.
            drop(context.say(&format!("compared {done} of {total} files")));
        }
    };
    let report = reproduce(&request, &progress)?;
    print(&if args.json { in_json(&report) } else { in_words(&report) })?;
    let is_equal = report.differences.is_empty();
    Ok(Outcome::Judged(if is_equal { Verdict::Accepted } else { Verdict::Refused }))
}

fn read_root(path: &Path) -> Result<Vec<u8>, CommandError> {
    read_file(path, limits::TUF_UNANNOUNCED)
        .map_err(|error| format!("cannot read `{}`: {error}", path.display()).into())
}

fn in_words(report: &Report) -> String {
    let Report { commit, accepted, compared, differences, .. } = report;
    let mut text = String::new();
    for difference in differences.iter().take(SHOWN) {
        text += &format!("different: {difference}\n");
    }
    if let Some(more @ 1..) = differences.len().checked_sub(SHOWN) {
        text += &format!("and {more} more\n");
    }
    let verdict = match differences.len() {
        0 => "equal".to_owned(),
        1 => "1 difference".to_owned(),
        many => format!("{many} differences"),
    };
    text += &format!("{verdict}: commit {commit}, accepted {accepted}\n");
    text += &format!(
        "compared: {} targets of {} roles, {} files, {} archives",
        compared.targets, compared.roles, compared.files, compared.archives
    );
    text += &match compared.elsewhere {
        0 => "\n".to_owned(),
        elsewhere => format!(" ({elsewhere} have no copy here)\n"),
    };
    text
}

fn in_json(report: &Report) -> String {
    let Report { commit, accepted, versions, compared, differences } = report;
    let shown = differences.iter().map(|it| {
        json!({
            "file": it.file,
            "byte": it.byte,
            "member": it.member,
            "expected": it.expected,
            "found": it.found,
        })
    });
    let value = json!({
        "schema": "registry-tool.reproduce/1",
        "verdict": if differences.is_empty() { "equal" } else { "different" },
        "commit": commit,
        "accepted": accepted,
        "versions": {
            "root": versions.root.get(),
            "targets": versions.targets.get(),
            "snapshot": versions.snapshot.get(),
            "timestamp": versions.timestamp.get(),
        },
        "compared": {
            "roles": compared.roles,
            "targets": compared.targets,
            "files": compared.files,
            "archives": compared.archives,
            "archives_elsewhere": compared.elsewhere,
        },
        "differences": shown.collect::<Vec<_>>(),
    });
    format!("{value:#}\n")
}
