//! Tables that are only looked up: their order reaches nothing.

/// A table whose hashes are fast, and seeded: who chooses the keys cannot make them meet.
#[expect(clippy::disallowed_types, reason = "only looked up; its order reaches nothing")]
pub type Table<K, V> = std::collections::HashMap<K, V, foldhash::fast::RandomState>;
