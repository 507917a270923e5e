//! What can be wrong with what a registry says now, and with the memory of what it said.

use std::io;
use std::path::PathBuf;

use index_schema::digest::Sha256Digest;
use index_schema::id::{PluginId, PublisherId, RegistryId};
use index_schema::time::Timestamp;
use index_schema::version::Version;

use crate::failure::{Class, Failure};

/// Why what a registry says now does not agree with what it said before.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SeenError {
    /// The record is for another registry than the one seen before.
    #[error("the registry calls itself `{found}`, it was `{known}` before")]
    OtherRegistry {
        /// The id seen before.
        known: RegistryId,
        /// The id found.
        found: RegistryId,
    },
    /// A record of the registry that was seen before is gone.
    #[error("the registry has lost its record {known}, the newest is {found} now")]
    OldRecord {
        /// The serial seen before.
        known: u64,
        /// The newest serial found.
        found: u64,
    },
    /// A record of the registry is another one than before.
    #[error(
        "the registry is not the one that was seen before: its record {serial} is {found}, it was \
         {known}"
    )]
    OtherRecord {
        /// The serial of the record.
        serial: u64,
        /// The digest seen before.
        known: Sha256Digest,
        /// The digest found.
        found: Sha256Digest,
    },
    /// A release that was seen before is gone.
    #[error("the registry has lost {id} {version}, which was seen before")]
    LostRelease {
        /// The plugin.
        id: PluginId,
        /// The release.
        version: Version,
    },
    /// A release that was read before is listed as one that only newer software reads.
    #[error("{id} {version} was seen before, and cannot be read as it is listed now")]
    UnreadableRelease {
        /// The plugin.
        id: PluginId,
        /// The release.
        version: Version,
    },
    /// A status statement that was seen before is gone, or has another time.
    #[error("the registry has lost, or dated anew, something that the publisher said of {id}")]
    LostStatus {
        /// The plugin.
        id: PluginId,
    },
    /// A release that was removed is back.
    #[error("{id} {version} is back, which the maintainers have removed")]
    Revived {
        /// The plugin.
        id: PluginId,
        /// The release.
        version: Version,
    },
    /// A release has another statement than before: nobody can sign one twice.
    #[error("{id} {version} is not the release that was seen before: its statement is another")]
    OtherStatement {
        /// The plugin.
        id: PluginId,
        /// The release.
        version: Version,
    },
    /// A release is said to be gone that is not the one that was seen.
    #[error("the registry calls {id} {version} gone, but names another statement than was seen")]
    FalseRemoval {
        /// The plugin.
        id: PluginId,
        /// The release.
        version: Version,
    },
    /// A release is said to have been accepted at another time than before.
    #[error(
        "the registry's past was rewritten: {} {} was accepted at {known}, now at {found}",
        release.0, release.1
    )]
    Rewritten {
        /// The plugin and the release.
        release: Box<(PluginId, Version)>,
        /// The time seen before.
        known: Timestamp,
        /// The time found.
        found: Timestamp,
    },
    /// The registry goes less far than before.
    #[error("the registry's past was rewritten: it goes up to {found}, it went up to {known}")]
    CutOff {
        /// The time seen before.
        known: Timestamp,
        /// The time found.
        found: Timestamp,
    },
    /// A publisher's record that was seen before is gone.
    #[error("the registry has lost record {serial} of the publisher `{publisher}`")]
    LostRecord {
        /// The publisher.
        publisher: PublisherId,
        /// The serial.
        serial: u64,
    },
    /// An objection to a publisher's record that was seen before is gone.
    #[error(
        "the registry has lost the objection to record {serial} of the publisher `{publisher}`"
    )]
    LostObjection {
        /// The publisher.
        publisher: PublisherId,
        /// The serial of the record.
        serial: u64,
    },
    /// What the maintainers were seen to say of a publisher is gone, or is something else.
    #[error(
        "the registry has lost what its maintainers said of the publisher `{publisher}` in \
         statement {serial}, which was seen before"
    )]
    LostWord {
        /// The publisher.
        publisher: PublisherId,
        /// The serial of the statement.
        serial: u64,
    },
    /// A publisher's record is another one than before.
    #[error(
        "the publisher `{publisher}` is not the one that was seen before: its record {serial} is \
         {found}, it was {known}"
    )]
    Forked {
        /// The publisher.
        publisher: PublisherId,
        /// The serial of the record.
        serial: u64,
        /// The digest seen before.
        known: Sha256Digest,
        /// The digest found.
        found: Sha256Digest,
    },
}

