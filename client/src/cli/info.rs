//! `libral info`.

mod standing;

use index_schema::manifest::Manifest;
use index_schema::osv::Osv;
use index_schema::permission::Permission;
use index_schema::plugin_doc::{Listed, PluginDoc, Release};
use index_schema::requirement::Requirement;
use serde_json::{Value, json};

use self::standing::{Keys, Tombstones, Vouched};
use super::context::{Context, print, print_json};
use super::handover::{self, HandoverArgs};
use super::reference::Wish;
use super::report::{CliError, CommandError};
use super::text::{one_line, size};
use super::world::{Indexes, Sources};
use super::{CommandResult, Outcome};
use crate::believe::{self, BelieveError, Believed};
use crate::chain::Chain;
use crate::generation::{Generations, Installed};
use crate::index::Index;
use crate::plan::consent;

/// Show a plugin: what it does, what it may do, who vouches for it.
///
/// What is shown of a release comes from its publisher's signed statement. Releases that are gone
/// are shown with the reason.
///
/// Example: libral info "lab/amber@^1"
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The plugin, and perhaps a version: [REGISTRY:]PUBLISHER/NAME[@REQUIREMENT].
    #[arg(value_name = "ID[@REQ]")]
    wish: Wish,
    #[command(flatten)]
    handovers: HandoverArgs,
}

pub(super) fn run(args: &Args, context: &Context) -> CommandResult {
    let sources = Sources::open(context)?;
    let indexes = Indexes::of(&sources)?;
    let result = info(args, context, (&sources, &indexes));
    indexes.remember()?;
    result
}

fn info(
    args: &Args,
    context: &Context,
    (sources, indexes): (&Sources<'_>, &Indexes<'_, '_>),
) -> CommandResult {
    let reference = &args.wish.reference;
    let generation = Generations::open(&sources.home)?.current()?;
    let plugins = generation.map(|generation| generation.plugins).unwrap_or_default();
    let installed = plugins.get(&reference.id);
    let index = indexes.find(reference, installed.map(|plugin| &plugin.registry))?;
    let missing = || CliError::NotInstalled(reference.id.clone());
    let document = index.plugin(&reference.id)?.ok_or_else(missing)?;
    args.handovers.apply(index);
    let chain = chain(index, &document, context)?;
    believe::status(index, &chain, &document)?;
    let shown = Shown {
        index,
        document: &document,
        installed: installed.filter(|plugin| plugin.registry == *index.name()),
        keys: Keys::of(&chain, context.now),
        vouched: Vouched::of(index, &chain, context.now),
        gone: Tombstones::of(index, &document)?,
        advisories: believe::advisories(index, &document)?,
    };
    let wish = args.wish.requirement.as_ref();
    let release = pick(&document, wish).map(|release| {
        let believed = believe::release(index, &chain, (&document, release));
        believed.map(|believed| (release, believed))
    });
    let release = release.transpose()?;
    if release.is_none() && !shown.gone.matches(wish) {
        return Err(CliError::NoRelease(reference.id.clone()).into());
    }
    if context.json {
        print_json(&shown.json(release.as_ref()))?;
    } else {
        print(&shown.text(release.as_ref()))?;
    }
    Ok(Outcome::Done)
}

/// Follows the publisher; asks where only the user can decide.
fn chain(
    index: &Index<'_>,
    document: &PluginDoc,
    context: &Context,
) -> Result<Chain, CommandError> {
    loop {
        match believe::publisher(index, document) {
            Err(BelieveError::Handover(notice)) if context.can_ask() => {
                handover::agree(index, &notice, context)?;
            }
            chain => return Ok(chain?),
        }
    }
}

/// Returns the newest release that is wanted; one that was taken back only if no other is.
fn pick<'d>(document: &'d PluginDoc, wish: Option<&Requirement>) -> Option<&'d Release> {
    let wanted = |release: &&Release| wish.is_none_or(|wish| wish.matches(&release.version));
    let plain = |release: &&Release| {
        release.yanked.is_none() && (wish.is_some() || !release.version.is_prerelease())
    };
    let usable = || document.usable().filter(wanted);
    usable().find(plain).or_else(|| usable().next())
}

