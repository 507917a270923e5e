//! Servers that misbehave, each on a port of this computer.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Mutex;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::*;

/// A server that answers its n-th request with what `answer(n, head, stream)` writes.
struct Server {
    base: String,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn start(answer: impl Fn(usize, &mut TcpStream) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let heads = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&heads);
        // The thread ends with the test process.
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let Some(head) = read_head(&mut stream) else { continue };
                let number = {
                    let mut seen = seen.lock().unwrap();
                    seen.push(head);
                    seen.len()
                };
                answer(number, &mut stream);
            }
        });
        Self { base, heads }
    }

    fn fixed(response: impl Into<Vec<u8>>) -> Self {
        let response = response.into();
        Self::start(move |_, stream| stream.write_all(&response).unwrap_or_default())
    }

    fn source(&self) -> Http {
        let web = Web::new(Settings { patience: hurried(), ..Settings::default() }).unwrap();
        Http::new(web, &ArchiveUrl::parse(&self.base).unwrap()).unwrap()
    }

    fn get(&self, limit: usize) -> Result<Option<Vec<u8>>, SourceError> {
        self.source().get("a/b.json", limit)
    }

    fn requests(&self) -> usize {
        self.heads.lock().unwrap().len()
    }
}

fn read_head(stream: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).ok()?;
        head.extend_from_slice(&byte);
    }
    String::from_utf8(head).ok()
}

fn hurried() -> Patience {
    Patience {
        connect: Duration::from_secs(5),
        silence: Duration::from_millis(400),
        window: Duration::from_millis(300),
        floor: 1000,
        retries: 3,
        backoff: Duration::from_millis(1),
        longest_pause: Duration::from_millis(50),
    }
}

fn response(head: &str, body: &[u8]) -> Vec<u8> {
    let mut bytes = format!("HTTP/1.1 {head}\r\nConnection: close\r\n\r\n").into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn a_file_comes_whole_and_the_request_tells_nothing_about_the_user() {
    let server = Server::fixed(response("200 OK\r\nContent-Length: 5", b"hello"));
    assert_eq!(server.get(5).unwrap().as_deref(), Some(b"hello".as_slice()));
    let mut sent: Vec<String> =
        server.heads.lock().unwrap()[0].to_lowercase().lines().map(str::to_owned).collect();
    sent.retain(|line| !line.is_empty() && !line.starts_with("host: 127.0.0.1:"));
    sent.sort();
    let expected =
        ["accept-encoding: gzip", "accept: */*", "get /a/b.json http/1.1", "user-agent: libral/1"];
    assert_eq!(sent, expected);
}

#[test]
fn progress_is_told_and_ends_at_the_size() {
    let body = vec![7; 200_000];
    let server = Server::fixed(response("200 OK\r\nContent-Length: 200000", &body));
    let seen = Mutex::new(Vec::new());
    let mut sink = Vec::new();
    let size = server
        .source()
        .stream("a.tar.gz", 200_000, &mut sink, &|bytes| seen.lock().unwrap().push(bytes))
        .unwrap();
    assert_eq!((size, sink.len()), (Some(200_000), 200_000));
    let seen = seen.into_inner().unwrap();
    assert!(seen.is_sorted() && seen.last() == Some(&200_000));
}

#[test]
fn what_is_missing_or_forbidden_is_not_there() {
    for status in ["404 Not Found", "403 Forbidden"] {
        let server = Server::fixed(response(&format!("{status}\r\nContent-Length: 1"), b"x"));
        assert_eq!(server.get(5).unwrap(), None);
        assert_eq!(server.requests(), 1);
    }
}

#[test]
fn a_busy_server_is_asked_four_times_in_all() {
    for number in [500, 503, 429, 408] {
        let head = format!("{number} Busy\r\nRetry-After: 3600\r\nContent-Length: 0");
        let server = Server::fixed(response(&head, b""));
        let error = server.get(5).unwrap_err();
        assert!(matches!(error, SourceError::Status { status, .. } if status == number), "{error}");
        assert_eq!(server.requests(), 4, "{number}");
    }
}

#[test]
fn a_server_that_recovers_is_read() {
    let server = Server::start(|number, stream| {
        let bytes = match number {
            1 => response("503 Busy\r\nContent-Length: 0", b""),
            2 => Vec::new(), // hangs up
            _ => response("200 OK\r\nContent-Length: 5", b"hello"),
        };
        stream.write_all(&bytes).unwrap();
    });
    assert_eq!(server.get(5).unwrap().as_deref(), Some(b"hello".as_slice()));
    assert_eq!(server.requests(), 3);
}

#[test]
fn other_answers_are_errors_at_once() {
    for status in ["400 Bad", "401 Who", "418 Teapot", "304 Not Modified", "206 Partial", "204 No"]
    {
        let server = Server::fixed(response(&format!("{status}\r\nContent-Length: 0"), b""));
        assert!(matches!(server.get(5), Err(SourceError::Status { .. })), "{status}");
        assert_eq!(server.requests(), 1);
    }
}

#[test]
fn nobody_listening_is_a_failure_of_transport() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let web = Web::new(Settings { patience: hurried(), ..Settings::default() }).unwrap();
    let base = ArchiveUrl::parse(&format!("http://127.0.0.1:{port}/")).unwrap();
    let error = Http::new(web, &base).unwrap().get("a", 1).unwrap_err();
    assert!(matches!(error, SourceError::Transport { .. }), "{error}");
}

