//! A registry of one's own: keys, index repository, archives, published folder and a client's home
//! in a temporary folder, made by the two programs as people call them.
//!
//! ```text
//! keys/        maintainer, lab, … with their certificates; root/ and online/ of the TUF roles
//! sources/     the folders of plugins
//! packed/      what `pack` and `sign` made of each
//! dist/        all archives
//! index/       the index repository
//! public/      what is published
//! home/        the client's state
//! ```
//!
//! Commands are written as a person types them and run in that folder, so a test reads like a
//! transcript. The clock is the world's: it goes a minute further with every commit.
//!
//! The programs are those that lie beside the tests: `cargo test --workspace` builds them first.

mod beginning;
mod files;
mod forge;
mod plugin;
mod programs;
mod servers;

use std::cell::Cell;
use std::path::{Path, PathBuf};

use index_schema::time::Timestamp;
use serde::Deserialize;
use snapbox::cmd::{Command, OutputAssert};
use tempfile::TempDir;

pub(crate) use self::beginning::Beginning;
pub(crate) use self::files::{Listing, copy, listing, read, write};
pub(crate) use self::forge::canonical;
pub(crate) use self::plugin::Plugin;
pub(crate) use self::programs::{program, words};
pub(crate) use self::servers::{Nginx, Preview};

/// When worlds begin.
const BEGINNING: &str = "2026-06-01T12:00:00Z";

/// A registry of one's own.
pub(crate) struct World {
    dir: TempDir,
    now: Cell<Timestamp>,
}

/// What a validator said, as its JSON report has it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Report {
    pub(crate) verdict: String,
    pub(crate) findings: Vec<Found>,
    pub(crate) changes: Vec<String>,
}

/// A finding, as the JSON report has it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Found {
    pub(crate) fingerprint: String,
    pub(crate) code: String,
    pub(crate) level: String,
    pub(crate) path: String,
    pub(crate) line: Option<usize>,
    pub(crate) column: Option<usize>,
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
}

impl Report {
    /// Returns the codes of the findings, in order.
    pub(crate) fn codes(&self) -> Vec<&str> {
        self.findings.iter().map(|finding| finding.code.as_str()).collect()
    }
}

impl World {
    /// Founds a registry, with the keys of its roles and one approved publisher, `lab`.
    pub(crate) fn new() -> Self {
        let world = Self::founded("demo");
        world.join("lab");
        world
    }

    /// Founds a registry without publishers.
    pub(crate) fn founded(id: &str) -> Self {
        Self::founded_at(Timestamp::parse(BEGINNING).unwrap(), id)
    }

    /// Founds a registry at some time.
    pub(crate) fn founded_at(time: Timestamp, id: &str) -> Self {
        Self::founded_on(time, id, "none")
    }

    /// Founds a registry, with one approved publisher, `lab`, and the automation of a code host.
    pub(crate) fn hosted(hosting: &str) -> Self {
        let world = Self::founded_on(Timestamp::parse(BEGINNING).unwrap(), "demo", hosting);
        world.join("lab");
        world
    }

    fn founded_on(time: Timestamp, id: &str, hosting: &str) -> Self {
        let world = Self::empty_at(time);
        world.key("maintainer");
        let rest = format!("--title Demo --key keys/maintainer --hosting {hosting}");
        world.tool(&format!("init index --id {id} {rest}")).code(0);
        world.hold_ceremony("");
        world
    }

    /// A folder and a clock, and nothing else.
    pub(crate) fn empty_at(time: Timestamp) -> Self {
        let dir = tempfile::Builder::new().prefix("registry-").tempdir().unwrap();
        Self { dir, now: Cell::new(time) }
    }

    /// Makes the keys of the registry's roles, and what is signed offline.
    pub(crate) fn hold_ceremony(&self, options: &str) {
        let keys = "--root-keys keys/root --online-keys keys/online";
        self.tool(&format!("key ceremony --index index {keys} {options}")).code(0);
        self.commit("Keep the key ceremony");
    }

    /// A folder with nothing in it, when worlds begin.
    pub(crate) fn empty_at_beginning() -> Self {
        Self::empty_at(Timestamp::parse(BEGINNING).unwrap())
    }

    /// Lets a publisher in, as it and a maintainer would.
    pub(crate) fn join(&self, id: &str) {
        self.key(id);
        self.join_with(id, &format!("--cert keys/{id}.pub --key keys/{id}"));
    }

    /// Lets a publisher in with keys that are there.
    pub(crate) fn join_with(&self, id: &str, keys: &str) {
        self.tool(&format!("publisher new {id} --index index {keys}")).code(0);
        let report = self.check();
        assert_eq!(report.verdict, "review", "{report:?}");
        self.approve(&report.findings);
        self.accept("Let a publisher in");
    }

    /// Approves findings as the maintainer.
    pub(crate) fn approve(&self, findings: &[Found]) {
        let named = findings.iter().map(|finding| format!("--finding {} ", finding.fingerprint));
        let named: String = named.collect();
        let rest = "--reason 'seen and known' --key keys/maintainer --index index";
        self.tool(&format!("approve {named} {rest}")).code(0);
    }

