//! What we publish, read by clients that others wrote: python-tuf, and tuf-js, the one in npm.
//!
//! Both know the specification and nothing of this registry. `.ci/setup` installs them once, from
//! the lists in `interop/`, where the two small programs lie that drive them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use e2e::corpus::{self, Options, Size};
use index_schema::time::Timestamp;
use index_schema::tuf::{BinCount, TargetPath};
use serde_json::Value;
use snapbox::cmd::{Command, OutputAssert};

use crate::support::{installed, present};
use crate::world::{Nginx, Plugin, Preview, World, copy, stderr, stdout};

/// A client that somebody else wrote.
#[derive(Debug, Clone, Copy)]
enum Foreign {
    PythonTuf,
    TufJs,
}

/// The clients that are installed, and where.
struct Clients(PathBuf);

impl Clients {
    /// Finds them; nothing, and a word about it, where they are not installed.
    fn installed() -> Option<Self> {
        let folder = installed("tuf-clients")?;
        present(&["python3", "node"]).then_some(Self(folder))
    }

    /// Lets a client read the registry at `url`, and fetch what is wanted.
    fn read(&self, client: Foreign, world: &World, url: &str, wanted: &[String]) -> OutputAssert {
        let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("e2e/interop");
        let (program, script, variable, packages) = match client {
            Foreign::PythonTuf => ("python3", "client.py", "PYTHONPATH", "python"),
            Foreign::TufJs => ("node", "client.cjs", "NODE_PATH", "node_modules"),
        };
        Command::new(program)
            .arg(scripts.join(script))
            .arg(home(world, client))
            .args([url, &world.now().to_string()])
            .env(variable, self.0.join(packages))
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(wanted.join("\n"))
            .assert()
    }

    /// Does so for both, each with what it remembers; they have to agree about what they got.
    fn agree(&self, world: &World, url: &str, wanted: &[String]) -> Vec<String> {
        let [python, js] = [Foreign::PythonTuf, Foreign::TufJs].map(|client| {
            let output = self.read(client, world, url, wanted).code(0);
            stdout(&output).lines().map(str::to_owned).collect::<Vec<_>>()
        });
        assert_eq!(python, js);
        python
    }

    /// Expects both to refuse, for a reason in which each has one of its words.
    fn refuse(&self, world: &World, url: &str, wanted: &[String], words: [&str; 2]) {
        for (client, word) in [Foreign::PythonTuf, Foreign::TufJs].into_iter().zip(words) {
            let before = world.listing(&format!("{client:?}/targets"));
            let output = self.read(client, world, url, wanted).code(1).stdout_eq("");
            let said = stderr(&output);
            assert!(said.starts_with("refused: ") && said.contains(word), "{client:?}: {said}");
            world.assert_unchanged(&format!("{client:?}/targets"), &before);
        }
    }
}

/// Returns the folder of a client, with the first root that it trusts.
fn home(world: &World, client: Foreign) -> PathBuf {
    let home = world.path(format!("{client:?}"));
    if !home.exists() {
        copy(&world.path("public/metadata/1.root.json"), &home.join("root.json"));
    }
    home
}

/// Returns every target that is listed as built: what clients have to print for all of them.
fn listed(world: &World) -> (Vec<String>, Vec<String>) {
    let list: Value = serde_json::from_slice(&world.read("public/build.json")).unwrap();
    let targets = list["targets"].as_object().unwrap().iter();
    let line = |(name, digest): (&String, &Value)| {
        let digest = digest.as_str().unwrap();
        (name.clone(), format!("{digest} {name}"))
    };
    targets.map(line).unzip()
}

/// The bin that has to vouch for a plugin.
fn bin(plugin: &str, count: u32) -> String {
    let path = TargetPath::parse(plugin).unwrap();
    BinCount::new(count).unwrap().bin_of(&path).to_string()
}

/// A registry with five plugins among 1,024 bins.
fn five() -> World {
    let world = World::empty_at(Timestamp::parse("2026-06-01T12:00:00Z").unwrap());
    world.key("maintainer");
    world.tool("init index --id demo --title Demo --key keys/maintainer").code(0);
    world.hold_ceremony("--bins 1024");
    world.join("lab");
    for name in ["amber", "birch", "cedar", "dahlia", "elm"] {
        world.publish(Plugin::new(name, "1.0.0"));
    }
    world.release();
    world
}

