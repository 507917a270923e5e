//! What a release needs, and whether it can be had.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;

use index_schema::id::PluginId;
use index_schema::manifest::{Manifest, Platform};
use index_schema::requirement::Requirement;
use libral::resolve::{Candidate, Request, ResolveError, Universe, resolve};

use super::Case;
use crate::finding::Finding;
use crate::judge::Index;

/// Every dependency is there.
pub(super) fn exist(case: Case<'_>, findings: &mut Vec<Finding>) {
    for id in case.manifest().dependencies.keys().filter(|id| !is_published(case.index, id)) {
        let message = format!("there is no plugin `{id}`");
        findings.push(case.finding("dependency/unknown", "dependencies", message));
    }
}

fn is_published(index: &Index, id: &PluginId) -> bool {
    index.plugins.get(id).is_some_and(|plugin| !plugin.releases.is_empty())
}

/// The release can be installed: a client's resolver finds everything that it needs, without a
/// cycle and without conflicts.
pub(super) fn can_be_resolved(case: Case<'_>, findings: &mut Vec<Finding>) {
    let manifest = case.manifest();
    let dependencies = &manifest.dependencies;
    if dependencies.is_empty() || dependencies.keys().any(|id| !is_published(case.index, id)) {
        return;
    }
    let message = match resolve(&request(manifest), &Everything::of(case.index)) {
        Ok(_) => return,
        Err(ResolveError::NoSolution(no_solution)) => no_solution.to_string(),
        Err(ResolveError::TooHard(steps)) => format!("no solution was found in {steps} steps"),
        Err(ResolveError::Universe(impossible)) => match impossible {},
    };
    findings.push(case.finding("dependency/unresolvable", "dependencies", message));
}

/// Returns the plugins that these rules ask about a release and do not find in an index. Where
/// the index holds a part of a registry, these are what it lacks.
pub fn missing(index: &Index, manifest: &Manifest) -> BTreeSet<PluginId> {
    let direct = manifest.dependencies.keys().filter(|id| !index.plugins.contains_key(id));
    let direct: BTreeSet<PluginId> = direct.cloned().collect();
    if !direct.is_empty() || manifest.dependencies.is_empty() {
        return direct;
    }
    let everything = Everything::of(index);
    // Whether there is a solution is asked again once nothing is missing.
    drop(resolve(&request(manifest), &everything));
    everything.missing.into_inner()
}

/// Returns the plugins that a resolver asks about a release, and of which there is no manifest.
///
/// What does not count is not told apart here: that takes judging, which is not worth while as long
/// as so many are missing.
pub fn unread<'m>(
    manifests: impl Iterator<Item = &'m Manifest>,
    manifest: &Manifest,
) -> BTreeSet<PluginId> {
    let mut known = Manifests::default();
    for manifest in manifests {
        known.candidates.entry(&manifest.id).or_default().push(candidate(manifest));
    }
    drop(resolve(&request(manifest), &known));
    known.missing.into_inner()
}

/// Manifests as a resolver sees them.
#[derive(Default)]
struct Manifests<'m> {
    candidates: BTreeMap<&'m PluginId, Vec<Candidate>>,
    missing: RefCell<BTreeSet<PluginId>>,
}

impl Universe for Manifests<'_> {
    type Error = Infallible;

    fn candidates(&self, id: &PluginId) -> Result<Option<Vec<Candidate>>, Infallible> {
        let known = self.candidates.get(id).cloned();
        if known.is_none() {
            self.missing.borrow_mut().insert(id.clone());
        }
        Ok(known)
    }
}

fn request(manifest: &Manifest) -> Request {
    let wanted = Requirement::exact(&manifest.version);
    Request::new(BTreeMap::from([(manifest.id.clone(), wanted)]))
}

/// Everything that counts, as a resolver sees it: for every host and every platform.
struct Everything<'i> {
    index: &'i Index,
    missing: RefCell<BTreeSet<PluginId>>,
}

impl<'i> Everything<'i> {
    fn of(index: &'i Index) -> Self {
        Self { index, missing: RefCell::default() }
    }
}

impl Universe for Everything<'_> {
    type Error = Infallible;

    fn candidates(&self, id: &PluginId) -> Result<Option<Vec<Candidate>>, Infallible> {
        let Some(plugin) = self.index.plugins.get(id) else {
            self.missing.borrow_mut().insert(id.clone());
            return Ok(None);
        };
        let yanked = plugin.states().yanked;
        let candidates = plugin.releases.iter().map(|(version, release)| Candidate {
            yanked: yanked.contains_key(version),
            ..candidate(&release.manifest.statement.document)
        });
        Ok(Some(candidates.collect()))
    }
}

fn candidate(manifest: &Manifest) -> Candidate {
    Candidate {
        dependencies: (*manifest.dependencies).clone(),
        optional_dependencies: (*manifest.optional_dependencies).clone(),
        conflicts: (*manifest.conflicts).clone(),
        platforms: vec![Platform::any()],
        ..Candidate::new(manifest.version.clone())
    }
}
