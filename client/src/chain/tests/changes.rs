//! The records after the first, signed by the publisher itself.

use sequoia_openpgp::cert::Cert;
use sequoia_openpgp::packet::Signature;
use sequoia_openpgp::packet::signature::SignatureBuilder;
use sequoia_openpgp::types::ReasonForRevocation;
use serde_json::{Value, json};

use super::super::*;
use super::made::*;
use crate::openpgp::tests::made::{builder, made, pair, revoked, revoked_subkey, system};

#[test]
fn a_new_key_counts_after_72_hours_and_the_old_one_until_then() {
    let (world, [old, new]) = (World::new(), [key(), key()]);
    let chain = world.chain(1, &[&old]);
    let statement =
        publisher(&record(2, 1, &[retired(&old), active(&new)]), &[&old, &new], hour(1));
    let chain = world.next(&chain, &statement, hour(1)).unwrap();
    assert_eq!(chain.open_until(), Some(hour(73)));
    assert_eq!(chain.in_force(hour(73).plus(-1)).unwrap().serial, 1);
    assert_eq!(chain.in_force(hour(73)).unwrap().serial, 2);

    let last = hour(73).plus(-1);
    assert_eq!(releases(&chain, &[&new], last).unwrap_err(), ["signature/unknown-key"]);
    releases(&chain, &[&old], last).unwrap();
    releases(&chain, &[&new], hour(73)).unwrap();
    assert_eq!(releases(&chain, &[&old], hour(73)).unwrap_err(), ["signature/retired-key"]);
    // What it signed before stays good.
    releases(&chain, &[&old], hour(0)).unwrap();
    assert_eq!(releases(&chain, &[&old], hour(-1)).unwrap_err(), ["identity/too-early"]);
}

#[test]
fn the_threshold_of_the_record_before_has_to_sign() {
    let (world, [one, two, three]) = (World::new(), [key(), key(), key()]);
    let chain = world.chain(2, &[&one, &two]);
    let value = record(2, 1, &[active(&one), active(&two), active(&three)]);
    let next = |by: &[&Cert]| world.next(&chain, &publisher(&value, by, hour(1)), hour(1));
    next(&[&one, &two, &three]).unwrap();
    // A new key shows that it is held; it does not count towards the threshold.
    assert_eq!(next(&[&one, &three]).unwrap_err(), ["signature/below-threshold"]);
    assert_eq!(next(&[&one, &two]).unwrap_err(), ["publisher/no-possession"]);
    let stranger = key();
    let code = next(&[&one, &two, &three, &stranger]).unwrap_err();
    assert_eq!(code, ["signature/unknown-key"]);
}

#[test]
fn only_keys_that_were_active_or_are_new_and_active_may_sign() {
    let (world, [one, two, three]) = (World::new(), [key(), key(), key()]);
    let keys = [active(&one), retired(&two)];
    let chain = {
        let statement = publisher(&record(1, 1, &keys), &[&one], hour(0));
        Chain::first(&statement, world.maintainers.record(), hour(0)).unwrap()
    };
    let value = record(2, 1, &[active(&one), retired(&two), retired(&three)]);
    let next = |by: &[&Cert]| world.next(&chain, &publisher(&value, by, hour(1)), hour(1));
    next(&[&one]).unwrap();
    assert_eq!(next(&[&one, &two]).unwrap_err(), ["signature/not-entitled"]);
    assert_eq!(next(&[&one, &three]).unwrap_err(), ["signature/not-entitled"]);
}

#[test]
fn another_threshold_waits_like_another_key_and_another_title_does_not() {
    let (world, [one, two]) = (World::new(), [key(), key()]);
    let chain = world.chain(1, &[&one, &two]);
    let keys = [active(&one), active(&two)];
    let more = publisher(&record(2, 2, &keys), &[&one], hour(1));
    assert_eq!(world.next(&chain, &more, hour(1)).unwrap().open_until(), Some(hour(73)));
    let mut value = record(2, 1, &keys);
    value["title"] = json!("Laboratory");
    let titled = world.next(&chain, &publisher(&value, &[&two], hour(1)), hour(1)).unwrap();
    assert_eq!(titled.open_until(), None);
    assert_eq!(titled.in_force(hour(1)).unwrap().title.as_str(), "Laboratory");
}

