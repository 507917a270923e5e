//! What a registry refuses, with its code, and that a refusal changes nothing.

mod archives;
mod dependencies;
mod documents;
mod signatures;
mod trees;
