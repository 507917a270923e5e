//! Parts of values: attributes and items, by constant and by computed names.

use std::rc::Rc;

use super::{Analysis, Owner};
use crate::scan::facts::{ClassId, Expr, Word};
use crate::scan::language::{Attribute, Intrinsic, Kind};
use crate::scan::symbols::{ITEM, RESULT, SymbolId};
use crate::scan::value::{Arguments, FileId, HOLE, Origin, Union, Value, Values, only};

/// What makes keys that no name is equal to.
const UNIQUE: &str = "globalThis.Symbol";

/// The most base classes that are looked at for one name.
const MOST_BASES: usize = 256;

impl Analysis {
    /// Returns `value.name`.
    pub(super) fn attribute(&mut self, value: &Value, name: &str) -> Values {
        let special = (self.language.attribute)(name);
        let special = special.and_then(|special| self.special_attribute(value, special));
        if let Some(values) = special.or_else(|| self.known_part(value, name)) {
            return values;
        }
        match value {
            Value::Symbol(symbol) if self.is_called_by(*symbol, name) => {
                self.method(Kind::Callable, value, name)
            }
            // What makes functions of texts, or imports, has no parts that do.
            Value::Symbol(symbol)
                if self.language.items_are_attributes
                    && matches!(
                        self.symbols.intrinsic(*symbol),
                        Some(Intrinsic::CodeLast | Intrinsic::Import)
                    )
                    && !self.symbols.is_told_of(*symbol, name) =>
            {
                Rc::clone(&self.unknown)
            }
            Value::Symbol(symbol) if *symbol == self.symbols.globals() => {
                let mut union = Union::default();
                union.extend(&self.symbol_part(*symbol, name));
                for (values, _) in self.parts_of(Owner::Global, name) {
                    union.extend(&values);
                }
                union.finish()
            }
            Value::Symbol(symbol) => self.symbol_part(*symbol, name),
            Value::Decoded => only(Value::Decoded),
            Value::Module(file) => self.exported(*file, name),
            Value::Class(file, class) => self.member(*file, *class, name, false),
            Value::Instance(file, class) => self.member(*file, *class, name, true),
            Value::Container(..) | Value::Items(_) | Value::Record(_) => {
                self.container_attribute(value, name)
            }
            Value::Function(file, function, _) => {
                let parts = self.parts_of(Owner::Function(*file, *function), name);
                if parts.is_empty() {
                    return self.method(Kind::Callable, value, name);
                }
                let mut union = Union::default();
                for (values, _) in &parts {
                    union.extend(values);
                }
                union.finish()
            }
            Value::Text(..) => self.method(Kind::Text, value, name),
            Value::Bytes(..) => self.method(Kind::Bytes, value, name),
            Value::Integer(_) => self.method(Kind::Integer, value, name),
            Value::Namespace(_) => self.method(Kind::Namespace, value, name),
            Value::Getter(..) | Value::Method(..) | Value::Partial(..) | Value::Property(_) => {
                self.method(Kind::Callable, value, name)
            }
            Value::OwnPath(up) => self.own_path_attribute(*up, name),
            // The name of the module that something belongs to: as a rule, of this one.
            Value::Unknown if name == "__module__" => {
                only(Value::Symbol(self.symbols.global("__name__")))
            }
            Value::Unknown | Value::Word(_) => Rc::clone(&self.unknown),
        }
    }

    /// Tells whether a part of a function calls it: `eval.call`.
    fn is_called_by(&mut self, symbol: SymbolId, name: &str) -> bool {
        !self.symbols.has_call(symbol)
            && symbol != self.symbols.globals()
            && (self.language.method)(Kind::Callable, name).is_some()
            && !self.symbols.is_told_of(symbol, name)
    }

    fn symbol_part(&mut self, symbol: SymbolId, name: &str) -> Values {
        let part = self.symbols.child(symbol, name);
        match self.symbols.intrinsic(part) {
            Some(Intrinsic::OwnFile) => only(Value::OwnPath(0)),
            _ => only(Value::Symbol(part)),
        }
    }

    fn method(&mut self, kind: Kind, value: &Value, name: &str) -> Values {
        if self.language.has_tables && kind == Kind::Text {
            let module = self.symbols.module("string");
            return only(Value::Symbol(self.symbols.child(module, name)));
        }
        match (self.language.method)(kind, name) {
            Some(intrinsic) => only(Value::Method(intrinsic, Rc::new(value.clone()))),
            None => Rc::clone(&self.unknown),
        }
    }

