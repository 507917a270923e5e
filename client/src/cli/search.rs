//! `libral search`.

use std::collections::BTreeSet;

use clap::ValueEnum;
use index_schema::catalog::CatalogEntry;
use index_schema::id::{PublisherId, RegistryId, Word};
use index_schema::permission::PermissionName;
use index_schema::pricing::Model;
use index_schema::publisher_status::Trust;
use index_schema::time::Timestamp;
use serde_json::{Value, json};

use super::context::{Context, print, print_json};
use super::text::{count, one_line, table};
use super::world::{Indexes, Sources};
use super::{CommandResult, Outcome};
use crate::search::{Query, Sort, search};

/// Search the catalogues, on this computer: no query leaves it.
///
/// Every word has to be found. Names count most, then keywords, titles and summaries.
///
/// Example: libral search calendar --category productivity --sort updated
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The words to find; without any, all plugins are shown.
    #[arg(value_name = "WORD")]
    words: Vec<String>,
    #[command(flatten)]
    filters: Filters,
    /// The order.
    #[arg(long, value_name = "ORDER", default_value = "relevance")]
    sort: Order,
    /// Which page, from 1.
    #[arg(long, value_name = "N", default_value = "1", value_parser = clap::value_parser!(u32).range(1..))]
    page: u32,
    /// How many plugins a page has.
    #[arg(long, value_name = "N", default_value = "20", value_parser = clap::value_parser!(u32).range(1..=1000))]
    per_page: u32,
}

#[derive(Debug, clap::Args)]
struct Filters {
    /// Only plugins of this category.
    #[arg(long, value_name = "WORD")]
    category: Option<Word>,
    /// Only plugins with this keyword.
    #[arg(long, value_name = "WORD")]
    keyword: Option<Word>,
    /// Only plugins that cost this kind of money: free, one_time, subscription, usage_based,
    /// freemium.
    #[arg(long, value_name = "MODEL", value_parser = model)]
    pricing: Option<Model>,
    /// Only plugins of this publisher.
    #[arg(long, value_name = "ID")]
    publisher: Option<PublisherId>,
    /// Only plugins that ask for this permission.
    #[arg(long, value_name = "NAME")]
    permission: Option<PermissionName>,
    /// Only plugins of publishers that the registry vouches for at least so far: registered (their
    /// keys were let in), verified (who holds them was checked), core (the host application's own).
    #[arg(long, value_name = "LEVEL", value_parser = trust)]
    trust: Option<Trust>,
    /// Only this registry.
    #[arg(long, value_name = "NAME")]
    registry: Option<RegistryId>,
}

/// The order of what is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Order {
    /// The best first.
    Relevance,
    /// The newest release first.
    Updated,
    /// By name.
    Name,
}

fn trust(text: &str) -> Result<Trust, String> {
    Trust::parse(text).ok_or_else(|| "expected one of: registered, verified, core".to_owned())
}

fn model(text: &str) -> Result<Model, String> {
    Model::parse(text).ok_or_else(|| {
        let known: Vec<&str> = Model::ALL.iter().map(|model| model.as_str()).collect();
        format!("expected one of: {}", known.join(", "))
    })
}

/// A plugin and where it was found.
struct Hit<'h> {
    registry: &'h RegistryId,
    entry: &'h CatalogEntry,
}

pub(super) fn run(args: &Args, context: &Context) -> CommandResult {
    let sources = Sources::open(context)?;
    let indexes = Indexes::of(&sources)?;
    let opened = indexes.all(args.filters.registry.as_ref())?;
    let mut entries = Vec::new();
    let mut names = Vec::new();
    let mut newer = Vec::new();
    for index in &opened {
        let plugins = index.catalog()?.plugins;
        names.extend(plugins.known.iter().map(|_| index.name()));
        entries.extend(plugins.known);
        newer.extend(plugins.newer.into_iter().map(|id| (index.name(), id)));
    }
    indexes.remember()?;
    let (page, per_page) = (position(args.page), position(args.per_page));
    let found = search(&entries, &query(args, context.now), (page, per_page));
    let hits: Vec<Hit<'_>> = found
        .hits
        .iter()
        .filter_map(|entry| {
            // The registry of an entry stands at the same place of the other list.
            let at = entries.iter().position(|other| std::ptr::eq(other, *entry))?;
            Some(Hit { registry: names.get(at)?, entry })
        })
        .collect();
    if context.json {
        print_json(&json!({
            "schema": "libral.search/1",
            "total": found.total,
            "page": page,
            "per_page": per_page,
            "plugins": hits.iter().map(|hit| document(hit, context.now)).collect::<Vec<_>>(),
            "needs_newer": newer
                .iter()
                .map(|(registry, id)| json!({ "id": id, "found_in": registry }))
                .collect::<Vec<_>>(),
        }))?;
        return Ok(Outcome::Done);
    }
    show(&hits, opened.len() > 1, context)?;
    let shown = count(hits.len(), "plugin");
    context.say(&format!("{shown} of {}, page {page}", found.total))?;
    for (registry, id) in newer {
        context.say(&format!("not searched: {id} of `{registry}` needs a newer libral"))?;
    }
    Ok(Outcome::Done)
}

fn position(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

fn query(args: &Args, now: Timestamp) -> Query {
    let filters = &args.filters;
    Query {
        text: args.words.join(" "),
        category: filters.category.clone(),
        keyword: filters.keyword.clone(),
        pricing: filters.pricing,
        publisher: filters.publisher.clone(),
        permission: filters.permission.clone(),
        trust: filters.trust.map(|least| (least, now)),
        sort: match args.sort {
            Order::Relevance => Sort::Relevance,
            Order::Updated => Sort::Updated,
            Order::Name => Sort::Name,
        },
    }
}

fn document(hit: &Hit<'_>, now: Timestamp) -> Value {
    // Every entry is an object; what is added tells registries apart.
    let mut value = serde_json::to_value(hit.entry).unwrap_or_default();
    if let Value::Object(members) = &mut value {
        members.insert("found_in".to_owned(), json!(hit.registry));
        members.insert("trust".to_owned(), json!(hit.entry.trust(now)));
    }
    value
}

fn show(
    hits: &[Hit<'_>],
    is_qualified: bool,
    context: &Context,
) -> Result<(), super::report::CliError> {
    let row = |hit: &Hit<'_>| {
        let id = &hit.entry.id;
        let id = if is_qualified { format!("{}:{id}", hit.registry) } else { id.to_string() };
        let deprecated = if hit.entry.deprecated { " (deprecated)" } else { "" };
        let summary = one_line(hit.entry.summary.as_str());
        let suspended = if hit.entry.suspended { " (publisher suspended)" } else { "" };
        let trust = hit.entry.trust(context.now).to_string();
        let version = hit.entry.version.to_string();
        [id, version, trust, format!("{summary}{deprecated}{suspended}")]
    };
    print(&table(&hits.iter().map(row).collect::<Vec<_>>()))?;
    let levels = hits.iter().map(|hit| hit.entry.trust(context.now));
    for level in levels.collect::<BTreeSet<_>>() {
        context.say(&format!("{level}: {}", level.meaning()))?;
    }
    Ok(())
}
