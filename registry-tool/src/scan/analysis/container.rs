//! Lists and records: what stands in them, what is put into them, what iterating gives.

use std::rc::Rc;

use super::{Analysis, Frame, Owner};
use crate::scan::facts::{Expr, ExprId, Store};
use crate::scan::symbols::{ITEM, SymbolId};
use crate::scan::value::{FileId, Origin, Union, Value, Values, only, text};

/// How many tables may be behind each other.
const MOST_BEHIND: usize = 16;

/// The most items that are gone through one by one.
pub(super) const MOST_ITEMS: usize = 4096;

impl Analysis {
    /// Records that something gets a part.
    pub(super) fn store(&mut self, file: FileId, store: Store) {
        let bases = self.evaluate(file, store.base);
        if bases.iter().all(|base| *base == Value::Unknown) {
            return;
        }
        let keys = self.evaluate(file, store.key);
        let values = self.evaluate(file, store.value);
        self.put(&bases, &keys, &values);
    }

    /// Records parts of values.
    pub(super) fn put(&mut self, bases: &Values, keys: &Values, values: &Values) {
        let has_holes = |key: &Value| matches!(key, Value::Text(_, origin) if origin.has_holes());
        let unseen = Rc::clone(&self.unknown);
        let keys = if keys.iter().any(has_holes) { &unseen } else { keys };
        let is_unknown = values.iter().all(|value| *value == Value::Unknown);
        // A list that gets something nobody knows is not the list that it was.
        let is_named = keys.iter().any(is_text);
        if !is_unknown {
            let (file, id) = self.here;
            let span = self.file(file).facts.span(id);
            self.judge_put((file, span), bases, keys, values);
        }
        for base in bases.iter() {
            if is_unknown && (is_named || !matches!(base, Value::Container(..))) {
                continue;
            }
            let owner = match base {
                Value::Class(file, class) | Value::Instance(file, class) => {
                    Owner::Class(*file, *class)
                }
                Value::Function(file, function, _) => Owner::Function(*file, *function),
                Value::Container(file, id) => Owner::Container(*file, *id),
                Value::Module(file) => Owner::Module(*file),
                Value::Symbol(symbol) if self.is_shared(*symbol, values) => Owner::Global,
                Value::Namespace(inner) => match &**inner {
                    Value::Module(file) => Owner::Module(*file),
                    Value::Class(file, class) | Value::Instance(file, class) => {
                        Owner::Class(*file, *class)
                    }
                    _ => continue,
                },
                _ => continue,
            };
            let parts = self.parts.entry(owner).or_default();
            let part = (Rc::clone(keys), Rc::clone(values));
            if parts.len() < MOST_ITEMS && !parts.contains(&part) {
                parts.push(part);
                // What is in a list shows as a part of something else only where items do.
                let is_shown = !matches!(owner, Owner::Container(..));
                self.puts += u64::from(is_shown || self.language.items_are_attributes);
            }
        }
    }

    /// Tells whether the global object gets something sensitive, for other files to use.
    fn is_shared(&self, base: SymbolId, values: &Values) -> bool {
        let is_sensitive = |value: &Value| match value {
            Value::Symbol(symbol) => {
                *symbol != self.symbols.globals()
                    && (self.symbols.is_covered(*symbol)
                        || self.symbols.is_namespace(*symbol)
                        || self.symbols.intrinsic(*symbol).is_some())
            }
            _ => false,
        };
        base == self.symbols.globals() && values.iter().any(is_sensitive)
    }

    /// Returns the item of a list or record at a key.
    pub(super) fn container_item(&mut self, base: &Value, key: &Value) -> Values {
        if let Some(pairs) = self.pairs(base) {
            self.spend_on_many(pairs.len());
            let mut union = Union::default();
            for (keys, values) in &pairs {
                if union.is_full() {
                    break;
                }
                if let [Value::Namespace(copied)] = &**keys {
                    let copied = Rc::clone(copied);
                    union.extend(&self.copied_item(&copied, key));
                } else if keys.iter().any(|found| is_same_key(found, key)) {
                    union.extend(values);
                }
            }
            if union.is_empty() && self.language.has_tables {
                return self.inherited_item(&pairs, key);
            }
            return if union.is_empty() { Rc::clone(&self.unknown) } else { union.finish() };
        }
        let first = i64::from(self.language.has_tables);
        let index = if let Value::Integer(number) = key { Some(*number - first) } else { None };
        let exact = self.sequence(base);
        if let (Some(items), Some(number)) = (&exact, index)
            && let Some(item) = crate::scan::fold::position(items.len(), number)
                .and_then(|position| items.get(position))
        {
            return Rc::clone(item);
        }
        self.any_item(base)
    }

    /// Returns the part of something that was copied into a record with all its names.
    pub(super) fn copied_item(&mut self, copied: &Value, key: &Value) -> Values {
        match key {
            Value::Text(..) => self.named_parts(copied, &only(key.clone())),
            _ => Rc::new([]),
        }
    }