    /// A path among the plugin's own files: reading there is no access to the user's files.
    fn own_path_attribute(&mut self, up: u8, name: &str) -> Values {
        match name {
            "parent" => only(Value::OwnPath(up.saturating_add(1))),
            "parents" => only(Value::OwnPath(up)),
            "joinpath" | "resolve" | "absolute" | "with_name" | "with_suffix" => {
                only(Value::Method(Intrinsic::Itself, Rc::new(Value::OwnPath(up))))
            }
            _ => {
                let path = self.symbols.module("pathlib");
                let path = self.symbols.child(path, "Path");
                let path = self.symbols.child(path, RESULT);
                let part = self.symbols.child(path, name);
                let reads = |rule: &Rc<crate::scan::rules::Rule>| {
                    rule.capability.as_deref() == Some("fs.read")
                };
                let coverage = self.symbols.coverage(part);
                let only_reads = self.symbols.rules(coverage).all(reads);
                if only_reads { Rc::clone(&self.unknown) } else { only(Value::Symbol(part)) }
            }
        }
    }

    fn container_attribute(&mut self, value: &Value, name: &str) -> Values {
        if self.language.items_are_attributes && self.pairs(value).is_some() {
            let key = only(crate::scan::value::text(name, Origin::PLAIN));
            let found = self.item(value, &key);
            if found.iter().any(|value| *value != Value::Unknown) {
                return found;
            }
        }
        if let Value::Record(_) = value
            && (self.language.method)(Kind::Container, name).is_none()
        {
            let key = only(crate::scan::value::text(name, Origin::PLAIN));
            return self.item(value, &key);
        }
        self.method(Kind::Container, value, name)
    }

    fn special_attribute(&mut self, value: &Value, special: Attribute) -> Option<Values> {
        match special {
            Attribute::Namespace => match value {
                Value::Symbol(_) | Value::Module(_) | Value::Class(..) | Value::Instance(..) => {
                    Some(only(Value::Namespace(Rc::new(value.clone()))))
                }
                _ => None,
            },
            Attribute::Itself => match value {
                Value::Symbol(symbol) if self.symbols.is_covered(*symbol) => {
                    Some(only(value.clone()))
                }
                Value::Function(..) | Value::Method(..) | Value::Partial(..) => {
                    Some(only(value.clone()))
                }
                Value::Symbol(symbol) if self.symbols.intrinsic(*symbol).is_some() => {
                    Some(only(value.clone()))
                }
                _ => None,
            },
            Attribute::Getter => match value {
                Value::Symbol(symbol) if !self.is_class_of_all(*symbol) => {
                    let value = Rc::new(value.clone());
                    Some(only(Value::Method(Intrinsic::Attribute, value)))
                }
                _ => None,
            },
            Attribute::Owner => match value {
                Value::Symbol(symbol) => Some(only(Value::Symbol(self.symbols.parent(*symbol)))),
                _ => None,
            },
            Attribute::Root => match value {
                Value::Namespace(_) | Value::Record(_) => None,
                _ => Some(only(Value::Symbol(self.root_class()))),
            },
            Attribute::Class => match value {
                Value::Symbol(symbol) if self.symbols.is_told_of(*symbol, "constructor") => None,
                _ => self.class_of(value),
            },
        }
    }

    fn is_class_of_all(&mut self, symbol: SymbolId) -> bool {
        let parent = self.symbols.parent(symbol);
        parent == self.symbols.globals()
    }

    fn root_class(&mut self) -> SymbolId {
        self.symbols.global("object")
    }

    /// Returns the class of a value.
    pub(super) fn class_of(&mut self, value: &Value) -> Option<Values> {
        let name = match value {
            Value::Instance(file, class) => return Some(only(Value::Class(*file, *class))),
            Value::Text(..) => "str",
            Value::Bytes(..) => "bytes",
            Value::Integer(_) => "int",
            Value::Container(file, id) => match self.facts(*file).expr(*id) {
                Expr::Record(_) => "dict",
                _ => "tuple",
            },
            Value::Items(_) => "list",
            Value::Record(_) => "dict",
            Value::Word(_) => "bool",
            Value::Function(..) | Value::Class(..) | Value::Method(..) | Value::Partial(..) => {
                "type"
            }
            Value::Symbol(symbol) if !self.symbols.has_call(*symbol) => {
                let module = self.symbols.module("types");
                return Some(only(Value::Symbol(self.symbols.child(module, "ModuleType"))));
            }
            _ => return None,
        };
        Some(only(Value::Symbol(self.symbols.global(name))))
    }

