//! The records of a publisher: the first, those that follow, and objections to them.

mod objection;
mod update;

use index_schema::fingerprint::Fingerprint;
use index_schema::id::{PublisherId, RegistryId};
use index_schema::publisher::{Certificate as Entry, KeyState, Publisher, PublisherTag};
use index_schema::statement::{Document as _, SchemaOne};
use index_schema::text::{Line, List, Text, TextError};
use index_schema::url::HttpsUrl;
use libral::openpgp::{Certificate, CertificateError};

pub use self::objection::object;
pub use self::update::{Changes, Missing, Update, update};
use crate::judge::{Index, Member};
use crate::rehearsal::RehearsalError;
use crate::signing::{SigningError, armored_certificate_of};
use crate::submission::{Content, Submission};

/// What somebody says who wants to publish.
#[derive(Debug, Clone)]
pub struct Application {
    /// The registry.
    pub registry: RegistryId,
    /// The publisher's id.
    pub id: PublisherId,
    /// What people call the publisher.
    pub title: Line<80>,
    /// Its page.
    pub homepage: Option<HttpsUrl>,
    /// How many keys have to sign.
    pub threshold: u32,
}

/// Why a record was not written.
#[derive(Debug, thiserror::Error)]
pub enum MembershipError {
    /// A certificate is no good.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// A certificate could not be read or written.
    #[error(transparent)]
    OpenPgp(#[from] SigningError),
    /// A certificate is too long or too short to stand in a record.
    #[error(transparent)]
    Text(#[from] TextError),
    /// The certificates do not make a list.
    #[error("certificates: {0}")]
    List(String),
    /// What the record says does not go together.
    #[error("{0}")]
    Contradiction(String),
    /// There is no such publisher.
    #[error("there is no publisher `{0}` whose keys count")]
    NoSuchPublisher(PublisherId),
    /// The publisher has no such key.
    #[error("`{0}` is not a key of the publisher")]
    NoSuchKey(Fingerprint),
    /// There is nothing to object to.
    #[error("`{0}` has no record {1} that counts")]
    NoSuchRecord(PublisherId, u64),
    /// The next record would say what the last one says.
    #[error("nothing of `{0}` would change")]
    Unchanged(PublisherId),
}

impl From<MembershipError> for RehearsalError {
    fn from(error: MembershipError) -> Self {
        Self::Command(Box::new(error))
    }
}

/// Writes the first record of a publisher: all keys active.
pub fn first_record(
    application: Application,
    certificates: &[Vec<u8>],
) -> Result<Publisher, MembershipError> {
    let entries = certificates.iter().map(|bytes| entry(bytes)).collect::<Result<Vec<_>, _>>()?;
    let record = Publisher {
        kind: PublisherTag,
        schema: SchemaOne,
        registry: application.registry,
        id: application.id,
        serial: 1,
        title: application.title,
        homepage: application.homepage,
        threshold: application.threshold,
        certificates: List::new(entries).map_err(MembershipError::List)?,
    };
    consistent(record)
}

/// Refuses a record that contradicts itself.
fn consistent(record: Publisher) -> Result<Publisher, MembershipError> {
    match record.contradictions().into_iter().next() {
        None => Ok(record),
        Some((field, _, message)) => {
            Err(MembershipError::Contradiction(format!("`{field}`: {message}")))
        }
    }
}

/// Returns a publisher whose keys count.
pub fn member_of<'i>(index: &'i Index, id: &PublisherId) -> Result<&'i Member, MembershipError> {
    index.publishers.get(id).ok_or_else(|| MembershipError::NoSuchPublisher(id.clone()))
}

/// Tells whether a statement has to do with the keys of a publisher: one by maintainers may.
pub fn is_about(submission: &Submission, id: &PublisherId) -> bool {
    match &submission.content {
        Content::Registry(_) | Content::Approval(_) | Content::Handover(_) => true,
        Content::Publisher(statement) => statement.document.id == *id,
        Content::Objection(statement) => statement.document.id == *id,
        Content::PublisherStatus(statement) => statement.document.id == *id,
        Content::Release(_)
        | Content::Status(_)
        | Content::Removal(_)
        | Content::Advisory(_)
        | Content::Metadata(_) => false,
    }
}

fn entry(bytes: &[u8]) -> Result<Entry, MembershipError> {
    let armored = armored_certificate_of(bytes)?;
    let certificate = Certificate::parse(armored.as_bytes())?;
    let fingerprint: Fingerprint = certificate.fingerprint().clone();
    let certificate = Text::parse(&armored)?;
    Ok(Entry { fingerprint, state: KeyState::Active, since: None, certificate })
}
