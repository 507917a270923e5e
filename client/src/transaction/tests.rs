//! Transactions that end, fail and crash at every step.

mod crashes;

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use super::*;
use crate::generation::KEPT;
use crate::generation::tests::{id, installed};
use crate::home::Home;

/// Long enough for a child that is just being started: until then it shares our open files.
const SOON: Duration = Duration::from_secs(20);

/// A home with the packages of seeds 1 to 5 in its store.
struct World {
    _dir: tempfile::TempDir,
    home: Home,
}

impl World {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::within(dir.path()).unwrap();
        let world = Self { _dir: dir, home };
        (1..=5).for_each(|seed| world.store(seed));
        world
    }

    /// A world in which amber and birch are installed.
    fn installed() -> Self {
        let world = Self::new();
        commit(&world.claim(), world.first()).unwrap();
        world
    }

    /// Puts a package in the store without waiting for the disk: hundreds of worlds are made here.
    fn store(&self, seed: u8) {
        let package = self.home.package(&Sha256Digest::of(&[seed]));
        fs::create_dir_all(&package).unwrap();
        fs::File::create(package.join("seed")).unwrap().write_all(&[seed]).unwrap();
    }

    fn claim(&self) -> Exclusive {
        self.home.claim(SOON).unwrap()
    }

    fn change(&self, word: &str, plugins: &[(&str, Installed)]) -> Change {
        let generations = Generations::open(&self.home).unwrap();
        Change {
            base: generations.current_number().unwrap(),
            created: Timestamp::parse("2026-11-23T14:07:00Z").unwrap(),
            reason: vec![word.to_owned(), "/home/jane/secret".to_owned()],
            plugins: plugins.iter().map(|(name, plugin)| (id(name), plugin.clone())).collect(),
        }
    }

    fn first(&self) -> Change {
        let plugins = [("lab/amber", installed("1.0.0", 1)), ("oak/birch", installed("2.0.0", 2))];
        self.change("install", &plugins)
    }

    /// Updates one plugin, removes one with its publisher, adds one, and adds one switched off.
    fn second(&self) -> Change {
        let off = Installed { enabled: false, ..installed("0.1.0", 5) };
        let plugins = [
            ("lab/amber", installed("1.1.0", 3)),
            ("lab/cedar", installed("3.0.0", 4)),
            ("lab/dill", off),
        ];
        self.change("update", &plugins)
    }

    /// Everything that a change may touch: names, contents and targets, without the store.
    fn snapshot(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for name in ["generations", "journal", "plugins", "current", "current.tmp", "audit.jsonl"] {
            describe(&self.home.data().join(name), name, &mut lines);
        }
        lines
    }

    fn audit(&self) -> String {
        fs::read_to_string(self.home.audit()).unwrap()
    }

    /// Reads the byte in the package that a host would load.
    fn load(&self, name: &str) -> Option<u8> {
        let path = self.home.plugin(&id(name)).join("seed");
        fs::read_to_string(path).ok().map(|text| text.as_bytes()[0])
    }
}

fn describe(path: &Path, name: &str, lines: &mut Vec<String>) {
    let Ok(metadata) = fs::symlink_metadata(path) else { return };
    if metadata.is_symlink() {
        lines.push(format!("{name} -> {}", fs::read_link(path).unwrap().display()));
    } else if metadata.is_file() {
        lines.push(format!("{name}: {}", fs::read_to_string(path).unwrap()));
    } else {
        lines.push(format!("{name}/"));
        let mut names: Vec<_> =
            fs::read_dir(path).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        for child in names {
            describe(&path.join(&child), &format!("{name}/{}", child.display()), lines);
        }
    }
}

