//! Examining the files of a package: bytes in, what was found out. No judgement, no I/O.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::analysis::{Analysis, Kind, Reference};
use super::classify::{self, Class, classify, may_be_source};
use super::facts::{Facts, Span};
use super::frontend::{self, SourceFile};
use super::gates;
use super::rules::RuleSet;

/// A file of a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackageFile {
    /// Its path below the top folder.
    pub path: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// What was found in a package.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Examined {
    /// References to what rules are about.
    pub references: Vec<Reference>,
    /// What is wrong with files as such.
    pub problems: Vec<FileProblem>,
    /// How many files were analysed, and how many bytes they have.
    pub analysed: BTreeMap<String, (usize, usize)>,
}

/// What is wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FileProblem {
    /// The file.
    pub path: String,
    /// Where.
    pub span: Span,
    /// The code of the finding.
    pub code: String,
    /// What is wrong.
    pub message: String,
}

impl Examined {
    pub(super) fn problem(
        &mut self,
        path: &str,
        span: Span,
        code: &str,
        message: impl Into<String>,
    ) {
        let (path, code, message) = (path.to_owned(), code.to_owned(), message.into());
        self.problems.push(FileProblem { path, span, code, message });
    }
}

/// Examines files. `begin` is told the path of each file before it is read.
pub fn examine(all: &[PackageFile], rules: &RuleSet, mut begin: impl FnMut(&str)) -> Examined {
    let mut examined = Examined::default();
    let mut sources: BTreeMap<&'static str, Vec<(&str, Facts)>> = BTreeMap::new();
    for file in all {
        begin(&file.path);
        let mut counted = Vec::new();
        for (language, facts) in read(file, &mut examined) {
            if !counted.contains(&language) {
                counted.push(language);
                let count = examined.analysed.entry(language.to_owned()).or_default();
                count.0 += 1;
                count.1 += file.bytes.len();
            }
            sources.entry(language).or_default().push((&file.path, facts));
        }
    }
    begin("");
    for (language, files) in sources {
        let Some(frontend) = frontend::find(language) else { continue };
        let mut analysis = Analysis::new(frontend, &rules.of_language(language));
        for (path, facts) in files {
            analysis.add(path, facts);
        }
        for file in files_named(all, "package.json") {
            analysis.add_imports(&file.path, classify::npm::own_imports(&file.bytes).into_iter());
        }
        examined.references.extend(analysis.run(&mut begin));
    }
    examined.references.sort();
    examined.problems.sort();
    examined
}

fn files_named<'f>(
    files: &'f [PackageFile],
    name: &'f str,
) -> impl Iterator<Item = &'f PackageFile> {
    files.iter().filter(move |file| file.path.rsplit('/').next() == Some(name))
}

/// Reads a file as what it is; its facts, if it is source code. A text that is named otherwise can
/// be source in several languages.
fn read(file: &PackageFile, examined: &mut Examined) -> Vec<(&'static str, Facts)> {
    let nowhere = Span::default();
    let path = file.path.as_str();
    match classify(path, &file.bytes) {
        Class::Source(language) => return Vec::from_iter(source(file, language, examined)),
        Class::Page => {
            let mut found = super::page::read(file, examined);
            let languages = may_be_source(path, &file.bytes).into_iter();
            found.extend(languages.filter_map(|language| disguised(file, language)));
            return found;
        }
        Class::Notebook => return Vec::from_iter(notebook(file, examined)),
        Class::Data => {
            let languages = may_be_source(path, &file.bytes).into_iter();
            return languages.filter_map(|language| disguised(file, language)).collect();
        }
        Class::Native(kind) => examined.problem(
            path,
            nowhere,
            "scan/native-code",
            format!("the file is {kind}: what it does cannot be seen"),
        ),
        Class::ByteCode(kind) => {
            examined.problem(path, nowhere, "scan/byte-code", format!("the file is {kind}"));
        }
        Class::Archive(kind) => {
            let message = format!("the file is {kind}: what is in it was not analysed");
            examined.problem(path, nowhere, "scan/nested-archive", message);
        }
        Class::Script => {
            let message = "the file is a program in a language that is not analysed";
            examined.problem(path, nowhere, "scan/script", message);
        }
        Class::TwoFormats(one, other) => {
            let message = format!("the file is {one} and {other} at once");
            examined.problem(path, nowhere, "scan/two-formats", message);
        }
        Class::Unreadable(kind) => {
            let message = format!("the file is {kind}, and cannot be read as one");
            examined.problem(path, nowhere, "scan/unparsable", message);
        }
        Class::Hook(why) => {
            examined.problem(path, nowhere, "scan/install-hook", why);
            if path.ends_with(".py") {
                return Vec::from_iter(source(file, "python", examined));
            }
        }
    }
    Vec::new()
}

fn source(
    file: &PackageFile,
    language: &'static str,
    examined: &mut Examined,
) -> Option<(&'static str, Facts)> {
    let path = file.path.as_str();
    let Some(frontend) = frontend::find(language) else {
        let message = format!("there is no analysis for {language}");
        examined.problem(path, Span::default(), "scan/script", message);
        return None;
    };
    let (text, problems) = if language == "wasm" {
        (Some(file.bytes.as_slice().into()), Vec::new())
    } else {
        gates::decode(language, &file.bytes)
    };
    for problem in problems {
        examined.problem(path, problem.span, problem.code, problem.message);
    }
    let text = text?;
    match frontend.lower(&SourceFile { path, bytes: &text }) {
        Ok(facts) => Some((language, facts)),
        Err(error) => {
            examined.problem(path, error.span, "scan/unparsable", error.message);
            None
        }
    }
}

/// The Python of a notebook; what else it runs is not analysed.
fn notebook(file: &PackageFile, examined: &mut Examined) -> Option<(&'static str, Facts)> {
    let path = file.path.as_str();
    let Some(notebook) = super::notebook::read(&file.bytes) else {
        examined.problem(path, Span::default(), "scan/unparsable", "it is not a notebook");
        return None;
    };
    for command in &notebook.commands {
        let message = "the notebook runs commands, or code in a language that is not analysed";
        examined.problem(path, *command, "scan/script", message);
    }
    let (text, problems) = gates::decode("python", notebook.code.as_bytes());
    for problem in problems {
        examined.problem(path, notebook.place(problem.span), problem.code, problem.message);
    }
    let text = text?;
    match frontend::find("python")?.lower(&SourceFile { path, bytes: &text }) {
        Ok(facts) => Some(("python", notebook.moved(facts))),
        Err(error) => {
            examined.problem(path, notebook.place(error.span), "scan/unparsable", error.message);
            None
        }
    }
}

/// Text that is not called source is source if it can be read as such and does something.
fn disguised(file: &PackageFile, language: &'static str) -> Option<(&'static str, Facts)> {
    let (text, problems) = gates::decode(language, &file.bytes);
    if !problems.is_empty() {
        return None;
    }
    let text = text?;
    let facts = frontend::find(language)?.lower(&SourceFile { path: &file.path, bytes: &text });
    facts.ok().map(|facts| (language, facts))
}

/// Returns the kinds of references that say that something was not analysed.
pub const fn is_unanalysed(kind: &Kind) -> bool {
    matches!(kind, Kind::Exhausted)
}
