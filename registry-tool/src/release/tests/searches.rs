//! Steps 5.6.7 and 5.7: who vouches for a target, and fetching it.

use index_schema::limits;
use index_schema::tuf::{
    DelegatedRole, Delegations, MetaFile, MetaName, MetaVersion, PathPattern, Paths, RoleKeys,
    RoleName, Snapshot, SnapshotPointer, TargetFile, Targets,
};
use libral::tuf::TufError;

use super::*;

fn role(name: &str) -> RoleName {
    if name == "targets" { RoleName::targets() } else { RoleName::parse(name).unwrap() }
}

#[test]
fn each_target_is_vouched_for_by_its_role_and_fetched() {
    let world = World::new();
    let (client, served) = (world.client(), world.served());
    let repository = client.refresh(&served, 0).unwrap();
    let amber = repository.find(&path("plugins/lab/amber.json")).unwrap().unwrap();
    let amber = amber.insist_on_bin().unwrap();
    assert_eq!(
        repository.fetch(&amber, limits::PLUGIN_DOCUMENT).unwrap(),
        document("amber", &["1.0.0"])
    );
    assert!(matches!(repository.fetch(&amber, 4), Err(UpdateError::TooLong { .. })));
    assert!(amber.insist_on(&RoleName::index()).is_err());
    let catalog = repository.find(&path("catalog.json")).unwrap().unwrap();
    assert_eq!(
        catalog.clone().insist_on(&RoleName::index()).unwrap().sha256(),
        Some(Sha256Digest::of(b"{}"))
    );
    assert!(catalog.insist_on_bin().is_err());
    let record = repository.find(&path("registry.signed")).unwrap().unwrap();
    assert_eq!(
        repository.fetch(&record.insist_on(&RoleName::targets()).unwrap(), 100).unwrap(),
        RECORD.as_bytes()
    );
    assert_eq!(repository.find(&path("plugins/lab/none.json")).unwrap(), None);
}

#[test]
fn a_file_of_a_role_is_fetched_once() {
    let world = World::new();
    let (client, served) = (world.client(), world.served());
    client.refresh(&served, 0).unwrap().find(&path("plugins/lab/amber.json")).unwrap().unwrap();
    let timestamp = served.0["metadata/timestamp.json"].clone();
    let only = Served([("metadata/timestamp.json".to_owned(), timestamp)].into());
    let repository = client.refresh(&only, 0).unwrap();
    assert!(repository.find(&path("plugins/lab/amber.json")).unwrap().is_some());
}

#[test]
fn step_5_7_3_a_swapped_target_is_refused() {
    let world = World::new();
    let (client, mut served) = (world.client(), world.served());
    let name = format!(
        "targets/plugins/lab/{}.amber.json",
        Sha256Digest::of(&document("amber", &["1.0.0"]))
    );
    served.0.insert(name, document("birch", &["1.0.0"]));
    let repository = client.refresh(&served, 0).unwrap();
    let amber = repository.find(&path("plugins/lab/amber.json")).unwrap().unwrap();
    let error = repository.fetch(&amber, 10_000).unwrap_err();
    assert!(matches!(error, UpdateError::Untrusted(TufError::Content(_))), "{error}");
}

#[test]
fn swapped_bins_are_refused() {
    let world = World::new();
    let amber = path("plugins/lab/amber.json");
    let bin = BinCount::new(4).unwrap().bin_of(&amber);
    let other = BinCount::new(4).unwrap().names().find(|name| *name != bin).unwrap();
    let (client, mut served) = (world.client(), world.served());
    let bytes = served.0[&format!("metadata/1.{other}.json")].clone();
    served.0.insert(format!("metadata/1.{bin}.json"), bytes);
    let error = client.refresh(&served, 0).unwrap().find(&amber).unwrap_err();
    let file = format!("{bin}.json");
    assert!(
        matches!(error, UpdateError::Untrusted(TufError::Swapped { file: f, found }) if f == file && found == other)
    );
    assert!(!client.files().contains_key(&file));
}

