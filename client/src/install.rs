//! Installing: from a wish to the next generation.
//!
//! [`Installer::prepare`] resolves and has every release vouched for by its publisher; nothing
//! is changed. [`Installer::carry_out`] fetches, checks and unpacks the packages, and makes one
//! change of it all. A crash or an error at any moment leaves the old state.

mod error;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use index_schema::digest::Sha256Digest;
use index_schema::id::{PluginId, PublisherId};
use index_schema::manifest::{Artifact, Platform};
use index_schema::osv::{AdvisoryId, Harm, Osv};
use index_schema::permission::PermissionName;
use index_schema::plugin_doc::PluginDoc;
use index_schema::publisher_status::Trust;
use index_schema::time::Timestamp;
use index_schema::version::Version;

pub use self::error::InstallError;
use crate::believe::{self, BelieveError, Believed};
use crate::chain::Chain;
use crate::generation::{Generation, Generations, Installed, KEPT};
use crate::home::{Exclusive, Home};
use crate::index::{Index, IndexError};
use crate::plan::{self, Action, Plan, PlanError, Setting, Step, Warning, Wishes};
use crate::resolve::resolve;
use crate::source::Source;
use crate::source::http::Web;
use crate::store::{Store, StoreError};
use crate::transaction::{self, Change, TransactionError};
use crate::verify::Wanted;

/// How many packages are fetched at once.
const AT_ONCE: usize = 4;

