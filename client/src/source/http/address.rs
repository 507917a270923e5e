//! Which addresses may be asked, and where a redirect leads (RFC 3986, section 5.2).

use std::net::IpAddr;

use index_schema::url::{ArchiveUrl, UrlError};

use super::super::SourceError;

/// Where http without TLS is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Plain {
    Nowhere,
    Loopback,
    Anywhere,
}

impl Plain {
    /// Says why `url` must not be asked, if so.
    pub(super) fn check(self, url: &ArchiveUrl) -> Result<(), &'static str> {
        if url.is_https() {
            return Ok(());
        }
        if !url.as_str().starts_with("http://") {
            return Err("it is no address on the web");
        }
        match self {
            Self::Anywhere => Ok(()),
            Self::Loopback if is_loopback(url) => Ok(()),
            Self::Loopback => Err("http does not protect what is read; use https"),
            Self::Nowhere => Err("archives are fetched from https only"),
        }
    }
}

/// Tells whether an address leads to this computer.
pub(super) fn is_loopback(url: &ArchiveUrl) -> bool {
    let authority = authority(url.as_str());
    let host = match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn authority(url: &str) -> &str {
    let rest = url.split_once("://").map_or("", |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or_default()
}

/// Returns where the answer of `from` sends us: never away from https, never to a file.
pub(super) fn redirect(
    from: &ArchiveUrl,
    location: Option<&str>,
    plain: Plain,
) -> Result<ArchiveUrl, SourceError> {
    let to = location.unwrap_or_default();
    let refuse = |reason: String| SourceError::Redirect {
        from: from.to_string(),
        to: to.chars().take(200).collect(),
        reason,
    };
    let target = resolve(from.as_str(), to).map_err(|error| refuse(error.to_string()))?;
    if from.is_https() && !target.is_https() {
        return Err(refuse("which leaves https".to_owned()));
    }
    plain.check(&target).map_err(|reason| refuse(format!("which is not followed: {reason}")))?;
    Ok(target)
}

/// Resolves a reference against the address in which it was found.
fn resolve(base: &str, reference: &str) -> Result<ArchiveUrl, UrlError> {
    let reference = reference.split('#').next().unwrap_or_default();
    let base = base.split('#').next().unwrap_or_default();
    if let Some((scheme, rest)) = split_scheme(reference) {
        return ArchiveUrl::parse(&format!("{}:{rest}", scheme.to_ascii_lowercase()));
    }
    let scheme = base.split(':').next().unwrap_or_default();
    if reference.starts_with("//") {
        return ArchiveUrl::parse(&format!("{scheme}:{reference}"));
    }
    let origin = format!("{scheme}://{}", authority(base));
    let base_path = base.strip_prefix(&origin).unwrap_or_default();
    let base_path = base_path.split('?').next().unwrap_or_default();
    let (path, query) = match reference.split_once('?') {
        Some((path, query)) => (path, format!("?{query}")),
        None => (reference, String::new()),
    };
    let path = if path.is_empty() {
        base_path.to_owned()
    } else if path.starts_with('/') {
        without_dots(path)
    } else {
        let folder = base_path.rsplit_once('/').map_or("", |(folder, _)| folder);
        without_dots(&format!("{folder}/{path}"))
    };
    ArchiveUrl::parse(&format!("{origin}{path}{query}"))
}

fn split_scheme(reference: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = reference.split_once(':')?;
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
    is_scheme.then_some((scheme, rest))
}

/// Removes `.` and `..` from an absolute path.
fn without_dots(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    for part in path.split('/').skip(1) {
        match part {
            "." => {}
            ".." => {
                kept.pop();
            }
            part => kept.push(part),
        }
    }
    let folder = path.ends_with("/.") || path.ends_with("/..");
    format!("/{}{}", kept.join("/"), if folder && !kept.is_empty() { "/" } else { "" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_lead_where_the_standard_says() {
        let base = "https://a.org:8443/b/c/d?q";
        for (reference, target) in [
            ("https://x.org/y", "https://x.org/y"),
            ("HTTPS://x.org/y", "https://x.org/y"),
            ("//x.org/y", "https://x.org/y"),
            ("/y", "https://a.org:8443/y"),
            ("y", "https://a.org:8443/b/c/y"),
            ("y?z#f", "https://a.org:8443/b/c/y?z"),
            ("?z", "https://a.org:8443/b/c/d?z"),
            ("", "https://a.org:8443/b/c/d"),
            ("../y", "https://a.org:8443/b/y"),
            ("./y", "https://a.org:8443/b/c/y"),
            ("../../../y", "https://a.org:8443/y"),
            ("..", "https://a.org:8443/b/"),
        ] {
            assert_eq!(resolve(base, reference).unwrap().as_str(), target, "{reference}");
        }
        assert_eq!(resolve("https://a.org", "y").unwrap().as_str(), "https://a.org/y");
    }

    #[test]
    fn a_redirect_never_leaves_https_nor_the_web() {
        let url = |text| ArchiveUrl::parse(text).unwrap();
        let go = |from, to, plain| redirect(&url(from), Some(to), plain).is_ok();
        assert!(go("https://a.org/", "https://b.org/", Plain::Nowhere));
        assert!(go("http://127.0.0.1/", "https://b.org/", Plain::Loopback));
        assert!(go("http://127.0.0.1/", "http://[::1]:80/", Plain::Loopback));
        assert!(!go("https://a.org/", "http://a.org/", Plain::Anywhere));
        assert!(!go("https://a.org/", "http://127.0.0.1/", Plain::Anywhere));
        assert!(!go("http://127.0.0.1/", "http://a.org/", Plain::Loopback));
        for to in ["file:///etc/passwd", "ftp://a.org/", "javascript:x", "data:,x", "http://u@a/"] {
            assert!(!go("http://127.0.0.1/", to, Plain::Anywhere), "{to}");
        }
    }

    #[test]
    fn only_this_computer_is_loopback() {
        for (text, loopback) in [
            ("http://127.0.0.1:80/", true),
            ("http://127.9.9.9/", true),
            ("http://[::1]/", true),
            ("http://localhost:1/", true),
            ("http://127.0.0.1.example.org/", false),
            ("http://localhost.example.org/", false),
            ("http://0.0.0.0/", false),
            ("http://192.168.0.1/", false),
        ] {
            assert_eq!(is_loopback(&ArchiveUrl::parse(text).unwrap()), loopback, "{text}");
        }
    }
}
