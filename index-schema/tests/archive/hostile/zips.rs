//! Zip files, in the shapes that split their readers: here none of them is an archive.

use std::slice::from_ref;

use super::{
    Case,
    build::{archive, crc, file},
    case,
};

/// The fields of an entry that its two headers may state differently.
#[derive(Clone)]
struct Entry {
    name: &'static str,
    contents: &'static [u8],
    flags: u16,
    method: u16,
    attributes: u32,
}

const GOOD: Entry =
    Entry { name: "good.txt", contents: b"good", flags: 0, method: 0, attributes: 0 };

impl Entry {
    fn common(&self) -> Vec<u8> {
        let size = u32::try_from(self.contents.len()).unwrap().to_le_bytes();
        let name = u16::try_from(self.name.len()).unwrap().to_le_bytes();
        let words = [20_u16, self.flags, self.method, 0, 0x21].map(u16::to_le_bytes).concat();
        [&words[..], &crc(self.contents).to_le_bytes(), &size, &size, &name, &[0, 0]].concat()
    }

    fn local(&self) -> Vec<u8> {
        [b"PK\x03\x04", &self.common()[..], self.name.as_bytes(), self.contents].concat()
    }

    fn central(&self, offset: u32) -> Vec<u8> {
        let more = [&[0; 6], &self.attributes.to_le_bytes()[..], &offset.to_le_bytes()].concat();
        [b"PK\x01\x02\x14\x03", &self.common()[..], &more, self.name.as_bytes()].concat()
    }
}

/// Closes a zip file: `count` entries whose directory of `size` bytes starts at `offset`.
fn end(count: u16, size: usize, offset: usize, comment: &[u8]) -> Vec<u8> {
    let long = |value: usize| u32::try_from(value).unwrap().to_le_bytes();
    let length = u16::try_from(comment.len()).unwrap().to_le_bytes();
    let counts = [[0, 0], [0, 0], count.to_le_bytes(), count.to_le_bytes()].concat();
    [b"PK\x05\x06", &counts[..], &long(size), &long(offset), &length, comment].concat()
}

/// A zip file with some local headers, and a directory that states its own entries and offsets.
fn zip(local: &[Entry], central: &[(Entry, u32)], comment: &[u8]) -> Vec<u8> {
    let body: Vec<u8> = local.iter().flat_map(Entry::local).collect();
    let directory: Vec<u8> = central.iter().flat_map(|(entry, at)| entry.central(*at)).collect();
    let count = u16::try_from(central.len()).unwrap();
    let end = end(count, directory.len(), body.len(), comment);
    [body, directory, end].concat()
}

/// A zip file with nothing wrong about it.
pub(super) fn plain() -> Vec<u8> {
    zip(&[GOOD], &[(GOOD, 0)], b"")
}

pub(super) fn cases() -> Vec<Case> {
    let evil = Entry { name: "evil.txt", ..GOOD };
    let one = |entry: &Entry| zip(from_ref(entry), &[(entry.clone(), 0)], b"");
    let changed = Entry { contents: b"evil", ..GOOD };
    let link = Entry { attributes: 0xa1ff_0000, contents: b"/etc/passwd", ..GOOD };
    let of = |vector, name, bytes| case(vector, name, "archive/gzip-header", bytes);
    let good = archive(&[file("a", b"x")]);
    vec![
        of(21, "zip: plain", plain()),
        of(21, "zip: two names for one entry", zip(from_ref(&evil), &[(GOOD, 0)], b"")),
        of(21, "zip: two checksums", zip(&[changed], &[(GOOD, 0)], b"")),
        of(21, "zip: an entry only in the body", zip(&[GOOD, evil.clone()], &[(GOOD, 0)], b"")),
        of(21, "zip: an entry only listed", zip(&[GOOD], &[(GOOD, 0), (evil.clone(), 0)], b"")),
        of(22, "zip: overlapping entries", zip(&[GOOD], &[(GOOD, 0), (GOOD, 0)], b"")),
        of(23, "zip: two ends", [plain(), one(&evil)].concat()),
        of(23, "zip: data before", [b"#!/bin/sh\n".to_vec(), plain()].concat()),
        of(23, "zip: data behind", [plain(), b"garbage".to_vec()].concat()),
        of(23, "zip: an end in the comment", zip(&[GOOD], &[(GOOD, 0)], &end(0, 0, 0, b""))),
        of(24, "zip: a symbolic link", one(&link)),
        of(24, "zip: a backslash", one(&Entry { name: "..\\evil", ..GOOD })),
        of(24, "zip: encrypted", one(&Entry { flags: 1, ..GOOD })),
        of(24, "zip: an unusual method", one(&Entry { method: 97, ..GOOD })),
        case(25, "gzip and zip at once", "archive/trailing-data", [good, plain()].concat()),
    ]
}
