//! Servers that send without end, hardly anything, something else, or send elsewhere.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use libral::source::http::{Http, Patience, Settings, Web};
use libral::source::{Source as _, SourceError};

use super::{fails, refused, victim};
use crate::world::{Preview, World};

const INSTALL: &str = "install lab/amber";

/// What a server answers to a path, as it pleases.
type Answer = dyn Fn(&str, &mut TcpStream) -> std::io::Result<()> + Send + Sync;

/// A web server that does as a test says, until the test ends.
struct Server {
    url: String,
    is_over: Arc<AtomicBool>,
    listener: Option<JoinHandle<()>>,
}

impl Server {
    fn start(
        answer: impl Fn(&str, &mut TcpStream) -> std::io::Result<()> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (is_over, answer) = (Arc::new(AtomicBool::new(false)), Arc::new(answer));
        let over = Arc::clone(&is_over);
        let listener = thread::spawn(move || {
            for stream in listener.incoming() {
                if over.load(Ordering::Relaxed) {
                    break;
                }
                let answer = Arc::clone(&answer);
                thread::spawn(move || serve(stream.unwrap(), &*answer));
            }
        });
        Self { url, is_over, listener: Some(listener) }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
        // One more connection wakes the listener up.
        drop(TcpStream::connect(self.url.trim_start_matches("http://")));
        self.listener.take().unwrap().join().unwrap();
    }
}

/// Answers one request. That the other side has had enough is what these tests are about.
fn serve(mut stream: TcpStream, answer: &Answer) {
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
    let Some(Ok(request)) = lines.next() else { return };
    let is_head = |line: &std::io::Result<String>| line.as_ref().is_ok_and(|l| !l.is_empty());
    lines.by_ref().take_while(is_head).for_each(drop);
    let path = request.split(' ').nth(1).unwrap_or_default().trim_start_matches('/').to_owned();
    drop(answer(&path, &mut stream));
}

fn head(status: &str, rest: &str) -> String {
    format!("HTTP/1.1 {status}\r\nConnection: close\r\n{rest}\r\n")
}

/// Serves what the world has published, but for one file, which is answered otherwise.
fn serving(
    world: &World,
    file: &'static str,
    otherwise: impl Fn(&mut TcpStream) -> std::io::Result<()> + Send + Sync + 'static,
) -> Server {
    let public = world.path("public");
    Server::start(move |path, stream| {
        if path.starts_with(file) {
            return otherwise(stream);
        }
        let place = public.join(path);
        if !place.is_file() {
            return stream.write_all(head("404 Not Found", "Content-Length: 0\r\n").as_bytes());
        }
        let bytes = crate::world::read(&place);
        let length = format!("Content-Length: {}\r\n", bytes.len());
        stream.write_all(head("200 OK", &length).as_bytes())?;
        stream.write_all(&bytes)
    })
}

/// A client that trusted the registry at another place, and finds it at this one now.
fn moved(world: &World, server: &Server) {
    let url = &server.url;
    world.client(&format!("registry add demo {url} --root public/metadata/1.root.json")).code(0);
    super::forget_cache(world);
}

fn without_end(stream: &mut TcpStream) -> std::io::Result<()> {
    stream.write_all(head("200 OK", "").as_bytes())?;
    let blanks = vec![b' '; 1 << 16];
    loop {
        stream.write_all(&blanks)?;
    }
}

#[test]
fn endless_data_are_not_read_to_the_end() {
    for file in ["metadata/timestamp.json", "metadata/2.root.json", "blobs/", "archives/"] {
        let world = victim();
        let server = serving(&world, file, without_end);
        // Adding it again asks for the metadata, too; what can be told apart is where it ends.
        let add = format!("registry add demo {} --root public/metadata/1.root.json", server.url);
        let before = world.home();
        if file.starts_with("metadata/") {
            fails(&world, &add, 3, "source/too-large");
            world.assert_home_unchanged(&before);
        } else {
            moved(&world, &server);
            let code = if file == "blobs/" { "source/too-large" } else { "archive/differs" };
            refused(&world, INSTALL, code);
        }
    }
}

#[test]
fn endless_data_in_a_folder_are_not_read_to_the_end() {
    let world = victim();
    for file in ["timestamp.json", "2.root.json"] {
        let path = format!("public/metadata/{file}");
        let good = world.path(&path).exists().then(|| world.read(&path));
        world.write(&path, " ".repeat(20 << 20));
        refused(&world, INSTALL, "source/too-large");
        match good {
            Some(good) => world.write(&path, good),
            None => std::fs::remove_file(world.path(&path)).unwrap(),
        }
    }
}

