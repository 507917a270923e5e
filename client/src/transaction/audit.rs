//! `audit.jsonl`: one line for each change, for the user alone.
//!
//! ```json
//! {"generation":2,"time":"2026-11-23T14:07:00Z","action":"update","changes":{"lab/amber":
//!  {"from":{"version":"1.0.0","enabled":true,"pinned":false},"to":null}}}
//! ```
//!
//! Only the first word of the command is kept: the others may name files of the user. A line that
//! a crash cut short is removed before the next is added, and no line is added twice.

use std::collections::BTreeMap;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};

use cap_std::fs::{Dir, OpenOptions};
use index_schema::id::PluginId;
use index_schema::limits::MIB;
use index_schema::time::Timestamp;
use index_schema::version::Version;
use serde::{Deserialize, Serialize};

use super::TransactionError;
use crate::generation::{Generation, Installed};
use crate::home::AUDIT;

/// The ceiling of one line.
pub(super) const CEILING: usize = 4 * MIB;

#[derive(Serialize)]
struct Record<'g> {
    generation: u64,
    time: Timestamp,
    action: &'g str,
    changes: BTreeMap<&'g PluginId, Difference<'g>>,
}

#[derive(Serialize)]
struct Difference<'g> {
    from: Option<State<'g>>,
    to: Option<State<'g>>,
}

#[derive(Serialize, PartialEq)]
struct State<'g> {
    version: &'g Version,
    enabled: bool,
    pinned: bool,
}

impl<'g> From<&'g Installed> for State<'g> {
    fn from(plugin: &'g Installed) -> Self {
        Self { version: &plugin.version, enabled: plugin.enabled, pinned: plugin.pinned }
    }
}

/// Describes the change from one generation to the next, as a line without its end.
pub(super) fn record(before: Option<&Generation>, next: &Generation) -> Vec<u8> {
    let nothing = BTreeMap::new();
    let old = before.map_or(&nothing, |generation| &generation.plugins);
    let changes = old.keys().chain(next.plugins.keys()).filter_map(|id| {
        let from = old.get(id).map(State::from);
        let to = next.plugins.get(id).map(State::from);
        (from != to).then_some((id, Difference { from, to }))
    });
    let record = Record {
        generation: next.n,
        time: next.created,
        action: next.reason.first().map_or("", String::as_str),
        changes: changes.collect(),
    };
    // Texts and numbers under text keys always have a JSON form.
    serde_json::to_vec(&record).unwrap_or_default()
}

/// Adds a line, unless the last one is about the same generation.
pub(super) fn append(dir: &Dir, record: &[u8]) -> Result<(), TransactionError> {
    try_append(dir, record)
        .map_err(|source| TransactionError::Io { path: AUDIT.to_owned(), source })
}

fn try_append(dir: &Dir, record: &[u8]) -> io::Result<()> {
    if dir.symlink_metadata(AUDIT).is_ok_and(|metadata| !metadata.is_file()) {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
    }
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true);
    #[cfg(unix)]
    cap_std::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = dir.open_with(AUDIT, &options)?;
    let size = file.metadata()?.len();
    let start = size.saturating_sub(u64::try_from(CEILING).unwrap_or(u64::MAX));
    file.seek(SeekFrom::Start(start))?;
    let mut tail = Vec::new();
    (&mut file).take(size - start).read_to_end(&mut tail)?;
    let whole = tail.iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1);
    let lines = tail.get(..whole).unwrap_or_default();
    if last_generation(lines).is_some_and(|last| generation(record) == Some(last)) {
        return Ok(());
    }
    let end = start.saturating_add(u64::try_from(whole).unwrap_or(u64::MAX));
    file.set_len(end)?;
    file.seek(SeekFrom::Start(end))?;
    file.write_all(&[record, b"\n"].concat())?;
    file.sync_all()
}

fn last_generation(lines: &[u8]) -> Option<u64> {
    lines.strip_suffix(b"\n")?.rsplit(|byte| *byte == b'\n').next().and_then(generation)
}

fn generation(line: &[u8]) -> Option<u64> {
    #[derive(Deserialize)]
    struct Number {
        generation: u64,
    }
    serde_json::from_slice::<Number>(line).ok().map(|number| number.generation)
}
