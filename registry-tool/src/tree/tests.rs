//! Every way in which Git stores a commit gives the same tree, by the word of the git program.

use super::*;
use crate::git::testing::{Scratch, manifests};

const PLENTY: u64 = 1 << 30;

type Listing = Vec<(Kind, String, String)>;
type Blobs = BTreeMap<String, Vec<u8>>;

/// What git says of a commit: mode, id and path of everything, and the bytes of the files.
fn oracle(repo: &Scratch, revision: &str) -> (Listing, Blobs) {
    let listing = repo.git(&format!("ls-tree -r -z {revision}"));
    let mut found = Vec::new();
    let mut blobs = BTreeMap::new();
    let mut wanted = String::new();
    for line in listing.split_terminator('\0') {
        let (facts, path) = line.split_once('\t').unwrap();
        let mut facts = facts.split(' ');
        let kind = match facts.next().unwrap() {
            "100644" => Kind::File,
            "100755" => Kind::Executable,
            "120000" => Kind::Symlink,
            "160000" => Kind::Submodule,
            other => panic!("mode {other}"),
        };
        let id = facts.nth(1).unwrap();
        if kind.is_file() {
            wanted += &format!("{id}\n");
            blobs.insert(path.to_owned(), id.to_owned());
        }
        found.push((kind, id.to_owned(), path.to_owned()));
    }
    let bytes = batch(&repo.git_with(&["cat-file", "--batch"], 1, wanted.as_bytes()));
    (found, blobs.into_iter().map(|(path, id)| (path, bytes[&id].clone())).collect())
}

/// Reads what `cat-file --batch` prints: a line of id, kind and size, the bytes, a line break.
fn batch(mut output: &[u8]) -> Blobs {
    let mut found = BTreeMap::new();
    while let Some(end) = output.iter().position(|byte| *byte == b'\n') {
        let line = std::str::from_utf8(&output[..end]).unwrap();
        let mut words = line.split(' ');
        let (id, size) = (words.next().unwrap(), words.nth(1).unwrap());
        let bytes = &output[end + 1..];
        let (bytes, rest) = bytes.split_at(size.parse().unwrap());
        found.insert(id.to_owned(), bytes.to_owned());
        output = &rest[1..];
    }
    found
}

fn listing(tree: &Tree) -> Listing {
    let row = |entry: &Entry| (entry.kind, entry.id.unwrap().to_string(), entry.path.clone());
    tree.entries().iter().map(row).collect()
}

fn blobs(tree: &Tree) -> Blobs {
    let bytes = |index: usize, content: Content<'_>| match content {
        Content::Bytes(bytes) => (tree.entries()[index].path.clone(), bytes.to_owned()),
        Content::TooLarge { size } => panic!("{size} bytes"),
    };
    let mapped = tree.map_blobs(|_| Some(PLENTY), bytes).unwrap();
    assert!(mapped.is_sorted_by_key(|(index, _)| *index));
    mapped.into_iter().map(|(_, blob)| blob).collect()
}

#[track_caller]
fn assert_reads_what_git_reads(repo: &Scratch) {
    let tree = Tree::at_revision(repo.dir(), "HEAD").unwrap();
    let (entries, files) = oracle(repo, "HEAD");
    assert_eq!(listing(&tree), entries);
    assert!(blobs(&tree) == files);
}

/// A repository of a few hundred manifests, in a pack straight from `fast-import`.
fn imported() -> Scratch {
    let repo = Scratch::new();
    repo.import(&manifests("ada", 150));
    repo
}

#[test]
fn a_pack_with_long_delta_chains_is_read() {
    assert_reads_what_git_reads(&imported());
}

