//! The resolver: which releases to have, or why there are none. A pure function on `pubgrub`.
//!
//! What a [`Solution`] promises:
//!
//! - every plugin that was asked for is there, and all its dependencies in turn; nothing else is
//! - a requirement admits exactly the versions that [`Requirement::matches`] says, so a
//!   pre-release has to be asked for
//! - a release that was yanked or is too young is there only because it was locked
//! - host and platform fit
//! - no release conflicts with another one; an optional dependency adds nothing, but where the
//!   other plugin is there anyway, its version matches
//! - no plugin depends on itself, not through others either
//!
//! Among the solutions, locked versions are kept where that is possible; then plugins that were
//! asked for get the newest version, then their dependencies, level by level. Equal input gives
//! an equal answer, also when the answer is an explanation.
//!
//! ```text
//! Request ─┐
//!          ▼            known    one plugin: the usable releases, numbered, and the refused ones
//! Universe ─▶ provider ─▶ pubgrub ─▶ choice ─▶ audit ─▶ Solution
//!                 ▲          │                   │
//!                 └──────────┼── cycle found ◀───┘
//!                            ▼
//!                         report, wording, hints ─▶ NoSolution
//! ```

mod audit;
mod hints;
mod known;
mod provider;
mod report;
mod set;
mod wording;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::error::Error;

use index_schema::id::PluginId;
use index_schema::manifest::Platform;
use index_schema::plugin_doc::{Listed, NeedsNewer, Release};
use index_schema::requirement::Requirement;
use index_schema::time::Timestamp;
use index_schema::version::Version;

use provider::{Plugins, Stop};

/// How many decisions are tried before giving up, unless the request says otherwise.
pub const STEPS: usize = 100_000;

/// A release, as far as resolving is concerned.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// The version.
    pub version: Version,
    /// Plugins that it needs.
    pub dependencies: BTreeMap<PluginId, Requirement>,
    /// Plugins that it uses if they are there.
    pub optional_dependencies: BTreeMap<PluginId, Requirement>,
    /// Plugins that it does not work beside.
    ///
    /// Naming a version covers its pre-releases too: a warning is read broadly, a wish narrowly.
    pub conflicts: BTreeMap<PluginId, Requirement>,
    /// Whether its publisher took it back.
    pub yanked: bool,
    /// The versions of the host application that it works with, if that matters.
    pub host: Option<Requirement>,
    /// The machines that there are archives for.
    pub platforms: Vec<Platform>,
    /// What else keeps it from being used, if anything.
    pub blocked: Option<Blocked>,
}

/// What keeps a release from being used, apart from what it says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Blocked {
    /// The registry took it down.
    Removed,
    /// Only newer software can read it.
    NeedsNewer,
    /// It has not reached the minimum release age. A locked release is past that.
    TooYoung {
        /// When it will have.
        until: Timestamp,
    },
}

impl Candidate {
    /// Makes a candidate that needs nothing and fits everywhere.
    pub fn new(version: Version) -> Self {
        Self {
            version,
            dependencies: BTreeMap::new(),
            optional_dependencies: BTreeMap::new(),
            conflicts: BTreeMap::new(),
            yanked: false,
            host: None,
            platforms: vec![Platform::any()],
            blocked: None,
        }
    }
}

impl From<&Release> for Candidate {
    fn from(release: &Release) -> Self {
        let facts = &release.facts;
        Self {
            version: release.version.clone(),
            dependencies: (*facts.dependencies).clone(),
            optional_dependencies: (*facts.optional_dependencies).clone(),
            conflicts: (*facts.conflicts).clone(),
            yanked: release.yanked.is_some(),
            host: facts.host.clone(),
            platforms: facts.artifacts.iter().map(|artifact| artifact.platform.clone()).collect(),
            blocked: None,
        }
    }
}

impl From<&NeedsNewer> for Candidate {
    fn from(outline: &NeedsNewer) -> Self {
        let blocked = Some(Blocked::NeedsNewer);
        Self { blocked, ..Self::new(outline.version.clone()) }
    }
}

impl From<&Listed> for Candidate {
    fn from(listed: &Listed) -> Self {
        match listed {
            Listed::Release(release) => release.as_ref().into(),
            Listed::NeedsNewer(outline) => outline.into(),
        }
    }
}

/// Everything that could be chosen: the resolver's view of the world outside.
pub trait Universe {
    /// Why the world could not answer.
    type Error: Error + 'static;

    /// Returns every release of a plugin, in any order, or `None` if there is no such plugin.
    ///
    /// It is asked once for each plugin that a solution might need.
    fn candidates(&self, id: &PluginId) -> Result<Option<Vec<Candidate>>, Self::Error>;

    /// Returns the plugins that there are, for guessing what a misspelt name stands for.
    fn names(&self) -> Result<Vec<PluginId>, Self::Error> {
        Ok(Vec::new())
    }
}

/// What to resolve.
#[derive(Debug, Clone)]
pub struct Request {
    /// The plugins that are asked for.
    pub root: BTreeMap<PluginId, Requirement>,
    /// The versions to keep where that is possible.
    pub locked: BTreeMap<PluginId, Version>,
    /// The host application's version; without it, releases are not refused for it.
    pub host: Option<Version>,
    /// The machine.
    pub platform: Platform,
    /// How many decisions are tried before giving up.
    pub steps: usize,
}

impl Request {
    /// Makes a request without locked versions, without a host, for any machine.
    pub fn new(root: BTreeMap<PluginId, Requirement>) -> Self {
        let platform = Platform::any();
        Self { root, locked: BTreeMap::new(), host: None, platform, steps: STEPS }
    }
}

/// One version of each plugin that is needed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Solution {
    /// The releases to have.
    pub releases: BTreeMap<PluginId, Version>,
}

/// Why nothing fits.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{explanation}")]
pub struct NoSolution {
    /// The proof, a step a line, in at most about a screen.
    pub explanation: String,
    /// What to do about it: at most one hint for a plugin and a cause.
    pub hints: Vec<String>,
}

/// Why there is no [`Solution`].
#[derive(Debug, thiserror::Error)]
pub enum ResolveError<E: Error + 'static> {
    /// Nothing fits.
    #[error(transparent)]
    NoSolution(NoSolution),
    /// The search was given up.
    #[error("found neither a solution nor a proof that there is none in {0} steps")]
    TooHard(usize),
    /// The world could not answer.
    #[error(transparent)]
    Universe(E),
}

/// Finds the releases that satisfy `request`.
pub fn resolve<U: Universe>(
    request: &Request,
    universe: &U,
) -> Result<Solution, ResolveError<U::Error>> {
    search(&mut Plugins::new(request, universe)).map_err(|stop| match stop {
        Stop::NoSolution(why) => ResolveError::NoSolution(why),
        Stop::TooHard => ResolveError::TooHard(request.steps),
        Stop::Universe(error) => ResolveError::Universe(error),
    })
}

/// Solves until a choice passes the audit. Each round knows a cycle or a plugin more than the
/// one before, and the count of steps goes on, so it ends.
fn search<U: Universe>(plugins: &mut Plugins<'_, U>) -> Result<Solution, Stop<U::Error>> {
    loop {
        let choice = plugins.solve()?;
        if let Some(cycle) = audit::cycle(plugins, &choice)? {
            plugins.forbid(cycle);
        } else if audit::is_peaceful(plugins, &choice)? {
            return Ok(Solution { releases: plugins.versions(&choice)? });
        }
    }
}