#[test]
fn while_a_change_of_keys_is_open_nothing_follows() {
    let (world, [one, two, three]) = (World::new(), [key(), key(), key()]);
    let chain = world.chain(1, &[&one]);
    let second = publisher(&record(2, 1, &[active(&one), active(&two)]), &[&one, &two], hour(0));
    let chain = world.next(&chain, &second, hour(0)).unwrap();
    let keys = [active(&one), active(&two), active(&three)];
    let at = |time| {
        let third = publisher(&record(3, 1, &keys), &[&two, &three], time);
        world.next(&chain, &third, time)
    };
    assert_eq!(at(hour(72).plus(-1)).unwrap_err(), ["publisher/open"]);
    at(hour(72)).unwrap();
}

#[test]
fn serials_go_up_and_may_leave_gaps() {
    let (world, one) = (World::new(), key());
    let chain = world.chain(1, &[&one]);
    let next = |chain: &Chain, serial, at| {
        world.next(chain, &publisher(&record(serial, 1, &[active(&one)]), &[&one], at), at)
    };
    let chain = next(&chain, 5, hour(1)).unwrap();
    assert_eq!(next(&chain, 5, hour(2)).unwrap_err(), ["chain/not-next"]);
    assert_eq!(next(&chain, 4, hour(2)).unwrap_err(), ["chain/not-next"]);
    assert_eq!(next(&chain, 6, hour(0)).unwrap_err(), ["identity/too-early"]);
    next(&chain, 6, hour(1)).unwrap();
}

#[test]
fn a_record_is_of_the_same_publisher_and_registry() {
    let (world, one) = (World::new(), key());
    let chain = world.chain(1, &[&one]);
    let with = |field: &str, value: &str| {
        let mut record = record(2, 1, &[active(&one)]);
        record[field] = json!(value);
        world.next(&chain, &publisher(&record, &[&one], hour(1)), hour(1)).unwrap_err()
    };
    assert_eq!(with("id", "other"), ["identity/other-publisher"]);
    assert_eq!(with("registry", "other"), ["identity/other-registry"]);
}

#[test]
fn no_key_is_left_out_and_no_state_goes_back() {
    let (world, [one, two, three]) = (World::new(), [key(), key(), key()]);
    let keys = [active(&one), retired(&two), compromised(&three, hour(-5))];
    let statement = publisher(&record(1, 1, &keys), &[&one], hour(0));
    let chain = Chain::first(&statement, world.maintainers.record(), hour(0)).unwrap();
    let next = |keys: &[Value]| {
        let by = [&one, &two, &three];
        let listed = |cert: &&&Cert| keys.iter().any(|key| *key == active(cert));
        let by: Vec<&Cert> = by.iter().filter(listed).copied().collect();
        world.next(&chain, &publisher(&record(2, 1, keys), &by, hour(1)), hour(1))
    };
    next(&keys).unwrap();
    let [a, b, c] = keys.clone();
    assert_eq!(next(&[a.clone(), c.clone()]).unwrap_err(), ["publisher/lost-key"]);
    let back = next(&[a.clone(), active(&two), c.clone()]).unwrap_err();
    assert_eq!(back, ["publisher/state-back"]);
    let back = next(&[a.clone(), b.clone(), retired(&three)]).unwrap_err();
    assert_eq!(back, ["publisher/state-back"]);
    for since in [hour(-6), hour(-4)] {
        let moved = next(&[a.clone(), b.clone(), compromised(&three, since)]).unwrap_err();
        assert_eq!(moved, ["publisher/since"]);
    }
}

