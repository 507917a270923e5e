//! Vulnerabilities in the words of the Open Source Vulnerability format (OSV).
//!
//! What a registry says of its plugins uses a part of that format: everything here is OSV, and not
//! everything of OSV is here. Ranges are of versions, so no repository is needed to tell whether a
//! release is affected. See <https://ossf.github.io/osv-schema/>.

mod id;

use std::cmp::Ordering;
use std::fmt;

pub use self::id::{AdvisoryId, AdvisoryIdError};
use crate::id::{PluginId, RegistryId};
use crate::statement::tag;
use crate::text::{Line, List, Text};
use crate::time::Timestamp;
use crate::url::HttpsUrl;
use crate::version::Version;

/// The version of the format that is written.
pub const SCHEMA_VERSION: &str = "1.7.0";

/// Returns what OSV calls the ecosystem of a registry's plugins.
pub fn ecosystem(registry: &RegistryId) -> String {
    format!("x_{registry}")
}

document! {
    /// A vulnerability.
    pub struct Osv {
        /// The version of the format.
        required schema_version: Line<16>,
        /// The id.
        required id: AdvisoryId,
        /// When it was changed last.
        required modified: Timestamp,
        /// When it was published.
        required published: Timestamp,
        /// When it was withdrawn, if it was: it affects nothing any more.
        optional withdrawn: Timestamp,
        /// What others call the same.
        default aliases: List<Line<100>, 0, 32>,
        /// What is similar.
        default related: List<Line<100>, 0, 32>,
        /// What it comes from.
        default upstream: List<Line<100>, 0, 32>,
        /// What it is, in a line.
        required summary: Line<120>,
        /// What there is to know, plain text or Markdown.
        required details: Text<16384>,
        /// How bad it is, as vectors.
        default severity: List<Score, 0, 4>,
        /// What is affected.
        required affected: List<Affected, 1, 64>,
        /// Where more is to be found.
        default references: List<Reference, 0, 32>,
        /// Who is to be thanked.
        default credits: List<Credit, 0, 32>,
        /// How bad it is, in a word.
        required database_specific: Assessment,
    }
}

document! {
    /// A vector that says how bad something is.
    pub struct Score {
        /// Which kind of vector.
        required kind as "type": ScoreKind,
        /// The vector.
        required score: Line<300>,
    }
}

words! {
    /// A kind of vector.
    pub enum ScoreKind("a kind of severity") {
        /// CVSS 2.0.
        CvssV2 = "CVSS_V2",
        /// CVSS 3.x.
        CvssV3 = "CVSS_V3",
        /// CVSS 4.0.
        CvssV4 = "CVSS_V4",
    }
}

document! {
    /// How bad something is, in a word.
    pub struct Assessment {
        /// The word.
        required severity: Harm,
    }
}

words! {
    /// How bad it is to have an affected release.
    pub enum Harm("a severity of a vulnerability") {
        /// Hardly anybody has to care.
        Low = "LOW",
        /// It should be looked at.
        Moderate = "MODERATE",
        /// It does harm.
        High = "HIGH",
        /// It does grave harm, or is doing it already.
        Critical = "CRITICAL",
    }
}

document! {
    /// Releases of one plugin that are affected.
    pub struct Affected {
        /// The plugin.
        required package: Package,
        /// Ranges of versions.
        default ranges: List<Range, 0, 32>,
        /// Single versions.
        default versions: List<Version, 0, 256>,
    }
}

document! {
    /// A plugin.
    pub struct Package {
        /// `x_` and the id of the registry.
        required ecosystem: Line<64>,
        /// Its id.
        required name: PluginId,
    }
}

tag!(
    /// The word `SEMVER`.
    SemverTag = "SEMVER"
);

document! {
    /// A range of versions.
    pub struct Range {
        /// `SEMVER`
        required kind as "type": SemverTag,
        /// Where it begins and ends, in ascending order.
        required events: List<Event, 1, 64>,
    }
}

