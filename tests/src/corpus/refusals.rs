//! What our types refuse of real catalogues: whether a rule is right shows in what it hits.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{Display, Write as _};

use index_schema::digest::Sha256Digest;
use index_schema::id::{PluginName, PublisherId};
use index_schema::limits;
use index_schema::path::PackagePath;
use index_schema::requirement::Requirement;
use index_schema::text::{Line, Text};
use index_schema::url::{ArchiveUrl, HttpsUrl};
use index_schema::version::Version;

use super::catalogue::{BazelModule, Catalogues, KrewEvent, KrewPlugin};

/// One question put to many values.
struct Question {
    what: &'static str,
    kind: &'static str,
    asked: usize,
    /// For each kind of refusal the values that were refused.
    refused: BTreeMap<String, Vec<String>>,
}

const EXAMPLES: usize = 4;

/// Asks about every field that has a counterpart.
pub(crate) fn report(catalogues: &Catalogues) -> String {
    let mut text = String::from(
        "| what | our type | different values | refused | why | such as |\n|---|---|--:|--:|---|---|\n",
    );
    let questions = [krew(&catalogues.krew), bazel(&catalogues.bazel), counts(catalogues)];
    for question in questions.into_iter().flatten() {
        question.write(&mut text);
    }
    text
}

fn krew(plugins: &[KrewPlugin]) -> Vec<Question> {
    let events = || plugins.iter().flat_map(|plugin| &plugin.events);
    let archives = || events().flat_map(|event| event.platforms.iter().flatten());
    let versions = || events().filter_map(|event| event.version.as_deref());
    let bare = versions().map(|text| text.strip_prefix('v').unwrap_or(text));
    let pages = events().filter_map(|event| event.homepage.as_deref());
    let about = events().filter_map(|event| event.description.as_deref());
    vec![
        ask("krew name", "PluginName", plugins.iter().map(|p| p.name.as_str()), PluginName::parse),
        ask("krew owner", "PublisherId", plugins.iter().map(KrewPlugin::owner), PublisherId::parse),
        ask("krew version as written", "Version", versions(), Version::parse),
        ask("krew version without `v`", "Version", bare, Version::parse),
        ask("krew summary", "Line<120>", events().filter_map(summary), Line::<120>::parse),
        ask("krew description", "Text<8192>", about, Text::<8192>::parse),
        ask("krew homepage", "HttpsUrl", pages, HttpsUrl::parse),
        ask(
            "krew archive",
            "ArchiveUrl",
            archives().filter_map(|a| a.uri.as_deref()),
            ArchiveUrl::parse,
        ),
        ask(
            "krew sha256",
            "Sha256Digest",
            archives().filter_map(|a| a.sha256.as_deref()),
            Sha256Digest::parse,
        ),
        ask(
            "krew bin",
            "PackagePath",
            archives().filter_map(|a| a.bin.as_deref()),
            PackagePath::parse,
        ),
    ]
}

fn summary(event: &KrewEvent) -> Option<&str> {
    event.summary.as_deref()
}

fn bazel(modules: &[BazelModule]) -> Vec<Question> {
    let names = || modules.iter().map(|module| module.name.as_str());
    let hyphens: Vec<String> = names().map(|name| name.replace(['_', '.'], "-")).collect();
    let all = || modules.iter().flat_map(|module| &module.versions);
    let needs: Vec<String> = all()
        .flat_map(|(_, version)| &version.deps)
        .filter_map(|need| Some(format!("^{}", need.version.as_deref()?)))
        .collect();
    let reasons = modules.iter().flat_map(|module| module.yanked.values().map(String::as_str));
    let pages = modules.iter().filter_map(|module| module.homepage.as_deref());
    let archives = all().filter_map(|(_, version)| version.url.as_deref());
    vec![
        ask("Bazel name as written", "PluginName", names(), PluginName::parse),
        ask(
            "Bazel name with `-` for `_` and `.`",
            "PluginName",
            hyphens.iter().map(String::as_str),
            PluginName::parse,
        ),
        ask("Bazel version", "Version", all().map(|(version, _)| version.as_str()), Version::parse),
        ask(
            "Bazel dependency as `^version`",
            "Requirement",
            needs.iter().map(String::as_str),
            Requirement::parse,
        ),
        ask("Bazel homepage", "HttpsUrl", pages, HttpsUrl::parse),
        ask("Bazel archive", "ArchiveUrl", archives, ArchiveUrl::parse),
        ask("Bazel reason of a yank", "Text<2048>", reasons, Text::<2048>::parse),
    ]
}

