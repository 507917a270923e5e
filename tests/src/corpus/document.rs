//! The signed documents of a corpus.

use std::collections::BTreeMap;

use index_schema::approval::{Approval, ApprovalTag, FindingId};
use index_schema::digest::Sha256Digest;
use index_schema::id::{RegistryId, StatementId, Word};
use index_schema::json::pretty;
use index_schema::layout::{IndexPath, Month};
use index_schema::publisher::{Certificate, KeyState, Publisher, PublisherTag};
use index_schema::registry::{DEFAULT_CATEGORIES, Host, Maintainer, Registry, RegistryTag, Role};
use index_schema::statement::SchemaOne;
use index_schema::text::{Line, List, Text};
use libral::chain::NEW_PUBLISHER;

use super::key::{KeyError, SigningKey};
use super::plan::{self, Plan, moment};
use super::prose::capital;
use super::random::Random;

/// A file of the index repository.
pub(crate) struct File {
    pub(crate) path: IndexPath,
    pub(crate) bytes: Vec<u8>,
}

/// So many seconds after a publisher's record is it approved.
const APPROVAL: i64 = 600;

/// Makes a list that its caller knows to be short and without repetition.
pub(crate) fn list<T: PartialEq, const MIN: usize, const MAX: usize>(
    items: impl IntoIterator<Item = T>,
) -> List<T, MIN, MAX> {
    List::new(items.into_iter().collect()).expect("few and different items")
}

/// Makes a line of text that its caller knows to be one.
pub(crate) fn line<const MAX: usize>(text: &str) -> Line<MAX> {
    Line::parse(text).expect("a short line without forbidden characters")
}

fn text<const MAX: usize>(text: &str) -> Text<MAX> {
    Text::parse(text).expect("a short text without forbidden characters")
}

/// Makes the key of the only maintainer.
pub(crate) fn maintainer(plan: &Plan) -> Result<SigningKey, KeyError> {
    let mut random = Random::new(plan.seed, "maintainer-key", 0);
    SigningKey::new("Maintainer <maintainer@corpus.example>", moment(opening(plan)), &mut random)
}

/// Returns the second in which the registry record is signed: a day before anybody joins.
pub(crate) fn opening(plan: &Plan) -> i64 {
    let joined = plan.publishers.iter().map(|publisher| publisher.joined);
    joined.min().unwrap_or(plan.model.from) - index_schema::time::DAY
}

/// Makes the key of a publisher.
pub(crate) fn publisher_key(plan: &Plan, place: usize) -> Result<SigningKey, KeyError> {
    let mut random = Random::new(plan.seed, "publisher-key", place);
    let (id, joined) =
        plan.publishers.get(place).map_or(("nobody", 0), |it| (it.id.as_str(), it.joined));
    let user_id = format!("{} <releases@{id}.example>", capital(id));
    SigningKey::new(&user_id, moment(joined), &mut random)
}

/// Makes the registry record.
pub(crate) fn registry(plan: &Plan, key: &SigningKey) -> Result<File, KeyError> {
    let everything = list(Role::ALL.iter().copied());
    let document = Registry {
        kind: RegistryTag,
        schema: SchemaOne,
        registry: plan.registry.clone(),
        serial: 1,
        title: line("Made-up registry for measurements"),
        homepage: None,
        maintainers: list([Maintainer {
            name: line("Maintainer"),
            roles: everything,
            fingerprint: key.fingerprint().clone(),
            certificate: text(&key.certificate()?),
        }]),
        thresholds: BTreeMap::new(),
        categories: list(DEFAULT_CATEGORIES.iter().map(|word| self::word(word))),
        host: Host {
            name: line("Libral Core"),
            permissions: List::default(),
            publishers: List::default(),
        },
        committers: List::default(),
    };
    let bytes = key.statement(pretty(&document), moment(opening(plan)))?;
    Ok(File { path: IndexPath::Registry(1), bytes })
}

pub(crate) fn word(text: &str) -> Word {
    Word::parse(text).expect("plain words are words")
}

/// Makes the record of a publisher and the maintainer's approval of it.
pub(crate) fn publisher(
    plan: &Plan,
    place: usize,
    key: &SigningKey,
    maintainer: &SigningKey,
) -> Result<Vec<File>, KeyError> {
    let Some(publisher) = plan.publishers.get(place) else { return Ok(Vec::new()) };
    let record = publisher_record(&plan.registry, publisher, key)?;
    let time = moment(publisher.joined + APPROVAL);
    let id = StatementId::parse(&format!("approve-{}-1", publisher.id));
    let id = id.expect("the id of a publisher leaves room for more");
    let finding = FindingId::of(NEW_PUBLISHER, &record.path.to_string(), publisher.id.as_str());
    let approval = Approval {
        kind: ApprovalTag,
        schema: SchemaOne,
        registry: plan.registry.clone(),
        id: id.clone(),
        path: record.path.clone(),
        sha256: Sha256Digest::of(&record.bytes),
        archives: List::default(),
        findings: list([finding]),
        reason: text("The publisher is who the record says: asked by mail, answered with the key."),
    };
    let path = IndexPath::Moderation(Month::of(time), id);
    let bytes = maintainer.statement(pretty(&approval), time)?;
    Ok(vec![record, File { path, bytes }])
}

fn publisher_record(
    registry: &RegistryId,
    publisher: &plan::Publisher,
    key: &SigningKey,
) -> Result<File, KeyError> {
    let document = Publisher {
        kind: PublisherTag,
        schema: SchemaOne,
        registry: registry.clone(),
        id: publisher.id.clone(),
        serial: 1,
        title: line(&capital(publisher.id.as_str())),
        homepage: None,
        threshold: 1,
        certificates: list([Certificate {
            fingerprint: key.fingerprint().clone(),
            state: KeyState::Active,
            since: None,
            certificate: text(&key.certificate()?),
        }]),
    };
    let bytes = key.statement(pretty(&document), moment(publisher.joined))?;
    Ok(File { path: IndexPath::Publisher(publisher.id.clone(), 1), bytes })
}
