//! Steps 5.2 and 5.3: roots.

use index_schema::tuf::{MetaVersion, Root, SnapshotPointer};
use libral::tuf::{TrustedRoot, TufError};

use super::*;

#[test]
fn step_5_2_a_first_root_has_to_be_the_one_asked_for_and_to_sign_itself() {
    let world = World::new();
    let root = world.served().0["metadata/1.root.json"].clone();
    let home = tempfile::tempdir().unwrap();
    let store = Store::new(home.path().join("trust"));
    let other = update::begin(&store, &root, Sha256Digest::of(b"other")).unwrap_err();
    assert!(matches!(other, UpdateError::RootDigest { .. }));
    let one_signature = forged(&root, &[&world.offline.root[0]], |_: &mut Root| {});
    let error = TrustedRoot::load(&one_signature).unwrap_err();
    assert!(matches!(error, TufError::Signatures { valid: 1, threshold: 2, .. }), "{error}");
    assert!(matches!(update::refresh(&world.served(), store, day(0)), Err(UpdateError::NoRoot)));
}

#[test]
fn step_5_2_a_trusted_root_is_not_replaced_by_another() {
    let world = World::new();
    let (client, other) = (world.client(), World::new());
    let root = other.served().0["metadata/1.root.json"].clone();
    let error = update::begin(&client.store(), &root, Sha256Digest::of(&root)).unwrap_err();
    assert!(matches!(error, UpdateError::HasRoot));
}

#[test]
fn step_5_3_3_a_page_in_the_place_of_the_next_root_is_named() {
    let world = World::new();
    let (client, mut served) = (world.client(), world.served());
    served.0.insert("metadata/2.root.json".to_owned(), b"<html>not found</html>".to_vec());
    let error = client.refused(&served, 0);
    assert_eq!(
        reason(&error),
        "`metadata/2.root.json` is not root metadata; where there is none, a registry answers 404 or 403"
    );
}

#[test]
fn step_5_3_4_the_next_root_needs_the_threshold_of_the_old_and_of_the_new_keys() {
    let world = World::new();
    let [a, b, c] = world.offline.root.as_slice() else { panic!("three keys") };
    let new = World::new().offline.root;
    let new_keys = |root: &mut Root| {
        root.keys.extend(new.iter().map(|key| (key.public().id(), key.public().clone())));
        root.roles.root.keyids = new.iter().map(|key| key.public().id()).collect();
    };
    for (keys, accepted) in [
        (vec![a], false),
        (vec![a, b], false),
        (vec![&new[0], &new[1]], false),
        (vec![a, &new[0], &new[1]], false),
        (vec![a, b, &new[0]], false),
        (vec![b, c, &new[0], &new[2]], true),
    ] {
        let mut served = world.served();
        let root = world.next_root(&keys, new_keys);
        served.0.insert("metadata/2.root.json".to_owned(), root.clone());
        let client = world.client();
        if accepted {
            client.refresh(&served, 0).unwrap();
            assert_eq!(client.files()["root.json"], root);
        } else {
            let error = client.refused(&served, 0);
            assert!(matches!(error, UpdateError::Untrusted(TufError::Signatures { .. })));
        }
    }
}

#[test]
fn step_5_3_4_one_key_under_two_ids_counts_once() {
    let world = World::new();
    let [a, b, _] = world.offline.root.as_slice() else { panic!("three keys") };
    // Root keys are `a` and once more `a`, under the id that an additional member gives it.
    let root = world.next_root(&[a, b], |root| root.roles.root.keyids = [a.public().id()].into());
    let text = String::from_utf8(root).unwrap();
    let key = serde_json::to_string(a.public()).unwrap();
    let twin = key.replace("\"keytype\"", "\"comment\":\"x\",\"keytype\"");
    let node = index_schema::json::parse(twin.as_bytes(), 1000).unwrap();
    let id = Sha256Digest::of(&index_schema::json::canonical(&node));
    let text = text.replace("\"keys\":{", &format!("\"keys\":{{\"{id}\":{twin},"));
    let text = text.replacen("\"keyids\":[", &format!("\"keyids\":[\"{id}\","), 1);
    let read = Envelope::<Root>::read(text.as_bytes(), usize::MAX).unwrap();
    let sign = |key: &RoleKey, id| index_schema::tuf::Signature {
        keyid: id,
        sig: key.sign_bytes(read.canonical()),
    };
    let signatures = [sign(a, a.public().id()), sign(b, b.public().id()), sign(a, id)];
    let signed = text.split_once("\"signed\":").unwrap().1;
    let signatures = serde_json::to_string(&signatures).unwrap();
    let mut served = world.served();
    let file = format!("{{\"signatures\":{signatures},\"signed\":{signed}");
    served.0.insert("metadata/2.root.json".to_owned(), file.into_bytes());
    let error = world.client().refused(&served, 0);
    assert!(
        matches!(error, UpdateError::Untrusted(TufError::Signatures { valid: 1, .. })),
        "{error}"
    );
}

