//! Values: what an expression can stand for, as far as it matters.

use std::rc::Rc;

use super::facts::{ClassId, ExprId, FunctionId, Word};
use super::language::Intrinsic;
use super::symbols::SymbolId;

/// A file of the analysis, or code in a string of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub(crate) u32);

impl FileId {
    /// Returns the position in its list.
    pub fn position(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }
}

/// How a text came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Origin(u8);

/// What stands for an unknown part of a text.
pub const HOLE: char = '\u{fffc}';

impl Origin {
    /// It stands in the file as it is.
    pub const PLAIN: Self = Self(0);
    const COMPUTED: u8 = 1;
    const DECODED: u8 = 2;
    const HOLES: u8 = 4;
    const SPLIT: u8 = 8;

    /// The origin of what is put together from parts of both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The origin of what is computed from this.
    #[must_use]
    pub const fn computed(self) -> Self {
        Self(self.0 | Self::COMPUTED)
    }

    /// The origin of what is decoded from this.
    #[must_use]
    pub const fn decoded(self) -> Self {
        Self(self.0 | Self::COMPUTED | Self::DECODED)
    }

    /// The origin of what has parts that are unknown: each stands as [`HOLE`].
    #[must_use]
    pub const fn with_holes(self) -> Self {
        Self(self.0 | Self::HOLES)
    }

    /// The origin of what is put together from parts that split words: `sys` and `tem`.
    #[must_use]
    pub const fn split(self) -> Self {
        Self(self.0 | Self::COMPUTED | Self::SPLIT)
    }

    /// The origin of two texts one after the other.
    #[must_use]
    pub fn joined(self, left: &str, right: &str) -> Self {
        let inside = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        let splits = inside(left.chars().next_back()) && inside(right.chars().next());
        if splits { self.split() } else { self.computed() }
    }

    /// Tells whether nobody who reads the source sees the words of the text.
    pub const fn is_disguised(self) -> bool {
        self.0 & (Self::SPLIT | Self::DECODED) != 0
    }

    /// Tells whether the text was put together from parts.
    pub const fn is_computed(self) -> bool {
        self.0 & Self::COMPUTED != 0
    }

    /// Tells whether a coding was undone.
    pub const fn is_decoded(self) -> bool {
        self.0 & Self::DECODED != 0
    }

    /// Tells whether parts of the text are unknown.
    pub const fn has_holes(self) -> bool {
        self.0 & Self::HOLES != 0
    }
}

/// Some of the values that an expression can have; [`Value::Unknown`] says that there are more.
pub type Values = Rc<[Value]>;

/// A value.
#[derive(Debug, Clone)]
pub enum Value {
    /// Something that nobody follows.
    Unknown,
    /// Something unknown that came out of a decoder.
    Decoded,
    /// Something with a qualified name.
    Symbol(SymbolId),
    /// A text.
    Text(Rc<str>, Origin),
    /// Bytes.
    Bytes(Rc<[u8]>, Origin),
    /// A whole number.
    Integer(i64),
    /// A constant word.
    Word(Word),
    /// A function of a file; with the class whose object it is bound to.
    Function(FileId, FunctionId, Option<ClassId>),
    /// A class of a file.
    Class(FileId, ClassId),
    /// An object of a class of a file.
    Instance(FileId, ClassId),
    /// A list or record as it stands in a file; its parts are looked up there.
    Container(FileId, ExprId),
    /// A list.
    Items(Rc<[Values]>),
    /// A record.
    Record(Rc<[(Values, Values)]>),
    /// A file of the archive, as a module.
    Module(FileId),
    /// The dictionary of something's attributes.
    Namespace(Rc<Self>),
    /// A function that gets parts of its argument: attributes, items, or a method to call.
    Getter(Intrinsic, Rc<Arguments>),
    /// A method of a value.
    Method(Intrinsic, Rc<Self>),
    /// A function with arguments already given.
    Partial(Rc<Self>, Rc<Arguments>),
    /// A part of objects that is found by calling this with the object.
    Property(Rc<Self>),
    /// A path that starts at the plugin's own files, and how many folders above the file it is.
    OwnPath(u8),
}

/// Lists, records and arguments are equal if they are the same one: to compare what they hold,
/// which holds further ones, takes exponential time.
impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Unknown, Self::Unknown) | (Self::Decoded, Self::Decoded) => true,
            (Self::Symbol(a), Self::Symbol(b)) => a == b,
            (Self::Text(a, of_a), Self::Text(b, of_b)) => of_a == of_b && a == b,
            (Self::Bytes(a, of_a), Self::Bytes(b, of_b)) => of_a == of_b && a == b,
            (Self::Integer(a), Self::Integer(b)) => a == b,
            (Self::Word(a), Self::Word(b)) => a == b,
            (Self::Function(a, b, c), Self::Function(d, e, f)) => (a, b, c) == (d, e, f),
            (Self::Class(a, b), Self::Class(c, d))
            | (Self::Instance(a, b), Self::Instance(c, d)) => (a, b) == (c, d),
            (Self::Container(a, b), Self::Container(c, d)) => (a, b) == (c, d),
            (Self::Items(a), Self::Items(b)) => Rc::ptr_eq(a, b),
            (Self::Record(a), Self::Record(b)) => Rc::ptr_eq(a, b),
            (Self::Module(a), Self::Module(b)) => a == b,
            (Self::Namespace(a), Self::Namespace(b)) | (Self::Property(a), Self::Property(b)) => {
                a == b
            }
            (Self::Getter(a, b), Self::Getter(c, d)) => a == c && b == d,
            (Self::Method(a, b), Self::Method(c, d)) => a == c && b == d,
            (Self::Partial(a, b), Self::Partial(c, d)) => b == d && a == c,
            (Self::OwnPath(a), Self::OwnPath(b)) => a == b,
            _ => false,
        }
    }
}

