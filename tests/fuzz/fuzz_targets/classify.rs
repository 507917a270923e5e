//! Telling what a file is. The name comes first, up to a newline.

#![no_main]

use libfuzzer_sys::fuzz_target;
use registry_tool::scan::classify::{classify, may_be_source};

fuzz_target!(|data: &[u8]| {
    let (path, bytes) = data.split_at(data.iter().position(|byte| *byte == b'\n').unwrap_or(0));
    let path = String::from_utf8_lossy(path);
    let _class = classify(&path, bytes);
    let _language = may_be_source(&path, bytes);
});
