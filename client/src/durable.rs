//! Files that are whole or not there, also after the power went.
//!
//! A file is written aside, made durable, renamed over its name, and the rename made durable. A
//! crash leaves the old file or the new one, and at most a `<name>.tmp` that the next write takes.

use std::io::{self, Read as _, Write as _};

use cap_std::fs::{Dir, OpenOptions};

/// Reads a regular file of at most `limit` bytes; `None` when it is not there.
pub(crate) fn read(dir: &Dir, path: &str, limit: usize) -> io::Result<Option<Vec<u8>>> {
    match dir.symlink_metadata(path) {
        Ok(metadata) if metadata.is_file() => {}
        Ok(_) => return Err(io::Error::new(io::ErrorKind::InvalidData, "not a regular file")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    }
    let ceiling = u64::try_from(limit).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    dir.open(path)?.take(ceiling.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() > limit {
        return Err(io::Error::new(
            io::ErrorKind::FileTooLarge,
            format!("more than {limit} bytes"),
        ));
    }
    Ok(Some(bytes))
}

/// Writes `bytes` aside of `folder/name` and makes them durable; [`put`] ends what this begins.
pub(crate) fn put_aside(dir: &Dir, folder: &str, name: &str, bytes: &[u8]) -> io::Result<()> {
    let aside = format!("{folder}/{name}.tmp");
    remove_file(dir, &aside)?;
    let mut file = dir.open_with(&aside, OpenOptions::new().write(true).create_new(true))?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Gives what was written aside its name and makes that durable.
pub(crate) fn put(dir: &Dir, folder: &str, name: &str) -> io::Result<()> {
    let path = format!("{folder}/{name}");
    dir.rename(format!("{path}.tmp"), dir, &path)?;
    sync(dir, folder)
}

/// Removes a file or link; it is fine if there is none.
pub(crate) fn remove_file(dir: &Dir, path: &str) -> io::Result<()> {
    absent_is_fine(dir.remove_file(path))
}

/// Takes "not found" for success.
pub(crate) fn absent_is_fine(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// Makes the names in a folder durable. Only Unix can and has to be told.
pub(crate) fn sync(dir: &Dir, folder: &str) -> io::Result<()> {
    if cfg!(unix) { dir.open(folder)?.sync_all() } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use cap_std::ambient_authority;

    use super::*;

    fn folder() -> (tempfile::TempDir, Dir) {
        let path = tempfile::tempdir().unwrap();
        let dir = Dir::open_ambient_dir(path.path(), ambient_authority()).unwrap();
        (path, dir)
    }

    #[test]
    fn a_file_is_replaced_whole_and_a_leftover_is_no_obstacle() {
        let (_path, dir) = folder();
        dir.write("a.tmp", "left over by a crash, and longer").unwrap();
        put_aside(&dir, ".", "a", b"one").unwrap();
        assert_eq!(read(&dir, "a", 9).unwrap(), None);
        put(&dir, ".", "a").unwrap();
        assert_eq!(read(&dir, "a", 3).unwrap().as_deref(), Some(b"one".as_slice()));
        assert!(read(&dir, "a", 2).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_neither_read_nor_written_through() {
        let (path, dir) = folder();
        dir.write("secret", "secret").unwrap();
        std::os::unix::fs::symlink("secret", path.path().join("a")).unwrap();
        std::os::unix::fs::symlink("secret", path.path().join("a.tmp")).unwrap();
        assert!(read(&dir, "a", 9).is_err());
        put_aside(&dir, ".", "a", b"one").unwrap();
        put(&dir, ".", "a").unwrap();
        assert_eq!(dir.read_to_string("secret").unwrap(), "secret");
        assert_eq!(dir.read_to_string("a").unwrap(), "one");
    }
}
