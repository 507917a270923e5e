//! Names: what is bound to them, where they are looked for, and what is imported.

use std::borrow::Cow;
use std::rc::Rc;

use super::{Analysis, MOST_DEPTH, Owner};
use crate::scan::facts::{
    Binding, Exports, ExprId, Facts, FunctionId, NameId, ParameterKind, Receiver, ScopeId,
    ScopeKind, Span,
};
use crate::scan::language::Intrinsic;
use crate::scan::symbols::SymbolId;
use crate::scan::value::{Arguments, FileId, Union, Value, Values, only};

/// The most calls of one function whose arguments are looked at.
const MOST_SITES: usize = 64;

impl Analysis {
    /// Looks a name up, from the inside out.
    pub(super) fn look_up(
        &mut self,
        file: FileId,
        facts: &Facts,
        (name, from): (NameId, ScopeId),
        at: Span,
    ) -> Values {
        let mut next = Some(from);
        while let Some(scope) = next {
            let Some(found) = facts.scopes.get(scope.position()).copied() else { break };
            next = found.parent;
            if found.kind == ScopeKind::Class && scope != from {
                continue;
            }
            let bindings = facts.bindings_of(scope, name);
            if bindings.is_empty() {
                continue;
            }
            self.spend_on_many(bindings.len().saturating_mul(8));
            let is_here = scope == from;
            let hoists = found.kind == ScopeKind::Function || !self.language.binds_in_order;
            let (chosen, is_certain) = choose(bindings, is_here.then_some(at.start), hoists);
            let is_certain = is_certain
                || !hoists
                    && is_here
                    && (self.language.is_global)(facts.name(name))
                    && bindings.iter().any(|binding| shares_block(facts, binding.at, at.start));
            let is_inside = found.kind == ScopeKind::Function;
            // From elsewhere, and where all of a scope counts, it is the same for many places.
            let which = is_here.then(|| chosen.first().map(|binding| binding.value)).flatten();
            let key = (file, scope, name, which, chosen.len());
            let is_shared =
                chosen.len() > 1 && (hoists || !is_here) && (!is_inside || self.frames.is_empty());
            if is_shared && let Some(known) = self.bound.get(&key) {
                return Rc::clone(known);
            }
            let outer_low = std::mem::replace(&mut self.low, u32::MAX);
            let mut union = self.unite_bindings(file, &chosen, is_inside);
            if !hoists && !is_certain {
                let text = facts.name(name);
                if found.kind == ScopeKind::Module {
                    self.add_global(text, &mut union);
                } else if found.parent.is_some() {
                    let outer = self.look_up(file, facts, (name, ScopeId(0)), Span::default());
                    union.extend(&outer);
                }
            }
            let values = union.finish();
            if is_shared && self.low == u32::MAX && self.fuel > 0 && self.depth < MOST_DEPTH {
                self.bound.insert(key, Rc::clone(&values));
            }
            self.low = self.low.min(outer_low);
            return values;
        }
        self.look_further(file, facts, facts.name(name))
    }

    fn unite_bindings(&mut self, file: FileId, chosen: &[Binding], is_inside: bool) -> Union {
        let mut union = Union::default();
        for binding in chosen {
            if union.is_full() {
                break;
            }
            let values = if is_inside {
                self.evaluate(file, binding.value)
            } else {
                self.outside(|analysis| analysis.evaluate(file, binding.value))
            };
            union.extend(&values);
        }
        union
    }

    fn add_global(&mut self, name: &str, union: &mut Union) {
        if (self.language.is_global)(name) {
            let symbol = self.symbols.global(name);
            union.add(match self.symbols.intrinsic(symbol) {
                Some(Intrinsic::OwnFile) => Value::OwnPath(0),
                _ => Value::Symbol(symbol),
            });
        }
    }

    /// Looks for a name that no scope of the file binds.
    fn look_further(&mut self, file: FileId, facts: &Facts, name: &str) -> Values {
        let mut union = Union::default();
        for owner in [Owner::Module(file), Owner::Global] {
            for (values, keys) in self.parts_of(owner, name) {
                // What was copied into a module is no name in it.
                if !matches!(&*keys, [Value::Namespace(_)]) {
                    union.extend(&values);
                }
            }
        }
        for (_, module) in &facts.stars {
            let modules = self.outside(|analysis| analysis.evaluate(file, *module));
            for module in modules.iter() {
                self.add_starred(module, name, &mut union);
            }
        }
        if let Some((outer, _)) = self.file(file).outer {
            union.extend(&self.look_anywhere(outer, name));
        }
        if self.language.shares_globals {
            self.add_shared(file, name, &mut union);
        }
        self.add_global(name, &mut union);
        if union.is_empty() && !self.language.items_are_attributes && facts.stars.is_empty() {
            self.add_module(name, &mut union);
        }
        if union.is_empty() {
            return Rc::clone(&self.unknown);
        }
        union.finish()
    }

