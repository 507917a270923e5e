//! Parts that are known by their names alone, such as the variables of a call that is going on:
//! their items are judged by the keys that are asked for.

use super::{Analysis, FileId, Kind};
use crate::scan::facts::{Facts, Span};
use crate::scan::symbols::{ITEM, SymbolId};
use crate::scan::value::{Arguments, Value, Values, only};

impl Analysis {
    /// Returns a part of something that is not the plugin's own, if its name tells what it is.
    pub(super) fn known_part(&self, value: &Value, name: &str) -> Option<Values> {
        match value {
            Value::Unknown | Value::Symbol(_) => {
                self.symbols.part(name).map(|part| only(Value::Symbol(part)))
            }
            _ => None,
        }
    }

    /// Judges an item of a symbol by its keys, if rules do so. Nothing more is known of it.
    pub(super) fn judged_item(&mut self, symbol: SymbolId, keys: &Values) -> Option<Values> {
        if !self.symbols.is_part(symbol) {
            return None;
        }
        let (file, id) = self.here;
        let span = self.file(file).facts.span(id);
        let keys = Arguments::plain(vec![keys.clone()]);
        self.judge_item((file, span), symbol, &keys);
        Some(self.unknown.clone())
    }

    /// Looks at assignments to items that rules judge: whatever the key is.
    pub(super) fn judge_item_stores(&mut self, file: FileId, facts: &Facts) {
        for store in &facts.stores {
            let bases = self.evaluate(file, store.base);
            for base in bases.iter() {
                if let Value::Symbol(symbol) = base
                    && self.symbols.is_part(*symbol)
                {
                    let none = Arguments::plain(Vec::new());
                    self.judge_item((file, facts.span(store.key)), *symbol, &none);
                }
            }
        }
    }

    /// A part that a format takes from what it shows can be followed by any item.
    pub(super) fn note_formatted(&mut self, name: &str) {
        if let Some(symbol) = self.symbols.part(name) {
            let (file, id) = self.here;
            let span = self.file(file).facts.span(id);
            self.judge_item((file, span), symbol, &Arguments::plain(Vec::new()));
        }
    }

    fn judge_item(&mut self, at: (FileId, Span), symbol: SymbolId, key: &Arguments) {
        if self.is_collecting {
            return;
        }
        for rule in self.symbols.item_rules(symbol) {
            if rule.when.iter().all(|condition| self.holds(condition, key)) {
                let symbol = format!("{}{ITEM}", self.symbols.text(symbol));
                let rule = rule.id.clone();
                self.record(at.0, at.1, Kind::Rule { rule, symbol, scope: None, is_near: false });
            }
        }
    }
}
