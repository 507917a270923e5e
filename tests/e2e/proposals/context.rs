//! What a pull request is judged in: approvals, keys, dependencies, and what maintainers decided.

use super::{found, world};
use crate::world::{Plugin, World};

#[test]
fn a_new_publisher_waits_for_its_approval_and_comes_in_with_it() {
    let world = World::new();
    world.key("nova");
    world.tool("publisher new nova --index index --cert keys/nova.pub --key keys/nova").code(0);
    world.propose(Plugin::new("nova/opal", "1.0.0"));
    let report = world.judge(&world.pull_request());
    assert_eq!(report.verdict, "review");
    assert_eq!(found(&report), [("publisher/new", "publishers/no/nova/1.signed")]);

    world.approve(&report.findings);
    let report = world.judge(&world.pull_request());
    assert_eq!((report.verdict.as_str(), found(&report)), ("accepted", vec![]));
}

#[test]
fn an_approval_that_was_merged_before_counts() {
    let world = world();
    world.propose(Plugin::new("rival/arnber", "1.0.0"));
    let report = world.judge(&world.pull_request());
    assert_eq!((report.verdict.as_str(), report.codes()), ("review", vec!["name/look-alike"]));
    world.approve(&report.findings);
    world.git("add moderation");
    let alone = world.judge(&world.pull_request_of_index());
    assert_eq!((alone.verdict.as_str(), found(&alone)), ("accepted", vec![]));
    world.git("add moderation");
    world.git("commit --quiet --message Approve");
    world.later(60);
    let report = world.judge(&world.pull_request());
    assert_eq!((report.verdict.as_str(), found(&report)), ("accepted", vec![]));
}

#[test]
fn an_approval_by_a_publisher_is_refused_and_silences_nothing() {
    let world = World::new();
    world.key("nova");
    world.tool("publisher new nova --index index --cert keys/nova.pub --key keys/nova").code(0);
    let report = world.judge(&world.pull_request());
    let finding = &report.findings[0].fingerprint;
    let rest = "--reason 'It is fine.' --key keys/lab --index index";
    world.tool(&format!("approve --finding {finding} {rest}")).code(0);
    let report = world.judge(&world.pull_request());
    assert_eq!(report.verdict, "refused");
    let codes = report.codes();
    assert!(codes.contains(&"publisher/new"), "{report:#?}");
    assert!(codes.iter().any(|code| code.starts_with("signature/")), "{report:#?}");
}

#[test]
fn an_approval_is_not_used_twice() {
    let world = World::new();
    let approvals = world.listing("index/moderation");
    let (path, _) = approvals.iter().find(|(path, _)| path.ends_with(".signed")).unwrap();
    let bytes = world.read(&format!("index/moderation/{path}"));
    let name = path.rsplit('/').next().unwrap();
    world.write(&format!("index/moderation/2026/07/{name}"), &bytes);
    let report = world.judge(&world.pull_request());
    assert_eq!(report.verdict, "refused");
    assert_eq!(report.codes(), ["approval/late", "shape/repeated"], "{report:#?}");
    std::fs::remove_file(world.path(format!("index/moderation/2026/07/{name}"))).unwrap();

    // Nor is it of any use with what it is not about.
    world.key("nova");
    world.tool("publisher new nova --index index --cert keys/nova.pub --key keys/nova").code(0);
    let waiting = world.judge(&world.pull_request());
    world.approve(&waiting.findings);
    std::fs::remove_file(world.path("index/publishers/no/nova/1.signed")).unwrap();
    world.later(60);
    world.tool("publisher new nova --index index --cert keys/nova.pub --key keys/nova").code(0);
    let report = world.judge(&world.pull_request());
    assert_eq!(report.verdict, "refused");
    assert_eq!(report.codes(), ["approval/mismatch", "publisher/new"], "{report:#?}");
}

#[test]
fn decisions_of_maintainers_come_alone() {
    let world = world();
    world.propose(Plugin::new("beryl", "1.0.0"));
    let remove = "moderate remove lab/amber 1.0.0 --index index --cause malware";
    world.tool(&format!("{remove} --reason 'It steals.' --key keys/maintainer")).code(0);
    let report = world.judge(&world.pull_request());
    assert_eq!(report.verdict, "refused");
    assert_eq!(report.codes(), ["shape/mixed"], "{report:#?}");
}

