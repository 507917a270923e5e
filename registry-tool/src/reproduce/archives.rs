//! Copies of archives: each that is there has the digest that its name and its release say.

use std::collections::BTreeMap;

use index_schema::digest::Sha256Digest;
use index_schema::layout;
use index_schema::limits;
use index_schema::manifest::Manifest;
use index_schema::statement::Statement;
use libral::source::{Source, SourceError};
use rayon::prelude::*;

use super::built::Built;
use super::difference::describe;
use super::{Compared, Difference, ReproduceError};

/// What is found at the place of a copy.
enum Copy {
    Right,
    Absent,
    Wrong(Difference),
}

/// Compares every copy that is there.
pub(super) fn compare(
    source: &dyn Source,
    built: &Built,
    compared: &mut Compared,
) -> Result<Vec<Difference>, ReproduceError> {
    let copies: Vec<Copy> = released(built)?
        .par_iter()
        .map(|(digest, size)| copy(source, digest, *size))
        .collect::<Result<_, _>>()?;
    compared.elsewhere = copies.iter().filter(|copy| matches!(copy, Copy::Absent)).count();
    compared.archives = copies.len() - compared.elsewhere;
    let wrong = copies.into_iter().filter_map(|copy| match copy {
        Copy::Wrong(difference) => Some(difference),
        Copy::Right | Copy::Absent => None,
    });
    Ok(wrong.collect())
}

/// Returns digest and size of every archive that a published release names.
fn released(built: &Built) -> Result<BTreeMap<Sha256Digest, u64>, ReproduceError> {
    let blobs: Vec<&String> =
        built.files.keys().filter(|path| path.starts_with("blobs/")).collect();
    let artifacts = |path: &&String| -> Result<Vec<(Sha256Digest, u64)>, ReproduceError> {
        let Ok(release) = Statement::<Manifest>::read(&built.read(path)?) else {
            return Ok(Vec::new());
        };
        let artifacts = release.document.artifacts.iter();
        Ok(artifacts.map(|artifact| (artifact.sha256, artifact.size)).collect())
    };
    let found: Vec<Vec<_>> = blobs.par_iter().map(artifacts).collect::<Result<_, _>>()?;
    Ok(found.into_iter().flatten().collect())
}

fn copy(source: &dyn Source, digest: &Sha256Digest, size: u64) -> Result<Copy, ReproduceError> {
    let path = layout::archive(digest);
    let limit = usize::try_from(size).unwrap_or(usize::MAX).min(limits::ARCHIVE);
    let expected = || format!("{size} bytes with the SHA-256 {digest}");
    let wrong = |found| Ok(Copy::Wrong(Difference::of_file(&path, expected(), found)));
    match source.get(&path, limit) {
        Ok(None) => Ok(Copy::Absent),
        Ok(Some(bytes)) if Sha256Digest::of(&bytes) == *digest => Ok(Copy::Right),
        Ok(Some(bytes)) => wrong(describe(&bytes)),
        Err(SourceError::TooLarge { .. }) => wrong(format!("more than {limit} bytes")),
        Err(error) => Err(error.into()),
    }
}
