//! Following the records of a publisher.
//!
//! All statements of a chain come in one file, which the links of the document cut into pieces:
//! one request, however often a publisher has changed its keys.

use std::fmt;

use index_schema::approval::Approval;
use index_schema::digest::Sha256Digest;
use index_schema::fingerprint::Fingerprint;
use index_schema::handover::Handover;
use index_schema::id::PublisherId;
use index_schema::layout;
use index_schema::limits;
use index_schema::objection::Objection;
use index_schema::plugin_doc::{ChainLink, PluginDoc, StatementRef};
use index_schema::publisher::Publisher;
use index_schema::publisher_status::PublisherStatus;
use index_schema::statement::{Document, Statement};
use index_schema::time::Timestamp;

use super::error::BelieveError;
use crate::chain::{At, Chain, ChainError, Followed, Step};
use crate::index::{Index, IndexError};
use crate::seen::SeenRecord;

/// A hand-over that the user has to agree to: this client knows the keys from before.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct HandedOver {
    /// The publisher.
    pub publisher: PublisherId,
    /// The serial of the record with the new keys.
    pub serial: u64,
    /// The keys that were active before.
    pub old: Vec<Fingerprint>,
    /// The keys that are active from then on.
    pub new: Vec<Fingerprint>,
    /// When that was accepted.
    pub accepted: Timestamp,
    /// What happened, in the maintainers' words.
    pub reason: String,
}

impl fmt::Display for HandedOver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys = |keys: &[Fingerprint]| {
            keys.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
        };
        let Self { publisher, accepted, reason, .. } = self;
        let (old, new) = (keys(&self.old), keys(&self.new));
        write!(
            f,
            "on {accepted}, the registry's maintainers gave the publisher `{publisher}` other \
             keys, without its signature: {old} became {new} ({reason})"
        )
    }
}

/// A statement and when the registry accepted it.
struct Accepted<T> {
    statement: Statement<T>,
    at: Timestamp,
}

impl<T> Accepted<T> {
    const fn at(&self) -> At<'_, T> {
        (&self.statement, self.at)
    }
}

/// A record and what came with it.
struct Link {
    record: Accepted<Publisher>,
    approval: Option<Accepted<Approval>>,
    handover: Option<Accepted<Handover>>,
    objection: Option<Accepted<Objection>>,
}

impl Link {
    fn step(&self) -> Step<'_> {
        Step {
            record: self.record.at(),
            approval: self.approval.as_ref().map(Accepted::at),
            handover: self.handover.as_ref().map(Accepted::at),
            objection: self.objection.as_ref().map(Accepted::at),
        }
    }

    fn seen(&self) -> SeenRecord {
        let record = &self.record.statement;
        SeenRecord {
            serial: record.document.serial,
            digest: record.digest(),
            objected: self.objection.is_some(),
        }
    }
}

/// Checks the publisher of a plugin from its first record on, and that the maintainers let it in.
pub fn publisher(index: &Index<'_>, document: &PluginDoc) -> Result<Chain, BelieveError> {
    let publisher = &document.id.publisher;
    let (links, words) = read(index, document)?;
    let records: Vec<SeenRecord> = links.iter().map(Link::seen).collect();
    let said = words.iter().map(|word| (word.statement.document.serial, word.statement.digest()));
    let said = said.collect();
    index.same_publisher(publisher, (&records, &said))?;
    let mut chain = follow(index, publisher, &links)?.ok_or_else(|| {
        let what = "record of its publisher";
        BelieveError::Incomplete { id: document.id.clone(), what }
    })?;
    if chain.record().title != document.publisher_title {
        let what = "`publisher_title` differs";
        return Err(BelieveError::FalseStatus { id: document.id.clone(), what });
    }
    for word in &words {
        chain.said(index.maintainers(), word.at()).map_err(|errors| {
            let serial = word.statement.document.serial;
            let what = format!("the maintainers' word {serial} on the publisher `{publisher}`");
            BelieveError::Untrusted { what, errors }
        })?;
    }
    let suspended = chain.standing().suspension().map(|suspension| suspension.reason.to_string());
    index.remember_publisher(publisher, (&records, said, suspended));
    Ok(chain)
}

/// What a publisher said of its keys, and maintainers of the publisher.
type Said = (Vec<Link>, Vec<Accepted<PublisherStatus>>);

