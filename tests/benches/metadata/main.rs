//! What a client downloads before it believes a release, and what signing a release costs:
//! `cargo bench -p e2e --bench metadata [-- PLUGINS [BINS]]`.
//!
//! A made registry (100,000 plugins with 1,000,000 releases among 1,024 bins unless told otherwise)
//! is judged and compiled publisher by publisher into a folder, without its repository, and
//! released. Its metadata then age: they are signed again with the versions that a thousand
//! releases, each with a hundred changed plugins, would have left. A client that has nothing but
//! the first root asks for a plugin of ten releases and its publisher. Then a hundred plugins get a
//! release, that one among them; the registry is released again, and the client asks again; then
//! once more, when nothing has changed. Bytes are those of `gzip -9`, file by file, as web servers
//! send them; headers are not counted.

#![expect(clippy::unwrap_used, reason = "a measurement that cannot go on says so by panicking")]
#![expect(clippy::print_stdout, reason = "the result")]

mod age;

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use e2e::corpus::{Accepted, Size, Statements};
use flate2::Compression;
use flate2::write::GzEncoder;
use index_schema::catalog::BuildList;
use index_schema::digest::Sha256Digest;
use index_schema::id::{PluginId, RegistryId};
use index_schema::json::{self, Unknown};
use index_schema::layout::{self, IndexPath};
use index_schema::limits;
use index_schema::time::{DAY, Timestamp};
use index_schema::tuf::{BinCount, Envelope, RoleName, Snapshot, plugin_target};
use libral::believe;
use libral::file::read_file;
use libral::index::{Freshness, Index};
use libral::source::cached::Cached;
use libral::source::folder::Folder;
use libral::source::{Source, SourceError};
use libral::tuf::store::Store;
use libral::tuf::update;
use rayon::prelude::*;
use registry_tool::compile::{Files, Origin, compile};
use registry_tool::judge::{self, judge};
use registry_tool::output::write_if_changed;
use registry_tool::release::{After, Previous, Signing, release};
use registry_tool::role_keys::Keys;
use registry_tool::submission::{File, read};
use registry_tool::trust::ceremony::{Elsewhere, Plan, ceremony};
use registry_tool::trust::{Lifetimes, Trust};

/// How many plugins get a release between the two states.
const CHANGED: usize = 100;
/// How often the registry was released before that.
const RELEASES: u64 = 1000;
/// How many releases the plugin has that the client asks for: as many as plugins have on average.
const OF_ASKED: usize = 10;

fn main() {
    let mut numbers = std::env::args().filter_map(|word| word.parse::<u32>().ok());
    let plugins = numbers.next().unwrap_or(100_000);
    let bins = BinCount::new(numbers.next().unwrap_or(1024)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut registry = Registry::new(usize::try_from(plugins).unwrap(), bins, folder.path());

    let compiling = Instant::now();
    registry.compile_all();
    let compiling = compiling.elapsed();
    let first = registry.release(0);
    age::age(folder.path(), bins);
    let client = Client::new(&registry, folder.path());
    let cold = client.asks(registry.now(0));
    registry.compile_changed();
    let second = registry.release(1);
    let changed = client.asks(registry.now(1));
    let unchanged = client.asks(registry.now(1));

    println!(
        "{plugins} plugins, {} releases, {bins} bins, compiled in {compiling:.0?}",
        registry.releases
    );
    println!("\n| a client | requests | bytes, compressed | bytes |");
    println!("|---|---:|---:|---:|");
    for (what, asked) in [("cold", cold), ("one plugin changed", changed), ("unchanged", unchanged)]
    {
        println!("| {what} | {} | {} | {} |", asked.len(), asked.compressed(), asked.plain());
        for (path, plain, compressed) in &asked.0 {
            println!("|   `{path}` | | {compressed} | {plain} |");
        }
    }
    let (asked, fullest) = registry.bin_sizes(&client.plugin);
    println!(
        "\nThe bin of `{}` has {asked} bytes, compressed; the fullest {fullest}.",
        client.plugin
    );
    println!("\n| a release | files signed | time |\n|---|---:|---:|");
    println!("| the first | {} | {:.2?} |", first.0, first.1);
    println!("| {CHANGED} plugins changed | {} | {:.2?} |", second.0, second.1);
}

/// A registry without a repository.
struct Registry<'f> {
    statements: Statements,
    folder: &'f Path,
    bins: BinCount,
    /// The registry record, and the metadata that are signed offline.
    offline: Vec<Accepted>,
    /// The publishers of the plugins that change.
    changing: Vec<usize>,
    targets: BTreeMap<String, Sha256Digest>,
    releases: usize,
}

