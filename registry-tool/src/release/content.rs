//! What each role says: the targets that `build` listed.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use index_schema::catalog::{BuildList, State};
use index_schema::digest::Sha256Digest;
use index_schema::json::{self, Unknown};
use index_schema::layout;
use index_schema::limits;
use index_schema::tuf::{BinCount, RoleName, TargetFile, TargetPath, role_for};
use libral::tuf::TufError;

use super::public::{self, Offline};
use super::threads::each;
use super::{Previous, ReleaseError};

/// How many targets a thread takes at a time: most of them cost a look at a folder.
const AT_ONCE: usize = 256;

/// The targets that a role names.
pub(super) type Named = BTreeMap<TargetPath, TargetFile>;

/// The targets of `index` and of each bin; bins without targets are there, too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Content {
    pub(super) roles: BTreeMap<RoleName, Named>,
    bins: BinCount,
}

impl Content {
    /// Reads every target that `build` lists; its bytes have to be the ones that are listed.
    ///
    /// Documents that the state before has, too, are not read again if nobody has touched them since
    /// `build` wrote its list.
    pub(super) fn read(
        folder: &Path,
        (list, previous): (&BuildList, Option<&Previous<'_>>),
        offline: &Offline,
    ) -> Result<Self, ReleaseError> {
        let listed = fs::metadata(folder.join(layout::BUILD_LIST)).and_then(|it| it.modified());
        let listed = listed.unwrap_or(SystemTime::UNIX_EPOCH);
        let read = |(target, digest): &(&String, &Sha256Digest)| {
            let path = TargetPath::parse(target);
            let path = path.map_err(|source| ReleaseError::Name { path: target.into(), source })?;
            let unassigned = || ReleaseError::Unassigned(path.clone());
            let role = role_for(&path, offline.bins).ok_or_else(unassigned)?;
            let file = folder.join(layout::target_file(target, digest));
            let known = previous.and_then(|previous| previous.targets_of(&role)?.get(&path));
            let same = known.filter(|it| it.hashes.sha256 == Some(**digest));
            match same.filter(|it| is_untouched(&file, it.length, listed)) {
                Some(same) => Ok((role, path, TargetFile::new(same.length, **digest))),
                None => Ok((role, path, describe(file, **digest)?)),
            }
        };
        let targets = Vec::from_iter(&list.targets);
        let some: Vec<&[_]> = targets.chunks(AT_ONCE).collect();
        let files = each(&some, |some| -> Result<Vec<_>, ReleaseError> {
            some.iter().map(read).collect()
        })?;
        let mut roles = empty(offline);
        let mut record = None;
        for (role, path, file) in files.into_iter().flatten() {
            match roles.get_mut(&role) {
                Some(targets) => drop(targets.insert(path, file)),
                // Of all roles, `role_for` names but the top-level one beside these.
                None => record = Some(file),
            }
        }
        check_record(offline, record.as_ref())?;
        Ok(Self { roles, bins: offline.bins })
    }

    /// Takes what was released before.
    pub(super) fn of_previous(
        previous: &Previous<'_>,
        offline: &Offline,
    ) -> Result<Self, ReleaseError> {
        let mut roles = empty(offline);
        for (name, targets) in &mut roles {
            let before = previous.roles.get(name).ok_or(ReleaseError::Delegations)?;
            targets.clone_from(&before.targets().targets);
        }
        Ok(Self { roles, bins: offline.bins })
    }

    /// Returns what the bins say: the documents of plugins.
    pub(super) fn bins(&self) -> impl Iterator<Item = (&RoleName, &Named)> {
        self.roles.iter().filter(|(name, _)| **name != RoleName::index())
    }

    /// Returns the document of one plugin.
    pub(super) fn plugin(&self, path: &TargetPath) -> Option<&TargetFile> {
        self.roles.get(&self.bins.bin_of(path))?.get(path)
    }

    /// Reads the state that is about to be released.
    pub(super) fn state(&self, folder: &Path) -> Result<State, ReleaseError> {
        let index = self.roles.get(&RoleName::index());
        let file = index.and_then(|targets| targets.get(&state_path()));
        let missing = || ReleaseError::Missing(layout::STATE_TARGET.to_owned());
        let name = file.and_then(|file| file.hashes.name()).ok_or_else(missing)?;
        let path = folder.join("targets").join(state_path().consistent(&name));
        let failed = |source| ReleaseError::File { path: path.clone(), source };
        let bytes = public::read(&path, limits::MANIFEST).map_err(failed)?.ok_or_else(missing)?;
        parse_state(&bytes)
    }
}

pub(super) fn state_path() -> TargetPath {
    TargetPath::parse(layout::STATE_TARGET).expect("a fixed name is a path")
}

pub(super) fn parse_state(bytes: &[u8]) -> Result<State, ReleaseError> {
    json::read(bytes, limits::MANIFEST, Unknown::Ignore).map_err(|problems| {
        let file = layout::STATE_TARGET.to_owned();
        ReleaseError::Document(state_path(), TufError::Malformed { file, problems })
    })
}

fn empty(offline: &Offline) -> BTreeMap<RoleName, Named> {
    offline.delegations.roles.iter().map(|role| (role.name.clone(), BTreeMap::new())).collect()
}

/// The registry record in the folder has to be the one that was signed offline, and the last one
/// that the targets metadata carry.
fn check_record(offline: &Offline, found: Option<&TargetFile>) -> Result<(), ReleaseError> {
    let path = TargetPath::parse(layout::REGISTRY_TARGET);
    let path =
        path.map_err(|source| ReleaseError::Name { path: layout::REGISTRY_TARGET.into(), source })?;
    let body = &offline.targets.body;
    let newest = body.registry.as_deref().and_then(<[_]>::last);
    let carried = newest.map(|link| Sha256Digest::of(link.statement.as_bytes()));
    let is_newest = found.is_some_and(|file| file.hashes.sha256 == carried && carried.is_some());
    if is_newest && body.targets.len() == 1 && body.targets.get(&path) == found {
        return Ok(());
    }
    Err(ReleaseError::NotSigned(path))
}

/// Reads the list of targets that `build` wrote.
pub(super) fn list(folder: &Path) -> Result<BuildList, ReleaseError> {
    let path = folder.join(layout::BUILD_LIST);
    let failed = |source| ReleaseError::File { path: path.clone(), source };
    let bytes = public::read(&path, limits::CATALOG).map_err(failed)?;
    let bytes = bytes.ok_or_else(|| ReleaseError::Missing(layout::BUILD_LIST.to_owned()))?;
    let malformed =
        |problems| TufError::Malformed { file: layout::BUILD_LIST.to_owned(), problems };
    Ok(json::read(&bytes, limits::CATALOG, Unknown::Refuse).map_err(malformed)?)
}

/// Tells whether a file has a length, and was not written to later than `since`.
fn is_untouched(file: &Path, length: u64, since: SystemTime) -> bool {
    let found = fs::metadata(file);
    found.is_ok_and(|found| {
        let untouched = found.modified().is_ok_and(|modified| modified <= since);
        found.is_file() && found.len() == length && untouched
    })
}

/// Reads the file of a target, `targets/<folder>/<sha256>.<name>`.
fn describe(file: PathBuf, digest: Sha256Digest) -> Result<TargetFile, ReleaseError> {
    let failed = |source| ReleaseError::File { path: file.clone(), source };
    let bytes = public::read(&file, limits::CATALOG).map_err(failed)?;
    let bytes = bytes.filter(|bytes| Sha256Digest::of(bytes) == digest);
    let bytes = bytes.ok_or_else(|| ReleaseError::Misnamed(file.clone()))?;
    let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    Ok(TargetFile::new(length, digest))
}
