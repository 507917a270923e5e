//! The command `libral`.

use std::process::ExitCode;

fn main() -> ExitCode {
    libral::cli::main()
}
