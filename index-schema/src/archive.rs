//! The package archive, profile `plugin-tar/1`: one plugin's files as `<name>-<version>.tar.gz`.
//!
//! Two programs that read one archive differently are a hole: what one has scanned is not what
//! the other installs. The profile therefore leaves nothing to interpret. Equal files give an
//! equal tar stream, and a stream that is not exactly the one its files give is refused:
//!
//! - one gzip member with the header `1f 8b 08 00 00000000 00 ff`, nothing after it;
//! - POSIX ustar headers without extensions, for regular files and folders only;
//! - one top folder `<name>-<version>/`, an entry before its content for every folder, entries
//!   sorted by the bytes of their names, folders written with a closing `/`;
//! - every path a [`PackagePath`], no two equal in lower case, none both file and folder;
//! - modes 0755 for folders, 0644 or 0755 for files; no owners, times, devices or links;
//! - numbers in octal digits that fill their field up to one NUL, the checksum included;
//! - two blocks of zeros at the end, nothing after them.
//!
//! The ceilings are [`ARCHIVE`], [`UNPACKED`], [`RATIO`], [`ENTRIES`], [`DEPTH`] and [`PATH`];
//! [`RATIO`] is tested each time the stream has grown by 1 MiB, and at its end.
//! The deflate stream itself is free, so that other compressors may be used, but for one thing: it
//! has at most 64 blocks and one more for each 256 bytes of content. Besides the digest of the
//! archive there is that of the tar stream, [`Archive::tar_sha256`].
//!
//! [`ARCHIVE`]: crate::limits::ARCHIVE
//! [`UNPACKED`]: crate::limits::UNPACKED
//! [`RATIO`]: crate::limits::RATIO
//! [`ENTRIES`]: crate::limits::ENTRIES
//! [`DEPTH`]: crate::limits::DEPTH
//! [`PATH`]: crate::limits::PATH

mod error;
mod gzip;
mod pack;
mod stream;
mod tree;
mod ustar;

pub use self::{
    error::ArchiveError,
    pack::{File, encode},
};

use self::{stream::Record, ustar::Member};
use crate::{digest::Sha256Digest, id::PluginName, path::PackagePath, version::Version};

/// An archive that follows the profile in every byte.
///
/// Only [`decode`](Self::decode) and [`decode_any`](Self::decode_any) make one, so holding one is
/// the proof.
pub struct Archive {
    name: PluginName,
    version: Version,
    tar: Vec<u8>,
    tar_sha256: Sha256Digest,
    /// Everything below the top folder, with paths that start there.
    records: Vec<Record>,
}

/// One file or folder of an archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry<'a> {
    /// The path inside the top folder.
    pub path: &'a PackagePath,
    /// What it is.
    pub kind: Kind<'a>,
}

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind<'a> {
    /// A folder.
    Folder,
    /// A file.
    File {
        /// Whether its mode is 0755.
        executable: bool,
        /// Its bytes.
        contents: &'a [u8],
    },
}

impl Archive {
    /// Reads the archive of a known release.
    pub fn decode(gz: &[u8], name: &PluginName, version: &Version) -> Result<Self, ArchiveError> {
        let archive = Self::decode_any(gz)?;
        if archive.name == *name && archive.version == *version {
            return Ok(archive);
        }
        let expected = top_folder(name, version);
        Err(ArchiveError::TopFolder { entry: archive.top_folder(), expected })
    }

    /// Reads an archive that says itself, by its top folder, which release it holds.
    pub fn decode_any(gz: &[u8]) -> Result<Self, ArchiveError> {
        let tar = gzip::unpack(gz)?;
        let records = stream::read(&tar)?;
        let (name, version) = read_top_folder(records.first())?;
        let top = top_folder(&name, &version);
        let inside = records.iter().skip(1).map(|record| below(&top, record));
        let inside = inside.collect::<Result<Vec<_>, _>>()?;
        tree::check(records.iter().map(|record| (&record.path, record.member == Member::Folder)))?;
        stream::check_canonical(&tar, &records)?;
        Ok(Self { name, version, tar_sha256: Sha256Digest::of(&tar), tar, records: inside })
    }

