//! Reading real catalogues: the krew index and the Bazel Central Registry, one JSON object a line,
//! compressed with Zstandard.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;
use serde::de::DeserializeOwned;

/// A kubectl plugin and all that happened to it.
#[derive(Debug, Deserialize)]
pub(crate) struct KrewPlugin {
    pub(crate) name: String,
    pub(crate) events: Vec<KrewEvent>,
}

/// One change of a kubectl plugin.
#[derive(Debug, Deserialize)]
pub(crate) struct KrewEvent {
    pub(crate) time: u64,
    pub(crate) event: String,
    #[serde(default)]
    pub(crate) version: Option<String>,
    #[serde(default)]
    pub(crate) summary: Option<String>,
    #[serde(default)]
    pub(crate) description: Option<String>,
    #[serde(default)]
    pub(crate) homepage: Option<String>,
    #[serde(default)]
    pub(crate) platforms: Option<Vec<KrewPlatform>>,
}

/// One archive of a kubectl plugin.
#[derive(Debug, Deserialize)]
pub(crate) struct KrewPlatform {
    pub(crate) uri: Option<String>,
    pub(crate) sha256: Option<String>,
    pub(crate) bin: Option<String>,
}

/// A module of the Bazel Central Registry.
#[derive(Debug, Deserialize)]
pub(crate) struct BazelModule {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) homepage: Option<String>,
    /// Where its source lies, such as `github:owner/name`.
    #[serde(default)]
    pub(crate) repository: Vec<String>,
    /// The versions from old to new.
    #[serde(default)]
    pub(crate) order: Vec<String>,
    pub(crate) versions: BTreeMap<String, BazelVersion>,
    #[serde(default)]
    pub(crate) yanked: BTreeMap<String, String>,
}

/// One version of a module.
#[derive(Debug, Deserialize)]
pub(crate) struct BazelVersion {
    pub(crate) deps: Vec<BazelDependency>,
    #[serde(default)]
    pub(crate) url: Option<String>,
}

/// What a version of a module needs.
#[derive(Debug, Deserialize)]
pub(crate) struct BazelDependency {
    pub(crate) name: String,
    pub(crate) version: Option<String>,
    pub(crate) dev: bool,
}

/// Both catalogues.
#[derive(Debug)]
pub(crate) struct Catalogues {
    pub(crate) krew: Vec<KrewPlugin>,
    pub(crate) bazel: Vec<BazelModule>,
}

/// Why a catalogue was not read.
#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    /// The program `zstd` could not be run or its output not be read.
    #[error("cannot read `{}` with the program `zstd`", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What failed.
        source: std::io::Error,
    },
    /// The program `zstd` refused the file.
    #[error("`zstd` cannot decompress `{}`", .0.display())]
    Compressed(PathBuf),
    /// A line has another form.
    #[error("line {line} of `{}` is not what is expected there", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        source: serde_json::Error,
    },
}

/// What is read of one catalogue, decompressed.
const LIMIT: u64 = 512 * 1024 * 1024;

impl Catalogues {
    /// Reads both from a folder.
    pub(crate) fn read(folder: &Path) -> Result<Self, CatalogueError> {
        Ok(Self {
            krew: lines(&folder.join("krew-index-history.jsonl.zst"))?,
            bazel: lines(&folder.join("bazel-central-registry.jsonl.zst"))?,
        })
    }
}

fn lines<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>, CatalogueError> {
    let failed = |source| CatalogueError::Read { path: path.to_owned(), source };
    let zstd = Command::new("zstd").arg("-dcq").arg("--").arg(path).stdout(Stdio::piped()).spawn();
    let mut zstd = zstd.map_err(failed)?;
    let output = zstd.stdout.take().map(|output| BufReader::new(output.take(LIMIT)));
    let mut items = Vec::new();
    for (index, line) in output.into_iter().flat_map(BufReader::lines).enumerate() {
        let item = serde_json::from_str(&line.map_err(failed)?);
        let wrong =
            |source| CatalogueError::Line { path: path.to_owned(), line: index + 1, source };
        items.push(item.map_err(wrong)?);
    }
    if zstd.wait().map_err(failed)?.success() {
        Ok(items)
    } else {
        Err(CatalogueError::Compressed(path.to_owned()))
    }
}

impl KrewPlugin {
    /// Returns the first event of each version, in order of time.
    pub(crate) fn releases(&self) -> Vec<(&str, &KrewEvent)> {
        let mut releases: Vec<(&str, &KrewEvent)> = Vec::new();
        for event in self.events.iter().filter(|event| event.event == "release") {
            let Some(version) = event.version.as_deref() else { continue };
            if !releases.iter().any(|(known, _)| *known == version) {
                releases.push((version, event));
            }
        }
        releases
    }

    /// Returns the newest line that says what the plugin does.
    pub(crate) fn summary(&self) -> Option<&str> {
        let summaries = self.events.iter().rev().filter_map(|event| event.summary.as_deref());
        summaries.into_iter().find(|summary| !summary.trim().is_empty())
    }

    /// Returns who owns the plugin's page, or the plugin's own name.
    pub(crate) fn owner(&self) -> &str {
        let pages = self.events.iter().rev().filter_map(|event| event.homepage.as_deref());
        let owner = |page: &'_ str| -> Option<usize> { page.find("://").map(|at| at + 3) };
        let mut pages = pages.filter_map(|page| page.get(owner(page)?..)?.split('/').nth(1));
        pages.find(|owner| !owner.is_empty()).unwrap_or(&self.name)
    }
}

impl BazelModule {
    /// Returns who owns the module's source, or the module's own name.
    pub(crate) fn owner(&self) -> &str {
        let mut places = self.repository.iter().filter_map(|place| place.strip_prefix("github:"));
        places.find_map(|place| place.split('/').next()).unwrap_or(&self.name)
    }

    /// Returns what the newest version needs.
    pub(crate) fn newest_needs(&self) -> Vec<&str> {
        let newest = self.order.last().and_then(|version| self.versions.get(version));
        let newest = newest.or_else(|| self.versions.values().next_back());
        let needs = newest.into_iter().flat_map(|version| &version.deps);
        needs.filter(|need| !need.dev).map(|need| need.name.as_str()).collect()
    }
}
