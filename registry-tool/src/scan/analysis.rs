//! The analysis: what each expression of a set of files can stand for, and what that refers to.
//!
//! Values are found lazily and once for each expression. A name means the union of what is bound
//! to it, except in straight-line code, where the last binding counts. A cycle gives nothing new.
//! Two passes: the first finds out who calls which function and what is put where; the second
//! evaluates every expression with that knowledge, and records references.
//!
//! A function whose arguments are known is evaluated again with them, so that a decoder of the
//! plugin's own gives what it gives. All of it costs fuel; who runs out of it is not analysed,
//! which is a finding.

mod access;
mod budget;
mod call;
mod collection;
mod constant;
mod container;
mod each;
mod format;
mod intrinsic;
mod maker;
mod memo;
mod name;
mod nested;
mod object;
mod observe;
mod operation;
mod order;
mod part;
mod pattern;
mod record;
mod sink;
mod text;

use std::collections::BTreeMap;
use std::rc::Rc;

use self::memo::Memo;
use self::observe::Sink;
pub use self::observe::{Kind, Reference};
use super::facts::{ClassId, Expr, ExprId, Facts, FunctionId, NameId, ScopeId, Span};
use super::frontend::Frontend;
use super::language::Language;
use super::rules::RuleFile;
use super::symbols::Symbols;
use super::value::{FileId, Origin, Union, Value, Values, only};

/// How deep evaluation goes at most.
const MOST_DEPTH: u32 = 6_000;
/// How many calls with known arguments are followed inside each other.
const MOST_FRAMES: usize = 8;
/// How much one call with known arguments may cost.
const CALL_FUEL: u64 = 6_000;
/// How much a file may cost by calls with known arguments, besides what its size allows.
const FOLLOW_SHARE: u64 = 40_000;

/// A file in the analysis.
#[derive(Debug)]
struct File {
    path: String,
    facts: Rc<Facts>,
    memo: Vec<Memo>,
    tries: Vec<u8>,
    /// What becomes of each expression.
    uses: Rc<[Use]>,
    /// For code in a string: where the string is.
    outer: Option<(FileId, Span)>,
    nesting: u8,
    /// The identifiers, each with its number among those of all files, in the order of numbers.
    numbers: Rc<[(u32, NameId)]>,
}

impl File {
    /// Returns the identifier with a number, if it stands in the file.
    fn find_number(&self, number: u32) -> Option<NameId> {
        let found = self.numbers.binary_search_by_key(&number, |(number, _)| *number).ok()?;
        self.numbers.get(found).map(|(_, name)| *name)
    }
}

/// What becomes of an expression.
#[derive(Debug, Clone, Copy)]
enum Use {
    /// Its value goes somewhere.
    Value,
    /// It is called: what it refers to is judged with the arguments.
    Called,
    /// A part of it is taken.
    Base(NameId),
    /// The item at a key is taken.
    Item(ExprId),
}

/// Where the arguments of a call come from.
#[derive(Debug, Clone)]
enum Site {
    /// A call, and how many of the function's parameters come before its arguments.
    Call(FileId, ExprId, usize),
    /// Arguments that were put together.
    Arguments(super::value::Arguments),
}

/// What parts can be given to after it was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Owner {
    Class(FileId, ClassId),
    Function(FileId, FunctionId),
    Container(FileId, ExprId),
    Module(FileId),
    /// The global object, of which all files see the same.
    Global,
}

/// Values that hold while a call or a comprehension is evaluated.
#[derive(Debug, Default)]
struct Frame {
    parameters: Option<(FileId, FunctionId, Rc<[Values]>)>,
    elements: Vec<(FileId, ExprId, Values)>,
    memo: BTreeMap<(FileId, ExprId), Memo>,
}

/// The keys and values of a record.
type Pairs = Rc<[(Values, Values)]>;

#[expect(clippy::disallowed_types, reason = "only looked up; its order reaches nothing")]
type Map<K, V> = std::collections::HashMap<K, V>;