#[test]
fn walking_the_deltas_of_a_pack_leaves_nothing_to_ask_for_one_by_one() {
    for repack in ["status", "repack -q -adF", "-c repack.useDeltaBaseOffset=false repack -q -adF"]
    {
        let repo = imported();
        repo.git(repack);
        let tree = Tree::at_revision(repo.dir(), "main").unwrap();
        let shown = std::sync::atomic::AtomicUsize::new(0);
        let visit = |_: usize, _: Content<'_>| {
            shown.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        };
        let wanted = git::Wanted::new(tree.entries(), &|_| Some(PLENTY), &visit);
        assert_eq!(wanted.missing().len(), 150);
        let shared = crate::git::open(repo.dir()).unwrap();
        packed::read(&crate::git::handle(&shared), &wanted).unwrap();
        assert_eq!(wanted.missing().len(), 0, "{repack}");
        assert_eq!(shown.into_inner(), 150);
    }
}

#[test]
fn a_repacked_clone_is_read() {
    let repo = imported();
    repo.git("repack -q -adF --depth=50");
    assert_reads_what_git_reads(&repo);
}

#[test]
fn deltas_that_name_their_base_by_id_are_read() {
    let repo = imported();
    repo.git("-c repack.useDeltaBaseOffset=false repack -q -adF --depth=50");
    assert_reads_what_git_reads(&repo);
}

#[test]
fn several_packs_with_duplicates_and_loose_objects_are_read() {
    let repo = imported();
    repo.import(&manifests("bob", 80));
    let mut twice = manifests("ada", 100);
    for (path, _) in &mut twice {
        *path = format!("copies/{path}");
    }
    repo.import(&twice);
    repo.git("checkout -q main");
    repo.commit(1, "loose/one", "only loose");
    repo.write("loose/two", "only loose");
    repo.git("add loose");
    repo.git("commit -q -m two");
    assert_reads_what_git_reads(&repo);
}

#[test]
fn loose_objects_alone_are_read() {
    let repo = imported();
    let pack = repo.git("rev-parse --git-path objects/pack");
    let pack = repo.dir().join(pack.trim());
    let moved = repo.dir().join("moved");
    std::fs::rename(&pack, &moved).unwrap();
    for file in std::fs::read_dir(&moved).unwrap() {
        let name = file.unwrap().file_name().into_string().unwrap();
        if name.ends_with(".pack") {
            repo.git_with(&["unpack-objects", "-q"], 0, &repo.read(&format!("moved/{name}")));
        }
    }
    assert_reads_what_git_reads(&repo);
}

#[test]
fn objects_borrowed_from_another_repository_are_read() {
    let lender = imported();
    let borrower = Scratch::empty();
    borrower.git(&format!("clone -q --shared {} .", lender.dir().display()));
    borrower.commit(1, "own", "own");
    assert_reads_what_git_reads(&borrower);
}

#[test]
fn links_submodules_and_executables_are_told_apart_and_not_followed() {
    let repo = Scratch::new();
    repo.commit(1, "plugins/a", "file");
    repo.write("run", "#!/bin/sh");
    let link = repo.git_with(&["hash-object", "-w", "--stdin"], 0, b"plugins/a");
    let link = String::from_utf8(link).unwrap();
    let head = repo.git("rev-parse HEAD");
    repo.git("add run");
    repo.git("update-index --chmod=+x run");
    repo.git(&format!("update-index --add --cacheinfo 120000,{},link", link.trim()));
    repo.git(&format!("update-index --add --cacheinfo 160000,{},module", head.trim()));
    repo.git("commit -q -m kinds");
    assert_reads_what_git_reads(&repo);
    let tree = Tree::at_revision(repo.dir(), "HEAD").unwrap();
    assert_eq!(tree.get("link").unwrap().kind(), Kind::Symlink);
    assert_eq!(tree.get("module").unwrap().kind(), Kind::Submodule);
    assert_eq!(tree.read("link", PLENTY).unwrap(), None);
    assert_eq!(tree.read("run", PLENTY).unwrap().unwrap(), b"#!/bin/sh");
}

