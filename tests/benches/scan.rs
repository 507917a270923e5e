//! How fast the scanner is, and how much faster than others: `cargo build --release -p
//! registry-tool`, then `cargo bench -p e2e --bench scan [-- FOLDER…]`. Linux only.
//!
//! Each folder below a FOLDER is a package, and is scanned by `registry-tool scan PACKAGE --format
//! json`, a process of its own with a worker, all rules and a report each time. Without a FOLDER,
//! two made-up corpora are scanned, one of Python and one of JavaScript; what published packages
//! look like is better, since ordinary code has more names and longer files.
//!
//! Time is what the processors spent on the program and on all that it started, memory the sum of
//! what each of its processes had at its peak, sampled while they run. Megabytes are the source
//! code that the report says was analysed, and stand for all languages.
//!
//! If they are installed, others read the same: `bandit -r -q -f json FOLDER` (pip: `bandit`), which
//! knows Python only, and the YARA rules of GuardDog for source code (pip: `guarddog`,
//! `yara-python`), compiled and matched against each file of source code by `python3 -c SNIPPET
//! FOLDER HOW`: one rule after the other, as GuardDog does (`each`), and all of them in one go
//! (`all`). They run once for each FOLDER rather than for each package, which is in their favour:
//! they start, and read their rules, once. GuardDog itself is not imported, because that asks the
//! network for lists of packages.

#![expect(clippy::unwrap_used, reason = "a measurement that cannot go on says so by panicking")]
#![expect(clippy::print_stdout, reason = "the result")]

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::Duration;

use libral::file::read_file;
use registry_tool::output::write_if_changed;
use serde_json::Value;

/// Matches every rule of GuardDog against every file of source code.
const YARA: &str = r#"
import importlib.util, os, sys, yara
package = os.path.dirname(importlib.util.find_spec("guarddog").origin)
folder = os.path.join(package, "analyzer", "sourcecode")
names = [name for name in os.listdir(folder) if name.endswith(".yar")]
paths = {name: os.path.join(folder, name) for name in names}
groups = [paths] if sys.argv[2] == "all" else [{name: path} for name, path in paths.items()]
endings = (".py", ".js", ".mjs", ".cjs", ".jsx", ".ts", ".mts", ".cts", ".tsx", ".lua")
for group in groups:
    rules = yara.compile(filepaths=group)
    for top, _, files in os.walk(sys.argv[1]):
        for name in files:
            if name.endswith(endings):
                rules.match(os.path.join(top, name))
"#;

/// Tells whether that can be done.
const HAS_YARA: &str = "import importlib.util, yara; importlib.util.find_spec('guarddog').origin";

/// How often memory is looked at.
const PAUSE: Duration = Duration::from_millis(2);

/// The most bytes of a report.
const REPORT: usize = 1 << 30;

/// What a process and all that it started took.
#[derive(Default)]
struct Cost {
    seconds: f64,
    peak: u32,
}

/// What scanning the packages of a folder took.
#[derive(Default)]
struct Total {
    packages: usize,
    bytes: BTreeMap<String, u32>,
    cost: Cost,
}

fn main() {
    let scratch = tempfile::tempdir().unwrap();
    let words = std::env::args().skip(1).filter(|word| word != "--bench");
    let mut folders: Vec<PathBuf> = words.map(PathBuf::from).collect();
    if folders.is_empty() {
        folders = make(scratch.path());
    }
    let has_bandit = works(Command::new("bandit").arg("--version"));
    let has_yara = works(Command::new("python3").args(["-c", HAS_YARA]));
    println!(
        "| folder | packages | MB | CPU s | MB/s per core | peak MB | bandit | YARA, each | YARA, all |"
    );
    println!("|---|---:|---:|---:|---:|---:|---:|---:|---:|");
    for folder in &folders {
        let total = scan_all(folder, scratch.path());
        let megabytes = total.bytes.values().copied().map(f64::from).sum::<f64>() / 1e6;
        let seconds = total.cost.seconds;
        let against = |peer: Option<Cost>| {
            let peer = peer.map(|peer| (peer.seconds, peer.seconds / seconds));
            peer.map_or("–".to_owned(), |(took, times)| format!("{took:.2} s ({times:.1}x)"))
        };
        let reads_python = total.bytes.contains_key("python");
        let bandit = (has_bandit && reads_python).then(|| bandit(folder, scratch.path()));
        let yara = |how| has_yara.then(|| yara(folder, how, scratch.path()));
        println!(
            "| {} | {} | {megabytes:.2} | {seconds:.2} | {:.1} | {:.0} | {} | {} | {} |",
            folder.display(),
            total.packages,
            megabytes / seconds,
            f64::from(total.cost.peak) / 1024.0,
            against(bandit),
            against(yara("each")),
            against(yara("all")),
        );
    }
}

fn scan_all(folder: &Path, scratch: &Path) -> Total {
    let mut total = Total::default();
    let report = scratch.join("report.json");
    for package in packages(folder) {
        let mut command = Command::new(program());
        command.arg("scan").arg(&package).args(["--format", "json"]);
        let (status, cost) = run(&mut command, &report);
        // Refused, and for review, are results as good as accepted.
        assert!(matches!(status.code(), Some(0 | 1 | 5)), "{}: {status}", package.display());
        let scan: Value = serde_json::from_slice(&read_file(&report, REPORT).unwrap()).unwrap();
        for language in scan.get("analysed").and_then(Value::as_array).unwrap() {
            let name = language.get("language").and_then(Value::as_str).unwrap();
            let bytes = language.get("bytes").and_then(Value::as_u64).unwrap();
            *total.bytes.entry(name.to_owned()).or_default() += u32::try_from(bytes).unwrap();
        }
        total.packages += 1;
        total.cost.seconds += cost.seconds;
        total.cost.peak = total.cost.peak.max(cost.peak);
    }
    total
}

