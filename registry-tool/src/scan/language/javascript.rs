//! JavaScript, as a table: what ECMAScript, browsers, Node, Deno and Bun bring.

use super::{Attribute, Codec, Intrinsic, Kind, Language};

/// The table.
pub static JAVASCRIPT: Language = Language {
    name: "javascript",
    global: "globalThis",
    is_global,
    items_are_attributes: true,
    has_tables: false,
    shares_globals: false,
    binds_in_order: false,
    function_maker: Some("Function"),
    intrinsics: INTRINSICS,
    method,
    attribute,
    candidates,
};

/// The free names that values are followed from. Sorted.
#[rustfmt::skip]
const GLOBALS: &[&str] = &[
    "ActiveXObject", "Array", "ArrayBuffer", "AsyncFunction", "Blob", "BroadcastChannel", "Buffer",
    "Bun", "Deno", "EventSource", "Function", "GeneratorFunction", "Image", "JSON", "Map",
    "Notification", "Number", "Object", "Promise", "Proxy", "RTCPeerConnection", "Reflect",
    "RegExp", "Set", "SharedWorker", "String", "Symbol", "TextDecoder", "TextEncoder", "URL",
    "Uint16Array", "Uint8Array", "WScript", "WebAssembly", "WebSocket", "WebSocketStream",
    "WebTransport", "Worker", "Worklet", "XMLHttpRequest", "__dirname", "__filename",
    "__non_webpack_require__", "atob", "btoa", "caches", "chrome", "clearTimeout", "console",
    "decodeURI", "decodeURIComponent", "document", "encodeURI", "encodeURIComponent", "escape",
    "eval", "execScript", "exports", "fetch", "frames", "global", "globalThis", "importScripts",
    "indexedDB", "localStorage", "location", "module", "navigator", "open", "parent", "parseInt",
    "process", "queueMicrotask", "requestAnimationFrame", "requestIdleCallback", "require", "root",
    "self", "sessionStorage", "setImmediate", "setInterval", "setTimeout", "structuredClone", "top",
    "unescape", "window",
];

/// Tells whether a free name is one that values are followed from.
pub fn is_global(name: &str) -> bool {
    GLOBALS.binary_search(&name).is_ok()
}

