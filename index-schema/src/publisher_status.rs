//! What maintainers say of a publisher: that it is suspended, or who stands behind it.

use std::fmt;

use crate::id::{PublisherId, RegistryId};
use crate::limits;
use crate::statement::{Document, Kind, SchemaOne, tag};
use crate::text::{Line, List, Text};
use crate::time::Timestamp;

tag!(
    /// The word `publisher-status`.
    PublisherStatusTag = "publisher-status"
);

document! {
    /// One change of a publisher's standing, signed by the threshold of maintainers with the role
    /// `moderate`. Later serials win.
    pub struct PublisherStatus {
        /// `publisher-status`
        required kind as "type": PublisherStatusTag,
        /// 1
        required schema: SchemaOne,
        /// The registry that the statement is for.
        required registry: RegistryId,
        /// The publisher.
        required id: PublisherId,
        /// 1 for the first statement about this publisher, one more for each that follows.
        required serial: u64,
        /// What changes.
        required action: PublisherAction,
        /// What was checked, and how; with `verify` only.
        default checked: List<Check, 0, 16>,
        /// Until when that holds; with `verify` only.
        optional until: Timestamp,
        /// Why, for the user.
        required reason: Text<2048>,
    }
}

words! {
    /// What a statement about a publisher changes.
    pub enum PublisherAction("an action about a publisher") {
        /// Nothing that the publisher signs counts any more.
        Suspend = "suspend",
        /// What it signs from now on counts again.
        Reinstate = "reinstate",
        /// The maintainers checked who stands behind it.
        Verify = "verify",
        /// They take that back.
        Unverify = "unverify",
    }
}

document! {
    /// One thing that maintainers checked.
    pub struct Check {
        /// What kind of thing.
        required kind as "what": Checked,
        /// Which one: the domain, the address of the repository, the name.
        required name: Line<200>,
        /// How it was checked.
        required how: Line<300>,
    }
}

words! {
    /// What kind of thing maintainers check of a publisher.
    pub enum Checked("something to check") {
        /// Who controls this domain holds the keys.
        Domain = "domain",
        /// Who controls this source repository holds the keys.
        Repository = "repository",
        /// This person or organisation holds the keys.
        Person = "person",
    }
}

words! {
    /// How far the maintainers vouch for a publisher.
    pub enum Trust("a level of trust") {
        /// They let its keys in.
        Registered = "registered",
        /// They checked who holds the keys.
        Verified = "verified",
        /// It is the host application's own.
        Core = "core",
    }
}

impl Trust {
    /// Returns what the level means, for the user.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Registered => {
                "the registry's maintainers let its keys in; who holds them was not checked"
            }
            Self::Verified => "the registry's maintainers checked who holds its keys",
            Self::Core => {
                "the registry's record lists it as a publisher of the host application itself"
            }
        }
    }
}

/// The longest for which a verification holds, in seconds: two years.
pub const LONGEST_VERIFICATION: i64 = 2 * 365 * crate::time::DAY;

/// What the statements about a publisher come to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    suspensions: Vec<Suspension>,
    verification: Option<Verification>,
}

/// A time in which nothing that a publisher signs counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suspension {
    /// Since when.
    pub since: Timestamp,
    /// Until when, if it is over.
    pub until: Option<Timestamp>,
    /// Why, in the maintainers' words.
    pub reason: Text<2048>,
}

/// What maintainers checked of a publisher.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verification {
    /// What, and how.
    pub checked: List<Check, 0, 16>,
    /// Since when.
    pub since: Timestamp,
    /// Until when that holds.
    pub until: Timestamp,
}

impl Standing {
    /// Takes in the next statement, which was accepted at some time.
    pub fn apply(&mut self, status: &PublisherStatus, accepted: Timestamp) {
        let open = self.suspensions.last_mut().filter(|last| last.until.is_none());
        match (status.action, open) {
            (PublisherAction::Suspend, None) => self.suspensions.push(Suspension {
                since: accepted,
                until: None,
                reason: status.reason.clone(),
            }),
            (PublisherAction::Suspend, Some(open)) => open.reason = status.reason.clone(),
            (PublisherAction::Reinstate, Some(open)) => open.until = Some(accepted),
            (PublisherAction::Reinstate, None) => {}
            (PublisherAction::Verify, _) => {
                let checked = status.checked.clone();
                let until = status.until;
                let of = |until| Verification { checked, since: accepted, until };
                self.verification = until.map(of);
            }
            (PublisherAction::Unverify, _) => self.verification = None,
        }
    }

    /// Returns the suspension that lasts, if one does.
    pub fn suspension(&self) -> Option<&Suspension> {
        self.suspensions.last().filter(|last| last.until.is_none())
    }

