//! The same commit gives the same bytes, whoever builds it, wherever, and however it is stored.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use e2e::corpus::{self, Options, Size};
use index_schema::time::{DAY, Timestamp};
use snapbox::cmd::Command;
use walkdir::WalkDir;

use crate::world::{Listing, World, program, words};

/// An index with two hundred releases and a few files that do not count.
fn index() -> World {
    let world = World::empty_at(Timestamp::parse("2026-06-01T12:00:00Z").unwrap());
    let size = Size { plugins: 80, releases: Some(200), publishers: Some(12) };
    let options = Options {
        size,
        seed: 3,
        data: None,
        releases_per_commit: 20,
        archives: false,
        repack: false,
    };
    corpus::make(&options, &world.path("")).unwrap();
    let last: i64 = world.git("log -1 --format=%ct").trim().parse().unwrap();
    world.later(last + 60 - world.now().seconds());
    world.hold_ceremony("--bins 32");
    world.git("sparse-checkout disable");
    for name in ["zinc", "iron", "gold", "Tin"] {
        world.write(&format!("index/plugins/la/lab/xx/{name}/1.0.0.signed"), "{\n");
    }
    world.commit("Merge what does not count");
    world
}

/// Everything and its mode: a web server has to read what another user wrote.
fn built(world: &World, folder: &str) -> Listing {
    let mut listing = world.listing(folder);
    for entry in WalkDir::new(world.path(folder)).min_depth(1).into_iter().map(Result::unwrap) {
        let path = entry.path().strip_prefix(world.path(folder)).unwrap().display().to_string();
        let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
        listing.get_mut(&path).unwrap().push_str(&format!(" {mode:o}"));
    }
    listing
}

#[track_caller]
fn assert_same(name: &str, one: &Listing, other: &Listing) {
    let paths = one.keys().chain(other.keys());
    let differ: Vec<_> = paths.filter(|path| one.get(*path) != other.get(*path)).collect();
    assert!(differ.is_empty(), "{name}: {differ:?}");
}

/// What is special, the mask for new files, and variables of the environment.
type Surroundings<'s> = (&'s str, &'s str, &'s [(&'s str, &'s str)]);

#[test]
fn the_surroundings_of_a_build_do_not_reach_its_bytes() {
    let world = index();
    world.write("elsewhere/.gitconfig", "[core]\n  autocrlf = true\n[log]\n  date = relative\n");
    let home = world.path("elsewhere").display().to_string();
    let surroundings: [Surroundings<'_>; 10] = [
        ("one thread", "022", &[("RAYON_NUM_THREADS", "1")]),
        ("two threads", "022", &[("RAYON_NUM_THREADS", "2")]),
        ("seven threads", "022", &[("RAYON_NUM_THREADS", "7")]),
        ("a day ahead", "022", &[("TZ", "Pacific/Kiritimati")]),
        ("half an hour aside", "022", &[("TZ", "Asia/Kolkata")]),
        ("Turkish", "022", &[("LC_ALL", "tr_TR.UTF-8"), ("LANG", "tr_TR.UTF-8")]),
        ("no locale", "022", &[("LC_ALL", "POSIX"), ("LANG", "")]),
        ("only for the owner", "077", &[]),
        ("for the group", "002", &[]),
        ("another home", "022", &[("HOME", &home), ("XDG_CONFIG_HOME", &home)]),
    ];
    let mut first: Option<Listing> = None;
    for (number, (name, umask, variables)) in surroundings.into_iter().enumerate() {
        // Nor does the time.
        world.later(30 * DAY);
        let out = format!("built-{number}");
        let now = world.now().to_string();
        let script = format!("umask {umask}; exec \"$0\" \"$@\"");
        Command::new("sh")
            .args(["-c", &script])
            .arg(program("registry-tool"))
            .args(words(&format!("build --index index --out {out} --now {now}")))
            .envs(variables.iter().copied())
            .current_dir(world.path(""))
            .assert()
            .code(0);
        let listing = built(&world, &out);
        let first = first.get_or_insert_with(|| listing.clone());
        assert!(first.len() > 400, "{}", first.len());
        assert_same(name, first, &listing);
    }
}

#[test]
fn how_a_repository_stores_a_commit_does_not_reach_the_bytes() {
    let world = index();
    world.tool("build --index index --out first").code(0);
    let first = built(&world, "first");
    let index = world.path("index").display().to_string();
    let copies = [
        ("cloned", "clone --quiet --no-local"),
        ("bare", "clone --quiet --bare"),
        ("shared", "clone --quiet --shared"),
    ];
    for (name, clone) in copies {
        world.git(&format!("{clone} {index} {}", world.path(name).display()));
        world.tool(&format!("build --index {name} --out of-{name}")).code(0);
        assert_same(name, &first, &built(&world, &format!("of-{name}")));
    }
    for (number, repack) in [
        "repack -adFq --depth=50 --window=50",
        "repack -adFq --depth=1 --window=2",
        "gc --quiet --prune=now",
        "commit-graph write --reachable",
    ]
    .into_iter()
    .enumerate()
    {
        world.git(repack);
        world.tool(&format!("build --index index --out repacked-{number}")).code(0);
        assert_same(repack, &first, &built(&world, &format!("repacked-{number}")));
    }
    unpacked(&world, &index);
    world.tool("build --index loose --out of-loose").code(0);
    assert_same("loose objects", &first, &built(&world, "of-loose"));
    // What lies in the work tree is not of the commit.
    std::fs::remove_dir_all(world.path("index/plugins")).unwrap();
    world.write("index/publishers/untracked", "x");
    world.tool("build --index index --out untracked").code(0);
    assert_same("another work tree", &first, &built(&world, "untracked"));
}

/// Makes a repository in which every object is a file of its own.
fn unpacked(world: &World, index: &str) {
    let loose = world.path("loose").display().to_string();
    world.git(&format!("init --quiet --initial-branch=main {loose}"));
    let pack = Path::new(index).join(".git/objects/pack");
    let script = format!(
        "for pack in {}/*.pack; do git -C {loose} unpack-objects -q <\"$pack\" || exit 1; done",
        pack.display()
    );
    Command::new("sh").args(["-c", &script]).assert().code(0);
    let commit = world.git("rev-parse HEAD");
    world.git(&format!("-C {loose} update-ref refs/heads/main {}", commit.trim()));
    assert!(WalkDir::new(format!("{loose}/.git/objects/pack")).into_iter().count() == 1);
}

#[test]
fn releasing_the_same_files_at_the_same_time_signs_the_same_bytes() {
    let world = index();
    for (folder, threads) in [("one", "1"), ("seven", "7")] {
        for command in [
            format!("build --index index --out {folder}"),
            format!("release --public {folder} --online-keys keys/online --first"),
        ] {
            let command = world.command("registry-tool", &command);
            command.env("RAYON_NUM_THREADS", threads).assert().code(0);
        }
    }
    assert_same("released", &built(&world, "one"), &built(&world, "seven"));
}
