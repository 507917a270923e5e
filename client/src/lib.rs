//! x

mod durable;
pub mod home;
pub mod source;
pub mod stage;
pub mod store;
