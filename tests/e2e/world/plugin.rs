//! Plugins for tests: a folder that can be packed, put together word by word.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};

use super::files::{read, write};

/// A plugin's folder in the making. Without more said, it is a Python program that says its name.
#[derive(Debug, Clone)]
pub(crate) struct Plugin {
    id: String,
    version: String,
    manifest: Value,
    files: BTreeMap<String, Vec<u8>>,
}

impl Plugin {
    /// Starts a plugin: `name`, of the publisher `lab`, or `publisher/name`.
    pub(crate) fn new(id: &str, version: &str) -> Self {
        let id = if id.contains('/') { id.to_owned() } else { format!("lab/{id}") };
        let manifest = json!({
            "type": "release",
            "schema": 1,
            "registry": "demo",
            "id": id,
            "version": version,
            "title": id,
            "summary": "Says its name",
            "license": "MIT",
            "categories": ["utilities"],
            "runtime": { "kind": "python", "requires": ">=3.9", "entry": "src/main.py" },
            "pricing": { "model": "free" },
        });
        let plugin = Self { id, version: version.to_owned(), manifest, files: BTreeMap::new() };
        let main = format!("print(\"{} {version}\")\n", plugin.id);
        plugin
            .file("README.md", "# A plugin\n")
            .file("LICENSE", "MIT License\n")
            .file("src/main.py", &main)
    }

    /// Needs another plugin.
    pub(crate) fn needs(mut self, id: &str, requirement: &str) -> Self {
        let id = if id.contains('/') { id.to_owned() } else { format!("lab/{id}") };
        self.manifest["dependencies"][id] = requirement.into();
        self
    }

    /// Asks for a permission.
    pub(crate) fn permission(mut self, name: &str) -> Self {
        let permission = json!({ "name": name, "reason": "It has to.", "optional": false });
        let asked = self.manifest["permissions"].as_array().cloned().unwrap_or_default();
        self.manifest["permissions"] = asked.into_iter().chain([permission]).collect();
        self
    }

    /// Says something in the manifest, or something else.
    pub(crate) fn field(mut self, name: &str, value: Value) -> Self {
        self.manifest[name] = value;
        self
    }

    /// Puts a file into the folder.
    pub(crate) fn file(mut self, path: &str, contents: &str) -> Self {
        self.files.insert(path.to_owned(), contents.as_bytes().to_vec());
        self
    }

    /// Leaves a file out.
    pub(crate) fn without(mut self, path: &str) -> Self {
        self.files.remove(path).unwrap();
        self
    }

    /// Is started by Node instead.
    pub(crate) fn javascript(self, main: &str) -> Self {
        let runtime = json!({ "kind": "javascript", "entry": "src/main.cjs" });
        self.without("src/main.py").file("src/main.cjs", main).field("runtime", runtime)
    }

    /// Puts a copy of a folder into the folder.
    pub(crate) fn folder_of(self, from: &Path, to: &str) -> Self {
        let entries = walkdir::WalkDir::new(from).into_iter().map(Result::unwrap);
        let files = entries.filter(|entry| entry.file_type().is_file());
        files.fold(self, |mut plugin, entry| {
            let inside = entry.path().strip_prefix(from).unwrap().display().to_string();
            plugin.files.insert(format!("{to}/{inside}"), read(entry.path()));
            plugin
        })
    }

    /// Returns the manifest as it stands.
    pub(crate) fn manifest(&self) -> &Value {
        &self.manifest
    }

    /// Writes the folder.
    pub(crate) fn write(&self, folder: &Path) {
        let manifest = format!("{:#}\n", self.manifest);
        write(&folder.join("plugin.json"), manifest.as_bytes());
        for (path, bytes) in &self.files {
            write(&folder.join(path), bytes);
        }
    }

    pub(crate) fn publisher(&self) -> &str {
        self.id.split_once('/').unwrap().0
    }

    pub(crate) fn name(&self) -> &str {
        self.id.split_once('/').unwrap().1
    }

    pub(crate) fn version(&self) -> &str {
        &self.version
    }

    /// Returns a name for the folder that no other plugin has.
    pub(crate) fn folder(&self) -> String {
        format!("{}-{}-{}", self.publisher(), self.name(), self.version)
    }

    /// Returns the file name of the archive.
    pub(crate) fn archive(&self) -> String {
        format!("{}-{}.tar.gz", self.name(), self.version)
    }
}
