//! Files of a folder: a USB stick, a mirror on a network drive, the output of a build.
//!
//! Everything is opened relative to the folder's handle, so that neither `..` nor a symbolic link
//! inside the folder leads out of it. Only regular files are read: opening a named pipe would wait
//! for ever.

use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use cap_std::ambient_authority;
use cap_std::fs::Dir;

use super::{Source, SourceError, check_path, copy};

/// A folder that serves its files.
#[derive(Debug)]
pub struct Folder {
    dir: Dir,
    path: PathBuf,
}

impl Folder {
    /// Opens the folder at `path`.
    pub fn open(path: &Path) -> Result<Self, SourceError> {
        let dir = Dir::open_ambient_dir(path, ambient_authority())
            .map_err(|source| SourceError::Read { what: path.display().to_string(), source })?;
        Ok(Self { dir, path: path.to_owned() })
    }

    fn file(&self, path: &str) -> io::Result<cap_std::fs::File> {
        if !self.dir.metadata(path)?.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
        }
        self.dir.open(path)
    }
}

impl Source for Folder {
    fn get(&self, path: &str, limit: usize) -> Result<Option<Vec<u8>>, SourceError> {
        let mut bytes = Vec::new();
        let size = self.stream(path, limit, &mut bytes, &|_| {})?;
        Ok(size.map(|_| bytes))
    }

    fn stream(
        &self,
        path: &str,
        limit: usize,
        sink: &mut dyn Write,
        progress: &dyn Fn(u64),
    ) -> Result<Option<u64>, SourceError> {
        check_path(path)?;
        let what = self.path.join(path).display().to_string();
        present(&what, limit, self.file(path), (sink, progress))
    }
}

/// Copies the file at an absolute path that a `file:///` address names.
pub(super) fn copy_file(
    path: &Path,
    limit: usize,
    to: (&mut dyn Write, &dyn Fn(u64)),
) -> Result<Option<u64>, SourceError> {
    let open = || {
        if !fs::metadata(path)?.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
        }
        fs::File::open(path)
    };
    present(&path.display().to_string(), limit, open(), to)
}

fn present(
    what: &str,
    limit: usize,
    file: io::Result<impl Read>,
    to: (&mut dyn Write, &dyn Fn(u64)),
) -> Result<Option<u64>, SourceError> {
    let failed = |source| SourceError::Read { what: what.to_owned(), source };
    match file {
        Ok(mut file) => copy(what, limit, &mut file, to, failed).map(Some),
        Err(error) if is_absent(&error) => Ok(None),
        Err(error) => Err(failed(error)),
    }
}

fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> (tempfile::TempDir, Folder) {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join("public/a")).unwrap();
        #[expect(clippy::disallowed_methods, reason = "a fixture may be written in place")]
        fs::write(dir.path().join("public/a/b"), "hello").unwrap();
        #[expect(clippy::disallowed_methods, reason = "a fixture may be written in place")]
        fs::write(dir.path().join("secret"), "secret").unwrap();
        let folder = Folder::open(&dir.path().join("public")).unwrap();
        (dir, folder)
    }

    #[test]
    fn a_file_is_there_or_not_and_has_a_ceiling() {
        let (_dir, folder) = folder();
        assert_eq!(folder.get("a/b", 5).unwrap().as_deref(), Some(b"hello".as_slice()));
        assert_eq!(folder.get("a/c", 5).unwrap(), None);
        assert_eq!(folder.get("a/b/c", 5).unwrap(), None);
        assert!(matches!(folder.get("a/b", 4), Err(SourceError::TooLarge { limit: 4, .. })));
        assert!(matches!(folder.get("a", 5), Err(SourceError::Read { .. })));
        assert!(matches!(folder.get("../secret", 9), Err(SourceError::Path(_))));
    }

    #[cfg(unix)]
    #[test]
    fn a_link_inside_is_followed_and_a_link_to_the_outside_is_not() {
        let (dir, folder) = folder();
        let public = dir.path().join("public");
        std::os::unix::fs::symlink("a/b", public.join("inner")).unwrap();
        std::os::unix::fs::symlink("../secret", public.join("relative")).unwrap();
        std::os::unix::fs::symlink(dir.path().join("secret"), public.join("absolute")).unwrap();
        std::os::unix::fs::symlink(dir.path(), public.join("up")).unwrap();
        assert_eq!(folder.get("inner", 9).unwrap().as_deref(), Some(b"hello".as_slice()));
        for path in ["relative", "absolute", "up/secret"] {
            assert!(matches!(folder.get(path, 9), Err(SourceError::Read { .. })), "{path}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_named_pipe_is_refused_at_once() {
        let (dir, folder) = folder();
        let pipe = dir.path().join("public/pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        assert!(matches!(folder.get("pipe", 9), Err(SourceError::Read { .. })));
        assert!(matches!(
            copy_file(&pipe, 9, (&mut Vec::new(), &|_| {})),
            Err(SourceError::Read { .. })
        ));
    }
}
