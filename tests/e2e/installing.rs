//! Installing: what a user gets from a registry, wherever it is served from, and what refuses.

use crate::world::{Nginx, Plugin, Preview, World, stderr, stdout};

/// A released registry: `word-count` needs `text-kit`, and `amber` stands alone.
fn released() -> World {
    let world = World::new();
    world.publish(Plugin::new("text-kit", "1.0.0"));
    world.publish(Plugin::new("text-kit", "1.1.0"));
    world.publish(Plugin::new("text-kit", "2.0.0"));
    world.publish(Plugin::new("word-count", "1.0.0").needs("text-kit", "^1").permission("fs.read"));
    world.publish(Plugin::new("amber", "1.0.0"));
    world.publish(Plugin::new("beacon", "1.0.0").permission("network"));
    world.release();
    world
}

/// A released registry, which the client trusts and whose state it has just seen.
fn trusted() -> World {
    let world = released();
    world.trust();
    look_around(&world);
    world
}

/// Has the client see what is current: that is remembered, whatever comes of what follows.
fn look_around(world: &World) {
    for id in ["lab/text-kit", "lab/word-count", "lab/amber", "lab/beacon"] {
        world.client(&format!("info {id}")).code(0);
    }
    for id in ["lab/nothing", "nobody/amber"] {
        world.client(&format!("info {id}")).code(8);
    }
}

#[test]
fn a_registry_is_added_by_the_digest_of_its_root() {
    let world = released();
    let index: serde_json::Value =
        serde_json::from_slice(&world.read("public/index.json")).unwrap();
    let digest = index["root_sha256"].as_str().unwrap();
    world
        .client(&format!("registry add demo public --root-sha256 {digest}"))
        .code(0)
        .stdout_eq("added the registry `demo` (Demo)\n");
    assert!(stdout(&world.client("registry list").code(0)).contains("demo"));
}

#[test]
fn a_registry_with_another_root_is_not_added() {
    let world = released();
    let other = World::founded("demo");
    world.write("other.json", other.read("index/trust/root/1.root.json"));
    world.client("registry list").code(0);
    let before = world.home();
    let zeros = "0".repeat(64);
    world.client(&format!("registry add demo public --root-sha256 {zeros}")).code(3);
    world.assert_home_unchanged(&before);
    world.client("registry add demo public --root other.json").code(3);
    world.assert_home_unchanged(&before);
    // Nobody is there to be asked, and --yes does not answer this question.
    let asked = world.client("registry add demo public --yes").code(6);
    assert!(stderr(&asked).contains("--root-sha256"), "{}", stderr(&asked));
    world.assert_home_unchanged(&before);
}

#[test]
fn a_plugin_is_installed_with_what_it_needs() {
    let world = trusted();
    world
        .client("install lab/word-count")
        .code(0)
        .stdout_eq("installed lab/text-kit 1.1.0\ninstalled lab/word-count 1.0.0\n");
    let main = "home/plugins/lab/word-count/src/main.py";
    assert_eq!(world.read(main), b"print(\"lab/word-count 1.0.0\")\n");
    let list = stdout(&world.client("list").code(0));
    assert!(list.contains("lab/text-kit    1.1.0  demo  automatic"), "{list}");
    world.client("verify").code(0).stdout_eq("2 plugins as they should be\n");

    world.client("remove lab/text-kit").code(1);
    world.client("remove lab/word-count").code(0);
    assert!(!world.path("home/plugins/lab/word-count").exists());
}

#[test]
fn a_file_url_a_preview_and_nginx_serve_the_same() {
    let world = released();
    let preview = Preview::of(&world, "public");
    let nginx = Nginx::of(&world);
    let folder = format!("file://{}", world.path("public").display());
    let places = [Some(folder.as_str()), Some(preview.url()), nginx.as_ref().map(Nginx::url)];
    for (number, place) in places.into_iter().flatten().enumerate() {
        let home = world.path(format!("home-{number}"));
        let run = |command: &str| {
            world.command("libral", command).env("LIBRAL_HOME", &home).assert().code(0)
        };
        run(&format!("registry add demo {place} --root public/metadata/1.root.json"));
        let installed = run("install lab/word-count");
        let expected = "installed lab/text-kit 1.1.0\ninstalled lab/word-count 1.0.0\n";
        installed.stdout_eq(expected);
        run("verify");
    }
}

