//! A web server for this machine alone: the published folder, as a static host would serve it.
//!
//! It listens on a loopback address only. Files are served as they are; paths are those of regular
//! files below the folder, nothing else, and links are not followed out of it.

use std::fs::File;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use tiny_http::{Header, Method, Request, Response, Server};

/// A server that listens.
pub struct Preview {
    server: Server,
    folder: PathBuf,
}

/// Why nothing is served.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// There is no such folder.
    #[error("cannot serve `{}`", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The port is taken, or the system does not allow it.
    #[error("cannot listen on port {port} of 127.0.0.1: {reason}")]
    Listen {
        /// The port.
        port: u16,
        /// Why.
        reason: String,
    },
}

impl Preview {
    /// Listens on a port of 127.0.0.1; 0 takes any that is free.
    pub fn new(folder: &Path, port: u16) -> Result<Self, ServeError> {
        let folder = folder
            .canonicalize()
            .map_err(|source| ServeError::Folder { path: folder.to_owned(), source })?;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let server = Server::http(address)
            .map_err(|error| ServeError::Listen { port, reason: error.to_string() })?;
        Ok(Self { server, folder })
    }

    /// Returns the address, such as `http://127.0.0.1:8080`.
    pub fn url(&self) -> String {
        match self.server.server_addr().to_ip() {
            Some(address) => format!("http://{address}"),
            None => "http://127.0.0.1".to_owned(),
        }
    }

    /// Answers requests until the process ends.
    pub fn run(&self) {
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| self.answer_all());
            }
        });
    }

    fn answer_all(&self) {
        for request in self.server.incoming_requests() {
            // A reader who went away is no reason to stop serving others.
            drop(answer(&self.folder, request));
        }
    }
}

fn answer(folder: &Path, request: Request) -> io::Result<()> {
    if !matches!(request.method(), Method::Get | Method::Head) {
        return request.respond(Response::empty(405));
    }
    match open(folder, request.url()) {
        Some((file, content_type)) => {
            let header = Header::from_bytes("Content-Type", content_type);
            let response = Response::from_file(file);
            match header {
                Ok(header) => request.respond(response.with_header(header)),
                Err(()) => request.respond(response),
            }
        }
        None => request.respond(Response::from_string("not found\n").with_status_code(404)),
    }
}

/// Opens the file that a request asks for.
fn open(folder: &Path, url: &str) -> Option<(File, &'static str)> {
    let path = url.split(['?', '#']).next().unwrap_or_default().trim_start_matches('/');
    let safe = |part: &str| {
        !part.starts_with('.')
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"._+@~=-".contains(&b))
    };
    if !path.split('/').all(safe) {
        return None;
    }
    let mut place = folder.join(path);
    if place.is_dir() {
        place.push("index.html");
    }
    let place =
        place.canonicalize().ok().filter(|place| place.starts_with(folder) && place.is_file())?;
    let content_type = match place.extension().and_then(|extension| extension.to_str()) {
        Some("json") => "application/json",
        Some("html") => "text/html; charset=utf-8",
        Some("gz") => "application/gzip",
        _ => "application/octet-stream",
    };
    Some((File::open(place).ok()?, content_type))
}
