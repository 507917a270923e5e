//! Commits made here, looked at by the git program.

use super::*;
use crate::git::testing::Scratch;

fn identity(name: &str) -> Identity {
    Identity { name: name.to_owned(), email: format!("{name}@example.org") }
}

fn files(list: &[(&str, &str)]) -> Files {
    let file = |(path, text): &(&str, &str)| {
        (PackagePath::parse(path).unwrap(), text.as_bytes().to_owned())
    };
    list.iter().map(file).collect()
}

fn add(repo: &Scratch, branch: Branch<'_>, list: &[(&str, &str)]) -> Result<ObjectId, CommitError> {
    let (author, committer) = (identity("ada"), identity("carl"));
    let time = Timestamp::parse("2026-11-23T14:07:00Z").unwrap();
    let message = Message { text: "Add a release\n", author: &author, committer: &committer, time };
    add_files(repo.dir(), branch, &files(list), &message)
}

/// Everything that a refused commit must leave alone.
fn state(repo: &Scratch) -> String {
    let words = ["for-each-ref", "ls-files -s", "status --porcelain", "symbolic-ref HEAD"];
    words.iter().map(|words| repo.git(words)).collect()
}

#[track_caller]
fn assert_clean(repo: &Scratch) {
    assert_eq!(repo.git("status --porcelain"), "");
    repo.git("fsck --strict --no-dangling");
    repo.git("diff --exit-code HEAD");
}

fn initialized() -> Scratch {
    let repo = Scratch::empty();
    init(repo.dir()).unwrap();
    repo
}

#[test]
fn a_new_repository_has_the_branch_main_and_no_commit() {
    let repo = initialized();
    let expected = Head { branch: "main".to_owned(), commit: None };
    assert_eq!(head(repo.dir()).unwrap(), expected);
    assert_eq!(repo.git("symbolic-ref HEAD"), "refs/heads/main\n");
    assert_eq!(repo.git("status --porcelain"), "");
    assert!(init(repo.dir()).is_err());
}

#[test]
fn commits_stack_up_and_leave_a_clean_work_tree() {
    let repo = initialized();
    let first = add(&repo, Branch::Head, &[("README.md", "hi"), ("plugins/ad/ada/x", "1")]);
    assert_clean(&repo);
    let second = add(&repo, Branch::Head, &[("plugins/ad/ada/y", "2"), ("plugins/bo/bob/z", "3")]);
    assert_clean(&repo);
    let (first, second) = (first.unwrap(), second.unwrap());
    assert_eq!(head(repo.dir()).unwrap().commit, Some(second));
    let expected = format!(
        "{second} {first} ada ada@example.org 1795442820 carl carl@example.org 1795442820 Add a release\n"
    );
    let said = repo.git("log -1 --format=%H%x20%P%x20%an%x20%ae%x20%at%x20%cn%x20%ce%x20%ct%x20%s");
    assert_eq!(said, expected);
    let paths = "README.md\nplugins/ad/ada/x\nplugins/ad/ada/y\nplugins/bo/bob/z\n";
    assert_eq!(repo.git("ls-tree -r --name-only HEAD"), paths);
    assert_eq!(repo.read("plugins/ad/ada/y"), b"2");
    assert_eq!(
        repo.git("reflog --format=%gs"),
        "commit: Add a release\ncommit (initial): Add a release\n"
    );
}

#[test]
fn a_repository_made_by_git_is_continued_with_its_cached_trees() {
    let repo = Scratch::new();
    repo.commit(1, "plugins/a/1", "one");
    repo.git("status");
    add(&repo, Branch::Head, &[("plugins/a/2", "two"), ("plugins.txt", "x")]).unwrap();
    assert_clean(&repo);
    repo.write("more", "x");
    repo.git("add more");
    repo.git("commit -q -m more");
    assert_clean(&repo);
    assert_eq!(
        repo.git("ls-tree -r --name-only HEAD"),
        "more\nplugins.txt\nplugins/a/1\nplugins/a/2\n"
    );
}

