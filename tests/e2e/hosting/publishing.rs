//! The main branch on GitHub: built and signed in one job, deployed in another.

use super::host::Host;
use super::steps::Done;
use crate::world::{Plugin, read};

impl Host {
    /// Pushes what is accepted.
    fn push(&self) {
        self.world.git("push --quiet ../origin.git HEAD:refs/heads/main");
        self.install();
    }

    /// Runs the jobs `build` and `deploy`, as far as they come.
    fn publish(&self, first: bool) -> Done {
        for folder in ["workspace", "temp"] {
            drop(std::fs::remove_dir_all(self.world.path(folder)));
        }
        let keys = self.world.listing("keys/online").into_keys();
        let keys = keys.filter(|name| name.ends_with(".pem"));
        let keys: String = keys
            .map(|name| String::from_utf8(self.world.read(&format!("keys/online/{name}"))).unwrap())
            .collect();
        let site = format!("file://{}", self.world.path("site").display());
        let address = "format('https://{0}.github.io/{1}', github.repository_owner, \
                       github.event.repository.name)";
        let values = [
            ("secrets.ONLINE_KEYS", keys.as_str()),
            ("inputs.first || 'false'", if first { "true" } else { "false" }),
            (address, site.as_str()),
        ];
        let built = self.run(("publish", "build"), &values);
        if !built.is_success {
            return built;
        }
        let deployed = self.run(("publish", "deploy"), &values);
        Done { said: built.said + &deployed.said, ..deployed }
    }

    fn install_from_site(&self, plugin: &str) {
        let root = "--root site/metadata/1.root.json";
        self.world.client(&format!("registry add demo site {root}")).code(0);
        self.world.client(&format!("info {plugin}")).code(0);
    }
}

#[test]
fn what_is_merged_is_published_and_clients_find_it() {
    let host = Host::new();
    host.world.publish(Plugin::new("amber", "1.0.0"));
    host.push();
    let done = host.publish(true);
    assert!(done.is_success, "{}", done.said);
    host.install_from_site("lab/amber");
    host.world.publish(Plugin::new("birch", "1.0.0"));
    host.push();
    let done = host.publish(false);
    assert!(done.is_success, "{}", done.said);
    host.world.client("info lab/birch").code(0);
    // On schedule, with nothing new: the metadata are renewed.
    host.world.later(5 * 24 * 3600);
    host.install();
    let before = read(&host.world.path("site/metadata/timestamp.json"));
    let done = host.publish(false);
    assert!(done.is_success, "{}", done.said);
    assert_ne!(read(&host.world.path("site/metadata/timestamp.json")), before);
    host.world.client("info lab/birch").code(0);
}

#[test]
fn a_run_that_comes_late_does_not_publish_an_older_commit_over_a_newer_one() {
    let host = Host::new();
    host.world.publish(Plugin::new("amber", "1.0.0"));
    host.push();
    assert!(host.publish(true).is_success);
    let older = host.world.git("rev-parse HEAD");
    host.world.publish(Plugin::new("birch", "1.0.0"));
    host.push();
    assert!(host.publish(false).is_success);
    let before = host.world.listing("site");
    host.world.git(&format!("push --quiet --force ../origin.git {}:refs/heads/main", older.trim()));
    let done = host.publish(false);
    assert!(!done.is_success, "{}", done.said);
    host.world.assert_unchanged("site", &before);
}

#[test]
fn what_was_merged_though_the_verdict_is_against_it_is_not_published() {
    let host = Host::new();
    host.world.publish(Plugin::new("amber", "1.0.0"));
    host.push();
    assert!(host.publish(true).is_success);
    let before = host.world.listing("site");
    host.world
        .propose(Plugin::new("birch", "1.0.0").file("src/more.py", "import os\nos.system('x')\n"));
    host.world.commit("Merge what was refused");
    host.push();
    let done = host.publish(false);
    assert!(!done.is_success && done.said.contains("process.spawn"), "{}", done.said);
    host.world.assert_unchanged("site", &before);
}

#[test]
fn a_site_that_does_not_answer_is_not_taken_for_a_registry_without_releases() {
    let host = Host::new();
    host.world.publish(Plugin::new("amber", "1.0.0"));
    host.push();
    let done = host.publish(false);
    assert!(!done.is_success, "{}", done.said);
    assert!(!host.world.path("site").exists() && !host.world.path("temp/public").exists());
}