#[test]
fn a_key_is_compromised_from_its_record_on_or_earlier_if_the_maintainers_agree() {
    let (world, [one, two]) = (World::new(), [key(), key()]);
    let chain = world.chain(1, &[&one, &two]);
    let made = |since| {
        publisher(&record(2, 1, &[active(&one), compromised(&two, since)]), &[&one], hour(9))
    };
    let next = |since| world.next(&chain, &made(since), hour(9));
    assert_eq!(next(hour(9).plus(1)).unwrap_err(), ["publisher/since"]);
    next(hour(9)).unwrap();
    assert_eq!(next(hour(9).plus(-1)).unwrap_err(), ["publisher/since-past"]);

    let past = made(hour(5));
    let chain_past = world.next_approved(&chain, &past, (hour(9), hour(9))).unwrap();
    let late = world.next_approved(&chain, &past, (hour(9).plus(1), hour(9))).unwrap_err();
    assert_eq!(late, ["approval/late"]);
    // Once it is said, a further record needs no further consent.
    let value = record(3, 1, &[active(&one), compromised(&two, hour(5))]);
    world.next(&chain_past, &publisher(&value, &[&one], hour(81)), hour(81)).unwrap();
}

#[test]
fn what_a_compromised_key_signed_since_is_void_under_any_record() {
    let (world, [one, two]) = (World::new(), [key(), key()]);
    let chain = world.chain(1, &[&one, &two]);
    releases(&chain, &[&two], hour(6)).unwrap();
    let value = record(2, 1, &[active(&one), compromised(&two, hour(5))]);
    let statement = publisher(&value, &[&one], hour(9));
    let chain = world.next_approved(&chain, &statement, (hour(9), hour(9))).unwrap();
    releases(&chain, &[&two], hour(5).plus(-1)).unwrap();
    // Under the first record, while the second is open, and once that is in force.
    for at in [hour(5), hour(6), hour(10), hour(90)] {
        let code = releases(&chain, &[&two], at).unwrap_err();
        assert_eq!(code, ["signature/compromised-key"], "{at}");
        assert!(chain.is_compromised(&fingerprint(&two), at));
        releases(&chain, &[&one], at).unwrap();
    }
    let statement = status(&[&two], hour(6));
    let errors = chain.status(&statement, hour(6)).unwrap_err();
    assert_eq!(codes(&errors), ["signature/compromised-key"]);
}

#[test]
fn a_compromised_key_signs_no_further_record() {
    let (world, [one, two]) = (World::new(), [key(), key()]);
    let chain = world.chain(1, &[&one, &two]);
    let keys = [active(&one), compromised(&two, hour(9))];
    let second = publisher(&record(2, 1, &keys), &[&one], hour(9));
    let chain = world.next(&chain, &second, hour(9)).unwrap();
    let third = publisher(&record(3, 1, &keys), &[&two], hour(81));
    let code = world.next(&chain, &third, hour(81)).unwrap_err();
    assert_eq!(code, ["signature/not-entitled"]);
}

/// The certificate with another expiry, so many days after the first acceptance.
fn renewed(cert: &Cert, until: i64) -> Cert {
    let (mut signer, primary) = (pair(cert, 0), cert.primary_key());
    let end = system(day(until)).duration_since(primary.key().creation_time()).unwrap();
    let builder = |before: &Signature| {
        SignatureBuilder::from(before.clone())
            .set_signature_creation_time(system(day(0)))
            .unwrap()
            .set_key_validity_period(end)
            .unwrap()
    };
    let direct = primary.self_signatures().next().unwrap();
    let direct = builder(direct).sign_direct_key(&mut signer, primary.key()).unwrap();
    let user = cert.userids().next().unwrap();
    let binding = builder(user.self_signatures().next().unwrap());
    let binding = binding.sign_userid_binding(&mut signer, primary.key(), user.userid()).unwrap();
    cert.clone().insert_packets([direct, binding]).unwrap().0
}