/// The analysis of the files of one language.
#[derive(Debug)]
pub struct Analysis {
    frontend: &'static dyn Frontend,
    language: &'static Language,
    symbols: Symbols,
    files: Vec<File>,
    paths: BTreeMap<String, FileId>,
    /// Names that the package gives to modules: the file that says so, the name, the module.
    imports: Vec<(String, String, String)>,
    frames: Vec<Frame>,
    /// Files whose exports are being looked through, and for which name.
    exporting: Vec<(FileId, Box<str>)>,
    sites: BTreeMap<(FileId, FunctionId), Vec<Site>>,
    parts: BTreeMap<Owner, Vec<(Values, Values)>>,
    /// The items of lists, and the pairs of records, outside of calls that are followed.
    sequences: BTreeMap<(FileId, ExprId), Rc<[Values]>>,
    records: BTreeMap<(FileId, ExprId), Pairs>,
    /// What classes, or their objects, have under a name, where that is settled.
    members: Map<(FileId, ClassId, u32, bool), (Values, u64)>,
    /// What names are bound to in scopes, where that is settled and takes more than one look: the
    /// file, the scope, the name, and which of its bindings count.
    bound: Map<(FileId, ScopeId, NameId, Option<ExprId>, usize), Values>,
    /// What files show to others, where that is settled, as of a version.
    exports: Map<(FileId, u32), (Values, u64)>,
    /// How often a file was found to export what it is being asked for.
    exported_again: u64,
    /// How often something was given a part.
    puts: u64,
    /// The containers that are being looked into: one can hold itself.
    opened: Vec<(FileId, ExprId)>,
    /// Code in texts that was read, by the file that it stands in.
    codes: BTreeMap<(FileId, Box<str>), Option<FileId>>,
    /// How many characters of code in texts may still be read.
    code_left: usize,
    sink: Sink,
    /// The tables behind which a part is being looked for: many are behind themselves.
    behind: Vec<Value>,
    /// Whether the first pass is on.
    is_collecting: bool,
    depth: u32,
    /// The least depth of an evaluation in progress that was asked for its result.
    low: u32,
    fuel: u64,
    /// How much is left for following calls and comprehensions with known values: in this file,
    /// and in all.
    follow_fuel: u64,
    follow_reserve: u64,
    /// What was cut off by cycles that are still open, and in how many frames.
    partial: Vec<(FileId, ExprId, usize)>,
    unknown: Values,
    nothing: Values,
    here: (FileId, ExprId),
}

impl Analysis {
    /// Starts an analysis.
    pub fn new(frontend: &'static dyn Frontend, rules: &[&RuleFile]) -> Self {
        let language = frontend.language();
        Self {
            frontend,
            language,
            symbols: Symbols::new(language, rules),
            files: Vec::new(),
            paths: BTreeMap::new(),
            imports: Vec::new(),
            frames: Vec::new(),
            exporting: Vec::new(),
            sites: BTreeMap::new(),
            parts: BTreeMap::new(),
            sequences: BTreeMap::new(),
            records: BTreeMap::new(),
            members: Map::new(),
            bound: Map::new(),
            exports: Map::new(),
            exported_again: 0,
            puts: 0,
            opened: Vec::new(),
            codes: BTreeMap::new(),
            code_left: nested::MOST_CODE_IN_ALL,
            sink: Sink::default(),
            behind: Vec::new(),
            is_collecting: false,
            depth: 0,
            low: u32::MAX,
            fuel: 0,
            follow_fuel: 0,
            follow_reserve: 0,
            partial: Vec::new(),
            unknown: only(Value::Unknown),
            nothing: Rc::new([]),
            here: (FileId(0), ExprId(0)),
        }
    }

    /// Adds a file.
    pub fn add(&mut self, path: &str, facts: Facts) -> FileId {
        let id = self.add_file(path, facts, None, 0);
        self.paths.insert(path.to_owned(), id);
        id
    }

    /// Adds the names that a package gives to modules.
    pub fn add_imports(&mut self, path: &str, imports: impl Iterator<Item = (String, String)>) {
        let imports = imports.map(|(name, module)| (path.to_owned(), name, module));
        self.imports.extend(imports);
    }

