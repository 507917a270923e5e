//! What clients have seen stays: no plugin, release, status or publisher record is lost.
//!
//! A client remembers the releases and status statements of the plugins that it looked at, and
//! refuses a document that lost one. So a release compares each document that changes with the one
//! before it, and reads every statement that the new one names.

use std::collections::BTreeSet;
use std::path::Path;

use index_schema::digest::Sha256Digest;
use index_schema::json::{self, Unknown};
use index_schema::layout;
use index_schema::limits;
use index_schema::plugin_doc::{Gone, Listed, PluginDoc};
use index_schema::tuf::{TargetFile, TargetPath};
use index_schema::version::Version;
use libral::tuf::TufError;
use libral::tuf::update::UpdateError;
use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};

use super::content::Content;
use super::threads::each;
use super::{Previous, ReleaseError, public};

/// A document that is not the one of the state before.
pub(super) struct Changed {
    path: TargetPath,
    before: Option<TargetFile>,
    document: PluginDoc,
}

/// Reads the documents that changed, and checks that the folder has every statement they name.
pub(super) fn changed(
    folder: &Path,
    previous: Option<&Previous<'_>>,
    content: &Content,
) -> Result<Vec<Changed>, ReleaseError> {
    let before = |path: &TargetPath| previous.and_then(|previous| previous.plugin(path));
    let bins = content.bins().filter(|(bin, targets)| {
        // Most bins say what they said.
        previous.and_then(|previous| previous.targets_of(bin)) != Some(targets)
    });
    let documents = bins.flat_map(|(_, targets)| targets);
    let changed: Vec<_> = documents.filter(|(path, file)| before(path) != Some(*file)).collect();
    let read = |(path, file): &(&TargetPath, &TargetFile)| {
        let document = parse(path, &local(folder, path, file)?)?;
        Ok(Changed { path: (*path).clone(), before: before(path).cloned(), document })
    };
    let changed: Vec<Changed> =
        changed.par_iter().map(read).collect::<Result<_, ReleaseError>>()?;
    let named: BTreeSet<(Sha256Digest, u64)> =
        changed.iter().flat_map(|changed| blobs(&changed.document)).collect();
    Vec::from_iter(named)
        .par_iter()
        .try_for_each(|(digest, size)| check_blob(folder, digest, *size))?;
    Ok(changed)
}

/// Refuses a state in which something is lost that the state before had.
pub(super) fn check(
    folder: &Path,
    previous: &Previous<'_>,
    content: &Content,
    changed: &[Changed],
) -> Result<(), ReleaseError> {
    let bins = previous.bins().filter(|(bin, targets)| content.roles.get(bin) != Some(targets));
    let mut paths = bins.flat_map(|(_, targets)| targets.keys());
    if let Some(path) = paths.find(|path| content.plugin(path).is_none()) {
        return Err(ReleaseError::LostTarget(path.clone()));
    }
    each(changed, |changed| match &changed.before {
        Some(before) => compare(folder, previous, changed, before),
        None => Ok(()),
    })
    .map(drop)
}

fn compare(
    folder: &Path,
    previous: &Previous<'_>,
    changed: &Changed,
    before: &TargetFile,
) -> Result<(), ReleaseError> {
    let path = &changed.path;
    // The file is named by its digest, so the copy that lies here is as good.
    let bytes = match local(folder, path, before) {
        Ok(bytes) => bytes,
        Err(_absent) => fetch(previous, path, before)?,
    };
    match lost(&parse(path, &bytes)?, &changed.document) {
        None => Ok(()),
        Some(what) => Err(ReleaseError::LostPart { path: path.clone(), what }),
    }
}

fn fetch(
    previous: &Previous<'_>,
    path: &TargetPath,
    file: &TargetFile,
) -> Result<Vec<u8>, ReleaseError> {
    let place = place(path, file)?;
    let refused = |error| ReleaseError::Refused("previous", error);
    let bytes = previous.source.get(&place, limits::PLUGIN_DOCUMENT)?;
    let bytes = bytes.ok_or_else(|| refused(UpdateError::Missing(place)))?;
    if file.hashes.match_bytes(&bytes) {
        return Ok(bytes);
    }
    Err(refused(UpdateError::Untrusted(TufError::Content(path.to_string()))))
}

