//! Putting statements where they belong in a work tree.

use std::io;
use std::path::{Path, PathBuf};

use index_schema::advisory::Advisory;
use index_schema::approval::Approval;
use index_schema::handover::Handover;
use index_schema::json::Problem;
use index_schema::json::{self, Unknown};
use index_schema::layout::{IndexPath, Month};
use index_schema::limits;
use index_schema::manifest::Manifest;
use index_schema::objection::Objection;
use index_schema::publisher::Publisher;
use index_schema::publisher_status::PublisherStatus;
use index_schema::registry::Registry;
use index_schema::removal::Removal;
use index_schema::statement::{self, Document, Header, Kind, Statement};
use index_schema::status::Status;
use index_schema::time::Timestamp;
use libral::file::{Mode, read_file, write_file};

use crate::finding::{Finding, list};

/// Why a statement was not put into the work tree.
#[derive(Debug, thiserror::Error)]
pub enum IntakeError {
    /// The file could not be read.
    #[error("cannot read `{}`", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file could not be written.
    #[error("cannot write `{}`", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Something else lies there.
    #[error("`{0}` is there already, with other bytes: what is published never changes")]
    Taken(IndexPath),
    /// The statement cannot be read.
    #[error("{}", list(.0))]
    Malformed(Vec<Finding>),
}

impl IntakeError {
    /// Tells whether the statement is at fault, and not what happened to the file.
    pub const fn is_refusal(&self) -> bool {
        match self {
            Self::Taken(_) | Self::Malformed(_) => true,
            Self::Read { .. } | Self::Write { .. } => false,
        }
    }
}

/// Reads a statement file of any kind and says where it belongs.
pub fn place(name: &str, bytes: &[u8], now: Timestamp) -> Result<IndexPath, IntakeError> {
    let malformed = |problems: Vec<Problem>| {
        let finding = |problem| Finding::from_problem(problem, name, bytes);
        IntakeError::Malformed(problems.into_iter().map(finding).collect())
    };
    let (document, _) = statement::split(bytes).map_err(|error| {
        IntakeError::Malformed(vec![Finding::new(error.code(), name, error.to_string())])
    })?;
    let header: Header =
        json::read(document, limits::PUBLISHER, Unknown::Ignore).map_err(malformed)?;
    let moderation = |id| IndexPath::Moderation(Month::of(now), id);
    let path = match Kind::parse(&header.kind) {
        Some(Kind::Registry) => read::<Registry>(bytes).map(|d| IndexPath::Registry(d.serial)),
        Some(Kind::Publisher) => {
            read::<Publisher>(bytes).map(|d| IndexPath::Publisher(d.id, d.serial))
        }
        Some(Kind::Release) => read::<Manifest>(bytes).map(|d| IndexPath::Release(d.id, d.version)),
        Some(Kind::Status) => read::<Status>(bytes).map(|d| IndexPath::Status(d.id, d.serial)),
        Some(Kind::PublisherStatus) => {
            read::<PublisherStatus>(bytes).map(|d| IndexPath::PublisherStatus(d.id, d.serial))
        }
        Some(Kind::Objection) => {
            read::<Objection>(bytes).map(|d| IndexPath::Objection(d.id, d.serial))
        }
        Some(Kind::Approval) => read::<Approval>(bytes).map(|d| moderation(d.id)),
        Some(Kind::Handover) => read::<Handover>(bytes).map(|d| moderation(d.id)),
        Some(Kind::Removal) => read::<Removal>(bytes).map(|d| moderation(d.id)),
        Some(Kind::Advisory) => {
            read::<Advisory>(bytes).map(|d| IndexPath::Advisory(d.osv.id, d.serial))
        }
        None => {
            let message = format!("`{}` is not a type of statement", header.kind);
            return Err(IntakeError::Malformed(vec![Finding::new(
                "statement/wrong-type",
                name,
                message,
            )]));
        }
    };
    path.map_err(malformed)
}

fn read<T: Document>(bytes: &[u8]) -> Result<T, Vec<Problem>> {
    Ok(Statement::read(bytes)?.document)
}

/// Puts a statement into the work tree of an index repository and returns its path there.
pub fn put(index: &Path, path: &IndexPath, bytes: &[u8]) -> Result<(), IntakeError> {
    let place = index.join(path.to_string());
    match read_file(&place, path.limit()) {
        Ok(there) if there == bytes => return Ok(()),
        Ok(_) => return Err(IntakeError::Taken(path.clone())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(source) => return Err(IntakeError::Read { path: place, source }),
    }
    write_file(&place, bytes, Mode::Public)
        .map_err(|source| IntakeError::Write { path: place, source })
}
