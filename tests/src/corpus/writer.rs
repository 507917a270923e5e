//! From a plan to a repository: commit by commit, signed on all threads, while Git packs.
//!
//! Only a few commits are in memory at any time: one thread makes the next while Git takes the
//! last.

use std::fs::{self, File as Open};
use std::io::Write as _;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::mpsc::sync_channel;
use std::thread;

use index_schema::json::pretty;
use index_schema::layout::IndexPath;
use index_schema::time::DAY;
use rayon::prelude::*;

use super::document::{self, File};
use super::import::{self, Import};
use super::key::SigningKey;
use super::plan::{Event, Plan, moment};
use super::{CorpusError, Options, Summary, archive, release};

/// The most time between the first and the last release of one commit.
const LONGEST: i64 = 7 * DAY;
/// So many seconds after its last release is a commit made.
const MERGE: i64 = 900;

/// A commit that is ready to be written.
struct Commit {
    time: i64,
    message: String,
    files: Vec<File>,
    dependencies: usize,
}

/// Where things go besides the repository.
struct Folders<'o> {
    keys: PathBuf,
    archives: Option<PathBuf>,
    options: &'o Options,
}

/// Writes everything below `out`.
pub(crate) fn write(plan: &Plan, options: &Options, out: &Path) -> Result<Summary, CorpusError> {
    let index = out.join("index");
    if index.exists() {
        return Err(CorpusError::Exists(index));
    }
    let archives = options.archives.then(|| out.join("archives"));
    let folders = Folders { keys: out.join("keys"), archives, options };
    make_folder(&folders.keys)?;
    folders.archives.as_deref().map_or(Ok(()), make_folder)?;
    let (commits, dependencies) = import_all(plan, &folders, &index)?;
    if options.repack {
        import::repack(&index)?;
    }
    let commit = import::check_out(&index)?;
    let (publishers, plugins) = (plan.publishers.len(), plan.plugins.len());
    let releases = plan.timeline.len();
    Ok(Summary { commit, commits, publishers, plugins, releases, dependencies })
}

/// Returns the numbers of commits and of dependencies.
fn import_all(
    plan: &Plan,
    folders: &Folders<'_>,
    index: &Path,
) -> Result<(usize, usize), CorpusError> {
    let maintainer = document::maintainer(plan)?;
    save_key(&folders.keys.join("maintainer.asc"), &maintainer)?;
    let mut git = Import::start(index)?;
    let opening = document::opening(plan);
    git.commit(opening + MERGE, "Open the registry", &[document::registry(plan, &maintainer)?])?;
    let (sender, receiver) = sync_channel(1);
    let (mut commits, mut dependencies) = (1, 0);
    thread::scope(|scope| {
        let made = scope.spawn(|| {
            for (batch, newcomers) in batches(plan, folders.options.releases_per_commit) {
                let commit = commit(plan, folders, &maintainer, batch, newcomers)?;
                if sender.send(commit).is_err() {
                    break;
                }
            }
            drop(sender);
            Ok(())
        });
        let mut written = Ok(());
        for commit in receiver {
            commits += 1;
            dependencies += commit.dependencies;
            written = git.commit(commit.time, &commit.message, &commit.files);
            if written.is_err() {
                break;
            }
        }
        let made = made.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        made.and(written.map_err(CorpusError::from))
    })?;
    git.finish()?;
    Ok((commits, dependencies))
}

/// Cuts the timeline into commits, each with the publishers that come with it.
fn batches(plan: &Plan, most: usize) -> Vec<(Range<usize>, Vec<usize>)> {
    let mut known = vec![false; plan.publishers.len()];
    let mut batches: Vec<(Range<usize>, Vec<usize>)> = Vec::new();
    let mut begun = i64::MIN;
    for (place, event) in plan.timeline.iter().enumerate() {
        let full = batches.last().is_none_or(|(batch, _)| batch.len() >= most.max(1));
        if full || event.time - begun > LONGEST {
            begun = event.time;
            batches.push((place..place, Vec::new()));
        }
        let owner = plan.release(*event).map_or(0, |(plugin, _)| plugin.publisher);
        let Some((batch, newcomers)) = batches.last_mut() else { continue };
        batch.end = place + 1;
        if let Some(known) = known.get_mut(owner)
            && !std::mem::replace(known, true)
        {
            newcomers.push(owner);
        }
    }
    batches
}

