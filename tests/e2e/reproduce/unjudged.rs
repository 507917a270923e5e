//! What cannot be had cannot be judged: that is no verdict about the registry.

use std::sync::atomic::{AtomicUsize, Ordering};

use libral::source::folder::Folder;
use libral::source::{Source, SourceError};
use registry_tool::reproduce::{ReproduceError, Request, reproduce};

use super::{REPRODUCE, released};
use crate::world::{Preview, stderr, stdout};

#[test]
fn a_shallow_clone_cannot_judge() {
    let world = released();
    let (index, shallow) = (world.path("index"), world.path("shallow"));
    world.git(&format!("clone --quiet --depth 1 file://{} {}", index.display(), shallow.display()));
    let said = stderr(&world.tool("reproduce public --index shallow").code(4).stdout_eq(""));
    assert!(said.contains("the history is not complete"), "{said}");
}

#[test]
fn a_server_that_is_away_cannot_be_judged() {
    let world = released();
    let server = Preview::of(&world, "public");
    let command = format!("reproduce {} --index index", server.url());
    world.tool(&command).code(0);
    drop(server);
    world.tool(&command).code(4).stdout_eq("");
    world.tool("reproduce nowhere --index index").code(4).stdout_eq("");
}

#[test]
fn a_folder_that_is_no_index_repository_is_a_wrong_command() {
    let world = released();
    let said = stderr(&world.tool("reproduce public --index public").code(2).stdout_eq(""));
    assert!(said.contains("cannot open `public` as a git repository"), "{said}");
    world.tool("reproduce public").code(2);
    world.tool(&format!("{REPRODUCE} --rev nowhere")).code(2);
}

#[test]
fn an_index_with_an_object_missing_cannot_judge() {
    let world = released();
    let blob = world.git("rev-parse HEAD:plugins/la/lab/am/amber/1.0.0.signed");
    let (folder, name) = blob.trim().split_at(2);
    std::fs::remove_file(world.path(format!("index/.git/objects/{folder}/{name}"))).unwrap();
    let output = world.tool(REPRODUCE).code(4).stdout_eq("");
    let said = stderr(&output);
    assert!(said.contains("cannot be built again") && said.contains("hint: a clone"), "{said}");
    assert_eq!(stdout(&output), "");
}

/// A folder whose timestamp is another one each time that it is asked for.
struct Restless {
    folder: Folder,
    asked: AtomicUsize,
}

impl Source for Restless {
    fn get(&self, path: &str, limit: usize) -> Result<Option<Vec<u8>>, SourceError> {
        let mut bytes = self.folder.get(path, limit)?;
        if path == "metadata/timestamp.json" {
            let spaces = self.asked.fetch_add(1, Ordering::Relaxed);
            bytes = bytes.map(|bytes| [bytes, vec![b' '; spaces]].concat());
        }
        Ok(bytes)
    }
}

#[test]
fn a_registry_that_is_released_meanwhile_is_no_other_one() {
    let world = released();
    let public = world.path("public");
    let source = Restless { folder: Folder::open(&public).unwrap(), asked: AtomicUsize::new(0) };
    let request = Request {
        source: &source,
        folder: Some(&public),
        index: &world.path("index"),
        revision: "HEAD",
        root: None,
        archives: true,
        now: world.now(),
    };
    assert!(reproduce(&request, &|_, _| ()).unwrap().differences.is_empty());
    super::flip(&world, "health.json");
    source.asked.store(0, Ordering::Relaxed);
    let moved = reproduce(&request, &|_, _| ()).unwrap_err();
    assert!(matches!(moved, ReproduceError::Moved) && moved.is_unjudged(), "{moved}");
}
