//! Which bin is asked, and which one may answer.

use std::collections::BTreeSet;

use index_schema::limits;
use index_schema::tuf::BinCount;

use super::*;

const AMBER: &str = "plugins/lab/amber.json";

/// Returns a name whose path has a SHA-256 that starts like this.
fn target_in(start: &str) -> String {
    let names = (0..).map(|number| format!("plugins/lab/p{number}.json"));
    names.into_iter().find(|name| hash(name).starts_with(start)).unwrap()
}

#[test]
fn a_target_is_found_in_its_bin_however_many_bits_bins_have() {
    for bits in [0, 1, 3, 4, 7, 8, 10] {
        let count = BinCount::new(1 << bits).unwrap();
        let mut world = World::new();
        let width = usize::try_from(bits).unwrap().div_ceil(4).max(1);
        // Written down from the definition, not by the function that is under test elsewhere.
        let (all, step) = (1_usize << (4 * width), 1_usize << bits);
        for (number, name) in count.names().enumerate() {
            let prefixes = (number..all).step_by(step);
            let prefixes: Vec<String> = prefixes.map(|it| format!("{it:0width$x}")).collect();
            let prefixes: Vec<&str> = prefixes.iter().map(String::as_str).collect();
            world.delegate("targets", name.as_str(), &prefixes, &json!({}));
        }
        let targets: Vec<String> = (0..24).map(|it| format!("plugins/lab/t{it}.json")).collect();
        for target in &targets {
            let digits = u32::from_str_radix(&prefix(target, width), 16).unwrap();
            world.list(count.name(digits % count.get()).as_str(), target);
        }
        world.publish();
        let client = Client::new(&world);
        let repository = client.refresh(&world).unwrap();
        let mut seen = BTreeSet::new();
        for target in &targets {
            world.asked();
            let found = repository.find(&TargetPath::parse(target).unwrap()).unwrap().unwrap();
            // Its bin is asked, once, and no other.
            let bin = found.role.to_string();
            let asked: Vec<_> = seen.insert(bin.clone()).then_some(bin).into_iter().collect();
            assert_eq!(world.asked(), asked, "{bits} bits: {target}");
            assert!(found.insist_on_bin().is_ok());
        }
        assert!(bits < 3 || seen.len() > 4);
        assert_eq!(client.role(&world, "plugins/lab/none.json"), None);
    }
}

#[test]
fn a_target_in_the_wrong_bin_is_not_there() {
    let mut world = World::new();
    let right = prefix(AMBER, 1);
    for digit in "0123456789abcdef".chars() {
        let name = format!("bin-16-{digit}");
        world.delegate("targets", &name, &[&digit.to_string()], &json!({}));
        if !right.starts_with(digit) {
            world.list(&name, AMBER);
        }
    }
    world.publish();
    let client = Client::new(&world);
    assert_eq!(client.role(&world, AMBER), None);
    assert_eq!(world.asked().last(), Some(&format!("bin-16-{right}")));
}

#[test]
fn of_prefixes_that_overlap_the_first_role_that_lists_a_target_vouches_for_it() {
    let mut world = World::new();
    world.delegate("targets", "narrow", &[&prefix(AMBER, 5)], &json!({}));
    let elsewhere = if hash(AMBER).starts_with('0') { "1" } else { "0" };
    world.delegate("targets", "other", &[elsewhere], &json!({}));
    world.delegate("targets", "broad", &[elsewhere, &prefix(AMBER, 2)], &json!({}));
    world.delegate("targets", "whole", &[&hash(AMBER)], &json!({}));
    world.list("whole", AMBER);
    world.publish();
    let client = Client::new(&world);
    world.asked();
    assert_eq!(client.role(&world, AMBER).as_deref(), Some("whole"));
    assert_eq!(world.asked(), ["narrow", "broad", "whole"]);

    world.list("broad", AMBER);
    world.roles.get_mut("broad").unwrap().version = 2;
    world.publish();
    let found = client.find(&world, AMBER).unwrap().unwrap();
    assert_eq!(found.role.to_string(), "broad");
    // It is found, and no bin of a registry: a registry's client does not take it.
    assert!(matches!(found.insist_on_bin(), Err(TufError::Role { .. })));
}

