//! Validates, compiles and releases a plugin registry from a Git repository.

pub mod commit;
pub mod git;
pub mod history;
pub mod tree;
