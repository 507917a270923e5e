//! Proving that a registry publishes what its commit makes: nothing less, nothing more, nothing else.
//!
//! ```text
//! source ──▶ live      verified as a client verifies it; its state names a commit
//!              │
//! index  ──▶ built     that commit, built again into a temporary folder
//!              ▼
//!   roles    every target that a role lists, and all else in their files
//!   files    every file that a build writes, byte for byte
//!   archives the copies that are there, by their digests
//! ```
//!
//! Free are only signatures, versions and expiries of what the online roles sign: they are made at a
//! release, from keys and a clock. A web server does not say which files it has, so a file that
//! nothing names is found in a folder only.
//!
//! Bytes that a client refuses, and a state that names no commit, are refusals before anything is
//! compared. What is not there to be compared, such as a commit that the repository lacks, is no
//! difference: it could not be judged.

mod archives;
mod built;
mod difference;
mod files;
mod live;
mod roles;

use std::io;
use std::path::{Path, PathBuf};

use index_schema::time::Timestamp;
use index_schema::tuf::MetaVersion;
use libral::source::{Source, SourceError};
use libral::tuf::update::UpdateError;
use rayon::ThreadPoolBuildError;

pub use self::difference::Difference;

use self::built::Built;
use self::live::Live;
use crate::build::BuildError;
use crate::history::{Commit, History, HistoryError};
use crate::tree::TreeError;

/// What is compared with what.
pub struct Request<'r> {
    /// The registry, as everybody sees it.
    pub source: &'r dyn Source,
    /// Its folder, if it is one: then files that nothing names are found, too.
    pub folder: Option<&'r Path>,
    /// The index repository.
    pub index: &'r Path,
    /// The main line of the index repository: a branch or any other revision.
    pub revision: &'r str,
    /// The root to trust; without it, the first one in the index repository.
    pub root: Option<Vec<u8>>,
    /// Whether copies of archives are read, too.
    pub archives: bool,
    /// The time at which the registry has to be current.
    pub now: Timestamp,
}

/// What came out.
#[derive(Debug)]
pub struct Report {
    /// The commit that the registry says it is built from.
    pub commit: String,
    /// Its time.
    pub accepted: Timestamp,
    /// The versions of the metadata that are in force.
    pub versions: Versions,
    /// How much was compared.
    pub compared: Compared,
    /// What differs, the most telling first.
    pub differences: Vec<Difference>,
}

/// Versions of metadata.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Versions {
    /// Of the root.
    pub root: MetaVersion,
    /// Of the top-level targets.
    pub targets: MetaVersion,
    /// Of the snapshot.
    pub snapshot: MetaVersion,
    /// Of the timestamp.
    pub timestamp: MetaVersion,
}

/// How much was compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Compared {
    /// Roles that list targets.
    pub roles: usize,
    /// Targets.
    pub targets: usize,
    /// Files.
    pub files: usize,
    /// Copies of archives that are there.
    pub archives: usize,
    /// Archives of which there is no copy, so that clients fetch them elsewhere.
    pub elsewhere: usize,
}

