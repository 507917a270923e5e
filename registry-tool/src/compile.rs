//! From what counts to the files that are published: a pure function.
//!
//! The same commit gives the same bytes on every machine and with every number of threads. The
//! files of [`Files`] are those of the layout in `SPEC.md`, without the metadata that the
//! release step adds.

use std::collections::BTreeMap;

use index_schema::advisory::{Advisories, AdvisoriesTag};
use index_schema::catalog::{BuildList, Catalog, CatalogEntry, CatalogTag, State, StateTag};
use index_schema::digest::Sha256Digest;
use index_schema::id::PluginId;
use index_schema::json::{compact, pretty};
use index_schema::layout::{self, IndexPath};
use index_schema::manifest::Manifest;
use index_schema::plugin_doc::{About, Blob, ChainLink, Gone, Listed, PluginDoc, PluginTag};
use index_schema::schemas;
use index_schema::statement::SchemaOne;
use index_schema::time::Timestamp;
use index_schema::version::Version;
use rayon::prelude::*;
use serde_json::json;

use crate::finding::Finding;
use crate::judge::{Accepted, Departed, Index, Link, Member, Plugin, Release};

/// Files to publish, by path.
pub type Files = BTreeMap<String, Vec<u8>>;

/// The commit that an index is compiled from.
#[derive(Debug, Clone)]
pub struct Origin {
    /// Its id in hexadecimal.
    pub commit: String,
    /// Its committer time.
    pub time: Timestamp,
    /// The newest commits of its line, itself first, in hexadecimal.
    pub line: Vec<String>,
}

/// How many commits of the line a build lists, for the release after it to find itself.
pub const LINE: usize = 4096;

/// Compiles an index; `void` is what was left out of it, for the health file.
pub fn compile(index: &Index, origin: &Origin, void: &[Finding]) -> Files {
    let compiled: Vec<_> = index
        .plugins
        .par_iter()
        .filter_map(|(id, plugin)| {
            let member = index.publishers.get(&id.publisher)?;
            let is_known = !plugin.releases.is_empty() || !plugin.gone.is_empty();
            is_known.then(|| compile_plugin(index, member, id, plugin))
        })
        .collect();
    let mut files = Files::new();
    let mut entries = Vec::new();
    for (entry, plugin_files) in compiled {
        entries.extend(entry);
        files.extend(plugin_files);
    }
    for member in index.publishers.values() {
        member.published().flat_map(Link::files).for_each(|bytes| put_blob(&mut files, bytes));
        let about = member.status.values().map(|status| status.statement.bytes());
        about.for_each(|bytes| put_blob(&mut files, bytes));
        put_blob(&mut files, &chain_statements(member));
    }
    put_advisories(&mut files, index);
    put_top_level(&mut files, index, origin, entries, void);
    put_build_list(&mut files, index, origin);
    files
}

/// Publishes each advisory as it stands: as it was signed, as OSV alone, and all together. Once
/// there is one, there is always one.
fn put_advisories(files: &mut Files, index: &Index) {
    let newest = index.advisories.values().filter_map(|said| Some(said.last_key_value()?.1));
    let newest: Vec<_> = newest.collect();
    for advisory in &newest {
        put_blob(files, advisory.statement.bytes());
        let osv = &advisory.statement.document.osv;
        files.insert(format!("api/v1/advisories/{}.json", osv.id), pretty(osv));
    }
    if newest.is_empty() {
        return;
    }
    let all = Advisories {
        kind: AdvisoriesTag,
        schema: SchemaOne,
        registry: index.maintainers.record().registry.clone(),
        advisories: newest.iter().map(|it| it.statement.document.osv.clone()).collect(),
    };
    put_target(files, layout::ADVISORIES_TARGET, compact(&all));
}

/// Lists the targets for the release step, by what stands in `targets/`.
fn put_build_list(files: &mut Files, index: &Index, origin: &Origin) {
    let targets = files.iter().filter_map(|(path, bytes)| {
        let (folder, file) =
            path.strip_prefix("targets/").map(|p| p.rsplit_once('/').unwrap_or(("", p)))?;
        let (_, name) = file.split_once('.')?;
        let target = if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
        Some((target, Sha256Digest::of(bytes)))
    });
    let list = BuildList {
        schema: SchemaOne,
        targets: targets.collect(),
        newest_root: newest_version(index, IndexPath::root_version),
        newest_targets: newest_version(index, IndexPath::targets_version),
        line: origin.line.clone(),
    };
    files.insert(layout::BUILD_LIST.to_owned(), pretty(&list));
}

