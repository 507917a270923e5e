//! Archives that try something, each with the code of the refusal that it has to meet.
//!
//! The numbers are those of a catalogue of 27 ways in which archives have done harm. Two of them
//! are no matter of bytes: 26, a race with another user of the machine, belongs to whoever
//! unpacks; 27, a URL whose content changes, to whoever compares digests. Number 0 stands for
//! rules of the profile beyond the catalogue. Nothing here knows the reader that it attacks, and
//! no attack is stored as bytes. Other crates include this module by its path.

pub(crate) mod build;
mod headers;
mod names;
mod streams;
mod zips;

/// The release that every archive pretends to hold.
pub(crate) const TOP: &str = "amber-1.0.0";

/// One archive to be refused.
pub(crate) struct Case {
    /// The number in the catalogue.
    pub(crate) vector: u8,
    /// What it tries.
    pub(crate) name: String,
    /// The code of the refusal.
    pub(crate) code: &'static str,
    /// The archive.
    pub(crate) bytes: Vec<u8>,
}

/// Makes a case.
fn case(vector: u8, name: &str, code: &'static str, bytes: Vec<u8>) -> Case {
    Case { vector, name: name.to_owned(), code, bytes }
}

/// Returns all cases.
pub(crate) fn cases() -> Vec<Case> {
    [names::cases(), headers::cases(), streams::cases(), zips::cases()]
        .into_iter()
        .flatten()
        .collect()
}

/// Returns contents that an archive may well carry: judging them is a scanner's task.
pub(crate) fn contents() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("amber.py", b"\x7fELF\x02\x01\x01".to_vec()),
        ("nested.tar.gz", build::archive(&[])),
        ("nested.zip", zips::plain()),
        ("amber.pth", b"import os\n".to_vec()),
        ("__pycache__/amber.cpython-311.pyc", vec![0xa7, 0x0d, 0x0d, 0x0a]),
        ("native.so", b"\x7fELF".to_vec()),
    ]
}
