//! Addresses on the web (RFC 3986), in the narrow form that documents may carry.

use std::fmt;

/// An `https` URL with a host name, without user information or fragment tricks.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HttpsUrl(String);

/// Where an archive lies: `https`, or, only for tests and closed networks, `http` or `file`.
///
/// Both programs refuse to fetch from the last two unless they are told to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ArchiveUrl(String);

/// Why a text is not a URL that a document may carry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// More than 2,048 bytes.
    #[error("a URL has at most 2048 bytes, this has {0}")]
    TooLong(usize),
    /// Another scheme.
    #[error("expected a URL that starts with {0}")]
    Scheme(&'static str),
    /// A character that RFC 3986 does not allow.
    #[error("{0:?} has to be percent-encoded in a URL")]
    Character(char),
    /// A per cent sign without two hexadecimal digits.
    #[error("`%` has to be followed by two hexadecimal digits")]
    Percent,
    /// `user@host` hides where the URL leads.
    #[error("a URL has no user information")]
    UserInfo,
    /// The host is missing or malformed.
    #[error("`{0}` is not a host name")]
    Host(String),
    /// The port is not a number from 1 to 65535.
    #[error("`{0}` is not a port")]
    Port(String),
}

impl HttpsUrl {
    /// Parses a URL; nothing is normalised.
    pub fn parse(text: &str) -> Result<Self, UrlError> {
        check_characters(text)?;
        let rest = text.strip_prefix("https://").ok_or(UrlError::Scheme("https://"))?;
        check_authority(rest)?;
        Ok(Self(text.to_owned()))
    }

    /// Returns the URL as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl ArchiveUrl {
    /// Parses a URL; nothing is normalised.
    pub fn parse(text: &str) -> Result<Self, UrlError> {
        check_characters(text)?;
        if let Some(rest) = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")) {
            check_authority(rest)?;
        } else if !text.starts_with("file:///") {
            return Err(UrlError::Scheme(
                "https:// (http:// and file:/// are for closed networks)",
            ));
        }
        Ok(Self(text.to_owned()))
    }

    /// Returns the URL as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Tells whether the transport protects who reads and what is read.
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https://")
    }
}

fn check_characters(text: &str) -> Result<(), UrlError> {
    if text.len() > 2048 {
        return Err(UrlError::TooLong(text.len()));
    }
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-._~:/?#[]@!$&'()*+,;=%".contains(c);
    if let Some(bad) = text.chars().find(|c| !allowed(*c)) {
        return Err(UrlError::Character(bad));
    }
    let encoded = text.split('%').skip(1).all(|rest| {
        rest.get(..2).is_some_and(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()))
    });
    if encoded { Ok(()) } else { Err(UrlError::Percent) }
}

fn check_authority(rest: &str) -> Result<(), UrlError> {
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.contains('@') {
        return Err(UrlError::UserInfo);
    }
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !authority.ends_with(']') => (host, Some(port)),
        _ => (authority, None),
    };
    if let Some(port) = port
        && !port.parse::<u16>().is_ok_and(|number| number > 0 && !port.starts_with('+'))
    {
        return Err(UrlError::Port(port.to_owned()));
    }
    if is_host(host) { Ok(()) } else { Err(UrlError::Host(host.to_owned())) }
}

fn is_host(host: &str) -> bool {
    if let Some(address) = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return address.parse::<std::net::Ipv6Addr>().is_ok();
    }
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    host.len() <= 253 && host.split('.').all(label)
}

impl fmt::Display for HttpsUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for ArchiveUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

text_type!(HttpsUrl, UrlError, "url/malformed", "^https://.+", "an https URL (RFC 3986)");
text_type!(
    ArchiveUrl,
    UrlError,
    "url/malformed",
    "^(https?://|file:///).+",
    "where an archive lies (RFC 3986)"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_urls_are_taken_as_they_are() {
        for text in [
            "https://example.org",
            "https://example.org/a%20b?c=d#e",
            "https://example.org:8443/",
            "https://[::1]/x",
        ] {
            assert_eq!(HttpsUrl::parse(text).unwrap().as_str(), text);
        }
        assert!(ArchiveUrl::parse("http://127.0.0.1:8080/a.tar.gz").is_ok());
        assert!(ArchiveUrl::parse("file:///srv/a.tar.gz").is_ok());
    }

    #[test]
    fn what_deceives_or_breaks_is_refused() {
        for text in [
            "http://example.org",
            "javascript:alert(1)",
            "https://",
            "https://user@example.org",
            "https://a b",
            "https://exa_mple.org",
            "https://-a.org",
            "https://a..b",
            "https://a:0",
            "https://a:99999",
            "https://a/%zz",
            "https://ex\u{e4}mple.org",
            "https://a/\n",
            "https://[::g]/",
            "https://a/\"><script>",
            "//a",
            "HTTPS://a",
        ] {
            assert!(HttpsUrl::parse(text).is_err(), "{text:?}");
        }
    }
}
