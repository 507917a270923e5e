//! The plugins of the demo, which are part of the program.

use std::io;
use std::path::{Path, PathBuf};

use include_dir::{Dir, include_dir};
use index_schema::id::PublisherId;
use index_schema::text::Line;
use index_schema::version::Version;
use libral::file::{Mode, write_file};
use serde::Deserialize;

static DEMO: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/demo");

/// A publisher of the demo.
#[derive(Debug)]
pub(super) struct Publisher {
    /// Its id.
    pub(super) id: PublisherId,
    /// What people call it.
    pub(super) title: Line<80>,
}

/// A version of a plugin of the demo.
#[derive(Debug)]
pub(super) struct Source {
    /// Who publishes it.
    pub(super) publisher: String,
    /// How many versions of the same plugin come before it.
    pub(super) round: usize,
    /// The folder, which can be packed.
    pub(super) folder: PathBuf,
}

/// Why the sources were not unpacked.
#[derive(Debug, thiserror::Error)]
pub(super) enum SourcesError {
    /// A file could not be written.
    #[error("cannot write `{}`", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file of the demo is not what it should be.
    #[error("the demo's `{path}` is damaged: {reason}")]
    Damaged {
        /// The file.
        path: String,
        /// What is wrong.
        reason: String,
    },
}

#[derive(Deserialize)]
struct PublisherEntry {
    id: String,
    title: String,
}

/// Returns the publishers of the demo.
pub(super) fn publishers() -> Result<Vec<Publisher>, SourcesError> {
    let path = "publishers.json";
    let damaged = |reason: String| SourcesError::Damaged { path: path.to_owned(), reason };
    let file = DEMO.get_file(path).ok_or_else(|| damaged("it is missing".to_owned()))?;
    let entries: Vec<PublisherEntry> =
        serde_json::from_slice(file.contents()).map_err(|error| damaged(error.to_string()))?;
    let publisher = |entry: PublisherEntry| {
        let id = PublisherId::parse(&entry.id).map_err(|error| damaged(error.to_string()))?;
        let title = Line::parse(&entry.title).map_err(|error| damaged(error.to_string()))?;
        Ok(Publisher { id, title })
    };
    entries.into_iter().map(publisher).collect()
}

/// Writes the sources of every plugin below `folder`, WebAssembly compiled from its text.
pub(super) fn unpack(folder: &Path) -> Result<Vec<Source>, SourcesError> {
    let mut sources = Vec::new();
    let plugins = DEMO.get_dir("plugins").into_iter().flat_map(Dir::dirs).flat_map(Dir::dirs);
    for plugin in plugins {
        let mut versions = plugin.dirs().map(parse_version).collect::<Result<Vec<_>, _>>()?;
        versions.sort_by(|(a, _), (b, _)| a.cmp(b));
        for (round, (_, dir)) in versions.into_iter().enumerate() {
            write_all(dir, folder)?;
            let inner = dir.path().strip_prefix("plugins").unwrap_or(dir.path());
            let publisher = inner.components().next();
            let publisher = publisher.map(|part| part.as_os_str().to_string_lossy().into_owned());
            sources.push(Source {
                publisher: publisher.unwrap_or_default(),
                round,
                folder: folder.join(inner),
            });
        }
    }
    Ok(sources)
}

fn parse_version<'d>(dir: &'d Dir<'d>) -> Result<(Version, &'d Dir<'d>), SourcesError> {
    let name = dir.path().file_name().unwrap_or_default().to_string_lossy();
    let damaged = |error: index_schema::version::VersionError| SourcesError::Damaged {
        path: dir.path().display().to_string(),
        reason: error.to_string(),
    };
    Ok((Version::parse(&name).map_err(damaged)?, dir))
}

fn write_all(dir: &Dir<'_>, folder: &Path) -> Result<(), SourcesError> {
    for file in dir.files() {
        let inner = file.path().strip_prefix("plugins").unwrap_or(file.path());
        let path = folder.join(inner);
        write(&path, file.contents())?;
        if path.extension().is_some_and(|extension| extension == "wat") {
            let module = wat::parse_bytes(file.contents()).map_err(|error| {
                let path = file.path().display().to_string();
                SourcesError::Damaged { path, reason: error.to_string() }
            })?;
            write(&path.with_extension("wasm"), &module)?;
        }
    }
    dir.dirs().try_for_each(|dir| write_all(dir, folder))
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), SourcesError> {
    write_file(path, bytes, Mode::Public)
        .map_err(|source| SourcesError::Write { path: path.to_owned(), source })
}
