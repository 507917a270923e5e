//! What functions of a language do, where the analysis follows them: modules, attributes,
//! functions that make functions, and code in texts.

use std::rc::Rc;

use super::{Analysis, Kind};
use crate::scan::facts::Word;
use crate::scan::language::Intrinsic;
use crate::scan::symbols::{RESULT, SymbolId};
use crate::scan::value::{Arguments, Origin, Union, Value, Values, only, text};

impl Analysis {
    pub(super) fn run_intrinsic(
        &mut self,
        intrinsic: Intrinsic,
        symbol: Option<SymbolId>,
        arguments: &Arguments,
    ) -> Values {
        let first = arguments.get(0).cloned().unwrap_or_else(|| Rc::clone(&self.nothing));
        let rest = arguments.skip(1);
        match intrinsic {
            Intrinsic::Import => self.import_by_text(arguments, false),
            Intrinsic::ImportTop => self.import_by_text(arguments, true),
            Intrinsic::Modules | Intrinsic::OwnFile => Rc::clone(&self.unknown),
            Intrinsic::Path | Intrinsic::Folder | Intrinsic::PathObject => {
                self.path(intrinsic, symbol, arguments)
            }
            Intrinsic::Attribute
            | Intrinsic::Descriptor
            | Intrinsic::Define
            | Intrinsic::Namespace
            | Intrinsic::Assign
            | Intrinsic::Unique
            | Intrinsic::UniqueName => self.run_on_object(intrinsic, symbol, &first, arguments),
            Intrinsic::AttributeGetter | Intrinsic::ItemGetter | Intrinsic::MethodCaller => {
                only(Value::Getter(intrinsic, Rc::new(arguments.clone())))
            }
            Intrinsic::Partial
            | Intrinsic::Bind
            | Intrinsic::Call
            | Intrinsic::CallWithThis
            | Intrinsic::Apply
            | Intrinsic::Map
            | Intrinsic::Filter
            | Intrinsic::MapMethod
            | Intrinsic::Reduce
            | Intrinsic::ReduceMethod
            | Intrinsic::ReduceBackMethod
            | Intrinsic::Construct => self.run_on_function(intrinsic, &first, &rest),
            Intrinsic::Code => self.code(&first, symbol),
            Intrinsic::CodeLast => self.function_from_code(&first, symbol, arguments),
            Intrinsic::Class => self.class(&first, arguments),
            Intrinsic::ToItems
            | Intrinsic::SomeItems
            | Intrinsic::Flat
            | Intrinsic::Items
            | Intrinsic::ToRecord
            | Intrinsic::Zip
            | Intrinsic::Keys
            | Intrinsic::Values
            | Intrinsic::Entries
            | Intrinsic::AnyItem
            | Intrinsic::Range
            | Intrinsic::Append
            | Intrinsic::Extend
            | Intrinsic::SetItem
            | Intrinsic::Item => self.run_on_container(intrinsic, &first, arguments),
            other => self.run_rarer(other, &first, arguments),
        }
    }

    fn run_rarer(&mut self, intrinsic: Intrinsic, first: &Values, arguments: &Arguments) -> Values {
        match intrinsic {
            Intrinsic::ItemsThrough => match arguments.get(1) {
                Some(_) => self.run_on_function(Intrinsic::MapMethod, first, &arguments.skip(1)),
                None => self.run_on_container(Intrinsic::ToItems, first, arguments),
            },
            Intrinsic::Property => {
                self.each(first, |_, function| only(Value::Property(Rc::new(function.clone()))))
            }
            Intrinsic::MetaTable => self.set_meta_table(first, &arguments.skip(1)),
            Intrinsic::Pattern
            | Intrinsic::PatternExec
            | Intrinsic::PatternMatch
            | Intrinsic::PatternMatchAll
            | Intrinsic::Substitute
            | Intrinsic::Replace
            | Intrinsic::ReplaceFirst
            | Intrinsic::Split => match self.run_on_pattern(intrinsic, arguments) {
                Some(found) => found,
                None => self.run_on_text(intrinsic, arguments),
            },
            Intrinsic::Itself => first_known(arguments, &self.unknown),
            _ => self.run_on_text(intrinsic, arguments),
        }
    }

