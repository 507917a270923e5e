//! Resolves a universe given as JSON on standard input; shows how to use `libral::resolve`.
//!
//! ```text
//! {"packages": {"lab/amber": {"1.0.0": {"dependencies": {"lab/birch": "^1 || ^2"}, "yanked": false}}},
//!  "root": {"lab/amber": "*"}, "locked": {}}
//! ```
//!
//! prints `{"solution": {"lab/amber": "1.0.0"}}`, or `{"error": "explanation"}` and exits with 5.
//! A release may also have `optional_dependencies`, `conflicts`, `host` and `platforms`, the input
//! also `host` and `platform`. What cannot be read exits with 2.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::error::Error;
use std::io::{self, Read as _, Write as _};
use std::process::ExitCode;

use index_schema::id::PluginId;
use index_schema::manifest::Platform;
use index_schema::requirement::Requirement;
use index_schema::version::Version;
use libral::resolve::{Candidate, Request, ResolveError, Universe, resolve};
use serde::Deserialize;

/// The most bytes that are read.
const LIMIT: u64 = 256 * 1024 * 1024;

#[derive(Deserialize)]
struct Input {
    packages: BTreeMap<PluginId, BTreeMap<Version, Release>>,
    root: BTreeMap<PluginId, Requirement>,
    #[serde(default)]
    locked: BTreeMap<PluginId, Version>,
    host: Option<Version>,
    platform: Option<Platform>,
}

#[derive(Deserialize)]
#[serde(default)]
struct Release {
    dependencies: BTreeMap<PluginId, Requirement>,
    optional_dependencies: BTreeMap<PluginId, Requirement>,
    conflicts: BTreeMap<PluginId, Requirement>,
    yanked: bool,
    host: Option<Requirement>,
    platforms: Vec<Platform>,
}

impl Default for Release {
    fn default() -> Self {
        Self {
            dependencies: BTreeMap::new(),
            optional_dependencies: BTreeMap::new(),
            conflicts: BTreeMap::new(),
            yanked: false,
            host: None,
            platforms: vec![Platform::any()],
        }
    }
}

struct Packages(BTreeMap<PluginId, BTreeMap<Version, Release>>);

impl Universe for Packages {
    type Error = Infallible;

    fn candidates(&self, id: &PluginId) -> Result<Option<Vec<Candidate>>, Infallible> {
        let candidate = |(version, release): (&Version, &Release)| Candidate {
            dependencies: release.dependencies.clone(),
            optional_dependencies: release.optional_dependencies.clone(),
            conflicts: release.conflicts.clone(),
            yanked: release.yanked,
            host: release.host.clone(),
            platforms: release.platforms.clone(),
            ..Candidate::new(version.clone())
        };
        Ok(self.0.get(id).map(|releases| releases.iter().map(candidate).collect()))
    }

    fn names(&self) -> Result<Vec<PluginId>, Infallible> {
        Ok(self.0.keys().cloned().collect())
    }
}

fn main() -> ExitCode {
    run().unwrap_or_else(|error| {
        let told = writeln!(io::stderr(), "error: {error}");
        ExitCode::from(if told.is_ok() { 2 } else { 1 })
    })
}

fn run() -> Result<ExitCode, Box<dyn Error>> {
    if std::env::args_os().nth(1).is_some() {
        return Err("usage: resolve < universe.json".into());
    }
    let mut text = String::new();
    io::stdin().take(LIMIT).read_to_string(&mut text)?;
    let input: Input = serde_json::from_str(&text)?;
    let platform = input.platform.unwrap_or_else(Platform::any);
    let request =
        Request { locked: input.locked, host: input.host, platform, ..Request::new(input.root) };
    let (answer, code) = match resolve(&request, &Packages(input.packages)) {
        Ok(solution) => (serde_json::json!({ "solution": solution.releases }), ExitCode::SUCCESS),
        Err(error) => (serde_json::json!({ "error": explanation(error) }), ExitCode::from(5)),
    };
    writeln!(io::stdout(), "{answer}")?;
    Ok(code)
}

fn explanation(error: ResolveError<Infallible>) -> String {
    match error {
        ResolveError::NoSolution(why) => {
            let hints = why.hints.into_iter().map(|hint| format!("hint: {hint}"));
            [why.explanation].into_iter().chain(hints).collect::<Vec<_>>().join("\n")
        }
        ResolveError::TooHard(_) | ResolveError::Universe(_) => error.to_string(),
    }
}
