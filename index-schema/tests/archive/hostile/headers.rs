//! Headers: links, devices, extensions, modes, numbers, and fields that nobody looks at.

use super::{
    Case, TOP,
    build::{Header, archive, file},
    case,
};

const SIZE: usize = 124;
const CHECKSUM: usize = 148;
const TYPE: usize = 156;
const LINK: usize = 157;

pub(super) fn cases() -> Vec<Case> {
    [kinds(), extensions(), modes(), numbers(), checksums(), unused()]
        .into_iter()
        .flatten()
        .collect()
}

/// A plain, empty file to be changed.
fn plain() -> Header {
    Header::new(format!("{TOP}/a"), 0)
}

fn link(kind: &[u8; 1], name: &str, target: &str) -> Vec<u8> {
    Header::new(format!("{TOP}/{name}"), 0)
        .with(TYPE, kind)
        .with(LINK, target.as_bytes())
        .sealed(&[])
}

fn kinds() -> Vec<Case> {
    let code = "archive/entry-type";
    let through = [link(b"2", "d", "/tmp"), file("d/evil", b"x")];
    let chmod = [link(b"2", "d", "/etc"), Header::folder(&format!("{TOP}/d/")).sealed(&[])];
    let mut cases = vec![
        case(3, "a symbolic link and a file through it", code, archive(&through)),
        case(3, "a symbolic link to nowhere", code, archive(&[link(b"2", "d", "nowhere")])),
        case(3, "a symbolic link inside", code, archive(&[file("a", b""), link(b"2", "b", "a")])),
        case(4, "a hard link to the outside", code, archive(&[link(b"1", "a", "/etc/passwd")])),
        case(4, "a hard link upwards", code, archive(&[link(b"1", "a", "../../a")])),
        case(4, "a hard link inside", code, archive(&[file("a", b""), link(b"1", "b", "a")])),
        case(5, "a symbolic link that a folder changes the mode of", code, archive(&chmod)),
    ];
    cases.extend([b"3", b"4", b"6", b"7", b"D", b"M", b"V", b"Z", b"\0", b" ", b"\xff"].map(
        |kind| {
            let name = format!("the type {}", kind.escape_ascii());
            case(6, &name, code, archive(&[plain().with(TYPE, kind).sealed(&[])]))
        },
    ));
    cases
}

/// A record of a pax header.
fn record(key: &str, value: &str) -> Vec<u8> {
    let rest = format!(" {key}={value}\n");
    let length = (rest.len()..).find(|length| length.to_string().len() + rest.len() == *length);
    format!("{}{rest}", length.unwrap()).into_bytes()
}

fn extension(kind: &[u8; 1], body: &[u8]) -> Vec<u8> {
    Header::new("././@LongLink", body.len()).with(TYPE, kind).sealed(body)
}

fn extensions() -> Vec<Case> {
    let code = "archive/entry-type";
    let pair = |vector, name, entry| case(vector, name, code, archive(&[entry, file("a", b"x")]));
    let huge = Header::new("pax", 0).with(TYPE, b"x").with(SIZE, b"77777777777").sealed(&[]);
    let both = [extension(b"L", b"gnu-name\0"), extension(b"x", &record("path", "pax-name"))];
    let sparse = [record("GNU.sparse.major", "1"), record("GNU.sparse.realsize", "1000000000000")];
    vec![
        pair(14, "pax with another size", extension(b"x", &record("size", "1024"))),
        pair(14, "pax with another path", extension(b"x", &record("path", "../evil"))),
        pair(14, "pax with a link", extension(b"x", &record("linkpath", "/etc/passwd"))),
        pair(14, "pax that is malformed", extension(b"x", b"999 path=broken\n")),
        pair(14, "pax for all that follows", extension(b"g", &record("path", "global"))),
        pair(14, "pax of Solaris", extension(b"X", &record("path", "solaris"))),
        pair(14, "a pax body of 8 GiB", huge),
        pair(14, "a GNU long name", extension(b"L", b"amber-1.0.0/long\0")),
        pair(14, "a GNU long link", extension(b"K", b"/etc/passwd\0")),
        pair(14, "an old GNU long name", extension(b"N", b"x")),
        pair(14, "GNU and pax names at once", both.concat()),
        pair(16, "an old GNU sparse file of 1 TB", plain().with(TYPE, b"S").sealed(&[])),
        pair(16, "a pax sparse file of 1 TB", extension(b"x", &sparse.concat())),
    ]
}

