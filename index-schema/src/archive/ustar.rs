//! One header of the tar format: POSIX ustar, and of that only what files and folders need.
//!
//! ```text
//!   0 name   100 mode    108 owner  116 group   124 size    136 time    148 checksum  156 type
//! 157 link   257 `ustar` 263 `00`   265 owner   297 group   329 major   337 minor     345 prefix
//! 500 zeros, up to 512
//! ```
//!
//! Numbers are octal digits that fill their field up to one closing NUL. Everything that a file
//! or folder of the profile has no use for (owners, times, devices, links) is zero or empty.
//! [`read`] looks at what carries meaning; whatever else is not as [`write`] would have written it
//! is found when the archive is encoded again.

use std::ops::Range;

use super::{
    Kind,
    error::ArchiveError::{self, HeaderChecksum, Magic, Mode, PathSplit, Size, Slash},
};
use crate::path::PackagePath;

/// The unit of the format: headers are one block, contents are filled up to whole ones.
pub(super) const BLOCK: usize = 512;
/// One header.
pub(super) type Block = [u8; BLOCK];

const NAME: Range<usize> = 0..100;
const MODE: Range<usize> = 100..108;
const SIZE: Range<usize> = 124..136;
const CHECKSUM: Range<usize> = 148..156;
const TYPE: usize = 156;
const MAGIC: Range<usize> = 257..265;
const PREFIX: Range<usize> = 345..500;

const USTAR: &[u8] = b"ustar\x0000";
const PLAIN: &[u8] = b"0000644\0";
const EXECUTABLE: &[u8] = b"0000755\0";

/// Names of the fields, each with the offset at which it ends.
const FIELDS: [(usize, &str); 16] = [
    (NAME.end, "the name"),
    (MODE.end, "the mode"),
    (116, "the owner's number"),
    (124, "the group's number"),
    (SIZE.end, "the size"),
    (148, "the time"),
    (CHECKSUM.end, "the checksum"),
    (TYPE + 1, "the type"),
    (257, "the name of a linked file"),
    (MAGIC.end, "the magic number"),
    (297, "the owner's name"),
    (329, "the group's name"),
    (337, "the major device number"),
    (345, "the minor device number"),
    (PREFIX.end, "the prefix of the name"),
    (BLOCK, "the end of the header"),
];

/// What a header says: the whole path, its kind, and how many bytes of content follow.
#[derive(Debug)]
pub(super) struct Header {
    pub(super) path: PackagePath,
    pub(super) kind: Member,
    pub(super) size: usize,
}

/// What an entry is, without its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Member {
    Folder,
    File { executable: bool },
}

/// Reads a header.
pub(super) fn read(block: &Block) -> Result<Header, ArchiveError> {
    let entry = || raw_name(block).escape_ascii().to_string();
    let shown = |range| field(block, range).escape_ascii().to_string();
    let sum = octal(checksum(block), CHECKSUM.len());
    if field(block, CHECKSUM) != sum {
        let expected = sum.escape_ascii().to_string();
        return Err(HeaderChecksum { entry: entry(), found: shown(CHECKSUM), expected });
    }
    let folder =
        is_folder(block).map_err(|kind| ArchiveError::EntryType { entry: entry(), kind })?;
    if field(block, MAGIC) != USTAR {
        return Err(Magic(entry()));
    }
    let path = path(&raw_name(block), folder)?;
    let kind = member(folder, field(block, MODE))
        .ok_or_else(|| Mode { entry: entry(), mode: shown(MODE) })?;
    let size = parse_octal(field(block, SIZE))
        .filter(|size| !folder || *size == 0)
        .ok_or_else(|| Size { entry: entry(), size: shown(SIZE) })?;
    Ok(Header { path, kind, size })
}

