//! `libral install`.

use std::collections::BTreeSet;

use index_schema::id::{PluginId, PublisherId};
use index_schema::osv::AdvisoryId;
use index_schema::permission::{PermissionName, Risk};
use index_schema::requirement::Requirement;
use serde_json::{Value, json};

use super::context::{Context, PATIENCE, platform, print, print_json};
use super::handover::{self, HandoverArgs};
use super::progress::Progress;
use super::reference::Wish;
use super::report::{CliError, CommandError};
use super::text::{count, one_line, size, table};
use super::world::{Indexes, Sources};
use super::{CommandResult, Outcome};
use crate::believe::BelieveError;
use crate::generation::{Generation, Generations};
use crate::index::Index;
use crate::install::{InstallError, Installer, Prepared};
use crate::plan::consent::Ask;
use crate::plan::{Action, Plan, Step, Wishes};

/// How often to plan anew when other processes change the state meanwhile.
const ATTEMPTS: u32 = 20;

/// Install plugins and what they need.
///
/// Every release is checked against its publisher's signature before anything is downloaded, and
/// every byte before anything is installed. Sensitive permissions have to be granted by name:
/// with --grant, or when asked on a terminal; --yes never does that.
///
/// Example: libral install lab/amber "harbor/mast@^1.2" --grant network
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The plugins, each perhaps with a registry in front and a requirement behind:
    /// [REGISTRY:]PUBLISHER/NAME[@REQUIREMENT].
    #[arg(required = true, value_name = "ID[@REQ]")]
    wishes: Vec<Wish>,
    /// Grant a sensitive permission to the plugins of this installation that ask for it.
    #[arg(long, value_name = "NAME")]
    grant: Vec<PermissionName>,
    #[command(flatten)]
    handovers: HandoverArgs,
    /// Install something new of this publisher though the registry's maintainers suspended it.
    #[arg(long, value_name = "PUBLISHER")]
    allow_suspended: Vec<PublisherId>,
    /// Install something though this advisory says that it does harm.
    #[arg(long, value_name = "ID")]
    allow_advisory: Vec<AdvisoryId>,
    /// Only show what would be done.
    #[arg(long)]
    dry_run: bool,
    /// Ask nothing; this grants no sensitive permission, nor does it follow a hand-over.
    #[arg(long, short)]
    yes: bool,
}

pub(super) fn run(args: &Args, context: &Context) -> CommandResult {
    let sources = Sources::open(context)?;
    let indexes = Indexes::of(&sources)?;
    let result = install(args, context, (&sources, &indexes));
    // What was seen counts, however this ended.
    indexes.remember()?;
    result
}

