//! Examining apart: in a process of its own that shuts itself in before it reads anything.
//!
//! The program starts itself again with the hidden command `scan-worker`. The worker limits its
//! memory, processor time and files, gives up files, network and other programs as far as the
//! kernel lets it (the report says how far), and only then reads the package from its standard
//! input. It says which file it begins with; who takes too long is ended, and a worker that ends
//! by itself was killed by what it read. Either way the file is a finding, and another worker
//! goes on without it. When the program itself is ended, its worker ends with it.

mod child;
mod confine;
mod message;
mod self_test;

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

pub use self::child::run;
use self::message::Message;
pub use self::self_test::{SelfTest, self_test};
use super::examine::{Examined, FileProblem, PackageFile};
use super::facts::Span;
use super::rules::RuleSet;

/// How long one file may take. The processor time of the worker is limited besides.
const PATIENCE: Duration = Duration::from_secs(20);

/// How often a worker that waits for a processor rather than works is waited for again.
const MOST_WAITS: usize = 6;

/// The most bytes of an answer: more is no answer.
const ANSWER: u64 = 64 << 20;

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
    Lost(String, Loss),
}

/// Why a worker gave no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Loss {
    /// It said nothing for too long, or used up its processor time.
    Time,
    /// It ended by itself: no stack, no memory, or a panic.
    Crash,
    /// It said what cannot be understood.
    Nonsense,
}

impl Loss {
    const fn problem(self) -> (&'static str, &'static str) {
        match self {
            Self::Time => ("scan/time-out", "the analysis of the file took too long"),
            Self::Crash => {
                ("scan/crash", "the analysis of the file crashed, or took too much memory")
            }
            Self::Nonsense => {
                ("scan/crash", "the analysis of the file gave no answer that makes sense")
            }
        }
    }
}

/// Examines files in a worker; also returns what kept it apart.
pub fn examine_apart(
    files: &[PackageFile],
    rules: &RuleSet,
) -> Result<(Examined, String), WorkerError> {
    examine_with(worker, PATIENCE, files, rules).map_err(WorkerError::Start)
}

/// Returns the command that starts a worker for files.
fn worker(files: &[&PackageFile]) -> io::Result<Command> {
    let sizes = || files.iter().map(|file| file.bytes.len());
    let mut command = Command::new(std::env::current_exe()?);
    command
        .arg("scan-worker")
        .arg(sizes().max().unwrap_or(0).to_string())
        .arg(sizes().sum::<usize>().to_string());
    Ok(command)
}

fn examine_with(
    start: impl Fn(&[&PackageFile]) -> io::Result<Command>,
    patience: Duration,
    files: &[PackageFile],
    rules: &RuleSet,
) -> io::Result<(Examined, String)> {
    let mut left: Vec<&PackageFile> = files.iter().collect();
    let mut lost = Vec::new();
    let problem = |path: &str, code: &str, message: &str| FileProblem {
        path: path.to_owned(),
        span: Span::default(),
        code: code.to_owned(),
        message: message.to_owned(),
    };
    loop {
        match attempt(start(&left)?, patience, &left, rules)? {
            Ending::Done(mut examined, isolation) => {
                examined.problems.extend(lost);
                examined.problems.sort();
                return Ok((examined, isolation));
            }
            Ending::Lost(path, loss) => {
                let (code, message) = loss.problem();
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

fn attempt(
    mut command: Command,
    patience: Duration,
    files: &[&PackageFile],
    rules: &RuleSet,
) -> io::Result<Ending> {
    // The allocator of Linux gives threads heaps of their own, which are slower; there is one
    // thread.
    command.env_clear().env("MALLOC_ARENA_MAX", "1");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut worker = Worker(command.spawn()?);
    let (Some(mut input), Some(output)) = (worker.0.stdin.take(), worker.0.stdout.take()) else {
        return Err(io::ErrorKind::BrokenPipe.into());
    };
    let request = message::encode(rules.sources(), files);
    thread::scope(|scope| {
        // Whether all of it arrived shows in the answer.
        let _writer = scope.spawn(move || drop(input.write_all(&request)));
        let (sender, receiver) = mpsc::sync_channel(64);
        let _reader = scope.spawn(move || {
            for line in BufReader::new(output.take(ANSWER)).lines() {
                // What is not text is no answer.
                if sender.send(line.unwrap_or_default()).is_err() {
                    return;
                }
            }
        });
        let ending = wait(&receiver, patience, &mut worker);
        // Ends the threads as well: their pipes close.
        drop(worker);
        drop(receiver);
        Ok(ending)
    })
}

fn wait(receiver: &mpsc::Receiver<String>, patience: Duration, worker: &mut Worker) -> Ending {
    let mut current = String::new();
    let (mut worked, mut waits) = (processor_time(worker), 0);
    loop {
        match receiver.recv_timeout(patience) {
            Ok(line) => match serde_json::from_str(&line) {
                Ok(Message::Begin(path)) => {
                    (current, worked, waits) = (path, processor_time(worker), 0);
                }
                Ok(Message::Done(examined, isolation)) => {
                    return Ending::Done(examined, isolation);
                }
                Err(_) => return Ending::Lost(current, Loss::Nonsense),
            },
            // On a machine that is busy with other things, time that passes says little.
            Err(RecvTimeoutError::Timeout) if waits < MOST_WAITS => {
                waits += 1;
                if !is_starved(worked, processor_time(worker), patience) {
                    return Ending::Lost(current, Loss::Time);
                }
            }
            Err(RecvTimeoutError::Timeout) => return Ending::Lost(current, Loss::Time),
            Err(RecvTimeoutError::Disconnected) => {
                // One that ended before keeps the reason; one that only fell silent has none.
                drop(worker.0.kill());
                let status = worker.0.wait();
                let is_late = status.is_ok_and(ran_out_of_time);
                return Ending::Lost(current, if is_late { Loss::Time } else { Loss::Crash });
            }
        }
    }
}

/// Tells whether a worker that was silent worked, but got less time than it may take.
fn is_starved(before: Option<Duration>, now: Option<Duration>, patience: Duration) -> bool {
    let (Some(before), Some(now)) = (before, now) else { return false };
    let worked = now.saturating_sub(before);
    !worked.is_zero() && worked < patience
}

/// Returns how long a worker has been working.
#[cfg(target_os = "linux")]
fn processor_time(worker: &Worker) -> Option<Duration> {
    let place = format!("/proc/{}/stat", worker.0.id());
    let stat = libral::file::read_file(std::path::Path::new(&place), 4096).ok()?;
    let stat = String::from_utf8(stat).ok()?;
    // The name of the program, which can be anything, ends with the last bracket.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_ascii_whitespace().collect();
    let ticks = |field: usize| fields.get(field)?.parse::<u64>().ok();
    // Linux counts for its interfaces in hundredths of a second.
    Some(Duration::from_millis(ticks(11)?.checked_add(ticks(12)?)?.checked_mul(10)?))
}

#[cfg(not(target_os = "linux"))]
const fn processor_time(_worker: &Worker) -> Option<Duration> {
    None
}

#[cfg(target_os = "linux")]
fn ran_out_of_time(status: ExitStatus) -> bool {
    use std::os::unix::process::ExitStatusExt as _;
    status.signal() == Some(libc::SIGXCPU)
}

#[cfg(not(target_os = "linux"))]
const fn ran_out_of_time(_status: ExitStatus) -> bool {
    false
}

#[cfg(unix)]
#[cfg(test)]
mod tests;
