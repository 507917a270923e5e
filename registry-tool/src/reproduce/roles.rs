//! What the roles of the registry list, against what the commit makes.

use std::collections::{BTreeMap, BTreeSet};

use index_schema::limits;
use index_schema::tuf::{
    BinCount, Delegations, Envelope, MetaName, Role, RoleName, Snapshot, SnapshotPointer,
    TargetFile, TargetPath, Targets, Unsigned, role_for,
};
use libral::source::Source;
use libral::tuf::TufError;
use libral::tuf::store::StoredFile;
use libral::tuf::update::UpdateError;
use rayon::prelude::*;

use super::built::Built;
use super::difference::path_of;
use super::live::Live;
use super::{Compared, Difference, ReproduceError};

type Listed = BTreeMap<TargetPath, TargetFile>;

/// Compares everything that is signed.
pub(super) fn compare(
    live: &Live<'_>,
    built: &Built,
    compared: &mut Compared,
) -> Result<Vec<Difference>, ReproduceError> {
    let trusted = live.trusted();
    let mut differences = offline(live, built);
    let mut expected = by_role(built.targets(), trusted.delegations().map(AsRef::as_ref));
    let top = expected.remove(&RoleName::targets()).unwrap_or_default();
    let file = format!("metadata/{}.targets.json", trusted.targets().version);
    differences.extend(listed(&file, &top, &trusted.targets().targets));
    let roles = fetch(live)?;
    for (name, file, bytes) in &roles {
        let expected = expected.remove(name).unwrap_or_default();
        differences.extend(delegated((name, file), &expected, bytes)?);
        compared.targets += expected.len();
    }
    compared.targets += top.len();
    compared.roles = roles.len() + 1;
    differences.extend(expected.into_iter().flat_map(|(role, targets)| {
        let file = format!("{role}.json");
        listed(&file, &targets, &Listed::new())
    }));
    differences.extend(snapshot(live)?);
    Ok(differences)
}

/// Root and targets are signed offline and come from the commit: the newest there is in force.
fn offline(live: &Live<'_>, built: &Built) -> Vec<Difference> {
    let versions = live.versions();
    let roles = [("root", versions.root), ("targets", versions.targets)];
    let differ = |(role, version): (&str, index_schema::tuf::MetaVersion)| {
        let newest = built.newest(role).unwrap_or_default();
        let expected = format!("version {newest}, the newest of the commit");
        let found = format!("version {version} is in force");
        let file = format!("metadata/{version}.{role}.json");
        (version.get() != newest).then(|| Difference::of_file(&file, expected, found))
    };
    roles.into_iter().filter_map(differ).collect()
}

/// Says which role has to list each target. One for which there is no role is the top-level one's,
/// so that it is missed there.
fn by_role(targets: Listed, delegations: Option<&Delegations>) -> BTreeMap<RoleName, Listed> {
    let roles = delegations.map(|delegations| delegations.roles.as_slice()).unwrap_or_default();
    let bins = roles.iter().find_map(|role| BinCount::of_name(&role.name)).unwrap_or_default();
    let mut by_role: BTreeMap<RoleName, Listed> = BTreeMap::new();
    for (path, file) in targets {
        let role = role_for(&path, bins).unwrap_or_else(RoleName::targets);
        by_role.entry(role).or_default().insert(path, file);
    }
    by_role
}

/// Fetches the file of every delegated role, and checks it as a client does.
fn fetch(live: &Live<'_>) -> Result<Vec<(RoleName, String, Vec<u8>)>, ReproduceError> {
    let trusted = live.trusted();
    let Some(delegations) = trusted.delegations() else { return Ok(Vec::new()) };
    let mut wanted = Vec::new();
    for role in &delegations.roles {
        let version = trusted.file_of(&role.name).map_err(UpdateError::from)?.version;
        wanted.push(format!("metadata/{version}.{}.json", role.name.stem()));
    }
    let files = live.on_threads(|source| fetch_all(source, &wanted))?;
    let mut roles = Vec::new();
    for ((role, path), bytes) in delegations.roles.iter().zip(wanted).zip(files) {
        trusted.delegated(delegations, role, &bytes).map_err(UpdateError::from)?;
        roles.push((role.name.clone(), path, bytes));
    }
    Ok(roles)
}

