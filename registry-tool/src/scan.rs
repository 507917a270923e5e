//! The scanner: what a plugin can do, found in its files without running any of them.
//!
//! ```text
//! bytes ─▶ classify ─▶ gates ─▶ frontend ─▶ facts ─▶ analysis ─▶ references
//!                                                                   │ rules
//!                                       report ◀── judge ◀── evidence of capabilities
//! ```
//!
//! A front-end turns one file into [`facts`]: scopes, bindings and expressions, the same for every
//! language. Everything after that is done once: names are followed through imports, aliases and
//! containers, constants are folded, and each expression that can stand for a sensitive symbol is
//! a reference to it, called or not. What differs between languages is a table in [`language`].
//!
//! What cannot be analysed is never clean: it is a finding that names the file.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "readers of syntax and of values ask for the shapes that they know; all others are alike"
)]

pub mod analysis;
pub mod capability;
pub mod classify;
pub mod examine;
pub mod facts;
pub mod fold;
pub mod frontend;
pub mod gates;
pub mod input;
pub mod judge;
pub mod language;
pub mod notebook;
pub mod page;
pub mod report;
pub mod rules;
pub mod symbols;
pub mod table;
pub mod value;
pub mod worker;
