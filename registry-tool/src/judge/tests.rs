//! Chains as long as they may be, and one record longer, in any order of the files.

use index_schema::approval::ApprovalTag;
use index_schema::id::{RegistryId, StatementId};
use index_schema::json::pretty;
use index_schema::layout::Month;
use index_schema::limits;
use index_schema::publisher::{Certificate as Entry, KeyState, PublisherTag};
use index_schema::statement::SchemaOne;
use index_schema::text::{Line, List, Text};
use libral::chain::new_publisher_finding;

use super::*;
use crate::founding::{Founding, first_record};
use crate::signing::{generate, sign_detached};
use crate::submission::Content;

struct Key {
    secret: String,
    certificate: String,
    fingerprint: Fingerprint,
}

fn minute(minute: u64) -> Timestamp {
    let minutes = i64::try_from(minute).unwrap();
    Timestamp::parse("2026-06-01T12:00:00Z").unwrap().plus(60 * minutes)
}

fn key(name: &str) -> Key {
    let key = generate(name, minute(0)).unwrap();
    Key {
        secret: key.armored_secret_key().unwrap(),
        certificate: key.armored_certificate().unwrap(),
        fingerprint: key.fingerprint().clone(),
    }
}

fn signed<T: Document>(document: &T, key: &Key, at: Timestamp) -> Statement<T> {
    let mut bytes = pretty(document);
    let signature = sign_detached(&bytes, key.secret.as_bytes(), at).unwrap();
    bytes.extend(signature.into_bytes());
    Statement::read(&bytes).unwrap()
}

fn old(path: IndexPath, accepted: Timestamp, content: Content) -> Read {
    Ok(Submission { path, accepted, is_new: false, content })
}

fn registry(key: &Key, serial: u64) -> Registry {
    let first = first_record(Founding {
        id: RegistryId::parse("demo").unwrap(),
        title: Line::parse("Demo").unwrap(),
        homepage: None,
        host: Line::parse("Host").unwrap(),
        maintainer: Line::parse("Ada").unwrap(),
        certificate: Text::parse(&key.certificate).unwrap(),
        fingerprint: key.fingerprint.clone(),
    });
    let title = Line::parse(&format!("Demo {serial}")).unwrap();
    Registry { serial, title, ..first }
}

/// The records of a registry from the first on, one accepted each minute.
fn registries(key: &Key, count: u64) -> Vec<Read> {
    let record = |serial| {
        let statement = signed(&registry(key, serial), key, minute(serial));
        old(IndexPath::Registry(serial), minute(serial), Content::Registry(statement))
    };
    (1..=count).map(record).collect()
}

fn publisher(key: &Key, serial: u64) -> Publisher {
    Publisher {
        kind: PublisherTag,
        schema: SchemaOne,
        registry: RegistryId::parse("demo").unwrap(),
        id: PublisherId::parse("lab").unwrap(),
        serial,
        title: Line::parse(&format!("Lab {serial}")).unwrap(),
        homepage: None,
        threshold: 1,
        certificates: List::new(vec![Entry {
            fingerprint: key.fingerprint.clone(),
            state: KeyState::Active,
            since: None,
            certificate: Text::parse(&key.certificate).unwrap(),
        }])
        .unwrap(),
    }
}

/// The records of a publisher from the first on, one accepted each minute, and the approval.
fn publishers(key: &Key, maintainer: &Key, count: u64) -> Vec<Read> {
    let place = |serial| IndexPath::Publisher(PublisherId::parse("lab").unwrap(), serial);
    let mut files = Vec::new();
    for serial in 1..=count {
        let at = minute(serial + 1);
        let statement = signed(&publisher(key, serial), key, at);
        if serial == 1 {
            let approval = Approval {
                kind: ApprovalTag,
                schema: SchemaOne,
                registry: statement.document.registry.clone(),
                id: StatementId::parse("approve-lab").unwrap(),
                path: place(1),
                sha256: statement.digest(),
                archives: List::default(),
                findings: List::new(vec![new_publisher_finding(&statement.document)]).unwrap(),
                reason: Text::parse("known").unwrap(),
            };
            let approval = signed(&approval, maintainer, at);
            let path = IndexPath::Moderation(Month::of(at), approval.document.id.clone());
            files.push(old(path, at, Content::Approval(approval)));
        }
        files.push(old(place(serial), at, Content::Publisher(statement)));
    }
    files
}

