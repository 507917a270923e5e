//! Plugin documents: all that a client has to know of one plugin before it fetches a statement.
//!
//! A plugin document is a TUF target, so the registry vouches for what is current. What the
//! publisher vouches for stands in the statements that the document names by digest; the facts
//! copied here are hints for planning and have to equal them.

use std::collections::BTreeMap;

use crate::digest::Sha256Digest;
use crate::fingerprint::Fingerprint;
use crate::id::{PluginId, RegistryId, Word};
use crate::json::{FromJson, Node, Reading};
use crate::license::License;
use crate::manifest::{Artifact, Manifest, Platform, Requirements, RuntimeKind};
use crate::permission::PermissionName;
use crate::pricing::Model;
use crate::requirement::Requirement;
use crate::statement::{SchemaOne, tag};
use crate::status::{Action, Severity, Status};
use crate::text::{Line, List, Text};
use crate::time::Timestamp;
use crate::url::HttpsUrl;
use crate::version::Version;

tag!(
    /// The word `plugin`.
    PluginTag = "plugin"
);

document! {
    /// One plugin: its publisher's chain, and its releases, newest version first.
    pub struct PluginDoc {
        /// `plugin`
        required kind as "type": PluginTag,
        /// 1
        required schema: SchemaOne,
        /// The registry.
        required registry: RegistryId,
        /// The plugin.
        required id: PluginId,
        /// What the publisher calls itself.
        required publisher_title: Line<80>,
        /// The publisher's records that count or were objected to, serial 1 first.
        required publisher_chain: Vec<ChainLink>,
        /// What maintainers said of the publisher, in the order of serials.
        default publisher_status: Vec<StatementRef>,
        /// The statements of the chain in one file, one after the other, in the order of
        /// [`ChainLink::statements`], and behind them those of `publisher_status`.
        required publisher_statements: Blob,
        /// The status statements, serial 1 first.
        default status: Vec<StatementRef>,
        /// The advisories that name the plugin, each as it stands, sorted by id.
        default advisories: Vec<StatementRef>,
        /// What the newest release says of the plugin; missing where no release is left.
        optional about: About,
        /// Why the plugin gets no more releases, if it does not.
        optional deprecated: Deprecation,
        /// The releases, newest version first.
        required releases: Vec<Listed>,
        /// The releases that are gone, newest version first.
        default gone: Vec<Gone>,
    }
}

document! {
    /// What the newest release says of the plugin.
    pub struct About {
        /// The title.
        required title: Line<80>,
        /// The summary.
        required summary: Line<120>,
        /// The licence.
        required license: License,
        /// The categories.
        required categories: List<Word, 1, 3>,
        /// The keywords.
        default keywords: List<Word, 0, 10>,
        /// The page.
        optional homepage: HttpsUrl,
    }
}

document! {
    /// A file, by its digest.
    pub struct Blob {
        /// SHA-256 of the file, which is its name under `blobs/`.
        required sha256: Sha256Digest,
        /// Bytes of the file.
        required size: u64,
    }
}

document! {
    /// A statement, by the digest of its file.
    pub struct StatementRef {
        /// SHA-256 of the file, which is its name under `blobs/`.
        required sha256: Sha256Digest,
        /// Bytes of the file.
        required size: u64,
        /// When the registry accepted it.
        required accepted: Timestamp,
    }
}

document! {
    /// One record of a publisher's chain, and what came with it.
    pub struct ChainLink {
        /// The record.
        required record: StatementRef,
        /// The maintainers' approval, which serial 1 needs.
        optional approval: StatementRef,
        /// The maintainers' hand-over, if the keys before did not sign.
        optional handover: StatementRef,
        /// The objection for which the record does not count.
        optional objection: StatementRef,
    }
}

document! {
    /// The sign that a release was there, which nobody gets any more.
    pub struct Gone {
        /// The version.
        required version: Version,
        /// The manifest's statement; where the maintainers removed it, it is not published.
        required statement: StatementRef,
        /// The maintainers' removal. Without one, the release was signed by a key that was
        /// compromised by then.
        optional removal: StatementRef,
    }
}

document! {
    /// Why a plugin gets no more releases.
    pub struct Deprecation {
        /// The reason.
        required reason: Text<2048>,
        /// The plugin to take instead.
        optional successor: PluginId,
    }
}

document! {
    /// Why a release should not be installed anew.
    pub struct Yank {
        /// The reason.
        required reason: Text<2048>,
        /// Whether it does harm to keep it.
        default harmful: bool,
        /// The release to take instead.
        optional replacement: Version,
    }
}

document! {
    /// One release.
    pub struct Release {
        /// The version.
        required version: Version,
        /// The schema of the manifest.
        required schema: SchemaOne,
        /// The manifest's statement.
        required statement: StatementRef,
        /// The primary keys that signed it.
        required signers: Vec<Fingerprint>,
        /// Why not to install it, if so.
        optional yanked: Yank,
        /// What the manifest says.
        required facts: Facts,
    }
}

document! {
    /// What of a manifest is copied for planning.
    pub struct Facts {
        /// What runs it.
        required runtime: RuntimeKind,
        /// The host application's versions.
        optional host: Requirement,
        /// Plugins that it needs.
        default dependencies: Requirements,
        /// Plugins that it uses if they are there.
        default optional_dependencies: Requirements,
        /// Plugins that it does not work beside.
        default conflicts: Requirements,
        /// What it may do.
        default permissions: Vec<PermissionFact>,
        /// What kind of money it costs.
        required pricing: Model,
        /// What is downloaded.
        required artifacts: Vec<ArtifactFact>,
    }
}

