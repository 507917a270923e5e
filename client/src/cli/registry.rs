//! `libral registry`.

use std::path::Path;

use clap::Subcommand;
use index_schema::digest::Sha256Digest;
use index_schema::id::RegistryId;
use index_schema::limits;
use index_schema::url::ArchiveUrl;
use serde_json::json;

use super::context::{Context, print, print_json};
use super::report::{CliError, CommandError};
use super::text::table;
use super::world::{Indexes, Sources};
use super::{CommandResult, Outcome};
use crate::file::read_file;
use crate::generation::Generations;
use crate::home::Home;
use crate::registries::{self, Added, Registered, RegistryError};
use crate::source::location::{Location, LocationError};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    Add(AddArgs),
    List(ListArgs),
    Remove(RemoveArgs),
}

/// Trust a registry.
///
/// Trust begins with the registry's first root. Say which one it is by its digest, which the
/// registry publishes, or by a file that you have. Otherwise the digest is shown and you are
/// asked; nothing else answers that question. Adding the same registry again changes its address.
///
/// Example: libral registry add demo https://plugins.example.org/ --root-sha256 9f86…
#[derive(Debug, clap::Args)]
pub(super) struct AddArgs {
    /// What to call it here.
    name: RegistryId,
    /// Where it lies: https://…, file:///… or a folder.
    #[arg(value_name = "URL")]
    location: Location,
    /// The first root, from a place that you trust.
    #[arg(long, value_name = "FILE|URL")]
    root: Option<String>,
    /// The SHA-256 of the first root.
    #[arg(long, value_name = "HEX")]
    root_sha256: Option<Sha256Digest>,
    /// Ask nothing; the root has to be named by --root or --root-sha256.
    #[arg(long, short)]
    yes: bool,
}

/// Show the registries that are trusted, in the order in which they are asked.
///
/// Example: libral registry list --json
#[derive(Debug, clap::Args)]
pub(super) struct ListArgs {}

/// Forget a registry from which nothing is installed.
///
/// Example: libral registry remove demo
#[derive(Debug, clap::Args)]
pub(super) struct RemoveArgs {
    /// What it is called here.
    name: RegistryId,
}

pub(super) fn run(command: &Command, context: &Context) -> CommandResult {
    match command {
        Command::Add(args) => add(args, context),
        Command::List(ListArgs {}) => list(context),
        Command::Remove(args) => remove(args, context),
    }
}

fn add(args: &AddArgs, context: &Context) -> CommandResult {
    let home = context.home()?;
    let location = absolute(&args.location)?;
    let known = registries::find(&home, &args.name)?;
    let root = root(args, &location, context)?;
    let found = Sha256Digest::of(&root);
    if let Some(known) = &known {
        known.same_root(found)?;
    }
    let expected = match args.root_sha256 {
        Some(expected) => expected,
        None if args.root.is_some() || known.is_some() => found,
        None => consent(args, &location, found, context)?,
    };
    let added = registries::add(&home, (&args.name, &location), (&root, expected), context.now)?;
    let title = match try_out(&args.name, context) {
        Ok(title) => title,
        Err(error) => {
            take_back(&home, &args.name, known.as_ref())?;
            return Err(error);
        }
    };
    if context.json {
        print_json(&json!({
            "schema": "libral.registry-add/1",
            "name": &args.name,
            "title": title,
            "url": location.to_string(),
            "root_sha256": expected,
            "new": added == Added::New,
        }))?;
        return Ok(Outcome::Done);
    }
    let what = if added == Added::New { "added" } else { "updated" };
    let title = title.map_or_else(String::new, |title| format!(" ({title})"));
    print(&format!("{what} the registry `{}`{title}\n", args.name))?;
    Ok(Outcome::Done)
}

/// A relative path means another folder tomorrow.
fn absolute(location: &Location) -> Result<Location, CommandError> {
    let Some(folder) = location.folder() else { return Ok(location.clone()) };
    let path = std::path::absolute(folder).map_err(CliError::from)?;
    let error = || LocationError::File(path.display().to_string());
    Ok(Location::parse(path.to_str().ok_or_else(error)?)?)
}