/// Returns the folders of a folder; if there are none, it is a package itself.
fn packages(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut packages: Vec<_> = entries.filter(|path| path.is_dir()).collect();
    packages.sort();
    if packages.is_empty() { vec![folder.to_owned()] } else { packages }
}

/// The program lies beside the folder of this one.
fn program() -> PathBuf {
    let this = std::env::current_exe().unwrap();
    let program = this.ancestors().nth(2).unwrap().join("registry-tool");
    let place = program.display();
    assert!(program.is_file(), "{place} is missing: `cargo build --release -p registry-tool`");
    program
}

fn works(command: &mut Command) -> bool {
    let command = command.stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

fn bandit(folder: &Path, scratch: &Path) -> Cost {
    let mut command = Command::new("bandit");
    command.args(["-r", "-q", "-f", "json"]).arg(folder);
    let (status, cost) = run(&mut command, &scratch.join("bandit.json"));
    // It ends with 1 when it found something.
    assert!(matches!(status.code(), Some(0 | 1)), "bandit: {status}");
    cost
}

fn yara(folder: &Path, how: &str, scratch: &Path) -> Cost {
    let mut command = Command::new("python3");
    command.args(["-c", YARA]).arg(folder).arg(how);
    let (status, cost) = run(&mut command, &scratch.join("yara.txt"));
    assert!(status.success(), "the rules of GuardDog: {status}");
    cost
}

/// Runs a program to its end, with its output in a file.
fn run(command: &mut Command, output: &Path) -> (ExitStatus, Cost) {
    let before = processor_time();
    command.stdout(File::create(output).unwrap()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let mut peaks = BTreeMap::new();
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        watch(&child.id().to_string(), &mut peaks);
        sleep(PAUSE);
    };
    let seconds = processor_time().saturating_sub(before).as_secs_f64();
    (status, Cost { seconds, peak: peaks.into_values().sum() })
}

/// Returns what all processes took that this one waited for, with those that they waited for.
fn processor_time() -> Duration {
    let stat = text("/proc/self/stat").unwrap();
    // The name of the program, which can be anything, ends with the last bracket.
    let (_, fields) = stat.rsplit_once(')').unwrap();
    let ticks = fields.split_ascii_whitespace().skip(13).take(2);
    let ticks: u64 = ticks.map(|field| field.parse::<u64>().unwrap()).sum();
    // Linux counts for its interfaces in hundredths of a second.
    Duration::from_millis(ticks * 10)
}

/// Notes the largest memory so far, in KiB, of a process and of those that it started.
fn watch(process: &str, peaks: &mut BTreeMap<String, u32>) {
    // One that has just ended has none.
    let status = text(&format!("/proc/{process}/status")).unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let Some(peak) = peak.and_then(|rest| rest.split_ascii_whitespace().next()) else { return };
    peaks.insert(process.to_owned(), peak.parse().unwrap());
    let children = text(&format!("/proc/{process}/task/{process}/children")).unwrap_or_default();
    for child in children.split_ascii_whitespace() {
        watch(child, peaks);
    }
}

fn text(place: &str) -> Option<String> {
    String::from_utf8(read_file(Path::new(place), 1 << 16).ok()?).ok()
}

/// Makes up a corpus of each language: four packages of twelve files.
fn make(scratch: &Path) -> Vec<PathBuf> {
    let languages = [("python", "py", PYTHON), ("javascript", "js", JAVASCRIPT)];
    let make = |(language, ending, part): (&str, &str, &str)| {
        let folder = scratch.join(language);
        for (package, file) in (0..4).flat_map(|package| (0..12).map(move |file| (package, file))) {
            let numbers = (0..120).map(|number| 10_000 * package + 1_000 * file + number);
            let source: String =
                numbers.map(|number: usize| part.replace('@', &number.to_string())).collect();
            let path = folder.join(format!("package{package}/module{file}.{ending}"));
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            write_if_changed(&path, source.as_bytes()).unwrap();
        }
        folder
    };
    languages.map(make).into()
}

/// A part of a made-up file; its number stands for `@`.
const PYTHON: &str = r#"
import json
from collections import OrderedDict as Table@

class Shelf@(object):
    """Keeps what was read, by name."""

    def __init__(self, limit=@):
        self.limit, self.items = limit, Table@()

    def add(self, name, *values):
        if len(self.items) >= self.limit:
            raise ValueError(f'full: {name!r}')
        self.items[name] = [value for value in values if value is not None]
        return json.dumps(dict(sorted(self.items.items(), key=lambda row: row[0])), indent=2)

def total@(shelf):
    count = 0
    for name, values in shelf.items.items():
        count += len(values) * @ + len(name)
    return 'total: %d' % count
"#;

/// The same in another language.
const JAVASCRIPT: &str = r#"
const table@ = new Map([['a', @], ['b', [1, 2, 3]]]);

/** Keeps what was read. */
class Shelf@ {
  constructor({ limit = @, name } = {}) {
    Object.assign(this, { limit, name: name ?? `shelf ${limit}`, items: [] });
  }

  add(...values) {
    if (this.items.length >= this.limit) throw new Error('full: ' + this.name);
    this.items.push(...values.filter((value) => value !== undefined));
    return JSON.stringify({ name: this.name, items: this.items }, null, 2);
  }
}

exports.total@ = function total(shelf) {
  let count = 0;
  for (const item of shelf.items) count += item.length * @ + (table@.get(item) ?? 0);
  return count;
};
"#;
