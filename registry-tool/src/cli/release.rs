//! The command `registry-tool release`.

use std::path::PathBuf;

use libral::source::http::{Settings, Web};
use libral::source::location::Location;

use super::{CommandResult, Context, Outcome, keys, print};
use crate::release::{After, Previous, Released, Signing, first_root, release};
use crate::role_keys::KeySource;
use crate::trust::Lifetimes;
use crate::trust::show::days;

/// From how many days on before they expire the offline metadata are warned about.
const SOON: i64 = 60;

/// Sign what `build` wrote, so that clients accept it as current.
///
/// The state that was released before is verified as a client would verify it, and only what
/// changed is signed again. Nothing is released that a client could not follow from there.
#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag that a person gives or not")]
pub(super) struct Args {
    /// The folder that `build` wrote.
    #[arg(long, value_name = "PUBLIC")]
    public: PathBuf,
    /// The keys of index, bins, snapshot and timestamp.
    #[arg(long, value_name = "DIR|env:NAME|exec:COMMAND")]
    online_keys: KeySource,
    /// Where the last release is published: a folder or a URL. It may be PUBLIC itself.
    #[arg(long, value_name = "DIR|URL", required_unless_present = "first")]
    previous: Option<Location>,
    /// There is no release before this one.
    #[arg(long, conflicts_with = "previous")]
    first: bool,
    /// The index repository, to look for the last release further back than `build` lists commits.
    #[arg(long, value_name = "DIR")]
    index: Option<PathBuf>,
    /// The online keys were stolen, and the root and targets metadata name others now: what the
    /// thief listed binds nobody, and versions that he counted up start again.
    #[arg(long, requires = "previous")]
    recover: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args, context: &Context) -> CommandResult {
    let keys = keys::open(&args.online_keys)?;
    let lifetimes = Lifetimes::default();
    let signing = Signing { keys: &keys, lifetimes: &lifetimes, now: context.now };
    let source = match &args.previous {
        Some(location) => Some(location.open(&Web::new(Settings::default())?)?),
        None => None,
    };
    let released = match &source {
        None => release(&args.public, After::Nothing, &signing)?,
        Some(source) => {
            let root = first_root(&args.public)?;
            let previous = Previous::load(&root, source.as_ref())?;
            let after = match args.recover {
                true => After::Theft(&previous),
                false => After::State(&previous, args.index.as_deref()),
            };
            release(&args.public, after, &signing)?
        }
    };
    show(&released, args.json, context)
}

pub(super) fn show(released: &Released, as_json: bool, context: &Context) -> CommandResult {
    let offline = [("root", released.root_expires), ("targets", released.targets_expires)];
    if as_json {
        let left = offline.map(|(role, expires)| {
            serde_json::json!({ "role": role, "expires": expires, "days_left": days(context.now, expires) })
        });
        let value = serde_json::json!({
            "schema": "registry-tool.release/1",
            "timestamp": released.timestamp.get(),
            "snapshot": released.snapshot.get(),
            "signed": released.signed,
            "offline": left,
        });
        print(&format!("{value:#}\n"))?;
    } else {
        print(&format!(
            "timestamp {}, snapshot {}: {} files signed\n",
            released.timestamp.get(),
            released.snapshot.get(),
            released.signed.len()
        ))?;
    }
    for (role, expires) in offline {
        let left = days(context.now, expires);
        if left < SOON {
            context.say(&format!(
                "warning: the {role} metadata expire at {expires}, {left} days from now\n\
                 hint: registry-tool trust draft {role}"
            ))?;
        }
    }
    Ok(Outcome::Done)
}