#[test]
fn a_plugin_named_by_the_index_role_is_not_found_there() {
    let world = World::new();
    let (client, mut served) = (world.client(), world.served());
    let ghost = path("plugins/lab/ghost.json");
    served.forge("metadata/1.index.json", &[&world.online.index], |body: &mut Targets| {
        body.targets.insert(ghost.clone(), TargetFile::new(1, Sha256Digest::of(b"x")));
    });
    assert_eq!(client.refresh(&served, 0).unwrap().find(&ghost).unwrap(), None);
}

/// `delegator: role (pattern)`, a `!` in front of the pattern for a terminating one.
type Edge = (&'static str, &'static str, &'static str);

/// Publishes delegations, all signed by the targets key, and the targets that roles name.
fn graph(world: &World, edges: &[Edge], named: &[(&str, &str)]) -> Served {
    let key = &world.offline.targets;
    let mut roles: BTreeMap<&str, Targets> = BTreeMap::new();
    let empty = || Targets {
        version: MetaVersion::FIRST,
        expires: day(100),
        role: None,
        registry: None,
        targets: BTreeMap::new(),
        delegations: None,
    };
    for (from, to, pattern) in edges {
        roles.entry(to).or_insert_with(empty);
        let from = roles.entry(from).or_insert_with(empty);
        let keys = || [(key.public().id(), key.public().clone())].into();
        let delegations = || Delegations { keys: keys(), roles: Vec::new() };
        from.delegations.get_or_insert_with(delegations).roles.push(DelegatedRole {
            name: role(to),
            keys: RoleKeys { keyids: [key.public().id()].into(), threshold: 1 },
            paths: Paths::Patterns(vec![
                PathPattern::parse(pattern.trim_start_matches('!')).unwrap(),
            ]),
            terminating: pattern.starts_with('!'),
        });
    }
    for (name, target) in named {
        let file = TargetFile::new(1, Sha256Digest::of(name.as_bytes()));
        roles.get_mut(name).unwrap().targets.insert(path(target), file);
    }
    let mut served = world.served();
    let meta = roles
        .keys()
        .map(|name| MetaName::of(&role(name)))
        .map(|name| (name, MetaFile { version: MetaVersion::FIRST, length: None, hashes: None }));
    served.forge("metadata/1.snapshot.json", &[&world.online.snapshot], |body: &mut Snapshot| {
        body.meta = meta.collect();
    });
    served.forge(
        "metadata/timestamp.json",
        &[&world.online.timestamp],
        |body: &mut SnapshotPointer| {
            body.meta.snapshot =
                MetaFile { version: MetaVersion::FIRST, length: None, hashes: None };
        },
    );
    for (name, body) in roles {
        let unsigned = Unsigned::new(&body);
        let bytes = unsigned.sign(&[key.sign(&unsigned)]);
        served.0.insert(format!("metadata/1.{}.json", role(name).stem()), bytes);
    }
    served
}

/// Looks for `target`, and says which roles were asked and which one vouches for it.
fn search(served: &Served, world: &World, target: &str) -> (Vec<String>, Option<String>) {
    let client = world.client();
    let repository = client.refresh(served, 0).unwrap();
    let mut asked = Vec::new();
    let found = repository.trusted().find(&path(target), |from, delegated| {
        asked.push(delegated.name.to_string());
        repository.role(from, delegated)
    });
    (asked, found.unwrap().map(|info| info.role.to_string()))
}

#[test]
fn step_5_6_7_the_search_is_depth_first_in_order_and_ends_at_terminating_roles() {
    let world = World::new();
    for (edges, asked) in [
        (
            &[("targets", "a", "*"), ("targets", "b", "*"), ("a", "c", "*"), ("a", "d", "*")][..],
            "acdb",
        ),
        (&[("targets", "a", "*"), ("targets", "b", "*"), ("a", "c", "!*"), ("a", "d", "*")], "ac"),
        (&[("targets", "a", "*"), ("a", "c", "!*"), ("c", "d", "*"), ("targets", "b", "*")], "acd"),
        (&[("targets", "a", "*.py"), ("targets", "b", "*"), ("a", "c", "*")], "b"),
        (&[("targets", "a", "!*.py"), ("targets", "b", "*")], "b"),
        (&[("targets", "a", "*"), ("a", "b", "*"), ("b", "c", "*"), ("c", "a", "*")], "abc"),
        (&[("targets", "a", "*"), ("targets", "b", "*"), ("b", "c", "*"), ("a", "c", "*")], "acb"),
    ] {
        let served = graph(&world, edges, &[]);
        let (found, role) = search(&served, &world, "x");
        assert_eq!((found.concat(), role), (asked.to_owned(), None), "{edges:?}");
    }
}

#[test]
fn step_5_6_7_the_first_role_that_names_a_target_vouches_for_it() {
    let world = World::new();
    let edges = [("targets", "a", "*"), ("targets", "b", "*"), ("a", "c", "*.md")];
    let served = graph(&world, &edges, &[("b", "x"), ("c", "x"), ("c", "y.md"), ("b", "y.md")]);
    // `c` is not trusted with `x`, though it names it.
    assert_eq!(search(&served, &world, "x").1, Some("b".to_owned()));
    assert_eq!(search(&served, &world, "y.md").1, Some("c".to_owned()));
}

#[test]
fn step_5_6_7_1_a_search_asks_so_many_roles_and_no_more() {
    let world = World::new();
    let names: Vec<&'static str> = (0..limits::TUF_VISITS + 5)
        .map(|n| &*Box::leak(format!("r{n}").into_boxed_str()))
        .collect();
    let mut edges = vec![("targets", names[0], "*")];
    edges.extend(names.windows(2).map(|pair| (pair[0], pair[1], "*")));
    let last = *names.last().unwrap();
    let served = graph(&world, &edges, &[(last, "x")]);
    let (asked, found) = search(&served, &world, "x");
    assert_eq!((asked.len(), found), (limits::TUF_VISITS - 1, None));
}

#[test]
fn a_delegated_role_that_the_snapshot_does_not_list_is_not_asked() {
    let world = World::new();
    let mut served = graph(&world, &[("targets", "a", "*")], &[("a", "x")]);
    served.forge("metadata/1.snapshot.json", &[&world.online.snapshot], |body: &mut Snapshot| {
        body.meta.remove(&MetaName::of(&role("a")));
    });
    let client = world.client();
    let error = client.refresh(&served, 0).unwrap().find(&path("x")).unwrap_err();
    assert!(matches!(error, UpdateError::Untrusted(TufError::Unlisted(_))), "{error}");
}

#[test]
fn a_role_is_checked_against_each_role_that_delegates_to_it() {
    let world = World::new();
    let edges =
        [("targets", "a", "*.a"), ("targets", "b", "*.b"), ("a", "c", "*.a"), ("b", "c", "*.b")];
    let mut served = graph(&world, &edges, &[("c", "x.a"), ("c", "x.b")]);
    let foreign = &world.online.bins;
    served.forge("metadata/1.b.json", &[&world.offline.targets], |body: &mut Targets| {
        let delegations = body.delegations.as_mut().unwrap();
        delegations.keys.insert(foreign.public().id(), foreign.public().clone());
        delegations.roles[0].keys.keyids = [foreign.public().id()].into();
    });
    let client = world.client();
    let repository = client.refresh(&served, 0).unwrap();
    assert!(repository.find(&path("x.a")).unwrap().is_some());
    let error = repository.find(&path("x.b")).unwrap_err();
    assert!(matches!(error, UpdateError::Untrusted(TufError::Signatures { .. })), "{error}");
}
