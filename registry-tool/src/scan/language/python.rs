//! Python, as a table.

use super::{Attribute, Codec, Intrinsic, Kind, Language};

/// The table.
pub static PYTHON: Language = Language {
    name: "python",
    global: "builtins",
    is_global,
    items_are_attributes: false,
    has_tables: false,
    shares_globals: false,
    binds_in_order: true,
    function_maker: None,
    intrinsics: INTRINSICS,
    method,
    attribute,
    candidates,
};

/// The functions and classes of `builtins`, and the names that every module has; sorted.
#[rustfmt::skip]
const GLOBALS: &[&str] = &[
    "BaseException", "Exception", "SystemExit", "__build_class__", "__builtins__", "__debug__",
    "__doc__", "__file__", "__import__", "__loader__", "__name__", "__package__", "__path__",
    "__spec__", "abs", "aiter", "all", "anext", "any", "ascii", "bin", "bool", "breakpoint",
    "bytearray", "bytes", "callable", "chr", "classmethod", "compile", "complex", "copyright",
    "credits", "delattr", "dict", "dir", "divmod", "enumerate", "eval", "exec", "execfile", "exit",
    "file", "filter", "float", "format", "frozenset", "getattr", "globals", "hasattr", "hash",
    "help", "hex", "id", "input", "int", "isinstance", "issubclass", "iter", "len", "license",
    "list", "locals", "map", "max", "memoryview", "min", "next", "object", "oct", "open", "ord",
    "pow", "print", "property", "quit", "range", "raw_input", "reload", "repr", "reversed", "round",
    "set", "setattr", "slice", "sorted", "staticmethod", "str", "sum", "super", "tuple", "type",
    "unichr", "unicode", "vars", "zip",
];

fn is_global(name: &str) -> bool {
    GLOBALS.binary_search(&name).is_ok()
}

