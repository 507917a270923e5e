//! The program starts and says what it is.
//!
//! Because of this test, `cargo test --workspace` builds the program, which the tests in `tests/`
//! run.

use snapbox::cmd::{Command, cargo_bin};

#[test]
fn registry_tool_says_its_version() {
    let version = concat!("registry-tool ", env!("CARGO_PKG_VERSION"), "\n");
    Command::new(cargo_bin!("registry-tool")).arg("--version").assert().code(0).stdout_eq(version);
}
