//! Pull requests of every kind, judged as the difference of two commits.

mod context;
mod pages;
mod reading;
mod shapes;

use crate::world::{Plugin, Report, World};

/// A world with two publishers, `lab` and `rival`, and one release of `lab/amber`.
fn world() -> World {
    let world = World::new();
    world.join("rival");
    world.publish(Plugin::new("amber", "1.0.0"));
    world
}

/// Returns code and path of each finding.
fn found(report: &Report) -> Vec<(&str, &str)> {
    report.findings.iter().map(|finding| (finding.code.as_str(), finding.path.as_str())).collect()
}
