//! The workings of `registry-tool`: from a commit of an index repository to published files.
//!
//! ```text
//! tree, history ──▶ repository ──▶ submission ──▶ judge ──▶ rules ──▶ report
//!                                                  │
//!                                                  ▼
//!                                               compile ──▶ output ──▶ release
//! ```
//!
//! A module uses only what stands before it in this picture, and the crates below. `cli` and the
//! modules named after commands put them together.

pub mod advise;
pub mod approve;
pub mod archives;
pub mod build;
pub mod cli;
pub mod commit;
pub mod compile;
pub mod demo;

pub mod finding;
pub mod founding;
pub mod git;
pub mod history;
pub mod hosting;
pub mod inspection;
pub mod intake;
pub mod judge;
pub mod membership;
pub mod moderation;
pub mod output;
pub mod package;
pub mod proposal;
pub mod rehearsal;
pub mod release;
pub mod replay;
pub mod report;
pub mod repository;
pub mod reproduce;
pub mod review;
pub mod role_keys;
pub mod rules;
mod sarif;
pub mod scaffold;
pub mod scan;
pub mod serve;
pub mod signer;
pub mod signing;
pub mod standing;
pub mod submission;
pub mod submit;
pub mod tree;
pub mod trust;
pub mod validate;
