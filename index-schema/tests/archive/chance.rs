//! Properties: what is packed comes back, and no change of it is read in two ways.

use std::collections::BTreeMap;

use index_schema::{archive::Archive, digest::Sha256Digest};
use proptest::prelude::*;

use crate::{
    hostile::build::{archive, file, gzip, stored},
    support::{decode, encode, ours, theirs},
};

type Files = BTreeMap<String, (bool, Vec<u8>)>;

fn files() -> impl Strategy<Value = Files> {
    let short = "[a-cA]{1,2}(/[a-c.B-]{0,2}[a-z]){0,3}";
    let long = "[a-c]{40,60}(/[a-c]{30,60}){0,1}";
    let path = prop_oneof![4 => short, 1 => long];
    let size = prop_oneof![0..3_usize, 510..515_usize, 0..3000_usize];
    let contents = size.prop_flat_map(|size| proptest::collection::vec(any::<u8>(), size));
    proptest::collection::btree_map(path, (any::<bool>(), contents), 0..8)
}

/// Packs the files unless two of them collide; their order must not show.
fn encode_all(files: &Files) -> Option<Vec<u8>> {
    let list: Vec<_> = files
        .iter()
        .map(|(path, (run, contents))| (path.as_str(), *run, contents.as_slice()))
        .collect();
    let reversed: Vec<_> = list.iter().rev().copied().collect();
    let packed = encode(&list).ok();
    assert_eq!(packed, encode(&reversed).ok());
    packed
}

fn back(archive: &Archive) -> Files {
    let seen = ours(archive).into_iter();
    seen.filter_map(|(path, mode, contents)| {
        let inside = path.strip_prefix("amber-1.0.0/")?.to_owned();
        Some((inside, (mode == 0o755, contents?)))
    })
    .collect()
}

proptest! {
    #[test]
    fn what_is_encoded_decodes_to_the_same_for_us_and_for_the_tar_crate(files in files()) {
        let packed = encode_all(&files);
        prop_assume!(packed.is_some());
        if let Some(gz) = packed {
            let archive = decode(&gz).unwrap();
            prop_assert_eq!(back(&archive), files);
            prop_assert_eq!(ours(&archive), theirs(&gz));
            prop_assert_eq!(archive.entry_count(), theirs(&gz).len());
            prop_assert_eq!(archive.tar_sha256(), Sha256Digest::of(archive.tar()));
            let again = decode(&gzip(archive.tar())).unwrap();
            prop_assert_eq!(again.tar(), archive.tar());
        }
    }

    #[test]
    fn random_bytes_never_panic(
        header in any::<bool>(),
        bytes in proptest::collection::vec(any::<u8>(), 0..600),
    ) {
        let stream = if header { gzip(&bytes) } else { bytes };
        prop_assert!(decode(&stream).is_err());
    }
}

fn sample() -> Vec<u8> {
    let long = format!("{}/{}", "d".repeat(60), "f".repeat(60));
    encode(&[("a.py", false, b"print(1)\n"), ("bin/run", true, &[7; 600]), (&long, false, b"")])
        .unwrap()
}

#[test]
fn the_packed_bytes_do_not_change_between_versions_of_this_program() {
    let digest = Sha256Digest::of(&sample()).to_string();
    snapbox::assert_data_eq!(
        digest,
        snapbox::str!["d227cac3c1c7b47d02e4514ad0742b955f77acf92d90ab4f8b0703322fdb9b7c"]
    );
    let tar = decode(&sample()).unwrap().tar_sha256().to_string();
    snapbox::assert_data_eq!(
        tar,
        snapbox::str!["514f9bf97fcdc7cc96a6f8a43c56107ec0a443601a814084c1cb5948edb09c5c"]
    );
}

#[test]
fn a_flipped_bit_of_an_archive_is_refused_or_changes_nothing() {
    let good = sample();
    let expected = ours(&decode(&good).unwrap());
    for at in 0..good.len() {
        for bit in 0..8 {
            let mut bad = good.clone();
            bad[at] ^= 1 << bit;
            if let Ok(archive) = decode(&bad) {
                assert_eq!(ours(&archive), expected, "byte {at}, bit {bit}");
            }
        }
    }
}

