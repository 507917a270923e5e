//! The command `registry-tool explain`.

use super::{CommandResult, Outcome, hinted, print};
use crate::rules::table;

/// Explain the code of a finding; without one, list them all.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The code, such as `version/not-increasing`.
    code: Option<String>,
}

pub(super) fn run(args: &Args) -> CommandResult {
    let Some(code) = &args.code else {
        for entry in table::TABLE {
            print(&format!("{:<30} {:<8} {}\n", entry.code, entry.level.as_str(), entry.summary))?;
        }
        return Ok(Outcome::Done);
    };
    let Some(entry) = table::find(code) else {
        let near = table::nearest(code);
        return Err(hinted(
            format!("there is no code `{code}`"),
            format!("did you mean `{near}`?"),
        ));
    };
    print(&format!("{} ({})\n\n{}\n", entry.code, entry.level.as_str(), entry.summary))?;
    if !entry.remedy.is_empty() {
        print(&format!("\nhint: {}\n", entry.remedy))?;
    }
    Ok(Outcome::Done)
}
