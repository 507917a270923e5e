//! What a new record of a publisher changes about its keys.

use std::collections::BTreeSet;

use index_schema::fingerprint::Fingerprint;
use index_schema::layout::IndexPath;
use index_schema::publisher::{Certificate as Entry, KeyState, Publisher};
use index_schema::time::Timestamp;

use crate::finding::Finding;
use crate::judge::{Index, Link, Member, Release};

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

/// What a new record takes from clients is named, for whoever looks at it.
pub(super) fn voided(index: &Index, member: &Member, findings: &mut Vec<Finding>) {
    for link in member.links.iter().filter(|link| link.record.is_new && link.objection.is_none()) {
        let record = &link.record.statement.document;
        let accusations = record.certificates.iter().filter_map(|key| Some((key, key.since?)));
        let accusations: Vec<(&Fingerprint, Timestamp)> =
            accusations.map(|(key, since)| (&key.fingerprint, since)).collect();
        let is_void = |release: &&Release| {
            let accepted = release.manifest.accepted;
            let mut stolen = accusations.iter().filter(|(_, since)| *since <= accepted);
            stolen.any(|(key, _)| release.signers.contains(key)) && accepted < link.record.accepted
        };
        let plugins = index.plugins.iter().filter(|(id, _)| id.publisher == record.id);
        let releases = plugins.flat_map(|(_, plugin)| plugin.not_removed()).filter(is_void);
        let names: Vec<String> = releases.map(name).collect();
        if !names.is_empty() {
            let path = IndexPath::Publisher(record.id.clone(), record.serial).to_string();
            let message = format!("nobody gets any more: {}", names.join(", "));
            findings.push(Finding::new("publisher/voids-releases", path, message));
        }
    }
}

fn name(release: &Release) -> String {
    let manifest = &release.manifest.statement.document;
    format!("{} {}", manifest.id, manifest.version)
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
