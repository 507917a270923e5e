//! The whole analysis of a package of one file, judged and shown in all formats.
//!
//! The first byte chooses the name of the file, the rest is what is in it.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use registry_tool::scan::examine::{PackageFile, examine};
use registry_tool::scan::judge::{Case, judge};
use registry_tool::scan::report;
use registry_tool::scan::rules::RuleSet;

const PATHS: [&str; 6] = ["a.py", "a.js", "a.ts", "a.tsx", "a.lua", "a.wasm"];

static RULES: LazyLock<RuleSet> = LazyLock::new(|| RuleSet::load(None).unwrap());

fuzz_target!(|data: &[u8]| {
    let Some((first, bytes)) = data.split_first() else { return };
    let path = PATHS[usize::from(*first) % PATHS.len()].to_owned();
    let files = [PackageFile { path, bytes: bytes.to_vec() }];
    let examined = examine(&files, &RULES, |_| ());
    let case = Case { files: &files, examined: &examined, permissions: &[], rules: &RULES };
    let scan = judge(case, String::new());
    drop(report::text::render(&scan));
    drop(report::json::render(&scan));
    drop(report::sarif::render(&scan));
});
