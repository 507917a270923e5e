//! Streams: cut off, continued, repeated, inflated.

use std::io::Write as _;

use flate2::{Compress, Compression, FlushCompress, write::DeflateEncoder};

use super::{
    Case, TOP,
    build::{GZIP, Header, archive, file, folder, gzip, member, tar, trailer},
    case,
};

const MIB: usize = 1 << 20;

pub(super) fn cases() -> Vec<Case> {
    [ends(), members(), headers(), bombs(), crowds()].into_iter().flatten().collect()
}

fn ends() -> Vec<Case> {
    let whole = tar(&[file("a", &[b'x'; 600])]);
    let cut = |end: usize| gzip(&whole[..end]);
    let after = |more: &[u8]| gzip(&[&whole, more].concat());
    let mut padded = whole.clone();
    padded[1024 + 600] = b'!';
    let one = [&whole[..2048], &[0; 512], &file("b", b"hidden")].concat();
    vec![
        case(17, "a content cut off", "archive/tar-truncated", cut(1024 + 512)),
        case(17, "a content without its filling", "archive/tar-truncated", cut(1024 + 600)),
        case(17, "a header cut off", "archive/tar-end", cut(700)),
        case(17, "no blocks of zeros", "archive/tar-end", cut(2048)),
        case(17, "one block of zeros", "archive/tar-end", cut(2560)),
        case(17, "half a block of zeros", "archive/tar-end", cut(2816)),
        case(17, "an empty stream", "archive/tar-end", gzip(&[])),
        case(17, "an entry after one block of zeros", "archive/tar-end", gzip(&one)),
        case(17, "an entry after the end", "archive/after-end", after(&file("b", b"hidden"))),
        case(17, "a third block of zeros", "archive/after-end", after(&[0; 512])),
        case(17, "a byte after the end", "archive/after-end", after(&[0])),
        case(17, "a filling that is not zeros", "archive/not-canonical", gzip(&padded)),
    ]
}

fn members() -> Vec<Case> {
    let good = archive(&[file("a", b"x")]);
    let after = |more: &[u8]| [&good, more].concat();
    let changed = |from_end: usize| {
        let mut bytes = good.clone();
        let at = bytes.len() - from_end;
        bytes[at] ^= 1;
        bytes
    };
    let ends = good.len();
    // A match of three bytes that starts before the first one, as only some decoders refuse it.
    let before = [&GZIP[..], &[3, 2, 0], &trailer(&[0; 3])].concat();
    let reserved = [&GZIP[..], &[7, 0], &trailer(&[])].concat();
    vec![
        case(18, "a second member", "archive/trailing-data", after(&gzip(b"second"))),
        case(18, "an empty second member", "archive/trailing-data", after(&gzip(b""))),
        case(18, "garbage behind", "archive/trailing-data", after(b"garbage")),
        case(18, "a zero behind", "archive/trailing-data", after(&[0])),
        case(18, "a wrong checksum", "archive/gzip-checksum", changed(8)),
        case(18, "a wrong length", "archive/gzip-length", changed(4)),
        case(18, "a trailer cut off", "archive/gzip-truncated", good[..ends - 1].to_vec()),
        case(18, "no trailer", "archive/gzip-truncated", good[..ends - 8].to_vec()),
        case(18, "a stream cut off", "archive/gzip-truncated", good[..ends / 2].to_vec()),
        case(18, "nothing but a header", "archive/gzip-truncated", GZIP.to_vec()),
        case(18, "a match before the first byte", "archive/gzip-data", before),
        case(18, "a reserved block type", "archive/gzip-data", reserved),
    ]
}

