//! What is trusted: which keys sign which role, and until when each file is.

use std::collections::BTreeSet;

use index_schema::digest::Sha256Digest;
use index_schema::time::{DAY, Timestamp};
use index_schema::tuf::{KeyId, RegistryLink, RoleKeys, Root, Targets};
use serde::Serialize;

use super::document::bin_count;

/// What is trusted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Shown {
    /// SHA-256 of the first root, by which users know the registry.
    pub first_root: Sha256Digest,
    /// The roles, `root` first; all bins are one.
    pub roles: Vec<ShownRole>,
    /// Among how many bins plugins are spread.
    pub bins: Option<u32>,
    /// The registry records that the targets metadata carry.
    pub records: Vec<ShownRecord>,
}

/// A role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ShownRole {
    /// Its name.
    pub role: &'static str,
    /// The version of its file, where that is known; of the bins the highest.
    pub version: Option<u64>,
    /// When its file ceases to be trusted; of the bins the first.
    pub expires: Option<Timestamp>,
    /// How many whole days that is from now.
    pub days_left: Option<i64>,
    /// How many keys have to sign.
    pub threshold: u64,
    /// The keys.
    pub keys: BTreeSet<KeyId>,
}

/// A registry record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ShownRecord {
    /// Its number.
    pub serial: usize,
    /// When it was accepted.
    pub accepted: Timestamp,
    /// SHA-256 of its file.
    pub sha256: Sha256Digest,
}

/// The version and expiry of a file.
pub type Life = (u64, Timestamp);

/// The files of the online roles; nothing is known of them before a release.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OnlineLives {
    /// Of `index`.
    pub index: Option<Life>,
    /// Of the bins: the highest version, and the first expiry.
    pub bins: Option<Life>,
    /// Of the snapshot.
    pub snapshot: Option<Life>,
    /// Of the timestamp.
    pub timestamp: Option<Life>,
}

impl Shown {
    /// Puts together what is known.
    pub fn new(
        first_root: Sha256Digest,
        (root, targets): (&Root, Option<&Targets>),
        online: OnlineLives,
        now: Timestamp,
    ) -> Self {
        let role = |role, keys: &RoleKeys, life: Option<Life>| ShownRole {
            role,
            version: life.map(|(version, _)| version),
            expires: life.map(|(_, expires)| expires),
            days_left: life.map(|(_, expires)| days(now, expires)),
            threshold: keys.threshold,
            keys: keys.keyids.clone(),
        };
        let life = |version: index_schema::tuf::MetaVersion, expires| (version.get(), expires);
        let targets_life = targets.map(|targets| life(targets.version, targets.expires));
        let mut roles = vec![
            role("root", &root.roles.root, Some(life(root.version, root.expires))),
            role("targets", &root.roles.targets, targets_life),
        ];
        let delegations = targets.and_then(|targets| targets.delegations.as_ref());
        let delegated = delegations.map(|d| d.roles.as_slice()).unwrap_or_default();
        for (name, number, life) in [("index", 0, online.index), ("bins", 1, online.bins)] {
            roles.extend(delegated.get(number).map(|each| role(name, &each.keys, life)));
        }
        roles.push(role("snapshot", &root.roles.snapshot, online.snapshot));
        roles.push(role("timestamp", &root.roles.timestamp, online.timestamp));
        let records = targets.and_then(|targets| targets.registry.as_deref()).unwrap_or_default();
        Self {
            first_root,
            roles,
            bins: delegations.and_then(bin_count).map(|count| count.get()),
            records: records.iter().enumerate().map(record).collect(),
        }
    }

    /// Writes it for people.
    pub fn text(&self) -> String {
        let mut out = format!("first root: sha256 {}\n", self.first_root);
        for role in &self.roles {
            let mut line = format!("{:<10}", role.role);
            if let Some(version) = role.version {
                line += &format!("version {version}, ");
            }
            if let (Some(expires), Some(days)) = (role.expires, role.days_left) {
                line += &format!("until {expires} ({}), ", in_days(days));
            }
            line += &format!("{} of {} keys:", role.threshold, role.keys.len());
            for key in &role.keys {
                line += &format!("\n          {key}");
            }
            out += &line;
            out.push('\n');
        }
        if let Some(bins) = self.bins {
            out += &format!("plugins are spread among {bins} bins\n");
        }
        for record in &self.records {
            out += &format!(
                "registry record {}, accepted at {}, sha256 {}\n",
                record.serial, record.accepted, record.sha256
            );
        }
        out
    }
}

fn record((index, link): (usize, &RegistryLink)) -> ShownRecord {
    let sha256 = Sha256Digest::of(link.statement.as_bytes());
    ShownRecord { serial: index + 1, accepted: link.accepted, sha256 }
}

/// Returns how many whole days lie between two times; fewer than none when it is over.
pub fn days(now: Timestamp, expires: Timestamp) -> i64 {
    (expires.seconds() - now.seconds()).div_euclid(DAY)
}

fn in_days(days: i64) -> String {
    match days {
        ..0 => "expired".to_owned(),
        0 => "less than a day left".to_owned(),
        1 => "1 day left".to_owned(),
        days => format!("{days} days left"),
    }
}
