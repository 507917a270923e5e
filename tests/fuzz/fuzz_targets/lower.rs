//! The gates, and behind them the front-end of every language.
//!
//! The first byte chooses the language and the ending of the name, the rest is the file.

#![no_main]

use libfuzzer_sys::fuzz_target;
use registry_tool::scan::frontend::{self, SourceFile};
use registry_tool::scan::gates;

const KINDS: [(&str, &str); 8] = [
    ("python", "a.py"),
    ("javascript", "a.js"),
    ("javascript", "a.mjs"),
    ("javascript", "a.ts"),
    ("javascript", "a.tsx"),
    ("javascript", "a.d.ts"),
    ("lua", "a.lua"),
    ("wasm", "a.wasm"),
];

fuzz_target!(|data: &[u8]| {
    let Some((first, bytes)) = data.split_first() else { return };
    let (language, path) = KINDS[usize::from(*first) % KINDS.len()];
    let Some(frontend) = frontend::find(language) else { return };
    if language == "wasm" {
        drop(frontend.lower(&SourceFile { path, bytes }));
    } else if let (Some(text), _) = gates::decode(language, bytes) {
        drop(frontend.lower(&SourceFile { path, bytes: &text }));
    }
});
