//! Front-ends: one for each language, each of which turns one file into [`Facts`].
//!
//! A front-end knows the grammar of its language and nothing of what is dangerous. To add one:
//!
//! 1. `frontend/<language>.rs` with a type that implements [`Frontend`], and a line in [`ALL`];
//! 2. `language/<language>.rs` with its table: global names, what its functions do to constants,
//!    where its modules are found;
//! 3. `rules/<language>.json` with its symbols and their cases, and a line in `rules.rs`.

pub mod javascript;
pub mod lua;
pub mod python;
pub mod wasm;

use super::facts::{Facts, Span};
use super::language::Language;

/// Every front-end.
pub static ALL: [&dyn Frontend; 4] =
    [&python::Python, &javascript::JavaScript, &lua::Lua, &wasm::Wasm];

/// A file that went through the gates.
#[derive(Debug, Clone, Copy)]
pub struct SourceFile<'f> {
    /// Where it stands in the archive.
    pub path: &'f str,
    /// What is in it.
    pub bytes: &'f [u8],
}

impl<'f> SourceFile<'f> {
    /// Returns the text, without a byte order mark.
    pub fn text(&self) -> Result<&'f str, Unparsable> {
        let text = std::str::from_utf8(self.bytes).map_err(|error| Unparsable {
            message: "the file is not UTF-8".to_owned(),
            span: Span::new(offset(error.valid_up_to()), offset(error.valid_up_to())),
        })?;
        Ok(text)
    }
}

/// Returns an offset in a file, which the gates keep small.
pub fn offset(position: usize) -> u32 {
    u32::try_from(position).unwrap_or(u32::MAX)
}

/// Why a file could not be read as what it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Unparsable {
    /// What the parser says.
    pub message: String,
    /// Where.
    pub span: Span,
}

/// The reading of one language.
pub trait Frontend: Sync {
    /// Returns the table of the language.
    fn language(&self) -> &'static Language;

    /// Reads a file.
    fn lower(&self, file: &SourceFile<'_>) -> Result<Facts, Unparsable>;
}

impl std::fmt::Debug for dyn Frontend {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.language().name)
    }
}

/// Returns the front-end of a language.
pub fn find(language: &str) -> Option<&'static dyn Frontend> {
    ALL.into_iter().find(|frontend| frontend.language().name == language)
}