    /// A name that nobody binds can be given from outside, by who runs the file: one that is the
    /// name of a sensitive module is taken for it.
    fn add_module(&mut self, name: &str, union: &mut Union) {
        if self.symbols.is_module(name) {
            union.add(Value::Symbol(self.symbols.module(name)));
        }
    }

    /// Adds what other files bind to a name outside of all functions, if it is something of which
    /// parts are sensitive.
    fn add_shared(&mut self, file: FileId, name: &str, union: &mut Union) {
        let own = self.paths.values().copied().filter(|other| *other != file);
        let mut found = Union::default();
        for other in own.collect::<Vec<_>>() {
            let facts = self.facts(other);
            let id = facts.find_name(name);
            self.outside(|analysis| analysis.add_bound(other, &facts, (name, id), &mut found));
        }
        // All else is found where it is bound, or where it is called.
        for value in found.finish().iter() {
            if matches!(value, Value::Symbol(symbol) if self.symbols.is_namespace(*symbol)) {
                union.add(value.clone());
            }
        }
    }

    /// `from module import *` gives what the module has; of a foreign one, what rules know.
    fn add_starred(&mut self, module: &Value, name: &str, union: &mut Union) {
        if let Value::Symbol(symbol) = module {
            let part = self.symbols.child(*symbol, name);
            if self.symbols.is_covered(part)
                || self.symbols.is_namespace(part)
                || self.symbols.is_told_of(*symbol, name)
            {
                union.add(Value::Symbol(part));
            }
        } else {
            let values = self.attribute(module, name);
            if values.iter().any(|value| *value != Value::Unknown) {
                union.extend(&values);
            }
        }
    }

    /// Looks a name up in every scope of a file: code in a string sees where it is run.
    fn look_anywhere(&mut self, file: FileId, name: &str) -> Values {
        let facts = self.facts(file);
        let mut union = Union::default();
        if let Some(id) = facts.find_name(name) {
            let bindings = facts.bindings.iter().filter(|binding| binding.name == id);
            for binding in bindings {
                union.extend(&self.outside(|analysis| analysis.evaluate(file, binding.value)));
            }
        }
        if let Some((outer, _)) = self.file(file).outer {
            union.extend(&self.look_anywhere(outer, name));
        }
        union.finish()
    }

    /// Imports a module by its name.
    pub(super) fn import(&mut self, file: FileId, module: &str, level: u8) -> Values {
        let mapped = self.mapped(module);
        if !mapped.is_empty() {
            let mut union = Union::default();
            for (importer, module) in mapped {
                let plain = module.trim_start_matches('.');
                let level = u8::try_from(module.len() - plain.len()).unwrap_or(u8::MAX);
                union.extend(&self.import_from(&importer, plain, level));
            }
            return union.finish();
        }
        let importer = self.file(file).path.clone();
        self.import_from(&importer, module, level)
    }

    /// Tells whether a call imports a file of the plugin's own: what that does is found there,
    /// whatever it is called.
    pub(super) fn imports_own_file(
        &self,
        file: FileId,
        callee: SymbolId,
        arguments: &Arguments,
    ) -> bool {
        let is_import = self.language.items_are_attributes
            && self.symbols.intrinsic(callee) == Some(Intrinsic::Import);
        let Some(names) = arguments.get(0).filter(|_| is_import) else { return false };
        let importer = &self.file(file).path;
        let is_own = |value: &Value| {
            let Value::Text(name, origin) = value else { return false };
            let plain = name.trim_start_matches('.');
            let level = u8::try_from(name.len() - plain.len()).unwrap_or(u8::MAX);
            let candidates = || (self.language.candidates)(importer, plain, level);
            level > 0
                && !origin.has_holes()
                && candidates().iter().any(|path| self.paths.contains_key(path))
        };
        !names.is_empty() && names.iter().all(is_own)
    }

    /// Returns what the package says that a name of its own stands for, and where it says so.
    fn mapped(&self, module: &str) -> Vec<(String, String)> {
        let matching = self.imports.iter().filter_map(|(path, name, target)| {
            let target = match name.split_once('*') {
                Some((start, end)) => {
                    let part = module.strip_prefix(start)?.strip_suffix(end)?;
                    target.replace('*', part)
                }
                None if name == module => target.clone(),
                None => return None,
            };
            Some((path.clone(), target))
        });
        matching.collect()
    }

