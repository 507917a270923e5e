//! Every file that a build writes, byte for byte.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use libral::source::{Source, SourceError};
use rayon::prelude::*;

use super::built::{Built, list};
use super::{Difference, Progress, ReproduceError};
use crate::output::OWNED;

/// So much longer than expected may a file be for the first place that differs to be named.
const SLACK: usize = 64 * 1024;

/// Compares every file, in the order of their paths.
pub(super) fn compare(
    source: &dyn Source,
    built: &Built,
    progress: Progress<'_>,
) -> Result<Vec<Difference>, ReproduceError> {
    let (total, done) = (built.files.len(), AtomicUsize::new(0));
    let found: Vec<Option<Difference>> = built
        .files
        .par_iter()
        .map(|(path, size)| {
            let difference = file(source, built, path, *size);
            progress(done.fetch_add(1, Ordering::Relaxed) + 1, total);
            difference
        })
        .collect::<Result<_, _>>()?;
    Ok(found.into_iter().flatten().collect())
}

fn file(
    source: &dyn Source,
    built: &Built,
    path: &str,
    size: usize,
) -> Result<Option<Difference>, ReproduceError> {
    let expected = built.read(path)?;
    match source.get(path, size.saturating_add(SLACK)) {
        Ok(Some(found)) => Ok(Difference::between(path, &expected, &found)),
        Ok(None) => Ok(Some(Difference::missing(path, &expected))),
        Err(SourceError::TooLarge { limit, .. }) => {
            let expected = super::difference::describe(&expected);
            Ok(Some(Difference::of_file(path, expected, format!("more than {limit} bytes"))))
        }
        Err(error) => Err(error.into()),
    }
}

/// Finds files in folders that a build keeps clean, which the commit does not make.
pub(super) fn unnamed(folder: &Path, built: &Built) -> Result<Vec<Difference>, ReproduceError> {
    let mut differences = Vec::new();
    for owned in OWNED {
        for (path, size) in list(&folder.join(owned))? {
            let path = format!("{owned}/{path}");
            if !built.files.contains_key(&path) {
                let found = format!("a file of {size} bytes");
                differences.push(Difference::of_file(&path, "no such file".to_owned(), found));
            }
        }
    }
    Ok(differences)
}
