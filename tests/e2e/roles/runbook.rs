//! The maintainer's runbook, run from its first command to its last.

use index_schema::time::DAY;

use crate::world::{Plugin, World, copy, words};

/// The runbook's chapters: their headings, and the commands in their blocks.
fn chapters() -> Vec<(String, Vec<String>)> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../registry-tool/RUNBOOK.md");
    let text = std::fs::read_to_string(path).unwrap().replace("\\\n", " ");
    let (mut chapters, mut inside) = (Vec::<(String, Vec<String>)>::new(), false);
    for line in text.lines() {
        if line.starts_with("```") {
            inside = line == "```sh";
        } else if let Some(heading) = line.strip_prefix("## ") {
            chapters.push((heading.to_owned(), Vec::new()));
        } else if inside {
            chapters.last_mut().unwrap().1.push(line.to_owned());
        }
    }
    chapters
}

fn run(world: &World, command: &str) {
    let (program, rest) = command.split_once(' ').unwrap();
    match program {
        "registry-tool" => drop(world.tool(rest).code(0)),
        "git" => {
            let in_index = rest.strip_prefix("-C index ").unwrap();
            drop(world.git(in_index));
            world.later(60);
        }
        "mv" | "cp" => {
            let [from, to] = words(rest).try_into().unwrap();
            if program == "mv" {
                std::fs::rename(world.path(from), world.path(to)).unwrap();
            } else {
                std::fs::copy(world.path(from), world.path(to)).unwrap();
            }
        }
        other => panic!("the runbook has a command of `{other}`"),
    }
}

/// What happens to the registry before a chapter is needed.
fn before(world: &World, chapter: &str) {
    match chapter {
        "Every day" => {
            world.publish(Plugin::new("amber", "1.0.0"));
            world.later(5 * DAY);
        }
        "Every year" => {
            world.later(320 * DAY);
            world.tool("refresh --public public --online-keys keys/online").code(0);
        }
        "The online keys are stolen" => {
            let thief = world.thief();
            thief.role("index", |_| {});
            thief.snapshot(|snapshot| snapshot["version"] = ((1_u64 << 53) - 2).into());
            thief.timestamp(|timestamp| timestamp["version"] = ((1_u64 << 53) - 1).into());
        }
        _ => {}
    }
}

/// What a client does after a chapter: one that was there all the time, and a new one.
fn after(world: &World, chapter: &str) {
    if chapter == "Every day" {
        // Archives come from the mirror, which the runbook leaves to the job.
        let archive = world.path("dist/amber-1.0.0.tar.gz");
        let digest = index_schema::digest::Sha256Digest::of(&world.read("dist/amber-1.0.0.tar.gz"));
        let place = format!("public/{}", index_schema::layout::archive(&digest));
        copy(&archive, &world.path(place));
    }
    if !world.path("home/trust").exists() {
        world.trust();
    }
    world.client("refresh").code(0);
    if chapter == "The ceremony" {
        return;
    }
    world.client("install lab/amber").code(0);
    let newcomer = format!("newcomer-{}", world.now());
    let newcomer = |command: &str| {
        let command = world.command("libral", command);
        command.env("LIBRAL_HOME", world.path(&newcomer)).assert().code(0);
    };
    newcomer("registry add demo public --root public/metadata/1.root.json");
    newcomer("install lab/amber");
}

#[test]
fn the_commands_of_the_runbook_do_what_it_says_in_its_order() {
    let world =
        World::empty_at(index_schema::time::Timestamp::parse("2026-06-01T12:00:00Z").unwrap());
    let chapters = chapters();
    assert!(chapters.len() > 9, "{chapters:?}");
    for (heading, commands) in chapters {
        before(&world, &heading);
        if heading != "The ceremony" {
            // The client that follows from here on has seen what was before.
            world.client("refresh").code(0);
        }
        for command in commands {
            run(&world, &command);
        }
        after(&world, &heading);
        if heading == "The ceremony" {
            copy(&world.path("keys/ada/maintainer"), &world.path("keys/maintainer"));
            world.join("lab");
        }
    }
}