impl<'f> Registry<'f> {
    fn new(plugins: usize, bins: BinCount, folder: &'f Path) -> Self {
        let size = Size { plugins, releases: Some(plugins * 10), publishers: None };
        let statements = Statements::new(&size, 1).unwrap();
        let record = statements.registry().unwrap();
        let index = judged(std::slice::from_ref(&record));
        let trust = Trust {
            registry: index.registry_links(),
            record_waits: false,
            roots: BTreeMap::new(),
            targets: BTreeMap::new(),
            taken: 0,
            void: Vec::new(),
        };
        let elsewhere = Elsewhere::default();
        let plan = Plan {
            bins,
            root_keys: 3,
            root_threshold: 2,
            elsewhere: &elsewhere,
            lifetimes: Lifetimes::default(),
            now: start(),
        };
        let keys = (folder.join("root"), folder.join("online"));
        let made = ceremony(&trust, (&keys.0, &keys.1), &plan).unwrap();
        let metadata = [(IndexPath::Root(1), made.root), (IndexPath::Targets(1), made.targets)];
        let metadata = metadata.map(|(path, bytes)| Accepted { path, bytes, time: start() });
        let stride = (statements.publishers() / CHANGED).max(1);
        let has_news =
            |place: &usize| last_of_several(&statements.of_publisher(*place).unwrap()).is_some();
        let spread = (0..statements.publishers()).step_by(stride);
        let changing = spread.filter_map(|from| (from..from + stride).find(has_news));
        Self {
            changing: changing.take(CHANGED).collect(),
            statements,
            folder,
            bins,
            offline: std::iter::once(record).chain(metadata).collect(),
            targets: BTreeMap::new(),
            releases: 0,
        }
    }

    fn public(&self) -> std::path::PathBuf {
        self.folder.join("public")
    }

    /// The time of a state.
    fn now(&self, state: i64) -> Timestamp {
        start().plus((state + 1) * DAY)
    }

    /// Compiles everybody; the newest release of one plugin of each that changes is held back.
    fn compile_all(&mut self) {
        let everybody: Vec<usize> = (0..self.statements.publishers()).collect();
        for some in everybody.chunks(512) {
            let compiled: Vec<_> = some
                .par_iter()
                .map(|place| self.compile(*place, self.changing.contains(place)))
                .collect();
            for (targets, releases) in compiled {
                self.targets.extend(targets);
                self.releases += releases;
            }
        }
    }

    fn compile_changed(&mut self) {
        let changed: Vec<_> =
            self.changing.par_iter().map(|place| self.compile(*place, false)).collect();
        self.targets.extend(changed.into_iter().flat_map(|(targets, _)| targets));
    }

    /// Compiles the plugins of one publisher into the folder, and returns their targets.
    fn compile(&self, place: usize, held_back: bool) -> (BTreeMap<String, Sha256Digest>, usize) {
        let mut all = self.statements.of_publisher(place).unwrap();
        if held_back && let Some(newest) = last_of_several(&all) {
            all.remove(newest);
        }
        let releases = all.iter().filter(|it| matches!(it.path, IndexPath::Release(..))).count();
        all.extend(self.offline.iter().take(1).cloned());
        let files = compile(&judged(&all), &origin(&self.now(0), 0), &[]);
        let public = self.public();
        for (path, bytes) in &files {
            if path.starts_with("blobs/") || path.starts_with("targets/plugins/") {
                write_if_changed(&public.join(path), bytes).unwrap();
            }
        }
        let mut targets = listed(&files);
        targets.retain(|target, _| target.starts_with("plugins/"));
        (targets, releases)
    }

