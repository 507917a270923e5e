//! Keys and signatures made at fixed times, so that every bound is met to the second.

mod certificates;
pub(crate) mod made;
mod signatures;
