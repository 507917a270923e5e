//! Getting a package and checking that it is the one that the publisher signed.
//!
//! The registry's own copy is tried first, then the addresses of the manifest in their order; all
//! have to hold the same bytes. Size and SHA-256 are compared before anything is decoded, then the
//! archive has to follow the strict profile and hold what the manifest announced.

use std::collections::BTreeMap;

use index_schema::archive::{Archive, ArchiveError, Kind};
use index_schema::digest::Sha256Digest;
use index_schema::id::PluginId;
use index_schema::layout;
use index_schema::limits;
use index_schema::manifest::Artifact;
use index_schema::path::PackagePath;
use index_schema::version::Version;

use crate::failure::{Class, Failure};
use crate::source::http::Web;
use crate::source::{Source, SourceError};
use crate::stage::Published;
use crate::store::{Entry, Expected, Store, StoreError};

/// Why a package is not accepted.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// No place has the archive.
    #[error("the archive of {id} {version} is at none of its places")]
    Nowhere {
        /// The plugin.
        id: PluginId,
        /// The release.
        version: Version,
        /// What the last place said, if anything.
        source: Option<Box<SourceError>>,
    },
    /// A place has something else under the archive's name.
    #[error("the archive of {id} {version} is not the one that was signed: {reason}")]
    Differs {
        /// The plugin.
        id: PluginId,
        /// The release.
        version: Version,
        /// What differs.
        reason: &'static str,
    },
    /// The archive does not follow the profile.
    #[error("the archive of {id} {version} is malformed")]
    Malformed {
        /// The plugin.
        id: PluginId,
        /// The release.
        version: Version,
        /// What is wrong with it.
        source: Box<ArchiveError>,
    },
    /// The package cannot be unpacked.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Failure for VerifyError {
    fn class(&self) -> Class {
        match self {
            Self::Nowhere { source: Some(error), .. } => error.class(),
            Self::Nowhere { source: None, .. } => Class::Network,
            Self::Differs { .. } | Self::Malformed { .. } => Class::Untrusted,
            Self::Store(error) => error.class(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Nowhere { source: Some(error), .. } => error.code(),
            Self::Nowhere { source: None, .. } => "archive/missing",
            Self::Differs { .. } => "archive/differs",
            Self::Malformed { .. } => "archive/malformed",
            Self::Store(error) => error.code(),
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Nowhere { source: Some(error), .. } if error.class() == Class::Refused => {
                error.hint()
            }
            Self::Differs { .. } => Some(
                "nothing was changed; tell the publisher and whoever serves the file".to_owned(),
            ),
            Self::Nowhere { .. } | Self::Malformed { .. } | Self::Store(_) => None,
        }
    }
}

/// An archive that a publisher signed, to be fetched.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'w> {
    /// The plugin.
    pub id: &'w PluginId,
    /// The release.
    pub version: &'w Version,
    /// What the manifest says of the archive.
    pub artifact: &'w Artifact,
}

/// A package whose every byte was checked.
#[derive(Debug)]
pub struct Verified {
    archive: Archive,
    sha256: Sha256Digest,
}

