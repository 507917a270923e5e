//! Planning: what a wish would change, before anything is downloaded. Pure.
//!
//! ```text
//! wishes + installed ─request─▶ resolver ─▶ Solution + documents ─▶ Plan {steps, asks, warnings}
//! Plan + grants ─▶ nothing missing ─▶ the plugins of the next generation
//! ```
//!
//! All plugins of one plan come from one registry. A dependency is looked for where the plugin
//! that needs it came from and nowhere else: another registry cannot slip in one of the same name.

pub mod consent;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::rc::Rc;

use index_schema::id::{PluginId, RegistryId};
use index_schema::manifest::Platform;
use index_schema::plugin_doc::{ArtifactFact, PluginDoc, Release};
use index_schema::registry::Registry;
use index_schema::requirement::Requirement;
use index_schema::version::Version;

use self::consent::Ask;
use crate::failure::{Class, Failure};
use crate::generation::{Generation, Installed, Origin};
use crate::resolve::{Request, Solution};

/// What the user asks for: plugins, and which versions of them.
pub type Wishes = BTreeMap<PluginId, Requirement>;

/// Why a solution cannot become a plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// A plugin of the same name is installed from elsewhere.
    #[error(
        "`{id}` is installed from the registry `{from}`; `{registry}` has one of the same name"
    )]
    OtherRegistry {
        /// The plugin.
        id: PluginId,
        /// Where the installed one came from.
        from: RegistryId,
        /// Where this plan's one comes from.
        registry: RegistryId,
    },
    /// The resolver chose what is not listed, or has nothing for this machine.
    #[error("{id} {version} cannot be had for `{platform}`")]
    NotListed {
        /// The plugin.
        id: PluginId,
        /// The release.
        version: Version,
        /// The machine.
        platform: Platform,
    },
}

impl Failure for PlanError {
    fn class(&self) -> Class {
        match self {
            Self::OtherRegistry { .. } => Class::Refused,
            Self::NotListed { .. } => Class::NoSolution,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::OtherRegistry { .. } => "plan/other-registry",
            Self::NotListed { .. } => "plan/not-listed",
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::OtherRegistry { id, .. } => {
                Some(format!("`libral remove {id}` makes room for the other one"))
            }
            Self::NotListed { .. } => None,
        }
    }
}

/// What is known before planning.
#[derive(Debug, Clone, Copy)]
pub struct Setting<'s> {
    /// The generation in force, if any.
    pub generation: Option<&'s Generation>,
    /// What the user calls the registry of this plan.
    pub name: &'s RegistryId,
    /// The registry's record, which knows the host's permissions.
    pub record: &'s Registry,
    /// The machine.
    pub platform: &'s Platform,
    /// The host application's version, if it matters.
    pub host: Option<&'s Version>,
}

/// What happens to a plugin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// It is new.
    Install,
    /// It gets another version.
    Update {
        /// The version that goes.
        from: Version,
    },
    /// It stays as it is.
    Keep,
}

impl Action {
    /// Returns the word for it.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Install => "install",
            Self::Update { .. } => "update",
            Self::Keep => "keep",
        }
    }
}

/// What happens to one plugin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The plugin.
    pub id: PluginId,
    /// What happens to it.
    pub action: Action,
    /// Why it is there afterwards.
    pub origin: Origin,
    /// The release that is there afterwards.
    pub release: Release,
    /// Its archive for this machine.
    pub artifact: ArtifactFact,
    /// The versions of its dependencies.
    pub dependencies: BTreeMap<PluginId, Version>,
}

/// Something that the user should know before agreeing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// The plugin.
    pub id: PluginId,
    /// A stable code.
    pub code: &'static str,
    /// What to know.
    pub message: String,
}

/// What a wish would change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// What the user calls the registry.
    pub registry: RegistryId,
    /// The number of the generation that this is planned on.
    pub base: Option<u64>,
    /// What happens, sorted by plugin.
    pub steps: Vec<Step>,
    /// The permissions of what is new, sorted by plugin.
    pub asks: Vec<Ask>,
    /// What to know.
    pub warnings: Vec<Warning>,
}

impl Plan {
    /// Returns the steps that need a package.
    pub fn changes(&self) -> impl Iterator<Item = &Step> {
        self.steps.iter().filter(|step| step.action != Action::Keep)
    }
}

/// Makes the request that the resolver answers: the wishes, and that all which is installed from
/// this registry goes on working, at its version where that is possible.
pub fn request(wishes: &Wishes, setting: &Setting<'_>) -> Request {
    let installed = setting.installed();
    let mut root: Wishes =
        installed.clone().map(|(id, plugin)| (id.clone(), staying(plugin))).collect();
    root.extend(wishes.iter().map(|(id, wish)| (id.clone(), wish.clone())));
    let locked = installed.map(|(id, plugin)| (id.clone(), plugin.version.clone())).collect();
    let (host, platform) = (setting.host.cloned(), setting.platform.clone());
    Request { locked, host, platform, ..Request::new(root) }
}

