//! What the status statements of a plugin come to, one after the other.

use std::collections::BTreeMap;

use index_schema::plugin_doc::{Deprecation, Yank};
use index_schema::status::{Action, Severity, Status};
use index_schema::version::Version;

use super::Plugin;

/// What a plugin's status statements come to.
#[derive(Debug, Default)]
pub struct States {
    /// The releases that are yanked, by version without build metadata.
    pub yanked: BTreeMap<Version, Yank>,
    /// Why there are no more releases.
    pub deprecated: Option<Deprecation>,
}

impl States {
    pub(super) fn of(plugin: &Plugin) -> Self {
        let mut states = Self::default();
        for accepted in plugin.status.values() {
            states.apply(&accepted.statement.document);
        }
        states
    }

    fn apply(&mut self, status: &Status) {
        let version = status.version.as_ref().map(Version::without_build);
        match (status.action, version) {
            (Action::Yank, Some(version)) => {
                let yank = Yank {
                    reason: status.reason.clone(),
                    harmful: status.severity == Some(Severity::High),
                    replacement: status.replacement.clone(),
                };
                self.yanked.insert(version, yank);
            }
            (Action::Unyank, Some(version)) => {
                self.yanked.remove(&version);
            }
            (Action::Deprecate, _) => {
                let successor = status.successor.clone();
                self.deprecated = Some(Deprecation { reason: status.reason.clone(), successor });
            }
            (Action::Undeprecate, _) => self.deprecated = None,
            (Action::Yank | Action::Unyank, None) => {}
        }
    }
}
