//! Files that keep an index repository on a code host: workflows, and the script that they run.
//!
//! They lie in this project's own `.github/registry`, where the same checks watch over them as over
//! the project's workflows, and `init` writes them into each new index repository.

/// Where a file lies in an index repository, and what it says.
pub type File = (&'static str, &'static str);

const SCRIPT: File = (".github/registry.sh", include_str!("../../.github/registry/registry.sh"));

/// For a Git repository anywhere.
pub const GIT: &[File] = &[SCRIPT];

/// For GitHub.
pub const GITHUB: &[File] = &[
    SCRIPT,
    (".github/workflows/judge.yml", include_str!("../../.github/registry/workflows/judge.yml")),
    (".github/workflows/report.yml", include_str!("../../.github/registry/workflows/report.yml")),
    (".github/workflows/publish.yml", include_str!("../../.github/registry/workflows/publish.yml")),
    (".github/dependabot.yml", include_str!("../../.github/registry/dependabot.yml")),
    (
        ".github/actions/registry-tool/action.yml",
        include_str!("../../.github/actions/registry-tool/action.yml"),
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_index_repository_installs_the_version_that_made_it() {
        let (_, action) = GITHUB.last().unwrap();
        assert!(action.contains(&format!("default: v{}\n", env!("CARGO_PKG_VERSION"))));
    }
}
