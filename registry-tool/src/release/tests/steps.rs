//! Steps 5.4 to 5.6: timestamp, snapshot and targets.

use index_schema::limits;
use index_schema::tuf::{
    MetaFile, MetaName, MetaVersion, RoleName, Snapshot, SnapshotPointer, Targets,
};
use libral::tuf::TufError;
use libral::tuf::update::open_stored;

use super::*;

const TIMESTAMP: &str = "metadata/timestamp.json";
const SNAPSHOT: &str = "metadata/1.snapshot.json";
const TARGETS: &str = "metadata/1.targets.json";

/// Lets the timestamp name the snapshot that is served, whatever it is.
pub(super) fn point_at_snapshot(world: &World, served: &mut Served, version: u64) {
    let bytes = served.0[SNAPSHOT].clone();
    let version = MetaVersion::new(version).unwrap();
    served.0.insert(format!("metadata/{version}.snapshot.json"), bytes);
    served.forge(TIMESTAMP, &[&world.online.timestamp], |body: &mut SnapshotPointer| {
        body.version = body.version.next().unwrap();
        body.meta.snapshot = MetaFile { version, length: None, hashes: None };
    });
}

fn untrusted(error: UpdateError) -> TufError {
    if let UpdateError::Untrusted(error) = error { error } else { panic!("{error}") }
}

#[test]
fn an_update_keeps_the_bytes_that_were_served() {
    let world = World::new();
    let (client, mut served) = (world.client(), world.served());
    served.0.get_mut(TIMESTAMP).unwrap().push(b' ');
    client.refresh(&served, 0).unwrap();
    let files = client.files();
    assert_eq!(files["timestamp.json"], served.0[TIMESTAMP]);
    assert_eq!(files["snapshot.json"], served.0[SNAPSHOT]);
    assert_eq!(files["targets.json"], served.0[TARGETS]);
    assert_eq!(files.len(), 4);
}

#[test]
fn step_5_4_1_endless_data_is_cut_off() {
    let world = World::new();
    let (client, mut served) = (world.client(), world.served());
    served.0.insert(TIMESTAMP.to_owned(), vec![b' '; limits::TUF_UNANNOUNCED + 1]);
    assert!(matches!(
        client.refused(&served, 0),
        UpdateError::Source(SourceError::TooLarge { .. })
    ));
}

#[test]
fn step_5_4_2_another_roles_key_cannot_sign_a_timestamp() {
    let world = World::new();
    let (client, mut served) = (world.client(), world.served());
    served.forge(TIMESTAMP, &[&world.online.snapshot], |_: &mut SnapshotPointer| {});
    let error = untrusted(client.refused(&served, 0));
    assert!(matches!(error, TufError::Signatures { valid: 0, threshold: 1, .. }), "{error}");
}

#[test]
fn step_5_4_3_1_an_older_timestamp_is_a_rollback_and_an_equal_one_changes_nothing() {
    let world = World::new();
    let (client, old) = (world.client(), world.served());
    world.put("catalog.json", b"{\"new\":1}");
    world.release_on(1);
    client.refresh(&world.served(), 1).unwrap();
    let error = untrusted(client.refused(&old, 1));
    assert!(matches!(error, TufError::Rollback { .. }), "{error}");

    let mut equal = world.served();
    equal.forge(TIMESTAMP, &[&world.online.timestamp], |body: &mut SnapshotPointer| {
        body.meta.snapshot.version = MetaVersion::new(100).unwrap();
    });
    let before = client.files();
    client.refresh(&equal, 1).unwrap();
    assert_eq!(client.files(), before);
}

#[test]
fn step_5_4_3_2_a_newer_timestamp_cannot_name_an_older_snapshot() {
    let world = World::new();
    let old = world.served();
    world.put("catalog.json", b"{\"new\":1}");
    world.release_on(1);
    let (client, mut served) = (world.client(), world.served());
    client.refresh(&served, 1).unwrap();
    let pointer = Envelope::<SnapshotPointer>::read(&old.0[TIMESTAMP], 10_000).unwrap().body.meta;
    served.forge(TIMESTAMP, &[&world.online.timestamp], |body: &mut SnapshotPointer| {
        body.version = MetaVersion::new(9).unwrap();
        body.meta = pointer;
    });
    let error = untrusted(client.refused(&served, 1));
    assert!(matches!(error, TufError::Rollback { ref file, .. } if file == "snapshot.json"));
}

#[test]
fn step_5_4_4_a_timestamp_that_is_held_back_freezes_nobody_for_longer_than_a_week() {
    let world = World::new();
    let (client, served) = (world.client(), world.served());
    client.refresh(&served, 6).unwrap();
    let error = untrusted(client.refused(&served, 7));
    assert!(matches!(error, TufError::Expired { expires, .. } if expires == day(7)), "{error}");
}

#[test]
fn step_5_5_1_a_snapshot_longer_than_announced_is_cut_off() {
    let world = World::new();
    let (client, mut served) = (world.client(), world.served());
    served.0.get_mut(SNAPSHOT).unwrap().push(b' ');
    let error = client.refresh(&served, 0).map(|_| ()).unwrap_err();
    assert!(matches!(error, UpdateError::Source(SourceError::TooLarge { .. })), "{error}");
    assert!(!client.files().contains_key("snapshot.json"));
}

#[test]
fn step_5_5_2_a_snapshot_of_another_time_is_mix_and_match() {
    let world = World::new();
    let old = world.served();
    world.put("catalog.json", b"{\"new\":1}");
    world.release_on(1);
    let (client, mut served) = (world.client(), world.served());
    served.0.insert("metadata/2.snapshot.json".to_owned(), old.0[SNAPSHOT].clone());
    let error = untrusted(client.refresh(&served, 1).map(|_| ()).unwrap_err());
    assert_eq!(error, TufError::Content("snapshot.json".to_owned()));
}

