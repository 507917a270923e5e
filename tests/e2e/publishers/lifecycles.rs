//! Keys as their owners keep them, in GnuPG and Sequoia: renewed, extended, revoked.

use super::{OPEN, approve_and_accept, forge, record, release, try_release, update, void};
use crate::keys::gnupg::Gnupg;
use crate::keys::sequoia;
use crate::support::present;
use crate::world::{World, stderr};

/// Puts a key of GnuPG into `keys/NAME`, with its certificate beside it.
fn export(world: &World, gnupg: &Gnupg, key: &str, name: &str) {
    let secret = gnupg.run(world.now(), &["--export-secret-keys", key], b"");
    world.write(&format!("keys/{name}"), secret);
    world.write(&format!("keys/{name}.pub"), gnupg.certificate_bytes(key));
}

/// A world whose publisher `lab` has a key that GnuPG made, and the key's fingerprint.
fn of_gnupg(gnupg: &Gnupg, expires: &str) -> (World, String) {
    let world = World::founded("demo");
    let key = gnupg.key("ed25519", expires);
    export(&world, gnupg, &key, "lab");
    world.join_with("lab", "--cert keys/lab.pub --key keys/lab");
    (world, key)
}

#[test]
fn a_key_whose_expiry_is_renewed_goes_on_releasing() {
    let Some(gnupg) = Gnupg::new() else { return };
    let (world, key) = of_gnupg(&gnupg, "2026-06-05");
    release(&world, "1.0.0", "lab");
    world.later(5 * 86_400);
    let renewed = ["--batch", "--quick-set-expire", &key, "2027-06-01"];
    gnupg.run(world.now(), &renewed, b"");
    export(&world, &gnupg, &key, "lab");
    // Until the registry knows of it, the key has expired for everybody.
    assert_eq!(try_release(&world, "1.0.1", "lab"), ["signature/key-expired"]);
    let said = update(&world, "--add-cert keys/lab.pub --key keys/lab");
    assert_eq!(said["waits"]["objections"], false);
    world.accept("Renew a key");
    release(&world, "1.0.1", "lab");
    assert_eq!(void(&world), []);
}

#[test]
fn a_new_subkey_signs_as_soon_as_the_certificate_is_updated() {
    let Some(gnupg) = Gnupg::new() else { return };
    let (world, key) = of_gnupg(&gnupg, "never");
    gnupg.subkey(&key);
    export(&world, &gnupg, &key, "lab");
    // The newest key that may sign does, and that is the subkey.
    assert_eq!(try_release(&world, "1.0.0", "lab"), ["signature/unknown-key"]);
    update(&world, "--add-cert keys/lab.pub --key keys/lab");
    world.accept("Add a subkey");
    release(&world, "1.0.0", "lab");
    assert_eq!(record(&world, 2).certificates.len(), 1);
}

#[test]
fn a_revoked_subkey_signs_no_more_and_its_revocation_stays() {
    let Some(gnupg) = Gnupg::new() else { return };
    let (world, key) = of_gnupg(&gnupg, "never");
    gnupg.subkey(&key);
    export(&world, &gnupg, &key, "lab");
    update(&world, "--add-cert keys/lab.pub --key keys/lab");
    world.accept("Add a subkey");
    release(&world, "1.0.0", "lab");
    let before = record(&world, 2);
    world.write("keys/before.pub", world.read("keys/lab.pub"));
    world.write("keys/subkey", world.read("keys/lab"));

    world.later(60);
    gnupg.revoke_subkey(&key, 3, world.now());
    world.later(60);
    export(&world, &gnupg, &key, "lab");
    update(&world, "--add-cert keys/lab.pub --key keys/lab");
    world.accept("Revoke a subkey");
    assert_eq!(try_release(&world, "1.0.1", "subkey"), ["signature/key-revoked"]);
    release(&world, "1.0.1", "lab");

    // Neither the command nor a record past it loses the revocation.
    let files = world.listing("index");
    let again = "publisher update lab --index index --add-cert keys/before.pub --key keys/lab";
    assert!(stderr(&world.tool(again).code(2)).contains("nothing of `lab` would change"));
    world.assert_unchanged("index", &files);
    forge(&world, &index_schema::publisher::Publisher { serial: 4, ..before }, &["lab"]);
    world.assert_refused(&["certificate/lost-revocation"]);
}

/// A world whose publisher has a key of GnuPG, `lab`, and one of its own, `ben`.
fn of_two(gnupg: &Gnupg) -> (World, String) {
    let world = World::founded("demo");
    let key = gnupg.key("ed25519", "never");
    export(&world, gnupg, &key, "lab");
    world.key("ben");
    let keys = "--cert keys/lab.pub --cert keys/ben.pub --key keys/lab --key keys/ben";
    world.join_with("lab", keys);
    release(&world, "1.0.0", "lab");
    (world, key)
}

