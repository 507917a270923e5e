//! Publishers whose keys the registry's maintainers have replaced.

use index_schema::id::PublisherId;

use super::context::Context;
use super::report::{CliError, CommandError};
use super::text::one_line;
use crate::believe::HandedOver;
use crate::index::Index;

/// Whom to follow.
#[derive(Debug, clap::Args)]
pub(super) struct HandoverArgs {
    /// Go on with the keys that the registry's maintainers gave to this publisher, without the
    /// signature of the keys that you know. Ask the publisher first; --yes never does that.
    #[arg(long, value_name = "PUBLISHER")]
    accept_handover: Vec<PublisherId>,
}

impl HandoverArgs {
    /// Agrees to what the command line agrees to.
    pub(super) fn apply(&self, index: &Index<'_>) {
        for publisher in &self.accept_handover {
            index.accept_handovers(publisher, u64::MAX);
        }
    }
}

/// Shows a hand-over and asks whether to go on.
pub(super) fn agree(
    index: &Index<'_>,
    notice: &HandedOver,
    context: &Context,
) -> Result<(), CommandError> {
    let HandedOver { publisher, accepted, reason, .. } = notice;
    context.warn(&format!(
        "on {accepted}, the registry's maintainers gave the publisher `{publisher}` other keys, \
         without the signature of those that you know"
    ))?;
    for key in &notice.old {
        context.say(&format!("  until then {key}"))?;
    }
    for key in &notice.new {
        context.say(&format!("  since then {key}"))?;
    }
    context.say(&format!("  they say: {}", one_line(reason)))?;
    if !context.ask("Ask the publisher by another way. Go on with the new keys?")? {
        return Err(CliError::Declined.into());
    }
    index.accept_handovers(publisher, notice.serial);
    Ok(())
}
