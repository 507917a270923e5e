//! Everything that needs more than one crate, another program, or both.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on says so by panicking"
)]

#[cfg(unix)]
mod advising;
#[cfg(unix)]
mod apart;
mod attacks;
#[cfg(unix)]
mod building;
#[cfg(unix)]
mod chains;
#[cfg(unix)]
mod demo;
#[cfg(unix)]
mod determinism;
#[cfg(unix)]
mod foreign_keys;
#[cfg(unix)]
mod hostile_inputs;
#[cfg(unix)]
mod hostile_sources;
#[cfg(unix)]
mod hosting;
mod house;
#[cfg(unix)]
mod installing;
#[cfg(unix)]
mod interop;
#[cfg(unix)]
mod keys;
#[cfg(unix)]
mod names;
#[cfg(unix)]
mod proposals;
#[cfg(unix)]
mod publishers;
#[cfg(unix)]
mod publishing;
#[cfg(unix)]
mod real_packages;
#[cfg(unix)]
mod refusals;
#[cfg(unix)]
mod replaying;
#[cfg(unix)]
mod reproduce;
#[cfg(unix)]
mod roles;
mod rules;
#[cfg(unix)]
mod scanning;
#[cfg(unix)]
mod submitting;
mod support;
#[cfg(unix)]
mod world;
