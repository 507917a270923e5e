//! The command `registry-tool key ceremony`.

use std::path::{Path, PathBuf};

use index_schema::digest::Sha256Digest;
use index_schema::layout::IndexPath;
use index_schema::tuf::{BinCount, Key};
use libral::file::{Mode, write_file};

use super::{CommandError, CommandResult, Context, Outcome, hinted, print};
use crate::intake::put;
use crate::role_keys::{RoleKeyError, read_public};
use crate::trust::ceremony::{Ceremony, Elsewhere, Online, Plan, ceremony};
use crate::trust::{Lifetimes, Trust};

/// Make the keys of the registry's roles, and the first root and targets metadata.
///
/// The root and targets keys belong on machines that are switched off; the online keys belong to
/// the job that releases. The metadata are put into the work tree of the index.
///
/// Keys that others have made (`trust key`) are named by their public halves. The metadata then
/// leave as drafts, for their holders to sign (`trust sign`), and come back with `trust adopt`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The index repository.
    #[arg(long, value_name = "DIR")]
    index: PathBuf,
    /// Where to put the keys of root and targets that are made here.
    #[arg(long, value_name = "DIR", required_unless_present_all = ["root_key", "targets_key"])]
    root_keys: Option<PathBuf>,
    /// Where to put the keys of index, bins, snapshot and timestamp.
    #[arg(long, value_name = "DIR", required_unless_present = "index_key")]
    online_keys: Option<PathBuf>,
    /// Among how many bins plugins are spread: a power of two from 1 to 16384. 16 suit 1,000
    /// plugins, 1024 suit 100,000.
    #[arg(long, default_value = "16", value_parser = bin_count)]
    bins: BinCount,
    /// How many root keys to make here [default: 1, or 0 with --root-key].
    #[arg(long, value_name = "N")]
    keys: Option<u32>,
    /// How many root keys have to sign.
    #[arg(long, value_name = "N", default_value_t = 1)]
    threshold: u32,
    #[command(flatten)]
    elsewhere: ElsewhereArgs,
    /// Where to put drafts that others have to sign.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// The public halves of keys that were made elsewhere.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Keys made elsewhere")]
struct ElsewhereArgs {
    /// A root key, beside those that are made here.
    #[arg(long, value_name = "FILE.pub", requires = "out")]
    root_key: Vec<PathBuf>,
    /// The key of the targets role.
    #[arg(long, value_name = "FILE.pub", requires = "out")]
    targets_key: Option<PathBuf>,
    /// The key of the role `index`.
    #[arg(long, value_name = "FILE.pub", conflicts_with = "online_keys", requires_all = ["bins_key", "snapshot_key", "timestamp_key"])]
    index_key: Option<PathBuf>,
    /// The key of all bins.
    #[arg(long, value_name = "FILE.pub", requires = "index_key")]
    bins_key: Option<PathBuf>,
    /// The key of the snapshot.
    #[arg(long, value_name = "FILE.pub", requires = "index_key")]
    snapshot_key: Option<PathBuf>,
    /// The key of the timestamp.
    #[arg(long, value_name = "FILE.pub", requires = "index_key")]
    timestamp_key: Option<PathBuf>,
}

pub(super) fn bin_count(text: &str) -> Result<BinCount, String> {
    let count = text.parse().map_err(|error| format!("{error}"))?;
    BinCount::new(count).map_err(|error| error.to_string())
}

impl ElsewhereArgs {
    fn read(&self) -> Result<Elsewhere, RoleKeyError> {
        let key = |path: &Option<PathBuf>| path.as_deref().map(read_public).transpose();
        let root = self.root_key.iter().map(|path| read_public(path));
        let online = match (
            key(&self.index_key)?,
            key(&self.bins_key)?,
            key(&self.snapshot_key)?,
            key(&self.timestamp_key)?,
        ) {
            (Some(index), Some(bins), Some(snapshot), Some(timestamp)) => {
                Some(Online { index, bins, snapshot, timestamp })
            }
            _ => None,
        };
        let root: Vec<Key> = root.collect::<Result<_, _>>()?;
        Ok(Elsewhere { root, targets: key(&self.targets_key)?, online })
    }
}

pub(super) fn run(args: &Args, context: &Context) -> CommandResult {
    let trust = Trust::read(&args.index, context.now)?;
    let elsewhere = args.elsewhere.read()?;
    let here = u32::from(elsewhere.root.is_empty());
    let plan = Plan {
        bins: args.bins,
        root_keys: args.keys.unwrap_or(here),
        root_threshold: args.threshold,
        elsewhere: &elsewhere,
        lifetimes: Lifetimes::default(),
        now: context.now,
    };
    let needs_folder = plan.root_keys > 0 || elsewhere.targets.is_none();
    if needs_folder && args.root_keys.is_none() {
        return Err(hinted("keys are to be made here, but --root-keys is missing", ROOT_KEYS));
    }
    let folder = |path: &Option<PathBuf>| path.clone().unwrap_or_default();
    let folders = (folder(&args.root_keys), folder(&args.online_keys));
    let made = ceremony(&trust, (&folders.0, &folders.1), &plan)?;
    match &args.out {
        Some(out) if !made.is_signed => hand_out(&made, out, context),
        _ if made.is_signed => keep(&made, &args.index, context),
        _ => Err(hinted("the metadata lack signatures, but --out is missing", OUT)),
    }
}

const ROOT_KEYS: &str = "name a folder, or give --targets-key and all root keys with --root-key";
const OUT: &str = "--out DIR takes the drafts that others have to sign";

fn keep(made: &Ceremony, index: &Path, context: &Context) -> CommandResult {
    let (root, targets) = (IndexPath::Root(1), IndexPath::Targets(1));
    put(index, &root, &made.root)?;
    put(index, &targets, &made.targets)?;
    let digest = Sha256Digest::of(&made.root);
    print(&format!("{root}\n{targets}\nroot sha256: {digest}\n"))?;
    context.say("next: commit both files, and keep the root keys away from this machine")?;
    Ok(Outcome::Done)
}

fn hand_out(made: &Ceremony, out: &Path, context: &Context) -> CommandResult {
    for (name, bytes) in [("1.root.json", &made.root), ("1.targets.json", &made.targets)] {
        let path = out.join(name);
        write_new(&path, bytes)?;
        print(&format!("{}\n", path.display()))?;
    }
    context.say(
        "next: `trust sign` by each holder of a key, then `trust adopt`: first the root, then the targets",
    )?;
    Ok(Outcome::Done)
}

/// Writes a draft, unless something lies there.
pub(super) fn write_new(path: &Path, bytes: &[u8]) -> Result<(), CommandError> {
    if path.exists() {
        let message = format!("`{}` is there already", path.display());
        return Err(hinted(message, "choose another place"));
    }
    write_file(path, bytes, Mode::Public)
        .map_err(|error| format!("cannot write `{}`: {error}", path.display()).into())
}