#[test]
fn a_length_above_the_ceiling_is_refused_unread() {
    for length in ["6", "99999999999", "99999999999999999999999999"] {
        let server = Server::fixed(response(&format!("200 OK\r\nContent-Length: {length}"), b""));
        let error = server.get(5).unwrap_err();
        let refused = matches!(error, SourceError::TooLarge { .. } | SourceError::Transport { .. });
        assert!(refused, "{error}");
    }
    let server = Server::fixed(response("200 OK\r\nContent-Length: 6", b"hello!"));
    assert!(matches!(server.get(5), Err(SourceError::TooLarge { limit: 5, .. })));
}

#[test]
fn an_endless_body_is_cut_at_the_ceiling() {
    let server = Server::start(|_, stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n").unwrap();
        while stream.write_all(&[0; 4096]).is_ok() {}
    });
    let mut sink = Vec::new();
    let error = server.source().stream("a", 100_000, &mut sink, &|_| {}).unwrap_err();
    assert!(matches!(error, SourceError::TooLarge { limit: 100_000, .. }), "{error}");
    assert!(sink.len() <= 100_000);
}

#[test]
fn a_gzip_bomb_is_cut_at_the_ceiling() {
    let bomb = gzip(&vec![0; 50_000_000]);
    let head = format!("200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}", bomb.len());
    let server = Server::fixed(response(&head, &bomb));
    let mut sink = Vec::new();
    let error = server.source().stream("a", 100_000, &mut sink, &|_| {}).unwrap_err();
    assert!(matches!(error, SourceError::TooLarge { limit: 100_000, .. }), "{error}");
    assert!(sink.len() <= 100_000);
}

