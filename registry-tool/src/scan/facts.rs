//! Facts: what a front-end makes of a file, in a form that is the same for every language.
//!
//! A file becomes one flat list of [`Expr`]s, children before parents, and a tree of [`Scope`]s
//! with the names that are bound in them. Statements disappear: what they bind becomes bindings,
//! what they evaluate becomes expressions. Nothing is resolved here; [`Builder`] only records.
//!
//! | in the source | in the facts |
//! |---|---|
//! | `import a.b as c`, `const c = require("a")` | a binding of `c` to an import |
//! | `a, b = x` | bindings of `a` to `x[0]`, of `b` to `x[1]` |
//! | `for a in x`, `[… for a in x]` | a binding of `a` to an element of `x` |
//! | `x if c else y`, `x or y`, `c ? x : y` | one of `x`, `y` |
//! | `f"{x}y"`, `` `${x}y` `` | a template |
//! | `self.a = x` in a method, `this.a = x` | a binding of `a` in the class |
//! | `o.a = x`, `o["a"] = x` | a [`Store`] |

mod builder;
mod chain;

pub use self::builder::Builder;
pub use self::chain::Chain;

/// A range of bytes of the file.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Default,
    serde::Serialize,
    serde::Deserialize,
)]
pub struct Span {
    /// Offset of the first byte.
    pub start: u32,
    /// Offset behind the last byte.
    pub end: u32,
}

impl Span {
    /// Makes a range.
    pub const fn new(start: u32, end: u32) -> Self {
        Self { start, end }
    }

    /// Tells whether `other` lies inside.
    pub const fn contains(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }
}

macro_rules! index {
    ($(#[$doc:meta] $name:ident),* $(,)?) => {$(
        #[$doc]
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub(crate) u32);

        impl $name {
            /// Returns the position in its list.
            pub fn position(self) -> usize {
                usize::try_from(self.0).unwrap_or(usize::MAX)
            }
        }
    )*};
}

index! {
    /// An expression of a file.
    ExprId,
    /// An identifier of a file.
    NameId,
    /// A constant text of a file, or constant bytes.
    TextId,
    /// A scope of a file.
    ScopeId,
    /// A function of a file.
    FunctionId,
    /// A class of a file.
    ClassId,
}

/// A run of expressions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct List {
    pub(crate) start: u32,
    pub(crate) count: u32,
}

/// An expression, as far as it matters where values come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expr {
    /// Something whose value nobody follows. What stands inside it is recorded on its own.
    Unknown,
    /// A constant text.
    Text(TextId),
    /// Constant bytes.
    Bytes(TextId),
    /// A whole number.
    Integer(i64),
    /// `True`, `False`, `None`, `null`, `undefined`, `nil`.
    Word(Word),
    /// A name, looked up from a scope.
    Name(NameId, ScopeId),
    /// `base.name`
    Attribute(ExprId, NameId),
    /// `base[key]`
    Index(ExprId, ExprId),
    /// `base[start:stop:step]`: three expressions, [`Expr::Unknown`] never stands for a missing one
    /// ([`Word::None`] does).
    Slice(ExprId, List),
    /// `callee(arguments)`; [`Expr::Keyword`] and [`Expr::Spread`] stand only here and in
    /// [`Expr::Items`].
    Call(ExprId, List),
    /// `name=value` among arguments.
    Keyword(NameId, ExprId),
    /// `*value`, `...value`, and `**value`, whose value is a record.
    Spread(ExprId),
    /// A list, tuple, set or array.
    Items(List),
    /// A dictionary, object or table: [`Expr::Pair`]s and [`Expr::Spread`]s.
    Record(List),
    /// `key: value` of a record.
    Pair(ExprId, ExprId),
    /// `a + b + c`, which adds numbers, texts and lists.
    Sum(List),
    /// A text put together from parts: each is turned into text.
    Template(List),
    /// Any other operator with two operands.
    Binary(Operator, ExprId, ExprId),
    /// One of these; which, is decided at run time.
    OneOf(List),
    /// What iterating over this gives, one at a time.
    Element(ExprId),
    /// The list of `element`, once for each item of the iterated [`Expr::Element`]s.
    Comprehension(ExprId, List),
    /// A function, method or lambda.
    Function(FunctionId),
    /// A class.
    Class(ClassId),
    /// An object of a class of this file: `this`, `self`.
    Instance(ClassId),
    /// A module: its name as written, and how many levels up it is looked for (Python's dots).
    Import(TextId, u8),
    /// What a parameter is called with.
    Parameter(FunctionId, u32),
}