    /// Returns the suspension in which something was accepted, if it was in one.
    pub fn suspended_at(&self, at: Timestamp) -> Option<&Suspension> {
        let covers = |s: &&Suspension| s.since <= at && s.until.is_none_or(|until| at < until);
        self.suspensions.iter().find(covers)
    }

    /// Returns what was checked, whether that still holds or not.
    pub const fn verification(&self) -> Option<&Verification> {
        self.verification.as_ref()
    }

    /// Returns what was checked, if that holds at some time.
    pub fn verified_at(&self, at: Timestamp) -> Option<&Verification> {
        self.verification.as_ref().filter(|verification| at < verification.until)
    }

    /// Returns the level of trust at some time; `is_core` tells whether the registry's record
    /// lists the publisher as one of the host application.
    pub fn trust(&self, is_core: bool, at: Timestamp) -> Trust {
        match (is_core, self.verified_at(at)) {
            (true, _) => Trust::Core,
            (false, Some(_)) => Trust::Verified,
            (false, None) => Trust::Registered,
        }
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} ({})", self.kind, self.name, self.how)
    }
}

impl Document for PublisherStatus {
    const KIND: Kind = Kind::PublisherStatus;
    const LIMIT: usize = limits::MANIFEST;

    fn contradictions(&self) -> Vec<(&'static str, &'static str, String)> {
        let mut found = Vec::new();
        let verifies = self.action == PublisherAction::Verify;
        if verifies == self.checked.is_empty() || verifies != self.until.is_some() {
            let message = "`checked`, with at least one item, and `until` go with `verify` and \
                           nothing else";
            found.push(("action", "publisher-status/verify-only", message.to_owned()));
        }
        if self.serial == 0 {
            let message = "serials start at 1".to_owned();
            found.push(("serial", "publisher-status/serial", message));
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(day: i64) -> Timestamp {
        Timestamp::EPOCH.plus(day * crate::time::DAY)
    }

    fn said(action: PublisherAction, until: Option<i64>) -> PublisherStatus {
        let check = Check {
            kind: Checked::Domain,
            name: Line::parse("lab.example").unwrap(),
            how: Line::parse("a file under .well-known").unwrap(),
        };
        PublisherStatus {
            kind: PublisherStatusTag,
            schema: SchemaOne,
            registry: RegistryId::parse("demo").unwrap(),
            id: PublisherId::parse("lab").unwrap(),
            serial: 1,
            action,
            checked: List::new(until.map(|_| check).into_iter().collect()).unwrap(),
            until: until.map(time),
            reason: Text::parse("why").unwrap(),
        }
    }

    #[test]
    fn a_suspension_lasts_from_its_acceptance_until_the_reinstatement() {
        let mut standing = Standing::default();
        standing.apply(&said(PublisherAction::Suspend, None), time(2));
        assert!(standing.suspended_at(time(1)).is_none());
        assert!(standing.suspended_at(time(2)).is_some() && standing.suspension().is_some());
        standing.apply(&said(PublisherAction::Suspend, None), time(3));
        standing.apply(&said(PublisherAction::Reinstate, None), time(4));
        standing.apply(&said(PublisherAction::Reinstate, None), time(5));
        assert!(standing.suspended_at(time(3)).is_some());
        assert!(standing.suspended_at(time(4)).is_none() && standing.suspension().is_none());
    }

    #[test]
    fn a_verification_ends_by_itself_or_by_word_and_core_stands_above_it() {
        let mut standing = Standing::default();
        assert_eq!(standing.trust(false, time(1)), Trust::Registered);
        standing.apply(&said(PublisherAction::Verify, Some(9)), time(2));
        assert_eq!(standing.trust(false, time(8)), Trust::Verified);
        assert_eq!(standing.trust(false, time(9)), Trust::Registered);
        assert_eq!(standing.trust(true, time(8)), Trust::Core);
        standing.apply(&said(PublisherAction::Unverify, None), time(3));
        assert_eq!(standing.trust(false, time(8)), Trust::Registered);
    }

    #[test]
    fn what_was_checked_goes_with_a_verification_alone() {
        assert!(said(PublisherAction::Verify, Some(9)).contradictions().is_empty());
        assert!(said(PublisherAction::Suspend, None).contradictions().is_empty());
        for wrong in [said(PublisherAction::Verify, None), said(PublisherAction::Suspend, Some(9))]
        {
            let codes: Vec<_> = wrong.contradictions().into_iter().map(|it| it.1).collect();
            assert_eq!(codes, ["publisher-status/verify-only"]);
        }
    }
}