#[test]
fn step_5_3_5_a_root_that_skips_a_version_is_refused() {
    let world = World::new();
    let [a, b, _] = world.offline.root.as_slice() else { panic!("three keys") };
    for version in [1, 3] {
        let mut served = world.served();
        let root =
            world.next_root(&[a, b], |root| root.version = MetaVersion::new(version).unwrap());
        served.0.insert("metadata/2.root.json".to_owned(), root);
        let error = world.client().refused(&served, 0);
        assert!(matches!(error, UpdateError::Untrusted(TufError::Version { .. })), "{error}");
    }
}

#[test]
fn steps_5_3_8_and_5_3_10_an_expired_root_is_kept_but_nothing_follows_it() {
    let world = World::new();
    let [a, b, _] = world.offline.root.as_slice() else { panic!("three keys") };
    let client = world.client();
    let mut served = world.served();
    let root = world.next_root(&[a, b], |root| root.expires = day(1));
    served.0.insert("metadata/2.root.json".to_owned(), root.clone());
    let error = client.refresh(&served, 1).map(|_| ()).unwrap_err();
    assert!(matches!(error, UpdateError::Untrusted(TufError::Expired { .. })), "{error}");
    assert_eq!(client.files(), [("root.json".to_owned(), root)].into());
    // An expired intermediate root does not matter (5.3.6).
    let third = forged(&served.0["metadata/2.root.json"], &[a, b], |root: &mut Root| {
        root.version = MetaVersion::new(3).unwrap();
        root.expires = day(100);
    });
    served.0.insert("metadata/3.root.json".to_owned(), third);
    client.refresh(&served, 1).unwrap();
}

#[test]
fn step_5_3_11_new_online_keys_end_a_fast_forward_attack() {
    let world = World::new();
    let [a, b, _] = world.offline.root.as_slice() else { panic!("three keys") };
    let (client, honest) = (world.client(), world.served());
    let mut served = honest.clone();
    served.forge(
        "metadata/timestamp.json",
        &[&world.online.timestamp],
        |body: &mut SnapshotPointer| {
            body.version = MetaVersion::new(1 << 50).unwrap();
        },
    );
    client.refresh(&served, 0).unwrap();
    let error = client.refused(&honest, 0);
    assert!(matches!(error, UpdateError::Untrusted(TufError::Rollback { .. })), "{error}");

    let new = World::new().online.timestamp;
    let mut recovered = honest;
    let root = world.next_root(&[a, b], |root| {
        root.keys.insert(new.public().id(), new.public().clone());
        root.roles.timestamp.keyids = [new.public().id()].into();
    });
    recovered.0.insert("metadata/2.root.json".to_owned(), root);
    recovered.forge("metadata/timestamp.json", &[&new], |_: &mut SnapshotPointer| {});
    client.refresh(&recovered, 0).unwrap();
}

#[test]
fn step_5_3_12_only_consistent_snapshots_are_read() {
    let world = World::new();
    let [a, b, _] = world.offline.root.as_slice() else { panic!("three keys") };
    let mut served = world.served();
    let root = world.next_root(&[a, b], |root| root.consistent_snapshot = false);
    served.0.insert("metadata/2.root.json".to_owned(), root);
    let error = world.client().refresh(&served, 0).map(|_| ()).unwrap_err();
    assert!(matches!(error, UpdateError::Untrusted(TufError::Inconsistent)));
}
