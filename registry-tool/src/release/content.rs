//! What each role says: the targets that `build` listed.

use std::collections::BTreeMap;
use std::path::Path;

use index_schema::catalog::BuildList;
use index_schema::digest::Sha256Digest;
use index_schema::json::{self, Unknown};
use index_schema::layout;
use index_schema::limits;
use index_schema::tuf::{RoleName, TargetFile, TargetPath, role_for};
use libral::tuf::TufError;
use rayon::iter::{IntoParallelIterator as _, ParallelIterator as _};

use super::public::{self, Offline};
use super::{Previous, ReleaseError};

/// The targets of `index` and of each bin; bins without targets are there, too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    pub(super) roles: BTreeMap<RoleName, BTreeMap<TargetPath, TargetFile>>,
}

impl Content {
    /// Reads every target that `build` lists; its bytes have to be the ones that are listed.
    pub(super) fn read(folder: &Path, offline: &Offline) -> Result<Self, ReleaseError> {
        let files: Vec<(TargetPath, TargetFile)> = list(folder)?
            .into_par_iter()
            .map(|(target, digest)| describe(folder, &target, digest))
            .collect::<Result<_, _>>()?;
        let mut roles = empty(offline);
        let mut record = None;
        for (path, file) in files {
            let unassigned = || ReleaseError::Unassigned(path.clone());
            let role = role_for(&path, offline.bins).ok_or_else(unassigned)?;
            match roles.get_mut(&role) {
                Some(targets) => drop(targets.insert(path, file)),
                // Of all roles, `role_for` names but the top-level one beside these.
                None => record = Some(file),
            }
        }
        check_record(offline, record.as_ref())?;
        Ok(Self { roles })
    }

    /// Takes what was released before.
    pub(super) fn of_previous(
        previous: &Previous,
        offline: &Offline,
    ) -> Result<Self, ReleaseError> {
        let mut roles = empty(offline);
        for (name, targets) in &mut roles {
            let before = previous.roles.get(name).ok_or(ReleaseError::Delegations)?;
            targets.clone_from(&before.body.targets);
        }
        Ok(Self { roles })
    }
}

fn empty(offline: &Offline) -> BTreeMap<RoleName, BTreeMap<TargetPath, TargetFile>> {
    offline.delegations.roles.iter().map(|role| (role.name.clone(), BTreeMap::new())).collect()
}

/// The registry record in the folder has to be the one that was signed offline.
fn check_record(offline: &Offline, found: Option<&TargetFile>) -> Result<(), ReleaseError> {
    let path = TargetPath::parse(layout::REGISTRY_TARGET);
    let path =
        path.map_err(|source| ReleaseError::Name { path: layout::REGISTRY_TARGET.into(), source })?;
    let targets = &offline.targets.body.targets;
    if targets.len() == 1 && targets.get(&path) == found {
        return Ok(());
    }
    Err(ReleaseError::NotSigned(path))
}

/// Reads the list of targets that `build` wrote.
fn list(folder: &Path) -> Result<BTreeMap<String, Sha256Digest>, ReleaseError> {
    let path = folder.join(layout::BUILD_LIST);
    let failed = |source| ReleaseError::File { path: path.clone(), source };
    let bytes = public::read(&path, limits::CATALOG).map_err(failed)?;
    let bytes = bytes.ok_or_else(|| ReleaseError::Missing(layout::BUILD_LIST.to_owned()))?;
    let list: BuildList =
        json::read(&bytes, limits::CATALOG, Unknown::Refuse).map_err(|problems| {
            TufError::Malformed { file: layout::BUILD_LIST.to_owned(), problems }
        })?;
    Ok(list.targets)
}

/// Reads the file of a target, `targets/<folder>/<sha256>.<name>`.
fn describe(
    folder: &Path,
    target: &str,
    digest: Sha256Digest,
) -> Result<(TargetPath, TargetFile), ReleaseError> {
    let name = |source| ReleaseError::Name { path: target.into(), source };
    let path = TargetPath::parse(target).map_err(name)?;
    let file = folder.join(layout::target_file(target, &digest));
    let failed = |source| ReleaseError::File { path: file.clone(), source };
    let bytes = public::read(&file, limits::CATALOG).map_err(failed)?;
    let bytes = bytes.filter(|bytes| Sha256Digest::of(bytes) == digest);
    let bytes = bytes.ok_or_else(|| ReleaseError::Misnamed(file.clone()))?;
    let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    Ok((path, TargetFile::new(length, digest)))
}
