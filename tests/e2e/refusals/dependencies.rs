//! What releases may not need, and versions that do not follow those before them.

use crate::world::{Plugin, World};

#[test]
fn a_dependency_that_nobody_publishes_is_refused() {
    let world = World::new();
    world.propose(Plugin::new("amber", "1.0.0").needs("birch", "^1"));
    let report = world.assert_refused(&["dependency/unknown"]);
    assert_eq!(report.findings.first().unwrap().message, "there is no plugin `lab/birch`");
}

#[test]
fn a_dependency_in_a_version_that_nobody_published_is_refused() {
    let world = World::new();
    world.publish(Plugin::new("birch", "1.0.0"));
    world.publish(Plugin::new("birch", "2.0.0-rc.1"));
    world.propose(Plugin::new("amber", "1.0.0").needs("birch", "^2"));
    world.assert_refused(&["dependency/unresolvable"]);
}

#[test]
fn dependencies_that_lead_in_a_circle_are_refused() {
    let world = World::new();
    world.publish(Plugin::new("amber", "1.0.0"));
    world.publish(Plugin::new("birch", "1.0.0").needs("amber", "^1"));
    world.publish(Plugin::new("cedar", "1.0.0").needs("birch", "^1"));
    world.propose(Plugin::new("amber", "1.1.0").needs("cedar", "^1"));
    world.assert_refused(&["dependency/unresolvable"]);
}

#[test]
fn releases_that_need_each_other_are_refused_when_they_come_together() {
    let world = World::new();
    world.propose(Plugin::new("amber", "1.0.0").needs("birch", "^1"));
    world.propose(Plugin::new("birch", "1.0.0").needs("amber", "^1"));
    world.assert_refused(&["dependency/unresolvable", "dependency/unresolvable"]);
}

#[test]
fn releases_that_build_on_each_other_may_come_together() {
    let world = World::new();
    world.propose(Plugin::new("amber", "1.0.0").needs("birch", "^1"));
    world.propose(Plugin::new("birch", "1.0.0"));
    world.accept("Publish two");
}

#[test]
fn build_metadata_does_not_make_another_version() {
    let world = World::new();
    world.publish(Plugin::new("amber", "1.0.0+one"));
    world.propose(Plugin::new("amber", "1.0.0+two"));
    world.assert_refused(&["version/duplicate"]);
}

#[test]
fn a_version_below_another_of_its_series_is_refused() {
    let world = World::new();
    world.publish(Plugin::new("amber", "1.2.0"));
    world.publish(Plugin::new("amber", "0.3.1"));
    for below in ["1.1.9", "1.2.0-rc.1", "0.3.0"] {
        let path = world.propose(Plugin::new("amber", below));
        world.assert_refused(&["version/not-increasing"]);
        std::fs::remove_file(world.path("index").join(path)).unwrap();
    }
    // Other series go their own ways.
    for beside in ["1.2.1", "2.0.0", "0.2.9", "0.4.0"] {
        world.publish(Plugin::new("amber", beside));
    }
}

#[test]
fn a_name_that_differs_in_hyphens_alone_is_refused() {
    let world = World::new();
    world.publish(Plugin::new("word-count", "1.0.0"));
    world.propose(Plugin::new("wordcount", "1.0.0"));
    world.assert_refused(&["name/equal-but-hyphens"]);
}

#[test]
fn a_name_that_looks_like_another_waits_for_a_maintainer() {
    let world = World::new();
    world.join("ada");
    world.publish(Plugin::new("modern", "1.0.0"));
    world.propose(Plugin::new("ada/modem", "1.0.0"));
    let report = world.check();
    assert_eq!((report.verdict.as_str(), report.codes()), ("review", vec!["name/look-alike"]));
    world.approve(&report.findings);
    world.accept("Let the look-alike in");
}

#[test]
fn what_the_registry_does_not_know_is_refused() {
    let world = World::new();
    let plugin = Plugin::new("amber", "1.0.0").permission("fs.raed").permission("code.eval");
    world.propose(plugin.field("categories", serde_json::json!(["gardening"])));
    let report = world.assert_refused(&["category/unknown", "permission/unknown"]);
    let hints: Vec<_> = report.findings.iter().filter_map(|f| f.hint.as_deref()).collect();
    assert!(hints.contains(&"did you mean `fs.read`?"), "{hints:?}");
}
