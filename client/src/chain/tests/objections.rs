//! Objections to a change of keys.

use index_schema::digest::Sha256Digest;
use index_schema::objection::Objection;
use sequoia_openpgp::cert::Cert;
use serde_json::json;

use super::super::*;
use super::made::*;

/// A publisher with an active and a retired key, and a change of keys by whoever stole the first.
struct Theft {
    world: World,
    owner: Cert,
    retired: Cert,
    thief: Cert,
    before: Chain,
    change: Statement<Publisher>,
}

impl Theft {
    fn new() -> Self {
        let (world, [owner, old, thief]) = (World::new(), [key(), key(), key()]);
        let keys = [active(&owner), retired(&old)];
        let first = publisher(&record(1, 1, &keys), &[&owner], hour(0));
        let before = Chain::first(&first, world.maintainers.record(), hour(0)).unwrap();
        let keys = [retired(&owner), retired(&old), active(&thief)];
        let change = publisher(&record(2, 1, &keys), &[&owner, &thief], hour(0));
        Self { world, owner, retired: old, thief, before, change }
    }

    fn objected(
        &self,
        objection: &Statement<Objection>,
        at: Timestamp,
    ) -> Result<Chain, Vec<&'static str>> {
        let objection = Some((objection, at));
        let record = (&self.change, hour(0));
        let step = Step { record, approval: None, handover: None, objection };
        self.world.follow(&self.before, &step)
    }

    /// A third record, with this one key.
    fn third(&self, cert: &Cert, by: &[&Cert], at: Timestamp) -> Statement<Publisher> {
        let other = if *cert == self.owner { active(&self.owner) } else { retired(&self.owner) };
        let mut keys = vec![other, retired(&self.retired)];
        if *cert != self.owner {
            keys.push(active(cert));
        }
        publisher(&record(3, 1, &keys), by, at)
    }
}

#[test]
fn any_key_of_the_record_before_may_object_until_the_72_hours_are_over() {
    let theft = Theft::new();
    for at in [hour(0), hour(72).plus(-1)] {
        let chain = theft.objected(&objection(&theft.change, &[&theft.owner], at), at).unwrap();
        assert_eq!(chain.record().serial, 1);
        releases(&chain, &[&theft.owner], hour(80)).unwrap();
        let code = releases(&chain, &[&theft.thief], hour(80)).unwrap_err();
        assert_eq!(code, ["signature/unknown-key"]);
    }
    let late = objection(&theft.change, &[&theft.owner], hour(72));
    assert_eq!(theft.objected(&late, hour(72)).unwrap_err(), ["objection/vain"]);
    let early = objection(&theft.change, &[&theft.owner], hour(-1));
    assert_eq!(theft.objected(&early, hour(-1)).unwrap_err(), ["objection/vain"]);
}

#[test]
fn nobody_else_may_object() {
    let theft = Theft::new();
    let by = |cert: &Cert| {
        theft.objected(&objection(&theft.change, &[cert], hour(1)), hour(1)).unwrap_err()
    };
    assert_eq!(by(&theft.retired), ["signature/retired-key"]);
    assert_eq!(by(&theft.thief), ["signature/unknown-key"]);
    assert_eq!(by(&theft.world.maintainer), ["signature/unknown-key"]);
}

#[test]
fn an_objection_is_to_exactly_one_record() {
    let theft = Theft::new();
    let with = |field: &str, value: serde_json::Value| {
        let mut said = objection_value(&theft.change);
        said[field] = value;
        theft.objected(&signed(&said, &[&theft.owner], hour(1)), hour(1)).unwrap_err()
    };
    assert_eq!(with("serial", json!(3)), ["chain/other-record"]);
    assert_eq!(with("sha256", json!(Sha256Digest::of(b""))), ["chain/other-record"]);
    assert_eq!(with("id", json!("other")), ["identity/other-publisher"]);
    assert_eq!(with("registry", json!("other")), ["identity/other-registry"]);
}

