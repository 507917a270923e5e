//! Calls: of functions of the plugin, of what the language brings, and of anything else.

use std::rc::Rc;

use super::{Analysis, CALL_FUEL, Frame, MOST_FRAMES, Site};
use crate::scan::facts::{
    ClassId, Exports, Expr, ExprId, Facts, Function, FunctionId, List, ParameterKind, Receiver,
    ScopeKind,
};
use crate::scan::symbols::RESULT;
use crate::scan::value::{Arguments, FileId, Origin, Union, Value, Values, only, text};

/// The most calls of a function that are each followed with their arguments.
const MOST_FOLLOWED: usize = 64;

impl Analysis {
    pub(super) fn call_expression(
        &mut self,
        file: FileId,
        id: ExprId,
        callee: ExprId,
        arguments: List,
    ) -> Values {
        let callees = self.evaluate(file, callee);
        let facts = self.facts(file);
        let list = facts.list(arguments);
        self.judge_method(file, callee, list);
        if callees.iter().all(|callee| *callee == Value::Unknown) {
            for argument in list.iter() {
                self.let_out(file, *argument);
            }
            self.judge_made_function(file, id, callee, list);
            return Rc::clone(&self.unknown);
        }
        let arguments = self.arguments(file, list);
        if self.is_collecting && self.note_site(file, id, callee) {
            callees.iter().for_each(|callee| self.add_site(callee, file, id));
        }
        let mut union = Union::default();
        for value in callees.iter() {
            if let Value::Symbol(symbol) = value {
                self.judge_call(file, callee, *symbol, &arguments);
                let is_known = |symbol| self.symbols.intrinsic(symbol).is_some();
                let is_followed = is_known(*symbol) || is_known(self.symbols.parent(*symbol));
                if !self.symbols.is_harmless(*symbol) && !is_followed {
                    for argument in list.iter() {
                        self.let_out(file, *argument);
                    }
                }
            }
            union.extend(&self.call(value, &arguments));
        }
        if union.is_empty() { Rc::clone(&self.unknown) } else { union.finish() }
    }

    /// Evaluates the arguments of a call.
    pub(super) fn arguments(&mut self, file: FileId, list: &[ExprId]) -> Arguments {
        let facts = self.facts(file);
        let (mut plain, mut named) = (Vec::new(), Vec::new());
        for argument in list {
            match facts.expr(*argument) {
                Expr::Keyword(name, value) => {
                    named.push((facts.name(name).into(), self.evaluate(file, value)));
                }
                Expr::Spread(inner) => {
                    let values = self.evaluate(file, inner);
                    self.spread(&values, &mut plain, &mut named);
                }
                _ => plain.push(self.evaluate(file, *argument)),
            }
        }
        Arguments { plain: plain.into(), named: named.into() }
    }

    fn spread(
        &mut self,
        values: &Values,
        plain: &mut Vec<Values>,
        named: &mut Vec<(Rc<str>, Values)>,
    ) {
        for value in values.iter() {
            let is_list = self.language.has_tables;
            if let Some(pairs) = self.pairs(value).filter(|_| !is_list) {
                for (keys, values) in pairs {
                    for key in keys.iter() {
                        if let Value::Text(key, _) = key {
                            named.push((Rc::clone(key), Rc::clone(&values)));
                        }
                    }
                }
            } else if let Some(items) = self.sequence(value) {
                plain.extend(items);
            } else {
                plain.push(Rc::clone(&self.unknown));
            }
        }
    }

    pub(super) fn add_site(&mut self, callee: &Value, file: FileId, id: ExprId) {
        match callee {
            Value::Function(of, function, bound) => {
                let before = self.parameters_before(*of, *function, bound.is_some());
                let site = Site::Call(file, id, before);
                self.sites.entry((*of, *function)).or_default().push(site);
            }
            Value::Class(class_file, class) => {
                for init in ["__init__", "__new__", "constructor"] {
                    for made in self.member(*class_file, *class, init, false).iter() {
                        if let Value::Function(of, function, _) = made {
                            let before = self.parameters_before(*of, *function, true);
                            let site = Site::Call(file, id, before);
                            self.sites.entry((*of, *function)).or_default().push(site);
                        }
                    }
                }
            }
            _ => {}
        }
    }