fn modes() -> Vec<Case> {
    let bad: [&[u8; 8]; 9] = [
        b"0004755\0",
        b"0002755\0",
        b"0001755\0",
        b"0000777\0",
        b"0000000\0",
        b"0000600\0",
        b"000644 \0",
        b"100644 \0",
        b"0000644 ",
    ];
    let of =
        |name: &str, header: Header| case(7, name, "archive/mode", archive(&[header.sealed(&[])]));
    let mut cases: Vec<_> = bad
        .iter()
        .map(|mode| of(&format!("the mode {}", mode.escape_ascii()), plain().with(100, *mode)))
        .collect();
    let folder = Header::folder(&format!("{TOP}/d/"));
    cases.push(of("a folder with the mode of a file", folder.clone().with(100, b"0000644")));
    cases.push(of("a folder with the sticky bit", folder.with(100, b"0001777")));
    cases
}

fn numbers() -> Vec<Case> {
    let bad: [(&str, &[u8; 12]); 7] = [
        ("a size in base 256", b"\x80\0\0\0\0\0\0\0\0\0\0\x01"),
        ("a negative size in base 256", b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"),
        ("a size with a sign", b"-0000000001\0"),
        ("a size with an 8", b"00000000008\0"),
        ("a size with spaces", b"         0 \0"),
        ("a size of twelve digits", b"000000000000"),
        ("a size with digits after NUL", b"0\x000000000000"),
    ];
    let size = |(name, size): &(&str, &[u8; 12])| {
        case(15, name, "archive/size", archive(&[plain().with(SIZE, *size).sealed(&[])]))
    };
    let folder = Header::folder(&format!("{TOP}/d/")).with(SIZE, b"00000001000").sealed(&[0; 512]);
    let mut cases: Vec<_> = bad.iter().map(size).collect();
    cases.push(case(15, "a folder with a content", "archive/size", archive(&[folder])));
    cases
}

fn checksums() -> Vec<Case> {
    let code = "archive/header-checksum";
    let of = |name: &str, header: Header, sum: &str| {
        let entry = header.with(CHECKSUM, sum.as_bytes()).unsealed(&[]);
        case(15, name, code, archive(&[entry]))
    };
    let sum = plain().sum();
    // Old readers add up signed bytes, so a byte above 127 gives two checksums.
    let high = plain().with(500, &[0xff]);
    let signed = high.sum() - 256;
    vec![
        of("a wrong checksum", plain(), &format!("{:07o}\0", sum + 1)),
        of("no checksum", plain(), "\0\0\0\0\0\0\0\0"),
        of("a checksum of signed bytes", high, &format!("{signed:07o}\0")),
        of("a checksum of six digits", plain(), &format!("{sum:06o}\0 ")),
        of("a checksum with spaces", plain(), &format!("{sum:>6o} \0")),
    ]
}

fn unused() -> Vec<Case> {
    let changed = |name: &str, offset, bytes: &[u8]| {
        let entry = plain().with(offset, bytes).sealed(&[]);
        case(0, name, "archive/not-canonical", archive(&[entry]))
    };
    let magic = |name, bytes: &[u8]| {
        case(0, name, "archive/magic", archive(&[plain().with(257, bytes).sealed(&[])]))
    };
    let slash = Header::new(format!("{TOP}/a/"), 0).sealed(&[]);
    let no_slash = Header::folder(&format!("{TOP}/a")).sealed(&[]);
    vec![
        changed("an owner", 108, b"0001750\0"),
        changed("an owner without digits", 108, &[0; 8]),
        changed("a group", 116, b"0001750\0"),
        changed("a time", 136, b"14742500000\0"),
        changed("the name of a linked file", LINK, b"/etc/passwd"),
        changed("the name of an owner", 265, b"root"),
        changed("the name of a group", 297, b"root"),
        changed("a major device number", 329, b"0000001\0"),
        changed("a minor device number without digits", 337, &[0; 8]),
        changed("bytes behind the prefix", 500, b"smuggled"),
        magic("GNU's magic number", b"ustar  \0"),
        magic("no magic number", &[0; 8]),
        magic("another version", b"ustar\x0001"),
        case(0, "a file with a slash", "archive/slash", archive(&[slash])),
        case(0, "a folder without a slash", "archive/slash", archive(&[no_slash])),
    ]
}
