//! What GitHub does: it keeps a repository, merges pull requests on trial, runs workflows, keeps what
//! they hand on, and serves pages.

use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use super::steps::{Done, Runner, Values};
use crate::support::output;
use crate::world::{World, copy, program, read};

/// A world on GitHub: the repository there, `origin.git`, and a runner.
pub(super) struct Host {
    pub(super) world: World,
}

impl Host {
    pub(super) fn new() -> Self {
        let world = World::hosted("github");
        world.git("clone --quiet --bare . ../origin.git");
        let host = Self { world };
        host.install();
        host
    }

    /// Makes the programs of the runner; again whenever the world has another time.
    pub(super) fn install(&self) {
        let world = &self.world;
        // A program that knows the world's time and archives, as a network would have them.
        let tool = format!(
            "#!/bin/sh\n[ \"$1\" != validate ] || set -- \"$@\" --archives '{}'\nexec '{}' \"$@\" --now {}\n",
            world.path("dist").display(),
            program("registry-tool").display(),
            world.now(),
        );
        world.write("programs/registry-tool", tool);
        world.write("programs/gh", GH);
        for name in ["registry-tool", "gh"] {
            output("chmod", &["+x".as_ref(), world.path("programs").join(name).as_os_str()], b"");
        }
    }

    /// Pushes a pull request, which the host merges on trial; returns its head.
    pub(super) fn propose(&self) -> String {
        let head = self.world.pull_request();
        let tree = self.world.git(&format!("rev-parse {head}^{{tree}}"));
        let merge = format!("commit-tree {} -p HEAD -p {head} -m Merge", tree.trim());
        let merge = self.world.git(&merge).trim().to_owned();
        let refs = format!("{head}:refs/pull/7/head {merge}:refs/pull/7/merge");
        self.world.git(&format!("push --quiet --force ../origin.git {refs}"));
        head
    }

    /// Runs the job of a workflow of the base.
    pub(super) fn run(&self, (workflow, job): (&str, &str), values: &[(&str, &str)]) -> Done {
        let workspace = self.world.path("workspace");
        let temp = self.world.path("temp");
        std::fs::create_dir_all(&temp).unwrap();
        std::fs::create_dir_all(&workspace).unwrap();
        let base = [
            ("runner.temp", temp.to_str().unwrap()),
            ("github.token", ""),
            ("github.repository", "demo/index"),
            ("github.event.pull_request.number", "7"),
            ("github.event.workflow_run.id", "1"),
            ("steps.tool.outputs.program", "registry-tool"),
        ];
        let values: Values =
            base.iter().chain(values).map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let runner = Runner {
            workspace,
            temp,
            programs: self.world.path("programs"),
            values,
            action: Box::new(|name, with| self.act(name, with)),
        };
        let file = self.world.path(format!("index/.github/workflows/{workflow}.yml"));
        runner.run(&file, job)
    }

    fn act(&self, name: &str, with: &Values) {
        let place = |path: &str| PathBuf::from(path);
        let artifact = |name: &str| self.world.path("artifacts").join(name);
        match name {
            "actions/checkout" => {
                assert_eq!(with["persist-credentials"], "false");
                let depth = match with.get("fetch-depth").map(String::as_str) {
                    None => "--depth=1",
                    Some(depth) => {
                        assert_eq!(depth, "0");
                        "--branch=main"
                    }
                };
                let origin = self.world.path("origin.git");
                let origin = format!("file://{}", origin.display());
                self.world.git(&format!("clone --quiet {depth} {origin} ../workspace"));
            }
            "./.github/actions/registry-tool" => {}
            "actions/upload-artifact" => keep(&place(&with["path"]), &artifact(&with["name"])),
            "actions/download-artifact" => keep(&artifact(&with["name"]), &place(&with["path"])),
            "actions/upload-pages-artifact" => keep(&place(&with["path"]), &artifact("pages")),
            "actions/deploy-pages" => {
                drop(std::fs::remove_dir_all(self.world.path("site")));
                keep(&artifact("pages"), &self.world.path("site"));
            }
            other => panic!("what does {other} do?"),
        }
    }

    pub(super) fn judge(&self) -> Done {
        let head = self.propose();
        self.judge_at(&head)
    }

    pub(super) fn judge_at(&self, head: &str) -> Done {
        for folder in ["workspace", "temp", "artifacts"] {
            drop(std::fs::remove_dir_all(self.world.path(folder)));
        }
        self.run(("judge", "judge"), &[("github.event.pull_request.head.sha", head)])
    }

    /// Posts the report, where the pull request's head is this one by now.
    pub(super) fn report(&self, head: &str) -> (Done, Option<String>) {
        drop(std::fs::remove_dir_all(self.world.path("temp")));
        self.world.write("programs/head", head);
        drop(std::fs::remove_file(self.world.path("programs/comment")));
        let done = self.run(("report", "report"), &[]);
        let comment = self.world.path("programs/comment");
        let said = comment.exists().then(|| String::from_utf8(read(&comment)).unwrap());
        (done, said)
    }
}

/// What the tests need of the host's program: the head of a pull request, and posting a comment.
const GH: &str = r#"#!/bin/sh
here="$(dirname "$0")"
case "$1 $2" in
  'pr view') cat "$here/head" ;;
  'pr comment')
    [ "$3" = 7 ] || exit 1
    while [ "$1" != --body-file ]; do shift; done
    cp "$2" "$here/comment" ;;
  *) exit 1 ;;
esac
"#;

fn keep(from: &Path, to: &Path) {
    if from.is_file() {
        return copy(from, &to.join(from.file_name().unwrap()));
    }
    for entry in WalkDir::new(from) {
        let entry = entry.unwrap();
        if entry.file_type().is_file() {
            copy(entry.path(), &to.join(entry.path().strip_prefix(from).unwrap()));
        }
    }
}
