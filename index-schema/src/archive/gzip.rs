//! The gzip layer (RFC 1952): one member with a fixed header, and nothing after it.
//!
//! The stream is expanded into one buffer that holds all of its history, so a match that reaches
//! back before the first byte is an error, as it is for zlib. Decoders that wrap a small window,
//! as `flate2` does, read zeros there: the same bytes would be an archive for one reader and
//! garbage for the next.

use miniz_oxide::{
    deflate::compress_to_vec,
    inflate::{
        TINFLStatus,
        core::{DecompressorOxide, decompress, inflate_flags},
    },
};

use super::error::ArchiveError;
use crate::limits::{self, KIB, MIB};

/// Deflate, no flags, no time, no extra flags, unknown operating system.
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
/// Packed once, downloaded often.
const LEVEL: u8 = 9;
/// The first buffer: most archives expand to little.
const FIRST: usize = 64 * KIB;
/// By how much the buffer grows, which is when the ceilings are checked, from the first MiB on.
const STEP: usize = MIB;
/// Deflate blocks that a stream may have whatever it holds, and what each further one has to hold.
/// Compressors make blocks of kilobytes.
const FREE_BLOCKS: usize = 64;
const BYTES_PER_BLOCK: usize = 256;
/// All history stays in the buffer; every block is counted.
const FLAGS: u32 = inflate_flags::TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF
    | inflate_flags::TINFL_FLAG_STOP_ON_BLOCK_BOUNDARY;

/// Compresses `content` into a gzip member; equal content gives equal bytes.
pub(super) fn pack(content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len() & 0xffff_ffff).unwrap_or_default();
    let mut member = HEADER.to_vec();
    member.extend(compress_to_vec(content, LEVEL));
    member.extend(crc32fast::hash(content).to_le_bytes());
    member.extend(length.to_le_bytes());
    member
}

/// Expands a gzip member that has exactly the header of the profile and stays below the ceilings.
pub(super) fn unpack(member: &[u8]) -> Result<Vec<u8>, ArchiveError> {
    if member.len() > limits::ARCHIVE {
        return Err(ArchiveError::TooLarge(member.len()));
    }
    let body = member.strip_prefix(&HEADER).ok_or_else(|| header_error(member))?;
    let (content, read) = inflate(body)?;
    check_trailer(body.get(read..).unwrap_or_default(), &content)?;
    Ok(content)
}

fn header_error(member: &[u8]) -> ArchiveError {
    let found = member.iter().take(HEADER.len()).map(|byte| format!("{byte:02x}"));
    ArchiveError::GzipHeader(found.collect())
}

/// Checks CRC-32 and length, and that nothing follows them.
fn check_trailer(trailer: &[u8], content: &[u8]) -> Result<(), ArchiveError> {
    let (checksum, trailer) = trailer.split_first_chunk().ok_or(ArchiveError::GzipTruncated)?;
    let (length, rest) = trailer.split_first_chunk().ok_or(ArchiveError::GzipTruncated)?;
    let (stated, actual) = (u32::from_le_bytes(*checksum), crc32fast::hash(content));
    if stated != actual {
        return Err(ArchiveError::GzipChecksum { stated, actual });
    }
    // The ceiling lies far below 4 GiB, so the length is never a remainder.
    let (stated, actual) = (u32::from_le_bytes(*length), content.len());
    if usize::try_from(stated) != Ok(actual) {
        return Err(ArchiveError::GzipLength { stated, actual });
    }
    if !rest.is_empty() {
        return Err(ArchiveError::TrailingData(rest.len()));
    }
    Ok(())
}

/// Expands a deflate stream; returns its content and how many bytes of `body` it took.
///
/// The buffer grows when it is full of what was really there, never for what a header promises.
fn inflate(body: &[u8]) -> Result<(Vec<u8>, usize), ArchiveError> {
    let mut state = Box::<DecompressorOxide>::default();
    let mut content = vec![0; FIRST];
    let (mut read, mut written, mut blocks) = (0, 0, 1);
    loop {
        let input = body.get(read..).unwrap_or_default();
        let (status, taken, given) = decompress(&mut state, input, &mut content, written, FLAGS);
        read += taken;
        written += given;
        match status {
            TINFLStatus::Done => break,
            TINFLStatus::BlockBoundary => {
                blocks += 1;
                check_blocks(blocks, written)?;
            }
            TINFLStatus::HasMoreOutput => {
                check_ceilings(read, written)?;
                content.resize(written + written.clamp(FIRST, STEP), 0);
            }
            TINFLStatus::FailedCannotMakeProgress | TINFLStatus::NeedsMoreInput => {
                return Err(ArchiveError::GzipTruncated);
            }
            TINFLStatus::BadParam | TINFLStatus::Adler32Mismatch | TINFLStatus::Failed | _ => {
                return Err(ArchiveError::GzipData(HEADER.len() + read));
            }
        }
    }
    check_ceilings(read, written)?;
    content.truncate(written);
    content.shrink_to_fit();
    Ok((content, read))
}

/// Refuses a stream of blocks with next to nothing in them: each costs as much as its tables.
fn check_blocks(blocks: usize, written: usize) -> Result<(), ArchiveError> {
    let most = FREE_BLOCKS + written / BYTES_PER_BLOCK;
    if blocks > most { Err(ArchiveError::Blocks { blocks, written }) } else { Ok(()) }
}

fn check_ceilings(read: usize, written: usize) -> Result<(), ArchiveError> {
    if written > limits::UNPACKED {
        return Err(ArchiveError::UnpackedTooLarge);
    }
    if written > MIB && written > read.saturating_mul(limits::RATIO) {
        return Err(ArchiveError::Bomb { read, written });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_unpacks_to_the_same_whatever_its_length() {
        let step: Vec<u8> = (0_u32..700_000).flat_map(u32::to_le_bytes).collect();
        for length in [0, 1, 512, STEP - 1, STEP, STEP + 1, 2 * STEP, 2_800_000] {
            let content = &step[..length];
            assert!(unpack(&pack(content)).as_deref() == Ok(content), "{length}");
        }
    }

    #[test]
    fn a_match_that_reaches_before_the_first_byte_is_refused() {
        // One fixed block: a match of three bytes at distance one, then the end of the block.
        let stream = [0b0000_0011, 0b0000_0010, 0b0000_0000];
        let mut member = [&HEADER[..], &stream].concat();
        member.extend(crc32fast::hash(&[0; 3]).to_le_bytes());
        member.extend(3_u32.to_le_bytes());
        assert!(matches!(unpack(&member), Err(ArchiveError::GzipData(_))), "{:?}", unpack(&member));
    }

    #[test]
    fn the_ratio_counts_only_beyond_the_first_mebibyte() {
        assert!(unpack(&pack(&vec![0; MIB])).is_ok());
        let bomb = unpack(&pack(&vec![0; MIB + 1]));
        assert!(matches!(bomb, Err(ArchiveError::Bomb { .. })), "{:?}", bomb.map(|c| c.len()));
    }
}
