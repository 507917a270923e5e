//! The formats of a plugin registry that needs no server.
//!
//! One file for each document or value: what it looks like, how it is read from bytes that nobody
//! has vouched for, and how it is written. `SPEC.md` beside this crate says the same in prose.
//!
//! **Invariants.** Nothing in this crate reads files, the network, a clock or the environment, and
//! nothing starts a thread. A value of a type defined here was parsed: holding a [`PluginId`],
//! a [`PackagePath`] or a [`Sha256Digest`] is the proof that it is well-formed.
//!
//! [`PluginId`]: id::PluginId
//! [`PackagePath`]: path::PackagePath
//! [`Sha256Digest`]: digest::Sha256Digest

#[macro_use]
mod text_type;
#[macro_use]
mod document;

pub mod advisory;
pub mod approval;
pub mod archive;
pub mod catalog;
pub mod digest;
pub mod fingerprint;
pub mod handover;
pub mod id;
pub mod json;
pub mod layout;
pub mod license;
pub mod limits;
pub mod manifest;
pub mod objection;
pub mod osv;
pub mod path;
pub mod permission;
pub mod plugin_doc;
pub mod pricing;
pub mod publisher;
pub mod publisher_status;
pub mod registry;
pub mod removal;
pub mod requirement;
pub mod schemas;
pub mod statement;
pub mod status;
pub mod text;
pub mod time;
pub mod tuf;
pub mod url;
pub mod version;
