//! Bricks: headers with any field set at will, tar streams, gzip members.

use std::io::Write as _;

use flate2::{Compression, Crc, write::DeflateEncoder};

use super::TOP;

/// The gzip header of the profile.
pub(crate) const GZIP: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];

/// A ustar header.
#[derive(Clone)]
pub(crate) struct Header([u8; 512]);

impl Header {
    /// A header as the profile wants it, for a plain file unless it is changed.
    pub(crate) fn new(name: impl AsRef<[u8]>, size: usize) -> Self {
        Self([0; 512])
            .with(0, name.as_ref())
            .with(100, b"0000644\x000000000\x000000000\0")
            .with(124, format!("{size:011o}\x0000000000000\0").as_bytes())
            .with(156, b"0")
            .with(257, b"ustar\x0000")
            .with(329, b"0000000\x000000000\0")
    }

    /// A folder's header; `name` has to end in a slash.
    pub(crate) fn folder(name: &str) -> Self {
        Self::new(name, 0).with(100, b"0000755").with(156, b"5")
    }

    /// Changes the bytes at an offset.
    pub(crate) fn with(mut self, offset: usize, bytes: &[u8]) -> Self {
        self.0[offset..offset + bytes.len()].copy_from_slice(bytes);
        self
    }

    /// Adds up the bytes, those of the checksum counted as spaces.
    pub(crate) fn sum(&self) -> u32 {
        let rest = self.0.iter().enumerate().filter(|(at, _)| !(148..156).contains(at));
        rest.map(|(_, byte)| u32::from(*byte)).sum::<u32>() + 8 * 32
    }

    /// Returns the header with its checksum and the content that follows.
    pub(crate) fn sealed(self, contents: &[u8]) -> Vec<u8> {
        let sum = format!("{:07o}\0", self.sum());
        self.with(148, sum.as_bytes()).unsealed(contents)
    }

    /// Returns the header with whatever checksum it has and the content that follows.
    pub(crate) fn unsealed(self, contents: &[u8]) -> Vec<u8> {
        let mut entry = [&self.0, contents].concat();
        entry.resize(entry.len().next_multiple_of(512), 0);
        entry
    }
}

/// A plain file below the top folder.
pub(crate) fn file(name: &str, contents: &[u8]) -> Vec<u8> {
    Header::new(format!("{TOP}/{name}"), contents.len()).sealed(contents)
}

/// A folder below the top folder, or with an empty name the top folder itself.
pub(crate) fn folder(name: &str) -> Vec<u8> {
    let slash = if name.is_empty() { "" } else { "/" };
    Header::folder(&format!("{TOP}/{name}{slash}")).sealed(&[])
}

/// A tar stream of the top folder, `entries` and an end.
pub(crate) fn tar(entries: &[Vec<u8>]) -> Vec<u8> {
    [folder(""), entries.concat(), vec![0; 1024]].concat()
}

/// An archive of the top folder and `entries`.
pub(crate) fn archive(entries: &[Vec<u8>]) -> Vec<u8> {
    gzip(&tar(entries))
}

/// A gzip member of the profile.
pub(crate) fn gzip(content: &[u8]) -> Vec<u8> {
    member(&GZIP, content)
}

/// A gzip member with any header.
pub(crate) fn member(header: &[u8], content: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(header.to_vec(), Compression::fast());
    encoder.write_all(content).unwrap();
    [encoder.finish().unwrap(), trailer(content)].concat()
}

/// A gzip member of the profile with one block that is not compressed, of at most 65,535 bytes.
pub(crate) fn stored(content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).unwrap();
    let block = [&[1], &length.to_le_bytes()[..], &(!length).to_le_bytes()].concat();
    [&GZIP, &block[..], content, &trailer(content)].concat()
}

/// CRC-32 and length.
pub(crate) fn trailer(content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).unwrap();
    [crc(content).to_le_bytes(), length.to_le_bytes()].concat()
}

/// The CRC-32 of gzip and zip.
pub(crate) fn crc(content: &[u8]) -> u32 {
    let mut crc = Crc::new();
    crc.update(content);
    crc.sum()
}