    fn import_from(&mut self, importer: &str, module: &str, level: u8) -> Values {
        let candidates = (self.language.candidates)(importer, module, level);
        let own = candidates.iter().find_map(|path| self.paths.get(path)).copied();
        let mut union = Union::default();
        if let Some(id) = own {
            union.add(Value::Module(id));
            self.add_whole(id, &mut union);
        }
        // Where a file has the name of a foreign module, which of them is meant depends on how
        // the plugin is started.
        if level == 0 {
            // What a file of the plugin is called inside of it shows nothing of another's.
            let symbol = match own {
                Some(_) => self.symbols.module_as_written(module),
                None => self.symbols.module(module),
            };
            let is_sensitive = self.symbols.is_covered(symbol)
                || self.symbols.is_namespace(symbol)
                || self.symbols.is_mentioned(symbol);
            if own.is_none() || is_sensitive {
                union.add(Value::Symbol(symbol));
            }
        }
        if union.is_empty() {
            return Rc::clone(&self.unknown);
        }
        union.finish()
    }

    /// A module can be something other than a record of names: `module.exports = f`.
    fn add_whole(&mut self, file: FileId, union: &mut Union) {
        let facts = self.facts(file);
        if let Exports::Listed { whole, .. } = &facts.exports {
            for value in whole {
                let values = self.outside(|analysis| analysis.evaluate(file, *value));
                union.extend(&values);
            }
        }
    }

    /// Returns what a file shows to others under a name.
    pub(super) fn exported(&mut self, file: FileId, name: &str) -> Values {
        // Files can export each other, and themselves.
        let number = self.symbols.number(name);
        let key = (file, number);
        if self.exporting.contains(&key) {
            self.exported_again = self.exported_again.wrapping_add(1);
            return Rc::clone(&self.unknown);
        }
        let again = self.exported_again;
        let version = self.version();
        if let Some((known, of)) = self.exports.get(&key)
            && *of == version
        {
            return Rc::clone(known);
        }
        let outer_low = std::mem::replace(&mut self.low, u32::MAX);
        self.exporting.push(key);
        let values = self.exported_once(file, name, number);
        self.exporting.pop();
        let is_settled = self.low == u32::MAX && self.exported_again == again;
        if is_settled && version == self.version() && self.fuel > 0 && self.depth < MOST_DEPTH {
            self.exports.insert(key, (Rc::clone(&values), version));
        }
        self.low = self.low.min(outer_low);
        values
    }

    fn exported_once(&mut self, file: FileId, name: &str, number: u32) -> Values {
        let facts = self.facts(file);
        let mut union = Union::default();
        for (values, _) in self.parts_of(Owner::Module(file), name) {
            union.extend(&values);
        }
        self.outside(|analysis| match &facts.exports {
            Exports::Scope => {
                let found = analysis.file(file).find_number(number);
                analysis.add_bound(file, &facts, (name, found), &mut union);
            }
            Exports::Listed { names, whole } => {
                let found = analysis.file(file).find_number(number);
                for (listed, value) in names {
                    if Some(*listed) == found {
                        union.extend(&analysis.evaluate(file, *value));
                    }
                }
                for value in whole {
                    let values = analysis.evaluate(file, *value);
                    let parts = analysis.each(&values, |a, value| a.attribute(value, name));
                    parts
                        .iter()
                        .filter(|part| **part != Value::Unknown)
                        .for_each(|part| union.add(part.clone()));
                }
            }
        });
        // Every module has some names that nobody binds, such as `__builtins__`.
        if union.is_empty() && name.starts_with("__") {
            self.add_global(name, &mut union);
        }
        if union.is_empty() {
            let inner = self.inner_module(file, name);
            return inner.map_or_else(|| Rc::clone(&self.unknown), |id| only(Value::Module(id)));
        }
        union.finish()
    }

    /// Returns the module of a name that lies beside a file, or below its folder.
    fn inner_module(&self, file: FileId, name: &str) -> Option<FileId> {
        // Most names are those of no file at all.
        let is_plain = !name.is_empty() && !name.contains(['/', '.']);
        if is_plain && !self.stems.contains(name) {
            return None;
        }
        let inner = (self.language.candidates)(&self.file(file).path, name, 1);
        inner.iter().find_map(|path| self.paths.get(path)).copied()
    }

