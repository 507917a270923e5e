//! Starting a plugin: a folder that can be packed at once.

use std::io;
use std::path::{Path, PathBuf};

use index_schema::id::{PluginId, RegistryId};
use index_schema::json::pretty;
use index_schema::manifest::RuntimeKind;
use libral::file::{Mode, write_file};
use serde_json::json;

use crate::package::SOURCE_MANIFEST;

/// Why no plugin was started.
#[derive(Debug, thiserror::Error)]
pub enum ScaffoldError {
    /// The folder holds something.
    #[error("`{}` is not empty", .0.display())]
    NotEmpty(PathBuf),
    /// A file could not be written.
    #[error("cannot write `{}`", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Makes the folder and returns the files in it.
pub fn scaffold(
    folder: &Path,
    id: &PluginId,
    registry: &RegistryId,
    runtime: RuntimeKind,
) -> Result<Vec<&'static str>, ScaffoldError> {
    if folder.read_dir().is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(ScaffoldError::NotEmpty(folder.to_owned()));
    }
    let (entry, source) = program(runtime);
    let manifest = json!({
        "type": "release",
        "schema": 1,
        "registry": registry,
        "id": id,
        "version": "0.1.0",
        "title": id.name.as_str(),
        "summary": "Says hello",
        "license": "MIT",
        "categories": ["utilities"],
        "keywords": [],
        "repository": format!("https://example.org/{id}"),
        "runtime": runtime_of(runtime, entry),
        "permissions": [],
        "dependencies": {},
        "pricing": { "model": "free" },
        "changes": "First release.",
    });
    let readme = format!("# {}\n\nSays hello. Describe here what the plugin does.\n", id.name);
    let license = LICENSE.replace("{holder}", id.publisher.as_str());
    let mut written = Vec::new();
    let mut put = |name: &'static str, bytes: &[u8]| {
        let path = folder.join(name);
        write_file(&path, bytes, Mode::Public)
            .map_err(|source| ScaffoldError::Write { path, source })?;
        written.push(name);
        Ok(())
    };
    put(SOURCE_MANIFEST, &pretty(&manifest))?;
    put("README.md", readme.as_bytes())?;
    put("LICENSE", license.as_bytes())?;
    put(entry, source)?;
    Ok(written)
}

fn runtime_of(runtime: RuntimeKind, entry: &str) -> serde_json::Value {
    match runtime {
        RuntimeKind::Python => json!({ "kind": "python", "requires": ">=3.9", "entry": entry }),
        RuntimeKind::Data => json!({ "kind": "data" }),
        RuntimeKind::Javascript | RuntimeKind::Wasm | RuntimeKind::Native => {
            json!({ "kind": runtime.as_str(), "entry": entry })
        }
    }
}

const fn program(runtime: RuntimeKind) -> (&'static str, &'static [u8]) {
    match runtime {
        RuntimeKind::Python => ("src/main.py", b"print(\"hello\")\n"),
        RuntimeKind::Javascript => ("src/main.js", b"console.log(\"hello\");\n"),
        // The smallest module there is: magic number and version (WebAssembly core, 5.5.16).
        RuntimeKind::Wasm => ("src/main.wasm", b"\0asm\x01\0\0\0"),
        RuntimeKind::Native => {
            ("src/main.c", b"#include <stdio.h>\n\nint main(void) { puts(\"hello\"); }\n")
        }
        RuntimeKind::Data => ("data/hello.txt", b"hello\n"),
    }
}

const LICENSE: &str = "\
MIT License

Copyright (c) {holder}

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and
associated documentation files (the \"Software\"), to deal in the Software without restriction,
including without limitation the rights to use, copy, modify, merge, publish, distribute,
sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or
substantial portions of the Software.

THE SOFTWARE IS PROVIDED \"AS IS\", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT
NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND
NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM,
DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT
OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
";
