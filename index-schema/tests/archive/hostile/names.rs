//! Names that leave the folder, or are not one and the same on every system.

use super::{
    Case, TOP,
    build::{Header, archive, file, folder},
    case,
};

/// Names that are no path of a package, each with its number in the catalogue.
const BAD: &[(u8, &[u8])] = &[
    (1, b"../evil"),
    (1, b"amber-1.0.0/../evil"),
    (1, b"amber-1.0.0/a/../../../b"),
    (1, b"amber-1.0.0/./a"),
    (1, b"amber-1.0.0/.."),
    (2, b"/etc/passwd"),
    (2, b"//server/share"),
    (2, b"C:\\evil"),
    (2, b"\\\\server\\share\\evil"),
    (2, b"\\evil"),
    (2, b"C:evil"),
    (2, b"amber-1.0.0/C:module.py"),
    (2, b"amber-1.0.0\\evil"),
    (9, b"amber-1.0.0/caf\xc3\xa9"),
    (9, b"amber-1.0.0/cafe\xcc\x81"),
    (9, b"amber-1.0.0/\xef\xbc\xa1.py"),
    (9, b"amber-1.0.0/a\xe2\x80\x8b.py"),
    (10, b"amber-1.0.0/CON"),
    (10, b"amber-1.0.0/nul.txt"),
    (10, b"amber-1.0.0/AUX.tar.gz"),
    (10, b"amber-1.0.0/prn/a"),
    (10, b"amber-1.0.0/COM1.py"),
    (10, b"amber-1.0.0/lpt9"),
    (10, b"amber-1.0.0/COM\xc2\xb9"),
    (10, b"amber-1.0.0/CONIN$"),
    (11, b"amber-1.0.0/a."),
    (11, b"amber-1.0.0/a.py "),
    (11, b"amber-1.0.0/ a.py"),
    (11, b"amber-1.0.0/f.py:stream"),
    (11, b"amber-1.0.0/a*"),
    (11, b"amber-1.0.0/a?"),
    (11, b"amber-1.0.0/a\"b"),
    (11, b"amber-1.0.0/<a>"),
    (11, b"amber-1.0.0/a|b"),
    (12, b"amber-1.0.0/a\0.py"),
    (12, b"amber-1.0.0/a\n.py"),
    (12, b"amber-1.0.0/\x1b[2Ja.py"),
    (12, b"amber-1.0.0/a\x7f"),
    (12, b"amber-1.0.0/a\xff"),
    (12, b""),
];

pub(super) fn cases() -> Vec<Case> {
    let bad = BAD.iter().map(|(vector, name)| {
        let entry = Header::new(name, 0).sealed(&[]);
        case(
            *vector,
            &format!("the name {}", name.escape_ascii()),
            "archive/path",
            archive(&[entry]),
        )
    });
    bad.chain(long()).chain(together()).chain(top()).collect()
}

fn long() -> Vec<Case> {
    let split = |prefix: &str, name: &str| Header::new(name, 0).with(345, prefix.as_bytes());
    let component = split(&format!("{TOP}/{}", "a".repeat(101)), "b");
    let path = split(&format!("{TOP}/{}/{}", "a".repeat(70), "b".repeat(70)), &"c".repeat(100));
    let deep = Header::new(format!("{TOP}/{}", ["a"; 16].join("/")), 0);
    let wide = Header::folder(&format!("{}/", "b".repeat(99))).with(345, TOP.as_bytes());
    let whole = Header::folder(&"b".repeat(100)).with(345, TOP.as_bytes());
    vec![
        case(13, "a component of 101 bytes", "archive/path", archive(&[component.sealed(&[])])),
        case(13, "a path of more than 200 bytes", "archive/path", archive(&[path.sealed(&[])])),
        case(13, "17 levels", "archive/path", archive(&[deep.sealed(&[])])),
        case(
            0,
            "a short path split over both fields",
            "archive/not-canonical",
            archive(&[split(TOP, "a").sealed(&[])]),
        ),
        case(
            0,
            "a path split at a later slash than the first one possible",
            "archive/not-canonical",
            archive(&[
                folder(&"a".repeat(50)),
                folder(&format!("{}/b", "a".repeat(50))),
                split(&format!("{TOP}/{}/b", "a".repeat(50)), &"c".repeat(50)).sealed(&[]),
            ]),
        ),
        case(0, "a folder whose slash is cut off", "archive/slash", archive(&[whole.sealed(&[])])),
        case(
            0,
            "two files, the second in no order",
            "archive/not-sorted",
            archive(&[wide.sealed(&[]), file("a", b"")]),
        ),
    ]
}

fn together() -> Vec<Case> {
    let pair = |vector, name, code, first: Vec<u8>, second: Vec<u8>| {
        case(vector, name, code, archive(&[first, second]))
    };
    let (twice, parent) = ("archive/duplicate", "archive/file-as-parent");
    vec![
        pair(8, "a file twice", twice, file("a", b"1"), file("a", b"2")),
        pair(8, "a folder twice", twice, folder("a"), folder("a")),
        pair(8, "the top folder twice", twice, folder(""), file("a", b"")),
        pair(8, "a file, then a folder of its name", parent, file("a", b""), folder("a")),
        pair(8, "a folder, then a file of its name", parent, folder("a"), file("a", b"")),
        pair(8, "a file below a file", parent, file("a", b""), file("a/b", b"")),
        pair(
            9,
            "README and readme",
            "archive/case-collision",
            file("README", b""),
            file("readme", b""),
        ),
        pair(
            9,
            "a folder in another case",
            "archive/case-collision",
            folder("A"),
            file("a/b", b""),
        ),
        pair(0, "files out of order", "archive/not-sorted", file("b", b""), file("a", b"")),
        pair(0, "a-b after a/", "archive/not-sorted", folder("a"), file("a-b", b"")),
        pair(
            0,
            "a folder without an entry",
            "archive/missing-parent",
            file("a/b", b""),
            file("c", b""),
        ),
        pair(
            0,
            "a file before its folder",
            "archive/missing-parent",
            file("a/b", b""),
            folder("a"),
        ),
    ]
}

fn top() -> Vec<Case> {
    use super::build::gzip;
    let code = "archive/top-folder";
    let stream = |entries: &[Vec<u8>]| gzip(&[entries.concat(), vec![0; 1024]].concat());
    let other = |name: &str| Header::folder(name).sealed(&[]);
    vec![
        case(0, "no entry at all", code, stream(&[])),
        case(0, "a file at the top", code, stream(&[Header::new("a", 0).sealed(&[])])),
        case(0, "no top folder", code, stream(&[file("a", b"")])),
        case(0, "the top folder as a file", code, stream(&[Header::new(TOP, 0).sealed(&[])])),
        case(0, "another release", code, stream(&[other("amber-1.0.1/")])),
        case(0, "another plugin", code, stream(&[other("amberr-1.0.0/")])),
        case(0, "no version", code, stream(&[other("amber/")])),
        case(0, "no version that is one", code, stream(&[other("amber-1.0/")])),
        case(0, "two top folders", code, archive(&[other("birch-1.0.0/")])),
        case(0, "a file beside the top folder", code, archive(&[Header::new("x", 0).sealed(&[])])),
        case(0, "a name that starts alike", code, archive(&[other("amber-1.0.0-x/")])),
    ]
}
