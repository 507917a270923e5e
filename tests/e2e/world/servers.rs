//! Web servers on loopback ports, which end with the test.

use std::fs::Permissions;
use std::io::{BufRead as _, BufReader};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Child, Command, Stdio};

use super::{World, program};
use crate::support::{present, run};

/// `registry-tool serve`, on a port that was free.
pub(crate) struct Preview {
    child: Child,
    url: String,
}

impl Preview {
    /// Serves a folder of the world.
    pub(crate) fn of(world: &World, folder: &str) -> Self {
        let mut child = Command::new(program("registry-tool"))
            .args(["serve", folder, "--port", "0"])
            .current_dir(world.path(""))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // The address is printed when the server listens.
        let mut url = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut url).unwrap();
        Self { child, url: url.trim_end().to_owned() }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Preview {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// nginx as a static host, with a configuration of its own.
pub(crate) struct Nginx {
    program: &'static str,
    folder: String,
    url: String,
}

impl Nginx {
    /// Serves the world's published folder; nothing where nginx is not installed.
    pub(crate) fn of(world: &World) -> Option<Self> {
        Self::start(world, "http", "")
    }

    /// Does so over TLS, with a certificate of an authority that only `tls/ca.pem` knows.
    pub(crate) fn secure(world: &World) -> Option<Self> {
        if !present(&["openssl"]) {
            return None;
        }
        make_certificates(world);
        let (certificate, key) = (world.path("tls/server.pem"), world.path("tls/server.key"));
        let options = format!(
            "ssl_certificate {}; ssl_certificate_key {};",
            certificate.display(),
            key.display()
        );
        Self::start(world, "https", &options)
    }

    fn start(world: &World, scheme: &str, options: &str) -> Option<Self> {
        // Debian's administrators' programs are not on everybody's path.
        let places = ["nginx", "/usr/sbin/nginx"];
        let is_there = |place: &&&str| Command::new(place).arg("-v").output().is_ok();
        let program = places.iter().find(is_there).copied().unwrap_or("nginx");
        if !present(&[program]) {
            return None;
        }
        // Started by root, nginx reads as somebody else.
        std::fs::set_permissions(world.path(""), Permissions::from_mode(0o755)).unwrap();
        let folder = world.path("nginx").display().to_string();
        world.write("nginx/log", "");
        (0..20).find_map(|_| {
            let port = free_port();
            world.write("nginx/conf", configuration(world, port, options));
            // The command ends when the server listens, or cannot.
            let started = run(program, &["-p", &folder, "-e", "log", "-c", "conf"], b"");
            let url = format!("{scheme}://127.0.0.1:{port}");
            let server = || Self { program, folder: folder.clone(), url };
            started.status.success().then(server)
        })
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        run(self.program, &["-p", &self.folder, "-e", "log", "-c", "conf", "-s", "stop"], b"");
    }
}

fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port()
}

/// Makes an authority and a certificate for 127.0.0.1 by it.
fn make_certificates(world: &World) {
    world.write("tls/extensions", "subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth\n");
    let curve = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";
    for command in [
        format!("req -x509 {curve} -days 2 -subj /CN=authority -keyout ca.key -out ca.pem"),
        format!("req {curve} -subj /CN=server -keyout server.key -out server.csr"),
        "x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 \
         -extfile extensions -out server.pem"
            .to_owned(),
    ] {
        let words = command.split_whitespace();
        let made = Command::new("openssl").args(words).current_dir(world.path("tls")).output();
        let made = made.unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    }
}

fn configuration(world: &World, port: u16, options: &str) -> String {
    let ssl = if options.is_empty() { "" } else { " ssl" };
    format!(
        "worker_processes 1;
         pid pid;
         error_log log;
         events {{ worker_connections 64; }}
         http {{
           access_log off;
           client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
           uwsgi_temp_path uwsgi; scgi_temp_path scgi;
           server {{ listen 127.0.0.1:{port}{ssl}; {options} root {}; }}
         }}\n",
        world.path("public").display()
    )
}
