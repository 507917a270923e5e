//! `libral list`.

use serde_json::{Value, json};

use super::context::{Context, print, print_json};
use super::text::table;
use super::{CommandResult, Outcome};
use crate::generation::{Generations, Origin};

/// Show what is installed.
///
/// Example: libral list --json
#[derive(Debug, clap::Args)]
pub(super) struct Args {}

pub(super) fn run(Args {}: &Args, context: &Context) -> CommandResult {
    let home = context.home()?;
    let generation = Generations::open(&home)?.current()?;
    let plugins = || generation.iter().flat_map(|generation| &generation.plugins);
    if context.json {
        let document = plugins().map(|(id, plugin)| {
            let mut value = serde_json::to_value(plugin).unwrap_or_default();
            if let Value::Object(members) = &mut value {
                members.insert("id".to_owned(), json!(id));
                members.insert("path".to_owned(), json!(home.plugin(id)));
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
    let rows: Vec<_> = plugins()
        .map(|(id, plugin)| {
            let automatic = (plugin.origin == Origin::Automatic).then_some("automatic");
            let pinned = plugin.pinned.then_some("pinned");
            let disabled = (!plugin.enabled).then_some("disabled");
            let notes = [automatic, pinned, disabled].into_iter().flatten();
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
