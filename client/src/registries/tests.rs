//! Registries are added, found and forgotten, each with the root that it keeps.

use super::*;
use crate::source::memory::Memory;

const ROOT: &[u8] = include_bytes!("first.root.json");

fn home() -> (tempfile::TempDir, Home) {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::within(folder.path()).unwrap();
    (folder, home)
}

fn name(text: &str) -> RegistryId {
    RegistryId::parse(text).unwrap()
}

fn try_add(home: &Home, called: &str, url: &str, root: &[u8]) -> Result<Added, RegistryError> {
    let location = Location::parse(url).unwrap();
    let digest = Sha256Digest::of(root);
    add(home, (&name(called), &location), (root, digest), Timestamp::EPOCH)
}

#[test]
fn registries_are_listed_in_the_order_of_adding() {
    let (_folder, home) = home();
    assert_eq!(list(&home).unwrap(), []);
    for called in ["zebra", "ant", "mole"] {
        assert_eq!(try_add(&home, called, "https://example.org", ROOT).unwrap(), Added::New);
    }
    let names: Vec<String> =
        list(&home).unwrap().iter().map(|registry| registry.name.to_string()).collect();
    assert_eq!(names, ["zebra", "ant", "mole"]);
}

#[test]
fn adding_again_changes_the_address_and_nothing_else() {
    let (_folder, home) = home();
    try_add(&home, "demo", "https://one.example.org", ROOT).unwrap();
    let before = find(&home, &name("demo")).unwrap().unwrap();
    let again = try_add(&home, "demo", "https://two.example.org", ROOT).unwrap();
    assert_eq!(again, Added::Again);
    let url = "https://two.example.org/".to_owned();
    assert_eq!(find(&home, &name("demo")).unwrap(), Some(Registered { url, ..before }));
}

#[test]
fn a_name_keeps_its_root() {
    let (_folder, home) = home();
    try_add(&home, "demo", "https://example.org", ROOT).unwrap();
    let before = list(&home).unwrap();
    let error = try_add(&home, "demo", "https://evil.example.org", b"{}").unwrap_err();
    assert_eq!(error.code(), "registry/other-root");
    assert_eq!(list(&home).unwrap(), before);
}

#[test]
fn a_root_that_is_not_the_one_named_is_not_trusted() {
    let (_folder, home) = home();
    let location = Location::parse("https://example.org").unwrap();
    let wrong = Sha256Digest::of(b"another");
    let error = add(&home, (&name("demo"), &location), (ROOT, wrong), Timestamp::EPOCH);
    assert_eq!(error.unwrap_err().code(), "tuf/root-digest");
    let error = try_add(&home, "demo", "https://example.org", b"{}").unwrap_err();
    assert_eq!(error.code(), "tuf/malformed");
    assert_eq!(list(&home).unwrap(), []);
}

#[test]
fn what_was_removed_can_be_added_again() {
    let (_folder, home) = home();
    assert_eq!(remove(&home, &name("demo")).unwrap_err().code(), "registry/unknown");
    try_add(&home, "demo", "https://example.org", ROOT).unwrap();
    remove(&home, &name("demo")).unwrap();
    assert_eq!(list(&home).unwrap(), []);
    assert_eq!(try_add(&home, "demo", "https://example.org", ROOT).unwrap(), Added::New);
}

#[test]
fn a_place_without_a_root_is_no_registry() {
    let error = fetch_root(&Memory::default(), "https://example.org/").unwrap_err();
    assert_eq!(error.code(), "registry/no-root");
    let memory = Memory { files: [(FIRST_ROOT.to_owned(), ROOT.to_vec())].into_iter().collect() };
    assert_eq!(fetch_root(&memory, "https://example.org/").unwrap(), ROOT);
}
