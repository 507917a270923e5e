//! Release manifests: one version of a plugin, as its publisher signs it.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Deref;

use schemars::JsonSchema;
use serde::Serialize;

use crate::digest::Sha256Digest;
use crate::id::{PluginId, RegistryId, Word};
use crate::json::{FromJson, Node, Reading};
use crate::license::License;
use crate::limits;
use crate::path::PackagePath;
use crate::permission::Permission;
use crate::pricing::Pricing;
use crate::requirement::Requirement;
use crate::statement::{Document, Kind, SchemaOne, tag};
use crate::text::{Line, List, Text};
use crate::url::{ArchiveUrl, HttpsUrl};
use crate::version::Version;

tag!(
    /// The word `release`.
    ReleaseTag = "release"
);

document! {
    /// One version of a plugin.
    pub struct Manifest {
        /// `release`
        required kind as "type": ReleaseTag,
        /// 1
        required schema: SchemaOne,
        /// The registry that the release is for.
        required registry: RegistryId,
        /// The plugin.
        required id: PluginId,
        /// The version.
        required version: Version,
        /// What people call the plugin.
        required title: Line<80>,
        /// What it does, in one line.
        required summary: Line<120>,
        /// The licence of what is in the archive.
        required license: License,
        /// Where it stands in the catalogue.
        required categories: List<Word, 1, 3>,
        /// What else it should be found by.
        default keywords: List<Word, 0, 10>,
        /// Its page.
        optional homepage: HttpsUrl,
        /// Its source code.
        optional repository: HttpsUrl,
        /// Its manual.
        optional documentation: HttpsUrl,
        /// Where to give money voluntarily.
        optional funding: HttpsUrl,
        /// What runs it.
        required runtime: Runtime,
        /// The versions of the host application's interface that it works with.
        optional host: Requirement,
        /// What is downloaded.
        required artifacts: List<Artifact, 1, 32>,
        /// What it may do.
        default permissions: List<Permission, 0, 64>,
        /// Plugins that it needs.
        default dependencies: Requirements,
        /// Plugins that it uses if they are there.
        default optional_dependencies: Requirements,
        /// Plugins that it does not work beside.
        default conflicts: Requirements,
        /// What it costs.
        required pricing: Pricing,
        /// What is new; plain text or Markdown.
        optional changes: Text<8192>,
    }
}

document! {
    /// What runs a plugin.
    pub struct Runtime {
        /// The kind of program.
        required kind: RuntimeKind,
        /// The versions of the interpreter that it works with.
        optional requires: Requirement,
        /// The file that is started; plugins of kind `data` have none.
        optional entry: PackagePath,
    }
}

words! {
    /// The kind of program that a plugin is.
    pub enum RuntimeKind("a kind of runtime") {
        /// Started by a Python interpreter.
        Python = "python",
        /// Started by a JavaScript engine.
        Javascript = "javascript",
        /// A WebAssembly module.
        Wasm = "wasm",
        /// Machine code.
        Native = "native",
        /// Nothing that runs.
        Data = "data",
    }
}

document! {
    /// An archive of a release.
    pub struct Artifact {
        /// The machines that it is for.
        required platform: Platform,
        /// Where it lies; all hold the same bytes.
        required urls: List<ArchiveUrl, 1, 8>,
        /// SHA-256 of the archive.
        required sha256: Sha256Digest,
        /// Bytes of the archive.
        required size: u64,
        /// SHA-256 of the tar stream inside, which no compressor changes.
        required tar_sha256: Sha256Digest,
        /// Bytes of all files together, unpacked.
        required unpacked: u64,
        /// Files and folders in the archive.
        required entries: u64,
    }
}

/// `any`, or a target triple such as `x86_64-unknown-linux-gnu`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Platform(String);

/// A text that is not a platform.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is neither `any` nor a target triple such as x86_64-unknown-linux-gnu")]
pub struct PlatformError(String);

