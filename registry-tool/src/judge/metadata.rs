//! Which of the metadata that were signed offline continue what a client trusts.
//!
//! - A root follows the root before it (TUF specification, 5.3.4 and 5.3.5).
//! - Targets metadata are signed for the root that was in force when they were accepted: a key that
//!   a later root takes away made them valid, and signs no new ones.
//! - Targets metadata carry the chain of registry records as it is: the records that count, from
//!   the first on, with the times when they were accepted; never fewer than those before.

use std::collections::BTreeMap;

use index_schema::digest::Sha256Digest;
use index_schema::layout::{IndexPath, REGISTRY_TARGET};
use index_schema::time::Timestamp;
use index_schema::tuf::{MetaVersion, RegistryLink, Targets};
use libral::tuf::TrustedRoot;

use crate::finding::Finding;

/// Metadata, and when they were accepted.
pub(super) type Offline = BTreeMap<IndexPath, (Vec<u8>, Timestamp)>;

/// Keeps the roots that follow each other from the first on, and the targets that the root of
/// their time vouches for. What does not is left out, and does not stop what comes after it
/// elsewhere. `records` are the registry records that count.
pub(super) fn good(
    all: Offline,
    records: &[RegistryLink],
    findings: &mut Vec<Finding>,
) -> BTreeMap<IndexPath, Vec<u8>> {
    let mut kept = BTreeMap::new();
    let mut roots: Vec<(Timestamp, TrustedRoot)> = Vec::new();
    let mut named = 0;
    // Roots come before targets, and each kind in the order of its versions.
    for (path, (bytes, accepted)) in all {
        let checked = match &path {
            IndexPath::Root(number) => {
                next_root(&roots, *number, &bytes).map(|root| roots.push((accepted, root)))
            }
            IndexPath::Targets(number) => {
                let root = roots.iter().rfind(|(since, _)| *since <= accepted);
                targets(root.map(|(_, root)| root), *number, &bytes)
                    .and_then(|targets| check_records(&targets, records, named))
                    .map(|count| named = count)
            }
            IndexPath::Registry(_)
            | IndexPath::Publisher(..)
            | IndexPath::Objection(..)
            | IndexPath::PublisherStatus(..)
            | IndexPath::Release(..)
            | IndexPath::Status(..)
            | IndexPath::Moderation(..)
            | IndexPath::Advisory(..) => continue,
        };
        match checked {
            Ok(()) => drop(kept.insert(path, bytes)),
            Err((code, message)) => {
                findings.push(Finding::new(code, path.to_string(), message));
            }
        }
    }
    kept
}

/// A code, and what is wrong.
pub(crate) type Refusal = (&'static str, String);

const NO_ROOT: &str = "there is no trusted root before it";

fn next_root(
    roots: &[(Timestamp, TrustedRoot)],
    number: u64,
    bytes: &[u8],
) -> Result<TrustedRoot, Refusal> {
    let root = match (number, roots.last()) {
        (1, None) => TrustedRoot::load(bytes),
        (_, Some((_, root))) => root.next(bytes),
        (_, None) => return Err(("trust/no-root", NO_ROOT.to_owned())),
    };
    root.map_err(|error| ("trust/refused", error.to_string()))
}

fn targets(root: Option<&TrustedRoot>, number: u64, bytes: &[u8]) -> Result<Targets, Refusal> {
    let root = root.ok_or_else(|| ("trust/no-root", NO_ROOT.to_owned()))?;
    let version = MetaVersion::new(number).unwrap_or(MetaVersion::FIRST);
    root.targets(bytes, version).map_err(|error| ("trust/refused", error.to_string()))
}

/// Checks the records that targets metadata carry, and returns how many they are.
pub(crate) fn check_records(
    targets: &Targets,
    records: &[RegistryLink],
    named_before: usize,
) -> Result<usize, Refusal> {
    let links = targets.registry.as_deref().unwrap_or_default();
    let wrong = |message: String| Err(("trust/registry-chain", message));
    let Some(newest) = links.last() else {
        return wrong("they carry no registry record".to_owned());
    };
    let same = links.iter().zip(records).take_while(|(link, record)| link == record).count();
    if same < links.len() {
        let serial = same + 1;
        let message = match (links.get(same), records.get(same)) {
            (Some(link), Some(record)) if link.statement == record.statement => format!(
                "record {serial} was accepted at {}, they say {}",
                record.accepted, link.accepted
            ),
            (_, Some(_)) => format!("record {serial} is not the one that counts"),
            (_, None) => format!("there is no record {serial} that counts"),
        };
        return wrong(message);
    }
    if links.len() < named_before {
        let count = links.len();
        return wrong(format!("they carry {count} records, those before carry {named_before}"));
    }
    let bytes = newest.statement.as_bytes();
    let mut files = targets.targets.iter();
    let names_newest = files.next().is_some_and(|(path, file)| {
        path.as_str() == REGISTRY_TARGET
            && u64::try_from(bytes.len()) == Ok(file.length)
            && file.hashes.sha256 == Some(Sha256Digest::of(bytes))
    });
    if names_newest && files.next().is_none() {
        return Ok(links.len());
    }
    let message = format!("their one target has to be `{REGISTRY_TARGET}`, the newest record");
    Err(("trust/registry-file", message))
}

#[cfg(test)]
mod tests;
