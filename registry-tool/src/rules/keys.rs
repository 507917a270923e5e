//! What a new record of a publisher changes about its keys.

use std::collections::BTreeSet;

use index_schema::fingerprint::Fingerprint;
use index_schema::layout::IndexPath;
use index_schema::publisher::{Certificate as Entry, KeyState, Publisher};

use crate::finding::Finding;
use crate::judge::{Index, Link, Member};

/// A change of keys is looked at by a maintainer, unless maintainers made it.
pub(super) fn changed(index: &Index, member: &Member, findings: &mut Vec<Finding>) {
    let mut before: Option<&Publisher> = None;
    for link in &member.links {
        let record = &link.record.statement.document;
        let is_own = link.record.is_new && link.handover.is_none() && link.objection.is_none();
        if let Some(finding) = before.filter(|_| is_own).and_then(|before| change(before, link)) {
            let place = IndexPath::Publisher(record.id.clone(), record.serial);
            if !index.approves(&place, &link.record, &finding) {
                findings.push(finding);
            }
        }
        if link.counts() {
            before = Some(record);
        }
    }
}

fn change(before: &Publisher, link: &Link) -> Option<Finding> {
    let record = &link.record.statement.document;
    let words = difference(before, record);
    if words.is_empty() {
        return None;
    }
    let when = if is_change_of_keys(before, record) {
        "it counts 72 hours after its acceptance, unless a key that signs until then objects"
    } else {
        "it counts at once"
    };
    let message = format!("`{}` changes its keys: {}; {when}", record.id, words.join(", "));
    let path = IndexPath::Publisher(record.id.clone(), record.serial).to_string();
    let hint = "ask the publisher on a way that you know from before whether this is its will";
    let subject = format!("{} {}", record.id, record.serial);
    Some(Finding::new("publisher/keys-changed", path, message).about(subject).hinted(hint))
}

/// Tells whether other keys sign, or more or fewer of them.
pub fn is_change_of_keys(before: &Publisher, record: &Publisher) -> bool {
    active(before) != active(record) || before.threshold != record.threshold
}

fn active(record: &Publisher) -> BTreeSet<&Fingerprint> {
    let active = record.certificates.iter().filter(|entry| entry.state == KeyState::Active);
    active.map(|entry| &entry.fingerprint).collect()
}

/// Says in words which keys come, go, retire or are compromised, and how many have to sign.
pub fn difference(before: &Publisher, record: &Publisher) -> Vec<String> {
    let known = |entry: &Entry| {
        before.certificates.iter().find(|known| known.fingerprint == entry.fingerprint)
    };
    let mut words: Vec<String> = Vec::new();
    for entry in &record.certificates {
        let known = known(entry);
        let key = &entry.fingerprint;
        let same = known.is_some_and(|known| known.state == entry.state);
        words.extend(match (entry.state, entry.since) {
            _ if same => None,
            (KeyState::Active, _) => Some(format!("{key} comes")),
            (KeyState::Retired, _) => Some(format!("{key} retires")),
            (KeyState::Compromised, Some(since)) => {
                Some(format!("{key} is compromised since {since}"))
            }
            (KeyState::Compromised, None) => Some(format!("{key} is compromised")),
        });
    }
    if before.threshold != record.threshold {
        let keys = active(record).len();
        words.push(format!(
            "{} of {keys} keys have to sign, before it were {} of {}",
            record.threshold,
            before.threshold,
            active(before).len()
        ));
    }
    words
}
