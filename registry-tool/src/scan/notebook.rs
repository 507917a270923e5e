//! Notebooks: the Python in the cells of a Jupyter document, and where each line of it stands.

use serde_json::Value;

use super::facts::{Facts, Span};

/// The code of a notebook.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Notebook {
    /// Its Python, one cell after the other.
    pub code: String,
    /// Where lines start: in the code, and in the document.
    lines: Vec<(u32, u32)>,
    /// Commands for the system, or in another language.
    pub commands: Vec<Span>,
}

/// Cells of these magics hold Python.
const PYTHON_CELLS: [&str; 5] = ["time", "timeit", "capture", "prun", "python3"];
/// Magics that run something else.
const COMMANDS: [&str; 9] = ["sx", "system", "pip", "conda", "mamba", "run", "load", "uv", "alias"];

/// Reads a notebook; nothing if it is none.
pub fn read(bytes: &[u8]) -> Option<Notebook> {
    let document: Value = serde_json::from_slice(bytes).ok()?;
    let sheets = document.get("worksheets").and_then(Value::as_array).map(Vec::as_slice);
    let sheets = sheets.unwrap_or_default().iter().chain([&document]);
    let cells = sheets.filter_map(|sheet| sheet.get("cells")?.as_array()).flatten();
    let is_python = language(&document).is_none_or(|name| name.contains("python"));
    let (mut notebook, mut at) = (Notebook::default(), 0);
    for cell in cells.filter(|cell| cell.get("cell_type").is_some_and(|kind| kind == "code")) {
        let source = cell.get("source").or_else(|| cell.get("input"));
        let lines: Vec<String> = match source {
            Some(Value::String(text)) => text.lines().map(str::to_owned).collect(),
            Some(Value::Array(lines)) => lines
                .iter()
                .filter_map(Value::as_str)
                .collect::<String>()
                .lines()
                .map(str::to_owned)
                .collect(),
            _ => continue,
        };
        let mut is_code = is_python;
        for line in &lines {
            at = find(bytes, line, at);
            is_code = notebook.add(line, at, is_code);
        }
    }
    Some(notebook)
}

fn language(document: &Value) -> Option<&str> {
    let metadata = document.get("metadata")?;
    let info = metadata.get("language_info").and_then(|info| info.get("name"));
    info.or_else(|| metadata.get("kernelspec")?.get("language")).and_then(Value::as_str)
}

/// Finds a line in the document, as JSON writes it, from a place on.
fn find(bytes: &[u8], line: &str, from: usize) -> usize {
    let written = serde_json::to_string(line).unwrap_or_default();
    let written = written.trim_matches('"').as_bytes();
    let rest = bytes.get(from..).unwrap_or_default();
    let found = rest.windows(written.len().max(1)).position(|window| window == written);
    found.filter(|_| !written.is_empty()).map_or(from, |found| from + found)
}

impl Notebook {
    /// Adds a line of a cell, and says whether the next one is Python.
    fn add(&mut self, line: &str, at: usize, is_code: bool) -> bool {
        let place = u32::try_from(at).unwrap_or(u32::MAX);
        let whole = Span::new(place, place.saturating_add(u32::try_from(line.len()).unwrap_or(0)));
        let start = u32::try_from(self.code.len()).unwrap_or(u32::MAX);
        self.lines.push((start, place));
        let inside = line.trim_start();
        let indent = line.get(..line.len() - inside.len()).unwrap_or_default();
        let magic = inside.trim_start_matches('%').split_whitespace().next().unwrap_or_default();
        let mut goes_on = is_code;
        if !is_code {
            if !inside.is_empty() && self.commands.last().is_none_or(|last| last.end < place) {
                self.commands.push(whole);
            }
            self.code.push('\n');
        } else if inside.starts_with("%%") {
            goes_on = PYTHON_CELLS.contains(&magic);
            self.code.push('\n');
        } else if inside.starts_with(['!', '%', '?']) || assigns_command(inside) {
            if inside.starts_with('!') || COMMANDS.contains(&magic) || assigns_command(inside) {
                self.commands.push(whole);
            }
            self.code.extend([indent, "pass\n"]);
        } else {
            self.code.extend([line, "\n"]);
        }
        goes_on
    }

    /// Returns where in the document something of the code stands.
    pub fn place(&self, span: Span) -> Span {
        Span::new(self.offset(span.start), self.offset(span.end))
    }

    fn offset(&self, at: u32) -> u32 {
        let next = self.lines.partition_point(|(start, _)| *start <= at);
        let line = next.checked_sub(1).and_then(|line| self.lines.get(line));
        line.map_or(0, |(start, place)| place.saturating_add(at - start))
    }

    /// Moves facts of the code to where they stand in the document. The order stays what it is.
    pub fn moved(&self, mut facts: Facts) -> Facts {
        let spans = facts.spans.iter_mut().chain(&mut facts.dead).chain(&mut facts.blocks);
        spans.for_each(|span| *span = self.place(*span));
        facts.bindings.iter_mut().for_each(|binding| binding.at = self.offset(binding.at));
        facts.notes.iter_mut().for_each(|note| note.span = self.place(note.span));
        facts
    }
}

/// Tells whether a line is `name = !command`.
fn assigns_command(line: &str) -> bool {
    line.split_once('=').is_some_and(|(name, rest)| {
        rest.trim_start().starts_with(['!', '%'])
            && !name.is_empty()
            && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | ' ' | ','))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = r##"{"cells": [
        {"cell_type": "markdown", "source": ["# import os"]},
        {"cell_type": "code", "source": ["import os\n", "!ls\n", "print(\"x\")"]},
        {"cell_type": "code", "source": "%%bash\nls"},
        {"cell_type": "code", "source": ["%matplotlib inline\n", "x = 1"]}],
        "metadata": {"language_info": {"name": "python"}}}"##;

    #[test]
    fn the_code_of_a_notebook_stands_where_the_document_has_it() {
        let notebook = read(DOCUMENT.as_bytes()).expect("a notebook");
        assert_eq!(notebook.code, "import os\npass\nprint(\"x\")\n\n\npass\nx = 1\n");
        let at = |text: &str| {
            let start = u32::try_from(notebook.code.find(text).expect("code")).expect("short");
            let span = notebook.place(Span::new(start, start + 5));
            let start = usize::try_from(span.start).expect("short");
            DOCUMENT.get(start..start + 5).expect("inside")
        };
        assert_eq!((at("import"), at("print"), at("x = 1")), ("impor", "print", "x = 1"));
        assert_eq!(notebook.commands.len(), 2);
    }
}