/// Writes the header of the entry at `path`; there is exactly one for each path, kind and size.
pub(super) fn write(path: &str, kind: &Kind<'_>) -> Result<Vec<u8>, ArchiveError> {
    let (mode, size, flag, slash) = match kind {
        Kind::Folder => (EXECUTABLE, 0, b'5', "/"),
        Kind::File { executable: true, contents } => (EXECUTABLE, contents.len(), b'0', ""),
        Kind::File { executable: false, contents } => (PLAIN, contents.len(), b'0', ""),
    };
    let written = format!("{path}{slash}");
    let (prefix, name) = split(&written).ok_or_else(|| PathSplit(written.clone()))?;
    let mut header = Vec::with_capacity(BLOCK);
    put(&mut header, name.as_bytes(), NAME.end);
    put(&mut header, mode, MODE.end);
    put(&mut header, &octal(0, 8), 116);
    put(&mut header, &octal(0, 8), 124);
    put(&mut header, &octal(size, 12), SIZE.end);
    put(&mut header, &octal(0, 12), 148);
    put(&mut header, &[b' '; 8], CHECKSUM.end);
    put(&mut header, &[flag], 257);
    put(&mut header, USTAR, 329);
    put(&mut header, &octal(0, 8), 337);
    put(&mut header, &octal(0, 8), 345);
    put(&mut header, prefix.as_bytes(), BLOCK);
    let sum = octal(checksum(&header), CHECKSUM.len());
    header.iter_mut().skip(CHECKSUM.start).zip(sum).for_each(|(byte, digit)| *byte = digit);
    Ok(header)
}

/// Names the first field in which two headers differ, the checksum aside: it differs with any.
pub(super) fn differing_field(found: &[u8], expected: &[u8]) -> &'static str {
    let differs = |at: &usize| !CHECKSUM.contains(at) && found.get(*at) != expected.get(*at);
    let offset = (0..BLOCK).find(differs).unwrap_or(CHECKSUM.start);
    FIELDS.iter().find(|(end, _)| offset < *end).map_or("the header", |(_, name)| name)
}

fn field(block: &[u8], range: Range<usize>) -> &[u8] {
    block.get(range).unwrap_or_default()
}

/// Joins prefix and name. Closing NULs are filling; any other NUL stays and is refused.
fn raw_name(block: &Block) -> Vec<u8> {
    let text = |range| {
        let bytes = field(block, range);
        let end = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
        bytes.get(..end).unwrap_or_default()
    };
    match (text(PREFIX), text(NAME)) {
        ([], name) => name.to_vec(),
        (prefix, name) => [prefix, b"/", name].concat(),
    }
}

/// Parses a name as written. Bytes that are not UTF-8 become a character that no path may have.
fn path(raw: &[u8], folder: bool) -> Result<PackagePath, ArchiveError> {
    let entry = || raw.escape_ascii().to_string();
    let bare = match (raw.strip_suffix(b"/"), folder) {
        (Some(bare), true) => bare,
        (None, false) => raw,
        (Some(_), false) | (None, true) => return Err(Slash(entry())),
    };
    PackagePath::parse(&String::from_utf8_lossy(bare))
        .map_err(|source| ArchiveError::Path { entry: entry(), source })
}

/// Tells a folder from a file; what is neither is named.
fn is_folder(block: &Block) -> Result<bool, String> {
    let flag = block.get(TYPE).copied().unwrap_or_default();
    let known = match flag {
        b'0' => return Ok(false),
        b'5' => return Ok(true),
        0 => "a file of the oldest tar format",
        b'1' => "a hard link",
        b'2' => "a symbolic link",
        b'3' | b'4' => "a device",
        b'6' => "a named pipe",
        b'7' => "a contiguous file",
        b'x' | b'g' | b'X' => "a pax extension",
        b'L' | b'K' | b'N' => "a GNU long name",
        b'S' => "a GNU sparse file",
        _ => "unknown",
    };
    Err(format!("`{}`, {known}", flag.escape_ascii()))
}

fn member(folder: bool, mode: &[u8]) -> Option<Member> {
    match (folder, mode) {
        (true, EXECUTABLE) => Some(Member::Folder),
        (false, EXECUTABLE) => Some(Member::File { executable: true }),
        (false, PLAIN) => Some(Member::File { executable: false }),
        _ => None,
    }
}

