//! `libral categories`.

use std::collections::BTreeMap;

use index_schema::id::Word;
use serde_json::json;

use super::context::{Context, print, print_json};
use super::text::{count, table};
use super::world::{Indexes, Sources};
use super::{CommandResult, Outcome};

/// Show the categories, and how many plugins each has.
///
/// Example: libral categories
#[derive(Debug, clap::Args)]
pub(super) struct Args {}

pub(super) fn run(Args {}: &Args, context: &Context) -> CommandResult {
    let sources = Sources::open(context)?;
    let indexes = Indexes::of(&sources)?;
    let mut counts: BTreeMap<Word, usize> = BTreeMap::new();
    for index in indexes.all(None)? {
        for word in &index.record().categories {
            counts.entry(word.clone()).or_default();
        }
        for entry in index.catalog()?.plugins.known {
            for word in &entry.categories {
                let plugins = counts.entry(word.clone()).or_default();
                *plugins = plugins.saturating_add(1);
            }
        }
    }
    indexes.remember()?;
    if context.json {
        let words =
            counts.iter().map(|(name, plugins)| json!({ "name": name, "plugins": plugins }));
        let words: Vec<_> = words.collect();
        print_json(&json!({ "schema": "libral.categories/1", "categories": words }))?;
        return Ok(Outcome::Done);
    }
    let rows = counts.iter().map(|(name, plugins)| [name.to_string(), count(*plugins, "plugin")]);
    print(&table(&rows.collect::<Vec<_>>()))?;
    Ok(Outcome::Done)
}
