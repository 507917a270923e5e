//! A bare repository anywhere: the script as a hook judges proposals and publishes.

use std::process::{Command, Output};

use crate::support::output;
use crate::world::{Plugin, World, program, words};

/// A repository with the hook, as the documentation says.
struct Bare {
    world: World,
}

impl Bare {
    fn new() -> Self {
        let world = World::hosted("git");
        world.git("clone --quiet --bare . ../origin.git");
        let bare = Self { world };
        bare.install(false);
        bare
    }

    fn install(&self, first: bool) {
        let world = &self.world;
        let tool = format!(
            "#!/bin/sh\n[ \"$1\" != validate ] || set -- \"$@\" --archives '{}'\nexec '{}' \"$@\" --now {}\n",
            world.path("dist").display(),
            program("registry-tool").display(),
            world.now(),
        );
        world.write("registry-tool", tool);
        let hook = format!(
            "#!/bin/sh\nexport REGISTRY_TOOL='{}' SITE='{}' ONLINE_KEYS_DIR='{}' FIRST={first}\nexec bash '{}' received\n",
            world.path("registry-tool").display(),
            world.path("site").display(),
            world.path("keys/online").display(),
            world.path("index/.github/registry.sh").display(),
        );
        world.write("origin.git/hooks/post-receive", hook);
        let programs = [world.path("registry-tool"), world.path("origin.git/hooks/post-receive")];
        for file in programs {
            output("chmod", &["+x".as_ref(), file.as_os_str()], b"");
        }
    }

    /// Pushes, and returns what the hook said.
    fn push(&self, refs: &str) -> String {
        let Output { status, stderr, .. } = Command::new("git")
            .args(["push", "--quiet", "../origin.git"])
            .args(words(refs))
            .current_dir(self.world.path("index"))
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .output()
            .unwrap();
        let said = String::from_utf8(stderr).unwrap();
        assert!(status.success(), "{said}");
        said
    }
}

#[test]
fn a_hook_judges_proposals_and_publishes_what_is_merged() {
    let bare = Bare::new();
    let world = &bare.world;
    world.publish(Plugin::new("amber", "1.0.0"));
    bare.install(true);
    let said = bare.push("HEAD:main");
    assert!(world.path("site/metadata/timestamp.json").exists(), "{said}");
    bare.install(false);
    world.propose(Plugin::new("birch", "1.0.0"));
    let head = world.pull_request();
    let said = bare.push(&format!("{head}:refs/heads/proposal/birch"));
    assert!(said.contains("accepted") && !said.contains("publishing"), "{said}");
    world.accept("Publish a plugin");
    bare.install(false);
    let said = bare.push("HEAD:main");
    assert!(said.contains("publishing"), "{said}");
    world.client("registry add demo site --root site/metadata/1.root.json").code(0);
    world.client("info lab/birch").code(0);
}

#[test]
fn a_hook_says_what_is_wrong_with_a_proposal_also_where_it_is_behind() {
    let bare = Bare::new();
    let world = &bare.world;
    let path = world.propose(Plugin::new("amber", "1.0.0"));
    let good = world.pull_request();
    let mut bytes = world.read(&format!("index/{path}"));
    bytes[40] ^= 1;
    world.write(&format!("index/{path}"), bytes);
    let bad = world.pull_request();
    world.git("clean --quiet --force -d");
    world.publish(Plugin::new("birch", "1.0.0"));
    bare.install(true);
    bare.push("HEAD:main");
    bare.install(false);
    let said = bare.push(&format!("{bad}:refs/heads/proposal/bad"));
    assert!(said.contains("refused") && !said.contains("shape/deleted"), "{said}");
    let said = bare.push(&format!("{good}:refs/heads/proposal/good"));
    assert!(said.contains("accepted"), "{said}");
}
