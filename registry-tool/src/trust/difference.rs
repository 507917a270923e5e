//! What a draft changes, in lines that a signer can read.

use std::collections::BTreeSet;
use std::fmt::Display;

use index_schema::tuf::{Delegations, KeyId, RoleKeys, Root, Targets};
use libral::tuf::TufError;

use super::Trust;
use super::document::{Document, bin_count};

/// Says what a draft is and how it differs from what is in force.
pub fn describe(document: &Document, trust: &Trust) -> Result<Vec<String>, TufError> {
    Ok(match document {
        Document::Root(root) => {
            let before = trust.root()?;
            describe_root(before.as_ref().map(libral::tuf::TrustedRoot::metadata), &root.body)
        }
        Document::Targets(targets) => {
            let before = trust.newest_targets()?;
            describe_targets(before.as_ref().map(|before| &before.body), &targets.body)
        }
    })
}

fn describe_root(before: Option<&Root>, root: &Root) -> Vec<String> {
    let mut lines = vec![heading("root", before.map(|before| before.version), root.version)];
    lines.push(changed("expires", before.map(|before| before.expires), root.expires));
    let roles = |root: &Root| {
        let roles = &root.roles;
        [&roles.root, &roles.targets, &roles.snapshot, &roles.timestamp].map(Clone::clone)
    };
    let old: Vec<Option<RoleKeys>> = match before {
        Some(before) => roles(before).map(Some).to_vec(),
        None => vec![None; 4],
    };
    let names = ["root", "targets", "snapshot", "timestamp"];
    for ((name, old), new) in names.into_iter().zip(&old).zip(&roles(root)) {
        lines.extend(describe_role(name, old.as_ref(), new));
    }
    lines
}

fn describe_targets(before: Option<&Targets>, targets: &Targets) -> Vec<String> {
    let version = before.map(|before| before.version);
    let mut lines = vec![heading("targets", version, targets.version)];
    lines.push(changed("expires", before.map(|before| before.expires), targets.expires));
    let old = before.and_then(|before| before.delegations.as_ref());
    let bins = |delegations: &Delegations| bin_count(delegations).map_or(0, |count| count.get());
    let new = targets.delegations.as_ref();
    lines.push(changed("bins", old.map(bins), new.map_or(0, bins)));
    for (name, number) in [("index", 0), ("bins", 1)] {
        let role =
            |delegations: &Delegations| delegations.roles.get(number).map(|role| role.keys.clone());
        if let Some(keys) = new.and_then(role) {
            lines.extend(describe_role(name, old.and_then(role).as_ref(), &keys));
        }
    }
    let known = before.and_then(|before| before.registry.as_deref()).unwrap_or_default();
    let links = targets.registry.as_deref().unwrap_or_default();
    for (index, link) in links.iter().enumerate() {
        let sign = if known.get(index) == Some(link) { '=' } else { '+' };
        let digest = index_schema::digest::Sha256Digest::of(link.statement.as_bytes());
        let serial = index + 1;
        lines.push(format!(
            "  {sign} registry record {serial}, accepted at {}, sha256 {digest}",
            link.accepted
        ));
    }
    lines
}

fn heading(kind: &str, before: Option<impl Display>, version: impl Display) -> String {
    match before {
        Some(before) => format!("{kind} {version}, after {kind} {before}"),
        None => format!("{kind} {version}, the first one"),
    }
}

fn changed<T: Display + PartialEq>(what: &str, before: Option<T>, now: T) -> String {
    match before {
        Some(before) if before == now => format!("  = {what} {now}"),
        Some(before) => format!("  ~ {what} {now}, was {before}"),
        None => format!("  + {what} {now}"),
    }
}

fn describe_role(name: &str, before: Option<&RoleKeys>, now: &RoleKeys) -> Vec<String> {
    let quorum = |role: &RoleKeys| format!("{} of {} keys", role.threshold, role.keyids.len());
    let mut lines = vec![changed(&format!("{name}:"), before.map(quorum), quorum(now))];
    let none = BTreeSet::new();
    let old = before.map_or(&none, |before| &before.keyids);
    let all: BTreeSet<&KeyId> = old.union(&now.keyids).collect();
    lines.extend(all.into_iter().map(|id| {
        let sign = match (old.contains(id), now.keyids.contains(id)) {
            (true, true) => '=',
            (true, false) => '-',
            (false, _) => '+',
        };
        format!("      {sign} {id}")
    }));
    lines
}
