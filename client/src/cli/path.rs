//! `libral path`.

use index_schema::id::PluginId;
use serde_json::json;

use super::context::{Context, print, print_json};
use super::report::CliError;
use super::{CommandResult, Outcome};
use crate::generation::Generations;

/// Print the folder from which a host loads a plugin.
///
/// Example: libral path lab/amber
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The plugin.
    id: PluginId,
}

pub(super) fn run(args: &Args, context: &Context) -> CommandResult {
    let home = context.home()?;
    let generation = Generations::open(&home)?.current()?;
    let plugin = generation.as_ref().and_then(|generation| generation.plugins.get(&args.id));
    let plugin = plugin.ok_or_else(|| CliError::NotInstalled(args.id.clone()))?;
    // What is switched off has no path for hosts, and still lies in the store.
    let path = if plugin.enabled { home.plugin(&args.id) } else { home.package(&plugin.archive) };
    if context.json {
        let (id, enabled) = (&args.id, plugin.enabled);
        print_json(&json!({
            "schema": "libral.path/1", "id": id, "enabled": enabled, "path": path,
        }))?;
    } else {
        print(&format!("{}\n", path.display()))?;
    }
    Ok(Outcome::Done)
}
