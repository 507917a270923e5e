//! Talking to the repository that a commit is for, through the program `git`.
//!
//! gix cannot push, and whoever can push by `git` has told that program how: with what key or
//! password, through which proxy, under which name of the host. So it fetches, too. It is never
//! asked to check anything out, to follow submodules, or to overwrite a branch.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::git::Identity;

/// A repository, and what it calls another one: a name or an address.
#[derive(Debug, Clone)]
pub struct Remote {
    dir: PathBuf,
    name: String,
}

/// Why the other repository did not do what it was asked for.
#[derive(Debug, thiserror::Error)]
pub enum RemoteError {
    /// The program is not there.
    #[error("cannot start `git`: is it installed?")]
    Missing(#[source] io::Error),
    /// It would be taken for an option, or hands a command to a helper.
    #[error("`{0}` is not the address of a repository")]
    Address(String),
    /// The program refused.
    #[error("git did not {what}:\n{said}")]
    Refused {
        /// What it was asked to do.
        what: String,
        /// What it wrote.
        said: String,
    },
    /// The other side did not do it, or could not be reached.
    #[error("git did not {what}:\n{said}")]
    Away {
        /// What it was asked to do.
        what: String,
        /// What it wrote.
        said: String,
    },
    /// The remote does not say what its branch is.
    #[error("`{0}` does not say which branch is its own")]
    NoDefault(String),
    /// Nobody is to be named as the author.
    #[error("git does not know who you are")]
    Nobody,
}

impl RemoteError {
    /// Returns what to do about it, if anything is clear.
    pub const fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Nobody => Some("`git config --global user.name NAME`, and `user.email ADDRESS`"),
            Self::NoDefault(_) => Some("--base BRANCH names it"),
            Self::Missing(_) | Self::Address(_) | Self::Refused { .. } | Self::Away { .. } => None,
        }
    }

    /// Tells whether another try may help: the other side was asked, and did not answer well.
    pub const fn is_away(&self) -> bool {
        matches!(self, Self::Away { .. })
    }
}

impl Remote {
    /// Names a remote of a repository, or any address.
    pub fn new(dir: &Path, name: &str) -> Result<Self, RemoteError> {
        if name.is_empty() || name.starts_with('-') || name.contains("::") {
            return Err(RemoteError::Address(name.to_owned()));
        }
        Ok(Self { dir: dir.to_owned(), name: name.to_owned() })
    }

    /// Returns the name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the remote that a repository submits to if nothing else is said: `origin`, or its
    /// only one.
    pub fn of(dir: &Path) -> Result<Option<Self>, RemoteError> {
        let listed = run(dir, "list its remotes", ["remote"])?;
        let names: Vec<&str> = listed.lines().collect();
        let name = match names.as_slice() {
            [only] => Some(*only),
            names => names.iter().find(|name| **name == "origin").copied(),
        };
        name.map(|name| Self::new(dir, name)).transpose()
    }

    /// Returns the address.
    pub fn url(&self) -> String {
        let found = run(&self.dir, "name the remote", ["remote", "get-url", "--push", &self.name]);
        found.map_or_else(|_| self.name.clone(), |url| url.trim().to_owned())
    }

    /// Asks which branch is the remote's own.
    pub fn default_branch(&self) -> Result<String, RemoteError> {
        let arguments = ["ls-remote", "--symref", "--", &self.name, "HEAD"];
        let said = ask(&self.dir, "ask the remote for its branch", arguments)?;
        let mut lines = said.lines();
        let branch = lines.find_map(|line| {
            let name = line.strip_prefix("ref: refs/heads/")?;
            Some(name.split('\t').next()?.to_owned())
        });
        branch.ok_or_else(|| RemoteError::NoDefault(self.name.clone()))
    }

    /// Fetches a branch into `to`. A repository that has nothing yet gets its newest commit alone.
    pub fn fetch(&self, branch: &str, (to, depth): (&str, Option<u32>)) -> Result<(), RemoteError> {
        let refspec = format!("+refs/heads/{branch}:{to}");
        let depth = depth.map(|depth| format!("--depth={depth}"));
        let mut arguments = vec!["fetch", "--quiet", "--no-tags", "--no-write-fetch-head"];
        arguments.extend(["--no-recurse-submodules", "--no-auto-maintenance"]);
        arguments.extend(depth.as_deref());
        arguments.extend(["--", &self.name, &refspec]);
        ask(&self.dir, &format!("fetch `{branch}`"), arguments).map(drop)
    }

    /// Pushes a branch under its own name; one that is there already is not overwritten.
    pub fn push(&self, branch: &str) -> Result<(), RemoteError> {
        let refspec = format!("refs/heads/{branch}:refs/heads/{branch}");
        let arguments = ["push", "--quiet", "--no-recurse-submodules", "--", &self.name, &refspec];
        ask(&self.dir, &format!("push `{branch}`"), arguments).map(drop)
    }
}

/// Asks git who makes commits in a repository.
pub fn committer(dir: &Path) -> Result<Identity, RemoteError> {
    let said = run(dir, "say who you are", ["var", "GIT_COMMITTER_IDENT"]);
    let said = said.map_err(|error| match error {
        RemoteError::Missing(source) => RemoteError::Missing(source),
        RemoteError::Refused { .. }
        | RemoteError::Away { .. }
        | RemoteError::Address(_)
        | RemoteError::NoDefault(_)
        | RemoteError::Nobody => RemoteError::Nobody,
    })?;
    let (name, rest) = said.split_once('<').ok_or(RemoteError::Nobody)?;
    let (email, _) = rest.rsplit_once('>').ok_or(RemoteError::Nobody)?;
    Ok(Identity { name: name.trim().to_owned(), email: email.to_owned() })
}

/// Has git talk to the other side.
fn ask<A: AsRef<OsStr>>(
    dir: &Path,
    what: &str,
    arguments: impl IntoIterator<Item = A>,
) -> Result<String, RemoteError> {
    run(dir, what, arguments).map_err(|error| match error {
        RemoteError::Refused { what, said } => RemoteError::Away { what, said },
        RemoteError::Missing(_)
        | RemoteError::Away { .. }
        | RemoteError::Address(_)
        | RemoteError::NoDefault(_)
        | RemoteError::Nobody => error,
    })
}

fn run<A: AsRef<OsStr>>(
    dir: &Path,
    what: &str,
    arguments: impl IntoIterator<Item = A>,
) -> Result<String, RemoteError> {
    let mut git = Command::new("git");
    git.arg("-C").arg(dir).args(arguments).stdin(Stdio::null());
    let output = git.output().map_err(RemoteError::Missing)?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_end().to_owned();
    if output.status.success() {
        return Ok(text(&output.stdout));
    }
    Err(RemoteError::Refused { what: what.to_owned(), said: text(&output.stderr) })
}
