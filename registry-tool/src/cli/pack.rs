//! The command `registry-tool pack`.

use std::path::PathBuf;

use index_schema::json::pretty;
use libral::file::{Mode, write_file};

use super::{CommandResult, Context, Outcome, print};
use crate::finding::Verdict;
use crate::package::pack;

/// Pack a plugin's folder: the archive, and the manifest to sign.
///
/// Writes DIST/<name>-<version>.tar.gz and DIST/<version>.json. The same files give the same
/// bytes on every machine. Hidden files are left out.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The plugin's folder, which holds plugin.json.
    dir: PathBuf,
    /// Where to write.
    #[arg(long, value_name = "DIST")]
    out: PathBuf,
    /// Where the archive will lie; {name}, {version} and {file} are filled in. Once for each
    /// mirror. Without it: the release downloads of the repository that plugin.json names.
    #[arg(long, value_name = "URL")]
    url: Vec<String>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args, context: &Context) -> CommandResult {
    let package = pack(&args.dir, &args.url)?;
    for finding in &package.findings {
        context.say(&format!(
            "{}[{}]: {}",
            finding.level().as_str(),
            finding.code,
            finding.message
        ))?;
    }
    let verdict = Verdict::of(&package.findings);
    if verdict == Verdict::Refused {
        context.say("hint: the registry would refuse this package; nothing was written")?;
        return Ok(Outcome::Judged(verdict));
    }
    let manifest = &package.manifest;
    let archive = args.out.join(format!("{}-{}.tar.gz", manifest.id.name, manifest.version));
    let document = args.out.join(format!("{}.json", manifest.version));
    let write = |path: &PathBuf, bytes: &[u8]| {
        write_file(path, bytes, Mode::Public)
            .map_err(|error| format!("cannot write `{}`: {error}", path.display()))
    };
    write(&archive, &package.archive)?;
    write(&document, &pretty(manifest))?;
    let artifact = manifest.artifacts.iter().next();
    if args.json {
        let value = serde_json::json!({
            "schema": "registry-tool.pack/1",
            "id": &manifest.id,
            "version": &manifest.version,
            "archive": archive,
            "manifest": document,
            "artifact": artifact,
        });
        print(&format!("{value:#}\n"))?;
        return Ok(Outcome::Done);
    }
    print(&format!("{}\n{}\n", archive.display(), document.display()))?;
    context.say(&format!("next: registry-tool sign {} --key FILE", document.display()))?;
    Ok(Outcome::Done)
}
