//! The command `registry-tool trust show`.

use std::path::{Path, PathBuf};

use index_schema::digest::Sha256Digest;
use index_schema::limits;
use libral::source::http::{Settings, Web};
use libral::source::location::Location;
use libral::tuf::TufError;

use super::super::{CommandError, CommandResult, Context, Outcome, hinted, print};
use crate::release::Previous;
use crate::trust::Trust;
use crate::trust::show::{OnlineLives, Shown};

/// Show which keys sign which role, how many have to, and until when each file is trusted.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// The index repository: what is signed offline.
    #[arg(long, value_name = "DIR", required_unless_present = "public", conflicts_with = "public")]
    index: Option<PathBuf>,
    /// What is published: a folder or a URL. Its first root is taken as it is.
    #[arg(long, value_name = "DIR|URL")]
    public: Option<Location>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(in crate::cli) fn run(args: &Args, context: &Context) -> CommandResult {
    let shown = match (&args.index, &args.public) {
        (_, Some(location)) => of_public(location, context)?,
        (Some(index), None) => of_index(index, context)?,
        (None, None) => return Err("nothing to show".into()),
    };
    if args.json {
        let mut value = serde_json::to_value(&shown)?;
        if let Some(object) = value.as_object_mut() {
            object.insert("schema".to_owned(), "registry-tool.trust-show/1".into());
        }
        print(&format!("{value:#}\n"))?;
    } else {
        print(&shown.text())?;
    }
    Ok(Outcome::Done)
}

fn of_index(index: &Path, context: &Context) -> Result<Shown, CommandError> {
    let trust = Trust::read(index, context.now)?;
    for finding in &trust.void {
        context.say(&format!("void[{}]: {}: {}", finding.code, finding.path, finding.message))?;
    }
    let (Some(root), Some(first)) = (trust.root()?, trust.roots.get(&1)) else {
        let hint = "`registry-tool key ceremony` makes the first one";
        return Err(hinted("the index has no root yet", hint));
    };
    let targets = trust.newest_targets()?;
    let bodies = (root.metadata(), targets.as_ref().map(|targets| &targets.body));
    Ok(Shown::new(Sha256Digest::of(first), bodies, OnlineLives::default(), context.now))
}

fn of_public(location: &Location, context: &Context) -> Result<Shown, CommandError> {
    let source = location.open(&Web::new(Settings::default())?)?;
    let first = "metadata/1.root.json";
    let missing = || TufError::Content(first.to_owned());
    let first = source.get(first, limits::TUF_UNANNOUNCED)?.ok_or_else(missing)?;
    let previous = Previous::load(&first, source.as_ref())?;
    let bodies = (previous.root(), Some(previous.targets()));
    Ok(Shown::new(Sha256Digest::of(&first), bodies, previous.lives(), context.now))
}
