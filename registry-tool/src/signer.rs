//! Whoever signs: a key file, or a key that GnuPG keeps.

use std::io;
use std::path::{Path, PathBuf};

use index_schema::json::pretty;
use index_schema::limits;
use index_schema::statement::{self, Document, StatementError};
use index_schema::time::Timestamp;
use libral::file::read_file;

use crate::signing::{Gpg, GpgError, SigningError, sign_detached};

/// Whoever signs.
#[derive(Debug, Clone)]
pub enum Signer {
    /// The secret key in this file.
    File(PathBuf),
    /// A key that GnuPG finds by this name.
    Gpg(String),
}

/// Why something was not signed.
#[derive(Debug, thiserror::Error)]
pub enum SignerError {
    /// A file could not be read.
    #[error("cannot read `{}`", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The key in a file did not sign.
    #[error("cannot sign with `{}`", path.display())]
    Key {
        /// The file.
        path: PathBuf,
        /// Why.
        source: SigningError,
    },
    /// GnuPG did not sign.
    #[error(transparent)]
    Gpg(#[from] GpgError),
    /// The file to sign is not a document or statement.
    #[error(transparent)]
    Statement(#[from] StatementError),
    /// The document has no newline at its end, which the split between it and signatures needs.
    #[error("the document does not end with a newline")]
    NoNewline,
}

impl Signer {
    /// Signs a document and returns an armored detached signature.
    pub fn sign(&self, document: &[u8], now: Timestamp) -> Result<String, SignerError> {
        match self {
            Self::File(path) => {
                let key = read_key(path)?;
                sign_detached(document, &key, now)
                    .map_err(|source| SignerError::Key { path: path.clone(), source })
            }
            Self::Gpg(key) => Ok(Gpg::default().sign(document, key)?),
        }
    }
}

/// Reads a key file under its ceiling.
pub fn read_key(path: &Path) -> Result<Vec<u8>, SignerError> {
    read_file(path, limits::CERTIFICATE)
        .map_err(|source| SignerError::Read { path: path.to_owned(), source })
}

/// Writes a document the one way and has every signer sign it.
pub fn signed<T: Document>(
    document: &T,
    signers: &[Signer],
    now: Timestamp,
) -> Result<Vec<u8>, SignerError> {
    let bytes = pretty(document);
    append(&bytes, &bytes, signers, now)
}

/// Turns a document, or a statement that has signatures already, into one with more signatures.
pub fn countersigned(
    file: &[u8],
    signers: &[Signer],
    now: Timestamp,
) -> Result<Vec<u8>, SignerError> {
    match statement::split(file) {
        Ok((document, _)) => append(file, document, signers, now),
        Err(StatementError::NoSignature) if file.ends_with(b"\n") => {
            append(file, file, signers, now)
        }
        Err(StatementError::NoSignature) => Err(SignerError::NoNewline),
        Err(error) => Err(error.into()),
    }
}

fn append(
    file: &[u8],
    document: &[u8],
    signers: &[Signer],
    now: Timestamp,
) -> Result<Vec<u8>, SignerError> {
    let mut out = file.to_vec();
    for signer in signers {
        out.extend(signer.sign(document, now)?.into_bytes());
    }
    Ok(out)
}