#[rustfmt::skip]
const INTRINSICS: &[(&str, Intrinsic)] = &[
    ("globalThis.require", Intrinsic::Import),
    ("globalThis.import", Intrinsic::Import),
    ("globalThis.importScripts", Intrinsic::Import),
    ("globalThis.require.resolve", Intrinsic::Itself),
    ("globalThis.process.getBuiltinModule", Intrinsic::Import),
    ("globalThis.process.binding", Intrinsic::Import),
    ("globalThis.process._linkedBinding", Intrinsic::Import),
    ("module._load", Intrinsic::Import),
    ("module.prototype.require", Intrinsic::Import),
    ("module.prototype.require.call", Intrinsic::Import),
    ("globalThis.require.cache", Intrinsic::Modules),
    ("globalThis.Reflect.get", Intrinsic::Attribute),
    // What the front-end says of an object that is copied part by part.
    ("globalThis.#names", Intrinsic::Namespace),
    ("globalThis.Reflect.getOwnPropertyDescriptor", Intrinsic::Descriptor),
    ("globalThis.Object.getOwnPropertyDescriptor", Intrinsic::Descriptor),
    ("globalThis.Object.getOwnPropertyDescriptors", Intrinsic::Itself),
    ("globalThis.Object.defineProperty", Intrinsic::Define),
    ("globalThis.Reflect.defineProperty", Intrinsic::Define),
    ("globalThis.Reflect.apply", Intrinsic::Apply),
    ("globalThis.Reflect.construct", Intrinsic::Construct),
    ("globalThis.Reflect.set", Intrinsic::SetItem),
    ("globalThis.Reflect.ownKeys", Intrinsic::Keys),
    ("globalThis.Reflect.getPrototypeOf", Intrinsic::Itself),
    ("globalThis.Object.getPrototypeOf", Intrinsic::Itself),
    ("globalThis.Object.setPrototypeOf", Intrinsic::AnyItem),
    ("globalThis.Object.create", Intrinsic::Itself),
    ("globalThis.Object.freeze", Intrinsic::Itself),
    ("globalThis.Object.seal", Intrinsic::Itself),
    ("globalThis.Object.assign", Intrinsic::Assign),
    ("globalThis.Object.fromEntries", Intrinsic::ToRecord),
    ("globalThis.Object.keys", Intrinsic::Keys),
    ("globalThis.Object.getOwnPropertyNames", Intrinsic::Keys),
    ("globalThis.Object.values", Intrinsic::Values),
    ("globalThis.Object.entries", Intrinsic::Entries),
    ("globalThis.Object", Intrinsic::Itself),
    ("globalThis.Proxy", Intrinsic::Itself),
    ("globalThis.Promise.resolve", Intrinsic::Itself),
    ("globalThis.Promise.all", Intrinsic::Itself),
    ("globalThis.Promise.race", Intrinsic::AnyItem),
    ("globalThis.Promise.any", Intrinsic::AnyItem),
    ("globalThis.structuredClone", Intrinsic::Itself),
    ("util.promisify", Intrinsic::Itself),
    ("util.callbackify", Intrinsic::Itself),
    ("util.deprecate", Intrinsic::Itself),
    ("globalThis.queueMicrotask", Intrinsic::Call),
    ("globalThis.requestAnimationFrame", Intrinsic::Call),
    ("globalThis.requestIdleCallback", Intrinsic::Call),
    ("globalThis.process.nextTick", Intrinsic::Call),
    ("globalThis.setImmediate", Intrinsic::Code),
    ("globalThis.setTimeout", Intrinsic::Code),
    ("globalThis.setInterval", Intrinsic::Code),
    ("globalThis.execScript", Intrinsic::Code),
    ("globalThis.eval", Intrinsic::Code),
    ("globalThis.Function", Intrinsic::CodeLast),
    ("globalThis.type", Intrinsic::CodeLast),
    ("vm.runInThisContext", Intrinsic::Code),
    ("vm.runInNewContext", Intrinsic::Code),
    ("vm.runInContext", Intrinsic::Code),
    ("vm.compileFunction", Intrinsic::CodeLast),
    ("vm.Script", Intrinsic::Code),
    ("vm.SourceTextModule", Intrinsic::Code),
    ("worker_threads.Worker", Intrinsic::Code),
    ("globalThis.String", Intrinsic::ToText),
    ("globalThis.String.fromCharCode", Intrinsic::Character),
    ("globalThis.String.fromCodePoint", Intrinsic::Character),
    ("globalThis.Number", Intrinsic::ToNumber),
    ("globalThis.parseInt", Intrinsic::ToInteger),
    ("globalThis.Number.parseInt", Intrinsic::ToInteger),
    ("globalThis.atob", Intrinsic::CodecText(Codec::Base64)),
    ("globalThis.unescape", Intrinsic::Codec(Codec::Percent)),
    ("globalThis.decodeURIComponent", Intrinsic::Codec(Codec::Percent)),
    ("globalThis.decodeURI", Intrinsic::Codec(Codec::Percent)),
    ("querystring.unescape", Intrinsic::Codec(Codec::Percent)),
    ("globalThis.Buffer", Intrinsic::Decode),
    ("globalThis.Buffer.from", Intrinsic::Decode),
    ("globalThis.Buffer.concat", Intrinsic::JoinItems),
    ("globalThis.Uint8Array", Intrinsic::ToBytes),
    ("globalThis.Uint8Array.from", Intrinsic::ToBytes),
    ("globalThis.Uint8Array.of", Intrinsic::Items),
    ("globalThis.Uint8Array.fromBase64", Intrinsic::Codec(Codec::Base64)),
    ("globalThis.Uint8Array.fromHex", Intrinsic::Codec(Codec::Hex)),
    ("globalThis.TextDecoder().decode", Intrinsic::Decode),
    ("globalThis.TextEncoder().encode", Intrinsic::ToBytes),
    ("util.format", Intrinsic::Percent),
    ("zlib.inflateSync", Intrinsic::Codec(Codec::Inflate)),
    ("zlib.inflateRawSync", Intrinsic::Codec(Codec::Inflate)),
    ("zlib.gunzipSync", Intrinsic::Codec(Codec::Inflate)),
    ("zlib.unzipSync", Intrinsic::Codec(Codec::Inflate)),
    ("globalThis.Array.from", Intrinsic::ItemsThrough),
    ("globalThis.Array", Intrinsic::Items),
    ("globalThis.JSON.parse", Intrinsic::Json),
    ("globalThis.JSON.stringify", Intrinsic::ToJson),
    ("globalThis.RegExp", Intrinsic::Pattern),
    ("globalThis.encodeURIComponent", Intrinsic::ToText),
    ("globalThis.encodeURI", Intrinsic::ToText),
    ("globalThis.escape", Intrinsic::ToText),
    ("globalThis.Symbol", Intrinsic::Unique),
    ("globalThis.Symbol.for", Intrinsic::Unique),
    ("globalThis.Symbol.keyFor", Intrinsic::UniqueName),
    ("globalThis.Uint16Array", Intrinsic::ToWideBytes),
    ("globalThis.Uint16Array.from", Intrinsic::ToWideBytes),
    ("globalThis.Uint16Array.of", Intrinsic::ToWideBytes),
    ("globalThis.Array.of", Intrinsic::Items),
    ("globalThis.Set", Intrinsic::ToItems),
    ("globalThis.Map", Intrinsic::ToRecord),
    ("globalThis.Array.prototype.map", Intrinsic::MapMethod),
    ("globalThis.Array.prototype.join", Intrinsic::JoinItems),
    ("globalThis.Array.prototype.slice", Intrinsic::Slice),
    ("globalThis.Array.prototype.concat", Intrinsic::Concat),
    ("globalThis.Array.prototype.reverse", Intrinsic::Reverse),
    ("globalThis.__filename", Intrinsic::OwnFile),
    ("globalThis.__dirname", Intrinsic::OwnFile),
    ("globalThis.import.meta.url", Intrinsic::OwnFile),
    ("globalThis.import.meta.filename", Intrinsic::OwnFile),
    ("globalThis.import.meta.dirname", Intrinsic::OwnFile),
    ("globalThis.URL", Intrinsic::ToText),
    ("url.fileURLToPath", Intrinsic::Itself),
    ("url.pathToFileURL", Intrinsic::Itself),
    ("path.join", Intrinsic::Path),
    ("path.resolve", Intrinsic::Path),
    ("path.normalize", Intrinsic::Path),
    ("path.dirname", Intrinsic::Folder),
];

