//! Chains with keys made for the purpose, a good and a bad case of every rule.

mod changes;
mod first;
mod handovers;
pub(crate) mod made;
mod maintainers;
mod objections;
mod releases;