/// A constant that is neither number nor text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Word {
    /// `True`
    True,
    /// `False`
    False,
    /// `None`, `null`, `undefined`, `nil`, or a bound of a slice that is not there.
    None,
}

/// An operator that folding knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Operator {
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/` and `//`; Python's `Path / text`, too.
    Divide,
    /// `%`, which also formats texts in Python.
    Modulo,
    /// `^`, `~` of Lua
    Xor,
    /// `<<`
    ShiftLeft,
    /// `>>`
    ShiftRight,
    /// `|`
    Or,
    /// `&`
    And,
    /// Anything else.
    Other,
}

/// What a scope belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ScopeKind {
    /// The file.
    Module,
    /// A function, or a block of it: names bound here hide those outside, whatever comes first.
    Function,
    /// A class: functions inside do not see its names as variables.
    Class,
}

/// A region in which names are bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scope {
    /// The scope around it.
    pub parent: Option<ScopeId>,
    /// What it belongs to.
    pub kind: ScopeKind,
    /// The class, if it belongs to one.
    pub class: Option<ClassId>,
}

/// One of the values that a name is bound to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Binding {
    /// The scope.
    pub scope: ScopeId,
    /// The name.
    pub name: NameId,
    /// The value.
    pub value: ExprId,
    /// Where the binding is done: names that stand after it see it.
    pub at: u32,
    /// Whether every run through the scope comes by here: straight-line code, not in a branch, a
    /// loop, or a `try`.
    pub certain: bool,
}

/// An assignment to a part of something: `base.name = value`, `base[key] = value`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Store {
    /// What gets a part.
    pub base: ExprId,
    /// Which part: an expression whose value is a text or number.
    pub key: ExprId,
    /// What it becomes.
    pub value: ExprId,
}

/// How a parameter takes arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ParameterKind {
    /// By position or by name.
    Plain,
    /// By name alone.
    Named,
    /// All further positions, as a list.
    Rest,
    /// All further names, as a record.
    NamedRest,
}

/// A parameter of a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parameter {
    /// Its name.
    pub name: NameId,
    /// How it takes arguments.
    pub kind: ParameterKind,
    /// Its value if there is no argument.
    pub default: Option<ExprId>,
    /// The class that its annotation names: the parameter is taken for an object of it.
    pub annotation: Option<ExprId>,
}

/// How a function that stands in a class gets its object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Receiver {
    /// Not at all.
    None,
    /// As the first parameter.
    FirstParameter,
}

/// A function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Function {
    /// Its scope.
    pub scope: ScopeId,
    /// Its parameters.
    pub parameters: Vec<Parameter>,
    /// What it can return, or yield.
    pub returns: Vec<ExprId>,
    /// Whether it yields: its result is iterated over to get `returns`.
    pub generates: bool,
    /// How it gets the object that it is a method of.
    pub receiver: Receiver,
    /// The class that it is a method of.
    pub class: Option<ClassId>,
}

/// A class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Class {
    /// Its scope: methods and attributes, those of its objects included.
    pub scope: ScopeId,
    /// Its base classes.
    pub bases: Vec<ExprId>,
}

/// What other files see of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Exports {
    /// The names of the file's outermost scope.
    Scope,
    /// What is listed: names with their values, and values all of whose parts are exported
    /// (`export * from`, `module.exports = …`, what a Lua file returns).
    Listed {
        /// Names.
        names: Vec<(NameId, ExprId)>,
        /// Values exported as a whole.
        whole: Vec<ExprId>,
    },
}

/// Something that a front-end noticed by itself, such as an identifier in disguise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The code of the finding.
    pub code: &'static str,
    /// Where.
    pub span: Span,
    /// What is wrong: lower case, no stop.
    pub message: String,
}

