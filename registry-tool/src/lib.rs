//! Validates, compiles and releases a plugin registry that needs no server.

pub mod release;
pub mod role_keys;
