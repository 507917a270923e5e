//! Examining apart: in a process of its own that shuts itself in before it reads anything.
//!
//! The program starts itself again with the hidden command `scan-worker`. The worker limits its
//! memory, processor time and files, gives up files, network and other programs as far as the
//! kernel lets it (the report says how far), and only then reads the package from its standard
//! input. It says which file it begins with; who takes too long is ended, and a worker that ends
//! by itself was killed by what it read. Either way the file is a finding, and another worker
//! goes on without it.

mod child;
mod confine;
mod message;

use std::io::{self, BufRead as _, BufReader, Write as _};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

pub use self::child::run;
use self::message::Message;
use super::examine::{Examined, FileProblem, PackageFile};
use super::facts::Span;
use super::rules::RuleSet;

/// How long one file may take. The processor time of the worker is limited besides.
const PATIENCE: Duration = Duration::from_secs(20);

/// How many files may cost a worker its life before the rest is given up.
const MOST_LOST: usize = 16;

/// Why nothing could be examined.
#[derive(Debug, thiserror::Error)]
pub enum WorkerError {
    /// The worker could not be started.
    #[error("the worker that examines packages could not be started")]
    Start(#[source] io::Error),
}

/// How the work of one worker ended.
enum Ending {
    Done(Examined, String),
    /// With this file, for this reason.
    Lost(String, &'static str, &'static str),
}

/// Examines files in a worker; also returns what kept it apart.
pub fn examine_apart(
    files: &[PackageFile],
    rules: &RuleSet,
) -> Result<(Examined, String), WorkerError> {
    let mut left: Vec<&PackageFile> = files.iter().collect();
    let mut lost = Vec::new();
    let problem = |path: &str, code: &str, message: &str| FileProblem {
        path: path.to_owned(),
        span: Span::default(),
        code: code.to_owned(),
        message: message.to_owned(),
    };
    loop {
        match attempt(&left, rules).map_err(WorkerError::Start)? {
            Ending::Done(mut examined, isolation) => {
                examined.problems.extend(lost);
                examined.problems.sort();
                return Ok((examined, isolation));
            }
            Ending::Lost(path, code, message) => {
                let count = left.len();
                left.retain(|file| file.path != path);
                lost.push(problem(&path, code, message));
                if left.len() == count || lost.len() >= MOST_LOST {
                    let message = "the file was not analysed: too much went wrong before it";
                    lost.extend(left.iter().map(|file| problem(&file.path, "scan/crash", message)));
                    let examined = Examined { problems: lost, ..Examined::default() };
                    return Ok((examined, "the worker did not survive".to_owned()));
                }
            }
        }
    }
}

/// A worker that is ended when nobody waits for it any more.
struct Worker(Child);

impl Drop for Worker {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

fn attempt(files: &[&PackageFile], rules: &RuleSet) -> io::Result<Ending> {
    let sizes = || files.iter().map(|file| file.bytes.len());
    let mut worker = Worker(
        Command::new(std::env::current_exe()?)
            .arg("scan-worker")
            .arg(sizes().max().unwrap_or(0).to_string())
            .arg(sizes().sum::<usize>().to_string())
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?,
    );
    let (Some(mut input), Some(output)) = (worker.0.stdin.take(), worker.0.stdout.take()) else {
        return Err(io::ErrorKind::BrokenPipe.into());
    };
    let request = message::encode(rules.sources(), files);
    thread::scope(|scope| {
        // Whether all of it arrived shows in the answer.
        let _writer = scope.spawn(move || drop(input.write_all(&request)));
        let (sender, receiver) = mpsc::channel();
        let _reader = scope.spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        let ending = wait(&receiver);
        // Ends the threads as well: their pipes close.
        drop(worker);
        Ok(ending)
    })
}

fn wait(receiver: &mpsc::Receiver<String>) -> Ending {
    let mut current = String::new();
    loop {
        match receiver.recv_timeout(PATIENCE) {
            Ok(line) => match serde_json::from_str(&line) {
                Ok(Message::Begin(path)) => current = path,
                Ok(Message::Done(examined, isolation)) => {
                    return Ending::Done(examined, isolation);
                }
                Err(_) => {
                    return Ending::Lost(
                        current,
                        "scan/crash",
                        "the analysis of the file gave no answer that makes sense",
                    );
                }
            },
            Err(RecvTimeoutError::Timeout) => {
                let message = "the analysis of the file took too long";
                return Ending::Lost(current, "scan/time-out", message);
            }
            Err(RecvTimeoutError::Disconnected) => {
                let message = "the analysis of the file crashed, or took too much";
                return Ending::Lost(current, "scan/crash", message);
            }
        }
    }
}
