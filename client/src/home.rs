//! Where the client keeps its state: every path, in one place.
//!
//! ```text
//! data/   store/sha256/<aa>/<digest>/   unpacked packages, read-only
//!         store/tmp/                    packages that are being unpacked
//!         store/trash/                  packages that are being deleted
//!         generations/<n>.json          what was installed, n counting up
//!         current                       the number of the generation in force
//!         journal/<n>.json              a change that is under way
//!         plugins/<publisher>/<name>    what a host loads: links into the store
//!         trust/<registry>/             metadata and serials seen; never purged
//!         audit.jsonl                   one line for each change
//!         lock                          held by whoever reads (shared) or changes (exclusive)
//! cache/                                may be deleted at any time
//! config/                               what the user decided
//! ```
//!
//! Folders are made for the user alone (mode 700); what lies in them needs no modes of its own.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use cap_std::ambient_authority;
use cap_std::fs::Dir;
use index_schema::digest::Sha256Digest;
use index_schema::id::{PluginId, RegistryId};

/// Unpacked packages.
pub(crate) const STORE: &str = "store/sha256";
/// Packages that are being unpacked.
pub(crate) const TEMPORARY: &str = "store/tmp";
/// Packages that are being deleted.
pub(crate) const TRASH: &str = "store/trash";
/// Generations.
pub(crate) const GENERATIONS: &str = "generations";
/// The number of the generation in force.
pub(crate) const CURRENT: &str = "current";
/// Changes under way.
pub(crate) const JOURNAL: &str = "journal";
/// What hosts load.
pub(crate) const PLUGINS: &str = "plugins";
/// One line for each change.
pub(crate) const AUDIT: &str = "audit.jsonl";

const FOLDERS: &[&str] = &[STORE, TEMPORARY, TRASH, GENERATIONS, JOURNAL, PLUGINS, "trust"];

/// The folders of one user's client. They exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Home {
    data: PathBuf,
    cache: PathBuf,
    config: PathBuf,
}

/// Why the state cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum HomeError {
    /// A folder can be neither made nor opened.
    #[error("cannot use the folder `{}`", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file that is locked cannot be opened.
    #[error("cannot lock `{}`", path.display())]
    Lock {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Somebody else holds the lock.
    #[error("locked by another process: `{}` was not free within {} seconds", path.display(), waited.as_secs())]
    Busy {
        /// The file.
        path: PathBuf,
        /// How long this one waited.
        waited: Duration,
    },
}

impl Home {
    /// Makes and opens a home whose three parts lie in one folder.
    pub fn within(root: &Path) -> Result<Self, HomeError> {
        Self::spread(root.to_owned(), root.join("cache"), root.join("config"))
    }

    /// Makes and opens a home whose three parts lie apart.
    pub fn spread(data: PathBuf, cache: PathBuf, config: PathBuf) -> Result<Self, HomeError> {
        for folder in [&data, &cache, &config] {
            make_private(folder)?;
        }
        for folder in FOLDERS {
            make_private(&data.join(folder))?;
        }
        Ok(Self { data, cache, config })
    }

    /// The folder of everything that must not be lost.
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// The folder of what can be fetched again.
    pub fn cache(&self) -> &Path {
        &self.cache
    }

    /// The folder of what the user decided.
    pub fn config(&self) -> &Path {
        &self.config
    }

    /// Where a package lies once it is unpacked.
    pub fn package(&self, digest: &Sha256Digest) -> PathBuf {
        self.data.join(package(digest))
    }

    /// The path from which a host loads a plugin.
    pub fn plugin(&self, id: &PluginId) -> PathBuf {
        self.data.join(plugin(id))
    }

    /// The metadata and serials seen of a registry; made when it is missing.
    pub fn trust(&self, registry: &RegistryId) -> Result<PathBuf, HomeError> {
        let path = self.data.join("trust").join(registry.as_str());
        make_private(&path)?;
        Ok(path)
    }

    /// The log of changes.
    pub fn audit(&self) -> PathBuf {
        self.data.join(AUDIT)
    }

    /// Opens the data folder: paths below it cannot lead out of it.
    pub(crate) fn open(&self) -> Result<Dir, HomeError> {
        Dir::open_ambient_dir(&self.data, ambient_authority())
            .map_err(|source| HomeError::Folder { path: self.data.clone(), source })
    }

    /// Waits up to `patience` until nobody changes the state, and keeps it so.
    pub fn share(&self, patience: Duration) -> Result<Shared, HomeError> {
        let held = self.lock(patience, File::try_lock_shared)?;
        Ok(Shared { _held: held })
    }

    /// Waits up to `patience` until nobody else reads or changes the state, and keeps it so.
    pub fn claim(&self, patience: Duration) -> Result<Exclusive, HomeError> {
        let held = self.lock(patience, File::try_lock)?;
        Ok(Exclusive { home: self.clone(), _held: held })
    }

