//! Lines and columns of places in files.

use std::collections::BTreeMap;

use index_schema::json::Span as Range;

use crate::finding::{Finding, Place};
use crate::scan::examine::PackageFile;
use crate::scan::facts::Span;

/// The lines of files.
pub(super) struct Lines<'f> {
    files: BTreeMap<&'f str, &'f [u8]>,
    starts: BTreeMap<String, Vec<usize>>,
}

impl<'f> Lines<'f> {
    pub(super) fn new(files: &'f [PackageFile]) -> Self {
        let files = files.iter().map(|file| (file.path.as_str(), file.bytes.as_slice())).collect();
        Self { files, starts: BTreeMap::new() }
    }

    /// Returns line and column, from 1; the column counts characters.
    pub(super) fn place(&mut self, path: &str, span: Span) -> (usize, usize) {
        let Some(bytes) = self.files.get(path).copied() else { return (1, 1) };
        let starts = self.starts.entry(path.to_owned()).or_insert_with(|| {
            let newlines = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
            std::iter::once(0).chain(newlines.map(|(at, _)| at + 1)).collect()
        });
        let at = usize::try_from(span.start).unwrap_or(usize::MAX).min(bytes.len());
        let line = starts.partition_point(|start| *start <= at);
        let start = line.checked_sub(1).and_then(|line| starts.get(line)).copied().unwrap_or(0);
        let before = String::from_utf8_lossy(bytes.get(start..at).unwrap_or_default());
        (line, before.chars().count() + 1)
    }

    /// Points a finding at a place of its file.
    pub(super) fn point(&mut self, finding: Finding, span: Span) -> Finding {
        let (line, column) = self.place(&finding.path, span);
        let offset = |at: u32| usize::try_from(at).unwrap_or(usize::MAX);
        let span = Range { start: offset(span.start), end: offset(span.end) };
        finding.placed(Place { line, column, span })
    }
}