    /// Writes what no publisher has, and releases; returns how many files were signed, and how
    /// long that took.
    fn release(&mut self, state: i64) -> (usize, Duration) {
        let (public, now) = (self.public(), self.now(state));
        let mut files = compile(&judged(&self.offline), &origin(&now, state), &[]);
        let mut list: BuildList = build_list(&files);
        list.targets.extend(self.targets.clone());
        files.insert(layout::BUILD_LIST.to_owned(), json::pretty(&list));
        for (path, bytes) in &files {
            write_if_changed(&public.join(path), bytes).unwrap();
        }
        let keys = Keys::load(&self.folder.join("online")).unwrap();
        let signing = Signing { keys: &keys, lifetimes: &Lifetimes::default(), now };
        let source = Folder::open(&public).unwrap();
        let Some(root) = files.get("metadata/1.root.json") else { unreachable!("compiled above") };
        let begun = Instant::now();
        let released = if state == 0 {
            release(&public, After::Nothing, &signing).unwrap()
        } else {
            let previous = Previous::load(root, &source).unwrap();
            release(&public, After::State(&previous, None), &signing).unwrap()
        };
        (released.signed.len(), begun.elapsed())
    }

    /// Returns the bytes, compressed, of the current bin of a plugin and of the fullest bin.
    fn bin_sizes(&self, plugin: &PluginId) -> (usize, usize) {
        let metadata = self.public().join("metadata");
        let read = |name: String| read_file(&metadata.join(name), limits::TUF).unwrap();
        let snapshot = read(format!("{}.snapshot.json", RELEASES + 1));
        let snapshot = Envelope::<Snapshot>::read(&snapshot, limits::TUF).unwrap().body;
        let size = |bin: &RoleName| {
            compressed(&read(format!("{}.{bin}.json", snapshot.of(bin).unwrap().version))).len()
        };
        let asked = size(&self.bins.bin_of(&plugin_target(plugin)));
        (asked, self.bins.names().map(|bin| size(&bin)).max().unwrap())
    }

    /// A plugin that changes, with as many releases as plugins have on average.
    fn changing_plugin(&self) -> PluginId {
        let of = |place: &usize| {
            let all = self.statements.of_publisher(*place).unwrap();
            let id = last_of_several(&all).and_then(|newest| released(all.get(newest)?)).unwrap();
            let releases = all.iter().filter(|each| released(each).as_ref() == Some(&id)).count();
            (releases.abs_diff(OF_ASKED), id)
        };
        self.changing.iter().map(of).min().unwrap().1
    }
}

/// Returns the place of the newest release of a plugin that has several.
fn last_of_several(all: &[Accepted]) -> Option<usize> {
    let follows = |pair: &[Accepted]| {
        pair.iter().map(released).reduce(|a, b| a.filter(|a| b.as_ref() == Some(a))).flatten()
    };
    let several = all.windows(2).find_map(follows)?;
    all.iter().rposition(|accepted| released(accepted) == Some(several.clone()))
}

/// Returns the plugin of which something is a release.
fn released(accepted: &Accepted) -> Option<PluginId> {
    let IndexPath::Release(id, _) = &accepted.path else { return None };
    Some(id.clone())
}

/// When the registry is released for the first time: after everything that the corpus says.
fn start() -> Timestamp {
    Timestamp::parse("2027-01-01T00:00:00Z").unwrap()
}