impl Platform {
    /// Parses a platform.
    pub fn parse(text: &str) -> Result<Self, PlatformError> {
        let part = |part: &str| {
            !part.is_empty()
                && part.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'.'))
        };
        let parts = text.split('-').count();
        let triple = text.len() <= 64 && (2..=5).contains(&parts) && text.split('-').all(part);
        if text == "any" || triple {
            Ok(Self(text.to_owned()))
        } else {
            Err(PlatformError(text.to_owned()))
        }
    }

    /// Returns the platform of archives that work everywhere.
    pub fn any() -> Self {
        Self("any".to_owned())
    }

    /// Returns the platform as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

text_type!(
    Platform,
    PlatformError,
    "artifact/platform",
    "^(any|[a-z0-9_.]+(-[a-z0-9_.]+){1,4})$",
    "`any` or a target triple"
);

/// What is required of other plugins; at most [`limits::DEPENDENCIES`].
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, JsonSchema)]
#[serde(transparent)]
pub struct Requirements(BTreeMap<PluginId, Requirement>);

impl Deref for Requirements {
    type Target = BTreeMap<PluginId, Requirement>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl FromJson for Requirements {
    fn from_json(node: &Node, reading: &mut Reading) -> Option<Self> {
        let map = BTreeMap::from_json(node, reading)?;
        if map.len() <= limits::DEPENDENCIES {
            return Some(Self(map));
        }
        let message = format!("at most {} plugins, not {}", limits::DEPENDENCIES, map.len());
        reading.refuse(node.span, "dependency/too-many", message)
    }
}

impl FromIterator<(PluginId, Requirement)> for Requirements {
    fn from_iter<I: IntoIterator<Item = (PluginId, Requirement)>>(pairs: I) -> Self {
        Self(pairs.into_iter().collect())
    }
}

impl Document for Manifest {
    const KIND: Kind = Kind::Release;
    const LIMIT: usize = limits::MANIFEST;

    fn contradictions(&self) -> Vec<(&'static str, &'static str, String)> {
        let mut found = Vec::new();
        if self.runtime.kind != RuntimeKind::Data && self.runtime.entry.is_none() {
            let message = format!("a plugin of kind `{}` needs an `entry`", self.runtime.kind);
            found.push(("runtime", "runtime/no-entry", message));
        }
        for map in [&self.dependencies, &self.optional_dependencies, &self.conflicts] {
            if map.contains_key(&self.id) {
                found.push((
                    "id",
                    "dependency/itself",
                    "a plugin cannot name itself here".to_owned(),
                ));
            }
        }
        for id in self.dependencies.keys().filter(|id| self.conflicts.contains_key(*id)) {
            let message = format!("`{id}` is needed and excluded at once");
            found.push(("conflicts", "dependency/contradiction", message));
        }
        // The top folder of the archive is one component, split from nothing (POSIX ustar).
        let top = self.id.name.as_str().len() + 1 + self.version.to_string().len();
        if top > 98 {
            let message =
                format!("name and version together have {top} bytes, an archive holds 98");
            found.push(("version", "version/too-long", message));
        }
        found.extend(self.repeated());
        found
    }
}

impl Manifest {
    fn repeated(&self) -> Vec<(&'static str, &'static str, String)> {
        let mut found = Vec::new();
        let mut seen = Vec::new();
        for artifact in &self.artifacts {
            if seen.contains(&&artifact.platform) {
                let message = format!("two artifacts are for `{}`", artifact.platform);
                found.push(("artifacts", "artifact/platform", message));
            }
            seen.push(&artifact.platform);
        }
        let mut seen = Vec::new();
        for permission in &self.permissions {
            if seen.contains(&&permission.name) {
                let message = format!("`{}` is asked for twice", permission.name);
                found.push(("permissions", "permission/repeated", message));
            }
            seen.push(&permission.name);
        }
        found
    }
}