#[test]
fn there_is_no_objection_to_a_record_that_changes_no_key() {
    let theft = Theft::new();
    let keys = [active(&theft.owner), retired(&theft.retired)];
    let plain = publisher(&record(2, 1, &keys), &[&theft.owner], hour(0));
    let chain = theft.world.next(&theft.before, &plain, hour(0)).unwrap();
    let said = objection(&plain, &[&theft.owner], hour(1));
    assert_eq!(codes(&chain.object((&said, hour(1))).unwrap_err()), ["objection/vain"]);
}

#[test]
fn what_a_void_record_called_compromised_is_not() {
    let (world, [one, two, thief]) = (World::new(), [key(), key(), key()]);
    let chain = world.chain(1, &[&one, &two]);
    let keys = [active(&one), compromised(&two, hour(1)), active(&thief)];
    let change = publisher(&record(2, 1, &keys), &[&one, &thief], hour(1));
    let open = world.next(&chain, &change, hour(1)).unwrap();
    assert_eq!(releases(&open, &[&two], hour(2)).unwrap_err(), ["signature/compromised-key"]);
    // The key that the record takes away was active before, so it may object.
    let objection = objection(&change, &[&two], hour(3));
    let chain = open.object((&objection, hour(3))).unwrap();
    releases(&chain, &[&two], hour(2)).unwrap();
}

#[test]
fn the_serial_of_a_void_record_stays_taken() {
    let theft = Theft::new();
    let chain =
        theft.objected(&objection(&theft.change, &[&theft.owner], hour(5)), hour(5)).unwrap();
    let keys = [active(&theft.owner), retired(&theft.retired)];
    let again = publisher(&record(2, 1, &keys), &[&theft.owner], hour(6));
    assert_eq!(theft.world.next(&chain, &again, hour(6)).unwrap_err(), ["chain/not-next"]);
    let third = publisher(&record(3, 1, &keys), &[&theft.owner], hour(6));
    theft.world.next(&chain, &third, hour(6)).unwrap();
}

#[test]
fn a_change_does_not_ripen_behind_one_that_is_objected_to() {
    // The decoy is objected to in hour 71. What the thief had merged beside it in hour 1 would
    // else be in force two hours later.
    let theft = Theft::new();
    let chain =
        theft.objected(&objection(&theft.change, &[&theft.owner], hour(71)), hour(71)).unwrap();
    let hidden = theft.third(&theft.thief, &[&theft.owner, &theft.thief], hour(1));
    assert_eq!(theft.world.next(&chain, &hidden, hour(1)).unwrap_err(), ["publisher/open"]);
    let open = theft.third(&theft.thief, &[&theft.owner, &theft.thief], hour(71));
    let next = theft.world.next(&chain, &open, hour(71)).unwrap();
    assert_eq!(next.open_until(), Some(hour(143)));
}

#[test]
fn an_objection_does_not_undo_a_hand_over_that_came_before_it() {
    // The owner lost the key, the thief changed the keys, the maintainers handed over at once. The
    // thief cannot have the old key back by objecting to his own record.
    let theft = Theft::new();
    let rescue = key();
    let keys =
        [retired(&theft.owner), retired(&theft.retired), retired(&theft.thief), active(&rescue)];
    let third = publisher(&record(3, 1, &keys), &[&rescue], hour(2));
    let value = handover_value(&third, &[&theft.thief], &[&rescue]);
    let handover = theft.world.handover(&value, hour(2));
    let objection = objection(&theft.change, &[&theft.owner], hour(3));
    let chain = theft.objected(&objection, hour(3)).unwrap();
    let chain = theft.world.next_handed_over(&chain, &third, (&handover, hour(2))).unwrap();
    releases(&chain, &[&rescue], hour(2)).unwrap();
    assert_eq!(releases(&chain, &[&theft.owner], hour(4)).unwrap_err(), ["signature/retired-key"]);
    // Nor directly, once the hand-over is the newest record.
    assert_eq!(codes(&chain.object((&objection, hour(3))).unwrap_err()), ["chain/other-record"]);
}
