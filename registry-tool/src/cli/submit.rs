//! The command `registry-tool submit`.

use std::fs;
use std::path::{Path, PathBuf};

use index_schema::json::Unknown;
use index_schema::limits;
use index_schema::manifest::Manifest;
use libral::file::{Mode, read_file, write_file};

use super::publisher::signers;
use super::{CommandError, CommandResult, Context, Outcome, print};
use crate::archives::Archives;
use crate::finding::Verdict;
use crate::inspection::{Inspection, Rules};
use crate::report;
use crate::signer::{Signer, countersigned};
use crate::submit::link::HostKind;
use crate::submit::{Submitted, Wish, statements, submit};

/// Propose statements to a registry: one commit on a branch of its own, pushed, and the page that
/// opens a pull request.
///
/// The commit is judged first, as `validate --base` judges it; what is refused is not submitted.
/// With --index, a clone gets the branch, and its remote after it. With --remote alone, no clone is
/// needed: the newest commit is fetched. What is checked out or staged in a clone, and its other
/// branches, are not touched, whatever happens.
///
/// Example: registry-tool submit dist --remote https://github.com/acme/index --key my.key
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The statements: files, or folders with them; what `pack` wrote.
    #[arg(required = true, value_name = "DIST")]
    from: Vec<PathBuf>,
    /// A clone of the index repository.
    #[arg(long, value_name = "DIR", required_unless_present = "remote")]
    index: Option<PathBuf>,
    /// The index repository: an address, or what the clone calls it; `origin` if nothing is said.
    #[arg(long, value_name = "URL")]
    remote: Option<String>,
    /// Your own copy of the index repository at the host, to push to instead.
    #[arg(long, value_name = "URL", conflicts_with = "no_push")]
    fork: Option<String>,
    /// The branch to merge into; what the remote calls its own, if nothing is said.
    #[arg(long, value_name = "BRANCH")]
    base: Option<String>,
    /// The branch to make; named after the statements, if nothing is said.
    #[arg(long, value_name = "NAME")]
    branch: Option<String>,
    /// Make the branch in the clone, and do not push. With --remote alone, only judge.
    #[arg(long)]
    no_push: bool,
    /// What kind of host the remote is, where its name does not tell.
    #[arg(long, value_name = "KIND")]
    host_kind: Option<Host>,
    /// Sign manifests that `pack` wrote, and that nobody has signed yet, with this secret key.
    #[arg(long, value_name = "FILE")]
    key: Vec<PathBuf>,
    /// Sign them with a key that GnuPG keeps, instead of or beside --key.
    #[arg(long, value_name = "KEYID")]
    gpg: Vec<String>,
    /// Local copies of archives; where they are among the statements, if nothing is said.
    #[arg(long, value_name = "DIR")]
    archives: Option<PathBuf>,
    /// A folder of rules for the scanner, as the registry uses it.
    #[arg(long, value_name = "DIR")]
    rules: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Host {
    /// GitHub, or GitHub Enterprise.
    Github,
    /// GitLab.
    Gitlab,
    /// Gitea, Forgejo, Codeberg.
    Gitea,
}

impl From<Host> for HostKind {
    fn from(host: Host) -> Self {
        match host {
            Host::Github => Self::Github,
            Host::Gitlab => Self::Gitlab,
            Host::Gitea => Self::Gitea,
        }
    }
}

pub(super) fn run(args: &Args, context: &Context) -> CommandResult {
    let signers = signers(&args.key, &args.gpg);
    let mut files = Vec::new();
    for path in found(&args.from)? {
        files.extend(statement(&path, &signers, context)?);
    }
    let wanted = statements(&files, context.now)?;
    let beside = args.from.iter().map(|path| if path.is_dir() { path } else { folder_of(path) });
    let folder = args.archives.clone().or_else(|| beside.map(Path::to_owned).next());
    let archives = Archives::Folder(folder.unwrap_or_default());
    let inspection = Inspection { archives, rules: Rules::load(args.rules.as_deref())? };
    let wish = Wish {
        clone: args.index.clone(),
        remote: args.remote.clone(),
        fork: args.fork.clone(),
        base: args.base.clone(),
        branch: args.branch.clone(),
        push: !args.no_push,
        kind: args.host_kind.map(HostKind::from),
    };
    let done = submit(&wish, &wanted, &inspection, context.now)?;
    if args.json {
        print(&format!("{:#}\n", to_json(&done)))?;
    } else {
        show(&done, context)?;
    }
    // What waits for a maintainer is submitted all the same: that is who reads it.
    match done.report.verdict {
        Verdict::Accepted | Verdict::Review => Ok(Outcome::Done),
        verdict @ (Verdict::Refused | Verdict::Unjudged) => Ok(Outcome::Judged(verdict)),
    }
}