/// Revokes the key of GnuPG and says so to the registry; returns what the command noted.
fn revoke(world: &World, gnupg: &Gnupg, key: &str, reason: u8) -> serde_json::Value {
    world.later(60);
    gnupg.revoke(key, reason, world.now());
    world.write("keys/revoked.pub", gnupg.certificate_bytes(key));
    world.later(60);
    update(world, "--add-cert keys/revoked.pub --key keys/ben")["notes"][0].clone()
}

#[test]
fn a_key_that_its_owner_no_longer_uses_is_listed_as_retired_and_said_so() {
    let Some(gnupg) = Gnupg::new() else { return };
    let (world, key) = of_two(&gnupg);
    let note = revoke(&world, &gnupg, &key, 3);
    assert_eq!(note, format!("{key} is revoked as no longer used: it is listed as retired"));
    approve_and_accept(&world, &["publisher/keys-changed"]);
    world.later(OPEN);
    assert_eq!(try_release(&world, "1.0.1", "lab"), ["signature/key-revoked"]);
    release(&world, "1.0.1", "ben");
    // What it released before stays.
    assert_eq!(void(&world), []);
}

#[test]
fn a_key_that_its_owner_calls_stolen_is_listed_as_compromised_and_counts_no_more_at_once() {
    let Some(gnupg) = Gnupg::new() else { return };
    let (world, key) = of_two(&gnupg);
    let note = revoke(&world, &gnupg, &key, 1);
    let how = "as compromised or without a reason: it is listed as compromised since now";
    assert_eq!(note, format!("{key} is revoked {how}"));
    // A minute passes until it is merged, so since when it counts lies in the past.
    world.later(60);
    approve_and_accept(&world, &["publisher/keys-changed", "publisher/since-past"]);
    assert_eq!(try_release(&world, "1.0.1", "lab"), ["signature/compromised-key"]);
    release(&world, "1.0.1", "ben");
    assert_eq!(void(&world), []);
    let files = world.listing("index");
    let active = record(&world, 2).certificates[0].state;
    assert_eq!(active, index_schema::publisher::KeyState::Compromised);
    world.assert_unchanged("index", &files);
}

#[test]
fn a_record_cannot_call_a_key_active_that_its_owner_calls_stolen() {
    let Some(gnupg) = Gnupg::new() else { return };
    let (world, key) = of_two(&gnupg);
    revoke(&world, &gnupg, &key, 1);
    let mut forged = record(&world, 2);
    std::fs::remove_file(world.path("index/publishers/la/lab/2.signed")).unwrap();
    let mut entries = forged.certificates.to_vec();
    entries[0].state = index_schema::publisher::KeyState::Active;
    entries[0].since = None;
    forged.certificates = index_schema::text::List::new(entries).unwrap();
    forge(&world, &forged, &["ben"]);
    world.assert_refused(&["publisher/revoked-key"]);
}

/// Sequoia makes keys at the true time, so the world is there, too.
#[test]
fn a_publisher_with_keys_of_sequoia_changes_from_one_to_the_other() {
    if !present(&["sq"]) {
        return;
    }
    let now = crate::keys::now();
    let world = World::founded_at(now.plus(120), "demo");
    for name in ["lab", "new"] {
        sequoia::key(&world.path(format!("keys/{name}")), "cv25519");
        let certificate = sequoia::certificate(&world.path(format!("keys/{name}")));
        world.write(&format!("keys/{name}.pub"), certificate);
    }
    world.join_with("lab", "--cert keys/lab.pub --key keys/lab");
    release(&world, "1.0.0", "lab");
    let old = super::fingerprint(&world, "lab");
    let keys = "--add-cert keys/new.pub --key keys/lab --key keys/new";
    update(&world, &format!("--retire {old} {keys}"));
    approve_and_accept(&world, &["publisher/keys-changed"]);
    assert_eq!(try_release(&world, "1.0.1", "new"), ["signature/unknown-key"]);
    world.later(OPEN);
    release(&world, "1.0.1", "new");
    assert_eq!(void(&world), []);
}

#[test]
fn a_key_of_ours_is_revoked_with_the_certificate_that_was_kept_elsewhere() {
    let world = World::founded("demo");
    world.key("lab");
    world.key("ben");
    let keys = "--cert keys/lab.pub --cert keys/ben.pub --key keys/lab --key keys/ben";
    world.join_with("lab", keys);
    let said = update(&world, "--add-cert keys/lab.revoked --key keys/ben");
    assert!(said["notes"][0].as_str().unwrap().contains("listed as compromised since now"));
    approve_and_accept(&world, &["publisher/keys-changed"]);
    assert_eq!(try_release(&world, "1.0.0", "lab"), ["signature/compromised-key"]);
}