    /// Returns how many parameters the object of a method takes: none where it has a word of its
    /// own.
    fn parameters_before(&self, file: FileId, id: FunctionId, is_bound: bool) -> usize {
        let facts = &self.file(file).facts;
        let receiver = facts.functions.get(id.position()).map(|function| function.receiver);
        usize::from(is_bound && receiver == Some(Receiver::FirstParameter))
    }

    /// Returns the arguments that come from a site.
    pub(super) fn site_arguments(&mut self, site: &Site) -> Arguments {
        match site {
            Site::Arguments(arguments) => arguments.clone(),
            Site::Call(file, id, before) => {
                let facts = self.facts(*file);
                let Expr::Call(_, list) = facts.expr(*id) else { return Arguments::default() };
                let arguments =
                    self.outside(|analysis| analysis.arguments(*file, facts.list(list)));
                let before = vec![Rc::clone(&self.unknown); *before];
                arguments.after(&Arguments::plain(before))
            }
        }
    }

    /// Returns what a site gives for one parameter; none where it gives nothing.
    ///
    /// As a rule that is one argument: the others are not looked at.
    pub(super) fn site_argument(
        &mut self,
        site: &Site,
        (file, function): (FileId, &Function),
        position: usize,
    ) -> Option<Values> {
        if let Site::Call(site_file, id, before) = site
            && let Some(parameter) = function.parameters.get(position)
            && matches!(parameter.kind, ParameterKind::Plain | ParameterKind::Named)
        {
            let facts = self.facts(*site_file);
            let Expr::Call(_, list) = facts.expr(*id) else { return None };
            let list = facts.list(list);
            if !list.iter().any(|argument| matches!(facts.expr(*argument), Expr::Spread(_))) {
                let number =
                    if parameter.kind == ParameterKind::Plain { position } else { usize::MAX };
                if number < *before {
                    return Some(Rc::clone(&self.unknown));
                }
                let of = self.facts(file);
                let name = of.name(parameter.name);
                let found = chosen_argument(&facts, list, number.saturating_sub(*before), name)?;
                return Some(self.outside(|analysis| analysis.evaluate(*site_file, found)));
            }
        }
        let arguments = self.site_arguments(site);
        self.bind_arguments(file, function, &arguments).get(position).cloned()
    }

    /// Distributes arguments over the parameters of a function.
    pub(super) fn bind_arguments(
        &mut self,
        file: FileId,
        function: &Function,
        arguments: &Arguments,
    ) -> Vec<Values> {
        let mut next = 0;
        let mut bound = Vec::with_capacity(function.parameters.len());
        let facts = self.facts(file);
        for parameter in &function.parameters {
            let name = facts.name(parameter.name);
            let named = || {
                let found = arguments.named.iter().find(|(given, _)| &**given == name);
                found.map(|(_, values)| Rc::clone(values))
            };
            let values = match parameter.kind {
                ParameterKind::Plain => {
                    let plain = arguments.get(next).cloned();
                    next += 1;
                    plain.or_else(named)
                }
                ParameterKind::Named => named(),
                ParameterKind::Rest => {
                    let rest = arguments.skip(next);
                    next = usize::MAX;
                    Some(only(Value::Items(rest.plain)))
                }
                ParameterKind::NamedRest => {
                    let pair = |(name, values): &(Rc<str>, Values)| {
                        (only(text(name, Origin::PLAIN)), Rc::clone(values))
                    };
                    Some(only(Value::Record(arguments.named.iter().map(pair).collect())))
                }
            };
            bound.push(values.unwrap_or_else(|| Rc::clone(&self.nothing)));
        }
        bound
    }

