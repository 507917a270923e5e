//! The records of a registry.

use sequoia_openpgp::cert::Cert;
use sequoia_openpgp::types::ReasonForRevocation;
use serde_json::{Value, json};

use super::super::*;
use super::made::*;
use crate::openpgp::tests::made::{builder, made, revoked_subkey};

fn chief(cert: &Cert) -> Value {
    maintainer(cert, &["registry", "review"])
}

fn first(value: &Value, by: &[&Cert]) -> Result<Maintainers, Vec<&'static str>> {
    Maintainers::first(&signed(value, by, hour(0)), hour(0)).map_err(|errors| codes(&errors))
}

fn next(
    known: &Maintainers,
    (value, at): (&Value, Timestamp),
    by: &[&Cert],
) -> Result<Maintainers, Vec<&'static str>> {
    known.next(&signed(value, by, at), at).map_err(|errors| codes(&errors))
}

/// Judges the approval of some publisher at some time.
fn approves(known: &Maintainers, by: &Cert, at: Timestamp) -> Result<(), Vec<&'static str>> {
    let lab = key();
    let record = publisher(&record(1, 1, &[active(&lab)]), &[&lab], at);
    let finding = new_publisher_finding(&record.document);
    let approval = signed(&approval_value(&record, &finding), &[by], at);
    let path = IndexPath::Publisher(record.document.id.clone(), 1);
    let approved = known.approves((&approval, at), (&path, &record, at), &finding);
    approved.map_err(|errors| codes(&errors))
}

#[test]
fn the_first_record_is_signed_by_its_own_threshold() {
    let [one, two, reviewer] = [key(), key(), key()];
    let people = [chief(&one), chief(&two), maintainer(&reviewer, &["review"])];
    let value = registry(1, &people, &json!({"registry": 2}));
    first(&value, &[&one, &two]).unwrap();
    assert_eq!(first(&value, &[&one]).unwrap_err(), ["signature/below-threshold"]);
    let code = first(&value, &[&one, &two, &reviewer]).unwrap_err();
    assert_eq!(code, ["signature/unknown-key"]);
    let second = registry(2, &people, &json!({}));
    assert_eq!(first(&second, &[&one]).unwrap_err(), ["chain/not-first"]);
}

#[test]
fn the_next_record_is_signed_by_the_threshold_of_the_one_before() {
    let [one, two, three] = [key(), key(), key()];
    let people = [chief(&one), chief(&two)];
    let known = first(&registry(1, &people, &json!({"registry": 2})), &[&one, &two]).unwrap();
    let value = registry(2, &[chief(&three)], &json!({}));
    let judge = |by: &[&Cert]| next(&known, (&value, hour(1)), by);
    let followed = judge(&[&one, &two]).unwrap();
    assert_eq!(followed.record().serial, 2);
    assert_eq!(followed.record_at(hour(1).plus(-1)).serial, 1);
    assert_eq!(followed.record_at(hour(1)).serial, 2);
    assert_eq!(judge(&[&one]).unwrap_err(), ["signature/below-threshold"]);
    // Whoever comes has no say in it.
    assert_eq!(judge(&[&three]).unwrap_err(), ["signature/unknown-key"]);
    assert_eq!(judge(&[&one, &two, &three]).unwrap_err(), ["signature/unknown-key"]);
}

#[test]
fn records_follow_each_other_in_one_registry() {
    let one = key();
    let known = first(&registry(1, &[chief(&one)], &json!({})), &[&one]).unwrap();
    let judge = |value: &Value, at| next(&known, (value, at), &[&one]);
    let value = registry(4, &[chief(&one)], &json!({}));
    judge(&value, hour(0)).unwrap();
    assert_eq!(judge(&value, hour(-1)).unwrap_err(), ["identity/too-early"]);
    let again = registry(1, &[chief(&one)], &json!({}));
    assert_eq!(judge(&again, hour(1)).unwrap_err(), ["chain/not-next"]);
    let mut other = registry(2, &[chief(&one)], &json!({}));
    other["registry"] = json!("other");
    assert_eq!(judge(&other, hour(1)).unwrap_err(), ["identity/other-registry"]);
}

#[test]
fn a_whole_chain_is_followed_from_its_first_record() {
    let one = key();
    let record = |serial| signed(&registry(serial, &[chief(&one)], &json!({})), &[&one], hour(0));
    let (first, second) = (record(1), record(2));
    assert!(Maintainers::follow([]).unwrap().is_none());
    let known = Maintainers::follow([(&first, hour(0)), (&second, hour(1))]).unwrap().unwrap();
    assert_eq!((known.record().serial, known.accepted()), (2, hour(1)));
    let errors = Maintainers::follow([(&second, hour(0))]).unwrap_err();
    assert_eq!(codes(&errors), ["chain/not-first"]);
}

#[test]
fn what_maintainers_sign_is_judged_by_the_record_of_its_time() {
    let [one, leaving, coming] = [key(), key(), key()];
    let reviewer = |cert: &Cert| maintainer(cert, &["review"]);
    let known = registry(1, &[chief(&one), reviewer(&leaving)], &json!({}));
    let known = first(&known, &[&one]).unwrap();
    let value = registry(2, &[chief(&one), reviewer(&coming)], &json!({}));
    let known = next(&known, (&value, hour(5)), &[&one]).unwrap();
    approves(&known, &leaving, hour(5).plus(-1)).unwrap();
    assert_eq!(approves(&known, &leaving, hour(5)).unwrap_err(), ["signature/unknown-key"]);
    approves(&known, &coming, hour(5)).unwrap();
    let early = approves(&known, &coming, hour(5).plus(-1)).unwrap_err();
    assert_eq!(early, ["signature/unknown-key"]);
}

#[test]
fn an_update_keeps_every_revocation_also_of_somebody_who_comes_back() {
    let one = key();
    let whole = made(builder().add_signing_subkey());
    let revoked = revoked_subkey(&whole, ReasonForRevocation::KeyRetired, hour(-1));
    let people = [chief(&one), chief(&revoked)];
    let known = first(&registry(1, &people, &json!({})), &[&one]).unwrap();
    let listing = |serial, cert: &Cert| registry(serial, &[chief(&one), chief(cert)], &json!({}));
    next(&known, (&listing(2, &revoked), hour(1)), &[&one]).unwrap();
    let code = next(&known, (&listing(2, &whole), hour(1)), &[&one]).unwrap_err();
    assert_eq!(code, ["certificate/lost-revocation"]);

    let without = registry(2, &[chief(&one)], &json!({}));
    let known = next(&known, (&without, hour(1)), &[&one]).unwrap();
    next(&known, (&listing(3, &revoked), hour(2)), &[&one]).unwrap();
    let code = next(&known, (&listing(3, &whole), hour(2)), &[&one]).unwrap_err();
    assert_eq!(code, ["certificate/lost-revocation"]);
}
