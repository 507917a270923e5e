//! Key files: secret ones, which their owner alone may read, and public ones.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use index_schema::json::{self, Unknown};
use index_schema::tuf::Key;
use libral::file::read_limited;

use super::{MOST, RoleKeyError};

/// The most bytes of a key file: an RSA key of 8,192 bits is a public key, too.
const CEILING: usize = 16 * 1024;

/// Returns where the public half of a secret key lies: beside it, as `*.pub`.
pub fn public_file(secret: &Path) -> PathBuf {
    secret.with_extension("pub")
}

/// Reads the public key of a role.
pub fn read_public(path: &Path) -> Result<Key, RoleKeyError> {
    let bytes = File::open(path).and_then(|file| read_limited(file, CEILING));
    let bytes = bytes.map_err(|source| failed(path, source))?;
    parse_public(&bytes).ok_or_else(|| RoleKeyError::Public(path.to_owned()))
}

/// Reads a key object, of which nothing is left out: its id is made of all of it.
pub(super) fn parse_public(bytes: &[u8]) -> Option<Key> {
    json::read::<Key>(bytes, CEILING, Unknown::Refuse).ok()
}

/// Writes the public key of a role to a new file.
pub fn write_public(path: &Path, key: &Key) -> Result<(), RoleKeyError> {
    let mut text = serde_json::to_string(key).expect("a key has strings only");
    text.push('\n');
    write(path, &text, 0o644).map_err(|source| failed(path, source))
}

/// Writes a secret key to a new file.
pub(super) fn write_secret(path: &Path, text: &str) -> Result<(), RoleKeyError> {
    write(path, text, 0o600).map_err(|source| failed(path, source))
}

/// Reads the secret keys of a file, or of every file `*.pem` of a folder.
pub(super) fn read_secrets(path: &Path) -> Result<Vec<(PathBuf, String)>, RoleKeyError> {
    let files = if path.is_dir() { pem_files(path)? } else { vec![path.to_owned()] };
    if files.len() > MOST {
        return Err(RoleKeyError::TooMany(format!("`{}`", path.display())));
    }
    files.into_iter().map(|file| Ok((file.clone(), read_secret(&file)?))).collect()
}

fn pem_files(folder: &Path) -> Result<Vec<PathBuf>, RoleKeyError> {
    let entries = folder.read_dir().map_err(|source| failed(folder, source))?;
    let paths: io::Result<Vec<_>> = entries.map(|entry| Ok(entry?.path())).collect();
    let mut paths = paths.map_err(|source| failed(folder, source))?;
    paths.retain(|path| path.extension().is_some_and(|end| end == "pem"));
    paths.sort();
    Ok(paths)
}

/// Reads the file of a secret key, unless others may read it, too.
pub(super) fn read_secret(path: &Path) -> Result<String, RoleKeyError> {
    let file = File::open(path).map_err(|source| failed(path, source))?;
    check_mode(path, &file)?;
    let bytes = read_limited(file, CEILING).map_err(|source| failed(path, source))?;
    // What is no text is not said again: it may be a key all the same.
    String::from_utf8(bytes).map_err(|_secret| RoleKeyError::Form(format!("`{}`", path.display())))
}

#[cfg(unix)]
fn check_mode(path: &Path, file: &File) -> Result<(), RoleKeyError> {
    use std::os::unix::fs::PermissionsExt as _;
    let metadata = file.metadata().map_err(|source| failed(path, source))?;
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o077 == 0 {
        return Ok(());
    }
    Err(RoleKeyError::Exposed { path: path.to_owned(), mode })
}

#[cfg(not(unix))]
fn check_mode(_: &Path, _: &File) -> Result<(), RoleKeyError> {
    Ok(())
}

fn failed(path: &Path, source: io::Error) -> RoleKeyError {
    RoleKeyError::File { path: path.to_owned(), source }
}

#[cfg_attr(not(unix), expect(unused_variables, reason = "modes are a matter of Unix"))]
fn write(path: &Path, text: &str, mode: u32) -> io::Result<()> {
    let (mut folders, mut files) = (DirBuilder::new(), OpenOptions::new());
    folders.recursive(true);
    files.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
        folders.mode(0o700);
        files.mode(mode);
    }
    if let Some(folder) = path.parent() {
        folders.create(folder)?;
    }
    let mut file = files.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}
