//! Which releases are chosen.

use std::io;

use index_schema::id::PluginId;

use super::{Candidate, ResolveError, Universe, answer, request, resolve};

/// Checks that `request` gives exactly `expected`, a release each, joined by commas.
#[track_caller]
fn check(world: &str, request: &str, expected: &str) {
    let found = answer(world, request);
    assert_eq!(found.trim_end().replace('\n', ", "), expected);
}

#[test]
fn the_newest_release_is_chosen_whatever_the_order_of_the_universe() {
    check("amber 1.9.0\namber 1.10.0\namber 1.2.0", "amber *", "amber 1.10.0");
}

#[test]
fn dependencies_come_along_and_nothing_else_does() {
    let world = "
        amber 1.0.0; needs birch ^1
        birch 1.0.0; needs cedar *
        cedar 3.0.0
        dune 1.0.0";
    check(world, "amber *", "amber 1.0.0, birch 1.0.0, cedar 3.0.0");
}

#[test]
fn what_only_a_rejected_release_needed_is_not_in_the_solution() {
    let world = "
        amber 1.0.0
        amber 2.0.0; needs birch *; needs cedar ^2
        birch 1.0.0
        cedar 1.0.0";
    check(world, "amber *", "amber 1.0.0");
}

#[test]
fn what_was_asked_for_is_newest_before_its_dependencies_are() {
    let world = "
        amber 1.0.0; needs birch ^2
        amber 2.0.0; needs birch ^1
        birch 1.0.0
        birch 2.0.0";
    check(world, "amber *", "amber 2.0.0, birch 1.0.0");
}

#[test]
fn a_near_dependency_is_newest_before_a_far_one_is() {
    let world = "
        amber 1.0.0; needs birch *; needs dune *
        birch 1.0.0
        birch 2.0.0; needs cedar ^1
        cedar 1.0.0
        cedar 2.0.0
        dune 1.0.0; needs cedar *";
    check(world, "amber *", "amber 1.0.0, birch 2.0.0, cedar 1.0.0, dune 1.0.0");
}

#[test]
fn bars_mean_either_and_the_gap_between_is_left_out() {
    let world = "birch 1.0.0\nbirch 2.0.0\nbirch 3.0.0\namber 1.0.0; needs birch ^1 || ^3";
    check(world, "amber *; birch <3", "amber 1.0.0, birch 1.0.0");
}

#[test]
fn a_locked_version_is_kept_and_a_newer_one_is_left_alone() {
    let world = "amber 1.0.0; needs birch *\nbirch 1.0.0\nbirch 1.1.0";
    check(world, "amber *; lock birch 1.0.0", "amber 1.0.0, birch 1.0.0");
}

#[test]
fn a_locked_dependency_is_kept_before_a_newer_dependent_is_chosen() {
    let world = "
        amber 1.0.0; needs birch ^1
        amber 1.1.0; needs birch ^1.1
        birch 1.0.0
        birch 1.1.0";
    check(world, "amber *; birch *; lock birch 1.0.0", "amber 1.0.0, birch 1.0.0");
}

#[test]
fn a_lock_gives_way_where_it_does_not_fit_and_brings_in_nothing() {
    let world = "amber 1.0.0; needs birch ^2\nbirch 1.0.0\nbirch 2.0.0\ncedar 1.0.0";
    check(world, "amber *; lock birch 1.0.0; lock cedar 1.0.0", "amber 1.0.0, birch 2.0.0");
}

#[test]
fn a_pre_release_is_chosen_only_when_a_comparator_names_it() {
    let world = "amber 1.0.0\namber 2.0.0-beta.1\namber 2.0.0-beta.2";
    check(world, "amber *", "amber 1.0.0");
    check(world, "amber >=1", "amber 1.0.0");
    check(world, "amber ^2.0.0-beta.1", "amber 2.0.0-beta.2");
    check(world, "amber * || =2.0.0-beta.1", "amber 2.0.0-beta.1");
}

#[test]
fn a_yanked_release_is_chosen_only_when_it_is_locked() {
    let world = "amber 1.0.0\namber 1.1.0; yanked";
    check(world, "amber *", "amber 1.0.0");
    check(world, "amber *; lock amber 1.1.0", "amber 1.1.0");
}

#[test]
fn a_young_release_stays_when_it_is_locked_and_a_removed_one_does_not() {
    let world = "amber 1.0.0\namber 1.1.0; young 2026-01-01T00:00:00Z\namber 1.2.0; removed";
    check(world, "amber *", "amber 1.0.0");
    check(world, "amber *; lock amber 1.1.0", "amber 1.1.0");
    check(world, "amber *; lock amber 1.2.0", "amber 1.0.0");
}

