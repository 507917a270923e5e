//! Files of bins that a client has kept: they count for the bin that they are of, as long as who
//! delegates to it now says so.

use super::*;

const AMBER: &str = "plugins/lab/amber.json";

/// A repository with sixteen bins, of which one lists a target; the name of that bin.
fn sixteen() -> (World, String) {
    let mut world = World::new();
    for digit in "0123456789abcdef".chars() {
        let digit = digit.to_string();
        world.delegate("targets", &format!("bin-16-{digit}"), &[&digit], &json!({}));
    }
    let bin = format!("bin-16-{}", prefix(AMBER, 1));
    world.list(&bin, AMBER);
    world.publish();
    (world, bin)
}

/// Delegates to all bins anew.
fn redelegate(world: &mut World, more: &Value) {
    let targets = world.roles.get_mut("targets").unwrap();
    targets.version += 1;
    for delegation in &mut targets.delegations {
        for (name, value) in more.as_object().unwrap() {
            delegation[name] = value.clone();
        }
    }
}

#[test]
fn a_kept_bin_is_not_fetched_again_until_it_changes() {
    let (mut world, bin) = sixteen();
    let client = Client::new(&world);
    assert_eq!(client.role(&world, AMBER), Some(bin.clone()));
    assert_eq!(world.asked(), [bin.as_str()]);
    assert_eq!(client.role(&world, AMBER), Some(bin.clone()));
    assert_eq!(world.asked(), Vec::<String>::new());
    world.roles.get_mut(&bin).unwrap().version = 2;
    world.publish();
    assert_eq!(client.role(&world, AMBER), Some(bin.clone()));
    assert_eq!(world.asked(), [bin]);
}

#[test]
fn a_kept_bin_does_not_outlive_the_key_that_signed_it() {
    let (mut world, bin) = sixteen();
    let client = Client::new(&world);
    assert!(client.role(&world, AMBER).is_some());
    world.asked();
    // The keys were stolen; the offline role names others. The files of the bins stay as they are.
    redelegate(&mut world, &json!({ "keyids": [key_id(3)] }));
    world.publish();
    let error = client.untrusted(&world, AMBER);
    assert!(matches!(error, TufError::Signatures { valid: 0, threshold: 1, .. }), "{error}");
    assert_eq!(world.asked(), [bin.as_str()]);

    let role = world.roles.get_mut(&bin).unwrap();
    (role.version, role.seed) = (2, 3);
    world.publish();
    assert_eq!(client.role(&world, AMBER), Some(bin));
}

#[test]
fn a_kept_bin_does_not_outlive_the_threshold_that_it_met() {
    let (mut world, _) = sixteen();
    let client = Client::new(&world);
    assert!(client.role(&world, AMBER).is_some());
    redelegate(&mut world, &json!({ "keyids": [key_id(BINS), key_id(3)], "threshold": 2 }));
    world.publish();
    let error = client.untrusted(&world, AMBER);
    assert!(matches!(error, TufError::Signatures { valid: 1, threshold: 2, .. }), "{error}");
}

#[test]
fn a_bin_is_verified_against_each_role_that_leads_to_it_also_when_it_is_kept() {
    // Two halves, each delegating to one and the same role, with different keys.
    let mut world = World::new();
    let halves =
        [["0", "1", "2", "3", "4", "5", "6", "7"], ["8", "9", "a", "b", "c", "d", "e", "f"]];
    world.delegate("targets", "low", &halves[0], &json!({}));
    world.delegate("targets", "high", &halves[1], &json!({}));
    world.delegate("low", "release", &halves[0], &json!({ "keyids": [key_id(3)] }));
    world.delegate("high", "release", &halves[1], &json!({ "keyids": [key_id(4)] }));
    world.roles.get_mut("release").unwrap().seed = 3;
    let target = |half: &[&str]| {
        let mut names = (0..).map(|number| format!("plugins/lab/p{number}.json"));
        names.find(|name| half.contains(&prefix(name, 1).as_str())).unwrap()
    };
    let (low, high) = (target(&halves[0]), target(&halves[1]));
    world.list("release", &low);
    world.list("release", &high);
    world.publish();

    // In one update, then in a later one, and the other way round.
    let client = Client::new(&world);
    let repository = client.refresh(&world).unwrap();
    let path = |name: &str| TargetPath::parse(name).unwrap();
    assert_eq!(repository.find(&path(&low)).unwrap().unwrap().role.as_str(), "release");
    let error = repository.find(&path(&high)).unwrap_err();
    assert!(matches!(error, UpdateError::Untrusted(TufError::Signatures { valid: 0, .. })));
    let error = client.untrusted(&world, &high);
    assert!(matches!(error, TufError::Signatures { valid: 0, .. }), "{error}");
    let fresh = Client::new(&world);
    let error = fresh.untrusted(&world, &high);
    assert!(matches!(error, TufError::Signatures { valid: 0, .. }), "{error}");
    assert_eq!(fresh.role(&world, &low).as_deref(), Some("release"));
}

