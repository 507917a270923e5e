//! The bridge to `pubgrub`: plugins as packages, numbers as versions, edges as dependencies.

use std::cell::{Cell, RefCell};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::error::Error;
use std::fmt;
use std::rc::Rc;

use index_schema::id::PluginId;
use index_schema::requirement::Requirement;
use index_schema::version::Version;
use pubgrub::{Dependencies, DependencyProvider, PackageResolutionStatistics, PubGrubError};

use super::known::Known;
use super::set::{ABSENT, Set};
use super::{Candidate, NoSolution, Request, Universe, report};

/// What `pubgrub` decides about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Package {
    /// The request itself.
    Request,
    /// A plugin.
    Plugin(PluginId),
    /// How to break a cycle, by its index: number `n` means that its `n`-th member does.
    Cycle(usize),
}

impl fmt::Display for Package {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Request => f.write_str("the request"),
            Self::Plugin(id) => id.fmt(f),
            Self::Cycle(index) => write!(f, "cycle {index}"),
        }
    }
}

/// What an edge between two packages means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The one needs the other.
    Needs,
    /// The one uses the other if it is there.
    Uses,
    /// The one does not work beside the other.
    Avoids,
    /// A cycle has to be broken.
    Breaks,
}

/// What a package demands of another one.
#[derive(Debug, Clone)]
pub(super) struct Edge {
    pub(super) kind: Kind,
    pub(super) to: Package,
    /// The demand as it was written.
    pub(super) requirement: Requirement,
    /// The demand as numbers.
    pub(super) set: Set,
}

/// Plugins whose dependencies lead back to the first: each with the releases that depend on the
/// next one.
pub(super) type Cycle = Vec<(PluginId, Set)>;

/// A number for each plugin of a solution.
pub(super) type Choice = BTreeMap<PluginId, usize>;

/// Why the search ended without a choice.
#[derive(Debug, thiserror::Error)]
pub(super) enum Stop<E: Error + 'static> {
    #[error("no solution")]
    NoSolution(NoSolution),
    #[error("too many steps")]
    TooHard,
    #[error(transparent)]
    Universe(E),
}

/// The universe through the eyes of a request.
pub(super) struct Plugins<'a, U: Universe> {
    pub(super) request: &'a Request,
    pub(super) universe: &'a U,
    cycles: Vec<Cycle>,
    known: RefCell<BTreeMap<PluginId, Rc<Known>>>,
    depths: RefCell<BTreeMap<PluginId, usize>>,
    steps: Cell<usize>,
}

/// The number of the one version that the request has.
const REQUEST: usize = 1;

impl<'a, U: Universe> Plugins<'a, U> {
    pub(super) fn new(request: &'a Request, universe: &'a U) -> Self {
        let (known, depths) = (RefCell::default(), RefCell::default());
        Self { request, universe, cycles: Vec::new(), known, depths, steps: Cell::new(0) }
    }

    /// Adds a cycle that has to be broken.
    pub(super) fn forbid(&mut self, cycle: Cycle) {
        self.cycles.push(cycle);
    }

    /// Returns a forbidden cycle.
    pub(super) fn cycle(&self, index: usize) -> Option<&Cycle> {
        self.cycles.get(index)
    }

    /// Lets `pubgrub` choose.
    pub(super) fn solve(&self) -> Result<Choice, Stop<U::Error>> {
        match pubgrub::resolve(self, Package::Request, REQUEST) {
            Ok(selected) => Ok(selected.into_iter().filter_map(chosen).collect()),
            Err(PubGrubError::NoSolution(tree)) => {
                Err(Stop::NoSolution(report::explain(self, tree)?))
            }
            Err(
                PubGrubError::ErrorRetrievingDependencies { source, .. }
                | PubGrubError::ErrorChoosingVersion { source, .. }
                | PubGrubError::ErrorInShouldCancel(source),
            ) => Err(source),
        }
    }

