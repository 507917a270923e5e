//! Where each file lies: in the Git index repository, and in what is compiled from it.

use std::fmt;

use crate::digest::Sha256Digest;
use crate::id::{PluginId, PublisherId, StatementId};
use crate::limits;
use crate::osv::AdvisoryId;
use crate::version::Version;

/// A place in the index repository where a file may be added; nothing else may be.
///
/// | path | what |
/// |---|---|
/// | `registry/<serial>.signed` | registry record |
/// | `trust/root/<n>.root.json` | TUF root metadata |
/// | `trust/targets/<n>.targets.json` | TUF targets metadata, signed offline |
/// | `publishers/<pp>/<p>/<serial>.signed` | publisher record |
/// | `publishers/<pp>/<p>/objections/<serial>.signed` | objection to a publisher record |
/// | `publishers/<pp>/<p>/status/<serial>.signed` | what maintainers say of a publisher |
/// | `plugins/<pp>/<p>/<nn>/<name>/<version>.signed` | release |
/// | `plugins/<pp>/<p>/<nn>/<name>/status/<serial>.signed` | status |
/// | `moderation/<YYYY>/<MM>/<id>.signed` | approval, hand-over, removal |
/// | `advisories/<YYYY>/<ID>/<serial>.signed` | advisory |
///
/// `<pp>` and `<nn>` are the first two characters of what follows.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IndexPath {
    /// A registry record.
    Registry(u64),
    /// Root metadata.
    Root(u64),
    /// Targets metadata.
    Targets(u64),
    /// A publisher record.
    Publisher(PublisherId, u64),
    /// An objection to a publisher record.
    Objection(PublisherId, u64),
    /// What maintainers say of a publisher.
    PublisherStatus(PublisherId, u64),
    /// A release.
    Release(PluginId, Version),
    /// A status statement.
    Status(PluginId, u64),
    /// A moderation statement.
    Moderation(Month, StatementId),
    /// An advisory.
    Advisory(AdvisoryId, u64),
}

/// A year and a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month {
    year: u16,
    month: u8,
}

/// A path at which an index repository has no file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a path at which an index repository has files")]
pub struct IndexPathError(String);

impl IndexPath {
    /// Parses a path; there is exactly one spelling for each place.
    pub fn parse(text: &str) -> Result<Self, IndexPathError> {
        let error = || IndexPathError(text.chars().take(300).collect());
        let place = Self::recognise(text).ok_or_else(error)?;
        // One spelling: a wrong shard, a leading zero or upper case comes back different.
        if place.to_string() == text { Ok(place) } else { Err(error()) }
    }

    fn recognise(text: &str) -> Option<Self> {
        let parts: Vec<&str> = text.split('/').collect();
        match parts.as_slice() {
            ["registry", file] => Some(Self::Registry(number(file, ".signed")?)),
            ["trust", "root", file] => Some(Self::Root(number(file, ".root.json")?)),
            ["trust", "targets", file] => Some(Self::Targets(number(file, ".targets.json")?)),
            ["publishers", _, publisher, file] => {
                let publisher = PublisherId::parse(publisher).ok()?;
                Some(Self::Publisher(publisher, number(file, ".signed")?))
            }
            ["publishers", _, publisher, "objections", file] => {
                let publisher = PublisherId::parse(publisher).ok()?;
                Some(Self::Objection(publisher, number(file, ".signed")?))
            }
            ["publishers", _, publisher, "status", file] => {
                let publisher = PublisherId::parse(publisher).ok()?;
                Some(Self::PublisherStatus(publisher, number(file, ".signed")?))
            }
            ["plugins", _, publisher, _, name, file] => {
                let version = Version::parse(file.strip_suffix(".signed")?).ok()?;
                Some(Self::Release(plugin_id(publisher, name)?, version))
            }
            ["plugins", _, publisher, _, name, "status", file] => {
                Some(Self::Status(plugin_id(publisher, name)?, number(file, ".signed")?))
            }
            ["moderation", year, month, file] => {
                let month = Month::parse(year, month)?;
                Some(Self::Moderation(
                    month,
                    StatementId::parse(file.strip_suffix(".signed")?).ok()?,
                ))
            }
            ["advisories", _, id, file] => {
                let id = AdvisoryId::parse(id).ok()?;
                Some(Self::Advisory(id, number(file, ".signed")?))
            }
            _ => None,
        }
    }

