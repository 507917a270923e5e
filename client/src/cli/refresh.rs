//! `libral refresh`.

use index_schema::id::RegistryId;
use serde_json::json;

use super::context::{Context, print, print_json};
use super::world::{Indexes, Sources};
use super::{CommandResult, Outcome};

/// Fetch what is current: the metadata and the catalogue of every registry.
///
/// Afterwards `search`, `info` and `categories` work with --offline until the metadata expire.
///
/// Example: libral refresh
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Only these registries.
    #[arg(value_name = "NAME")]
    registries: Vec<RegistryId>,
}

pub(super) fn run(args: &Args, context: &Context) -> CommandResult {
    let sources = Sources::open(context)?;
    let indexes = Indexes::of(&sources)?;
    let mut entries = Vec::new();
    let mut lines = String::new();
    for registry in sources.registries() {
        let name = &registry.name;
        if !args.registries.is_empty() && !args.registries.contains(name) {
            continue;
        }
        let index = indexes.index(name)?;
        let (state, plugins) = (index.state()?, index.catalog()?.plugins.ids().count());
        entries.push(json!({
            "name": name,
            "registry": &index.record().registry,
            "title": &index.record().title,
            "plugins": plugins,
            "commit": state.commit,
            "accepted": state.accepted,
        }));
        lines.push_str(&format!("{name}: {plugins} plugins, as of {}\n", state.accepted));
    }
    for name in &args.registries {
        // One that is not known has to be an error, and not be passed over.
        indexes.index(name)?;
    }
    indexes.remember()?;
    if context.json {
        print_json(&json!({ "schema": "libral.refresh/1", "registries": entries }))?;
    } else {
        print(&lines)?;
    }
    Ok(Outcome::Done)
}
