//! The worker of the scanner: that its walls stand, that its limits end it, and that whatever ends
//! it is a finding that names the file.

use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::Output;

use crate::support::run;
use crate::world::{program, write};

/// The number of the signal SIGXCPU.
const OUT_OF_TIME: i32 = 24;

fn tool(args: &[&str], input: &[u8]) -> Output {
    run(program("registry-tool").to_str().unwrap(), args, input)
}

fn self_test(name: &str, input: &[u8]) -> Output {
    let size = input.len().to_string();
    tool(&["scan-worker", &size, "0", "--self-test", name], input)
}

/// Scans a folder; the verdict's text.
fn scan(folder: &Path) -> String {
    let output = tool(&["scan", folder.to_str().unwrap()], b"");
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap()
}

#[test]
fn inside_the_walls_nothing_opens_connects_or_starts() {
    let output = self_test("walls", b"");
    let found: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let found = found.as_object().unwrap();
    let isolation = found["isolation"].as_str().unwrap();
    if !isolation.contains("(seccomp)") || isolation.contains("MISSING") {
        return crate::support::skipped(&format!("the kernel lacks a wall: {isolation}"));
    }
    let tries = found.iter().filter(|(name, _)| *name != "isolation");
    let got_out: Vec<_> = tries.clone().filter(|(_, outcome)| *outcome != "refused").collect();
    assert!(got_out.is_empty(), "{got_out:?}");
    assert_eq!(tries.count(), 10);
}

#[test]
fn the_report_says_which_walls_stood() {
    let folder = tempfile::tempdir().unwrap();
    write(&folder.path().join("a.py"), b"import os\nos.system('x')\n");
    let text = scan(folder.path());
    assert!(text.contains("in a process of its own, limited memory and processor time"), "{text}");
}

#[cfg(target_os = "linux")]
#[test]
fn stack_memory_and_processor_time_end() {
    let abort = 6;
    assert_eq!(self_test("stack", b"").status.signal(), Some(abort));
    assert_eq!(self_test("memory", b"").status.signal(), Some(abort));
    assert_eq!(self_test("time", b"").status.signal(), Some(OUT_OF_TIME));
}

#[test]
fn the_stack_is_enough_for_whatever_the_gates_might_let_through() {
    let size = 64 * 1024;
    let repeated = |part: &str| part.repeat(size / part.len());
    let around =
        |before: &str, part: &str, after: &str| format!("{before}{}{after}", repeated(part));
    let nested = |open: &str, middle: &str, close: &str| {
        let count = size / (open.len() + close.len());
        format!("x = {}{middle}{}\n", open.repeat(count), close.repeat(count))
    };
    let sources = [
        around("x = ", "(", ""),
        around("x = ", "[*", ""),
        around("x = ", "{", ""),
        around("x = ", "not ", "y"),
        around("x = ", "-", "y"),
        around("x = a", ".b", ""),
        around("x = a", "()", ""),
        around("x = a", "[0]", ""),
        around("x = 1", "+1", ""),
        around("x = 1", "**1", ""),
        around("x = 1", " .. 1", ""),
        around("x = a", " and a", ""),
        around("x = ", "lambda: ", "1"),
        around("", "if a:\n pass\nel", "if b: pass"),
        around("if a then ", "elseif a then ", "end"),
        around("", "do ", ""),
        around("", "function f() ", ""),
        around("x = ", "function() return ", ""),
        nested("(", "1", ")"),
        nested("[", "1", "]"),
        nested("{", "1", "}"),
        nested("a(", "1", ")"),
        nested("a[", "1", "]"),
    ];
    for source in sources {
        let output = self_test("parse", source.as_bytes());
        let start: String = source.chars().take(20).collect();
        // Who runs out of memory says so, who runs out of time is ended; who runs out of stack
        // is killed.
        let signal = output.status.signal().filter(|signal| *signal != OUT_OF_TIME);
        assert_eq!(signal, None, "{start:?}… ended with {}", output.status);
    }
}
