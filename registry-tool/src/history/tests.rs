//! What the first-parent line says, by the word of `git log --first-parent`.

use super::*;
use crate::git::testing::{Scratch, manifests};

/// What git says: when each path was added last, as commit and committer time.
fn oracle(repo: &Scratch) -> BTreeMap<String, (String, i64)> {
    let words =
        "log --first-parent -m --diff-filter=A --no-renames --name-only --format=%x00%H:%ct";
    let log = repo.git(words);
    let mut added = BTreeMap::new();
    for commit in log.split('\0').skip(1) {
        let mut lines = commit.lines();
        let (id, time) = lines.next().unwrap().split_once(':').unwrap();
        for path in lines.filter(|line| !line.is_empty()) {
            added.insert(path.to_owned(), (id.to_owned(), time.parse().unwrap()));
        }
    }
    added
}

fn told(history: &History) -> BTreeMap<String, (String, i64)> {
    let row = |(path, found): (&str, Acceptance)| {
        (path.to_owned(), (found.commit.to_string(), found.time.seconds()))
    };
    history.acceptances().map(row).collect()
}

#[track_caller]
fn assert_says_what_git_says(repo: &Scratch) -> History {
    let history = History::read(repo.dir(), "HEAD").unwrap();
    assert_eq!(told(&history), oracle(repo));
    let line: String = history.line().iter().map(|commit| format!("{}\n", commit.id)).collect();
    assert_eq!(line, repo.git("rev-list --first-parent --reverse HEAD"));
    history
}

fn breaches(history: &History) -> Vec<(usize, &str, BreachKind)> {
    history.breaches().iter().map(|b| (b.commit, b.path.as_str(), b.kind)).collect()
}

#[test]
fn a_merge_counts_at_its_own_time_whatever_its_side_commits_claim() {
    let repo = Scratch::new();
    repo.commit(1_000, "README.md", "x");
    repo.git("checkout -q -b side");
    repo.commit(10, "plugins/past", "claims the past");
    repo.commit(9_000_000_000, "plugins/future", "claims the future");
    repo.git("checkout -q main");
    repo.commit(2_000, "plugins/direct", "x");
    repo.git_at(3_000, "merge -q --no-ff -m merged side");
    let history = assert_says_what_git_says(&repo);
    assert_eq!(history.acceptance("plugins/past").unwrap().time.seconds(), 3_000);
    assert_eq!(history.acceptance("plugins/future").unwrap().time.seconds(), 3_000);
    assert_eq!(history.acceptance("plugins/direct").unwrap().time.seconds(), 2_000);
    assert_eq!(history.acceptance("plugins"), None);
    assert_eq!(history.breaches(), []);
    let parents: Vec<_> = history.line().iter().map(|commit| commit.parents).collect();
    assert_eq!(parents, [0, 1, 2]);
    let tip = history.tip().unwrap();
    assert_eq!(tip.committer.name, "Carl Committer");
    assert_eq!(tip.committer.email, "carl@example.org");
}

#[test]
fn a_long_line_of_merges_and_imports_is_read_packed_or_not() {
    let repo = Scratch::new();
    repo.import(&manifests("ada", 40));
    repo.git("checkout -q main");
    for number in 0..12 {
        repo.git("checkout -q -b side");
        repo.commit(number, &format!("plugins/bob/tool/{number}"), number.to_string());
        repo.git("checkout -q main");
        repo.git_at(5_000 + number, "merge -q --no-ff -m merged side");
        repo.git("branch -q -d side");
        repo.import(&manifests(&format!("p{number}"), 3));
        repo.git("reset -q --hard");
    }
    assert_says_what_git_says(&repo);
    repo.git("repack -q -adF");
    assert_says_what_git_says(&repo);
}

