//! Parts of symbols that rules judge by names and keys.

use std::rc::Rc;

use super::{ITEM, SymbolId, Symbols};
use crate::scan::rules::Rule;

impl Symbols {
    /// Returns what a part of anything is by its name alone.
    pub fn part(&self, name: &str) -> Option<SymbolId> {
        self.parts.get(name).copied().map(SymbolId)
    }

    /// Tells whether a symbol is a part that is known by its name alone.
    pub fn is_part(&self, symbol: SymbolId) -> bool {
        self.parts.values().any(|part| *part == symbol.0)
    }

    /// Returns the rules that judge items of a symbol by their keys.
    pub fn item_rules(&self, symbol: SymbolId) -> Vec<Rc<Rule>> {
        let Some(name) = self.name_numbers.get(ITEM) else { return Vec::new() };
        let item = self.children.get(&(symbol.0, *name)).copied().map(SymbolId);
        let Some(item) = item.filter(|item| self.node(*item).has_own_rules) else {
            return Vec::new();
        };
        let rules = self.rules(self.coverage(item));
        rules.filter(|rule| !rule.when.is_empty()).cloned().collect()
    }
}