    /// Returns the version, if this is a place of root metadata.
    pub const fn root_version(&self) -> Option<u64> {
        if let Self::Root(version) = self { Some(*version) } else { None }
    }

    /// Returns the version, if this is a place of targets metadata.
    pub const fn targets_version(&self) -> Option<u64> {
        if let Self::Targets(version) = self { Some(*version) } else { None }
    }

    /// Returns the publisher to whom a file here belongs; the others are the maintainers'.
    pub const fn publisher(&self) -> Option<&PublisherId> {
        match self {
            Self::Publisher(id, _) | Self::Objection(id, _) => Some(id),
            Self::Release(id, _) | Self::Status(id, _) => Some(&id.publisher),
            Self::Registry(_)
            | Self::Root(_)
            | Self::Targets(_)
            | Self::PublisherStatus(..)
            | Self::Moderation(..)
            | Self::Advisory(..) => None,
        }
    }

    /// Returns the id of the statement, if this is a place of what maintainers decide.
    pub const fn decision(&self) -> Option<&StatementId> {
        if let Self::Moderation(_, id) = self { Some(id) } else { None }
    }

    /// Returns the most bytes that the file here may have, signatures included.
    pub const fn limit(&self) -> usize {
        match self {
            Self::Registry(_) | Self::Publisher(..) => limits::PUBLISHER + limits::SIGNATURES,
            Self::Root(_) | Self::Targets(_) => limits::TUF,
            Self::Objection(..)
            | Self::PublisherStatus(..)
            | Self::Release(..)
            | Self::Status(..)
            | Self::Moderation(..)
            | Self::Advisory(..) => limits::MANIFEST + limits::SIGNATURES,
        }
    }
}

fn plugin_id(publisher: &str, name: &str) -> Option<PluginId> {
    PluginId::parse(&format!("{publisher}/{name}")).ok()
}

fn number(file: &str, suffix: &str) -> Option<u64> {
    let number: u64 = file.strip_suffix(suffix)?.parse().ok()?;
    (number > 0).then_some(number)
}

impl Month {
    /// Returns the month of a time.
    pub fn of(time: crate::time::Timestamp) -> Self {
        let text = time.to_string();
        let mut parts = text.split('-');
        let mut next = || parts.next().unwrap_or_default();
        let (year, month) = (next(), next());
        Self::parse(year, month).unwrap_or(Self { year: 1970, month: 1 })
    }

    fn parse(year: &str, month: &str) -> Option<Self> {
        let (year, month) = (year.parse().ok()?, month.parse().ok()?);
        ((1970..=9999).contains(&year) && (1..=12).contains(&month)).then_some(Self { year, month })
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}/{:02}", self.year, self.month)
    }
}

impl fmt::Display for IndexPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Registry(serial) => write!(f, "registry/{serial}.signed"),
            Self::Root(version) => write!(f, "trust/root/{version}.root.json"),
            Self::Targets(version) => write!(f, "trust/targets/{version}.targets.json"),
            Self::Publisher(id, serial) => write!(f, "{}/{serial}.signed", publisher_folder(id)),
            Self::Objection(id, serial) => {
                write!(f, "{}/objections/{serial}.signed", publisher_folder(id))
            }
            Self::PublisherStatus(id, serial) => {
                write!(f, "{}/status/{serial}.signed", publisher_folder(id))
            }
            Self::Release(id, version) => write!(f, "{}/{version}.signed", plugin_folder(id)),
            Self::Status(id, serial) => write!(f, "{}/status/{serial}.signed", plugin_folder(id)),
            Self::Moderation(month, id) => write!(f, "moderation/{month}/{id}.signed"),
            Self::Advisory(id, serial) => write!(f, "{}/{serial}.signed", advisory_folder(id)),
        }
    }
}

