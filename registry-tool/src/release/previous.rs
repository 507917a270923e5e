//! The state that was released before, and the state to be released, judged as a client would.

use std::collections::BTreeMap;
use std::path::Path;

use index_schema::catalog::State;
use index_schema::digest::Sha256Digest;
use index_schema::limits;
use index_schema::time::Timestamp;
use index_schema::tuf::{
    BinCount, DelegatedRole, Delegations, Envelope, Key, KeyId, MetaVersion, Role, RoleKeys,
    RoleName, Root, Signature, Snapshot, SnapshotPointer, TargetFile, TargetPath, Targets,
};
use libral::source::{Source, SourceError};
use libral::tuf::store::{Store, StoredFile};
use libral::tuf::update::{self, Repository, UpdateError};
use libral::tuf::{Signed, Trusted, TrustedRoot, TufError, is_good};

use super::ReleaseError;
use super::content::{Named, parse_state, state_path};
use super::public::{self, Offline, Public, Staged};
use super::threads::each;
use crate::trust::document::bin_count;
use crate::trust::show::{Life, OnlineLives};

/// The state that was released before; every signature and version in it has been checked.
///
/// All of it is fetched, also what lies in a local copy: the snapshot names versions, not digests,
/// and whoever held the keys may have signed two files of one version. Clients have seen the one
/// that was published.
pub struct Previous<'s> {
    pub(super) root: Root,
    pub(super) timestamp: Kept<SnapshotPointer>,
    pub(super) snapshot: Kept<Snapshot>,
    pub(super) targets: Kept<Targets>,
    pub(super) roles: BTreeMap<RoleName, Signed>,
    /// How many bins there are, if they are those of a registry.
    bins: Option<BinCount>,
    pub(super) source: &'s dyn Source,
    /// What a client that has seen this state keeps.
    store: Store,
}

/// A metadata file that may be published again as it is.
#[derive(Debug)]
pub(super) struct Kept<T> {
    pub(super) envelope: Envelope<T>,
    pub(super) bytes: Vec<u8>,
}

impl<T: Role> Kept<T> {
    fn read(bytes: Vec<u8>, file: &str) -> Result<Self, TufError> {
        let malformed = |problems| TufError::Malformed { file: file.to_owned(), problems };
        let envelope = Envelope::read(&bytes, limits::TUF).map_err(malformed)?;
        Ok(Self { envelope, bytes })
    }
}

fn life(body: &impl Role) -> Life {
    (body.version().get(), body.expires())
}

impl<'s> Previous<'s> {
    /// Loads the state that `source` serves, starting from a first root.
    ///
    /// Expiry does not matter: a registry that nobody released for too long has to be released.
    /// Where `build` has put a root beside a state that it does not vouch for any more, the state
    /// is the one of the root before.
    pub fn load(first_root: &[u8], source: &'s dyn Source) -> Result<Self, ReleaseError> {
        let mut newest = None;
        let mut first_error = None;
        loop {
            let (error, root) = match Self::load_until(first_root, source, newest)? {
                Ok(previous) => return Ok(previous),
                Err(refusal) => refusal,
            };
            let is_of_another_root =
                matches!(error, UpdateError::Untrusted(TufError::Signatures { .. }));
            first_error.get_or_insert(error);
            newest = root.and_then(|root| MetaVersion::new(root.get() - 1));
            if newest.is_none() || !is_of_another_root {
                break;
            }
        }
        let error = first_error.unwrap_or(UpdateError::NoRoot);
        Err(ReleaseError::Refused("previous", error))
    }

    /// Loads the state of the newest root up to `newest`; or says why it is refused, and which root
    /// refuses it.
    fn load_until(
        first_root: &[u8],
        source: &'s dyn Source,
        newest: Option<MetaVersion>,
    ) -> Result<Result<Self, (UpdateError, Option<MetaVersion>)>, ReleaseError> {
        let store = Store::in_memory();
        let refused = |error| ReleaseError::Refused("previous", error);
        update::begin(&store, first_root, Sha256Digest::of(first_root)).map_err(refused)?;
        let limited = Until { source, newest };
        let repository = match update::refresh(&limited, store.clone(), Timestamp::EPOCH) {
            Ok(repository) => repository,
            Err(error) => {
                let root = store.read(StoredFile::Root)?;
                let root = root.and_then(|bytes| TrustedRoot::load(&bytes).ok());
                return Ok(Err((error, root.map(|root| root.metadata().version))));
            }
        };
        let trusted = repository.trusted();
        let roles = delegated(source, trusted, |delegations, role, bytes| {
            Ok((role.name.clone(), trusted.signed(delegations, role, bytes)?))
        });
        let read = |file, name: &str| {
            let missing = || ReleaseError::Missing(name.to_owned());
            store.read(file)?.ok_or_else(missing)
        };
        let targets = RoleName::targets();
        Ok(Ok(Self {
            root: trusted.root().clone(),
            timestamp: Kept::read(read(StoredFile::Timestamp, "timestamp")?, "timestamp")?,
            snapshot: Kept::read(read(StoredFile::Snapshot, "snapshot")?, "snapshot")?,
            targets: Kept::read(read(StoredFile::Targets(&targets), "targets")?, "targets")?,
            roles: roles.map_err(refused)?.into_iter().collect(),
            bins: trusted.delegations().and_then(|delegations| bin_count(delegations)),
            source,
            store,
        }))
    }

