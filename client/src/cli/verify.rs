//! `libral verify`.

use std::fs;
use std::path::Path;

use index_schema::digest::Sha256Digest;
use index_schema::id::PluginId;
use index_schema::layout;
use index_schema::limits;
use index_schema::manifest::Manifest;
use index_schema::statement::{Document as _, Statement};
use serde_json::{Value, json};

use super::context::{Context, print, print_json};
use super::list::{heard, removed};
use super::report::{CliError, CommandError};
use super::text::{clean, count, one_line};
use super::world::{Indexes, Sources};
use super::{CommandResult, Outcome};
use crate::believe::{self, Loss};
use crate::generation::{Generations, Installed};
use crate::home::Home;
use crate::source::Source as _;
use crate::store::{Difference, Store, StoreError};

/// Check what is installed, byte by byte.
///
/// Every file is compared with what was unpacked, the path for hosts with the store, and the
/// archive's digest with the publisher's statement; the registry is asked whether the release is
/// gone. Exits with 1 when something is not as it should be.
///
/// Example: libral verify lab/amber
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Only these plugins.
    #[arg(value_name = "ID")]
    ids: Vec<PluginId>,
}

/// Something that is not as it should be.
struct Finding {
    code: &'static str,
    path: Option<String>,
    message: String,
}

impl Finding {
    fn new(code: &'static str, message: &str) -> Self {
        Self { code, path: None, message: message.to_owned() }
    }

    fn file(code: &'static str, path: String, what: &str) -> Self {
        Self { code, message: format!("`{}` {what}", clean(&path)), path: Some(path) }
    }
}

pub(super) fn run(args: &Args, context: &Context) -> CommandResult {
    let sources = Sources::open(context)?;
    let current = Generations::open(&sources.home)?.current()?;
    let installed = current.map(|generation| generation.plugins).unwrap_or_default();
    for id in &args.ids {
        if !installed.contains_key(id) {
            return Err(CliError::NotInstalled(id.clone()).into());
        }
    }
    let store = Store::open(&sources.home)?;
    let indexes = sources.registries().next().map(|_| Indexes::of(&sources)).transpose()?;
    let mut found: Vec<(&PluginId, &Installed, Vec<Finding>)> = Vec::new();
    for (id, plugin) in &installed {
        if args.ids.is_empty() || args.ids.contains(id) {
            let mut findings = contents(&store, plugin)?;
            findings.extend(link(&sources.home, id, plugin));
            findings.extend(statement(&sources, id, plugin, context)?);
            findings.extend(gone((&sources.home, indexes.as_ref()), id, plugin, context)?);
            warn_of_suspension((&sources.home, indexes.as_ref()), id, plugin, context)?;
            found.push((id, plugin, findings));
        }
    }
    if context.json {
        let plugins: Vec<Value> = found.iter().map(document).collect();
        print_json(&json!({ "schema": "libral.verify/1", "plugins": plugins }))?;
    } else {
        show(&found, context)?;
    }
    indexes.as_ref().map_or(Ok(()), Indexes::remember)?;
    let is_good = found.iter().all(|(_, _, findings)| findings.is_empty());
    Ok(if is_good { Outcome::Done } else { Outcome::Found })
}

/// Compares the files with what was unpacked.
fn contents(store: &Store, plugin: &Installed) -> Result<Vec<Finding>, CommandError> {
    if !store.contains(&plugin.archive)? {
        return Ok(vec![Finding::new("store/missing", "the package is gone")]);
    }
    let finding = |difference| match difference {
        Difference::Changed(path) => {
            Finding::file("store/changed", path.to_string(), "was changed")
        }
        Difference::Missing(path) => Finding::file("store/missing", path.to_string(), "is gone"),
        Difference::Added(path) => Finding::file("store/added", path, "does not belong there"),
    };
    match store.verify(&plugin.archive) {
        Ok(differences) => Ok(differences.into_iter().map(finding).collect()),
        Err(error @ StoreError::NoListing(_)) => {
            Ok(vec![Finding::new("store/no-listing", &error.to_string())])
        }
        Err(error) => Err(error.into()),
    }
}

/// Compares the path from which hosts load the plugin with the store.
fn link(home: &Home, id: &PluginId, plugin: &Installed) -> Option<Finding> {
    let resolve = |path: &Path| fs::canonicalize(path).ok();
    let (path, package) = (home.plugin(id), home.package(&plugin.archive));
    let leads_there = resolve(&path).is_some_and(|path| resolve(&package) == Some(path));
    let message = format!("`{}` does not lead to the package", path.display());
    (plugin.enabled && !leads_there).then(|| Finding::new("store/link", &message))
}