/// The commit of a state, and those before it.
fn origin(time: &Timestamp, state: i64) -> Origin {
    let commit = |number: i64| format!("{number:040x}");
    let line = (0..=state).rev().map(commit).collect();
    Origin { commit: commit(state), time: *time, line }
}

fn judged(statements: &[Accepted]) -> judge::Index {
    let files = statements.iter().map(|accepted| {
        let path = accepted.path.to_string();
        let (bytes, accepted) = (accepted.bytes.as_slice(), accepted.time);
        read(File { path: &path, bytes, accepted, is_new: false })
    });
    let judged = judge(files.collect());
    assert!(judged.findings.is_empty(), "{:?}", judged.findings);
    judged.index.unwrap()
}

fn build_list(files: &Files) -> BuildList {
    json::read(files.get(layout::BUILD_LIST).unwrap(), limits::CATALOG, Unknown::Refuse).unwrap()
}

fn listed(files: &Files) -> BTreeMap<String, Sha256Digest> {
    build_list(files).targets
}

/// What a web server sends.
fn compressed(bytes: &[u8]) -> Vec<u8> {
    let mut sent = GzEncoder::new(Vec::new(), Compression::best());
    sent.write_all(bytes).unwrap();
    sent.finish().unwrap()
}

/// What was asked for: path, bytes, and bytes as they are sent.
#[derive(Default)]
struct Asked(Vec<(String, usize, usize)>);

impl Asked {
    const fn len(&self) -> usize {
        self.0.len()
    }

    fn plain(&self) -> usize {
        self.0.iter().map(|(_, plain, _)| plain).sum()
    }

    fn compressed(&self) -> usize {
        self.0.iter().map(|(_, _, compressed)| compressed).sum()
    }
}

/// A folder that tells what was asked for.
struct Served {
    folder: Folder,
    asked: Arc<Mutex<Asked>>,
}

impl Source for Served {
    fn get(&self, path: &str, limit: usize) -> Result<Option<Vec<u8>>, SourceError> {
        let found = self.folder.get(path, limit)?;
        let bytes = found.as_deref().unwrap_or_default();
        let sent = if bytes.is_empty() { 0 } else { compressed(bytes).len() };
        self.asked.lock().unwrap().0.push((path.to_owned(), bytes.len(), sent));
        Ok(found)
    }

    fn stream(
        &self,
        path: &str,
        limit: usize,
        sink: &mut dyn std::io::Write,
        progress: &dyn Fn(u64),
    ) -> Result<Option<u64>, SourceError> {
        self.folder.stream(path, limit, sink, progress)
    }
}

/// A client that wants one plugin.
struct Client {
    source: Cached,
    trust: std::path::PathBuf,
    plugin: PluginId,
    asked: Arc<Mutex<Asked>>,
}

impl Client {
    fn new(registry: &Registry<'_>, folder: &Path) -> Self {
        let asked = Arc::new(Mutex::new(Asked::default()));
        let served =
            Served { folder: Folder::open(&registry.public()).unwrap(), asked: Arc::clone(&asked) };
        let trust = folder.join("trust");
        let root = read_file(&registry.public().join("metadata/1.root.json"), limits::TUF).unwrap();
        update::begin(&Store::new(trust.clone()), &root, Sha256Digest::of(&root)).unwrap();
        let source = Cached { source: Some(Box::new(served)), folder: folder.join("cache") };
        Self { source, trust, plugin: registry.changing_plugin(), asked }
    }

    /// Brings the index up to date, and believes the publisher of the plugin.
    fn asks(&self, now: Timestamp) -> Asked {
        let name = RegistryId::parse("corpus").unwrap();
        let place = (name, self.trust.clone());
        let index = Index::open(place, &self.source, now, Freshness::Current).unwrap();
        let document = index.plugin(&self.plugin).unwrap().unwrap();
        believe::publisher(&index, &document).unwrap();
        index.remember().unwrap();
        std::mem::take(&mut *self.asked.lock().unwrap())
    }
}
