//! The worker's own side.

use std::io::{self, Write as _};
use std::thread;

use super::confine::{Allowance, confine};
use super::message::{Message, decode};
use crate::scan::examine::examine;
use crate::scan::gates::SOURCE;
use crate::scan::rules::RuleSet;

/// Stack for each byte of the largest source file. Parsers and what walks their trees need it for
/// input that only looks for the end of the stack; it costs nothing until it is used. Without
/// optimisation they need several times as much.
const STACK_PER_BYTE: usize = if cfg!(debug_assertions) { 1024 } else { 128 };

/// The least stack.
const LEAST_STACK: usize = 64 << 20;

/// Returns the stack for a file of `largest` bytes.
pub(super) fn stack(largest: usize) -> usize {
    largest.min(SOURCE).saturating_mul(STACK_PER_BYTE).max(LEAST_STACK)
}

/// Shuts itself in, reads a package from standard input, and answers on standard output.
///
/// `largest` and `total` are the sizes of the largest file and of all files.
pub fn run(largest: usize, total: usize) -> io::Result<()> {
    end_with_parent()?;
    let allowance = Allowance::of(stack(largest), total);
    apart(stack(largest), || {
        let isolation = confine(allowance);
        let (sources, files) = decode(&mut io::stdin().lock())?;
        let rules = RuleSet::from_sources(sources).map_err(io::Error::other)?;
        let examined = examine(&files, &rules, |path| say(&Message::Begin(path.to_owned())));
        say(&Message::Done(examined, isolation));
        Ok(())
    })
}

/// Nobody waits for the worker of a program that was ended.
#[cfg(target_os = "linux")]
fn end_with_parent() -> io::Result<()> {
    Ok(rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL))?)
}

#[cfg(not(target_os = "linux"))]
const fn end_with_parent() -> io::Result<()> {
    Ok(())
}

/// Works in a thread with a large stack. It is there before the walls are, and the only one: from
/// then on there are no further threads.
pub(super) fn apart(stack: usize, work: impl FnOnce() -> io::Result<()> + Send) -> io::Result<()> {
    thread::scope(|scope| {
        let worker = thread::Builder::new().stack_size(stack).spawn_scoped(scope, work)?;
        worker.join().map_err(|_panic| io::Error::other("the analysis panicked"))?
    })
}

/// Answers; if nobody listens, there is nothing left to do.
fn say(message: &Message) {
    let Ok(mut line) = serde_json::to_string(message) else { return };
    line.push('\n');
    let mut out = io::stdout().lock();
    drop(out.write_all(line.as_bytes()).and_then(|()| out.flush()));
}