/// The folder in the index repository that holds a publisher's records, and objections to them.
pub fn publisher_folder(id: &PublisherId) -> String {
    format!("publishers/{}/{id}", id.shard())
}

/// The folder in the index repository that holds what was said of a vulnerability.
pub fn advisory_folder(id: &AdvisoryId) -> String {
    format!("advisories/{:04}/{id}", id.year())
}

/// The folder in the index repository that holds a plugin's releases and status statements.
pub fn plugin_folder(id: &PluginId) -> String {
    let PluginId { publisher, name } = id;
    format!("plugins/{}/{publisher}/{}/{name}", publisher.shard(), name.shard())
}

text_type!(
    IndexPath,
    IndexPathError,
    "shape/path",
    "^[a-z0-9./_+-]+$",
    "a path in the index repository"
);

/// The TUF target path of a plugin's document.
pub fn plugin_target(id: &PluginId) -> String {
    format!("plugins/{}/{}.json", id.publisher, id.name)
}

/// The TUF target path of the current registry record.
pub const REGISTRY_TARGET: &str = "registry.signed";
/// The TUF target path of the catalogue.
pub const CATALOG_TARGET: &str = "catalog.json";
/// The TUF target path of the state.
pub const STATE_TARGET: &str = "state.json";

/// The TUF target path of the advisories.
pub const ADVISORIES_TARGET: &str = "advisories.json";

/// The list of targets that `build` leaves for `release`.
pub const BUILD_LIST: &str = "build.json";

/// The path under which a target's file is published: its digest in front of its file name
/// (TUF specification, section 6.2, consistent snapshots).
pub fn target_file(target: &str, digest: &Sha256Digest) -> String {
    match target.rsplit_once('/') {
        Some((folder, name)) => format!("targets/{folder}/{digest}.{name}"),
        None => format!("targets/{digest}.{target}"),
    }
}

/// The path under which a statement, or any other file that is named by its digest, is published.
pub fn blob(digest: &Sha256Digest) -> String {
    format!("blobs/{}/{digest}", digest.shard())
}

/// The path under which a mirrored archive is published.
pub fn archive(digest: &Sha256Digest) -> String {
    format!("archives/{}/{digest}.tar.gz", digest.shard())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_has_one_spelling() {
        for text in [
            "registry/1.signed",
            "trust/root/12.root.json",
            "trust/targets/1.targets.json",
            "publishers/la/lab/3.signed",
            "publishers/la/lab/objections/3.signed",
            "publishers/la/lab/status/3.signed",
            "plugins/la/lab/am/amber/1.0.0-rc.1+b.signed",
            "plugins/la/lab/am/amber/status/1.signed",
            "moderation/2026/11/approve-lab-1.signed",
            "advisories/2026/x_demo-2026-0001/1.signed",
        ] {
            assert_eq!(IndexPath::parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn everything_else_is_no_place() {
        for text in [
            "",
            "README.md",
            "registry/01.signed",
            "registry/0.signed",
            "registry/1.json",
            "Registry/1.signed",
            "publishers/xx/lab/1.signed",
            "publishers/la/lab/1.signed/x",
            "publishers/la/lab/objections/0.signed",
            "publishers/la/lab/objections/x/1.signed",
            "plugins/la/lab/am/amber/1.0.signed",
            "plugins/la/lab/AM/amber/1.0.0.signed",
            "plugins/la/lab/am/amber/status/x.signed",
            "moderation/2026/13/a1.signed",
            "moderation/2026/1/a1.signed",
            "moderation/26/01/a1.signed",
            "plugins/../lab/am/amber/1.0.0.signed",
            "registry/+1.signed",
            "/registry/1.signed",
            "advisories/2025/x_demo-2026-0001/1.signed",
            "advisories/2026/demo-2026-0001/1.signed",
            "registry//1.signed",
        ] {
            assert!(IndexPath::parse(text).is_err(), "{text:?}");
        }
    }
}
