//! Lua, as a table: 5.1 to 5.4 and LuaJIT.

use super::{Attribute, Codec, Intrinsic, Kind, Language};

/// The table.
pub static LUA: Language = Language {
    name: "lua",
    global: "_G",
    is_global,
    items_are_attributes: true,
    has_tables: true,
    shares_globals: true,
    binds_in_order: true,
    function_maker: None,
    intrinsics: INTRINSICS,
    method,
    attribute,
    candidates,
};

/// What the language, and hosts that are common, bring.
#[rustfmt::skip]
const GLOBALS: &[&str] = &[
    "_ENV", "_G", "_VERSION", "assert", "bit", "bit32", "collectgarbage", "coroutine", "debug",
    "dofile", "error", "gcinfo", "getfenv", "getmetatable", "io", "ipairs", "jit", "load", "loadfile",
    "loadstring", "math", "module", "newproxy", "next", "ngx", "os", "package", "pairs", "pcall",
    "print", "rawequal", "rawget", "rawlen", "rawset", "require", "select", "setfenv", "setmetatable",
    "string", "table", "tonumber", "tostring", "type", "unpack", "utf8", "vim", "warn", "xpcall",
];

fn is_global(name: &str) -> bool {
    GLOBALS.contains(&name)
}

const INTRINSICS: &[(&str, Intrinsic)] = &[
    ("_G.require", Intrinsic::Import),
    ("package.loaded", Intrinsic::Modules),
    ("_G.rawget", Intrinsic::Attribute),
    ("_G.rawset", Intrinsic::SetItem),
    ("_G.setmetatable", Intrinsic::MetaTable),
    ("_G.assert", Intrinsic::Itself),
    ("_G.pcall", Intrinsic::Call),
    ("_G.xpcall", Intrinsic::CallWithThis),
    ("_G.load", Intrinsic::Code),
    ("_G.loadstring", Intrinsic::Code),
    ("_G.tostring", Intrinsic::ToText),
    ("_G.tonumber", Intrinsic::ToInteger),
    ("_G.pairs", Intrinsic::Entries),
    ("_G.ipairs", Intrinsic::Entries),
    ("_G.next", Intrinsic::AnyItem),
    ("_G.select", Intrinsic::AnyItem),
    ("_G.unpack", Intrinsic::ToItems),
    ("_G.range", Intrinsic::Range),
    ("table.unpack", Intrinsic::ToItems),
    ("table.pack", Intrinsic::Items),
    ("table.concat", Intrinsic::JoinItems),
    ("table.insert", Intrinsic::Append),
    ("table.remove", Intrinsic::AnyItem),
    ("coroutine.wrap", Intrinsic::Itself),
    ("coroutine.create", Intrinsic::Itself),
    ("coroutine.resume", Intrinsic::Call),
    ("string.char", Intrinsic::Character),
    ("utf8.char", Intrinsic::Character),
    ("string.byte", Intrinsic::CharacterCode),
    ("string.reverse", Intrinsic::Reverse),
    ("string.lower", Intrinsic::Lower),
    ("string.upper", Intrinsic::Upper),
    ("string.rep", Intrinsic::Repeat),
    ("string.sub", Intrinsic::SliceInclusive),
    ("string.format", Intrinsic::Percent),
    ("string.gsub", Intrinsic::ReplacePattern),
    ("bit.bxor", Intrinsic::Xor),
    ("bit32.bxor", Intrinsic::Xor),
    ("mime.unb64", Intrinsic::Codec(Codec::Base64)),
    ("base64.decode", Intrinsic::Codec(Codec::Base64)),
    ("ngx.decode_base64", Intrinsic::Codec(Codec::Base64)),
    ("vim.base64.decode", Intrinsic::Codec(Codec::Base64)),
];

/// Methods of texts are the functions of `string`; nothing else has methods of its own.
const fn method(_kind: Kind, _name: &str) -> Option<Intrinsic> {
    None
}

const fn attribute(_name: &str) -> Option<Attribute> {
    None
}

/// A module is looked for below the archive's root, `lua/` or `src/`, and beside the file that
/// requires it.
fn candidates(importer: &str, module: &str, _level: u8) -> Vec<String> {
    let folder = importer.rsplit_once('/').map_or("", |(folder, _)| folder);
    let inside = module.replace('.', "/");
    let mut paths = Vec::new();
    for base in ["", "lua", "src", folder] {
        let stem = if base.is_empty() { inside.clone() } else { format!("{base}/{inside}") };
        for path in [format!("{stem}.lua"), format!("{stem}/init.lua")] {
            if !paths.contains(&path) {
                paths.push(path);
            }
        }
    }
    paths
}
