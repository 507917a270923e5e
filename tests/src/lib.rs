//! What the end-to-end tests and benchmarks stand on.

pub mod corpus;
