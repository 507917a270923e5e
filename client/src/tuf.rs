//! Deciding what is current: the client workflow of The Update Framework.
//!
//! The specification is version 1.0.34; its numbered steps (section 5) stand above the code that
//! does them. Trust moves from state to state, and only the step makes the state:
//!
//! ```text
//! TrustedRoot ─next(root n+1)─▶ TrustedRoot ─unexpired(now)─▶ CurrentRoot ─timestamp(bytes)─▶
//! CurrentTimestamp ─snapshot(bytes)─▶ CurrentSnapshot ─targets(bytes)─▶ Trusted ─find(path)─▶ TargetInfo
//! ```
//!
//! These states do no I/O and know no clock. [`update`] drives them: it fetches through a
//! [`Source`](crate::source::Source) and keeps what is trusted in a folder ([`store`]).
//!
//! Three decisions where the specification leaves room: only repositories with consistent
//! snapshots are read; a key counts once, even under two ids; whatever a stored file says is
//! verified again with the keys of the current root before it counts.

mod error;
pub mod pem;
mod search;
mod signature;
mod signed;
pub mod store;
#[cfg(test)]
mod tests;
mod trusted;
pub mod update;

pub use self::error::TufError;
pub use self::search::TargetInfo;
pub use self::signature::is_good;
pub use self::signed::Signed;
pub use self::trusted::{
    CurrentRoot, CurrentSnapshot, CurrentTimestamp, Stored, Trusted, TrustedRoot, Vouched,
};
