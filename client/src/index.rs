//! The index of one registry: what the registry vouches for at this moment.
//!
//! ```text
//! top-level targets ─▶ the registry's records ─▶ the maintainers
//! role index        ─▶ catalog.json
//! a bin             ─▶ plugins/<publisher>/<name>.json
//! ```
//!
//! Each document is taken from the one role that may vouch for it, under its ceiling, and has to
//! be about what was asked for. What a document says of a release is a hint for planning until
//! [`believe`](crate::believe) has seen the publisher's own statement.

mod error;
mod records;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::rc::Rc;

use index_schema::catalog::{Catalog, State};
use index_schema::digest::Sha256Digest;
use index_schema::id::{PluginId, PublisherId, RegistryId};
use index_schema::json::{self, FromJson, Unknown};
use index_schema::layout;
use index_schema::limits;
use index_schema::plugin_doc::{Blob, Gone, Listed, PluginDoc, StatementRef};
use index_schema::registry::Registry;
use index_schema::statement::{Document, Statement};
use index_schema::time::Timestamp;
use index_schema::tuf::{KeyId, RoleName, TargetPath, plugin_target};
use index_schema::version::Version;

pub use self::error::IndexError;
use crate::chain::Maintainers;
use crate::resolve::{Candidate, Universe};
use crate::seen::{self, Removed, Seen, SeenRecord};
use crate::source::Source;
use crate::tuf::store::Store;
use crate::tuf::update::{self, Repository};
use crate::tuf::{TargetInfo, Trusted};

/// Returns a digest of the keys that sign what is not signed offline.
fn online_keys(trusted: &Trusted) -> Sha256Digest {
    let roles = &trusted.root().roles;
    let top = roles.snapshot.keyids.iter().chain(&roles.timestamp.keyids);
    let delegated = trusted.delegations().into_iter().flat_map(|given| given.keys.keys());
    digest_of(top.chain(delegated))
}

/// Returns a digest of some keys, in whatever order they are listed.
fn digest_of<'k>(ids: impl Iterator<Item = &'k KeyId>) -> Sha256Digest {
    let mut ids: Vec<String> = ids.map(ToString::to_string).collect();
    ids.sort();
    ids.dedup();
    Sha256Digest::of(ids.join("\n").as_bytes())
}

/// Whether metadata are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// The registry is asked for what is current.
    Current,
    /// What was fetched before has to do.
    Stored,
}

/// The index of one registry, brought up to date.
pub struct Index<'s> {
    name: RegistryId,
    source: &'s dyn Source,
    repository: Repository<'s>,
    maintainers: Maintainers,
    folder: PathBuf,
    seen: RefCell<Seen>,
    documents: RefCell<BTreeMap<PluginId, Option<Rc<PluginDoc>>>>,
    /// Up to which serial the user follows hand-overs of publishers.
    handovers: RefCell<BTreeMap<PublisherId, u64>>,
}

impl<'s> Index<'s> {
    /// Opens the index of the registry that the user calls `name` and whose trust lies in
    /// `folder`, as of `now`.
    pub fn open(
        (name, folder): (RegistryId, PathBuf),
        source: &'s dyn Source,
        now: Timestamp,
        freshness: Freshness,
    ) -> Result<Self, IndexError> {
        let store = Store::new(folder.clone());
        let repository = match freshness {
            Freshness::Current => update::refresh(source, store, now)?,
            Freshness::Stored => update::open_stored(source, store, now)?,
        };
        let mut seen = seen::load(&folder)?;
        let (maintainers, records) = records::maintainers(repository.trusted())?;
        let targets_keys = digest_of(repository.trusted().root().roles.targets.keyids.iter());
        seen.registry(&maintainers.record().registry, (targets_keys, &records))?;
        seen.online_keys(online_keys(repository.trusted()));
        let seen = RefCell::new(seen);
        let (documents, handovers) = (RefCell::default(), RefCell::default());
        Ok(Self { name, source, repository, maintainers, folder, seen, documents, handovers })
    }

    /// Returns what the user calls the registry.
    pub const fn name(&self) -> &RegistryId {
        &self.name
    }

