//! x

pub mod openpgp;
