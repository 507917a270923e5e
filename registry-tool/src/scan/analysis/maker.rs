//! What makes functions of texts, reached in ways that cannot be followed.

use super::{Analysis, Use};
use crate::scan::facts::{ClassId, ExprId};
use crate::scan::language::Intrinsic;
use crate::scan::value::{Arguments, FileId, Value};

impl Analysis {
    /// Something unknown that is given the text of a function, and whose result is called where
    /// it stands, is what makes functions of texts, whatever way it was reached.
    pub(super) fn judge_made_function(
        &mut self,
        file: FileId,
        id: ExprId,
        callee: ExprId,
        list: &[ExprId],
    ) {
        let is_called = matches!(self.file(file).uses.get(id.position()), Some(Use::Called));
        let Some(last) = list.last().filter(|_| is_called && !self.is_collecting) else { return };
        let Some(maker) = self.language.function_maker else { return };
        let bodies = self.evaluate(file, *last);
        let is_body = |value: &Value| matches!(value, Value::Text(text, _) if is_body(text));
        if bodies.iter().any(is_body) {
            let maker = self.symbols.global(maker);
            let arguments = self.arguments(file, list);
            self.judge_call(file, callee, maker, &arguments);
            self.run_intrinsic(Intrinsic::CodeLast, None, &arguments);
        }
    }

    /// To make an object of a class without a constructor calls that of its base.
    pub(super) fn judge_bases(&mut self, file: FileId, class: ClassId, arguments: &Arguments) {
        let facts = self.facts(file);
        let has_bases = facts.classes.get(class.position()).is_some_and(|c| !c.bases.is_empty());
        let Some(maker) = self.language.function_maker.filter(|_| has_bases) else { return };
        if self.is_collecting || self.has_constructor(file, class) {
            return;
        }
        let maker = self.symbols.global(maker);
        let (here, id) = self.here;
        for base in self.bases(file, class).iter() {
            if let Value::Symbol(symbol) = base
                && (*symbol == maker
                    || self.symbols.intrinsic(*symbol) == Some(Intrinsic::CodeLast))
            {
                self.judge_call(here, id, *symbol, arguments);
            }
        }
    }

    fn has_constructor(&mut self, file: FileId, class: ClassId) -> bool {
        let found = self.member(file, class, "constructor", false);
        found.iter().any(|value| matches!(value, Value::Function(..)))
    }
}

/// Tells whether a text starts as the body of a function does that gives something.
fn is_body(text: &str) -> bool {
    let rest = text.trim_start().strip_prefix("return");
    rest.is_some_and(|rest| rest.starts_with([' ', '(', '`', '[', '{', '\'', '"', '/', '\t']))
}
