//! Writing advisories: new ones, what follows them, and their end.

use std::path::{Path, PathBuf};

use index_schema::advisory::{Advisory, AdvisoryTag};
use index_schema::id::PluginId;
use index_schema::json::{self, Problem, Unknown};
use index_schema::layout::IndexPath;
use index_schema::limits;
use index_schema::osv::{
    AdvisoryId, Affected, Assessment, Event, Harm, Introduced, Osv, Package, Range, Reference,
    ReferenceKind, SCHEMA_VERSION, Score, SemverTag, ecosystem,
};
use index_schema::statement::SchemaOne;
use index_schema::text::{Line, List, Text, TextError};
use index_schema::time::Timestamp;
use index_schema::url::HttpsUrl;
use index_schema::version::Version;
use libral::file::read_file;

use crate::finding::{Finding, list};
use crate::intake::put;
use crate::judge::Index;
use crate::rehearsal::{Rehearsal, RehearsalError};
use crate::signer::{Signer, signed};

/// What there is to say of a vulnerability that nobody has spoken of.
#[derive(Debug, Clone)]
pub struct Report {
    /// The plugin.
    pub plugin: PluginId,
    /// The first release that is affected.
    pub introduced: Introduced,
    /// The first one that is not any more.
    pub fixed: Option<Version>,
    /// The last one that is, if nothing else is known.
    pub last_affected: Option<Version>,
    /// How bad it is.
    pub harm: Harm,
    /// How bad it is, as vectors.
    pub scores: Vec<Score>,
    /// What it is, in a line.
    pub summary: Line<120>,
    /// What there is to know.
    pub details: Text<16384>,
    /// What others call it.
    pub aliases: Vec<Line<100>>,
    /// Where more is to be found.
    pub references: Vec<HttpsUrl>,
}

/// Why no advisory was written.
#[derive(Debug, thiserror::Error)]
pub enum AdviseError {
    /// The file could not be read.
    #[error("cannot read `{}`", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not OSV as registries use it.
    #[error("this is no advisory:\n{}", list(.0))]
    Malformed(Vec<Finding>),
    /// A list has too many items, or one twice.
    #[error("{0}")]
    List(String),
    /// A text has another form.
    #[error(transparent)]
    Text(#[from] TextError),
    /// The year has no number left.
    #[error("no id is left in this year")]
    NoId,
    /// There is no such advisory.
    #[error("there is no advisory `{0}`")]
    Unknown(AdvisoryId),
    /// It is withdrawn.
    #[error("`{0}` is withdrawn already")]
    Withdrawn(AdvisoryId),
}

impl AdviseError {
    /// Tells whether what was to be signed is at fault.
    pub const fn is_refusal(&self) -> bool {
        matches!(self, Self::Malformed(_))
    }
}

impl From<AdviseError> for RehearsalError {
    fn from(error: AdviseError) -> Self {
        Self::Command(Box::new(error))
    }
}

/// An advisory that was written.
#[derive(Debug)]
pub struct Advised {
    /// Where it lies.
    pub path: IndexPath,
    /// What it says.
    pub osv: Osv,
    /// Whether more maintainers have to sign.
    pub is_unfinished: bool,
}

/// What is to be said.
#[derive(Debug)]
pub enum Word {
    /// Something new.
    New(Box<Report>),
    /// This, in place of what was said before, if something was.
    Put(Box<Osv>),
    /// That nothing is affected after all.
    Withdraw(AdvisoryId),
}

/// Reads a file in the words of OSV.
pub fn read_osv(path: &Path) -> Result<Osv, AdviseError> {
    let bytes = read_file(path, limits::MANIFEST)
        .map_err(|source| AdviseError::Read { path: path.to_owned(), source })?;
    let name = path.display().to_string();
    let finding = |problem: Problem| Finding::from_problem(problem, &name, &bytes);
    json::read(&bytes, limits::MANIFEST, Unknown::Refuse)
        .map_err(|problems| AdviseError::Malformed(problems.into_iter().map(finding).collect()))
}

/// Writes the next statement of an advisory into the work tree.
pub fn advise(
    index: &Path,
    word: Word,
    signers: &[Signer],
    now: Timestamp,
) -> Result<Advised, RehearsalError> {
    let rehearsal = Rehearsal::read(index, now, |_| true)?;
    let judged = rehearsal.index()?;
    let osv = match word {
        Word::New(report) => new(&judged, *report, now)?,
        Word::Put(osv) => *osv,
        Word::Withdraw(id) => withdrawn(&judged, id, now)?,
    };
    let advisory = Advisory {
        kind: AdvisoryTag,
        schema: SchemaOne,
        registry: judged.maintainers.record().registry.clone(),
        serial: judged.next_advisory_serial(&osv.id),
        osv,
    };
    let path = IndexPath::Advisory(advisory.osv.id.clone(), advisory.serial);
    let bytes = signed(&advisory, signers, now)?;
    let findings = rehearsal.with(&[(&path, &bytes)]);
    let is_unfinished = |code| code == "signature/below-threshold";
    if findings.iter().any(|finding| !is_unfinished(finding.code)) {
        return Err(RehearsalError::Refused(findings));
    }
    put(index, &path, &bytes)?;
    Ok(Advised { path, osv: advisory.osv, is_unfinished: !findings.is_empty() })
}

/// Returns what holds of a vulnerability.
pub fn current(index: &Path, id: &AdvisoryId, now: Timestamp) -> Result<Osv, RehearsalError> {
    Ok(known(&Rehearsal::read(index, now, |_| true)?.index()?, id)?.clone())
}

fn known<'i>(index: &'i Index, id: &AdvisoryId) -> Result<&'i Osv, AdviseError> {
    let newest = index.advisories.get(id).and_then(|said| said.last_key_value());
    let newest = newest.map(|(_, advisory)| &advisory.statement.document.osv);
    newest.ok_or_else(|| AdviseError::Unknown(id.clone()))
}