    /// Returns what a class, or an object of it, has under a name: its own, else its bases'.
    pub(super) fn member(
        &mut self,
        file: FileId,
        class: ClassId,
        name: &str,
        is_object: bool,
    ) -> Values {
        let number = self.symbols.number(name);
        let key = (file, class, number, is_object);
        let version = self.version();
        if let Some((known, of)) = self.members.get(&key)
            && *of == version
        {
            return Rc::clone(known);
        }
        let outer_low = std::mem::replace(&mut self.low, u32::MAX);
        let mut union = Union::default();
        let (mut waiting, mut seen) = (vec![(file, class)], Vec::new());
        while let Some((file, class)) = waiting.pop() {
            if seen.contains(&(file, class)) || self.fuel == 0 {
                continue;
            }
            if seen.len() >= MOST_BASES {
                union.extend(&self.give_up(file));
                continue;
            }
            seen.push((file, class));
            self.fuel -= 1;
            if !self.add_own_member((file, class), (name, number), is_object, &mut union) {
                let bases = self.bases(file, class);
                for base in bases.iter() {
                    match base {
                        Value::Class(file, class) => waiting.push((*file, *class)),
                        Value::Symbol(symbol) => {
                            let base = match is_object {
                                true => self.symbols.child(*symbol, RESULT),
                                false => *symbol,
                            };
                            union.add(Value::Symbol(self.symbols.child(base, name)));
                        }
                        _ => {}
                    }
                }
            }
        }
        let values = if union.is_empty() { Rc::clone(&self.unknown) } else { union.finish() };
        let is_settled = self.frames.is_empty() && self.low == u32::MAX;
        if is_settled
            && version == self.version()
            && self.fuel > 0
            && self.depth < super::MOST_DEPTH
        {
            self.members.insert(key, (Rc::clone(&values), version));
        }
        self.low = self.low.min(outer_low);
        values
    }

    /// Returns the base classes of a class.
    pub(super) fn bases(&mut self, file: FileId, class: ClassId) -> Values {
        let facts = self.facts(file);
        let mut union = Union::default();
        let Some(found) = facts.classes.get(class.position()) else { return union.finish() };
        for base in &found.bases {
            if !matches!(facts.expr(*base), Expr::Keyword(..)) {
                union.extend(&self.outside(|analysis| analysis.evaluate(file, *base)));
            }
        }
        union.finish()
    }

    /// Adds what a class itself has under a name, and says whether there was anything.
    fn add_own_member(
        &mut self,
        (file, class): (FileId, ClassId),
        (name, number): (&str, u32),
        is_object: bool,
        union: &mut Union,
    ) -> bool {
        let facts = self.facts(file);
        let parts = self.parts_of(Owner::Class(file, class), name);
        for (values, _) in &parts {
            union.extend(values);
        }
        let mut is_found = !parts.is_empty();
        let scope = facts.classes.get(class.position()).map(|class| class.scope);
        let bindings = match (scope, self.file(file).find_number(number)) {
            (Some(scope), Some(id)) => facts.bindings_of(scope, id),
            _ => &[],
        };
        for binding in bindings {
            is_found = true;
            let values = self.outside(|analysis| analysis.evaluate(file, binding.value));
            for value in values.iter() {
                match value {
                    Value::Function(of, function, None) if is_object => {
                        union.add(Value::Function(*of, *function, Some(class)));
                    }
                    Value::Property(function) if is_object => {
                        let object = vec![only(Value::Instance(file, class))];
                        let object = Arguments::plain(object);
                        union.extend(&self.enter(|a| a.call(function, &object)));
                    }
                    _ => union.add(value.clone()),
                }
            }
        }
        is_found
    }

    /// Goes one level deeper, unless that is too deep.
    pub(super) fn enter(&mut self, work: impl FnOnce(&mut Self) -> Values) -> Values {
        if self.fuel == 0 {
            return Rc::clone(&self.unknown);
        }
        if self.depth >= super::MOST_DEPTH {
            return self.give_up(self.here.0);
        }
        self.fuel -= 1;
        self.depth += 1;
        let values = work(self);
        self.depth -= 1;
        values
    }

    /// Returns `bases[keys]`.
    pub(super) fn index(&mut self, bases: &Values, keys: &Values) -> Values {
        self.each(bases, |analysis, base| analysis.item(base, keys))
    }