    /// Returns the name of the plugin.
    pub const fn name(&self) -> &PluginName {
        &self.name
    }

    /// Returns the version of the release.
    pub const fn version(&self) -> &Version {
        &self.version
    }

    /// Returns the name of the top folder.
    pub fn top_folder(&self) -> String {
        top_folder(&self.name, &self.version)
    }

    /// Returns the tar stream.
    pub fn tar(&self) -> &[u8] {
        &self.tar
    }

    /// Returns the digest of the tar stream, which does not depend on the compressor.
    pub const fn tar_sha256(&self) -> Sha256Digest {
        self.tar_sha256
    }

    /// Returns the sum of the files' sizes: what a manifest calls `unpacked`.
    pub fn unpacked(&self) -> u64 {
        self.records
            .iter()
            .map(|record| record.contents.len())
            .fold(0, |sum, size| sum.saturating_add(u64::try_from(size).unwrap_or(u64::MAX)))
    }

    /// Returns the number of entries, all folders and the top one included: what a manifest calls
    /// `entries`.
    pub fn entry_count(&self) -> usize {
        self.records.len() + 1
    }

    /// Returns everything below the top folder, each folder before its content.
    pub fn entries(&self) -> impl Iterator<Item = Entry<'_>> {
        self.records.iter().map(|record| Entry { path: &record.path, kind: record.kind(&self.tar) })
    }

    /// Returns the bytes of the file at `path` below the top folder, if there is one.
    pub fn file(&self, path: &str) -> Option<&[u8]> {
        self.entries().find(|entry| entry.path.as_str() == path).and_then(|entry| {
            match entry.kind {
                Kind::Folder => None,
                Kind::File { contents, .. } => Some(contents),
            }
        })
    }
}

impl std::fmt::Debug for Archive {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Archive({}, {:?})", self.top_folder(), self.tar_sha256)
    }
}

fn top_folder(name: &PluginName, version: &Version) -> String {
    format!("{name}-{version}")
}

/// Reads name and version out of the first entry.
fn read_top_folder(first: Option<&Record>) -> Result<(PluginName, Version), ArchiveError> {
    let first = first.ok_or(ArchiveError::NoTopFolder)?;
    let outside = || ArchiveError::TopFolder {
        entry: first.path.to_string(),
        expected: "<name>-<version>".to_owned(),
    };
    if first.member != Member::Folder {
        return Err(outside());
    }
    split_top_folder(first.path.as_str()).ok_or_else(outside)
}

/// Splits `word-count-1.0.0-rc.1`: a name has no dot, so the version begins after the last hyphen
/// before the first one.
fn split_top_folder(text: &str) -> Option<(PluginName, Version)> {
    let (head, _) = text.split_once('.')?;
    let (name, _) = head.rsplit_once('-')?;
    let version = text.strip_prefix(name)?.strip_prefix('-')?;
    Some((PluginName::parse(name).ok()?, Version::parse(version).ok()?))
}

/// Returns the record with the path that it has below the top folder.
fn below(top: &str, record: &Record) -> Result<Record, ArchiveError> {
    let outside =
        || ArchiveError::TopFolder { entry: record.path.to_string(), expected: top.to_owned() };
    if record.path.as_str() == top {
        return Err(ArchiveError::Duplicate(top.to_owned()));
    }
    let inside = record.path.as_str().strip_prefix(top).and_then(|rest| rest.strip_prefix('/'));
    let path = PackagePath::parse(inside.ok_or_else(outside)?)
        .map_err(|source| ArchiveError::Path { entry: record.path.to_string(), source })?;
    Ok(Record { path, member: record.member, contents: record.contents.clone() })
}