document! {
    /// Where a range begins or ends: exactly one of the three.
    pub struct Event {
        /// The first version that is affected; `0` comes before every version.
        optional introduced: Introduced,
        /// The first version that is not affected any more.
        optional fixed: Version,
        /// The last version that is affected.
        optional last_affected: Version,
    }
}

/// Where a range begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Introduced {
    /// Before every version.
    Always,
    /// At this version.
    At(Version),
}

impl Introduced {
    /// Parses a version, or `0`.
    pub fn parse(text: &str) -> Result<Self, crate::version::VersionError> {
        if text == "0" { Ok(Self::Always) } else { Version::parse(text).map(Self::At) }
    }
}

impl fmt::Display for Introduced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Always => f.write_str("0"),
            Self::At(version) => version.fmt(f),
        }
    }
}

text_type!(
    Introduced,
    crate::version::VersionError,
    "version/malformed",
    "^(0|[0-9]+\\.[0-9]+\\.[0-9]+([-+].+)?)$",
    "a version, or 0"
);

document! {
    /// Where more is to be found.
    pub struct Reference {
        /// What is there.
        required kind as "type": ReferenceKind,
        /// The address.
        required url: HttpsUrl,
    }
}

words! {
    /// What is to be found at an address.
    pub enum ReferenceKind("a type of reference") {
        /// Another advisory.
        Advisory = "ADVISORY",
        /// An article.
        Article = "ARTICLE",
        /// How to find out whether one is affected.
        Detection = "DETECTION",
        /// A discussion.
        Discussion = "DISCUSSION",
        /// A report.
        Report = "REPORT",
        /// The change that repairs it.
        Fix = "FIX",
        /// The change that brought it in.
        Introduced = "INTRODUCED",
        /// The page of the package.
        Package = "PACKAGE",
        /// Proof.
        Evidence = "EVIDENCE",
        /// Anything else.
        Web = "WEB",
    }
}

document! {
    /// Somebody to be thanked.
    pub struct Credit {
        /// The name.
        required name: Line<100>,
        /// Addresses.
        default contact: List<Line<200>, 0, 8>,
        /// What for.
        required kind as "type": CreditKind,
    }
}

words! {
    /// What somebody is thanked for.
    pub enum CreditKind("a type of credit") {
        /// Found it.
        Finder = "FINDER",
        /// Reported it.
        Reporter = "REPORTER",
        /// Looked into it.
        Analyst = "ANALYST",
        /// Brought people together.
        Coordinator = "COORDINATOR",
        /// Repaired it.
        RemediationDeveloper = "REMEDIATION_DEVELOPER",
        /// Reviewed the repair.
        RemediationReviewer = "REMEDIATION_REVIEWER",
        /// Tested the repair.
        RemediationVerifier = "REMEDIATION_VERIFIER",
        /// A program that found it.
        Tool = "TOOL",
        /// Paid for it.
        Sponsor = "SPONSOR",
        /// Something else.
        Other = "OTHER",
    }
}

impl Event {
    /// Returns an event that begins a range.
    pub const fn introduced(at: Introduced) -> Self {
        Self { introduced: Some(at), fixed: None, last_affected: None }
    }

    /// Returns the version at which the event stands; nothing before every version.
    fn version(&self) -> Option<&Version> {
        let introduced = match &self.introduced {
            Some(Introduced::At(version)) => Some(version),
            Some(Introduced::Always) | None => None,
        };
        introduced.or(self.fixed.as_ref()).or(self.last_affected.as_ref())
    }

    fn count(&self) -> usize {
        let there = [self.introduced.is_some(), self.fixed.is_some(), self.last_affected.is_some()];
        there.into_iter().filter(|is_there| *is_there).count()
    }
}

impl Range {
    /// Tells whether a version lies in the range. Events have to be in order.
    pub fn covers(&self, version: &Version) -> bool {
        self.events.iter().fold(false, |is_in, event| {
            let order = event.version().map_or(Ordering::Greater, |at| version.cmp(at));
            match (&event.introduced, &event.fixed, &event.last_affected) {
                (Some(_), _, _) if order.is_ge() => true,
                (_, Some(_), _) if order.is_ge() => false,
                (_, _, Some(_)) if order.is_gt() => false,
                _ => is_in,
            }
        })
    }

