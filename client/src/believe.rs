//! Believing a release: the publisher's own statement, checked against what the index copied.
//!
//! ```text
//! publisher_chain ─▶ records from the first on, approved, handed over, objected to ─▶ Chain
//! release         ─▶ statement ─signed by the chain─▶ manifest == facts, id, version, signers
//! status          ─▶ statements ─signed by the chain─▶ yanked, deprecated
//! advisories      ─▶ the maintainers' word on vulnerabilities
//! gone            ─▶ the maintainers' removal, or a statement by a compromised key
//! ```
//!
//! Whoever holds the registry's online keys can write any plugin document. They can sign neither
//! a manifest nor a status statement nor an approval nor a removal, so what they make up is
//! noticed here.

mod advisories;
mod error;
mod gone;
mod publisher;

use index_schema::digest::Sha256Digest;
use index_schema::fingerprint::Fingerprint;
use index_schema::id::PluginId;
use index_schema::manifest::Manifest;
use index_schema::plugin_doc::{About, Facts, Listed, PluginDoc, Release, States};
use index_schema::statement::Statement;
use index_schema::status::Status;
use index_schema::version::Version;

pub use self::advisories::advisories;
pub use self::error::BelieveError;
pub use self::gone::{Loss, gone, lost};
pub use self::publisher::{HandedOver, publisher};
use crate::chain::Chain;
use crate::generation::Installed;
use crate::index::Index;

/// A release that its publisher vouches for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Believed {
    manifest: Manifest,
    statement: Sha256Digest,
    signers: Vec<Fingerprint>,
}

impl Believed {
    /// What the publisher says of the release.
    pub const fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The digest of the statement.
    pub const fn statement(&self) -> Sha256Digest {
        self.statement
    }

    /// Who signed it.
    pub fn signers(&self) -> &[Fingerprint] {
        &self.signers
    }
}

/// Checks that the publisher released what the document says.
pub fn release(
    index: &Index<'_>,
    chain: &Chain,
    (document, release): (&PluginDoc, &Release),
) -> Result<Believed, BelieveError> {
    let statement: Statement<Manifest> = index.statement(&release.statement)?;
    let signers = chain.release(&statement, release.statement.accepted).map_err(|errors| {
        let what = format!("the release {} {}", document.id, release.version);
        BelieveError::Untrusted { what, errors }
    })?;
    if let Some(field) = contradiction(document, release, &statement.document, &signers) {
        let (id, version) = (document.id.clone(), release.version.clone());
        return Err(BelieveError::Contradiction { id, version, field });
    }
    let digest = statement.digest();
    Ok(Believed { manifest: statement.document, statement: digest, signers })
}

/// Checks what a document says of a release that is installed and stays, without its publisher's
/// chain: the statement is the one whose signatures were checked when it was installed.
pub fn kept(
    index: &Index<'_>,
    (document, release): (&PluginDoc, &Release),
    installed: &Installed,
) -> Result<Believed, BelieveError> {
    let (id, version) = (&document.id, &release.version);
    let statement: Statement<Manifest> = index.statement(&release.statement)?;
    let signers = installed.signers.iter().cloned().collect();
    let digest = statement.digest();
    let said = contradiction(document, release, &statement.document, &release.signers);
    if let Some(field) = said {
        let (id, version) = (id.clone(), version.clone());
        return Err(BelieveError::Contradiction { id, version, field });
    }
    let believed = Believed { manifest: statement.document, statement: digest, signers };
    same_statement(id, version, (installed.statement, &believed))?;
    Ok(believed)
}

/// Checks that a release that is installed is still the one that the publisher signed then.
pub fn same_statement(
    id: &PluginId,
    version: &Version,
    (known, found): (Sha256Digest, &Believed),
) -> Result<(), BelieveError> {
    if known == found.statement {
        return Ok(());
    }
    let (id, version) = (id.clone(), version.clone());
    Err(BelieveError::Contradiction { id, version, field: "statement" })
}

/// Compares what the document copied with what was signed; names the first field that differs.
fn contradiction(
    document: &PluginDoc,
    release: &Release,
    manifest: &Manifest,
    signers: &[Fingerprint],
) -> Option<&'static str> {
    let of_release = [
        ("registry", document.registry == manifest.registry),
        ("id", document.id == manifest.id),
        // Build metadata count here: they stand in the statement's path.
        ("version", release.version.to_string() == manifest.version.to_string()),
        ("signers", release.signers == signers),
        ("facts", release.facts == Facts::of(manifest)),
    ];
    let is_newest = newest(document).is_some_and(|newest| newest.version == release.version);
    let about = is_newest && document.about != Some(About::of(manifest));
    let differs = of_release.iter().find(|(_, same)| !same).map(|(field, _)| *field);
    differs.or_else(|| about.then_some("about"))
}

/// Returns the release whose title and summary a document copies, if that can be told: whether one
/// that only newer software reads is yanked cannot.
fn newest(document: &PluginDoc) -> Option<&Release> {
    let first = || match document.releases.first()? {
        Listed::Release(release) => Some(release.as_ref()),
        Listed::NeedsNewer(_) => None,
    };
    let newest = document.newest().or_else(first)?;
    let is_above = |listed: &Listed| match listed {
        Listed::Release(_) => false,
        Listed::NeedsNewer(outline) => outline.version > newest.version,
    };
    (!document.releases.iter().any(is_above)).then_some(newest)
}

/// Checks that the publisher yanked and deprecated what the document says, and nothing else.
pub fn status(index: &Index<'_>, chain: &Chain, document: &PluginDoc) -> Result<(), BelieveError> {
    let mut states = States::default();
    let mut last = 0;
    for reference in &document.status {
        let statement: Statement<Status> = index.statement(reference)?;
        let said = &statement.document;
        // A serial whose statement never counted is left out.
        if said.id != document.id || said.serial <= last {
            let what = "a status statement is out of place";
            return Err(BelieveError::FalseStatus { id: document.id.clone(), what });
        }
        last = said.serial;
        match chain.status(&statement, reference.accepted) {
            Ok(_) => states.apply(said),
            // It counted until its publisher said that somebody else may hold the key. It stays
            // listed, so that nobody misses it.
            Err(errors) if errors.iter().all(|error| error.compromised_key().is_some()) => {}
            Err(errors) => {
                let what = format!("status {last} of {}", document.id);
                return Err(BelieveError::Untrusted { what, errors });
            }
        }
    }
    let differs = difference(&states, document);
    differs.map_or(Ok(()), |what| Err(BelieveError::FalseStatus { id: document.id.clone(), what }))
}

/// Names what a document says about its releases that the statements do not.
fn difference(states: &States, document: &PluginDoc) -> Option<&'static str> {
    let same = |release: &Release| {
        states.yanked.get(&release.version.without_build()) == release.yanked.as_ref()
    };
    if !document.usable().all(same) {
        return Some("other releases are yanked");
    }
    (states.deprecated != document.deprecated).then_some("`deprecated` differs")
}

#[cfg(test)]
mod tests;
