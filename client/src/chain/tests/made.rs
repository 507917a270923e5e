//! Makes statements as publishers and maintainers would.

use index_schema::digest::Sha256Digest;
use index_schema::handover::Handover;
use index_schema::manifest::Manifest;
use index_schema::objection::Objection;
use index_schema::removal::Removal;
use index_schema::status::Status;
use sequoia_openpgp::cert::Cert;
use sequoia_openpgp::serialize::SerializeInto as _;
use serde_json::{Value, json};

use super::super::*;
pub(crate) use crate::openpgp::tests::made::{ada as key, day};
use crate::openpgp::tests::made::{armored, binary, pair};

/// An hour, in seconds.
pub(crate) const HOUR: i64 = 3600;

/// A time so many hours after the registry and the publisher began.
pub(crate) fn hour(hours: i64) -> Timestamp {
    day(0).plus(hours * HOUR)
}

pub(crate) fn fingerprint(cert: &Cert) -> Fingerprint {
    Fingerprint::parse(&cert.fingerprint().to_hex()).unwrap()
}

fn armor(cert: &Cert) -> String {
    String::from_utf8(cert.armored().to_vec().unwrap()).unwrap()
}

/// The bytes of a statement, signed by the primary keys of `by`.
pub(crate) fn file(value: &Value, by: &[&Cert], at: Timestamp) -> Vec<u8> {
    let keys: Vec<_> = by.iter().map(|cert| (*cert, 0)).collect();
    file_by(value, &keys, at)
}

/// The bytes of a statement, signed by certain keys of certificates.
pub(crate) fn file_by(value: &Value, by: &[(&Cert, usize)], at: Timestamp) -> Vec<u8> {
    let mut bytes = format!("{value}\n").into_bytes();
    let sign = |(cert, index): &(&Cert, usize)| {
        binary(at).sign_message(&mut pair(cert, *index), &bytes).unwrap()
    };
    let signatures: Vec<_> = by.iter().map(sign).collect();
    bytes.extend(armored(&signatures).into_bytes());
    bytes
}

pub(crate) fn signed<T: Document>(value: &Value, by: &[&Cert], at: Timestamp) -> Statement<T> {
    Statement::read(&file(value, by, at)).unwrap()
}

pub(crate) fn active(cert: &Cert) -> Value {
    json!({ "fingerprint": fingerprint(cert), "state": "active", "certificate": armor(cert) })
}

pub(crate) fn retired(cert: &Cert) -> Value {
    json!({ "fingerprint": fingerprint(cert), "state": "retired", "certificate": armor(cert) })
}

pub(crate) fn compromised(cert: &Cert, since: Timestamp) -> Value {
    json!({
        "fingerprint": fingerprint(cert), "state": "compromised", "since": since,
        "certificate": armor(cert),
    })
}

/// A record of the publisher `lab`.
pub(crate) fn record(serial: u64, threshold: u32, keys: &[Value]) -> Value {
    json!({
        "type": "publisher", "schema": 1, "registry": "demo", "id": "lab", "serial": serial,
        "title": "Lab", "threshold": threshold, "certificates": keys,
    })
}

pub(crate) fn publisher(value: &Value, by: &[&Cert], at: Timestamp) -> Statement<Publisher> {
    signed(value, by, at)
}

pub(crate) fn manifest(version: &str) -> Value {
    let digest = Sha256Digest::of(version.as_bytes());
    json!({
        "type": "release", "schema": 1, "registry": "demo", "id": "lab/amber", "version": version,
        "title": "Amber", "summary": "Summary", "license": "MIT", "categories": ["utilities"],
        "runtime": {"kind": "data"}, "pricing": {"model": "free"},
        "artifacts": [{
            "platform": "any", "urls": ["https://example.org/a.tar.gz"], "sha256": digest,
            "size": 100, "tar_sha256": digest, "unpacked": 10, "entries": 2,
        }],
    })
}

pub(crate) fn release(by: &[&Cert], at: Timestamp) -> Statement<Manifest> {
    signed(&manifest("1.0.0"), by, at)
}

pub(crate) fn status(by: &[&Cert], at: Timestamp) -> Statement<Status> {
    let value = json!({
        "type": "status", "schema": 1, "registry": "demo", "id": "lab/amber", "serial": 1,
        "action": "deprecate", "reason": "done",
    });
    signed(&value, by, at)
}

pub(crate) fn objection_value(to: &Statement<Publisher>) -> Value {
    json!({
        "type": "objection", "schema": 1, "registry": "demo", "id": "lab",
        "serial": to.document.serial, "sha256": to.digest(), "reason": "not by us",
    })
}

pub(crate) fn objection(
    to: &Statement<Publisher>,
    by: &[&Cert],
    at: Timestamp,
) -> Statement<Objection> {
    signed(&objection_value(to), by, at)
}

pub(crate) fn handover_value(to: &Statement<Publisher>, old: &[&Cert], new: &[&Cert]) -> Value {
    let keys = |certs: &[&Cert]| certs.iter().map(|cert| fingerprint(cert)).collect::<Vec<_>>();
    json!({
        "type": "handover", "schema": 1, "registry": "demo", "id": "handover-lab",
        "publisher": "lab", "serial": to.document.serial, "sha256": to.digest(),
        "old": keys(old), "new": keys(new), "reason": "the key was lost",
    })
}