/// A release.
pub(super) type Subject<'s> = (&'s PluginId, &'s Version);

impl SeenError {
    pub(super) fn lost_release((id, version): Subject<'_>) -> Self {
        Self::LostRelease { id: id.clone(), version: version.clone() }
    }

    pub(super) fn unreadable_release((id, version): Subject<'_>) -> Self {
        Self::UnreadableRelease { id: id.clone(), version: version.clone() }
    }

    pub(super) fn other_statement((id, version): Subject<'_>) -> Self {
        Self::OtherStatement { id: id.clone(), version: version.clone() }
    }

    pub(super) fn false_removal((id, version): Subject<'_>) -> Self {
        Self::FalseRemoval { id: id.clone(), version: version.clone() }
    }

    pub(super) fn rewritten(
        (id, version): Subject<'_>,
        (known, found): (Timestamp, Timestamp),
    ) -> Self {
        Self::Rewritten { release: Box::new((id.clone(), version.clone())), known, found }
    }
}

impl Failure for SeenError {
    fn class(&self) -> Class {
        Class::Untrusted
    }

    fn code(&self) -> &'static str {
        match self {
            Self::OtherRegistry { .. } => "identity/other-registry",
            Self::OldRecord { .. } => "index/old-record",
            Self::OtherRecord { .. } => "index/forked-registry",
            Self::LostRelease { .. } => "index/lost-release",
            Self::UnreadableRelease { .. } => "index/unreadable-release",
            Self::LostStatus { .. } => "index/lost-status",
            Self::Revived { .. } => "index/revived-release",
            Self::OtherStatement { .. } => "index/other-statement",
            Self::FalseRemoval { .. } => "index/false-removal",
            Self::Rewritten { .. } | Self::CutOff { .. } => "index/rewritten",
            Self::LostRecord { .. } => "chain/lost-record",
            Self::LostObjection { .. } => "chain/lost-objection",
            Self::LostWord { .. } => "index/lost-word",
            Self::Forked { .. } => "chain/forked",
        }
    }

    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::UnreadableRelease { .. } => {
                "nothing was changed; either the registry hides the release, or this program is \
                 older than the one that saw it: use the newer one, and if that says the same, \
                 ask the registry's maintainers before you go on"
            }
            Self::OtherRegistry { .. }
            | Self::OldRecord { .. }
            | Self::OtherRecord { .. }
            | Self::LostRelease { .. }
            | Self::LostStatus { .. }
            | Self::Revived { .. }
            | Self::OtherStatement { .. }
            | Self::FalseRemoval { .. }
            | Self::Rewritten { .. }
            | Self::CutOff { .. }
            | Self::LostRecord { .. }
            | Self::LostObjection { .. }
            | Self::LostWord { .. }
            | Self::Forked { .. } => {
                "nothing was changed; ask the registry's maintainers before you go on"
            }
        };
        Some(hint.to_owned())
    }
}

/// Why what was seen can be neither read nor written.
#[derive(Debug, thiserror::Error)]
pub enum MemoryError {
    /// The file cannot be read or written.
    #[error("cannot use `{}`", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file is not what this program writes.
    #[error("`{}` is damaged: {reason}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
}

impl Failure for MemoryError {
    fn class(&self) -> Class {
        Class::Refused
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Io { .. } => "seen/io",
            Self::Damaged { .. } => "seen/damaged",
        }
    }
}