#[test]
fn a_kept_bin_in_the_place_of_another_is_fetched_anew() {
    let (world, bin) = sixteen();
    let client = Client::new(&world);
    let other = if bin == "bin-16-0" { "bin-16-1" } else { "bin-16-0" };
    // Signed by the right key, of the right version, and of another bin: it lists nothing.
    let file = |name: &str| client.0.path().join(format!("{name}.json"));
    crate::file::write_file(
        &file(&bin),
        &world.files.files[&format!("metadata/1.{other}.json")],
        crate::file::Mode::Private,
    )
    .unwrap();
    assert_eq!(client.role(&world, AMBER), Some(bin.clone()));
    assert_eq!(world.asked().last(), Some(&bin));
}

#[test]
fn a_bin_says_whose_file_it_is_or_nothing_and_nothing_else() {
    for (said, is_taken) in
        [(None, true), (Some("bin-16-F0"), false), (Some("index"), false), (Some("targets"), false)]
    {
        let (mut world, bin) = sixteen();
        world.roles.get_mut(&bin).unwrap().name = said.map(str::to_owned);
        world.publish();
        let client = Client::new(&world);
        if is_taken {
            assert_eq!(client.role(&world, AMBER), Some(bin), "{said:?}");
            continue;
        }
        let error = client.untrusted(&world, AMBER);
        let is_swapped =
            matches!(&error, TufError::Swapped { file, .. } if *file == format!("{bin}.json"));
        let is_malformed = matches!(error, TufError::Malformed { .. });
        assert!(is_swapped || is_malformed, "{said:?}: {error}");
        assert!(!client.0.path().join(format!("{bin}.json")).exists(), "{said:?}");
    }
}

#[test]
fn when_the_count_of_bins_changes_the_new_ones_vouch_and_the_old_ones_stay_listed() {
    let (mut world, old) = sixteen();
    let client = Client::new(&world);
    assert_eq!(client.role(&world, AMBER), Some(old.clone()));
    let targets = world.roles.get_mut("targets").unwrap();
    targets.version = 2;
    targets.delegations.clear();
    world.roles.get_mut(&old).unwrap().targets.clear();
    world.roles.get_mut(&old).unwrap().version = 2;
    for (name, prefixes) in [
        ("bin-2-0", ["0", "2", "4", "6", "8", "a", "c", "e"]),
        ("bin-2-1", ["1", "3", "5", "7", "9", "b", "d", "f"]),
    ] {
        world.delegate("targets", name, &prefixes, &json!({}));
        if prefixes.contains(&prefix(AMBER, 1).as_str()) {
            world.list(name, AMBER);
        }
    }
    world.publish();
    let found = client.find(&world, AMBER).unwrap().unwrap();
    assert!(found.role.as_str().starts_with("bin-2-"));
    found.insist_on_bin().unwrap();
    // A snapshot without the old names is refused by whoever saw them.
    world.roles.remove(&old);
    world.publish();
    let error = client.untrusted(&world, AMBER);
    assert!(matches!(&error, TufError::Lost(name) if *name == format!("{old}.json")), "{error}");
}