fn withdrawn(index: &Index, id: AdvisoryId, now: Timestamp) -> Result<Osv, AdviseError> {
    let known = known(index, &id)?;
    if known.withdrawn.is_some() {
        return Err(AdviseError::Withdrawn(id));
    }
    Ok(Osv { modified: now, withdrawn: Some(now), ..known.clone() })
}

fn new(index: &Index, report: Report, now: Timestamp) -> Result<Osv, AdviseError> {
    let registry = &index.maintainers.record().registry;
    let mut events = vec![Event::introduced(report.introduced)];
    let (fixed, last_affected) = (report.fixed, report.last_affected);
    if fixed.is_some() || last_affected.is_some() {
        events.push(Event { introduced: None, fixed, last_affected });
    }
    let range = Range { kind: SemverTag, events: items(events)? };
    let ecosystem = Line::parse(&ecosystem(registry))?;
    let affected = Affected {
        package: Package { ecosystem, name: report.plugin },
        ranges: items(vec![range])?,
        versions: List::default(),
    };
    let reference = |url| Reference { kind: ReferenceKind::Web, url };
    Ok(Osv {
        schema_version: Line::parse(SCHEMA_VERSION)?,
        id: next_id(index, now)?,
        modified: now,
        published: now,
        withdrawn: None,
        aliases: items(report.aliases)?,
        related: List::default(),
        upstream: List::default(),
        summary: report.summary,
        details: report.details,
        severity: items(report.scores)?,
        affected: items(vec![affected])?,
        references: items(report.references.into_iter().map(reference).collect())?,
        credits: List::default(),
        database_specific: Assessment { severity: report.harm },
    })
}

fn items<T: PartialEq, const MIN: usize, const MAX: usize>(
    items: Vec<T>,
) -> Result<List<T, MIN, MAX>, AdviseError> {
    List::new(items).map_err(AdviseError::List)
}

/// Takes the number after the highest of the year, counted or void.
fn next_id(index: &Index, now: Timestamp) -> Result<AdvisoryId, AdviseError> {
    let registry = &index.maintainers.record().registry;
    let year = now.to_string().get(..4).and_then(|year| year.parse().ok());
    let year: u16 = year.ok_or(AdviseError::NoId)?;
    let void = index.void.iter().filter_map(|place| match place {
        IndexPath::Advisory(id, _) => Some(id),
        IndexPath::Registry(_)
        | IndexPath::Root(_)
        | IndexPath::Targets(_)
        | IndexPath::Publisher(..)
        | IndexPath::Objection(..)
        | IndexPath::PublisherStatus(..)
        | IndexPath::Release(..)
        | IndexPath::Status(..)
        | IndexPath::Moderation(..) => None,
    });
    let taken = index.advisories.keys().chain(void).filter(|id| id.year() == year);
    let highest = taken.map(AdvisoryId::number).max().unwrap_or(0);
    AdvisoryId::new(registry, year, highest.saturating_add(1)).ok_or(AdviseError::NoId)
}
