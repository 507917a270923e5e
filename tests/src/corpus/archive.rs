//! Small real archives: a readme, a licence, a program that does little, and some data.

use index_schema::archive::{self, ArchiveError};
use index_schema::digest::Sha256Digest;
use index_schema::manifest::{Artifact, Platform, RuntimeKind};
use index_schema::path::PackagePath;

use super::document::list;
use super::history::Release;
use super::plan::{Event, Plan, Plugin};
use super::prose::capital;
use super::random::{Random, wide};
use super::release::{archive_url, entry};

/// Makes the archive of a release for a platform; returns it with what a manifest says of it.
pub(crate) fn packed(
    plan: &Plan,
    event: Event,
    (plugin, release): (&Plugin, &Release),
    platform: &Platform,
    kind: RuntimeKind,
) -> Result<(Artifact, Vec<u8>), ArchiveError> {
    let mut random = plan.random(platform.as_str(), event);
    let name = &plugin.id.name;
    let bytes = archive::encode(name, &release.version, files(plan, plugin, kind, &mut random))?;
    let read = archive::Archive::decode(&bytes, name, &release.version)?;
    let artifact = Artifact {
        platform: platform.clone(),
        urls: list([archive_url(plugin, release, platform)]),
        sha256: Sha256Digest::of(&bytes),
        size: wide(bytes.len()),
        tar_sha256: read.tar_sha256(),
        unpacked: read.unpacked(),
        entries: wide(read.entry_count()),
    };
    Ok((artifact, bytes))
}

fn files(
    plan: &Plan,
    plugin: &Plugin,
    kind: RuntimeKind,
    random: &mut Random,
) -> Vec<archive::File> {
    let mut prose = |lines: u64| -> String {
        let lines = (0..lines).map(|_| plan.model.prose.line(8, 160, random) + ".\n");
        lines.collect()
    };
    let readme = format!("# {}\n\n{}", capital(plugin.id.name.as_str()), prose(6));
    let license = format!("{} permits everybody to use this.\n", plugin.id.publisher);
    let data = prose(20);
    let program = program(kind, &data);
    let text = [("README.md", readme), ("LICENSE", license), ("data/words.txt", data)];
    let text = text.into_iter().map(|(path, text)| (path, text.into_bytes(), false));
    let program = entry(kind).map(|path| (path, program, kind == RuntimeKind::Native));
    let all = text.chain(program);
    all.map(|(path, contents, executable)| archive::File {
        path: PackagePath::parse(path).expect("these are plain paths"),
        executable,
        contents,
    })
    .collect()
}

/// A program that runs and is different from release to release.
fn program(kind: RuntimeKind, data: &str) -> Vec<u8> {
    let words: Vec<&str> = data.split_whitespace().take(12).collect();
    let words = words.join(" ").replace(|c: char| !c.is_ascii_alphanumeric(), " ");
    match kind {
        RuntimeKind::Python => {
            format!("WORDS = \"{words}\"\n\n\ndef main(text):\n    return [w for w in WORDS.split() if w in text]\n")
                .into_bytes()
        }
        RuntimeKind::Javascript => {
            format!("const words = \"{words}\";\n\nexport const main = (text) =>\n  words.split(\" \").filter((word) => text.includes(word));\n")
                .into_bytes()
        }
        // The empty module, and nothing that a loader would take for a program.
        RuntimeKind::Wasm => b"\0asm\x01\0\0\0".to_vec(),
        RuntimeKind::Native => format!("#!/bin/sh\necho '{words}'\n").into_bytes(),
        RuntimeKind::Data => Vec::new(),
    }
}
