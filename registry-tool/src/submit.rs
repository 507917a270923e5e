//! Submitting: statements become one commit on a branch, judged as the registry will judge it.
//!
//! ```text
//! statements ─▶ places ─▶ commit in a repository that is thrown away ─▶ verdict
//!                                                   refused ◀────────────┤
//!               the same commit, on a new branch of the clone ◀──────────┘
//!                                  └─▶ pushed ─▶ the page that opens a pull request
//! ```
//!
//! Until the verdict, nothing is written to anybody's repository. After it, a branch is added, and
//! that is all: what is checked out, what is staged and every other branch stay as they are, so
//! whatever fails or is interrupted loses nothing.

pub mod link;
pub mod remote;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use index_schema::layout::IndexPath;
use index_schema::path::{PackagePath, PathError};
use index_schema::time::Timestamp;
use tempfile::TempDir;

use self::link::{HostKind, Proposed, pull_request};
use self::remote::{Remote, RemoteError, committer};
use crate::commit::branch::{borrow, commit_of, init_bare, propose, seen_default};
use crate::commit::{CommitError, Files, Message};
use crate::finding::Verdict;
use crate::git::{GitError, ObjectId};
use crate::inspection::Inspection;
use crate::intake::{IntakeError, place};
use crate::proposal::{self, Revisions};
use crate::report::Report;

/// What is submitted, and where to.
#[derive(Debug)]
pub struct Wish {
    /// The clone that gets the branch; without one, the remote alone gets it.
    pub clone: Option<PathBuf>,
    /// The remote: a name that the clone knows, or an address.
    pub remote: Option<String>,
    /// The repository to push to, if it is not the remote.
    pub fork: Option<String>,
    /// The branch to merge into; what the remote calls its own if nothing is said.
    pub base: Option<String>,
    /// The branch to make; named after the statements if nothing is said.
    pub branch: Option<String>,
    /// Whether to push.
    pub push: bool,
    /// What kind of host the remote is, where its name does not tell.
    pub kind: Option<HostKind>,
}

/// What came of it.
#[derive(Debug)]
pub struct Submitted {
    /// What the registry will say. What is refused, or cannot be judged, went no further.
    pub report: Report,
    /// The commit that it builds on.
    pub base: ObjectId,
    /// The branch that it is to be merged into.
    pub into: String,
    /// The branch.
    pub branch: String,
    /// The commit, if it was made.
    pub commit: Option<ObjectId>,
    /// The address that it was pushed to.
    pub pushed: Option<String>,
    /// The page that opens a pull request.
    pub page: Option<String>,
}

