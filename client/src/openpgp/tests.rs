//! Keys and signatures made at fixed times, so that every bound is met to the second.

mod certificates;
mod made;
mod signatures;