    /// Returns what a value gives when it is called.
    pub(super) fn call(&mut self, callee: &Value, arguments: &Arguments) -> Values {
        match callee {
            Value::Symbol(symbol) => match self.symbols.intrinsic(*symbol) {
                Some(intrinsic) => self.run_intrinsic(intrinsic, Some(*symbol), arguments),
                None if *symbol == self.symbols.global("object") => only(callee.clone()),
                None => only(Value::Symbol(self.symbols.child(*symbol, RESULT))),
            },
            Value::Function(file, function, class) => {
                self.call_function(*file, *function, *class, arguments)
            }
            Value::Class(file, class) => {
                self.judge_bases(*file, *class, arguments);
                only(Value::Instance(*file, *class))
            }
            Value::Instance(..) => {
                let methods = self.attribute(callee, "__call__");
                let functions: Vec<_> =
                    methods.iter().filter(|m| matches!(m, Value::Function(..))).cloned().collect();
                self.each(&functions, |analysis, function| {
                    analysis.enter(|analysis| analysis.call(function, arguments))
                })
            }
            Value::Method(intrinsic, object) => {
                let object = Arguments::plain(vec![only((**object).clone())]);
                self.run_intrinsic(*intrinsic, None, &arguments.after(&object))
            }
            Value::Partial(inner, given) => {
                let arguments = arguments.after(given);
                if let Value::Symbol(symbol) = **inner {
                    let (file, id) = self.here;
                    self.judge_call(file, id, symbol, &arguments);
                }
                let inner = Rc::clone(inner);
                self.enter(|analysis| analysis.call_later(&inner, &arguments))
            }
            Value::Getter(kind, names) => self.get(*kind, names, arguments),
            Value::Decoded => only(Value::Decoded),
            Value::Container(..) if self.language.has_tables => {
                let key = Value::Text("__call".into(), Origin::PLAIN);
                let functions = self.container_item(callee, &key);
                let object = Arguments::plain(vec![only(callee.clone())]);
                let arguments = arguments.after(&object);
                let functions: Vec<_> =
                    functions.iter().filter(|f| is_callable(f)).cloned().collect();
                self.each(&functions, |analysis, function| {
                    analysis.enter(|analysis| analysis.call_later(function, &arguments))
                })
            }
            Value::Module(file) if self.language.has_tables => self.call_module(*file, arguments),
            Value::OwnPath(up) => only(Value::OwnPath(*up)),
            _ => Rc::clone(&self.unknown),
        }
    }

    /// Calls what a file returns.
    fn call_module(&mut self, file: FileId, arguments: &Arguments) -> Values {
        let facts = self.facts(file);
        let Exports::Listed { whole, .. } = &facts.exports else { return Rc::clone(&self.unknown) };
        let mut union = Union::default();
        for expr in whole {
            let functions = self.outside(|analysis| analysis.evaluate(file, *expr));
            for function in functions.iter() {
                if let Value::Symbol(symbol) = function {
                    let (file, id) = self.here;
                    self.judge_call(file, id, *symbol, arguments);
                }
                union.extend(&self.enter(|analysis| analysis.call_later(function, arguments)));
            }
        }
        union.finish()
    }

    /// Calls a value that does not stand in front of its arguments: `map`, `partial`, threads.
    pub(super) fn call_later(&mut self, callee: &Value, arguments: &Arguments) -> Values {
        if self.is_collecting
            && let Value::Function(file, function, bound) = callee
        {
            let before = self.parameters_before(*file, *function, bound.is_some());
            let before = vec![Rc::clone(&self.unknown); before];
            let site = Site::Arguments(arguments.after(&Arguments::plain(before)));
            let sites = self.sites.entry((*file, *function)).or_default();
            if sites.len() <= MOST_FOLLOWED {
                sites.push(site);
            }
        }
        self.call(callee, arguments)
    }

