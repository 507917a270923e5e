//! Consent: which permissions a plan asks for, and which of them the user has to grant by name.
//!
//! - A normal permission is granted with the installation.
//! - A sensitive one has to be granted by its exact name. One grant counts for all plugins of the
//!   plan that ask for it; a general "yes" never does.
//! - What was granted before stays granted, as long as an update asks for no wider scope.
//! - An optional permission that is not granted keeps nothing from being installed.

use std::collections::BTreeSet;

use index_schema::id::PluginId;
use index_schema::permission::{PermissionName, Risk};
use index_schema::plugin_doc::{PermissionFact, PluginDoc};
use index_schema::registry::Registry;

use super::{Action, Plan, Setting, Step};
use crate::generation::Installed;

/// A permission that a plugin of the plan asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// The plugin.
    pub id: PluginId,
    /// What it asks for.
    pub fact: PermissionFact,
    /// How much that is.
    pub risk: Risk,
    /// What it means: completes "this plugin can …".
    pub meaning: String,
    /// Whether it was granted before.
    pub is_granted: bool,
}

impl Ask {
    /// Tells whether nothing is installed until the user grants this by name.
    pub fn is_demand(&self) -> bool {
        self.risk == Risk::Sensitive && !self.fact.optional && !self.is_granted
    }
}

/// Returns how much a permission asks of the user: for the host's own words, the registry says.
pub fn risk(name: &PermissionName, record: &Registry) -> Risk {
    let known = record.host.permissions.iter().find(|permission| permission.name == *name);
    match known {
        Some(permission) if name.is_host() && !permission.sensitive => Risk::Normal,
        _ => name.risk(),
    }
}

/// Returns what a permission means: completes "this plugin can …".
pub fn meaning(name: &PermissionName, record: &Registry) -> String {
    let host = || record.host.permissions.iter().find(|permission| permission.name == *name);
    match (name.vocabulary(), host()) {
        (Some(word), _) => word.meaning.to_owned(),
        (None, Some(permission)) => permission.meaning.to_string(),
        (None, None) => format!("do what {} calls `{name}`", record.host.name),
    }
}

/// Returns what a step asks for; a plugin that stays asks for nothing.
pub(super) fn asks(step: &Step, document: &PluginDoc, setting: &Setting<'_>) -> Vec<Ask> {
    if step.action == Action::Keep {
        return Vec::new();
    }
    let before = setting.plugin(&step.id);
    let ask = |fact: &PermissionFact| Ask {
        id: step.id.clone(),
        fact: fact.clone(),
        risk: risk(&fact.name, setting.record),
        meaning: meaning(&fact.name, setting.record),
        is_granted: before.is_some_and(|plugin| was_granted(fact, plugin, document)),
    };
    step.release.facts.permissions.iter().map(ask).collect()
}

/// Tells whether the installed version was granted this, in a scope as wide.
fn was_granted(fact: &PermissionFact, before: &Installed, document: &PluginDoc) -> bool {
    let old = document.usable().find(|release| release.version == before.version);
    let old = old.and_then(|r| r.facts.permissions.iter().find(|old| old.name == fact.name));
    before.consents.contains(fact.name.as_str()) && old.is_some_and(|old| includes(old, fact))
}

/// Tells whether a scope lies within another; the empty one has no limits.
fn includes(wide: &PermissionFact, narrow: &PermissionFact) -> bool {
    if wide.scope.is_empty() {
        return true;
    }
    !narrow.scope.is_empty() && narrow.scope.iter().all(|entry| wide.scope.contains(entry))
}

impl Plan {
    /// Returns what has to be granted still.
    pub fn missing(&self, grants: &BTreeSet<PermissionName>) -> Vec<&Ask> {
        let open = |ask: &&Ask| ask.is_demand() && !grants.contains(&ask.fact.name);
        self.asks.iter().filter(open).collect()
    }

    /// Returns the permissions of a plugin that the user has granted by name, now or before.
    pub(crate) fn consents(
        &self,
        id: &PluginId,
        grants: &BTreeSet<PermissionName>,
    ) -> BTreeSet<String> {
        let granted =
            |ask: &&Ask| ask.id == *id && (ask.is_granted || grants.contains(&ask.fact.name));
        self.asks.iter().filter(granted).map(|ask| ask.fact.name.to_string()).collect()
    }
}