#[test]
fn host_and_platform_have_to_fit() {
    let world = "
        amber 1.0.0
        amber 1.1.0; host ^1
        amber 1.2.0; host ^2
        amber 1.3.0; for aarch64-apple-darwin";
    check(world, "amber *; host 1.5.0; on x86_64-unknown-linux-gnu", "amber 1.1.0");
    check(world, "amber *; host 1.5.0; on aarch64-apple-darwin", "amber 1.3.0");
    check(world, "amber *; on x86_64-unknown-linux-gnu", "amber 1.2.0");
}

#[test]
fn a_conflict_keeps_apart_whichever_side_declares_it() {
    let world = "
        amber 1.0.0
        amber 2.0.0; not birch ^1
        birch 1.0.0";
    check(world, "amber *; birch *", "amber 1.0.0, birch 1.0.0");
    let world = "
        amber 1.0.0
        amber 2.0.0
        birch 1.0.0; not amber >=2";
    check(world, "amber *; birch *", "amber 1.0.0, birch 1.0.0");
}

#[test]
fn a_conflict_with_a_plugin_that_comes_in_late_is_seen() {
    let world = "
        amber 1.0.0
        amber 2.0.0; not dune *
        birch 1.0.0; needs cedar *
        cedar 1.0.0; needs dune *
        dune 1.0.0";
    check(world, "amber *; birch *", "amber 1.0.0, birch 1.0.0, cedar 1.0.0, dune 1.0.0");
}

#[test]
fn a_conflict_covers_pre_releases_of_what_it_names() {
    let world = "amber 1.0.0\namber 2.0.0; not birch *\nbirch 1.0.0-beta";
    check(world, "amber *; birch =1.0.0-beta", "amber 1.0.0, birch 1.0.0-beta");
}

#[test]
fn an_optional_dependency_adds_nothing_but_binds_what_is_there() {
    let world = "
        amber 1.0.0; uses birch ^1
        birch 1.0.0
        birch 2.0.0";
    check(world, "amber *", "amber 1.0.0");
    check(world, "amber *; birch *", "amber 1.0.0, birch 1.0.0");
    check("amber 1.0.0; uses nothing ^1", "amber *", "amber 1.0.0");
}

#[test]
fn a_release_in_a_cycle_is_passed_over() {
    let world = "
        amber 1.0.0
        amber 2.0.0; needs birch *
        birch 1.0.0; needs amber *";
    check(world, "amber *", "amber 1.0.0");
    check(world, "birch *", "amber 1.0.0, birch 1.0.0");
}

#[test]
fn a_long_cycle_is_broken_where_that_is_possible() {
    let world = "
        amber 1.0.0; needs birch *
        birch 1.0.0; needs cedar *
        cedar 1.0.0
        cedar 2.0.0; needs dune *
        cedar 3.0.0; needs dune *
        dune 1.0.0; needs amber *";
    check(world, "amber *", "amber 1.0.0, birch 1.0.0, cedar 1.0.0");
}

#[test]
fn an_empty_request_has_an_empty_solution() {
    let found = resolve(&super::Request::new([].into()), &super::world("")).unwrap();
    assert!(found.releases.is_empty());
}

/// A universe that cannot be reached.
struct Offline;

impl Universe for Offline {
    type Error = io::Error;

    fn candidates(&self, _: &PluginId) -> Result<Option<Vec<Candidate>>, io::Error> {
        Err(io::ErrorKind::NetworkDown.into())
    }
}

#[test]
fn an_error_of_the_universe_is_not_mistaken_for_a_missing_plugin() {
    let error = resolve(&request("amber *"), &Offline).unwrap_err();
    assert!(matches!(error, ResolveError::Universe(e) if e.kind() == io::ErrorKind::NetworkDown));
}

#[test]
fn too_few_steps_give_neither_a_solution_nor_a_proof() {
    let world = "amber 1.0.0; needs birch *\nbirch 1.0.0";
    let expected = "found neither a solution nor a proof that there is none in 2 steps";
    check(world, "amber *; steps 2", expected);
}

#[test]
fn thousands_of_versions_are_no_hindrance() {
    let mut world: String = (0..3000).map(|n| format!("birch 1.{n}.0\n")).collect();
    for n in 0..3000 {
        world += &format!("amber 1.{n}.0; needs birch >=1.{n}.0, <2; needs cedar ={n}.0.0\n");
    }
    world += "cedar 0.0.0\ncedar 1.0.0\ncedar 2.0.0";
    check(&world, "amber *", "amber 1.2.0, birch 1.2999.0, cedar 2.0.0");
}
