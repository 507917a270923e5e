//! Statement files: what a person signed, with the signatures, in one file.
//!
//! ```text
//! {
//!   "type": "release",
//!   …
//! }
//! -----BEGIN PGP SIGNATURE-----
//! …
//! -----END PGP SIGNATURE-----
//! ```
//!
//! A JSON document that ends with a newline, followed by one or more armored OpenPGP detached
//! signatures over exactly the bytes before the first line `-----BEGIN PGP SIGNATURE-----`. A JSON
//! string cannot hold a raw newline, so there is one way to split. The file that was signed, the
//! file in Git and the file that is served are the same bytes.
//!
//! Inside stands what it is, of which schema, and for which registry, so that no signature can be
//! used for anything else.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};

use crate::digest::Sha256Digest;
use crate::id::RegistryId;
use crate::json::{self, FromJson, Node, Problem, Reading, Span, Unknown};
use crate::limits;

const BEGIN: &[u8] = b"-----BEGIN PGP SIGNATURE-----";

words! {
    /// What a signed document is.
    pub enum Kind("a type of statement") {
        /// The configuration and the maintainers of a registry.
        Registry = "registry",
        /// The keys of a publisher.
        Publisher = "publisher",
        /// One version of a plugin.
        Release = "release",
        /// What a publisher says of releases that are out.
        Status = "status",
        /// A maintainer's consent to findings of level `review`.
        Approval = "approval",
        /// A publisher's key against a change of keys.
        Objection = "objection",
        /// The maintainers' word that a publisher has other keys now.
        Handover = "handover",
        /// The maintainers' word that a release is gone.
        Removal = "removal",
        /// What maintainers say of a publisher.
        PublisherStatus = "publisher-status",
        /// A vulnerability.
        Advisory = "advisory",
    }
}

/// A document that is signed.
pub trait Document: FromJson + Serialize {
    /// What it says it is.
    const KIND: Kind;
    /// The most bytes it may have, signatures aside.
    const LIMIT: usize;
    /// The schema that this version of the software reads and writes.
    const SCHEMA: u32 = 1;

    /// Returns what is wrong between fields: the field to point at, a code, and the message.
    fn contradictions(&self) -> Vec<(&'static str, &'static str, String)> {
        Vec::new()
    }
}

/// A statement that was read: what it says, and the very bytes that said it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement<T> {
    /// What it says. Nobody has checked yet who says it.
    pub document: T,
    bytes: Vec<u8>,
    split: usize,
}

/// A part of a statement file that cannot be told from the other.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StatementError {
    /// No signature follows.
    #[error("the document is not followed by a line `-----BEGIN PGP SIGNATURE-----`")]
    NoSignature,
    /// The document does not end where the signatures begin.
    #[error("the document does not end with a newline")]
    NoNewline,
    /// The signatures are longer than the ceiling.
    #[error("signatures have at most {max} bytes, these have {0}", max = limits::SIGNATURES)]
    LongSignatures(usize),
}

impl StatementError {
    /// Returns the stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoSignature => "signature/missing",
            Self::NoNewline => "statement/no-newline",
            Self::LongSignatures(_) => "signature/too-long",
        }
    }
}

/// Splits a statement file into the document and its signatures.
pub fn split(bytes: &[u8]) -> Result<(&[u8], &[u8]), StatementError> {
    let at = signatures_start(bytes).ok_or(StatementError::NoSignature)?;
    let (document, signatures) = bytes.split_at(at);
    if !document.ends_with(b"\n") {
        return Err(StatementError::NoNewline);
    }
    if signatures.len() > limits::SIGNATURES {
        return Err(StatementError::LongSignatures(signatures.len()));
    }
    Ok((document, signatures))
}

/// Finds the first line that begins a signature.
fn signatures_start(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        if line.strip_suffix(b"\n").unwrap_or(line).trim_ascii_end() == BEGIN {
            return Some(at);
        }
        at += line.len();
    }
    None
}

impl<T: Document> Statement<T> {
    /// Reads a statement file.
    pub fn read(bytes: &[u8]) -> Result<Self, Vec<Problem>> {
        Self::read_with(bytes, Unknown::Refuse)
    }

    /// Reads a statement file that may say more than this version knows. What was signed are all
    /// of its bytes, also those that are passed over.
    pub fn read_with(bytes: &[u8], unknown: Unknown) -> Result<Self, Vec<Problem>> {
        let (document, _) = split(bytes).map_err(|error| vec![from_split(&error, bytes.len())])?;
        Ok(Self {
            document: read_node(&json::parse(document, T::LIMIT)?, unknown)?,
            bytes: bytes.to_vec(),
            split: document.len(),
        })
    }

    /// Returns the bytes that were signed.
    pub fn signed_bytes(&self) -> &[u8] {
        self.bytes.get(..self.split).unwrap_or_default()
    }

