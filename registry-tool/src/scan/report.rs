//! Showing what a scan found: to people, to programs, and to tools that read SARIF.

pub mod json;
pub mod sarif;
pub mod text;
