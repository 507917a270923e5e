//! The first record of a publisher.

use serde_json::json;

use super::super::*;
use super::made::*;

fn begin(
    world: &World,
    statement: &Statement<Publisher>,
    approval: Option<At<'_, Approval>>,
) -> Result<Chain, Vec<&'static str>> {
    let step = Step { record: (statement, hour(0)), approval, handover: None, objection: None };
    Chain::begin(&world.maintainers, &step).map_err(|errors| codes(&errors))
}

#[test]
fn it_counts_once_every_key_has_signed_and_the_maintainers_have_approved() {
    let (world, [one, two]) = (World::new(), [key(), key()]);
    let chain = world.chain(2, &[&one, &two]);
    assert_eq!(chain.active_keys().len(), 2);
    assert_eq!(chain.open_until(), None);
    assert_eq!(chain.in_force(hour(0)).map(|record| record.serial), Some(1));
    assert_eq!(chain.in_force(hour(-1)), None);
}

#[test]
fn without_an_approval_of_exactly_this_it_does_not_count() {
    let (world, one) = (World::new(), key());
    let statement = publisher(&record(1, 1, &[active(&one)]), &[&one], hour(0));
    let finding = new_publisher_finding(&statement.document);
    assert_eq!(begin(&world, &statement, None).unwrap_err(), ["publisher/new"]);

    let good = world.approval(&statement, &finding, hour(0));
    begin(&world, &statement, Some((&good, hour(0)))).unwrap();
    let code = begin(&world, &statement, Some((&good, hour(0).plus(1)))).unwrap_err();
    assert_eq!(code, ["approval/late"]);

    let other = publisher(&record(1, 1, &[active(&one)]), &[&one], hour(-1));
    let of_other = world.approval(&other, &finding, hour(0));
    let code = begin(&world, &statement, Some((&of_other, hour(0)))).unwrap_err();
    assert_eq!(code, ["approval/mismatch"]);
    let since = world.approval(&statement, &since_past_finding(&statement.document), hour(0));
    let code = begin(&world, &statement, Some((&since, hour(0)))).unwrap_err();
    assert_eq!(code, ["approval/mismatch"]);

    let stranger = key();
    let by_stranger = signed(&approval_value(&statement, &finding), &[&stranger], hour(0));
    let code = begin(&world, &statement, Some((&by_stranger, hour(0)))).unwrap_err();
    assert_eq!(code, ["signature/unknown-key"]);
}

#[test]
fn every_active_key_has_to_sign_and_nobody_else() {
    let (world, [one, two]) = (World::new(), [key(), key()]);
    let registry = world.maintainers.record();
    let first = |value, by: &[&_]| {
        let result = Chain::first(&publisher(value, by, hour(0)), registry, hour(0));
        result.map(|_| ()).map_err(|errors| codes(&errors))
    };
    let both = record(1, 1, &[active(&one), active(&two)]);
    first(&both, &[&one, &two]).unwrap();
    assert_eq!(first(&both, &[&one]).unwrap_err(), ["publisher/no-possession"]);
    let one_retired = record(1, 1, &[active(&one), retired(&two)]);
    first(&one_retired, &[&one]).unwrap();
    assert_eq!(first(&one_retired, &[&one, &two]).unwrap_err(), ["signature/retired-key"]);
    let stolen = record(1, 1, &[active(&one), compromised(&two, hour(-1))]);
    assert_eq!(first(&stolen, &[&one, &two]).unwrap_err(), ["signature/compromised-key"]);
    let ahead = record(1, 1, &[active(&one), compromised(&two, hour(0).plus(1))]);
    assert_eq!(first(&ahead, &[&one]).unwrap_err(), ["publisher/since"]);
    let second = record(2, 1, &[active(&one)]);
    assert_eq!(first(&second, &[&one]).unwrap_err(), ["chain/not-first"]);
    let mut elsewhere = record(1, 1, &[active(&one)]);
    elsewhere["registry"] = json!("other");
    assert_eq!(first(&elsewhere, &[&one]).unwrap_err(), ["identity/other-registry"]);
    let mut confused = record(1, 1, &[active(&one)]);
    confused["certificates"][0]["fingerprint"] = json!(fingerprint(&two));
    assert_eq!(first(&confused, &[&one]).unwrap_err(), ["certificate/fingerprint"]);
}

#[test]
fn there_is_nothing_to_hand_over_or_to_object_to() {
    let (world, one) = (World::new(), key());
    let statement = publisher(&record(1, 1, &[active(&one)]), &[&one], hour(0));
    let approval = world.approval(&statement, &new_publisher_finding(&statement.document), hour(0));
    let handover = world.handover(&handover_value(&statement, &[&one], &[&one]), hour(0));
    let objection = objection(&statement, &[&one], hour(1));
    let step = Step {
        record: (&statement, hour(0)),
        approval: Some((&approval, hour(0))),
        handover: Some((&handover, hour(0))),
        objection: None,
    };
    let code = |step: &Step<'_>| codes(&Chain::begin(&world.maintainers, step).unwrap_err());
    assert_eq!(code(&step), ["chain/other-record"]);
    let step = Step { handover: None, objection: Some((&objection, hour(1))), ..step };
    assert_eq!(code(&step), ["objection/vain"]);
}
