//! Why metadata or a target is not trusted.

use index_schema::json::Problem;
use index_schema::time::Timestamp;
use index_schema::tuf::{MetaVersion, RoleName, TargetPath};

/// Why metadata or a target is not trusted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TufError {
    /// The bytes are not metadata of the expected type.
    #[error("`{file}` is not well-formed: {}", first(problems))]
    Malformed {
        /// The file.
        file: String,
        /// What is wrong with it.
        problems: Vec<Problem>,
    },
    /// Too few of the right keys signed.
    #[error(
        "`{file}` has good signatures by {valid} of the keys of `{by}`, {threshold} are needed"
    )]
    Signatures {
        /// The file.
        file: String,
        /// Whose keys were asked for.
        by: String,
        /// How many different keys signed.
        valid: usize,
        /// How many have to.
        threshold: u64,
    },
    /// The time until which the file could be trusted is over.
    #[error("`{file}` expired at {expires}; somebody may be holding back newer files")]
    Expired {
        /// The file.
        file: String,
        /// When it expired.
        expires: Timestamp,
    },
    /// The version is older than one seen before.
    #[error("`{file}` has version {found}, after version {known} was seen")]
    Rollback {
        /// The file.
        file: String,
        /// The version found.
        found: MetaVersion,
        /// The version seen before.
        known: MetaVersion,
    },
    /// The version is not the one announced.
    #[error("`{file}` has version {found}, version {expected} was announced")]
    Version {
        /// The file.
        file: String,
        /// The version found.
        found: MetaVersion,
        /// The version announced.
        expected: MetaVersion,
    },
    /// No root can follow this one.
    #[error("no version follows version {0}")]
    LastVersion(MetaVersion),
    /// A file that the snapshot listed before is gone.
    #[error("the snapshot has lost `{0}`")]
    Lost(String),
    /// The length or digest is not the one announced.
    #[error("`{0}` is not the file that was announced: its length or digest differs")]
    Content(String),
    /// The file of one role is served in the place of another's.
    #[error("`{file}` is the file of the role `{found}`")]
    Swapped {
        /// The file.
        file: String,
        /// Whose it is.
        found: RoleName,
    },
    /// The snapshot does not list a role.
    #[error("the snapshot does not list the role `{0}`")]
    Unlisted(RoleName),
    /// The root allows files to change under their names.
    #[error("the registry does not use consistent snapshots")]
    Inconsistent,
    /// Another role than the one that should vouches for a target.
    #[error("`{path}` is vouched for by the role `{found}`, which is not the one that should")]
    Role {
        /// The target.
        path: TargetPath,
        /// The role that names it.
        found: RoleName,
    },
}

fn first(problems: &[Problem]) -> &str {
    problems.first().map_or("unreadable", |problem| &problem.message)
}