fn void(judged: &Judged) -> Vec<(&str, &str)> {
    judged.findings.iter().map(|finding| (finding.path.as_str(), finding.code)).collect()
}

fn most() -> u64 {
    u64::try_from(limits::RECORDS).unwrap()
}

#[test]
fn a_publisher_has_no_more_records_than_clients_read() {
    let (maintainer, lab) = (key("Ada"), key("Lab"));
    let mut files = registries(&maintainer, 1);
    files.extend(publishers(&lab, &maintainer, most() + 1));
    // The order of the files says nothing: the times when they were accepted do.
    files.reverse();
    let judged = judge(files);
    let path = format!("publishers/la/lab/{}.signed", most() + 1);
    assert_eq!(void(&judged), [(path.as_str(), "publisher/too-long")]);
    let index = judged.index.unwrap();
    let member = &index.publishers[&PublisherId::parse("lab").unwrap()];
    assert_eq!(member.links.len(), limits::RECORDS);
    assert_eq!(member.chain.record().serial, most());
    assert_eq!(index.next_serial(&member.chain.record().id), most() + 2);
}

#[test]
fn a_registry_has_no_more_records_than_clients_read() {
    let maintainer = key("Ada");
    let mut files = registries(&maintainer, most() + 1);
    files.reverse();
    let judged = judge(files);
    let path = format!("registry/{}.signed", most() + 1);
    assert_eq!(void(&judged), [(path.as_str(), "registry/too-long")]);
    let index = judged.index.unwrap();
    assert_eq!(index.registry.len(), limits::RECORDS);
    assert_eq!(index.maintainers.record().serial, most());
    assert_eq!(index.registry_links().len(), limits::RECORDS);
}

#[test]
fn without_a_first_record_nothing_counts() {
    let (maintainer, lab) = (key("Ada"), key("Lab"));
    let mut files = registries(&maintainer, 2);
    drop(files.remove(0));
    files.extend(publishers(&lab, &maintainer, 1));
    let judged = judge(files);
    assert!(judged.index.is_none());
    let expected =
        [("registry/1.signed", "registry/missing"), ("registry/2.signed", "chain/not-first")];
    assert_eq!(void(&judged), expected);

    // And without a publisher's first record, none of its others does.
    let mut files = registries(&maintainer, 1);
    files.extend(publishers(&lab, &maintainer, 2).into_iter().skip(2));
    let judged = judge(files);
    assert_eq!(void(&judged), [("publishers/la/lab/2.signed", "chain/not-first")]);
    assert!(judged.index.unwrap().publishers.is_empty());
}

#[test]
fn what_is_about_nothing_is_void_and_said_so() {
    use index_schema::objection::{Objection, ObjectionTag};
    let (maintainer, lab) = (key("Ada"), key("Lab"));
    let mut files = registries(&maintainer, 1);
    files.extend(publishers(&lab, &maintainer, 1));
    for id in ["lab", "nobody"] {
        let id = PublisherId::parse(id).unwrap();
        let objection = Objection {
            kind: ObjectionTag,
            schema: SchemaOne,
            registry: RegistryId::parse("demo").unwrap(),
            id: id.clone(),
            serial: 2,
            sha256: index_schema::digest::Sha256Digest::of(b""),
            reason: Text::parse("not ours").unwrap(),
        };
        let statement = signed(&objection, &lab, minute(9));
        let place = IndexPath::Objection(id, 2);
        files.push(old(place, minute(9), Content::Objection(statement)));
    }
    let judged = judge(files);
    let expected = [
        ("publishers/la/lab/objections/2.signed", "objection/unknown-record"),
        ("publishers/no/nobody/objections/2.signed", "objection/unknown-record"),
    ];
    assert_eq!(void(&judged), expected);
}
