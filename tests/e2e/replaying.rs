//! The main line, replayed: the first commit that the rules and keys of its time did not authorise.

use serde_json::Value;

use crate::world::{Plugin, World, stdout};

fn history(world: &World, options: &str) -> (i32, Value) {
    let output = world.tool(&format!("history --index index --json {options}"));
    let value = serde_json::from_str(&stdout(&output)).unwrap();
    (output.get_output().status.code().unwrap(), value)
}

/// Returns what the line ends in.
fn tip(world: &World) -> String {
    world.git("rev-parse HEAD").trim().to_owned()
}

/// Returns the commits that are shown, each with the codes of its findings.
fn shown(value: &Value) -> Vec<(String, Vec<String>)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let codes = |each: &Value| {
        each["findings"].as_array().unwrap().iter().map(|finding| text(&finding["code"])).collect()
    };
    let shown = value["shown"].as_array().unwrap().iter();
    shown.map(|each| (text(&each["commit"]), codes(each))).collect()
}

#[test]
fn a_line_that_was_authorised_all_along_is_accepted_whatever_became_of_its_keys() {
    let world = World::new();
    world.publish(Plugin::new("amber", "1.0.0"));
    world.key("lab-new");
    let keys = "--key keys/lab --key keys/lab-new";
    let old = fingerprint(&world, "lab");
    world
        .tool(&format!(
            "publisher update lab --index index --add-cert keys/lab-new.pub --retire {old} {keys}"
        ))
        .code(0);
    let report = world.check();
    world.approve(&report.findings);
    world.accept("Change the keys of a publisher");
    let (code, said) = history(&world, "");
    assert_eq!((code, shown(&said)), (0, vec![]), "{said:#}");
    assert_eq!(said["tip"], tip(&world).as_str());
}

fn fingerprint(world: &World, publisher: &str) -> String {
    let shown = world.tool(&format!("publisher show {publisher} --index index --json")).code(0);
    let shown: Value = serde_json::from_str(&stdout(&shown)).unwrap();
    let text = shown.to_string();
    let hexadecimal = |word: &&str| word.len() == 40 && word.bytes().all(|b| b.is_ascii_hexdigit());
    text.split(|c: char| !c.is_ascii_alphanumeric()).find(hexadecimal).unwrap().to_owned()
}

#[test]
fn the_first_commit_that_was_not_authorised_is_named_with_what_it_did() {
    let world = World::new();
    world.publish(Plugin::new("amber", "1.0.0"));
    let path = world.propose(Plugin::new("birch", "1.0.0"));
    let mut bytes = world.read(&format!("index/{path}"));
    bytes[40] ^= 1;
    world.write(&format!("index/{path}"), bytes);
    world.commit("Smuggle a release in");
    let first = tip(&world);
    world.publish(Plugin::new("cedar", "1.0.0"));
    std::fs::remove_file(world.path("index/registry/1.signed")).unwrap();
    world.commit("Forget who the maintainers are");
    let second = tip(&world);
    let (code, said) = history(&world, "");
    assert_eq!(code, 1);
    assert_eq!(shown(&said).iter().map(|(commit, _)| commit).collect::<Vec<_>>(), [&first]);
    let (code, said) = history(&world, "--all");
    let commits: Vec<(String, Vec<String>)> = shown(&said);
    assert_eq!((code, commits.last().unwrap().0.as_str()), (1, second.as_str()));
    assert!(commits.last().unwrap().1.contains(&"history/deleted".to_owned()), "{said:#}");
}

#[test]
fn a_replay_goes_on_where_the_last_one_ended() {
    let world = World::new();
    world.write("index/registry/2.signed", "nothing");
    world.commit("Break something, once");
    let known = tip(&world);
    world.publish(Plugin::new("amber", "1.0.0"));
    assert_eq!(history(&world, "").0, 1);
    let (code, said) = history(&world, &format!("--since {known}"));
    assert_eq!((code, &said["commits"], &said["added"]), (0, &Value::from(1), &Value::from(1)));
    let side = world.pull_request();
    world.tool(&format!("history --index index --since {side}")).code(2);
}

#[test]
fn a_commit_by_somebody_else_is_found_though_its_statements_are_good() {
    let world = World::new();
    world.tool("record next --index index --out next.json").code(0);
    let mut record: Value = serde_json::from_slice(&world.read("next.json")).unwrap();
    record["committers"] = serde_json::json!(["m@example.org"]);
    world.write("next.json", format!("{record:#}\n"));
    world.add(&world.sign("next.json", "maintainer"));
    world.accept("Name the committers");
    world.propose(Plugin::new("amber", "1.0.0"));
    world.git("add --all");
    world.git_by("thief@example.org", "commit --quiet --message 'Merge it myself'");
    world.later(60);
    let (code, said) = history(&world, "");
    assert_eq!(
        (code, shown(&said)),
        (1, vec![(tip(&world), vec!["history/foreign-line".to_owned()])])
    );
}

#[test]
fn a_clone_that_lacks_the_beginning_is_said_to() {
    let world = World::new();
    world.git(
        "clone --quiet --depth=1 file://localhost/../index ../shallow"
            .replace(
                "file://localhost/../index",
                &format!("file://{}", world.path("index").display()),
            )
            .as_str(),
    );
    let said = world.tool("history --index shallow").code(4);
    assert!(String::from_utf8_lossy(&said.get_output().stderr).contains("not complete"));
}

#[test]
fn what_came_since_a_commit_is_judged_again_archives_included() {
    let world = World::new();
    world.propose(Plugin::new("amber", "1.0.0").file("src/x.py", "import os\nos.system('x')\n"));
    world.commit("Merge what was refused");
    let known = tip(&world);
    world.publish(Plugin::new("birch", "1.0.0"));
    let judge = |since: &str| {
        world.report(&format!(
            "validate --index index --archives dist --format json --since {since}"
        ))
    };
    let report = judge(&known);
    assert_eq!((report.verdict.as_str(), report.changes.len()), ("accepted", 1), "{report:#?}");
    let report = judge(&format!("{known}~1"));
    assert_eq!((report.verdict.as_str(), report.changes.len()), ("refused", 2), "{report:#?}");
    assert!(report.findings.iter().all(|finding| finding.path.contains("amber")), "{report:#?}");
}
