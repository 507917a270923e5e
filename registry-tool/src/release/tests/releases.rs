//! What a release signs, keeps and refuses.

use index_schema::tuf::{RoleName, SnapshotPointer, Targets};

use super::*;
use crate::release::refresh;

fn refresh_on(world: &World, number: i64) -> Result<Released, ReleaseError> {
    let lifetimes = Lifetimes::default();
    let signing = Signing { keys: &world.online.all, lifetimes: &lifetimes, now: day(number) };
    refresh(&world.public(), &signing)
}

fn refused(world: &World) -> ReleaseError {
    refused_after(world, &world.served())
}

/// Releases after a state, and expects a refusal that leaves everything as it is.
fn refused_after(world: &World, state: &Served) -> ReleaseError {
    let before = world.served().0;
    let previous = Previous::of_folder(state).unwrap();
    let error = world.release_after(After::State(&previous, None), 1).unwrap_err();
    assert_eq!(world.served().0, before, "{error}");
    error
}

#[test]
fn nothing_new_signs_nothing() {
    let world = World::new();
    let before = world.served().0;
    assert_eq!(world.release_on(1).signed, [""; 0]);
    assert_eq!(world.served().0, before);
}

#[test]
fn only_the_roles_that_changed_are_signed_again() {
    let world = World::new();
    world.publish("amber", &["1.0.0", "1.1.0"]);
    let bin = BinCount::new(4).unwrap().bin_of(&path("plugins/lab/amber.json"));
    let signed = world.release_on(1).signed;
    let expected =
        [&format!("metadata/2.{bin}.json"), "metadata/2.snapshot.json", "metadata/timestamp.json"];
    assert_eq!(signed, expected);
}

#[test]
fn a_bin_that_lags_leaps_to_the_version_of_the_others() {
    let world = World::new();
    let bins = BinCount::new(4).unwrap();
    let is_in = |bin, name: &String| {
        bins.bin_of(&path(&format!("plugins/lab/{name}.json"))) == bins.name(bin)
    };
    let plugin_in = |bin| (0..).map(|n| format!("fern{n}")).find(|name| is_in(bin, name)).unwrap();
    let versions = ["1.0.0", "1.1.0", "1.2.0"];
    for (day, count) in [(1, 1), (2, 2), (3, 3)] {
        for bin in [0, 1] {
            world.publish(&plugin_in(bin), &versions[..count]);
        }
        world.release_on(day);
    }
    let client = world.client();
    client.refresh(&world.served(), 3).unwrap();
    world.publish(&plugin_in(0), &["1.0.0", "1.1.0", "1.2.0", "1.3.0"]);
    world.publish(&plugin_in(2), &["1.0.0"]);
    let signed = world.release_on(4).signed;
    assert_eq!(signed[..2], ["metadata/5.bin-4-0.json", "metadata/4.bin-4-2.json"]);
    client.refresh(&world.served(), 4).unwrap();
}

#[test]
fn equal_content_at_an_equal_time_gives_equal_bytes() {
    let world = World::new();
    let first = world.served().0;
    for path in first.keys().filter(|path| !path.contains(".root.") && !path.contains(".targets."))
    {
        if path.starts_with("metadata/") {
            fs::remove_file(world.public().join(path)).unwrap();
        }
    }
    world.release_after(After::Nothing, 0).unwrap();
    assert_eq!(world.served().0, first);
}

#[test]
fn a_refresh_renews_what_is_past_half_of_its_life() {
    let world = World::new();
    let on = |number| refresh_on(&world, number);
    assert_eq!(on(3).unwrap().signed, [""; 0]);
    assert_eq!(on(4).unwrap().signed, ["metadata/timestamp.json"]);
    let signed = on(15).unwrap().signed;
    assert_eq!(signed, ["metadata/2.snapshot.json", "metadata/timestamp.json"]);
    assert_eq!(on(200).unwrap().signed.len(), 5 + 2);
    world.client().refresh(&world.served(), 206).unwrap();
}

#[test]
fn a_registry_that_was_left_alone_for_too_long_can_be_refreshed() {
    let world = World::new();
    let client = world.client();
    client.refresh(&world.served(), 0).unwrap();
    refresh_on(&world, 90).unwrap();
    client.refresh(&world.served(), 90).unwrap();
}

#[test]
fn an_expired_root_is_not_released_over() {
    let world = World::new();
    let before = world.served().0;
    let error = refresh_on(&world, 366);
    assert!(matches!(error, Err(ReleaseError::Refused("new", _))));
    assert_eq!(world.served().0, before);
}

#[test]
fn a_target_whose_file_changed_after_the_build_is_refused() {
    let world = World::new();
    let name = format!(
        "targets/plugins/lab/{}.amber.json",
        Sha256Digest::of(&document("amber", &["1.0.0"]))
    );
    world.write(&name, b"ambe!");
    assert!(matches!(refused(&world), ReleaseError::Misnamed(_)));
    fs::remove_file(world.public().join(&name)).unwrap();
    assert!(matches!(refused(&world), ReleaseError::Misnamed(_)));
}

#[test]
fn a_file_that_is_no_target_is_refused() {
    for name in ["notes.txt", "plugins/lab/Amber.json", "plugins/amber.json", "index.json"] {
        let world = World::new();
        world.put(name, b"x");
        assert!(
            matches!(refused(&world), ReleaseError::Unassigned(found) if found.as_str() == name)
        );
    }
}

#[test]
fn files_of_older_states_stay_and_are_not_released() {
    let world = World::new();
    let name = format!("targets/plugins/lab/{}.amber.json", Sha256Digest::of(b"older"));
    world.write(&name, b"older");
    let released = world.release_on(1);
    assert_eq!(released.signed, [""; 0]);
    assert!(world.public().join(name).exists());
}

#[test]
fn a_registry_record_that_was_not_signed_offline_is_refused() {
    let world = World::new();
    world.put("registry.signed", b"another");
    assert!(matches!(refused(&world), ReleaseError::NotSigned(_)));
    world.drop_target("registry.signed");
    assert!(matches!(refused(&world), ReleaseError::NotSigned(_)));
}

#[test]
fn keys_that_nobody_delegated_to_sign_nothing() {
    let world = World::new();
    let other = World::new();
    let lifetimes = Lifetimes::default();
    let signing = Signing { keys: &other.online.all, lifetimes: &lifetimes, now: day(0) };
    fs::remove_file(world.public().join("metadata/timestamp.json")).unwrap();
    let before = world.served().0;
    let error = release(&world.public(), After::Nothing, &signing).unwrap_err();
    assert!(matches!(error, ReleaseError::Key { here: 0, .. }), "{error}");
    assert_eq!(world.served().0, before);
}

#[test]
fn a_previous_state_that_a_client_would_refuse_is_refused() {
    let world = World::new();
    let mut served = world.served();
    let path = "metadata/timestamp.json";
    served.forge(path, &[&world.online.bins], |_: &mut SnapshotPointer| {});
    let error = Previous::of_folder(&served).map(|_| ()).unwrap_err();
    assert!(matches!(error, ReleaseError::Refused("previous", _)));
}

#[test]
fn every_delegated_file_says_whose_it_is() {
    let world = World::new();
    let served = world.served();
    let mut names: Vec<RoleName> = BinCount::new(4).unwrap().names().collect();
    names.push(RoleName::index());
    for name in names {
        let bytes = &served.0[&format!("metadata/1.{name}.json")];
        let body = Envelope::<Targets>::read(bytes, 10_000).unwrap().body;
        assert_eq!(body.role, Some(name));
    }
}
