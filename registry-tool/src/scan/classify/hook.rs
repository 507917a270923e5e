//! What runs by itself: when a package is built or installed, or when an interpreter starts.

use super::npm;

/// Says why a file runs, or makes something run, without being asked to.
pub(super) fn find(path: &str, name: &str, bytes: &[u8]) -> Option<&'static str> {
    let folder = path.rsplit('/').nth(1).unwrap_or_default().to_ascii_lowercase();
    let starts = ["sitecustomize", "usercustomize"];
    match name {
        "sitecustomize.py" | "usercustomize.py" => Some("Python runs it whenever it starts"),
        "__init__.py" if starts.contains(&folder.as_str()) => {
            Some("Python runs it whenever it starts")
        }
        "binding.gyp" => Some("npm compiles and runs it when the package is installed"),
        "package.json" => npm::hook(bytes),
        "pyproject.toml" => pyproject(text(bytes)?),
        "setup.cfg" => setup_cfg(text(bytes)?),
        "entry_points.txt" => entry_points(text(bytes)?),
        "metadata" | "pkg-info" => metadata(text(bytes)?),
        // Weights of neural networks have the same ending, and are no text.
        _ if name.ends_with(".pth") => text(bytes).map(|_| "Python reads it whenever it starts"),
        _ if name.ends_with(".rockspec") => rockspec(text(bytes)?),
        _ => None,
    }
}

fn text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}

/// Returns the lines of a file of sections, each with the name of its section.
fn sections(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut section = "";
    text.lines().map(str::trim).filter(|line| !line.starts_with('#')).map(move |line| {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            section = name.trim_matches(['[', ']', ' ']);
        }
        (section, line)
    })
}

/// Returns the key of a line `key = value`.
fn key(line: &str) -> &str {
    line.split_once('=').map_or("", |(key, _)| key.trim().trim_matches('"'))
}

/// Builders of packages that run code which stands beside the file.
fn pyproject(text: &str) -> Option<&'static str> {
    let runs = |(section, line): (&str, &str)| match section {
        "build-system" => key(line) == "backend-path",
        "tool.poetry.build" => key(line) == "script",
        "tool.poetry" => key(line) == "build" || key(line) == "build.script",
        "tool.pdm.build" => matches!(key(line), "custom-hook" | "run-setuptools"),
        "tool.setuptools" => key(line).starts_with("cmdclass"),
        "tool.setuptools.cmdclass" => true,
        _ if section.starts_with("project.entry-points.") => {
            let group = section.trim_start_matches("project.entry-points.");
            is_builders(group.trim_matches(['"', '\'']))
        }
        _ => section.starts_with("tool.hatch.") && section.ends_with(".hooks.custom"),
    };
    if sections(text).any(runs) {
        return Some("installers run code of the package when they build it");
    }
    let is_foreign = |(section, line): (&str, &str)| {
        matches!(section, "project" | "build-system") && is_address(line)
    };
    sections(text).any(is_foreign).then_some(FOREIGN)
}

const FOREIGN: &str = "pip installs a package that comes from no registry";

/// Tells whether a requirement names the address that it comes from: `name @ https://…`.
fn is_address(requirement: &str) -> bool {
    let mut parts = requirement.split('@').skip(1).map(str::trim_start);
    parts.any(|rest| {
        ["http://", "https://", "git+", "hg+", "svn+", "ftp://"]
            .iter()
            .any(|start| rest.starts_with(start))
    })
}

fn setup_cfg(text: &str) -> Option<&'static str> {
    let runs = |(section, line): (&str, &str)| {
        matches!(key(line), "cmdclass" | "command_packages" | "command-packages")
            || section == "options.entry_points" && is_builders(key(line))
    };
    sections(text).any(runs).then_some("setuptools runs its commands when it builds the package")
}

fn entry_points(text: &str) -> Option<&'static str> {
    let is_hook = |(section, _): (&str, &str)| is_builders(section);
    sections(text).any(is_hook).then_some("setuptools runs it whenever any package is built")
}

/// Tells whether those that build packages load a group of entry points.
fn is_builders(group: &str) -> bool {
    ["distutils.", "setuptools.", "egg_info."].iter().any(|start| group.starts_with(start))
}

fn metadata(text: &str) -> Option<&'static str> {
    let mut head = text.lines().take_while(|line| !line.is_empty());
    head.any(|line| line.strip_prefix("Requires-Dist:").is_some_and(is_address)).then_some(FOREIGN)
}

fn rockspec(text: &str) -> Option<&'static str> {
    let runs = ["build_command", "install_command"].iter().any(|key| text.contains(key));
    runs.then_some("LuaRocks runs its commands when the package is installed")
}

#[cfg(test)]
mod tests {
    use super::super::{Class, classify};

    #[test]
    fn what_runs_by_itself_is_a_hook() {
        for (path, text) in [
            ("x.pth", "import os\n"),
            ("lib/sitecustomize.py", ""),
            ("usercustomize/__init__.py", ""),
            ("package.json", r#"{"scripts": {"postinstall": "node x.js"}}"#),
            ("pyproject.toml", "[build-system]\nbuild-backend = 'b'\nbackend-path = ['.']\n"),
            ("pyproject.toml", "[tool.hatch.build.hooks.custom]\npath = 'h.py'\n"),
            ("pyproject.toml", "[tool.setuptools.cmdclass]\ninstall = 'a.I'\n"),
            ("pyproject.toml", "[project]\ndependencies = [\n 'y @ https://example.org/y',\n]\n"),
            ("pyproject.toml", "[project.entry-points.\"distutils.commands\"]\nx = 'a:B'\n"),
            ("setup.cfg", "[options]\ncmdclass =\n  install = a.I\n"),
            ("setup.cfg", "[options.entry_points]\ndistutils.commands =\n  x = a:B\n"),
            ("x.dist-info/entry_points.txt", "[distutils.commands]\nx = a:B\n"),
            ("x.dist-info/METADATA", "Name: x\nRequires-Dist: y @ git+https://example.org/y\n"),
            ("x-1.rockspec", "build = {type = 'command', build_command = 'make'}"),
        ] {
            assert!(matches!(classify(path, text.as_bytes()), Class::Hook(_)), "{path}: {text}");
        }
    }

    #[test]
    fn what_only_describes_a_package_is_no_hook() {
        for (path, text) in [
            ("package.json", r#"{"scripts": {"test": "x"}}"#),
            ("pyproject.toml", "[build-system]\nbuild-backend = 'hatchling.build'\n"),
            ("pyproject.toml", "[project]\nurls = {a = 'https://example.org/@x'}\n"),
            ("setup.cfg", "[metadata]\nname = x\n"),
            ("x.dist-info/entry_points.txt", "[console_scripts]\nx = a:main\n"),
            ("x.dist-info/METADATA", "Name: x\nRequires-Dist: y>=1\n\nfoo @ https://x\n"),
        ] {
            assert_eq!(classify(path, text.as_bytes()), Class::Data, "{path}: {text}");
        }
    }
}