/// What a download tells about itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event<'e> {
    /// So many bytes of a package have come.
    Bytes(&'e PluginId, u64),
    /// A package is unpacked.
    Unpacked(&'e PluginId),
}

/// Hears what downloads tell; they run in several threads.
pub type Listener<'l> = &'l (dyn Fn(Event<'_>) + Sync);

/// A plan whose releases their publishers vouch for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepared {
    plan: Plan,
    believed: BTreeMap<PluginId, Believed>,
    trust: BTreeMap<PublisherId, Trust>,
    generation: Option<Generation>,
}

impl Prepared {
    /// Returns the plan.
    pub const fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Returns what the publisher says of a release.
    pub fn believed(&self, id: &PluginId) -> Option<&Believed> {
        self.believed.get(id)
    }

    /// Returns how far the maintainers vouch for a publisher of the plan.
    pub fn trust(&self, publisher: &PublisherId) -> Option<Trust> {
        self.trust.get(publisher).copied()
    }

    /// Tells whether everything is as it should be already.
    pub fn is_done(&self) -> bool {
        let installed = |step: &Step| self.generation.as_ref()?.plugins.get(&step.id);
        self.plan.steps.iter().all(|step| {
            step.action == Action::Keep
                && installed(step).is_some_and(|plugin| plugin.origin == step.origin)
        })
    }
}

/// Where and what for plugins are installed.
pub struct Installer<'i, 's> {
    /// The home.
    pub home: &'i Home,
    /// The registry.
    pub index: &'i Index<'s>,
    /// The web, if it may be asked.
    pub web: Option<&'i Web>,
    /// The machine.
    pub platform: Platform,
    /// The host application's version, if it matters.
    pub host: Option<Version>,
    /// How long to wait for other processes.
    pub patience: Duration,
    /// Publishers that may bring something new though the maintainers suspended them.
    pub allowed: BTreeSet<PublisherId>,
    /// Advisories that are no reason not to install something.
    pub excused: BTreeSet<AdvisoryId>,
    /// The time at which it is asked who is vouched for.
    pub now: Timestamp,
}

impl Installer<'_, '_> {
    /// Finds out what the wishes would change; changes nothing.
    pub fn prepare(&self, wishes: &Wishes) -> Result<Prepared, InstallError> {
        let generation = Generations::open(self.home)?.current()?;
        let setting = Setting {
            generation: generation.as_ref(),
            name: self.index.name(),
            record: self.index.record(),
            platform: &self.platform,
            host: self.host.as_ref(),
        };
        let solution = resolve(&plan::request(wishes, &setting), self.index);
        // What was called gone without proof may have led to this solution, or to none.
        believe::lost(self.index)?;
        let solution = match solution {
            Ok(solution) => solution,
            Err(error) => return Err(self.gone(wishes)?.unwrap_or_else(|| error.into())),
        };
        let mut documents = BTreeMap::new();
        for id in solution.releases.keys() {
            documents.extend(self.index.plugin(id)?.map(|document| (id.clone(), document)));
        }
        let plan = plan::plan(wishes, &solution, &documents, &setting)?;
        self.believe(plan, &documents, generation)
    }

    /// Explains a wish that only releases could fulfil that are gone.
    fn gone(&self, wishes: &Wishes) -> Result<Option<InstallError>, InstallError> {
        for (id, wish) in wishes {
            let Some(document) = self.index.plugin(id)? else { continue };
            let wanted = |version: &Version| wish.matches(version);
            if document.usable().any(|release| wanted(&release.version)) {
                continue;
            }
            if let Some(gone) = document.gone.iter().find(|gone| wanted(&gone.version)) {
                let why = Box::new(believe::gone(self.index, &document, gone)?);
                let (id, version) = (id.clone(), gone.version.clone());
                return Ok(Some(InstallError::Gone { id, version, why }));
            }
        }
        Ok(None)
    }

    /// Has every release vouched for, also those that stay: what a document says that they need
    /// may be made up as well, and bring in something else.
    fn believe(
        &self,
        mut plan: Plan,
        documents: &BTreeMap<PluginId, Rc<PluginDoc>>,
        generation: Option<Generation>,
    ) -> Result<Prepared, InstallError> {
        let (mut believed, mut trust) = (BTreeMap::new(), BTreeMap::new());
        for step in &plan.steps {
            let Some(document) = documents.get(&step.id) else { continue };
            let kept = generation.as_ref().and_then(|generation| generation.plugins.get(&step.id));
            let kept = kept.filter(|_| step.action == Action::Keep);
            let subject = (document.as_ref(), &step.release);
            let chain = match (believe::publisher(self.index, document), kept) {
                // A publisher that only newer software follows holds up nobody else.
                (Err(BelieveError::Index(IndexError::NeedsNewer(_))), Some(kept)) => {
                    let release = believe::kept(self.index, subject, kept)?;
                    believed.insert(step.id.clone(), release);
                    continue;
                }
                (chain, _) => chain?,
            };
            plan.warnings.extend(self.suspension(step, &chain)?);
            for osv in believe::advisories(self.index, document)? {
                plan.warnings.extend(self.advisory(step, osv)?);
            }
            let publisher = &step.id.publisher;
            let is_core = self.index.record().is_core(publisher);
            trust.insert(publisher.clone(), chain.standing().trust(is_core, self.now));
            believe::status(self.index, &chain, document)?;
            let release = believe::release(self.index, &chain, subject)?;
            if let Some(kept) = kept {
                believe::same_statement(&step.id, &kept.version, (kept.statement, &release))?;
            }
            believed.insert(step.id.clone(), release);
        }
        Ok(Prepared { plan, believed, trust, generation })
    }

    /// Refuses what is new of a publisher that is suspended, unless the user wants it all the same.
    /// What is installed stays, with a warning.
    fn suspension(&self, step: &Step, chain: &Chain) -> Result<Option<Warning>, InstallError> {
        let Some(suspension) = chain.standing().suspension() else { return Ok(None) };
        let (id, since) = (step.id.clone(), suspension.since);
        if step.action != Action::Keep && !self.allowed.contains(&id.publisher) {
            let reason = suspension.reason.to_string();
            return Err(InstallError::Suspended { id, since, reason });
        }
        let reason = &suspension.reason;
        let message = format!("the registry's maintainers suspended its publisher: {reason}");
        Ok(Some(Warning { id, code: "publisher/suspended", message }))
    }

    /// Refuses what is new and does harm, as the maintainers say, unless the user wants it all the
    /// same; warns of the rest.
    fn advisory(&self, step: &Step, osv: Osv) -> Result<Option<Warning>, InstallError> {
        let (id, version) = (step.id.clone(), step.release.version.clone());
        if !osv.affects(&id, &version) {
            return Ok(None);
        }
        let is_new = step.action != Action::Keep;
        if is_new && osv.harm() >= Harm::High && !self.excused.contains(&osv.id) {
            return Err(InstallError::Affected { id, version, osv: Box::new(osv) });
        }
        let message =
            format!("{version} is affected by {}, {}: {}", osv.id, osv.harm(), osv.summary);
        Ok(Some(Warning { id, code: "advisory/affected", message }))
    }

    /// Makes the change that was prepared, if nothing has to be granted still.
    pub fn carry_out(
        &self,
        prepared: &Prepared,
        grants: &BTreeSet<PermissionName>,
        (now, reason): (Timestamp, Vec<String>),
        listener: Listener<'_>,
    ) -> Result<Generation, InstallError> {
        let plan = &prepared.plan;
        if let Some(ask) = plan.missing(grants).first() {
            let (id, name) = (ask.id.clone(), ask.fact.name.clone());
            return Err(InstallError::NotGranted { id, name });
        }
        // While this is held, no clean-up takes what is being unpacked.
        let shared = self.home.share(self.patience)?;
        let wanted = plan.changes().map(|step| prepared.wanted(step));
        self.fetch(&wanted.collect::<Result<Vec<_>, _>>()?, listener)?;
        drop(shared);
        let lock = self.home.claim(self.patience)?;
        let plugins = prepared.plugins(grants);
        let change = Change { base: plan.base, created: now, reason, plugins };
        let generation = transaction::commit(&lock, change)?;
        tidy(&lock)?;
        Ok(generation)
    }

    /// Fetches, checks and unpacks packages, several at once; the first error counts.
    fn fetch(&self, packages: &[Wanted<'_>], listener: Listener<'_>) -> Result<(), InstallError> {
        let store = Store::open(self.home)?;
        let job = Job { store: &store, source: self.index.source(), web: self.web, listener };
        let next = AtomicUsize::new(0);
        let work = || -> Result<(), InstallError> {
            while let Some(wanted) = packages.get(next.fetch_add(1, Ordering::Relaxed)) {
                if let Err(error) = job.fetch(wanted) {
                    // Nobody begins another package.
                    next.store(packages.len(), Ordering::Relaxed);
                    return Err(error);
                }
            }
            Ok(())
        };
        thread::scope(|scope| {
            let workers: Vec<_> =
                (0..AT_ONCE.min(packages.len())).map(|_| scope.spawn(work)).collect();
            let results = workers.into_iter().map(|worker| {
                worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            });
            results.collect()
        })
    }
}

/// What a thread needs to fetch packages.
struct Job<'j> {
    store: &'j Store,
    source: &'j dyn Source,
    web: Option<&'j Web>,
    listener: Listener<'j>,
}

impl Job<'_> {
    fn fetch(&self, wanted: &Wanted<'_>) -> Result<(), InstallError> {
        let (id, digest) = (wanted.id, &wanted.artifact.sha256);
        if !self.is_whole(digest)? {
            // A damaged package makes room for a whole one.
            self.store.discard(digest)?;
            let progress = |bytes| (self.listener)(Event::Bytes(id, bytes));
            wanted.fetch((self.source, self.web), &progress)?.unpack(self.store)?;
        }
        (self.listener)(Event::Unpacked(id));
        Ok(())
    }

    fn is_whole(&self, digest: &Sha256Digest) -> Result<bool, StoreError> {
        if !self.store.contains(digest)? {
            return Ok(false);
        }
        match self.store.verify(digest) {
            Err(StoreError::NoListing(_)) => Ok(false),
            other => Ok(other?.is_empty()),
        }
    }
}

impl Prepared {
    /// Returns the archive of a step, as the publisher describes it.
    pub fn artifact(&self, step: &Step) -> Option<&Artifact> {
        let mut artifacts = self.believed.get(&step.id)?.manifest().artifacts.iter();
        artifacts.find(|artifact| artifact.platform == step.artifact.platform)
    }

    fn wanted<'p>(&'p self, step: &'p Step) -> Result<Wanted<'p>, InstallError> {
        let version = &step.release.version;
        let artifact = self.artifact(step).ok_or_else(|| PlanError::NotListed {
            id: step.id.clone(),
            version: version.clone(),
            platform: step.artifact.platform.clone(),
        })?;
        Ok(Wanted { id: &step.id, version, artifact })
    }

    /// Returns every plugin that is installed afterwards.
    fn plugins(&self, grants: &BTreeSet<PermissionName>) -> BTreeMap<PluginId, Installed> {
        let mut plugins = self
            .generation
            .as_ref()
            .map(|generation| generation.plugins.clone())
            .unwrap_or_default();
        for step in &self.plan.steps {
            let plugin = match (&step.action, plugins.get(&step.id)) {
                (Action::Keep, Some(kept)) => Installed {
                    origin: step.origin,
                    dependencies: step.dependencies.clone(),
                    ..kept.clone()
                },
                (_, before) => match self.installed(step, before, grants) {
                    Some(plugin) => plugin,
                    None => continue,
                },
            };
            plugins.insert(step.id.clone(), plugin);
        }
        plugins
    }

    fn installed(
        &self,
        step: &Step,
        before: Option<&Installed>,
        grants: &BTreeSet<PermissionName>,
    ) -> Option<Installed> {
        let believed = self.believed.get(&step.id)?;
        Some(Installed {
            registry: self.plan.registry.clone(),
            version: step.release.version.clone(),
            archive: self.artifact(step)?.sha256,
            statement: believed.statement(),
            signers: believed.signers().iter().cloned().collect(),
            enabled: before.is_none_or(|plugin| plugin.enabled),
            pinned: before.is_some_and(|plugin| plugin.pinned),
            origin: step.origin,
            dependencies: step.dependencies.clone(),
            consents: self.plan.consents(&step.id, grants),
        })
    }
}

/// Cleans up after a change, now and then: a clean-up takes what others have just unpacked and
/// not installed yet, who then have to fetch it again.
pub(crate) fn tidy(lock: &Exclusive) -> Result<(), TransactionError> {
    let generations = Generations::open(lock.home())?.list()?;
    if generations.len() >= KEPT.saturating_mul(2) {
        transaction::collect(lock, &BTreeSet::new())?;
    }
    Ok(())
}