fn method(kind: Kind, name: &str) -> Option<Intrinsic> {
    match kind {
        Kind::Text | Kind::Bytes => text_method(name),
        Kind::Container | Kind::Namespace => container_method(name),
        Kind::Integer => match name {
            "toString" => Some(Intrinsic::ToTextInBase),
            _ => None,
        },
        Kind::Callable => match name {
            "call" => Some(Intrinsic::CallWithThis),
            "apply" => Some(Intrinsic::Apply),
            "bind" => Some(Intrinsic::Bind),
            _ => None,
        },
    }
}

fn text_method(name: &str) -> Option<Intrinsic> {
    Some(match name {
        "at" | "charAt" => Intrinsic::Item,
        "charCodeAt" | "codePointAt" => Intrinsic::CharacterCode,
        "concat" => Intrinsic::Concat,
        "join" => Intrinsic::JoinItems,
        "map" => Intrinsic::MapMethod,
        "match" => Intrinsic::PatternMatch,
        "matchAll" => Intrinsic::PatternMatchAll,
        "padEnd" => Intrinsic::PadEnd,
        "padStart" => Intrinsic::PadStart,
        "normalize" | "sub" | "bold" | "big" | "italics" | "link" | "anchor" | "small"
        | "strike" | "sup" | "fixed" | "blink" | "fontcolor" | "fontsize" => Intrinsic::ToText,
        "repeat" => Intrinsic::Repeat,
        "replace" => Intrinsic::ReplaceFirst,
        "replaceAll" => Intrinsic::Replace,
        "reverse" => Intrinsic::Reverse,
        "slice" | "substring" | "subarray" => Intrinsic::Slice,
        "split" => Intrinsic::Split,
        "substr" => Intrinsic::SliceLength,
        "toLowerCase" | "toLocaleLowerCase" => Intrinsic::Lower,
        "toUpperCase" | "toLocaleUpperCase" => Intrinsic::Upper,
        "toString" | "valueOf" | "toLocaleString" => Intrinsic::ToText,
        "trim" | "trimStart" | "trimEnd" => Intrinsic::Trim,
        _ => return None,
    })
}