/// Why nothing was submitted.
#[derive(Debug, thiserror::Error)]
pub enum SubmitError {
    /// A statement cannot be read.
    #[error(transparent)]
    Intake(#[from] IntakeError),
    /// Two files are the same statement.
    #[error("two files belong at `{0}`")]
    Twice(IndexPath),
    /// There is no file.
    #[error("there is no statement to submit")]
    Nothing,
    /// A place is no path of a file.
    #[error(transparent)]
    Path(#[from] PathError),
    /// A folder for the judged commit could not be made.
    #[error("cannot make a temporary folder")]
    Temporary(#[source] std::io::Error),
    /// The commit was not made.
    #[error(transparent)]
    Commit(#[from] CommitError),
    /// The commit was not judged.
    #[error(transparent)]
    Git(#[from] GitError),
    /// The remote did not answer.
    #[error(transparent)]
    Remote(#[from] RemoteError),
    /// There is a branch here, and the remote did not take it.
    #[error("the branch `{branch}` is in `{}`, and was not pushed", clone.display())]
    NotPushed {
        /// The branch.
        branch: String,
        /// Where it is.
        clone: PathBuf,
        /// Why it was not pushed.
        source: RemoteError,
    },
    /// There is nowhere to push to.
    #[error("`{}` has no remote to push to", .0.display())]
    NoRemote(PathBuf),
}

impl SubmitError {
    /// Returns what to do about it, if anything is clear.
    pub const fn hint(&self) -> Option<&'static str> {
        match self {
            Self::NoRemote(_) => {
                Some("--remote URL names one; --no-push leaves the branch in the clone")
            }
            Self::NotPushed { .. } => {
                Some("the same command pushes it again; --fork URL pushes to a copy of your own")
            }
            Self::Commit(CommitError::Branch(_)) => Some("--branch NAME makes another one"),
            Self::Remote(error) => error.hint(),
            Self::Nothing => {
                Some("`registry-tool sign` makes one of a manifest; --key does it here")
            }
            Self::Intake(_)
            | Self::Twice(_)
            | Self::Path(_)
            | Self::Temporary(_)
            | Self::Commit(_)
            | Self::Git(_) => None,
        }
    }

    /// Tells whether a file is no statement, whoever judges it.
    pub const fn is_refusal(&self) -> bool {
        matches!(self, Self::Intake(error) if error.is_refusal())
    }

    /// Tells whether the other side is at fault, so that nobody knows.
    pub const fn is_away(&self) -> bool {
        match self {
            Self::Remote(error) | Self::NotPushed { source: error, .. } => error.is_away(),
            Self::Intake(_)
            | Self::Twice(_)
            | Self::Nothing
            | Self::Path(_)
            | Self::Temporary(_)
            | Self::Commit(_)
            | Self::Git(_)
            | Self::NoRemote(_) => false,
        }
    }
}

/// Statements by their places.
type Statements = BTreeMap<IndexPath, Vec<u8>>;

/// Finds the place of each file.
pub fn statements(files: &[(String, Vec<u8>)], now: Timestamp) -> Result<Statements, SubmitError> {
    let mut placed = Statements::new();
    for (name, bytes) in files {
        let path = place(name, bytes, now)?;
        if placed.get(&path).is_some_and(|known| known != bytes) {
            return Err(SubmitError::Twice(path));
        }
        placed.insert(path, bytes.clone());
    }
    if placed.is_empty() { Err(SubmitError::Nothing) } else { Ok(placed) }
}

/// Judges statements as one commit, makes it a branch, and pushes it.
pub fn submit(
    wish: &Wish,
    statements: &Statements,
    inspection: &Inspection<'_>,
    now: Timestamp,
) -> Result<Submitted, SubmitError> {
    let trial = TempDir::with_prefix("registry-tool-submit-").map_err(SubmitError::Temporary)?;
    let remote = wish.remote(trial.path())?;
    if wish.push && remote.is_none() {
        return Err(SubmitError::NoRemote(wish.clone.clone().unwrap_or_default()));
    }
    let Start { base, into } = wish.start(trial.path(), remote.as_ref())?;
    let who = committer(wish.clone.as_deref().unwrap_or(trial.path()))?;
    let text = message(statements);
    let message = Message { text: &text, author: &who, committer: &who, time: now };
    let branch = wish.branch.clone().unwrap_or_else(|| branch_for(statements));
    let files = files(statements)?;
    let commit = propose(trial.path(), (base, &branch), &files, &message)?;
    let revisions = Revisions { base: base.to_string(), head: commit.to_string() };
    let report = proposal::validate(trial.path(), &revisions, inspection, now)?.validated.report;
    let is_good = matches!(report.verdict, Verdict::Accepted | Verdict::Review);
    let mut done = Submitted { report, base, into, branch, commit: None, pushed: None, page: None };
    if !is_good {
        return Ok(done);
    }
    done.commit = match &wish.clone {
        Some(clone) => Some(propose(clone, (base, &done.branch), &files, &message)?),
        // What nobody pushes is thrown away.
        None => wish.push.then_some(commit),
    };
    if let Some(remote) = remote.filter(|_| wish.push) {
        let here = wish.clone.as_deref().unwrap_or(trial.path());
        wish.push(&remote, here, &mut done)?;
    }
    Ok(done)
}

/// What a branch begins at, and the branch that it is to be merged into.
struct Start {
    base: ObjectId,
    into: String,
}

impl Wish {
    fn remote(&self, trial: &Path) -> Result<Option<Remote>, SubmitError> {
        let here = self.clone.as_deref().unwrap_or(trial);
        match (&self.remote, &self.clone) {
            (Some(name), _) => Ok(Some(Remote::new(here, name)?)),
            (None, Some(clone)) => Ok(Remote::of(clone)?),
            (None, None) => Ok(None),
        }
    }

    /// Gets the commit to build on, into the repository in which the commit is judged.
    fn start(&self, trial: &Path, remote: Option<&Remote>) -> Result<Start, SubmitError> {
        let Some(clone) = &self.clone else {
            init_bare(trial)?;
            let remote = remote.ok_or_else(|| SubmitError::NoRemote(trial.to_owned()))?;
            let into = self.base.clone().map_or_else(|| remote.default_branch(), Ok)?;
            let to = "refs/heads/base-of-the-submission";
            remote.fetch(&into, (to, Some(1)))?;
            return Ok(Start { base: commit_of(trial, to)?, into });
        };
        let start = match (remote, self.push) {
            (Some(remote), true) => self.fetched(clone, remote)?,
            (Some(remote), false) => self.as_seen(clone, remote)?,
            (None, _) => {
                let into = self.base.clone().unwrap_or_else(|| "HEAD".to_owned());
                Start { base: commit_of(clone, &into)?, into }
            }
        };
        borrow(clone, trial)?;
        Ok(start)
    }

    /// Asks the remote what is current.
    fn fetched(&self, clone: &Path, remote: &Remote) -> Result<Start, SubmitError> {
        let into = self.base.clone().map_or_else(|| remote.default_branch(), Ok)?;
        // An address has no place for what is fetched, so it gets one apart.
        let name = remote.name();
        let is_name = name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b));
        let to = match is_name {
            true => format!("refs/remotes/{name}/{into}"),
            false => format!("refs/registry-tool/{into}"),
        };
        remote.fetch(&into, (&to, None))?;
        Ok(Start { base: commit_of(clone, &to)?, into })
    }

    /// Takes what was fetched last; without that, what is checked out.
    fn as_seen(&self, clone: &Path, remote: &Remote) -> Result<Start, SubmitError> {
        let name = remote.name();
        let seen = match &self.base {
            Some(base) => Some(base.clone()),
            None => seen_default(clone, name)?,
        };
        let Some(into) = seen else {
            return Ok(Start { base: commit_of(clone, "HEAD")?, into: "HEAD".to_owned() });
        };
        let tracked = commit_of(clone, &format!("refs/remotes/{name}/{into}"));
        Ok(Start { base: tracked.or_else(|_| commit_of(clone, &into))?, into })
    }

    fn push(&self, remote: &Remote, here: &Path, done: &mut Submitted) -> Result<(), SubmitError> {
        let fork = self.fork.as_ref().map(|fork| Remote::new(here, fork)).transpose()?;
        let pushed = fork.as_ref().unwrap_or(remote).push(&done.branch);
        match (pushed, &self.clone) {
            (Ok(()), _) => {}
            (Err(source), Some(clone)) => {
                let (branch, clone) = (done.branch.clone(), clone.clone());
                return Err(SubmitError::NotPushed { branch, clone, source });
            }
            (Err(source), None) => return Err(source.into()),
        }
        let (upstream, fork) = (remote.url(), fork.map(|fork| fork.url()));
        let proposed = Proposed {
            upstream: &upstream,
            base: &done.into,
            fork: fork.as_deref(),
            branch: &done.branch,
        };
        done.page = pull_request(proposed, self.kind);
        done.pushed = Some(fork.unwrap_or(upstream));
        Ok(())
    }
}

fn files(statements: &Statements) -> Result<Files, SubmitError> {
    let file = |(path, bytes): (&IndexPath, &Vec<u8>)| {
        Ok((PackagePath::parse(&path.to_string())?, bytes.clone()))
    };
    statements.iter().map(file).collect()
}

/// Says of a statement what it is, as the first line of a commit does.
fn title(path: &IndexPath) -> String {
    match path {
        IndexPath::Registry(serial) => format!("Record {serial} of the registry"),
        IndexPath::Root(version) => format!("Root {version}"),
        IndexPath::Targets(version) => format!("Targets {version}"),
        IndexPath::Publisher(id, serial) => format!("Record {serial} of the publisher {id}"),
        IndexPath::Objection(id, serial) => format!("Object to record {serial} of {id}"),
        IndexPath::PublisherStatus(id, serial) => format!("Statement {serial} about {id}"),
        IndexPath::Release(id, version) => format!("Release {id} {version}"),
        IndexPath::Status(id, serial) => format!("Status {serial} of {id}"),
        IndexPath::Moderation(_, id) => format!("Decide {id}"),
        IndexPath::Advisory(id, serial) => format!("Advisory {id}, statement {serial}"),
    }
}

fn message(statements: &Statements) -> String {
    let titles: Vec<String> = statements.keys().map(title).collect();
    match titles.as_slice() {
        [one] => format!("{one}\n"),
        [first, ..] => {
            let rest = titles.len().saturating_sub(1);
            format!("{first} and {rest} more\n\n{}\n", titles.join("\n"))
        }
        [] => String::new(),
    }
}

/// Names a branch after the first statement.
fn branch_for(statements: &Statements) -> String {
    let first = statements.keys().next().map(title).unwrap_or_default().to_lowercase();
    let plain = |c: char| if c.is_ascii_alphanumeric() || ".+".contains(c) { c } else { '-' };
    format!("submit/{}", first.chars().map(plain).collect::<String>())
}