fn headers() -> Vec<Case> {
    let content = tar(&[file("a", b"x")]);
    let with = |flags: u8, more: &[u8]| {
        let mut header = GZIP.to_vec();
        header[3] = flags;
        member(&[&header, more].concat(), &content)
    };
    let changed = |at: usize, byte: u8| {
        let mut header = GZIP;
        header[at] = byte;
        member(&header, &content)
    };
    let of = |name, bytes| case(18, name, "archive/gzip-header", bytes);
    vec![
        of("a file name", with(8, b"../evil\0")),
        of("a comment", with(16, b"smuggled\0")),
        of("an extra field", with(4, b"\x04\0evil")),
        of("a header checksum", with(2, b"\0\0")),
        of("a text flag", changed(3, 1)),
        of("a reserved flag", changed(3, 0x80)),
        of("a time", changed(4, 1)),
        of("an extra flag", changed(8, 2)),
        of("another operating system", changed(9, 3)),
        of("another method", changed(2, 7)),
        of("no bytes at all", Vec::new()),
        of("a bare tar stream", content),
        of("a zstd frame", b"\x28\xb5\x2f\xfd\x24\x00\x01\x00\x00".to_vec()),
    ]
}

/// A member whose stream is one chunk, repeated: cheap to make, whatever its length.
fn repeated(first: &[u8], chunk: &[u8], times: usize) -> Vec<u8> {
    let flushed = |bytes: &[u8]| {
        let mut compress = Compress::new(Compression::fast(), false);
        let mut output = Vec::with_capacity(bytes.len() + 1024);
        compress.compress_vec(bytes, &mut output, FlushCompress::Full).unwrap();
        output
    };
    let mut bytes = [&GZIP[..], &flushed(first)].concat();
    bytes.extend(flushed(chunk).repeat(times));
    let mut last = DeflateEncoder::new(bytes, Compression::fast());
    last.write_all(&[]).unwrap();
    last.finish().unwrap()
}

/// Bytes of which a sixteenth is noise: they shrink, but less than a hundredfold.
fn noisy() -> Vec<u8> {
    let mut state = 1_u32;
    let mut next = |at: usize| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        if at.is_multiple_of(16) { state.to_be_bytes()[0] } else { 0 }
    };
    (0..MIB).map(&mut next).collect()
}

fn bombs() -> Vec<Case> {
    let huge = Header::new(format!("{TOP}/a"), 0).with(124, b"77777777777");
    let start = |size| [folder(""), Header::new(format!("{TOP}/a"), size).sealed(&[])].concat();
    let zeros = vec![0; MIB];
    // Fixed blocks of ten bits that hold nothing; four of them fill five bytes.
    let idle = [&GZIP[..], &[0x02, 0x08, 0x20, 0x80, 0x00].repeat(MIB)].concat();
    vec![
        case(19, "millions of empty blocks", "archive/gzip-blocks", idle),
        case(19, "40 MiB of zeros", "archive/bomb", gzip(&tar(&[file("a", &zeros.repeat(40))]))),
        case(19, "8 GiB of zeros", "archive/bomb", repeated(&start(8 << 30), &zeros, 8192)),
        case(
            19,
            "more than 256 MiB below the ratio",
            "archive/unpacked-too-large",
            repeated(&start(256 * MIB), &noisy(), 256),
        ),
        case(19, "zeros after the end", "archive/bomb", repeated(&tar(&[]), &zeros, 40)),
        case(19, "a size of 8 GiB", "archive/tar-truncated", archive(&[huge.sealed(b"x")])),
        case(19, "64 MiB and a byte", "archive/too-large", vec![0x1f; 64 * MIB + 1]),
    ]
}

fn crowds() -> Vec<Case> {
    let crowd = |entry: fn(&str) -> Vec<u8>| {
        let entries: Vec<_> = (0..10_000).map(|number| entry(&format!("{number:05}"))).collect();
        archive(&entries)
    };
    let code = "archive/too-many-entries";
    vec![
        case(20, "10,000 folders beside the top folder", code, crowd(folder)),
        case(20, "10,000 files beside the top folder", code, crowd(|name| file(name, b""))),
    ]
}