#[test]
fn whatever_is_not_an_addition_is_kept_in_order() {
    let repo = Scratch::new();
    for path in ["changed", "gone", "kind", "folder"] {
        repo.commit(100, path, "one");
    }
    repo.commit(200, "changed", "two");
    repo.git("rm -q gone");
    repo.git_at(300, "commit -q -m removed");
    repo.commit(400, "gone", "back");
    repo.git("update-index --chmod=+x kind");
    repo.git_at(500, "commit -q -m mode");
    repo.git("rm -q folder");
    repo.commit(600, "folder/inner", "x");
    let history = History::read(repo.dir(), "main").unwrap();
    let expected = [
        (4, "changed", BreachKind::Modified),
        (5, "gone", BreachKind::Deleted),
        (6, "gone", BreachKind::Readded),
        (7, "kind", BreachKind::Modified),
        (8, "folder", BreachKind::Deleted),
    ];
    assert_eq!(breaches(&history), expected);
    assert_eq!(history.acceptance("gone").unwrap().time.seconds(), 100);
    assert_eq!(history.acceptance("folder/inner").unwrap().time.seconds(), 600);
}

#[test]
fn names_that_sort_differently_as_folders_are_no_breach() {
    let repo = Scratch::new();
    for path in ["a/x", "a.b", "a-b/x", "a0", "a/y", "a.c", "a-b/y", "a"] {
        let path = if path == "a" { "a/z" } else { path };
        repo.commit(100, path, path);
    }
    assert_eq!(assert_says_what_git_says(&repo).breaches(), []);
}

#[test]
fn links_and_submodules_are_additions_like_files() {
    let repo = Scratch::new();
    repo.commit(1, "a", "a");
    let head = repo.git("rev-parse HEAD");
    let blob = repo.git("rev-parse HEAD:a");
    repo.git(&format!("update-index --add --cacheinfo 160000,{},module", head.trim()));
    repo.git(&format!("update-index --add --cacheinfo 120000,{},link", blob.trim()));
    repo.git_at(2, "commit -q -m kinds");
    let history = assert_says_what_git_says(&repo);
    assert_eq!(history.acceptance("module").unwrap().time.seconds(), 2);
}

#[test]
fn a_shallow_clone_is_not_complete() {
    let repo = Scratch::new();
    for number in 0..4 {
        repo.commit(number, &format!("file-{number}"), "x");
    }
    let clone = Scratch::empty();
    clone.git(&format!("clone -q --depth=2 file://{} .", repo.dir().display()));
    let error = History::read(clone.dir(), "HEAD").unwrap_err();
    let oldest = clone.git("rev-parse HEAD~1");
    let expected =
        format!("the history is not complete: the parents of {} were not fetched", oldest.trim());
    assert_eq!(error.to_string(), expected);
}

#[test]
fn a_known_line_is_continued_as_if_it_had_been_read_at_once() {
    let repo = Scratch::new();
    repo.commit(1, "a", "a");
    repo.commit(2, "b", "b");
    let mut history = History::read(repo.dir(), "HEAD").unwrap();
    let before = history.clone();
    history.extend(repo.dir(), "HEAD").unwrap();
    assert_eq!(history, before);
    repo.git("rm -q a");
    repo.git_at(3, "commit -q -m removed");
    repo.commit(4, "a", "again");
    repo.commit(5, "c", "c");
    history.extend(repo.dir(), "HEAD").unwrap();
    assert_eq!(history, History::read(repo.dir(), "HEAD").unwrap());
    assert_eq!(breaches(&history), [(2, "a", BreachKind::Deleted), (3, "a", BreachKind::Readded)]);
}

#[test]
fn a_rewritten_past_is_noticed_and_nothing_changes() {
    let repo = Scratch::new();
    repo.commit(1, "a", "a");
    repo.commit(2, "b", "b");
    let mut history = History::read(repo.dir(), "HEAD").unwrap();
    let before = history.clone();
    repo.git_at(3, "commit -q --amend --allow-empty -m rewritten");
    let error = history.extend(repo.dir(), "HEAD").unwrap_err();
    assert!(matches!(error, HistoryError::Rewritten { .. }), "{error}");
    assert_eq!(history, before);
}

#[test]
fn a_first_parent_flip_is_noticed() {
    let repo = Scratch::new();
    repo.commit(1, "a", "a");
    repo.git("branch side");
    repo.commit(2, "b", "b");
    let mut history = History::read(repo.dir(), "main").unwrap();
    repo.git("checkout -q side");
    repo.commit(3, "c", "c");
    repo.git_at(4, "merge -q --no-ff -m flipped main");
    let error = history.extend(repo.dir(), "side").unwrap_err();
    assert!(matches!(error, HistoryError::Rewritten { .. }), "{error}");
}