/// Reads the first root from where the user says, else from the registry itself.
fn root(args: &AddArgs, location: &Location, context: &Context) -> Result<Vec<u8>, CommandError> {
    let web = context.web()?;
    let Some(place) = &args.root else {
        let source = location.open(&web)?;
        return Ok(registries::fetch_root(source.as_ref(), &location.to_string())?);
    };
    let limit = limits::TUF_UNANNOUNCED;
    if !place.contains("://") {
        let failed = |source| CliError::File { path: place.clone(), source };
        return Ok(read_file(Path::new(place), limit).map_err(failed)?);
    }
    let url = ArchiveUrl::parse(place)
        .map_err(|source| LocationError::Url { text: place.clone(), source })?;
    let mut root = Vec::new();
    let found = web.fetch_url(&url, limit, &mut root, &|_| {})?;
    found.map(|_| root).ok_or_else(|| RegistryError::NoRoot(place.clone()).into())
}

/// Asks whether the root is the right one.
fn consent(
    args: &AddArgs,
    location: &Location,
    digest: Sha256Digest,
    context: &Context,
) -> Result<Sha256Digest, CommandError> {
    if args.yes || !context.can_ask() {
        let (name, url) = (args.name.clone(), location.to_string());
        return Err(CliError::RootConsent { name, url, digest }.into());
    }
    context.say(&format!(
        "The root of `{}` has the SHA-256\n  {digest}\nCompare it with what the registry publishes \
         in another place.",
        args.name
    ))?;
    if context.ask("Trust this registry?")? { Ok(digest) } else { Err(CliError::Declined.into()) }
}

/// Reads the index once; returns the registry's title. Offline, that has to wait.
fn try_out(name: &RegistryId, context: &Context) -> Result<Option<String>, CommandError> {
    if !context.is_online() {
        return Ok(None);
    }
    let sources = Sources::open(context)?;
    let indexes = Indexes::of(&sources)?;
    let title = indexes.index(name)?.record().title.to_string();
    indexes.remember()?;
    Ok(Some(title))
}

/// Makes it as it was before: the registry does not work.
fn take_back(
    home: &Home,
    name: &RegistryId,
    known: Option<&Registered>,
) -> Result<(), CommandError> {
    match known {
        None => Ok(registries::remove(home, name)?),
        Some(known) => Ok(registries::restore(home, known)?),
    }
}

fn list(context: &Context) -> CommandResult {
    let registries = registries::list(&context.home()?)?;
    if context.json {
        let entries = registries.iter().map(|registry| {
            json!({
                "name": &registry.name,
                "url": &registry.url,
                "root_sha256": registry.root_sha256,
                "added": registry.added,
            })
        });
        let entries: Vec<_> = entries.collect();
        print_json(&json!({ "schema": "libral.registry-list/1", "registries": entries }))?;
        return Ok(Outcome::Done);
    }
    let rows: Vec<_> = registries
        .iter()
        .map(|registry| [registry.name.to_string(), registry.url.clone()])
        .collect();
    print(&table(&rows))?;
    if rows.is_empty() {
        context.say("no registry is known; `libral registry add NAME URL` adds one")?;
    }
    Ok(Outcome::Done)
}

fn remove(args: &RemoveArgs, context: &Context) -> CommandResult {
    let home = context.home()?;
    let generation = Generations::open(&home)?.current()?;
    let plugins = generation.iter().flat_map(|generation| &generation.plugins);
    let used: Vec<_> = plugins.filter(|(_, plugin)| plugin.registry == args.name).collect();
    if let Some((id, _)) = used.first() {
        let (name, example) = (args.name.clone(), (*id).clone());
        return Err(CliError::RegistryInUse { name, count: used.len(), example }.into());
    }
    registries::remove(&home, &args.name)?;
    if context.json {
        print_json(&json!({ "schema": "libral.registry-remove/1", "name": &args.name }))?;
        return Ok(Outcome::Done);
    }
    print(&format!("removed the registry `{}`\n", args.name))?;
    Ok(Outcome::Done)
}