    /// Makes an OpenPGP key: `keys/NAME` and `keys/NAME.pub`.
    pub(crate) fn key(&self, name: &str) {
        let user = format!("{name} <{name}@example.org>");
        self.tool(&format!("key new --user-id '{user}' --out keys/{name}")).code(0);
    }

    /// Publishes a plugin the whole way: packs, signs and adds it, has it judged, and merges it.
    pub(crate) fn publish(&self, plugin: Plugin) {
        self.propose(plugin);
        self.accept("Publish a plugin");
    }

    /// Packs, signs and adds a plugin to the work tree of the index; returns its path there.
    pub(crate) fn propose(&self, plugin: Plugin) -> String {
        let signed = self.sign(&self.pack(&plugin), plugin.publisher());
        self.add(&signed)
    }

    /// Packs a plugin and returns the path of its manifest.
    pub(crate) fn pack(&self, plugin: &Plugin) -> String {
        let folder = plugin.folder();
        plugin.write(&self.path("sources").join(&folder));
        // Nobody listens there: what is installed comes from the registry's own mirror.
        let url = "https://127.0.0.1:1/{file}";
        self.tool(&format!("pack sources/{folder} --out packed/{folder} --url {url}")).code(0);
        let archive = plugin.archive();
        copy(&self.path("packed").join(&folder).join(&archive), &self.path("dist").join(&archive));
        format!("packed/{folder}/{}.json", plugin.version())
    }

    /// Signs a document with the key of somebody, and returns the path of the statement.
    pub(crate) fn sign(&self, document: &str, who: &str) -> String {
        self.tool(&format!("sign {document} --key keys/{who}")).code(0);
        let stem = document.strip_suffix(".json").or_else(|| document.strip_suffix(".signed"));
        format!("{}.signed", stem.unwrap())
    }

    /// Adds a statement to the work tree of the index and returns its path there.
    pub(crate) fn add(&self, statement: &str) -> String {
        let added = self.tool(&format!("add {statement} --index index")).code(0);
        stdout(&added).trim_end().to_owned()
    }

    /// Merges what the work tree of the index adds, which has to be acceptable.
    pub(crate) fn accept(&self, message: &str) {
        let report = self.check();
        assert_eq!((report.verdict.as_str(), &report.findings[..]), ("accepted", &[][..]));
        self.commit(message);
    }

    /// Has the work tree of the index judged.
    pub(crate) fn check(&self) -> Report {
        self.report("check --index index --archives dist --format json")
    }

    /// Commits the work tree of the index as a pull request would, on no branch, and returns its id.
    pub(crate) fn pull_request(&self) -> String {
        self.git("add --all");
        self.pull_request_of_index()
    }

    /// Commits what is staged as a pull request would, on no branch, and returns its id.
    pub(crate) fn pull_request_of_index(&self) -> String {
        let tree = self.git("write-tree");
        self.git("reset --quiet");
        self.pull_request_with(tree.trim())
    }

    /// Commits a tree as a pull request would, on no branch, and returns its id.
    pub(crate) fn pull_request_with(&self, tree: &str) -> String {
        self.git(&format!("commit-tree {tree} -p HEAD -m Propose")).trim().to_owned()
    }

    /// Has a pull request judged, as it would be merged into the branch that is checked out.
    pub(crate) fn judge(&self, head: &str) -> Report {
        let options = "--index index --archives dist --format json";
        self.report(&format!("validate --base HEAD --head {head} {options}"))
    }

    /// Has the work tree of the index judged and refused for exactly this.
    pub(crate) fn assert_refused(&self, codes: &[&str]) -> Report {
        let report = self.check();
        assert_eq!(report.codes(), codes, "{report:#?}");
        assert_eq!(report.verdict, "refused");
        // As a pull request, it is refused for the same.
        let proposed = self.judge(&self.pull_request());
        assert_eq!(proposed.findings, report.findings);
        report
    }

    /// Runs a validator that reports in JSON. Few plugins of tests need what they ask for: that
    /// they do not is left out.
    pub(crate) fn report(&self, command: &str) -> Report {
        let output = self.tool(command);
        let text = stdout(&output);
        let mut report: Report = serde_json::from_str(&text)
            .unwrap_or_else(|error| panic!("{error}: {:?}", output.get_output()));
        report.findings.retain(|finding| finding.code != "scan/unused-permission");
        let code = match report.verdict.as_str() {
            "accepted" => 0,
            "refused" => 1,
            "unjudged" => 4,
            "review" => 5,
            other => panic!("`{other}` is not a verdict"),
        };
        output.code(code);
        report
    }

    /// Builds and releases what is committed, archives included.
    pub(crate) fn release(&self) {
        self.tool("build --index index --out public --archives dist --mirror").code(0);
        let is_first = !self.path("public/metadata/timestamp.json").exists();
        let previous = if is_first { "--first" } else { "--previous public" };
        self.tool(&format!("release --public public --online-keys keys/online {previous}")).code(0);
    }

