//! What each role says: the targets that stand in the published folder.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use index_schema::digest::Sha256Digest;
use index_schema::limits;
use index_schema::tuf::{REGISTRY_RECORD, RoleName, TargetFile, TargetPath, role_for};
use rayon::iter::{IntoParallelIterator as _, ParallelIterator as _};
use walkdir::WalkDir;

use super::public::{self, Offline};
use super::{Previous, ReleaseError};

/// The targets of `index` and of each bin; bins without targets are there, too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    pub(super) roles: BTreeMap<RoleName, BTreeMap<TargetPath, TargetFile>>,
}

impl Content {
    /// Reads every file below `targets`; its name has to be what its bytes and its role demand.
    pub(super) fn scan(folder: &Path, offline: &Offline) -> Result<Self, ReleaseError> {
        let files: Vec<(TargetPath, TargetFile)> = list(&folder.join("targets"))?
            .into_par_iter()
            .map(|path| describe(folder, &path))
            .collect::<Result<_, _>>()?;
        let mut roles = empty(offline);
        let mut record = None;
        for (path, file) in files {
            let unassigned = || ReleaseError::Unassigned(path.clone());
            let role = role_for(&path, offline.bins).ok_or_else(unassigned)?;
            let before = match roles.get_mut(&role) {
                Some(targets) => targets.insert(path.clone(), file),
                // Of all roles, `role_for` names but the top-level one beside these.
                None => record.replace(file),
            };
            if before.is_some() {
                return Err(ReleaseError::Twice(path));
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
    let path = TargetPath::parse(REGISTRY_RECORD);
    let path =
        path.map_err(|source| ReleaseError::Name { path: REGISTRY_RECORD.into(), source })?;
    let targets = &offline.targets.body.targets;
    if targets.len() == 1 && targets.get(&path) == found {
        return Ok(());
    }
    Err(ReleaseError::NotSigned(path))
}

fn list(folder: &Path) -> Result<Vec<PathBuf>, ReleaseError> {
    let mut files = Vec::new();
    for entry in WalkDir::new(folder).sort_by_file_name() {
        let entry = entry.map_err(|error| ReleaseError::File {
            path: error.path().unwrap_or(folder).to_owned(),
            source: error.into(),
        })?;
        if !entry.file_type().is_dir() {
            files.push(entry.into_path());
        }
    }
    Ok(files)
}

/// Reads `targets/<folder>/<sha256>.<name>`, which is the target `<folder>/<name>`.
fn describe(folder: &Path, file: &Path) -> Result<(TargetPath, TargetFile), ReleaseError> {
    let misnamed = || ReleaseError::Misnamed(file.to_owned());
    let inner = file.strip_prefix(folder.join("targets")).ok().and_then(Path::to_str);
    let inner = inner.ok_or_else(misnamed)?.replace(std::path::MAIN_SEPARATOR, "/");
    let (above, name) = inner.rsplit_once('/').unwrap_or(("", &inner));
    let (digest, name) = name.split_once('.').ok_or_else(misnamed)?;
    let path = if above.is_empty() { name.to_owned() } else { format!("{above}/{name}") };
    let path = TargetPath::parse(&path)
        .map_err(|source| ReleaseError::Name { path: file.to_owned(), source })?;
    let bytes = public::read(file, limits::CATALOG);
    let bytes = bytes.map_err(|source| ReleaseError::File { path: file.to_owned(), source })?;
    let bytes = bytes.filter(|bytes| bytes.len() <= limits::CATALOG).ok_or_else(misnamed)?;
    let actual = Sha256Digest::of(&bytes);
    if actual.to_string() != digest {
        return Err(misnamed());
    }
    let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    Ok((path, TargetFile::new(length, actual)))
}