    /// Returns what is known of a plugin, and asks the universe the first time.
    pub(super) fn known(&self, id: &PluginId) -> Result<Rc<Known>, Stop<U::Error>> {
        if let Some(known) = self.seen(id) {
            return Ok(known);
        }
        let found = self.universe.candidates(id).map_err(Stop::Universe)?;
        let known = Rc::new(Known::new(id, found, self.request));
        self.known.borrow_mut().insert(id.clone(), Rc::clone(&known));
        Ok(known)
    }

    /// Returns what is known of a plugin, if it was asked for before.
    pub(super) fn seen(&self, id: &PluginId) -> Option<Rc<Known>> {
        self.known.borrow().get(id).cloned()
    }

    /// Returns the versions behind the numbers.
    pub(super) fn versions(
        &self,
        choice: &Choice,
    ) -> Result<BTreeMap<PluginId, Version>, Stop<U::Error>> {
        let mut versions = BTreeMap::new();
        for (id, number) in choice {
            if let Some(candidate) = self.known(id)?.get(*number) {
                versions.insert(id.clone(), candidate.version.clone());
            }
        }
        Ok(versions)
    }

    /// Returns all that a version of a package demands.
    pub(super) fn edges(
        &self,
        package: &Package,
        number: usize,
    ) -> Result<Vec<Edge>, Stop<U::Error>> {
        match package {
            Package::Request => self.request.root.iter().map(|need| self.need(need)).collect(),
            Package::Plugin(id) => match self.known(id)?.get(number) {
                Some(candidate) => self.edges_of(id, number, candidate),
                None => Ok(Vec::new()),
            },
            Package::Cycle(index) => self.break_at(*index, number),
        }
    }

    fn edges_of(
        &self,
        id: &PluginId,
        number: usize,
        candidate: &Candidate,
    ) -> Result<Vec<Edge>, Stop<U::Error>> {
        let needs = candidate.dependencies.iter().map(|need| self.need(need));
        let mut edges = needs.collect::<Result<Vec<_>, _>>()?;
        // Plugins that nobody has looked at are left alone: most of them are never chosen, and
        // looking costs a request. If one is chosen after all, the audit starts another round.
        let others = |map: &BTreeMap<PluginId, Requirement>| {
            let seen = map.iter().filter(|(other, _)| *other != id);
            let seen =
                seen.filter_map(|(other, r)| Some((other.clone(), r.clone(), self.seen(other)?)));
            seen.collect::<Vec<_>>()
        };
        for (other, requirement, known) in others(&candidate.optional_dependencies) {
            let set = known.absent_or_matching(&requirement);
            edges.push(Edge { kind: Kind::Uses, to: Package::Plugin(other), requirement, set });
        }
        for (other, requirement, known) in others(&candidate.conflicts) {
            let set = known.absent_or_outside(&requirement);
            edges.push(Edge { kind: Kind::Avoids, to: Package::Plugin(other), requirement, set });
        }
        edges.extend(self.cycles_from(id, number));
        Ok(edges)
    }

    fn need(&self, (id, requirement): (&PluginId, &Requirement)) -> Result<Edge, Stop<U::Error>> {
        let set = self.known(id)?.matching(requirement);
        let to = Package::Plugin(id.clone());
        Ok(Edge { kind: Kind::Needs, to, requirement: requirement.clone(), set })
    }

