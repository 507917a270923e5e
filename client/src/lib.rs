//! A thin client for plugin registries that need no server.

pub mod source;
pub mod tuf;
