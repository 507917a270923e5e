//! The action that installs `registry-tool` from a release.

use index_schema::digest::Sha256Digest;

use super::steps::{Done, Runner, Values};
use crate::support::{output, present};
use crate::world::{World, read};

/// Downloads from `release/`, and vouches for a file unless `unsigned` is there.
const GH: &str = r#"#!/bin/sh
here="$(dirname "$0")"
case "$1 $2" in
  'release download') cp "$here"/../release/* . ;;
  'attestation verify')
    case "$*" in *"--signer-workflow lab/registry/.github/workflows/release.yml"*) ;; *) exit 1 ;; esac
    [ ! -e "$here/unsigned" ] ;;
  *) exit 1 ;;
esac
"#;

const FILE: &str = "registry-tool-v9.8.7-x86_64-unknown-linux-musl.tar.gz";

/// A release of a small program, with its digests.
fn released() -> World {
    let world = World::hosted("github");
    world.write("programs/gh", GH);
    world.write("files/registry-tool", "#!/bin/sh\necho 'registry-tool 9.8.7'\n");
    let (gh, program) = (world.path("programs/gh"), world.path("files/registry-tool"));
    output("chmod", &["+x".as_ref(), gh.as_os_str(), program.as_os_str()], b"");
    std::fs::create_dir_all(world.path("release")).unwrap();
    let (archive, files) = (world.path("release").join(FILE), world.path("files"));
    let words =
        ["-czf".as_ref(), archive.as_os_str(), "-C".as_ref(), files.as_os_str(), ".".as_ref()];
    output("tar", &words, b"");
    let digest = Sha256Digest::of(&read(&archive));
    world.write("release/SHA256SUMS", format!("{digest}  {FILE}\n"));
    world
}

/// Runs the action; returns how it went, and what it put out.
fn install(world: &World) -> (Done, String) {
    world.write("temp/output", "");
    let values = [
        ("inputs.version", "v9.8.7"),
        ("inputs.project", "lab/registry"),
        ("github.token", "token"),
    ];
    let runner = Runner {
        workspace: world.path("index"),
        temp: world.path("temp"),
        programs: world.path("programs"),
        values: values
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into_iter()
            .collect::<Values>(),
        action: Box::new(|name, _| panic!("{name} is not needed")),
    };
    runner.compose(&world.path("index/.github/actions/registry-tool/action.yml"))
}

#[test]
fn a_release_that_is_signed_and_whole_is_installed() {
    if !present(&["tar"]) {
        return;
    }
    let world = released();
    let (done, put_out) = install(&world);
    assert!(done.is_success && done.said.contains("registry-tool 9.8.7"), "{}", done.said);
    let program = put_out.trim().strip_prefix("program=").unwrap();
    assert_eq!(output(program, &["--version"], b""), b"registry-tool 9.8.7\n");
}

#[test]
fn a_release_that_is_not_signed_or_not_whole_is_not_run() {
    if !present(&["tar"]) {
        return;
    }
    let world = released();
    world.write("programs/unsigned", "");
    let (done, put_out) = install(&world);
    assert!(
        !done.is_success && put_out.is_empty() && !done.said.contains("9.8.7\n"),
        "{}",
        done.said
    );
    std::fs::remove_file(world.path("programs/unsigned")).unwrap();
    let digest = Sha256Digest::of(b"another file");
    world.write("release/SHA256SUMS", format!("{digest}  {FILE}\n"));
    let (done, put_out) = install(&world);
    assert!(!done.is_success && put_out.is_empty(), "{}", done.said);
    world.write("release/SHA256SUMS", format!("{digest}  another-file\n"));
    let (done, put_out) = install(&world);
    assert!(!done.is_success && put_out.is_empty(), "{}", done.said);
}
