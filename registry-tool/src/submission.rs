//! From a file of the index repository to a typed statement, with every problem kept.

use index_schema::advisory::Advisory;
use index_schema::approval::Approval;
use index_schema::handover::Handover;
use index_schema::id::{RegistryId, StatementId};
use index_schema::json::{self, Problem, Unknown};
use index_schema::layout::IndexPath;
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

use crate::finding::Finding;

/// A file of the index repository that could be read.
#[derive(Debug, Clone)]
pub struct Submission {
    /// Where it lies.
    pub path: IndexPath,
    /// When the registry accepted it; for what is not merged yet: now.
    pub accepted: Timestamp,
    /// Whether it is being judged for the first time.
    pub is_new: bool,
    /// What it says.
    pub content: Content,
}

/// What a file of the index repository says.
#[derive(Debug, Clone)]
pub enum Content {
    /// A registry record.
    Registry(Statement<Registry>),
    /// A publisher record.
    Publisher(Statement<Publisher>),
    /// What maintainers say of a publisher.
    PublisherStatus(Statement<PublisherStatus>),
    /// A release.
    Release(Box<Statement<Manifest>>),
    /// A status statement.
    Status(Statement<Status>),
    /// An objection to a publisher record.
    Objection(Statement<Objection>),
    /// An approval.
    Approval(Statement<Approval>),
    /// A hand-over.
    Handover(Statement<Handover>),
    /// A removal.
    Removal(Statement<Removal>),
    /// An advisory.
    Advisory(Box<Statement<Advisory>>),
    /// TUF metadata, which the release step and clients verify.
    Metadata(Vec<u8>),
}

/// A file as it came out of a tree.
#[derive(Debug, Clone, Copy)]
pub struct File<'f> {
    /// The path as text.
    pub path: &'f str,
    /// The bytes.
    pub bytes: &'f [u8],
    /// When the registry accepted it.
    pub accepted: Timestamp,
    /// Whether it is being judged for the first time.
    pub is_new: bool,
}

/// Reads a file strictly: place, size, form, and that it says what its path says.
pub fn read(file: File<'_>) -> Result<Submission, Vec<Finding>> {
    let path = IndexPath::parse(file.path).map_err(|_nowhere| {
        vec![
            Finding::new("shape/path", file.path, "an index repository has no file here")
                .hinted("`registry-tool add` puts statements where they belong"),
        ]
    })?;
    if file.bytes.len() > path.limit() {
        let message = format!("at most {} bytes, not {}", path.limit(), file.bytes.len());
        return Err(vec![Finding::new("shape/too-long", file.path, message)]);
    }
    let content = match &path {
        IndexPath::Registry(_) => Content::Registry(statement(file)?),
        IndexPath::Publisher(..) => Content::Publisher(statement(file)?),
        IndexPath::PublisherStatus(..) => Content::PublisherStatus(statement(file)?),
        IndexPath::Release(..) => Content::Release(Box::new(statement(file)?)),
        IndexPath::Status(..) => Content::Status(statement(file)?),
        IndexPath::Objection(..) => Content::Objection(statement(file)?),
        IndexPath::Moderation(..) => moderation(file)?,
        IndexPath::Advisory(..) => Content::Advisory(Box::new(statement(file)?)),
        IndexPath::Root(_) | IndexPath::Targets(_) => Content::Metadata(file.bytes.to_vec()),
    };
    let submission = Submission { path, accepted: file.accepted, is_new: file.is_new, content };
    match submission.contradicts_path() {
        Some(finding) => Err(vec![finding]),
        None => Ok(submission),
    }
}

/// Reads a moderation statement: which of them it is, it says itself.
fn moderation(file: File<'_>) -> Result<Content, Vec<Finding>> {
    let finding = |problem: Problem| Finding::from_problem(problem, file.path, file.bytes);
    let kind = kind_of(file.bytes);
    let kind = kind.map_err(|problems| problems.into_iter().map(finding).collect::<Vec<_>>())?;
    match kind {
        Some(Kind::Handover) => Ok(Content::Handover(statement(file)?)),
        Some(Kind::Removal) => Ok(Content::Removal(statement(file)?)),
        // What is none of them is refused as not being an approval.
        _ => Ok(Content::Approval(statement(file)?)),
    }
}

fn kind_of(bytes: &[u8]) -> Result<Option<Kind>, Vec<Problem>> {
    let Ok((document, _)) = statement::split(bytes) else { return Ok(None) };
    let header: Header = json::read(document, limits::MANIFEST, Unknown::Ignore)?;
    Ok(Kind::parse(&header.kind))
}

