//! A GnuPG of one's own: a home folder for one test, and an agent that ends with it.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use index_schema::time::Timestamp;
use libral::openpgp::Certificate;
use tempfile::TempDir;

use super::{DOCUMENT, made, signed};
use crate::support::{output, present, run};

pub(crate) struct Gnupg {
    home: TempDir,
}

impl Gnupg {
    /// Returns nothing where GnuPG is not installed.
    pub(crate) fn new() -> Option<Self> {
        if !present(&["gpg", "gpgconf"]) {
            return None;
        }
        let mut builder = tempfile::Builder::new();
        builder.prefix("gpg").permissions(Permissions::from_mode(0o700));
        // Sockets have short names: the usual folder for temporary files may be too deep.
        Some(Self { home: builder.tempdir_in("/tmp").unwrap() })
    }

    pub(crate) fn home(&self) -> &str {
        self.home.path().to_str().unwrap()
    }

    pub(crate) fn home_path(&self) -> &Path {
        self.home.path()
    }

    /// Runs `gpg` at a faked time, which stands still.
    pub(crate) fn run(&self, at: Timestamp, args: &[&str], input: &[u8]) -> Vec<u8> {
        let at = format!("{}!", at.to_string().replace(['-', ':', 'Z'], ""));
        let mut all = vec!["--homedir", self.home(), "--no-tty", "--yes", "--quiet"];
        all.extend(["--pinentry-mode", "loopback", "--passphrase", ""]);
        all.extend(["--command-fd", "0", "--armor", "--output", "-"]);
        all.extend(["--faked-system-time", &at]);
        all.extend(args);
        output("gpg", &all, input)
    }

    /// Makes a key that signs, named after its algorithm, and returns its fingerprint.
    pub(crate) fn key(&self, algorithm: &str, expires: &str) -> String {
        let name = format!("{algorithm} <{algorithm}@example.org>");
        self.run(made(), &["--batch", "--quick-gen-key", &name, algorithm, "sign", expires], b"");
        self.fingerprints(&format!("<{algorithm}@example.org>")).remove(0)
    }

    /// Adds a subkey that signs and returns its fingerprint.
    pub(crate) fn subkey(&self, key: &str) -> String {
        self.run(made(), &["--batch", "--quick-add-key", key, "ed25519", "sign", "never"], b"");
        self.fingerprints(key).pop().unwrap()
    }

    fn fingerprints(&self, key: &str) -> Vec<String> {
        let listed = self.run(made(), &["--with-colons", "--list-keys", key], b"");
        let listed = String::from_utf8(listed).unwrap();
        let fingerprints = listed.lines().filter(|line| line.starts_with("fpr:"));
        fingerprints.map(|line| line.split(':').nth(9).unwrap().to_owned()).collect()
    }

    /// Revokes a key for a reason in GnuPG's numbering: 0 none, 1 compromised, 3 no longer used.
    pub(crate) fn revoke(&self, key: &str, reason: u8, at: Timestamp) {
        let answers = format!("y\n{reason}\n\ny\n");
        let revocation = self.run(at, &["--gen-revoke", key], answers.as_bytes());
        self.run(at, &["--import"], &revocation);
    }

    /// Revokes the first subkey of a key, for a reason in the same numbering.
    pub(crate) fn revoke_subkey(&self, key: &str, reason: u8, at: Timestamp) {
        let answers = format!("key 1\nrevkey\ny\n{reason}\n\ny\nsave\n");
        self.run(at, &["--edit-key", key], answers.as_bytes());
    }

    pub(crate) fn certificate_bytes(&self, key: &str) -> Vec<u8> {
        self.run(signed(), &["--export", key], b"")
    }

    pub(crate) fn certificate(&self, key: &str) -> Certificate {
        Certificate::parse(&self.certificate_bytes(key)).unwrap()
    }

    /// Signs [`DOCUMENT`].
    pub(crate) fn sign(&self, key: &str, at: Timestamp, options: &[&str]) -> String {
        let args = [options, &["--local-user", key, "--detach-sign"]].concat();
        String::from_utf8(self.run(at, &args, DOCUMENT)).unwrap()
    }
}

impl Drop for Gnupg {
    fn drop(&mut self) {
        run("gpgconf", &["--homedir", self.home(), "--kill", "all"], b"");
    }
}
