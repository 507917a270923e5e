//! Files of a web server.
//!
//! - https only; http to this computer itself for a registry's own files, and anywhere only with
//!   leave. Redirects are followed by hand, each one judged like the first address.
//! - Ceilings hold for what comes over the wire and for what it decompresses to.
//! - A server that sends next to nothing is given up; one that is busy is asked again.
//! - Nothing identifies the user: a constant `User-Agent`, no cookies, no referrer, no
//!   conditional requests. The proxy is the caller's to name; the environment is not read.

mod address;
mod body;
#[cfg(test)]
mod tests;

use std::io::Write;
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::Duration;

use index_schema::limits;
use index_schema::url::ArchiveUrl;
use ureq::http::{HeaderMap, Response, StatusCode, header};
use ureq::tls::{RootCerts, TlsConfig};
use ureq::{Agent, Body, Proxy};

use self::address::Plain;
use self::body::Coding;
use super::location::file_path;
use super::{Source, SourceError, check_path, folder};

/// What every request says about who asks.
pub const USER_AGENT: &str = "libral/1";

/// What is allowed, and how patient to be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings {
    /// Allows http to other computers, and http and file for archives.
    pub allow_insecure: bool,
    /// The proxy for every request that leaves this computer.
    pub proxy: Option<String>,
    /// How long to wait for what.
    pub patience: Patience,
}

/// How long to wait for what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Patience {
    /// For a connection, its TLS handshake included.
    pub connect: Duration,
    /// For the head of a response, and for any next byte.
    pub silence: Duration,
    /// In each of these windows of time …
    pub window: Duration,
    /// … at least so many bytes of a body have to come.
    pub floor: u64,
    /// How often a failed request is made again.
    pub retries: u32,
    /// The pause before the first retry; it doubles each time.
    pub backoff: Duration,
    /// The longest pause, whatever the server asks for.
    pub longest_pause: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(15),
            silence: Duration::from_secs(limits::THROUGHPUT_WINDOW),
            window: Duration::from_secs(limits::THROUGHPUT_WINDOW),
            floor: limits::THROUGHPUT,
            retries: 3,
            backoff: Duration::from_millis(500),
            longest_pause: Duration::from_secs(20),
        }
    }
}

/// A client of the web: connections that are kept open, and the settings. Clones share them.
#[derive(Debug, Clone)]
pub struct Web {
    outward: Connections,
    loopback: Connections,
    settings: Settings,
}

/// Connections through a proxy, or without one. What TLS needs is read when somebody first asks for
/// something: it takes longer than most commands that ask for nothing.
#[derive(Debug, Clone)]
struct Connections {
    proxy: Option<Proxy>,
    agent: Arc<OnceLock<Agent>>,
}

impl Connections {
    fn new(proxy: Option<Proxy>) -> Self {
        Self { proxy, agent: Arc::default() }
    }

    fn agent(&self, patience: &Patience) -> &Agent {
        self.agent.get_or_init(|| agent(patience, self.proxy.clone()))
    }
}

impl Web {
    /// Makes a client; no connection is opened yet.
    pub fn new(settings: Settings) -> Result<Self, SourceError> {
        let proxy = settings.proxy.as_deref().map(parse_proxy).transpose()?;
        Ok(Self { outward: Connections::new(proxy), loopback: Connections::new(None), settings })
    }

    /// Copies the archive at `url`, of at most `limit` bytes, into `sink` and returns its size;
    /// `None` when it is not there. The bytes are those on the wire, never decoded.
    ///
    /// Addresses of archives are written by publishers. Other than https, also to this computer,
    /// they are refused unless the settings allow what is insecure.
    pub fn fetch_url(
        &self,
        url: &ArchiveUrl,
        limit: usize,
        sink: &mut dyn Write,
        progress: &dyn Fn(u64),
    ) -> Result<Option<u64>, SourceError> {
        if let Some(path) = file_path(url) {
            let insecure = |reason| SourceError::Insecure { url: url.to_string(), reason };
            if !self.settings.allow_insecure {
                return Err(insecure("archives are fetched from https only"));
            }
            let path = path.ok_or_else(|| insecure("it does not name a file"))?;
            return folder::copy_file(&path, limit, (sink, progress));
        }
        let plain = if self.settings.allow_insecure { Plain::Anywhere } else { Plain::Nowhere };
        self.fetch(url, plain, Coding::Raw, (limit, sink, progress))
    }

    fn fetch(
        &self,
        url: &ArchiveUrl,
        plain: Plain,
        coding: Coding,
        (limit, sink, progress): (usize, &mut dyn Write, &dyn Fn(u64)),
    ) -> Result<Option<u64>, SourceError> {
        let (last, response) = self.follow(url, plain, coding)?;
        match response.status().as_u16() {
            200 => {
                let patience = &self.settings.patience;
                let answer = (response, coding);
                body::copy(&last, limit, answer, patience, (sink, progress)).map(Some)
            }
            403 | 404 => Ok(None),
            status => Err(SourceError::Status { url: last.to_string(), status }),
        }
    }

