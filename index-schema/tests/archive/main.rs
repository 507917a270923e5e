//! The package archive against hostile bytes, other readers, and chance.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod chance;
mod hostile;
mod refusals;
mod support;
