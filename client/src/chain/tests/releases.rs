//! Releases and status statements.

use index_schema::digest::Sha256Digest;
use index_schema::removal::Removal;
use index_schema::version::Version;
use serde_json::json;

use super::super::*;
use super::made::*;

#[test]
fn the_threshold_of_active_keys_signs_and_nobody_else() {
    let (world, [one, two, three]) = (World::new(), [key(), key(), key()]);
    let chain = world.chain(2, &[&one, &two, &three]);
    releases(&chain, &[&one, &three], hour(1)).unwrap();
    releases(&chain, &[&one, &two, &three], hour(1)).unwrap();
    assert_eq!(releases(&chain, &[&one], hour(1)).unwrap_err(), ["signature/below-threshold"]);
    let twice = releases(&chain, &[&one, &one], hour(1)).unwrap_err();
    assert_eq!(twice, ["signature/below-threshold"]);
    let stranger = key();
    let code = releases(&chain, &[&one, &two, &stranger], hour(1)).unwrap_err();
    assert_eq!(code, ["signature/unknown-key"]);
    chain.status(&status(&[&one, &two], hour(1)), hour(1)).unwrap();
    let errors = chain.status(&status(&[&one], hour(1)), hour(1)).unwrap_err();
    assert_eq!(codes(&errors), ["signature/below-threshold"]);
}

#[test]
fn a_release_is_of_the_publisher_and_for_the_registry() {
    let (world, one) = (World::new(), key());
    let chain = world.chain(1, &[&one]);
    let with = |field: &str, value: &str| {
        let mut said = manifest("1.0.0");
        said[field] = json!(value);
        codes(&chain.release(&signed(&said, &[&one], hour(1)), hour(1)).unwrap_err())
    };
    assert_eq!(with("id", "other/amber"), ["identity/other-publisher"]);
    assert_eq!(with("registry", "other"), ["identity/other-registry"]);
}

#[test]
fn a_removal_is_of_exactly_one_release_by_the_moderators() {
    let world = World::new();
    let (id, version) = (crate::testing::id("lab/amber"), Version::parse("1.0.0").unwrap());
    let statement = Sha256Digest::of(b"statement");
    let good = removal("1.0.0", statement);
    let judge = |removal: &Statement<Removal>| {
        let subject = (&id, &version, statement);
        let judged = world.maintainers.removes((removal, hour(1)), subject);
        judged.map_err(|errors| codes(&errors))
    };
    judge(&world.remove(&good, hour(1))).unwrap();
    let with = |field: &str, value: serde_json::Value| {
        let mut said = good.clone();
        said[field] = value;
        judge(&world.remove(&said, hour(1))).unwrap_err()
    };
    assert_eq!(with("plugin", json!("lab/birch")), ["chain/other-record"]);
    assert_eq!(with("version", json!("1.0.1")), ["chain/other-record"]);
    assert_eq!(with("sha256", json!(Sha256Digest::of(b""))), ["chain/other-record"]);
    assert_eq!(with("registry", json!("other")), ["identity/other-registry"]);
    let stranger = judge(&signed(&good, &[&key()], hour(1))).unwrap_err();
    assert_eq!(stranger, ["signature/unknown-key"]);
}