    /// Runs `registry-tool` in the world's folder, at the world's time.
    pub(crate) fn tool(&self, command: &str) -> OutputAssert {
        self.command("registry-tool", command).assert()
    }

    /// Runs `libral` in the world's folder, at the world's time.
    pub(crate) fn client(&self, command: &str) -> OutputAssert {
        self.command("libral", command).assert()
    }

    /// Trusts the published folder as the registry `demo`.
    pub(crate) fn trust(&self) {
        self.client("registry add demo public --root public/metadata/1.root.json").code(0);
    }

    /// Returns the client's state, byte for byte, folders included. Two things are left out: the
    /// cache, which may be deleted at any time and is verified whenever it is read; and the files
    /// that are locked, which are empty and made by whoever comes first.
    pub(crate) fn home(&self) -> Listing {
        let mut state = self.listing("home");
        let is_lock = |path: &str| path == "lock" || path.ends_with(".lock");
        state.retain(|path, holds| {
            let is_cache = path == "cache" || path.starts_with("cache/");
            !(is_cache || is_lock(path) && holds.is_empty())
        });
        state
    }

    /// Holds the client's state against how it was.
    #[track_caller]
    pub(crate) fn assert_home_unchanged(&self, before: &Listing) {
        assert_same("home", before, &self.home());
    }

    /// Prepares a run of one of the two programs.
    pub(crate) fn command(&self, name: &str, command: &str) -> Command {
        let now = self.now().to_string();
        Command::new(program(name))
            .args(words(command))
            .args(["--now", &now])
            .env("LIBRAL_HOME", self.path("home"))
            .current_dir(self.dir.path())
    }

    /// Commits everything in the work tree of the index, as the host of the repository would.
    pub(crate) fn commit(&self, message: &str) {
        self.git("add --all");
        self.git(&format!("commit --quiet --allow-empty --message '{message}'"));
        self.later(60);
    }

    /// Runs Git in the index repository, and returns what it printed.
    pub(crate) fn git(&self, command: &str) -> String {
        self.git_by("m@example.org", command)
    }

    /// Does so as somebody with another address.
    pub(crate) fn git_by(&self, email: &str, command: &str) -> String {
        let date = format!("{} +0000", self.now().seconds());
        let output = std::process::Command::new("git")
            .args(words(command))
            .current_dir(self.path("index"))
            .envs([("GIT_CONFIG_GLOBAL", "/dev/null"), ("GIT_CONFIG_NOSYSTEM", "1")])
            .envs([("GIT_AUTHOR_NAME", "Maintainer"), ("GIT_COMMITTER_NAME", "Maintainer")])
            .envs([("GIT_AUTHOR_EMAIL", email), ("GIT_COMMITTER_EMAIL", email)])
            .envs([("GIT_AUTHOR_DATE", &date), ("GIT_COMMITTER_DATE", &date)])
            .output()
            .expect("git is needed: an index is a Git repository");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "git {command}: {said}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Returns the world's time.
    pub(crate) fn now(&self) -> Timestamp {
        self.now.get()
    }

    /// Lets time pass, or go back.
    pub(crate) fn later(&self, seconds: i64) {
        self.now.set(self.now.get().plus(seconds));
    }

    /// Returns a place in the world's folder.
    pub(crate) fn path(&self, path: impl AsRef<Path>) -> PathBuf {
        self.dir.path().join(path)
    }

    /// Writes a file in the world's folder.
    pub(crate) fn write(&self, path: &str, bytes: impl AsRef<[u8]>) {
        write(&self.path(path), bytes.as_ref());
    }

    /// Reads a file in the world's folder.
    pub(crate) fn read(&self, path: &str) -> Vec<u8> {
        read(&self.path(path))
    }

    /// Returns every file of a folder of the world, byte for byte.
    pub(crate) fn listing(&self, folder: &str) -> Listing {
        listing(&self.path(folder))
    }

    /// Holds a folder against how it was: nothing changed, came, or went.
    #[track_caller]
    pub(crate) fn assert_unchanged(&self, folder: &str, before: &Listing) {
        assert_same(folder, before, &self.listing(folder));
    }
}

#[track_caller]
fn assert_same(folder: &str, before: &Listing, after: &Listing) {
    let paths = before.keys().chain(after.keys());
    let changed: Vec<_> = paths.filter(|path| before.get(*path) != after.get(*path)).collect();
    assert!(changed.is_empty(), "changed in `{folder}`: {changed:?}");
}

/// Returns what a program printed.
pub(crate) fn stdout(output: &OutputAssert) -> String {
    String::from_utf8(output.get_output().stdout.clone()).unwrap()
}

/// Returns what a program said besides.
pub(crate) fn stderr(output: &OutputAssert) -> String {
    String::from_utf8(output.get_output().stderr.clone()).unwrap()
}
