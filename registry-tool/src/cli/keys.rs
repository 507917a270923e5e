//! Opening the secret keys that a command names.

use crate::role_keys::{KeySource, Keys, RoleKeyError};

/// Opens the keys. Only here a command looks into the environment, and only where it was told to.
#[expect(clippy::disallowed_methods, reason = "the environment is read once, here")]
pub(super) fn open(source: &KeySource) -> Result<Keys, RoleKeyError> {
    source.open(|name| std::env::var(name).ok())
}
