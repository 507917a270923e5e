//! A pull request on GitHub: judged in one workflow, reported by another.

use super::host::Host;
use crate::world::Plugin;

#[test]
fn a_good_pull_request_is_accepted_and_its_page_is_posted() {
    let host = Host::new();
    host.world.propose(Plugin::new("amber", "1.0.0"));
    let head = host.propose();
    let done = host.judge_at(&head);
    assert!(done.is_success, "{}", done.said);
    let (done, comment) = host.report(&head);
    assert!(done.is_success, "{}", done.said);
    let comment = comment.unwrap();
    assert!(comment.contains("lab/amber"), "{comment}");
}

#[test]
fn a_bad_pull_request_fails_with_annotations_and_its_page_is_posted_all_the_same() {
    let host = Host::new();
    let path = host.world.propose(Plugin::new("amber", "1.0.0"));
    let mut bytes = host.world.read(&format!("index/{path}"));
    bytes[40] ^= 1;
    host.world.write(&format!("index/{path}"), bytes);
    let head = host.propose();
    let done = host.judge_at(&head);
    assert!(!done.is_success);
    assert!(done.said.contains(&format!("::error file={path}")), "{}", done.said);
    let (done, comment) = host.report(&head);
    assert!(done.is_success, "{}", done.said);
    let comment = comment.unwrap();
    assert!(comment.starts_with("## Refused\n"), "{comment}");
}

#[test]
fn nothing_of_a_pull_request_is_checked_out_or_run() {
    let host = Host::new();
    host.world.write("index/.github/registry.sh", "touch \"$RUNNER_TEMP/owned\"\n");
    host.world.write("index/.github/actions/registry-tool/action.yml", "runs: {}\n");
    let done = host.judge();
    assert!(!done.is_success);
    assert!(done.said.contains("shape/housekeeping"), "{}", done.said);
    assert!(!host.world.path("temp/owned").exists());
    let here = host.world.read("workspace/.github/registry.sh");
    assert!(!String::from_utf8(here).unwrap().contains("owned"));
    host.world.git("checkout --quiet .");
}

#[test]
fn a_pull_request_that_changed_meanwhile_is_neither_judged_nor_reported_on() {
    let host = Host::new();
    host.world.propose(Plugin::new("amber", "1.0.0"));
    let head = host.propose();
    let another = "0123456789012345678901234567890123456789";
    let done = host.judge_at(another);
    assert!(!done.is_success && done.said.contains("has changed meanwhile"), "{}", done.said);
    assert!(host.judge_at(&head).is_success);
    let (done, comment) = host.report(another);
    assert!(done.is_success && comment.is_none(), "{}", done.said);
}

#[test]
fn a_report_that_somebody_else_wrote_posts_nothing_but_harmless_text_to_its_own_pull_request() {
    let host = Host::new();
    host.world.propose(Plugin::new("amber", "1.0.0"));
    let head = host.propose();
    assert!(host.judge_at(&head).is_success);
    for (file, bytes) in [
        ("number", "7; touch owned"),
        ("number", "$(touch owned)"),
        ("number", "07"),
        ("head", "HEAD"),
        ("head", "../../../x"),
    ] {
        let before = host.world.read(&format!("artifacts/report/{file}"));
        host.world.write(&format!("artifacts/report/{file}"), bytes);
        let (done, comment) = host.report(&head);
        assert!(!done.is_success && comment.is_none(), "{bytes}: {}", done.said);
        assert!(!host.world.path("temp/report/owned").exists());
        host.world.write(&format!("artifacts/report/{file}"), before);
    }
    let hostile = format!("@everybody \u{1b}[31m\0{}", "x".repeat(100_000));
    host.world.write("artifacts/report/report.md", hostile);
    let (done, comment) = host.report(&head);
    assert!(done.is_success, "{}", done.said);
    let comment = comment.unwrap();
    assert!(comment.starts_with("@\u{200b}everybody [31mx") && comment.len() < 65_536);
}