fn container_method(name: &str) -> Option<Intrinsic> {
    Some(match name {
        "at" | "get" => Intrinsic::Item,
        "add" | "push" | "unshift" => Intrinsic::Append,
        "set" => Intrinsic::SetItem,
        "concat" => Intrinsic::Concat,
        "entries" => Intrinsic::Entries,
        "keys" => Intrinsic::Keys,
        "values" => Intrinsic::Values,
        "every" | "flatMap" | "forEach" | "map" | "some" => Intrinsic::MapMethod,
        "exec" => Intrinsic::PatternExec,
        "filter" | "sort" | "splice" | "toSorted" | "toSpliced" | "with" => Intrinsic::SomeItems,
        "fill" => Intrinsic::ToItems,
        "flat" => Intrinsic::Flat,
        "find" | "findLast" | "pop" | "shift" | "next" => Intrinsic::AnyItem,
        "join" | "toString" => Intrinsic::JoinItems,
        "reduce" => Intrinsic::ReduceMethod,
        "reduceRight" => Intrinsic::ReduceBackMethod,
        "reverse" | "toReversed" => Intrinsic::Reverse,
        "slice" => Intrinsic::Slice,
        "valueOf" => Intrinsic::Itself,
        _ => return None,
    })
}

fn attribute(name: &str) -> Option<Attribute> {
    Some(match name {
        // The last is of a descriptor of a property.
        "__proto__" | "default" | "value" => Attribute::Itself,
        "constructor" => Attribute::Class,
        _ => return None,
    })
}

/// Endings that an import leaves out.
const ENDINGS: &[&str] = &[
    "",
    ".js",
    ".mjs",
    ".cjs",
    ".ts",
    ".tsx",
    ".jsx",
    ".mts",
    ".cts",
    "/index.js",
    "/index.mjs",
    "/index.cjs",
    "/index.ts",
    "/index.tsx",
];

/// Relative imports start at the folder of the importing file. Others are foreign packages.
fn candidates(importer: &str, module: &str, level: u8) -> Vec<String> {
    if level == 0 {
        return Vec::new();
    }
    // Computed names come with their dots counted off.
    let whole = if module.starts_with('/') || module.is_empty() {
        format!("{}{module}", ".".repeat(usize::from(level.min(2))))
    } else {
        module.to_owned()
    };
    let folder = importer.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in whole.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                if parts.pop().is_none() {
                    return Vec::new();
                }
            }
            other => parts.push(other),
        }
    }
    let stem = parts.join("/");
    let mut paths: Vec<String> = ENDINGS.iter().map(|ending| format!("{stem}{ending}")).collect();
    if stem.is_empty() {
        paths = ENDINGS.iter().filter_map(|e| e.strip_prefix('/')).map(str::to_owned).collect();
    }
    // TypeScript imports what it will be compiled to.
    for (from, to) in [(".js", ".ts"), (".js", ".tsx"), (".mjs", ".mts"), (".cjs", ".cts")] {
        paths.extend(stem.strip_suffix(from).map(|rest| format!("{rest}{to}")));
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
