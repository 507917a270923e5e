//! Judging what was found against what the manifest declares.
//!
//! | what was found | declared | not declared |
//! |---|---|---|
//! | a capability | nothing to say, or `scan/scope` where a constant lies outside | `scan/undeclared` |
//! | a part of something sensitive by a name that cannot be seen | `scan/unresolved` | `scan/undeclared` |
//! | a permission that nothing uses | `scan/unused-permission` | |
//! | something forbidden | an error of its own | the same |
//! | a file that was not analysed | an error of its own | the same |

mod place;
mod scope;

use std::collections::BTreeMap;

use index_schema::digest::Sha256Digest;
use index_schema::permission::Permission;

use self::place::Lines;
use super::analysis::{Kind, Reference};
use super::capability::{Capability, FORBIDDEN};
use super::examine::{Examined, PackageFile};
use super::rules::{Rule, RuleSet};
use crate::finding::{Finding, Verdict};

/// What a scan has to say.
#[derive(Debug)]
pub struct Scan {
    /// What comes of it.
    pub verdict: Verdict,
    /// The digest of the rules.
    pub rules_sha256: Sha256Digest,
    /// What the plugin can do.
    pub capabilities: Vec<Found>,
    /// What is wrong.
    pub findings: Vec<Judged>,
    /// How many files of each language were analysed, and how many bytes they have.
    pub analysed: BTreeMap<String, (usize, usize)>,
    /// What kept the analysis apart from the machine.
    pub isolation: String,
    /// What became more or less since another package.
    pub difference: Option<Difference>,
    /// The files that findings are about.
    pub sources: BTreeMap<String, Vec<u8>>,
}

/// A capability that was found.
#[derive(Debug)]
pub struct Found {
    /// Which.
    pub capability: Capability,
    /// Whether the manifest declares it.
    pub is_declared: bool,
    /// Where.
    pub evidence: Vec<Evidence>,
}

/// Where a capability is used.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Evidence {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1.
    pub column: usize,
    /// What is used.
    pub symbol: String,
    /// The rule.
    pub rule: String,
    /// What it is limited to, where that can be seen.
    pub scope: Option<String>,
}

/// A finding of the scanner.
#[derive(Debug)]
pub struct Judged {
    /// The finding.
    pub finding: Finding,
    /// The capability that it is about.
    pub capability: Option<Capability>,
    /// The rule that found it.
    pub rule: Option<String>,
    /// In how many places of the file.
    pub places: usize,
}

/// The capabilities of one package against those of another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Those that came.
    pub added: Vec<Capability>,
    /// Those that went.
    pub removed: Vec<Capability>,
}

/// What is judged.
#[derive(Debug, Clone, Copy)]
pub struct Case<'c> {
    /// The files.
    pub files: &'c [PackageFile],
    /// What was found in them.
    pub examined: &'c Examined,
    /// What the manifest declares.
    pub permissions: &'c [Permission],
    /// The rules.
    pub rules: &'c RuleSet,
}

/// Judges what was found.
pub fn judge(case: Case<'_>, isolation: String) -> Scan {
    let mut judging = Judging { case, lines: Lines::new(case.files), found: BTreeMap::new() };
    let mut groups: BTreeMap<(String, String, String), Judged> = BTreeMap::new();
    for reference in &case.examined.references {
        for judged in judging.reference(reference) {
            add(&mut groups, judged);
        }
    }
    for problem in &case.examined.problems {
        let code = crate::rules::table::find(&problem.code).map_or("scan/unparsable", |e| e.code);
        let finding = Finding::new(code, &problem.path, &problem.message);
        let finding = judging.lines.point(finding, problem.span);
        add(&mut groups, Judged { finding, capability: None, rule: None, places: 1 });
        if code == "scan/native-code"
            && let Some(judged) = judging.native(problem)
        {
            add(&mut groups, judged);
        }
    }
    for judged in judging.unused() {
        add(&mut groups, judged);
    }
    let mut findings: Vec<_> = groups.into_values().collect();
    findings.sort_by(|a, b| {
        let key = |judged: &Judged| (judged.finding.level(), judged.finding.clone());
        key(a).cmp(&key(b))
    });
    let plain: Vec<_> = findings.iter().map(|judged| judged.finding.clone()).collect();
    Scan {
        verdict: Verdict::of(&plain),
        rules_sha256: case.rules.sha256(),
        capabilities: judging.capabilities(),
        sources: sources(case.files, &plain),
        findings,
        analysed: case.examined.analysed.clone(),
        isolation,
        difference: None,
    }
}