    /// Returns the armored signatures.
    pub fn signatures(&self) -> &[u8] {
        self.bytes.get(self.split..).unwrap_or_default()
    }

    /// Returns the whole file.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Returns the digest of the whole file.
    pub fn digest(&self) -> Sha256Digest {
        Sha256Digest::of(&self.bytes)
    }
}

fn from_split(error: &StatementError, length: usize) -> Problem {
    let span = Span { start: length, end: length };
    Problem { code: error.code(), span, message: error.to_string(), hint: None }
}

/// Reads a document without its signatures.
pub fn read_document<T: Document>(bytes: &[u8]) -> Result<T, Vec<Problem>> {
    from_node(&json::parse(bytes, T::LIMIT)?)
}

/// Reads a document that was parsed before.
pub fn from_node<T: Document>(node: &Node) -> Result<T, Vec<Problem>> {
    read_node(node, Unknown::Refuse)
}

fn read_node<T: Document>(node: &Node, unknown: Unknown) -> Result<T, Vec<Problem>> {
    let header: Header = json::from_node(node, Unknown::Ignore)?;
    let refuse = |field: &str, code, message| {
        let span = node.get(field).map_or(node.span, |value| value.span);
        Err(vec![Problem { code, span, message, hint: None }])
    };
    if header.kind != T::KIND.as_str() {
        let message =
            format!("expected a statement of type `{}`, found `{}`", T::KIND, header.kind);
        return refuse("type", "statement/wrong-type", message);
    }
    if header.schema != T::SCHEMA {
        let message = format!("schema {} is not one that this version reads", header.schema);
        return refuse("schema", "statement/newer-schema", message);
    }
    let document: T = json::from_node(node, unknown)?;
    let problems: Vec<Problem> = document
        .contradictions()
        .into_iter()
        .map(|(field, code, message)| {
            let span = node.get(field).map_or(node.span, |value| value.span);
            Problem { code, span, message, hint: None }
        })
        .collect();
    if problems.is_empty() { Ok(document) } else { Err(problems) }
}

document! {
    /// What every signed document says first, whatever else it says.
    pub struct Header {
        /// What it is.
        required kind as "type": String,
        /// The version of its schema.
        required schema: u32,
        /// The registry that it is for.
        required registry: RegistryId,
    }
}

/// The member `schema` of a document of schema 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SchemaOne;

impl Serialize for SchemaOne {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u32(1)
    }
}

impl FromJson for SchemaOne {
    fn from_json(node: &Node, reading: &mut Reading) -> Option<Self> {
        match u32::from_json(node, reading)? {
            1 => Some(Self),
            other => {
                let message = format!("schema {other} is not one that this version reads");
                reading.refuse(node.span, "statement/newer-schema", message)
            }
        }
    }
}

impl JsonSchema for SchemaOne {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "SchemaOne".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "const": 1 })
    }
}

/// Declares the member `type` of a document: one fixed word.
macro_rules! tag {
    ($(#[$meta:meta])* $name:ident = $word:literal) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
        pub struct $name;

        impl ::serde::Serialize for $name {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str($word)
            }
        }

        impl $crate::json::FromJson for $name {
            fn from_json(
                node: &$crate::json::Node,
                reading: &mut $crate::json::Reading,
            ) -> Option<Self> {
                match reading.string(node)? {
                    $word => Some(Self),
                    other => {
                        let message = format!("expected `{}`, found `{other}`", $word);
                        reading.refuse(node.span, "statement/wrong-type", message)
                    }
                }
            }
        }

        impl ::schemars::JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> ::std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut ::schemars::SchemaGenerator) -> ::schemars::Schema {
                ::schemars::json_schema!({ "const": $word })
            }
        }
    };
}
pub(crate) use tag;

#[cfg(test)]
mod tests {
    use super::*;

    const SIGNATURE: &str = "-----BEGIN PGP SIGNATURE-----\n\nabc\n-----END PGP SIGNATURE-----\n";

    #[test]
    fn a_statement_splits_before_the_first_signature_line() {
        let file = format!("{{}}\n{SIGNATURE}{SIGNATURE}");
        let (document, signatures) = split(file.as_bytes()).unwrap();
        assert_eq!(document, b"{}\n");
        assert_eq!(signatures, [SIGNATURE, SIGNATURE].concat().as_bytes());
    }

    #[test]
    fn what_cannot_be_split_is_refused() {
        assert_eq!(split(b"{}\n"), Err(StatementError::NoSignature));
        assert_eq!(split(format!("{{}}{SIGNATURE}").as_bytes()), Err(StatementError::NoSignature));
        assert_eq!(split(SIGNATURE.as_bytes()), Err(StatementError::NoNewline));
        let long = format!("{{}}\n{}", SIGNATURE.repeat(200));
        assert!(matches!(split(long.as_bytes()), Err(StatementError::LongSignatures(_))));
    }
}
