//! Release manifests: what does not change from release to release follows from the plugin, the
//! rest from the release.

use index_schema::digest::Sha256Digest;
use index_schema::license::License;
use index_schema::manifest::{
    Artifact, Manifest, Platform, ReleaseTag, Requirements, Runtime, RuntimeKind,
};
use index_schema::path::PackagePath;
use index_schema::permission::{Permission, PermissionName, ScopeKind, VOCABULARY};
use index_schema::pricing::{Currency, Period, Price, Pricing};
use index_schema::registry::DEFAULT_CATEGORIES;
use index_schema::requirement::Requirement;
use index_schema::statement::SchemaOne;
use index_schema::text::{List, Text};
use index_schema::url::{ArchiveUrl, HttpsUrl};

use super::document::{line, list, word};
use super::graph::requirements;
use super::history::Release;
use super::names::title;
use super::plan::{Event, Plan, Plugin, place};
use super::random::{Random, narrow};
use super::spread::Weighted;

const LICENSES: [(&str, u64); 7] = [
    ("MIT", 40),
    ("Apache-2.0", 35),
    ("MIT OR Apache-2.0", 8),
    ("GPL-3.0-or-later", 7),
    ("BSD-3-Clause", 5),
    ("MPL-2.0", 4),
    ("ISC", 1),
];
const TRIPLES: [&str; 6] = [
    "x86_64-unknown-linux-gnu",
    "aarch64-apple-darwin",
    "x86_64-apple-darwin",
    "x86_64-pc-windows-msvc",
    "aarch64-unknown-linux-gnu",
    "aarch64-pc-windows-msvc",
];

/// Makes the manifest of a release; its artifacts come from `artifact`, platform by platform.
pub(crate) fn manifest<E>(
    plan: &Plan,
    event: Event,
    plugin: &Plugin,
    release: &Release,
    mut artifact: impl FnMut(&Platform, &RuntimeKind) -> Result<Artifact, E>,
) -> Result<Manifest, E> {
    let mut fixed = Random::new(plan.seed, "plugin", place(event.plugin));
    let mut random = plan.random("release", event);
    let words = plan.model.summary_words.draw(&mut fixed);
    let kind = kind(&mut fixed);
    let platforms = platforms(kind, &mut fixed);
    let artifacts = platforms.iter().map(|platform| artifact(platform, &kind));
    let page = format!("https://code.example/{}/{}", plugin.id.publisher, plugin.id.name);
    let needs = requirements(plan, event).into_iter();
    Ok(Manifest {
        kind: ReleaseTag,
        schema: SchemaOne,
        registry: plan.registry.clone(),
        id: plugin.id.clone(),
        version: release.version.clone(),
        title: line(&title(&plugin.id.name)),
        summary: line(&plan.model.prose.line(words, 120, &mut fixed)),
        license: license(&mut fixed),
        categories: categories(&mut fixed),
        keywords: keywords(plan, plugin, &mut fixed),
        homepage: fixed.chance(200).then(|| url(&format!("{page}/site"))),
        repository: Some(url(&page)),
        documentation: fixed.chance(400).then(|| url(&format!("{page}/manual"))),
        funding: fixed.chance(60).then(|| url(&format!("{page}/sponsors"))),
        runtime: runtime(kind, &mut fixed),
        host: fixed.chance(700).then(|| requirement(&format!(">={}", fixed.between(1, 4)))),
        permissions: permissions(&mut fixed),
        pricing: pricing(&mut fixed),
        artifacts: list(artifacts.collect::<Result<Vec<_>, E>>()?),
        dependencies: needs.map(|(other, wanted)| (other.id.clone(), wanted)).collect(),
        optional_dependencies: Requirements::default(),
        conflicts: Requirements::default(),
        changes: changes(plan, &mut random),
    })
}

fn url(text: &str) -> HttpsUrl {
    HttpsUrl::parse(text).expect("a host and plain names are a URL")
}

fn requirement(text: &str) -> Requirement {
    Requirement::parse(text).expect("a comparator and a number are a requirement")
}

fn license(random: &mut Random) -> License {
    let drawn = Weighted::new(LICENSES).draw(random).copied().unwrap_or("MIT");
    License::parse(drawn).expect("the list has SPDX identifiers only")
}

fn categories(random: &mut Random) -> List<index_schema::id::Word, 1, 3> {
    let first = random.below(9);
    let count = if random.chance(700) { 1 } else { random.between(2, 3) };
    let chosen = (0..count).map(|step| narrow((first + step * 4) % 9));
    list(chosen.filter_map(|place| DEFAULT_CATEGORIES.get(place)).map(|text| word(text)))
}

