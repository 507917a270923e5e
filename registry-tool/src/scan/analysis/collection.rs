//! What functions of a language do with containers: make them, take parts, put parts in.

use std::rc::Rc;

use super::Analysis;
use crate::scan::language::Intrinsic;
use crate::scan::value::{Arguments, Origin, Union, Value, Values, only, text};

/// The most pairs of a record that is put together.
const MOST_PAIRS: usize = 1024;

/// The most numbers that `range` gives.
const MOST_RANGE: i64 = 4096;

impl Analysis {
    pub(super) fn run_on_container(
        &mut self,
        intrinsic: Intrinsic,
        first: &Values,
        arguments: &Arguments,
    ) -> Values {
        let second = arguments.get(1).cloned().unwrap_or_else(|| Rc::clone(&self.nothing));
        match intrinsic {
            Intrinsic::SomeItems => self.some_items(first, &second),
            Intrinsic::Flat => self.flat(first),
            Intrinsic::ToItems => match self.sequence_of(first) {
                Some(items) => only(Value::Items(items.into())),
                None => self.any_list(first),
            },
            // As many as that.
            Intrinsic::Items
                if arguments.plain.len() == 1 && matches!(&**first, [Value::Integer(_)]) =>
            {
                only(Value::Items(Rc::new([Rc::clone(&self.unknown)])))
            }
            Intrinsic::Items => only(Value::Items(Rc::clone(&arguments.plain))),
            Intrinsic::ToRecord => self.record_of(arguments),
            Intrinsic::Zip => self.zip(arguments),
            Intrinsic::Keys => self.columns(first, |key, _| key),
            Intrinsic::Values => self.columns(first, |_, value| value),
            Intrinsic::Entries => self.entries(first),
            Intrinsic::AnyItem => {
                let mut union = Union::default();
                union.extend(&self.any_items(first));
                for other in arguments.plain.iter().skip(1) {
                    union.extend(other);
                }
                union.finish()
            }
            Intrinsic::Range => range(arguments, &self.unknown),
            Intrinsic::Append => {
                self.put(first, &Rc::clone(&self.unknown), &second);
                Rc::clone(&self.unknown)
            }
            Intrinsic::Extend => self.extend(first, arguments),
            Intrinsic::SetItem => {
                let third = arguments.get(2).cloned().unwrap_or_else(|| Rc::clone(&self.nothing));
                self.put(first, &second, &third);
                let bases = Rc::clone(first);
                self.each(&bases, |analysis, base| match base {
                    Value::Symbol(_) => analysis.named_parts(base, &second),
                    _ => Rc::clone(&analysis.unknown),
                });
                Rc::clone(&self.unknown)
            }
            _ => self.item_of(first, &second, arguments),
        }
    }

    /// `get`, `pop`, `__getitem__`: the item, or what is given in its place.
    fn item_of(&mut self, first: &Values, second: &Values, arguments: &Arguments) -> Values {
        if second.is_empty() {
            return self.any_items(first);
        }
        let mut union = Union::default();
        let found = self.index(first, second);
        union.extend(&found);
        if let Some(default) = arguments.get(2) {
            union.extend(default);
        }
        union.finish()
    }

    fn any_list(&mut self, values: &Values) -> Values {
        let item = self.any_items(values);
        only(Value::Items(Rc::new([item])))
    }

    /// All items as they stand, and any item in any place.
    fn some_items(&mut self, first: &Values, chosen: &Values) -> Values {
        let is_all = |value: &Value| matches!(value, Value::Symbol(symbol) if self.symbols.last(*symbol) == "Boolean");
        let keeps_order = chosen.iter().any(is_all);
        let Some(items) = self.sequence_of(first) else { return self.any_list(first) };
        let any = self.any_items(first);
        let mut union = Union::default();
        let several = items.len() > 1;
        union.add(Value::Items(items.into()));
        if several && !keeps_order {
            union.add(Value::Items(Rc::new([any])));
        }
        union.finish()
    }

    fn flat(&mut self, first: &Values) -> Values {
        let Some(items) = self.sequence_of(first) else { return self.any_list(first) };
        let mut flat = Vec::with_capacity(items.len());
        for item in items {
            let is_list = matches!(&*item, [Value::Items(_) | Value::Container(..)]);
            match self.sequence_of(&item).filter(|_| is_list) {
                Some(inner) => flat.extend(inner),
                None => flat.push(item),
            }
        }
        only(Value::Items(flat.into()))
    }

