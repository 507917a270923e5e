//! What reviewers and code hosts are shown of a pull request, also by those who want to be shown.

#![expect(clippy::string_slice, reason = "lines are cut at backticks alone")]

use serde_json::Value;

use super::world;
use crate::support::assert_sarif;
use crate::world::{Plugin, World, stdout};

/// Text that would be markup, a mention, a comment, a cell, a command or the end of code.
const HOSTILE: [&str; 8] = [
    "`` ```` <img src=x onerror=alert(1)>",
    "<!-- hidden",
    "--> | cell | @maintainer #1",
    "[click](javascript:alert(1)) ![](https://evil.example/pixel)",
    "**Accepted** `done`",
    "https://evil.example www.evil.example a@evil.example",
    "::error::owned %0A::set-output name=a::b",
    "</code></details><script>alert(1)</script>",
];

/// Has a pull request shown in some format.
fn shown(world: &World, head: &str, format: &str) -> String {
    let options = format!("--index index --base HEAD --head {head} --archives dist");
    stdout(&world.tool(&format!("validate {options} --format {format}")))
}

/// Returns what of a page does not stand in code: fenced blocks and spans are taken out, as
/// CommonMark has them.
fn outside_of_code(page: &str) -> String {
    let mut outside = String::new();
    let mut fence = None;
    for line in page.lines() {
        let ticks = line.chars().take_while(|c| *c == '`').count();
        match fence {
            None if ticks >= 3 && !line[ticks..].contains('`') => fence = Some(ticks),
            Some(open) if ticks >= open && line[ticks..].trim().is_empty() => fence = None,
            Some(_) => {}
            None => outside.push_str(&without_spans(line)),
        }
        outside.push('\n');
    }
    assert_eq!(fence, None, "{page}");
    outside
}

fn without_spans(line: &str) -> String {
    let (mut outside, mut rest) = (String::new(), line);
    while let Some(start) = rest.find('`') {
        outside.push_str(&rest[..start]);
        let ticks = rest[start..].chars().take_while(|c| *c == '`').count();
        let inside = &rest[start + ticks..];
        let mut end = 0;
        loop {
            let next = inside[end..].find('`').unwrap_or_else(|| panic!("open code: {line}")) + end;
            let run = inside[next..].chars().take_while(|c| *c == '`').count();
            end = next + run;
            if run == ticks {
                break;
            }
        }
        outside.push_str("CODE");
        rest = &inside[end..];
    }
    outside + rest
}

#[test]
fn a_page_says_what_changes_for_users_and_what_is_left_to_decide() {
    let world = world();
    let reads = "import os\nprint(os.environ['HOME'])\n";
    let next = Plugin::new("amber", "1.1.0")
        .permission("env.read")
        .file("src/main.py", reads)
        .file("src/extra.py", "print(1)\n")
        .field("changes", "It knows its home.".into());
    world.propose(next);
    let page = shown(&world, &world.pull_request(), "markdown");
    for line in [
        "## Accepted",
        "- `plugins/la/lab/am/amber/1.1.0.signed`: a release, plugin `lab/amber`, version `1.1.0`",
        "### Release `lab/amber 1.1.0`",
        "- compared with `1.0.0`",
        "#### The archive for `any`",
        "- scan: accepted",
        "- it can `env.read`: declared, 1 times, first in `src/main.py`",
        "- **new**, it could not before: `env.read`",
        "- added: `src/extra.py`, 9 bytes",
        "It knows its home.",
    ] {
        assert!(page.lines().any(|found| found == line), "{line}\n{page}");
    }
    for part in ["- **more**: `env.read`, the plugin can ", "- changed: `src/main.py`, "] {
        assert!(page.contains(part), "{part}\n{page}");
    }
    assert!(page.contains(", a key of the publisher since about 2026-06-01T12:0"), "{page}");

    world.git("clean --quiet --force -d");
    world.propose(Plugin::new("rival/arnber", "1.0.0"));
    let page = shown(&world, &world.pull_request(), "markdown");
    assert!(page.starts_with("## A maintainer has to decide\n"), "{page}");
    assert!(page.contains("\nregistry-tool approve --finding "), "{page}");
    assert!(page.contains("- the first release of this plugin\n"), "{page}");
}

#[test]
fn what_strangers_write_stands_in_code_and_nowhere_else() {
    let world = world();
    for (number, hostile) in HOSTILE.into_iter().enumerate() {
        let permission = serde_json::json!([
            { "name": "network", "scope": [hostile], "reason": hostile, "optional": false },
            { "name": "no.such.word", "reason": hostile, "optional": true },
        ]);
        let plugin = Plugin::new("amber", &format!("1.1.{number}"))
            .field("title", hostile.into())
            .field("summary", hostile.into())
            .field("permissions", permission)
            .field("changes", format!("{hostile}\n```\n{hostile}\n# {hostile}").into());
        world.propose(plugin);
        let head = world.pull_request();
        let page = shown(&world, &head, "markdown");
        assert!(page.starts_with("## Refused\n"), "{page}");
        assert!(page.contains(hostile), "{page}");
        let outside = outside_of_code(&page);
        for mark in ["<", "@", "evil", "javascript", "::", "](", "| cell", "-->", "Accepted"] {
            assert!(!outside.contains(mark), "{mark}\n{outside}");
        }
        let annotations = shown(&world, &head, "github");
        let known = ["::error file=", "::warning file=", "::notice file=", "::notice title="];
        let is_own = |line: &str| known.iter().any(|start| line.starts_with(start));
        assert!(annotations.lines().all(is_own), "{annotations}");
        world.git("clean --quiet --force -d");
    }
}

#[test]
fn programs_are_told_the_same_as_people() {
    let world = world();
    world.write("index/plugins/la/lab/am/amber/1.1.0.signed", "{}\n");
    world.propose(Plugin::new("amber", "0.9.0").field("categories", vec!["no-such"].into()));
    let head = world.pull_request();
    let report = world.judge(&head);
    assert_eq!(report.verdict, "refused");
    let sarif = shown(&world, &head, "sarif");
    assert_sarif(&sarif);
    let sarif: Value = serde_json::from_str(&sarif).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    let codes: Vec<&str> =
        results.iter().map(|result| result["ruleId"].as_str().unwrap()).collect();
    assert_eq!(codes, report.codes());
    assert_eq!(sarif["runs"][0]["properties"]["verdict"], "refused");
    let annotations = shown(&world, &head, "github");
    assert_eq!(annotations.lines().count(), report.findings.len() + 1, "{annotations}");
}