#[test]
fn a_gzip_stream_that_never_yields_a_byte_is_cut_on_the_wire() {
    let server = Server::start(|_, stream| {
        stream
            .write_all(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n")
            .unwrap();
        // A header, and then empty stored blocks for ever.
        stream.write_all(b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff").unwrap();
        while stream.write_all(&[0, 0, 0, 0xff, 0xff]).is_ok() {}
    });
    let error = server.get(1000).unwrap_err();
    assert!(matches!(error, SourceError::TooLarge { limit: 1000, .. }), "{error}");
}

#[test]
fn compressed_files_are_decoded_and_archives_are_not() {
    let packed = gzip(b"hello");
    let head = format!("200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}", packed.len());
    let server = Server::fixed(response(&head, &packed));
    assert_eq!(server.get(5).unwrap().as_deref(), Some(b"hello".as_slice()));
    assert_eq!(server.source().get("a.tar.gz", 500).unwrap(), Some(packed));
}

#[test]
fn a_broken_or_unknown_encoding_is_refused() {
    let server = Server::fixed(response("200 OK\r\nContent-Encoding: gzip", b"not gzip at all"));
    assert!(matches!(server.get(500), Err(SourceError::Read { .. })));
    let server = Server::fixed(response("200 OK\r\nContent-Encoding: br", b"hello"));
    assert!(matches!(server.get(500), Err(SourceError::Read { .. })));
    let cut = gzip(&vec![1; 5000]);
    let server = Server::fixed(response("200 OK\r\nContent-Encoding: gzip", &cut[..cut.len() / 2]));
    assert!(server.get(5000).is_err());
}

#[test]
fn a_body_shorter_than_announced_is_an_error() {
    let server = Server::fixed(response("200 OK\r\nContent-Length: 50", b"hello"));
    assert!(matches!(server.get(500), Err(SourceError::Transport { .. })));
}

#[test]
fn a_body_longer_than_announced_is_cut_where_it_was_announced() {
    let server = Server::fixed(response("200 OK\r\nContent-Length: 5", b"hello and more"));
    assert_eq!(server.get(500).unwrap().as_deref(), Some(b"hello".as_slice()));
}

#[test]
fn nonsense_is_an_error() {
    for head in [
        "nonsense\r\n\r\n",
        "HTTP/1.1 999999 X\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
    ] {
        assert!(Server::fixed(head).get(5).is_err(), "{head}");
    }
    let endless_head = Server::start(|_, stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\n").unwrap();
        while stream.write_all(b"X: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n").is_ok() {}
    });
    assert!(endless_head.get(5).is_err());
}

#[test]
fn a_trickle_is_given_up() {
    let server = Server::start(|_, stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n").unwrap();
        while stream.write_all(b"x").is_ok() {
            thread::sleep(Duration::from_millis(20));
        }
    });
    let error = server.get(5000).unwrap_err();
    assert!(matches!(error, SourceError::Slow { .. }), "{error}");
}

#[test]
fn silence_is_given_up() {
    let after = |head: &'static str| {
        Server::start(move |_, stream| {
            stream.write_all(head.as_bytes()).unwrap();
            thread::sleep(Duration::from_secs(3));
        })
    };
    let error = after("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe").get(5).unwrap_err();
    assert!(matches!(error, SourceError::Slow { .. }), "{error}");
    assert!(matches!(after("HTTP/1.1 200").get(5), Err(SourceError::Transport { .. })));
}

#[test]
fn a_redirect_is_followed_and_a_loop_is_not() {
    let server = Server::start(|number, stream| {
        let bytes = if number == 1 {
            response("302 Found\r\nLocation: ../c.json\r\nContent-Length: 0", b"")
        } else {
            response("200 OK\r\nContent-Length: 5", b"hello")
        };
        stream.write_all(&bytes).unwrap();
    });
    assert_eq!(server.get(5).unwrap().as_deref(), Some(b"hello".as_slice()));
    assert!(server.heads.lock().unwrap()[1].starts_with("GET /c.json "));

    let circle = Server::fixed(response("307 X\r\nLocation: /a/b.json\r\nContent-Length: 0", b""));
    assert!(matches!(circle.get(5), Err(SourceError::Redirects { limit: limits::REDIRECTS, .. })));
    assert_eq!(circle.requests(), 6);
}

#[test]
fn a_redirect_to_elsewhere_is_not_followed() {
    for location in
        ["file:///etc/passwd", "http://192.0.2.1/x", "ftp://127.0.0.1/", "http://u:p@127.0.0.1/"]
    {
        let head = format!("302 Found\r\nLocation: {location}\r\nContent-Length: 0");
        let server = Server::fixed(response(&head, b""));
        let error = server.get(5).unwrap_err();
        assert!(matches!(error, SourceError::Redirect { .. }), "{location}: {error}");
        assert_eq!(server.requests(), 1);
    }
}

