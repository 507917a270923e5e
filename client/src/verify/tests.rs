//! Archives as places deliver them: the one that was signed, and all others.

use index_schema::archive::{File, encode};
use index_schema::json::{self, Unknown};
use serde_json::json;

use super::*;
use crate::source::memory::Memory;
use crate::testing::id;

fn archive(text: &str) -> Vec<u8> {
    let file = |path: &str, contents: &[u8]| File {
        path: PackagePath::parse(path).unwrap(),
        executable: false,
        contents: contents.to_vec(),
    };
    let files = [file("src/main.py", text.as_bytes()), file("README.md", b"read me")];
    encode(&id("lab/amber").name, &version(), files).unwrap()
}

fn version() -> Version {
    Version::parse("1.0.0").unwrap()
}

fn artifact(bytes: &[u8]) -> Artifact {
    let archive = Archive::decode_any(bytes).unwrap();
    let value = json!({
        "platform": "any", "urls": ["https://plugins.example.org/a.tar.gz"],
        "sha256": Sha256Digest::of(bytes), "size": bytes.len(),
        "tar_sha256": archive.tar_sha256(), "unpacked": archive.unpacked(),
        "entries": archive.entry_count(),
    });
    json::read(&serde_json::to_vec(&value).unwrap(), 4096, Unknown::Refuse).unwrap()
}

/// Serves `bytes` as the mirrored copy of `artifact` and returns what comes of fetching it.
fn fetch(artifact: &Artifact, bytes: Option<&[u8]>) -> Result<Verified, VerifyError> {
    let path = layout::archive(&artifact.sha256);
    let files = bytes.map(|bytes| (path, bytes.to_vec())).into_iter().collect();
    let (id, version) = (id("lab/amber"), version());
    Wanted { id: &id, version: &version, artifact }.fetch((&Memory { files }, None), &|_| {})
}

#[test]
fn the_archive_that_was_signed_is_accepted() {
    let bytes = archive("print(1)");
    let verified = fetch(&artifact(&bytes), Some(&bytes)).unwrap();
    assert_eq!(verified.archive().file("src/main.py"), Some(b"print(1)".as_slice()));
    assert_eq!(verified.expected().len(), 3);
}

#[test]
fn a_swapped_a_cut_and_a_longer_archive_are_refused() {
    let bytes = archive("print(1)");
    let artifact = artifact(&bytes);
    let mut flipped = bytes.clone();
    flipped[20] ^= 1;
    let longer = [bytes.as_slice(), b"more"].concat();
    let cut = &bytes[..bytes.len() - 1];
    for (served, reason) in [
        (flipped.as_slice(), "its SHA-256 differs"),
        (cut, "its size differs"),
        (longer.as_slice(), "its size differs"),
        (archive("print(2), and more of it").as_slice(), "its size differs"),
    ] {
        let error = fetch(&artifact, Some(served)).unwrap_err();
        assert_eq!((error.code(), error.class()), ("archive/differs", Class::Untrusted));
        assert!(error.to_string().ends_with(reason), "{error}");
    }
}

#[test]
fn what_the_manifest_announces_has_to_be_inside() {
    let bytes = archive("print(1)");
    let good = artifact(&bytes);
    let other = Sha256Digest::of(b"other");
    for (artifact, reason) in [
        (Artifact { tar_sha256: other, ..good.clone() }, "the SHA-256 of its tar stream differs"),
        (Artifact { unpacked: 1, ..good.clone() }, "its unpacked size differs"),
        (Artifact { entries: 3, ..good.clone() }, "its number of entries differs"),
    ] {
        let error = fetch(&artifact, Some(&bytes)).unwrap_err();
        assert!(error.to_string().ends_with(reason), "{error}");
    }
}

#[test]
fn an_archive_of_another_version_is_refused() {
    let bytes = archive("print(1)");
    let (id, version) = (id("lab/amber"), Version::parse("1.0.1").unwrap());
    let artifact = artifact(&bytes);
    let wanted = Wanted { id: &id, version: &version, artifact: &artifact };
    assert_eq!(wanted.check(&bytes).unwrap_err().code(), "archive/malformed");
}

#[test]
fn an_archive_that_is_nowhere_is_missing_and_not_false() {
    let bytes = archive("print(1)");
    let error = fetch(&artifact(&bytes), None).unwrap_err();
    assert_eq!((error.code(), error.class()), ("archive/missing", Class::Network));
}