document! {
    /// An archive, by what counts before it is fetched. Its digests and addresses stand in the
    /// statement, which is read first; a third of a document would be copies of them.
    pub struct ArtifactFact {
        /// What it is for.
        required platform: Platform,
        /// Bytes to download.
        required size: u64,
        /// Bytes of all its files.
        required unpacked: u64,
    }
}

document! {
    /// A permission, without the reason for it.
    pub struct PermissionFact {
        /// Which one.
        required name: PermissionName,
        /// What it is limited to.
        default scope: List<Line<256>, 0, 64>,
        /// Whether the plugin works without it.
        default optional: bool,
    }
}

impl ArtifactFact {
    fn of(artifact: &Artifact) -> Self {
        let Artifact { platform, size, unpacked, .. } = artifact;
        Self { platform: platform.clone(), size: *size, unpacked: *unpacked }
    }
}

impl Facts {
    /// Copies the facts out of a manifest: the one place that says which they are.
    pub fn of(manifest: &Manifest) -> Self {
        let permission = |permission: &crate::permission::Permission| PermissionFact {
            name: permission.name.clone(),
            scope: permission.scope.clone(),
            optional: permission.optional,
        };
        Self {
            runtime: manifest.runtime.kind,
            host: manifest.host.clone(),
            dependencies: manifest.dependencies.clone(),
            optional_dependencies: manifest.optional_dependencies.clone(),
            conflicts: manifest.conflicts.clone(),
            permissions: manifest.permissions.iter().map(permission).collect(),
            pricing: manifest.pricing.model(),
            artifacts: manifest.artifacts.iter().map(ArtifactFact::of).collect(),
        }
    }

    /// Tells whether this version of the software knows every word of the facts.
    pub fn are_known(&self) -> bool {
        self.permissions.iter().all(|permission| permission.name.is_known())
    }
}

/// A release in a document, or the sign that one is there which only newer software reads.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
#[serde(untagged)]
pub enum Listed {
    /// A release that can be used.
    Release(Box<Release>),
    /// One of a higher schema, or with words that this version does not know.
    NeedsNewer(NeedsNewer),
}

document! {
    /// What can be said of a release that only newer software reads.
    pub struct NeedsNewer {
        /// The version.
        required version: Version,
        /// The schema of its manifest.
        required schema: u32,
    }
}

impl FromJson for Listed {
    fn from_json(node: &Node, reading: &mut Reading) -> Option<Self> {
        let outline = NeedsNewer::from_json(node, reading)?;
        let mut trial = Reading::new(crate::json::Unknown::Ignore);
        match Release::from_json(node, &mut trial) {
            Some(release) if trial.count() == 0 && release.facts.are_known() => {
                Some(Self::Release(Box::new(release)))
            }
            _ => Some(Self::NeedsNewer(outline)),
        }
    }
}

/// What the status statements of a plugin come to, one after the other.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct States {
    /// The releases that are yanked, by version without build metadata.
    pub yanked: BTreeMap<Version, Yank>,
    /// Why there are no more releases.
    pub deprecated: Option<Deprecation>,
}

impl States {
    /// Applies the next statement.
    pub fn apply(&mut self, status: &Status) {
        let version = status.version.as_ref().map(Version::without_build);
        match (status.action, version) {
            (Action::Yank, Some(version)) => {
                let yank = Yank {
                    reason: status.reason.clone(),
                    harmful: status.severity == Some(Severity::High),
                    replacement: status.replacement.clone(),
                };
                self.yanked.insert(version, yank);
            }
            (Action::Unyank, Some(version)) => drop(self.yanked.remove(&version)),
            (Action::Deprecate, _) => {
                let successor = status.successor.clone();
                self.deprecated = Some(Deprecation { reason: status.reason.clone(), successor });
            }
            (Action::Undeprecate, _) => self.deprecated = None,
            // Such a statement contradicts itself, and was not read.
            (Action::Yank | Action::Unyank, None) => {}
        }
    }
}

impl ChainLink {
    /// Returns the statements of the link, in the order in which they follow each other in the
    /// file of the chain.
    pub fn statements(&self) -> impl Iterator<Item = &StatementRef> {
        let others = [&self.approval, &self.handover, &self.objection];
        std::iter::once(&self.record).chain(others.into_iter().flatten())
    }
}

impl About {
    /// Copies what a manifest says of its plugin: the one place that says which fields those are.
    pub fn of(manifest: &Manifest) -> Self {
        Self {
            title: manifest.title.clone(),
            summary: manifest.summary.clone(),
            license: manifest.license.clone(),
            categories: manifest.categories.clone(),
            keywords: manifest.keywords.clone(),
            homepage: manifest.homepage.clone(),
        }
    }
}

impl PluginDoc {
    /// Returns the releases that this version of the software can use, newest version first.
    pub fn usable(&self) -> impl Iterator<Item = &Release> {
        self.releases.iter().filter_map(|listed| match listed {
            Listed::Release(release) => Some(release.as_ref()),
            Listed::NeedsNewer(_) => None,
        })
    }

    /// Returns the newest release that can be picked without asking: not yanked, no pre-release.
    pub fn newest(&self) -> Option<&Release> {
        self.usable().find(|release| release.yanked.is_none() && !release.version.is_prerelease())
    }
}