    /// Loads the state that lies in the folder that is published.
    pub fn of_folder(source: &'s dyn Source) -> Result<Self, ReleaseError> {
        let first = "metadata/1.root.json";
        let missing = || ReleaseError::Missing(first.to_owned());
        let root = source.get(first, limits::TUF_UNANNOUNCED)?.ok_or_else(missing)?;
        Self::load(&root, source)
    }

    /// Returns the newest root.
    pub const fn root(&self) -> &Root {
        &self.root
    }

    /// Returns the top-level targets.
    pub const fn targets(&self) -> &Targets {
        &self.targets.envelope.body
    }

    pub(super) fn targets_file(&self) -> &[u8] {
        &self.targets.bytes
    }

    /// Returns versions and expiries of the online roles.
    pub fn lives(&self) -> OnlineLives {
        let bins = self.roles.iter().filter(|(name, _)| **name != RoleName::index());
        let bins: Vec<Life> = bins.map(|(_, file)| life(file.targets())).collect();
        let newest = bins.iter().map(|(version, _)| *version).max();
        let first = bins.iter().map(|(_, expires)| *expires).min();
        OnlineLives {
            index: self.roles.get(&RoleName::index()).map(|file| life(file.targets())),
            bins: newest.zip(first),
            snapshot: Some(life(&self.snapshot.envelope.body)),
            timestamp: Some(life(&self.timestamp.envelope.body)),
        }
    }

    /// Returns what the bins say: the documents of plugins.
    pub(super) fn bins(&self) -> impl Iterator<Item = (&RoleName, &Named)> {
        let bins = self.roles.iter().filter(|(name, _)| **name != RoleName::index());
        bins.map(|(name, file)| (name, &file.targets().targets))
    }

    /// Returns what a role says.
    pub(super) fn targets_of(&self, role: &RoleName) -> Option<&Named> {
        self.roles.get(role).map(|file| &file.targets().targets)
    }

    /// Returns the document of one plugin.
    pub(super) fn plugin(&self, path: &TargetPath) -> Option<&TargetFile> {
        match self.bins {
            Some(bins) => self.targets_of(&bins.bin_of(path))?.get(path),
            None => self.bins().find_map(|(_, targets)| targets.get(path)),
        }
    }

    /// Returns the version of the timestamp.
    pub fn timestamp_version(&self) -> MetaVersion {
        self.timestamp.envelope.body.version
    }

    /// Fetches the state: which commit was released.
    pub fn state(&self) -> Result<State, ReleaseError> {
        let refused = |error| ReleaseError::Refused("previous", error);
        let index = self.targets_of(&RoleName::index());
        let file = index.and_then(|targets| targets.get(&state_path()));
        let missing = || refused(UpdateError::Missing(state_path().to_string()));
        let file = file.ok_or_else(missing)?;
        let name = file.hashes.name().ok_or_else(missing)?;
        let place = format!("targets/{}", state_path().consistent(&name));
        let bytes = self.source.get(&place, limits::MANIFEST)?.ok_or_else(missing)?;
        if file.hashes.match_bytes(&bytes) {
            return parse_state(&bytes);
        }
        Err(refused(UpdateError::Untrusted(TufError::Content(state_path().to_string()))))
    }

    /// Refuses a folder whose offline metadata are not those of this state, or newer ones.
    pub(super) fn check_offline(
        &self,
        folder: &Path,
        offline: &Offline,
        is_recovery: bool,
    ) -> Result<(), ReleaseError> {
        let mut version = MetaVersion::FIRST;
        while version <= self.root.version {
            let file = format!("metadata/{version}.root.json");
            let published = self.source.get(&file, limits::TUF_UNANNOUNCED)?;
            let here = public::metadata(folder, version, "root")?;
            match (published, here) {
                (Some(published), Some(here)) if published == here => {}
                (_, None) => return Err(ReleaseError::Behind(file)),
                (_, Some(_)) => return Err(ReleaseError::Forked(file)),
            }
            version = version.next().ok_or(TufError::LastVersion(version))?;
        }
        let (before, now) = (self.targets().version, offline.targets.body.version);
        let file = format!("metadata/{now}.targets.json");
        if now < before && !is_recovery {
            return Err(ReleaseError::Behind(format!("metadata/{before}.targets.json")));
        }
        let published = self.source.get(&file, limits::TUF)?;
        let here = public::metadata(folder, now, "targets")?;
        if published.is_some() && published != here {
            return Err(ReleaseError::Forked(file));
        }
        Ok(())
    }

