//! Real repositories in temporary folders, made by the git program, which is also the oracle.

#![expect(clippy::disallowed_methods, reason = "these files are the test's own")]

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// A repository that is removed when the test ends.
pub(crate) struct Scratch {
    home: TempDir,
}

impl Scratch {
    /// Makes an empty repository with the branch `main`.
    pub(crate) fn new() -> Self {
        let scratch = Self::empty();
        scratch.git("init --quiet --initial-branch=main .");
        scratch
    }

    /// Makes a folder that is no repository.
    pub(crate) fn empty() -> Self {
        Self { home: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn dir(&self) -> &Path {
        self.home.path()
    }

    /// Runs git with words that hold no spaces and returns what it prints.
    pub(crate) fn git(&self, words: &str) -> String {
        let words: Vec<&str> = words.split_whitespace().collect();
        String::from_utf8(self.git_with(&words, 1_700_000_000, b"")).unwrap()
    }

    /// Runs git at a given time.
    pub(crate) fn git_at(&self, seconds: i64, words: &str) -> String {
        let words: Vec<&str> = words.split_whitespace().collect();
        String::from_utf8(self.git_with(&words, seconds, b"")).unwrap()
    }

    /// Runs git with input and returns what it prints.
    pub(crate) fn git_with(&self, words: &[&str], seconds: i64, input: &[u8]) -> Vec<u8> {
        let mut child = Command::new("git")
            .args(words)
            .current_dir(self.dir())
            .env_remove("GIT_DIR")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_AUTHOR_NAME", "Ada Author")
            .env("GIT_AUTHOR_EMAIL", "ada@example.org")
            .env("GIT_AUTHOR_DATE", format!("@{seconds} +0200"))
            .env("GIT_COMMITTER_NAME", "Carl Committer")
            .env("GIT_COMMITTER_EMAIL", "carl@example.org")
            .env("GIT_COMMITTER_DATE", format!("@{seconds} +0200"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let input = input.to_owned();
        let writer = std::thread::spawn(move || stdin.write_all(&input));
        let output = child.wait_with_output().unwrap();
        writer.join().unwrap().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "git {words:?}: {errors}");
        output.stdout
    }

    pub(crate) fn write(&self, path: &str, bytes: impl AsRef<[u8]>) {
        let path = self.dir().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    pub(crate) fn read(&self, path: &str) -> Vec<u8> {
        fs::read(self.dir().join(path)).unwrap()
    }

    /// Writes a file and commits it, at a time.
    pub(crate) fn commit(&self, seconds: i64, path: &str, bytes: impl AsRef<[u8]>) {
        self.write(path, bytes);
        self.git(&format!("add {path}"));
        self.git_at(seconds, &format!("commit --quiet -m {path}"));
    }

    /// Commits files on `main` through `fast-import`, which packs them with long delta chains.
    pub(crate) fn import(&self, files: &[(String, String)]) {
        let mut stream = String::from("commit refs/heads/main\nmark :1\n");
        stream += "committer Carl Committer <carl@example.org> 1700000000 +0000\ndata 0\n";
        if !self.git("for-each-ref refs/heads/main").is_empty() {
            stream += "from refs/heads/main^0\n";
        }
        for (path, text) in files {
            stream += &format!("M 100644 inline {path}\ndata {}\n{text}\n", text.len());
        }
        let words = ["-c", "fastimport.unpackLimit=0", "fast-import", "--quiet"];
        self.git_with(&words, 0, stream.as_bytes());
    }
}

/// Makes manifests that resemble each other.
pub(crate) fn manifests(publisher: &str, count: usize) -> Vec<(String, String)> {
    let manifest = |number: usize| {
        let path = format!("plugins/{publisher}/tool-{}/{number}.0.0.signed", number % 17);
        let words: Vec<String> =
            (0..60).map(|word| format!("{publisher}{}", word * word)).collect();
        (path, format!("{{\"version\":\"{number}.0.0\",\"keywords\":{words:?}}}\n"))
    };
    (0..count).map(manifest).collect()
}
