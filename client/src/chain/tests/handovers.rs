//! Hand-overs: the maintainers' word that the keys are others.

use index_schema::digest::Sha256Digest;
use sequoia_openpgp::cert::Cert;
use serde_json::{Value, json};

use super::super::*;
use super::made::*;

/// A publisher that lost its key, and the record with the new one.
struct Loss {
    world: World,
    lost: Cert,
    new: Cert,
    before: Chain,
    next: Statement<Publisher>,
}

impl Loss {
    fn new() -> Self {
        let (world, [lost, new]) = (World::new(), [key(), key()]);
        let before = world.chain(1, &[&lost]);
        let keys = [compromised(&lost, hour(1)), active(&new)];
        let next = publisher(&record(2, 1, &keys), &[&new], hour(5));
        Self { world, lost, new, before, next }
    }

    fn value(&self) -> Value {
        handover_value(&self.next, &[&self.lost], &[&self.new])
    }

    fn handed_over(&self, value: &Value) -> Result<Chain, Vec<&'static str>> {
        let handover = self.world.handover(value, hour(5));
        self.world.next_handed_over(&self.before, &self.next, (&handover, hour(5)))
    }
}

#[test]
fn it_counts_at_once_without_the_old_key_and_may_look_back() {
    let loss = Loss::new();
    let chain = loss.handed_over(&loss.value()).unwrap();
    assert_eq!(chain.open_until(), None);
    releases(&chain, &[&loss.new], hour(5)).unwrap();
    releases(&chain, &[&loss.lost], hour(1).plus(-1)).unwrap();
    assert_eq!(
        releases(&chain, &[&loss.lost], hour(1)).unwrap_err(),
        ["signature/compromised-key"]
    );
    // The same record without the maintainers' word is nothing.
    let alone = loss.world.next(&loss.before, &loss.next, hour(5)).unwrap_err();
    assert_eq!(alone, ["signature/below-threshold"]);
}

#[test]
fn it_cannot_be_objected_to() {
    let loss = Loss::new();
    let chain = loss.handed_over(&loss.value()).unwrap();
    let said = objection(&loss.next, &[&loss.lost], hour(6));
    assert_eq!(codes(&chain.object((&said, hour(6))).unwrap_err()), ["objection/vain"]);
}

#[test]
fn it_names_exactly_this_record_and_these_keys() {
    let loss = Loss::new();
    let other = fingerprint(&key());
    let with = |field: &str, value: Value| {
        let mut said = loss.value();
        said[field] = value;
        loss.handed_over(&said).unwrap_err()
    };
    assert_eq!(with("publisher", json!("other")), ["chain/other-record"]);
    assert_eq!(with("serial", json!(3)), ["chain/other-record"]);
    assert_eq!(with("sha256", json!(Sha256Digest::of(b""))), ["chain/other-record"]);
    assert_eq!(with("old", json!([other])), ["chain/other-record"]);
    assert_eq!(with("old", json!([fingerprint(&loss.lost), other])), ["chain/other-record"]);
    assert_eq!(with("new", json!([other])), ["chain/other-record"]);
    assert_eq!(with("new", json!([fingerprint(&loss.new), other])), ["chain/other-record"]);
    assert_eq!(with("registry", json!("other")), ["identity/other-registry"]);
}

#[test]
fn it_comes_with_the_record_or_before() {
    let loss = Loss::new();
    let handover = loss.world.handover(&loss.value(), hour(5));
    let record = (&loss.next, hour(5));
    let at = |time| {
        let handover = Some((&handover, time));
        let step = Step { record, approval: None, handover, objection: None };
        loss.world.follow(&loss.before, &step)
    };
    at(hour(5)).unwrap();
    assert_eq!(at(hour(5).plus(1)).unwrap_err(), ["approval/late"]);
}

#[test]
fn every_new_key_signs_and_no_other() {
    let (world, [lost, new, second]) = (World::new(), [key(), key(), key()]);
    let before = world.chain(1, &[&lost]);
    let keys = [retired(&lost), active(&new), active(&second)];
    let by = |signers: &[&Cert]| {
        let next = publisher(&record(2, 1, &keys), signers, hour(5));
        let handover = world.handover(&handover_value(&next, &[&lost], &[&new, &second]), hour(5));
        world.next_handed_over(&before, &next, (&handover, hour(5)))
    };
    by(&[&new, &second]).unwrap();
    assert_eq!(by(&[&new]).unwrap_err(), ["publisher/no-possession"]);
    assert_eq!(by(&[&new, &second, &lost]).unwrap_err(), ["signature/retired-key"]);
}

#[test]
fn it_leaves_no_key_out() {
    let (world, [lost, new]) = (World::new(), [key(), key()]);
    let before = world.chain(1, &[&lost]);
    let next = publisher(&record(2, 1, &[active(&new)]), &[&new], hour(5));
    let handover = world.handover(&handover_value(&next, &[&lost], &[&new]), hour(5));
    let code = world.next_handed_over(&before, &next, (&handover, hour(5))).unwrap_err();
    assert_eq!(code, ["publisher/lost-key"]);
}

#[test]
fn it_takes_the_threshold_of_the_moderators() {
    let [one, two, reviewer] = [key(), key(), key()];
    let people = [
        maintainer(&one, &["registry", "moderate"]),
        maintainer(&two, &["moderate"]),
        maintainer(&reviewer, &["review"]),
    ];
    let value = registry(1, &people, &json!({"moderate": 2}));
    let maintainers = Maintainers::first(&signed(&value, &[&one], day(0)), day(0)).unwrap();
    let loss = Loss::new();
    let by = |signers: &[&Cert]| {
        let handover = signed(&loss.value(), signers, hour(5));
        let step = Step {
            record: (&loss.next, hour(5)),
            approval: None,
            handover: Some((&handover, hour(5))),
            objection: None,
        };
        let followed = loss.before.follow(&maintainers, &step);
        followed.map(|_| ()).map_err(|errors| codes(&errors))
    };
    by(&[&one, &two]).unwrap();
    assert_eq!(by(&[&one]).unwrap_err(), ["signature/below-threshold"]);
    assert_eq!(by(&[&one, &one]).unwrap_err(), ["signature/below-threshold"]);
    assert_eq!(by(&[&one, &two, &reviewer]).unwrap_err(), ["signature/unknown-key"]);
    assert_eq!(by(&[&reviewer]).unwrap_err(), ["signature/unknown-key"]);
}
