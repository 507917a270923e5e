//! What a pull request may change at all, each rule with what breaks it and what does not.

use super::{found, world};
use crate::world::{Plugin, World};

const AMBER: &str = "plugins/la/lab/am/amber/1.0.0.signed";
const NEXT: &str = "plugins/la/lab/am/amber/1.1.0.signed";

/// Stages a file of some mode, with the bytes of a file of the world, and nothing in the work tree.
fn stage(world: &World, mode: &str, path: &str, bytes: &[u8]) {
    world.write("staged", bytes);
    let id = world.git("hash-object -w ../staged");
    world.git(&format!("update-index --add --cacheinfo {mode},{},{path}", id.trim()));
}

/// Writes a tree as nobody's Git would, and returns its name.
fn forge_tree(world: &World, entries: &[(&str, &str, &str)]) -> String {
    let mut bytes = Vec::new();
    for (mode, name, id) in entries {
        bytes.extend(format!("{mode} {name}\0").into_bytes());
        let digits = id.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).unwrap());
        bytes.extend(digits.map(|pair| u8::from_str_radix(pair, 16).unwrap()));
    }
    world.write("tree", bytes);
    world.git("hash-object -t tree --literally -w ../tree").trim().to_owned()
}

/// Returns the entries of the tree of `HEAD`.
fn entries(world: &World) -> Vec<(String, String, String)> {
    let listed = world.git("ls-tree HEAD");
    let entry = |line: &str| {
        let (head, name) = line.split_once('\t').unwrap();
        let mut words = head.split(' ');
        let mode = words.next().unwrap().trim_start_matches('0').to_owned();
        (mode, name.to_owned(), words.nth(1).unwrap().to_owned())
    };
    listed.lines().map(entry).collect()
}

/// A signed release of `lab/amber` 1.1.0 that is not in the work tree.
fn release(world: &World) -> Vec<u8> {
    world.read(&world.sign(&world.pack(&Plugin::new("amber", "1.1.0")), "lab"))
}

type Case = (&'static str, fn(&World), &'static [(&'static str, &'static str)]);

/// What is done to the index of Git, and what is found.
const REFUSED: &[Case] = &[
    (
        "a changed file",
        |world| stage(world, "100644", AMBER, b"{}\n"),
        &[("shape/modified", AMBER)],
    ),
    (
        "a file that is gone",
        |world| drop(world.git(&format!("rm --quiet --cached {AMBER}"))),
        &[("shape/deleted", AMBER)],
    ),
    (
        "a file that moved",
        |world| {
            world.git(&format!("rm --quiet --cached {AMBER}"));
            stage(world, "100644", NEXT, &world.read(&format!("index/{AMBER}")));
        },
        &[("shape/renamed", AMBER), ("shape/misplaced", NEXT)],
    ),
    (
        "an accepted file that may be run",
        |world| drop(world.git(&format!("update-index --chmod=+x {AMBER}"))),
        &[("shape/kind", AMBER), ("shape/mode", AMBER)],
    ),
    (
        "an accepted file that becomes a link",
        |world| stage(world, "120000", AMBER, b"/etc/passwd"),
        &[("shape/kind", AMBER), ("shape/mode", AMBER), ("shape/modified", AMBER)],
    ),
    ("a new link", |world| stage(world, "120000", NEXT, b"1.0.0.signed"), &[("shape/kind", NEXT)]),
    (
        "a new file that may be run",
        |world| stage(world, "100755", NEXT, &release(world)),
        &[("shape/kind", NEXT)],
    ),
    (
        "a link among the files about the repository",
        |world| stage(world, "120000", ".github/README.md", b"../../../etc/passwd"),
        &[("shape/housekeeping", ".github/README.md"), ("shape/kind", ".github/README.md")],
    ),
    (
        "a submodule",
        |world| {
            let head = world.git("rev-parse HEAD");
            let entry = format!("160000,{},templates", head.trim());
            world.git(&format!("update-index --add --cacheinfo {entry}"));
        },
        &[("shape/housekeeping", "templates"), ("shape/kind", "templates")],
    ),
    (
        "a submodule among the releases",
        |world| {
            let head = world.git("rev-parse HEAD");
            world.git(&format!("update-index --add --cacheinfo 160000,{},{NEXT}", head.trim()));
        },
        &[("shape/kind", NEXT)],
    ),
    (
        "a folder in other case",
        |world| stage(world, "100644", "Plugins/la/lab/am/amber/1.1.0.signed", &release(world)),
        &[
            ("shape/case", "Plugins/la/lab/am/amber/1.1.0.signed"),
            ("shape/path", "Plugins/la/lab/am/amber/1.1.0.signed"),
        ],
    ),
    (
        "a file about the repository in two cases",
        |world| {
            stage(world, "100644", "README.a", b"a\n");
            stage(world, "100644", "README.A", b"A\n");
        },
        &[
            ("shape/case", "README.A"),
            ("shape/housekeeping", "README.A"),
            ("shape/case", "README.a"),
            ("shape/housekeeping", "README.a"),
        ],
    ),
    (
        "a release and a workflow",
        |world| {
            stage(world, "100644", NEXT, &release(world));
            stage(world, "100644", ".github/workflows/check.yml", b"on: push\n");
        },
        &[
            ("shape/housekeeping", ".github/workflows/check.yml"),
            ("shape/mixed", ".github/workflows/check.yml"),
        ],
    ),
    (
        "files of two publishers",
        |world| {
            stage(world, "100644", NEXT, &release(world));
            let rival = Plugin::new("rival/beryl", "1.0.0");
            let signed = world.sign(&world.pack(&rival), "rival");
            stage(world, "100644", "plugins/ri/rival/be/beryl/1.0.0.signed", &world.read(&signed));
        },
        &[("shape/several-publishers", "plugins/ri/rival/be/beryl/1.0.0.signed")],
    ),
    (
        "a release in the name of another",
        |world| {
            let signed = world.sign(&world.pack(&Plugin::new("amber", "1.1.0")), "rival");
            stage(world, "100644", NEXT, &world.read(&signed));
        },
        &[("signature/other-publisher", NEXT)],
    ),
];