#[test]
fn a_renewed_certificate_counts_at_once() {
    let (world, one) = (World::new(), key());
    let chain = world.chain(1, &[&one]);
    // The keys of these tests expire on day 10.
    let late = day(11);
    assert_eq!(releases(&chain, &[&one], late).unwrap_err(), ["signature/key-expired"]);
    let renewed = renewed(&one, 30);
    let value = record(2, 1, &[active(&renewed)]);
    let next = world.next(&chain, &publisher(&value, &[&renewed], day(1)), day(1)).unwrap();
    assert_eq!(next.open_until(), None);
    releases(&next, &[&renewed], late).unwrap();
    // Even once it has expired: the record is judged with the updated certificate.
    let next = world.next(&chain, &publisher(&value, &[&renewed], late), late).unwrap();
    releases(&next, &[&renewed], late).unwrap();
    let stale = record(2, 1, &[active(&one)]);
    let code = world.next(&chain, &publisher(&stale, &[&one], late), late).unwrap_err();
    assert_eq!(code, ["signature/key-expired"]);
}

#[test]
fn a_new_signing_subkey_counts_at_once() {
    let world = World::new();
    let whole = made(builder().add_signing_subkey());
    let before = whole.clone().retain_subkeys(|_| false);
    let chain = world.chain(1, &[&before]);
    let by_subkey = |chain: &Chain, at| {
        let file = file_by(&manifest("1.0.0"), &[(&whole, 1)], at);
        let statement = Statement::read(&file).unwrap();
        chain.release(&statement, at).map_err(|errors| codes(&errors))
    };
    assert_eq!(by_subkey(&chain, hour(2)).unwrap_err(), ["signature/unknown-key"]);
    let statement = publisher(&record(2, 1, &[active(&whole)]), &[&whole], hour(1));
    let chain = world.next(&chain, &statement, hour(1)).unwrap();
    assert_eq!(by_subkey(&chain, hour(2)).unwrap(), [fingerprint(&whole)]);
    assert_eq!(by_subkey(&chain, hour(0)).unwrap_err(), ["signature/unknown-key"]);
}

#[test]
fn an_update_keeps_every_revocation() {
    let world = World::new();
    let whole = made(builder().add_signing_subkey());
    let revoked = revoked_subkey(&whole, ReasonForRevocation::KeyRetired, hour(-1));
    let chain = world.chain(1, &[&revoked]);
    let next = |cert: &Cert| {
        world.next(&chain, &publisher(&record(2, 1, &[active(cert)]), &[cert], hour(1)), hour(1))
    };
    next(&revoked).unwrap();
    assert_eq!(next(&whole).unwrap_err(), ["certificate/lost-revocation"]);
}

#[test]
fn a_key_that_is_revoked_for_good_is_not_active() {
    let (world, [one, two]) = (World::new(), [key(), key()]);
    let chain = world.chain(1, &[&one, &two]);
    let stolen = revoked(&two, ReasonForRevocation::KeyCompromised, hour(0));
    let next = |entry| {
        let statement = publisher(&record(2, 1, &[active(&one), entry]), &[&one], hour(1));
        world.next(&chain, &statement, hour(1))
    };
    assert_eq!(next(active(&stolen)).unwrap_err(), ["publisher/revoked-key"]);
    next(retired(&stolen)).unwrap();
    next(compromised(&stolen, hour(1))).unwrap();
}

#[test]
fn a_revocation_counts_at_once_although_the_keys_beside_it_wait() {
    let (world, [one, two]) = (World::new(), [key(), key()]);
    let whole = made(builder().add_signing_subkey());
    let chain = world.chain(1, &[&one, &whole]);
    let by_subkey = |chain: &Chain, at| {
        let file = file_by(&manifest("1.0.0"), &[(&whole, 1)], at);
        chain.release(&Statement::read(&file).unwrap(), at).map_err(|errors| codes(&errors))
    };
    by_subkey(&chain, hour(3)).unwrap();
    let update = revoked_subkey(&whole, ReasonForRevocation::KeyCompromised, hour(1));
    let keys = [active(&one), active(&update), active(&two)];
    let statement = publisher(&record(2, 1, &keys), &[&one, &two], hour(2));
    let chain = world.next(&chain, &statement, hour(2)).unwrap();
    by_subkey(&chain, hour(2).plus(-1)).unwrap();
    assert_eq!(by_subkey(&chain, hour(2)).unwrap_err(), ["signature/key-revoked"]);
    releases(&chain, &[&whole], hour(2)).unwrap();
}