    /// The first member of a cycle demands that one of the others breaks it.
    fn cycles_from<'s>(&'s self, id: &PluginId, number: usize) -> impl Iterator<Item = Edge> + 's {
        use pubgrub::VersionSet as _;
        let id = id.clone();
        let starts = move |cycle: &Cycle| {
            cycle.first().is_some_and(|(first, set)| *first == id && set.contains(&number))
        };
        let cycles = self.cycles.iter().enumerate();
        cycles.filter(move |(_, cycle)| starts(cycle)).map(|(index, cycle)| Edge {
            kind: Kind::Breaks,
            to: Package::Cycle(index),
            requirement: Requirement::any(),
            set: Set::between(1, cycle.len()),
        })
    }

    fn break_at(&self, index: usize, number: usize) -> Result<Vec<Edge>, Stop<U::Error>> {
        let Some((id, set)) = self.cycle(index).and_then(|cycle| cycle.get(number)) else {
            return Ok(Vec::new());
        };
        let set = self.known(id)?.absent_or_not(set);
        let to = Package::Plugin(id.clone());
        Ok(vec![Edge { kind: Kind::Breaks, to, requirement: Requirement::any(), set }])
    }

    /// Remembers how far the needs of a package are from the request.
    fn note_depths(&self, package: &Package, edges: &[Edge]) {
        let mut depths = self.depths.borrow_mut();
        let depth = match package {
            Package::Plugin(id) => depths.get(id).copied().unwrap_or_default().saturating_add(1),
            Package::Request | Package::Cycle(_) => 0,
        };
        for edge in edges.iter().filter(|edge| edge.kind == Kind::Needs) {
            if let Package::Plugin(id) = &edge.to {
                depths.entry(id.clone()).and_modify(|d| *d = depth.min(*d)).or_insert(depth);
            }
        }
    }
}

fn chosen((package, number): (Package, usize)) -> Option<(PluginId, usize)> {
    match package {
        Package::Plugin(id) if number != ABSENT => Some((id, number)),
        Package::Plugin(_) | Package::Request | Package::Cycle(_) => None,
    }
}

/// When a package's turn comes, the last first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Turn {
    /// It need not be there: by now nobody else needs it.
    Absent,
    /// A cycle: broken, or not, by what was chosen before.
    Cycle,
    /// Any version will do.
    Free,
    /// Its locked version can be kept.
    Locked,
}

impl<U: Universe> DependencyProvider for Plugins<'_, U> {
    type P = Package;
    type V = usize;
    type VS = Set;
    type Priority = (Turn, Reverse<usize>, u32, Reverse<usize>);
    type M = Infallible;
    type Err = Stop<U::Error>;

    /// Locked plugins first, then level by level. Within a level those go first that are often in
    /// conflict or have few versions left, which fails sooner.
    fn prioritize(
        &self,
        package: &Package,
        range: &Set,
        statistics: &PackageResolutionStatistics,
    ) -> Self::Priority {
        use pubgrub::VersionSet as _;
        let (turn, depth) = match package {
            Package::Request => (Turn::Locked, 0),
            Package::Cycle(_) => (Turn::Cycle, 0),
            Package::Plugin(_) if range.allows_absence() => (Turn::Absent, 0),
            Package::Plugin(id) => {
                let locked = self.seen(id).and_then(|known| known.locked);
                let depth = self.depths.borrow().get(id).copied().unwrap_or(usize::MAX);
                let is_locked = locked.is_some_and(|number| range.contains(&number));
                (if is_locked { Turn::Locked } else { Turn::Free }, depth)
            }
        };
        (turn, Reverse(depth), statistics.conflict_count(), Reverse(range.count()))
    }

    fn choose_version(&self, package: &Package, range: &Set) -> Result<Option<usize>, Self::Err> {
        use pubgrub::VersionSet as _;
        if range.allows_absence() {
            return Ok(Some(ABSENT));
        }
        if let Package::Plugin(id) = package
            && let Some(locked) = self.known(id)?.locked
            && range.contains(&locked)
        {
            return Ok(Some(locked));
        }
        Ok(range.newest())
    }

    fn get_dependencies(
        &self,
        package: &Package,
        number: &usize,
    ) -> Result<Dependencies<Package, Set, Infallible>, Self::Err> {
        let edges = self.edges(package, *number)?;
        self.note_depths(package, &edges);
        Ok(Dependencies::Available(edges.into_iter().map(|edge| (edge.to, edge.set)).collect()))
    }

    fn should_cancel(&self) -> Result<(), Self::Err> {
        self.steps.set(self.steps.get().saturating_add(1));
        if self.steps.get() > self.request.steps { Err(Stop::TooHard) } else { Ok(()) }
    }
}