#[test]
fn what_unpacks_without_end_is_not_unpacked_to_the_end() {
    let world = victim();
    // Gzip of blanks: a hundred megabytes in a hundred kilobytes.
    world.write("blanks", " ".repeat(100 << 20));
    let blanks = world.path("blanks").display().to_string();
    let packed = crate::support::output("gzip", &["-9", "-c", &blanks], b"");
    let server = serving(&world, "metadata/timestamp.json", move |stream| {
        stream.write_all(head("200 OK", "Content-Encoding: gzip\r\n").as_bytes())?;
        stream.write_all(&packed)
    });
    let add = format!("registry add demo {} --root public/metadata/1.root.json", server.url);
    let before = world.home();
    fails(&world, &add, 3, "source/too-large");
    world.assert_home_unchanged(&before);
}

/// The program's own patience is half a minute, too long for a test: here a client of the library
/// has less of it.
#[test]
fn a_server_that_sends_next_to_nothing_is_given_up() {
    let server = Server::start(|_, stream| {
        stream.write_all(head("200 OK", "Content-Length: 1000000\r\n").as_bytes())?;
        loop {
            stream.write_all(b" ")?;
            thread::sleep(Duration::from_millis(20));
        }
    });
    let patience = Patience {
        window: Duration::from_millis(500),
        floor: 1_000,
        retries: 0,
        ..Patience::default()
    };
    let web = Web::new(Settings { patience, ..Settings::default() }).unwrap();
    let url = index_schema::url::ArchiveUrl::parse(&server.url).unwrap();
    let source = Http::new(web, &url).unwrap();
    let start = Instant::now();
    let error = source.get("metadata/timestamp.json", 1 << 20).unwrap_err();
    assert!(matches!(error, SourceError::Slow { .. }), "{error}");
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
}

#[test]
fn a_server_that_drips_is_given_up_by_the_program_within_its_window() {
    let world = victim();
    let server = serving(&world, "blobs/", |stream| {
        stream.write_all(head("200 OK", "").as_bytes())?;
        loop {
            stream.write_all(b" ")?;
            thread::sleep(Duration::from_secs(1));
        }
    });
    moved(&world, &server);
    let before = world.home();
    let start = Instant::now();
    fails(&world, INSTALL, 4, "network/slow");
    let took = start.elapsed().as_secs();
    assert!((29..50).contains(&took), "it took {took} seconds");
    world.assert_home_unchanged(&before);
}

#[test]
fn a_page_in_the_place_of_metadata_is_told_from_them() {
    let world = victim();
    let server = serving(&world, "metadata/2.root.json", |stream| {
        let page = "<!doctype html><title>Not found</title>";
        let length = format!("Content-Length: {}\r\n", page.len());
        stream.write_all(head("200 OK", &length).as_bytes())?;
        stream.write_all(page.as_bytes())
    });
    let add = format!("registry add demo {} --root public/metadata/1.root.json", server.url);
    let before = world.home();
    fails(&world, &add, 3, "tuf/not-root");
    world.assert_home_unchanged(&before);
}

#[test]
fn a_redirect_leads_neither_in_a_circle_nor_to_files_nor_to_other_machines_unprotected() {
    let cases = [
        ("/metadata/timestamp.json", "network/redirects"),
        ("file:///etc/passwd", "network/redirect"),
        ("http://192.0.2.1/metadata/timestamp.json", "network/redirect"),
        ("ftp://192.0.2.1/x", "network/redirect"),
    ];
    for (to, code) in cases {
        let world = victim();
        let server = serving(&world, "metadata/timestamp.json", move |stream| {
            let location = format!("Location: {to}\r\nContent-Length: 0\r\n");
            stream.write_all(head("302 Found", &location).as_bytes())
        });
        let add = format!("registry add demo {} --root public/metadata/1.root.json", server.url);
        let before = world.home();
        fails(&world, &add, 4, code);
        world.assert_home_unchanged(&before);
    }
}

#[test]
fn a_file_that_stops_half_way_is_not_a_file() {
    let world = victim();
    let server = serving(&world, "archives/", |stream| {
        stream.write_all(head("200 OK", "Content-Length: 459\r\n").as_bytes())?;
        stream.write_all(b"\x1f\x8b\x08")
    });
    moved(&world, &server);
    let before = world.home();
    fails(&world, INSTALL, 4, "network/transport");
    world.assert_home_unchanged(&before);
}

#[test]
fn a_path_that_climbs_out_of_what_is_served_finds_nothing() {
    let world = victim();
    let preview = Preview::of(&world, "public");
    let host = preview.url().trim_start_matches("http://").trim_end_matches('/').to_owned();
    for path in ["/../keys/online/bins.pem", "/metadata/../../keys/lab", "/%2e%2e/keys/lab"] {
        let mut stream = TcpStream::connect(&host).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
        let status = BufReader::new(stream).lines().next().unwrap().unwrap();
        assert!(status.contains(" 404 ") || status.contains(" 400 "), "{path}: {status}");
    }
}
