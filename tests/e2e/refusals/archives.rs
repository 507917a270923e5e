//! Archives that are not what their manifests say, or not what a plugin's archive is.

use index_schema::archive::{Archive, File, encode};
use index_schema::digest::Sha256Digest;
use index_schema::id::PluginName;
use index_schema::path::PackagePath;
use index_schema::version::Version;

use crate::world::{Plugin, World, stderr};

const ARCHIVE: &str = "dist/amber-1.0.0.tar.gz";

/// A world in which `lab/amber` 1.0.0 is proposed, and the archive is still as it should be.
fn proposed() -> World {
    let world = World::new();
    world.propose(Plugin::new("amber", "1.0.0"));
    assert_eq!(world.check().verdict, "accepted");
    world
}

#[test]
fn an_archive_that_is_nowhere_is_missed() {
    let world = proposed();
    std::fs::remove_file(world.path(ARCHIVE)).unwrap();
    world.assert_refused(&["artifact/missing"]);
}

#[test]
fn an_archive_of_another_size_is_refused() {
    let world = proposed();
    world.write(ARCHIVE, [world.read(ARCHIVE), vec![0]].concat());
    world.assert_refused(&["artifact/size"]);
    world.write(ARCHIVE, "");
    world.assert_refused(&["artifact/size"]);
}

#[test]
fn an_archive_with_one_flipped_bit_is_refused() {
    let world = proposed();
    let mut bytes = world.read(ARCHIVE);
    *bytes.last_mut().unwrap() ^= 1;
    world.write(ARCHIVE, bytes);
    world.assert_refused(&["artifact/digest"]);
    // Its name says what it should be, which convinces nobody.
    let manifest = world.read("packed/lab-amber-1.0.0/1.0.0.json");
    let manifest: serde_json::Value = serde_json::from_slice(&manifest).unwrap();
    let digest = manifest["artifacts"][0]["sha256"].as_str().unwrap();
    std::fs::rename(world.path(ARCHIVE), world.path(format!("dist/{digest}.tar.gz"))).unwrap();
    world.assert_refused(&["artifact/digest"]);
}

/// Signs a manifest that tells the truth about an archive with these files, and proposes it.
fn propose_files(
    world: &World,
    files: &[(&str, &str)],
    change: impl FnOnce(&mut serde_json::Value),
) {
    let (name, version) = (PluginName::parse("amber").unwrap(), Version::parse("1.0.0").unwrap());
    let file = |(path, contents): &(&str, &str)| File {
        path: PackagePath::parse(path).unwrap(),
        executable: false,
        contents: contents.as_bytes().to_vec(),
    };
    let bytes = encode(&name, &version, files.iter().map(file).collect::<Vec<_>>()).unwrap();
    let archive = Archive::decode(&bytes, &name, &version).unwrap();
    let mut manifest = Plugin::new("amber", "1.0.0").manifest().clone();
    manifest["artifacts"] = serde_json::json!([{
        "platform": "any",
        "urls": ["https://plugins.example.org/amber.tar.gz"],
        "sha256": Sha256Digest::of(&bytes),
        "size": bytes.len(),
        "tar_sha256": archive.tar_sha256(),
        "unpacked": archive.unpacked(),
        "entries": archive.entry_count(),
    }]);
    change(&mut manifest);
    world.write(ARCHIVE, bytes);
    world.write("amber.json", format!("{manifest:#}\n"));
    world.add(&world.sign("amber.json", "lab"));
}

const GOOD: [(&str, &str); 3] =
    [("LICENSE", "MIT\n"), ("README.md", "# Amber\n"), ("src/main.py", "pass\n")];

#[test]
fn an_archive_with_all_that_it_needs_is_accepted() {
    let world = World::new();
    propose_files(&world, &GOOD, |_| ());
    world.accept("Publish amber");
}

#[test]
fn an_archive_that_lacks_what_it_needs_is_refused() {
    let lacking = ["archive/no-license", "archive/no-readme", "archive/no-entry"];
    for (number, code) in lacking.into_iter().enumerate() {
        let world = World::new();
        let files = GOOD.into_iter().enumerate().filter(|(index, _)| *index != number);
        propose_files(&world, &files.map(|(_, file)| file).collect::<Vec<_>>(), |_| ());
        world.assert_refused(&[code]);
    }
}

