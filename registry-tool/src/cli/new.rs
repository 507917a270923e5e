//! The command `registry-tool new`.

use std::path::PathBuf;

use index_schema::id::{PluginId, RegistryId};
use index_schema::manifest::RuntimeKind;

use super::{CommandResult, Context, Outcome, print};
use crate::scaffold::scaffold;

/// Start a plugin: a folder with everything that `pack` wants.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The plugin's id, such as `lab/word-count`.
    id: PluginId,
    /// The folder to make.
    dir: PathBuf,
    /// What runs the plugin: python, javascript, wasm, native or data.
    #[arg(long, value_name = "KIND", default_value = "python", value_parser = kind)]
    runtime: RuntimeKind,
    /// The registry that it is for.
    #[arg(long, value_name = "ID", default_value = "libral")]
    registry: RegistryId,
}

fn kind(word: &str) -> Result<RuntimeKind, String> {
    let known: Vec<&str> = RuntimeKind::ALL.iter().map(|kind| kind.as_str()).collect();
    RuntimeKind::parse(word).ok_or_else(|| format!("expected one of: {}", known.join(", ")))
}

pub(super) fn run(args: &Args, context: &Context) -> CommandResult {
    let files = scaffold(&args.dir, &args.id, &args.registry, args.runtime)?;
    for file in files {
        print(&format!("{}\n", args.dir.join(file).display()))?;
    }
    context.say(&format!(
        "next: edit plugin.json, then `registry-tool pack {} --out dist`",
        args.dir.display()
    ))?;
    Ok(Outcome::Done)
}
