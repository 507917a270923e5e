//! Publishers who sign with GnuPG or with Sequoia's `sq` are publishers like any other.

use crate::keys::gnupg::Gnupg;
use crate::keys::{now, sequoia};
use crate::support::{output, present};
use crate::world::{Plugin, World};

/// Makes a key in GnuPG that belongs to `ada`, whose clock stands where the world's does.
fn gnupg_with_a_key(world: &World) -> Option<(Gnupg, String)> {
    let gnupg = Gnupg::new()?;
    let key = gnupg.key("ed25519", "never");
    world.write("keys/ada.pub", gnupg.certificate_bytes(&key));
    let clock = world.now().to_string().replace(['-', ':', 'Z'], "");
    let configuration = format!("faked-system-time {clock}!\nlocal-user {key}\n");
    crate::world::write(&gnupg.home_path().join("gpg.conf"), configuration.as_bytes());
    Some((gnupg, key))
}

/// Has `ada`, whose record lies in the work tree, approved and merged.
fn let_ada_in(world: &World) {
    let report = world.check();
    assert_eq!(report.codes(), ["publisher/new"], "{report:#?}");
    world.approve(&report.findings);
    world.accept("Let Ada in");
}

#[test]
fn a_statement_signed_by_gnupg_in_a_pipe_is_accepted() {
    let world = World::founded("demo");
    let Some((gnupg, key)) = gnupg_with_a_key(&world) else { return };
    let joining = format!("publisher new ada --index index --cert keys/ada.pub --gpg {key}");
    world.command("registry-tool", &joining).env("GNUPGHOME", gnupg.home()).assert().code(0);
    let_ada_in(&world);

    let manifest = world.pack(&Plugin::new("ada/amber", "1.0.0"));
    let document = world.path(&manifest);
    let folder = document.parent().unwrap().display();
    let pipe = format!(
        "cd {folder} && GNUPGHOME={} \
         gpg -a -o - --detach-sign 1.0.0.json | cat 1.0.0.json - > 1.0.0.signed",
        gnupg.home()
    );
    output("sh", &["-c", &pipe], b"");
    world.add(&manifest.replace(".json", ".signed"));
    world.accept("Publish what GnuPG signed");
    world.release();
}

#[test]
fn the_tool_has_gnupg_sign_when_asked() {
    let world = World::founded("demo");
    let Some((gnupg, key)) = gnupg_with_a_key(&world) else { return };
    let run = |command: &str| {
        world.command("registry-tool", command).env("GNUPGHOME", gnupg.home()).assert().code(0);
    };
    run(&format!("publisher new ada --index index --cert keys/ada.pub --gpg {key}"));
    let_ada_in(&world);
    let manifest = world.pack(&Plugin::new("ada/amber", "1.0.0"));
    run(&format!("sign {manifest} --gpg {key}"));
    world.add(&manifest.replace(".json", ".signed"));
    world.accept("Publish what GnuPG signed");
}

#[test]
fn a_key_with_a_password_signs_through_the_agent_and_only_with_the_password() {
    let world = World::founded("demo");
    let Some(gnupg) = Gnupg::new() else { return };
    let protected = ["--batch", "--passphrase", "open sesame", "--quick-gen-key"];
    let key = ["Ada <ada@example.org>", "ed25519", "sign", "never"];
    gnupg.run(crate::keys::made(), &[&protected[..], &key[..]].concat(), b"");
    world.write("keys/ada.pub", gnupg.certificate_bytes("ada@example.org"));
    let clock = world.now().to_string().replace(['-', ':', 'Z'], "");
    let configure = |password: &str| {
        let configuration = format!(
            "faked-system-time {clock}!\nbatch\npinentry-mode loopback\npassphrase-file {}/{password}\n",
            gnupg.home()
        );
        crate::world::write(&gnupg.home_path().join("gpg.conf"), configuration.as_bytes());
    };
    crate::world::write(&gnupg.home_path().join("right"), b"open sesame\n");
    crate::world::write(&gnupg.home_path().join("wrong"), b"open barley\n");
    let joining = "publisher new ada --index index --cert keys/ada.pub --gpg ada@example.org";
    let join = || world.command("registry-tool", joining).env("GNUPGHOME", gnupg.home()).assert();
    // What the agent remembers from making the key is forgotten.
    output("gpgconf", &["--homedir", gnupg.home(), "--kill", "gpg-agent"], b"");
    configure("wrong");
    let before = world.listing("index");
    let said = crate::world::stderr(&join().code(2));
    assert!(said.contains("gpg did not sign with key `ada@example.org`"), "{said}");
    world.assert_unchanged("index", &before);
    configure("right");
    join().code(0);
    let_ada_in(&world);
    let manifest = world.pack(&Plugin::new("ada/amber", "1.0.0"));
    let sign = format!("sign {manifest} --gpg ada@example.org");
    world.command("registry-tool", &sign).env("GNUPGHOME", gnupg.home()).assert().code(0);
    world.add(&manifest.replace(".json", ".signed"));
    world.accept("Publish what a key with a password signed");
}

#[test]
fn a_statement_signed_by_sequoia_is_accepted() {
    if !present(&["sq"]) {
        return;
    }
    // `sq` works at the true time alone.
    let world = World::founded_at(now(), "demo");
    let key = world.path("keys/ada");
    sequoia::key(&key, "cv25519");
    world.write("keys/ada.pub", sequoia::certificate(&key));
    world.later(60);
    world.tool("publisher new ada --index index --cert keys/ada.pub --key keys/ada").code(0);
    let_ada_in(&world);

    let manifest = world.pack(&Plugin::new("ada/amber", "1.0.0"));
    let document = world.read(&manifest);
    let signature = sequoia::sign(&key, &document);
    let statement = manifest.replace(".json", ".signed");
    world.write(&statement, [document, signature.into_bytes()].concat());
    world.later(60);
    world.add(&statement);
    world.accept("Publish what sq signed");
    world.release();
}
