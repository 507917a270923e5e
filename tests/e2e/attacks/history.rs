//! Histories that are not the one that grew: what a validator finds in them, and what a client sees
//! of a registry that was built from one.

use index_schema::time::DAY;
use serde_json::Value;

use super::{forget_cache, look_around, refused_but_for_metadata, released, victim};
use crate::world::{Plugin, Report, World, stderr};

const INSTALL: &str = "install lab/amber";
const RELEASE: &str = "release --public public --online-keys keys/online --previous public";
const CONTRIBUTOR: &str = "c@elsewhere.example";
const AMBER: &str = "index/plugins/la/lab/am/amber/1.1.0.signed";

/// Judges everything that is committed.
fn judged(world: &World) -> Report {
    world.report("validate --all --index index --archives dist --format json")
}

/// Builds what is committed and signs it with stolen keys, as if it followed what was there.
fn release_by_force(world: &World) {
    world.tool("build --index index --out rewritten --archives dist --mirror").code(0);
    let list: Value = serde_json::from_slice(&world.read("rewritten/build.json")).unwrap();
    crate::world::copy(&world.path("rewritten/blobs"), &world.path("public/blobs"));
    let (thief, place) =
        (world.thief(), |target: &str, digest: &str| match target.rsplit_once('/') {
            Some((folder, name)) => format!("rewritten/targets/{folder}/{digest}.{name}"),
            None => format!("rewritten/targets/{digest}.{target}"),
        });
    for (target, digest) in list["targets"].as_object().unwrap() {
        if target != "registry.signed" {
            thief.target(target, &world.read(&place(target, digest.as_str().unwrap())));
        }
    }
}

/// Drops the last commit of the line, and puts another in its place.
fn rewrite(world: &World) {
    world.git("reset --quiet --hard HEAD~2");
    world.later(DAY);
    world.write("index/README.md", "# Nothing happened\n");
    world.commit("Say that nothing happened");
}

#[test]
fn a_line_that_lost_a_release_is_refused_by_who_has_seen_it() {
    let world = victim();
    rewrite(&world);
    assert!(!world.path(AMBER).exists());
    release_by_force(&world);
    refused_but_for_metadata(&world, INSTALL, "index/lost-release");
}

#[test]
fn a_line_that_lost_a_yank_is_refused_by_who_has_seen_it() {
    let world = victim();
    world.git("reset --quiet --hard HEAD~1");
    world.later(DAY);
    world.commit("Say that it forgets nothing");
    release_by_force(&world);
    refused_but_for_metadata(&world, "install lab/text-kit@=1.0.0", "index/lost-status");
}

#[test]
fn a_line_whose_tip_was_replaced_by_another_release_is_refused_by_who_has_installed_the_first() {
    let world = victim();
    world.client(INSTALL).code(0);
    forget_cache(&world);
    let others = ["1.1.0.signed", "status/1.signed"].map(|name| {
        let path = format!("index/plugins/la/lab/te/text-kit/{name}");
        (world.read(&path), path)
    });
    rewrite(&world);
    for (bytes, path) in others {
        world.write(&path, bytes);
    }
    world.propose(Plugin::new("amber", "1.1.0").field("summary", "Says another name".into()));
    world.commit("Publish something else under the same version");
    release_by_force(&world);
    refused_but_for_metadata(&world, INSTALL, "index/other-statement");
}

#[test]
fn a_release_that_was_changed_on_the_line_stays_what_it_was() {
    let world = victim();
    let other = Plugin::new("amber", "1.1.0").field("summary", "Says another name".into());
    let changed = world.sign(&world.pack(&other), "lab");
    let path = AMBER.trim_start_matches("index/");
    world.write(AMBER, world.read(&changed));
    world.commit("Change what was published");
    let report = judged(&world);
    let found: Vec<_> =
        report.findings.iter().map(|f| (f.code.as_str(), f.path.as_str())).collect();
    assert_eq!(found, [("history/modified", path)]);
    // What stands there now is void: the build leaves it out, and no client takes that.
    release_by_force(&world);
    refused_but_for_metadata(&world, INSTALL, "index/lost-release");
}

/// A registry whose record names the only committer, `m@example.org`.
fn strict() -> World {
    let world = World::empty_at_beginning();
    world.key("maintainer");
    world.tool("init index --id demo --title Demo --key keys/maintainer").code(0);
    let record = String::from_utf8(world.read("index/registry/1.signed")).unwrap();
    let (record, _) = record.split_once("-----BEGIN PGP SIGNATURE").unwrap();
    let mut record: Value = serde_json::from_str(record).unwrap();
    record["committers"] = serde_json::json!(["m@example.org"]);
    world.write("record.json", format!("{record:#}\n"));
    world.write("index/registry/1.signed", world.read(&world.sign("record.json", "maintainer")));
    world.git("add --all");
    world.git("commit --quiet --amend --no-edit");
    world
        .tool("key ceremony --index index --root-keys keys/root --online-keys keys/online")
        .code(0);
    world.commit("Keep the key ceremony");
    world.join("lab");
    world
}

