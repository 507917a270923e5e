//! How many signatures are verified in a second: `cargo bench -p e2e --bench verify`.
//!
//! Every signature is another one, because the library remembers those that it has seen.

#![expect(clippy::unwrap_used, reason = "a measurement that cannot go on says so by panicking")]
#![expect(clippy::print_stdout, reason = "the result")]

use std::time::Instant;

use index_schema::time::Timestamp;
use libral::openpgp::{Certificate, Keyring, verify};
use registry_tool::signing::{generate, sign_detached};

const COUNT: u32 = 3000;

fn main() {
    let now = Timestamp::parse("2026-06-15T12:00:00Z").unwrap();
    let key = generate("Ada <ada@example.org>", now).unwrap();
    let secret = key.armored_secret_key().unwrap();
    let certificate = key.armored_certificate().unwrap();
    let keyring = Keyring::from_iter([Certificate::parse(certificate.as_bytes()).unwrap()]);
    let signed: Vec<(String, String)> = (0..COUNT)
        .map(|n| format!("{{\"n\":{n},\"text\":\"{}\"}}\n", "x".repeat(1400)))
        .map(|text| (sign_detached(text.as_bytes(), secret.as_bytes(), now).unwrap(), text))
        .collect();
    let start = Instant::now();
    for (signature, text) in &signed {
        verify(text.as_bytes(), signature.as_bytes(), &keyring, now).unwrap();
    }
    let seconds = start.elapsed().as_secs_f64();
    println!("Ed25519, 1.4 kB: {:.0} a second, one thread", f64::from(COUNT) / seconds);
}
