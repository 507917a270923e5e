//! Where archives come from: a folder of local copies, or the URLs of a manifest.

use std::io;
use std::path::{Path, PathBuf};

use index_schema::manifest::{Artifact, Manifest};
use libral::file::read_file;
use libral::source::SourceError;
use libral::source::http::Web;

use crate::rules::archive::Delivery;

/// Where archives come from.
pub enum Archives<'w> {
    /// A folder of files called `<sha256>.tar.gz` or `<name>-<version>.tar.gz`.
    Folder(PathBuf),
    /// The URLs of the manifest.
    Urls(&'w Web),
}

impl Archives<'_> {
    /// Gets the bytes of an archive, at most one more than the manifest says.
    pub fn deliver(&self, manifest: &Manifest, artifact: &Artifact) -> Delivery {
        match self {
            Self::Folder(folder) => from_folder(folder, manifest, artifact),
            Self::Urls(web) => from_urls(web, artifact),
        }
    }
}

/// One byte more than the manifest says tells a longer archive from the right one.
fn ceiling(artifact: &Artifact) -> usize {
    let size = usize::try_from(artifact.size).unwrap_or(usize::MAX);
    size.min(index_schema::limits::ARCHIVE).saturating_add(1)
}

fn from_folder(folder: &Path, manifest: &Manifest, artifact: &Artifact) -> Delivery {
    let by_name = format!("{}-{}.tar.gz", manifest.id.name, manifest.version);
    for name in [format!("{}.tar.gz", artifact.sha256), by_name] {
        match read_file(&folder.join(&name), ceiling(artifact)) {
            Ok(bytes) => return Delivery::Bytes(bytes),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) if error.kind() == io::ErrorKind::FileTooLarge => return Delivery::TooLarge,
            Err(error) => return Delivery::Unreachable(format!("cannot read `{name}`: {error}")),
        }
    }
    Delivery::Missing(format!("`{}` holds no copy of the archive", folder.display()))
}

fn from_urls(web: &Web, artifact: &Artifact) -> Delivery {
    let mut unreachable = None;
    for url in &artifact.urls {
        let mut bytes = Vec::new();
        match web.fetch_url(url, ceiling(artifact), &mut bytes, &|_| ()) {
            Ok(Some(_)) => return Delivery::Bytes(bytes),
            Ok(None) => {}
            Err(SourceError::TooLarge { .. }) => return Delivery::TooLarge,
            Err(error) => unreachable = Some(describe(url.as_str(), &error)),
        }
    }
    match unreachable {
        Some(reason) => Delivery::Unreachable(reason),
        None => Delivery::Missing("no URL of the manifest delivers the archive".to_owned()),
    }
}

fn describe(url: &str, error: &SourceError) -> String {
    format!("`{url}`: {error}")
}