    fn add_file(
        &mut self,
        path: &str,
        facts: Facts,
        outer: Option<(FileId, Span)>,
        nesting: u8,
    ) -> FileId {
        let id = FileId(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
        let memo = vec![Memo::Empty; facts.exprs.len()];
        let tries = vec![0; facts.exprs.len()];
        let mut uses = vec![Use::Value; facts.exprs.len()];
        for expr in &facts.exprs {
            let (used, how) = match expr {
                Expr::Call(callee, _) => (callee, Use::Called),
                Expr::Attribute(base, name) => (base, Use::Base(*name)),
                Expr::Index(base, key) => (base, Use::Item(*key)),
                _ => continue,
            };
            if let Some(place) = uses.get_mut(used.position()) {
                *place = how;
            }
        }
        let names = (0..).map(NameId).zip(&facts.names);
        let mut numbers: Vec<_> = names.map(|(id, name)| (self.symbols.number(name), id)).collect();
        numbers.sort_unstable();
        let (path, facts, uses) = (path.to_owned(), Rc::new(facts), uses.into());
        let numbers = numbers.into();
        self.files.push(File { path, facts, memo, tries, uses, outer, nesting, numbers });
        id
    }

    /// Evaluates every expression of every file, and returns what they refer to.
    pub fn run(mut self, mut begin: impl FnMut(&str)) -> Vec<Reference> {
        self.refuel();
        // Code in strings is added while this runs.
        self.is_collecting = true;
        // Where functions are parts of tables, who calls them shows only when the parts are known.
        let rounds = if self.language.has_tables { 2 } else { 1 };
        for _ in 0..rounds {
            for number in 0..self.files.len() {
                self.collect_parts(file_id(number));
            }
            self.sites.clear();
            let mut number = 0;
            while number < self.files.len() {
                let file = file_id(number);
                begin(&self.file(file).path.clone());
                self.collect(file);
                number += 1;
            }
            for file in &mut self.files {
                file.memo.fill(Memo::Empty);
            }
            self.bound.clear();
            self.exports.clear();
            self.members.clear();
        }
        self.is_collecting = false;
        self.refuel();
        let mut number = 0;
        while number < self.files.len() {
            let file = file_id(number);
            begin(&self.file(file).path.clone());
            self.evaluate_all(file);
            number += 1;
        }
        self.finish()
    }

    /// Assignments to parts, before calls are looked at.
    fn collect_parts(&mut self, file: FileId) {
        if self.language.has_tables {
            let facts = self.facts(file);
            for store in &facts.stores {
                self.store(file, *store);
            }
        }
    }

    /// The first pass: calls and assignments to parts.
    fn collect(&mut self, file: FileId) {
        let facts = self.facts(file);
        for call in order::calls(&facts) {
            self.evaluate(file, call);
        }
        for store in &facts.stores {
            self.store(file, *store);
        }
    }

    fn evaluate_all(&mut self, file: FileId) {
        let facts = self.facts(file);
        let share = FOLLOW_SHARE.saturating_add(size(&facts)).min(self.follow_reserve);
        self.follow_fuel = share;
        for number in 0..u32::try_from(facts.exprs.len()).unwrap_or(0) {
            self.evaluate(file, ExprId(number));
        }
        self.judge_stores(file, &facts);
        self.judge_item_stores(file, &facts);
        self.follow_reserve -= share.saturating_sub(self.follow_fuel);
        for note in &facts.notes {
            self.record(
                file,
                note.span,
                Kind::Noted { code: note.code.to_owned(), message: note.message.clone() },
            );
        }
        if self.fuel == 0 {
            self.record(file, Span::default(), Kind::Exhausted);
        }
    }

    /// Returns the version of what is known of parts: it changes during the first pass alone.
    const fn version(&self) -> u64 {
        if self.is_collecting { self.puts } else { 0 }
    }

    fn refuel(&mut self) {
        let total: u64 = self.files.iter().map(|file| size(&file.facts)).sum();
        self.fuel = total.saturating_mul(12).saturating_add(4_000_000);
        self.follow_reserve = (total / 2).saturating_add(400_000);
    }

    fn file(&self, id: FileId) -> &File {
        self.files.get(id.position()).expect("files are numbered here alone")
    }

    fn facts(&self, id: FileId) -> Rc<Facts> {
        Rc::clone(&self.file(id).facts)
    }

    fn compute(&mut self, file: FileId, id: ExprId) -> Values {
        let facts = self.facts(file);
        let expr = facts.expr(id);
        let values = match expr {
            Expr::Unknown => return Rc::clone(&self.unknown),
            Expr::Text(text) => {
                let text = String::from_utf8_lossy(facts.text(text));
                self.observe_text(file, &text, facts.span(id));
                return only(super::value::text(&text, Origin::PLAIN));
            }
            Expr::Bytes(text) => return only(Value::Bytes(facts.text(text).into(), Origin::PLAIN)),
            Expr::Integer(number) => return only(Value::Integer(number)),
            Expr::Word(word) => return only(Value::Word(word)),
            Expr::Name(name, scope) => self.look_up(file, &facts, (name, scope), facts.span(id)),
            Expr::Attribute(base, name) => {
                let bases = self.evaluate(file, base);
                let name = facts.name(name);
                self.each(&bases, |analysis, base| analysis.attribute(base, name))
            }
            Expr::Index(base, key) => {
                let bases = self.evaluate(file, base);
                let keys = self.evaluate(file, key);
                self.index(&bases, &keys)
            }
            Expr::Slice(base, bounds) => self.slice(file, base, facts.list(bounds)),
            Expr::Call(callee, arguments) => self.call_expression(file, id, callee, arguments),
            Expr::Keyword(name, inner) => {
                self.observe_keyword(file, facts.name(name), facts.span(id));
                self.evaluate(file, inner)
            }
            Expr::Spread(inner) | Expr::Pair(_, inner) => self.evaluate(file, inner),
            Expr::Items(_) => only(Value::Container(file, id)),
            Expr::Record(list) => self.copied_record(file, id, facts.list(list)),
            Expr::Sum(list) => self.sum(file, facts.list(list)),
            Expr::Template(list) => self.template(file, facts.list(list)),
            Expr::Binary(operator, left, right) => self.binary(file, operator, left, right),
            Expr::OneOf(list) => {
                let mut union = Union::default();
                for member in facts.list(list) {
                    union.extend(&self.evaluate(file, *member));
                }
                union.finish()
            }
            Expr::Element(iterated) => self.element(file, id, iterated),
            Expr::Comprehension(element, sources) => {
                self.comprehension(file, element, facts.list(sources))
            }
            Expr::Function(function) => only(Value::Function(file, function, None)),
            Expr::Class(class) => only(Value::Class(file, class)),
            Expr::Instance(class) => only(Value::Instance(file, class)),
            Expr::Import(module, level) => {
                let module = String::from_utf8_lossy(facts.text(module)).into_owned();
                self.import(file, &module, level)
            }
            Expr::Parameter(function, number) => self.parameter(file, function, number),
        };
        if !self.is_collecting {
            self.observe(file, &facts, id, &values);
        }
        values
    }

    /// Does something for each value and unites what comes of it.
    fn each(&mut self, values: &[Value], work: impl Fn(&mut Self, &Value) -> Values) -> Values {
        if let [one] = values {
            return work(self, one);
        }
        let mut union = Union::default();
        for value in values {
            union.extend(&work(self, value));
        }
        union.finish()
    }

    /// Does something with the frames of the current calls put away: what stands outside of
    /// functions does not depend on them.
    fn outside<T>(&mut self, work: impl FnOnce(&mut Self) -> T) -> T {
        let frames = std::mem::take(&mut self.frames);
        let result = work(self);
        self.frames = frames;
        result
    }
}

fn size(facts: &Facts) -> u64 {
    u64::try_from(facts.exprs.len()).unwrap_or(u64::MAX)
}

fn file_id(number: usize) -> FileId {
    FileId(u32::try_from(number).unwrap_or(u32::MAX))
}
