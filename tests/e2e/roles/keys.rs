//! Where the keys of roles may rest, and where not.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;

use super::{build, in_use, release};
use crate::world::{Plugin, World, stderr, stdout};

/// Publishes something new and builds, so that a release has something to sign.
fn due() -> World {
    let world = in_use();
    world.publish(Plugin::new("cedar", "1.0.0"));
    build(&world);
    world
}

/// Everything that the job's keys consist of, as a variable of the environment holds it.
fn as_text(world: &World) -> String {
    let names = super::ONLINE.map(|role| format!("keys/online/{role}.pem"));
    names.map(|name| String::from_utf8(world.read(&name)).unwrap()).concat()
}

#[test]
fn a_job_signs_with_keys_from_its_environment() {
    let world = due();
    let text = as_text(&world);
    std::fs::remove_dir_all(world.path("keys/online")).unwrap();
    let command = "release --public public --previous public --online-keys env:ROLE_KEYS";
    let unset = stderr(&world.tool(command).code(2));
    assert!(unset.contains("`ROLE_KEYS` is not set") && unset.contains("hint:"), "{unset}");
    world.command("registry-tool", command).env("ROLE_KEYS", &text).assert().code(0);
    world.client("refresh").code(0);
    world.client("install lab/cedar").code(0);
}

#[test]
fn what_a_variable_holds_is_never_shown() {
    let world = due();
    let before = world.listing("public");
    let broken = as_text(&world).replace("-----END PRIVATE KEY-----", "-----END-----");
    let command = "release --public public --previous public --online-keys env:ROLE_KEYS";
    let output = world.command("registry-tool", command).env("ROLE_KEYS", &broken).assert().code(2);
    let said = stdout(&output) + &stderr(&output);
    for secret in broken.lines().filter(|line| !line.starts_with("-----")) {
        assert!(!said.contains(secret), "{said}");
    }
    world.assert_unchanged("public", &before);
}

#[test]
fn a_job_signs_through_a_program() {
    let world = due();
    let public = super::ONLINE.map(|role| format!("keys/online/{role}.pub"));
    let public = public.map(|name| String::from_utf8(world.read(&name)).unwrap()).concat();
    world.write("token/public", public);
    // OpenSSL stands in for a token: it finds the key by the id that it is asked for.
    for role in super::ONLINE {
        let id = super::id_of(&world, &format!("keys/online/{role}.pub"));
        std::fs::rename(
            world.path(format!("keys/online/{role}.pem")),
            world.path(format!("token/{id}.pem")),
        )
        .unwrap();
    }
    world.write(
        "token/sign.sh",
        "case $1 in\n\
         public) cat token/public ;;\n\
         sign) cat > token/in && openssl pkeyutl -sign -rawin -inkey token/$2.pem -in token/in | od -An -vtx1 | tr -d ' \\n' ;;\n\
         esac\n",
    );
    if !crate::support::present(&["openssl"]) {
        return;
    }
    let command = "release --public public --previous public --online-keys";
    world.tool(&format!("{command} 'exec:sh token/sign.sh'")).code(0);
    world.client("refresh").code(0);
    world.client("install lab/cedar").code(0);
}

#[test]
fn a_program_that_signs_wrongly_releases_nothing() {
    let world = due();
    let public = super::ONLINE.map(|role| format!("keys/online/{role}.pub"));
    let public = public.map(|name| String::from_utf8(world.read(&name)).unwrap()).concat();
    world.write("token/public", public);
    let before = world.listing("public");
    for (body, said) in [
        ("echo 00", "did not print a signature by the key"),
        ("cat >/dev/null; exit 7", "failed: exit status: 7"),
    ] {
        world.write(
            "token/sign.sh",
            format!("if [ $1 = public ]; then cat token/public; else {body}; fi\n"),
        );
        let command = "release --public public --previous public --online-keys";
        let shown = stderr(&world.tool(&format!("{command} 'exec:sh token/sign.sh'")).code(2));
        assert!(shown.contains(said), "{shown}");
        world.assert_unchanged("public", &before);
    }
}

#[test]
fn a_secret_key_that_others_may_read_is_refused() {
    let world = due();
    let before = world.listing("public");
    let path = world.path("keys/online/bins.pem");
    std::fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
    let said = stderr(&release(&world, "online", "").code(2));
    assert!(said.contains("others may read the secret key"), "{said}");
    assert!(said.contains("chmod 600"), "{said}");
    world.assert_unchanged("public", &before);
    std::fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    release(&world, "online", "").code(0);
}

#[test]
fn a_key_that_is_not_the_roles_signs_nothing_whatever_its_file_is_called() {
    let world = due();
    let before = world.listing("public");
    std::fs::remove_file(world.path("keys/online/snapshot.pem")).unwrap();
    std::fs::remove_file(world.path("keys/online/snapshot.pub")).unwrap();
    world.tool("trust key --out keys/online/snapshot.pem").code(0);
    let said = stderr(&release(&world, "online", "").code(2));
    assert!(said.contains("`snapshot` has to be signed by 1 of its keys, 0 are here"), "{said}");
    world.assert_unchanged("public", &before);
}

#[test]
fn renewing_the_timestamp_needs_no_other_key() {
    let world = in_use();
    for role in ["index", "bins", "snapshot"] {
        std::fs::remove_file(world.path(format!("keys/online/{role}.pem"))).unwrap();
    }
    world.later(4 * index_schema::time::DAY);
    world.tool("refresh --public public --online-keys keys/online").code(0);
    world.later(5 * index_schema::time::DAY);
    world.client("refresh").code(0);
}