fn fetch_all(source: &dyn Source, paths: &[String]) -> Result<Vec<Vec<u8>>, UpdateError> {
    let fetch = |path: &String| {
        let bytes = source.get(path, limits::TUF)?;
        bytes.ok_or_else(|| UpdateError::Missing(path.clone()))
    };
    paths.par_iter().map(fetch).collect()
}

/// Compares what a role lists, and then the rest of its file.
fn delegated(
    (name, file): (&RoleName, &str),
    expected: &Listed,
    bytes: &[u8],
) -> Result<Vec<Difference>, ReproduceError> {
    let envelope = read::<Targets>(bytes, file)?;
    let differences = listed(file, expected, &envelope.body.targets);
    if !differences.is_empty() {
        return Ok(differences);
    }
    let mut body = envelope.body;
    body.role = Some(name.clone());
    body.registry = None;
    body.delegations = None;
    let rebuilt = Unsigned::new(&body).sign(&envelope.signatures);
    Ok(Difference::between(file, &rebuilt, bytes).into_iter().collect())
}

/// Names every target that is listed and should not be, is not listed and should be, or is another.
fn listed(file: &str, expected: &Listed, found: &Listed) -> Vec<Difference> {
    let paths: BTreeSet<&TargetPath> = expected.keys().chain(found.keys()).collect();
    let differ = |path: &&TargetPath| expected.get(*path) != found.get(*path);
    let name = |path: &TargetPath| {
        let member = path_of(&["signed", "targets", path.as_str()]);
        let (expected, found) = (show(expected.get(path)), show(found.get(path)));
        Difference::of_member(file, member, expected, found)
    };
    paths.into_iter().filter(differ).map(name).collect()
}

fn show(file: Option<&TargetFile>) -> String {
    let Some(file) = file else { return "not listed".to_owned() };
    match file.hashes.sha256 {
        Some(digest) => format!("{} bytes with the SHA-256 {digest}", file.length),
        None => format!("{} bytes without SHA-256", file.length),
    }
}

/// The snapshot lists the roles and, from before, bins of another count; timestamp and snapshot are
/// written as `release` writes them.
fn snapshot(live: &Live<'_>) -> Result<Vec<Difference>, ReproduceError> {
    let trusted = live.trusted();
    let file = format!("metadata/{}.snapshot.json", trusted.snapshot().version);
    let roles = trusted.delegations().map(|it| it.roles.as_slice()).unwrap_or_default();
    let mut known: BTreeSet<MetaName> = roles.iter().map(|r| MetaName::of(&r.name)).collect();
    known.insert(MetaName::of(&RoleName::targets()));
    let is_old_bin = |name: &MetaName| {
        let role = RoleName::parse(name.role()).ok();
        role.and_then(|role| BinCount::of_name(&role)).is_some()
    };
    let names = trusted.snapshot().meta.keys();
    let strange = names.filter(|name| !known.contains(*name) && !is_old_bin(name));
    let mut differences: Vec<Difference> = strange
        .map(|name| {
            let member = path_of(&["signed", "meta", name.as_str()]);
            Difference::of_member(&file, member, "not listed".into(), "listed".into())
        })
        .collect();
    let (snapshot, timestamp) = (StoredFile::Snapshot, StoredFile::Timestamp);
    differences.extend(as_released::<Snapshot>(&file, &live.kept(snapshot)?)?);
    let file = "metadata/timestamp.json";
    differences.extend(as_released::<SnapshotPointer>(file, &live.kept(timestamp)?)?);
    Ok(differences)
}

/// Compares a file with how `release` writes what it says.
fn as_released<T: Role>(file: &str, bytes: &[u8]) -> Result<Option<Difference>, ReproduceError> {
    let envelope = read::<T>(bytes, file)?;
    let rebuilt = Unsigned::new(&envelope.body).sign(&envelope.signatures);
    Ok(Difference::between(file, &rebuilt, bytes))
}

fn read<T: Role>(bytes: &[u8], file: &str) -> Result<Envelope<T>, ReproduceError> {
    let malformed = |problems| TufError::Malformed { file: file.to_owned(), problems };
    Ok(Envelope::read(bytes, limits::TUF).map_err(malformed).map_err(UpdateError::from)?)
}
