//! Where the files of a registry come from: a web server, a folder, or memory.
//!
//! A source hands out bytes that nobody has vouched for. It promises three things only: what is
//! read stays under the caller's ceiling, a path never leads outside of the source, and nothing
//! about the user is told to whoever serves the files.

pub mod cached;
pub mod folder;
pub mod http;
pub mod location;
pub mod memory;

use std::io::{self, Read, Write};

/// A place that serves files by path.
pub trait Source: Sync {
    /// Reads a whole file of at most `limit` bytes; `None` when there is no such file.
    fn get(&self, path: &str, limit: usize) -> Result<Option<Vec<u8>>, SourceError>;

    /// Copies a file of at most `limit` bytes into `sink` and returns its size; `None` when there
    /// is no such file. Now and then `progress` learns how many bytes were copied so far.
    ///
    /// After an error the sink may hold a part of the file.
    fn stream(
        &self,
        path: &str,
        limit: usize,
        sink: &mut dyn Write,
        progress: &dyn Fn(u64),
    ) -> Result<Option<u64>, SourceError> {
        let Some(bytes) = self.get(path, limit)? else { return Ok(None) };
        sink.write_all(&bytes)
            .map_err(|source| SourceError::Sink { what: path.to_owned(), source })?;
        let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        progress(size);
        Ok(Some(size))
    }
}

/// Why a file could not be fetched.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The path is absolute, has dots for components, or characters outside the portable set.
    #[error("`{0}` is not a path inside a registry")]
    Path(String),
    /// More bytes came than are allowed.
    #[error("`{what}` has more than {limit} bytes")]
    TooLarge {
        /// The file.
        what: String,
        /// The ceiling.
        limit: usize,
    },
    /// A local file, or the encoding of a response, could not be read.
    #[error("cannot read `{what}`")]
    Read {
        /// The file.
        what: String,
        /// Why.
        source: io::Error,
    },
    /// The receiver of the bytes failed.
    #[error("cannot store what `{what}` contains")]
    Sink {
        /// The file.
        what: String,
        /// Why.
        source: io::Error,
    },
    /// No complete response came.
    #[error("cannot fetch `{url}`")]
    Transport {
        /// The address.
        url: String,
        /// Why.
        source: Box<ureq::Error>,
    },
    /// The server answered with something other than a file.
    #[error("`{url}` answered with status {status}")]
    Status {
        /// The address.
        url: String,
        /// The status code.
        status: u16,
    },
    /// The server sent next to nothing for too long.
    #[error("`{url}` sent less than {floor} bytes in {seconds} seconds")]
    Slow {
        /// The address.
        url: String,
        /// The least that has to come.
        floor: u64,
        /// Within how long.
        seconds: u64,
    },
    /// The chain of redirects does not end.
    #[error("`{url}` redirects more than {limit} times")]
    Redirects {
        /// The address that was asked for.
        url: String,
        /// The ceiling.
        limit: u32,
    },
    /// A redirect leads to where this client does not go.
    #[error("`{from}` redirects to `{to}`, {reason}")]
    Redirect {
        /// The address that redirects.
        from: String,
        /// What stands in its `Location`.
        to: String,
        /// Why it is not followed.
        reason: String,
    },
    /// The address is not fetched from without leave.
    #[error("`{url}` is not fetched: {reason}")]
    Insecure {
        /// The address.
        url: String,
        /// Why.
        reason: &'static str,
    },
    /// Nothing may be fetched, and this was not fetched before.
    #[error("`{what}` was not fetched before, and nothing is fetched offline")]
    Offline {
        /// The file.
        what: String,
    },
    /// The proxy is not one.
    #[error("`{proxy}` is not the address of a proxy")]
    Proxy {
        /// What was given.
        proxy: String,
        /// Why.
        source: Box<ureq::Error>,
    },
}

/// Refuses a path that could lead outside of a source or mean something to a server.
fn check_path(path: &str) -> Result<(), SourceError> {
    let portable =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '+' | '@' | '~' | '=' | '-');
    let component = |part: &str| {
        !part.is_empty() && !part.bytes().all(|b| b == b'.') && part.chars().all(portable)
    };
    if path.len() <= 1024 && path.split('/').all(component) {
        return Ok(());
    }
    Err(SourceError::Path(path.chars().take(200).collect()))
}

/// Copies at most `limit` bytes from `reader` to `sink`.
///
/// `failed` makes an error of what went wrong with the reader.
fn copy(
    what: &str,
    limit: usize,
    reader: &mut dyn Read,
    to: (&mut dyn Write, &dyn Fn(u64)),
    failed: impl Fn(io::Error) -> SourceError,
) -> Result<u64, SourceError> {
    let (sink, progress) = to;
    let mut buffer = vec![0; 64 * 1024];
    let mut total: u64 = 0;
    loop {
        let read = match reader.read(&mut buffer) {
            Ok(0) => return Ok(total),
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(failed(error)),
        };
        let piece = buffer.get(..read).unwrap_or_default();
        total = total.saturating_add(u64::try_from(read).unwrap_or(u64::MAX));
        if usize::try_from(total).map_or(true, |total| total > limit) {
            return Err(SourceError::TooLarge { what: what.to_owned(), limit });
        }
        let stored = sink.write_all(piece);
        stored.map_err(|source| SourceError::Sink { what: what.to_owned(), source })?;
        progress(total);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_stays_inside() {
        let long = format!("targets/plugins/{}/{}.{}.json", "p".repeat(39), "a".repeat(64), "n");
        for path in ["a", "metadata/1.snapshot.json", "a+b/c", long.as_str()] {
            assert!(check_path(path).is_ok(), "{path}");
        }
        for path in [
            "", "/a", "a/", "a//b", "..", "a/../b", "a/./b", "a/...", "a\\b", "a?b", "a%2e", "a#b",
            "a\0b", "c:a", "a b", "é",
        ] {
            assert!(matches!(check_path(path), Err(SourceError::Path(_))), "{path:?}");
        }
        assert!(check_path(&"a".repeat(1025)).is_err());
    }
}
