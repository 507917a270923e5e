//! `libral remove`.

use std::collections::BTreeSet;

use index_schema::id::PluginId;
use serde_json::json;

use super::context::{Context, PATIENCE, print, print_json};
use super::report::{CliError, CommandError};
use super::text::count;
use super::{CommandResult, Outcome};
use crate::generation::Generations;
use crate::remove::{self, Removal, plan};

/// Remove plugins that no other installed plugin needs.
///
/// What came along with them and is not needed any more is listed, not removed.
///
/// Example: libral remove lab/amber
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The plugins.
    #[arg(required = true, value_name = "ID")]
    ids: Vec<PluginId>,
    /// Only show what would be done.
    #[arg(long)]
    dry_run: bool,
    /// Ask nothing.
    #[arg(long, short)]
    yes: bool,
}

pub(super) fn run(args: &Args, context: &Context) -> CommandResult {
    let home = context.home()?;
    let ids: BTreeSet<PluginId> = args.ids.iter().cloned().collect();
    let current = Generations::open(&home)?.current()?;
    let installed = current.map(|generation| generation.plugins).unwrap_or_default();
    let removal = plan(&installed, &ids)?;
    if args.dry_run {
        report(&removal, None, context)?;
        return Ok(Outcome::Done);
    }
    if !args.yes && context.can_ask() {
        let question = format!("Remove {}?", count(removal.removed.len(), "plugin"));
        if !context.ask(&question)? {
            return Err(CliError::Declined.into());
        }
    }
    let mut reason = vec!["remove".to_owned()];
    reason.extend(ids.iter().map(ToString::to_string));
    let (removal, generation) = remove::remove(&home, &ids, (context.now, reason), PATIENCE)?;
    report(&removal, Some(generation.n), context)?;
    Ok(Outcome::Done)
}

fn report(
    removal: &Removal,
    generation: Option<u64>,
    context: &Context,
) -> Result<(), CommandError> {
    if context.json {
        let removed = removal.removed.iter();
        let removed = removed.map(|(id, plugin)| json!({ "id": id, "version": &plugin.version }));
        print_json(&json!({
            "schema": "libral.remove/1",
            "dry_run": generation.is_none(),
            "generation": generation,
            "removed": removed.collect::<Vec<_>>(),
            "unneeded": &removal.unneeded,
        }))?;
        return Ok(());
    }
    let what = if generation.is_some() { "removed" } else { "would remove" };
    for (id, plugin) in &removal.removed {
        print(&format!("{what} {id} {}\n", plugin.version))?;
    }
    if !removal.unneeded.is_empty() {
        let ids: Vec<String> = removal.unneeded.iter().map(ToString::to_string).collect();
        context.say(&format!("not needed any more: {}", ids.join(", ")))?;
        context.say(&format!("`libral remove {}` removes them", ids.join(" ")))?;
    }
    Ok(())
}
