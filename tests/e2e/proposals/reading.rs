//! What is read to judge a pull request: what changed, and what that has to do with.

use super::{found, world};
use crate::world::{Plugin, World, stderr};

/// Returns how many objects of the repository were read to judge a pull request.
fn objects_read(world: &World, head: &str) -> usize {
    let command = format!("validate --index index --base HEAD --head {head} --archives dist");
    let said = stderr(&world.tool(&command).code(0));
    let count = said.split(", ").find_map(|part| part.trim().strip_suffix(" objects read"));
    count.unwrap_or_else(|| panic!("{said}")).parse().unwrap()
}

/// Returns how many objects a release takes, in a registry with more publishers and plugins.
fn objects_with(publishers: &[&str]) -> usize {
    let world = world();
    for publisher in publishers {
        world.join(publisher);
        for plugin in ["beryl", "coral"] {
            world.publish(Plugin::new(&format!("{publisher}/{plugin}-{publisher}"), "1.0.0"));
        }
    }
    world.propose(Plugin::new("amber", "1.1.0"));
    objects_read(&world, &world.pull_request())
}

#[test]
fn a_larger_registry_takes_no_more_objects() {
    let small = objects_with(&[]);
    let large = objects_with(&["nova", "lumen", "quark"]);
    assert_eq!(small, large);
    // Two commits; in each the six folders on the way to the plugin and the root, once for the
    // difference and once for what lies around it; the folders of registry and publisher; four
    // files: the release, the one before it, and a record of each.
    assert!(small <= 2 + 4 * 7 + 5 + 4, "{small}");
}

#[test]
fn a_clone_of_two_commits_is_enough_and_is_left_as_it_is() {
    let world = world();
    world.publish(Plugin::new("amber", "1.1.0"));
    world.git("branch base");
    world.propose(Plugin::new("amber", "1.2.0"));
    world.git(&format!("branch proposal {}", world.pull_request()));
    let from = world.path("index").display().to_string();
    let clone = "clone --quiet --no-checkout --depth 1 --branch base";
    world.git(&format!("{clone} file://{from} ../shallow"));
    world.git("-C ../shallow fetch --quiet --depth 1 origin proposal:proposal");
    let before = world.listing("shallow");
    let command =
        "validate --index shallow --base base --head proposal --archives dist --format json";
    let report = world.report(command);
    assert_eq!((report.verdict.as_str(), found(&report)), ("accepted", vec![]));
    world.assert_unchanged("shallow", &before);
}

#[test]
fn what_did_not_change_is_not_needed() {
    let world = world();
    world.publish(Plugin::new("rival/beryl", "1.0.0"));
    world.propose(Plugin::new("amber", "1.1.0"));
    let head = world.pull_request();
    // Everything of the other publisher is lost, and of all commits but these two.
    for path in ["plugins/ri", "publishers/ri", "moderation"] {
        let id = world.git(&format!("rev-parse HEAD:{path}"));
        let (folder, file) = id.trim().split_at(2);
        std::fs::remove_file(world.path(format!("index/.git/objects/{folder}/{file}"))).unwrap();
    }
    assert_eq!(world.judge(&head).verdict, "accepted");
}

#[test]
fn an_object_that_is_missing_is_nobodys_fault() {
    let world = world();
    world.propose(Plugin::new("amber", "1.1.0"));
    let head = world.pull_request();
    let id = world.git("rev-parse HEAD:publishers/la/lab");
    let (folder, file) = id.trim().split_at(2);
    std::fs::remove_file(world.path(format!("index/.git/objects/{folder}/{file}"))).unwrap();
    let command = format!("validate --index index --base HEAD --head {head} --archives dist");
    let failed = world.tool(&command).code(4);
    assert!(stderr(&failed).contains("cannot read tree"), "{}", stderr(&failed));
}

#[test]
fn an_archive_that_no_server_delivers_is_nobodys_fault() {
    let world = world();
    world.propose(Plugin::new("amber", "1.1.0"));
    let head = world.pull_request();
    let command = format!("validate --index index --base HEAD --head {head} --format json");
    let report = world.report(&command);
    assert_eq!(report.verdict, "unjudged");
    assert_eq!(report.codes(), ["unjudged/unreachable"]);
}
