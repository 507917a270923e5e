//! x

mod durable;
pub mod generation;
pub mod home;
pub mod source;
pub mod stage;
pub mod store;
pub mod transaction;
