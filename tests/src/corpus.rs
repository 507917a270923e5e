//! Makes index repositories of any size that look like a registry that has lived for years.
//!
//! [`make`] writes, below one folder:
//!
//! | path | what |
//! |---|---|
//! | `index/` | the Git index repository; `registry/` and `trust/` are checked out |
//! | `keys/maintainer.asc` | the secret key of the maintainer, who has every role |
//! | `keys/publishers/<pp>/<p>.asc` | the secret key of each publisher |
//! | `archives/<sha256>.tar.gz` | if wanted, the archives of all releases |
//!
//! **Invariants.** The same [`Options`] give the same commit, on every machine and with any number
//! of threads. Every statement is read by `index-schema` and signed by a key that may; times of
//! signatures lie less than 30 days before those of their commits; every commit but the first adds
//! releases, with the records and approvals of publishers that are new. Everything that a release
//! requires is there and can be met, without cycles.
//!
//! ```text
//! catalogues ─▶ learn ─▶ model ─▶ plan ─▶ release, document ─▶ key ─▶ import ─▶ git fast-import
//!            model.json ─┘        (names, history, graph)      └──── rayon ────┘
//! ```

mod archive;
mod catalogue;
mod document;
mod graph;
mod history;
mod import;
mod key;
mod learn;
mod model;
mod names;
mod plan;
mod prose;
mod random;
mod refusals;
mod release;
mod spread;
mod statements;
mod writer;

use std::io;
use std::path::{Path, PathBuf};

pub use self::catalogue::CatalogueError;
pub use self::import::GitError;
pub use self::key::KeyError;
pub use self::statements::{Accepted, Statements};

use self::catalogue::Catalogues;
use self::model::Model;
use self::plan::Plan;

/// How large a corpus is.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// How many plugins there are.
    pub plugins: usize,
    /// How many releases they have together; without it, as many as such plugins have.
    pub releases: Option<usize>,
    /// How many publishers there are; without it, as many as such plugins have.
    pub publishers: Option<usize>,
}

/// What to make.
#[derive(Debug, Clone)]
pub struct Options {
    /// How large it is.
    pub size: Size,
    /// What all chance follows from.
    pub seed: u64,
    /// The folder with real catalogues to learn from.
    pub data: Option<PathBuf>,
    /// The most releases of one commit.
    pub releases_per_commit: usize,
    /// Whether archives are made, too.
    pub archives: bool,
    /// Whether the repository is packed anew.
    pub repack: bool,
}

/// What was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// The id of the last commit.
    pub commit: String,
    /// How many commits there are.
    pub commits: usize,
    /// How many publishers.
    pub publishers: usize,
    /// How many plugins.
    pub plugins: usize,
    /// How many releases.
    pub releases: usize,
    /// How many dependencies all releases have together.
    pub dependencies: usize,
}

/// Why a corpus was not made.
#[derive(Debug, thiserror::Error)]
pub enum CorpusError {
    /// There is something already.
    #[error("`{}` exists already", .0.display())]
    Exists(PathBuf),
    /// A file or folder could not be written.
    #[error("cannot write `{}`", path.display())]
    Write {
        /// Which.
        path: PathBuf,
        /// What failed.
        source: io::Error,
    },
    /// A catalogue could not be read.
    #[error(transparent)]
    Catalogue(#[from] CatalogueError),
    /// Git failed.
    #[error(transparent)]
    Git(#[from] GitError),
    /// OpenPGP failed.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// An archive could not be made.
    #[error("cannot make an archive")]
    Archive(#[from] index_schema::archive::ArchiveError),
}

/// Makes a corpus in `out`, which must not have one yet.
pub fn make(options: &Options, out: &Path) -> Result<Summary, CorpusError> {
    let model = match &options.data {
        Some(folder) => learn::learn(&Catalogues::read(folder)?),
        None => Model::built_in(),
    };
    let plan = Plan::new(model, &options.size, options.seed);
    writer::write(&plan, options, out)
}

/// Says, as Markdown, what our types refuse of the real catalogues in `folder`.
pub fn report_refusals(folder: &Path) -> Result<String, CatalogueError> {
    Ok(refusals::report(&Catalogues::read(folder)?))
}

/// A name in a real catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RealName {
    /// The name, written as ours are: in lower case, with hyphens for all that joins words.
    pub name: String,
    /// Who owns the repository behind it, or the name itself.
    pub owner: String,
}

/// Returns the names of both catalogues in a folder: those of krew in the order in which they came
/// in, those of Bazel, which tells no times, in the order of the alphabet.
pub fn real_names(folder: &Path) -> Result<[Vec<RealName>; 2], CatalogueError> {
    let Catalogues { mut krew, bazel } = Catalogues::read(folder)?;
    let ours = |name: &str| name.to_lowercase().replace(['_', '.'], "-");
    let named = |name: &str, owner: &str| RealName { name: ours(name), owner: ours(owner) };
    krew.retain(|plugin| !plugin.releases().is_empty());
    krew.sort_by_key(|plugin| plugin.releases().first().map(|(_, event)| event.time));
    let mut bazel: Vec<_> = bazel.iter().map(|it| named(&it.name, it.owner())).collect();
    bazel.sort_by(|a, b| a.name.cmp(&b.name));
    Ok([krew.iter().map(|plugin| named(&plugin.name, plugin.owner())).collect(), bazel])
}

#[cfg(test)]
mod tests;