#[test]
fn other_peoples_clients_read_five_documents_and_follow_to_the_next_release() {
    let Some(clients) = Clients::installed() else { return };
    let world = five();
    let server = Preview::of(&world, "public");
    let (mut wanted, mut expected) = listed(&world);
    assert_eq!(wanted.len(), 5 + 3);
    for unknown in ["plugins/lab/fern.json", "plugins/ada/amber.json", "catalog", "root.json"] {
        wanted.push(unknown.to_owned());
        expected.push(format!("unknown {unknown}"));
    }
    assert_eq!(clients.agree(&world, server.url(), &wanted), expected);

    copy(&world.path("public"), &world.path("before"));
    world.publish(Plugin::new("amber", "1.1.0"));
    world.publish(Plugin::new("fern", "1.0.0"));
    world.release();
    let (wanted, after) = listed(&world);
    assert_eq!(clients.agree(&world, server.url(), &wanted), after);
    let amber = |lines: &[String]| lines.iter().find(|line| line.ends_with("/amber.json")).cloned();
    assert_ne!(amber(&after), amber(&expected));

    // What they have seen binds them, as it binds ours.
    let old = Preview::of(&world, "before");
    let words = ["BadVersionNumberError", "version 1 is less than current version 2"];
    clients.refuse(&world, old.url(), &wanted, words);
}

#[test]
fn other_peoples_clients_refuse_a_bin_that_was_tampered_with() {
    let Some(clients) = Clients::installed() else { return };
    let world = five();
    let plugin = "plugins/lab/amber.json";
    let path = format!("public/metadata/1.{}.json", bin(plugin, 1024));
    let right = String::from_utf8(world.read(&path)).unwrap();
    let length = right.split("\"length\":").nth(1).unwrap().split(',').next().unwrap();
    let longer = format!("{length}0");
    world.write(
        &path,
        right.replace(&format!("\"length\":{length},"), &format!("\"length\":{longer},")),
    );
    let server = Preview::of(&world, "public");
    let wanted = [plugin.to_owned()];
    let words = ["UnsignedMetadataError", "was signed by 0/1 keys"];
    clients.refuse(&world, server.url(), &wanted, words);

    world.write(&path, right);
    let got = clients.agree(&world, server.url(), &wanted);
    assert!(got.len() == 1 && got[0].ends_with(plugin) && !got[0].starts_with("unknown"));
}

#[test]
fn other_peoples_clients_find_five_thousand_documents_in_bins_of_several_prefixes() {
    let Some(clients) = Clients::installed() else { return };
    let size = Size { plugins: 5000, releases: Some(5000), publishers: Some(50) };
    let world = World::empty_at(Timestamp::parse("2026-06-01T12:00:00Z").unwrap());
    let options = Options {
        size,
        seed: 7,
        data: None,
        releases_per_commit: 500,
        archives: false,
        repack: false,
    };
    corpus::make(&options, &world.path("")).unwrap();
    let last: i64 = world.git("log -1 --format=%ct").trim().parse().unwrap();
    world.later(last + 60 - world.now().seconds());
    // Seven bits: two digits, of which the last is not filled, so each bin has two prefixes.
    world.hold_ceremony("--bins 128");
    world.tool("build --index index --out public").code(0);
    world.tool("release --public public --online-keys keys/online --first").code(0);

    let Some(server) = Nginx::of(&world) else { return };
    let (mut wanted, expected) = listed(&world);
    let bins = wanted.iter().filter(|target| target.starts_with("plugins/"));
    let bins: BTreeSet<String> = bins.map(|plugin| bin(plugin, 128)).collect();
    assert_eq!((wanted.len(), bins.len()), (5000 + 3, 128));
    // All are looked for, every tenth is fetched.
    for (_, target) in wanted.iter_mut().enumerate().filter(|(number, _)| number % 10 != 0) {
        target.insert(0, '?');
    }
    assert_eq!(clients.agree(&world, server.url(), &wanted), expected);
}
