//! Records: their pairs, those of records that are spread in them, and what is put in later.

use std::rc::Rc;

use super::container::MOST_ITEMS;
use super::{Analysis, Owner};
use crate::scan::facts::{Expr, ExprId, List};
use crate::scan::value::{FileId, Origin, Union, Value, Values, only};

impl Analysis {
    /// Returns a record; a copy of a sensitive module is as good as the module.
    pub(super) fn copied_record(&mut self, file: FileId, id: ExprId, members: &[ExprId]) -> Values {
        let mut union = Union::default();
        union.add(Value::Container(file, id));
        let facts = self.facts(file);
        for member in members {
            let Expr::Spread(inner) = facts.expr(*member) else { continue };
            let copied = self.evaluate(file, inner);
            let is_module = |value: &&Value| matches!(value, Value::Symbol(symbol) if self.symbols.is_namespace(*symbol) || self.symbols.is_part(*symbol));
            copied.iter().filter(is_module).for_each(|value| union.add(value.clone()));
        }
        union.finish()
    }

    pub(super) fn stored(&self, file: FileId, id: ExprId) -> Vec<(Values, Values)> {
        self.parts.get(&Owner::Container(file, id)).cloned().unwrap_or_default()
    }

    /// Returns the pairs of a record.
    pub(super) fn pairs(&mut self, value: &Value) -> Option<Vec<(Values, Values)>> {
        match value {
            Value::Record(pairs) => Some(pairs.to_vec()),
            Value::Container(file, id) => {
                let (file, id) = (*file, *id);
                let facts = self.facts(file);
                let Expr::Record(list) = facts.expr(id) else { return None };
                if let Some(known) = self.records.get(&(file, id)) {
                    return Some(known.to_vec());
                }
                if self.fuel == 0 || self.opened.contains(&(file, id)) {
                    return Some(Vec::new());
                }
                let (mut pairs, low) = (Vec::new(), self.low);
                self.add_pairs((file, id), list, &mut vec![(file, id)], &mut pairs);
                if pairs.len() > MOST_ITEMS {
                    // Constants, however many, hide nothing else.
                    pairs.sort_by_key(|(_, values)| values.iter().all(is_constant));
                    pairs.truncate(MOST_ITEMS);
                }
                if self.is_settled(low) {
                    self.records.insert((file, id), pairs.clone().into());
                }
                self.spend(pairs.len());
                Some(pairs)
            }
            _ => None,
        }
    }

    /// Adds the pairs of a record to those of the record that it is spread in. Records can be made
    /// of each other in many ways: each is gone through once.
    fn add_pairs(
        &mut self,
        (file, id): (FileId, ExprId),
        list: List,
        seen: &mut Vec<(FileId, ExprId)>,
        pairs: &mut Vec<(Values, Values)>,
    ) {
        self.opened.push((file, id));
        let facts = self.facts(file);
        for member in facts.list(list) {
            match facts.expr(*member) {
                Expr::Pair(key, value) => {
                    let keys = self.evaluate(file, key);
                    pairs.push((keys, self.evaluate(file, value)));
                }
                Expr::Spread(inner) => {
                    let values = self.evaluate(file, inner);
                    for value in values.iter() {
                        self.add_spread(value, seen, pairs);
                    }
                }
                _ => {}
            }
        }
        pairs.extend(self.stored(file, id));
        self.opened.pop();
    }

    fn add_spread(
        &mut self,
        value: &Value,
        seen: &mut Vec<(FileId, ExprId)>,
        pairs: &mut Vec<(Values, Values)>,
    ) {
        let numbered =
            |(number, item): (i64, &Values)| (only(Value::Integer(number)), Rc::clone(item));
        match value {
            Value::Container(file, id) => {
                let (file, id) = (*file, *id);
                let known = self.records.get(&(file, id)).cloned();
                if let (Some(known), false) = (&known, seen.contains(&(file, id))) {
                    pairs.extend(known.iter().cloned());
                } else if let Expr::Record(list) = self.facts(file).expr(id)
                    && !seen.contains(&(file, id))
                    && pairs.len() < MOST_ITEMS
                    && self.depth < super::MOST_DEPTH
                {
                    seen.push((file, id));
                    self.depth += 1;
                    self.add_pairs((file, id), list, seen, pairs);
                    self.depth -= 1;
                }
            }
            Value::Items(items) if self.language.has_tables => {
                pairs.extend((1..).zip(items.iter()).map(numbered));
            }
            _ => pairs.extend(self.enter_pairs(value)),
        }
    }

    /// Returns what was put into something under a name, each with its key.
    pub(super) fn parts_of(&mut self, owner: Owner, name: &str) -> Vec<(Values, Values)> {
        let Some(parts) = self.parts.get(&owner) else { return Vec::new() };
        let fits = |keys: &Values| {
            keys.iter().any(|key| match key {
                Value::Text(text, _) => &**text == name,
                Value::Namespace(_) => true,
                _ => false,
            })
        };
        let found = parts.iter().filter(|(keys, _)| fits(keys));
        let mut found: Vec<_> =
            found.map(|(keys, values)| (Rc::clone(values), Rc::clone(keys))).collect();
        let key = Value::Text(name.into(), Origin::PLAIN);
        for (values, keys) in &mut found {
            if let [Value::Namespace(copied)] = &**keys {
                let copied = Rc::clone(copied);
                *values = self.copied_item(&copied, &key);
            }
        }
        found
    }

    pub(super) fn enter_pairs(&mut self, value: &Value) -> Vec<(Values, Values)> {
        if self.depth >= super::MOST_DEPTH {
            return Vec::new();
        }
        self.depth += 1;
        let pairs = self.pairs(value).unwrap_or_default();
        self.depth -= 1;
        pairs
    }
}

fn is_constant(value: &Value) -> bool {
    matches!(value, Value::Text(..) | Value::Bytes(..) | Value::Integer(_) | Value::Word(_))
}
