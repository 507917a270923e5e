//! The client workflow behind the command line of the TUF conformance suite.
//!
//! ```text
//! --metadata-dir DIR init ROOT
//! --metadata-dir DIR --metadata-url URL refresh
//! --metadata-dir DIR --metadata-url URL --target-name T… --target-base-url URL --target-dir DIR download
//! ```
//!
//! Exits 0 when everything was trusted, else 1.

#![expect(clippy::disallowed_methods, reason = "an example reads and writes files as it likes")]
#![expect(clippy::print_stderr, reason = "the suite shows what the client says")]

use std::error::Error;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use index_schema::digest::Sha256Digest;
use index_schema::limits;
use index_schema::time::Timestamp;
use index_schema::tuf::TargetPath;
use libral::source::{Source, SourceError};
use libral::tuf::store::Store;
use libral::tuf::update::{self, Repository};

#[derive(Parser)]
struct Args {
    #[arg(long)]
    metadata_dir: PathBuf,
    #[arg(long, default_value = "")]
    metadata_url: String,
    #[arg(long)]
    target_name: Vec<String>,
    #[arg(long, default_value = "")]
    target_base_url: String,
    #[arg(long, default_value = ".")]
    target_dir: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Trusts a root.
    Init { root: PathBuf },
    /// Updates the metadata.
    Refresh,
    /// Updates the metadata and fetches targets.
    Download,
}

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> Result<(), Box<dyn Error>> {
    let store = Store::new(args.metadata_dir.clone());
    if let Command::Init { root } = &args.command {
        let root = std::fs::read(root)?;
        return Ok(update::begin(&store, &root, Sha256Digest::of(&root))?);
    }
    let now = Timestamp::from_seconds(jiff::Timestamp::now().as_second())?;
    let repository = update::refresh(args, store, now)?;
    if matches!(args.command, Command::Download) {
        args.target_name
            .iter()
            .try_for_each(|name| download(&repository, name, &args.target_dir))?;
    }
    Ok(())
}

/// Fetches a target, unless the folder has it already.
fn download(repository: &Repository<'_>, name: &str, folder: &Path) -> Result<(), Box<dyn Error>> {
    let target = TargetPath::parse(name)?;
    let found = repository.find(&target)?.ok_or_else(|| format!("there is no target `{name}`"))?;
    let path = folder.join(target.as_str());
    if std::fs::read(&path).is_ok_and(|bytes| found.check(&bytes).is_ok()) {
        return Ok(());
    }
    let bytes = repository.fetch(&found, limits::ARCHIVE)?;
    std::fs::create_dir_all(path.parent().unwrap_or(folder))?;
    Ok(std::fs::write(path, bytes)?)
}

/// The two base URLs stand in the place of the folders `metadata` and `targets`.
impl Source for Args {
    fn get(&self, path: &str, limit: usize) -> Result<Option<Vec<u8>>, SourceError> {
        let failed = |source| SourceError::Read { what: path.to_owned(), source };
        let (folder, rest) = path.split_once('/').unwrap_or(("", path));
        let base = if folder == "metadata" { &self.metadata_url } else { &self.target_base_url };
        let response = match ureq::get(format!("{}/{rest}", base.trim_end_matches('/'))).call() {
            Err(ureq::Error::StatusCode(403 | 404)) => return Ok(None),
            other => other.map_err(io::Error::other).map_err(failed)?,
        };
        let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
        let mut bytes = Vec::new();
        response.into_body().into_reader().take(most).read_to_end(&mut bytes).map_err(failed)?;
        if bytes.len() <= limit {
            return Ok(Some(bytes));
        }
        Err(SourceError::TooLarge { what: path.to_owned(), limit })
    }
}
