//! Archives that are not the ones that the publisher signed.

use serde_json::Value;

use super::{refused, victim};
use crate::world::World;

const INSTALL: &str = "install lab/amber";

/// Returns where the archive of `lab/amber` 1.1.0 is published.
fn archive(world: &World) -> String {
    let manifest = world.read("packed/lab-amber-1.1.0/1.1.0.json");
    let manifest: Value = serde_json::from_slice(&manifest).unwrap();
    let digest = manifest["artifacts"][0]["sha256"].as_str().unwrap();
    super::published(world, "archives/", &format!("{digest}.tar.gz"), "")
}

#[test]
fn an_archive_with_one_flipped_bit_is_refused() {
    let world = victim();
    let path = archive(&world);
    let good = world.read(&path);
    for at in [0, 9, good.len() / 2, good.len() - 1] {
        let mut bytes = good.clone();
        bytes[at] ^= 1;
        world.write(&path, bytes);
        refused(&world, INSTALL, "archive/differs");
    }
}

#[test]
fn a_swapped_archive_is_refused() {
    let world = victim();
    for other in ["text-kit-1.1.0", "amber-1.0.0", "beacon-1.0.0"] {
        world.write(&archive(&world), world.read(&format!("dist/{other}.tar.gz")));
        refused(&world, INSTALL, "archive/differs");
    }
}

#[test]
fn an_archive_that_is_cut_short_or_goes_on_is_refused() {
    let world = victim();
    let path = archive(&world);
    let good = world.read(&path);
    world.write(&path, &good[..good.len() - 1]);
    refused(&world, INSTALL, "archive/differs");
    world.write(&path, [good.as_slice(), b"\0"].concat());
    refused(&world, INSTALL, "archive/differs");
    world.write(&path, "");
    refused(&world, INSTALL, "archive/differs");
}