#[test]
fn step_5_5_3_another_roles_key_cannot_sign_a_snapshot() {
    let world = World::new();
    let (client, mut served) = (world.client(), world.served());
    served.forge(SNAPSHOT, &[&world.online.timestamp], |_: &mut Snapshot| {});
    point_at_snapshot(&world, &mut served, 1);
    let error = untrusted(client.refresh(&served, 0).map(|_| ()).unwrap_err());
    assert!(matches!(error, TufError::Signatures { valid: 0, .. }), "{error}");
}

#[test]
fn step_5_5_4_a_snapshot_has_the_version_that_was_announced() {
    let world = World::new();
    let (client, mut served) = (world.client(), world.served());
    point_at_snapshot(&world, &mut served, 2);
    let error = untrusted(client.refresh(&served, 0).map(|_| ()).unwrap_err());
    assert!(matches!(error, TufError::Version { .. }), "{error}");
}

#[test]
fn step_5_5_5_a_snapshot_loses_no_file_and_takes_none_back() {
    let world = World::new();
    world.put("catalog.json", b"{\"new\":1}");
    world.release_on(0);
    let served = world.served();
    let index = MetaName::of(&RoleName::index());
    let lose = |body: &mut Snapshot| drop(body.meta.remove(&index));
    let take_back =
        |body: &mut Snapshot| body.meta.get_mut(&index).unwrap().version = MetaVersion::FIRST;
    let changes: [&dyn Fn(&mut Snapshot); 2] = [&lose, &take_back];
    for change in changes {
        let client = world.client();
        client.refresh(&served, 0).unwrap();
        let mut attack = served.clone();
        let bytes = served.0["metadata/2.snapshot.json"].clone();
        attack.0.insert(
            SNAPSHOT.to_owned(),
            forged(&bytes, &[&world.online.snapshot], |body: &mut Snapshot| {
                body.version = MetaVersion::new(3).unwrap();
                change(body);
            }),
        );
        point_at_snapshot(&world, &mut attack, 3);
        let error = untrusted(client.refresh(&attack, 0).map(|_| ()).unwrap_err());
        assert!(matches!(error, TufError::Lost(_) | TufError::Rollback { .. }), "{error}");
        assert_eq!(client.files()["snapshot.json"], bytes);
    }
}

#[test]
fn step_5_5_6_an_expired_snapshot_is_refused() {
    let world = World::new();
    let (client, mut served) = (world.client(), world.served());
    served.forge(SNAPSHOT, &[&world.online.snapshot], |body: &mut Snapshot| body.expires = day(1));
    point_at_snapshot(&world, &mut served, 1);
    let error = untrusted(client.refresh(&served, 1).map(|_| ()).unwrap_err());
    assert!(matches!(error, TufError::Expired { .. }), "{error}");
}

#[test]
fn steps_5_6_3_to_5_6_5_targets_are_signed_current_and_unexpired() {
    let world = World::new();
    let mut foreign = world.served();
    foreign.forge(TARGETS, &[&world.online.index], |_: &mut Targets| {});
    let mut version = world.served();
    version.forge(TARGETS, &[&world.offline.targets], |body: &mut Targets| {
        body.version = MetaVersion::new(2).unwrap();
    });
    let mut expired = world.served();
    expired.forge(TARGETS, &[&world.offline.targets], |body: &mut Targets| body.expires = day(1));
    for served in [foreign, version, expired] {
        let client = world.client();
        let error = untrusted(client.refresh(&served, 1).map(|_| ()).unwrap_err());
        let expected = matches!(
            error,
            TufError::Signatures { .. } | TufError::Version { .. } | TufError::Expired { .. }
        );
        assert!(expected, "{error}");
        assert!(!client.files().contains_key("targets.json"));
    }
}

#[test]
fn step_5_6_2_targets_have_the_digest_that_the_snapshot_lists() {
    let world = World::new();
    let (client, mut served) = (world.client(), world.served());
    served.forge(SNAPSHOT, &[&world.online.snapshot], |body: &mut Snapshot| {
        let file = body.meta.get_mut(&MetaName::of(&RoleName::targets())).unwrap();
        file.hashes = Some(index_schema::tuf::Hashes::sha256(Sha256Digest::of(b"other")));
    });
    point_at_snapshot(&world, &mut served, 1);
    let error = untrusted(client.refresh(&served, 0).map(|_| ()).unwrap_err());
    assert_eq!(error, TufError::Content("targets.json".to_owned()));
}

#[test]
fn a_stored_file_that_was_tampered_with_counts_for_nothing() {
    let world = World::new();
    let (client, served) = (world.client(), world.served());
    client.refresh(&served, 0).unwrap();
    let honest = client.files();
    for name in ["timestamp.json", "snapshot.json", "targets.json"] {
        let path = client.home.path().join("trust").join(name);
        fs::remove_file(&path).unwrap();
        fs::copy(world.public().join("targets").join("..").join("metadata/1.root.json"), &path)
            .unwrap();
    }
    client.refresh(&served, 0).unwrap();
    assert_eq!(client.files(), honest);
}

#[test]
fn what_was_stored_is_enough_offline_until_it_expires() {
    let world = World::new();
    let (client, served, nothing) = (world.client(), world.served(), Served::default());
    assert!(open_stored(&nothing, client.store(), day(0)).is_err());
    client.refresh(&served, 0).unwrap();
    let opened = open_stored(&nothing, client.store(), day(6)).unwrap();
    assert!(opened.find(&path("registry.signed")).unwrap().is_some());
    assert!(open_stored(&nothing, client.store(), day(7)).is_err());
}
