//! The demo: everything is there, and anybody may look at it.

use std::path::Path;

use serde_json::Value;

use crate::support::{output, present};
use crate::world::{World, read, stdout};

/// The folder of the demo's plugins in the sources.
const SOURCES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../registry-tool/demo");

#[test]
fn the_demo_makes_a_whole_registry_without_a_network() {
    let world = World::founded("unused");
    let made = world.tool("demo --dir tour --no-serve").code(0);
    assert!(stdout(&made).contains("libral registry add demo"), "{}", stdout(&made));
    for path in [
        "root.json",
        "index/registry/1.signed",
        "public/metadata/timestamp.json",
        "public/metadata/1.root.json",
        "public/health.json",
        "public/api/v1/catalog.json",
    ] {
        assert!(world.path("tour").join(path).is_file(), "{path}");
    }
    assert_eq!(world.read("tour/root.json"), world.read("tour/public/metadata/1.root.json"));
    let command = "validate --all --index tour/index --archives tour/dist --format json";
    let report = world.report(command);
    assert_eq!((report.verdict.as_str(), report.codes()), ("accepted", vec![]));
}

#[test]
fn a_demo_replaces_an_older_one_and_nothing_else() {
    let world = World::founded("unused");
    world.tool("demo --dir tour --no-serve").code(0);
    let catalog = world.read("tour/public/api/v1/catalog.json");
    world.tool("demo --dir tour --no-serve").code(0);
    let again = world.read("tour/public/api/v1/catalog.json");
    assert_eq!(catalog.len(), again.len());

    world.write("mine/letter.txt", "dear diary");
    let before = world.listing("mine");
    world.tool("demo --dir mine --no-serve").code(2);
    world.assert_unchanged("mine", &before);
}

/// A stop of the tour: a release, what it is started with, and what it prints.
struct Stop {
    id: String,
    version: String,
    manifest: Value,
    says: Value,
}

fn tour() -> Vec<Stop> {
    let sources = Path::new(SOURCES);
    let stops: Vec<Value> = serde_json::from_slice(&read(&sources.join("tour.json"))).unwrap();
    let stop = |says: Value| {
        let [id, version] = ["id", "version"].map(|field| says[field].as_str().unwrap().to_owned());
        let manifest = sources.join(format!("plugins/{id}/{version}/plugin.json"));
        let manifest = serde_json::from_slice(&read(&manifest)).unwrap();
        Stop { id, version, manifest, says }
    };
    stops.into_iter().map(stop).collect()
}

impl Stop {
    /// Installs the release into a home of its own, as a user who agrees to what it asks for.
    fn install(&self, world: &World, home: &str) {
        let run = |command: &str| {
            let command = world.command("libral", command);
            command.env("LIBRAL_HOME", world.path(home)).assert().code(0);
        };
        run("registry add demo tour/public --root tour/root.json");
        let asked = self.manifest["permissions"].as_array().into_iter().flatten();
        let grants = asked.map(|ask| format!(" --grant {}", ask["name"].as_str().unwrap()));
        let grants: String = grants.collect();
        run(&format!("install {}@={}{grants}", self.id, self.version));
    }

    /// Starts what was installed, as a host would, and compares what it prints.
    fn run(&self, world: &World, home: &str) {
        let plugins = world.path(home).join("plugins");
        let runtime = &self.manifest["runtime"];
        let main = plugins.join(&self.id).join(runtime["entry"].as_str().unwrap());
        let loader = format!("{SOURCES}/run-wasm.cjs");
        let program = match runtime["kind"].as_str().unwrap() {
            "python" => vec!["python3", "-B"],
            "javascript" => vec!["node"],
            "wasm" => vec!["node", &loader],
            _ => vec!["cat"],
        };
        let plugins = format!("LIBRAL_PLUGINS={}", plugins.display());
        let mut command = vec![plugins.as_str()];
        command.extend(program);
        command.push(main.to_str().unwrap());
        command.extend(self.says["argv"].as_array().unwrap().iter().map(|a| a.as_str().unwrap()));
        let stdin = self.says["stdin"].as_str().unwrap();
        let printed = String::from_utf8(output("env", &command, stdin.as_bytes())).unwrap();
        let release = format!("{} {}", self.id, self.version);
        match (self.says["stdout"].as_str(), self.says["contains"].as_str()) {
            (Some(all), _) => assert_eq!(printed, all, "{release}"),
            (None, Some(part)) => assert!(printed.contains(part), "{release}: {printed}"),
            (None, None) => panic!("{release}: the tour does not say what it prints"),
        }
    }
}

#[test]
fn every_plugin_of_the_demo_is_installed_and_works() {
    if !present(&["python3", "node"]) {
        return;
    }
    let world = World::founded("unused");
    world.tool("demo --dir tour --no-serve").code(0);
    for (number, stop) in tour().iter().enumerate() {
        let home = format!("home-{number}");
        stop.install(&world, &home);
        stop.run(&world, &home);
    }
}