/// Parses octal digits that fill their field up to one NUL: no spaces, signs or base-256.
fn parse_octal(field: &[u8]) -> Option<usize> {
    let (0, digits) = field.split_last()? else { return None };
    let text = std::str::from_utf8(digits).ok()?;
    let plain = text.bytes().all(|digit| matches!(digit, b'0'..=b'7'));
    usize::from_str_radix(text, 8).ok().filter(|_| plain)
}

fn octal(value: usize, width: usize) -> Vec<u8> {
    format!("{value:0digits$o}\0", digits = width.saturating_sub(1)).into_bytes()
}

/// Adds up the bytes of a header, those of the checksum itself counted as spaces.
fn checksum(header: &[u8]) -> usize {
    let byte = |(at, byte): (usize, &u8)| if CHECKSUM.contains(&at) { b' ' } else { *byte };
    header.iter().enumerate().map(byte).map(usize::from).sum()
}

/// Appends a field and fills up with NULs to the offset at which the next one starts.
fn put(header: &mut Vec<u8>, value: &[u8], end: usize) {
    header.extend_from_slice(value);
    header.resize(end, 0);
}

/// Splits a name that is longer than its field at the first `/` that leaves a short enough rest.
fn split(written: &str) -> Option<(&str, &str)> {
    if written.len() <= NAME.len() {
        return Some(("", written));
    }
    let (prefix, name) = written
        .match_indices('/')
        .filter_map(|(at, _)| Some((written.get(..at)?, written.get(at + 1..)?)))
        .find(|(_, name)| name.len() <= NAME.len())?;
    (prefix.len() <= PREFIX.len() && !name.is_empty()).then_some((prefix, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(path: &str, kind: &Kind<'_>) -> Block {
        write(path, kind).unwrap().try_into().unwrap()
    }

    #[test]
    fn a_header_reads_as_it_was_written() {
        let contents = [0; 513];
        let block =
            written("amber-1.0.0/run", &Kind::File { executable: true, contents: &contents });
        let header = read(&block).unwrap();
        assert_eq!(header.path.as_str(), "amber-1.0.0/run");
        assert_eq!(header.kind, Member::File { executable: true });
        assert_eq!(header.size, 513);
        assert_eq!(field(&block, SIZE), b"00000001001\0");
        assert_eq!(read(&written("amber-1.0.0", &Kind::Folder)).unwrap().kind, Member::Folder);
    }

    #[test]
    fn a_long_name_is_split_at_the_first_slash_that_leaves_a_short_rest() {
        let check = |path: &str, prefix: usize| {
            let block = written(path, &Kind::Folder);
            assert_eq!(field(&block, PREFIX).iter().position(|byte| *byte == 0), Some(prefix));
            assert_eq!(read(&block).unwrap().path.as_str(), path);
        };
        check(&"a".repeat(99), 0);
        check(&format!("{}/{}", "a".repeat(49), "b".repeat(49)), 0);
        check(&format!("{}/{}", "a".repeat(50), "b".repeat(49)), 50);
        check(&format!("a/{}/{}", "b".repeat(60), "c".repeat(60)), 62);
    }

    #[test]
    fn names_that_no_header_can_hold_are_refused() {
        let long = "b".repeat(100);
        let wide = format!("{}/{}/{}", "a".repeat(80), "b".repeat(90), "c".repeat(28));
        for path in [long.as_str(), &format!("a/{long}"), &wide] {
            let error = write(path, &Kind::Folder).unwrap_err();
            assert_eq!(error.code(), "archive/path-split", "{path}");
        }
    }

    #[test]
    fn numbers_have_one_form() {
        assert_eq!(parse_octal(b"0000012\0"), Some(10));
        for bad in ["", "\0", "12", "0000012 ", " 000012\0", "+000012\0", "0000o12\0", "0000008\0"]
        {
            assert_eq!(parse_octal(bad.as_bytes()), None, "{bad:?}");
        }
        assert_eq!(parse_octal(b"\x80\0\0\0\0\0\0\0\0\0\x02\0"), None);
    }
}
