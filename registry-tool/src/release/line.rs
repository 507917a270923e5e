//! A release continues the main line: the commit that was released before is still on it.

use std::path::Path;

use index_schema::catalog::{BuildList, State};
use index_schema::time::Timestamp;

use super::ReleaseError;
use crate::history::History;

/// How far a clock may be wrong, in seconds.
const TOLERANCE: i64 = 5 * 60;

/// Refuses a state of a time that is still to come.
pub(super) fn check_time(
    which: &'static str,
    state: &State,
    now: Timestamp,
) -> Result<(), ReleaseError> {
    if state.accepted <= now.plus(TOLERANCE) {
        return Ok(());
    }
    Err(ReleaseError::Future { which, accepted: state.accepted })
}

/// Refuses a build whose line does not hold the commit of the state before.
///
/// `list` names the newest commits; with a clone of the index, all are looked through.
pub(super) fn check_line(
    before: &State,
    (state, list): (&State, &BuildList),
    index: Option<&Path>,
) -> Result<(), ReleaseError> {
    if before.registry != state.registry {
        let (before, now) = (before.registry.to_string(), state.registry.to_string());
        return Err(ReleaseError::OtherRegistry { before, now });
    }
    let rewritten =
        |whole_line| ReleaseError::Rewritten { commit: before.commit.clone(), whole_line };
    if before.accepted > state.accepted {
        let (before, now) = (before.accepted, state.accepted);
        return Err(ReleaseError::Earlier { before, now });
    }
    if list.line.contains(&before.commit) {
        return Ok(());
    }
    let is_whole = list.line.len() < crate::compile::LINE;
    let Some(index) = index.filter(|_| !is_whole) else { return Err(rewritten(is_whole)) };
    let history = History::read(index, &state.commit)?;
    let is_there = history.line().iter().any(|commit| commit.id.to_string() == before.commit);
    if is_there { Ok(()) } else { Err(rewritten(true)) }
}