    /// Returns what is wrong with the events.
    fn contradiction(&self) -> Option<&'static str> {
        let events: Vec<&Event> = self.events.iter().collect();
        if events.iter().any(|event| event.count() != 1) {
            return Some("an event has one of `introduced`, `fixed` and `last_affected`");
        }
        let begins = |event: &Event| event.introduced.is_some();
        let alternate =
            events.iter().zip(events.iter().skip(1)).all(|(a, b)| begins(a) != begins(b));
        if !events.first().is_some_and(|first| begins(first)) || !alternate {
            return Some("a range begins with `introduced`, and its ends follow by turns");
        }
        if events.iter().any(|e| e.fixed.is_some())
            && events.iter().any(|e| e.last_affected.is_some())
        {
            return Some("a range has `fixed` or `last_affected`, not both");
        }
        let later = events.iter().skip(1);
        let is_last = |at: &Version| events.iter().any(|e| e.last_affected.as_ref() == Some(at));
        let rises = events.iter().zip(later).all(|(a, b)| match (a.version(), b.version()) {
            // A range may be one version.
            (Some(a), Some(b)) => a < b || (a == b && is_last(b)),
            (None, Some(_)) => true,
            (_, None) => false,
        });
        (!rises).then_some("events are in ascending order")
    }
}

impl Affected {
    /// Tells whether a release is affected.
    pub fn covers(&self, version: &Version) -> bool {
        let plain = version.without_build();
        self.versions.iter().any(|listed| listed.without_build() == plain)
            || self.ranges.iter().any(|range| range.covers(version))
    }
}

impl Osv {
    /// Tells whether a release of a plugin is affected; nothing is by what was withdrawn.
    pub fn affects(&self, plugin: &PluginId, version: &Version) -> bool {
        let mut affected = self.affected.iter().filter(|it| it.package.name == *plugin);
        self.withdrawn.is_none() && affected.any(|affected| affected.covers(version))
    }

    /// Tells whether it is about a plugin.
    pub fn names(&self, plugin: &PluginId) -> bool {
        self.affected.iter().any(|affected| affected.package.name == *plugin)
    }

    /// Returns how bad it is.
    pub const fn harm(&self) -> Harm {
        self.database_specific.severity
    }

    /// Returns the first versions in which it is repaired for a plugin.
    pub fn fixes(&self, plugin: &PluginId) -> Vec<&Version> {
        let affected = self.affected.iter().filter(|it| it.package.name == *plugin);
        let events = affected.flat_map(|affected| &affected.ranges).flat_map(|range| &range.events);
        events.filter_map(|event| event.fixed.as_ref()).collect()
    }

    /// Returns what is wrong between fields: a code and the message.
    pub fn contradictions(&self, registry: &RegistryId) -> Vec<(&'static str, String)> {
        let mut found = Vec::new();
        let expected = ecosystem(registry);
        if self.id.registry() != registry {
            let message = format!("the id is of the registry `{}`", self.id.registry());
            found.push(("advisory/id", message));
        }
        if self.affected.iter().any(|it| it.package.ecosystem.as_str() != expected) {
            found.push(("advisory/ecosystem", format!("the ecosystem is `{expected}`")));
        }
        if self.affected.iter().any(|it| it.ranges.is_empty() && it.versions.is_empty()) {
            let message = "each of `affected` has ranges or versions".to_owned();
            found.push(("advisory/range", message));
        }
        let ranges = self.affected.iter().flat_map(|it| &it.ranges);
        let wrong = ranges.filter_map(Range::contradiction);
        found.extend(wrong.map(|message| ("advisory/range", message.to_owned())));
        let latest = self.withdrawn.unwrap_or(self.published);
        if self.published > self.modified || latest > self.modified {
            let message = "`published` and `withdrawn` are not after `modified`".to_owned();
            found.push(("advisory/time", message));
        }
        found
    }
}

#[cfg(test)]
mod tests;