    /// `setmetatable(table, {__index = …, __call = …})`
    pub(super) fn set_meta_table(
        &mut self,
        tables: &Values,
        rest: &crate::scan::value::Arguments,
    ) -> Values {
        let behind = rest.get(0).cloned().unwrap_or_else(|| Rc::clone(&self.nothing));
        for name in ["__index", "__call"] {
            let key = only(text(name, Origin::PLAIN));
            let values = self.each(&behind, |analysis, table| analysis.item(table, &key));
            self.put(tables, &key, &values);
        }
        Rc::clone(tables)
    }

    /// Returns what a table finds in the table behind its `__index`.
    fn inherited_item(&mut self, pairs: &[(Values, Values)], key: &Value) -> Values {
        let is_index = |key: &Value| matches!(key, Value::Text(text, _) if &**text == "__index");
        let behind = pairs.iter().filter(|(keys, _)| keys.iter().any(is_index));
        let mut union = Union::default();
        for (_, values) in behind {
            for value in values.iter() {
                if self.behind.contains(value) {
                    continue;
                }
                if self.behind.len() >= MOST_BEHIND {
                    union.extend(&self.give_up(self.here.0));
                    continue;
                }
                self.behind.push(value.clone());
                let found = match value {
                    Value::Function(..) => {
                        let object = Rc::clone(&self.unknown);
                        let arguments = vec![object, only(key.clone())];
                        let arguments = crate::scan::value::Arguments::plain(arguments);
                        self.enter(|analysis| analysis.call_later(value, &arguments))
                    }
                    _ => self.enter(|analysis| analysis.item(value, &only(key.clone()))),
                };
                self.behind.pop();
                union.extend(&found);
            }
        }
        if union.is_empty() { Rc::clone(&self.unknown) } else { union.finish() }
    }

    /// Returns the items of a table: what has no name.
    fn numbered(&self, pairs: Vec<(Values, Values)>) -> Vec<Values> {
        let is_numbered =
            |keys: &Values| !self.language.has_tables || keys.iter().any(|key| !is_text(key));
        let chosen = pairs.into_iter().filter(|(keys, _)| is_numbered(keys));
        chosen.map(|(keys, values)| if self.language.has_tables { values } else { keys }).collect()
    }

    /// Tells whether what was just found out holds everywhere: both passes are done with it, no
    /// call is being followed, and no cycle cut it off.
    pub(super) fn is_settled(&self, low: u32) -> bool {
        !self.is_collecting
            && self.frames.is_empty()
            && self.low == low
            && low == u32::MAX
            && self.opened.is_empty()
    }

    /// Returns the items of something that is iterated over, if they are known one by one.
    pub(super) fn sequence(&mut self, value: &Value) -> Option<Vec<Values>> {
        match value {
            Value::Items(items) => Some(items.to_vec()),
            Value::Text(text, origin) if !origin.has_holes() && text.len() <= MOST_ITEMS => {
                let each =
                    |c: char| only(self::text(c.encode_utf8(&mut [0; 4]), origin.computed()));
                Some(text.chars().map(each).collect())
            }
            Value::Bytes(bytes, _) if bytes.len() <= MOST_ITEMS => {
                Some(bytes.iter().map(|byte| only(Value::Integer(i64::from(*byte)))).collect())
            }
            Value::Container(file, id) => {
                let (file, id) = (*file, *id);
                let facts = self.facts(file);
                let Expr::Items(list) = facts.expr(id) else {
                    let pairs = self.pairs(value)?;
                    return Some(self.numbered(pairs));
                };
                let members = facts.list(list);
                if members.len() > MOST_ITEMS {
                    return None;
                }
                if let Some(known) = self.sequences.get(&(file, id)) {
                    return Some(known.to_vec());
                }
                if self.fuel == 0 || self.opened.contains(&(file, id)) {
                    return None;
                }
                self.opened.push((file, id));
                let low = self.low;
                let mut items = Vec::with_capacity(members.len());
                for member in members {
                    if let Expr::Spread(inner) = facts.expr(*member) {
                        let inner = self.evaluate(file, inner);
                        match self.sequence_of(&inner) {
                            Some(inner) => items.extend(inner),
                            None => {
                                self.opened.pop();
                                return None;
                            }
                        }
                    } else {
                        items.push(self.evaluate(file, *member));
                    }
                }
                items.extend(self.stored(file, id).into_iter().map(|(_, values)| values));
                items.truncate(MOST_ITEMS);
                self.opened.pop();
                if self.is_settled(low) {
                    self.sequences.insert((file, id), items.clone().into());
                }
                self.spend(items.len());
                Some(items)
            }
            Value::Record(pairs) => Some(self.numbered(pairs.to_vec())),
            _ => None,
        }
    }