/// Compares the installed archive with the statement, if it is to be had. That its digest is the
/// one written down is enough: the signatures were checked when that was done.
fn statement(
    sources: &Sources<'_>,
    id: &PluginId,
    plugin: &Installed,
    context: &Context,
) -> Result<Option<Finding>, CliError> {
    let path = layout::blob(&plugin.statement);
    let limit = Manifest::LIMIT.saturating_add(limits::SIGNATURES);
    let source = sources.source(&plugin.registry);
    let Some(bytes) = source.ok().and_then(|source| source.get(&path, limit).ok().flatten()) else {
        context.warn(&format!("{id}: the publisher's statement is not to be had, nor compared"))?;
        return Ok(None);
    };
    if Sha256Digest::of(&bytes) != plugin.statement {
        let message = "the registry has another statement of the publisher's than before";
        return Ok(Some(Finding::new("statement/swapped", message)));
    }
    let is_signed = Statement::<Manifest>::read(&bytes).is_ok_and(|statement| {
        let manifest = &statement.document;
        let archives = || manifest.artifacts.iter().map(|artifact| artifact.sha256);
        manifest.id == *id
            && manifest.version == plugin.version
            && archives().any(|archive| archive == plugin.archive)
    });
    let message = "the publisher's statement is about another archive";
    Ok((!is_signed).then(|| Finding::new("statement/differs", message)))
}

/// Asks the registry whether the release is gone. One that cannot be asked is no reason to find
/// fault with what is installed.
fn gone(
    (home, indexes): (&Home, Option<&Indexes<'_, '_>>),
    id: &PluginId,
    plugin: &Installed,
    context: &Context,
) -> Result<Option<Finding>, CommandError> {
    let Some(indexes) = indexes else { return Ok(None) };
    let why = match why(indexes, id, plugin) {
        Ok(why) => why,
        Err(error) => {
            let error = error.message();
            context
                .warn(&format!("{id}: the registry does not say whether it is gone: {error}"))?;
            removed(home, id, plugin)?.map(Loss::Removed)
        }
    };
    Ok(why.map(|why| Finding::new("release/gone", &one_line(&why.to_string()))))
}

/// Says that the maintainers suspended the publisher: that is no fault of what is installed.
fn warn_of_suspension(
    (home, indexes): (&Home, Option<&Indexes<'_, '_>>),
    id: &PluginId,
    plugin: &Installed,
    context: &Context,
) -> Result<(), CommandError> {
    let chain = indexes.and_then(|indexes| {
        let index = indexes.index(&plugin.registry).ok()?;
        let document = index.plugin(id).ok().flatten()?;
        let is_spoken_of = !document.publisher_status.is_empty();
        is_spoken_of.then(|| believe::publisher(index, &document).ok()).flatten()
    });
    let reason = match chain {
        Some(chain) => chain.standing().suspension().map(|it| it.reason.to_string()),
        None => heard(home, id, plugin)?.1,
    };
    let Some(reason) = reason else { return Ok(()) };
    let message = format!("{id}: the registry's maintainers suspended its publisher: {reason}");
    Ok(context.warn(&one_line(&message))?)
}

fn why(
    indexes: &Indexes<'_, '_>,
    id: &PluginId,
    plugin: &Installed,
) -> Result<Option<Loss>, CommandError> {
    let index = indexes.index(&plugin.registry)?;
    let Some(document) = index.plugin(id)? else { return Ok(None) };
    let gone = document.gone.iter().find(|gone| gone.version == plugin.version);
    Ok(gone.map(|gone| believe::gone(index, &document, gone)).transpose()?)
}

fn document((id, plugin, findings): &(&PluginId, &Installed, Vec<Finding>)) -> Value {
    let finding = |finding: &Finding| json!({ "code": finding.code, "path": &finding.path, "message": &finding.message });
    json!({
        "id": id,
        "version": &plugin.version,
        "ok": findings.is_empty(),
        "findings": findings.iter().map(finding).collect::<Vec<_>>(),
    })
}

fn show(
    found: &[(&PluginId, &Installed, Vec<Finding>)],
    context: &Context,
) -> Result<(), CliError> {
    for (id, plugin, findings) in found {
        for finding in findings {
            let (code, message) = (finding.code, &finding.message);
            print(&format!("{id} {}: {message} [{code}]\n", plugin.version))?;
        }
    }
    let bad = found.iter().filter(|(_, _, findings)| !findings.is_empty()).count();
    if bad == 0 {
        return print(&format!("{} as they should be\n", count(found.len(), "plugin")));
    }
    context.say(&format!("{bad} of {} not as they should be", count(found.len(), "plugin")))?;
    context.say("hint: `libral remove` and `libral install` bring a plugin back")
}
