//! Packing, and reading with the `tar` crate as a second opinion.

use std::io::Read as _;

use flate2::read::MultiGzDecoder;
use index_schema::{
    archive::{Archive, ArchiveError, File, Kind},
    id::PluginName,
    path::PackagePath,
    version::Version,
};

use crate::hostile::TOP;

pub(crate) fn name() -> PluginName {
    PluginName::parse("amber").unwrap()
}

pub(crate) fn version() -> Version {
    Version::parse("1.0.0").unwrap()
}

pub(crate) fn decode(gz: &[u8]) -> Result<Archive, ArchiveError> {
    Archive::decode(gz, &name(), &version())
}

pub(crate) fn encode(files: &[(&str, bool, &[u8])]) -> Result<Vec<u8>, ArchiveError> {
    let file = |(path, executable, contents): &(&str, bool, &[u8])| File {
        path: PackagePath::parse(path).unwrap(),
        executable: *executable,
        contents: contents.to_vec(),
    };
    index_schema::archive::encode(&name(), &version(), files.iter().map(file))
}

/// One entry as any reader sees it: whole path, mode, and content unless it is a folder.
pub(crate) type Seen = (String, u32, Option<Vec<u8>>);

/// Lists what our reader sees.
pub(crate) fn ours(archive: &Archive) -> Vec<Seen> {
    let top = (TOP.to_owned(), 0o755, None);
    let entry = |entry: index_schema::archive::Entry<'_>| match entry.kind {
        Kind::Folder => (format!("{TOP}/{}", entry.path), 0o755, None),
        Kind::File { executable, contents } => {
            let mode = if executable { 0o755 } else { 0o644 };
            (format!("{TOP}/{}", entry.path), mode, Some(contents.to_vec()))
        }
    };
    std::iter::once(top).chain(archive.entries().map(entry)).collect()
}

/// Lists what the `tar` crate sees, every member of the gzip file included.
pub(crate) fn theirs(gz: &[u8]) -> Vec<Seen> {
    let mut archive = tar::Archive::new(MultiGzDecoder::new(gz));
    let entry = |entry: std::io::Result<tar::Entry<'_, MultiGzDecoder<&[u8]>>>| {
        let mut entry = entry.unwrap();
        let header = entry.header();
        let mode = header.mode().unwrap();
        let folder = header.entry_type().is_dir();
        assert!(folder || header.entry_type().is_file(), "{:?}", header.entry_type());
        let path = String::from_utf8(entry.path_bytes().into_owned()).unwrap();
        let mut contents = Vec::new();
        entry.read_to_end(&mut contents).unwrap();
        (path.trim_end_matches('/').to_owned(), mode, (!folder).then_some(contents))
    };
    archive.entries().unwrap().map(entry).collect()
}
