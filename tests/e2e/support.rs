//! Running other programs.

use std::ffi::OsStr;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

/// Tells whether all `programs` are there.
///
/// Where one is missing, the test that asked is skipped and says so; on CI it fails, so that no
/// test is skipped there for ever.
pub(crate) fn present(programs: &[&str]) -> bool {
    let starts = |program: &&&str| Command::new(program).arg("--version").output().is_ok();
    let missing: Vec<_> = programs.iter().filter(|program| !starts(program)).collect();
    if !missing.is_empty() {
        skipped(&format!("these programs are not installed: {missing:?}"));
    }
    missing.is_empty()
}

/// Returns a folder of the cache in which `.ci/setup` installs a list of packages; nothing, and a
/// word about it, where they are not installed.
#[expect(clippy::disallowed_methods, reason = "the cache is named by the environment")]
pub(crate) fn installed(folder: &str) -> Option<PathBuf> {
    let of_user = || Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache/registry-tests"));
    let cache = std::env::var_os("REGISTRY_TEST_CACHE").map(PathBuf::from).or_else(of_user)?;
    let folder = cache.join(folder);
    if folder.join("installed-from").is_file() {
        return Some(folder);
    }
    skipped(&format!("{} is missing: `.ci/setup` installs it", folder.display()));
    None
}

/// Holds a SARIF log against the official schema, where that is installed.
pub(crate) fn assert_sarif(log: &str) {
    let Some(packages) = installed("linters") else { return };
    if !present(&["node"]) {
        return;
    }
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/e2e/hosting/sarif.cjs");
    let mut node = Command::new("node");
    node.arg(script).env("NODE_PATH", packages.join("node_modules"));
    let mut child =
        node.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(log.as_bytes()).unwrap();
    let said = child.wait_with_output().unwrap();
    assert!(said.status.success(), "{log}\n{}", String::from_utf8_lossy(&said.stderr));
}

/// Says that a test is skipped, and why; on CI it fails instead.
#[expect(clippy::print_stderr, reason = "a skipped test has to be seen")]
#[expect(clippy::disallowed_methods, reason = "CI is known by its environment")]
pub(crate) fn skipped(why: &str) {
    assert!(std::env::var("CI").as_deref() != Ok("true"), "needed on CI: {why}");
    eprintln!("skipped: {why}");
}

/// Runs a program with `input` and returns how it ended and what it wrote.
pub(crate) fn run<A: AsRef<OsStr>>(program: &str, args: &[A], input: &[u8]) -> Output {
    let mut child = Command::new(program)
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    child.wait_with_output().unwrap()
}

/// Runs a program that has to succeed and returns what it wrote to its standard output.
pub(crate) fn output<A: AsRef<OsStr>>(program: &str, args: &[A], input: &[u8]) -> Vec<u8> {
    let output = run(program, args, input);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} failed: {said}");
    output.stdout
}
