//! What could be done about it: releases that would fit, but are refused or were not asked for.

use index_schema::id::PluginId;
use index_schema::manifest::Platform;
use index_schema::requirement::Requirement;
use index_schema::version::Version;
use pubgrub::{External, VersionSet as _};

use super::known::{Known, Refusal, release_of};
use super::provider::{Edge, Kind, Package, Plugins, Stop};
use super::report::Leaf;
use super::set::Set;
use super::wording::edge;
use super::{Blocked, Request, Universe};

/// How many hints are given.
const HINTS: usize = 6;
/// How far apart two names may be for one to be a misspelling of the other.
const LIKENESS: f64 = 0.75;

/// Collects the hints for the facts of a proof, in their order.
pub(super) fn collect<U: Universe>(
    plugins: &Plugins<'_, U>,
    leaves: &[&Leaf],
) -> Result<Vec<String>, Stop<U::Error>> {
    let mut seen = Vec::new();
    let mut hints: Vec<String> = Vec::new();
    for leaf in leaves {
        let External::FromDependencyOf(from, versions, to, allowed) = leaf else { continue };
        let Some(edge) = edge(plugins, from, versions, (to, allowed))? else { continue };
        let Package::Plugin(id) = &edge.to else { continue };
        if edge.kind != Kind::Needs || hints.len() >= HINTS {
            continue;
        }
        for (cause, hint) in of_edge(plugins, id, &edge)? {
            if !seen.contains(&(id.clone(), cause)) {
                seen.push((id.clone(), cause));
                hints.push(hint);
            }
        }
    }
    hints.truncate(HINTS);
    Ok(hints)
}

/// What a hint is about; one is given for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cause {
    Missing,
    PreRelease,
    Newest,
    Yanked,
    Host,
    Platform,
    Removed,
    NeedsNewer,
    TooYoung,
    Itself,
}

fn of_edge<U: Universe>(
    plugins: &Plugins<'_, U>,
    id: &PluginId,
    edge: &Edge,
) -> Result<Vec<(Cause, String)>, Stop<U::Error>> {
    let known = plugins.known(id)?;
    if !known.exists {
        let names = plugins.universe.names().map_err(Stop::Universe)?;
        return Ok(vec![(Cause::Missing, missing(id, &names))]);
    }
    let wanted = known.refused.iter().filter(|(version, _)| edge.requirement.matches(version));
    let mut hints: Vec<_> =
        wanted.map(|(version, why)| refused(id, version, why, plugins.request)).collect();
    hints.extend(pre_release(id, &known, edge));
    if hints.is_empty() {
        hints.extend(newest(id, &known, edge));
    }
    Ok(hints)
}

fn missing(id: &PluginId, names: &[PluginId]) -> String {
    let text = id.to_string();
    let likeness =
        |name: &PluginId| strsim::normalized_damerau_levenshtein(&text, &name.to_string());
    let close = names.iter().map(|name| (likeness(name), name)).filter(|(l, _)| *l >= LIKENESS);
    let closest = close.max_by(|(a, x), (b, y)| a.total_cmp(b).then_with(|| y.cmp(x)));
    match closest {
        Some((_, name)) => format!("did you mean {name} instead of {id}?"),
        None => format!("check the name {id}, or refresh the index"),
    }
}

/// Names the newest release, where nothing that was asked for exists.
fn newest(id: &PluginId, known: &Known, edge: &Edge) -> Option<(Cause, String)> {
    let candidate = known.usable.last().filter(|_| edge.set == Set::empty())?;
    Some((Cause::Newest, format!("the newest release of {id} is {}", candidate.version)))
}

fn pre_release(id: &PluginId, known: &Known, edge: &Edge) -> Option<(Cause, String)> {
    if edge.set != Set::empty() {
        return None;
    }
    let fits = |version: &Version| {
        version.is_prerelease() && edge.requirement.matches(&release_of(version))
    };
    let newest = known.usable.iter().rev().map(|c| &c.version).find(|version| fits(version))?;
    let hint = format!("only pre-releases of {id} fit; ask for one by name, such as {newest}");
    Some((Cause::PreRelease, hint))
}

fn refused(id: &PluginId, version: &Version, why: &Refusal, request: &Request) -> (Cause, String) {
    let release = format!("{id} {version}");
    match why {
        Refusal::Yanked => (Cause::Yanked, format!("{release} would match, but was yanked")),
        Refusal::Itself => (Cause::Itself, format!("{release} would match, but needs itself")),
        Refusal::Host(needed) => (Cause::Host, host(&release, needed, request)),
        Refusal::Platform(platforms) => (Cause::Platform, platform(&release, platforms, request)),
        Refusal::Blocked(Blocked::Removed) => {
            (Cause::Removed, format!("{release} would match, but was removed from the registry"))
        }
        Refusal::Blocked(Blocked::NeedsNewer) => {
            (Cause::NeedsNewer, format!("{release} would match, but only newer software reads it"))
        }
        Refusal::Blocked(Blocked::TooYoung { until }) => {
            let text = format!("{release} would match, but is too young until {until}");
            (Cause::TooYoung, text)
        }
    }
}

fn host(release: &str, needed: &Requirement, request: &Request) -> String {
    let Some(host) = &request.host else {
        return format!("{release} would match, but needs host {needed}");
    };
    let judgement = if is_below(host, needed) {
        "too old"
    } else if is_above(host, needed) {
        "too new"
    } else {
        "another one"
    };
    format!("{release} would match, but needs host {needed}, and {host} is {judgement}")
}

/// The versions that a requirement names.
fn named(requirement: &Requirement) -> impl Iterator<Item = semver::Version> + '_ {
    let comparators = requirement.alternatives().iter().flat_map(|req| &req.comparators);
    comparators.map(|c| semver::Version {
        pre: c.pre.clone(),
        ..semver::Version::new(c.major, c.minor.unwrap_or(0), c.patch.unwrap_or(0))
    })
}

fn is_below(host: &Version, needed: &Requirement) -> bool {
    named(needed).all(|version| *host.semver() < version)
}

fn is_above(host: &Version, needed: &Requirement) -> bool {
    named(needed).all(|version| *host.semver() >= version)
}

fn platform(release: &str, platforms: &[Platform], request: &Request) -> String {
    let there: Vec<String> = platforms.iter().map(ToString::to_string).collect();
    let there = super::wording::join(&there, "and");
    let there = if there.is_empty() { "no machine" } else { &there };
    format!("{release} would match, but is for {there}, not for {}", request.platform)
}
