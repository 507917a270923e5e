//! A source whose lasting files are kept on this computer.
//!
//! Files that are named by their content never change under their name, so what was fetched once
//! need not be fetched again: targets and blobs, `targets/…/<sha256>.<name>` and
//! `blobs/<aa>/<sha256>`. Everything else is asked for each time. What lies in the cache is worth
//! as much as what comes from a server, nothing: its digest is compared with its name, and
//! whoever asked for it verifies it again.

use std::fs;
use std::io;
use std::path::PathBuf;

use index_schema::digest::Sha256Digest;

use super::{Source, SourceError, check_path};
use crate::file::{Mode, read_file, write_file};

/// A source with a folder of kept files; without the source, the kept files alone.
pub struct Cached {
    /// Where files come from that are not kept; `None` when nothing may be fetched.
    pub source: Option<Box<dyn Source + Send>>,
    /// The folder of kept files.
    pub folder: PathBuf,
}

impl Cached {
    /// Reads a kept file; a damaged one is removed and as good as missing.
    fn kept(&self, path: &str, digest: &Sha256Digest, limit: usize) -> Option<Vec<u8>> {
        let file = self.folder.join(path);
        match read_file(&file, limit) {
            Ok(bytes) if Sha256Digest::of(&bytes) == *digest => Some(bytes),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Ok(_) | Err(_) => {
                // If it cannot be removed either, it is passed over the next time as well.
                drop(fs::remove_file(&file));
                None
            }
        }
    }

    fn fetch(&self, path: &str, limit: usize) -> Result<Option<Vec<u8>>, SourceError> {
        match &self.source {
            Some(source) => source.get(path, limit),
            None => Err(SourceError::Offline { what: path.to_owned() }),
        }
    }
}

impl Source for Cached {
    fn get(&self, path: &str, limit: usize) -> Result<Option<Vec<u8>>, SourceError> {
        check_path(path)?;
        let Some(digest) = content_digest(path) else { return self.fetch(path, limit) };
        if let Some(bytes) = self.kept(path, &digest, limit) {
            return Ok(Some(bytes));
        }
        let bytes = self.fetch(path, limit)?;
        if let Some(bytes) = &bytes
            && Sha256Digest::of(bytes) == digest
        {
            // A cache that cannot be written costs time, nothing else.
            drop(write_file(&self.folder.join(path), bytes, Mode::Private));
        }
        Ok(bytes)
    }

    fn stream(
        &self,
        path: &str,
        limit: usize,
        sink: &mut dyn io::Write,
        progress: &dyn Fn(u64),
    ) -> Result<Option<u64>, SourceError> {
        match &self.source {
            Some(source) => source.stream(path, limit, sink, progress),
            None => Err(SourceError::Offline { what: path.to_owned() }),
        }
    }
}

/// Returns the digest that the name of a lasting file says.
fn content_digest(path: &str) -> Option<Sha256Digest> {
    let (folder, name) = path.split_once('/')?;
    let name = name.rsplit('/').next()?;
    let digest = match folder {
        "targets" => name.split('.').next()?,
        "blobs" => name,
        _ => return None,
    };
    Sha256Digest::parse(digest).ok()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::memory::Memory;
    use super::*;

    fn cached(folder: &std::path::Path, files: &[(&str, &[u8])]) -> Cached {
        let files = files.iter().map(|(path, bytes)| ((*path).to_owned(), bytes.to_vec()));
        let memory = Memory { files: BTreeMap::from_iter(files) };
        Cached { source: Some(Box::new(memory)), folder: folder.to_owned() }
    }

    #[test]
    fn what_is_named_by_its_content_is_kept_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let digest = Sha256Digest::of(b"hello");
        let blob = format!("blobs/{}/{digest}", digest.shard());
        let target = format!("targets/plugins/lab/{digest}.amber.json");
        let files: &[(&str, &[u8])] =
            &[(&blob, b"hello"), (&target, b"hello"), ("metadata/timestamp.json", b"{}")];
        let online = cached(folder.path(), files);
        for (path, bytes) in files {
            assert_eq!(online.get(path, 9).unwrap().as_deref(), Some(*bytes), "{path}");
        }
        let offline = Cached { source: None, folder: folder.path().to_owned() };
        assert_eq!(offline.get(&blob, 9).unwrap().as_deref(), Some(b"hello".as_slice()));
        assert_eq!(offline.get(&target, 9).unwrap().as_deref(), Some(b"hello".as_slice()));
        let error = offline.get("metadata/timestamp.json", 9).unwrap_err();
        assert!(matches!(error, SourceError::Offline { .. }), "{error}");
    }

    #[test]
    fn a_damaged_file_is_fetched_again_and_a_false_one_is_not_kept() {
        let folder = tempfile::tempdir().unwrap();
        let digest = Sha256Digest::of(b"hello");
        let blob = format!("blobs/{}/{digest}", digest.shard());
        let file = folder.path().join(&blob);
        let online = cached(folder.path(), &[(&blob, b"false")]);
        assert_eq!(online.get(&blob, 9).unwrap().as_deref(), Some(b"false".as_slice()));
        assert!(!file.exists());
        write_file(&file, b"damaged", Mode::Private).unwrap();
        let online = cached(folder.path(), &[(&blob, b"hello")]);
        assert_eq!(online.get(&blob, 9).unwrap().as_deref(), Some(b"hello".as_slice()));
        assert_eq!(read_file(&file, 9).unwrap(), b"hello");
    }
}
