//! Signing through the program `gpg`, which knows about passwords, agents and cards.

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

/// The program `gpg` and where it keeps its keys.
#[derive(Debug, Clone)]
pub struct Gpg {
    /// The program, looked up in the path if it is a bare name.
    pub program: PathBuf,
    /// Its home folder, if it is not the usual one.
    pub home: Option<PathBuf>,
}

/// Why GnuPG did not sign.
#[derive(Debug, thiserror::Error)]
pub enum GpgError {
    /// The program is not there.
    #[error("cannot start `{}`: is GnuPG installed?", program.display())]
    Missing {
        /// The program.
        program: PathBuf,
        /// Why it did not start.
        source: io::Error,
    },
    /// The program could not be talked to.
    #[error("cannot talk to `{}`", program.display())]
    Pipe {
        /// The program.
        program: PathBuf,
        /// What failed.
        source: io::Error,
    },
    /// The program refused.
    #[error("gpg did not sign with key `{key}`:\n{said}")]
    Refused {
        /// The key that was asked for.
        key: String,
        /// What the program wrote.
        said: String,
    },
    /// The program succeeded without giving a signature.
    #[error("gpg gave no armored signature by key `{key}`")]
    Nothing {
        /// The key that was asked for.
        key: String,
    },
}

impl Default for Gpg {
    fn default() -> Self {
        Self { program: PathBuf::from("gpg"), home: None }
    }
}

impl Gpg {
    /// Signs `document` with the key that GnuPG knows by `key`: a fingerprint, key id or address.
    ///
    /// GnuPG may ask its user for a password. Returns one armored detached signature.
    pub fn sign(&self, document: &[u8], key: &str) -> Result<String, GpgError> {
        let output = self.run(document, key)?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr).trim_end().to_owned();
            return Err(GpgError::Refused { key: key.to_owned(), said });
        }
        match String::from_utf8(output.stdout) {
            Ok(text) if text.starts_with("-----BEGIN PGP SIGNATURE-----") => Ok(text),
            _ => Err(GpgError::Nothing { key: key.to_owned() }),
        }
    }

    fn run(&self, document: &[u8], key: &str) -> Result<Output, GpgError> {
        let program = || self.program.clone();
        let pipe = |source| GpgError::Pipe { program: program(), source };
        let gpg = self.command(key).spawn();
        let mut gpg = gpg.map_err(|source| GpgError::Missing { program: program(), source })?;
        let written = gpg.stdin.take().map_or(Ok(()), |mut input| input.write_all(document));
        let output = gpg.wait_with_output().map_err(pipe)?;
        match written {
            // A program that gives up before it has read everything says why.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(output),
            Err(error) => Err(pipe(error)),
            Ok(()) => Ok(output),
        }
    }

    fn command(&self, key: &str) -> Command {
        let mut command = Command::new(&self.program);
        if let Some(home) = &self.home {
            command.arg("--homedir").arg(home);
        }
        // What the user's configuration may say is said here, too: text signatures are refused.
        let options = ["--no-textmode", "--no-emit-version", "--no-comments", "--digest-algo"];
        command.args(options).arg("SHA512");
        command.args(["--armor", "--output", "-", "--local-user", key, "--detach-sign"]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }
}