#[test]
fn a_prefix_that_is_none_makes_the_delegator_unreadable() {
    let long = "0".repeat(65);
    for (wrong, code) in [
        (json!(["AB"]), "tuf/hash-prefix"),
        (json!(["a", "B"]), "tuf/hash-prefix"),
        (json!([""]), "tuf/hash-prefix"),
        (json!(["0x1"]), "tuf/hash-prefix"),
        (json!([" a"]), "tuf/hash-prefix"),
        (json!(["ａ"]), "tuf/hash-prefix"),
        (json!([long]), "tuf/hash-prefix"),
        (json!([10]), "json/wrong-kind"),
        (json!("a"), "json/wrong-kind"),
    ] {
        let mut world = World::new();
        world.delegate("targets", "bin", &[], &json!({ "path_hash_prefixes": wrong }));
        world.publish();
        let client = Client::new(&world);
        let error = client.untrusted(&world, AMBER);
        let TufError::Malformed { file, problems } = error else { panic!("{wrong}: {error}") };
        assert!(problems.iter().any(|it| it.code == code), "{wrong}: {problems:?}");
        assert_eq!(file, "targets.json", "{wrong}");
        assert!(!client.0.path().join("targets.json").exists(), "{wrong}");
    }
}

#[test]
fn a_delegation_has_either_patterns_or_prefixes() {
    for more in [json!({ "paths": ["*"] }), json!({ "path_hash_prefixes": null })] {
        let mut world = World::new();
        world.delegate("targets", "bin", &["0"], &more);
        world.publish();
        let error = Client::new(&world).untrusted(&world, AMBER);
        assert!(matches!(error, TufError::Malformed { .. }), "{more}: {error}");
    }
    // No prefix at all is a bin without targets.
    let mut world = World::new();
    world.delegate("targets", "bin", &[], &json!({}));
    world.list("bin", AMBER);
    world.publish();
    assert_eq!(Client::new(&world).role(&world, AMBER), None);
    assert_eq!(world.asked(), Vec::<String>::new());
}

#[test]
fn a_bin_that_delegates_further_is_followed_within_its_prefixes_and_is_no_bin() {
    let mut world = World::new();
    let bin = BinCount::default().bin_of(&TargetPath::parse(AMBER).unwrap()).to_string();
    let digit = prefix(AMBER, 1);
    world.delegate("targets", &bin, &[&digit], &json!({}));
    world.delegate(&bin, "inner", &[&prefix(AMBER, 2), "0", "1", "2", "3"], &json!({}));
    world.delegate(&bin, "never", &["f".repeat(64).as_str()], &json!({}));
    world.list("inner", AMBER);
    world.list("never", AMBER);
    // Of another bin, to which nobody delegates: what `inner` says of it does not count.
    let outside = target_in(if digit == "0" { "1" } else { "0" });
    world.list("inner", &outside);
    world.publish();
    let client = Client::new(&world);
    world.asked();
    let found = client.find(&world, AMBER).unwrap().unwrap();
    assert_eq!((found.role.to_string().as_str(), world.asked().len()), ("inner", 2));
    let refused = found.insist_on_bin().unwrap_err().to_string();
    assert!(refused.contains("by the role `inner`, which is not the one"), "{refused}");
    assert_eq!(client.role(&world, &outside), None);
}

#[test]
fn a_terminating_bin_ends_the_search_for_its_own_targets_only() {
    let mut world = World::new();
    let other = target_in(if hash(AMBER).starts_with('0') { "1" } else { "0" });
    world.delegate("targets", "first", &[&prefix(AMBER, 3)], &json!({ "terminating": true }));
    world.delegate("targets", "second", &["0", "1", &prefix(AMBER, 1)], &json!({}));
    world.list("second", AMBER);
    world.list("second", &other);
    world.publish();
    let client = Client::new(&world);
    world.asked();
    assert_eq!(client.role(&world, AMBER), None);
    assert_eq!(world.asked(), ["first"]);
    assert_eq!(client.role(&world, &other).as_deref(), Some("second"));
}

#[test]
fn a_search_asks_so_many_bins_and_no_more() {
    let mut world = World::new();
    for number in 0..limits::TUF_VISITS + 8 {
        world.delegate("targets", &format!("r{number:02}"), &[&prefix(AMBER, 1)], &json!({}));
    }
    let last = format!("r{:02}", limits::TUF_VISITS + 7);
    world.list(&last, AMBER);
    world.publish();
    let client = Client::new(&world);
    world.asked();
    assert_eq!(client.role(&world, AMBER), None);
    // `targets` is the first that is asked.
    assert_eq!(world.asked().len(), limits::TUF_VISITS - 1);
}

#[test]
fn a_delegation_twice_to_one_bin_is_refused() {
    let mut world = World::new();
    world.delegate("targets", "bin", &["0"], &json!({}));
    world.delegate("targets", "bin", &["1"], &json!({}));
    world.publish();
    let error = Client::new(&world).untrusted(&world, AMBER).to_string();
    assert!(error.contains("a role is delegated to twice"), "{error}");
}
