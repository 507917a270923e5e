//! `plugins/<publisher>/<name>`: links from where hosts look to where packages lie.
//!
//! The links are relative, so that the data folder can be moved as a whole. A link is made aside
//! and renamed over the old one: a host sees the one or the other, never none. Links are this
//! program's own; anything else that lies there is somebody's, is left alone, and is an error
//! where a link has to be.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use cap_std::fs::Dir;
use index_schema::digest::Sha256Digest;
use index_schema::id::PluginId;

use super::{Reach, Step, TransactionError, reached};
use crate::durable;
use crate::home::{self, PLUGINS};
use crate::store;

/// Makes the links exactly those of `wanted`.
///
/// What cannot be linked because something is in the way is reported after all others are done.
pub(super) fn establish(
    dir: &Dir,
    wanted: &BTreeMap<PluginId, Sha256Digest>,
    reach: Reach<'_>,
) -> Result<(), TransactionError> {
    for publisher in store::names(dir, Path::new(PLUGINS))? {
        let folder = Path::new(PLUGINS).join(publisher);
        if dir.symlink_metadata(&folder).is_ok_and(|metadata| metadata.is_dir()) {
            remove_others(dir, &folder, wanted, reach)?;
        }
    }
    let occupied = occupied(dir, wanted);
    for (id, digest) in wanted {
        let path = home::plugin(id);
        let linked = dir.read_link_contents(&path).is_ok_and(|found| found == target(digest));
        if !linked && !occupied.contains(&path) {
            link(dir, id, digest, reach)?;
        }
    }
    occupied.into_iter().next().map_or(Ok(()), |path| Err(TransactionError::Occupied(path)))
}

/// Returns the paths of `wanted` that something other than a link takes.
pub(super) fn occupied(dir: &Dir, wanted: &BTreeMap<PluginId, Sha256Digest>) -> Vec<String> {
    let taken = |id: &PluginId| {
        let folder = format!("{PLUGINS}/{}", id.publisher);
        let path = home::plugin(id);
        if dir.symlink_metadata(&folder).is_ok_and(|metadata| !metadata.is_dir()) {
            return Some(folder);
        }
        dir.symlink_metadata(&path).is_ok_and(|metadata| !metadata.is_symlink()).then_some(path)
    };
    wanted.keys().filter_map(taken).collect()
}

/// Removes the links of one publisher's folder that are not wanted, and the folder if it is empty.
fn remove_others(
    dir: &Dir,
    folder: &Path,
    wanted: &BTreeMap<PluginId, Sha256Digest>,
    reach: Reach<'_>,
) -> Result<(), TransactionError> {
    let failed = |source| TransactionError::Io { path: folder.display().to_string(), source };
    let publisher = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let mut removed = false;
    for name in store::names(dir, folder)? {
        let path = folder.join(&name);
        let id =
            name.to_str().and_then(|name| PluginId::parse(&format!("{publisher}/{name}")).ok());
        let is_link = dir.symlink_metadata(&path).is_ok_and(|metadata| metadata.is_symlink());
        if is_link && !id.is_some_and(|id| wanted.contains_key(&id)) {
            unlink(dir, &path).map_err(failed)?;
            removed = true;
            reached(reach, Step::LinkChanged)?;
        }
    }
    if removed {
        durable::sync(dir, &folder.to_string_lossy()).map_err(failed)?;
    }
    // Fails when something is left in it, and that is right.
    drop(dir.remove_dir(folder));
    Ok(())
}

fn link(
    dir: &Dir,
    id: &PluginId,
    digest: &Sha256Digest,
    reach: Reach<'_>,
) -> Result<(), TransactionError> {
    let path = home::plugin(id);
    let folder = format!("{PLUGINS}/{}", id.publisher);
    let aside = format!("{folder}/.{}.tmp", id.name);
    let failed = |source| TransactionError::Io { path: path.clone(), source };
    match dir.create_dir(&folder) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        result => result.and_then(|()| durable::sync(dir, PLUGINS)).map_err(failed)?,
    }
    durable::absent_is_fine(unlink(dir, Path::new(&aside))).map_err(failed)?;
    make_link(dir, &target(digest), &aside).map_err(failed)?;
    reached(reach, Step::LinkAside)?;
    replace(dir, &aside, &path).map_err(failed)?;
    durable::sync(dir, &folder).map_err(failed)?;
    reached(reach, Step::LinkChanged)
}

/// Where the link of a package leads, seen from a publisher's folder.
fn target(digest: &Sha256Digest) -> PathBuf {
    Path::new("../..").join(home::package(digest))
}

#[cfg(not(windows))]
fn make_link(dir: &Dir, target: &Path, path: &str) -> io::Result<()> {
    dir.symlink_contents(target, path)
}

#[cfg(not(windows))]
fn unlink(dir: &Dir, path: &Path) -> io::Result<()> {
    dir.remove_file(path)
}

#[cfg(not(windows))]
fn replace(dir: &Dir, aside: &str, path: &str) -> io::Result<()> {
    dir.rename(aside, dir, path)
}

/// Windows asks for a right, or its developer mode, to make links.
#[cfg(windows)]
fn make_link(dir: &Dir, target: &Path, path: &str) -> io::Result<()> {
    dir.symlink_dir(target, path)
}

#[cfg(windows)]
fn unlink(dir: &Dir, path: &Path) -> io::Result<()> {
    dir.remove_dir(path)
}

/// Windows does not rename over a folder, so there is a moment without a link.
#[cfg(windows)]
fn replace(dir: &Dir, aside: &str, path: &str) -> io::Result<()> {
    durable::absent_is_fine(unlink(dir, Path::new(path)))?;
    dir.rename(aside, dir, path)
}
