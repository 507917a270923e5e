//! Making an archive out of files.

use std::collections::BTreeMap;

use super::{Archive, Kind, error::ArchiveError, gzip, stream, top_folder, tree};
use crate::{id::PluginName, limits, path::PackagePath, version::Version};

/// A file to be packed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its path below the top folder.
    pub path: PackagePath,
    /// Whether it may be run: mode 0755 instead of 0644.
    pub executable: bool,
    /// Its bytes.
    pub contents: Vec<u8>,
}

/// Entries by their names as written, which puts them in order; folders have no file.
type Entries = BTreeMap<String, (PackagePath, Option<File>)>;

/// Packs files, in any order, together with the folders that they lie in.
///
/// Equal files give equal bytes, and what this returns is what [`Archive::decode`] accepts: the
/// result is decoded before it is handed out.
pub fn encode(
    name: &PluginName,
    version: &Version,
    files: impl IntoIterator<Item = File>,
) -> Result<Vec<u8>, ArchiveError> {
    let top = parse(&top_folder(name, version))?;
    let mut entries = Entries::new();
    add_folders(&mut entries, Some(top.clone()));
    for file in files {
        add_file(&mut entries, &top, file)?;
    }
    tree::check(entries.values().map(|(path, file)| (path, file.is_none())))?;
    let archive = gzip::pack(&stream::write(entries.values().map(kind))?);
    Archive::decode(&archive, name, version).map(|_| archive)
}

fn parse(path: &str) -> Result<PackagePath, ArchiveError> {
    PackagePath::parse(path).map_err(|source| ArchiveError::Path { entry: path.to_owned(), source })
}

fn add_file(entries: &mut Entries, top: &PackagePath, file: File) -> Result<(), ArchiveError> {
    let path = parse(&format!("{top}/{}", file.path))?;
    add_folders(entries, path.parent());
    if entries.insert(path.to_string(), (path.clone(), Some(file))).is_some() {
        return Err(ArchiveError::Duplicate(path.to_string()));
    }
    if entries.len() > limits::ENTRIES {
        return Err(ArchiveError::TooManyEntries);
    }
    Ok(())
}

/// Adds a folder and all that it lies in.
fn add_folders(entries: &mut Entries, mut folder: Option<PackagePath>) {
    while let Some(path) = folder {
        folder = path.parent();
        entries.insert(format!("{path}/"), (path, None));
    }
}

fn kind((path, file): &(PackagePath, Option<File>)) -> (&PackagePath, Kind<'_>) {
    let kind = file.as_ref().map_or(Kind::Folder, |file| Kind::File {
        executable: file.executable,
        contents: &file.contents,
    });
    (path, kind)
}
