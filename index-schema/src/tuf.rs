//! Metadata of The Update Framework (specification 1.0.34, section 4): what is current.
//!
//! ```text
//! root ──▶ targets ──▶ index              catalog.json, search.json, advisories.json, state.json
//!   │         ├──────▶ bin-16-0 … -f      plugins/<publisher>/<name>.json, by hash of the path
//!   │         └─ registry.signed
//!   ├────▶ snapshot                       the version of each of the files above
//!   └────▶ timestamp                      the version, length and digest of the snapshot
//! ```
//!
//! Each file is an [`Envelope`]: signatures over the canonical JSON of `signed`. The canonical
//! bytes are made of what was read, so members that nobody here knows are signed, too (section 4).
//! Reading says that a file is well-formed; who signed it, and whether it is current, is for the
//! client to judge.

mod assignment;
mod bins;
mod delegation;
mod envelope;
mod hashes;
mod key;
mod name;
mod role;
mod root;
mod snapshot;
mod targets;
mod timestamp;

pub use self::assignment::{INDEX_FILES, plugin_target, role_for};
pub use self::bins::{BinCount, BinError};
pub use self::delegation::{DelegatedRole, Delegations, HashPrefix, PathPattern, Paths};
pub use self::envelope::{Envelope, Signature, Unsigned};
pub use self::hashes::{Hashes, Sha512Digest, Sha512Error};
pub use self::key::{Key, KeyId};
pub use self::name::{MetaName, NameError, RoleName, TargetPath};
pub use self::role::{MetaFile, MetaVersion, Role, RoleKeys};
pub use self::root::{Root, RootRoles};
pub use self::snapshot::Snapshot;
pub use self::targets::{RegistryLink, TargetFile, Targets};
pub use self::timestamp::{OnlySnapshot, SnapshotPointer};

/// The version of the specification that is written into metadata.
pub const SPEC_VERSION: &str = "1.0.34";
