//! What the analysis has to know of a language, as tables.
//!
//! A qualified name says where a symbol comes from, the same way for all languages: a module and
//! the path inside it (`os.path.join`, `fs.readFileSync`), or the language's [`Language::global`]
//! and a free name (`builtins.eval`, `globalThis.fetch`, `_G.load`). `()` is the result of a call
//! (`pathlib.Path().unlink`), `[]` a part whose name nobody follows.

pub mod javascript;
pub mod lua;
pub mod python;
pub mod wasm;

/// A language.
#[expect(clippy::struct_excessive_bools, reason = "each says something else of a language")]
#[derive(Debug)]
pub struct Language {
    /// Its name in rules and reports.
    pub name: &'static str,
    /// The namespace that free names belong to.
    pub global: &'static str,
    /// The free names that there are; others are unknown.
    pub is_global: fn(&str) -> bool,
    /// Whether `a["b"]` is `a.b`.
    pub items_are_attributes: bool,
    /// Whether lists and records are one and the same, counted from 1, and methods of texts are
    /// functions that get the text: Lua's tables and strings.
    pub has_tables: bool,
    /// Whether files see each other's outermost names.
    pub shares_globals: bool,
    /// Whether a name that is bound later in a module means the global one until then.
    pub binds_in_order: bool,
    /// The global name of what makes a function of a text, if all functions show the way to it.
    pub function_maker: Option<&'static str>,
    /// What symbols do that the analysis can follow, by qualified name.
    pub intrinsics: &'static [(&'static str, Intrinsic)],
    /// What a method does, by the kind of its object and its name.
    pub method: fn(Kind, &str) -> Option<Intrinsic>,
    /// What an attribute of anything means, whatever it belongs to.
    pub attribute: fn(&str) -> Option<Attribute>,
    /// Paths in the archive that an import may mean: the importing file, the module, the levels up.
    pub candidates: fn(&str, &str, u8) -> Vec<String>,
}

/// The kinds of values that have methods.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A text.
    Text,
    /// Bytes.
    Bytes,
    /// A list, tuple, set, array, dictionary, object or table.
    Container,
    /// A dictionary of names: `vars(x)`, `globals()`, `sys.modules`.
    Namespace,
    /// Something that can be called.
    Callable,
    /// A whole number.
    Integer,
}

/// Attributes with a meaning of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Attribute {
    /// The dictionary of its object's attributes: `__dict__`.
    Namespace,
    /// The object itself, or as good as: `__call__`, `__func__`, `__wrapped__`, `default`.
    Itself,
    /// A function that gets an attribute of its object: `__getattribute__`.
    Getter,
    /// The module that a global function belongs to: `__self__`.
    Owner,
    /// The root of all classes: `__base__`, `__mro__`.
    Root,
    /// The class of its object: `__class__`, `constructor`.
    Class,
}