fn install(
    args: &Args,
    context: &Context,
    (sources, indexes): (&Sources<'_>, &Indexes<'_, '_>),
) -> CommandResult {
    let current = Generations::open(&sources.home)?.current()?;
    let index = index(args, indexes, current.as_ref())?;
    args.handovers.apply(index);
    let installer = Installer {
        home: &sources.home,
        index,
        web: context.is_online().then_some(&sources.web),
        platform: platform(),
        host: None,
        patience: PATIENCE,
        allowed: args.allow_suspended.iter().cloned().collect(),
        excused: args.allow_advisory.iter().cloned().collect(),
        now: context.now,
    };
    let wishes = wishes(args);
    let mut grants: BTreeSet<PermissionName> = args.grant.iter().cloned().collect();
    let mut attempts = 0_u32;
    loop {
        let prepared = match installer.prepare(&wishes) {
            Err(InstallError::Believe(BelieveError::Handover(notice)))
                if !args.yes && context.can_ask() =>
            {
                handover::agree(index, &notice, context)?;
                continue;
            }
            prepared => prepared?,
        };
        if attempts == 0 {
            show(&prepared, &grants, context)?;
        }
        if args.dry_run || prepared.is_done() {
            report(&prepared, &grants, (args.dry_run, None), context)?;
            return Ok(Outcome::Done);
        }
        agree(prepared.plan(), &mut grants, (args.yes || attempts > 0, context))?;
        let progress = Progress::new(prepared.plan(), context);
        let done = installer.carry_out(&prepared, &grants, (context.now, reason(args)), &|event| {
            progress.hear(event);
        });
        progress.finish();
        attempts = attempts.saturating_add(1);
        match done {
            Ok(generation) => {
                report(&prepared, &grants, (false, Some(&generation)), context)?;
                return Ok(Outcome::Done);
            }
            Err(error) if error.is_race() && attempts < ATTEMPTS => {
                context.explain("another process has changed the state; planning anew")?;
            }
            Err(error) => return Err(error.into()),
        }
    }
}

/// Finds the one registry that all plugins come from.
fn index<'i, 's>(
    args: &Args,
    indexes: &'i Indexes<'s, '_>,
    current: Option<&Generation>,
) -> Result<&'i Index<'s>, CommandError> {
    let mut found: Option<(&PluginId, &Index<'_>)> = None;
    for wish in &args.wishes {
        let id = &wish.reference.id;
        let installed = current.and_then(|current| current.plugins.get(id));
        let index = indexes.find(&wish.reference, installed.map(|plugin| &plugin.registry))?;
        match found {
            Some((first, other)) if other.name() != index.name() => {
                let (first, second) = (first.clone(), id.clone());
                return Err(CliError::SeveralRegistries { first, second }.into());
            }
            _ => found = Some((id, index)),
        }
    }
    found.map(|(_, index)| index).ok_or_else(|| CliError::NoRegistry.into())
}

fn wishes(args: &Args) -> Wishes {
    let wish = |wish: &Wish| {
        let requirement = wish.requirement.clone().unwrap_or_else(Requirement::any);
        (wish.reference.id.clone(), requirement)
    };
    args.wishes.iter().map(wish).collect()
}

fn reason(args: &Args) -> Vec<String> {
    let words = args.wishes.iter().map(|wish| wish.reference.id.to_string());
    ["install".to_owned()].into_iter().chain(words).collect()
}

/// Asks for what only the user can decide.
fn agree(
    plan: &Plan,
    grants: &mut BTreeSet<PermissionName>,
    (is_settled, context): (bool, &Context),
) -> Result<(), CommandError> {
    let missing: BTreeSet<PermissionName> =
        plan.missing(grants).into_iter().map(|ask| ask.fact.name.clone()).collect();
    if is_settled || !context.can_ask() {
        if missing.is_empty() {
            return Ok(());
        }
        return Err(CliError::Permissions(missing.into_iter().collect()).into());
    }
    for name in missing {
        if !context.ask(&format!("Grant the sensitive permission `{name}`?"))? {
            return Err(CliError::Permissions(vec![name]).into());
        }
        grants.insert(name);
    }
    let question = format!("Go on with {}?", count(plan.changes().count(), "plugin"));
    if context.ask(&question)? { Ok(()) } else { Err(CliError::Declined.into()) }
}

/// Shows what is going to happen, on standard error.
fn show(
    prepared: &Prepared,
    grants: &BTreeSet<PermissionName>,
    context: &Context,
) -> Result<(), CliError> {
    let plan = prepared.plan();
    let row = |step: &Step| {
        let version = &step.release.version;
        let version = match &step.action {
            Action::Update { from } => format!("{from} -> {version}"),
            Action::Install | Action::Keep => version.to_string(),
        };
        [step.action.as_str().to_owned(), step.id.to_string(), version, size(step.artifact.size)]
    };
    let rows: Vec<_> = plan.changes().map(row).collect();
    if !rows.is_empty() {
        context.say(table(&rows).trim_end())?;
    }
    let publishers: BTreeSet<&PublisherId> =
        plan.changes().map(|step| &step.id.publisher).collect();
    for publisher in publishers {
        if let Some(trust) = prepared.trust(publisher) {
            context.say(&format!("  publisher {publisher}: {trust}: {}", trust.meaning()))?;
        }
    }
    for ask in &plan.asks {
        context.say(&permission(ask, grants))?;
    }
    for warning in &plan.warnings {
        context.warn(&format!("{}: {}", warning.id, one_line(&warning.message)))?;
    }
    for name in grants.iter().filter(|name| plan.asks.iter().all(|ask| ask.fact.name != **name)) {
        context.warn(&format!("--grant {name}: nothing in this installation asks for it"))?;
    }
    Ok(())
}

fn permission(ask: &Ask, grants: &BTreeSet<PermissionName>) -> String {
    let name = &ask.fact.name;
    let scope: Vec<&str> = ask.fact.scope.iter().map(|entry| entry.as_str()).collect();
    let scope = if scope.is_empty() { String::new() } else { format!(": {}", scope.join(", ")) };
    let state = state(ask, grants).replace('-', " ");
    let line = format!("{} can {}{scope} [{name}, {state}]", ask.id, ask.meaning);
    format!("  {}", one_line(&line))
}

/// Returns the word for where a permission stands.
fn state(ask: &Ask, grants: &BTreeSet<PermissionName>) -> &'static str {
    if ask.is_granted || grants.contains(&ask.fact.name) {
        return "granted";
    }
    match (ask.risk, ask.fact.optional) {
        (Risk::Sensitive, true) => "optional-and-not-granted",
        (Risk::Sensitive, false) => "to-be-granted",
        (Risk::Normal, true) => "optional",
        (Risk::Normal, false) => "normal",
    }
}

/// Shows what has happened, on standard output.
fn report(
    prepared: &Prepared,
    grants: &BTreeSet<PermissionName>,
    (is_dry, generation): (bool, Option<&Generation>),
    context: &Context,
) -> Result<(), CliError> {
    let plan = prepared.plan();
    if context.json {
        return print_json(&document(prepared, grants, (is_dry, generation)));
    }
    if plan.changes().next().is_none() {
        return print("nothing to do: everything is installed already\n");
    }
    let what = if is_dry { "would install" } else { "installed" };
    plan.changes()
        .try_for_each(|step| print(&format!("{what} {} {}\n", step.id, step.release.version)))
}

fn document(
    prepared: &Prepared,
    grants: &BTreeSet<PermissionName>,
    (is_dry, generation): (bool, Option<&Generation>),
) -> Value {
    let plan = prepared.plan();
    let step = |step: &Step| {
        let from = match &step.action {
            Action::Update { from } => Some(from),
            Action::Install | Action::Keep => None,
        };
        json!({
            "id": &step.id,
            "action": step.action.as_str(),
            "version": &step.release.version,
            "from": from,
            "origin": step.origin,
            "sha256": prepared.artifact(step).map(|artifact| artifact.sha256),
            "size": step.artifact.size,
            "signers": &step.release.signers,
            "trust": prepared.trust(&step.id.publisher),
            "dependencies": &step.dependencies,
        })
    };
    let ask = |ask: &Ask| {
        json!({
            "id": &ask.id,
            "name": &ask.fact.name,
            "scope": &ask.fact.scope,
            "optional": ask.fact.optional,
            "sensitive": ask.risk == Risk::Sensitive,
            "meaning": &ask.meaning,
            "state": state(ask, grants),
        })
    };
    let warning = |warning: &crate::plan::Warning| json!({ "id": &warning.id, "code": warning.code, "message": &warning.message });
    json!({
        "schema": "libral.install/1",
        "registry": &plan.registry,
        "dry_run": is_dry,
        "generation": generation.map_or(plan.base, |generation| Some(generation.n)),
        "download": plan.changes().map(|step| step.artifact.size).sum::<u64>(),
        "steps": plan.steps.iter().map(step).collect::<Vec<_>>(),
        "permissions": plan.asks.iter().map(ask).collect::<Vec<_>>(),
        "warnings": plan.warnings.iter().map(warning).collect::<Vec<_>>(),
    })
}
