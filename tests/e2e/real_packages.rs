//! Packages that real people use, from PyPI and npm, as plugins: published, installed, and run.
//!
//! `.ci/setup` fetches them once, by name, version and digest; nothing is fetched here.

use std::path::PathBuf;

use crate::support::{present, skipped};
use crate::world::{Nginx, Plugin, World};

/// A package, a program that uses it, and what that prints.
struct Package {
    family: &'static str,
    name: &'static str,
    version: &'static str,
    /// What it can do besides computing.
    permissions: &'static [&'static str],
    program: &'static str,
    prints: &'static str,
}

const PYTHON: [Package; 3] = [
    Package {
        family: "python",
        name: "idna",
        version: "3.20",
        permissions: &["process.exit"],
        program: "import idna\nprint(idna.encode('bücher.example').decode())\n",
        prints: "xn--bcher-kva.example\n",
    },
    Package {
        family: "python",
        name: "inflection",
        version: "0.5.1",
        permissions: &[],
        program: "import inflection\nprint(inflection.underscore('DeviceType'))\n",
        prints: "device_type\n",
    },
    Package {
        family: "python",
        name: "tabulate",
        version: "0.10.0",
        permissions: &["process.exit", "fs.read", "fs.write"],
        program: "from tabulate import tabulate\nprint(tabulate([['tide', 3]], tablefmt='pipe'))\n",
        prints: "|:-----|--:|\n| tide | 3 |\n",
    },
];

const NPM: [Package; 3] = [
    Package {
        family: "npm",
        name: "bytes",
        version: "3.1.2",
        permissions: &[],
        program: "console.log(require('./package')('2.5kb'));\n",
        prints: "2560\n",
    },
    Package {
        family: "npm",
        name: "ms",
        version: "2.1.3",
        permissions: &[],
        program: "console.log(require('./package')('2 days'));\n",
        prints: "172800000\n",
    },
    Package {
        family: "npm",
        name: "pluralize",
        version: "8.0.0",
        permissions: &[],
        program: "console.log(require('./package')('harbour', 2));\n",
        prints: "harbours\n",
    },
];

/// Returns where `.ci/setup` put a package; nothing, and a word about it, where it did not.
#[expect(clippy::disallowed_methods, reason = "the cache of tests is named by the environment")]
fn folder(package: &Package) -> Option<PathBuf> {
    let of_user = || Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache/registry-tests"));
    let cache = std::env::var_os("REGISTRY_TEST_CACHE").map(PathBuf::from).or_else(of_user)?;
    let Package { family, name, version, .. } = package;
    let folder = cache.join(format!("packages/{family}/{name}-{version}"));
    if folder.is_dir() {
        return Some(folder);
    }
    skipped(&format!("`{}` is missing: `.ci/setup` fetches it", folder.display()));
    None
}

/// Makes a plugin of a package: everything in it, and a program that uses it.
fn plugin(package: &Package, folder: &std::path::Path) -> Plugin {
    // A version of the Python world has not always three numbers.
    let numbers = package.version.split('.').count();
    let version =
        if numbers == 2 { format!("{}.0", package.version) } else { package.version.into() };
    let plugin = Plugin::new(package.name, &version);
    let plugin = package.permissions.iter().fold(plugin, |plugin, name| plugin.permission(name));
    if package.family == "npm" {
        plugin.javascript(package.program).folder_of(folder, "src/package")
    } else {
        plugin.file("src/main.py", package.program).folder_of(folder, "src")
    }
}

/// Publishes packages, installs them from nginx, and runs what was installed.
fn published_installed_and_run(packages: &[Package], interpreter: &str, main: &str) {
    let folders: Option<Vec<_>> = packages.iter().map(folder).collect();
    let Some(folders) = folders.filter(|_| present(&[interpreter])) else { return };
    let world = World::new();
    for (package, folder) in packages.iter().zip(&folders) {
        world.publish(plugin(package, folder));
    }
    world.release();
    let Some(nginx) = Nginx::of(&world) else { return };
    let root = "--root public/metadata/1.root.json";
    world.client(&format!("registry add demo {} {root}", nginx.url())).code(0);
    for package in packages {
        let granted: String =
            package.permissions.iter().map(|name| format!(" --grant {name}")).collect();
        world.client(&format!("install lab/{}{granted}", package.name)).code(0);
        let main = world.path(format!("home/plugins/lab/{}/src/{main}", package.name));
        let run = snapbox::cmd::Command::new(interpreter).arg(main);
        // What is installed is read-only: nothing may be left beside it.
        let run = run.env("PYTHONDONTWRITEBYTECODE", "1").env("PYTHONUTF8", "1");
        run.assert().code(0).stdout_eq(snapbox::IntoData::raw(package.prints));
    }
    world.client("verify").code(0).stdout_eq("3 plugins as they should be\n");
}

#[test]
fn python_packages_are_published_installed_and_run() {
    published_installed_and_run(&PYTHON, "python3", "main.py");
}

#[test]
fn npm_packages_are_published_installed_and_run() {
    published_installed_and_run(&NPM, "node", "main.cjs");
}