fn keywords(
    plan: &Plan,
    plugin: &Plugin,
    random: &mut Random,
) -> List<index_schema::id::Word, 0, 10> {
    let own = plugin.id.name.as_str().split('-').filter(|word| word.len() > 2).map(str::to_owned);
    let wanted = random.below(6);
    let drawn = (0..wanted).filter_map(|_| plan.model.prose.keyword(random));
    let all = own.chain(drawn).filter_map(|text| index_schema::id::Word::parse(&text).ok());
    let mut words: Vec<index_schema::id::Word> = all.collect();
    words.sort();
    words.dedup();
    words.truncate(10);
    list(words)
}

fn kind(random: &mut Random) -> RuntimeKind {
    match random.below(100) {
        0..40 => RuntimeKind::Python,
        40..75 => RuntimeKind::Javascript,
        75..85 => RuntimeKind::Wasm,
        85..93 => RuntimeKind::Native,
        _ => RuntimeKind::Data,
    }
}

/// The file that is started.
pub(crate) const fn entry(kind: RuntimeKind) -> Option<&'static str> {
    match kind {
        RuntimeKind::Python => Some("src/main.py"),
        RuntimeKind::Javascript => Some("src/main.mjs"),
        RuntimeKind::Wasm => Some("plugin.wasm"),
        RuntimeKind::Native => Some("bin/plugin"),
        RuntimeKind::Data => None,
    }
}

fn runtime(kind: RuntimeKind, random: &mut Random) -> Runtime {
    let requires = match kind {
        RuntimeKind::Python => Some(format!(">=3.{}", random.between(9, 12))),
        RuntimeKind::Javascript => Some(format!(">={}", 16 + 2 * random.below(4))),
        RuntimeKind::Wasm | RuntimeKind::Native | RuntimeKind::Data => None,
    };
    let path = |text| PackagePath::parse(text).expect("the entries are plain paths");
    Runtime {
        kind,
        requires: requires.map(|text| requirement(&text)),
        entry: entry(kind).map(path),
    }
}

fn platforms(kind: RuntimeKind, random: &mut Random) -> Vec<Platform> {
    if kind != RuntimeKind::Native {
        return vec![Platform::any()];
    }
    let count = narrow(random.between(2, 6));
    let triples = TRIPLES.iter().take(count);
    triples.map(|text| Platform::parse(text).expect("the list has triples only")).collect()
}

fn permissions(random: &mut Random) -> List<Permission, 0, 64> {
    let count = random.below(4).saturating_sub(u64::from(random.chance(500)));
    let first = random.below(13);
    let chosen = (0..count).map(|step| narrow((first + step * 5) % 13));
    list(chosen.filter_map(|place| VOCABULARY.get(place)).map(|known| Permission {
        name: PermissionName::parse(known.name).expect("the vocabulary has names only"),
        scope: list(scope(known.scope).map(line)),
        reason: line(&format!("It has to {} to do its work", known.meaning)),
        optional: random.chance(150),
    }))
}

fn scope(kind: ScopeKind) -> Option<&'static str> {
    match kind {
        ScopeKind::Hosts => Some("api.corpus.example"),
        ScopeKind::Paths => Some("~/Documents"),
        ScopeKind::Names => Some("LANG"),
        ScopeKind::None => None,
    }
}

fn pricing(random: &mut Random) -> Pricing {
    let currency = Currency::parse("EUR").expect("three capital letters");
    let price = Price { amount: 99 + 100 * random.below(40), currency };
    match random.below(100) {
        0..88 => Pricing::Free {},
        88..92 => Pricing::OneTime { price },
        92..95 => Pricing::Subscription { price, period: Period::Month },
        95..97 => Pricing::UsageBased { price, unit: line("1000 pages") },
        _ => Pricing::Freemium { price: Some(price), period: Some(Period::Year) },
    }
}

fn changes(plan: &Plan, random: &mut Random) -> Option<Text<8192>> {
    let count = random.below(6);
    let lines = (0..count).map(|_| format!("- {}", plan.model.prose.line(8, 160, random)));
    let text = lines.collect::<Vec<_>>().join("\n");
    Text::parse(&text).ok()
}

/// Makes up an artifact whose archive does not exist.
pub(crate) fn imagined(
    plan: &Plan,
    event: Event,
    plugin: &Plugin,
    release: &Release,
    platform: &Platform,
) -> Artifact {
    let mut random = plan.random(platform.as_str(), event);
    let size = random.between(2_000, 400_000);
    Artifact {
        platform: platform.clone(),
        urls: list([archive_url(plugin, release, platform)]),
        sha256: Sha256Digest::from_array(random.bytes()),
        size,
        tar_sha256: Sha256Digest::from_array(random.bytes()),
        unpacked: size * random.between(2, 5),
        entries: random.between(4, 60),
    }
}

/// Where an archive would lie.
pub(crate) fn archive_url(plugin: &Plugin, release: &Release, platform: &Platform) -> ArchiveUrl {
    let (id, version) = (&plugin.id, &release.version);
    let text = format!("https://downloads.example/{id}/{platform}/{}-{version}.tar.gz", id.name);
    ArchiveUrl::parse(&text).expect("a host and plain names are a URL")
}
