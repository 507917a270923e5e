//! Sinks: parts of things that count by what is put into them, such as the inside of a page.

use super::{Analysis, FileId, Kind};
use crate::scan::facts::{Expr, ExprId, Facts, Span, Store};
use crate::scan::value::{Arguments, Value, Values};

impl Analysis {
    /// Looks at the assignments of a file.
    pub(super) fn judge_stores(&mut self, file: FileId, facts: &Facts) {
        for Store { base, key, value } in &facts.stores {
            let keys = self.evaluate(file, *key);
            if self.names_sink(&keys) {
                let bases = self.evaluate(file, *base);
                let values = self.evaluate(file, *value);
                self.judge_put((file, facts.span(*key)), &bases, &keys, &values);
            }
        }
    }

    /// Looks at what is put into parts of something.
    pub(super) fn judge_put(
        &mut self,
        at: (FileId, Span),
        bases: &Values,
        keys: &Values,
        values: &Values,
    ) {
        if self.is_collecting || !self.names_sink(keys) {
            return;
        }
        let given = Arguments::plain(vec![values.clone()]);
        for key in keys.iter() {
            if let Value::Text(name, _) = key {
                self.judge_sink(at, bases, name, &given);
            }
        }
    }

    /// Looks at the call of a part of something.
    pub(super) fn judge_method(&mut self, file: FileId, callee: ExprId, arguments: &[ExprId]) {
        if self.is_collecting {
            return;
        }
        let facts = self.facts(file);
        let Expr::Attribute(base, name) = facts.expr(callee) else { return };
        let name = facts.name(name);
        if self.symbols.is_sink(name) {
            let bases = self.evaluate(file, base);
            let arguments = self.arguments(file, arguments);
            self.judge_sink((file, facts.span(callee)), &bases, name, &arguments);
        }
    }

    fn names_sink(&self, keys: &Values) -> bool {
        keys.iter().any(|key| matches!(key, Value::Text(name, _) if self.symbols.is_sink(name)))
    }

    fn judge_sink(&mut self, at: (FileId, Span), bases: &Values, name: &str, given: &Arguments) {
        for base in bases.iter() {
            let base = match base {
                Value::Symbol(symbol) => Some(*symbol),
                Value::Unknown => None,
                // The plugin's own.
                _ => continue,
            };
            for rule in self.symbols.sink_rules(base, name) {
                if !rule.when.iter().all(|condition| self.holds(condition, given)) {
                    continue;
                }
                let scope = rule.scope.as_ref().and_then(|source| self.scope(source, given));
                let named = base.filter(|base| !self.symbols.has_call(*base));
                let of = named.map_or_else(|| "…".to_owned(), |base| self.symbols.text(base));
                let (rule, symbol) = (rule.id.clone(), format!("{of}.{name}"));
                self.record(at.0, at.1, Kind::Rule { rule, symbol, scope, is_near: false });
            }
        }
    }
}