    fn call_function(
        &mut self,
        file: FileId,
        id: FunctionId,
        bound: Option<ClassId>,
        arguments: &Arguments,
    ) -> Values {
        let facts = self.facts(file);
        let Some(function) = facts.functions.get(id.position()) else {
            return Rc::clone(&self.unknown);
        };
        if function.returns.is_empty() {
            return Rc::clone(&self.unknown);
        }
        let told = |values: &Values| {
            values.iter().any(|value| !matches!(value, Value::Unknown | Value::Word(_)))
        };
        let sites = self.sites.get(&(file, id)).map_or(0, Vec::len);
        let is_followed = !self.is_collecting
            && sites <= MOST_FOLLOWED
            && self.frames.len() < MOST_FRAMES
            && !self.is_being_followed(file, id)
            && arguments.all().any(told);
        let followed = is_followed.then(|| {
            let arguments = match (function.receiver, bound) {
                (Receiver::FirstParameter, Some(class)) => {
                    arguments.after(&Arguments::plain(vec![only(Value::Instance(file, class))]))
                }
                (Receiver::FirstParameter | Receiver::None, _) => arguments.clone(),
            };
            self.follow(file, id, function, &arguments)
        });
        let values = followed.flatten().unwrap_or_else(|| {
            // Only what stands in another function sees the arguments of the calls around it.
            let scope = facts.scopes.get(function.scope.position());
            let parent = scope.and_then(|scope| scope.parent);
            let parent = parent.and_then(|parent| facts.scopes.get(parent.position()));
            if parent.is_some_and(|parent| parent.kind == ScopeKind::Function) {
                return self.results(file, function);
            }
            self.outside(|analysis| analysis.results(file, function))
        });
        if function.generates {
            return only(Value::Items(Rc::new([values])));
        }
        if values.is_empty() { Rc::clone(&self.unknown) } else { values }
    }

    /// Tells whether a call of the function is being followed: a function that calls itself is
    /// followed once.
    fn is_being_followed(&self, file: FileId, id: FunctionId) -> bool {
        self.frames.iter().any(|frame| {
            matches!(&frame.parameters, Some((of, followed, _)) if (*of, *followed) == (file, id))
        })
    }

    fn results(&mut self, file: FileId, function: &Function) -> Values {
        let mut union = Union::default();
        for result in &function.returns {
            union.extend(&self.evaluate(file, *result));
        }
        union.finish()
    }

    /// Evaluates the results of a function with known arguments; nothing if that costs too much.
    fn follow(
        &mut self,
        file: FileId,
        id: FunctionId,
        function: &Function,
        arguments: &Arguments,
    ) -> Option<Values> {
        let mut values = self.bind_arguments(file, function, arguments);
        for (parameter, values) in function.parameters.iter().zip(&mut values) {
            let is_foreign = |value: &Value| matches!(value, Value::Unknown | Value::Symbol(_));
            if let Some(annotation) = parameter.annotation
                && values.iter().all(is_foreign)
            {
                let mut union = Union::default();
                union.extend(values);
                union.extend(&self.annotated(file, annotation));
                *values = union.finish();
            }
            if values.is_empty() {
                *values = match parameter.default {
                    Some(default) => self.evaluate(file, default),
                    None => Rc::clone(&self.unknown),
                };
            }
        }
        let given = self.fuel.min(CALL_FUEL).min(self.follow_fuel);
        if given == 0 {
            return None;
        }
        let kept = self.fuel - given;
        self.fuel = given;
        let parameters = Some((file, id, Rc::from(values)));
        self.frames.push(Frame { parameters, ..Frame::default() });
        let low = self.low;
        let values = self.results(file, function);
        self.frames.pop();
        let is_done = self.fuel > 0;
        if !is_done {
            // What was found out on the way is given up.
            self.low = low;
        }
        self.follow_fuel = self.follow_fuel.saturating_sub(given - self.fuel);
        self.fuel += kept;
        is_done.then_some(values)
    }
}

/// Returns the argument at a position, or else that with a name.
fn chosen_argument(facts: &Facts, list: &[ExprId], position: usize, name: &str) -> Option<ExprId> {
    let is_plain = |argument: &&ExprId| !matches!(facts.expr(**argument), Expr::Keyword(..));
    let plain = list.iter().filter(is_plain).nth(position).copied();
    plain.or_else(|| {
        list.iter().find_map(|argument| match facts.expr(*argument) {
            Expr::Keyword(found, value) if facts.name(found) == name => Some(value),
            _ => None,
        })
    })
}

const fn is_callable(value: &Value) -> bool {
    matches!(value, Value::Function(..) | Value::Symbol(_) | Value::Method(..) | Value::Partial(..))
}