    /// Functions that call the function they get, or make another of it.
    fn run_on_function(
        &mut self,
        intrinsic: Intrinsic,
        first: &Values,
        rest: &Arguments,
    ) -> Values {
        let second = rest.get(0).cloned().unwrap_or_else(|| Rc::clone(&self.nothing));
        let list = Arguments::plain(vec![Rc::clone(first)]);
        match intrinsic {
            Intrinsic::Partial => self.partial(first, rest),
            Intrinsic::Bind => {
                let first = self.given_this(first, rest.get(0));
                self.partial(&first, &rest.skip(1))
            }
            Intrinsic::CallWithThis => {
                let first = self.given_this(first, rest.get(0));
                self.call_all(&first, &rest.skip(1))
            }
            Intrinsic::Apply => {
                let third = rest.get(1).cloned().unwrap_or_else(|| Rc::clone(&self.nothing));
                self.call_with_list(first, &third)
            }
            Intrinsic::Construct => self.call_with_list(first, &second),
            Intrinsic::Map => self.map(first, rest),
            Intrinsic::Filter => {
                self.map(first, rest);
                self.run_on_container(Intrinsic::SomeItems, &second, &Arguments::default())
            }
            Intrinsic::MapMethod => {
                let list = self.numbered_items(list);
                self.map(&second, &list)
            }
            Intrinsic::Reduce => self.reduce(first, rest),
            Intrinsic::ReduceMethod => self.reduce(&second, &rest.skip(1).after(&list)),
            Intrinsic::ReduceBackMethod => {
                let reversed = self.run_on_text(Intrinsic::Reverse, &list);
                self.reduce(&second, &rest.skip(1).after(&Arguments::plain(vec![reversed])))
            }
            _ => self.call_all(first, rest),
        }
    }

    /// JavaScript calls with items and their places.
    fn numbered_items(&mut self, list: Arguments) -> Arguments {
        let count = list.get(0).cloned().and_then(|items| self.sequence_of(&items));
        match count {
            Some(items) if !self.language.has_tables => {
                let numbers = (0..).zip(items).map(|(number, _)| only(Value::Integer(number)));
                Arguments::plain(vec![only(Value::Items(numbers.collect()))]).after(&list)
            }
            Some(_) | None => list,
        }
    }

    fn call_with_list(&mut self, functions: &Values, list: &Values) -> Values {
        let items = self.sequence_of(list).unwrap_or_default();
        self.call_all(functions, &Arguments::plain(items))
    }

    /// Paths below the plugin's own files stay what they are.
    fn path(
        &mut self,
        intrinsic: Intrinsic,
        symbol: Option<SymbolId>,
        arguments: &Arguments,
    ) -> Values {
        let first = arguments.get(0).and_then(|values| values.first());
        if let Some(Value::OwnPath(up)) = first {
            let rest = arguments.plain.get(1..).unwrap_or_default();
            if super::operation::climbs(rest) {
                return Rc::clone(&self.unknown);
            }
            let up = up.saturating_add(u8::from(intrinsic == Intrinsic::Folder));
            return only(Value::OwnPath(up));
        }
        let parts: Option<Vec<_>> = arguments
            .plain
            .iter()
            .map(|values| match &**values {
                [Value::Text(text, origin)] if !origin.has_holes() => Some(text.to_string()),
                _ => None,
            })
            .collect();
        if let (Intrinsic::Path, Some(parts)) = (intrinsic, parts) {
            return only(text(&parts.join("/"), Origin::PLAIN));
        }
        match symbol {
            Some(symbol) => only(Value::Symbol(self.symbols.child(symbol, RESULT))),
            None => Rc::clone(&self.unknown),
        }
    }