    /// Returns `base[key]`.
    pub(super) fn item(&mut self, base: &Value, keys: &Values) -> Values {
        match base {
            Value::Symbol(symbol) => self.symbol_item(*symbol, keys),
            Value::Namespace(inner) => {
                let inner = Rc::clone(inner);
                self.named_parts(&inner, keys)
            }
            Value::Module(_) | Value::Class(..) | Value::Instance(..)
                if self.language.items_are_attributes =>
            {
                self.named_parts(base, keys)
            }
            Value::Text(..) | Value::Bytes(..) => {
                self.each(keys, |analysis, key| match analysis.part_by_text(base, key) {
                    Some(part) => part,
                    None => analysis.character_at(base, key),
                })
            }
            Value::Container(..) | Value::Items(_) | Value::Record(_) => {
                let mut union = Union::default();
                for key in keys.iter() {
                    let item = self.container_item(base, key);
                    let is_unknown = item.iter().all(|item| *item == Value::Unknown);
                    union.extend(&match key {
                        Value::Text(name, _)
                            if is_unknown && self.language.items_are_attributes =>
                        {
                            self.common_part(base, name)
                        }
                        _ => item,
                    });
                }
                union.finish()
            }
            Value::Function(..) | Value::Method(..) | Value::Partial(..) | Value::Integer(_)
                if self.language.items_are_attributes =>
            {
                self.named_parts(base, keys)
            }
            Value::Decoded => only(Value::Decoded),
            Value::OwnPath(up) => only(Value::OwnPath(up.saturating_add(1))),
            _ => Rc::clone(&self.unknown),
        }
    }

    /// Returns a part that all containers have.
    fn common_part(&mut self, base: &Value, name: &str) -> Values {
        let special = (self.language.attribute)(name);
        let special = special.and_then(|special| self.special_attribute(base, special));
        special.unwrap_or_else(|| self.method(Kind::Container, base, name))
    }

    /// Returns the part that a text names, where items are attributes.
    fn part_by_text(&mut self, base: &Value, key: &Value) -> Option<Values> {
        match key {
            Value::Text(_, origin) if self.language.items_are_attributes && !origin.has_holes() => {
                Some(self.named_parts(base, &only(key.clone())))
            }
            _ => None,
        }
    }

    fn symbol_item(&mut self, symbol: SymbolId, keys: &Values) -> Values {
        if self.symbols.intrinsic(symbol) == Some(Intrinsic::Modules) {
            let arguments = Arguments::plain(vec![Rc::clone(keys)]);
            return self.import_by_text(&arguments, false);
        }
        if let Some(values) = self.judged_item(symbol, keys) {
            return values;
        }
        if symbol == self.root_class() {
            return only(Value::Symbol(symbol));
        }
        if self.language.items_are_attributes || symbol == self.symbols.globals() {
            return self.named_parts(&Value::Symbol(symbol), keys);
        }
        only(Value::Symbol(self.symbols.child(symbol, ITEM)))
    }

    /// Tells whether a name of which only parts are known can be one that a rule is about.
    fn may_be_sensitive(&self, value: &Value, pattern: &str) -> bool {
        let Value::Symbol(symbol) = value else { return true };
        let (start, end) = (
            pattern.split(HOLE).next().unwrap_or_default(),
            pattern.rsplit(HOLE).next().unwrap_or_default(),
        );
        let mut names = self.symbols.covered_parts(*symbol);
        names.any(|name| name.starts_with(start) && name.ends_with(end))
    }

    /// Returns the parts of a value that computed names mean. A name that nobody can see, of a
    /// part of something sensitive, is a reference of its own.
    pub(super) fn named_parts(&mut self, value: &Value, names: &Values) -> Values {
        let mut union = Union::default();
        for name in names.iter() {
            match name {
                Value::Text(text, origin) if !origin.has_holes() => {
                    let values = self.attribute(value, text);
                    self.note_named(text, *origin, &values);
                    union.extend(&values);
                }
                Value::Integer(_) | Value::Word(Word::None) => {}
                Value::Symbol(symbol) if self.symbols.text(*symbol).starts_with(UNIQUE) => {}
                Value::Items(_) | Value::Container(..) | Value::Record(_)
                    if self.language.items_are_attributes && !self.language.has_tables =>
                {
                    if let Some(name @ Value::Text(..)) = self.flat_as_text(name) {
                        union.extend(&self.named_parts(value, &only(name)));
                    }
                }
                Value::Text(text, _) => {
                    if self.may_be_sensitive(value, text) {
                        self.note_unresolved(value);
                    }
                    union.add(Value::Unknown);
                }
                _ => {
                    self.note_unresolved(value);
                    union.add(Value::Unknown);
                }
            }
        }
        if union.is_empty() { Rc::clone(&self.unknown) } else { union.finish() }
    }
}
