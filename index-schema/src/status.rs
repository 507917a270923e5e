//! Status statements: what a publisher says of releases that are out.

use crate::id::{PluginId, RegistryId};
use crate::limits;
use crate::statement::{Document, Kind, SchemaOne, tag};
use crate::text::Text;
use crate::version::Version;

tag!(
    /// The word `status`.
    StatusTag = "status"
);

document! {
    /// One change of state. The serials of a plugin have no gaps; later ones win.
    pub struct Status {
        /// `status`
        required kind as "type": StatusTag,
        /// 1
        required schema: SchemaOne,
        /// The registry that the statement is for.
        required registry: RegistryId,
        /// The plugin.
        required id: PluginId,
        /// 1 for the first statement about this plugin, one more for each that follows.
        required serial: u64,
        /// What changes.
        required action: Action,
        /// The release that is yanked, or is so no longer.
        optional version: Version,
        /// How bad it is, for a yank.
        optional severity: Severity,
        /// The release to take instead, for a yank.
        optional replacement: Version,
        /// The plugin to take instead, for a deprecation.
        optional successor: PluginId,
        /// Why, for the user.
        required reason: Text<2048>,
    }
}

words! {
    /// What a status statement changes.
    pub enum Action("an action") {
        /// New installations leave the release aside.
        Yank = "yank",
        /// They take it again.
        Unyank = "unyank",
        /// The plugin gets no more releases.
        Deprecate = "deprecate",
        /// It does after all.
        Undeprecate = "undeprecate",
    }
}

words! {
    /// How bad it is to keep a yanked release.
    pub enum Severity("a severity") {
        /// Something else is better.
        Low = "low",
        /// It does harm.
        High = "high",
    }
}

impl Document for Status {
    const KIND: Kind = Kind::Status;
    const LIMIT: usize = limits::MANIFEST;

    fn contradictions(&self) -> Vec<(&'static str, &'static str, String)> {
        let mut found = Vec::new();
        let yanks = matches!(self.action, Action::Yank | Action::Unyank);
        if yanks != self.version.is_some() {
            let message =
                format!("`version` goes with `yank` and `unyank`, not with `{}`", self.action);
            found.push(("action", "status/version", message));
        }
        let for_yank = self.severity.is_some() || self.replacement.is_some();
        if for_yank && self.action != Action::Yank {
            let message = "`severity` and `replacement` go with `yank`".to_owned();
            found.push(("action", "status/yank-only", message));
        }
        if self.successor.is_some() && self.action != Action::Deprecate {
            let message = "`successor` goes with `deprecate`".to_owned();
            found.push(("action", "status/deprecate-only", message));
        }
        if self.serial == 0 {
            found.push(("serial", "status/serial", "serials start at 1".to_owned()));
        }
        found
    }
}