    /// Imports what the first argument names.
    pub(super) fn import_by_text(&mut self, arguments: &Arguments, top: bool) -> Values {
        let names = arguments.find(Some(0), Some("name")).cloned();
        let names = names.unwrap_or_else(|| Rc::clone(&self.unknown));
        let (file, _) = self.here;
        let has_list = arguments.find(Some(3), Some("fromlist")).is_some_and(|list| {
            let list = Rc::clone(list);
            self.sequence_of(&list).is_none_or(|items| !items.is_empty())
        });
        let mut union = Union::default();
        for name in names.iter() {
            match name {
                Value::Text(name, origin) if !origin.has_holes() => {
                    let plain = name.trim_start_matches('.');
                    let level = u8::try_from(name.len() - plain.len()).unwrap_or(u8::MAX);
                    let plain = plain.replace(':', ".");
                    let wanted = match plain.split_once('.') {
                        Some((first, _)) if top && !has_list => first.to_owned(),
                        _ => plain,
                    };
                    let values = self.import(file, &wanted, level);
                    self.note_named(name, *origin, &values);
                    union.extend(&values);
                }
                Value::Symbol(symbol) if self.symbols.last(*symbol) == "__name__" => {
                    union.add(Value::Module(file));
                }
                _ => union.add(Value::Unknown),
            }
        }
        union.finish()
    }

    /// Applies what `attrgetter`, `itemgetter` or `methodcaller` made.
    pub(super) fn get(
        &mut self,
        kind: Intrinsic,
        names: &Arguments,
        arguments: &Arguments,
    ) -> Values {
        let Some(objects) = arguments.get(0).cloned() else { return Rc::clone(&self.unknown) };
        let wanted = if kind == Intrinsic::MethodCaller { 1 } else { names.plain.len() };
        let mut found = Vec::new();
        for keys in names.plain.iter().take(wanted) {
            let mut union = Union::default();
            for object in objects.iter() {
                union.extend(&self.get_one(kind, object, keys));
            }
            found.push(union.finish());
        }
        if kind == Intrinsic::MethodCaller {
            let functions = found.into_iter().next().unwrap_or_else(|| Rc::clone(&self.unknown));
            return self.call_all(&functions, &names.skip(1));
        }
        match <[Values; 1]>::try_from(found) {
            Ok([one]) => one,
            Err(several) => only(Value::Items(several.into())),
        }
    }

    fn get_one(&mut self, kind: Intrinsic, object: &Value, keys: &Values) -> Values {
        if kind == Intrinsic::ItemGetter {
            return self.item(object, keys);
        }
        let mut union = Union::default();
        for key in keys.iter() {
            let Value::Text(path, origin) = key else {
                union.extend(&self.named_parts(object, &only(key.clone())));
                continue;
            };
            let mut values = only(object.clone());
            for part in path.split('.') {
                let name = only(text(part, *origin));
                values = self.each(&values, |analysis, value| analysis.named_parts(value, &name));
                self.note_attribute(part, *origin);
            }
            union.extend(&values);
        }
        union.finish()
    }

    fn partial(&mut self, functions: &Values, given: &Arguments) -> Values {
        self.each(functions, |analysis, function| {
            if let Value::Symbol(symbol) = function {
                let (file, id) = analysis.here;
                analysis.judge_call(file, id, *symbol, given);
            }
            only(Value::Partial(Rc::new(function.clone()), Rc::new(given.clone())))
        })
    }

    /// `f.call.bind(g)` calls `g`, whatever `f` is.
    fn given_this(&mut self, functions: &Values, this: Option<&Values>) -> Values {
        let Some(this) = this else { return Rc::clone(functions) };
        self.each(functions, |_, function| match function {
            Value::Method(
                kind @ (Intrinsic::CallWithThis | Intrinsic::Apply | Intrinsic::Bind),
                _,
            ) => {
                let mut union = Union::default();
                for function in this.iter() {
                    union.add(Value::Method(*kind, Rc::new(function.clone())));
                }
                union.finish()
            }
            _ => only(function.clone()),
        })
    }

    /// Calls each of some functions.
    pub(super) fn call_all(&mut self, functions: &Values, arguments: &Arguments) -> Values {
        self.each(functions, |analysis, function| {
            if let Value::Symbol(symbol) = function {
                let (file, id) = analysis.here;
                analysis.judge_call(file, id, *symbol, arguments);
            }
            analysis.enter(|analysis| analysis.call_later(function, arguments))
        })
    }

