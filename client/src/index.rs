//! The index of one registry: what the registry vouches for at this moment.
//!
//! ```text
//! top-level targets ─▶ registry.signed ─▶ the maintainers
//! role index        ─▶ catalog.json
//! a bin             ─▶ plugins/<publisher>/<name>.json
//! ```
//!
//! Each document is taken from the one role that may vouch for it, under its ceiling, and has to
//! be about what was asked for. What a document says of a release is a hint for planning until
//! [`believe`](crate::believe) has seen the publisher's own statement.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::rc::Rc;

use index_schema::catalog::{Catalog, State};
use index_schema::digest::Sha256Digest;
use index_schema::id::{PluginId, PublisherId, RegistryId};
use index_schema::json::{self, FromJson, Problem, Unknown};
use index_schema::layout;
use index_schema::limits;
use index_schema::plugin_doc::{Listed, PluginDoc, StatementRef};
use index_schema::registry::Registry;
use index_schema::statement::{Document, Statement};
use index_schema::time::Timestamp;
use index_schema::tuf::{NameError, RoleName, TargetPath, plugin_target};
use index_schema::version::Version;

use crate::chain::{ChainError, Maintainers};
use crate::failure::{Class, Failure};
use crate::resolve::{Candidate, Universe};
use crate::seen::{self, MemoryError, Seen, SeenError};
use crate::source::{Source, SourceError};
use crate::tuf::store::Store;
use crate::tuf::update::{self, Repository, UpdateError};
use crate::tuf::{TargetInfo, Trusted, TufError};

