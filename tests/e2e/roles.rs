//! The keys of TUF roles: ceremonies, rotation, theft and recovery, as maintainers go through them.

mod drafts;
mod keys;
mod recovery;
mod releases;
mod rotation;
mod runbook;

use index_schema::tuf::KeyId;
use serde_json::Value;

use crate::world::{Plugin, World, stdout};

/// Four new online keys, as `keys/NAME/…`.
const ONLINE: [&str; 4] = ["index", "bins", "snapshot", "timestamp"];

/// A world that has released, and whose client has installed something and is up to date.
fn in_use() -> World {
    let world = World::new();
    world.publish(Plugin::new("amber", "1.0.0"));
    world.publish(Plugin::new("birch", "1.0.0"));
    world.release();
    world.trust();
    world.client("install lab/amber").code(0);
    world
}

/// Makes online keys in a folder.
fn make_online(world: &World, folder: &str) {
    for role in ONLINE {
        world.tool(&format!("trust key --out keys/{folder}/{role}.pem")).code(0);
    }
}

/// Drafts the next root or targets metadata, signs with what `keys/root` has, and commits.
fn next(world: &World, kind: &str, changes: &str) {
    let draft = format!("drafts/{kind}-{}.json", world.now());
    world.tool(&format!("trust draft {kind} --index index --out {draft} {changes}")).code(0);
    world.tool(&format!("trust sign {draft} --index index --keys keys/root")).code(0);
    world.tool(&format!("trust adopt {draft} --index index")).code(0);
    world.accept("Sign the next metadata");
}

fn build(world: &World) {
    world.tool("build --index index --out public --archives dist --mirror").code(0);
}

/// Releases with the keys of a folder.
fn release(world: &World, keys: &str, rest: &str) -> snapbox::cmd::OutputAssert {
    let command = format!("release --public public --online-keys keys/{keys} --previous public");
    world.tool(&format!("{command} {rest}"))
}

fn json(world: &World, command: &str) -> Value {
    serde_json::from_str(&stdout(&world.tool(command).code(0))).unwrap()
}

/// Returns the id of a public key.
fn id_of(world: &World, public: &str) -> KeyId {
    let key: index_schema::tuf::Key =
        index_schema::json::read(&world.read(public), 10_000, index_schema::json::Unknown::Refuse)
            .unwrap();
    key.id()
}

/// Updates the client and installs something new from the registry.
#[track_caller]
fn client_follows(world: &World, plugin: &str) {
    world.client("refresh").code(0);
    world.client(&format!("install {plugin}")).code(0);
    world.client("verify").code(0);
}
