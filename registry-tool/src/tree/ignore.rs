//! What Git does not look at in a work tree: `.gitignore` in every folder and `.git/info/exclude`.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use gix::bstr::{BStr, ByteSlice as _};
use gix::glob::pattern::Case;
use gix::glob::{Pattern, wildmatch};

use super::TreeError;

/// A file of patterns may be this large.
const SIZE: u64 = 1 << 20;

/// The patterns of the folders entered so far, weakest first.
pub(super) struct Ignored(Vec<Rules>);

struct Rules {
    /// The folder that they speak about, empty for the top.
    folder: String,
    patterns: Vec<Pattern>,
}

impl Ignored {
    /// Starts with what a repository keeps outside its files.
    pub(super) fn of_repository(folder: &Path) -> Result<Self, TreeError> {
        let patterns = read(&folder.join(".git").join("info").join("exclude"))?;
        Ok(Self(vec![Rules { folder: String::new(), patterns }]))
    }

    /// Adds the patterns that a folder holds. Folders are entered in the order of a walk, so those
    /// of folders left behind are dropped.
    pub(super) fn enter(&mut self, folder: &Path, path: &str) -> Result<(), TreeError> {
        let patterns = read(&folder.join(".gitignore"))?;
        self.0.retain(|rules| below(path, &rules.folder).is_some());
        if !patterns.is_empty() {
            self.0.push(Rules { folder: path.to_owned(), patterns });
        }
        Ok(())
    }

    /// Tells whether a path is ignored. The last pattern that fits decides.
    pub(super) fn holds(&self, path: &str, is_folder: bool) -> bool {
        let fitting = self.0.iter().rev().find_map(|rules| {
            let path = below(path, &rules.folder)?;
            rules.patterns.iter().rev().find(|pattern| fits(pattern, path, is_folder))
        });
        fitting.is_some_and(|pattern| !pattern.is_negative())
    }
}

fn fits(pattern: &Pattern, path: &str, is_folder: bool) -> bool {
    let name = path.rfind('/').map(|slash| slash.saturating_add(1));
    pattern.matches_repo_relative_path(
        BStr::new(path),
        name,
        Some(is_folder),
        Case::Sensitive,
        wildmatch::Mode::NO_MATCH_SLASH_LITERAL,
    )
}

/// Returns a path as seen from a folder that it lies in.
fn below<'a>(path: &'a str, folder: &str) -> Option<&'a str> {
    if folder.is_empty() { Some(path) } else { path.strip_prefix(folder)?.strip_prefix('/') }
}

fn read(path: &Path) -> Result<Vec<Pattern>, TreeError> {
    match read_limited(path) {
        Ok(text) => Ok(parse(&text)),
        Err(error) if is_absent(&error) => Ok(Vec::new()),
        Err(source) => Err(TreeError::File { path: path.to_owned(), source }),
    }
}

fn is_absent(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory | io::ErrorKind::IsADirectory
    )
}

fn read_limited(path: &Path) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    File::open(path)?.take(SIZE).read_to_end(&mut text)?;
    Ok(text)
}

fn parse(text: &[u8]) -> Vec<Pattern> {
    let lines = text.lines().map(trimmed).filter(|line| !line.starts_with(b"#"));
    lines.filter_map(gix::glob::parse).collect()
}

/// Drops the spaces at the end of a line, unless a backslash keeps them.
fn trimmed(line: &[u8]) -> &[u8] {
    let end = line.iter().rposition(|byte| *byte != b' ').map_or(0, |last| last.saturating_add(1));
    let kept = line.get(..end).unwrap_or_default();
    if kept.ends_with(b"\\") { line } else { kept }
}
