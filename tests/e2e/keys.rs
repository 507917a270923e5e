//! Keys and signatures made by other programs, and ours in their eyes.
//!
//! GnuPG works at faked times in the first half of 2026, so these tests say the same at any time.

mod accepted;
pub(crate) mod gnupg;
mod ours;
mod refused;
pub(crate) mod sequoia;

use std::time::SystemTime;

use index_schema::time::Timestamp;
use libral::openpgp::{Certificate, Keyring, SignatureError, Signer, verify};

const DOCUMENT: &[u8] = b"{\"type\":\"release\"}\n";

fn time(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

/// When every key is made.
pub(crate) fn made() -> Timestamp {
    time("2026-03-01T00:00:00Z")
}

/// When every signature is made, unless the test is about that.
fn signed() -> Timestamp {
    time("2026-06-14T12:00:00Z")
}

/// When every signature is accepted.
fn accepted() -> Timestamp {
    time("2026-06-15T12:00:00Z")
}

/// The true time, for programs that cannot be told another.
#[expect(clippy::disallowed_methods, reason = "the time at which another program signs")]
pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    Timestamp::from_seconds(since.as_secs().try_into().unwrap()).unwrap()
}

/// Verifies signatures of [`DOCUMENT`]; the errors are their codes.
fn judge(signatures: &str, certificates: &[Certificate]) -> Result<Vec<Signer>, Vec<&'static str>> {
    let keyring = Keyring::from_iter(certificates.iter().cloned());
    verify(DOCUMENT, signatures.as_bytes(), &keyring, accepted())
        .map_err(|errors| errors.iter().map(SignatureError::code).collect())
}