#[test]
fn what_maintainers_removed_stands_in_nobodys_way() {
    let world = world();
    world.publish(Plugin::new("amber", "1.2.0"));
    world.propose(Plugin::new("amber", "1.1.0"));
    let report = world.judge(&world.pull_request());
    assert_eq!(report.codes(), ["version/not-increasing"]);
    world.git("clean --quiet --force -d");

    let remove = "moderate remove lab/amber 1.2.0 --index index --cause malware";
    world.tool(&format!("{remove} --reason 'It steals.' --key keys/maintainer")).code(0);
    let report = world.judge(&world.pull_request());
    assert_eq!((report.verdict.as_str(), found(&report)), ("accepted", vec![]));
    world.accept("Remove a release");
    world.propose(Plugin::new("amber", "1.1.0"));
    let report = world.judge(&world.pull_request());
    assert_eq!((report.verdict.as_str(), found(&report)), ("accepted", vec![]));

    world.git("clean --quiet --force -d");
    world.propose(Plugin::new("beryl", "1.0.0").needs("amber", "=1.2.0"));
    let report = world.judge(&world.pull_request());
    assert_eq!(report.codes(), ["dependency/unresolvable"], "{report:#?}");
}

#[test]
fn dependencies_of_dependencies_are_found_across_publishers() {
    let world = world();
    world.publish(Plugin::new("rival/beryl", "1.0.0").needs("amber", "^1"));
    world.publish(Plugin::new("rival/coral", "1.0.0").needs("rival/beryl", "^1"));
    world.propose(Plugin::new("opal", "1.0.0").needs("rival/coral", "^1"));
    let report = world.judge(&world.pull_request());
    assert_eq!((report.verdict.as_str(), found(&report)), ("accepted", vec![]));
    world.git("clean --quiet --force -d");

    world.propose(Plugin::new("opal", "1.0.0").needs("rival/coral", "^2").needs("none", "*"));
    let proposed = world.judge(&world.pull_request());
    assert_eq!(proposed.findings, world.check().findings);
    assert_eq!(proposed.codes(), ["dependency/unknown"], "{proposed:#?}");
}

#[test]
fn a_new_name_is_held_against_all_names() {
    let world = world();
    world.propose(Plugin::new("rival/arnber", "1.0.0"));
    let report = world.judge(&world.pull_request());
    assert_eq!((report.verdict.as_str(), report.codes()), ("review", vec!["name/look-alike"]));
    assert_eq!(report.findings, world.check().findings);
}

/// Gives `lab` another key, which signs three days from now on.
fn rotate(world: &World) {
    world.key("new");
    world.tool("publisher update lab --index index --add-cert keys/new.pub --key keys/lab --key keys/new").code(0);
    let report = world.judge(&world.pull_request());
    assert_eq!(report.codes(), ["publisher/keys-changed"], "{report:#?}");
    world.approve(&report.findings);
    world.accept("Change keys");
}

#[test]
fn a_change_of_keys_is_in_force_when_the_history_says_so() {
    let world = world();
    rotate(&world);
    let signed = |version| world.sign(&world.pack(&Plugin::new("amber", version)), "new");
    world.add(&signed("1.1.0"));
    let early = world.judge(&world.pull_request());
    assert_eq!(early.codes(), ["signature/unknown-key"], "{early:#?}");
    assert_eq!(early.findings, world.check().findings);
    world.git("clean --quiet --force -d");

    world.later(73 * 3600);
    world.add(&signed("1.1.1"));
    let report = world.judge(&world.pull_request());
    assert_eq!((report.verdict.as_str(), found(&report)), ("accepted", vec![]));
}

#[test]
fn where_the_history_is_too_short_to_tell_nobody_is_blamed() {
    let world = world();
    rotate(&world);
    world.later(73 * 3600);
    world.publish(Plugin::new("rival/beryl", "1.0.0"));
    world.git("branch base");
    world.add(&world.sign(&world.pack(&Plugin::new("amber", "1.1.1")), "new"));
    world.git(&format!("branch proposal {}", world.pull_request()));
    let from = world.path("index").display().to_string();
    world.git(&format!(
        "clone --quiet --no-checkout --depth 1 --branch base file://{from} ../shallow"
    ));
    world.git("-C ../shallow fetch --quiet --depth 1 origin proposal:proposal");
    let command =
        "validate --index shallow --base base --head proposal --archives dist --format json";
    let report = world.report(command);
    assert_eq!(report.verdict, "unjudged", "{report:#?}");
    assert_eq!(report.codes(), ["unjudged/history"]);

    world.git("-C ../shallow fetch --quiet --unshallow origin");
    assert_eq!(world.report(command).verdict, "accepted");
}
