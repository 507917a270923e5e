//! Who needs whom: a few plugins are needed by many, and every need can be met.
//!
//! A plugin needs only older ones, so there are no cycles. A requirement that is written at some
//! time admits the newest release of that time, and the newest one of every later time, too: so
//! the newest releases of all plugins always go together, and a resolver finds at least that. A
//! plugin that nobody needs may ask for an old series, if nothing else that it needs is in the way.

use std::collections::BTreeSet;

use index_schema::requirement::Requirement;
use index_schema::version::Version;

use super::history::Release;
use super::model::Model;
use super::plan::{Event, Plan, Plugin, place, short, shuffle};
use super::random::{Random, narrow, wide};
use super::spread::Weighted;

/// A plugin that another needs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Need {
    /// Which.
    pub(crate) plugin: u32,
    /// From which release on.
    pub(crate) since: u32,
    /// Whether it may be held at an old series.
    pub(crate) held: bool,
}

/// Lets plugins, given from old to new, need others.
pub(crate) fn connect(model: &Model, plugins: &mut [Plugin], seed: u64) {
    let popular = popularity(model, plugins.len(), seed);
    let mut needed = vec![false; plugins.len()];
    for (index, plugin) in plugins.iter_mut().enumerate() {
        plugin.needs = choose(model, &popular, index, plugin.releases.len(), seed);
        for need in &plugin.needs {
            if let Some(needed) = needed.get_mut(place(need.plugin)) {
                *needed = true;
            }
        }
    }
    for (index, _) in needed.iter().enumerate().filter(|(_, needed)| !**needed) {
        let held = holdable(plugins, index);
        if let Some(plugin) = plugins.get_mut(index) {
            for need in &mut plugin.needs {
                need.held = held.contains(&need.plugin);
            }
        }
    }
}

/// Gives each plugin a weight; old ones are the more popular ones, by and large.
fn popularity(model: &Model, count: usize, seed: u64) -> Weighted<u32> {
    let mut random = Random::new(seed, "popularity", 0);
    let mut places: Vec<usize> = (0..count).collect();
    shuffle(&mut places, &mut random);
    places.sort_by_cached_key(|place| place / 2 + narrow(random.below(wide(count) / 2 + 1)));
    let mut ranks = vec![0; count];
    for (rank, place) in places.into_iter().enumerate() {
        if let Some(known) = ranks.get_mut(place) {
            *known = rank;
        }
    }
    let weighted = ranks.into_iter().enumerate();
    Weighted::new(weighted.map(|(place, rank)| (short(place), model.popularity.weight(rank))))
}

fn choose(
    model: &Model,
    popular: &Weighted<u32>,
    index: usize,
    releases: usize,
    seed: u64,
) -> Vec<Need> {
    let mut random = Random::new(seed, "needs", index);
    let wanted = narrow(model.dependencies.draw(&mut random)).min(index / 2);
    let mut chosen = BTreeSet::new();
    for _ in 0..wanted * 3 {
        if chosen.len() < wanted {
            chosen.extend(popular.draw_among(index, &mut random));
        }
    }
    let need = |plugin| {
        let late = random.chance(250);
        let since = if late { random.below(wide(releases)) } else { 0 };
        Need { plugin, since: short(narrow(since)), held: false }
    };
    chosen.into_iter().map(need).collect()
}

/// Returns what a plugin needs that none of its other needs can reach.
fn holdable(plugins: &[Plugin], index: usize) -> BTreeSet<u32> {
    let needs =
        |plugin: usize| plugins.get(plugin).map(|it| it.needs.as_slice()).unwrap_or_default();
    let ends_elsewhere = |need: &&Need| {
        let releases = plugins.get(place(need.plugin)).map(|it| it.releases.as_slice());
        releases.is_some_and(|it| newest(it, it.first()) != newest(it, it.last()))
    };
    let mut held: BTreeSet<u32> =
        needs(index).iter().filter(ends_elsewhere).map(|n| n.plugin).collect();
    if held.is_empty() {
        return held;
    }
    let mut open: Vec<u32> = needs(index).iter().map(|need| need.plugin).collect();
    let mut reached = BTreeSet::new();
    while let Some(plugin) = open.pop() {
        let below = needs(place(plugin)).iter().map(|need| need.plugin);
        open.extend(below.filter(|plugin| reached.insert(*plugin)));
    }
    held.retain(|plugin| !reached.contains(plugin));
    held
}

fn newest<'r>(releases: &'r [Release], at: Option<&Release>) -> Option<(u64, u64)> {
    let newest: &'r Release = releases.get(place(at?.newest?))?;
    Some(newest.version.series())
}