/// The arguments of a call.
#[derive(Debug, Clone, Default)]
pub struct Arguments {
    /// By position.
    pub plain: Rc<[Values]>,
    /// By name.
    pub named: Rc<[(Rc<str>, Values)]>,
}

impl PartialEq for Arguments {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.plain, &other.plain) && Rc::ptr_eq(&self.named, &other.named)
    }
}

impl Arguments {
    /// Makes arguments by position.
    pub fn plain(plain: Vec<Values>) -> Self {
        Self { plain: plain.into(), named: Rc::default() }
    }

    /// Returns an argument by its position.
    pub fn get(&self, position: usize) -> Option<&Values> {
        self.plain.get(position)
    }

    /// Returns an argument by its position or name.
    pub fn find(&self, position: Option<usize>, name: Option<&str>) -> Option<&Values> {
        let named = || {
            let name = name?;
            self.named.iter().find(|(found, _)| &**found == name).map(|(_, values)| values)
        };
        position.and_then(|position| self.get(position)).or_else(named)
    }

    /// Returns the arguments without the first `count` by position.
    pub fn skip(&self, count: usize) -> Self {
        let plain = self.plain.get(count..).unwrap_or_default().into();
        Self { plain, named: Rc::clone(&self.named) }
    }

    /// Returns the arguments with others before them.
    pub fn after(&self, before: &Self) -> Self {
        let plain = before.plain.iter().chain(self.plain.iter()).cloned().collect();
        let named = before.named.iter().chain(self.named.iter()).cloned().collect();
        Self { plain, named }
    }

    /// Returns every argument.
    pub fn all(&self) -> impl Iterator<Item = &Values> {
        self.plain.iter().chain(self.named.iter().map(|(_, values)| values))
    }
}

/// The most values that are followed for one expression.
const MOST: usize = 24;

/// The same with those that have a name in the rules, which no number of others hides.
const MOST_NAMED: usize = 64;

/// Collects values without repeating one.
///
/// Most unions are of one set, or of sets that add nothing to the first: that one is shared then.
#[derive(Debug, Default)]
pub struct Union {
    /// What everything so far is in.
    first: Option<Values>,
    /// All values, once there is more than `first`.
    values: Vec<Value>,
    is_full: bool,
}

impl Union {
    fn known(&self) -> &[Value] {
        match &self.first {
            Some(first) if self.values.is_empty() => first,
            Some(_) | None => &self.values,
        }
    }

    fn has_room_for(&mut self, value: &Value) -> bool {
        let most = if matches!(value, Value::Symbol(_)) { MOST_NAMED } else { MOST };
        let has_room = self.known().len() < most;
        self.is_full |= !has_room;
        has_room
    }

    /// Makes the values those of this union alone.
    fn own(&mut self) {
        if let Some(first) = self.first.take()
            && self.values.is_empty()
        {
            self.values.reserve(first.len().saturating_add(4));
            self.values.extend_from_slice(&first);
        }
    }

    /// Adds a value.
    pub fn add(&mut self, value: Value) {
        if !holds(self.known(), &value) && self.has_room_for(&value) {
            self.own();
            self.values.push(value);
        }
    }

    /// Adds values.
    pub fn extend(&mut self, values: &Values) {
        match &self.first {
            Some(first) if Rc::ptr_eq(first, values) => return,
            // A set never repeats a value.
            None if self.values.is_empty() && values.len() <= MOST_NAMED && !values.is_empty() => {
                self.first = Some(Rc::clone(values));
                return;
            }
            Some(_) | None => {}
        }
        for value in values.iter() {
            if !holds(self.known(), value) && self.has_room_for(value) {
                self.own();
                self.values.push(value.clone());
            }
        }
    }

    /// Tells whether there is no room for more.
    pub fn is_full(&self) -> bool {
        self.known().len() >= MOST_NAMED
    }

    /// Tells whether nothing was added.
    pub fn is_empty(&self) -> bool {
        self.known().is_empty()
    }

    /// Returns the values.
    pub fn finish(mut self) -> Values {
        if self.is_full && !self.known().contains(&Value::Unknown) {
            self.own();
            self.values.push(Value::Unknown);
        }
        match self.first {
            Some(first) if self.values.is_empty() => first,
            Some(_) | None => self.values.into(),
        }
    }
}

/// Tells whether a set has a value: what sets are mostly of is compared without a look at the rest.
fn holds(values: &[Value], value: &Value) -> bool {
    match value {
        Value::Unknown => values.iter().any(|found| matches!(found, Value::Unknown)),
        Value::Integer(wanted) => {
            values.iter().any(|found| matches!(found, Value::Integer(number) if number == wanted))
        }
        Value::Symbol(wanted) => {
            values.iter().any(|found| matches!(found, Value::Symbol(symbol) if symbol == wanted))
        }
        Value::Text(wanted, origin) => values
            .iter()
            .any(|found| matches!(found, Value::Text(text, of) if of == origin && text == wanted)),
        _ => values.contains(value),
    }
}

/// Returns one value as a set.
pub fn only(value: Value) -> Values {
    Rc::new([value])
}

/// Returns a text as a set of values.
pub fn text(text: &str, origin: Origin) -> Value {
    Value::Text(text.into(), origin)
}
