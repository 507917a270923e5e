//! Every attack is refused, with its own code.

use std::{collections::BTreeSet, fmt::Write as _};

use index_schema::archive::Archive;

use crate::{
    hostile::{cases, contents},
    support::{decode, encode, ours, theirs},
};

#[test]
fn every_hostile_archive_is_refused_with_its_code() {
    let mut report = String::new();
    for case in cases() {
        match decode(&case.bytes) {
            Ok(archive) => panic!("accepted: {}: {archive:?}", case.name),
            Err(error) => {
                writeln!(report, "{} {}: {}\n  {error}", case.vector, case.name, error.code())
                    .unwrap();
                assert_eq!(error.code(), case.code, "{}: {error}", case.name);
            }
        }
    }
    snapbox::assert_data_eq!(report, snapbox::file!["refusals.txt"].raw());
}

#[test]
fn every_number_of_the_catalogue_that_is_a_matter_of_bytes_has_a_case() {
    let covered: BTreeSet<u8> = cases().iter().map(|case| case.vector).collect();
    assert_eq!(covered, (0..=25).collect());
}

#[test]
fn an_archive_that_names_its_release_itself_is_held_to_the_same_rules() {
    for case in cases() {
        let other_release = ["another release", "another plugin"].contains(&case.name.as_str());
        assert_eq!(Archive::decode_any(&case.bytes).is_ok(), other_release, "{}", case.name);
    }
}

#[test]
fn what_a_file_contains_is_not_judged_here() {
    let contents = contents();
    let files: Vec<_> =
        contents.iter().map(|(path, bytes)| (*path, false, bytes.as_slice())).collect();
    let gz = encode(&files).unwrap();
    let archive = decode(&gz).unwrap();
    assert_eq!(archive.file("amber.py"), Some(&b"\x7fELF\x02\x01\x01"[..]));
    assert_eq!(ours(&archive), theirs(&gz));
}