const INTRINSICS: &[(&str, Intrinsic)] = &[
    ("builtins.__import__", Intrinsic::ImportTop),
    ("importlib.import_module", Intrinsic::Import),
    ("importlib.__import__", Intrinsic::ImportTop),
    ("importlib.reload", Intrinsic::Itself),
    ("pkgutil.resolve_name", Intrinsic::Import),
    ("imp.load_module", Intrinsic::Import),
    ("pydoc.locate", Intrinsic::Import),
    ("pydoc.safeimport", Intrinsic::Import),
    ("unittest.mock._importer", Intrinsic::Import),
    ("builtins.__loader__.load_module", Intrinsic::Import),
    ("builtins.__spec__.loader.load_module", Intrinsic::Import),
    ("sys.modules", Intrinsic::Modules),
    ("builtins.getattr", Intrinsic::Attribute),
    ("inspect.getattr_static", Intrinsic::Attribute),
    ("builtins.object.__getattribute__", Intrinsic::Attribute),
    ("builtins.type.__getattribute__", Intrinsic::Attribute),
    ("types.ModuleType.__getattribute__", Intrinsic::Attribute),
    ("builtins.vars", Intrinsic::Namespace),
    ("builtins.globals", Intrinsic::Namespace),
    ("builtins.locals", Intrinsic::Namespace),
    ("operator.attrgetter", Intrinsic::AttributeGetter),
    ("operator.itemgetter", Intrinsic::ItemGetter),
    ("operator.methodcaller", Intrinsic::MethodCaller),
    ("operator.getitem", Intrinsic::Item),
    ("operator.call", Intrinsic::Call),
    ("operator.add", Intrinsic::Add),
    ("operator.concat", Intrinsic::Add),
    ("operator.iadd", Intrinsic::Add),
    ("operator.xor", Intrinsic::Xor),
    ("functools.partial", Intrinsic::Partial),
    ("functools.partialmethod", Intrinsic::Partial),
    ("functools.reduce", Intrinsic::Reduce),
    ("functools.wraps", Intrinsic::Itself),
    ("functools.cache", Intrinsic::Itself),
    ("functools.lru_cache", Intrinsic::Itself),
    ("builtins.staticmethod", Intrinsic::Itself),
    ("builtins.classmethod", Intrinsic::Itself),
    ("builtins.property", Intrinsic::Property),
    ("functools.cached_property", Intrinsic::Property),
    ("contextlib.nullcontext", Intrinsic::Itself),
    ("contextlib.contextmanager", Intrinsic::Itself),
    ("contextlib.asynccontextmanager", Intrinsic::Itself),
    ("contextlib.closing", Intrinsic::Itself),
    ("functools.singledispatch", Intrinsic::Itself),
    ("types.MethodType", Intrinsic::Itself),
    ("weakref.proxy", Intrinsic::Itself),
    ("string.Formatter().format", Intrinsic::Format),
    ("string.Formatter().vformat", Intrinsic::Format),
    ("copy.copy", Intrinsic::Itself),
    ("copy.deepcopy", Intrinsic::Itself),
    ("typing.cast", Intrinsic::AnyItem),
    ("asyncio.run", Intrinsic::Itself),
    ("asyncio.to_thread", Intrinsic::Call),
    ("contextvars.copy_context().run", Intrinsic::Call),
    ("builtins.map", Intrinsic::Map),
    ("builtins.filter", Intrinsic::Filter),
    ("json.loads", Intrinsic::Json),
    ("re.sub", Intrinsic::Substitute),
    ("json.dumps", Intrinsic::ToJson),
    ("itertools.starmap", Intrinsic::Map),
    ("builtins.eval", Intrinsic::Code),
    ("builtins.exec", Intrinsic::Code),
    ("builtins.compile", Intrinsic::Code),
    ("typing._eval_type", Intrinsic::Code),
    ("codeop.compile_command", Intrinsic::Code),
    ("code.compile_command", Intrinsic::Code),
    ("code.InteractiveInterpreter().runsource", Intrinsic::Code),
    ("code.InteractiveConsole().runsource", Intrinsic::Code),
    ("code.InteractiveConsole().push", Intrinsic::Code),
    ("ast.parse", Intrinsic::Itself),
    ("timeit.timeit", Intrinsic::Code),
    ("timeit.repeat", Intrinsic::Code),
    ("timeit.Timer", Intrinsic::Code),
    ("cProfile.run", Intrinsic::Code),
    ("cProfile.runctx", Intrinsic::Code),
    ("profile.run", Intrinsic::Code),
    ("pdb.run", Intrinsic::Code),
    ("pdb.runeval", Intrinsic::Code),
    ("trace.Trace().run", Intrinsic::Code),
    ("bdb.Bdb().run", Intrinsic::Code),
    ("builtins.type", Intrinsic::Class),
    ("builtins.chr", Intrinsic::Character),
    ("builtins.unichr", Intrinsic::Character),
    ("builtins.ord", Intrinsic::CharacterCode),
    ("builtins.str", Intrinsic::ToText),
    ("builtins.str.join", Intrinsic::Join),
    ("builtins.format", Intrinsic::ToText),
    ("sys.intern", Intrinsic::ToText),
    ("builtins.ascii", Intrinsic::ToText),
    ("builtins.bytes", Intrinsic::ToBytes),
    ("builtins.bytearray", Intrinsic::ToBytes),
    ("builtins.memoryview", Intrinsic::ToBytes),
    ("builtins.int", Intrinsic::ToInteger),
    ("builtins.bytes.fromhex", Intrinsic::Codec(Codec::Hex)),
    ("builtins.bytearray.fromhex", Intrinsic::Codec(Codec::Hex)),
    ("binascii.unhexlify", Intrinsic::Codec(Codec::Hex)),
    ("binascii.a2b_hex", Intrinsic::Codec(Codec::Hex)),
    ("binascii.a2b_base64", Intrinsic::Codec(Codec::Base64)),
    ("base64.b64decode", Intrinsic::Codec(Codec::Base64)),
    ("base64.standard_b64decode", Intrinsic::Codec(Codec::Base64)),
    ("base64.urlsafe_b64decode", Intrinsic::Codec(Codec::Base64)),
    ("base64.decodebytes", Intrinsic::Codec(Codec::Base64)),
    ("base64.decodestring", Intrinsic::Codec(Codec::Base64)),
    ("base64.b32decode", Intrinsic::Codec(Codec::Base32)),
    ("base64.b16decode", Intrinsic::Codec(Codec::Hex)),
    ("base64.b85decode", Intrinsic::Codec(Codec::Base85)),
    ("base64.a85decode", Intrinsic::Codec(Codec::Ascii85)),
    ("zlib.decompress", Intrinsic::Codec(Codec::Inflate)),
    ("gzip.decompress", Intrinsic::Codec(Codec::Inflate)),
    ("codecs.decode", Intrinsic::Decode),
    ("codecs.encode", Intrinsic::Decode),
    ("urllib.parse.unquote", Intrinsic::Codec(Codec::Percent)),
    ("urllib.parse.unquote_plus", Intrinsic::Codec(Codec::Percent)),
    ("html.unescape", Intrinsic::Codec(Codec::Html)),
    ("builtins.str.maketrans", Intrinsic::TranslationTable),
    ("builtins.__file__", Intrinsic::OwnFile),
    ("os.path.join", Intrinsic::Path),
    ("os.path.abspath", Intrinsic::Path),
    ("os.path.realpath", Intrinsic::Path),
    ("os.path.normpath", Intrinsic::Path),
    ("os.fspath", Intrinsic::Path),
    ("os.path.dirname", Intrinsic::Folder),
    ("pathlib.Path", Intrinsic::PathObject),
    ("sys.modules.get", Intrinsic::Import),
    ("sys.modules.pop", Intrinsic::Import),
    ("sys.modules.__getitem__", Intrinsic::Import),
    ("sys.modules.setdefault", Intrinsic::Import),
    ("ast.unparse", Intrinsic::Itself),
    ("textwrap.dedent", Intrinsic::ToText),
    ("inspect.cleandoc", Intrinsic::ToText),
    ("builtins.reversed", Intrinsic::Reverse),
    ("builtins.list", Intrinsic::ToItems),
    ("builtins.tuple", Intrinsic::ToItems),
    ("builtins.set", Intrinsic::ToItems),
    ("builtins.frozenset", Intrinsic::ToItems),
    ("builtins.iter", Intrinsic::ToItems),
    ("builtins.sorted", Intrinsic::ToItems),
    ("collections.deque", Intrinsic::ToItems),
    ("itertools.chain", Intrinsic::Concat),
    ("itertools.cycle", Intrinsic::ToItems),
    ("itertools.repeat", Intrinsic::Items),
    ("builtins.dict", Intrinsic::ToRecord),
    ("collections.OrderedDict", Intrinsic::ToRecord),
    ("collections.ChainMap", Intrinsic::ToRecord),
    ("types.SimpleNamespace", Intrinsic::ToRecord),
    ("types.MappingProxyType", Intrinsic::ToRecord),
    ("builtins.zip", Intrinsic::Zip),
    ("builtins.enumerate", Intrinsic::Entries),
    ("builtins.next", Intrinsic::AnyItem),
    ("builtins.max", Intrinsic::AnyItem),
    ("builtins.min", Intrinsic::AnyItem),
    ("random.choice", Intrinsic::AnyItem),
    ("builtins.range", Intrinsic::Range),
    ("builtins.setattr", Intrinsic::SetItem),
];

