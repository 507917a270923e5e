//! A work tree as a [`Tree`](super::Tree): what a commit of all of it would hold.

use std::fs::{self, File, FileType, Metadata};
use std::io::{self, Read as _};
use std::path::Path;

use rayon::prelude::*;
use walkdir::{DirEntry, WalkDir};

use super::ignore::Ignored;
use super::{Content, Entry, Kind, Limit, TreeError, Visit};
use crate::git::{DEPTH, ENTRIES, GitError};

/// Lists what is in a folder, in any order. What `.gitignore` names is left out with all below it.
pub(super) fn list(folder: &Path) -> Result<Vec<Entry>, TreeError> {
    let mut ignored = Ignored::of_repository(folder)?;
    let mut found = Vec::new();
    let mut walk = WalkDir::new(folder).min_depth(1).sort_by_file_name().into_iter();
    ignored.enter(folder, "")?;
    while let Some(item) = walk.next() {
        let item = item.map_err(|error| walk_error(folder, error))?;
        let path = relative(folder, &item);
        let is_folder = item.file_type().is_dir();
        if item.depth() > DEPTH {
            return Err(GitError::Depth(path).into());
        }
        let skip = item.file_name() == ".git" || ignored.holds(&path, is_folder);
        if !is_folder && !skip {
            found.push(entry(path, &item)?);
        } else if is_folder && skip {
            walk.skip_current_dir();
        } else if is_folder && item.path().join(".git").symlink_metadata().is_ok() {
            found.push(Entry { path, kind: Kind::Submodule, id: None });
            walk.skip_current_dir();
        } else if is_folder {
            ignored.enter(item.path(), &path)?;
        }
        if found.len() > ENTRIES {
            return Err(GitError::Entries.into());
        }
    }
    Ok(found)
}

fn walk_error(folder: &Path, error: walkdir::Error) -> TreeError {
    let path = error.path().unwrap_or(folder).to_owned();
    let source = error.into_io_error().unwrap_or_else(|| io::Error::other("a loop of folders"));
    TreeError::File { path, source }
}

fn relative(folder: &Path, item: &DirEntry) -> String {
    let path = item.path().strip_prefix(folder).unwrap_or_else(|_| item.path());
    let components = path.iter().map(|part| crate::git::path_text(part.as_encoded_bytes()));
    components.collect::<Vec<_>>().join("/")
}

fn entry(path: String, item: &DirEntry) -> Result<Entry, TreeError> {
    let metadata = item.metadata().map_err(|error| walk_error(item.path(), error))?;
    Ok(Entry { path, kind: kind(metadata.file_type(), &metadata), id: None })
}

fn kind(file: FileType, metadata: &Metadata) -> Kind {
    if file.is_symlink() {
        Kind::Symlink
    } else if !file.is_file() {
        Kind::Special
    } else if is_executable(metadata) {
        Kind::Executable
    } else {
        Kind::File
    }
}

/// Tells what Git looks at: whether the owner may run it.
#[cfg(unix)]
fn is_executable(metadata: &Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    metadata.permissions().mode() & 0o100 != 0
}

#[cfg(not(unix))]
fn is_executable(_: &Metadata) -> bool {
    false
}

/// Shows the files that `limit` gives a ceiling to `visit`.
pub(super) fn read(
    folder: &Path,
    entries: &[Entry],
    limit: &Limit<'_>,
    visit: &Visit<'_>,
) -> Result<(), TreeError> {
    entries.par_iter().enumerate().try_for_each_init(Vec::new, |buffer, (index, entry)| {
        let Some(limit) = limit(entry) else { return Ok(()) };
        let path = folder.join(&entry.path);
        match read_limited(&path, limit, buffer) {
            Ok(content) => visit(index, content),
            Err(source) => return Err(TreeError::File { path, source }),
        }
        Ok(())
    })
}

/// Reads a file into `buffer`, unless it is larger than `limit`. A link that took the place of
/// the file since it was listed is refused.
fn read_limited<'a>(path: &Path, limit: u64, buffer: &'a mut Vec<u8>) -> io::Result<Content<'a>> {
    let metadata = fs::symlink_metadata(path)?;
    if !metadata.is_file() {
        return Err(io::Error::other("it is not a file any more"));
    }
    if metadata.len() > limit {
        return Ok(Content::TooLarge { size: metadata.len() });
    }
    buffer.clear();
    let read = File::open(path)?.take(limit.saturating_add(1)).read_to_end(buffer)?;
    Ok(match u64::try_from(read) {
        Ok(size) if size <= limit => Content::Bytes(buffer),
        Ok(_) | Err(_) => Content::TooLarge { size: limit.saturating_add(1) },
    })
}
