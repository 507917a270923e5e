//! The analysis: what each expression of a set of files can stand for, and what that refers to.
//!
//! Values are found lazily and once for each expression. A name means the union of what is bound
//! to it, except in straight-line code, where the last binding counts. A cycle gives nothing new.
//! Two passes: the first finds out who calls which function and what is put where; the second
//! evaluates every expression that can refer to something with that knowledge, and records
//! references.
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
mod passes;
mod pattern;
mod record;
mod share;
mod sink;
mod text;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use self::memo::Memo;
use self::observe::Sink;
pub use self::observe::{Kind, Reference};
use self::share::Shared;
use super::facts::{ClassId, Expr, ExprId, Facts, FunctionId, NameId, ScopeId, Span, TextId};
use super::frontend::Frontend;
use super::language::Language;
use super::rules::RuleFile;
use super::symbols::Symbols;
use super::table::Table;
use super::value::{FileId, Origin, Union, Value, Values, only};

/// How deep evaluation goes at most.
const MOST_DEPTH: u32 = 6_000;
/// How many calls with known arguments are followed inside each other.
const MOST_FRAMES: usize = 8;
/// How much one call with known arguments may cost.
const CALL_FUEL: u64 = 6_000;

/// A file in the analysis.
#[derive(Debug)]
struct File {
    path: String,
    facts: Rc<Facts>,
    memo: Vec<Memo>,
    tries: Vec<u8>,
    /// The constant texts, as values, once they were asked for.
    texts: Vec<Option<Values>>,
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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
    memo: Table<(FileId, ExprId), Memo>,
}

/// The keys and values of a record.
type Pairs = Rc<[(Values, Values)]>;

/// The analysis of the files of one language.
#[derive(Debug)]
pub struct Analysis {
    frontend: &'static dyn Frontend,
    language: &'static Language,
    symbols: Symbols,
    files: Vec<File>,
    paths: BTreeMap<String, FileId>,
    /// What the parts of paths are called, without what comes behind a dot.
    stems: BTreeSet<Box<str>>,
    /// Names that the package gives to modules: the file that says so, the name, the module.
    imports: Vec<(String, String, String)>,
    frames: Vec<Frame>,
    /// Files whose exports are being looked through, and for which name.
    exporting: Vec<(FileId, u32)>,
    sites: Table<(FileId, FunctionId), Vec<Site>>,
    parts: Table<Owner, Vec<(Values, Values)>>,
    /// The items of lists, and the pairs of records, outside of calls that are followed.
    sequences: Table<(FileId, ExprId), Rc<[Values]>>,
    records: Table<(FileId, ExprId), Pairs>,
    /// What classes, or their objects, have under a name, where that is settled.
    members: Table<(FileId, ClassId, u32, bool), (Values, u64)>,
    /// What names are bound to in scopes, where that is settled and takes more than one look: the
    /// file, the scope, the name, and which of its bindings count.
    bound: Table<(FileId, ScopeId, NameId, Option<ExprId>, usize), Values>,
    /// What files show to others, where that is settled, as of a version.
    exports: Table<(FileId, u32), (Values, u64)>,
    /// How often a file was found to export what it is being asked for.
    exported_again: u64,
    /// How often something was given a part.
    puts: u64,
    /// The containers that are being looked into: one can hold itself.
    opened: Vec<(FileId, ExprId)>,
    /// Code in texts that was read, by the file that it stands in.
    codes: Table<(FileId, Box<str>), Option<FileId>>,
    /// How many characters of code in texts may still be read.
    code_left: usize,
    sink: Sink,
    shared: Shared,
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
            stems: BTreeSet::new(),
            imports: Vec::new(),
            frames: Vec::new(),
            exporting: Vec::new(),
            sites: Table::default(),
            parts: Table::default(),
            sequences: Table::default(),
            records: Table::default(),
            members: Table::default(),
            bound: Table::default(),
            exports: Table::default(),
            exported_again: 0,
            puts: 0,
            opened: Vec::new(),
            codes: Table::default(),
            code_left: nested::MOST_CODE_IN_ALL,
            sink: Sink::default(),
            shared: Shared::default(),
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
        let stems = path.split('/').filter_map(|part| part.split('.').next());
        self.stems.extend(stems.map(Box::from));
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
        let texts = vec![None; facts.texts.len()];
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
        self.files.push(File { path, facts, memo, tries, texts, uses, outer, nesting, numbers });
        id
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
            Expr::Text(text) => return self.constant(file, &facts, text),
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

    /// Returns a constant text.
    fn constant(&mut self, file: FileId, facts: &Facts, text: TextId) -> Values {
        let Some(file) = self.files.get_mut(file.position()) else {
            return Rc::clone(&self.unknown);
        };
        let make = || {
            let text = String::from_utf8_lossy(facts.text(text));
            only(super::value::text(&text, Origin::PLAIN))
        };
        match file.texts.get_mut(text.position()) {
            Some(place) => Rc::clone(place.get_or_insert_with(make)),
            None => make(),
        }
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
