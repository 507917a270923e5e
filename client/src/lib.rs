//! A thin client for plugin registries that need no server.

pub mod chain;
mod durable;
pub mod file;
pub mod generation;
pub mod home;
pub mod openpgp;
pub mod resolve;
pub mod source;
pub mod stage;
pub mod store;
pub mod transaction;
pub mod tuf;
