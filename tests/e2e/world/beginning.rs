//! Worlds that many tests begin with, made once for all of them.

use std::fs::Permissions;
use std::path::PathBuf;

use index_schema::time::Timestamp;
use walkdir::WalkDir;

use super::World;
use super::files::read;

/// A world at rest: its files and its time. A client's home is not part of it, as that knows where
/// it lies.
pub(crate) struct Beginning {
    files: Vec<(PathBuf, Vec<u8>, Permissions)>,
    now: Timestamp,
}

impl Beginning {
    /// Puts a world to rest.
    pub(crate) fn of(world: &World) -> Self {
        assert!(!world.path("home").exists(), "a home knows where it lies");
        let root = world.path("");
        let entries = WalkDir::new(&root).into_iter().map(Result::unwrap);
        let entries = entries.filter(|entry| entry.file_type().is_file());
        let file = |entry: walkdir::DirEntry| {
            let permissions = entry.metadata().unwrap().permissions();
            (entry.path().strip_prefix(&root).unwrap().to_owned(), read(entry.path()), permissions)
        };
        Self { files: entries.map(file).collect(), now: world.now() }
    }

    /// Begins a world.
    pub(crate) fn world(&self) -> World {
        let world = World::empty_at(self.now);
        for (path, bytes, permissions) in &self.files {
            let path = world.path(path);
            super::write(&path, bytes);
            std::fs::set_permissions(&path, permissions.clone()).unwrap();
        }
        world
    }
}