#[test]
fn a_change_is_seen_by_hosts_and_in_the_log() {
    let world = World::installed();
    assert_eq!((world.load("lab/amber"), world.load("oak/birch")), (Some(1), Some(2)));
    let next = commit(&world.claim(), world.second()).unwrap();
    assert_eq!(next.n, 2);
    assert_eq!(Generations::open(&world.home).unwrap().current().unwrap(), Some(next));
    assert_eq!((world.load("lab/amber"), world.load("lab/cedar")), (Some(3), Some(4)));
    assert_eq!((world.load("oak/birch"), world.load("lab/dill")), (None, None));
    assert!(!world.home.data().join("plugins/oak").exists());
    snapbox::assert_data_eq!(
        world.audit(),
        snapbox::str![[r#"
{"generation":1,"time":"2026-11-23T14:07:00Z","action":"install","changes":{"lab/amber":{"from":null,"to":{"version":"1.0.0","enabled":true,"pinned":false}},"oak/birch":{"from":null,"to":{"version":"2.0.0","enabled":true,"pinned":false}}}}
{"generation":2,"time":"2026-11-23T14:07:00Z","action":"update","changes":{"lab/amber":{"from":{"version":"1.0.0","enabled":true,"pinned":false},"to":{"version":"1.1.0","enabled":true,"pinned":false}},"lab/cedar":{"from":null,"to":{"version":"3.0.0","enabled":true,"pinned":false}},"lab/dill":{"from":null,"to":{"version":"0.1.0","enabled":false,"pinned":false}},"oak/birch":{"from":{"version":"2.0.0","enabled":true,"pinned":false},"to":null}}}

"#]]
    );
}

#[test]
fn a_change_planned_on_another_generation_is_refused() {
    let world = World::installed();
    let before = world.snapshot();
    for base in [None, Some(0), Some(2)] {
        let refused = commit(&world.claim(), Change { base, ..world.second() });
        assert!(matches!(refused, Err(TransactionError::Moved { found: Some(1), .. })));
    }
    assert_eq!(world.snapshot(), before);
}

#[test]
fn a_package_that_is_not_in_the_store_is_refused() {
    let world = World::installed();
    let before = world.snapshot();
    let change = world.change("install", &[("lab/elm", installed("1.0.0", 9))]);
    let refused = commit(&world.claim(), change);
    assert!(matches!(refused, Err(TransactionError::NotStored(plugin)) if plugin == id("lab/elm")));
    assert_eq!(world.snapshot(), before);
}

#[test]
fn what_somebody_put_in_the_way_is_neither_replaced_nor_lost() {
    let world = World::installed();
    let cedar = world.home.plugin(&id("lab/cedar"));
    fs::create_dir(&cedar).unwrap();
    let before = world.snapshot();
    let refused = commit(&world.claim(), world.second());
    assert!(
        matches!(refused, Err(TransactionError::Occupied(path)) if path == "plugins/lab/cedar")
    );
    assert_eq!(world.snapshot(), before);
    commit(&world.claim(), world.change("remove", &[])).unwrap();
    assert!(cedar.is_dir());
    fs::remove_dir(&cedar).unwrap();
    commit(&world.claim(), world.second()).unwrap();
}

#[cfg(unix)]
#[test]
fn a_link_among_the_host_paths_does_not_lead_writing_outside() {
    let outside = tempfile::tempdir().unwrap();
    let world = World::new();
    let publisher = world.home.data().join("plugins/lab");
    std::os::unix::fs::symlink(outside.path(), &publisher).unwrap();
    let refused = commit(&world.claim(), world.first());
    assert!(matches!(refused, Err(TransactionError::Occupied(path)) if path == "plugins/lab"));
    assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0);
    assert_eq!(Generations::open(&world.home).unwrap().current().unwrap(), None);
}

#[test]
fn the_data_folder_can_be_moved() {
    let world = World::installed();
    let moved = world.home.data().parent().unwrap().join(format!("moved-{}", std::process::id()));
    fs::rename(world.home.data(), &moved).unwrap();
    let text = fs::read_to_string(moved.join("plugins/lab/amber/seed")).unwrap();
    assert_eq!(text.as_bytes(), [1]);
    fs::rename(&moved, world.home.data()).unwrap();
}

#[test]
fn a_rollback_is_a_new_generation_with_the_old_plugins() {
    let world = World::installed();
    let first = Generations::open(&world.home).unwrap().read(1).unwrap();
    commit(&world.claim(), world.second()).unwrap();
    let lock = world.claim();
    let back = roll_back(&lock, 1, first.created, vec!["rollback".to_owned()]).unwrap();
    assert_eq!((back.n, &back.plugins), (3, &first.plugins));
    assert_eq!((world.load("lab/amber"), world.load("oak/birch")), (Some(1), Some(2)));
    assert_eq!(world.load("lab/cedar"), None);
    let missing = roll_back(&lock, 9, first.created, Vec::new());
    assert!(matches!(missing, Err(TransactionError::Generation(GenerationError::Missing(9)))));
}

#[test]
fn a_line_of_the_log_that_was_cut_short_is_removed() {
    let world = World::installed();
    let whole = world.audit();
    let path = world.home.audit();
    let torn = format!("{whole}{}", r#"{"generation":2,"ti"#);
    world.home.open().unwrap().write(path.file_name().unwrap(), torn).unwrap();
    commit(&world.claim(), world.second()).unwrap();
    assert!(world.audit().starts_with(&whole));
    assert_eq!(world.audit().lines().count(), 2);
}

#[test]
fn cleaning_up_keeps_ten_generations_and_what_they_and_lockfiles_name() {
    let world = World::installed();
    let lock = world.claim();
    for _ in 0..KEPT {
        commit(&lock, world.change("pin", &[("lab/amber", installed("1.1.0", 3))])).unwrap();
    }
    let leftover: PathBuf = world.home.data().join("store/tmp/1-0");
    fs::create_dir(&leftover).unwrap();
    let digests = |seeds: &[u8]| {
        let mut digests: Vec<_> = seeds.iter().map(|seed| Sha256Digest::of(&[*seed])).collect();
        digests.sort();
        digests
    };
    let kept = BTreeSet::from([Sha256Digest::of(&[5])]);
    let gone = collect(&lock, &kept).unwrap();
    assert_eq!(gone, Collected { generations: vec![1], packages: digests(&[1, 2, 4]) });
    assert_eq!(Store::open(&world.home).unwrap().list().unwrap(), digests(&[3, 5]));
    assert_eq!(world.load("lab/amber"), Some(3));
    assert!(!leftover.exists());
    assert_eq!(collect(&lock, &kept).unwrap(), Collected::default());
}

#[test]
fn a_damaged_generation_stops_the_clean_up_before_anything_is_removed() {
    let world = World::installed();
    let lock = world.claim();
    world.home.open().unwrap().write("generations/1.json", "{}").unwrap();
    assert!(collect(&lock, &BTreeSet::new()).is_err());
    assert_eq!(Store::open(&world.home).unwrap().list().unwrap().len(), 5);
}

#[test]
fn eight_that_change_at_once_do_so_one_after_the_other() {
    let world = World::new();
    thread::scope(|scope| {
        for seed in 1..=8 {
            let world = &world;
            scope.spawn(move || {
                for round in 0..4 {
                    let lock = world.home.claim(Duration::from_secs(60)).unwrap();
                    let seed = (seed + round) % 5 + 1;
                    let plugin = installed("1.0.0", seed);
                    commit(&lock, world.change("install", &[("lab/amber", plugin)])).unwrap();
                    assert_eq!(world.load("lab/amber"), Some(seed));
                }
            });
        }
    });
    assert_eq!(Generations::open(&world.home).unwrap().current_number().unwrap(), Some(32));
    assert_eq!(world.audit().lines().count(), 32);
}
