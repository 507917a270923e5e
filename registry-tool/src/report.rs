//! Showing findings, to people and to programs.

pub mod github;
pub mod json;
pub mod markdown;
pub mod sarif;
pub mod text;

use std::collections::BTreeMap;

use crate::finding::{Finding, Verdict};

/// What a validation has to say.
#[derive(Debug)]
pub struct Report {
    /// What comes of it.
    pub verdict: Verdict,
    /// What is wrong.
    pub findings: Vec<Finding>,
    /// The paths that were judged for the first time.
    pub changes: Vec<String>,
    /// The files that findings are about, to show the line that is meant.
    pub sources: BTreeMap<String, Vec<u8>>,
}
