//! Names that were published to be taken for others, held against the rules about names.

use registry_tool::rules::name::similar::{confusable, keys};

use crate::world::{Plugin, World};

/// What happened elsewhere: a name, and the name that was meant.
const SQUATS: &str = include_str!("../data/typosquats.txt");

/// What no likeness tells: another word for the same thing, or a name with more around it.
const NOT_ALIKE: [&str; 13] = [
    "apidev-coop",
    "bzip",
    "django-server",
    "faster-log",
    "mariadb",
    "pwd",
    "pyquest",
    "requesr",
    "smb",
    "sqlserver",
    "telnet",
    "typescript-eslinter",
    "ultrarequests",
];

#[test]
fn squats_of_other_registries_would_have_waited_for_a_maintainer() {
    let mut missed = Vec::new();
    for (squat, real) in squats() {
        match confusable(squat, real) {
            Some(_) => assert!(!keys(squat).is_disjoint(&keys(real)), "{squat} {real}"),
            None => missed.push(squat),
        }
    }
    missed.sort_unstable();
    assert_eq!(missed, NOT_ALIKE);
}

#[test]
fn a_squat_waits_and_says_what_it_can_be_taken_for() {
    let world = World::new();
    world.join("ada");
    world.publish(Plugin::new("mongoose", "1.0.0"));
    world.propose(Plugin::new("ada/node-mongose", "1.0.0"));
    let report = world.check();
    assert_eq!((report.verdict.as_str(), report.codes()), ("review", vec!["name/look-alike"]));
    let message = &report.findings[0].message;
    assert!(message.contains("can be taken for `lab/mongoose`"), "{message}");
}

#[test]
fn names_of_one_publisher_may_be_alike() {
    let world = World::new();
    world.publish(Plugin::new("mongoose", "1.0.0"));
    world.propose(Plugin::new("mongoose-cli", "1.0.0"));
    let report = world.check();
    assert_eq!((report.verdict.as_str(), report.codes()), ("accepted", vec![]));
}

fn squats() -> impl Iterator<Item = (&'static str, &'static str)> {
    let lines = SQUATS.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.split_once(' '))
}
