//! Who stands behind a plugin, who vouches for that, and what of it is gone.

use index_schema::fingerprint::Fingerprint;
use index_schema::plugin_doc::{Gone, PluginDoc};
use index_schema::publisher::{KeyState, Publisher};
use index_schema::publisher_status::{Standing, Suspension, Trust, Verification};
use index_schema::requirement::Requirement;
use index_schema::time::Timestamp;
use index_schema::version::Version;
use serde_json::{Value, json};

use crate::believe::{self, BelieveError, Loss};
use crate::chain::Chain;
use crate::index::Index;

/// The keys of a publisher now, and those that are to come.
pub(super) struct Keys<'c> {
    now: &'c Publisher,
    change: Option<(Timestamp, &'c Publisher)>,
}

impl<'c> Keys<'c> {
    pub(super) fn of(chain: &'c Chain, at: Timestamp) -> Self {
        let now = chain.in_force(at).unwrap_or_else(|| chain.record());
        let from = chain.open_until().filter(|from| *from > at);
        Self { now, change: from.map(|from| (from, chain.record())) }
    }

    pub(super) fn json(&self) -> Value {
        let change = self.change.map(|(from, record)| {
            json!({ "from": from, "keys": active(record), "threshold": record.threshold })
        });
        json!({
            "serial": self.now.serial,
            "keys": active(self.now),
            "threshold": self.now.threshold,
            "change": change,
        })
    }

    /// Returns lines with their labels.
    pub(super) fn text(&self) -> Vec<(&'static str, String)> {
        let mut lines = vec![("keys", keys(self.now))];
        if let Some((from, record)) = self.change {
            let line = format!("a change of keys counts from {from}: {}", keys(record));
            lines.push(("", line));
        }
        lines
    }
}

fn active(record: &Publisher) -> Vec<&Fingerprint> {
    let active = record.certificates.iter().filter(|entry| entry.state == KeyState::Active);
    active.map(|entry| &entry.fingerprint).collect()
}

fn keys(record: &Publisher) -> String {
    let active = active(record);
    let names: Vec<_> = active.iter().map(ToString::to_string).collect();
    let names = names.join(", ");
    if active.len() < 2 {
        return names;
    }
    format!("{names} ({} of {} sign)", record.threshold, active.len())
}

/// How far the registry vouches for a publisher.
pub(super) struct Vouched<'c> {
    trust: Trust,
    standing: &'c Standing,
    now: Timestamp,
}

impl<'c> Vouched<'c> {
    pub(super) fn of(index: &Index<'_>, chain: &'c Chain, now: Timestamp) -> Self {
        let standing = chain.standing();
        let trust = standing.trust(index.record().is_core(&chain.record().id), now);
        Self { trust, standing, now }
    }

    pub(super) fn json(&self) -> Value {
        let verification = self.standing.verification().map(|verification| {
            json!({
                "checked": &verification.checked,
                "since": verification.since,
                "until": verification.until,
                "holds": self.now < verification.until,
            })
        });
        let suspension = self.standing.suspension();
        json!({
            "level": self.trust,
            "meaning": self.trust.meaning(),
            "verification": verification,
            "suspended": suspension.map(|it| json!({ "since": it.since, "reason": &it.reason })),
        })
    }

    /// Returns lines with their labels.
    pub(super) fn text(&self) -> Vec<(&'static str, String)> {
        let mut lines = vec![("trust", format!("{}: {}", self.trust, self.trust.meaning()))];
        if let Some(verification) = self.standing.verification() {
            let checked = verification.checked.iter();
            lines.extend(checked.map(|check| ("checked", check.to_string())));
            let Verification { since, until, .. } = verification;
            let held = if self.now < *until { "until" } else { "no longer: it ended on" };
            lines.push(("", format!("on {since}, {held} {until}")));
        }
        if let Some(suspension) = self.standing.suspension() {
            let Suspension { since, reason, .. } = suspension;
            lines.push(("suspended", format!("by the maintainers, since {since}: {reason}")));
        }
        lines
    }
}

/// The releases that are gone, each with its proof.
pub(super) struct Tombstones<'d>(Vec<(&'d Gone, Loss)>);

impl<'d> Tombstones<'d> {
    pub(super) fn of(index: &Index<'_>, document: &'d PluginDoc) -> Result<Self, BelieveError> {
        let gone = document.gone.iter();
        let proven = gone.map(|gone| Ok((gone, believe::gone(index, document, gone)?)));
        proven.collect::<Result<_, _>>().map(Self)
    }

    /// Tells whether some release that is wanted is gone.
    pub(super) fn matches(&self, wish: Option<&Requirement>) -> bool {
        self.0.iter().any(|(gone, _)| wish.is_none_or(|wish| wish.matches(&gone.version)))
    }

    /// Returns why a release is gone, if it is.
    pub(super) fn why(&self, version: &Version) -> Option<&Loss> {
        let found = self.0.iter().find(|(gone, _)| gone.version == *version);
        found.map(|(_, why)| why)
    }

    pub(super) fn json(&self) -> Value {
        let one = |(gone, why): &(&Gone, Loss)| {
            let (cause, reason) = match why {
                Loss::Removed(removed) => (removed.cause.clone(), Some(&removed.reason)),
                Loss::CompromisedKey(_) => ("compromised-key".to_owned(), None),
            };
            json!({
                "version": &gone.version,
                "accepted": gone.statement.accepted,
                "removed": gone.removal.as_ref().map(|removal| removal.accepted),
                "cause": cause,
                "reason": reason,
                "message": why.to_string(),
            })
        };
        self.0.iter().map(one).collect()
    }

    /// Returns lines with their labels.
    pub(super) fn text(&self) -> Vec<(&'static str, String)> {
        self.0.iter().map(|(gone, why)| ("gone", format!("{}: {why}", gone.version))).collect()
    }
}
