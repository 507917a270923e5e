//! The form that all metadata share: signatures beside what they cover (section 4.2.1).

use std::collections::BTreeSet;

use serde::Serialize;

use super::{KeyId, Role, SPEC_VERSION};
use crate::json::{self, Fields, FromJson, Node, Problem, Reading, Unknown};

/// A metadata file that was read; nothing says yet that its signatures are good.
#[derive(Debug, Clone)]
pub struct Envelope<T> {
    /// The signatures, each by another key.
    pub signatures: Vec<Signature>,
    /// What they are said to cover.
    pub body: T,
    canonical: Vec<u8>,
}

/// One signature of a metadata file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Signature {
    /// Whose it is.
    pub keyid: KeyId,
    /// Hexadecimal digits; whatever else stands here is a signature that does not count.
    pub sig: String,
}

/// Metadata ready to be signed.
#[derive(Debug, Clone)]
pub struct Unsigned {
    json: Vec<u8>,
    canonical: Vec<u8>,
}

impl<T: Role> Envelope<T> {
    /// Reads a file of at most `limit` bytes.
    pub fn read(bytes: &[u8], limit: usize) -> Result<Self, Vec<Problem>> {
        let node = json::parse(bytes, limit)?;
        let read: ReadEnvelope<T> = json::from_node(&node, Unknown::Ignore)?;
        // `read` succeeded, so the member is there.
        let canonical = node.get("signed").map(json::canonical).unwrap_or_default();
        Ok(Self { signatures: read.signatures, body: read.body, canonical })
    }

    /// Returns the bytes that the signatures cover: the canonical JSON of all of `signed`.
    pub fn canonical(&self) -> &[u8] {
        &self.canonical
    }
}

struct ReadEnvelope<T> {
    signatures: Vec<Signature>,
    body: T,
}

impl<T: Role> FromJson for ReadEnvelope<T> {
    fn from_json(node: &Node, reading: &mut Reading) -> Option<Self> {
        let mut fields = Fields::open(node, reading)?;
        let signatures = fields.required("signatures");
        let body = fields.required("signed");
        let signatures: Vec<Signature> = signatures?;
        let span = fields.span();
        fields.finish();
        // "The keyid MUST be unique in the "signatures" array" (section 4.2.1).
        let distinct: BTreeSet<KeyId> = signatures.iter().map(|each| each.keyid).collect();
        if distinct.len() != signatures.len() {
            let message = "one key has two signatures".to_owned();
            return reading.refuse(span, "tuf/duplicate-signature", message);
        }
        Some(Self { signatures, body: body? })
    }
}

impl FromJson for Signature {
    fn from_json(node: &Node, reading: &mut Reading) -> Option<Self> {
        let mut fields = Fields::open(node, reading)?;
        let (keyid, sig) = (fields.required("keyid"), fields.required("sig"));
        fields.finish();
        Some(Self { keyid: keyid?, sig: sig? })
    }
}

#[derive(Serialize)]
struct WrittenBody<'b, T> {
    #[serde(rename = "_type")]
    kind: &'static str,
    spec_version: &'static str,
    #[serde(flatten)]
    body: &'b T,
}

impl Unsigned {
    /// Writes `body`: equal bodies give equal bytes.
    pub fn new<T: Role>(body: &T) -> Self {
        let written = WrittenBody { kind: T::TYPE, spec_version: SPEC_VERSION, body };
        let json = serde_json::to_vec(&written).expect("metadata has string keys and no floats");
        let node = json::parse(&json, usize::MAX).expect("what serde writes is strict JSON");
        Self { canonical: json::canonical(&node), json }
    }

    /// Returns the bytes to sign.
    pub fn canonical(&self) -> &[u8] {
        &self.canonical
    }

    /// Assembles the file from signatures over [`canonical`](Self::canonical).
    pub fn sign(&self, signatures: &[Signature]) -> Vec<u8> {
        let mut sorted: Vec<&Signature> = signatures.iter().collect();
        sorted.sort_by_key(|each| each.keyid);
        let signatures = serde_json::to_vec(&sorted).expect("signatures are strings");
        [b"{\"signatures\":", signatures.as_slice(), b",\"signed\":", &self.json, b"}\n"].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{MetaVersion, Snapshot};
    use super::*;
    use crate::time::Timestamp;

    fn snapshot() -> Snapshot {
        let expires = Timestamp::parse("2027-01-01T00:00:00Z").unwrap();
        Snapshot { version: MetaVersion::FIRST, expires, meta: std::collections::BTreeMap::new() }
    }

    fn signature(byte: u8) -> Signature {
        Signature { keyid: KeyId::from_array([byte; 32]), sig: "00".to_owned() }
    }

    #[test]
    fn what_is_written_reads_back_and_covers_the_same_bytes() {
        let unsigned = Unsigned::new(&snapshot());
        let file = unsigned.sign(&[signature(2), signature(1)]);
        let read = Envelope::<Snapshot>::read(&file, 1000).unwrap();
        assert_eq!(read.body, snapshot());
        assert_eq!(read.canonical(), unsigned.canonical());
        assert_eq!(read.signatures, [signature(1), signature(2)]);
        let expected = "{\"_type\":\"snapshot\",\"expires\":\"2027-01-01T00:00:00Z\",\
            \"meta\":{},\"spec_version\":\"1.0.34\",\"version\":1}";
        assert_eq!(std::str::from_utf8(read.canonical()).unwrap(), expected);
    }

    #[test]
    fn members_that_nobody_knows_are_covered_by_the_signatures() {
        let text = r#"{"signatures":[],"signed":{"_type":"snapshot","x-new":[1,{"b":0,"a":0}],
            "spec_version":"1.0","version":7,"expires":"2027-01-01T00:00:00Z","meta":{}}}"#;
        let read = Envelope::<Snapshot>::read(text.as_bytes(), 1000).unwrap();
        let canonical = std::str::from_utf8(read.canonical()).unwrap();
        assert!(canonical.ends_with(r#""version":7,"x-new":[1,{"a":0,"b":0}]}"#), "{canonical}");
    }

    #[test]
    fn a_key_with_two_signatures_is_refused() {
        let file = Unsigned::new(&snapshot()).sign(&[signature(1), signature(1)]);
        let problems = Envelope::<Snapshot>::read(&file, 1000).unwrap_err();
        assert_eq!(problems[0].code, "tuf/duplicate-signature");
    }

    #[test]
    fn another_type_or_a_foreign_specification_is_refused() {
        let file = String::from_utf8(Unsigned::new(&snapshot()).sign(&[])).unwrap();
        for (from, to, code) in [
            ("\"_type\":\"snapshot\"", "\"_type\":\"timestamp\"", "tuf/type"),
            ("1.0.34", "2.0.0", "tuf/spec-version"),
            ("1.0.34", "1", "tuf/spec-version"),
            ("1.0.34", "1.0.x", "tuf/spec-version"),
            ("\"version\":1", "\"version\":0", "tuf/version"),
            ("2027-01-01T00:00:00Z", "2027-01-01", "time/malformed"),
        ] {
            let problems =
                Envelope::<Snapshot>::read(file.replace(from, to).as_bytes(), 1000).unwrap_err();
            assert_eq!(problems[0].code, code, "{to}");
        }
    }
}
