//! Proving that the walls stand: a worker that shuts itself in and then tries to get out.
//!
//! Tests run it, and whoever doubts: `registry-tool scan-worker 0 0 --self-test walls`.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::hint::black_box;
use std::io::{self, Read as _, Write as _};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::process::Command;
use std::thread;

use super::child::{apart, stack};
use super::confine::{Allowance, confine};
use crate::scan::frontend::{self, SourceFile};
use crate::scan::gates::SOURCE;

/// What a worker tries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum SelfTest {
    /// To get out: files, network, programs, threads. Prints what came of each.
    Walls,
    /// To use up the stack.
    Stack,
    /// To use up the memory.
    Memory,
    /// To use up the processor time, of which it gets a second.
    Time,
    /// To parse standard input as every language, without the gates.
    Parse,
}

/// Shuts the process in and tries to get out; with what a file of `largest` bytes gets.
pub fn self_test(test: SelfTest, largest: usize) -> io::Result<()> {
    let stack = stack(largest);
    let mut allowance = Allowance::of(stack, SOURCE);
    if test == SelfTest::Time {
        allowance.seconds = 1;
    }
    apart(stack, || {
        let isolation = confine(allowance);
        match test {
            SelfTest::Walls => return print(&walls(isolation)),
            SelfTest::Stack => drop(black_box(descend(0))),
            SelfTest::Memory => drop(black_box(hoard())),
            SelfTest::Time => spin(),
            SelfTest::Parse => return parse(),
        }
        Ok(())
    })
}

fn print(found: &BTreeMap<&str, String>) -> io::Result<()> {
    let text = serde_json::to_string_pretty(found).map_err(io::Error::other)?;
    io::stdout().write_all(format!("{text}\n").as_bytes())
}

fn walls(isolation: String) -> BTreeMap<&'static str, String> {
    let program = "/proc/self/exe";
    let made = "/tmp/registry-tool-self-test";
    let mut found = BTreeMap::from([
        ("read a file", outcome(File::open(program))),
        ("make a file", outcome(File::create(made).and_then(|_| fs::remove_file(made)))),
        ("look at a file", outcome(fs::metadata("/"))),
        ("list a folder", outcome(fs::read_dir("/"))),
        ("connect by TCP", outcome(TcpStream::connect("127.0.0.1:9"))),
        ("listen by TCP", outcome(TcpListener::bind("127.0.0.1:0"))),
        ("use UDP", outcome(UdpSocket::bind("127.0.0.1:0"))),
        ("start a program", outcome(Command::new("/bin/true").status())),
        ("start a thread", outcome(thread::Builder::new().spawn(|| ()).map(drop))),
    ]);
    #[cfg(unix)]
    {
        let socket = std::os::unix::net::UnixStream::connect("/run/nothing");
        found.insert("connect to a socket", outcome(socket));
    }
    found.insert("isolation", isolation);
    found
}

/// What came of a try: only a refusal for want of permission is one by a wall.
fn outcome<T>(result: io::Result<T>) -> String {
    match result {
        Ok(_) => "allowed".to_owned(),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => "refused".to_owned(),
        Err(error) => format!("failed: {error}"),
    }
}

#[expect(unconditional_recursion, reason = "the end of the stack is what is looked for")]
fn descend(depth: u64) -> u64 {
    black_box([depth; 64]).iter().sum::<u64>() + descend(black_box(depth + 1))
}

fn hoard() -> Vec<Vec<u8>> {
    let mut hoard = Vec::new();
    loop {
        hoard.push(black_box(vec![1; 1 << 24]));
    }
}

fn spin() {
    let mut number = 0_u64;
    loop {
        number = black_box(number.wrapping_add(1));
    }
}

/// The stack has to be enough for every file that is not too large, whatever the gates let through.
fn parse() -> io::Result<()> {
    let mut bytes = Vec::new();
    io::stdin().take(u64::try_from(SOURCE).unwrap_or(0)).read_to_end(&mut bytes)?;
    let mut found = BTreeMap::new();
    for frontend in frontend::ALL {
        let file = SourceFile { path: "standard input", bytes: &bytes };
        let facts = frontend.lower(&file);
        let outcome = facts.map_or_else(
            |error| format!("unparsable: {error}"),
            |facts| format!("{} expressions", facts.exprs.len()),
        );
        found.insert(frontend.language().name, outcome);
    }
    print(&found)
}