impl Wanted<'_> {
    /// Fetches the archive and checks it.
    ///
    /// The places are the registry's files and the web, if it may be asked; `progress` learns how
    /// many bytes have come.
    pub fn fetch(
        &self,
        (source, web): (&dyn Source, Option<&Web>),
        progress: &dyn Fn(u64),
    ) -> Result<Verified, VerifyError> {
        let mut failure = Failed::default();
        let mirror = layout::archive(&self.artifact.sha256);
        let limit = self.limit();
        let mut bytes = Vec::new();
        let mirrored = source.stream(&mirror, limit, &mut bytes, progress);
        if let Some(verified) = failure.note(self.judge(mirrored, &bytes)) {
            return Ok(verified);
        }
        for (web, url) in
            web.into_iter().flat_map(|web| self.artifact.urls.iter().map(move |url| (web, url)))
        {
            bytes.clear();
            let found = web.fetch_url(url, limit, &mut bytes, progress);
            if let Some(verified) = failure.note(self.judge(found, &bytes)) {
                return Ok(verified);
            }
        }
        Err(failure.into_error(self))
    }

    /// One place's answer: the package, nothing, or what is wrong.
    fn judge(
        &self,
        found: Result<Option<u64>, SourceError>,
        bytes: &[u8],
    ) -> Result<Option<Verified>, Trouble> {
        match found {
            Ok(Some(_)) => self.check(bytes).map(Some).map_err(Trouble::Content),
            Ok(None) => Ok(None),
            Err(error) => Err(Trouble::Source(error)),
        }
    }

    /// Checks that these bytes are the archive that was signed.
    pub fn check(&self, bytes: &[u8]) -> Result<Verified, VerifyError> {
        let artifact = self.artifact;
        self.require(equals(bytes.len(), artifact.size), "its size differs")?;
        self.require(Sha256Digest::of(bytes) == artifact.sha256, "its SHA-256 differs")?;
        let archive = Archive::decode(bytes, &self.id.name, self.version).map_err(|source| {
            let (id, version) = (self.id.clone(), self.version.clone());
            VerifyError::Malformed { id, version, source: Box::new(source) }
        })?;
        let same_tar = archive.tar_sha256() == artifact.tar_sha256;
        self.require(same_tar, "the SHA-256 of its tar stream differs")?;
        self.require(archive.unpacked() == artifact.unpacked, "its unpacked size differs")?;
        let entries = equals(archive.entry_count(), artifact.entries);
        self.require(entries, "its number of entries differs")?;
        Ok(Verified { archive, sha256: artifact.sha256 })
    }

    fn require(&self, holds: bool, reason: &'static str) -> Result<(), VerifyError> {
        if holds {
            return Ok(());
        }
        let (id, version) = (self.id.clone(), self.version.clone());
        Err(VerifyError::Differs { id, version, reason })
    }

    fn limit(&self) -> usize {
        usize::try_from(self.artifact.size).unwrap_or(limits::ARCHIVE).min(limits::ARCHIVE)
    }
}

fn equals(found: usize, said: u64) -> bool {
    u64::try_from(found) == Ok(said)
}

enum Trouble {
    Source(SourceError),
    Content(VerifyError),
}

/// What the places tried so far have said: wrong content tells more than silence.
#[derive(Default)]
struct Failed {
    source: Option<SourceError>,
    content: Option<VerifyError>,
}

impl Failed {
    fn note(&mut self, answer: Result<Option<Verified>, Trouble>) -> Option<Verified> {
        match answer {
            Ok(verified) => return verified,
            // A place that sent too much told more than the next one that is away.
            Err(Trouble::Source(error)) => {
                let kept = self.source.take().filter(|kept| kept.class() == Class::Untrusted);
                self.source = kept.or(Some(error));
            }
            Err(Trouble::Content(error)) => self.content = self.content.take().or(Some(error)),
        }
        None
    }

    fn into_error(self, wanted: &Wanted<'_>) -> VerifyError {
        let (id, version) = (wanted.id.clone(), wanted.version.clone());
        match (self.content, self.source) {
            (Some(error), _) => error,
            (None, Some(SourceError::TooLarge { .. })) => {
                VerifyError::Differs { id, version, reason: "its size differs" }
            }
            (None, source) => VerifyError::Nowhere { id, version, source: source.map(Box::new) },
        }
    }
}

impl Verified {
    /// Returns the archive.
    pub const fn archive(&self) -> &Archive {
        &self.archive
    }

    /// Unpacks the package into the store.
    pub fn unpack(&self, store: &Store) -> Result<Published, StoreError> {
        let entries = self.archive.entries().map(|entry| (entry.path.clone(), kind(entry.kind)));
        store.unpack(entries)?.publish(&self.sha256)
    }

    /// Returns what has to lie on disk.
    pub fn expected(&self) -> BTreeMap<PackagePath, Expected> {
        let entries = self.archive.entries();
        entries.map(|entry| (entry.path.clone(), kind(entry.kind).into())).collect()
    }
}

const fn kind(kind: Kind<'_>) -> Entry<'_> {
    match kind {
        Kind::Folder => Entry::Folder,
        Kind::File { executable, contents } => Entry::File { executable, bytes: contents },
    }
}

#[cfg(test)]
mod tests;
