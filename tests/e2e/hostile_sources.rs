//! Sources that are made to break readers: deep, long, huge, growing and cut off.
//!
//! Each stands in a table as a recipe: texts, and texts that are repeated. Behind each comes a line
//! that starts a program, so that a file that seems clean is one that was not read. What has to
//! come of every one is a finding about the file, in time, and from a worker that lived.
//!
//! In repeated texts `{n}` is the number of the repetition, `{m}` the next one, and `{s}` as many
//! spaces. Release builds are tried by hand: `cargo test --release -p e2e --test e2e hostile`.

use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};
use serde::Deserialize;

use crate::support::run;
use crate::world::{program, write};

#[derive(Deserialize)]
struct Case {
    name: String,
    file: String,
    parts: Vec<Part>,
    /// Whether nothing comes behind: the end is what matters.
    #[serde(default)]
    is_cut_off: bool,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Part {
    Text(String),
    Repeated(String, usize),
    Bytes { hex: String },
}

impl Case {
    fn bytes(&self) -> Vec<u8> {
        let mut bytes: Vec<u8> = self.parts.iter().flat_map(Part::bytes).collect();
        if !self.is_cut_off {
            let payload = match self.file.rsplit('.').next().unwrap() {
                "py" => "\nimport os\nos.system('x')\n",
                "lua" => "\nos.execute('x')\n",
                _ => "\nrequire('child_process').exec('x')\n",
            };
            bytes.extend(payload.bytes());
        }
        bytes
    }

    /// What is wrong with how the scanner takes it.
    fn fault(&self) -> Option<String> {
        let folder = tempfile::tempdir().unwrap();
        write(&folder.path().join(&self.file), &self.bytes());
        let args = ["scan", "--format", "json", folder.path().to_str().unwrap()];
        let output = run(program("registry-tool").to_str().unwrap(), &args, b"");
        let Ok(report) = serde_json::from_slice::<serde_json::Value>(&output.stdout) else {
            return Some(format!("{}: {output:?}", self.name));
        };
        let findings = report["findings"].as_array().unwrap();
        let errors = findings.iter().filter(|finding| finding["level"] == "error");
        let named = errors.filter(|finding| finding["file"] == self.file.as_str());
        let codes: Vec<&str> = named.map(|finding| finding["code"].as_str().unwrap()).collect();
        let lost = ["scan/crash", "scan/time-out"];
        let lived = !codes.iter().any(|code| lost.contains(code));
        let is_right = lived && !codes.is_empty() && output.status.code() == Some(1);
        (!is_right).then(|| format!("{}: {} {codes:?}", self.name, output.status))
    }
}

impl Part {
    fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Text(text) => text.as_bytes().to_vec(),
            Self::Repeated(text, count) if text.contains('{') => {
                let one = |n: usize| {
                    let text = text.replace("{n}", &n.to_string());
                    text.replace("{m}", &(n + 1).to_string()).replace("{s}", &" ".repeat(n))
                };
                (0..*count).map(one).collect::<String>().into_bytes()
            }
            Self::Repeated(text, count) => text.repeat(*count).into_bytes(),
            Self::Bytes { hex } => {
                let digits: Vec<char> = hex.chars().collect();
                let byte = |pair: &[char]| u8::from_str_radix(&String::from_iter(pair), 16);
                digits.chunks(2).map(|pair| byte(pair).unwrap()).collect()
            }
        }
    }
}

#[track_caller]
fn check(table: &str) {
    let cases: Vec<Case> = serde_json::from_str(table).unwrap();
    let faults: Vec<String> = cases.par_iter().filter_map(Case::fault).collect();
    assert!(faults.is_empty(), "of {} cases:\n{}", cases.len(), faults.join("\n"));
}

#[test]
fn python_that_is_made_to_break_readers_is_read_or_refused() {
    check(include_str!("hostile_sources/python.json"));
}

#[test]
fn javascript_that_is_made_to_break_readers_is_read_or_refused() {
    check(include_str!("hostile_sources/javascript.json"));
}

#[test]
fn lua_that_is_made_to_break_readers_is_read_or_refused() {
    check(include_str!("hostile_sources/lua.json"));
}

#[test]
fn modules_that_lie_about_their_sizes_are_refused() {
    check(include_str!("hostile_sources/wasm.json"));
}

#[test]
fn files_that_are_something_else_or_nearly_are_refused() {
    check(include_str!("hostile_sources/other.json"));
}
