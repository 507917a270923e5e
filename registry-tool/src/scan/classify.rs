//! What a file is, by what is in it. Its name only decides between kinds of text.

mod hook;
pub mod npm;

use super::frontend;

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Source code that a front-end reads.
    Source(&'static str),
    /// A notebook: source code in the cells of a document.
    Notebook,
    /// A page: scripts in markup.
    Page,
    /// Machine code, of this kind.
    Native(&'static str),
    /// Byte code of an interpreter, of this kind: it says less than source and does the same.
    ByteCode(&'static str),
    /// An archive or compressed file, of this kind.
    Archive(&'static str),
    /// A program for an interpreter that no front-end reads.
    Script,
    /// Two formats at once: readers disagree on what it is.
    TwoFormats(&'static str, &'static str),
    /// Something that runs by itself; why.
    Hook(&'static str),
    /// Something that others read and that cannot be read here; what it is.
    Unreadable(&'static str),
    /// Nothing that runs.
    Data,
}

/// Formats by their first bytes.
const MAGIC: &[(&[u8], Class)] = &[
    (b"\x7fELF", Class::Native("an ELF library or program")),
    (b"\xfe\xed\xfa\xce", Class::Native("a Mach-O library or program")),
    (b"\xfe\xed\xfa\xcf", Class::Native("a Mach-O library or program")),
    (b"\xce\xfa\xed\xfe", Class::Native("a Mach-O library or program")),
    (b"\xcf\xfa\xed\xfe", Class::Native("a Mach-O library or program")),
    (b"\xca\xfe\xba\xbe", Class::Native("a Mach-O library or a Java class")),
    (b"\xca\xfe\xba\xbf", Class::Native("a Mach-O library or program")),
    (b"!<arch>\n", Class::Native("a static library")),
    (b"dex\n", Class::ByteCode("Android byte code")),
    (b"\x1bLua", Class::ByteCode("Lua byte code")),
    (b"\x1bLJ", Class::ByteCode("LuaJIT byte code")),
    (b"\0asm", Class::Source("wasm")),
    (b"PK\x03\x04", Class::Archive("a zip archive")),
    (b"PK\x05\x06", Class::Archive("a zip archive")),
    (b"\x1f\x8b\x08", Class::Archive("a gzip file")),
    (b"BZh", Class::Archive("a bzip2 file")),
    (b"\xfd7zXZ\0", Class::Archive("an xz file")),
    (b"\x28\xb5\x2f\xfd", Class::Archive("a zstd file")),
    (b"7z\xbc\xaf\x27\x1c", Class::Archive("a 7-Zip archive")),
    (b"Rar!\x1a\x07", Class::Archive("a rar archive")),
    (b"MSCF", Class::Archive("a cabinet archive")),
];

/// Endings of names that decide between kinds of text.
const ENDINGS: &[(&str, &str)] = &[
    ("py", "python"),
    ("pyw", "python"),
    ("js", "javascript"),
    ("mjs", "javascript"),
    ("cjs", "javascript"),
    ("jsx", "javascript"),
    ("ts", "javascript"),
    ("mts", "javascript"),
    ("cts", "javascript"),
    ("tsx", "javascript"),
    ("lua", "lua"),
    ("rockspec", "lua"),
    ("wasm", "wasm"),
];

/// Endings of names of programs that nobody here reads.
const SCRIPTS: &[&str] = &[
    "sh",
    "bash",
    "zsh",
    "fish",
    "csh",
    "ksh",
    "bat",
    "cmd",
    "ps1",
    "psm1",
    "vbs",
    "vbe",
    "wsf",
    "hta",
    "scpt",
    "applescript",
    "pl",
    "rb",
    "php",
    "tcl",
    "awk",
    "jar",
    "class",
    "ahk",
    "reg",
];

/// Endings of names of pickles whose bytes do not show it: protocol 0 is text.
const PICKLES: &[&str] = &["pkl", "pickle"];

const PICKLE: &str = "a pickle: what reads it can be made to run code";

/// Says what a file is.
pub fn classify(path: &str, bytes: &[u8]) -> Class {
    let class = by_content(bytes);
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    if let Some(hook) = hook::find(path, &name, bytes) {
        return Class::Hook(hook);
    }
    // Those of the tests of packages are broken on purpose.
    if matches!(path, "package.json" | "package/package.json") && npm::manifest(bytes).is_none() {
        return Class::Unreadable("a manifest of npm");
    }
    let by_name = by_name(&name, bytes);
    match (class, by_name) {
        (Some(Class::Source(_)), _) if ends_as_zip(bytes) => {
            Class::TwoFormats("a zip archive", "a program")
        }
        (Some(Class::Archive(kind)), Class::Source(_)) => Class::TwoFormats(kind, "source code"),
        (Some(class), _) => class,
        // A zip archive may start anywhere: its table of contents is at the end.
        (None, Class::Source(_) | Class::Script) if ends_as_zip(bytes) => {
            Class::TwoFormats("a zip archive", "a program")
        }
        (None, Class::Data) if ends_as_zip(bytes) => Class::Archive("a zip archive"),
        (None, Class::Data) if super::page::is_page(&name, bytes) => Class::Page,
        (None, by_name) => by_name,
    }
}

fn by_content(bytes: &[u8]) -> Option<Class> {
    let magic = MAGIC.iter().find(|(magic, _)| bytes.starts_with(magic));
    if let Some((_, class)) = magic {
        return Some(*class);
    }
    if bytes.starts_with(b"MZ") && is_portable_executable(bytes) {
        return Some(Class::Native("a Windows library or program"));
    }
    if is_pickle(bytes) {
        return Some(Class::ByteCode(PICKLE));
    }
    // A picture that is text all through is there to be read as something else.
    if (bytes.starts_with(b"GIF87a") || bytes.starts_with(b"GIF89a"))
        && std::str::from_utf8(bytes).is_ok()
    {
        return Some(Class::TwoFormats("a picture", "text"));
    }
    if bytes.get(257..262) == Some(b"ustar") {
        return Some(Class::Archive("a tar archive"));
    }
    // Two bytes of version, carriage return and newline.
    if bytes.get(2..4) == Some(b"\r\n") && bytes.get(1).is_some_and(|byte| *byte < 32) {
        return Some(Class::ByteCode("Python byte code"));
    }
    None
}

/// A pickle of protocol 2 or newer: its version, an opcode that one starts with, and a stop.
fn is_pickle(bytes: &[u8]) -> bool {
    let starts = b"\x95\x8c\x8e\x8a\x88\x89\x8f}](cXUKJMGN)";
    matches!(bytes, [0x80, 2..=5, first, .., b'.'] if starts.contains(first))
}

fn is_portable_executable(bytes: &[u8]) -> bool {
    let at = bytes.get(0x3c..0x40).and_then(|at| <[u8; 4]>::try_from(at).ok());
    let at = at.map(u32::from_le_bytes).and_then(|at| usize::try_from(at).ok());
    let header = at.and_then(|at| bytes.get(at..at.checked_add(4)?));
    header == Some(b"PE\0\0") || bytes.len() > 64 && std::str::from_utf8(bytes).is_err()
}

fn ends_as_zip(bytes: &[u8]) -> bool {
    let tail = bytes.get(bytes.len().saturating_sub(66_000)..).unwrap_or(bytes);
    let starts = tail.windows(4).any(|window| window == b"PK\x05\x06");
    starts && bytes.windows(4).any(|window| window == b"PK\x01\x02")
}

fn by_name(name: &str, bytes: &[u8]) -> Class {
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    if let Some((_, language)) = ENDINGS.iter().find(|(known, _)| *known == ending) {
        return Class::Source(language);
    }
    if let Some(rest) = bytes.strip_prefix(b"#!") {
        return interpreter(rest);
    }
    if ending == "ipynb" {
        return Class::Notebook;
    }
    if PICKLES.contains(&ending) {
        return Class::ByteCode(PICKLE);
    }
    if SCRIPTS.contains(&ending) {
        return Class::Script;
    }
    Class::Data
}

/// Says what reads a file that starts with `#!`.
fn interpreter(rest: &[u8]) -> Class {
    let line = rest.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let line = String::from_utf8_lossy(line.get(..line.len().min(256)).unwrap_or_default());
    let names = [
        ("python", "python"),
        ("pypy", "python"),
        ("node", "javascript"),
        ("deno", "javascript"),
        ("bun", "javascript"),
        ("lua", "lua"),
    ];
    let found = names.iter().find(|(name, _)| line.contains(name));
    found.map_or(Class::Script, |(_, language)| Class::Source(language))
}

/// Tells whether a text that is not named as source may be source all the same.
pub fn may_be_source(path: &str, bytes: &[u8]) -> Vec<&'static str> {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    // What a package says of itself is prose.
    if matches!(name.as_str(), "metadata" | "pkg-info") {
        return Vec::new();
    }
    // A stub is read by tools that check types, and prose is read by people.
    if matches!(ending, "pyi" | "md" | "rst" | "html" | "css" | "svg" | "xml" | "json") {
        return Vec::new();
    }
    if bytes.len() > super::gates::SOURCE || std::str::from_utf8(bytes).is_err() {
        return Vec::new();
    }
    let has = |word: &[u8]| bytes.windows(word.len()).any(|window| window == word);
    let words: [(&str, &[&[u8]]); 2] = [
        ("python", &[b"import ", b"__import__", b"exec(", b"eval(", b"getattr("]),
        (
            "javascript",
            &[b"require(", b"require`", b"process.", b"eval(", b"globalThis", b"import "],
        ),
    ];
    let looks = |words: &&[&[u8]]| words.iter().any(|word| has(word));
    let languages = words.iter().filter(|(_, words)| looks(words)).map(|(name, _)| *name);
    languages.filter(|name| frontend::find(name).is_some()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_known_by_what_is_in_them() {
        let elf = Class::Native("an ELF library or program");
        assert_eq!(classify("a.py", b"\x7fELF\x02\x01"), elf);
        assert_eq!(classify("a.txt", b"\x7fELF\x02\x01"), elf);
        assert_eq!(classify("a.png", b"PK\x03\x04"), Class::Archive("a zip archive"));
        assert_eq!(classify("a", b"\x1f\x8b\x08\0"), Class::Archive("a gzip file"));
        assert_eq!(classify("a.dat", b"\x80\x04\x95\x01\0."), Class::ByteCode(PICKLE));
        assert_eq!(classify("a.pkl", b"cos\nsystem\n."), Class::ByteCode(PICKLE));
        assert_eq!(classify("a.gif", b"GIF89a=1;"), Class::TwoFormats("a picture", "text"));
        assert_eq!(classify("a.ipynb", b"{}"), Class::Notebook);
        assert_eq!(classify("a.txt", b"\x6f\x0d\r\n\0\0"), Class::ByteCode("Python byte code"));
        assert_eq!(classify("run", b"#!/bin/sh\nls\n"), Class::Script);
        assert_eq!(classify("run", b"#!/usr/bin/env python3\n"), Class::Source("python"));
        assert_eq!(classify("a.py", b"x = 1\n"), Class::Source("python"));
        assert_eq!(classify("README.md", b"# A\n"), Class::Data);
    }

    #[test]
    fn a_program_that_is_also_an_archive_is_two_formats() {
        let both = b"x = 1\nPK\x01\x02....PK\x05\x06\0\0";
        assert_eq!(classify("a.py", both), Class::TwoFormats("a zip archive", "a program"));
        assert_eq!(
            classify("a.py", b"PK\x03\x04"),
            Class::TwoFormats("a zip archive", "source code")
        );
    }
}
