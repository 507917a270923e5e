//! Code in texts, analysed like a file of its own that sees the names around it.

use std::rc::Rc;

use super::{Analysis, Kind};
use crate::scan::facts::ExprId;
use crate::scan::frontend::SourceFile;
use crate::scan::value::{FileId, HOLE, Values};

/// How deep code may be nested in code.
const MOST_NESTED: u8 = 3;

/// The most characters of code in one text that are read.
const MOST_CODE: usize = 1 << 20;

/// What is shorter counts for nothing in all: words are code, too.
const SMALL_CODE: usize = 4096;

/// The same of all texts together.
pub(super) const MOST_CODE_IN_ALL: usize = 4 << 20;

impl Analysis {
    /// Reads code and returns the value of its last expression.
    pub(super) fn nested(&mut self, code: &str) -> Values {
        let (file, id) = self.here;
        let nesting = self.file(file).nesting.saturating_add(1);
        if code.len() > MOST_CODE || nesting > MOST_NESTED {
            self.note(Kind::Exhausted);
            return Rc::clone(&self.unknown);
        }
        let known = self.codes.get(&(file, code.into())).copied();
        let nested = match known {
            Some(nested) => nested,
            None => {
                let nested = self.read(code, file, id, nesting);
                self.codes.insert((file, code.into()), nested);
                nested
            }
        };
        let Some(nested) = nested else { return Rc::clone(&self.unknown) };
        let count = self.facts(nested).exprs.len();
        let Some(last) = count.checked_sub(1).and_then(|last| u32::try_from(last).ok()) else {
            return Rc::clone(&self.unknown);
        };
        self.outside(|analysis| analysis.evaluate(nested, ExprId(last)))
    }

    fn read(&mut self, code: &str, outer: FileId, at: ExprId, nesting: u8) -> Option<FileId> {
        // What is not known stands for some name.
        let code = code.replace(HOLE, "_");
        let path = self.file(outer).path.clone();
        let attempts = [code.clone(), code.trim().to_owned(), format!("if 1:\n{code}")];
        let span = self.facts(outer).span(at);
        for attempt in attempts {
            if crate::scan::gates::structure(self.language.name, attempt.as_bytes()).is_err() {
                self.note(Kind::Exhausted);
                return None;
            }
            let source = SourceFile { path: &path, bytes: attempt.as_bytes() };
            if let Ok(facts) = self.frontend.lower(&source) {
                let cost = if attempt.len() > SMALL_CODE { attempt.len() } else { 0 };
                let Some(left) = self.code_left.checked_sub(cost) else {
                    self.note(Kind::Exhausted);
                    return None;
                };
                self.code_left = left;
                self.spend(facts.exprs.len().saturating_mul(4));
                return Some(self.add_file(&path, facts, Some((outer, span)), nesting));
            }
        }
        None
    }
}
