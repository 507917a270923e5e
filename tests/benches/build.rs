//! Where a build spends its time: `cargo bench -p e2e --bench build [-- RELEASES]`.
//!
//! A made registry (10,000 releases unless a number is given) is read, judged, compiled and
//! written, each stage timed on all cores. Beside that, the signatures alone are verified on all
//! cores, in a process of their own, because the library remembers those that it has seen: the last
//! column says how much of the build that is.

#![expect(clippy::unwrap_used, reason = "a measurement that cannot go on says so by panicking")]
#![expect(clippy::print_stdout, reason = "the result")]

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use e2e::corpus::{Options, Size, make};
use libral::openpgp::{Certificate, Keyring, verify};
use rayon::prelude::*;
use registry_tool::compile::compile;
use registry_tool::judge::judge;
use registry_tool::output::write_all;
use registry_tool::repository::at_revision;
use registry_tool::submission::Content;

/// Says, in the arguments, that this is the process that verifies signatures alone.
const SIGNATURES: &str = "--signatures-of";

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.as_slice() {
        [flag, index] if flag == SIGNATURES => verify_only(Path::new(index)),
        _ => measure(arguments.iter().find_map(|word| word.parse().ok()).unwrap_or(10_000)),
    }
}

fn measure(releases: usize) {
    let folder = tempfile::tempdir().unwrap();
    let size = Size { plugins: releases.div_ceil(8), releases: Some(releases), publishers: None };
    let options = Options {
        size,
        seed: 1,
        data: None,
        releases_per_commit: 200,
        archives: false,
        repack: true,
    };
    make(&options, folder.path()).unwrap();
    let index = folder.path().join("index");
    let output = Command::new(std::env::current_exe().unwrap())
        .arg(SIGNATURES)
        .arg(&index)
        .output()
        .unwrap();
    let signatures: f64 = String::from_utf8(output.stdout).unwrap().trim().parse().unwrap();
    let (snapshot, read) = timed(|| at_revision(&index, "HEAD").unwrap());
    let (judged, judging) = timed(|| judge(snapshot.files));
    let counted = judged.index.unwrap();
    let (files, compiling) = timed(|| compile(&counted, &snapshot.origin, &judged.findings));
    let (_, writing) = timed(|| write_all(&folder.path().join("public"), &files).unwrap());
    let total = read + judging + compiling + writing;
    println!("| releases | files | read | judge | compile | write | total | signatures alone |");
    println!("|---:|---:|---:|---:|---:|---:|---:|---:|");
    println!(
        "| {releases} | {} | {:.2} s | {:.2} s | {:.2} s | {:.2} s | {:.2} s | {signatures:.2} s ({:.0} %) |",
        files.len(),
        read.as_secs_f64(),
        judging.as_secs_f64(),
        compiling.as_secs_f64(),
        writing.as_secs_f64(),
        total.as_secs_f64(),
        100.0 * signatures / total.as_secs_f64(),
    );
}

/// Verifies the signature of every release, and nothing else.
fn verify_only(index: &Path) {
    let files = at_revision(index, "HEAD").unwrap().files;
    let mut keyrings = BTreeMap::new();
    let mut releases = Vec::new();
    for submission in files.into_iter().flatten() {
        match submission.content {
            Content::Publisher(record) => {
                let entries = record.document.certificates.iter();
                let parse = |armored: &str| Certificate::parse(armored.as_bytes()).unwrap();
                let keyring: Keyring = entries.map(|e| parse(e.certificate.as_str())).collect();
                keyrings.insert(record.document.id, keyring);
            }
            Content::Release(statement) => releases.push((statement, submission.accepted)),
            Content::Registry(_)
            | Content::Status(_)
            | Content::Objection(_)
            | Content::PublisherStatus(_)
            | Content::Advisory(_)
            | Content::Approval(_)
            | Content::Handover(_)
            | Content::Removal(_)
            | Content::Metadata(_) => {}
        }
    }
    let (_, duration) = timed(|| {
        releases.par_iter().for_each(|(statement, accepted)| {
            let keyring = keyrings.get(&statement.document.id.publisher);
            let keyring = keyring.expect("every release of the corpus has a publisher");
            verify(statement.signed_bytes(), statement.signatures(), keyring, *accepted).unwrap();
        });
    });
    println!("{}", duration.as_secs_f64());
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    (work(), start.elapsed())
}