    /// Refuses a recovery after which a key of this state would still count: what clients have
    /// seen is forgotten only when every online key is another (TUF 5.3.11).
    pub(super) fn check_recovery(&self, offline: &Offline) -> Result<(), ReleaseError> {
        let (before, now) = (&self.root.roles, &offline.root.metadata().roles);
        let online = [
            ("snapshot", &before.snapshot, &now.snapshot),
            ("timestamp", &before.timestamp, &now.timestamp),
        ];
        for (role, before, now) in online {
            if !before.keyids.is_disjoint(&now.keyids) {
                return Err(ReleaseError::SameKeys(role.to_owned()));
            }
        }
        let stolen = self.targets().delegations.as_ref();
        let stolen = |role: &&DelegatedRole| {
            let ids = &role.keys.keyids;
            stolen.is_some_and(|before| ids.iter().any(|id| before.keys.contains_key(id)))
        };
        match offline.delegations.roles.iter().find(stolen) {
            Some(role) => Err(ReleaseError::SameKeys(role.name.to_string())),
            None => Ok(()),
        }
    }
}

/// A source without the roots after some version.
struct Until<'s> {
    source: &'s dyn Source,
    newest: Option<MetaVersion>,
}

impl Source for Until<'_> {
    fn get(&self, path: &str, limit: usize) -> Result<Option<Vec<u8>>, SourceError> {
        let after = self.newest.and_then(MetaVersion::next);
        if after.is_some_and(|after| path == format!("metadata/{after}.root.json")) {
            return Ok(None);
        }
        self.source.get(path, limit)
    }
}

/// Tells whether a role's keys are who signed a file, and enough of them did.
pub(super) fn is_signed_by<T: Role>(
    file: &Envelope<T>,
    keys: &BTreeMap<KeyId, Key>,
    role: &RoleKeys,
) -> bool {
    let good = |signature: &Signature| {
        let key = keys.get(&signature.keyid).filter(|key| role.keyids.contains(&key.id()));
        key.is_some_and(|key| is_good(key, file.canonical(), &signature.sig))
    };
    let count = u64::try_from(file.signatures.len()).unwrap_or(u64::MAX);
    count >= role.threshold && file.signatures.iter().all(good)
}

/// Fetches the file of every delegated role, a few at a time, and does `work` with it.
fn delegated<R: Send>(
    source: &dyn Source,
    trusted: &Trusted,
    work: impl Fn(&Delegations, &DelegatedRole, Vec<u8>) -> Result<R, TufError> + Sync,
) -> Result<Vec<R>, UpdateError> {
    let Some(delegations) = trusted.delegations() else { return Ok(Vec::new()) };
    each(&delegations.roles, |role| {
        let version = trusted.file_of(&role.name)?.version;
        let path = format!("metadata/{version}.{}.json", role.name.stem());
        let bytes = source.get(&path, limits::TUF)?;
        let bytes = bytes.ok_or_else(|| UpdateError::Missing(path))?;
        Ok(work(delegations, role, bytes)?)
    })
}

/// Refuses what a client would refuse, be it new or one that has seen the state before.
///
/// The signatures of a file that was in the state before, too, were verified when that was loaded.
pub(super) fn check(
    public: &Path,
    staged: &Staged,
    previous: Option<&Previous<'_>>,
    now: Timestamp,
) -> Result<(), ReleaseError> {
    let refused = |error| ReleaseError::Refused("new", error);
    let source = Public { folder: public, staged };
    let store = Store::in_memory();
    let root = public::first_root(public)?;
    update::begin(&store, &root, Sha256Digest::of(&root)).map_err(refused)?;
    let repository: Repository<'_> = update::refresh(&source, store, now).map_err(refused)?;
    let trusted = repository.trusted();
    let known = |role: &DelegatedRole| previous.and_then(|previous| previous.roles.get(&role.name));
    delegated(&source, trusted, |delegations, role, bytes| {
        trusted.recheck((delegations, role), &bytes, known(role))
    })
    .map_err(refused)?;
    if let Some(previous) = previous {
        update::refresh(&source, previous.store.clone(), now).map_err(refused)?;
    }
    Ok(())
}
