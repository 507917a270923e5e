//! Attacks that have to fail, each a test of its name, against a client that has something to lose.
//!
//! Each ends with the proof that the client's home is byte for byte what it was. Where metadata
//! were signed by the right keys, stolen or not, the client keeps them before it reads what they
//! lead to (The Update Framework, 5.4.5, 5.5.7 and 5.6.6): then nothing but those files differs
//! after the first attempt, and nothing at all after the second.

mod archives;
mod chains;
mod documents;
mod history;
mod keys;
mod metadata;
mod mutation;
mod statements;
mod tomorrow;
mod transport;

use std::sync::OnceLock;

use serde_json::{Value, json};

use crate::world::{Beginning, Listing, Plugin, World, stdout};

/// Two publishers, five plugins, and two states: the older one lies in `past/`.
///
/// `lab/word-count` needs `lab/text-kit`, of which 1.0.0 was taken back when 1.1.0 came.
fn registry() -> World {
    let world = World::new();
    world.join("ada");
    world.propose(Plugin::new("text-kit", "1.0.0"));
    world.propose(Plugin::new("amber", "1.0.0"));
    world.propose(Plugin::new("ada/beacon", "1.0.0").permission("network"));
    world.publish(Plugin::new("word-count", "1.0.0").needs("text-kit", "^1").permission("fs.read"));
    world.release();
    crate::world::copy(&world.path("public"), &world.path("past"));
    world.propose(Plugin::new("text-kit", "1.1.0"));
    world.publish(Plugin::new("amber", "1.1.0"));
    yank(&world, "lab/text-kit", "1.0.0");
    world.release();
    world
}

/// Takes a release back, as the first thing that is said of its plugin.
fn yank(world: &World, id: &str, version: &str) {
    let status = json!({
        "type": "status", "schema": 1, "registry": "demo", "id": id, "serial": 1,
        "action": "yank", "version": version, "severity": "high", "reason": "It forgets words.",
    });
    world.write("yank.json", format!("{status:#}\n"));
    let publisher = id.split('/').next().unwrap();
    world.add(&world.sign("yank.json", publisher));
    world.accept("Take a release back");
}

/// Begins with [`registry`], in which nobody has installed anything yet.
fn released() -> World {
    static REGISTRY: OnceLock<Beginning> = OnceLock::new();
    REGISTRY.get_or_init(|| Beginning::of(&registry())).world()
}

/// A client that has installed `lab/word-count` and seen all that there is, and whose cache is
/// empty.
fn victim() -> World {
    let world = released();
    world.trust();
    look_around(&world);
    world.client("install lab/word-count --grant fs.read").code(0);
    forget_cache(&world);
    world
}

/// A client that has installed `lab/word-count` and seen nothing else.
fn newcomer() -> World {
    let world = released();
    world.trust();
    world.client("install lab/word-count --grant fs.read").code(0);
    forget_cache(&world);
    world
}

/// Has the client see what is current.
fn look_around(world: &World) {
    for id in ["lab/text-kit", "lab/word-count", "lab/amber", "ada/beacon"] {
        world.client(&format!("info {id}")).code(0);
    }
    world.client("info lab/nothing").code(8);
}

fn forget_cache(world: &World) {
    std::fs::remove_dir_all(world.path("home/cache")).unwrap();
}

/// Refuses a command with a code, and has nothing changed by it.
#[track_caller]
fn refused(world: &World, command: &str, code: &str) {
    let before = world.home();
    fails(world, command, 3, code);
    world.assert_home_unchanged(&before);
}

/// Refuses a command with a code although metadata that lead there are signed by the right keys:
/// nothing but those is kept, and from then on nothing at all changes.
#[track_caller]
fn refused_but_for_metadata(world: &World, command: &str, code: &str) {
    let before = world.home();
    fails(world, command, 3, code);
    let after = world.home();
    assert_eq!(without_metadata(&before), without_metadata(&after), "{command}");
    forget_cache(world);
    fails(world, command, 3, code);
    world.assert_home_unchanged(&after);
}

/// Does so for a plugin that the client has not seen before. What a signed document lists is
/// remembered besides: it is the word of those keys, and forgotten with them. In the end the client
/// has not seen it again.
#[track_caller]
fn refused_unseen(world: &World, command: &str, code: &str) {
    const SEEN: &str = "home/trust/demo/seen.json";
    let seen = world.read(SEEN);
    let state = |home: &Listing| {
        let mut state = without_metadata(home);
        state.remove("trust/demo/seen.json");
        state
    };
    let before = world.home();
    fails(world, command, 3, code);
    let after = world.home();
    assert_eq!(state(&before), state(&after), "{command}");
    forget_cache(world);
    fails(world, command, 3, code);
    world.assert_home_unchanged(&after);
    world.write(SEEN, seen);
}

/// Runs a command of the client that fails, and says so in JSON.
#[track_caller]
fn fails(world: &World, command: &str, exit: i32, code: &str) {
    let output = world.client(&format!("{command} --json"));
    let text = stdout(&output);
    let said: Value = serde_json::from_str(&text)
        .unwrap_or_else(|error| panic!("{error}: {:?}", output.get_output()));
    let found = (output.get_output().status.code(), said["error"]["code"].as_str());
    assert_eq!(found, (Some(exit), Some(code)), "{command}: {said:#}");
}

/// Leaves out of a client's state what it keeps of metadata as soon as they are signed.
fn without_metadata(home: &Listing) -> Listing {
    let is_metadata = |path: &str| {
        let name = path.strip_prefix("trust/demo/").and_then(|path| path.strip_suffix(".json"));
        name.is_some_and(|name| {
            matches!(name, "timestamp" | "snapshot" | "targets" | "index")
                || name.starts_with("bin-")
        })
    };
    let mut home = home.clone();
    home.retain(|path, _| !is_metadata(path));
    home
}

/// Returns the path of the file below `public/` whose path starts and ends in some way and that
/// holds something; the text is escaped as in a listing.
#[track_caller]
fn published(world: &World, start: &str, end: &str, holds: &str) -> String {
    let files = world.listing("public");
    let fits = |(path, bytes): &(&String, &String)| {
        path.starts_with(start) && path.ends_with(end) && bytes.contains(holds)
    };
    let found = files.iter().find(fits);
    let (path, _) = found.unwrap_or_else(|| panic!("there is no {start}…{end} with {holds}"));
    format!("public/{path}")
}

/// Puts a value at a place, which may be new.
fn put(document: &mut Value, place: &str, value: Value) {
    let (parent, name) = place.rsplit_once('/').unwrap();
    let parent = document.pointer_mut(parent).unwrap();
    match name.parse::<usize>() {
        Ok(index) => parent[index] = value,
        Err(_) => parent[name] = value,
    }
}