/// Says what a release requires of others, and of which.
pub(crate) fn requirements(plan: &Plan, event: Event) -> Vec<(&Plugin, Requirement)> {
    let Some((plugin, _)) = plan.release(event) else { return Vec::new() };
    let mut random = plan.random("requirement", event);
    let due = plugin.needs.iter().filter(|need| need.since <= event.release);
    let met = due.filter_map(|need| {
        let other = plan.plugins.get(place(need.plugin))?;
        let there = other.releases.partition_point(|release| release.time < event.time);
        let last = other.releases.get(there.checked_sub(1)?)?;
        let now = &other.releases.get(place(last.newest?))?.version;
        let end = &other.releases.get(place(other.releases.last()?.newest?))?.version;
        Some((other, requirement(now, end, need.held, &mut random)))
    });
    met.collect()
}

/// Writes a requirement that admits `now` and, unless it may hold back, all up to `end`.
fn requirement(now: &Version, end: &Version, held: bool, random: &mut Random) -> Requirement {
    let (from, to) = (now.semver(), end.semver());
    let (major, minor, patch) = (from.major, from.minor, from.patch);
    let text = if now.series() == end.series() || held {
        match random.below(6) {
            0 if major > 0 => format!("{major}"),
            0 | 1 => format!("^{major}.{minor}.{patch}"),
            2 if major > 0 => format!("^{major}"),
            3 => format!("{major}.{minor}.{patch}"),
            _ if major > 0 => format!("^{major}.{minor}"),
            _ => format!("^{major}.{minor}.{patch}"),
        }
    } else if major > 0 && to.major - major <= 3 && random.chance(500) {
        let later = (major + 1..=to.major).map(|major| format!("^{major}"));
        let all: Vec<String> = std::iter::once(format!("^{major}.{minor}")).chain(later).collect();
        all.join(" || ")
    } else if random.chance(500) {
        format!(">={major}.{minor}.{patch}, <{}", to.major + 1)
    } else {
        format!(">={major}.{minor}")
    };
    Requirement::parse(&text).expect("numbers and comparators are a requirement")
}

#[cfg(test)]
mod tests {
    use super::super::Size;
    use super::*;

    #[test]
    fn a_requirement_admits_what_is_newest_now_and_what_will_be() {
        let mut random = Random::new(2, "requirement", 0);
        let version = |text| Version::parse(text).unwrap();
        for (now, end) in [
            ("0.1.3", "0.1.9"),
            ("0.1.3", "0.4.0"),
            ("0.9.1", "3.0.0"),
            ("1.2.3", "1.9.0"),
            ("1.2.3", "3.0.1"),
            ("2.0.0", "9.1.0"),
        ] {
            for _ in 0..40 {
                let requirement = requirement(&version(now), &version(end), false, &mut random);
                assert!(requirement.matches(&version(now)), "{requirement} {now}");
                assert!(requirement.matches(&version(end)), "{requirement} {end}");
            }
        }
    }

    #[test]
    fn plugins_need_older_ones_and_few_are_needed_by_many() {
        let size = Size { plugins: 2000, releases: None, publishers: None };
        let plan = Plan::new(Model::built_in(), &size, 11);
        let mut dependents = vec![0; plan.plugins.len()];
        for (index, plugin) in plan.plugins.iter().enumerate() {
            for need in &plugin.needs {
                assert!(place(need.plugin) < index);
                dependents[place(need.plugin)] += 1;
            }
        }
        dependents.sort_unstable();
        let all: u32 = dependents.iter().sum();
        let ten: u32 = dependents.iter().rev().take(10).sum();
        assert!(all > 6000 && ten * 5 > all, "{ten} of {all}");
    }

    #[test]
    fn the_newest_releases_of_any_time_go_together() {
        let size = Size { plugins: 300, releases: Some(6000), publishers: None };
        let mut model = Model::built_in();
        (model.steps.major, model.steps.older) = (800, 200);
        let plan = Plan::new(model, &size, 12);
        let needed: BTreeSet<u32> =
            plan.plugins.iter().flat_map(|p| &p.needs).map(|n| n.plugin).collect();
        let (mut asked, mut held) = (0, 0);
        for event in &plan.timeline {
            for (other, wanted) in requirements(&plan, *event) {
                let newest = other.releases.iter().filter(|it| it.time >= event.time);
                let newest = newest.filter_map(|it| other.releases.get(place(it.newest?)));
                let admits = newest.map(|it| &it.version).all(|version| wanted.matches(version));
                assert!(admits || !needed.contains(&event.plugin), "{} {wanted}", other.id);
                asked += 1;
                held += u32::from(!admits);
            }
        }
        assert!(asked > 10_000 && held > 100, "{held} of {asked}");
    }
}
