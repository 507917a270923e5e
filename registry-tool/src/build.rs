//! From a commit to a folder of published files.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use index_schema::digest::Sha256Digest;
use index_schema::layout;
use index_schema::limits;
use index_schema::manifest::Manifest;
use libral::file::read_file;

use crate::compile::{Files, Origin, compile};
use crate::finding::Finding;
use crate::judge::{Index, Judged, Plugin, Release, judge};
use crate::output::{OutputError, Written, remove_if_there, write_all, write_if_changed};
use crate::repository::{RepositoryError, Snapshot, at_revision};

/// What a build did.
#[derive(Debug)]
pub struct Build {
    /// The commit that was built.
    pub origin: Origin,
    /// How many plugins are published, those included whose releases are all gone.
    pub plugins: usize,
    /// How many releases are published.
    pub releases: usize,
    /// What does not count, and why.
    pub void: Vec<Finding>,
    /// What was written.
    pub written: Written,
    /// How many archives are in the folder.
    pub mirrored: usize,
}

/// Why nothing was built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The repository could not be read.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
    /// There is no registry record that counts.
    #[error("nothing can be built: {0}")]
    NoRegistry(String),
    /// A file could not be written.
    #[error(transparent)]
    Output(#[from] OutputError),
    /// The copy of an archive cannot be read, or is another archive.
    #[error("cannot mirror `{}`", path.display())]
    Mirror {
        /// The copy.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Builds a commit into `out`, with the archives of `mirror` where they are to be published.
pub fn build(
    index: &Path,
    revision: &str,
    out: &Path,
    mirror: Option<&Path>,
) -> Result<Build, BuildError> {
    let Snapshot { files, origin, .. } = at_revision(index, revision)?;
    let Judged { index, findings: void } = judge(files);
    let Some(index) = index else {
        let lines = void.iter().map(|f| format!("{}: {}", f.path, f.message));
        return Err(BuildError::NoRegistry(lines.collect::<Vec<_>>().join("; ")));
    };
    let files = compile(&index, &origin, &void);
    let mirrored = match mirror {
        Some(folder) => copy_archives(&index, folder, out)?,
        None => 0,
    };
    let mut written = write_all(out, &files)?;
    written.removed += withdraw(&index, &files, out)?;
    let releases = index.plugins.values().map(|plugin| plugin.releases.len()).sum();
    let has_document = |plugin: &&Plugin| !plugin.releases.is_empty() || !plugin.gone.is_empty();
    let plugins = index.plugins.values().filter(has_document).count();
    Ok(Build { origin, plugins, releases, void, written, mirrored })
}

/// Takes what maintainers removed out of a folder that has it from an earlier build; returns how
/// many files that were.
fn withdraw(index: &Index, files: &Files, out: &Path) -> Result<usize, OutputError> {
    let live = index.plugins.values().flat_map(|plugin| plugin.releases.values());
    let kept: BTreeSet<String> = live.flat_map(archives_of).collect();
    let gone = index.plugins.values().flat_map(|plugin| plugin.gone.values());
    let removed = gone.filter(|departed| departed.removal.is_some()).flat_map(|departed| {
        let statement = layout::blob(&departed.release.manifest.statement.digest());
        archives_of(&departed.release).chain([statement])
    });
    let removed = removed.filter(|path| !kept.contains(path) && !files.contains_key(path));
    let mut count = 0;
    for path in removed.collect::<BTreeSet<_>>() {
        count += usize::from(remove_if_there(&out.join(path))?);
    }
    Ok(count)
}

fn archives_of(release: &Release) -> impl Iterator<Item = String> {
    let artifacts = release.manifest.statement.document.artifacts.iter();
    artifacts.map(|artifact| layout::archive(&artifact.sha256))
}

fn copy_archives(index: &Index, folder: &Path, out: &Path) -> Result<usize, BuildError> {
    let mut copied = 0;
    for plugin in index.plugins.values() {
        for release in plugin.releases.values() {
            let manifest = &release.manifest.statement.document;
            for artifact in &manifest.artifacts {
                copy_archive(manifest, &artifact.sha256, folder, out)?;
                copied += 1;
            }
        }
    }
    Ok(copied)
}

fn copy_archive(
    manifest: &Manifest,
    digest: &Sha256Digest,
    folder: &Path,
    out: &Path,
) -> Result<(), BuildError> {
    let by_digest = folder.join(format!("{digest}.tar.gz"));
    let by_name = folder.join(format!("{}-{}.tar.gz", manifest.id.name, manifest.version));
    let path = if by_digest.exists() { by_digest } else { by_name };
    let failed = |source| BuildError::Mirror { path: path.clone(), source };
    let bytes = read_file(&path, limits::ARCHIVE).map_err(failed)?;
    let found = Sha256Digest::of(&bytes);
    if found != *digest {
        let message = format!("it is {found}, the manifest says {digest}");
        return Err(failed(io::Error::new(io::ErrorKind::InvalidData, message)));
    }
    write_if_changed(&out.join(layout::archive(digest)), &bytes)?;
    Ok(())
}
