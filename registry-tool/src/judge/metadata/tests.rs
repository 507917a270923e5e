//! Which roots and targets metadata count, by when they were accepted.

use index_schema::tuf::{Key, RoleKeys, Root, Unsigned};
use tempfile::TempDir;

use super::*;
use crate::role_keys::RoleKey;
use crate::trust::ceremony::{Ceremony, Elsewhere, Plan, ceremony};
use crate::trust::{Lifetimes, Trust};

/// A ceremony on day 0, and two keys for the targets role, an old one and a new one.
struct World {
    folder: TempDir,
    records: Vec<RegistryLink>,
    made: Ceremony,
}

fn day(number: i64) -> Timestamp {
    Timestamp::parse("2026-06-01T12:00:00Z").unwrap().plus(number * index_schema::time::DAY)
}

fn record(number: i64) -> RegistryLink {
    RegistryLink { accepted: day(number), statement: format!("{{\"record\":{number}}}\n") }
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let trust = Trust {
            registry: vec![record(0)],
            record_waits: false,
            roots: BTreeMap::new(),
            targets: BTreeMap::new(),
            taken: 0,
            void: Vec::new(),
        };
        let plan = Plan {
            bins: index_schema::tuf::BinCount::new(1).unwrap(),
            root_keys: 1,
            root_threshold: 1,
            elsewhere: &Elsewhere::default(),
            lifetimes: Lifetimes::default(),
            now: day(0),
        };
        let folders = (folder.path().join("root"), folder.path().join("online"));
        let made = ceremony(&trust, (&folders.0, &folders.1), &plan).unwrap();
        RoleKey::create(&folders.0.join("targets-2.pem")).unwrap();
        Self { folder, records: vec![record(0), record(10), record(20)], made }
    }

    fn key(&self, name: &str) -> RoleKey {
        RoleKey::load(&self.folder.path().join("root").join(name)).unwrap()
    }

    /// The next root, in which the new key acts for targets.
    fn root_2(&self) -> Vec<u8> {
        let root = TrustedRoot::load(&self.made.root).unwrap();
        let mut body: Root = root.metadata().clone();
        let new: Key = self.key("targets-2.pem").public().clone();
        body.version = body.version.next().unwrap();
        body.roles.targets = RoleKeys { keyids: [new.id()].into(), threshold: 1 };
        body.keys.insert(new.id(), new);
        let unsigned = Unsigned::new(&body);
        unsigned.sign(&[self.key("root-1.pem").sign(&unsigned)])
    }

    /// Targets metadata of a version that carry these records, signed by one of the keys.
    fn targets(&self, version: u64, records: &[RegistryLink], key: &str) -> Vec<u8> {
        let first: index_schema::tuf::Envelope<Targets> =
            index_schema::tuf::Envelope::read(&self.made.targets, 1 << 20).unwrap();
        let mut body = first.body;
        body.version = MetaVersion::new(version).unwrap();
        body.registry = Some(records.to_vec());
        if let Some(newest) = records.last() {
            let file = body.targets.values_mut().next().unwrap();
            file.length = newest.statement.len().try_into().unwrap();
            file.hashes.sha256 = Some(Sha256Digest::of(newest.statement.as_bytes()));
        }
        let unsigned = Unsigned::new(&body);
        unsigned.sign(&[self.key(key).sign(&unsigned)])
    }

    /// Judges files, each accepted on a day; returns what counts, and the codes of what does not.
    fn judge(&self, files: &[(IndexPath, Vec<u8>, i64)]) -> (Vec<String>, Vec<&'static str>) {
        let all = files
            .iter()
            .map(|(path, bytes, accepted)| (path.clone(), (bytes.clone(), day(*accepted))));
        let mut findings = Vec::new();
        let kept = good(all.collect(), &self.records, &mut findings);
        let kept = kept.keys().map(ToString::to_string).collect();
        (kept, findings.iter().map(|finding| finding.code).collect())
    }
}

const OLD: &str = "targets.pem";
const NEW: &str = "targets-2.pem";

#[test]
fn a_targets_key_signs_as_long_as_the_root_of_the_time_names_it() {
    let world = World::new();
    let one = &world.records[..1];
    for (key, accepted, counts) in
        [(OLD, 4, true), (OLD, 5, false), (NEW, 5, true), (NEW, 4, false)]
    {
        let files = [
            (IndexPath::Root(1), world.made.root.clone(), 0),
            (IndexPath::Root(2), world.root_2(), 5),
            (IndexPath::Targets(1), world.made.targets.clone(), 0),
            (IndexPath::Targets(2), world.targets(2, one, key), accepted),
        ];
        let (kept, codes) = world.judge(&files);
        assert!(kept.contains(&"trust/targets/1.targets.json".to_owned()), "{kept:?}");
        let is_kept = kept.contains(&"trust/targets/2.targets.json".to_owned());
        assert_eq!(is_kept, counts, "{key} on day {accepted}");
        assert_eq!(codes.is_empty(), counts, "{codes:?}");
    }
}

#[test]
fn records_are_carried_whole_in_order_and_never_fewer_than_before() {
    let world = World::new();
    let all = &world.records;
    let mut late = all[..2].to_vec();
    late[1].accepted = day(11);
    let swapped = [all[1].clone(), all[0].clone()];
    for (records, codes) in [
        (&all[..2], vec![]),
        (&all[..3], vec![]),
        (&all[..0], vec!["trust/registry-chain"]),
        (&late[..], vec!["trust/registry-chain"]),
        (&swapped[..], vec!["trust/registry-chain"]),
        (&[all.clone(), vec![record(30)]].concat()[..], vec!["trust/registry-chain"]),
    ] {
        let files = [
            (IndexPath::Root(1), world.made.root.clone(), 0),
            (IndexPath::Targets(1), world.made.targets.clone(), 0),
            (IndexPath::Targets(2), world.targets(2, records, OLD), 40),
        ];
        assert_eq!(world.judge(&files).1, codes, "{records:?}");
    }
    let files = [
        (IndexPath::Root(1), world.made.root.clone(), 0),
        (IndexPath::Targets(2), world.targets(2, &all[..3], OLD), 40),
        (IndexPath::Targets(3), world.targets(3, &all[..2], OLD), 41),
    ];
    assert_eq!(world.judge(&files).1, ["trust/registry-chain"]);
}

#[test]
fn without_a_root_nothing_is_signed_for() {
    let world = World::new();
    let files = [
        (IndexPath::Root(2), world.root_2(), 0),
        (IndexPath::Targets(1), world.made.targets.clone(), 0),
    ];
    let (kept, codes) = world.judge(&files);
    assert!(kept.is_empty());
    assert_eq!(codes, ["trust/no-root"; 2]);
    // Targets that came before the first root had nobody to vouch for them.
    let files = [
        (IndexPath::Root(1), world.made.root.clone(), 1),
        (IndexPath::Targets(1), world.made.targets.clone(), 0),
    ];
    assert_eq!(world.judge(&files).1, ["trust/no-root"]);
}