    /// The same for an expression, which has to have one value.
    pub(super) fn sequence_of(&mut self, values: &Values) -> Option<Vec<Values>> {
        let [value] = &**values else { return None };
        if self.depth >= super::MOST_DEPTH {
            return None;
        }
        self.depth += 1;
        let items = self.sequence(value);
        self.depth -= 1;
        items
    }

    /// Returns any item of something that is iterated over.
    pub(super) fn any_item(&mut self, value: &Value) -> Values {
        match value {
            Value::Symbol(symbol) => {
                if *symbol == self.symbols.global("object") {
                    return only(value.clone());
                }
                if self.language.has_tables {
                    self.note_unresolved(value);
                }
                only(Value::Symbol(self.symbols.child(*symbol, ITEM)))
            }
            Value::Namespace(inner) => {
                let inner = Rc::clone(inner);
                self.note_unresolved(&inner);
                Rc::clone(&self.unknown)
            }
            Value::Decoded => only(Value::Decoded),
            Value::OwnPath(up) => only(Value::OwnPath(*up)),
            _ => {
                let mut union = Union::default();
                for item in self.sequence(value).unwrap_or_default() {
                    if union.is_full() {
                        break;
                    }
                    union.extend(&item);
                }
                if union.is_empty() { Rc::clone(&self.unknown) } else { union.finish() }
            }
        }
    }

    /// Returns any item of any of the values.
    pub(super) fn any_items(&mut self, values: &Values) -> Values {
        self.each(values, Self::any_item)
    }

    /// Returns what iterating gives, or what it gives just now.
    pub(super) fn element(&mut self, file: FileId, id: ExprId, iterated: ExprId) -> Values {
        let now = self.frames.iter().rev().find_map(|frame| {
            let mut elements = frame.elements.iter().rev();
            elements
                .find(|(f, e, _)| (*f, *e) == (file, id))
                .map(|(_, _, values)| Rc::clone(values))
        });
        if let Some(now) = now {
            return now;
        }
        let values = self.evaluate(file, iterated);
        self.any_items(&values)
    }

    /// Returns a list of the element for each item, or of the element for any.
    pub(super) fn comprehension(
        &mut self,
        file: FileId,
        element: ExprId,
        sources: &[ExprId],
    ) -> Values {
        let facts = self.facts(file);
        let is_record = matches!(facts.expr(element), Expr::Pair(..));
        let mut items = Vec::new();
        let is_exact = self.frames.len() < super::MOST_FRAMES
            && self.unroll(file, element, sources, &mut items);
        if !is_exact {
            items = vec![self.evaluate(file, element)];
        }
        if is_record {
            let Expr::Pair(key, _) = facts.expr(element) else { return Rc::clone(&self.unknown) };
            let keys = if is_exact { Rc::clone(&self.unknown) } else { self.evaluate(file, key) };
            let pairs: Vec<_> = items.into_iter().map(|item| (Rc::clone(&keys), item)).collect();
            return only(Value::Record(pairs.into()));
        }
        only(Value::Items(items.into()))
    }

    fn unroll(
        &mut self,
        file: FileId,
        element: ExprId,
        sources: &[ExprId],
        items: &mut Vec<Values>,
    ) -> bool {
        let facts = self.facts(file);
        let Some((source, rest)) = sources.split_first() else {
            items.push(self.evaluate(file, element));
            return items.len() <= MOST_ITEMS;
        };
        if matches!(facts.expr(element), Expr::Pair(..)) {
            return false;
        }
        let Expr::Element(iterated) = facts.expr(*source) else { return false };
        let iterated = self.evaluate(file, iterated);
        let Some(sequence) = self.sequence_of(&iterated) else { return false };
        if sequence.iter().any(|item| item.contains(&Value::Unknown)) {
            return false;
        }
        for item in sequence {
            if self.fuel == 0 || self.follow_fuel == 0 {
                return false;
            }
            let given = self.fuel.min(super::CALL_FUEL).min(self.follow_fuel);
            let kept = self.fuel - given;
            self.fuel = given;
            let elements = vec![(file, *source, item)];
            self.frames.push(Frame { elements, ..Frame::default() });
            let goes_on = self.unroll(file, element, rest, items);
            self.frames.pop();
            let is_done = self.fuel > 0;
            self.follow_fuel = self.follow_fuel.saturating_sub(given - self.fuel + 1);
            self.fuel += kept;
            if !goes_on || !is_done {
                return false;
            }
        }
        true
    }
}

fn is_text(key: &Value) -> bool {
    matches!(key, Value::Text(..))
}

/// Tells whether two keys can be the same.
fn is_same_key(found: &Value, wanted: &Value) -> bool {
    match (found, wanted) {
        (Value::Unknown | Value::Decoded, _) | (_, Value::Unknown | Value::Decoded) => true,
        (Value::Text(a, _), Value::Text(b, origin)) => a == b || origin.has_holes(),
        (a, b) => a == b,
    }
}

/// Returns an empty text.
pub(super) fn empty_text() -> Value {
    text("", Origin::PLAIN)
}