pub(crate) fn approval_value(of: &Statement<Publisher>, finding: &FindingId) -> Value {
    let path = IndexPath::Publisher(of.document.id.clone(), of.document.serial);
    json!({
        "type": "approval", "schema": 1, "registry": "demo", "id": "approve-lab", "path": path,
        "sha256": of.digest(), "findings": [finding], "reason": "known to us",
    })
}

/// A maintainer as a record lists one.
pub(crate) fn maintainer(cert: &Cert, roles: &[&str]) -> Value {
    json!({
        "name": "Alice", "roles": roles, "fingerprint": fingerprint(cert),
        "certificate": armor(cert),
    })
}

/// A record of the registry `demo`.
pub(crate) fn registry(serial: u64, maintainers: &[Value], thresholds: &Value) -> Value {
    json!({
        "type": "registry", "schema": 1, "registry": "demo", "serial": serial, "title": "Demo",
        "maintainers": maintainers, "thresholds": thresholds, "categories": ["utilities"],
        "host": {"name": "Host", "permissions": []},
    })
}

/// A removal of `lab/amber`.
pub(crate) fn removal(version: &str, statement: Sha256Digest) -> Value {
    json!({
        "type": "removal", "schema": 1, "registry": "demo", "id": "remove-amber",
        "plugin": "lab/amber", "version": version, "sha256": statement, "cause": "malware",
        "reason": "it deletes what it finds",
    })
}

/// A registry with one maintainer who may do everything.
pub(crate) struct World {
    pub(crate) maintainer: Cert,
    pub(crate) maintainers: Maintainers,
}

impl World {
    pub(crate) fn new() -> Self {
        let cert = key();
        let roles = ["registry", "review", "moderate"];
        let value = registry(1, &[maintainer(&cert, &roles)], &json!({}));
        let statement: Statement<Registry> = signed(&value, &[&cert], day(0));
        let maintainers = Maintainers::first(&statement, day(0)).unwrap();
        Self { maintainer: cert, maintainers }
    }

    pub(crate) fn approval(
        &self,
        of: &Statement<Publisher>,
        finding: &FindingId,
        at: Timestamp,
    ) -> Statement<Approval> {
        signed(&approval_value(of, finding), &[&self.maintainer], at)
    }

    /// Lets in a publisher with these keys, at hour 0.
    pub(crate) fn chain(&self, threshold: u32, certs: &[&Cert]) -> Chain {
        let keys: Vec<Value> = certs.iter().map(|cert| active(cert)).collect();
        let statement = publisher(&record(1, threshold, &keys), certs, hour(0));
        let finding = new_publisher_finding(&statement.document);
        let approval = self.approval(&statement, &finding, hour(0));
        let approval = Some((&approval, hour(0)));
        let step =
            Step { record: (&statement, hour(0)), approval, handover: None, objection: None };
        Chain::begin(&self.maintainers, &step).unwrap()
    }

    /// Follows a record that comes alone.
    pub(crate) fn next(
        &self,
        chain: &Chain,
        statement: &Statement<Publisher>,
        at: Timestamp,
    ) -> Result<Chain, Vec<&'static str>> {
        let step =
            Step { record: (statement, at), approval: None, handover: None, objection: None };
        self.follow(chain, &step)
    }

    /// Follows a record that comes with the approval that `since` needs.
    pub(crate) fn next_approved(
        &self,
        chain: &Chain,
        statement: &Statement<Publisher>,
        (approved, at): (Timestamp, Timestamp),
    ) -> Result<Chain, Vec<&'static str>> {
        let finding = since_past_finding(&statement.document);
        let approval = self.approval(statement, &finding, approved);
        let approval = Some((&approval, approved));
        let step = Step { record: (statement, at), approval, handover: None, objection: None };
        self.follow(chain, &step)
    }

    /// Follows a record that comes with a hand-over.
    pub(crate) fn next_handed_over(
        &self,
        chain: &Chain,
        statement: &Statement<Publisher>,
        (handover, at): (&Statement<Handover>, Timestamp),
    ) -> Result<Chain, Vec<&'static str>> {
        let handover = Some((handover, at));
        let step = Step { record: (statement, at), approval: None, handover, objection: None };
        self.follow(chain, &step)
    }

    pub(crate) fn handover(&self, value: &Value, at: Timestamp) -> Statement<Handover> {
        signed(value, &[&self.maintainer], at)
    }

    pub(crate) fn remove(&self, value: &Value, at: Timestamp) -> Statement<Removal> {
        signed(value, &[&self.maintainer], at)
    }

    pub(crate) fn follow(
        &self,
        chain: &Chain,
        step: &Step<'_>,
    ) -> Result<Chain, Vec<&'static str>> {
        match chain.follow(&self.maintainers, step) {
            Ok(Followed::Counts(chain) | Followed::Objected(chain)) => Ok(chain),
            Err(errors) => Err(codes(&errors)),
        }
    }
}

pub(crate) fn codes(errors: &[ChainError]) -> Vec<&'static str> {
    errors.iter().map(ChainError::code).collect()
}

/// Tells who signed a release at some time, or the codes of what is wrong.
pub(crate) fn releases(
    chain: &Chain,
    by: &[&Cert],
    at: Timestamp,
) -> Result<(), Vec<&'static str>> {
    chain.release(&release(by, at), at).map(|_| ()).map_err(|errors| codes(&errors))
}