#[test]
fn a_file_that_is_there_gets_new_bytes() {
    let repo = Scratch::new();
    repo.commit(1, "README.md", "old");
    add(&repo, Branch::Head, &[("README.md", "new")]).unwrap();
    assert_clean(&repo);
    assert_eq!(repo.git("show HEAD:README.md"), "new");
}

#[test]
fn unrelated_work_stays_as_it_is_and_out_of_the_commit() {
    let repo = Scratch::new();
    repo.commit(1, "edited", "one");
    repo.commit(2, "staged", "one");
    repo.write("edited", "two");
    repo.write("staged", "two");
    repo.write("untracked", "x");
    repo.git("add staged");
    let before = repo.git("status --porcelain");
    add(&repo, Branch::Head, &[("plugins/new", "x")]).unwrap();
    assert_eq!(repo.git("status --porcelain"), before);
    assert_eq!(repo.git("show --format= --name-only HEAD"), "plugins/new\n");
    assert_eq!(repo.read("edited"), b"two");
}

#[test]
fn another_branch_begins_at_head_and_leaves_the_work_tree_alone() {
    let repo = Scratch::new();
    repo.commit(1, "a", "a");
    let main = repo.git("rev-parse main");
    let first = add(&repo, Branch::Named("publish/x-1.0.0"), &[("plugins/x", "1")]).unwrap();
    let second = add(&repo, Branch::Named("publish/x-1.0.0"), &[("plugins/y", "2")]).unwrap();
    assert_clean(&repo);
    assert_eq!(repo.git("rev-parse main"), main);
    assert_eq!(repo.git("symbolic-ref --short HEAD"), "main\n");
    let expected = format!("{second}\n{first}\n{main}");
    assert_eq!(repo.git("rev-list publish/x-1.0.0"), expected);
    assert!(!repo.dir().join("plugins").exists());
    add(&repo, Branch::Named("main"), &[("plugins/z", "3")]).unwrap();
    assert_clean(&repo);
    assert_eq!(repo.read("plugins/z"), b"3");
    assert!(add(&repo, Branch::Named("no..name"), &[("w", "w")]).is_err());
}

#[test]
fn a_change_that_is_not_committed_is_never_overwritten() {
    let repo = Scratch::new();
    repo.commit(1, "tracked", "one");
    repo.commit(1, "staged", "one");
    repo.commit(1, "deleted", "one");
    repo.write("tracked", "mine");
    repo.write("staged", "mine");
    repo.git("add staged");
    repo.write("untracked", "mine");
    std::fs::remove_file(repo.dir().join("deleted")).unwrap();
    let before = state(&repo);
    for path in ["tracked", "staged", "untracked", "deleted"] {
        let error = add(&repo, Branch::Head, &[("other", "x"), (path, "theirs")]).unwrap_err();
        assert_eq!(error.to_string(), format!("`{path}` has changes that are not committed"));
        assert_eq!(state(&repo), before);
        assert!(!repo.dir().join("other").exists());
    }
    add(&repo, Branch::Head, &[("untracked", "mine")]).unwrap();
    assert_eq!(repo.git("ls-tree --name-only HEAD untracked"), "untracked\n");
}

#[test]
fn a_path_that_something_else_needs_is_refused_and_nothing_changes() {
    let repo = Scratch::new();
    repo.commit(1, "plugins/a", "file");
    repo.git("update-index --chmod=+x plugins/a");
    repo.git("commit -q -m x");
    repo.git("checkout -q .");
    let before = state(&repo);
    let cases: [&[(&str, &str)]; 5] = [
        &[("plugins", "x")],
        &[("plugins/a/b", "x")],
        &[("plugins/a", "x")],
        &[("new", "x"), ("new/inner", "x")],
        &[(".git/config", "x")],
    ];
    for case in cases {
        assert!(add(&repo, Branch::Head, case).is_err(), "{case:?}");
        assert_eq!(state(&repo), before);
    }
    for name in [".GIT/x", "a/.git/x", "git~1/x"] {
        let error = add(&repo, Branch::Head, &[(name, "x")]).unwrap_err();
        assert!(matches!(error, CommitError::Reserved(_)), "{name}: {error}");
    }
    let unchanged = add(&repo, Branch::Head, &[]).unwrap_err();
    assert_eq!(unchanged.to_string(), "nothing to commit: every file is already there");
    assert_eq!(state(&repo), before);
}

