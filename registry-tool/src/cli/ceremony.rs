//! The command `registry-tool key ceremony`.

use std::path::PathBuf;

use index_schema::layout::IndexPath;
use index_schema::limits;
use index_schema::tuf::BinCount;
use libral::file::read_file;

use super::{CommandResult, Context, Outcome, print};
use crate::intake::put;
use crate::release::Lifetimes;
use crate::release::ceremony::{Plan, ceremony};

/// Make the keys of the registry's roles, and the first root and targets metadata.
///
/// The root and targets keys belong on machines that are switched off; the online keys belong to
/// the job that releases. The metadata are put into the work tree of the index.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The index repository.
    #[arg(long, value_name = "DIR")]
    index: PathBuf,
    /// Where to put the keys of root and targets.
    #[arg(long, value_name = "DIR")]
    root_keys: PathBuf,
    /// Where to put the keys of index, bins, snapshot and timestamp.
    #[arg(long, value_name = "DIR")]
    online_keys: PathBuf,
    /// Among how many bins plugins are spread: a power of two from 1 to 16384. 16 suit 1,000
    /// plugins, 1024 suit 100,000.
    #[arg(long, default_value = "16", value_parser = bin_count)]
    bins: BinCount,
    /// How many root keys to make.
    #[arg(long, value_name = "N", default_value_t = 1)]
    keys: u32,
    /// How many root keys have to sign.
    #[arg(long, value_name = "N", default_value_t = 1)]
    threshold: u32,
}

fn bin_count(text: &str) -> Result<BinCount, String> {
    let count = text.parse().map_err(|error| format!("{error}"))?;
    BinCount::new(count).map_err(|error| error.to_string())
}

pub(super) fn run(args: &Args, context: &Context) -> CommandResult {
    let record_path = args.index.join(IndexPath::Registry(1).to_string());
    let record = read_file(&record_path, limits::PUBLISHER + limits::SIGNATURES)
        .map_err(|error| format!("cannot read `{}`: {error}", record_path.display()))?;
    let plan = Plan {
        record: &record,
        bins: args.bins,
        root_keys: args.keys,
        root_threshold: args.threshold,
        lifetimes: Lifetimes::default(),
        now: context.now,
    };
    let made = ceremony(&args.root_keys, &args.online_keys, &plan)?;
    let (root, targets) = (IndexPath::Root(1), IndexPath::Targets(1));
    put(&args.index, &root, &made.root)?;
    put(&args.index, &targets, &made.targets)?;
    let digest = index_schema::digest::Sha256Digest::of(&made.root);
    print(&format!("{root}\n{targets}\nroot sha256: {digest}\n"))?;
    context.say("next: commit both files, and keep the root keys away from this machine")?;
    Ok(Outcome::Done)
}
