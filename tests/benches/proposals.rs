//! What judging a pull request costs beside Git's own comparison of the two commits:
//! `cargo build --release -p registry-tool && cargo bench -p e2e --bench proposals [-- PLUGINS|DIR]`.
//!
//! In a made registry (10,000 plugins unless told otherwise, or DIR, which the corpus maker filled)
//! two pull requests are made: one adds a release to a plugin that is there, the other the first
//! release of a new name. Each is judged as a whole process, without its archive, and so is
//! `git diff --name-only` of the same two commits, by turns; what is said is the median.

#![expect(clippy::unwrap_used, reason = "a measurement that cannot go on says so by panicking")]
#![expect(clippy::indexing_slicing, reason = "the same")]
#![expect(clippy::print_stdout, reason = "the result")]
#![expect(clippy::disallowed_methods, reason = "files of its own, and the time of signatures")]

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use e2e::corpus::{Options, Size, make};
use serde_json::Value;

/// How often each process is run.
const RUNS: usize = 21;

fn main() {
    let argument = std::env::args().skip(1).find(|word| !word.starts_with("--"));
    let made = tempfile::tempdir().unwrap();
    let folder = match argument.as_deref().map(|word| (word, word.parse::<usize>())) {
        Some((folder, Err(_))) => PathBuf::from(folder),
        number => {
            let plugins = number.map_or(10_000, |(_, count)| count.unwrap());
            let size = Size { plugins, releases: Some(plugins * 6 / 5), publishers: None };
            let options = Options {
                size,
                seed: 1,
                data: None,
                releases_per_commit: 200,
                archives: false,
                repack: true,
            };
            make(&options, made.path()).unwrap();
            made.path().to_owned()
        }
    };
    let bench = Bench { index: folder.join("index"), keys: folder.join("keys/publishers") };
    let known = bench.a_release();
    println!("| a pull request with | git diff | validate | ratio | |\n|---|---:|---:|---:|---|");
    for (what, name) in [("a release", None), ("a new name", Some("zenith-gazette"))] {
        let head = bench.propose(&known, name, made.path());
        let (git, ours) = bench.measure(&head);
        let ratio = ours.as_secs_f64() / git.as_secs_f64();
        let said = bench.judge(&head).1;
        println!("| {what} | {git:.1?} | {ours:.1?} | {ratio:.1} | {} |", said.trim());
    }
}

/// A registry, and the keys of its publishers.
struct Bench {
    index: PathBuf,
    keys: PathBuf,
}

impl Bench {
    /// Finds the path of a release whose publisher's key is here.
    fn a_release(&self) -> String {
        let paths = self.git(&["ls-tree", "-r", "--name-only", "HEAD", "plugins/"], b"");
        let mut paths = paths.lines().filter(|path| !path.contains("/status/"));
        paths.find(|path| self.key(path).is_file()).unwrap().to_owned()
    }

    fn key(&self, release: &str) -> PathBuf {
        let mut parts = release.split('/').skip(1);
        let (shard, publisher) = (parts.next().unwrap(), parts.next().unwrap());
        self.keys.join(shard).join(format!("{publisher}.asc"))
    }

    /// Commits, on no branch, another release of a plugin, or the first of another name.
    fn propose(&self, release: &str, name: Option<&str>, work: &Path) -> String {
        let statement = self.git(&["show", &format!("HEAD:{release}")], b"");
        let (document, _) = statement.split_once("-----BEGIN").unwrap();
        let mut document: Value = serde_json::from_str(document).unwrap();
        let publisher = release.split('/').nth(2).unwrap();
        let mut folder = release.rsplit_once('/').unwrap().0.to_owned();
        if let Some(name) = name {
            document["id"] = format!("{publisher}/{name}").into();
            let above = folder.split('/').take(3).collect::<Vec<_>>().join("/");
            let letters: String = name.chars().take(2).collect();
            folder = format!("{above}/{letters}/{name}");
        }
        document["version"] = "99.0.0".into();
        let draft = work.join("99.0.0.json");
        std::fs::write(&draft, format!("{document:#}\n")).unwrap();
        let key = self.key(release);
        let words = ["sign", draft.to_str().unwrap(), "--key", key.to_str().unwrap()];
        let signed = Command::new(tool()).args(words).output().unwrap();
        assert!(signed.status.success(), "{}", String::from_utf8_lossy(&signed.stderr));
        let signed = std::fs::read(work.join("99.0.0.signed")).unwrap();
        let blob = self.git(&["hash-object", "-w", "--stdin"], &signed);
        self.git(&["read-tree", "HEAD"], b"");
        let entry = format!("100644,{},{folder}/99.0.0.signed", blob.trim());
        self.git(&["update-index", "--add", "--cacheinfo", &entry], b"");
        let tree = self.git(&["write-tree"], b"");
        let commit = ["commit-tree", tree.trim(), "-p", "HEAD", "-m", "Propose"];
        self.git(&commit, b"").trim().to_owned()
    }

    /// Returns the medians for Git and for us, one run after the other.
    fn measure(&self, head: &str) -> (Duration, Duration) {
        let (mut git, mut ours) = (Vec::new(), Vec::new());
        for _ in 0..RUNS {
            let begun = Instant::now();
            self.git(&["diff", "--name-only", "HEAD", head], b"");
            git.push(begun.elapsed());
            ours.push(self.judge(head).0);
        }
        git.sort();
        ours.sort();
        (git[RUNS / 2], ours[RUNS / 2])
    }

    /// Judges, and returns how long it took and how much was read.
    fn judge(&self, head: &str) -> (Duration, String) {
        let begun = Instant::now();
        let judged = Command::new(tool())
            .args(["validate", "--base", "HEAD", "--head", head, "--archives", "/nonexistent"])
            .args(["--format", "json", "--index"])
            .arg(&self.index)
            .output()
            .unwrap();
        (begun.elapsed(), String::from_utf8(judged.stderr).unwrap())
    }

    /// Runs Git with an index of its own, so that no work tree matters.
    fn git(&self, words: &[&str], input: &[u8]) -> String {
        let mut child = Command::new("git")
            .args(words)
            .current_dir(&self.index)
            .env("GIT_INDEX_FILE", "bench-index")
            .envs([("GIT_AUTHOR_NAME", "Bench"), ("GIT_AUTHOR_EMAIL", "bench@example.org")])
            .envs([("GIT_COMMITTER_NAME", "Bench"), ("GIT_COMMITTER_EMAIL", "bench@example.org")])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "git {words:?}");
        String::from_utf8(output.stdout).unwrap()
    }
}

/// The program that `cargo build --release` makes, beside this one.
fn tool() -> PathBuf {
    let here = std::env::current_exe().unwrap();
    here.ancestors().nth(2).unwrap().join("registry-tool")
}
