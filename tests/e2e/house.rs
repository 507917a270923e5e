//! The house: what `.github/CONTRIBUTING.md` promises about the code, held against the code.
//!
//! Each rule names what breaks it, so that the message is the list of places to repair.

mod source;

use std::collections::BTreeSet;

pub(crate) use self::source::read;
use self::source::{Source, root, sources};

/// Folder, package and library of each crate; each may use those before it.
const CRATES: [(&str, &str, &str); 3] = [
    ("index-schema", "index-schema", "index_schema"),
    ("client", "libral", "libral"),
    ("registry-tool", "registry-tool", "registry_tool"),
];

/// A file with more lines than this holds more than one thing.
const MAX_LINES: usize = 500;

/// The parts of the standard library through which the outside world is reached.
const WORLD: [&str; 5] = ["fs", "env", "process", "thread", "os"];

/// Strings that look like codes of findings and are something else.
const NOT_CODES: [&str; 1] = ["publisher/name"];

/// The modules of the client whose refusals become findings of the validator.
const SHARED: [&str; 2] = ["openpgp", "chain"];

#[test]
fn a_crate_depends_only_on_the_crates_below_it() {
    let mut wrong = Vec::new();
    for (level, (folder, ..)) in CRATES.iter().enumerate() {
        let dependencies = dependencies(folder);
        let sources = sources(&format!("{folder}/src"));
        for (_, package, library) in CRATES.iter().skip(level + 1) {
            if dependencies.contains(*package) {
                wrong.push(format!("{folder}/Cargo.toml depends on {package}"));
            }
            let users = sources.iter().filter(|source| source.mentions(library));
            wrong.extend(users.map(|source| format!("{} uses {library}", source.path)));
        }
    }
    assert_none(&wrong);
}

#[test]
fn the_formats_reach_for_nothing_outside_of_themselves() {
    let mut wrong = Vec::new();
    for source in sources("index-schema/src") {
        let reached = source.paths_below("std").into_iter().filter(|path| is_world(path));
        wrong.extend(reached.map(|path| format!("{} uses std::{path}", source.path)));
        let clocks = ["SystemTime", "Instant", "now"].into_iter();
        let clocks = clocks.filter(|word| source.mentions(word));
        wrong.extend(clocks.map(|word| format!("{} reads a clock: {word}", source.path)));
    }
    assert_none(&wrong);
}

#[test]
fn a_foreign_library_is_known_to_its_own_modules_only() {
    let rules: [(&str, &str, &[&str]); 4] = [
        ("sequoia_openpgp", "client/src/", &["openpgp"]),
        ("sequoia_openpgp", "registry-tool/src/", &["openpgp", "signing"]),
        ("gix", "registry-tool/src/", &["tree", "git", "history", "commit"]),
        ("gix", "client/src/", &[]),
    ];
    let mut wrong = Vec::new();
    for (library, folder, modules) in rules {
        let strangers = sources(folder).into_iter().filter(|source| source.mentions(library));
        let strangers = strangers
            .filter(|source| !modules.iter().any(|name| source.is_of_module(folder, name)));
        wrong.extend(strangers.map(|source| format!("{} uses {library}", source.path)));
    }
    assert_none(&wrong);
}

#[test]
fn every_file_is_short_and_says_first_what_it_is() {
    let mut wrong = Vec::new();
    for source in everything() {
        let lines = source.text.lines().count();
        if lines > MAX_LINES {
            wrong.push(format!("{} has {lines} lines", source.path));
        }
        let docs = source.text.lines().map_while(|line| line.strip_prefix("//!"));
        let opening: Vec<_> = docs.take_while(|line| !line.trim().is_empty()).collect();
        if !opening.last().is_some_and(|line| line.ends_with(['.', ':'])) {
            wrong.push(format!("{} does not open with a sentence about itself", source.path));
        }
    }
    assert_none(&wrong);
}

#[test]
fn nothing_is_left_for_later() {
    let marks = [["to", "do!("], ["unimple", "mented!("], ["#[ig", "nore"], ["db", "g!("]];
    let marks = marks.map(|halves| halves.concat());
    let mut wrong = Vec::new();
    for source in everything() {
        for (number, line) in source.text.lines().enumerate() {
            let found = marks.iter().filter(|mark| line.contains(mark.as_str()));
            wrong.extend(found.map(|mark| format!("{}:{}: {mark}", source.path, number + 1)));
        }
    }
    assert_none(&wrong);
}