/// Lists the files that are named, and those in folders that are named.
fn found(from: &[PathBuf]) -> Result<Vec<PathBuf>, CommandError> {
    let mut found = Vec::new();
    for path in from {
        if !path.is_dir() {
            found.push(path.clone());
            continue;
        }
        let unread = |error| format!("cannot read `{}`: {error}", path.display());
        for entry in fs::read_dir(path).map_err(unread)? {
            let file = entry.map_err(unread)?.path();
            let is = |extension: &str| file.extension().is_some_and(|found| found == extension);
            if file.is_file() && (is("signed") || is("json")) {
                found.push(file);
            }
        }
    }
    found.sort();
    Ok(found)
}

fn folder_of(file: &Path) -> &Path {
    let folder = file.parent().unwrap_or(file);
    if folder.as_os_str().is_empty() { Path::new(".") } else { folder }
}

/// Reads a statement. A manifest that nobody has signed is signed, if there is somebody to sign it.
fn statement(
    path: &Path,
    signers: &[Signer],
    context: &Context,
) -> Result<Option<(String, Vec<u8>)>, CommandError> {
    let limit = limits::PUBLISHER + limits::SIGNATURES;
    let unread = |error| format!("cannot read `{}`: {error}", path.display());
    let bytes = read_file(path, limit).map_err(unread)?;
    if path.extension().is_none_or(|extension| extension != "json") {
        return Ok(Some((path.display().to_string(), bytes)));
    }
    let signed = path.with_extension("signed");
    let manifest = index_schema::json::read::<Manifest>(&bytes, limits::MANIFEST, Unknown::Refuse);
    if signed.exists() || signers.is_empty() || manifest.is_err() {
        return Ok(None);
    }
    let bytes = countersigned(&bytes, signers, context.now)?;
    write_file(&signed, &bytes, Mode::Public)
        .map_err(|error| format!("cannot write `{}`: {error}", signed.display()))?;
    context.say(&format!("signed: {}", signed.display()))?;
    Ok(Some((signed.display().to_string(), bytes)))
}

fn show(done: &Submitted, context: &Context) -> Result<(), CommandError> {
    let Some(commit) = &done.commit else {
        print(&report::text::render(&done.report))?;
        let was_judged = matches!(done.report.verdict, Verdict::Accepted | Verdict::Review);
        let why = if was_judged { "it was only to be judged" } else { "nothing was submitted" };
        return Ok(context.say(why)?);
    };
    if !done.report.findings.is_empty() {
        context.say(report::text::render(&done.report).trim_end())?;
    }
    print(&format!("{}\n{commit}\n", done.branch))?;
    match (&done.pushed, &done.page) {
        (Some(_), Some(page)) => print(&format!("{page}\n")),
        (Some(to), None) => {
            context.say(&format!("pushed to {}", without_password(to)))?;
            Ok(context.say("next: open a pull request there")?)
        }
        (None, _) => {
            let branch = &done.branch;
            Ok(context.say(&format!("next: `git push REMOTE {branch}`, and a pull request"))?)
        }
    }
}

/// Leaves out what stands before the host: it may be a password.
fn without_password(url: &str) -> String {
    match url.split_once("://").and_then(|(scheme, rest)| {
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (_, host) = authority.rsplit_once('@')?;
        Some(format!("{scheme}://{host}/{path}"))
    }) {
        Some(clean) => clean,
        None => url.to_owned(),
    }
}

fn to_json(done: &Submitted) -> serde_json::Value {
    let report = report::json::render(&done.report);
    let said = |name: &str| report.get(name).cloned().unwrap_or_default();
    serde_json::json!({
        "schema": "registry-tool.submit/1",
        "verdict": said("verdict"),
        "findings": said("findings"),
        "changes": said("changes"),
        "base": done.base.to_string(),
        "into": &done.into,
        "branch": &done.branch,
        "commit": done.commit.map(|commit| commit.to_string()),
        "pushed": done.pushed.as_deref().map(without_password),
        "pull_request": &done.page,
    })
}