/// Returns what is required of a plugin that was not asked for.
fn staying(plugin: &Installed) -> Requirement {
    if plugin.pinned {
        return Requirement::exact(&plugin.version);
    }
    let any = Requirement::any();
    if any.matches(&plugin.version) {
        return any;
    }
    // A pre-release has to be named to be admitted.
    let text = format!("={} || *", plugin.version.without_build());
    Requirement::parse(&text).unwrap_or_else(|_| Requirement::exact(&plugin.version))
}

/// Makes a plan of what the resolver chose.
pub fn plan(
    wishes: &Wishes,
    solution: &Solution,
    documents: &BTreeMap<PluginId, Rc<PluginDoc>>,
    setting: &Setting<'_>,
) -> Result<Plan, PlanError> {
    let mut plan = Plan {
        registry: setting.name.clone(),
        base: setting.generation.map(|generation| generation.n),
        steps: Vec::new(),
        asks: Vec::new(),
        warnings: Vec::new(),
    };
    for (id, version) in &solution.releases {
        let document = documents.get(id);
        let step = setting.step((id, version), document, (wishes, solution))?;
        if let Some(document) = document {
            plan.asks.extend(consent::asks(&step, document, setting));
            plan.warnings.extend(warnings(&step, document));
        }
        plan.steps.push(step);
    }
    Ok(plan)
}

impl Setting<'_> {
    /// Returns what is installed from this registry.
    fn installed(&self) -> impl Iterator<Item = (&PluginId, &Installed)> + Clone {
        let plugins = self.generation.iter().flat_map(|generation| &generation.plugins);
        plugins.filter(|(_, plugin)| plugin.registry == *self.name)
    }

    /// Returns the installed plugin with an id, wherever it came from.
    fn plugin(&self, id: &PluginId) -> Option<&Installed> {
        self.generation?.plugins.get(id)
    }

    fn step(
        &self,
        (id, version): (&PluginId, &Version),
        document: Option<&Rc<PluginDoc>>,
        (wishes, solution): (&Wishes, &Solution),
    ) -> Result<Step, PlanError> {
        let before = self.plugin(id);
        if let Some(plugin) = before.filter(|plugin| plugin.registry != *self.name) {
            let (from, registry) = (plugin.registry.clone(), self.name.clone());
            return Err(PlanError::OtherRegistry { id: id.clone(), from, registry });
        }
        let release = document.and_then(|d| d.usable().find(|release| release.version == *version));
        let found = release.and_then(|r| Some((r.clone(), artifact(r, self.platform)?.clone())));
        let (release, artifact) = found.ok_or_else(|| PlanError::NotListed {
            id: id.clone(),
            version: version.clone(),
            platform: self.platform.clone(),
        })?;
        let needs = release.facts.dependencies.keys();
        let dependencies =
            needs.filter_map(|need| Some((need.clone(), solution.releases.get(need)?.clone())));
        let was_direct = before.is_some_and(|plugin| plugin.origin == Origin::Direct);
        let is_direct = was_direct || wishes.contains_key(id);
        Ok(Step {
            id: id.clone(),
            action: action(before, version),
            origin: if is_direct { Origin::Direct } else { Origin::Automatic },
            dependencies: dependencies.collect(),
            release,
            artifact,
        })
    }
}

fn action(before: Option<&Installed>, version: &Version) -> Action {
    match before {
        None => Action::Install,
        Some(plugin) if plugin.version == *version => Action::Keep,
        Some(plugin) => Action::Update { from: plugin.version.clone() },
    }
}

/// Returns the archive for a machine, else the one for any.
fn artifact<'r>(release: &'r Release, platform: &Platform) -> Option<&'r ArtifactFact> {
    let artifacts = &release.facts.artifacts;
    let find = |wanted: &Platform| artifacts.iter().find(|a| a.platform == *wanted);
    find(platform).or_else(|| find(&Platform::any()))
}

fn warnings(step: &Step, document: &PluginDoc) -> Vec<Warning> {
    let mut found = Vec::new();
    let mut warn = |code, message| found.push(Warning { id: step.id.clone(), code, message });
    if let Some(yank) = &step.release.yanked {
        let harm = if yank.harmful { ", and it does harm" } else { "" };
        let version = &step.release.version;
        let reason = &yank.reason;
        warn(
            "release/yanked",
            format!("{version} was taken back by its publisher{harm}: {reason}"),
        );
    }
    if let Some(deprecation) = &document.deprecated {
        let instead = deprecation.successor.as_ref();
        let instead = instead.map_or_else(String::new, |id| format!("; take {id} instead"));
        let reason = &deprecation.reason;
        warn("plugin/deprecated", format!("gets no more releases: {reason}{instead}"));
    }
    let newer = document.releases.iter().any(|listed| match listed {
        index_schema::plugin_doc::Listed::NeedsNewer(outline) => {
            outline.version > step.release.version
        }
        index_schema::plugin_doc::Listed::Release(_) => false,
    });
    if newer {
        let message = "a later release needs a newer version of this program".to_owned();
        warn("release/needs-newer", message);
    }
    found
}
