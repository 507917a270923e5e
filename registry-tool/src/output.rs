//! The only module that writes what is published.
//!
//! A file that is there already is replaced whole, written aside and renamed, so a reader never sees
//! half of one; a file that has the right bytes is left alone, so that a rebuild touches only what
//! changed. A file that is new is written in its place: nobody is led to it before the release that
//! follows, and after a crash the next build makes it whole.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use index_schema::layout;
use rayon::prelude::*;
use walkdir::WalkDir;

use crate::compile::Files;

/// A file that could not be written or removed.
#[derive(Debug, thiserror::Error)]
#[error("cannot write `{}`", path.display())]
pub struct OutputError {
    path: PathBuf,
    source: io::Error,
}

/// How many files were written, were right already, and were removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Written {
    /// Files written.
    pub written: usize,
    /// Files that had the right bytes.
    pub unchanged: usize,
    /// Files removed, because nothing refers to them any more.
    pub removed: usize,
}

/// What a build writes, and so may remove; the release step owns the rest of `metadata/`.
pub(crate) const OWNED: &[&str] = &["api", "schema"];

/// Makes `folder` hold `files`.
///
/// What is named by its content stays when nothing refers to it any more, because clients that are
/// reading an older state still ask for it; only the folders of mutable files are cleared of what
/// is gone.
pub fn write_all(folder: &Path, files: &Files) -> Result<Written, OutputError> {
    let write = |(path, bytes): (&String, &Vec<u8>)| write_if_changed(&folder.join(path), bytes);
    // The list of the others comes last: what is younger than the list was written by somebody else.
    let is_list = |path: &String| path.as_str() == layout::BUILD_LIST;
    let others = files.par_iter().filter(|(path, _)| !is_list(path)).map(write);
    let others = others.collect::<Result<Vec<bool>, _>>()?;
    let list = files.iter().filter(|(path, _)| is_list(path)).map(write);
    let list = list.collect::<Result<Vec<bool>, _>>()?;
    let count = others.iter().chain(&list).filter(|changed| **changed).count();
    let removed = remove_gone(folder, files)?;
    Ok(Written { written: count, unchanged: files.len() - count, removed })
}

/// Writes a file, unless it has these bytes already; tells whether it wrote.
pub fn write_if_changed(path: &Path, bytes: &[u8]) -> Result<bool, OutputError> {
    write(path, bytes).map_err(|source| OutputError { path: path.to_owned(), source })
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<bool> {
    match create(path) {
        Ok(mut file) => {
            file.write_all(bytes)?;
            make_public(&file)?;
            Ok(true)
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let differs = !is_same(path, bytes);
            if differs {
                replace(path, bytes)?;
            }
            Ok(differs)
        }
        Err(error) => Err(error),
    }
}

fn is_same(path: &Path, bytes: &[u8]) -> bool {
    let same_size = fs::metadata(path)
        .is_ok_and(|found| found.is_file() && usize::try_from(found.len()) == Ok(bytes.len()));
    same_size && libral::file::read_file(path, bytes.len()).is_ok_and(|found| found == bytes)
}

/// Creates a file, and the folders that it lies in where they are missing.
fn create(path: &Path) -> io::Result<File> {
    match File::create_new(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            path.parent().map_or(Ok(()), create_folder)?;
            File::create_new(path)
        }
        other => other,
    }
}

/// Creates a folder that everybody may look into, and those around it where they are missing.
fn create_folder(folder: &Path) -> io::Result<()> {
    let made = match fs::create_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            folder.parent().map_or(Ok(()), create_folder)?;
            fs::create_dir(folder)
        }
        other => other,
    };
    match made {
        Ok(()) => open_to_all(folder),
        // Another thread was faster.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && folder.is_dir() => Ok(()),
        Err(error) => Err(error),
    }
}

fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new().prefix(".tmp").tempfile_in(folder)?;
    file.write_all(bytes)?;
    make_public(file.as_file())?;
    file.persist(path)?;
    Ok(())
}

/// Web servers run as somebody else: the file is readable by all.
#[cfg(unix)]
fn make_public(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.set_permissions(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn make_public(_: &File) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
fn open_to_all(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
fn open_to_all(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Removes a file, if it is there; tells whether it was.
pub fn remove_if_there(path: &Path) -> Result<bool, OutputError> {
    match fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(source) => Err(OutputError { path: path.to_owned(), source }),
    }
}

fn remove_gone(folder: &Path, files: &Files) -> Result<usize, OutputError> {
    let wanted: BTreeSet<PathBuf> = files.keys().map(|path| folder.join(path)).collect();
    let mut removed = 0;
    for owned in OWNED.iter().map(|name| folder.join(name)).filter(|owned| owned.is_dir()) {
        for entry in WalkDir::new(&owned) {
            let entry = entry.map_err(|error| OutputError {
                path: error.path().unwrap_or(&owned).to_owned(),
                source: error.into(),
            })?;
            if entry.file_type().is_file() && !wanted.contains(entry.path()) {
                let path = entry.path().to_owned();
                fs::remove_file(&path).map_err(|source| OutputError { path, source })?;
                removed += 1;
            }
        }
    }
    Ok(removed)
}
