//! Writing commits through `git fast-import`: one process, one stream, no file on disk before the
//! pack is done.

use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

use super::document::File;

/// Why Git did not do something.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// The program could not be started or talked to.
    #[error("cannot run `git {command}`")]
    Run {
        /// The command.
        command: &'static str,
        /// What failed.
        source: io::Error,
    },
    /// The program said no.
    #[error("`git {command}` refused: {said}")]
    Refused {
        /// The command.
        command: &'static str,
        /// What it wrote.
        said: String,
    },
}

/// The branch that is written.
const BRANCH: &str = "refs/heads/main";
/// Who commits: the one who merges pull requests.
const COMMITTER: &str = "Merge <merge@corpus.example>";

/// A repository that takes commits.
pub(crate) struct Import {
    git: Child,
    input: BufWriter<ChildStdin>,
}

impl Import {
    /// Makes an empty repository and starts to import into it.
    pub(crate) fn start(repository: &Path) -> Result<Self, GitError> {
        let folder = repository.display().to_string();
        run(
            Command::new("git").args(["init", "--quiet", "--initial-branch=main", &folder]),
            "init",
        )?;
        let mut command = at(repository);
        command.args(["fast-import", "--quiet", "--done", "--date-format=raw"]);
        let failed = |source| GitError::Run { command: "fast-import", source };
        let mut git = command.stdin(Stdio::piped()).spawn().map_err(failed)?;
        let input = git.stdin.take().ok_or_else(|| failed(io::ErrorKind::BrokenPipe.into()))?;
        Ok(Self { git, input: BufWriter::with_capacity(1 << 18, input) })
    }

    /// Adds one commit that adds `files`.
    pub(crate) fn commit(
        &mut self,
        time: i64,
        message: &str,
        files: &[File],
    ) -> Result<(), GitError> {
        let mut write = || -> io::Result<()> {
            let input = &mut self.input;
            writeln!(input, "commit {BRANCH}\ncommitter {COMMITTER} {time} +0000")?;
            writeln!(input, "data {}\n{message}", message.len())?;
            for File { path, bytes } in files {
                writeln!(input, "M 100644 inline {path}\ndata {}", bytes.len())?;
                input.write_all(bytes)?;
                input.write_all(b"\n")?;
            }
            Ok(())
        };
        write().map_err(|source| GitError::Run { command: "fast-import", source })
    }

    /// Ends the import; only then is the branch there.
    pub(crate) fn finish(mut self) -> Result<(), GitError> {
        let failed = |source| GitError::Run { command: "fast-import", source };
        self.input.write_all(b"done\n").and_then(|()| self.input.flush()).map_err(failed)?;
        drop(self.input);
        let status = self.git.wait().map_err(failed)?;
        if status.success() {
            return Ok(());
        }
        Err(GitError::Refused { command: "fast-import", said: status.to_string() })
    }
}

/// Packs everything anew, with deltas only where they are worth it.
pub(crate) fn repack(repository: &Path) -> Result<(), GitError> {
    run(at(repository).args(["repack", "-adFq"]), "repack").map(drop)
}

/// Puts the registry record and the trust files into the work tree, and leaves all else out of it:
/// a hundred thousand files help nobody. `git sparse-checkout disable` brings them.
pub(crate) fn check_out(repository: &Path) -> Result<String, GitError> {
    run(at(repository).args(["sparse-checkout", "set", "registry", "trust"]), "sparse-checkout")?;
    run(at(repository).args(["checkout", "--quiet", "main"]), "checkout")?;
    let commit = run(at(repository).args(["rev-parse", "main"]), "rev-parse")?;
    Ok(commit.trim().to_owned())
}

fn at(repository: &Path) -> Command {
    let mut command = Command::new("git");
    let repository: PathBuf = repository.to_owned();
    command.arg("-C").arg(repository);
    command
}

fn run(git: &mut Command, command: &'static str) -> Result<String, GitError> {
    let output = git.stdin(Stdio::null()).output();
    let output = output.map_err(|source| GitError::Run { command, source })?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(GitError::Refused { command, said })
}
