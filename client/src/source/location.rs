//! Where a registry lies, as a person writes it.

use std::fmt;
use std::path::{Path, PathBuf};

use index_schema::url::{ArchiveUrl, UrlError};

use super::folder::Folder;
use super::http::{Http, Web};
use super::{Source, SourceError};

/// The place of a registry: `https://…`, `http://…`, `file:///…` or the path of a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location(Place);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    /// An address without query and fragment that ends in a slash.
    Web(ArchiveUrl),
    Folder(PathBuf),
}

/// Why a text is not a [`Location`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LocationError {
    /// Nothing is there.
    #[error("expected https://…, file:///… or the path of a folder")]
    Empty,
    /// The address is malformed.
    #[error("`{text}` is not the address of a registry")]
    Url {
        /// What was read.
        text: String,
        /// Why it is refused.
        source: UrlError,
    },
    /// A query or fragment cannot stand before the path of a file.
    #[error("`{0}` has a query or a fragment; the address of a registry is that of a folder")]
    Query(String),
    /// A `file:` address of another computer, or with bytes that are not a path here.
    #[error("`{0}` does not name a folder of this computer")]
    File(String),
}

impl std::str::FromStr for Location {
    type Err = LocationError;

    fn from_str(text: &str) -> Result<Self, LocationError> {
        Self::parse(text)
    }
}

impl Location {
    /// Parses an address or a path; a path is taken as it is.
    pub fn parse(text: &str) -> Result<Self, LocationError> {
        if text.is_empty() {
            return Err(LocationError::Empty);
        }
        if !text.contains("://") {
            return Ok(Self(Place::Folder(PathBuf::from(text))));
        }
        let url_error = |source| LocationError::Url { text: text.to_owned(), source };
        let url = ArchiveUrl::parse(text).map_err(url_error)?;
        if text.contains(['?', '#']) {
            return Err(LocationError::Query(text.to_owned()));
        }
        if let Some(path) = file_path(&url) {
            return path
                .map(|path| Self(Place::Folder(path)))
                .ok_or_else(|| LocationError::File(text.to_owned()));
        }
        let folder = format!("{}/", text.trim_end_matches('/'));
        let url = ArchiveUrl::parse(&folder).map_err(url_error)?;
        Ok(Self(Place::Web(url)))
    }

    /// Opens the place; `web` says what is allowed and how patient to be.
    pub fn open(&self, web: &Web) -> Result<Box<dyn Source + Send>, SourceError> {
        match &self.0 {
            Place::Web(base) => Ok(Box::new(Http::new(web.clone(), base)?)),
            Place::Folder(path) => Ok(Box::new(Folder::open(path)?)),
        }
    }

    /// Returns the folder, if the place is one.
    pub fn folder(&self) -> Option<&Path> {
        match &self.0 {
            Place::Web(_) => None,
            Place::Folder(path) => Some(path),
        }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Place::Web(base) => base.fmt(f),
            Place::Folder(path) => path.display().fmt(f),
        }
    }
}

/// Returns the path that a `file:///` address names: `None` for other schemes, and `Some(None)`
/// when it is no path.
pub(super) fn file_path(url: &ArchiveUrl) -> Option<Option<PathBuf>> {
    let encoded = url.as_str().strip_prefix("file://")?;
    let plain = percent_decode(encoded).filter(|path| !path.contains('\0'));
    // `file:///C:/x` names `C:/x`.
    let strip = |path: String| match path.strip_prefix('/') {
        Some(rest) if cfg!(windows) => rest.to_owned(),
        _ => path,
    };
    Some(plain.map(strip).map(PathBuf::from))
}

fn percent_decode(text: &str) -> Option<String> {
    let mut parts = text.split('%');
    let mut bytes = parts.next()?.as_bytes().to_vec();
    for part in parts {
        let (digits, rest) = part.split_at_checked(2)?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        bytes.extend_from_slice(rest.as_bytes());
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_understood_and_shown() {
        for (text, shown) in [
            ("https://example.org", "https://example.org/"),
            ("https://example.org/a/b//", "https://example.org/a/b/"),
            ("http://127.0.0.1:8080/public", "http://127.0.0.1:8080/public/"),
            ("file:///srv/a%20b", "/srv/a b"),
            ("../public", "../public"),
            ("/srv/public", "/srv/public"),
        ] {
            assert_eq!(Location::parse(text).unwrap().to_string(), shown, "{text}");
        }
    }

    #[test]
    fn every_other_form_is_refused() {
        for text in [
            "",
            "ftp://example.org",
            "https://user@example.org",
            "https://example.org/?a=b",
            "https://example.org/#a",
            "file://host/srv",
            "file:///a%00b",
            "file:///a%ff",
            "https://",
        ] {
            assert!(Location::parse(text).is_err(), "{text}");
        }
    }
}
