//! Reading the body of a response: counted, paced, and decoded here rather than in the HTTP crate.
//!
//! Decoding here is what makes both ceilings hold: a stream that decompresses to nothing for ever
//! meets the one on the wire, a small one that decompresses to everything meets the other.

use std::io::{self, Read, Write};
use std::time::{Duration, Instant};

use flate2::read::GzDecoder;
use index_schema::limits::KIB;
use index_schema::url::ArchiveUrl;
use ureq::Body;
use ureq::http::{Response, header};

use super::super::{SourceError, copy as copy_limited};
use super::{Patience, text, transport};

/// Whether a response may be compressed for the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Coding {
    /// The bytes on the wire are the file.
    Raw,
    /// The file may come compressed.
    Gzip,
}

impl Coding {
    /// Returns the value of `Accept-Encoding`.
    pub(super) const fn accepted(self) -> &'static str {
        match self {
            Self::Raw => "identity",
            Self::Gzip => "gzip",
        }
    }
}

/// Copies the body of `response` to the sink.
pub(super) fn copy(
    url: &ArchiveUrl,
    limit: usize,
    (response, coding): (Response<Body>, Coding),
    patience: &Patience,
    to: (&mut dyn Write, &dyn Fn(u64)),
) -> Result<u64, SourceError> {
    let encoded = coding == Coding::Gzip && is_encoded(url, &response)?;
    // What does not compress grows a little.
    let wire_limit = if encoded { limit.saturating_add(limit / 64 + 64 * KIB) } else { limit };
    let too_large = || SourceError::TooLarge { what: url.to_string(), limit };
    let announced = text(response.headers(), header::CONTENT_LENGTH).map(str::parse::<usize>);
    if announced.is_some_and(|length| length.map_or(true, |length| length > wire_limit)) {
        return Err(too_large());
    }
    let mut wire = Wire {
        reader: response.into_body().into_reader(),
        left: wire_limit,
        pace: Pace {
            since: Instant::now(),
            bytes: 0,
            window: patience.window,
            floor: patience.floor,
        },
    };
    let failed = |error| explain(url, limit, patience, error);
    if encoded {
        copy_limited(url.as_str(), limit, &mut GzDecoder::new(wire), to, failed)
    } else {
        copy_limited(url.as_str(), limit, &mut wire, to, failed)
    }
}

fn is_encoded(url: &ArchiveUrl, response: &Response<Body>) -> Result<bool, SourceError> {
    match text(response.headers(), header::CONTENT_ENCODING).map(str::trim) {
        None | Some("" | "identity") => Ok(false),
        Some(word) if word.eq_ignore_ascii_case("gzip") => Ok(true),
        Some(_) => {
            let source = io::Error::new(io::ErrorKind::Unsupported, "an encoding nobody asked for");
            Err(SourceError::Read { what: url.to_string(), source })
        }
    }
}

/// Why reading was stopped on this side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
enum Stop {
    #[error("too large")]
    TooLarge,
    #[error("too slow")]
    Slow,
}

/// The bytes as they come in.
struct Wire<R> {
    reader: R,
    left: usize,
    pace: Pace,
}

impl<R: Read> Read for Wire<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        self.left = self.left.checked_sub(read).ok_or_else(|| io::Error::other(Stop::TooLarge))?;
        if read > 0 {
            self.pace.count(read).map_err(io::Error::other)?;
        }
        Ok(read)
    }
}

/// How fast the bytes come in.
struct Pace {
    since: Instant,
    bytes: u64,
    window: Duration,
    floor: u64,
}

impl Pace {
    fn count(&mut self, read: usize) -> Result<(), Stop> {
        self.bytes = self.bytes.saturating_add(u64::try_from(read).unwrap_or(u64::MAX));
        if self.since.elapsed() < self.window {
            return Ok(());
        }
        if self.bytes < self.floor {
            return Err(Stop::Slow);
        }
        self.since = Instant::now();
        self.bytes = 0;
        Ok(())
    }
}

/// Tells what really happened when reading failed.
fn explain(url: &ArchiveUrl, limit: usize, patience: &Patience, error: io::Error) -> SourceError {
    let slow = || SourceError::Slow {
        url: url.to_string(),
        floor: patience.floor,
        seconds: patience.window.as_secs(),
    };
    if let Some(stop) = error.get_ref().and_then(|inner| inner.downcast_ref::<Stop>()) {
        return match stop {
            Stop::TooLarge => SourceError::TooLarge { what: url.to_string(), limit },
            Stop::Slow => slow(),
        };
    }
    if matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData) {
        return SourceError::Read { what: url.to_string(), source: error };
    }
    // Unwraps what the HTTP crate has wrapped.
    let error = ureq::Error::from(error);
    if matches!(error, ureq::Error::Timeout(_)) { slow() } else { transport(url, error) }
}