/// The same thing in the same file is one finding, at its first place.
fn add(groups: &mut BTreeMap<(String, String, String), Judged>, judged: Judged) {
    let id = judged.finding.fingerprint().to_string();
    let key = (judged.finding.code.to_owned(), judged.finding.path.clone(), id);
    match groups.get_mut(&key) {
        Some(known) => {
            known.places += 1;
            if judged.finding.place < known.finding.place {
                known.finding.place = judged.finding.place;
            }
        }
        None => drop(groups.insert(key, judged)),
    }
}

fn sources(files: &[PackageFile], findings: &[Finding]) -> BTreeMap<String, Vec<u8>> {
    let is_meant = |file: &&PackageFile| findings.iter().any(|finding| finding.path == file.path);
    files.iter().filter(is_meant).map(|file| (file.path.clone(), file.bytes.clone())).collect()
}

/// Compares two scans.
pub fn difference(now: &Scan, before: &Scan) -> Difference {
    let names = |scan: &Scan| -> Vec<Capability> {
        scan.capabilities.iter().map(|found| found.capability).collect()
    };
    let (now, before) = (names(now), names(before));
    let without = |these: &[Capability], those: &[Capability]| {
        these.iter().copied().filter(|one| !those.contains(one)).collect()
    };
    Difference { added: without(&now, &before), removed: without(&before, &now) }
}

/// The permission that plugins use for what their host hands them, too.
const READING: &str = "fs.read";

/// What a use of a capability reaches, as far as it can be seen.
#[derive(Debug, Clone, Copy)]
struct Reach<'r> {
    scope: Option<&'r (super::rules::ScopeKind, String)>,
    is_near: bool,
}

struct Judging<'c> {
    case: Case<'c>,
    lines: Lines<'c>,
    found: BTreeMap<Capability, Vec<Evidence>>,
}

