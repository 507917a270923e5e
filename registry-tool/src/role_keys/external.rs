//! Keys that this program never sees: another program signs with them.
//!
//! The command is split at blanks and started without a shell, with one of two endings:
//!
//! | started as | reads on standard input | prints on standard output |
//! |---|---|---|
//! | `COMMAND public` | nothing | its public keys: key objects of TUF (section 4.2.2), one a line |
//! | `COMMAND sign KEYID` | the bytes to sign, to the end | the signature: hexadecimal digits |
//!
//! It ends with status 0, or did not do what was asked. Its standard error is shown to the person,
//! who may have to touch a token: it has two minutes. It is started once at a time. Every signature is verified before it counts.

use std::fmt;
use std::io::{self, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use index_schema::tuf::Key;
use libral::file::read_limited;
use libral::tuf::is_good;

use super::{RoleKeyError, file};

/// How long a program may take.
const PATIENCE: Duration = Duration::from_secs(120);
/// How often a program that has closed its output is asked whether it ended.
const PAUSE: Duration = Duration::from_millis(5);
/// The most bytes that a program may print: 64 keys, or one signature.
const CEILING: usize = 256 * 1024;

/// A token, and a person, does one thing after the other.
static TURN: Mutex<()> = Mutex::new(());

/// What a program did instead of signing.
#[derive(Debug)]
pub enum Failing {
    /// It cannot be started, or spoken to.
    Io(io::Error),
    /// It ended with an error.
    Status(ExitStatus),
    /// It did not end.
    Slow(Duration),
    /// It printed something that is not a list of keys.
    Keys,
    /// It printed something that is not a signature by this key.
    Signature(String),
}

impl fmt::Display for Failing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => write!(f, "cannot be used: {error}"),
            Self::Status(status) => write!(f, "failed: {status}"),
            Self::Slow(patience) => write!(f, "did not end within {} s", patience.as_secs()),
            Self::Keys => f.write_str("did not print key objects, one a line"),
            Self::Signature(id) => write!(f, "did not print a signature by the key {id}"),
        }
    }
}

/// A program that signs.
#[derive(Debug, Clone)]
pub(super) struct External {
    command: String,
    patience: Duration,
}

impl External {
    pub(super) fn new(command: &str) -> Self {
        Self { command: command.trim().to_owned(), patience: PATIENCE }
    }

    #[cfg(test)]
    pub(super) fn with_patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// Asks for the public keys.
    pub(super) fn public(&self) -> Result<Vec<Key>, RoleKeyError> {
        let printed = self.run(&["public"], Vec::new())?;
        let lines = printed.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
        let keys = lines.filter(|line| !line.is_empty()).map(file::parse_public);
        keys.collect::<Option<_>>().ok_or_else(|| self.failed(Failing::Keys))
    }

    /// Has `bytes` signed.
    pub(super) fn sign(&self, key: &Key, bytes: &[u8]) -> Result<String, RoleKeyError> {
        let id = key.id().to_string();
        let printed = self.run(&["sign", &id], bytes.to_vec())?;
        let signature = String::from_utf8_lossy(printed.trim_ascii()).into_owned();
        if is_good(key, bytes, &signature) {
            return Ok(signature);
        }
        Err(self.failed(Failing::Signature(id)))
    }

    fn failed(&self, what: Failing) -> RoleKeyError {
        RoleKeyError::External { program: self.command.clone(), what }
    }

    fn run(&self, ending: &[&str], input: Vec<u8>) -> Result<Vec<u8>, RoleKeyError> {
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let started = Instant::now();
        let mut child = self.start(ending).map_err(|error| self.failed(Failing::Io(error)))?;
        let printed = converse(child.stdin.take(), child.stdout.take(), input);
        let outcome = self.outcome(&mut child, &printed, started);
        if outcome.is_err() {
            // It may have ended by itself meanwhile.
            drop(child.kill());
            drop(child.wait());
        }
        drop(turn);
        outcome.map_err(|what| self.failed(what))
    }

    fn start(&self, ending: &[&str]) -> io::Result<Child> {
        let mut words = self.command.split_whitespace();
        Command::new(words.next().unwrap_or_default())
            .args(words)
            .args(ending)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
    }

    fn outcome(
        &self,
        child: &mut Child,
        printed: &Receiver<io::Result<Vec<u8>>>,
        started: Instant,
    ) -> Result<Vec<u8>, Failing> {
        let slow = || Failing::Slow(self.patience);
        let printed = printed.recv_timeout(self.patience).map_err(|_timeout| slow())?;
        let printed = printed.map_err(Failing::Io)?;
        loop {
            match child.try_wait().map_err(Failing::Io)? {
                Some(status) if status.success() => return Ok(printed),
                Some(status) => return Err(Failing::Status(status)),
                None if started.elapsed() > self.patience => return Err(slow()),
                None => thread::sleep(PAUSE),
            }
        }
    }
}

/// Writes and reads at once, in threads of their own: a program may print before it has read.
fn converse(
    stdin: Option<ChildStdin>,
    stdout: Option<ChildStdout>,
    input: Vec<u8>,
) -> Receiver<io::Result<Vec<u8>>> {
    let (sender, receiver) = channel();
    if let Some(mut stdin) = stdin {
        // Who does not read to the end says with its status what that means.
        thread::spawn(move || drop(stdin.write_all(&input)));
    }
    if let Some(stdout) = stdout {
        // Nobody listens any more once the time is over.
        thread::spawn(move || drop(sender.send(read_limited(stdout, CEILING))));
    }
    receiver
}
