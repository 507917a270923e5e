//! The demo: everything is there, and anybody may look at it.

use crate::world::{World, stdout};

#[test]
fn the_demo_makes_a_whole_registry_without_a_network() {
    let world = World::founded("unused");
    let made = world.tool("demo --dir tour --no-serve").code(0);
    assert!(stdout(&made).contains("libral registry add demo"), "{}", stdout(&made));
    for path in [
        "root.json",
        "index/registry/1.signed",
        "public/metadata/timestamp.json",
        "public/metadata/1.root.json",
        "public/health.json",
        "public/api/v1/catalog.json",
    ] {
        assert!(world.path("tour").join(path).is_file(), "{path}");
    }
    assert_eq!(world.read("tour/root.json"), world.read("tour/public/metadata/1.root.json"));
    let command = "validate --all --index tour/index --archives tour/dist --format json";
    let report = world.report(command);
    assert_eq!((report.verdict.as_str(), report.codes()), ("accepted", vec![]));
}

#[test]
fn a_demo_replaces_an_older_one_and_nothing_else() {
    let world = World::founded("unused");
    world.tool("demo --dir tour --no-serve").code(0);
    let catalog = world.read("tour/public/api/v1/catalog.json");
    world.tool("demo --dir tour --no-serve").code(0);
    let again = world.read("tour/public/api/v1/catalog.json");
    assert_eq!(catalog.len(), again.len());

    world.write("mine/letter.txt", "dear diary");
    let before = world.listing("mine");
    world.tool("demo --dir mine --no-serve").code(2);
    world.assert_unchanged("mine", &before);
}