fn method(kind: Kind, name: &str) -> Option<Intrinsic> {
    match kind {
        Kind::Text => text_method(name),
        Kind::Bytes => match name {
            "decode" => Some(Intrinsic::Decode),
            "hex" => None,
            _ => text_method(name),
        },
        Kind::Container => container_method(name),
        Kind::Namespace => match name {
            "get" | "pop" | "setdefault" | "__getitem__" => Some(Intrinsic::Item),
            "values" => Some(Intrinsic::Values),
            "items" => Some(Intrinsic::Entries),
            "keys" => Some(Intrinsic::Keys),
            "update" => Some(Intrinsic::Extend),
            "__setitem__" => Some(Intrinsic::SetItem),
            "copy" => Some(Intrinsic::Itself),
            _ => None,
        },
        Kind::Integer => (name == "to_bytes").then_some(Intrinsic::ToBytes),
        Kind::Callable => None,
    }
}

fn text_method(name: &str) -> Option<Intrinsic> {
    Some(match name {
        "join" => Intrinsic::Join,
        "format" => Intrinsic::Format,
        "format_map" => Intrinsic::Format,
        "replace" => Intrinsic::Replace,
        "lower" | "casefold" => Intrinsic::Lower,
        "upper" => Intrinsic::Upper,
        "strip" | "lstrip" | "rstrip" => Intrinsic::Trim,
        "removeprefix" | "removesuffix" => Intrinsic::RemoveAffix,
        "split" | "rsplit" | "partition" | "splitlines" => Intrinsic::Split,
        "translate" => Intrinsic::Translate,
        "encode" => Intrinsic::Decode,
        "decode" => Intrinsic::ToText,
        "swapcase" | "title" | "capitalize" | "__str__" | "__format__" => Intrinsic::ToText,
        "__getitem__" => Intrinsic::Item,
        "__add__" => Intrinsic::Concat,
        "__mul__" => Intrinsic::Repeat,
        _ => return None,
    })
}