    fn add_bound(
        &mut self,
        file: FileId,
        facts: &Facts,
        (name, id): (&str, Option<NameId>),
        union: &mut Union,
    ) {
        let module = ScopeId(0);
        if let Some(id) = id {
            for binding in facts.bindings_of(module, id) {
                union.extend(&self.evaluate(file, binding.value));
            }
        }
        if union.is_empty() {
            for (scope, star) in &facts.stars {
                let modules = if *scope == module { self.evaluate(file, *star) } else { continue };
                for starred in modules.iter() {
                    self.add_starred(starred, name, union);
                }
            }
        }
    }

    /// Returns what a parameter is called with, as far as calls are seen.
    pub(super) fn parameter(&mut self, file: FileId, function: FunctionId, number: u32) -> Values {
        let position = usize::try_from(number).unwrap_or(usize::MAX);
        let given = self.frames.iter().rev().find_map(|frame| match &frame.parameters {
            Some((f, id, values)) if (*f, *id) == (file, function) => values.get(position).cloned(),
            Some(_) | None => None,
        });
        if let Some(given) = given {
            return given;
        }
        self.outside(|analysis| analysis.unfollowed_parameter(file, function, number))
    }

    /// The same outside of calls that are being followed: the union of all calls.
    fn unfollowed_parameter(&mut self, file: FileId, function: FunctionId, number: u32) -> Values {
        let position = usize::try_from(number).unwrap_or(usize::MAX);
        let facts = self.facts(file);
        let Some(found) = facts.functions.get(function.position()) else {
            return Rc::clone(&self.unknown);
        };
        if let (Receiver::FirstParameter, 0, Some(class)) = (found.receiver, number, found.class) {
            return only(Value::Instance(file, class));
        }
        let Some(parameter) = found.parameters.get(position) else {
            return Rc::clone(&self.unknown);
        };
        let mut union = Union::default();
        let sites = self.sites.get(&(file, function));
        let sites: Vec<_> =
            sites.into_iter().flatten().take(MOST_SITES.saturating_add(1)).cloned().collect();
        for site in sites.iter().take(MOST_SITES) {
            let given = self.site_argument(site, (file, found), position);
            if let Some(values) = given {
                union.extend(&values);
            }
            if union.is_full() {
                break;
            }
        }
        if sites.len() > MOST_SITES {
            union.add(Value::Unknown);
        }
        if let Some(default) = parameter.default {
            union.extend(&self.evaluate(file, default));
        }
        if let Some(annotation) = parameter.annotation {
            union.extend(&self.annotated(file, annotation));
        }
        if union.is_empty() || parameter.kind == ParameterKind::NamedRest && sites.is_empty() {
            return Rc::clone(&self.unknown);
        }
        union.finish()
    }

    /// Returns objects of the classes that an annotation names.
    pub(super) fn annotated(&mut self, file: FileId, annotation: ExprId) -> Values {
        let classes = self.evaluate(file, annotation);
        let mut union = Union::default();
        for class in classes.iter() {
            match class {
                Value::Class(file, class) => union.add(Value::Instance(*file, *class)),
                Value::Symbol(symbol) => {
                    let result = self.symbols.child(*symbol, crate::scan::symbols::RESULT);
                    union.add(Value::Symbol(result));
                }
                _ => {}
            }
        }
        union.finish()
    }
}

/// Tells whether a place stands behind another in a block that both are in.
fn shares_block(facts: &Facts, binding: u32, at: u32) -> bool {
    let around = |block: &Span| block.start <= binding && at < block.end;
    binding <= at && facts.blocks.iter().any(around)
}

/// Chooses the bindings that a name can mean at a place of the same scope, and says whether one of
/// them is certain to be there.
fn choose(bindings: &[Binding], at: Option<u32>, hoists: bool) -> (Cow<'_, [Binding]>, bool) {
    let Some(at) = at else {
        return (bindings.into(), bindings.iter().any(|binding| binding.certain));
    };
    let last = bindings.iter().rposition(|binding| binding.certain && binding.at <= at);
    if let Some((first, rest)) = last.and_then(|last| bindings.get(last..)?.split_first()) {
        if rest.is_empty() {
            return (std::slice::from_ref(first).into(), true);
        }
        let rest = rest.iter().filter(|binding| !binding.certain);
        return (std::iter::once(first).chain(rest).copied().collect(), true);
    }
    if hoists {
        return (bindings.into(), false);
    }
    (bindings.iter().filter(|binding| !binding.certain).copied().collect(), false)
}
