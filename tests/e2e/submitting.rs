//! From a packed plugin to a branch that a pull request can be opened from.

use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::Value;
use snapbox::cmd::OutputAssert;

use crate::world::{Plugin, World, stderr, stdout};

/// A world with an upstream repository, and a clone of it.
fn hosted() -> World {
    let world = World::new();
    world.publish(Plugin::new("amber", "1.0.0"));
    world.git("clone --quiet --bare . ../upstream.git");
    world.git("clone --quiet ../upstream.git ../clone");
    world
}

/// Packs a release of `lab/amber` and returns the folder.
fn packed(world: &World, version: &str) -> String {
    let manifest = world.pack(&Plugin::new("amber", version));
    manifest.rsplit_once('/').unwrap().0.to_owned()
}

/// Submits as Ada, to whom the pages of GitHub are a folder nearby.
fn submit(world: &World, options: &str) -> OutputAssert {
    command(world, options).assert()
}

fn command(world: &World, options: &str) -> snapbox::cmd::Command {
    let nearby = format!("url.{}.insteadOf", world.path("upstream.git").display());
    world
        .command("registry-tool", &format!("submit {options}"))
        .envs([("GIT_CONFIG_GLOBAL", "/dev/null"), ("GIT_CONFIG_NOSYSTEM", "1")])
        .envs([("GIT_COMMITTER_NAME", "Ada"), ("GIT_COMMITTER_EMAIL", "ada@example.org")])
        .envs([("GIT_CONFIG_COUNT", "1"), ("GIT_CONFIG_KEY_0", nearby.as_str())])
        .env("GIT_CONFIG_VALUE_0", "https://github.com/acme/index")
}

/// Runs Git in a folder of the world.
fn git(world: &World, folder: &str, command: &str) -> String {
    world.git(&format!("-C ../{folder} {command}")).trim_end().to_owned()
}

const BRANCH: &str = "submit/release-lab-amber-1.1.0";

