//! `store/sha256/<aa>/<digest>.json`: what was unpacked, for checks when the archive is long gone.
//!
//! ```json
//! {"src": {"kind": "folder"},
//!  "src/run": {"kind": "file", "executable": true, "size": 10, "sha256": "9f86…"}}
//! ```
//!
//! It tells damage from health. It cannot convict whoever may write to the store: that one writes
//! the listing as well.

use std::collections::BTreeMap;
use std::io::{self, Write as _};

use cap_std::fs::{Dir, OpenOptions};
use index_schema::digest::Sha256Digest;
use index_schema::json;
use index_schema::limits::MIB;
use index_schema::path::PackagePath;

use super::{Expected, StoreError};
use crate::durable;
use crate::home;

/// The ceiling: more than the most entries with the longest paths need.
const CEILING: usize = 8 * MIB;

/// Returns the path of a package's listing in the data folder.
pub(crate) fn path(digest: &Sha256Digest) -> String {
    format!("{}.json", home::package(digest))
}

/// Writes a listing at `aside`, and then gives it its place. Equal packages have equal listings,
/// so it does not matter whose stays.
pub(crate) fn write(
    dir: &Dir,
    aside: &str,
    digest: &Sha256Digest,
    contents: &BTreeMap<PackagePath, Expected>,
) -> io::Result<()> {
    let bytes = serde_json::to_vec(contents)?;
    let mut file = dir.open_with(aside, OpenOptions::new().write(true).create_new(true))?;
    file.write_all(&bytes)?;
    file.sync_all()?;
    dir.rename(aside, dir, path(digest))
}

/// Reads the listing of a package.
pub(crate) fn read(
    dir: &Dir,
    digest: &Sha256Digest,
) -> Result<BTreeMap<PackagePath, Expected>, StoreError> {
    let path = path(digest);
    let failed = |source| StoreError::Io { what: "read", path: path.clone(), source };
    let bytes = durable::read(dir, &path, CEILING).map_err(failed)?;
    let bytes = bytes.ok_or_else(|| StoreError::NoListing(path.clone()))?;
    // The strict reader refuses what stands twice; the other one gives it a type.
    json::parse(&bytes, CEILING).map_err(|_problems| StoreError::NoListing(path.clone()))?;
    serde_json::from_slice(&bytes).map_err(|_error| StoreError::NoListing(path))
}
