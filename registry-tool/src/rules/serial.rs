//! Serials without gaps: whoever looks for a record knows where it ends.

use index_schema::layout::IndexPath;

use crate::finding::Finding;
use crate::judge::Index;

/// The place before a new record or status statement is taken.
pub(super) fn without_gaps(index: &Index, findings: &mut Vec<Finding>) {
    let mut check = |is_taken: bool, code, place: IndexPath| {
        if !is_taken {
            let message = "nothing lies at the serial before it";
            let hint = "take the first serial at which nothing lies";
            findings.push(Finding::new(code, place.to_string(), message).hinted(hint));
        }
    };
    let is_void = |place: IndexPath| index.void.contains(&place);
    let registry = &index.registry;
    for record in registry.iter().filter(|record| record.is_new) {
        let serial = record.statement.document.serial;
        let before = serial.saturating_sub(1);
        let known = registry.iter().any(|other| other.statement.document.serial == before);
        let taken = before == 0 || known || is_void(IndexPath::Registry(before));
        check(taken, "registry/serial-gap", IndexPath::Registry(serial));
    }
    for (id, member) in &index.publishers {
        for link in member.links.iter().filter(|link| link.record.is_new) {
            let before = link.serial().saturating_sub(1);
            let known = member.links.iter().any(|other| other.serial() == before);
            let place = |serial| IndexPath::Publisher(id.clone(), serial);
            let taken = before == 0 || known || is_void(place(before));
            check(taken, "publisher/serial-gap", place(link.serial()));
        }
    }
    for (id, member) in &index.publishers {
        for (serial, _) in member.status.iter().filter(|(_, status)| status.is_new) {
            let before = serial.saturating_sub(1);
            let place = |serial| IndexPath::PublisherStatus(id.clone(), serial);
            let taken =
                before == 0 || member.status.contains_key(&before) || is_void(place(before));
            check(taken, "publisher-status/serial-gap", place(*serial));
        }
    }
    for (id, said) in &index.advisories {
        for (serial, _) in said.iter().filter(|(_, advisory)| advisory.is_new) {
            let before = serial.saturating_sub(1);
            let place = |serial| IndexPath::Advisory(id.clone(), serial);
            let taken = before == 0 || said.contains_key(&before) || is_void(place(before));
            check(taken, "advisory/serial-gap", place(*serial));
        }
    }
    for (id, plugin) in &index.plugins {
        for (serial, _) in plugin.status.iter().filter(|(_, status)| status.is_new) {
            let before = serial.saturating_sub(1);
            let place = |serial| IndexPath::Status(id.clone(), serial);
            let known = plugin.status.contains_key(&before);
            let taken = before == 0 || known || is_void(place(before));
            check(taken, "status/serial-gap", place(*serial));
        }
    }
}