    fn map(&mut self, functions: &Values, lists: &Arguments) -> Values {
        let columns: Option<Vec<_>> =
            lists.plain.iter().map(|list| self.sequence_of(list)).collect();
        let rows = columns.as_ref().and_then(|columns| columns.iter().map(Vec::len).min());
        if let (Some(columns), Some(rows)) = (columns, rows)
            && rows <= 1024
        {
            let row = |row: usize| {
                let cells = columns.iter().filter_map(|column| column.get(row).cloned());
                Arguments::plain(cells.collect())
            };
            let results = (0..rows).map(|number| self.call_all(functions, &row(number)));
            return only(Value::Items(results.collect()));
        }
        let cells = lists.plain.iter().map(|list| self.any_items(list)).collect();
        let result = self.call_all(functions, &Arguments::plain(cells));
        only(Value::Items(Rc::new([result])))
    }

    fn reduce(&mut self, functions: &Values, rest: &Arguments) -> Values {
        let list = rest.get(0).cloned().unwrap_or_else(|| Rc::clone(&self.nothing));
        let Some(items) = self.sequence_of(&list) else { return Rc::clone(&self.unknown) };
        let mut items = items.into_iter();
        let start = rest.get(1).cloned().or_else(|| items.next());
        let start = start.unwrap_or_else(|| Rc::clone(&self.unknown));
        items.take(256).fold(start, |value, item| {
            self.call_all(functions, &Arguments::plain(vec![value, item]))
        })
    }

    /// `type(x)` is the class of x; `type(name, bases, parts)` makes one.
    fn class(&mut self, objects: &Values, arguments: &Arguments) -> Values {
        if let Some(parts) = arguments.get(2) {
            return Rc::clone(parts);
        }
        self.each(objects, |analysis, object| {
            let class = analysis.class_of(object);
            class.unwrap_or_else(|| Rc::clone(&analysis.unknown))
        })
    }

    /// The last argument is the code of a function: calling what is made gives what it gives.
    fn function_from_code(
        &mut self,
        first: &Values,
        symbol: Option<SymbolId>,
        arguments: &Arguments,
    ) -> Values {
        let last = arguments.plain.last().unwrap_or(first);
        let values = self.code(last, symbol);
        let mut union = Union::default();
        for value in values.iter() {
            union.add(Value::Method(Intrinsic::Itself, Rc::new(value.clone())));
        }
        if let Some(function) = function_of(&arguments.plain) {
            union.extend(&self.nested(&function));
        }
        union.finish()
    }

    /// Code in a text: what it refers to counts, and what it gives is the result.
    fn code(&mut self, codes: &Values, symbol: Option<SymbolId>) -> Values {
        let mut union = Union::default();
        for code in codes.iter() {
            match code {
                Value::Text(text, origin) => {
                    if origin.is_decoded() {
                        self.note(Kind::HiddenCode);
                    }
                    union.extend(&self.nested(text));
                    union.add(code.clone());
                }
                Value::Bytes(bytes, origin) => {
                    if origin.is_decoded() {
                        self.note(Kind::HiddenCode);
                    }
                    union.extend(&self.nested(&String::from_utf8_lossy(bytes)));
                    union.add(code.clone());
                }
                Value::Decoded => {
                    self.note(Kind::HiddenCode);
                    union.add(Value::Decoded);
                }
                Value::Symbol(source) => {
                    self.note_foreign_code(*source);
                    union.add(code.clone());
                }
                _ => {}
            }
        }
        if let Some(symbol) = symbol {
            union.add(Value::Symbol(self.symbols.child(symbol, RESULT)));
        }
        union.finish()
    }
}

/// Returns a function with parameters and a body as JavaScript writes it.
fn function_of(texts: &[Values]) -> Option<String> {
    let (body, parameters) = texts.split_last()?;
    let text = |values: &Values| match values.first() {
        Some(Value::Text(text, _)) => Some(text.to_string()),
        _ => None,
    };
    let names: Vec<_> = parameters.iter().map(text).collect::<Option<_>>()?;
    let body = text(body)?;
    (!names.is_empty()).then(|| format!("(({}) => {{\n{body}\n}})", names.join(", ")))
}

fn first_known(arguments: &Arguments, unknown: &Values) -> Values {
    arguments.get(0).cloned().unwrap_or_else(|| Rc::clone(unknown))
}

/// Tells whether a value is a constant that says no.
pub(super) const fn is_false(value: &Value) -> bool {
    matches!(value, Value::Word(Word::False | Word::None))
}