/// Why nothing came out.
#[derive(Debug, thiserror::Error)]
pub enum ReproduceError {
    /// A client would not believe the registry.
    #[error("a client refuses the registry")]
    Refused(#[from] UpdateError),
    /// The state that the registry signed is none.
    #[error("`state.json` of the registry {0}")]
    State(String),
    /// The commit holds no registry.
    #[error("nothing can be built from commit {commit}, which `state.json` names")]
    Nothing {
        /// The commit.
        commit: String,
        /// Why.
        source: Box<BuildError>,
    },
    /// The index repository has no root to trust.
    #[error("`{0}` has no `trust/root/1.root.json` to trust")]
    NoRoot(String),
    /// The index repository cannot be read at all.
    #[error("cannot read the index repository")]
    Index(#[source] TreeError),
    /// The commit is not in the repository.
    #[error("the index repository does not have commit {commit}, which `state.json` names")]
    Absent {
        /// The commit.
        commit: String,
        /// What was found instead.
        source: HistoryError,
    },
    /// The repository lacks what the commit is built from.
    #[error("commit {commit} cannot be built again")]
    Incomplete {
        /// The commit.
        commit: String,
        /// Why.
        source: Box<BuildError>,
    },
    /// The main line could not be read.
    #[error("cannot read the main line `{revision}`")]
    Line {
        /// The revision.
        revision: String,
        /// Why.
        source: HistoryError,
    },
    /// The registry was released anew.
    #[error("the registry was released anew while it was compared")]
    Moved,
    /// The registry did not answer.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// A temporary file could not be written or read.
    #[error("cannot use `{}`", path.display())]
    Temporary {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// There are no threads to be had.
    #[error("cannot start threads")]
    Threads(#[from] ThreadPoolBuildError),
    /// The commit could not be built here.
    #[error(transparent)]
    Build(Box<BuildError>),
}

impl ReproduceError {
    /// Tells whether the registry is to blame, and no further look at it is needed.
    pub const fn is_refusal(&self) -> bool {
        match self {
            Self::Refused(error) => !matches!(error, UpdateError::Source(_)),
            Self::State(_) | Self::Nothing { .. } => true,
            Self::NoRoot(_)
            | Self::Index(_)
            | Self::Absent { .. }
            | Self::Incomplete { .. }
            | Self::Line { .. }
            | Self::Moved
            | Self::Source(_)
            | Self::Temporary { .. }
            | Self::Threads(_)
            | Self::Build(_) => false,
        }
    }

    /// Says what to do about it.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Absent { .. } => Some(
                "fetch the newest commits; if it stays away, the registry is not built from here",
            ),
            Self::Incomplete { .. } | Self::Line { .. } => {
                Some("a clone with all commits and all files is needed")
            }
            Self::Moved => Some("run it again"),
            Self::Refused(_)
            | Self::State(_)
            | Self::Nothing { .. }
            | Self::NoRoot(_)
            | Self::Index(_)
            | Self::Source(_)
            | Self::Temporary { .. }
            | Self::Threads(_)
            | Self::Build(_) => None,
        }
    }

    /// Tells whether something was missing or away, so that another try may end differently.
    pub const fn is_unjudged(&self) -> bool {
        matches!(
            self,
            Self::Absent { .. } | Self::Incomplete { .. } | Self::Moved | Self::Source(_)
        )
    }
}

/// Is told how many files have been compared, and of how many.
pub type Progress<'p> = &'p (dyn Fn(usize, usize) + Sync);

/// Compares a registry with what its commit makes.
pub fn reproduce(request: &Request<'_>, progress: Progress<'_>) -> Result<Report, ReproduceError> {
    let work = built::temporary()?;
    let live = Live::open(request, &work.path().join("trust"))?;
    let state = live.state()?;
    let mut differences = Vec::new();
    differences.extend(off_line(request, &state.commit)?);
    let built = Built::make(request.index, &state.commit, &work.path().join("built"))?;
    let mut compared = Compared { files: built.files.len(), ..Compared::default() };
    differences.extend(compare(request, &live, &built, &mut compared, progress)?);
    if !differences.is_empty() && live.has_moved()? {
        return Err(ReproduceError::Moved);
    }
    let versions = live.versions();
    Ok(Report { commit: state.commit, accepted: state.accepted, versions, compared, differences })
}

fn compare(
    request: &Request<'_>,
    live: &Live<'_>,
    built: &Built,
    compared: &mut Compared,
    progress: Progress<'_>,
) -> Result<Vec<Difference>, ReproduceError> {
    let mut differences = roles::compare(live, built, compared)?;
    differences.extend(live.on_threads(|source| files::compare(source, built, progress))?);
    if let Some(folder) = request.folder {
        differences.extend(files::unnamed(folder, built)?);
    }
    if request.archives {
        differences.extend(live.on_threads(|source| archives::compare(source, built, compared))?);
    }
    Ok(differences)
}

/// Says so if the released commit is not of the main line. A clone that is merely behind is fine:
/// then the released commit continues the line that is known.
fn off_line(request: &Request<'_>, commit: &str) -> Result<Option<Difference>, ReproduceError> {
    let absent = |source| ReproduceError::Absent { commit: commit.to_owned(), source };
    let released = History::read(request.index, commit).map_err(absent)?;
    let revision = request.revision.to_owned();
    let line = History::read(request.index, request.revision)
        .map_err(|source| ReproduceError::Line { revision: revision.clone(), source })?;
    let holds = |line: &History, tip: Option<&Commit>| {
        tip.is_some_and(|tip| line.line().iter().any(|commit| commit.id == tip.id))
    };
    if holds(&line, released.tip()) || holds(&released, line.tip()) {
        return Ok(None);
    }
    let expected = format!("a commit on the first-parent line of `{revision}`");
    let found = format!("commit {commit}, which is not on it");
    Ok(Some(Difference::of_member("state.json", "commit".to_owned(), expected, found)))
}