#[test]
fn a_hidden_file_in_an_archive_is_refused() {
    let world = World::new();
    let files = [GOOD.as_slice(), &[("src/.secret", "x")]].concat();
    propose_files(&world, &files, |_| ());
    world.assert_refused(&["archive/hidden"]);
}

#[test]
fn a_hidden_folder_in_an_archive_is_refused() {
    let world = World::new();
    let files = [GOOD.as_slice(), &[(".cache/state", "x")]].concat();
    propose_files(&world, &files, |_| ());
    let report = world.check();
    assert_eq!(report.verdict, "refused", "{report:#?}");
    assert!(report.codes().contains(&"archive/hidden"), "{report:#?}");
}

#[test]
fn a_manifest_that_counts_wrongly_is_refused() {
    let zeros = "0".repeat(64);
    let lies: [(&str, serde_json::Value, &str); 3] = [
        ("tar_sha256", zeros.into(), "artifact/tar-digest"),
        ("unpacked", 1.into(), "artifact/counts"),
        ("entries", 1.into(), "artifact/counts"),
    ];
    for (field, lie, code) in lies {
        let world = World::new();
        propose_files(&world, &GOOD, |manifest| manifest["artifacts"][0][field] = lie);
        world.assert_refused(&[code]);
    }
}

#[test]
fn an_archive_that_others_would_read_is_refused_all_the_same() {
    let world = World::new();
    world.write("loose/amber-1.0.0/README.md", "# Amber\n");
    let folder = world.path("loose").display().to_string();
    let tar = ["-C", &folder, "--format=ustar", "-czf", "-", "amber-1.0.0"];
    let bytes = crate::support::output("tar", &tar, b"");
    world.write("loose.tar.gz", &bytes);
    let refused = world.tool("archive verify loose.tar.gz").code(1);
    assert!(crate::world::stdout(&refused).starts_with("error[archive/"));

    propose_files(&world, &GOOD, |manifest| {
        manifest["artifacts"][0]["sha256"] = Sha256Digest::of(&bytes).to_string().into();
        manifest["artifacts"][0]["size"] = bytes.len().into();
    });
    world.write(ARCHIVE, &bytes);
    let report = world.check();
    assert_eq!(report.verdict, "refused");
    assert!(report.codes().iter().all(|code| code.starts_with("archive/")), "{report:#?}");
}

#[test]
fn a_folder_that_lacks_something_is_not_packed() {
    for file in ["README.md", "LICENSE", "src/main.py"] {
        let world = World::founded("demo");
        Plugin::new("amber", "1.0.0").without(file).write(&world.path("amber"));
        let url = "--url https://plugins.example.org/{file}";
        let refused = world.tool(&format!("pack amber --out dist {url}")).code(1);
        assert!(stderr(&refused).contains("nothing was written"), "{}", stderr(&refused));
        assert!(!world.path("dist").exists());
    }
}

#[test]
fn a_folder_with_a_link_is_not_packed() {
    let world = World::founded("demo");
    Plugin::new("amber", "1.0.0").write(&world.path("amber"));
    std::os::unix::fs::symlink("/etc/passwd", world.path("amber/src/passwd")).unwrap();
    let url = "--url https://plugins.example.org/{file}";
    let refused = world.tool(&format!("pack amber --out dist {url}")).code(2);
    assert!(stderr(&refused).contains("is neither a file nor a folder"), "{}", stderr(&refused));
    assert!(!world.path("dist").exists());
}

#[test]
fn an_archive_that_cannot_be_reached_is_not_judged() {
    let world = World::new();
    let path = world.propose(Plugin::new("amber", "1.0.0"));
    // Nobody listens at port 1 of this machine.
    let manifest = String::from_utf8(world.read("packed/lab-amber-1.0.0/1.0.0.json")).unwrap();
    let away = manifest.replace("https://127.0.0.1:1/", "http://127.0.0.1:1/");
    std::fs::remove_file(world.path("index").join(path)).unwrap();
    world.write("amber.json", away);
    world.add(&world.sign("amber.json", "lab"));
    let report = world.report("check --index index --allow-insecure --format json");
    assert_eq!(report.verdict, "unjudged", "{report:#?}");
    assert_eq!(report.codes(), ["artifact/not-https", "unjudged/unreachable"]);
}