struct Shown<'s, 'i> {
    index: &'s Index<'i>,
    document: &'s PluginDoc,
    installed: Option<&'s Installed>,
    keys: Keys<'s>,
    vouched: Vouched<'s>,
    gone: Tombstones<'s>,
    advisories: Vec<Osv>,
}

/// A release and what its publisher says of it.
type Found<'d> = (&'d Release, Believed);

impl Shown<'_, '_> {
    fn json(&self, found: Option<&Found<'_>>) -> Value {
        let mut value = json!({
            "schema": "libral.info/1",
            "registry": self.index.name(),
            "id": &self.document.id,
            "version": null,
            "publisher_title": &self.document.publisher_title,
            "publisher": self.keys.json(),
            "trust": self.vouched.json(),
            "deprecated": &self.document.deprecated,
            "versions": self.document.releases.iter().map(version).collect::<Vec<_>>(),
            "gone": self.gone.json(),
            "advisories": &self.advisories,
            "installed": self.installed,
        });
        let release = found.map(|found| self.release_json(found));
        if let (Value::Object(all), Some(Value::Object(release))) = (&mut value, release) {
            all.extend(release);
        }
        value
    }

    fn release_json(&self, (release, believed): &Found<'_>) -> Value {
        let record = self.index.record();
        let permission = |permission: &Permission| {
            let name = &permission.name;
            let is_sensitive =
                consent::risk(name, record) == index_schema::permission::Risk::Sensitive;
            json!({
                "name": name,
                "scope": &permission.scope,
                "optional": permission.optional,
                "reason": &permission.reason,
                "sensitive": is_sensitive,
                "meaning": consent::meaning(name, record),
            })
        };
        let permissions: Vec<_> = believed.manifest().permissions.iter().map(permission).collect();
        json!({
            "version": &release.version,
            "accepted": release.statement.accepted,
            "signers": believed.signers(),
            "statement": believed.statement(),
            "yanked": &release.yanked,
            "affected_by": self.affecting(release).map(|osv| &osv.id).collect::<Vec<_>>(),
            "manifest": believed.manifest(),
            "permissions": permissions,
        })
    }

    fn text(&self, found: Option<&Found<'_>>) -> String {
        let id = &self.document.id;
        let mut lines = match found {
            Some((release, believed)) => {
                let manifest = believed.manifest();
                let title = format!("{}: {}", manifest.title, manifest.summary);
                vec![format!("{id} {}", release.version), title]
            }
            None => vec![format!("{id}: no such release is left")],
        };
        let shown = |(label, value): (&str, String)| {
            (!value.is_empty()).then(|| format!("{label:<14}{}", one_line(&value)))
        };
        lines.extend(self.standing().into_iter().filter_map(shown));
        if let Some(found) = found {
            lines.extend(self.affected_text(found.0).into_iter().filter_map(shown));
            lines.extend(release_text(found).into_iter().filter_map(shown));
        }
        let versions = words(self.document.releases.iter().map(version));
        lines.extend(shown(("versions", versions)));
        lines.extend(self.gone.text().into_iter().filter_map(shown));
        let permissions = found.into_iter().flat_map(|(_, it)| &it.manifest().permissions);
        lines.extend(permissions.map(|permission| self.permission(permission)));
        lines.join("\n") + "\n"
    }

