//! Removing: what goes, what forbids it, and what nobody needs afterwards.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use index_schema::id::PluginId;
use index_schema::time::Timestamp;

use crate::failure::{Class, Failure};
use crate::generation::{Generation, GenerationError, Generations, Installed, Origin};
use crate::home::{Home, HomeError};
use crate::install::tidy;
use crate::transaction::{self, Change, TransactionError};

/// Why nothing was removed.
#[derive(Debug, thiserror::Error)]
pub enum RemoveError {
    /// The home cannot be used.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// The state cannot be read.
    #[error(transparent)]
    Generation(#[from] GenerationError),
    /// The change was not made.
    #[error(transparent)]
    Transaction(#[from] TransactionError),
    /// It is not there.
    #[error("{0} is not installed")]
    NotInstalled(PluginId),
    /// Others need it.
    #[error("{id} is needed by {}", list(by))]
    Needed {
        /// The plugin.
        id: PluginId,
        /// Who needs it.
        by: Vec<PluginId>,
    },
}

fn list(ids: &[PluginId]) -> String {
    ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

impl Failure for RemoveError {
    fn class(&self) -> Class {
        match self {
            Self::Home(error) => error.class(),
            Self::Generation(error) => error.class(),
            Self::Transaction(error) => error.class(),
            Self::NotInstalled(_) => Class::NotFound,
            Self::Needed { .. } => Class::Refused,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Home(error) => error.code(),
            Self::Generation(error) => error.code(),
            Self::Transaction(error) => error.code(),
            Self::NotInstalled(_) => "remove/not-installed",
            Self::Needed { .. } => "remove/needed",
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::NotInstalled(_) => Some("`libral list` shows what is".to_owned()),
            Self::Needed { by, .. } => Some(format!("remove them as well: {}", list(by))),
            Self::Home(_) | Self::Generation(_) | Self::Transaction(_) => None,
        }
    }
}

/// What a removal does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Removal {
    /// What goes.
    pub removed: BTreeMap<PluginId, Installed>,
    /// What stays and is not needed any more: it came with something that goes.
    pub unneeded: BTreeSet<PluginId>,
    /// Everything that stays.
    pub stays: BTreeMap<PluginId, Installed>,
}

/// Decides what a removal does. Pure.
pub fn plan(
    installed: &BTreeMap<PluginId, Installed>,
    ids: &BTreeSet<PluginId>,
) -> Result<Removal, RemoveError> {
    if let Some(id) = ids.iter().find(|id| !installed.contains_key(*id)) {
        return Err(RemoveError::NotInstalled(id.clone()));
    }
    let (removed, stays): (BTreeMap<_, _>, BTreeMap<_, _>) =
        installed.clone().into_iter().partition(|(id, _)| ids.contains(id));
    for id in ids {
        let needs = stays.iter().filter(|(_, plugin)| plugin.dependencies.contains_key(id));
        let by: Vec<PluginId> = needs.map(|(by, _)| by.clone()).collect();
        if !by.is_empty() {
            return Err(RemoveError::Needed { id: id.clone(), by });
        }
    }
    let before = unneeded(installed);
    let unneeded = unneeded(&stays).difference(&before).cloned().collect();
    Ok(Removal { removed, unneeded, stays })
}

/// Returns what is there for others, none of which is there.
fn unneeded(installed: &BTreeMap<PluginId, Installed>) -> BTreeSet<PluginId> {
    let direct = installed.iter().filter(|(_, plugin)| plugin.origin == Origin::Direct);
    let mut needed = BTreeSet::new();
    let mut waiting: Vec<&PluginId> = direct.map(|(id, _)| id).collect();
    while let Some(id) = waiting.pop() {
        if let Some(plugin) = installed.get(id)
            && needed.insert(id)
        {
            waiting.extend(plugin.dependencies.keys());
        }
    }
    installed.keys().filter(|id| !needed.contains(id)).cloned().collect()
}

/// Removes plugins.
pub fn remove(
    home: &Home,
    ids: &BTreeSet<PluginId>,
    (now, reason): (Timestamp, Vec<String>),
    patience: Duration,
) -> Result<(Removal, Generation), RemoveError> {
    let lock = home.claim(patience)?;
    transaction::recover(&lock)?;
    let current = Generations::open(home)?.current()?;
    let base = current.as_ref().map(|generation| generation.n);
    let installed = current.map(|generation| generation.plugins).unwrap_or_default();
    let removal = plan(&installed, ids)?;
    let change = Change { base, created: now, reason, plugins: removal.stays.clone() };
    let generation = transaction::commit(&lock, change)?;
    tidy(&lock)?;
    Ok((removal, generation))
}

#[cfg(test)]
mod tests {
    use index_schema::digest::Sha256Digest;
    use index_schema::id::RegistryId;
    use index_schema::version::Version;

    use super::*;

    fn id(text: &str) -> PluginId {
        PluginId::parse(text).unwrap()
    }

    fn installed(origin: Origin, needs: &[&str]) -> Installed {
        let version = Version::parse("1.0.0").unwrap();
        Installed {
            registry: RegistryId::parse("demo").unwrap(),
            archive: Sha256Digest::of(b"archive"),
            statement: Sha256Digest::of(b"statement"),
            signers: BTreeSet::new(),
            enabled: true,
            pinned: false,
            origin,
            dependencies: needs.iter().map(|need| (id(need), version.clone())).collect(),
            consents: BTreeSet::new(),
            version,
        }
    }

    /// `app` needs `base`, which needs `core`; `old` is a leftover.
    fn world() -> BTreeMap<PluginId, Installed> {
        BTreeMap::from([
            (id("lab/app"), installed(Origin::Direct, &["lab/base"])),
            (id("lab/base"), installed(Origin::Automatic, &["lab/deep"])),
            (id("lab/deep"), installed(Origin::Automatic, &[])),
            (id("lab/old"), installed(Origin::Automatic, &[])),
        ])
    }

    #[test]
    fn what_nobody_needs_goes_and_its_dependencies_are_listed() {
        let removal = plan(&world(), &BTreeSet::from([id("lab/app")])).unwrap();
        assert_eq!(removal.removed.keys().cloned().collect::<Vec<_>>(), [id("lab/app")]);
        assert_eq!(removal.unneeded, BTreeSet::from([id("lab/base"), id("lab/deep")]));
        assert_eq!(removal.stays.len(), 3);
    }

    #[test]
    fn what_somebody_needs_stays_unless_who_needs_it_goes_too() {
        let error = plan(&world(), &BTreeSet::from([id("lab/deep")])).unwrap_err();
        assert_eq!(error.to_string(), "lab/deep is needed by lab/base");
        let all = BTreeSet::from([id("lab/app"), id("lab/base"), id("lab/deep")]);
        assert_eq!(plan(&world(), &all).unwrap().stays.len(), 1);
    }

    #[test]
    fn what_is_not_installed_cannot_be_removed() {
        let error = plan(&world(), &BTreeSet::from([id("lab/app"), id("lab/none")])).unwrap_err();
        assert_eq!(error.to_string(), "lab/none is not installed");
    }
}