fn newest_version(index: &Index, version: fn(&IndexPath) -> Option<u64>) -> u64 {
    index.metadata.keys().filter_map(version).max().unwrap_or(0)
}

/// Compiles a plugin. One whose releases are all gone has a document, so that clients can tell it
/// from one that the registry hides, and no line in the catalogue.
fn compile_plugin(
    index: &Index,
    member: &Member,
    id: &PluginId,
    plugin: &Plugin,
) -> (Option<CatalogEntry>, Files) {
    let newest = newest(plugin).map(|newest| &newest.manifest.statement.document);
    let document = plugin_doc(index, member, id, (plugin, newest));
    let bytes = compact(&document);
    let target = layout::plugin_target(id);
    let mut files = Files::new();
    for release in plugin.releases.values() {
        put_blob(&mut files, release.manifest.statement.bytes());
    }
    for departed in plugin.gone.values() {
        // What maintainers removed is not published; what nobody did is still the proof that it
        // was there.
        let release = &departed.release.manifest.statement;
        let shown = departed.removal.as_ref().map_or(release.bytes(), |r| r.statement.bytes());
        put_blob(&mut files, shown);
    }
    for status in plugin.status.values() {
        put_blob(&mut files, status.statement.bytes());
    }
    files.insert(format!("api/v1/{target}"), bytes.clone());
    put_target(&mut files, &target, bytes);
    let deprecated = document.deprecated.is_some();
    let entry = |manifest| CatalogEntry {
        core: index.maintainers.record().is_core(&id.publisher),
        ..catalog_entry(member, manifest, plugin, deprecated)
    };
    (newest.map(entry), files)
}

fn put_blob(files: &mut Files, bytes: &[u8]) {
    files.insert(layout::blob(&Sha256Digest::of(bytes)), bytes.to_vec());
}

fn put_target(files: &mut Files, target: &str, bytes: Vec<u8>) {
    files.insert(layout::target_file(target, &Sha256Digest::of(&bytes)), bytes);
}

fn plugin_doc(
    index: &Index,
    member: &Member,
    id: &PluginId,
    (plugin, newest): (&Plugin, Option<&Manifest>),
) -> PluginDoc {
    let states = plugin.states();
    let releases = plugin.releases.iter().rev();
    let releases: Vec<Listed> = releases
        .map(|(version, release)| {
            Listed::Release(Box::new(release.listed(states.yanked.get(version).cloned())))
        })
        .collect();
    let statements = chain_statements(member);
    let size = u64::try_from(statements.len()).unwrap_or(u64::MAX);
    PluginDoc {
        kind: PluginTag,
        schema: SchemaOne,
        registry: index.maintainers.record().registry.clone(),
        id: id.clone(),
        publisher_title: member.chain.record().title.clone(),
        publisher_chain: member.published().map(link).collect(),
        publisher_status: member.status.values().map(Accepted::reference).collect(),
        publisher_statements: Blob { sha256: Sha256Digest::of(&statements), size },
        status: plugin.status.values().map(Accepted::reference).collect(),
        advisories: index.advisories_of(id).map(Accepted::reference).collect(),
        about: newest.map(About::of),
        deprecated: states.deprecated,
        releases,
        gone: plugin.gone.values().rev().map(gone).collect(),
    }
}

fn link(link: &Link) -> ChainLink {
    ChainLink {
        record: link.record.reference(),
        approval: link.approval.as_ref().map(Accepted::reference),
        handover: link.handover.as_ref().map(Accepted::reference),
        objection: link.objection.as_ref().map(Accepted::reference),
    }
}

fn gone(departed: &Departed) -> Gone {
    Gone {
        version: departed.release.manifest.statement.document.version.clone(),
        statement: departed.release.manifest.reference(),
        removal: departed.removal.as_ref().map(Accepted::reference),
    }
}

/// The statements of a publisher's chain, one after the other, and then those about it.
fn chain_statements(member: &Member) -> Vec<u8> {
    let about = member.status.values().map(|status| status.statement.bytes());
    member.published().flat_map(Link::files).chain(about).flatten().copied().collect()
}

/// Returns the newest release that can be picked without asking, else the newest of all.
fn newest(plugin: &Plugin) -> Option<&Release> {
    let states = plugin.states();
    let plain = |(version, _): &(&Version, &Release)| {
        !version.is_prerelease() && !states.yanked.contains_key(*version)
    };
    let picked = plugin.releases.iter().rev().find(plain);
    picked.map(|(_, release)| release).or_else(|| plugin.releases.values().next_back())
}

