//! A thin client for plugin registries that need no server.
//!
//! ```text
//! source ──▶ tuf ──▶ index ──▶ resolve ──▶ plan ──▶ verify ──▶ stage ──▶ transaction
//! ```
//!
//! Bytes change their type when trust in them changes, and only the step named after a type makes
//! it. `openpgp`, `chain` and `tuf` decide and do no I/O; the registry's validator calls the same
//! functions.

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