fn container_method(name: &str) -> Option<Intrinsic> {
    Some(match name {
        "get" | "pop" | "__getitem__" | "setdefault" | "popleft" => Intrinsic::Item,
        "values" => Intrinsic::Values,
        "items" => Intrinsic::Entries,
        "keys" => Intrinsic::Keys,
        "append" | "add" | "appendleft" => Intrinsic::Append,
        "extend" | "update" => Intrinsic::Extend,
        "__setitem__" => Intrinsic::SetItem,
        "copy" | "__iter__" => Intrinsic::Itself,
        "__next__" | "__enter__" | "__aenter__" | "popitem" => Intrinsic::AnyItem,
        _ => return None,
    })
}

fn attribute(name: &str) -> Option<Attribute> {
    Some(match name {
        "__dict__" => Attribute::Namespace,
        "__call__" | "__func__" | "__wrapped__" | "__get__" => Attribute::Itself,
        "__getattribute__" | "__getattr__" => Attribute::Getter,
        "__self__" => Attribute::Owner,
        "__base__" | "__bases__" | "__mro__" | "mro" => Attribute::Root,
        "__class__" => Attribute::Class,
        _ => return None,
    })
}

/// Relative imports start at the package of the importing file; absolute ones at the archive's
/// root, at `src/`, or beside the file that is started.
fn candidates(importer: &str, module: &str, level: u8) -> Vec<String> {
    let folder = importer.rsplit_once('/').map_or("", |(folder, _)| folder);
    let inside = module.replace('.', "/");
    let mut bases = Vec::new();
    if level > 0 {
        let mut base = folder;
        for _ in 1..level {
            base = base.rsplit_once('/').map_or("", |(parent, _)| parent);
        }
        bases.push(base.to_owned());
    } else {
        bases.extend(["", "src", folder].map(str::to_owned));
    }
    let mut paths = Vec::new();
    for base in bases {
        let parts: Vec<_> =
            [base.as_str(), inside.as_str()].into_iter().filter(|part| !part.is_empty()).collect();
        let stem = parts.join("/");
        let package = if stem.is_empty() { String::new() } else { format!("{stem}/") };
        for path in [format!("{package}__init__.py"), format!("{stem}.py")] {
            if !paths.contains(&path) {
                paths.push(path);
            }
        }
    }
    paths
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn global_names_are_sorted() {
        assert!(GLOBALS.is_sorted());
    }
}
