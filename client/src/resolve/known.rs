//! What is known of one plugin: its usable releases, numbered, and the refused ones with reasons.

use std::cell::RefCell;
use std::collections::BTreeMap;

use index_schema::id::PluginId;
use index_schema::manifest::Platform;
use index_schema::requirement::Requirement;
use index_schema::version::Version;
use pubgrub::VersionSet as _;

use super::set::{ABSENT, Set};
use super::{Blocked, Candidate, Request};

/// Why a release that exists cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refusal {
    /// Its publisher took it back.
    Yanked,
    /// It is not for this version of the host.
    Host(Requirement),
    /// It has no archive for this machine.
    Platform(Vec<Platform>),
    /// Something outside of it.
    Blocked(Blocked),
    /// It names itself as a dependency.
    Itself,
}

/// One plugin, as far as the request may see it.
#[derive(Debug)]
pub(super) struct Known {
    /// Whether there is such a plugin.
    pub(super) exists: bool,
    /// The releases that could be chosen, oldest first; the first has the number 1.
    pub(super) usable: Vec<Candidate>,
    /// The other releases, newest first.
    pub(super) refused: Vec<(Version, Refusal)>,
    /// The number of the locked release.
    pub(super) locked: Option<usize>,
    matching: RefCell<BTreeMap<String, Set>>,
}

impl Known {
    /// Sorts out the releases of `id`.
    pub(super) fn new(id: &PluginId, found: Option<Vec<Candidate>>, request: &Request) -> Self {
        let exists = found.is_some();
        let mut candidates = found.unwrap_or_default();
        candidates.sort_by(|a, b| a.version.cmp(&b.version));
        candidates.dedup_by(|a, b| a.version == b.version);
        let locked = request.locked.get(id).map(Version::without_build);
        let is_locked =
            |version: &Version| locked.as_ref().is_some_and(|l| *l == version.without_build());
        let (mut usable, mut refused) = (Vec::new(), Vec::new());
        for candidate in candidates {
            match refusal(id, &candidate, is_locked(&candidate.version), request) {
                None => usable.push(candidate),
                Some(why) => refused.push((candidate.version, why)),
            }
        }
        refused.reverse();
        let locked = usable.iter().position(|c| is_locked(&c.version));
        let locked = locked.map(|index| index.saturating_add(1));
        Self { exists, usable, refused, locked, matching: RefCell::default() }
    }

    /// Returns the numbers of all usable releases.
    pub(super) fn all(&self) -> Set {
        Set::between(1, self.usable.len().saturating_add(1))
    }

    /// Returns the release with a number.
    pub(super) fn get(&self, number: usize) -> Option<&Candidate> {
        self.usable.get(number.checked_sub(1)?)
    }

    /// Returns the usable releases that a requirement admits.
    pub(super) fn matching(&self, requirement: &Requirement) -> Set {
        let text = requirement.to_string();
        if let Some(set) = self.matching.borrow().get(&text) {
            return set.clone();
        }
        let set = self.select(|candidate| requirement.matches(&candidate.version));
        self.matching.borrow_mut().insert(text, set.clone());
        set
    }

    /// Returns what an optional dependency leaves: no release, or one that matches.
    pub(super) fn absent_or_matching(&self, requirement: &Requirement) -> Set {
        self.matching(requirement).union(&Set::singleton(ABSENT))
    }

    /// Returns what a conflict leaves: no release, or one that it does not cover.
    pub(super) fn absent_or_outside(&self, conflict: &Requirement) -> Set {
        self.absent_or_not(&self.select(|candidate| covers(conflict, &candidate.version)))
    }

    /// Returns what is left without `set`: no release, or another one.
    pub(super) fn absent_or_not(&self, set: &Set) -> Set {
        self.all().union(&Set::singleton(ABSENT)).intersection(&set.complement())
    }

    /// Returns the numbers of the usable releases of which `is_wanted` holds.
    pub(super) fn select(&self, is_wanted: impl Fn(&Candidate) -> bool) -> Set {
        let numbered = (1_usize..).zip(&self.usable);
        Set::ascending(numbered.filter(|(_, candidate)| is_wanted(candidate)).map(|(n, _)| n))
    }
}

/// Tells whether a conflict speaks of a version: as a requirement, and of its pre-releases too.
pub(super) fn covers(conflict: &Requirement, version: &Version) -> bool {
    conflict.matches(version) || conflict.matches(&release_of(version))
}

/// Returns the version that a pre-release comes before.
pub(super) fn release_of(version: &Version) -> Version {
    let semver = version.semver();
    let text = format!("{}.{}.{}", semver.major, semver.minor, semver.patch);
    Version::parse(&text).unwrap_or_else(|_| version.clone())
}

fn refusal(
    id: &PluginId,
    candidate: &Candidate,
    is_locked: bool,
    request: &Request,
) -> Option<Refusal> {
    if let Some(blocked) = &candidate.blocked
        && !(is_locked && matches!(blocked, Blocked::TooYoung { .. }))
    {
        return Some(Refusal::Blocked(blocked.clone()));
    }
    if candidate.yanked && !is_locked {
        return Some(Refusal::Yanked);
    }
    if candidate.dependencies.contains_key(id) {
        return Some(Refusal::Itself);
    }
    if let (Some(needed), Some(host)) = (&candidate.host, &request.host)
        && !needed.matches(host)
    {
        return Some(Refusal::Host(needed.clone()));
    }
    let fits = |platform: &Platform| *platform == Platform::any() || *platform == request.platform;
    if !candidate.platforms.iter().any(fits) {
        return Some(Refusal::Platform(candidate.platforms.clone()));
    }
    None
}
