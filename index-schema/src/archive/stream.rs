//! The tar stream: headers and contents in turn, closed by two blocks of zeros.

use std::ops::Range;

use super::{
    Kind,
    error::ArchiveError,
    ustar::{self, BLOCK, Block, Header, Member},
};
use crate::{limits, path::PackagePath};

/// What fills the last block of a content, and what ends the stream.
const ZEROS: Block = [0; BLOCK];

/// One entry: its whole path, its kind, and where in the stream its content lies.
#[derive(Debug)]
pub(super) struct Record {
    pub(super) path: PackagePath,
    pub(super) member: Member,
    pub(super) contents: Range<usize>,
}

impl Record {
    /// Returns the kind, with the content out of the stream from which the record was read.
    pub(super) fn kind<'a>(&self, tar: &'a [u8]) -> Kind<'a> {
        match self.member {
            Member::Folder => Kind::Folder,
            Member::File { executable } => Kind::File {
                executable,
                contents: tar.get(self.contents.clone()).unwrap_or_default(),
            },
        }
    }
}

/// Reads all entries, up to an end after which nothing follows.
pub(super) fn read(tar: &[u8]) -> Result<Vec<Record>, ArchiveError> {
    let mut records = Vec::new();
    let mut rest = tar;
    loop {
        let (block, after) = rest.split_first_chunk().ok_or(ArchiveError::TarEnd)?;
        if *block == ZEROS {
            check_end(after)?;
            return Ok(records);
        }
        if records.len() == limits::ENTRIES {
            return Err(ArchiveError::TooManyEntries);
        }
        let Header { path, kind, size } = ustar::read(block)?;
        let padded = size.checked_next_multiple_of(BLOCK);
        rest = padded
            .and_then(|length| after.get(length..))
            .ok_or_else(|| ArchiveError::TarTruncated(path.to_string()))?;
        let start = tar.len() - after.len();
        records.push(Record { path, member: kind, contents: start..start + size });
    }
}

/// Checks what follows the first block of zeros: a second one, and nothing more.
fn check_end(after: &[u8]) -> Result<(), ArchiveError> {
    match after.split_first_chunk() {
        Some((&ZEROS, [])) => Ok(()),
        Some((&ZEROS, more)) => Err(ArchiveError::AfterEnd(more.len())),
        _ => Err(ArchiveError::TarEnd),
    }
}

/// Encodes what was read and compares: the stream has to be the one that [`write`] makes.
///
/// This is the test that leaves two readers nothing to disagree about, whatever [`read`] overlooks.
pub(super) fn check_canonical(tar: &[u8], records: &[Record]) -> Result<(), ArchiveError> {
    let mut rest = tar;
    for record in records {
        let differs = |field| ArchiveError::NotCanonical { entry: record.path.to_string(), field };
        let (header, contents, padding) = parts(&record.path, &record.kind(tar))?;
        let field = |found: &[u8]| differs(ustar::differing_field(found, &header));
        rest = rest.strip_prefix(header.as_slice()).ok_or_else(|| field(rest))?;
        rest = rest
            .strip_prefix(contents)
            .and_then(|rest| rest.strip_prefix(padding))
            .ok_or_else(|| differs("the filling after its content"))?;
    }
    if rest == [ZEROS; 2].as_flattened() { Ok(()) } else { Err(ArchiveError::TarEnd) }
}

/// Writes the stream of `entries`, which are given in order and with whole paths.
pub(super) fn write<'a>(
    entries: impl IntoIterator<Item = (&'a PackagePath, Kind<'a>)>,
) -> Result<Vec<u8>, ArchiveError> {
    let mut tar = Vec::new();
    for (path, kind) in entries {
        let (header, contents, padding) = parts(path, &kind)?;
        let longer = tar.len() + header.len() + contents.len() + padding.len();
        if longer + 2 * BLOCK > limits::UNPACKED {
            return Err(ArchiveError::UnpackedTooLarge);
        }
        tar.extend(header);
        tar.extend_from_slice(contents);
        tar.extend_from_slice(padding);
    }
    tar.extend_from_slice([ZEROS; 2].as_flattened());
    Ok(tar)
}

type Parts<'a> = (Vec<u8>, &'a [u8], &'static [u8]);

/// Returns the header of an entry, its content, and the zeros that fill up the last block.
fn parts<'a>(path: &PackagePath, kind: &Kind<'a>) -> Result<Parts<'a>, ArchiveError> {
    let header = ustar::write(path.as_str(), kind)?;
    let contents = match kind {
        Kind::Folder => &[],
        Kind::File { contents, .. } => *contents,
    };
    let missing = contents.len().next_multiple_of(BLOCK) - contents.len();
    Ok((header, contents, ZEROS.get(..missing).unwrap_or_default()))
}