/// Commits a plugin on a branch as a contributor, whose clock is behind by so many seconds.
fn contribute(world: &World, plugin: Plugin, behind: i64) {
    world.git("checkout --quiet -b contribution");
    world.propose(plugin);
    world.git("add --all");
    world.later(-behind);
    world.git_by(CONTRIBUTOR, "commit --quiet --message 'Publish a plugin'");
    world.later(behind + 60);
}

#[test]
fn a_merge_counts_when_it_was_merged_whatever_a_contributor_claims() {
    let world = strict();
    contribute(&world, Plugin::new("amber", "1.0.0"), 30 * DAY);
    world.git("checkout --quiet main");
    world.git("merge --quiet --no-ff --message 'Merge a plugin' contribution");
    world.later(60);
    assert_eq!(judged(&world).verdict, "accepted");
    world.release();
    world.trust();
    world.client(INSTALL).code(0);
}

#[test]
fn a_first_parent_flip_puts_nothing_of_a_contributor_on_the_line() {
    let world = strict();
    let tip = world.git("rev-parse HEAD");
    // The contributor commits, then main moves on, and the merge is made the wrong way round.
    contribute(&world, Plugin::new("amber", "1.0.0"), 0);
    world.git("checkout --quiet main");
    world.publish(Plugin::new("text-kit", "1.0.0"));
    world.git("checkout --quiet contribution");
    world.git("merge --quiet --no-ff --message 'Merge main into a contribution' main");
    world.git("checkout --quiet main");
    world.git("merge --quiet --ff-only contribution");
    let line = world.git("rev-list --first-parent HEAD");
    assert_eq!(line.lines().nth(2), Some(tip.trim_end()), "the flip did not work");

    let report = judged(&world);
    assert_eq!(report.verdict, "refused");
    assert!(report.codes().contains(&"history/foreign-line"), "{report:#?}");
    world.release();
    world.trust();
    world.client(INSTALL).code(8);
    world.client("install lab/text-kit").code(0);
}

#[test]
fn a_commit_by_a_stranger_on_the_line_is_void() {
    let world = strict();
    world.publish(Plugin::new("text-kit", "1.0.0"));
    world.propose(Plugin::new("amber", "1.0.0"));
    world.git("add --all");
    world.git_by(CONTRIBUTOR, "commit --quiet --message 'Publish a plugin'");
    world.later(60);
    let report = judged(&world);
    assert!(report.codes().contains(&"history/foreign-line"), "{report:#?}");
    world.release();
    world.trust();
    world.client(INSTALL).code(8);
    world.client("install lab/text-kit").code(0);
}

#[test]
fn a_commit_that_is_older_than_its_parent_is_void() {
    let world = released();
    world.propose(Plugin::new("amber", "1.2.0"));
    world.later(-DAY);
    world.commit("Publish a plugin in the past");
    world.later(DAY);
    let report = judged(&world);
    assert!(report.codes().contains(&"history/backwards"), "{report:#?}");
    // A state that seems to be older than the one before is not even released …
    world.tool("build --index index --out public --archives dist --mirror").code(0);
    let before = world.listing("public");
    let said = stderr(&world.tool(RELEASE).code(1));
    assert!(said.contains("[history/rewritten]"), "{said}");
    world.assert_unchanged("public", &before);
    // … and when the line goes on, what that commit added is left out.
    world.commit("Go on");
    world.release();
    world.trust();
    look_around(&world);
    world.client("install lab/amber@^1.2").code(5);
    world.client(INSTALL).code(0);
}

#[test]
fn a_rewritten_line_is_not_released() {
    let world = victim();
    rewrite(&world);
    world.tool("build --index index --out public --archives dist --mirror").code(0);
    let before = world.listing("public");
    let said = stderr(&world.tool(RELEASE).code(1));
    assert!(said.contains("[history/rewritten]"), "{said}");
    world.assert_unchanged("public", &before);
}

#[test]
fn a_state_that_is_older_than_the_one_seen_is_refused() {
    let world = victim();
    world.client("refresh").code(0);
    forget_cache(&world);
    let thief = world.thief();
    let mut state = thief.read_target("state.json");
    state["accepted"] = "2026-06-01T12:00:30Z".into();
    thief.target("state.json", format!("{state}\n").as_bytes());
    refused_but_for_metadata(&world, "refresh", "index/rewritten");
}
