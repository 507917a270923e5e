//! The store under tampering, crashes of neighbours and other users.

use std::fs;
use std::path::PathBuf;
use std::thread;

use super::*;
use crate::home::TEMPORARY;
use crate::stage::Published;

struct World {
    _dir: tempfile::TempDir,
    home: Home,
    store: Store,
}

impl World {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::within(dir.path()).unwrap();
        let store = Store::open(&home).unwrap();
        Self { _dir: dir, home, store }
    }

    fn path(&self, path: &str) -> PathBuf {
        self.home.data().join(path)
    }

    fn count(&self, folder: &str) -> usize {
        fs::read_dir(self.path(folder)).unwrap().count()
    }

    fn publish(&self) -> BTreeMap<PackagePath, Expected> {
        let stage = self.store.unpack(package()).unwrap();
        let contents = stage.contents().clone();
        assert_eq!(stage.publish(&digest_of(1)).unwrap(), Published::Now);
        contents
    }

    fn verify(&self, contents: &BTreeMap<PackagePath, Expected>) -> Vec<Difference> {
        let differences = self.store.verify_against(&digest_of(1), contents).unwrap();
        assert_eq!(self.store.verify(&digest_of(1)).unwrap(), differences);
        differences
    }
}

impl Drop for World {
    /// The folder cannot remove itself while it holds what is read-only.
    fn drop(&mut self) {
        remove_tree(&self.store.dir, Path::new("store")).unwrap_or_default();
    }
}

fn path(text: &str) -> PackagePath {
    PackagePath::parse(text).unwrap()
}

fn digest_of(seed: u8) -> Sha256Digest {
    Sha256Digest::of(&[seed])
}

const fn file(bytes: &[u8], executable: bool) -> Entry<'_> {
    Entry::File { executable, bytes }
}

fn package() -> Vec<(PackagePath, Entry<'static>)> {
    vec![
        (path("a"), Entry::Folder),
        (path("a/run"), file(b"#!/bin/sh\n", true)),
        (path("a/data"), file(b"data", false)),
        (path("b/c/deep"), file(b"", false)),
    ]
}

/// What is read-only for others is not for root, so the modes are read, not tried.
#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    std::os::unix::fs::PermissionsExt::mode(&fs::metadata(path).unwrap().permissions()) & 0o777
}

#[cfg(unix)]
fn writable(path: &Path) {
    let permissions = std::os::unix::fs::PermissionsExt::from_mode(0o700);
    fs::set_permissions(path, permissions).unwrap();
}

#[test]
fn a_package_lies_under_its_digest_read_only_and_verifies() {
    let world = World::new();
    let contents = world.publish();
    let root = world.home.package(&digest_of(1));
    assert_eq!(fs::read_to_string(root.join("a/data")).unwrap(), "data");
    assert!(root.ends_with(format!("store/sha256/{}/{}", digest_of(1).shard(), digest_of(1))));
    assert!(world.store.contains(&digest_of(1)).unwrap());
    assert_eq!(world.store.list().unwrap(), [digest_of(1)]);
    assert_eq!(world.verify(&contents), []);
    assert_eq!(world.count(TEMPORARY), 0);
    #[cfg(unix)]
    for (name, bits) in
        [("", 0o555), ("a", 0o555), ("b/c", 0o555), ("a/run", 0o500), ("a/data", 0o400)]
    {
        let found = mode(&root.join(name));
        assert!(found & 0o222 == 0 && found & bits == bits, "{name}: {found:o}");
    }
}

#[test]
fn a_stage_that_is_dropped_leaves_nothing() {
    let world = World::new();
    let stage = world.store.unpack(package()).unwrap();
    assert_eq!(world.count(TEMPORARY), 1);
    drop(stage);
    assert_eq!(world.count(TEMPORARY), 0);
    assert!(!world.store.contains(&digest_of(1)).unwrap());
}