#[test]
fn a_dry_run_changes_nothing() {
    let world = trusted();
    let before = world.home();
    let shown = world.client("install lab/amber --dry-run").code(0);
    shown.stdout_eq("would install lab/amber 1.0.0\n");
    world.assert_home_unchanged(&before);
}

#[test]
fn what_is_not_there_is_not_found() {
    let world = trusted();
    let before = world.home();
    for command in ["install lab/nothing", "install nobody/amber", "info lab/nothing"] {
        world.client(command).code(8);
        world.assert_home_unchanged(&before);
    }
}

#[test]
fn wishes_that_no_release_grants_have_no_solution() {
    let world = trusted();
    let before = world.home();
    for wish in ["lab/amber@^9", "'lab/word-count lab/text-kit@^2'"] {
        world.client(&format!("install {}", wish.trim_matches('\''))).code(5);
        world.assert_home_unchanged(&before);
    }
}

#[test]
fn a_sensitive_permission_is_granted_by_name_alone() {
    let world = trusted();
    let before = world.home();
    for options in ["", "--yes", "--yes --grant fs.read"] {
        let refused = world.client(&format!("install lab/beacon {options}")).code(6);
        assert!(stderr(&refused).contains("--grant network"), "{}", stderr(&refused));
        world.assert_home_unchanged(&before);
    }
    world.client("install lab/beacon --grant network").code(0);
}

#[test]
fn what_was_changed_after_installing_is_found() {
    let world = trusted();
    world.client("install lab/amber").code(0);
    let main = world.path("home/plugins/lab/amber/src/main.py").canonicalize().unwrap();
    let writable = std::os::unix::fs::PermissionsExt::from_mode(0o644);
    std::fs::set_permissions(&main, writable).unwrap();
    crate::world::write(&main, b"print(\"something else\")\n");
    let found = world.client("verify").code(1);
    assert!(stdout(&found).contains("src/main.py"), "{}", stdout(&found));
}

#[test]
fn an_update_brings_what_came_after() {
    let world = trusted();
    world.client("install lab/amber").code(0);
    world.publish(Plugin::new("amber", "1.1.0"));
    world.release();
    world.client("install lab/amber@^1.1").code(0).stdout_eq("installed lab/amber 1.1.0\n");
    let main = world.read("home/plugins/lab/amber/src/main.py");
    assert_eq!(main, b"print(\"lab/amber 1.1.0\")\n");
}

#[test]
fn many_packages_are_unpacked_side_by_side() {
    let world = World::new();
    let names = ["a-one", "b-two", "c-three", "d-four", "e-five", "f-six", "g-seven", "h-eight"];
    for name in names {
        world.propose(Plugin::new(name, "1.0.0"));
    }
    let all = Plugin::new("all-of-them", "1.0.0");
    world.publish(names.into_iter().fold(all, |all, name| all.needs(name, "^1")));
    world.release();
    for number in 0..8 {
        let home = world.path(format!("home-{number}"));
        let run = |command: &str| {
            world.command("libral", command).env("LIBRAL_HOME", &home).assert().code(0);
        };
        run("registry add demo public --root public/metadata/1.root.json");
        run("install lab/all-of-them");
        run("verify");
    }
}

#[test]
fn over_https_only_a_certificate_that_this_computer_trusts_is_taken() {
    let world = World::new();
    world.publish(Plugin::new("amber", "1.0.0"));
    world.release();
    let Some(nginx) = Nginx::secure(&world) else { return };
    let add = format!("registry add demo {} --root public/metadata/1.root.json", nginx.url());
    world.client("registry list").code(0);
    let before = world.home();
    world.command("libral", &add).assert().code(4);
    world.assert_home_unchanged(&before);
    let authority = world.path("tls/ca.pem");
    world.command("libral", &add).env("SSL_CERT_FILE", &authority).assert().code(0);
    let install = world.command("libral", "install lab/amber");
    install.env("SSL_CERT_FILE", &authority).assert().code(0);
    world.client("verify").code(0);
}