    /// Returns who stands behind the plugin, and how it stands with it.
    fn standing(&self) -> Vec<(&'static str, String)> {
        let mut lines = vec![("publisher", self.document.publisher_title.to_string())];
        lines.extend(self.vouched.text());
        lines.extend(self.keys.text());
        lines.push(("registry", self.index.name().to_string()));
        if let Some(plugin) = self.installed {
            let why = self.gone.why(&plugin.version);
            let why = why.map_or_else(String::new, |why| format!(" ({why})"));
            lines.push(("installed", format!("{}{why}", plugin.version)));
        }
        if let Some(deprecation) = &self.document.deprecated {
            let successor = deprecation.successor.as_ref();
            let instead = successor.map_or_else(String::new, |id| format!("; take {id} instead"));
            lines.push(("deprecated", format!("{}{instead}", deprecation.reason)));
        }
        lines
    }

    /// Returns the advisories that a release is affected by.
    fn affecting<'a>(&'a self, release: &'a Release) -> impl Iterator<Item = &'a Osv> {
        let id = &self.document.id;
        self.advisories.iter().filter(move |osv| osv.affects(id, &release.version))
    }

    fn affected_text(&self, release: &Release) -> Vec<(&'static str, String)> {
        let line = |osv: &Osv| {
            let fixes = words(osv.fixes(&self.document.id).into_iter());
            let fixed = if fixes.is_empty() { fixes } else { format!("; repaired in {fixes}") };
            ("affected by", format!("{}, {}: {}{fixed}", osv.id, osv.harm(), osv.summary))
        };
        self.affecting(release).map(line).collect()
    }

    fn permission(&self, permission: &Permission) -> String {
        let (name, record) = (&permission.name, self.index.record());
        let scope = words(permission.scope.iter());
        let scope = if scope.is_empty() { scope } else { format!(": {scope}") };
        let optional = if permission.optional { ", optional" } else { "" };
        let risk = match consent::risk(name, record) {
            index_schema::permission::Risk::Sensitive => "sensitive",
            index_schema::permission::Risk::Normal => "normal",
        };
        let (meaning, reason) = (consent::meaning(name, record), &permission.reason);
        let line = format!("can {meaning}{scope} [{name}, {risk}{optional}]: {reason}");
        format!("  {}", one_line(&line))
    }
}

/// Returns what there is to say of a release.
fn release_text((release, believed): &Found<'_>) -> Vec<(&'static str, String)> {
    let manifest = believed.manifest();
    let mut lines = Vec::new();
    if let Some(yank) = &release.yanked {
        lines.push(("taken back", yank.reason.to_string()));
    }
    lines.push(("license", manifest.license.to_string()));
    lines.push(("price", manifest.pricing.to_string()));
    lines.push(("categories", words(manifest.categories.iter())));
    lines.push(("keywords", words(manifest.keywords.iter())));
    lines.extend(links(manifest));
    lines.push(("runtime", manifest.runtime.kind.to_string()));
    let host = manifest.host.as_ref().map(ToString::to_string);
    lines.push(("host", host.unwrap_or_default()));
    let needs = manifest.dependencies.iter().map(|(id, wish)| format!("{id} {wish}"));
    lines.push(("needs", words(needs)));
    for artifact in &manifest.artifacts {
        lines.push(("archive", format!("{}, {}", artifact.platform, size(artifact.size))));
    }
    lines.push(("released", release.statement.accepted.to_string()));
    lines.push(("signed by", words(believed.signers().iter())));
    lines
}

fn version(listed: &Listed) -> String {
    match listed {
        Listed::Release(release) if release.yanked.is_some() => {
            format!("{} (taken back)", release.version)
        }
        Listed::Release(release) => release.version.to_string(),
        Listed::NeedsNewer(outline) => format!("{} (needs a newer libral)", outline.version),
    }
}

fn words(words: impl Iterator<Item = impl ToString>) -> String {
    words.map(|word| word.to_string()).collect::<Vec<_>>().join(", ")
}

fn links(manifest: &Manifest) -> Vec<(&'static str, String)> {
    let links = [
        ("homepage", &manifest.homepage),
        ("repository", &manifest.repository),
        ("documentation", &manifest.documentation),
        ("funding", &manifest.funding),
    ];
    let links = links.into_iter();
    links.filter_map(|(label, url)| Some((label, url.as_ref()?.to_string()))).collect()
}
