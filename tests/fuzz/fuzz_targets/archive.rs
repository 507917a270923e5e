//! Archives of the profile plugin-tar/1.
//!
//! What is compressed can hardly be changed step by step, so the bytes are the tar stream; the
//! first one says whether they are taken as they are, for the reader of gzip.

#![no_main]

use std::io::Write as _;

use flate2::{Compression, GzBuilder};
use index_schema::archive::Archive;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((first, bytes)) = data.split_first() else { return };
    let archive = if *first == b'g' {
        Archive::decode_any(bytes)
    } else {
        Archive::decode_any(&packed(bytes))
    };
    if let Ok(archive) = archive {
        for entry in archive.entries() {
            assert!(!entry.path.to_string().starts_with('/'));
        }
    }
});

/// Packs a tar stream with the header that the profile asks for.
fn packed(tar: &[u8]) -> Vec<u8> {
    let header = GzBuilder::new().mtime(0).operating_system(0xff);
    let mut encoder = header.write(Vec::new(), Compression::none());
    encoder.write_all(tar).unwrap();
    encoder.finish().unwrap()
}