    fn lock(
        &self,
        patience: Duration,
        attempt: fn(&File) -> Result<(), TryLockError>,
    ) -> Result<Held, HomeError> {
        let path = self.data.join("lock");
        let failed = |source| HomeError::Lock { path: path.clone(), source };
        let mut options = File::options();
        options.create(true).truncate(false).read(true).write(true);
        let file = options.open(&path).map_err(failed)?;
        let start = Instant::now();
        loop {
            match attempt(&file) {
                Ok(()) => return Ok(Held { _file: file }),
                Err(TryLockError::Error(source)) => return Err(failed(source)),
                Err(TryLockError::WouldBlock) if start.elapsed() < patience => {
                    thread::sleep(Duration::from_millis(10));
                }
                Err(TryLockError::WouldBlock) => {
                    return Err(HomeError::Busy { path, waited: patience });
                }
            }
        }
    }
}

/// A lock on the file, given back when the file is closed: also when the process is killed.
#[derive(Debug)]
struct Held {
    _file: File,
}

/// The proof that nobody changes the state.
#[derive(Debug)]
#[must_use = "the lock is given back when this is dropped"]
pub struct Shared {
    _held: Held,
}

/// The proof that nobody else reads or changes the state of one home.
#[derive(Debug)]
#[must_use = "the lock is given back when this is dropped"]
pub struct Exclusive {
    home: Home,
    _held: Held,
}

impl Exclusive {
    /// The home that is locked.
    pub const fn home(&self) -> &Home {
        &self.home
    }
}

/// Where a package lies in the data folder.
pub(crate) fn package(digest: &Sha256Digest) -> String {
    format!("{STORE}/{}/{digest}", digest.shard())
}

/// Where a plugin lies for hosts in the data folder.
pub(crate) fn plugin(id: &PluginId) -> String {
    format!("{PLUGINS}/{}/{}", id.publisher, id.name)
}

fn make_private(path: &Path) -> Result<(), HomeError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(|source| HomeError::Folder { path: path.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    const NOW: Duration = Duration::ZERO;

    /// Long enough for a child that another test is just starting and that shares our open files.
    const SOON: Duration = Duration::from_secs(20);

    fn home() -> (tempfile::TempDir, Home) {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::within(&dir.path().join("a/b")).unwrap();
        (dir, home)
    }

    #[test]
    fn a_home_is_private_and_opens_twice() {
        let (dir, home) = home();
        assert_eq!(Home::within(&dir.path().join("a/b")).unwrap(), home);
        let registry = RegistryId::parse("demo").unwrap();
        assert!(home.trust(&registry).unwrap().is_dir());
        #[cfg(unix)]
        for folder in [home.data(), home.cache(), home.config(), &home.data().join(STORE)] {
            let mode = std::os::unix::fs::MetadataExt::mode(&fs::metadata(folder).unwrap());
            assert_eq!(mode & 0o777, 0o700, "{}", folder.display());
        }
    }

    #[test]
    fn a_file_in_the_way_is_named() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let error = Home::within(file.path()).unwrap_err();
        assert!(error.to_string().contains(&file.path().display().to_string()), "{error}");
    }

    #[test]
    fn readers_share_and_a_writer_excludes() {
        let (_dir, home) = home();
        let first = home.share(SOON).unwrap();
        let second = home.share(SOON).unwrap();
        let error = home.claim(NOW).unwrap_err();
        assert!(error.to_string().starts_with("locked by another process"), "{error}");
        drop((first, second));
        let writer = home.claim(SOON).unwrap();
        assert!(matches!(home.share(NOW), Err(HomeError::Busy { .. })));
        assert!(matches!(home.claim(NOW), Err(HomeError::Busy { .. })));
        drop(writer);
        drop(home.share(SOON).unwrap());
    }

    #[test]
    fn who_waits_gets_the_lock_when_it_is_free() {
        let (_dir, home) = home();
        let writer = home.claim(SOON).unwrap();
        thread::scope(|scope| {
            let waiting = scope.spawn(|| home.claim(Duration::from_secs(20)).is_ok());
            thread::sleep(Duration::from_millis(50));
            drop(writer);
            assert!(waiting.join().unwrap());
        });
    }

    #[test]
    fn eight_threads_never_hold_it_together() {
        let (_dir, home) = home();
        let inside = AtomicUsize::new(0);
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..5 {
                        let lock = home.claim(Duration::from_secs(60)).unwrap();
                        assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0);
                        thread::sleep(Duration::from_millis(1));
                        assert_eq!(inside.fetch_sub(1, Ordering::SeqCst), 1);
                        drop(lock);
                    }
                });
            }
        });
    }
}
