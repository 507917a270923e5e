//! Files held in memory.

use std::collections::BTreeMap;
use std::io::Write;

use super::{Source, SourceError, check_path, copy};

/// Files by path, for tests and for hosts that carry a registry inside themselves.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Memory {
    /// The files.
    pub files: BTreeMap<String, Vec<u8>>,
}

impl Source for Memory {
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
        let Some(bytes) = self.files.get(path) else { return Ok(None) };
        let failed = |source| SourceError::Read { what: path.to_owned(), source };
        copy(path, limit, &mut bytes.as_slice(), (sink, progress), failed).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_there_or_not_and_has_a_ceiling() {
        let memory = Memory { files: BTreeMap::from([("a/b".to_owned(), b"hello".to_vec())]) };
        assert_eq!(memory.get("a/b", 5).unwrap().as_deref(), Some(b"hello".as_slice()));
        assert_eq!(memory.get("a/c", 5).unwrap(), None);
        assert!(matches!(memory.get("a/b", 4), Err(SourceError::TooLarge { limit: 4, .. })));
        assert!(matches!(memory.get("a/../b", 5), Err(SourceError::Path(_))));
    }
}