#[cfg(unix)]
#[test]
fn a_link_in_the_work_tree_is_not_written_through() {
    let repo = Scratch::new();
    let outside = Scratch::empty();
    repo.commit(1, "a", "a");
    std::os::unix::fs::symlink(outside.dir(), repo.dir().join("plugins")).unwrap();
    let error = add(&repo, Branch::Head, &[("plugins/x", "x")]).unwrap_err();
    assert_eq!(error.to_string(), "`plugins/x` cannot be a file: `plugins` is in the way");
    assert_eq!(std::fs::read_dir(outside.dir()).unwrap().count(), 0);
}

#[test]
fn a_locked_index_or_a_detached_head_is_refused_and_nothing_changes() {
    let repo = Scratch::new();
    repo.commit(1, "a", "a");
    let before = state(&repo);
    repo.write(".git/index.lock", "");
    let error = add(&repo, Branch::Head, &[("b", "b")]).unwrap_err();
    assert!(matches!(error, CommitError::Locked { .. }), "{error}");
    std::fs::remove_file(repo.dir().join(".git/index.lock")).unwrap();
    assert_eq!(state(&repo), before);
    repo.git("checkout -q --detach");
    let error = add(&repo, Branch::Head, &[("b", "b")]).unwrap_err();
    assert!(matches!(error, CommitError::Detached(_)), "{error}");
    assert!(!repo.dir().join("b").exists());
}

#[test]
fn a_branch_that_moved_meanwhile_is_not_moved() {
    let repo = Scratch::new();
    repo.commit(1, "a", "a");
    let shared = git::open(repo.dir()).unwrap();
    let handle = git::handle(&shared);
    let target = Target::of(&handle, repo.dir(), Branch::Head).unwrap();
    let base = Base::of(&handle, target.base).unwrap();
    let tree = base.write(&files(&[("b", "b")])).unwrap();
    repo.commit(2, "c", "c");
    let before = state(&repo);
    let person = identity("ada");
    let time = Timestamp::parse("2026-11-23T14:07:00Z").unwrap();
    let message = Message { text: "x", author: &person, committer: &person, time };
    let error = target.commit(&handle, tree, &message).unwrap_err();
    assert_eq!(error.to_string(), "cannot move `main` to a new commit");
    assert_eq!(state(&repo), before);
}

#[test]
fn a_name_that_would_forge_a_header_is_refused_and_nothing_changes() {
    let repo = Scratch::new();
    repo.commit(1, "a", "a");
    let before = state(&repo);
    let honest = identity("ada");
    let time = Timestamp::parse("2026-11-23T14:07:00Z").unwrap();
    for name in ["a\nparent 0", "a <b", "a> 1 +0000"] {
        let forged = Identity { name: name.to_owned(), ..honest.clone() };
        let message = Message { text: "x", author: &forged, committer: &honest, time };
        let made = add_files(repo.dir(), Branch::Head, &files(&[("b", "b")]), &message);
        assert!(made.is_err(), "{name}");
        assert_eq!(state(&repo), before);
        assert!(!repo.dir().join("b").exists());
    }
}

#[test]
fn a_bare_repository_gets_the_commit_alone() {
    let repo = Scratch::empty();
    repo.git("init -q --bare --initial-branch=main .");
    let commit = add(&repo, Branch::Head, &[("plugins/x", "x")]).unwrap();
    assert_eq!(repo.git("rev-parse main"), format!("{commit}\n"));
    repo.git("fsck --strict");
    assert!(!repo.dir().join("plugins").exists());
}
