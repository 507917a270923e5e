//! x

pub mod resolve;
