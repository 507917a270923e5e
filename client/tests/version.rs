//! The program starts and says what it is.
//!
//! Because of this test, `cargo test --workspace` builds the program, which the tests in `tests/`
//! run.

use snapbox::cmd::{Command, cargo_bin};

#[test]
fn libral_says_its_version() {
    let version = concat!("libral ", env!("CARGO_PKG_VERSION"), "\n");
    Command::new(cargo_bin!("libral")).arg("--version").assert().code(0).stdout_eq(version);
}