    /// Asks for `url` and follows redirects up to the first other answer.
    fn follow(
        &self,
        url: &ArchiveUrl,
        plain: Plain,
        coding: Coding,
    ) -> Result<(ArchiveUrl, Response<Body>), SourceError> {
        plain
            .check(url)
            .map_err(|reason| SourceError::Insecure { url: url.to_string(), reason })?;
        let mut here = url.clone();
        for _ in 0..=limits::REDIRECTS {
            let response = self.ask(&here, coding)?;
            if !is_redirect(response.status()) {
                return Ok((here, response));
            }
            here = address::redirect(&here, text(response.headers(), header::LOCATION), plain)?;
        }
        Err(SourceError::Redirects { url: url.to_string(), limit: limits::REDIRECTS })
    }

    /// Asks for one address, again when the failure looks like one that passes.
    fn ask(&self, url: &ArchiveUrl, coding: Coding) -> Result<Response<Body>, SourceError> {
        let patience = &self.settings.patience;
        let mut pause = patience.backoff;
        for _ in 0..patience.retries {
            let asked_for = match self.ask_once(url, coding) {
                Ok(response) if is_busy(response.status()) => retry_after(response.headers()),
                Err(error) if is_passing(&error) => None,
                outcome => return outcome.map_err(|source| transport(url, source)),
            };
            thread::sleep(asked_for.unwrap_or(pause).min(patience.longest_pause));
            pause = pause.saturating_mul(2);
        }
        self.ask_once(url, coding).map_err(|source| transport(url, source))
    }

    fn ask_once(&self, url: &ArchiveUrl, coding: Coding) -> Result<Response<Body>, ureq::Error> {
        let way = if address::is_loopback(url) { &self.loopback } else { &self.outward };
        way.agent(&self.settings.patience)
            .get(url.as_str())
            .header(header::USER_AGENT, USER_AGENT)
            .header(header::ACCEPT, "*/*")
            .header(header::ACCEPT_ENCODING, coding.accepted())
            .call()
    }
}

/// A registry on a web server.
#[derive(Debug)]
pub struct Http {
    web: Web,
    base: ArchiveUrl,
    plain: Plain,
}

impl Http {
    /// Serves what lies under `base`: https, or http to this computer, or what `web` allows.
    pub fn new(web: Web, base: &ArchiveUrl) -> Result<Self, SourceError> {
        let plain = if web.settings.allow_insecure { Plain::Anywhere } else { Plain::Loopback };
        plain
            .check(base)
            .map_err(|reason| SourceError::Insecure { url: base.to_string(), reason })?;
        Ok(Self { web, base: base.clone(), plain })
    }

    /// Joins a path to the base. Some servers read `+` as a space, so it is encoded.
    fn url(&self, path: &str) -> Result<ArchiveUrl, SourceError> {
        check_path(path)?;
        let base = self.base.as_str().trim_end_matches('/');
        ArchiveUrl::parse(&format!("{base}/{}", path.replace('+', "%2B")))
            .map_err(|_too_long| SourceError::Path(path.to_owned()))
    }
}

impl Source for Http {
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
        // A server that calls a `.tar.gz` "a tar, encoded" must not have it decoded on the way.
        let coding = if path.ends_with(".gz") { Coding::Raw } else { Coding::Gzip };
        self.web.fetch(&self.url(path)?, self.plain, coding, (limit, sink, progress))
    }
}

fn agent(patience: &Patience, proxy: Option<Proxy>) -> Agent {
    let tls = TlsConfig::builder().root_certs(RootCerts::PlatformVerifier).build();
    Agent::config_builder()
        .tls_config(tls)
        .proxy(proxy)
        .max_redirects(0)
        .http_status_as_error(false)
        .timeout_resolve(Some(patience.connect))
        .timeout_connect(Some(patience.connect))
        .timeout_send_request(Some(patience.silence))
        .timeout_recv_response(Some(patience.silence))
        .timeout_per_read(Some(patience.silence))
        .build()
        .into()
}

fn parse_proxy(text: &str) -> Result<Proxy, SourceError> {
    Proxy::new(text)
        .map_err(|source| SourceError::Proxy { proxy: text.to_owned(), source: Box::new(source) })
}

fn transport(url: &ArchiveUrl, source: ureq::Error) -> SourceError {
    SourceError::Transport { url: url.to_string(), source: Box::new(source) }
}

fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

fn is_busy(status: StatusCode) -> bool {
    matches!(status.as_u16(), 408 | 429 | 500..=599)
}

/// Tells whether a connection that failed may work the next time.
fn is_passing(error: &ureq::Error) -> bool {
    use std::io::ErrorKind as Kind;
    if let ureq::Error::Io(error) = error {
        return matches!(
            error.kind(),
            Kind::ConnectionRefused
                | Kind::ConnectionReset
                | Kind::ConnectionAborted
                | Kind::BrokenPipe
                | Kind::UnexpectedEof
        );
    }
    matches!(
        error,
        ureq::Error::ConnectionFailed
            | ureq::Error::Timeout(ureq::Timeout::Connect | ureq::Timeout::Resolve)
    )
}

/// Reads `Retry-After` in its form of seconds; the other form would need a clock.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    text(headers, header::RETRY_AFTER)?.trim().parse().ok().map(Duration::from_secs)
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}