fn local(folder: &Path, path: &TargetPath, file: &TargetFile) -> Result<Vec<u8>, ReleaseError> {
    let place = folder.join(place(path, file)?);
    let bytes = public::read(&place, limits::PLUGIN_DOCUMENT)
        .map_err(|source| ReleaseError::File { path: place.clone(), source })?;
    let bytes = bytes.filter(|bytes| file.hashes.match_bytes(bytes));
    bytes.ok_or(ReleaseError::Misnamed(place))
}

fn place(path: &TargetPath, file: &TargetFile) -> Result<String, ReleaseError> {
    let name = file.hashes.name().ok_or_else(|| TufError::Content(path.to_string()))?;
    Ok(format!("targets/{}", path.consistent(&name)))
}

fn parse(path: &TargetPath, bytes: &[u8]) -> Result<PluginDoc, ReleaseError> {
    json::read(bytes, limits::PLUGIN_DOCUMENT, Unknown::Ignore).map_err(|problems| {
        let malformed = TufError::Malformed { file: path.to_string(), problems };
        ReleaseError::Document(path.clone(), malformed)
    })
}

/// The files below `blobs/` that a client may ask for: digest and size.
fn blobs(document: &PluginDoc) -> impl Iterator<Item = (Sha256Digest, u64)> {
    let chain = &document.publisher_statements;
    let releases = document.usable().map(|release| &release.statement);
    // What the maintainers removed is not published; their removal is.
    let gone = document.gone.iter().map(|gone| gone.removal.as_ref().unwrap_or(&gone.statement));
    let statements = document.status.iter().chain(releases).chain(gone);
    let statements = statements.map(|statement| (statement.sha256, statement.size));
    std::iter::once((chain.sha256, chain.size)).chain(statements)
}

fn check_blob(folder: &Path, digest: &Sha256Digest, size: u64) -> Result<(), ReleaseError> {
    let path = folder.join(layout::blob(digest));
    let limit = usize::try_from(size).unwrap_or(usize::MAX);
    let bytes = public::read(&path, limit)
        .map_err(|source| ReleaseError::File { path: path.clone(), source })?;
    let is_it = bytes.is_some_and(|bytes| {
        u64::try_from(bytes.len()) == Ok(size) && Sha256Digest::of(&bytes) == *digest
    });
    if is_it { Ok(()) } else { Err(ReleaseError::Misnamed(path)) }
}

/// Names the first thing that a document has lost.
fn lost(before: &PluginDoc, now: &PluginDoc) -> Option<String> {
    if before.registry != now.registry || before.id != now.id {
        return Some(format!("its identity: it was `{}` of `{}`", before.id, before.registry));
    }
    let release = before.releases.iter().find_map(|listed| lost_release(listed, now));
    let gone = before.gone.iter().find(|gone| !now.gone.iter().any(|now| is_still(gone, now)));
    let gone = gone.map(|gone| format!("the sign that the release {} is gone", gone.version));
    release
        .or(gone)
        .or_else(|| {
            let kept = now.status.starts_with(&before.status);
            (!kept).then(|| "a status statement".to_owned())
        })
        .or_else(|| {
            let mut records = now.publisher_chain.iter();
            let kept = before
                .publisher_chain
                .iter()
                .all(|link| records.next().is_some_and(|now| now.record == link.record));
            (!kept).then(|| "a record of its publisher".to_owned())
        })
}

/// A release stays what it is, or leaves the sign that it is gone.
fn lost_release(listed: &Listed, now: &PluginDoc) -> Option<String> {
    let version = version(listed);
    let statement = |listed: &Listed| match listed {
        Listed::Release(release) => Some(release.statement.clone()),
        // What only newer software reads is told apart by its version alone.
        Listed::NeedsNewer(_) => None,
    };
    let after = now.releases.iter().find(|after| self::version(after) == version).map(statement);
    let gone = now.gone.iter().find(|gone| gone.version == *version);
    let Some(after) = after.or_else(|| gone.map(|gone| Some(gone.statement.clone()))) else {
        return Some(format!("the release {version}"));
    };
    let same = statement(listed).zip(after).is_none_or(|(before, after)| before == after);
    (!same).then(|| format!("the release {version}: it names another statement"))
}

/// A sign that a release is gone stays; a removal may come to it later.
fn is_still(before: &Gone, now: &Gone) -> bool {
    before.version == now.version
        && before.statement == now.statement
        && (before.removal.is_none() || before.removal == now.removal)
}

const fn version(listed: &Listed) -> &Version {
    match listed {
        Listed::Release(release) => &release.version,
        Listed::NeedsNewer(outline) => &outline.version,
    }
}