/// Why an index is not believed.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// The metadata are not current, not trusted, or not to be had.
    #[error(transparent)]
    Update(#[from] UpdateError),
    /// Another role than the one that should vouches for a document.
    #[error(transparent)]
    Role(#[from] TufError),
    /// The path of a target is none.
    #[error("the path of a target is malformed")]
    Path(#[from] NameError),
    /// A file could not be fetched.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The registry does not have a document that every registry has.
    #[error("the registry does not list `{0}`")]
    NotListed(&'static str),
    /// A document cannot be read.
    #[error("`{what}` is not well-formed: {}", first(problems))]
    Malformed {
        /// The document.
        what: String,
        /// What is wrong with it.
        problems: Vec<Problem>,
    },
    /// A document is about something else than what was asked for.
    #[error("`{what}` is about `{found}`, not about `{expected}`")]
    Swapped {
        /// The document.
        what: String,
        /// What was asked for.
        expected: String,
        /// What it is about.
        found: String,
    },
    /// A document lists a release twice.
    #[error("the document of `{id}` lists {version} twice")]
    Twice {
        /// The plugin.
        id: PluginId,
        /// The release.
        version: Version,
    },
    /// A maintainer's certificate is no good.
    #[error("the registry record cannot be used: {}", all(.0))]
    Maintainers(Vec<ChainError>),
    /// The index contradicts what it said before.
    #[error(transparent)]
    Seen(#[from] SeenError),
    /// What was seen cannot be kept.
    #[error(transparent)]
    Memory(#[from] MemoryError),
    /// A statement that the index names is missing.
    #[error("the registry has no `{0}`, which its index names")]
    NoBlob(String),
    /// A statement is not the one that the index names.
    #[error("`{0}` is not the statement that the index names: its size or digest differs")]
    Blob(String),
}

fn first(problems: &[Problem]) -> &str {
    problems.first().map_or("unreadable", |problem| &problem.message)
}

fn all(errors: &[ChainError]) -> String {
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

impl Failure for IndexError {
    fn class(&self) -> Class {
        match self {
            Self::Update(error) => error.class(),
            Self::Source(error) => error.class(),
            Self::Memory(error) => error.class(),
            Self::Role(_)
            | Self::Path(_)
            | Self::NotListed(_)
            | Self::Malformed { .. }
            | Self::Swapped { .. }
            | Self::Twice { .. }
            | Self::Maintainers(_)
            | Self::Seen(_)
            | Self::NoBlob(_)
            | Self::Blob(_) => Class::Untrusted,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Update(error) => error.code(),
            Self::Source(error) => error.code(),
            Self::Memory(error) => error.code(),
            Self::Role(error) => error.code(),
            Self::Seen(error) => error.code(),
            Self::Path(_) => "index/path",
            Self::NotListed(_) => "index/not-listed",
            Self::Malformed { problems, .. } => {
                problems.first().map_or("index/malformed", |p| p.code)
            }
            Self::Swapped { .. } => "index/swapped",
            Self::Twice { .. } => "index/twice",
            Self::Maintainers(errors) => {
                errors.first().map_or("index/maintainers", ChainError::code)
            }
            Self::NoBlob(_) => "index/missing-statement",
            Self::Blob(_) => "index/swapped-statement",
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Update(error) => error.hint(),
            Self::Source(error) => error.hint(),
            Self::Role(error) => error.hint(),
            Self::Seen(error) => error.hint(),
            Self::Memory(error) => error.hint(),
            Self::Path(_)
            | Self::NotListed(_)
            | Self::Malformed { .. }
            | Self::Swapped { .. }
            | Self::Twice { .. }
            | Self::Maintainers(_)
            | Self::NoBlob(_)
            | Self::Blob(_) => None,
        }
    }
}

/// Returns a digest of the keys that sign what is not signed offline.
fn online_keys(trusted: &Trusted) -> Sha256Digest {
    let roles = &trusted.root().roles;
    let top = roles.snapshot.keyids.iter().chain(&roles.timestamp.keyids);
    let delegated = trusted.delegations().into_iter().flat_map(|given| given.keys.keys());
    let mut ids: Vec<String> = top.chain(delegated).map(ToString::to_string).collect();
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
        let maintainers = maintainers(&repository)?;
        let record = maintainers.record();
        seen.record(&record.registry, record.serial)?;
        seen.online_keys(online_keys(repository.trusted()));
        let (seen, documents) = (RefCell::new(seen), RefCell::default());
        Ok(Self { name, source, repository, maintainers, folder, seen, documents })
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

    /// Fetches which commit the index was compiled from.
    pub fn state(&self) -> Result<State, IndexError> {
        self.fixed(layout::STATE_TARGET, limits::MANIFEST, |state: &State| &state.registry)
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
        let Some(size) = usize::try_from(reference.size).ok().filter(|size| *size <= ceiling)
        else {
            return Err(IndexError::Blob(path));
        };
        let bytes = self.source.get(&path, size)?;
        let bytes = bytes.ok_or_else(|| IndexError::NoBlob(path.clone()))?;
        if bytes.len() != size || Sha256Digest::of(&bytes) != reference.sha256 {
            return Err(IndexError::Blob(path));
        }
        Statement::read(&bytes).map_err(|problems| IndexError::Malformed { what: path, problems })
    }

    /// Checks that a publisher is the one that was seen before.
    pub fn same_publisher(
        &self,
        publisher: &PublisherId,
        first: Sha256Digest,
    ) -> Result<(), IndexError> {
        Ok(self.seen.borrow().same_publisher(publisher, first)?)
    }

    /// Remembers a publisher whose first record has been verified.
    pub fn remember_publisher(&self, publisher: &PublisherId, first: Sha256Digest) {
        self.seen.borrow_mut().remember_publisher(publisher, first);
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

/// Takes the registry record from the one role that may vouch for it, the offline one.
fn maintainers(repository: &Repository<'_>) -> Result<Maintainers, IndexError> {
    let path = TargetPath::parse(layout::REGISTRY_TARGET)?;
    let target = repository.find(&path)?;
    let target = target.ok_or(IndexError::NotListed(layout::REGISTRY_TARGET))?;
    let target = target.insist_on(&RoleName::targets())?;
    let ceiling = Registry::LIMIT.saturating_add(limits::SIGNATURES);
    let bytes = repository.fetch(&target, ceiling)?;
    let statement = Statement::<Registry>::read(&bytes)
        .map_err(|problems| IndexError::Malformed { what: path.to_string(), problems })?;
    Maintainers::of(&statement.document).map_err(IndexError::Maintainers)
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

/// Returns a version that stands twice; build metadata do not tell versions apart.
fn repeated(document: &PluginDoc) -> Option<Version> {
    let mut found = BTreeSet::new();
    let versions = document.releases.iter().map(|listed| match listed {
        Listed::Release(release) => &release.version,
        Listed::NeedsNewer(outline) => &outline.version,
    });
    versions.into_iter().find(|version| !found.insert(version.without_build())).cloned()
}
