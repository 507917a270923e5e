//! How far downloads have come, on a terminal.

use std::collections::BTreeMap;
use std::sync::Mutex;

use index_schema::id::PluginId;
use indicatif::{ProgressBar, ProgressStyle};

use super::context::Context;
use crate::install::Event;
use crate::plan::Plan;

/// A bar for all downloads together; nothing when nobody is watching.
pub(crate) struct Progress {
    bar: ProgressBar,
    sizes: BTreeMap<PluginId, u64>,
    come: Mutex<BTreeMap<PluginId, u64>>,
}

impl Progress {
    pub(crate) fn new(plan: &Plan, context: &Context) -> Self {
        let sizes: BTreeMap<PluginId, u64> =
            plan.changes().map(|step| (step.id.clone(), step.artifact.size)).collect();
        let bar = if context.is_watched() && !sizes.is_empty() {
            let style = ProgressStyle::with_template("{bar:30} {bytes}/{total_bytes} {msg}");
            let bar = ProgressBar::new(sizes.values().sum());
            style.map_or_else(|_| bar.clone(), |style| bar.clone().with_style(style))
        } else {
            ProgressBar::hidden()
        };
        Self { bar, sizes, come: Mutex::default() }
    }

    /// Hears of a download.
    pub(crate) fn hear(&self, event: Event<'_>) {
        let (id, bytes) = match event {
            Event::Bytes(id, bytes) => (id, bytes),
            Event::Unpacked(id) => (id, self.sizes.get(id).copied().unwrap_or(0)),
        };
        // A thread that panicked while it held this leaves numbers, which harm nobody.
        let mut come = self.come.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        come.insert(id.clone(), bytes);
        self.bar.set_position(come.values().sum());
        self.bar.set_message(id.to_string());
    }

    /// Removes the bar.
    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
