//! Looking into the archives of new releases: their form, their contents, and what they can do.
//!
//! Unlike the rules of [`crate::rules`], this fetches archives and starts the scanner's worker.

use index_schema::archive::Archive;

use crate::archives::Archives;
use crate::finding::Finding;
use crate::judge::Index;
use crate::rules::archive::{self, Contents};
use crate::rules::name::Names;
use crate::rules::{Case, approved};
use crate::scan::judge::{self, Scan};
use crate::scan::rules::RuleSet;
use crate::scan::{input, worker};

/// Where archives come from, and what they are scanned with.
pub struct Inspection<'w> {
    /// Where they come from.
    pub archives: Archives<'w>,
    /// The rules of the scanner.
    pub rules: RuleSet,
}

impl Inspection<'_> {
    /// Judges the archives of every new release. What a maintainer approved is not found again.
    pub fn judge(&self, index: &Index) -> Vec<Finding> {
        let releases = index.plugins.values().flat_map(|plugin| plugin.releases.values());
        let names = Names::default();
        let mut findings = Vec::new();
        for release in releases.filter(|release| release.manifest.is_new) {
            let case = Case { release, index, names: &names };
            let mut found = self.release(case);
            found.retain(|finding| !approved(case, finding));
            // Archives for several platforms have most of their files in common.
            found.sort();
            found.dedup_by(|a, b| a.code == b.code && a.fingerprint() == b.fingerprint());
            findings.append(&mut found);
        }
        findings
    }

    fn release(&self, case: Case<'_>) -> Vec<Finding> {
        let manifest = &case.release.manifest.statement.document;
        let mut findings = Vec::new();
        for artifact in &manifest.artifacts {
            let delivery = self.archives.deliver(manifest, artifact);
            let Contents { mut found, archive } = archive::judge(case, artifact, &delivery);
            findings.append(&mut found);
            if let Some(archive) = archive {
                findings.extend(self.scan(case, &archive));
            }
        }
        findings
    }

    fn scan(&self, case: Case<'_>, archive: &Archive) -> Vec<Finding> {
        let files = input::files_of(archive);
        let (examined, isolation) = match worker::examine_apart(&files, &self.rules) {
            Ok(examined) => examined,
            Err(error) => {
                return vec![case.finding("unjudged/scanner", "artifacts", error.to_string())];
            }
        };
        let scanned = judge::Case {
            files: &files,
            examined: &examined,
            permissions: &case.release.manifest.statement.document.permissions,
            rules: &self.rules,
        };
        about_manifest(case, &judge::judge(scanned, isolation))
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