#[test]
fn a_blob_over_its_ceiling_is_reported_and_the_rest_is_read() {
    let repo = imported();
    repo.git("checkout -q main");
    repo.write("plugins/huge", vec![7; 17 << 20]);
    repo.write("plugins/large", vec![7; 101]);
    repo.git("add plugins");
    repo.git("commit -q -m large");
    repo.git("repack -q -adF");
    let tree = Tree::at_revision(repo.dir(), "main").unwrap();
    let limit = |entry: &Entry| Some(if entry.path().ends_with("large") { 100 } else { 10_000 });
    let sizes = tree.map_blobs(limit, |index, content| match content {
        Content::Bytes(_) => None,
        Content::TooLarge { size } => Some((tree.entries()[index].path().to_owned(), size)),
    });
    let sizes = sizes.unwrap();
    assert_eq!(sizes.len(), 152);
    let large: Vec<_> = sizes.into_iter().filter_map(|(_, large)| large).collect();
    assert_eq!(large, [("plugins/huge".to_owned(), 17 << 20), ("plugins/large".to_owned(), 101)]);
    let error = tree.read("plugins/large", 100).unwrap_err();
    assert_eq!(error.to_string(), "`plugins/large` has 101 bytes, at most 100 are allowed");
}

#[test]
fn only_what_is_wanted_is_shown() {
    let repo = imported();
    let tree = Tree::at_revision(repo.dir(), "HEAD").unwrap();
    let wanted = |entry: &Entry| entry.path().contains("/tool-3/").then_some(PLENTY);
    let shown = tree.map_blobs(wanted, |index, _| tree.entries()[index].path().to_owned());
    let shown: Vec<_> = shown.unwrap().into_iter().map(|(_, path)| path).collect();
    let below: Vec<_> = tree.below("plugins/ada/tool-3").iter().map(Entry::path).collect();
    assert_eq!(shown.len(), 9);
    assert_eq!(shown, below);
    assert_eq!(tree.below("plugins/ada").len(), 150);
    assert!(tree.below("plugins/ad").is_empty() && tree.below("plugin").is_empty());
}

#[test]
fn every_way_to_name_a_commit_is_understood() {
    let repo = Scratch::new();
    repo.commit(1, "a", "a");
    repo.git("tag light");
    repo.git("tag -a -m annotated heavy");
    repo.git("branch side");
    let id = repo.git("rev-parse HEAD").trim().to_owned();
    let short = id.get(..12).unwrap();
    repo.commit(2, "b", "b");
    for revision in ["light", "heavy", "side", "HEAD~1", "refs/tags/light", &id, short] {
        let tree = Tree::at_revision(repo.dir(), revision).unwrap();
        assert_eq!(tree.commit().unwrap().to_string(), id, "{revision}");
        assert!(tree.contains("a") && !tree.contains("b"));
    }
    let error = Tree::at_revision(repo.dir(), "nowhere").err().unwrap();
    assert_eq!(error.to_string(), "`nowhere` does not name a commit");
}

#[test]
fn a_replacement_object_replaces_nothing() {
    let repo = Scratch::new();
    repo.commit(1, "a", "true");
    repo.write("b", "forged");
    repo.git("add b");
    repo.git("replace :a :b");
    let tree = Tree::at_revision(repo.dir(), "HEAD").unwrap();
    assert_eq!(tree.read("a", PLENTY).unwrap().unwrap(), b"true");
}

#[test]
fn a_missing_blob_is_an_error_that_names_the_path() {
    let repo = Scratch::new();
    repo.commit(1, "plugins/a", "gone");
    let id = repo.git("rev-parse HEAD:plugins/a");
    let (folder, file) = id.trim().split_at(2);
    std::fs::remove_file(repo.dir().join(".git/objects").join(folder).join(file)).unwrap();
    let tree = Tree::at_revision(repo.dir(), "HEAD").unwrap();
    let error = tree.read("plugins/a", PLENTY).unwrap_err();
    assert_eq!(error.to_string(), "cannot read `plugins/a`");
}