#[test]
fn every_code_can_be_explained_and_every_explained_code_is_used() {
    let table = table();
    assert!(!table.is_empty(), "no code was found in registry-tool/src/rules/table.rs");
    let mut wrong = Vec::new();
    let mut used = BTreeSet::new();
    for source in judges() {
        let families: BTreeSet<_> =
            table.iter().filter_map(|code| code.split('/').next()).collect();
        for code in codes(&source, &families) {
            if !table.contains(code) {
                wrong.push(format!("{} has the code {code}, the table has not", source.path));
            }
            used.insert(code.to_owned());
        }
    }
    wrong.extend(table.difference(&used).map(|code| format!("nothing finds {code}")));
    assert_none(&wrong);
}

/// Reads the codes out of the table's text: the lines that say `entry("…"`.
fn table() -> BTreeSet<String> {
    let text = read("registry-tool/src/rules/table.rs");
    let codes = text.split("entry(\"").skip(1).filter_map(|rest| rest.split('"').next());
    let codes: Vec<_> = codes.map(str::to_owned).collect();
    let unique: BTreeSet<_> = codes.iter().cloned().collect();
    assert_eq!(unique.len(), codes.len(), "a code stands twice in the table");
    unique
}

/// Returns the sources whose codes reach a person through the validator.
fn judges() -> Vec<Source> {
    let shared =
        |source: &Source| SHARED.iter().any(|module| source.is_of_module("client/src/", module));
    let mut judges = sources("index-schema/src");
    judges.extend(sources("client/src").into_iter().filter(shared));
    judges.extend(sources("registry-tool/src"));
    judges.retain(|source| source.path != "registry-tool/src/rules/table.rs");
    judges
}

/// Returns the codes in a source: what `fn code` returns, what findings are made with, and every
/// string that looks like a code of a family that the table knows.
fn codes<'a>(source: &'a Source, families: &BTreeSet<&str>) -> Vec<&'a str> {
    let known = source.strings.iter().map(|(_, text)| text.as_str());
    let known = known.filter(|text| text.split('/').next().is_some_and(|f| families.contains(f)));
    let mut codes: Vec<_> = known.collect();
    codes.extend(source.strings_in("code"));
    codes.extend(source.first_arguments_of("Finding"));
    codes.retain(|text| is_code(text) && !NOT_CODES.contains(text));
    codes
}

/// Tells whether a text has the shape of a code: `word/word-words`.
fn is_code(text: &str) -> bool {
    let word = |text: &str| {
        text.starts_with(|c: char| c.is_ascii_lowercase())
            && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
    };
    text.split_once('/').is_some_and(|(family, rest)| word(family) && word(rest))
}

/// Tells whether a path below `std` leads outside. Addresses are values: they may be parsed.
fn is_world(path: &str) -> bool {
    let mut parts = path.split("::");
    let (module, item) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    WORLD.contains(&module) || (module == "net" && !item.starts_with("Ip"))
}

/// Returns the names below every heading of a manifest that ends in `dependencies`.
fn dependencies(folder: &str) -> BTreeSet<String> {
    let text = read(&format!("{folder}/Cargo.toml"));
    let mut inside = false;
    let mut names = BTreeSet::new();
    for line in text.lines() {
        if line.starts_with('[') {
            inside = line.trim_end().ends_with("dependencies]");
        } else if inside {
            names.extend(line.split(['.', ' ', '=']).next().map(str::to_owned));
        }
    }
    assert!(names.contains("serde"), "{folder}/Cargo.toml was not understood");
    names
}

/// Returns every Rust file that the project wrote.
fn everything() -> Vec<Source> {
    let folders = ["index-schema", "client", "registry-tool", "tests"];
    assert!(folders.iter().all(|folder| root().join(folder).is_dir()));
    folders.into_iter().flat_map(sources).collect()
}

#[track_caller]
fn assert_none(wrong: &[String]) {
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}