/// Fetches the statements of the chain, and those about the publisher.
fn read(index: &Index<'_>, document: &PluginDoc) -> Result<Said, IndexError> {
    let links = &document.publisher_chain;
    let words = &document.publisher_status;
    if links.len() > limits::RECORDS || words.len() > limits::PUBLISHER_STATUSES {
        let what = format!("the publisher `{}`", document.id.publisher);
        return Err(IndexError::TooManyRecords { what, found: links.len().max(words.len()) });
    }
    let file = &document.publisher_statements;
    let bytes = index.blob(file, limits::CHAIN + limits::PUBLISHER_STATUS)?;
    let mut pieces = Pieces { rest: &bytes, path: layout::blob(&file.sha256) };
    let links = links.iter().map(|link| pieces.link(link)).collect::<Result<_, _>>()?;
    let words = words.iter().map(|it| pieces.statement(it)).collect::<Result<_, _>>()?;
    if pieces.rest.is_empty() { Ok((links, words)) } else { Err(IndexError::Blob(pieces.path)) }
}

/// What of a file has not been cut off yet.
struct Pieces<'f> {
    rest: &'f [u8],
    path: String,
}

impl Pieces<'_> {
    /// Cuts the statements of a link, in the order of [`ChainLink::statements`].
    fn link(&mut self, link: &ChainLink) -> Result<Link, IndexError> {
        Ok(Link {
            record: self.statement(&link.record)?,
            approval: link.approval.as_ref().map(|it| self.statement(it)).transpose()?,
            handover: link.handover.as_ref().map(|it| self.statement(it)).transpose()?,
            objection: link.objection.as_ref().map(|it| self.statement(it)).transpose()?,
        })
    }

    fn statement<T: Document>(
        &mut self,
        reference: &StatementRef,
    ) -> Result<Accepted<T>, IndexError> {
        let other = || IndexError::Blob(self.path.clone());
        let ceiling = T::LIMIT.saturating_add(limits::SIGNATURES);
        let size = usize::try_from(reference.size).ok().filter(|size| *size <= ceiling);
        let piece = size.and_then(|size| self.rest.split_at_checked(size));
        let (piece, rest) = piece.ok_or_else(other)?;
        if Sha256Digest::of(piece) != reference.sha256 {
            return Err(other());
        }
        let statement = Statement::read(piece).map_err(|problems| {
            let what = format!("the statement {} of a publisher's chain", reference.sha256);
            IndexError::unreadable(what, problems)
        })?;
        self.rest = rest;
        Ok(Accepted { statement, at: reference.accepted })
    }
}

/// Follows the chain; asks before it follows a hand-over of keys that were seen before.
fn follow(
    index: &Index<'_>,
    publisher: &PublisherId,
    links: &[Link],
) -> Result<Option<Chain>, BelieveError> {
    links.iter().try_fold(None, |known: Option<Chain>, link| {
        let step = link.step();
        let serial = step.record.0.document.serial;
        let next = advance(index, known.as_ref(), &step);
        let next = next.and_then(|chain| is_of(publisher, chain)).map_err(|errors| {
            let what = format!("record {serial} of the publisher `{publisher}`");
            BelieveError::Untrusted { what, errors }
        })?;
        match step.handover {
            Some((handover, _)) if index.asks_for_handover(publisher, serial) => {
                let said = &handover.document;
                Err(BelieveError::Handover(Box::new(HandedOver {
                    publisher: publisher.clone(),
                    serial,
                    old: said.old.iter().cloned().collect(),
                    new: said.new.iter().cloned().collect(),
                    accepted: step.record.1,
                    reason: said.reason.to_string(),
                })))
            }
            _ => Ok(Some(next)),
        }
    })
}

fn advance(
    index: &Index<'_>,
    known: Option<&Chain>,
    step: &Step<'_>,
) -> Result<Chain, Vec<ChainError>> {
    let Some(known) = known else { return Chain::begin(index.maintainers(), step) };
    match known.follow(index.maintainers(), step)? {
        Followed::Counts(next) | Followed::Objected(next) => Ok(next),
    }
}

fn is_of(publisher: &PublisherId, chain: Chain) -> Result<Chain, Vec<ChainError>> {
    if chain.record().id == *publisher {
        return Ok(chain);
    }
    let (expected, found) = (publisher.to_string(), chain.record().id.to_string());
    Err(vec![ChainError::OtherPublisher { expected, found }])
}
