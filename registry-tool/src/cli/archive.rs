//! The command `registry-tool archive verify`.

use std::path::PathBuf;

use index_schema::archive::Archive;
use index_schema::digest::Sha256Digest;
use index_schema::id::PluginName;
use index_schema::limits;
use index_schema::version::Version;
use libral::file::read_file;

use super::{CommandResult, Outcome, print};
use crate::finding::Verdict;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    Verify(VerifyArgs),
}

/// Check that an archive follows the profile plugin-tar/1 in every byte.
#[derive(Debug, clap::Args)]
#[command(disable_version_flag = true)]
pub(super) struct VerifyArgs {
    /// The archive.
    file: PathBuf,
    /// The plugin's name that its top folder has to have.
    #[arg(long, requires = "version")]
    name: Option<PluginName>,
    /// The version that its top folder has to have.
    #[arg(long, requires = "name")]
    version: Option<Version>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(command: &Command) -> CommandResult {
    let Command::Verify(args) = command;
    let bytes = read_file(&args.file, limits::ARCHIVE.saturating_add(1))
        .map_err(|error| format!("cannot read `{}`: {error}", args.file.display()))?;
    let decoded = match (&args.name, &args.version) {
        (Some(name), Some(version)) => Archive::decode(&bytes, name, version),
        _ => Archive::decode_any(&bytes),
    };
    let archive = match decoded {
        Ok(archive) => archive,
        Err(error) if args.json => {
            let finding = serde_json::json!({ "code": error.code(), "message": error.to_string() });
            let value = serde_json::json!({
                "schema": "registry-tool.archive-verify/1", "verdict": "refused", "findings": [finding],
            });
            print(&format!("{value:#}\n"))?;
            return Ok(Outcome::Judged(Verdict::Refused));
        }
        Err(error) => {
            print(&format!("error[{}]: {error}\n  --> {}\n", error.code(), args.file.display()))?;
            return Ok(Outcome::Judged(Verdict::Refused));
        }
    };
    let facts = serde_json::json!({
        "schema": "registry-tool.archive-verify/1",
        "verdict": "accepted",
        "findings": [],
        "name": archive.name(),
        "version": archive.version(),
        "sha256": Sha256Digest::of(&bytes),
        "size": bytes.len(),
        "tar_sha256": archive.tar_sha256(),
        "unpacked": archive.unpacked(),
        "entries": archive.entry_count(),
    });
    if args.json {
        print(&format!("{facts:#}\n"))?;
    } else {
        print(&format!(
            "{}: plugin-tar/1\nsha256      {}\nsize        {}\ntar_sha256  {}\nunpacked    {}\nentries     {}\n",
            archive.top_folder(),
            Sha256Digest::of(&bytes),
            bytes.len(),
            archive.tar_sha256(),
            archive.unpacked(),
            archive.entry_count(),
        ))?;
    }
    Ok(Outcome::Done)
}
