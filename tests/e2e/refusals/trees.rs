//! What a change may not do to the tree: touch what was accepted, or put things where none belong.

use std::os::unix::fs::{PermissionsExt, symlink};

use crate::world::{Plugin, World};

const PATH: &str = "index/plugins/la/lab/am/amber/1.0.0.signed";

/// A world with one release of `lab/amber`.
fn published() -> World {
    let world = World::new();
    world.publish(Plugin::new("amber", "1.0.0"));
    world
}

/// A good statement for `lab/amber` 1.0.0 that is not the one that is out.
fn another_statement(world: &World) -> Vec<u8> {
    let other = Plugin::new("amber", "1.0.0").field("summary", "Says more".into());
    world.read(&world.sign(&world.pack(&other), "lab"))
}

#[test]
fn an_accepted_file_that_was_changed_is_found_in_the_work_tree() {
    let world = published();
    let garbled = [world.read(PATH), b"\n".to_vec()].concat();
    for bytes in [another_statement(&world), garbled, b"{}\n".to_vec()] {
        world.write(PATH, bytes);
        let report = world.check();
        assert_eq!(report.verdict, "refused", "{report:#?}");
        assert!(report.codes().contains(&"shape/modified"), "{report:#?}");
    }
}

#[test]
fn an_accepted_file_that_was_removed_is_missed_in_the_work_tree() {
    let world = published();
    std::fs::remove_file(world.path(PATH)).unwrap();
    world.assert_refused(&["shape/deleted"]);
}

#[test]
fn changes_to_accepted_files_that_were_committed_are_found_and_void() {
    let world = published();
    let original = world.read(PATH);
    world.write(PATH, another_statement(&world));
    world.commit("Rewrite what was published");
    let all = world.report("validate --all --index index --archives dist --format json");
    assert_eq!(all.verdict, "refused");
    assert!(all.codes().contains(&"history/modified"), "{all:#?}");

    world.git("rm --quiet plugins/la/lab/am/amber/1.0.0.signed");
    world.commit("Remove what was published");
    let all = world.report("validate --all --index index --archives dist --format json");
    assert!(all.codes().contains(&"history/deleted"), "{all:#?}");

    world.write(PATH, original);
    world.commit("Add it again");
    let all = world.report("validate --all --index index --archives dist --format json");
    assert!(all.codes().contains(&"history/readded"), "{all:#?}");
}

#[test]
fn a_file_at_a_path_of_nothing_is_refused() {
    let paths = [
        "plugins/la/lab/am/amber/1.0.0.json",
        "plugins/xx/lab/am/amber/1.0.0.signed",
        "plugins/la/lab/AM/Amber/1.0.0.signed",
        "plugins/la/lab/am/amber/1.0.signed",
        "plugins/la/lab/am/amber/status/0.signed",
        "publishers/la/lab/01.signed",
        "registry/one.signed",
        "docs/README.md",
        "evil.sh",
    ];
    let world = World::new();
    for path in paths {
        let file = format!("index/{path}");
        world.write(&file, "{}\n");
        let report = world.check();
        assert_eq!(report.codes(), ["shape/path"], "{path}: {report:#?}");
        assert_eq!(report.findings.first().map(|finding| &*finding.path), Some(path));
        std::fs::remove_file(world.path(&file)).unwrap();
    }
    assert_eq!(world.check().verdict, "accepted");
}

#[test]
fn a_statement_at_the_place_of_another_is_refused() {
    let world = World::new();
    let signed = world.sign(&world.pack(&Plugin::new("amber", "1.0.0")), "lab");
    for place in ["am/amber/1.0.1", "be/beryl/1.0.0", "am/amber/1.0.0+build"] {
        let file = format!("index/plugins/la/lab/{place}.signed");
        world.write(&file, world.read(&signed));
        let report = world.assert_refused(&["shape/misplaced"]);
        assert!(report.findings.iter().all(|finding| finding.message.contains("am/amber/1.0.0.")));
        std::fs::remove_file(world.path(&file)).unwrap();
    }
}

#[test]
fn links_and_executable_files_are_refused() {
    let world = World::new();
    let path = world.propose(Plugin::new("amber", "1.0.0"));
    let file = world.path("index").join(&path);
    std::fs::set_permissions(&file, PermissionsExt::from_mode(0o755)).unwrap();
    let report = world.check();
    assert!(report.codes().contains(&"shape/kind"), "{report:#?}");
    std::fs::remove_file(&file).unwrap();

    symlink("/etc/passwd", &file).unwrap();
    world.assert_refused(&["shape/kind"]);
    world.git("add --all");
    world.commit("Merge the link");
    let all = world.report("validate --all --index index --archives dist --format json");
    assert!(all.codes().contains(&"shape/kind"), "{all:#?}");
}

#[test]
fn a_repository_within_the_repository_is_refused() {
    let world = World::new();
    world.write("index/plugins/la/lab/am/amber/.git", "gitdir: /elsewhere\n");
    // Git itself adds no such folder: as a pull request, it is a submodule.
    assert_eq!(world.check().codes(), ["shape/kind"]);
}

#[test]
fn a_file_larger_than_its_place_allows_is_not_read() {
    let world = World::new();
    world.write(PATH, "x".repeat(200_000));
    world.assert_refused(&["shape/too-long"]);
}

#[test]
fn files_about_the_repository_itself_are_nobodys_statements() {
    let world = World::new();
    world.write("index/README.md", "# Another text\n");
    world.write("index/.github/workflows/check.yml", "on: push\n");
    assert_eq!(world.check().verdict, "accepted");
}

#[test]
fn a_shallow_clone_cannot_be_judged_and_says_so() {
    let world = published();
    let clone =
        format!("clone --quiet --depth 1 file://{0} {0}-shallow", world.path("index").display());
    world.git(&clone);
    let failed = world.tool("validate --all --index index-shallow --archives dist").code(4);
    let said = crate::world::stderr(&failed);
    assert!(said.contains("the history is not complete"), "{said}");
    world.tool("build --index index-shallow --out public").code(4);
    assert!(!world.path("public").exists());
}