#[test]
fn a_name_that_stands_twice_is_refused_and_leaves_nothing() {
    let world = World::new();
    for twice in [
        vec![(path("a"), file(b"1", false)), (path("a"), file(b"2", false))],
        vec![(path("a"), file(b"1", false)), (path("a"), Entry::Folder)],
        vec![(path("a/b"), file(b"1", false)), (path("a"), file(b"2", false))],
        vec![(path("a"), Entry::Folder), (path("a"), Entry::Folder)],
    ] {
        assert!(matches!(world.store.unpack(twice), Err(StoreError::Twice(_))));
        assert_eq!(world.count(TEMPORARY), 0);
    }
    let under_file = vec![(path("a"), file(b"1", false)), (path("a/b"), file(b"2", false))];
    assert!(world.store.unpack(under_file).is_err());
    assert_eq!(world.count(TEMPORARY), 0);
}

#[test]
fn who_comes_second_finds_the_work_done() {
    let world = World::new();
    let first = world.store.unpack(package()).unwrap();
    let second = world.store.unpack(package()).unwrap();
    assert_eq!(first.publish(&digest_of(1)).unwrap(), Published::Now);
    assert_eq!(second.publish(&digest_of(1)).unwrap(), Published::Before);
    assert_eq!(world.count(TEMPORARY), 0);
}

#[test]
fn of_many_threads_exactly_one_wins() {
    let world = World::new();
    let wins = thread::scope(|scope| {
        let publish = || {
            let store = Store::open(&world.home).unwrap();
            let stage = store.unpack(package()).unwrap();
            stage.publish(&digest_of(1)).unwrap() == Published::Now
        };
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(publish)).collect();
        threads.into_iter().map(|thread| usize::from(thread.join().unwrap())).sum::<usize>()
    });
    assert_eq!(wins, 1);
    assert_eq!(world.count(TEMPORARY), 0);
}

#[test]
fn a_package_that_is_gone_misses_everything() {
    let world = World::new();
    let contents = world.publish();
    remove_tree(&world.store.dir, Path::new(&home::package(&digest_of(1)))).unwrap();
    assert_eq!(world.verify(&contents).len(), contents.len());
}