#[test]
fn a_path_that_is_no_text_is_escaped() {
    let repo = Scratch::new();
    let blob = repo.git_with(&["hash-object", "-w", "--stdin"], 0, b"x");
    let line = [b"100644 blob ", blob.trim_ascii(), b"\tna\xefve\0"].concat();
    let tree = repo.git_with(&["mktree", "-z"], 0, &line);
    let tree = String::from_utf8(tree).unwrap();
    let commit = repo.git(&format!("commit-tree -m x {}", tree.trim()));
    let tree = Tree::at_revision(repo.dir(), commit.trim()).unwrap();
    assert_eq!(tree.entries()[0].path(), r"na\xefve");
}

#[test]
fn a_folder_is_what_git_would_commit() {
    let repo = Scratch::new();
    for path in ["plugins/a/b", "plugins/a.b", "plugins/a-b", "top", "public/index.html"] {
        repo.write(path, path);
    }
    repo.write(".gitignore", "# built\n/public/\n*.tmp\n!keep.tmp\nsecret   \n");
    repo.write("plugins/.gitignore", "local\n/here/\n");
    for path in ["x.tmp", "keep.tmp", "plugins/y.tmp", "secret", "plugins/local", "local"] {
        repo.write(path, path);
    }
    for path in ["plugins/here/z", "plugins/a/here/z", "here/z"] {
        repo.write(path, path);
    }
    repo.write(".git/info/exclude", "excluded\n");
    repo.write("excluded", "x");
    let tree = Tree::of_folder(repo.dir()).unwrap();
    let said = repo.git("ls-files --cached --others --exclude-standard");
    let mut said: Vec<_> = said.lines().collect();
    said.sort_unstable();
    let paths: Vec<_> = tree.entries().iter().map(Entry::path).collect();
    assert_eq!(paths, said);
    repo.git("add .");
    repo.git("commit -q -m all");
    let committed = Tree::at_revision(repo.dir(), "HEAD").unwrap();
    assert!(blobs(&tree) == blobs(&committed));
    assert_eq!(tree.commit(), None);
}

#[cfg(unix)]
#[test]
fn a_folder_tells_kinds_apart_and_keeps_ceilings() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let repo = Scratch::new();
    repo.write("run", "#!/bin/sh");
    let mode = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(repo.dir().join("run"), mode).unwrap();
    repo.write("module/.git", "gitdir: elsewhere");
    repo.write("module/inner", "x");
    symlink("/etc", repo.dir().join("link")).unwrap();
    let socket = std::os::unix::net::UnixListener::bind(repo.dir().join("socket"));
    let tree = Tree::of_folder(repo.dir()).unwrap();
    drop(socket);
    let kinds: Vec<_> = tree.entries().iter().map(|e| (e.path(), e.kind())).collect();
    let expected = [
        ("link", Kind::Symlink),
        ("module", Kind::Submodule),
        ("run", Kind::Executable),
        ("socket", Kind::Special),
    ];
    assert_eq!(kinds, expected);
    let shown = tree.map_blobs(|_| Some(8), |_, content| content == Content::TooLarge { size: 9 });
    assert_eq!(shown.unwrap(), [(2, true)]);
}

#[test]
fn files_in_memory_make_a_tree_too() {
    let files = [("b/c", "two"), ("a", "one"), ("b.c", "three")];
    let files = files.map(|(path, text)| (path.to_owned(), text.as_bytes().to_owned()));
    let tree = Tree::from_files(files.clone().into());
    assert!(blobs(&tree) == BTreeMap::from(files));
    assert_eq!(tree.read("b/c", 3).unwrap().unwrap(), b"two");
    assert!(tree.read("b/c", 2).is_err());
    assert_eq!(tree.read("b", 3).unwrap(), None);
    assert_eq!(tree.below("b").len(), 1);
}
