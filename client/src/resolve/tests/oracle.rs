//! The resolver against one that tries everything.

use std::collections::{BTreeMap, BTreeSet};

use index_schema::id::PluginId;
use index_schema::requirement::Requirement;
use index_schema::version::Version;
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::select;

use super::{Candidate, Request, ResolveError, World, id, resolve, version};
use crate::resolve::known::covers;

const NAMES: &[&str] = &["amber", "birch", "cedar", "dune", "elm"];
const VERSIONS: &[&str] = &["1.0.0", "1.1.0", "2.0.0-beta", "2.0.0"];
const REQUIREMENTS: &[&str] =
    &["*", "^1", "^2", "<1.1", ">=1.1", "=1.0.0 || ^2", "^2.0.0-alpha", "^3", "=2.0.0-beta"];

type Needs = BTreeMap<PluginId, Requirement>;
type Choice = BTreeMap<PluginId, Candidate>;

fn needs(most: usize) -> impl Strategy<Value = Needs> {
    let name = select(NAMES).prop_map(id);
    let requirement = select(REQUIREMENTS).prop_map(|text| Requirement::parse(text).unwrap());
    btree_map(name, requirement, 0..=most)
}

fn candidate(number: &'static str) -> impl Strategy<Value = Candidate> {
    let words = (needs(2), needs(1), needs(1), prop::bool::weighted(0.1));
    words.prop_map(move |(dependencies, optional_dependencies, conflicts, yanked)| Candidate {
        dependencies,
        optional_dependencies,
        conflicts,
        yanked,
        ..Candidate::new(version(number))
    })
}

fn releases() -> impl Strategy<Value = Vec<Candidate>> {
    let all = VERSIONS.iter().map(|number| candidate(number)).collect::<Vec<_>>();
    (all, vec(any::<bool>(), VERSIONS.len())).prop_map(|(all, is_there)| {
        all.into_iter().zip(is_there).filter(|(_, there)| *there).map(|(c, _)| c).collect()
    })
}

fn worlds() -> impl Strategy<Value = World> {
    vec(releases(), NAMES.len() - 1)
        .prop_map(|all| World(NAMES.iter().map(|name| id(name)).zip(all).collect()))
}

fn requests() -> impl Strategy<Value = Request> {
    let locked = btree_map(select(NAMES).prop_map(id), select(VERSIONS).prop_map(version), 0..2);
    (needs(3), locked).prop_map(|(root, locked)| Request { locked, ..Request::new(root) })
}

/// Returns every choice of at most one release of each plugin.
fn choices(world: &World, request: &Request) -> Vec<Choice> {
    let mut choices = vec![Choice::new()];
    for (id, releases) in &world.0 {
        let mut next = choices.clone();
        for release in releases {
            let is_locked = request.locked.get(id) == Some(&release.version);
            if !release.yanked || is_locked {
                let with = |choice: &Choice| {
                    let mut choice = choice.clone();
                    choice.insert(id.clone(), release.clone());
                    choice
                };
                next.extend(choices.iter().map(with));
            }
        }
        choices = next;
    }
    choices
}

fn is_met(choice: &Choice, needs: &Needs) -> bool {
    let is_met = |(id, requirement): (&PluginId, &Requirement)| {
        choice.get(id).is_some_and(|other| requirement.matches(&other.version))
    };
    needs.iter().all(is_met)
}

fn is_valid(choice: &Choice, request: &Request) -> bool {
    let others =
        |id: &PluginId| choice.iter().filter(move |(other, _)| *other != id).collect::<Vec<_>>();
    let is_at_peace = |(id, release): (&PluginId, &Candidate)| {
        others(id).into_iter().all(|(other, chosen)| {
            let uses = release.optional_dependencies.get(other);
            let avoids = release.conflicts.get(other);
            uses.is_none_or(|r| r.matches(&chosen.version))
                && avoids.is_none_or(|r| !covers(r, &chosen.version))
        })
    };
    is_met(choice, &request.root)
        && choice.values().all(|release| is_met(choice, &release.dependencies))
        && choice.iter().all(is_at_peace)
        && !has_cycle(choice)
}

fn has_cycle(choice: &Choice) -> bool {
    let reaches_itself =
        |id: &PluginId| reachable(choice, choice[id].dependencies.keys()).contains(id);
    choice.keys().any(reaches_itself)
}

fn reachable<'c>(
    choice: &'c Choice,
    from: impl Iterator<Item = &'c PluginId>,
) -> BTreeSet<&'c PluginId> {
    let mut left: Vec<_> = from.collect();
    let mut found = BTreeSet::new();
    while let Some(id) = left.pop() {
        if found.insert(id) {
            left.extend(choice.get(id).into_iter().flat_map(|c| c.dependencies.keys()));
        }
    }
    found
}

fn has_nothing_unneeded(choice: &Choice, request: &Request) -> bool {
    let needed = reachable(choice, request.root.keys());
    choice.keys().all(|id| needed.contains(id))
}

fn looked_up(world: &World, versions: &BTreeMap<PluginId, Version>) -> Choice {
    let find = |(id, version): (&PluginId, &Version)| {
        let release = world.0[id].iter().find(|release| release.version == *version);
        (id.clone(), release.unwrap().clone())
    };
    versions.iter().map(find).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn it_finds_a_solution_exactly_where_there_is_one(world in worlds(), request in requests()) {
        let choices = choices(&world, &request);
        let valid: Vec<_> = choices.iter().filter(|choice| is_valid(choice, &request)).collect();
        match resolve(&request, &world) {
            Ok(found) => {
                let found = looked_up(&world, &found.releases);
                prop_assert!(is_valid(&found, &request), "{found:?}");
                prop_assert!(has_nothing_unneeded(&found, &request), "{found:?}");
                if let (true, Some(only)) = (request.locked.is_empty(), single(&request)) {
                    let newest = valid.iter().map(|choice| &choice[only].version).max();
                    prop_assert_eq!(Some(&found[only].version), newest);
                }
            }
            Err(ResolveError::NoSolution(why)) => {
                prop_assert!(valid.is_empty(), "{}\nbut {:?}", why.explanation, valid.first());
                prop_assert!(!why.explanation.is_empty() && why.explanation.lines().count() <= 14);
                prop_assert!(!why.explanation.contains("any version"), "{}", why.explanation);
                prop_assert!(why.hints.len() <= 6);
            }
            Err(other) => prop_assert!(false, "{}", other),
        }
    }

    #[test]
    fn a_solution_that_is_locked_stays_as_it_is(world in worlds(), request in requests()) {
        if let Ok(found) = resolve(&request, &world) {
            let again = Request { locked: found.releases.clone(), ..request };
            prop_assert_eq!(resolve(&again, &world).unwrap(), found);
        }
    }
}

fn single(request: &Request) -> Option<&PluginId> {
    request.root.keys().next().filter(|_| request.root.len() == 1)
}
