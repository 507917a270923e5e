//! A file that was verified before is not verified again; it is judged again.

use index_schema::tuf::{
    DelegatedRole, Delegations, Hashes, MetaName, RoleName, Snapshot, Targets,
};
use libral::tuf::{Signed, TufError};

use super::steps::point_at_snapshot;
use super::*;

/// What a client that is up to date makes of a role's file, which it perhaps knows.
struct Judge<'s> {
    repository: Repository<'s>,
    delegations: Delegations,
}

impl<'s> Judge<'s> {
    fn new(world: &World, served: &'s Served, number: i64) -> Self {
        let repository = world.client().refresh(served, number).unwrap();
        let delegations = Delegations::clone(repository.trusted().delegations().unwrap());
        Self { repository, delegations }
    }

    fn role(&self, name: &str) -> DelegatedRole {
        self.delegations.roles.iter().find(|role| role.name.as_str() == name).unwrap().clone()
    }

    fn signed(&self, name: &str, bytes: &[u8]) -> Signed {
        let trusted = self.repository.trusted();
        trusted.signed(&self.delegations, &self.role(name), bytes.to_vec()).unwrap()
    }

    fn recheck(
        &self,
        delegation: (&Delegations, &DelegatedRole),
        bytes: &[u8],
        known: &Signed,
    ) -> Result<(), TufError> {
        self.repository.trusted().recheck(delegation, bytes, Some(known))
    }
}

#[test]
fn other_bytes_keys_or_thresholds_are_verified_anew() {
    let (world, other) = (World::new(), World::new());
    let served = world.served();
    let judge = Judge::new(&world, &served, 0);
    let (role, bytes) = (judge.role("bin-4-0"), &served.0["metadata/1.bin-4-0.json"]);
    let known = judge.signed("bin-4-0", bytes);
    let from = &judge.delegations;
    judge.recheck((from, &role), bytes, &known).unwrap();

    let unsigned = |error| assert!(matches!(error, Err(TufError::Signatures { .. })), "{error:?}");
    let foreign = forged(bytes, &[&other.online.bins], |_: &mut Targets| {});
    unsigned(judge.recheck((from, &role), &foreign, &known));

    let mut higher = role.clone();
    higher.keys.threshold += 1;
    unsigned(judge.recheck((from, &higher), bytes, &known));

    let mut replaced = role.clone();
    replaced.keys.keyids = [other.online.bins.public().id()].into();
    unsigned(judge.recheck((from, &replaced), bytes, &known));

    let mut forgotten = from.clone();
    forgotten.keys.clear();
    unsigned(judge.recheck((&forgotten, &role), bytes, &known));
}

#[test]
fn the_file_of_one_role_is_not_known_as_that_of_another() {
    let world = World::new();
    let served = world.served();
    let judge = Judge::new(&world, &served, 0);
    let bytes = &served.0["metadata/1.bin-4-0.json"];
    let known = judge.signed("bin-4-0", bytes);
    let error = judge.recheck((&judge.delegations, &judge.role("bin-4-1")), bytes, &known);
    assert!(matches!(error, Err(TufError::Swapped { .. })), "{error:?}");
}

#[test]
fn a_known_file_that_is_not_the_current_one_is_refused() {
    let world = World::new();
    let before = world.served();
    let bin = BinCount::new(4).unwrap().bin_of(&path("plugins/lab/amber.json"));
    let bytes = &before.0[&format!("metadata/1.{bin}.json")];
    let judge = Judge::new(&world, &before, 0);
    let known = judge.signed(bin.as_str(), bytes);

    world.publish("amber", &["1.0.0", "1.1.0"]);
    world.release_on(1);
    let after = world.served();
    let judge = Judge::new(&world, &after, 1);
    let role = judge.role(bin.as_str());
    let error = judge.recheck((&judge.delegations, &role), bytes, &known);
    assert!(matches!(error, Err(TufError::Version { .. })), "{error:?}");
}

#[test]
fn a_known_file_without_the_digest_that_is_announced_is_refused() {
    let world = World::new();
    let mut served = world.served();
    let bytes = served.0["metadata/1.bin-4-0.json"].clone();
    let known = Judge::new(&world, &served, 0).signed("bin-4-0", &bytes);
    served.forge("metadata/1.snapshot.json", &[&world.online.snapshot], |body: &mut Snapshot| {
        let role = RoleName::parse("bin-4-0").unwrap();
        let file = body.meta.get_mut(&MetaName::of(&role)).unwrap();
        file.hashes = Some(Hashes::sha256(Sha256Digest::of(b"other")));
    });
    point_at_snapshot(&world, &mut served, 1);
    let judge = Judge::new(&world, &served, 0);
    let error = judge.recheck((&judge.delegations, &judge.role("bin-4-0")), &bytes, &known);
    assert_eq!(error, Err(TufError::Content("bin-4-0.json".to_owned())));
}

#[test]
fn a_known_file_expires() {
    let world = World::new();
    let mut served = world.served();
    let path = "metadata/1.bin-4-0.json";
    served.forge(path, &[&world.online.bins], |body: &mut Targets| body.expires = day(2));
    let judge = Judge::new(&world, &served, 1);
    let known = judge.signed("bin-4-0", &served.0[path]);
    let recheck = |judge: &Judge<'_>| {
        judge.recheck((&judge.delegations, &judge.role("bin-4-0")), &served.0[path], &known)
    };
    recheck(&judge).unwrap();
    let error = recheck(&Judge::new(&world, &served, 2));
    assert!(matches!(error, Err(TufError::Expired { .. })), "{error:?}");
}
