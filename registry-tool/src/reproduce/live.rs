//! The registry as it is now, verified as a client verifies it.

use std::path::Path;

use index_schema::catalog::State;
use index_schema::digest::Sha256Digest;
use index_schema::json::{self, Unknown};
use index_schema::layout::{IndexPath, STATE_TARGET};
use index_schema::limits;
use index_schema::tuf::{RoleName, TargetPath};
use libral::source::Source;
use libral::tuf::Trusted;
use libral::tuf::store::{Store, StoredFile};
use libral::tuf::update::{self, Repository};
use rayon::{ThreadPool, ThreadPoolBuilder};

use super::{ReproduceError, Request, Versions};
use crate::tree::Tree;

/// Requests that are under way at the same time.
const THREADS: usize = 4;
/// The path of the one file that says what is current.
const TIMESTAMP: &str = "metadata/timestamp.json";

/// A registry whose metadata a client believes.
pub(super) struct Live<'s> {
    source: &'s dyn Source,
    threads: ThreadPool,
    store: Store,
    repository: Repository<'s>,
}

impl<'s> Live<'s> {
    /// Brings the metadata up to date, from a root that is trusted.
    pub(super) fn open(request: &Request<'s>, folder: &Path) -> Result<Self, ReproduceError> {
        let root = match &request.root {
            Some(root) => root.clone(),
            None => first_root(request)?,
        };
        let store = Store::new(folder.to_owned());
        update::begin(&store, &root, Sha256Digest::of(&root)).map_err(ReproduceError::Refused)?;
        let repository = update::refresh(request.source, store.clone(), request.now)
            .map_err(ReproduceError::Refused)?;
        let threads = ThreadPoolBuilder::new().num_threads(THREADS).build()?;
        Ok(Self { source: request.source, threads, store, repository })
    }

    /// Lets several requests be under way at a time.
    pub(super) fn on_threads<T: Send>(&self, work: impl FnOnce(&dyn Source) -> T + Send) -> T {
        let source = self.source;
        self.threads.install(|| work(source))
    }

    pub(super) const fn trusted(&self) -> &Trusted {
        self.repository.trusted()
    }

    pub(super) const fn versions(&self) -> Versions {
        let trusted = self.trusted();
        Versions {
            root: trusted.root().version,
            targets: trusted.targets().version,
            snapshot: trusted.snapshot().version,
            timestamp: trusted.timestamp().version,
        }
    }

    /// Reads what the registry says it is built from.
    pub(super) fn state(&self) -> Result<State, ReproduceError> {
        let no = |why: &str| ReproduceError::State(why.to_owned());
        let path = TargetPath::parse(STATE_TARGET).map_err(|error| no(&error.to_string()))?;
        let refused = ReproduceError::Refused;
        let target = self.repository.find(&path).map_err(refused)?;
        let target = target.ok_or_else(|| no("is listed by no role"))?;
        let target = target.insist_on(&RoleName::index()).map_err(|e| refused(e.into()))?;
        let bytes = self.repository.fetch(&target, limits::MANIFEST).map_err(refused)?;
        let state: State =
            json::read(&bytes, limits::MANIFEST, Unknown::Ignore).map_err(|problems| {
                no(&problems.first().map_or("is unreadable".into(), |p| p.message.clone()))
            })?;
        // A branch or `HEAD~1` is another commit tomorrow.
        let is_digit = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
        if state.commit.len() != 40 || !state.commit.chars().all(is_digit) {
            return Err(no(&format!("names `{}`, which is not the id of a commit", state.commit)));
        }
        Ok(state)
    }

    /// Reads what a client keeps of a top-level role.
    pub(super) fn kept(&self, file: StoredFile<'_>) -> Result<Vec<u8>, ReproduceError> {
        let kept = self.store.read(file).map_err(|e| ReproduceError::Refused(e.into()))?;
        Ok(kept.unwrap_or_default())
    }

    /// Tells whether the registry has another timestamp by now.
    pub(super) fn has_moved(&self) -> Result<bool, ReproduceError> {
        let now = self.source.get(TIMESTAMP, limits::TUF_UNANNOUNCED)?;
        Ok(now != Some(self.kept(StoredFile::Timestamp)?))
    }
}

/// Reads the root with which the registry began from the repository, not from its work tree.
fn first_root(request: &Request<'_>) -> Result<Vec<u8>, ReproduceError> {
    let tree = Tree::at_revision(request.index, request.revision).map_err(ReproduceError::Index)?;
    let limit = u64::try_from(limits::TUF_UNANNOUNCED).unwrap_or(u64::MAX);
    let root = tree.read(&IndexPath::Root(1).to_string(), limit).map_err(ReproduceError::Index)?;
    root.ok_or_else(|| ReproduceError::NoRoot(request.revision.to_owned()))
}