fn catalog_entry(
    member: &Member,
    manifest: &Manifest,
    plugin: &Plugin,
    deprecated: bool,
) -> CatalogEntry {
    let times = || plugin.releases.values().map(|release| release.manifest.accepted);
    let any = member.chain.accepted();
    let standing = member.chain.standing();
    CatalogEntry {
        id: manifest.id.clone(),
        version: manifest.version.clone(),
        title: manifest.title.clone(),
        summary: manifest.summary.clone(),
        license: manifest.license.clone(),
        categories: manifest.categories.clone(),
        keywords: manifest.keywords.clone(),
        runtime: manifest.runtime.kind,
        permissions: manifest
            .permissions
            .iter()
            .map(|permission| permission.name.clone())
            .collect(),
        pricing: manifest.pricing.model(),
        publisher_title: member.chain.record().title.clone(),
        deprecated,
        core: false,
        verified_until: standing.verification().map(|verification| verification.until),
        suspended: standing.suspension().is_some(),
        releases: u64::try_from(plugin.releases.len()).unwrap_or(u64::MAX),
        created: times().min().unwrap_or(any),
        updated: times().max().unwrap_or(any),
    }
}

fn put_top_level(
    files: &mut Files,
    index: &Index,
    origin: &Origin,
    plugins: Vec<CatalogEntry>,
    void: &[Finding],
) {
    let record = index.maintainers.record();
    let registry = record.registry.clone();
    let health = json!({
        "schema": 1,
        "registry": &record.registry,
        "commit": &origin.commit,
        "accepted": origin.time,
        "plugins": plugins.len(),
        "publishers": index.publishers.len(),
        "releases": plugins.iter().map(|plugin| plugin.releases).sum::<u64>(),
        "void": void.iter().map(|f| json!({ "path": &f.path, "code": f.code })).collect::<Vec<_>>(),
    });
    files.insert("health.json".to_owned(), pretty(&health));
    files.insert("api/v1/categories.json".to_owned(), pretty(&categories(index, &plugins)));
    let plugins = plugins.into();
    let catalog = Catalog { kind: CatalogTag, schema: SchemaOne, registry, plugins }.to_bytes();
    files.insert("api/v1/catalog.json".to_owned(), catalog.clone());
    put_target(files, layout::CATALOG_TARGET, catalog);
    let state = State {
        kind: StateTag,
        schema: SchemaOne,
        registry: record.registry.clone(),
        commit: origin.commit.clone(),
        accepted: origin.time,
    };
    put_target(files, layout::STATE_TARGET, pretty(&state));
    if let Some(newest) = index.registry.last() {
        put_target(files, layout::REGISTRY_TARGET, newest.statement.bytes().to_vec());
    }
    for record in &index.registry {
        put_blob(files, record.statement.bytes());
    }
    for (path, bytes) in &index.metadata {
        let name = match path {
            IndexPath::Root(version) => format!("metadata/{version}.root.json"),
            IndexPath::Targets(version) => format!("metadata/{version}.targets.json"),
            IndexPath::Registry(_)
            | IndexPath::Publisher(..)
            | IndexPath::Objection(..)
            | IndexPath::PublisherStatus(..)
            | IndexPath::Release(..)
            | IndexPath::Status(..)
            | IndexPath::Moderation(..)
            | IndexPath::Advisory(..) => continue,
        };
        files.insert(name, bytes.clone());
    }
    for (name, schema) in schemas::all() {
        files.insert(format!("schema/{name}"), pretty(&schema));
    }
    files.insert("index.json".to_owned(), pretty(&about(index)));
}

fn categories(index: &Index, plugins: &[CatalogEntry]) -> serde_json::Value {
    let count = |word| plugins.iter().filter(|plugin| plugin.categories.contains(word)).count();
    let words = index.maintainers.record().categories.iter();
    let words = words.map(|word| json!({ "name": word, "plugins": count(word) }));
    json!({ "schema": 1, "categories": words.collect::<Vec<_>>() })
}

/// What this is, for whoever finds the folder. Informative only: no client decides by it.
fn about(index: &Index) -> serde_json::Value {
    let record = index.maintainers.record();
    let root = index.metadata.get(&IndexPath::Root(1)).map(|bytes| Sha256Digest::of(bytes));
    let add = root
        .map(|root| format!("libral registry add {} URL --root-sha256 {root}", record.registry));
    json!({
        "schema": 1,
        "registry": &record.registry,
        "title": &record.title,
        "host": &record.host.name,
        "root_sha256": root,
        "add": add,
        "metadata": "metadata/",
        "targets": "targets/",
    })
}
