//! Looking into the archives of new releases: their form, their contents, and what they can do.
//!
//! Unlike the rules of [`crate::rules`], this fetches archives and starts the scanner's worker.

use std::collections::BTreeMap;
use std::ops::Deref;
use std::path::Path;
use std::sync::OnceLock;

use index_schema::digest::Sha256Digest;
use index_schema::manifest::Platform;

use crate::archives::Archives;
use crate::finding::Finding;
use crate::judge::Index;
use crate::rules::archive::{self, Contents};
use crate::rules::name::Names;
use crate::rules::{Case, approved};
use crate::scan::examine::PackageFile;
use crate::scan::judge::{self, Scan};
use crate::scan::rules::{RuleSet, RulesError};
use crate::scan::{input, worker};

/// Where archives come from, and what they are scanned with.
pub struct Inspection<'w> {
    /// Where they come from.
    pub archives: Archives<'w>,
    /// What they are scanned with.
    pub rules: Rules,
}

/// The rules of the scanner. Those of the program are read when an archive is looked into, and not
/// where there is none.
#[derive(Debug)]
pub struct Rules(OnceLock<RuleSet>);

impl Rules {
    /// Takes the rules of the program, with those of a folder added or in their place.
    pub fn load(folder: Option<&Path>) -> Result<Self, RulesError> {
        match folder {
            None => Ok(Self(OnceLock::new())),
            Some(_) => Ok(Self(OnceLock::from(RuleSet::load(folder)?))),
        }
    }
}

impl Deref for Rules {
    type Target = RuleSet;

    fn deref(&self) -> &RuleSet {
        self.0.get_or_init(|| RuleSet::load(None).expect("the rules of the program can be read"))
    }
}

/// What was seen of one release.
#[derive(Debug)]
pub struct Inspected {
    /// The path of its statement.
    pub path: String,
    /// What is wrong with its archives; what a maintainer approved is not found again.
    pub findings: Vec<Finding>,
    /// What is in them, as far as they are what they should be.
    pub contents: Vec<Inside>,
}

/// What is in an archive.
#[derive(Debug)]
pub struct Inside {
    /// The platform that it is for.
    pub platform: Platform,
    /// Its files: how large they are, and the digests of their bytes.
    pub files: BTreeMap<String, (usize, Sha256Digest)>,
    /// What they can do; nothing if the scanner could not be started.
    pub scan: Option<Scan>,
}

impl Inspection<'_> {
    /// Judges the archives of every new release. What a maintainer approved is not found again.
    pub fn judge(&self, index: &Index) -> Vec<Finding> {
        self.inspect(index).into_iter().flat_map(|inspected| inspected.findings).collect()
    }

    /// Looks into the archives of every new release.
    pub fn inspect(&self, index: &Index) -> Vec<Inspected> {
        let releases = index.plugins.values().flat_map(|plugin| plugin.releases.values());
        let new = releases.filter(|release| release.manifest.is_new);
        let names = Names::default();
        let inspect = |release| {
            let case = Case { release, index, names: &names };
            let mut inspected = self.release(case);
            let found = &mut inspected.findings;
            found.retain(|finding| !approved(case, finding));
            // Archives for several platforms have most of their files in common.
            found.sort();
            found.dedup_by(|a, b| a.code == b.code && a.fingerprint() == b.fingerprint());
            inspected
        };
        new.map(inspect).collect()
    }

    /// Looks into the archives of one release.
    pub fn release(&self, case: Case<'_>) -> Inspected {
        let manifest = &case.release.manifest.statement.document;
        let path = case.release.path();
        let mut inspected = Inspected { path, findings: Vec::new(), contents: Vec::new() };
        for artifact in &manifest.artifacts {
            let delivery = self.archives.deliver(manifest, artifact);
            let Contents { mut found, archive } = archive::judge(case, artifact, &delivery);
            inspected.findings.append(&mut found);
            if let Some(archive) = archive {
                let files = input::files_of(&archive);
                let (findings, scan) = self.scan(case, &files);
                inspected.findings.extend(findings);
                let fact = |file: PackageFile| {
                    (file.path, (file.bytes.len(), Sha256Digest::of(&file.bytes)))
                };
                let files = files.into_iter().map(fact).collect();
                let platform = artifact.platform.clone();
                inspected.contents.push(Inside { platform, files, scan });
            }
        }
        inspected
    }

    fn scan(&self, case: Case<'_>, files: &[PackageFile]) -> (Vec<Finding>, Option<Scan>) {
        let (examined, isolation) = match worker::examine_apart(files, &self.rules) {
            Ok(examined) => examined,
            Err(error) => {
                let finding = case.finding("unjudged/scanner", "artifacts", error.to_string());
                return (vec![finding], None);
            }
        };
        let scanned = judge::Case {
            files,
            examined: &examined,
            permissions: &case.release.manifest.statement.document.permissions,
            rules: &self.rules,
        };
        let scan = judge::judge(scanned, isolation);
        (about_manifest(case, &scan), Some(scan))
    }
}

/// Says of the manifest what was found in the archive that it names. The fingerprints stay those
/// that `scan` shows.
fn about_manifest(case: Case<'_>, scan: &Scan) -> Vec<Finding> {
    let place = case.finding("scan/undeclared", "permissions", String::new()).place;
    let moved = |found: &Finding| {
        let message = match (found.path.is_empty(), found.place) {
            (true, _) => found.message.clone(),
            (false, None) => format!("`{}`: {}", found.path, found.message),
            (false, Some(place)) => {
                format!("`{}`, line {}: {}", found.path, place.line, found.message)
            }
        };
        let mut finding = Finding::new(found.code, case.release.path(), message);
        (finding.place, finding.hint) = (place, found.hint.clone());
        finding.known_as(found.fingerprint())
    };
    scan.findings.iter().map(|judged| moved(&judged.finding)).collect()
}