#[test]
fn what_a_pull_request_may_not_do_is_found_and_named() {
    let world = world();
    for (name, change, expected) in REFUSED {
        change(&world);
        let report = world.judge(&world.pull_request_of_index());
        assert_eq!(report.verdict, "refused", "{name}: {report:#?}");
        assert_eq!(found(&report), *expected, "{name}: {report:#?}");
        assert!(world.git("status --porcelain").is_empty(), "{name}");
    }
}

#[test]
fn trees_that_git_would_not_write_show_us_what_they_show_git() {
    let world = world();
    let blob = world.git("rev-parse HEAD:registry/1.signed").trim().to_owned();
    let kept = entries(&world);
    let with = |more: &[(&'static str, &str, &str)]| {
        let mut all: Vec<_> =
            kept.iter().map(|(m, n, i)| (m.as_str(), n.as_str(), i.as_str())).collect();
        all.extend(more.iter().copied());
        all.sort_by_key(|(mode, name, _)| {
            format!("{name}{}", if *mode == "40000" { "/" } else { "" })
        });
        forge_tree(&world, &all)
    };
    let git = |name| {
        let inside = forge_tree(&world, &[("100644", "config", &blob)]);
        with(&[("40000", name, &inside)])
    };
    let cases = [
        (git(".git"), ("shape/path", ".git/config")),
        (git(".GIT"), ("shape/path", ".GIT/config")),
        (git(".git\u{200c}"), ("shape/path", ".git\u{200c}/config")),
        (git(".git::$INDEX_ALLOCATION"), ("shape/path", ".git::$INDEX_ALLOCATION/config")),
        (
            with(&[("100644", NEXT, &blob)]),
            ("shape/path", "plugins\\x2fla\\x2flab\\x2fam\\x2famber\\x2f1.1.0.signed"),
        ),
    ];
    for (tree, expected) in cases {
        let report = world.judge(&world.pull_request_with(&tree));
        assert_eq!(report.verdict, "refused", "{expected:?}: {report:#?}");
        assert!(found(&report).contains(&expected), "{expected:?}: {report:#?}");
    }
    // The same path twice, first as it is and then as somebody wants it.
    let other = world.git("rev-parse HEAD:registry/1.signed").trim().to_owned();
    let own = world.git(&format!("rev-parse HEAD:{AMBER}")).trim().to_owned();
    let twice =
        [("100644", "1.0.0.signed", own.as_str()), ("100644", "1.0.0.signed", other.as_str())];
    let mut tree = forge_tree(&world, &twice);
    for folder in ["amber", "am", "lab", "la"] {
        tree = forge_tree(&world, &[("40000", folder, &tree)]);
    }
    let all: Vec<_> = kept
        .iter()
        .map(|(m, n, i)| {
            (m.as_str(), n.as_str(), if n == "plugins" { tree.as_str() } else { i.as_str() })
        })
        .collect();
    let report = world.judge(&world.pull_request_with(&forge_tree(&world, &all)));
    assert!(found(&report).contains(&("shape/modified", AMBER)), "{report:#?}");
}

#[test]
fn what_a_pull_request_may_do_is_accepted() {
    let world = world();
    stage(&world, "100644", NEXT, &release(&world));
    let report = world.judge(&world.pull_request_of_index());
    assert_eq!((report.verdict.as_str(), found(&report)), ("accepted", vec![]));
    assert_eq!(report.changes, [NEXT]);

    world.tool("yank lab/amber 1.0.0 --index index --reason 'It hangs.' --key keys/lab").code(0);
    let report = world.judge(&world.pull_request());
    assert_eq!((report.verdict.as_str(), found(&report)), ("accepted", vec![]));
    assert_eq!(report.changes, ["plugins/la/lab/am/amber/status/1.signed"]);

    let report = world.judge("HEAD");
    assert_eq!((report.verdict.as_str(), report.changes), ("accepted", vec![]));
}

#[test]
fn files_about_the_repository_itself_wait_for_a_maintainer() {
    let world = world();
    world.write("index/README.md", "# Another text\n");
    world.write("index/.github/workflows/check.yml", "on: push\n");
    stage(&world, "100755", "templates/run", b"#!/bin/sh\n");
    let report = world.judge(&world.pull_request());
    assert_eq!(report.verdict, "review");
    let paths = [".github/workflows/check.yml", "README.md"];
    assert_eq!(found(&report), paths.map(|path| ("shape/housekeeping", path)));
}