/// Everything that is known of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// Identifiers.
    pub names: Vec<Box<str>>,
    /// Identifiers in the order of their letters.
    pub sorted_names: Vec<NameId>,
    /// Constant texts and bytes.
    pub texts: Vec<Box<[u8]>>,
    /// Expressions, children before parents.
    pub exprs: Vec<Expr>,
    /// Where each expression stands.
    pub spans: Vec<Span>,
    /// The members of [`List`]s.
    pub lists: Vec<ExprId>,
    /// Scopes; the first is the file's own.
    pub scopes: Vec<Scope>,
    /// Bindings, sorted by scope, name and place.
    pub bindings: Vec<Binding>,
    /// The position of the first binding of each scope, and of the end.
    pub first_bindings: Vec<u32>,
    /// Scopes into which everything of a module is imported (`from m import *`), with the module.
    pub stars: Vec<(ScopeId, ExprId)>,
    /// Assignments to parts of things.
    pub stores: Vec<Store>,
    /// Functions.
    pub functions: Vec<Function>,
    /// Classes.
    pub classes: Vec<Class>,
    /// What other files see.
    pub exports: Exports,
    /// Code that never runs (`if TYPE_CHECKING:`), sorted and without overlap: references in it do
    /// not count.
    pub dead: Vec<Span>,
    /// Branches, loops and `try`: what is bound in one is bound for the rest of it.
    pub blocks: Vec<Span>,
    /// What the front-end noticed.
    pub notes: Vec<Note>,
}

impl Facts {
    /// Gives back memory that is not needed: the facts of all files are kept together.
    fn shrink(&mut self) {
        self.names.shrink_to_fit();
        self.texts.shrink_to_fit();
        self.exprs.shrink_to_fit();
        self.spans.shrink_to_fit();
        self.lists.shrink_to_fit();
        self.scopes.shrink_to_fit();
        self.bindings.shrink_to_fit();
        self.stores.shrink_to_fit();
        self.functions.shrink_to_fit();
        self.blocks.shrink_to_fit();
    }

    /// Returns an expression.
    pub fn expr(&self, id: ExprId) -> Expr {
        self.exprs.get(id.position()).copied().unwrap_or(Expr::Unknown)
    }

    /// Returns where an expression stands.
    pub fn span(&self, id: ExprId) -> Span {
        self.spans.get(id.position()).copied().unwrap_or_default()
    }

    /// Returns the members of a list.
    pub fn list(&self, list: List) -> &[ExprId] {
        let start = usize::try_from(list.start).unwrap_or(usize::MAX);
        let count = usize::try_from(list.count).unwrap_or(0);
        self.lists.get(start..start.saturating_add(count)).unwrap_or_default()
    }

    /// Returns an identifier.
    pub fn name(&self, id: NameId) -> &str {
        self.names.get(id.position()).map_or("", |name| name)
    }

    /// Returns a constant.
    pub fn text(&self, id: TextId) -> &[u8] {
        self.texts.get(id.position()).map_or(&[], |text| text)
    }

    /// Returns the bindings of a name in one scope, in the order of their places.
    pub fn bindings_of(&self, scope: ScopeId, name: NameId) -> &[Binding] {
        let first = |scope: usize| {
            let position = self.first_bindings.get(scope).copied();
            position.and_then(|position| usize::try_from(position).ok()).unwrap_or_default()
        };
        let scope = scope.position();
        let range = first(scope)..first(scope.saturating_add(1));
        let own = self.bindings.get(range).unwrap_or_default();
        let start = own.partition_point(|binding| binding.name < name);
        let rest = own.get(start..).unwrap_or_default();
        let count = rest.iter().take_while(|binding| binding.name == name).count();
        rest.get(..count).unwrap_or_default()
    }

    /// Returns the identifier, if it stands anywhere in the file.
    pub fn find_name(&self, text: &str) -> Option<NameId> {
        let found = self.sorted_names.binary_search_by(|name| self.name(*name).cmp(text)).ok()?;
        self.sorted_names.get(found).copied()
    }

    /// Tells whether what stands at `span` never runs.
    pub fn is_dead(&self, span: Span) -> bool {
        let next = self.dead.partition_point(|dead| dead.start <= span.start);
        let last = next.checked_sub(1).and_then(|last| self.dead.get(last));
        last.is_some_and(|dead| dead.contains(span))
    }
}
