//! `libral list`.

use index_schema::id::PluginId;
use serde_json::{Value, json};

use super::context::{Context, print, print_json};
use super::report::CommandError;
use super::text::{one_line, table};
use super::{CommandResult, Outcome};
use crate::generation::{Generations, Installed, Origin};
use crate::home::Home;
use crate::seen::{self, Removed};

/// Show what is installed.
///
/// What the registry's maintainers have removed since is marked, and so are publishers that they
/// suspended, as far as this computer has heard of it.
///
/// Example: libral list --json
#[derive(Debug, clap::Args)]
pub(super) struct Args {}

pub(super) fn run(Args {}: &Args, context: &Context) -> CommandResult {
    let home = context.home()?;
    let generation = Generations::open(&home)?.current()?;
    let plugins = generation.iter().flat_map(|generation| &generation.plugins);
    let plugins = plugins.map(|(id, plugin)| Ok((id, plugin, heard(&home, id, plugin)?)));
    let plugins: Vec<_> = plugins.collect::<Result<_, CommandError>>()?;
    if context.json {
        let document = plugins.iter().map(|(id, plugin, (removed, suspended))| {
            let mut value = serde_json::to_value(plugin).unwrap_or_default();
            if let Value::Object(members) = &mut value {
                members.insert("id".to_owned(), json!(id));
                members.insert("path".to_owned(), json!(home.plugin(id)));
                members.insert("removed".to_owned(), json!(removed));
                members.insert("suspended".to_owned(), json!(suspended));
            }
            value
        });
        print_json(&json!({
            "schema": "libral.list/1",
            "generation": generation.as_ref().map(|generation| generation.n),
            "plugins": document.collect::<Vec<_>>(),
        }))?;
        return Ok(Outcome::Done);
    }
    let rows: Vec<_> = plugins
        .iter()
        .map(|(id, plugin, (removed, suspended))| {
            let automatic = (plugin.origin == Origin::Automatic).then_some("automatic");
            let pinned = plugin.pinned.then_some("pinned");
            let disabled = (!plugin.enabled).then_some("disabled");
            let removed = removed.as_ref().map(|removed| one_line(&removed.to_string()));
            let suspended = suspended.as_ref();
            let suspended = suspended.map(|why| format!("publisher suspended: {}", one_line(why)));
            let heard = [removed.as_deref(), suspended.as_deref()];
            let notes = [automatic, pinned, disabled].into_iter().chain(heard).flatten();
            let notes = notes.collect::<Vec<_>>().join(", ");
            [id.to_string(), plugin.version.to_string(), plugin.registry.to_string(), notes]
        })
        .collect();
    print(&table(&rows))?;
    if rows.is_empty() {
        context.say("nothing is installed")?;
    }
    Ok(Outcome::Done)
}

/// Returns why the maintainers removed a release, and why they suspended its publisher, if this
/// computer has heard of it.
pub(super) fn heard(
    home: &Home,
    id: &PluginId,
    plugin: &Installed,
) -> Result<(Option<Removed>, Option<String>), CommandError> {
    let seen = seen::load(&home.trust(&plugin.registry)?)?;
    let suspended = seen.suspended(&id.publisher).map(str::to_owned);
    Ok((seen.removed(id, &plugin.version).cloned(), suspended))
}

/// Returns why the maintainers removed a release, if this computer has heard of it.
pub(super) fn removed(
    home: &Home,
    id: &PluginId,
    plugin: &Installed,
) -> Result<Option<Removed>, CommandError> {
    let seen = seen::load(&home.trust(&plugin.registry)?)?;
    Ok(seen.removed(id, &plugin.version).cloned())
}