/// What a function does, as far as the analysis follows it. A method's object is its argument 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Intrinsic {
    /// The module that argument 0 names: `import_module`, `require`.
    Import,
    /// The first part of the module that argument 0 names: `__import__` without a list of names.
    ImportTop,
    /// A table of modules, by name: `sys.modules`. Not a function.
    Modules,
    /// An attribute of argument 0, named by argument 1: `getattr`, `Reflect.get`.
    Attribute,
    /// What describes an attribute of argument 0, named by argument 1, and as good as that:
    /// `Object.getOwnPropertyDescriptor`.
    Descriptor,
    /// Gives argument 0 the part argument 1, which argument 2 describes: `Object.defineProperty`.
    Define,
    /// The dictionary of attributes of argument 0, or of the module: `vars`, `globals`.
    Namespace,
    /// A function that gets the attributes that its arguments name: `attrgetter`.
    AttributeGetter,
    /// A function that gets the items that its arguments name: `itemgetter`.
    ItemGetter,
    /// A function that calls the method that argument 0 names: `methodcaller`.
    MethodCaller,
    /// Argument 0 with arguments already given: `partial`, `bind` (whose argument 1 is `this`).
    Partial,
    /// `bind`: argument 0 with an object and arguments already given.
    Bind,
    /// Calls argument 0 with what follows: `apply_async`, `ctx.run`.
    Call,
    /// Calls argument 0 with an object and what follows: `call`.
    CallWithThis,
    /// Calls argument 0 with an object and a list of arguments: `apply`.
    Apply,
    /// Calls argument 0 with each item of the others: `map`, `filter`.
    Map,
    /// Some items of argument 1, with each of which argument 0 is called: `filter`.
    Filter,
    /// The same with the object and the function the other way round: `[…].map(f)`.
    MapMethod,
    /// The items of argument 0, or what argument 1 makes of each: `Array.from`.
    ItemsThrough,
    /// Folds items with argument 0: `reduce`.
    Reduce,
    /// The same with the object and the function the other way round: `[…].reduce(f)`.
    ReduceMethod,
    /// The same from the end: `[…].reduceRight(f)`.
    ReduceBackMethod,
    /// Calls argument 0 with a list of arguments: `Reflect.construct`.
    Construct,
    /// Argument 0 is code of the language: `eval`, `exec`, `compile`.
    Code,
    /// The last argument is code, the others are parameters: `Function`.
    CodeLast,
    /// The class of argument 0: `type`.
    Class,

    /// The character with the code of each argument: `chr`, `String.fromCharCode`.
    Character,
    /// The code of the first character of argument 0: `ord`, `charCodeAt`, `string.byte`.
    CharacterCode,
    /// Argument 0 as text: `str`, `String`, `toString`, `decode`, `encode`.
    ToText,
    /// Argument 0, a number, as text in base argument 1: `toString`.
    ToTextInBase,
    /// Argument 0 as text, decoded as argument 1 says: `codecs.decode`, `bytes.decode`,
    /// `Buffer.from`.
    Decode,
    /// Argument 0 as bytes: `bytes`, `bytearray`.
    ToBytes,
    /// Argument 0 as a whole number, in base argument 1: `int`, `parseInt`.
    ToInteger,
    /// Argument 0 as a number, whatever comes behind it: `Number`.
    ToNumber,
    /// Argument 0, a text, as JSON: `JSON.stringify`.
    ToJson,
    /// A coding undone.
    Codec(Codec),
    /// The same, with a text as the result: `atob`.
    CodecText(Codec),
    /// The items of argument 1 put together, argument 0 between them: `", ".join(x)`.
    Join,
    /// The same with the arguments the other way round: `x.join(", ")`, `table.concat`.
    JoinItems,
    /// Argument 0 split at argument 1: `split`.
    Split,
    /// Argument 1 replaced by argument 2 in argument 0: `replace`.
    Replace,
    /// The first argument 1 replaced by argument 2 in argument 0: JavaScript's `replace`.
    ReplaceFirst,
    /// A pattern with the source argument 0 and the flags argument 1: `RegExp`.
    Pattern,
    /// What the pattern argument 0 finds in argument 1: `exec`.
    PatternExec,
    /// What the pattern argument 1 finds in argument 0: `match`.
    PatternMatch,
    /// The same with the groups of each: `matchAll`.
    PatternMatchAll,
    /// What the pattern argument 0 finds replaced by argument 1 in argument 2: `re.sub`.
    Substitute,
    /// Argument 0 in lower case.
    Lower,
    /// Argument 0 in upper case.
    Upper,
    /// Argument 0 without the characters of argument 1 (white space) at its ends.
    Trim,
    /// Argument 0 backwards: `reversed`, `reverse`, `string.reverse`.
    Reverse,
    /// Argument 0, argument 1 times: `repeat`, `string.rep`.
    Repeat,
    /// Python's `str.format`.
    Format,
    /// `%` as a function: `string.format`, `util.format`.
    Percent,
    /// Each character of argument 0 looked up in the table argument 1: `translate`.
    Translate,
    /// The table that turns characters of argument 0 into those of argument 1: `maketrans`.
    TranslationTable,
    /// Argument 0 with argument 2 behind it until it has length argument 1: `padEnd`.
    PadEnd,
    /// The same at the other end: `padStart`.
    PadStart,
    /// What argument 0, a text, says as JSON: `JSON.parse`, `json.loads`.
    Json,
    /// Something that has argument 0 as its description, and is equal to nothing: `Symbol`.
    Unique,
    /// The description of what that made: `Symbol.keyFor`.
    UniqueName,
    /// Argument 0 as bytes, two for each number: `Uint16Array`.
    ToWideBytes,
    /// Part of argument 0, from argument 1 to argument 2: `slice`, `substring`.
    Slice,
    /// Part of argument 0, from argument 1, argument 2 long: `substr`.
    SliceLength,
    /// Part of argument 0, from argument 1 to argument 2, both counted from 1: `string.sub`.
    SliceInclusive,
    /// The item of argument 0 at argument 1: `get`, `__getitem__`, `charAt`, `at`, `pop`.
    Item,
    /// Argument 0 with a prefix or suffix (argument 1) removed: `removeprefix`.
    RemoveAffix,
    /// The texts and items of the arguments, one after the other: `concat`.
    Concat,

    /// The path of the file itself: `__file__`. Not a function.
    OwnFile,
    /// A path put together from its arguments: `os.path.join`, `path.resolve`.
    Path,
    /// The folder of a path: `dirname`.
    Folder,
    /// An object that stands for a path: `pathlib.Path`.
    PathObject,

    /// A list of what argument 0 gives: `list`, `tuple`, `iter`, `Array.from`, `[].flat`.
    ToItems,
    /// Some items of argument 0, or all of them in some order: `filter`, `sort`.
    SomeItems,
    /// The items of argument 0, and those of lists among them: `flat`.
    Flat,
    /// A list of the arguments: `Array.of`.
    Items,
    /// A record of the named arguments and of argument 0: `dict`, `Object.assign`.
    ToRecord,
    /// Argument 0 with the parts of the others: `Object.assign`.
    Assign,
    /// A list of pairs: `zip`.
    Zip,
    /// The keys of argument 0: `keys`.
    Keys,
    /// The values of argument 0: `values`.
    Values,
    /// The pairs of argument 0: `items`, `entries`.
    Entries,
    /// Any item of argument 0: `next`, `random.choice`, `max`.
    AnyItem,
    /// The whole numbers up to, or from and up to: `range`.
    Range,
    /// Adds argument 1 to the list argument 0: `append`, `push`.
    Append,
    /// Adds what argument 1 holds to argument 0: `update`, `extend`.
    Extend,
    /// Argument 0 with a part (argument 1) set to argument 2: `setattr`, `__setitem__`.
    SetItem,
    /// A part of objects that is found by calling argument 0 with the object: `property`.
    Property,
    /// Argument 0, whose missing parts are found in what argument 1 has as `__index`:
    /// `setmetatable`.
    MetaTable,
    /// A pattern (argument 1) replaced by argument 2 in argument 0: `string.gsub`.
    ReplacePattern,
    /// The first argument as it is: `await`-like wrappers, `functools.wraps()`, `freeze`.
    Itself,
    /// Whole-number operator of two arguments: `operator.xor`, `bit.bxor`.
    Xor,
    /// `operator.add`, `operator.concat`.
    Add,
}

/// A coding of bytes as text, or of bytes as other bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Codec {
    /// Base 64, both alphabets.
    Base64,
    /// Base 32.
    Base32,
    /// Base 85 as Python's `b85decode` has it.
    Base85,
    /// Ascii 85.
    Ascii85,
    /// Hexadecimal digits.
    Hex,
    /// Letters rotated by 13.
    Rot13,
    /// zlib, raw deflate or gzip.
    Inflate,
    /// `%xx`.
    Percent,
    /// Backslash escapes.
    Escapes,
    /// HTML character references.
    Html,
}