    /// Returns the files of the registry.
    pub const fn source(&self) -> &'s dyn Source {
        self.source
    }

    /// Returns who maintains the registry, and its record.
    pub const fn maintainers(&self) -> &Maintainers {
        &self.maintainers
    }

    /// Returns the record of the registry.
    pub const fn record(&self) -> &Registry {
        self.maintainers.record()
    }

    /// Writes down what was seen. To be called at the end, however that came about.
    pub fn remember(&self) -> Result<(), IndexError> {
        Ok(seen::save(&self.folder, &self.seen.borrow())?)
    }

    /// Fetches the catalogue.
    pub fn catalog(&self) -> Result<Catalog, IndexError> {
        self.fixed(layout::CATALOG_TARGET, limits::CATALOG, |catalog: &Catalog| &catalog.registry)
    }

    /// Fetches which commit the index was compiled from; it is not older than one seen before.
    pub fn state(&self) -> Result<State, IndexError> {
        let state: State =
            self.fixed(layout::STATE_TARGET, limits::MANIFEST, |state: &State| &state.registry)?;
        self.seen.borrow_mut().state(&state)?;
        Ok(state)
    }

    /// Fetches one of the files for which the role `index` vouches.
    fn fixed<T: FromJson>(
        &self,
        name: &'static str,
        limit: usize,
        registry: impl Fn(&T) -> &RegistryId,
    ) -> Result<T, IndexError> {
        let path = TargetPath::parse(name)?;
        let target = self.repository.find(&path)?.ok_or(IndexError::NotListed(name))?;
        let target = target.insist_on(&RoleName::index())?;
        let document = self.document(&target, limit)?;
        self.same_registry(&path, registry(&document))?;
        Ok(document)
    }

    /// Returns the document of a plugin, fetched when it is first asked for; `None` if the
    /// registry does not have the plugin.
    pub fn plugin(&self, id: &PluginId) -> Result<Option<Rc<PluginDoc>>, IndexError> {
        if let Some(known) = self.documents.borrow().get(id) {
            return Ok(known.clone());
        }
        let document = self.fetch_plugin(id)?.map(Rc::new);
        self.documents.borrow_mut().insert(id.clone(), document.clone());
        Ok(document)
    }

    /// Returns the documents that were fetched so far.
    pub fn fetched(&self) -> Vec<Rc<PluginDoc>> {
        self.documents.borrow().values().flatten().cloned().collect()
    }

    fn fetch_plugin(&self, id: &PluginId) -> Result<Option<PluginDoc>, IndexError> {
        let path = plugin_target(id);
        let Some(target) = self.repository.find(&path)? else {
            self.seen.borrow().absent(id)?;
            return Ok(None);
        };
        let target = target.insist_on_bin()?;
        let document: PluginDoc = self.document(&target, limits::PLUGIN_DOCUMENT)?;
        self.same_registry(&path, &document.registry)?;
        if document.id != *id {
            return Err(swapped(&path, id, &document.id));
        }
        if let Some(version) = repeated(&document) {
            return Err(IndexError::Twice { id: id.clone(), version });
        }
        self.seen.borrow_mut().document(&document)?;
        Ok(Some(document))
    }

    fn document<T: FromJson>(&self, target: &TargetInfo, limit: usize) -> Result<T, IndexError> {
        let bytes = self.repository.fetch(target, limit)?;
        json::read(&bytes, limit, Unknown::Ignore)
            .map_err(|problems| IndexError::Malformed { what: target.path.to_string(), problems })
    }

    fn same_registry(&self, path: &TargetPath, found: &RegistryId) -> Result<(), IndexError> {
        let expected = &self.record().registry;
        if expected == found { Ok(()) } else { Err(swapped(path, expected, found)) }
    }

    /// Fetches a statement that a document names. Who signed it, nobody has checked.
    pub fn statement<T: Document>(
        &self,
        reference: &StatementRef,
    ) -> Result<Statement<T>, IndexError> {
        let path = layout::blob(&reference.sha256);
        let ceiling = T::LIMIT.saturating_add(limits::SIGNATURES);
        let bytes = self.blob(&Blob { sha256: reference.sha256, size: reference.size }, ceiling)?;
        Statement::read(&bytes).map_err(|problems| IndexError::unreadable(path, problems))
    }

    /// Fetches a file that a document names, of at most `ceiling` bytes.
    pub fn blob(&self, blob: &Blob, ceiling: usize) -> Result<Vec<u8>, IndexError> {
        let path = layout::blob(&blob.sha256);
        let Some(size) = usize::try_from(blob.size).ok().filter(|size| *size <= ceiling) else {
            return Err(IndexError::Blob(path));
        };
        let bytes = self.source.get(&path, size)?;
        let bytes = bytes.ok_or_else(|| IndexError::NoBlob(path.clone()))?;
        if bytes.len() == size && Sha256Digest::of(&bytes) == blob.sha256 {
            return Ok(bytes);
        }
        Err(IndexError::Blob(path))
    }

    /// Checks that the records of a publisher are those that were seen before, and perhaps more;
    /// and so is what the maintainers said of it.
    pub fn same_publisher(
        &self,
        publisher: &PublisherId,
        (records, said): (&[SeenRecord], &BTreeMap<u64, Sha256Digest>),
    ) -> Result<(), IndexError> {
        let seen = self.seen.borrow();
        seen.same_publisher(publisher, records)?;
        Ok(seen.same_words(publisher, said)?)
    }

    /// Tells whether a hand-over of a publisher has to be agreed to: an earlier record was seen,
    /// this one was not, and nobody has agreed yet.
    pub fn asks_for_handover(&self, publisher: &PublisherId, serial: u64) -> bool {
        let agreed = self.handovers.borrow().get(publisher).copied();
        self.seen.borrow().is_new_record(publisher, serial)
            && agreed.is_none_or(|agreed| agreed < serial)
    }

    /// Agrees to the hand-overs of a publisher up to a record.
    pub fn accept_handovers(&self, publisher: &PublisherId, up_to: u64) {
        self.handovers.borrow_mut().insert(publisher.clone(), up_to);
    }

    /// Remembers the records of a publisher, which have been verified, and what the maintainers
    /// said of it: last, whether it is suspended, and why.
    pub fn remember_publisher(
        &self,
        publisher: &PublisherId,
        (records, said, suspended): (&[SeenRecord], BTreeMap<u64, Sha256Digest>, Option<String>),
    ) {
        let mut seen = self.seen.borrow_mut();
        seen.remember_publisher(publisher, records);
        seen.remember_words(publisher, said, suspended);
    }

    /// Returns the releases that were seen before and that a document calls gone.
    pub fn lost<'d>(&self, document: &'d PluginDoc) -> Vec<&'d Gone> {
        let seen = self.seen.borrow();
        document.gone.iter().filter(|gone| seen.knows(&document.id, &gone.version)).collect()
    }

    /// Remembers that the maintainers removed a release, which has been verified.
    pub fn remember_removed(&self, id: &PluginId, version: &Version, why: Removed) {
        self.seen.borrow_mut().remember_removed(id, version, why);
    }
}

impl Universe for Index<'_> {
    type Error = IndexError;

    fn candidates(&self, id: &PluginId) -> Result<Option<Vec<Candidate>>, IndexError> {
        let document = self.plugin(id)?;
        Ok(document.map(|document| document.releases.iter().map(Candidate::from).collect()))
    }

    fn names(&self) -> Result<Vec<PluginId>, IndexError> {
        Ok(self.catalog()?.plugins.ids().cloned().collect())
    }
}

fn swapped(
    path: &TargetPath,
    expected: &impl std::fmt::Display,
    found: &impl std::fmt::Display,
) -> IndexError {
    IndexError::Swapped {
        what: path.to_string(),
        expected: expected.to_string(),
        found: found.to_string(),
    }
}

/// Returns a version that stands twice, listed or gone; build metadata do not tell versions apart.
fn repeated(document: &PluginDoc) -> Option<Version> {
    let mut found = BTreeSet::new();
    let versions = document.releases.iter().map(|listed| match listed {
        Listed::Release(release) => &release.version,
        Listed::NeedsNewer(outline) => &outline.version,
    });
    let gone = document.gone.iter().map(|gone| &gone.version);
    versions.chain(gone).find(|version| !found.insert(version.without_build())).cloned()
}