#[test]
fn every_beginning_of_an_archive_is_refused() {
    let good = sample();
    for end in 0..good.len() {
        assert!(decode(&good[..end]).is_err(), "{end} bytes");
    }
}

/// Sets the checksum of every block that starts like a header of the sample.
fn seal(tar: &mut [u8]) {
    for block in tar.chunks_exact_mut(512).filter(|block| block[257..262] == *b"ustar") {
        block[148..156].fill(b' ');
        let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
        block[148..156].copy_from_slice(format!("{sum:07o}\0").as_bytes());
    }
}

#[test]
fn a_changed_tar_stream_is_refused_or_read_alike_by_the_tar_crate() {
    let tar = decode(&sample()).unwrap().tar().to_vec();
    let mut accepted = 0;
    for at in 0..tar.len() {
        for byte in [tar[at] ^ 1, 0, b'0', b'/', 0xff] {
            let mut bad = tar.clone();
            bad[at] = byte;
            seal(&mut bad);
            let gz = stored(&bad);
            if let Ok(archive) = decode(&gz) {
                assert_eq!(ours(&archive), theirs(&gz), "byte {at} set to {byte}");
                accepted += 1;
            }
        }
    }
    assert!(accepted > 600, "only {accepted} changes were left to compare");
}

#[test]
fn sums_and_counts_are_those_that_a_manifest_states() {
    let archive = decode(&sample()).unwrap();
    assert_eq!(archive.unpacked(), 609);
    assert_eq!(archive.entry_count(), 6);
    assert_eq!(archive.top_folder(), "amber-1.0.0");
    assert_eq!(archive.file("bin/run"), Some(&[7; 600][..]));
    assert_eq!(archive.file("bin"), None);
    assert_eq!(archive.file("missing"), None);
}

#[test]
fn name_and_version_are_read_out_of_the_top_folder() {
    use index_schema::{archive, id::PluginName, version::Version};
    for (name, version) in
        [("amber", "1.0.0"), ("word-count-2", "0.1.0-rc.1"), ("a1", "10.2.3-a-b+c-d.1")]
    {
        let (name, version) = (PluginName::parse(name).unwrap(), Version::parse(version).unwrap());
        let read = Archive::decode_any(&archive::encode(&name, &version, []).unwrap()).unwrap();
        assert_eq!((read.name(), read.version()), (&name, &version));
    }
}

#[test]
fn files_that_would_make_a_bad_archive_are_not_packed() {
    let code = |files: &[(&str, bool, &[u8])]| encode(files).unwrap_err().code();
    assert_eq!(code(&[("a", false, b""), ("a", true, b"")]), "archive/duplicate");
    assert_eq!(code(&[("a", false, b""), ("a/b", false, b"")]), "archive/file-as-parent");
    assert_eq!(code(&[("a", false, b""), ("A", false, b"")]), "archive/case-collision");
    assert_eq!(code(&[("a/x", false, b""), ("A/y", false, b"")]), "archive/case-collision");
    assert_eq!(code(&[("a", false, &vec![0; 9 << 20])]), "archive/bomb");
    let long = format!("{}/{}/{}", "a".repeat(90), "b".repeat(90), "c".repeat(7));
    assert_eq!(code(&[(&long, false, b"")]), "archive/path");
    let split = format!("{}/{}/{}", "a".repeat(68), "b".repeat(90), "c".repeat(27));
    assert_eq!(code(&[(&split, false, b"")]), "archive/path-split");
}

#[test]
fn ten_thousand_entries_are_accepted_and_one_more_is_not() {
    let names: Vec<_> = (0..10_000).map(|number| format!("{number:05}")).collect();
    let list: Vec<_> = names.iter().map(|name| (name.as_str(), false, &b""[..])).collect();
    assert_eq!(encode(&list).unwrap_err().code(), "archive/too-many-entries");
    let gz = encode(&list[1..]).unwrap();
    assert_eq!(decode(&gz).unwrap().entry_count(), 10_000);
}

#[test]
fn other_compressors_may_be_used_and_change_no_digest_of_the_content() {
    let packed = encode(&[("a", false, b"x")]).unwrap();
    let other = archive(&[file("a", b"x")]);
    assert_ne!(packed, other);
    assert_eq!(decode(&packed).unwrap().tar_sha256(), decode(&other).unwrap().tar_sha256());
}