#[test]
fn two_commands_lead_from_a_folder_to_the_page_of_a_pull_request() {
    let world = hosted();
    let dist = packed(&world, "1.1.0");
    let done =
        submit(&world, &format!("{dist} --remote https://github.com/acme/index --key keys/lab"));
    let said = stdout(&done.code(0));
    let mut lines = said.lines();
    assert_eq!(lines.next(), Some(BRANCH));
    let commit = lines.next().unwrap();
    let page = format!("https://github.com/acme/index/compare/main...{BRANCH}?expand=1");
    assert_eq!(lines.next(), Some(page.as_str()));

    assert_eq!(git(&world, "upstream.git", &format!("rev-parse {BRANCH}")), commit);
    let changed = git(&world, "upstream.git", &format!("diff --name-status main {BRANCH}"));
    assert_eq!(changed, "A\tplugins/la/lab/am/amber/1.1.0.signed");
    let who = git(&world, "upstream.git", &format!("log -1 --format=%an,%ce,%s,%P {BRANCH}"));
    let main = git(&world, "upstream.git", "rev-parse main");
    assert_eq!(who, format!("Ada,ada@example.org,Release lab/amber 1.1.0,{main}"));
    // The registry says the same of it.
    git(&world, "index", &format!("fetch --quiet ../upstream.git {BRANCH}"));
    let report = world.judge("FETCH_HEAD");
    assert_eq!((report.verdict.as_str(), report.findings.len()), ("accepted", 0), "{report:#?}");
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a program is put in front of git")]
fn without_a_clone_one_commit_is_fetched_and_no_more() {
    use std::os::unix::fs::PermissionsExt as _;
    let world = hosted();
    let dist = packed(&world, "1.1.0");
    // A program in front of git writes down what it is asked for.
    let real = std::env::split_paths(&std::env::var_os("PATH").unwrap())
        .map(|folder| folder.join("git"))
        .find(|git| git.is_file())
        .unwrap();
    let asked = world.path("asked").display().to_string();
    let script = format!("#!/bin/sh\necho \"$*\" >> {asked}\nexec {} \"$@\"\n", real.display());
    world.write("bin/git", script);
    let executable = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(world.path("bin/git"), executable).unwrap();
    let path = format!("{}:{}", world.path("bin").display(), std::env::var("PATH").unwrap());
    let url = format!("file://{}", world.path("upstream.git").display());
    let options = format!("{dist} --remote {url} --key keys/lab");
    command(&world, &options).env("PATH", path).assert().code(0);
    let asked = String::from_utf8(world.read("asked")).unwrap();
    let fetched: Vec<&str> = asked.lines().filter(|line| line.contains(" fetch ")).collect();
    assert!(fetched.len() == 1 && fetched[0].contains(" --depth=1 "), "{asked}");
    let never = ["checkout", "reset", "clean", "stash", "--force", "submodule update"];
    assert!(!never.iter().any(|word| asked.contains(word)), "{asked}");
    assert_eq!(git(&world, "upstream.git", "branch --list").lines().count(), 2);
}

#[test]
fn nothing_in_a_clone_changes_but_that_it_has_a_branch_more() {
    let world = hosted();
    // Somebody works on something else: staged, not staged, not known to Git, on a branch.
    git(&world, "clone", "checkout --quiet -b mine");
    world.write("clone/README.md", "changed");
    world.write("clone/staged", "staged");
    git(&world, "clone", "add staged");
    world.write("clone/staged", "staged, and changed again");
    world.write("clone/unknown", "unknown");
    let work = |world: &World| {
        let mut files = world.listing("clone");
        files.retain(|path, _| !path.contains(".git/objects") && !path.ends_with(BRANCH));
        // Folders on the way to the new branch.
        files.retain(|path, _| !path.ends_with("refs/heads/submit"));
        files
    };
    let before = work(&world);
    let dist = packed(&world, "1.1.0");
    world.sign(&format!("{dist}/1.1.0.json"), "lab");
    let done = submit(&world, &format!("{dist} --index clone --no-push"));
    assert!(stdout(&done.code(0)).starts_with(&format!("{BRANCH}\n")));
    assert_eq!(work(&world), before);
    let main = git(&world, "clone", "rev-parse origin/main");
    assert_eq!(git(&world, "clone", &format!("rev-parse {BRANCH}^")), main);
    assert_eq!(git(&world, "clone", "rev-parse --abbrev-ref HEAD"), "mine");
    assert_eq!(git(&world, "upstream.git", "branch --list"), "* main");

    // The same again is the same commit, which is pushed now.
    let done = submit(&world, &format!("{dist} --index clone --json"));
    let said: Value = serde_json::from_str(&stdout(&done.code(0))).unwrap();
    let commit = git(&world, "clone", &format!("rev-parse {BRANCH}"));
    assert_eq!((&said["commit"], &said["verdict"]), (&commit.clone().into(), &"accepted".into()));
    assert_eq!(git(&world, "upstream.git", &format!("rev-parse {BRANCH}")), commit);
}

#[test]
fn what_the_registry_would_refuse_goes_nowhere() {
    let world = hosted();
    let dist = packed(&world, "1.1.0");
    world.key("eve");
    world.sign(&format!("{dist}/1.1.0.json"), "eve");
    let (clone, upstream) = (world.listing("clone"), world.listing("upstream.git"));
    for options in ["--index clone --no-push", "--remote https://github.com/acme/index"] {
        let done = submit(&world, &format!("{dist} {options}")).code(1);
        assert!(stdout(&done).contains("signature/unknown-key"), "{}", stdout(&done));
        assert!(stderr(&done).contains("nothing was submitted"));
    }
    // Nor does an archive that is not there, or something that is no statement.
    let bare = world.path("alone");
    std::fs::create_dir(&bare).unwrap();
    let signed = world.sign(&format!("{}/1.2.0.json", packed(&world, "1.2.0")), "lab");
    std::fs::copy(world.path(&signed), bare.join("1.2.0.signed")).unwrap();
    let done = submit(&world, "alone --index clone --no-push --json").code(1);
    let said: Value = serde_json::from_str(&stdout(&done)).unwrap();
    assert_eq!((&said["verdict"], &said["commit"]), (&"refused".into(), &Value::Null));
    assert_eq!(said["findings"][0]["code"], "artifact/missing");
    world.write("alone/1.2.0.signed", "no statement");
    submit(&world, "alone --index clone --no-push").code(1);
    assert_eq!(world.listing("clone"), clone);
    assert_eq!(world.listing("upstream.git"), upstream);
}

fn find(world: &World, name: &str) -> String {
    let found = world.listing("packed").into_keys().find(|path| path.ends_with(name));
    format!("packed/{}", found.unwrap())
}

#[test]
fn what_waits_for_a_maintainer_is_submitted_and_says_so() {
    let world = hosted();
    world.key("ada");
    world.tool("publisher new ada --index index --cert keys/ada.pub --key keys/ada").code(0);
    let record = "index/publishers/ad/ada/1.signed";
    let done = submit(&world, &format!("{record} --index clone --no-push")).code(0);
    assert!(stderr(&done).contains("publisher/new"), "{}", stderr(&done));
    let branch = "submit/record-1-of-the-publisher-ada";
    let changed = git(&world, "clone", &format!("diff --name-only origin/main {branch}"));
    assert_eq!(changed, "publishers/ad/ada/1.signed");
}

#[test]
fn a_push_that_fails_leaves_the_branch_for_another_try() {
    let world = hosted();
    let dist = packed(&world, "1.1.0");
    hook(&world, "echo not today >&2; exit 1");
    let failed = submit(&world, &format!("{dist} --index clone --key keys/lab")).code(4);
    let said = stderr(&failed);
    assert!(
        said.contains(&format!("the branch `{BRANCH}` is in `clone`, and was not pushed")),
        "{said}"
    );
    assert!(said.contains("not today") && said.contains("hint: the same command"), "{said}");
    assert_eq!(git(&world, "clone", "status --porcelain"), "");
    let commit = git(&world, "clone", &format!("rev-parse {BRANCH}"));
    // The world's clock stands still; a later try would be another commit.
    hook(&world, "exit 0");
    submit(&world, &format!("{dist} --index clone")).code(0);
    assert_eq!(git(&world, "upstream.git", &format!("rev-parse {BRANCH}")), commit);
}

#[test]
fn whoever_is_interrupted_while_pushing_loses_nothing() {
    let world = hosted();
    let dist = packed(&world, "1.1.0");
    world.write("clone/mine", "not committed");
    git(&world, "clone", "add mine");
    hook(&world, "touch ../started; sleep 2; exit 1");
    let nearby = format!("url.{}.insteadOf", world.path("upstream.git").display());
    let mut running = std::process::Command::new(crate::world::program("registry-tool"))
        .args(["submit", &dist, "--index", "clone", "--key", "keys/lab"])
        .args(["--now", &world.now().to_string()])
        .current_dir(world.path("."))
        .envs([("GIT_COMMITTER_NAME", "Ada"), ("GIT_COMMITTER_EMAIL", "ada@example.org")])
        .envs([("GIT_CONFIG_COUNT", "1"), ("GIT_CONFIG_KEY_0", nearby.as_str())])
        .env("GIT_CONFIG_VALUE_0", "https://github.com/acme/index")
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let begun = Instant::now();
    while !world.path("started").exists() {
        assert!(begun.elapsed() < Duration::from_secs(60), "nothing was pushed");
        sleep(Duration::from_millis(20));
    }
    running.kill().unwrap();
    running.wait().unwrap();
    assert_eq!(git(&world, "clone", "status --porcelain"), "A  mine");
    assert_eq!(git(&world, "clone", "rev-parse --abbrev-ref HEAD"), "main");
    git(&world, "clone", &format!("rev-parse {BRANCH}"));
    git(&world, "clone", "fsck --strict");
}

#[test]
fn no_branch_is_ever_overwritten() {
    let world = hosted();
    let dist = packed(&world, "1.1.0");
    git(&world, "clone", &format!("branch {BRANCH} main"));
    let said =
        stderr(&submit(&world, &format!("{dist} --index clone --no-push --key keys/lab")).code(2));
    assert!(said.contains(&format!("there is a branch `{BRANCH}` already")), "{said}");
    assert!(said.contains("hint: --branch NAME"), "{said}");
    let main = git(&world, "clone", "rev-parse main");
    assert_eq!(git(&world, "clone", &format!("rev-parse {BRANCH}")), main);
    // Neither at the other side.
    let tree = git(&world, "upstream.git", "rev-parse main^{tree}");
    let other = git(&world, "upstream.git", &format!("commit-tree {tree} -m other"));
    git(&world, "upstream.git", &format!("branch taken {other}"));
    submit(&world, &format!("{dist} --index clone --branch taken")).code(4);
    assert_eq!(git(&world, "upstream.git", "rev-parse taken"), other);
}

#[test]
fn what_is_submitted_already_is_not_submitted_again() {
    let world = hosted();
    let dist = packed(&world, "1.0.0");
    let known = find(&world, "1.0.0.signed");
    let said = stderr(&submit(&world, &format!("{known} --index clone --no-push")).code(2));
    assert!(said.contains("nothing to commit"), "{said}");
    std::fs::remove_file(world.path(&known)).unwrap();
    let said = stderr(&submit(&world, &format!("{dist} --index clone --no-push")).code(2));
    assert!(said.contains("there is no statement to submit"), "{said}");
}

#[test]
fn a_fork_gets_the_branch_and_the_page_names_its_owner() {
    let world = hosted();
    world.git("clone --quiet --bare . ../fork.git");
    let dist = packed(&world, "1.1.0");
    let options = "--remote https://github.com/acme/index --key keys/lab";
    let fork = world.path("fork.git");
    let said = submit(&world, &format!("{dist} {options} --fork {}", fork.display())).code(0);
    // A folder has no owner that a page could name.
    assert!(!stdout(&said).contains("https://"), "{}", stdout(&said));
    assert!(stderr(&said).contains("next: open a pull request there"));
    assert_eq!(git(&world, "fork.git", "branch --list").lines().count(), 2);
    assert_eq!(git(&world, "upstream.git", "branch --list"), "* main");
}

#[test]
fn addresses_that_are_none_are_not_handed_to_git() {
    let world = hosted();
    let dist = packed(&world, "1.1.0");
    world.sign(&format!("{dist}/1.1.0.json"), "lab");
    for address in ["--remote=--upload-pack=touch,evil", "--remote=ext::sh,-c,touch,evil"] {
        let said = stderr(&submit(&world, &format!("{dist} {address}")).code(2));
        assert!(said.contains("is not the address of a repository"), "{said}");
    }
    assert!(!world.path("evil").exists());
    submit(&world, &format!("{dist} --remote {}", world.path("nowhere").display())).code(4);
    submit(&world, &format!("{dist} --index nowhere")).code(2);
    submit(&world, &dist).code(2);
}

/// Has the upstream repository run a script before it takes what is pushed.
fn hook(world: &World, script: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    let path = "upstream.git/hooks/pre-receive";
    world.write(path, format!("#!/bin/sh\n{script}\n"));
    let path: &Path = &world.path(path);
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}
