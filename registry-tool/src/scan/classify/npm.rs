//! What npm's `package.json` says of installing a package, and of the names of its modules.

/// Says why npm runs something, or fetches what no registry has.
pub(super) fn hook(bytes: &[u8]) -> Option<&'static str> {
    let document = manifest(bytes)?;
    if has_foreign_dependency(&document) {
        return Some("npm installs a package that comes from no registry");
    }
    let scripts = document.get("scripts")?.as_object()?;
    let runs =
        ["preinstall", "install", "postinstall", "preuninstall", "uninstall", "postuninstall"];
    if runs.iter().any(|name| scripts.contains_key(*name)) {
        return Some("npm runs its scripts when the package is installed");
    }
    let runs = ["preprepare", "prepare", "postprepare", "prepublish"];
    let commands = runs.iter().filter_map(|name| scripts.get(*name)?.as_str());
    commands.into_iter().any(fetches_or_runs).then_some(
        "npm runs its scripts when the package is installed from a folder or a repository",
    )
}

/// Reads a manifest as npm does, but not one that nests without end.
pub(super) fn manifest(bytes: &[u8]) -> Option<serde_json::Value> {
    serde_json::from_slice(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)).ok()
}

/// Returns the names that a package gives to modules for its own use (`imports` of npm's
/// `package.json`), and what they can stand for.
pub fn own_imports(bytes: &[u8]) -> Vec<(String, String)> {
    let document = manifest(bytes);
    let imports = document.as_ref().and_then(|document| document.get("imports")?.as_object());
    let mut found = Vec::new();
    for (name, targets) in imports.into_iter().flatten() {
        let mut waiting = vec![targets];
        while let Some(target) = waiting.pop() {
            match target {
                serde_json::Value::String(text) => found.push((name.clone(), text.clone())),
                serde_json::Value::Object(conditions) => waiting.extend(conditions.values()),
                serde_json::Value::Array(choices) => waiting.extend(choices),
                serde_json::Value::Null
                | serde_json::Value::Bool(_)
                | serde_json::Value::Number(_) => {}
            }
        }
    }
    found
}

/// Tells whether a command runs a program of the package, or something from elsewhere. What builds
/// a package from its source is no matter of those who install what was built.
fn fetches_or_runs(command: &str) -> bool {
    let programs = ["node", "deno", "bun", "curl", "wget", "powershell", "python", "python3"];
    let mut parts = command.split(['&', '|', ';']);
    parts.any(|part| part.split_whitespace().next().is_some_and(|word| programs.contains(&word)))
}

/// Tells whether npm would fetch a dependency from a repository or an address, which can give
/// something else tomorrow.
fn has_foreign_dependency(document: &serde_json::Value) -> bool {
    let tables = ["dependencies", "optionalDependencies", "peerDependencies"];
    let entries = tables.iter().filter_map(|table| document.get(table)?.as_object()).flatten();
    let is_foreign = |text: &str| {
        let is_path =
            !text.starts_with('@') && text.split('#').next().unwrap_or(text).contains('/');
        text.contains("://") || text.starts_with("git@") || is_path && !text.starts_with("npm:")
    };
    entries.filter_map(|(_, version)| version.as_str()).any(|version| {
        let is_local = ["workspace:", "file:", "link:", "./", "../", "~/"];
        !is_local.iter().any(|start| version.starts_with(start)) && is_foreign(version)
    })
}
