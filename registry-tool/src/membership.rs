//! Writing the first record of a publisher.

use index_schema::fingerprint::Fingerprint;
use index_schema::id::{PublisherId, RegistryId};
use index_schema::publisher::{Certificate as Entry, KeyState, Publisher, PublisherTag};
use index_schema::statement::{Document as _, SchemaOne};
use index_schema::text::{Line, List, Text, TextError};
use index_schema::url::HttpsUrl;
use libral::openpgp::{Certificate, CertificateError};

use crate::signing::{SigningError, armored_certificate_of};

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
    match record.contradictions().into_iter().next() {
        None => Ok(record),
        Some((field, _, message)) => {
            Err(MembershipError::Contradiction(format!("`{field}`: {message}")))
        }
    }
}

fn entry(bytes: &[u8]) -> Result<Entry, MembershipError> {
    let armored = armored_certificate_of(bytes)?;
    let certificate = Certificate::parse(armored.as_bytes())?;
    let fingerprint: Fingerprint = certificate.fingerprint().clone();
    let certificate = Text::parse(&armored)?;
    Ok(Entry { fingerprint, state: KeyState::Active, since: None, certificate })
}
