//! Believing a release: the publisher's own statement, checked against what the index copied.
//!
//! ```text
//! publisher_chain ─▶ record 1, approved by the registry's maintainers ─▶ Chain
//! release         ─▶ statement ─signed by the chain─▶ manifest == facts, id, version, signers
//! status          ─▶ statements ─signed by the chain─▶ yanked, deprecated
//! ```
//!
//! Whoever holds the registry's online keys can write any plugin document. They can sign neither
//! a manifest nor a status statement nor an approval, so what they make up is noticed here.

use index_schema::approval::Approval;
use index_schema::digest::Sha256Digest;
use index_schema::fingerprint::Fingerprint;
use index_schema::id::{PluginId, PublisherId};
use index_schema::layout::IndexPath;
use index_schema::manifest::Manifest;
use index_schema::plugin_doc::{About, Facts, Listed, PluginDoc, Release, StatementRef, States};
use index_schema::publisher::Publisher;
use index_schema::statement::Statement;
use index_schema::status::Status;
use index_schema::version::Version;

use crate::chain::{Chain, ChainError, new_publisher_finding};
use crate::failure::{Class, Failure};
use crate::index::{Index, IndexError};

/// Why a release is not believed.
#[derive(Debug, thiserror::Error)]
pub enum BelieveError {
    /// The index is not believed.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// The document names no record of the publisher, or no approval of the first.
    #[error("the document of `{id}` has no {what}")]
    Incomplete {
        /// The plugin.
        id: PluginId,
        /// What it lacks.
        what: &'static str,
    },
    /// The publisher has changed its keys, which this version cannot follow.
    #[error(
        "the publisher `{publisher}` has {records} records; this version follows only the first"
    )]
    LaterRecord {
        /// The publisher.
        publisher: PublisherId,
        /// How many records there are.
        records: usize,
    },
    /// A statement is not signed by who should have.
    #[error("{what} is not trusted: {}", all(errors))]
    Untrusted {
        /// The statement.
        what: String,
        /// What is wrong with it.
        errors: Vec<ChainError>,
    },
    /// The document says otherwise than the publisher.
    #[error(
        "the index contradicts what the publisher signed for {id} {version}: `{field}` differs"
    )]
    Contradiction {
        /// The plugin.
        id: PluginId,
        /// The release.
        version: Version,
        /// What differs.
        field: &'static str,
    },
    /// The document says otherwise about the state of a plugin than the publisher.
    #[error("the index contradicts what the publisher said of {id}: {what}")]
    FalseStatus {
        /// The plugin.
        id: PluginId,
        /// What differs.
        what: &'static str,
    },
}

fn all(errors: &[ChainError]) -> String {
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

impl Failure for BelieveError {
    fn class(&self) -> Class {
        match self {
            Self::Index(error) => error.class(),
            Self::Incomplete { .. }
            | Self::LaterRecord { .. }
            | Self::Untrusted { .. }
            | Self::Contradiction { .. }
            | Self::FalseStatus { .. } => Class::Untrusted,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Index(error) => error.code(),
            Self::Incomplete { .. } => "index/incomplete",
            Self::LaterRecord { .. } => "chain/later-record",
            Self::Untrusted { errors, .. } => {
                errors.first().map_or("chain/untrusted", ChainError::code)
            }
            Self::Contradiction { .. } => "index/contradicts-manifest",
            Self::FalseStatus { .. } => "index/contradicts-status",
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Index(error) => error.hint(),
            Self::LaterRecord { .. } => Some("use a newer version of this program".to_owned()),
            Self::Incomplete { .. }
            | Self::Untrusted { .. }
            | Self::Contradiction { .. }
            | Self::FalseStatus { .. } => {
                Some("nothing was changed; tell the registry's maintainers".to_owned())
            }
        }
    }
}

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

/// Checks the publisher of a plugin, and that the maintainers let it in.
pub fn publisher(index: &Index<'_>, document: &PluginDoc) -> Result<Chain, BelieveError> {
    let publisher = &document.id.publisher;
    let incomplete = |what| BelieveError::Incomplete { id: document.id.clone(), what };
    let [link] = document.publisher_chain.as_slice() else {
        let records = document.publisher_chain.len();
        let publisher = publisher.clone();
        return Err(match records {
            0 => incomplete("record of its publisher"),
            _ => BelieveError::LaterRecord { publisher, records },
        });
    };
    let approval = link.approval.as_ref();
    let approval = approval.ok_or_else(|| incomplete("approval of its publisher"))?;
    index.same_publisher(publisher, link.record.sha256)?;
    let what = format!("the first record of the publisher `{publisher}`");
    let untrusted = |errors| BelieveError::Untrusted { what: what.clone(), errors };
    let record: Statement<Publisher> = index.statement(&link.record)?;
    let accepted = link.record.accepted;
    let chain = Chain::first(&record, index.record(), accepted).map_err(untrusted)?;
    if chain.record().id != *publisher {
        let (expected, found) = (publisher.to_string(), chain.record().id.to_string());
        return Err(untrusted(vec![ChainError::OtherPublisher { expected, found }]));
    }
    approved(index, &record, (approval, &link.record)).map_err(|error| match error {
        Denied::Index(error) => error.into(),
        Denied::Chain(errors) => untrusted(errors),
    })?;
    if chain.record().title != document.publisher_title {
        let what = "`publisher_title` differs";
        return Err(BelieveError::FalseStatus { id: document.id.clone(), what });
    }
    index.remember_publisher(publisher, link.record.sha256);
    Ok(chain)
}

enum Denied {
    Index(IndexError),
    Chain(Vec<ChainError>),
}

fn approved(
    index: &Index<'_>,
    record: &Statement<Publisher>,
    (approval, subject): (&StatementRef, &StatementRef),
) -> Result<(), Denied> {
    let statement: Statement<Approval> = index.statement(approval).map_err(Denied::Index)?;
    let path = IndexPath::Publisher(record.document.id.clone(), record.document.serial);
    let finding = new_publisher_finding(&record.document);
    let subject = (&path, record, subject.accepted);
    let approves = index.maintainers().approves((&statement, approval.accepted), subject, &finding);
    approves.map_err(Denied::Chain)
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
    for (serial, reference) in (1..).zip(&document.status) {
        let statement: Statement<Status> = index.statement(reference)?;
        chain.status(&statement, reference.accepted).map_err(|errors| {
            let what = format!("status {serial} of {}", document.id);
            BelieveError::Untrusted { what, errors }
        })?;
        let said = &statement.document;
        if said.id != document.id || said.serial != serial {
            let what = "a status statement is out of place";
            return Err(BelieveError::FalseStatus { id: document.id.clone(), what });
        }
        states.apply(said);
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
