//! The cases of rules: what has to be found, and what must not.
//!
//! Each rule brings its own. Beside them stand files of cases that are about the analysis rather
//! than about one rule: ways of hiding what is used, and harmless code that looks like it.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::{RuleSet, RulesError};
use crate::finding::Level;
use crate::rules::table;
use crate::scan::analysis::Kind;
use crate::scan::capability::FORBIDDEN;
use crate::scan::examine::{Examined, PackageFile, examine};

/// The files of cases that are part of the program, by language.
const BUILT_IN: [(&str, &str); 4] = [
    ("javascript", include_str!("cases/javascript.json")),
    ("lua", include_str!("cases/lua.json")),
    ("python", include_str!("cases/python.json")),
    ("wasm", include_str!("cases/wasm.json")),
];

/// A file of cases.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct CaseFile {
    bad: Vec<Case>,
    ok: Vec<Case>,
}

/// A case.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    /// The capabilities that have to be found, among others; forbidden ones by their names, and
    /// problems of files by their codes.
    #[serde(default)]
    finds: Vec<String>,
    /// What a maintainer may be shown of harmless code: capabilities without errors.
    #[serde(default)]
    review: Vec<String>,
    /// The source of one file.
    #[serde(default)]
    code: String,
    /// More files: path and source.
    #[serde(default)]
    files: Vec<(String, String)>,
}

/// A case that does not come out as it should.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The rule or the file of cases.
    pub subject: String,
    /// The case.
    pub case: String,
    /// What is wrong.
    pub message: String,
}

/// What came of running all cases.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// How many files had to be found out.
    pub bad: usize,
    /// How many files are harmless.
    pub ok: usize,
    /// Which came out otherwise.
    pub failures: Vec<Failure>,
}

/// Runs every case.
pub fn run(rules: &RuleSet) -> Result<Outcome, RulesError> {
    let mut outcome = Outcome::default();
    for (language, rule) in rules.rules() {
        for code in &rule.tests.bad {
            let examined = check(language, code, &[], rules);
            outcome.bad += 1;
            if !found_rules(&examined).contains(rule.id.as_str()) {
                outcome.fail(&rule.id, code, format!("not found; found: {}", list(&examined)));
            }
        }
        for code in &rule.tests.ok {
            let examined = check(language, code, &[], rules);
            outcome.ok += 1;
            outcome.check_harmless(&rule.id, code, &examined, rules);
        }
    }
    for (language, text) in BUILT_IN {
        let malformed = |source| RulesError::Malformed { path: language.to_owned(), source };
        let file: CaseFile = serde_json::from_str(text).map_err(malformed)?;
        outcome.run_file(language, &file, rules);
    }
    Ok(outcome)
}

impl Outcome {
    fn run_file(&mut self, language: &str, file: &CaseFile, rules: &RuleSet) {
        for case in &file.bad {
            self.bad += 1;
            let examined = check(language, &case.code, &case.files, rules);
            let found = found(&examined, rules);
            let missing: Vec<_> =
                case.finds.iter().filter(|name| !found.contains(name.as_str())).cloned().collect();
            if !missing.is_empty() {
                let message = format!("lacks {}; found: {}", missing.join(", "), list(&examined));
                self.fail(language, &case.name, message);
            }
        }
        for case in &file.ok {
            self.ok += 1;
            let examined = check(language, &case.code, &case.files, rules);
            let shown: BTreeSet<_> = case.review.iter().map(String::as_str).collect();
            let is_expected = shown.iter().all(|name| is_review(name));
            if !is_expected || found(&examined, rules) != shown {
                let message = format!("harmless, but found: {}", list(&examined));
                self.fail(language, &case.name, message);
            }
        }
    }

    fn check_harmless(&mut self, subject: &str, case: &str, examined: &Examined, rules: &RuleSet) {
        if !found(examined, rules).is_empty() {
            self.fail(subject, case, format!("harmless, but found: {}", list(examined)));
        }
    }

    fn fail(&mut self, subject: &str, case: &str, message: String) {
        let (subject, case) = (subject.to_owned(), case.to_owned());
        self.failures.push(Failure { subject, case, message });
    }
}

/// Tells whether something forbidden is for a maintainer to look at, and no error.
fn is_review(name: &str) -> bool {
    let word = FORBIDDEN.iter().find(|word| word.name == name);
    let entry = table::find(word.map_or(name, |word| word.code));
    entry.is_some_and(|entry| entry.level == Level::Review)
}

fn check(language: &str, code: &str, more: &[(String, String)], rules: &RuleSet) -> Examined {
    let ending = match language {
        "python" => "py",
        "javascript" => "js",
        other => other,
    };
    let mut files = Vec::new();
    if !code.is_empty() {
        files.push(PackageFile { path: format!("case.{ending}"), bytes: bytes(language, code) });
    }
    let more = more
        .iter()
        .map(|(path, text)| PackageFile { path: path.clone(), bytes: text.as_bytes().to_vec() });
    files.extend(more);
    examine(&files, rules, |_| ())
}

/// Cases of WebAssembly are written as text; what is none stays as it is.
fn bytes(language: &str, code: &str) -> Vec<u8> {
    let module = if language == "wasm" { wat::parse_str(code).ok() } else { None };
    module.unwrap_or_else(|| code.as_bytes().to_vec())
}

fn found_rules(examined: &Examined) -> BTreeSet<&str> {
    let mut found = BTreeSet::new();
    for reference in &examined.references {
        if let Kind::Rule { rule, .. } = &reference.kind {
            found.insert(rule.as_str());
        }
    }
    found
}

/// Returns capabilities and codes.
fn found<'e>(examined: &'e Examined, rules: &'e RuleSet) -> BTreeSet<&'e str> {
    let mut found: BTreeSet<&str> =
        examined.problems.iter().map(|problem| problem.code.as_str()).collect();
    for reference in &examined.references {
        found.extend(match &reference.kind {
            Kind::Rule { rule, .. } => rules.find(rule).and_then(|rule| rule.capability.as_deref()),
            Kind::Unresolved { .. } => Some("code.dynamic-import"),
            Kind::HiddenName { .. } | Kind::HiddenCode | Kind::ForeignCode { .. } => {
                Some("code.hidden")
            }
            Kind::Noted { code, .. } => Some(code.as_str()),
            Kind::Exhausted => Some("scan/too-complex"),
        });
    }
    found
}

fn list(examined: &Examined) -> String {
    let problems = examined.problems.iter().map(|p| format!("{} {}", p.code, p.message));
    let references = examined.references.iter().map(|reference| match &reference.kind {
        Kind::Rule { rule, symbol, .. } => format!("{rule} {symbol}"),
        other => format!("{other:?}"),
    });
    let all: Vec<_> = problems.chain(references).collect();
    if all.is_empty() { "nothing".to_owned() } else { all.join("; ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_finds_what_it_should_and_nothing_harmless() {
        let rules = RuleSet::load(None).unwrap();
        let outcome = run(&rules).unwrap();
        let failures: Vec<_> = outcome
            .failures
            .iter()
            .map(|failure| format!("{}: {:?}: {}", failure.subject, failure.case, failure.message))
            .collect();
        assert!(
            failures.is_empty(),
            "{} bad, {} ok, {} wrong\n{}",
            outcome.bad,
            outcome.ok,
            failures.len(),
            failures.join("\n")
        );
    }
}