fn statement<T: Document>(file: File<'_>) -> Result<Statement<T>, Vec<Finding>> {
    let finding = |problem: Problem| Finding::from_problem(problem, file.path, file.bytes);
    Statement::read(file.bytes).map_err(|problems| problems.into_iter().map(finding).collect())
}

impl Submission {
    /// Returns where the statement belongs by what it says.
    fn place(&self) -> IndexPath {
        match &self.content {
            Content::Registry(s) => IndexPath::Registry(s.document.serial),
            Content::Publisher(s) => IndexPath::Publisher(s.document.id.clone(), s.document.serial),
            Content::PublisherStatus(s) => {
                IndexPath::PublisherStatus(s.document.id.clone(), s.document.serial)
            }
            Content::Release(s) => {
                IndexPath::Release(s.document.id.clone(), s.document.version.clone())
            }
            Content::Status(s) => IndexPath::Status(s.document.id.clone(), s.document.serial),
            Content::Objection(s) => IndexPath::Objection(s.document.id.clone(), s.document.serial),
            Content::Approval(s) => self.in_its_month(&s.document.id),
            Content::Handover(s) => self.in_its_month(&s.document.id),
            Content::Removal(s) => self.in_its_month(&s.document.id),
            Content::Advisory(s) => {
                IndexPath::Advisory(s.document.osv.id.clone(), s.document.serial)
            }
            Content::Metadata(_) => self.path.clone(),
        }
    }

    /// The month of a moderation statement is its acceptance's, and not part of what it says.
    fn in_its_month(&self, id: &StatementId) -> IndexPath {
        match self.path {
            IndexPath::Moderation(month, _) => IndexPath::Moderation(month, id.clone()),
            IndexPath::Registry(_)
            | IndexPath::Root(_)
            | IndexPath::Targets(_)
            | IndexPath::Publisher(..)
            | IndexPath::Objection(..)
            | IndexPath::PublisherStatus(..)
            | IndexPath::Release(..)
            | IndexPath::Status(..)
            | IndexPath::Advisory(..) => self.path.clone(),
        }
    }

    fn contradicts_path(&self) -> Option<Finding> {
        let place = self.place();
        (place != self.path).then(|| {
            let message = format!("by what it says, the statement belongs at `{place}`");
            Finding::new("shape/misplaced", self.path.to_string(), message)
        })
    }

    /// Returns the registry that the statement is for; TUF metadata names none.
    pub const fn registry(&self) -> Option<&RegistryId> {
        match &self.content {
            Content::Registry(s) => Some(&s.document.registry),
            Content::Publisher(s) => Some(&s.document.registry),
            Content::PublisherStatus(s) => Some(&s.document.registry),
            Content::Release(s) => Some(&s.document.registry),
            Content::Status(s) => Some(&s.document.registry),
            Content::Objection(s) => Some(&s.document.registry),
            Content::Approval(s) => Some(&s.document.registry),
            Content::Handover(s) => Some(&s.document.registry),
            Content::Removal(s) => Some(&s.document.registry),
            Content::Advisory(s) => Some(&s.document.registry),
            Content::Metadata(_) => None,
        }
    }

    /// Returns the signatures that follow the document; TUF metadata hold theirs inside.
    pub fn signatures(&self) -> &[u8] {
        match &self.content {
            Content::Registry(s) => s.signatures(),
            Content::Publisher(s) => s.signatures(),
            Content::PublisherStatus(s) => s.signatures(),
            Content::Release(s) => s.signatures(),
            Content::Status(s) => s.signatures(),
            Content::Objection(s) => s.signatures(),
            Content::Approval(s) => s.signatures(),
            Content::Handover(s) => s.signatures(),
            Content::Removal(s) => s.signatures(),
            Content::Advisory(s) => s.signatures(),
            Content::Metadata(_) => &[],
        }
    }

    /// Returns the bytes of the file.
    pub fn bytes(&self) -> &[u8] {
        match &self.content {
            Content::Registry(s) => s.bytes(),
            Content::Publisher(s) => s.bytes(),
            Content::PublisherStatus(s) => s.bytes(),
            Content::Release(s) => s.bytes(),
            Content::Status(s) => s.bytes(),
            Content::Objection(s) => s.bytes(),
            Content::Approval(s) => s.bytes(),
            Content::Handover(s) => s.bytes(),
            Content::Removal(s) => s.bytes(),
            Content::Advisory(s) => s.bytes(),
            Content::Metadata(bytes) => bytes,
        }
    }
}