#[test]
fn a_listing_that_is_missing_or_damaged_is_said_to_be() {
    let world = World::new();
    let listing = listing::path(&digest_of(1));
    let refused = || matches!(world.store.verify(&digest_of(1)), Err(StoreError::NoListing(_)));
    assert!(refused());
    world.publish();
    let text = world.store.dir.read_to_string(&listing).unwrap();
    let member = r#""a/data":{"kind":"file","#;
    for (from, to) in [
        (member, r#""a/data":{"kind":"folder"},"a/data":{"kind":"file","#),
        (member, r#""../data":{"kind":"file","#),
        (member, r#""a/data":{"kind":"pipe","#),
        ("}}", "}"),
    ] {
        assert!(text.contains(from));
        world.store.dir.write(&listing, text.replace(from, to)).unwrap();
        assert!(refused(), "{to}");
    }
    remove_tree(&world.store.dir, Path::new(&home::package(&digest_of(1)))).unwrap();
    assert_eq!(world.store.list().unwrap(), [digest_of(1)]);
    world.store.discard(&digest_of(1)).unwrap();
    assert_eq!(world.store.list().unwrap(), []);
}

#[cfg(unix)]
#[test]
fn every_tampering_is_seen() {
    let world = World::new();
    let contents = world.publish();
    let root = world.home.package(&digest_of(1));
    let tamper = |change: &dyn Fn(&Path), expected: &[Difference]| {
        world.store.discard(&digest_of(1)).unwrap();
        world.publish();
        for folder in ["", "a", "b", "b/c"] {
            writable(&root.join(folder));
        }
        change(&root);
        assert_eq!(world.verify(&contents), expected);
    };
    let write = |path: PathBuf, text: &str| {
        fs::remove_file(&path).unwrap_or_default();
        Dir::open_ambient_dir(path.parent().unwrap(), cap_std::ambient_authority())
            .unwrap()
            .write(path.file_name().unwrap(), text)
            .unwrap();
    };
    let link = |to: &str, at: PathBuf| std::os::unix::fs::symlink(to, at).unwrap();
    let changed = |text| Difference::Changed(path(text));
    let missing = |text| Difference::Missing(path(text));
    let added = |text: &str| Difference::Added(text.to_owned());

    tamper(&|_| {}, &[]);
    tamper(&|root| write(root.join("a/data"), "atad"), &[changed("a/data")]);
    tamper(&|root| write(root.join("a/data"), "data and more"), &[changed("a/data")]);
    tamper(&|root| writable(&root.join("a/data")), &[changed("a/data")]);
    tamper(&|root| fs::remove_file(root.join("a/run")).unwrap(), &[missing("a/run")]);
    tamper(
        &|root| fs::remove_dir_all(root.join("b")).unwrap(),
        &[missing("b"), missing("b/c"), missing("b/c/deep")],
    );
    tamper(&|root| write(root.join("a/new"), ""), &[added("a/new")]);
    tamper(&|root| fs::create_dir_all(root.join("x y/z")).unwrap(), &[added("x y")]);
    tamper(
        &|root| {
            fs::rename(root.join("a/data"), root.join("a/other")).unwrap();
            link("other", root.join("a/data"));
        },
        &[changed("a/data"), added("a/other")],
    );
    tamper(
        &|root| {
            fs::remove_dir_all(root.join("b")).unwrap();
            link("/etc", root.join("b"));
        },
        &[changed("b"), changed("b/c"), changed("b/c/deep")],
    );
}

#[cfg(unix)]
#[test]
fn a_link_in_the_store_leads_nowhere() {
    let outside = tempfile::tempdir().unwrap();
    let world = World::new();
    let shard = world.path(&format!("{}/{}", home::STORE, digest_of(1).shard()));

    std::os::unix::fs::symlink(outside.path(), &shard).unwrap();
    let stage = world.store.unpack(package()).unwrap();
    assert!(stage.publish(&digest_of(1)).is_err());
    fs::remove_file(&shard).unwrap();

    fs::create_dir(&shard).unwrap();
    std::os::unix::fs::symlink(outside.path(), shard.join(digest_of(1).to_string())).unwrap();
    let stage = world.store.unpack(package()).unwrap();
    assert!(matches!(stage.publish(&digest_of(1)), Err(StoreError::Foreign(_))));
    assert!(matches!(world.store.contains(&digest_of(1)), Err(StoreError::Foreign(_))));

    fs::remove_dir_all(world.path(TEMPORARY)).unwrap();
    std::os::unix::fs::symlink(outside.path(), world.path(TEMPORARY)).unwrap();
    assert!(world.store.unpack(package()).is_err());
    assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0);
}

#[cfg(unix)]
#[test]
fn removing_a_package_does_not_follow_links() {
    let outside = tempfile::tempdir().unwrap();
    fs::create_dir(outside.path().join("keep")).unwrap();
    let world = World::new();
    world.publish();
    let root = world.home.package(&digest_of(1));
    writable(&root);
    std::os::unix::fs::symlink(outside.path(), root.join("link")).unwrap();
    world.store.discard(&digest_of(1)).unwrap();
    world.store.discard(&digest_of(1)).unwrap();
    assert!(!root.exists());
    assert_eq!(world.count(TRASH), 0);
    assert!(outside.path().join("keep").exists());
}

#[cfg(unix)]
#[test]
fn a_name_that_is_not_unicode_is_seen_and_removed() {
    use std::os::unix::ffi::OsStrExt as _;
    let world = World::new();
    let contents = world.publish();
    let root = world.home.package(&digest_of(1));
    writable(&root);
    fs::create_dir(root.join(std::ffi::OsStr::from_bytes(b"\xff"))).unwrap();
    assert_eq!(world.verify(&contents), [Difference::Added("\u{fffd}".to_owned())]);
    world.store.discard(&digest_of(1)).unwrap();
    assert_eq!(world.count(TRASH), 0);
}
