//! Learning a [`Model`] from real catalogues.

use index_schema::version::Version;

use super::catalogue::{Catalogues, KrewPlugin};
use super::model::{Model, Popularity, Steps, counted};
use super::prose::Prose;
use super::random::{seconds, wide};
use super::spread::{Quantiles, Weighted};

/// Describes what the catalogues have in common with a registry of plugins.
pub(crate) fn learn(catalogues: &Catalogues) -> Model {
    let krew = &catalogues.krew;
    let times: Vec<u64> = krew.iter().flat_map(|p| p.events.iter().map(|e| e.time)).collect();
    let from = times.iter().min().copied().unwrap_or(0);
    let until = times.iter().max().copied().unwrap_or(from);
    let owners = counted(krew.iter().map(|plugin| plugin.owner().to_lowercase()));
    let first = |plugin: &KrewPlugin| plugin.events.first().map(|event| event.time);
    let seen = krew.iter().filter_map(first);
    let seen = seen.map(|time| (time - from) * 10_000 / (until - from).max(1));
    let summaries: Vec<&str> = krew.iter().filter_map(KrewPlugin::summary).collect();
    let words = summaries.iter().map(|summary| wide(summary.split_whitespace().count()));
    Model {
        stems: Weighted::new(counted(names(catalogues).flat_map(stems))),
        shapes: Weighted::new(counted(krew.iter().map(|p| wide(p.name.split('-').count())))),
        summary_words: Quantiles::of(words.collect()),
        prose: Prose::of(summaries),
        releases: Quantiles::of(release_counts(catalogues)),
        plugins_per_publisher: Quantiles::of(owners.into_values().collect()),
        dependencies: Quantiles::of(out_degrees(catalogues)),
        popularity: Popularity::of(in_degrees(catalogues)),
        first_seen: Quantiles::of(seen.collect()),
        gap_minutes: Quantiles::of(krew.iter().flat_map(gaps).collect()),
        first_versions: Weighted::new(counted(krew.iter().filter_map(first_version))),
        steps: steps(catalogues),
        from: seconds(from),
        until: seconds(until),
    }
}

fn names(catalogues: &Catalogues) -> impl Iterator<Item = &str> {
    let krew = catalogues.krew.iter().map(|plugin| plugin.name.as_str());
    krew.chain(catalogues.bazel.iter().map(|module| module.name.as_str()))
}

/// Splits a name into the words that may be parts of ours.
fn stems(name: &str) -> impl Iterator<Item = String> {
    let plain = |word: &&str| {
        (2..=14).contains(&word.len())
            && word.starts_with(|c: char| c.is_ascii_lowercase())
            && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    };
    name.split(['-', '_', '.']).filter(plain).map(str::to_owned)
}

fn release_counts(catalogues: &Catalogues) -> Vec<u64> {
    let krew = catalogues.krew.iter().map(|plugin| plugin.releases().len());
    let bazel = catalogues.bazel.iter().map(|module| module.versions.len());
    krew.chain(bazel).filter(|count| *count > 0).map(wide).collect()
}

fn out_degrees(catalogues: &Catalogues) -> Vec<u64> {
    catalogues.bazel.iter().map(|module| wide(module.newest_needs().len())).collect()
}

fn in_degrees(catalogues: &Catalogues) -> Vec<u64> {
    let mut needs: Vec<Vec<&str>> = catalogues.bazel.iter().map(|m| m.newest_needs()).collect();
    for need in &mut needs {
        need.sort_unstable();
        need.dedup();
    }
    counted(needs.into_iter().flatten()).into_values().collect()
}

fn gaps(plugin: &KrewPlugin) -> Vec<u64> {
    let times: Vec<u64> = plugin.releases().iter().map(|(_, event)| event.time).collect();
    times
        .windows(2)
        .filter_map(|pair| Some(pair.last()?.checked_sub(*pair.first()?)? / 60))
        .collect()
}

fn version(text: &str) -> Option<Version> {
    Version::parse(text.strip_prefix('v').unwrap_or(text)).ok()
}

fn first_version(plugin: &KrewPlugin) -> Option<Version> {
    let first = plugin.releases().first().and_then(|(text, _)| version(text))?;
    (!first.is_prerelease()).then_some(first.without_build())
}

fn steps(catalogues: &Catalogues) -> Steps {
    let mut steps = Steps::default();
    let (mut skipped, mut pre_releases, mut all) = (0, 0, 0);
    for plugin in &catalogues.krew {
        let texts = plugin.releases();
        let versions: Vec<Version> = texts.iter().filter_map(|(text, _)| version(text)).collect();
        for pair in versions.windows(2) {
            let [before, after] = pair else { continue };
            skipped += step(before.semver(), after.semver(), &mut steps);
        }
    }
    let bazel = catalogues.bazel.iter().flat_map(|module| module.versions.keys());
    let krew = catalogues.krew.iter().flat_map(KrewPlugin::releases);
    for text in bazel.map(String::as_str).chain(krew.map(|(text, _)| text)) {
        all += 1;
        let words = ["-alpha", "-beta", "-rc", "-pre", "-dev"];
        pre_releases += u64::from(words.iter().any(|word| text.contains(word)));
    }
    let taken = steps.patch + steps.minor + steps.major;
    steps.skipped_permille = 1000 * skipped / taken.max(1);
    steps.pre_release_permille = 1000 * pre_releases / all.max(1);
    steps
}

/// Counts one step; returns 1 if it leaves a number out.
fn step(before: &semver::Version, after: &semver::Version, steps: &mut Steps) -> u64 {
    let (from, to) = if after < before {
        steps.older += 1;
        return 0;
    } else if after.major > before.major {
        steps.major += 1;
        (before.major, after.major)
    } else if after.minor > before.minor {
        steps.minor += 1;
        (before.minor, after.minor)
    } else {
        steps.patch += 1;
        (before.patch, after.patch)
    };
    u64::from(to > from + 1)
}
