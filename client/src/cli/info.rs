//! `libral info`.

use index_schema::manifest::Manifest;
use index_schema::permission::Permission;
use index_schema::plugin_doc::{Listed, PluginDoc, Release};
use index_schema::requirement::Requirement;
use serde_json::{Value, json};

use super::context::{Context, print, print_json};
use super::reference::Wish;
use super::report::CliError;
use super::text::{one_line, size};
use super::world::{Indexes, Sources};
use super::{CommandResult, Outcome};
use crate::believe::{self, Believed};
use crate::generation::{Generations, Installed};
use crate::index::Index;
use crate::plan::consent;

/// Show a plugin: what it does, what it may do, who vouches for it.
///
/// What is shown of a release comes from its publisher's signed statement.
///
/// Example: libral info "lab/amber@^1"
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The plugin, and perhaps a version: [REGISTRY:]PUBLISHER/NAME[@REQUIREMENT].
    #[arg(value_name = "ID[@REQ]")]
    wish: Wish,
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
    let installed = installed.filter(|plugin| plugin.registry == *index.name());
    let shown = Shown { index, document: &document, installed };
    let release = pick(&document, args.wish.requirement.as_ref());
    let release = release.ok_or_else(|| CliError::NoRelease(reference.id.clone()))?;
    let chain = believe::publisher(index, &document)?;
    believe::status(index, &chain, &document)?;
    let believed = believe::release(index, &chain, (&document, release))?;
    if context.json {
        print_json(&shown.json(release, &believed))?;
    } else {
        print(&shown.text(release, &believed))?;
    }
    Ok(Outcome::Done)
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
}

impl Shown<'_, '_> {
    fn json(&self, release: &Release, believed: &Believed) -> Value {
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
            "schema": "libral.info/1",
            "registry": self.index.name(),
            "id": &self.document.id,
            "version": &release.version,
            "publisher_title": &self.document.publisher_title,
            "accepted": release.statement.accepted,
            "signers": believed.signers(),
            "statement": believed.statement(),
            "yanked": &release.yanked,
            "deprecated": &self.document.deprecated,
            "manifest": believed.manifest(),
            "permissions": permissions,
            "versions": self.document.releases.iter().map(version).collect::<Vec<_>>(),
            "installed": self.installed,
        })
    }

    fn text(&self, release: &Release, believed: &Believed) -> String {
        let manifest = believed.manifest();
        let mut lines = vec![
            format!("{} {}", self.document.id, release.version),
            format!("{}: {}", manifest.title, manifest.summary),
        ];
        let mut add = |label: &str, value: String| {
            if !value.is_empty() {
                lines.push(format!("{label:<14}{}", one_line(&value)));
            }
        };
        add("publisher", self.document.publisher_title.to_string());
        add("registry", self.index.name().to_string());
        if let Some(plugin) = self.installed {
            add("installed", plugin.version.to_string());
        }
        if let Some(yank) = &release.yanked {
            add("taken back", yank.reason.to_string());
        }
        if let Some(deprecation) = &self.document.deprecated {
            add("deprecated", deprecation.reason.to_string());
        }
        add("license", manifest.license.to_string());
        add("price", manifest.pricing.to_string());
        add("categories", words(manifest.categories.iter()));
        add("keywords", words(manifest.keywords.iter()));
        for (label, url) in links(manifest) {
            add(label, url);
        }
        add("runtime", manifest.runtime.kind.to_string());
        add("host", manifest.host.as_ref().map(ToString::to_string).unwrap_or_default());
        let needs = manifest.dependencies.iter().map(|(id, wish)| format!("{id} {wish}"));
        add("needs", needs.collect::<Vec<_>>().join(", "));
        for artifact in &manifest.artifacts {
            add("archive", format!("{}, {}", artifact.platform, size(artifact.size)));
        }
        add("released", release.statement.accepted.to_string());
        add("signed by", words(believed.signers().iter()));
        add("versions", words(self.document.releases.iter().map(version)));
        lines.extend(manifest.permissions.iter().map(|permission| self.permission(permission)));
        lines.join("\n") + "\n"
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