#[test]
fn cookies_are_not_kept() {
    let server = Server::fixed(response("200 OK\r\nSet-Cookie: id=1\r\nContent-Length: 0", b""));
    let source = server.source();
    source.get("a", 5).unwrap();
    source.get("b", 5).unwrap();
    assert!(!server.heads.lock().unwrap()[1].to_lowercase().contains("cookie"));
}

#[test]
fn without_leave_http_reaches_this_computer_only_and_archives_need_https() {
    let web = Web::new(Settings { patience: hurried(), ..Settings::default() }).unwrap();
    let remote = ArchiveUrl::parse("http://192.0.2.1/").unwrap();
    assert!(matches!(Http::new(web.clone(), &remote), Err(SourceError::Insecure { .. })));
    let server = Server::fixed(response("200 OK\r\nContent-Length: 5", b"hello"));
    for url in [format!("{}/a.tar.gz", server.base), "file:///etc/hostname".to_owned()] {
        let url = ArchiveUrl::parse(&url).unwrap();
        let error = web.fetch_url(&url, 500, &mut Vec::new(), &|_| {}).unwrap_err();
        assert!(matches!(error, SourceError::Insecure { .. }), "{error}");
    }
    assert_eq!(server.requests(), 0);
}

#[test]
fn with_leave_an_archive_comes_from_http_or_a_file() {
    let settings = Settings { allow_insecure: true, patience: hurried(), proxy: None };
    let web = Web::new(settings).unwrap();
    let server = Server::fixed(response("200 OK\r\nContent-Length: 5", b"hello"));
    let fetch = |text: &str| {
        let mut sink = Vec::new();
        let size = web.fetch_url(&ArchiveUrl::parse(text).unwrap(), 5, &mut sink, &|_| {});
        size.map(|size| size.map(|_| sink))
    };
    let hello = Some(b"hello".to_vec());
    assert_eq!(fetch(&format!("{}/a.tar.gz", server.base)).unwrap(), hello);
    assert!(server.heads.lock().unwrap()[0].to_lowercase().contains("accept-encoding: identity"));
    let file = tempfile::NamedTempFile::with_suffix(".tar.gz").unwrap();
    file.as_file().write_all(b"hello").unwrap();
    assert_eq!(fetch(&format!("file://{}", file.path().display())).unwrap(), hello);
    assert_eq!(fetch("file:///no/such/file").unwrap(), None);
}

#[test]
fn what_is_not_a_proxy_is_refused() {
    let settings = Settings { proxy: Some("no proxy".to_owned()), ..Settings::default() };
    assert!(matches!(Web::new(settings), Err(SourceError::Proxy { .. })));
}

#[test]
fn a_proxy_is_not_asked_about_this_computer() {
    let proxy = Server::fixed(response("200 OK\r\nContent-Length: 5", b"proxy"));
    let server = Server::fixed(response("200 OK\r\nContent-Length: 5", b"hello"));
    let settings =
        Settings { allow_insecure: true, proxy: Some(proxy.base.clone()), patience: hurried() };
    let web = Web::new(settings).unwrap();
    let get =
        |base: &str| Http::new(web.clone(), &ArchiveUrl::parse(base).unwrap()).unwrap().get("a", 5);
    assert_eq!(get(&server.base).unwrap().as_deref(), Some(b"hello".as_slice()));
    assert_eq!(proxy.requests(), 0);
    get("http://192.0.2.1/").unwrap_err();
    assert!(proxy.requests() > 0);
}

#[test]
fn a_server_that_does_not_speak_tls_is_an_error() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("https://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            stream.unwrap().write_all(b"HTTP/1.1 400 Speak plainly\r\n\r\n").unwrap_or_default();
        }
    });
    let web = Web::new(Settings { patience: hurried(), ..Settings::default() }).unwrap();
    let source = Http::new(web, &ArchiveUrl::parse(&base).unwrap()).unwrap();
    assert!(matches!(source.get("a", 5), Err(SourceError::Transport { .. })));
}
