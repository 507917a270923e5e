//! A thin client for plugin registries that need no server.
//!
//! ```text
//! source ──▶ tuf ──▶ index ──▶ resolve ──▶ plan ──▶ verify ──▶ stage ──▶ transaction
//!                      ▲                     ▲
//!          registries, seen              believe
//! ```
//!
//! Bytes change their type when trust in them changes, and only the step named after a type makes
//! it. `openpgp`, `chain` and `tuf` decide and do no I/O; the registry's validator calls the same
//! functions.

pub mod believe;
pub mod chain;
#[cfg(feature = "cli")]
pub mod cli;
mod durable;
pub mod failure;
pub mod file;
pub mod generation;
pub mod home;
pub mod index;
pub mod install;
pub mod openpgp;
pub mod plan;
pub mod registries;
pub mod remove;
pub mod resolve;
pub mod search;
pub mod seen;
pub mod source;
pub mod stage;
pub mod store;
#[cfg(test)]
mod testing;
pub mod transaction;
pub mod tuf;
pub mod verify;
