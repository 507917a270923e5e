//! The commands `registry-tool trust draft root` and `registry-tool trust draft targets`.

use std::path::{Path, PathBuf};

use index_schema::tuf::{BinCount, Key, KeyId, RoleKeys, Unsigned};

use super::super::ceremony::{bin_count, write_new};
use super::super::{CommandError, CommandResult, Context, Outcome, hinted, print};
use crate::role_keys::{RoleKeyError, read_public};
use crate::trust::difference::describe;
use crate::trust::document::Document;
use crate::trust::draft::{RootChanges, TargetsChanges, file, next_root, next_targets};
use crate::trust::{Lifetimes, Trust};

#[derive(Debug, clap::Subcommand)]
pub(in crate::cli) enum Command {
    Root(RootArgs),
    Targets(TargetsArgs),
}

/// Draft the next root: as the newest, for another year, with what is said here.
///
/// New keys of snapshot or timestamp make clients forget the versions that they have seen: that
/// ends what a thief of the old ones has done.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct RootArgs {
    /// The index repository.
    #[arg(long, value_name = "DIR")]
    index: PathBuf,
    /// Where to write the draft.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// A root key to add.
    #[arg(long, value_name = "FILE.pub")]
    add_root_key: Vec<PathBuf>,
    /// A root key to take away: its public file, or the beginning of its id.
    #[arg(long, value_name = "FILE.pub|ID")]
    remove_root_key: Vec<String>,
    /// How many root keys have to sign from then on.
    #[arg(long, value_name = "N")]
    threshold: Option<u64>,
    /// The keys of targets, instead of those that are there; one has to sign.
    #[arg(long, value_name = "FILE.pub")]
    targets_key: Vec<PathBuf>,
    /// The keys of snapshot, instead of those that are there; one has to sign.
    #[arg(long, value_name = "FILE.pub")]
    snapshot_key: Vec<PathBuf>,
    /// The keys of timestamp, instead of those that are there; one has to sign.
    #[arg(long, value_name = "FILE.pub")]
    timestamp_key: Vec<PathBuf>,
}

/// Draft the next targets metadata: as the newest, for another year, with what is said here.
///
/// The registry records come from the history of the index: all that are committed and count.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct TargetsArgs {
    /// The index repository.
    #[arg(long, value_name = "DIR")]
    index: PathBuf,
    /// Where to write the draft.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Among how many bins plugins are spread: a power of two from 1 to 16384.
    #[arg(long, value_parser = bin_count)]
    bins: Option<BinCount>,
    /// The key of the role `index`, instead of the one that is there.
    #[arg(long, value_name = "FILE.pub")]
    index_key: Option<PathBuf>,
    /// The key of all bins, instead of the one that is there.
    #[arg(long, value_name = "FILE.pub")]
    bins_key: Option<PathBuf>,
    /// The version, if a thief has published those in between.
    #[arg(long, value_name = "N")]
    version: Option<u64>,
}

pub(in crate::cli) fn run(command: &Command, context: &Context) -> CommandResult {
    match command {
        Command::Root(args) => root(args, context),
        Command::Targets(args) => targets(args, context),
    }
}

fn keys(paths: &[PathBuf]) -> Result<Vec<Key>, RoleKeyError> {
    paths.iter().map(|path| read_public(path)).collect()
}

fn root(args: &RootArgs, context: &Context) -> CommandResult {
    let trust = Trust::read(&args.index, context.now)?;
    let known = trust.root()?.map(|root| root.metadata().roles.root.clone());
    let remove = args.remove_root_key.iter().map(|text| identify(text, known.as_ref()));
    let changes = RootChanges {
        add: keys(&args.add_root_key)?,
        remove: remove.collect::<Result<_, _>>()?,
        threshold: args.threshold,
        targets: keys(&args.targets_key)?,
        snapshot: keys(&args.snapshot_key)?,
        timestamp: keys(&args.timestamp_key)?,
    };
    let root = next_root(&trust, &changes, (&Lifetimes::default(), context.now))?;
    write(&args.out, &file(&Unsigned::new(&root)), &trust, context)
}

/// Finds a root key by its file, or by the beginning of its id.
fn identify(text: &str, known: Option<&RoleKeys>) -> Result<KeyId, CommandError> {
    if Path::new(text).exists() {
        return Ok(read_public(Path::new(text))?.id());
    }
    let known = known.into_iter().flat_map(|role| &role.keyids);
    let mut found = known.filter(|id| text.len() >= 8 && id.to_string().starts_with(text));
    match (found.next(), found.next()) {
        (Some(id), None) => Ok(*id),
        _ => {
            let message =
                format!("`{text}` is neither a file nor the beginning of one root key's id");
            Err(hinted(message, "`registry-tool trust show` lists the keys; give 8 digits or more"))
        }
    }
}

fn targets(args: &TargetsArgs, context: &Context) -> CommandResult {
    let trust = Trust::read(&args.index, context.now)?;
    let key = |path: &Option<PathBuf>| path.as_deref().map(read_public).transpose();
    let changes = TargetsChanges {
        bins: args.bins,
        index_key: key(&args.index_key)?,
        bins_key: key(&args.bins_key)?,
        version: args.version,
    };
    let targets = next_targets(&trust, changes, (&Lifetimes::default(), context.now))?;
    write(&args.out, &file(&Unsigned::new(&targets)), &trust, context)
}

fn write(out: &Path, bytes: &[u8], trust: &Trust, context: &Context) -> CommandResult {
    let document = Document::read(bytes)?;
    document.check(trust, context.now)?;
    write_new(out, bytes)?;
    let lines = describe(&document, trust)?;
    print(&format!("{}\n{}\n", lines.join("\n"), out.display()))?;
    context.say("next: `trust sign` by those who have to, then `trust adopt`")?;
    Ok(Outcome::Done)
}