fn commit(
    plan: &Plan,
    folders: &Folders<'_>,
    maintainer: &SigningKey,
    batch: Range<usize>,
    newcomers: Vec<usize>,
) -> Result<Commit, CorpusError> {
    let events = plan.timeline.get(batch).unwrap_or_default();
    let newcomers = newcomers.par_iter().map(|place| join(plan, folders, maintainer, *place));
    let records = newcomers.collect::<Result<Vec<Vec<File>>, CorpusError>>()?;
    let releases = events.par_iter().map(|event| sign_release(plan, folders, *event));
    let releases = releases.collect::<Result<Vec<Option<(File, usize)>>, CorpusError>>()?;
    let dependencies = releases.iter().flatten().map(|(_, count)| count).sum();
    let message = match events {
        [only] => plan.release(*only).map(|(it, at)| format!("Release {} {}", it.id, at.version)),
        _ => Some(format!("Merge {} releases", events.len())),
    };
    let files =
        records.into_iter().flatten().chain(releases.into_iter().flatten().map(|(file, _)| file));
    Ok(Commit {
        time: events.last().map_or(0, |event| event.time) + MERGE,
        message: message.unwrap_or_default(),
        files: files.collect(),
        dependencies,
    })
}

fn join(
    plan: &Plan,
    folders: &Folders<'_>,
    maintainer: &SigningKey,
    place: usize,
) -> Result<Vec<File>, CorpusError> {
    let key = document::publisher_key(plan, place)?;
    if let Some(publisher) = plan.publishers.get(place) {
        let folder = folders.keys.join("publishers").join(publisher.id.shard());
        make_folder(&folder)?;
        save_key(&folder.join(format!("{}.asc", publisher.id)), &key)?;
    }
    Ok(document::publisher(plan, place, &key, maintainer)?)
}

/// Returns the signed release and the number of its dependencies.
fn sign_release(
    plan: &Plan,
    folders: &Folders<'_>,
    event: Event,
) -> Result<Option<(File, usize)>, CorpusError> {
    let Some((plugin, at)) = plan.release(event) else { return Ok(None) };
    let manifest = release::manifest(plan, event, plugin, at, |platform, kind| {
        let Some(folder) = &folders.archives else {
            return Ok(release::imagined(plan, event, plugin, at, platform));
        };
        let (artifact, bytes) = archive::packed(plan, event, (plugin, at), platform, *kind)?;
        save(&folder.join(format!("{}.tar.gz", artifact.sha256)), &bytes)?;
        Ok::<_, CorpusError>(artifact)
    })?;
    let key = document::publisher_key(plan, plugin.publisher)?;
    let bytes = key.statement(pretty(&manifest), moment(at.time))?;
    let path = IndexPath::Release(plugin.id.clone(), at.version.clone());
    Ok(Some((File { path, bytes }, manifest.dependencies.len())))
}

fn save_key(path: &Path, key: &SigningKey) -> Result<(), CorpusError> {
    save(path, key.secret_key()?.as_bytes())
}

fn save(path: &Path, bytes: &[u8]) -> Result<(), CorpusError> {
    let written = Open::create(path).and_then(|mut file| file.write_all(bytes));
    written.map_err(|source| CorpusError::Write { path: path.to_owned(), source })
}

fn make_folder(path: &Path) -> Result<(), CorpusError> {
    fs::create_dir_all(path).map_err(|source| CorpusError::Write { path: path.to_owned(), source })
}
