//! Reading what is to be scanned: an archive, a folder, or one file.

use std::io;
use std::path::{Path, PathBuf};

use index_schema::archive::{Archive, ArchiveError, Kind};
use index_schema::json::{self, FromJson as _, Reading, Unknown};
use index_schema::limits;
use index_schema::permission::Permission;
use index_schema::statement;
use libral::file::read_file;
use walkdir::WalkDir;

use super::classify::{Class, classify};
use super::examine::{FileProblem, PackageFile};
use super::facts::Span;

/// What is to be scanned.
#[derive(Debug, Default)]
pub struct Input {
    /// The files.
    pub files: Vec<PackageFile>,
    /// What stands among them and is no file.
    pub problems: Vec<FileProblem>,
}

/// Why nothing can be scanned.
#[derive(Debug, thiserror::Error)]
pub enum InputError {
    /// A file or folder cannot be read.
    #[error("cannot read `{}`", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A folder cannot be listed.
    #[error("cannot list a folder")]
    List(#[from] walkdir::Error),
    /// It is a device, a pipe or a socket.
    #[error("`{}` is no file, folder or archive", path.display())]
    Special {
        /// What was asked for.
        path: PathBuf,
    },
    /// The archive is not one of a plugin.
    #[error("`{}` is not an archive of the profile plugin-tar/1", path.display())]
    Archive {
        /// The file.
        path: PathBuf,
        /// Why.
        source: ArchiveError,
    },
    /// The manifest does not say what permissions there are.
    #[error("`{}` has no permissions that can be read: {reason}", path.display())]
    Manifest {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
}

/// Reads what is to be scanned.
pub fn read(path: &Path) -> Result<Input, InputError> {
    if path.is_dir() {
        return read_folder(path);
    }
    // What is no file may never end, or never begin.
    if path.exists() && !path.is_file() {
        return Err(InputError::Special { path: path.to_owned() });
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let bytes = read_limited(path, limits::ARCHIVE.saturating_add(1))?;
    if bytes.starts_with(&[0x1f, 0x8b]) {
        match Archive::decode_any(&bytes) {
            Ok(archive) => return Ok(Input { files: files_of(&archive), problems: Vec::new() }),
            // What is called source code and is no archive of a plugin is a file like any other.
            Err(_) if matches!(classify(&name, &bytes), Class::TwoFormats(..)) => {}
            Err(source) => return Err(InputError::Archive { path: path.to_owned(), source }),
        }
    }
    Ok(Input { files: vec![PackageFile { path: name, bytes }], problems: Vec::new() })
}

/// Returns the files of an archive.
pub fn files_of(archive: &Archive) -> Vec<PackageFile> {
    let file = |(path, kind): (String, Kind<'_>)| match kind {
        Kind::Folder => None,
        Kind::File { contents, .. } => Some(PackageFile { path, bytes: contents.to_vec() }),
    };
    archive.entries().map(|entry| (entry.path.to_string(), entry.kind)).filter_map(file).collect()
}

fn read_limited(path: &Path, limit: usize) -> Result<Vec<u8>, InputError> {
    read_file(path, limit).map_err(|source| InputError::Read { path: path.to_owned(), source })
}

fn read_folder(folder: &Path) -> Result<Input, InputError> {
    let mut input = Input::default();
    let entries = WalkDir::new(folder).sort_by_file_name().into_iter();
    let is_history = |entry: &walkdir::DirEntry| entry.depth() == 1 && entry.file_name() == ".git";
    for entry in entries.filter_entry(|entry| !is_history(entry)) {
        let entry = entry?;
        let inside = entry.path().strip_prefix(folder).unwrap_or(entry.path());
        let parts: Vec<_> = inside.iter().map(|part| part.to_string_lossy()).collect();
        let path = parts.join("/");
        let kind = entry.file_type();
        if kind.is_file() {
            let bytes = read_limited(entry.path(), limits::UNPACKED)?;
            input.files.push(PackageFile { path, bytes });
        } else if !kind.is_dir() {
            let what = if kind.is_symlink() { "a symbolic link" } else { "a device or a pipe" };
            let message = format!("this is {what}: what it leads to was not analysed");
            let (span, code) = (Span::default(), "scan/no-file".to_owned());
            input.problems.push(FileProblem { path, span, code, message });
        }
    }
    Ok(input)
}

/// Reads the permissions out of a manifest, signed or not, whole or not.
pub fn permissions(path: &Path) -> Result<Vec<Permission>, InputError> {
    let wrong = |reason: String| InputError::Manifest { path: path.to_owned(), reason };
    let bytes = read_limited(path, limits::MANIFEST + limits::SIGNATURES)?;
    let document = match statement::split(&bytes) {
        Ok((document, _)) => document,
        Err(_) => bytes.as_slice(),
    };
    let problems = |problems: Vec<json::Problem>| {
        let first = problems.into_iter().next().map(|problem| problem.message);
        wrong(first.unwrap_or_default())
    };
    let node = json::parse(document, limits::MANIFEST).map_err(problems)?;
    let Some(list) = node.get("permissions") else { return Ok(Vec::new()) };
    let mut reading = Reading::new(Unknown::Refuse);
    match Vec::<Permission>::from_json(list, &mut reading) {
        Some(permissions) if reading.count() == 0 => Ok(permissions),
        _ => Err(problems(reading.into_problems())),
    }
}