    fn columns(&mut self, values: &Values, pick: fn(Values, Values) -> Values) -> Values {
        self.each(values, |analysis, value| match analysis.pairs(value) {
            Some(pairs) => {
                let column = pairs.into_iter().map(|(key, value)| pick(key, value));
                only(Value::Items(column.collect()))
            }
            None => analysis.any_list(&only(value.clone())),
        })
    }

    fn entries(&mut self, values: &Values) -> Values {
        self.each(values, |analysis, value| {
            if let Some(pairs) = analysis.pairs(value) {
                let pair =
                    |(key, value): (Values, Values)| only(Value::Items(Rc::new([key, value])));
                return only(Value::Items(pairs.into_iter().map(pair).collect()));
            }
            // `enumerate`: numbers and items.
            let items = analysis.sequence(value);
            let items = items.unwrap_or_else(|| vec![analysis.any_item(value)]);
            let pair = |(number, item): (i64, Values)| {
                only(Value::Items(Rc::new([only(Value::Integer(number)), item])))
            };
            only(Value::Items(
                (i64::from(analysis.language.has_tables)..).zip(items).map(pair).collect(),
            ))
        })
    }

    fn record_of(&mut self, arguments: &Arguments) -> Values {
        let mut pairs = Vec::new();
        for values in arguments.plain.iter() {
            for value in values.iter() {
                if let Some(found) = self.pairs(value) {
                    pairs.extend(found);
                } else {
                    for item in self.sequence(value).unwrap_or_default() {
                        let (zero, one) = (only(Value::Integer(0)), only(Value::Integer(1)));
                        pairs.push((self.index(&item, &zero), self.index(&item, &one)));
                    }
                }
            }
        }
        let named = arguments.named.iter();
        pairs.extend(
            named.map(|(name, values)| (only(text(name, Origin::PLAIN)), Rc::clone(values))),
        );
        pairs.truncate(MOST_PAIRS);
        // A dictionary made of the names of a module still has them.
        let mut union = Union::default();
        let given = arguments.plain.iter().flat_map(|values| values.iter());
        let has_names = |value: &&Value| match value {
            Value::Namespace(_) => true,
            Value::Symbol(symbol) => self.symbols.is_part(*symbol),
            _ => false,
        };
        given.filter(has_names).for_each(|value| union.add(value.clone()));
        union.add(Value::Record(pairs.into()));
        union.finish()
    }

    fn zip(&mut self, arguments: &Arguments) -> Values {
        let columns: Option<Vec<_>> =
            arguments.plain.iter().map(|list| self.sequence_of(list)).collect();
        let Some(columns) = columns else {
            let cells = arguments.plain.iter().map(|list| self.any_items(list)).collect();
            return only(Value::Items(Rc::new([only(Value::Items(cells))])));
        };
        let rows = columns.iter().map(Vec::len).min().unwrap_or(0);
        let row = |row: usize| {
            let cells = columns.iter().filter_map(|column| column.get(row).cloned());
            only(Value::Items(cells.collect()))
        };
        only(Value::Items((0..rows).map(row).collect()))
    }

    pub(super) fn extend(&mut self, first: &Values, arguments: &Arguments) -> Values {
        for value in arguments.plain.iter().skip(1).flat_map(|values| values.iter()) {
            if let Value::Namespace(names) = value {
                self.note_unresolved(names);
            }
        }
        let more = self.record_of(&arguments.skip(1));
        for value in more.iter() {
            let Value::Record(pairs) = value else { continue };
            for (keys, values) in pairs.iter() {
                self.put(first, keys, values);
            }
        }
        for list in arguments.plain.iter().skip(1) {
            for item in self.sequence_of(list).unwrap_or_default() {
                let key = Rc::clone(&self.unknown);
                self.put(first, &key, &item);
            }
        }
        Rc::clone(&self.unknown)
    }
}

fn range(arguments: &Arguments, unknown: &Values) -> Values {
    let number = |position: usize| match arguments.get(position).map(|values| &**values) {
        Some([Value::Integer(number)]) => Some(*number),
        _ => None,
    };
    let (start, stop) = match (number(0), number(1)) {
        (Some(stop), None) if arguments.plain.len() == 1 => (0, stop),
        (Some(start), Some(stop)) => (start, stop),
        _ => return Rc::clone(unknown),
    };
    let step = if arguments.plain.len() > 2 { number(2).unwrap_or(0) } else { 1 };
    if step == 0 || stop.abs_diff(start) > MOST_RANGE.unsigned_abs() {
        return Rc::clone(unknown);
    }
    let mut items = Vec::new();
    let mut at = start;
    while if step > 0 { at < stop } else { at > stop } {
        items.push(only(Value::Integer(at)));
        at = at.saturating_add(step);
    }
    only(Value::Items(items.into()))
}
