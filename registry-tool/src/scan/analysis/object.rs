//! What functions of a language do with objects: take parts by name, describe them, copy them.

use std::rc::Rc;

use super::{Analysis, Use};
use crate::scan::language::Intrinsic;
use crate::scan::symbols::{RESULT, SymbolId};
use crate::scan::value::{Arguments, Origin, Union, Value, Values, only, text};

impl Analysis {
    pub(super) fn run_on_object(
        &mut self,
        intrinsic: Intrinsic,
        symbol: Option<SymbolId>,
        first: &Values,
        arguments: &Arguments,
    ) -> Values {
        let rest = arguments.skip(1);
        match intrinsic {
            Intrinsic::Attribute => self.get_attribute(first, &rest),
            Intrinsic::Descriptor => self.descriptor(first, &rest),
            Intrinsic::Define => self.define(first, &rest),
            Intrinsic::Assign => self.assign(first, arguments),
            Intrinsic::Unique => self.unique(symbol, first),
            Intrinsic::UniqueName => {
                self.each(first, |analysis, value| analysis.attribute(value, "description"))
            }
            _ => self.namespace(first),
        }
    }

    /// `Object.defineProperty(object, name, {value, get})`
    fn define(&mut self, objects: &Values, rest: &Arguments) -> Values {
        let (Some(names), Some(descriptors)) = (rest.get(0).cloned(), rest.get(1).cloned()) else {
            return Rc::clone(objects);
        };
        let part = |name: &str| only(text(name, Origin::PLAIN));
        let values = self.index(&descriptors, &part("value"));
        self.put(objects, &names, &values);
        let getters = self.index(&descriptors, &part("get"));
        let got = self.call_all(&getters, &Arguments::default());
        self.put(objects, &names, &got);
        Rc::clone(objects)
    }

    fn get_attribute(&mut self, objects: &Values, rest: &Arguments) -> Values {
        let names = rest.get(0).cloned().unwrap_or_else(|| Rc::clone(&self.unknown));
        let mut union = Union::default();
        for object in objects.iter() {
            // `object.__getattribute__(x, name)` and `x.__getattribute__(name)` are both written.
            let values = self.named_parts(object, &names);
            union.extend(&values);
        }
        for name in names.iter() {
            if let Value::Text(name, origin) = name {
                self.note_attribute(name, *origin);
            }
        }
        if let Some(default) = rest.get(1) {
            union.extend(default);
        }
        union.finish()
    }

    /// Who asks how a part is described does not use it yet.
    fn descriptor(&mut self, objects: &Values, rest: &Arguments) -> Values {
        let (file, id) = self.here;
        let is_text = |value: &Value| matches!(value, Value::Text(..));
        let is_named = rest.get(0).is_some_and(|names| names.iter().all(is_text));
        let is_kept = matches!(self.file(file).uses.get(id.position()), Some(Use::Value));
        if is_kept && !is_named {
            return Rc::clone(&self.unknown);
        }
        self.get_attribute(objects, rest)
    }

    /// The first gets what the others have: of modules, by whatever names.
    fn assign(&mut self, first: &Values, arguments: &Arguments) -> Values {
        self.extend(first, arguments);
        let mut union = Union::default();
        union.extend(first);
        for values in arguments.plain.iter().skip(1) {
            for value in values.iter() {
                if matches!(value, Value::Symbol(symbol) if !self.symbols.has_call(*symbol)) {
                    let names = only(Value::Namespace(Rc::new(value.clone())));
                    self.put(first, &names, &names);
                }
            }
            union.extend(values);
        }
        union.finish()
    }

    fn namespace(&mut self, objects: &Values) -> Values {
        if objects.is_empty() {
            let (file, _) = self.here;
            return only(Value::Namespace(Rc::new(Value::Module(file))));
        }
        self.each(objects, |analysis, object| match object {
            Value::Symbol(_) | Value::Module(_) | Value::Class(..) | Value::Instance(..) => {
                only(Value::Namespace(Rc::new(object.clone())))
            }
            _ => Rc::clone(&analysis.unknown),
        })
    }

    /// `Symbol("x")` is equal to no text, but shows one.
    fn unique(&mut self, symbol: Option<SymbolId>, name: &Values) -> Values {
        let key = only(text("description", Origin::PLAIN));
        let mut union = Union::default();
        union.add(Value::Record(Rc::new([(key, Rc::clone(name))])));
        if let Some(symbol) = symbol {
            union.add(Value::Symbol(self.symbols.child(symbol, RESULT)));
        }
        union.finish()
    }
}