/// Asks about rules that no single value can break.
fn counts(catalogues: &Catalogues) -> Vec<Question> {
    let (krew, bazel) = (&catalogues.krew, &catalogues.bazel);
    let mut edited = Question::new("krew releases", "published once");
    let mut falling = Question::new("krew versions", "rising in their series");
    for plugin in krew {
        let releases = plugin.releases();
        edited.asked += releases.len();
        falling.asked += releases.len();
        for (version, first) in &releases {
            if plugin.events.iter().any(|event| changes_archives(event, version, first)) {
                edited.refuse("the archives of a version were changed", &plugin.name, version);
            }
        }
        let versions =
            releases.iter().filter_map(|(text, _)| Version::parse(text.strip_prefix('v')?).ok());
        let mut heads: BTreeMap<(u64, u64), Version> = BTreeMap::new();
        for version in versions {
            if heads.get(&version.series()).is_some_and(|head| *head >= version) {
                falling.refuse("a version that is not higher", &plugin.name, &version);
            }
            heads.insert(version.series(), version);
        }
    }
    let mut many = Question::new("Bazel dependencies of a version", "at most 200");
    for module in bazel {
        for (version, it) in &module.versions {
            many.asked += 1;
            if it.deps.len() > limits::DEPENDENCIES {
                many.refuse("too many", &module.name, version);
            }
        }
    }
    vec![edited, falling, many]
}

fn changes_archives(event: &KrewEvent, version: &str, first: &KrewEvent) -> bool {
    let digests = |event: &KrewEvent| -> BTreeSet<String> {
        event.platforms.iter().flatten().filter_map(|archive| archive.sha256.clone()).collect()
    };
    event.version.as_deref() == Some(version)
        && !digests(first).is_subset(&digests(event))
        && event.event == "release"
}

fn ask<'v, T, E: Display>(
    what: &'static str,
    kind: &'static str,
    values: impl Iterator<Item = &'v str>,
    parse: impl Fn(&str) -> Result<T, E>,
) -> Question {
    let mut question = Question::new(what, kind);
    for value in values.collect::<BTreeSet<&str>>() {
        question.asked += 1;
        if let Err(error) = parse(value) {
            question.refused.entry(class(&error.to_string())).or_default().push(value.to_owned());
        }
    }
    question
}

/// What a message says of every value of its kind: quotations, numbers and capitals left out.
fn class(message: &str) -> String {
    let pieces = message.split('`').enumerate();
    let plain: Vec<&str> = pieces.map(|(n, text)| if n % 2 == 1 { "…" } else { text }).collect();
    plain.join("`").split(' ').map(plain_word).collect::<Vec<&str>>().join(" ")
}

fn plain_word(word: &str) -> &str {
    let quoted = word.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
    match quoted {
        Some(letter) if letter.bytes().all(|b| b.is_ascii_uppercase()) => "an upper-case letter",
        _ if word.bytes().all(|b| b.is_ascii_digit()) => "N",
        _ => word,
    }
}

impl Question {
    const fn new(what: &'static str, kind: &'static str) -> Self {
        Self { what, kind, asked: 0, refused: BTreeMap::new() }
    }

    fn refuse(&mut self, why: &str, name: &str, version: impl Display) {
        self.refused.entry(why.to_owned()).or_default().push(format!("{name} {version}"));
    }

    fn write(&self, text: &mut String) {
        let Self { what, kind, asked, refused } = self;
        let start = format!("| {what} | {} | {asked} |", kind.replace('<', "\\<"));
        let mut line = |rest: String| writeln!(text, "{start} {rest}").expect("memory takes text");
        if refused.is_empty() {
            line("0 | | |".to_owned());
        }
        for (why, values) in refused {
            let step = values.len().div_ceil(EXAMPLES).max(1);
            let examples: Vec<String> =
                values.iter().step_by(step).map(|value| shown(value)).collect();
            line(format!(
                "{} | {} | {} |",
                values.len(),
                why.replace('|', "\\|"),
                examples.join(", ")
            ));
        }
    }
}

fn shown(value: &str) -> String {
    let start: String = value.chars().take(60).collect();
    let text = format!("{start:?}").replace('|', "\\|").replace('`', "'");
    let quoted = text.trim_matches('"');
    let more = if start.len() < value.len() { "…" } else { "" };
    format!("`{quoted}{more}`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_are_counted_by_kind_with_examples() {
        let question =
            ask("name", "PluginName", ["ok", "x_y", "a_b", "1a"].into_iter(), PluginName::parse);
        let mut text = String::new();
        question.write(&mut text);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 2, "{text}");
        assert!(lines[0].contains("| 4 | 2 |") && lines[0].contains("`a_b`, `x_y`"), "{text}");
        assert!(lines[1].contains("| 4 | 1 |") && lines[1].contains("`1a`"), "{text}");
    }
}