impl Judging<'_> {
    fn declared(&self, capability: Capability) -> Option<&Permission> {
        let name = capability.name();
        self.case.permissions.iter().find(|permission| permission.name.as_str() == name)
    }

    fn reference(&mut self, reference: &Reference) -> Vec<Judged> {
        let path = reference.path.as_str();
        let (code, capability, rule, message, subject) = match &reference.kind {
            Kind::Rule { rule, symbol, scope, is_near } => {
                let Some(rule) = self.case.rules.find(rule) else { return Vec::new() };
                let rule = rule.clone();
                let reach = Reach { scope: scope.as_ref(), is_near: *is_near };
                return self.ruled(reference, &rule, symbol, reach);
            }
            Kind::Unresolved { symbol } => return self.unresolved(reference, symbol),
            Kind::HiddenName { symbol } => (
                "scan/hidden-execution",
                Capability::parse("code.hidden"),
                None,
                format!("`{symbol}` is used by a name that is put together while the code runs"),
                format!("name {symbol}"),
            ),
            Kind::HiddenCode => (
                "scan/hidden-execution",
                Capability::parse("code.hidden"),
                None,
                "code is decoded and run: nobody who reads the plugin sees it".to_owned(),
                "code".to_owned(),
            ),
            Kind::ForeignCode { symbol } => (
                "scan/hidden-execution",
                Capability::parse("code.hidden"),
                None,
                format!("code that `{symbol}` gives is run: it is not part of the plugin"),
                format!("foreign {symbol}"),
            ),
            Kind::Noted { code, message } => {
                let code =
                    crate::rules::table::find(code).map_or("scan/disguised-name", |e| e.code);
                (code, None, None, message.clone(), message.clone())
            }
            Kind::Exhausted => (
                "scan/too-complex",
                None,
                None,
                "the file takes too long to analyse: what it does is not known".to_owned(),
                "exhausted".to_owned(),
            ),
        };
        if let Some(capability) = capability {
            self.keep(capability, reference, (&subject, ""), None);
        }
        let finding = Finding::new(code, path, message).about(subject);
        let finding = self.lines.point(finding, reference.span);
        vec![Judged { finding, capability, rule, places: 1 }]
    }

    fn ruled(
        &mut self,
        reference: &Reference,
        rule: &Rule,
        symbol: &str,
        Reach { scope, is_near }: Reach<'_>,
    ) -> Vec<Judged> {
        let Some(capability) = rule.capability.as_deref().and_then(Capability::parse) else {
            return Vec::new();
        };
        let scope_text = scope.map(|(_, text)| text.clone());
        self.keep(capability, reference, (symbol, &rule.id), scope_text);
        let does = &rule.message;
        let (code, message, hint) = match (capability, self.declared(capability)) {
            (Capability::Forbidden(word), _) => {
                let message = format!("`{symbol}` {does}: the plugin {}", word.meaning);
                (word.code, message, "no permission allows this".to_owned())
            }
            (Capability::Permission(word), None) if word.name == READING && is_near => {
                let message = format!(
                    "`{symbol}` {does}: one that a caller names, or below the working folder, which \
                     the manifest does not declare"
                );
                let hint = format!("declare the permission `{}`", word.name);
                ("scan/undeclared-read", message, hint)
            }
            (Capability::Permission(word), None) => {
                let message = format!(
                    "`{symbol}` {does}: the plugin can {}, which its manifest does not declare",
                    word.meaning
                );
                let hint = format!("declare the permission `{}`, or do without", word.name);
                ("scan/undeclared", message, hint)
            }
            (Capability::Permission(word), Some(permission)) => {
                let Some(scope) = scope.filter(|scope| !scope::allows(permission, scope)) else {
                    return Vec::new();
                };
                let message = format!(
                    "`{symbol}` reaches `{}`, outside of what the manifest declares for `{}`",
                    scope.1, word.name
                );
                ("scan/scope", message, format!("add it to the scope of `{}`", word.name))
            }
        };
        let subject = format!("{} {symbol} {}", capability.name(), scope.map_or("", |s| &s.1));
        let subject =
            if code == "scan/scope" { subject } else { format!("{} {symbol}", capability.name()) };
        let finding = Finding::new(code, &reference.path, message).hinted(hint).about(subject);
        let finding = self.lines.point(finding, reference.span);
        let (capability, rule) = (Some(capability), Some(rule.id.clone()));
        vec![Judged { finding, capability, rule, places: 1 }]
    }

    fn unresolved(&mut self, reference: &Reference, symbol: &str) -> Vec<Judged> {
        let Some(capability) = Capability::parse("code.dynamic-import") else { return Vec::new() };
        self.keep(capability, reference, (symbol, ""), None);
        let what = format!("a part of `{symbol}` is used by a name that cannot be seen");
        let (code, message, hint) = if self.declared(capability).is_some() {
            ("scan/unresolved", what, "a maintainer has to look at it".to_owned())
        } else {
            let message = format!("{what}: it can be any part");
            ("scan/undeclared", message, "name the part that is meant".to_owned())
        };
        let subject = format!("unresolved {symbol}");
        let finding = Finding::new(code, &reference.path, message).hinted(hint).about(subject);
        let finding = self.lines.point(finding, reference.span);
        vec![Judged { finding, capability: Some(capability), rule: None, places: 1 }]
    }

    fn native(&mut self, problem: &super::examine::FileProblem) -> Option<Judged> {
        let capability = Capability::parse("native.load")?;
        self.found.entry(capability).or_default().push(Evidence {
            file: problem.path.clone(),
            line: 1,
            column: 1,
            symbol: "machine code".to_owned(),
            rule: String::new(),
            scope: None,
        });
        if self.declared(capability).is_some() {
            return None;
        }
        let message = "the file is machine code, and the manifest does not declare `native.load`";
        let finding = Finding::new("scan/undeclared", &problem.path, message);
        Some(Judged { finding, capability: Some(capability), rule: None, places: 1 })
    }

    /// Keeps what shows that a capability is used: a symbol, and the rule that names it.
    fn keep(
        &mut self,
        capability: Capability,
        reference: &Reference,
        (symbol, rule): (&str, &str),
        scope: Option<String>,
    ) {
        let (line, column) = self.lines.place(&reference.path, reference.span);
        let (file, symbol, rule) = (reference.path.clone(), symbol.to_owned(), rule.to_owned());
        let evidence = Evidence { file, line, column, symbol, rule, scope };
        self.found.entry(capability).or_default().push(evidence);
    }

    fn unused(&self) -> Vec<Judged> {
        let is_used = |permission: &&Permission| {
            self.found.keys().any(|capability| capability.name() == permission.name.as_str())
        };
        let known =
            self.case.permissions.iter().filter(|p| Capability::parse(p.name.as_str()).is_some());
        let unused = known.filter(|permission| !is_used(permission));
        let judged = |permission: &Permission| {
            let message = format!("nothing was found that needs `{}`", permission.name);
            let finding = Finding::new("scan/unused-permission", "", message);
            let capability = Capability::parse(permission.name.as_str());
            Judged { finding, capability, rule: None, places: 1 }
        };
        unused.map(judged).collect()
    }

    fn capabilities(&self) -> Vec<Found> {
        let found = |(capability, evidence): (&Capability, &Vec<Evidence>)| {
            let mut evidence = evidence.clone();
            evidence.sort();
            evidence.dedup();
            let is_declared = self.declared(*capability).is_some();
            Found { capability: *capability, is_declared, evidence }
        };
        self.found.iter().map(found).collect()
    }
}

/// Returns the codes of what is forbidden.
pub fn forbidden_codes() -> impl Iterator<Item = &'static str> {
    FORBIDDEN.iter().map(|word| word.code)
}
