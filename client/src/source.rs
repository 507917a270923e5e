//! Where the files of a registry come from.

use std::io;

/// A place that serves files by path.
pub trait Source: Sync {
    /// Reads a whole file of at most `limit` bytes.
    ///
    /// None: the source answers that there is no such file (404/403).
    fn get(&self, path: &str, limit: usize) -> Result<Option<Vec<u8>>, SourceError>;
}

/// Why a file could not be fetched.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// More bytes came than are allowed.
    #[error("`{what}` has more than {limit} bytes")]
    TooLarge {
        /// The file.
        what: String,
        /// The ceiling.
        limit: usize,
    },
    /// The file could not be read.
    #[error("cannot read `{what}`")]
    Read {
        /// The file.
        what: String,
        /// Why.
        source: io::Error,
    },
}
