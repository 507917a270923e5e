//! `libral audit`.

use index_schema::id::PluginId;
use index_schema::osv::{AdvisoryId, Harm};
use serde_json::{Value, json};

use super::context::{Context, print, print_json};
use super::report::{CliError, CommandError};
use super::text::{count, one_line};
use super::world::{Indexes, Sources};
use super::{CommandResult, Outcome};
use crate::believe;
use crate::generation::{Generations, Installed};
use crate::index::Index;

/// Ask whether what is installed is known to be bad.
///
/// Advisories of the registry's maintainers, releases that were taken back or removed, and publishers
/// that were suspended are found; exits with 1 if there are any. Plugins that get no more releases
/// are shown, too.
///
/// Example: libral audit --json
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Only these plugins.
    #[arg(value_name = "ID")]
    ids: Vec<PluginId>,
}

/// Something that is known of a release.
struct Finding {
    code: &'static str,
    message: String,
    advisory: Option<(AdvisoryId, Harm)>,
    fixed: Vec<String>,
}

impl Finding {
    const fn plain(code: &'static str, message: String) -> Self {
        Self { code, message, advisory: None, fixed: Vec::new() }
    }

    /// Tells whether it is no harm, and only to be known.
    fn is_note(&self) -> bool {
        self.code == "plugin/deprecated"
    }
}

/// A plugin, and what is known of it.
type Audited<'a> = (&'a PluginId, &'a Installed, Vec<Finding>);

pub(super) fn run(args: &Args, context: &Context) -> CommandResult {
    let sources = Sources::open(context)?;
    let current = Generations::open(&sources.home)?.current()?;
    let installed = current.map(|generation| generation.plugins).unwrap_or_default();
    if let Some(id) = args.ids.iter().find(|id| !installed.contains_key(id)) {
        return Err(CliError::NotInstalled(id.clone()).into());
    }
    let wanted = installed.iter().filter(|(id, _)| args.ids.is_empty() || args.ids.contains(id));
    let indexes = Indexes::of(&sources)?;
    let audited: Result<Vec<Audited<'_>>, CommandError> = wanted
        .map(|(id, plugin)| Ok((id, plugin, audit(indexes.index(&plugin.registry)?, id, plugin)?)))
        .collect();
    // What was seen counts, however this ended.
    indexes.remember()?;
    let audited = audited?;
    let is_good = audited.iter().all(|(_, _, findings)| findings.iter().all(Finding::is_note));
    if context.json {
        let plugins: Vec<Value> = audited.iter().map(document).collect();
        print_json(&json!({ "schema": "libral.audit/1", "ok": is_good, "plugins": plugins }))?;
    } else {
        show(&audited, context)?;
    }
    Ok(if is_good { Outcome::Done } else { Outcome::Found })
}

/// Finds out what is known of a release that is installed.
fn audit(
    index: &Index<'_>,
    id: &PluginId,
    plugin: &Installed,
) -> Result<Vec<Finding>, CommandError> {
    let Some(document) = index.plugin(id)? else {
        let message = "the registry has no such plugin any more".to_owned();
        return Ok(vec![Finding::plain("release/gone", message)]);
    };
    let version = &plugin.version;
    let mut found = Vec::new();
    if let Some(gone) = document.gone.iter().find(|gone| gone.version == *version) {
        let why = believe::gone(index, &document, gone)?;
        found.push(Finding::plain("release/gone", why.to_string()));
    }
    let chain = believe::publisher(index, &document)?;
    believe::status(index, &chain, &document)?;
    for osv in believe::advisories(index, &document)? {
        if osv.affects(id, version) {
            found.push(Finding {
                code: "advisory/affected",
                message: format!("{} {}: {}", osv.id, osv.harm(), osv.summary),
                fixed: osv.fixes(id).into_iter().map(ToString::to_string).collect(),
                advisory: Some((osv.id.clone(), osv.harm())),
            });
        }
    }
    let release = document.usable().find(|release| release.version == *version);
    if let Some(yank) = release.and_then(|release| release.yanked.as_ref()) {
        let harm = if yank.harmful { ", and it does harm" } else { "" };
        let message = format!("taken back by its publisher{harm}: {}", yank.reason);
        let fixed = yank.replacement.iter().map(ToString::to_string).collect();
        found.push(Finding { fixed, ..Finding::plain("release/yanked", message) });
    }
    if let Some(suspension) = chain.standing().suspension() {
        let reason = &suspension.reason;
        let message = format!("the registry's maintainers suspended its publisher: {reason}");
        found.push(Finding::plain("publisher/suspended", message));
    }
    if let Some(deprecation) = &document.deprecated {
        let successor = deprecation.successor.as_ref();
        let instead = successor.map_or_else(String::new, |id| format!("; take {id} instead"));
        let message = format!("gets no more releases: {}{instead}", deprecation.reason);
        found.push(Finding::plain("plugin/deprecated", message));
    }
    Ok(found)
}

fn document((id, plugin, findings): &Audited<'_>) -> Value {
    let finding = |finding: &Finding| {
        json!({
            "code": finding.code,
            "message": &finding.message,
            "advisory": finding.advisory.as_ref().map(|(id, _)| id),
            "severity": finding.advisory.as_ref().map(|(_, harm)| harm),
            "fixed": &finding.fixed,
        })
    };
    json!({
        "id": id,
        "version": &plugin.version,
        "registry": &plugin.registry,
        "findings": findings.iter().map(finding).collect::<Vec<_>>(),
    })
}

fn show(audited: &[Audited<'_>], context: &Context) -> Result<(), CliError> {
    for (id, plugin, findings) in audited {
        for finding in findings {
            let (code, message) = (finding.code, one_line(&finding.message));
            let fixed = match finding.fixed.join(", ") {
                none if none.is_empty() => none,
                fixed => format!("; repaired in {fixed}"),
            };
            print(&format!("{id} {}: {message}{fixed} [{code}]\n", plugin.version))?;
        }
    }
    let is_bad = |found: &&Audited<'_>| !found.2.iter().all(Finding::is_note);
    let bad = audited.iter().filter(is_bad).count();
    let all = count(audited.len(), "plugin");
    if bad == 0 {
        return print(&format!("nothing bad is known of {all}\n"));
    }
    context.say(&format!("something bad is known of {bad} of {all}"))
}
